"""When an alert is raised, and above all when not. Streams of posts are made by a seeded generator."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import ListenerError
from listener.records import Alert, Judged
from listener.watch.alarm import watch
from listener.watch.life import Change, acknowledge, code
from listener.watch.settings import DEFAULTS
from tests.helpers_watch import START, TOPICS, at, heard, post

WEEKS3 = 21 * 24
END = at(WEEKS3 + 24)


def quiet(rate_h: float = 0.2, until_h: float = WEEKS3, seed: int = 1, **more: Any) -> list[Judged]:
    """Poisson talk of many voices from START on."""
    chance, when, posts = random.Random(seed), 0.0, []
    while (when := when + chance.expovariate(rate_h)) < until_h:
        name = f"quiet-{seed}-{len(posts)}"
        posts.append(post(name, at(when), voice=f"v{chance.randrange(200)}", **more))
    return posts


def burst(begin_h: float, count: int, *topics: str, every_h: float = 0.2, **more: Any) -> list[Judged]:
    """`count` different angry voices, one every `every_h` hours from `begin_h` on."""
    more = {"feeling": -0.7} | more
    return [post(f"burst-{begin_h}-{n}", at(begin_h + n * every_h), *topics, **more) for n in range(count)]


def look(
    posts: Sequence[Judged],
    since: datetime = START,
    until: datetime = END,
    alerts: Sequence[Alert] = (),
    hours: dict[str, tuple[datetime, ...]] | None = None,
    **changed: Any,
) -> tuple[Change, ...]:
    known = heard(WEEKS3 + 24 * 10) if hours is None else hours
    return watch(posts, known, TOPICS, alerts, since, until, replace(DEFAULTS, **changed))


def events(changes: Sequence[Change]) -> list[str]:
    return [change.event for change in changes if change.event != "grew"]


def present(changes: Sequence[Change]) -> dict[str, Alert]:
    return {change.alert.key: change.alert for change in changes}


def test_a_burst_is_one_alert_within_minutes() -> None:
    posts = quiet() + burst(400, 15)
    changes = look(posts, until=at(410))
    assert events(changes)[0] == "opened"
    assert events(changes).count("opened") == 1
    first = changes[0]
    assert at(400) <= first.at <= at(402)
    assert first.alert.voices > 5 * first.alert.expected
    assert first.alert.score >= 4
    assert first.alert.began <= first.at
    assert set(first.alert.evidence) <= {p.post_key for p in posts}
    assert len(present(changes)) == 1


def test_quiet_weeks_raise_nothing() -> None:
    for seed in range(4):
        assert look(quiet(0.5, seed=seed)) == ()


@pytest.mark.parametrize("rate_h", [0.1, 1.0])
def test_three_days_of_history_do_not_cry_wolf(rate_h: float) -> None:
    for seed in range(8):
        assert look(quiet(rate_h, 90, seed), until=at(90)) == ()


def test_a_topic_burst_is_named_by_its_topic() -> None:
    changes = look(quiet() + burst(400, 8, "hidden-fees"), until=at(410))
    (alert,) = present(changes).values()
    assert (alert.stream, alert.topic) == ("topic:hidden-fees", "hidden-fees")


def test_several_streams_are_one_crisis() -> None:
    """Talk, anger, leaving and two topics go up in the same threads: one alert."""
    posts = quiet() + [
        post(f"b{n}", at(400 + n / 5), *kinds, feeling=-0.7, thread_url="https://forum.example/t/one")
        for n, kinds in enumerate([("hidden-fees",), ("outage", "leaving"), (), ("hidden-fees", "leaving")] * 6)
    ]
    changes = look(posts, until=at(420))
    assert len(present(changes)) == 1


def test_two_matters_in_two_places_are_two_alerts() -> None:
    posts = quiet() + burst(400, 10, "hidden-fees") + burst(440, 10, "outage")
    topics = {alert.topic for alert in present(look(posts, until=at(450))).values()}
    assert topics == {"hidden-fees", "outage"}


def test_copies_are_one_voice_and_the_brand_none() -> None:
    assert look(quiet() + burst(400, 30, voice="first", story="campaign"), until=at(420)) == ()
    assert look(quiet() + burst(400, 30, by_brand=True), until=at(420)) == ()
    assert look(quiet() + burst(400, 30, voice="one"), until=at(420)) == ()


def test_praise_is_no_complaint() -> None:
    changes = look(quiet() + burst(400, 4, "data-misuse", feeling=0.8), until=at(420))
    assert all(change.alert.stream == "all" for change in changes)


# topics that alarm by themselves


def test_floor_topics_alarm_without_history() -> None:
    changes = look(burst(1, 3, "safety"), until=at(2))
    assert [(c.event, c.alert.stream, c.detail) for c in changes] == [("opened", "topic:safety", "floor")]
    assert changes[0].at == at(1.4)
    assert code(changes[0].alert, "floor") == "1"


def test_floor_needs_three_different_voices_in_a_day() -> None:
    assert look(burst(1, 2, "safety")) == ()
    assert look(burst(1, 5, "safety", voice="one")) == ()
    assert look(burst(1, 5, "safety", fingerprint="down again")) != (), "a few words alike are no copy"
    assert look(burst(1, 3, "safety", every_h=12.5)) == ()
    assert look(burst(1, 3, "hidden-fees")) == ()


def test_floor_is_silent_where_the_topic_is_daily_bread() -> None:
    daily = [post(f"d{n}", at(n * 3.0), "data-misuse", feeling=-0.6) for n in range(160)]
    assert look(daily, since=at(200), until=at(480)) == ()


# a source that starts, returns, back-fills or is added; dates that lie


def test_a_source_that_starts_raises_nothing() -> None:
    """Its first visit brings a week of posts; they are history."""
    first_visit = at(168)
    posts = [replace(p, first_seen=first_visit) for p in quiet(1.0, 168) + burst(160, 20)]
    assert look(posts, since=at(167), until=at(169), hours=heard(170, since_h=168)) == ()
    assert look(posts, since=at(167), until=at(169), hours=heard(170)) == (), "nor with its archive as exposure"


def test_a_restart_raises_nothing() -> None:
    """Two days asleep; on return the posts of that time arrive at once, with their own dates."""
    hours = {"forum": (*heard(400)["forum"], *heard(480, since_h=448)["forum"])}
    posts = [replace(p, first_seen=max(p.when, at(448.2))) if p.when > at(400) else p for p in quiet(0.5, 470)]
    assert look(posts, since=at(400), until=at(448.5), hours=hours) == ()
    assert look(posts, since=at(400), until=at(470), hours=hours) == ()


def test_undated_posts_of_a_restart_raise_nothing() -> None:
    """Without dates they all count at the minute of the return."""
    hours = {"forum": (*heard(400)["forum"], *heard(480, since_h=448)["forum"])}
    piled = [post(f"u{n}", at(448.2), first_seen=at(448.21)) for n in range(24)]
    assert look(quiet(0.5, 400) + piled, since=at(400), until=at(470), hours=hours) == ()
    assert events(look(quiet(0.5, 400) + piled, since=at(400), until=at(470)))[:1] == ["opened"], "without the gap"


def test_a_backfill_raises_nothing() -> None:
    """An old outcry is read from the archive into a running watch."""
    old = [replace(p, first_seen=at(450)) for p in burst(300, 30, "safety")]
    assert look(quiet(0.2) + old, since=at(449), until=at(500)) == ()


def test_an_added_source_raises_nothing() -> None:
    """A board with four times the talk joins after two weeks."""
    hours = heard(600) | heard(600, ("board",), 336)
    board = [
        replace(p, source="board", platform="board.example", first_seen=max(p.when, at(336)))
        for p in quiet(0.8, seed=9)
    ]
    assert look(quiet(0.2) + board, since=at(300), until=at(500), hours=hours) == ()


def test_posts_of_before_and_of_the_future_open_nothing() -> None:
    posts = [p for p in quiet() + burst(400, 15) if p.when < at(404)]
    assert look(posts, since=at(404), until=at(420)) == ()
    tomorrow = [replace(p, first_seen=at(350)) for p in burst(400, 15)]
    assert look(quiet() + tomorrow) == ()
    assert look(quiet() + burst(400, 15), until=at(399)) == ()


def test_late_posts_are_still_news() -> None:
    """A slow source: written at 400 to 403, read at 405, after the watch had looked at 404."""
    posts = quiet(until_h=400) + [replace(p, first_seen=at(405)) for p in burst(400, 15)]
    changes = look(posts, since=at(404), until=at(406))
    assert events(changes) == ["opened"]
    assert changes[0].at == at(405)
    assert changes[0].alert.began < at(403)


def test_the_past_can_be_played() -> None:
    gathered_at_the_end = [replace(p, first_seen=at(500)) for p in quiet(until_h=490) + burst(400, 15)]
    assert look(gathered_at_the_end) == ()
    assert look(gathered_at_the_end, replay=True)[0].at <= at(402)
    seen_too_early = [replace(p, first_seen=at(-900)) for p in gathered_at_the_end]
    assert look(seen_too_early, replay=True)[0].at <= at(402)


# online, and the same however the time is cut

hour_marks = st.lists(st.floats(1, 500), min_size=1, max_size=4)


def told(changes: Sequence[Change]) -> list[tuple[str, datetime, Alert]]:
    return [(change.event, change.at, change.alert) for change in changes]


CRISIS = quiet(0.3) + burst(300, 25, "hidden-fees", every_h=0.5) + burst(420, 12, "data-misuse", platform="b.example")


@settings(max_examples=15, deadline=None)
@given(st.floats(290, 520))
def test_no_look_ahead(cut: float) -> None:
    whole = told(look(CRISIS))
    until = at(cut)
    known = [p for p in CRISIS if p.when <= until]
    assert told(look(known, until=until)) == [row for row in whole if row[1] <= until]


@settings(max_examples=15, deadline=None)
@given(hour_marks)
def test_many_looks_are_one_look(marks: list[float]) -> None:
    ends = [at(mark) for mark in sorted(marks)] + [at(WEEKS3 + 24)]
    alerts: dict[str, Alert] = {}
    found: list[Change] = []
    since = START
    for until in ends:
        changes = look(CRISIS, since, until, tuple(alerts.values()))
        alerts |= present(changes)
        found.extend(changes)
        since = until
    assert told(found) == told(look(CRISIS))


def test_order_of_input_does_not_matter() -> None:
    shuffled = list(CRISIS)
    random.Random(3).shuffle(shuffled)
    assert told(look(shuffled)) == told(look(CRISIS))


def test_brands_do_not_mix() -> None:
    other = [replace(p, brand="bolt", post_key=p.post_key[::-1]) for p in burst(400, 10)]
    changes = look(quiet() + other, until=at(420))
    assert {change.alert.brand for change in changes} == {"bolt"} or changes == ()
    assert watch([], {}, TOPICS, (), START, at(1)) == ()


# an alert's life


def test_it_closes_after_three_quiet_days() -> None:
    changes = look(quiet(0.05) + burst(300, 10, "hidden-fees"), until=at(420))
    assert events(changes)[0] == "opened"
    assert events(changes)[-1] == "closed"
    closing = changes[-1]
    assert timedelta(hours=72) <= closing.at - closing.alert.last_activity <= timedelta(hours=74)
    assert (closing.alert.state, closing.alert.closed, closing.detail) == ("closed", closing.at, "quiet")


def test_a_talkative_brand_comes_to_rest_too() -> None:
    """Chance peaks, daily at two voices an hour, keep no alert open, and ordinary talk that adds up escalates none."""
    changes = look(quiet(2.0, 480) + burst(200, 40, every_h=0.05), until=at(480))
    assert events(changes) == ["opened", "escalated", "closed"]
    assert all(change.at < at(203) for change in changes if change.event == "escalated")
    assert changes[-1].at < at(300)


def test_silence_of_a_blind_source_is_no_calm() -> None:
    hours = {"forum": (*heard(310)["forum"], *heard(WEEKS3, since_h=420)["forum"])}
    posts = quiet(0.05, 310) + burst(300, 10, "hidden-fees")
    assert "closed" not in events(look(posts, until=at(419), hours=hours))
    closing = look(posts, until=at(500), hours=hours)[-1]
    assert closing.event == "closed"
    assert closing.at >= at(480)


def test_acknowledged_it_closes_after_one_quiet_day() -> None:
    posts = quiet(0.05) + burst(300, 10, "hidden-fees")
    (alert,) = present(look(posts, until=at(305))).values()
    taken = acknowledge(alert, "mei", at(305))
    assert (taken.state, taken.acknowledged_by, taken.acknowledged) == ("acknowledged", "mei", at(305))
    (closing,) = look(posts, since=at(305), until=at(340), alerts=[taken])
    assert closing.detail == "acknowledged"
    assert at(329) <= closing.at <= at(331)
    assert closing.alert.acknowledged_by == "mei"


def test_acknowledging_twice_keeps_the_first_and_closed_ones_are_refused() -> None:
    (alert,) = present(look(quiet() + burst(300, 4, "safety"), until=at(302))).values()
    taken = acknowledge(alert, "mei", at(302))
    assert acknowledge(taken, "bo", at(303)) == taken
    with pytest.raises(ListenerError, match="--by"):
        acknowledge(alert, " ", at(302))
    with pytest.raises(ListenerError, match="is closed"):
        acknowledge(replace(alert, state="closed", closed=at(400)), "bo", at(401))


def test_it_escalates_when_it_triples_and_seldom() -> None:
    changes = look(quiet() + burst(300, 120, "hidden-fees", every_h=0.1), until=at(330))
    assert events(changes) == ["opened", "escalated", "escalated"]
    assert [change.detail for change in changes if change.event == "escalated"] == ["now high", "tripled"]
    assert changes[-1].alert.state == "escalated"
    assert len(changes) < 40, "a large crisis does not write a row for each post"


def test_it_escalates_when_it_reaches_another_place() -> None:
    """Two voices in a place that the last mail did not name; one alone may be chance."""
    posts = quiet() + burst(300, 6, "hidden-fees", every_h=0.1)
    stray = burst(302, 1, "hidden-fees", platform="b.example")
    assert events(look(posts + stray, until=at(305))) == ["opened"]
    spread = stray + burst(303, 1, "hidden-fees", platform="b.example")
    changes = look(posts + spread, until=at(305))
    assert [change.detail for change in changes if change.event == "escalated"] == ["new place"]
    (told,) = (change.alert for change in changes if change.event == "escalated")
    assert (code(told, "reached"), code(told, "told_places")) == ("b.example", "forum.example+b.example")
    assert code(told, "was_voices") == code(changes[0].alert, "told_voices")
    more = burst(304.5, 3, "hidden-fees", every_h=0.1, platform="b.example")
    details = [change.detail for change in look(posts + spread + more, until=at(306)) if change.event == "escalated"]
    assert details.count("new place") == 1, "a place is new once"


def test_places_are_told_from_the_alerts_of_before_as_well() -> None:
    """An alert that was open before places had names knows only how many there were."""
    posts = quiet() + burst(300, 6, "hidden-fees", every_h=0.1)
    (alert,) = present(look(posts, until=at(301))).values()
    reasons = tuple("told_places:1" if one.startswith("told_places") else one for one in alert.reasons)
    more = burst(302, 4, "hidden-fees", platform="b.example")
    found = look(posts + more, since=at(301), until=at(305), alerts=[replace(alert, reasons=reasons)])
    assert "new place" not in [change.detail for change in found]


def test_of_a_flood_the_store_counts_the_voices() -> None:
    """Only the last posts of a flood are at hand; that it tripled is known from the alert's own total."""
    posts = quiet() + burst(300, 30, "hidden-fees", every_h=0.1)
    alert = present(look(posts, until=at(303)))
    (one,) = alert.values()
    told = int(code(one, "told_voices"))
    last = burst(304.5, 4, "hidden-fees", every_h=0.02)
    known = quiet() + burst(304, 20, "hidden-fees", every_h=0.02)
    seen = replace(one, total=told * 4, last_activity=at(304.5))
    found = look(known + last, since=at(304.5), until=at(304.6), alerts=[seen])
    assert [change.detail for change in found if change.event == "escalated"] == ["tripled"]
    assert int(code(found[-1].alert, "told_voices")) == told * 4
    small = look(known + last, since=at(304.5), until=at(304.6), alerts=[replace(seen, total=told)])
    assert "escalated" not in events(small)


def test_a_brand_of_which_nothing_was_said_for_months_was_quiet_not_unheard() -> None:
    """Its first mentions ever come in three angry threads: it is listened for since START."""
    posts = [post(f"first-{n}", at(400 + n), feeling=-0.8, named=((0, 4),), where="text") for n in range(3)]
    assert events(watch(posts, heard(600), TOPICS, (), START, at(410), DEFAULTS, watched_from=START)) == ["opened"]
    assert watch(posts, heard(600), TOPICS, (), START, at(410), DEFAULTS, watched_from=at(390)) == ()
    assert watch(posts, heard(600), TOPICS, (), START, at(410)) == (), "not known since when: from the first mention on"
    early = [post("early", at(1)), *posts]
    assert events(watch(early, heard(600), TOPICS, (), START, at(410), DEFAULTS, watched_from=at(390))) == ["opened"]


def test_a_clock_that_was_ahead_leaves_no_alert_that_swallows_the_next() -> None:
    """Raised by undated posts while the clock was 400 days ahead; then it was set right, and another crisis came."""
    posts = quiet() + burst(300, 10, "hidden-fees")
    (alert,) = present(look(posts, until=at(303))).values()
    ahead = timedelta(days=400)
    wrong = replace(
        acknowledge(alert, "mei", at(303) + ahead),
        began=alert.began + ahead, opened=alert.opened + ahead, last_activity=alert.last_activity + ahead,
    )  # fmt: skip
    (right, *_) = look(quiet(), since=at(304), until=at(305), alerts=[wrong])
    assert (right.event, right.detail, right.at) == ("grew", "clock", at(304))
    assert (right.alert.began, right.alert.last_activity, right.alert.acknowledged) == (at(305), at(305), at(305))
    assert look(quiet(), since=at(305), until=at(306), alerts=[right.alert]) == (), "once"
    later = look(quiet(), since=at(305), until=at(340), alerts=[right.alert])
    assert events(later) == ["closed"]


def test_an_acknowledged_alert_that_triples_asks_again() -> None:
    posts = quiet() + burst(300, 40, "hidden-fees")
    (alert,) = present(look(posts, until=at(301.2))).values()
    changes = look(posts, since=at(301.2), until=at(310), alerts=[acknowledge(alert, "mei", at(301.2))])
    assert "escalated" in events(changes)
    assert changes[-1].alert.state == "escalated"


def test_a_topic_that_left_the_config_still_closes() -> None:
    posts = quiet(0.05) + burst(300, 10, "hidden-fees")
    opened = tuple(present(look(posts, until=at(305))).values())
    changes = watch(posts, heard(600), (), opened, at(305), at(420), DEFAULTS)
    assert events(changes) == ["closed"]


def test_an_alert_whose_posts_are_gone_still_closes() -> None:
    (alert,) = present(look(quiet() + burst(300, 10, "hidden-fees"), until=at(305))).values()
    assert events(look([], since=at(305), until=at(420), alerts=[alert])) == ["closed"]


def test_a_source_that_left_the_config_holds_no_alert_open() -> None:
    posts = quiet(0.05, source="kept") + burst(300, 10, "hidden-fees", source="gone")
    hours = heard(600, ("kept",)) | {"gone": heard(306)["forum"]}
    opened = tuple(present(look(posts, until=at(305), hours=hours)).values())
    assert len(opened) == 1
    later = look(posts, since=at(305), until=at(420), alerts=opened, hours=heard(600, ("kept",)))
    assert events(later) == ["closed"]


def test_severity_has_its_reasons() -> None:
    (calm,) = present(look(quiet() + burst(400, 6, feeling=0.0), until=at(402))).values()
    assert calm.severity == "low"
    places = [replace(p, platform=f"p{n % 4}.example") for n, p in enumerate(burst(400, 14, "data-misuse"))]
    (grave,) = present(look(quiet() + places, until=at(404))).values()
    assert grave.severity == "high"
    assert code(grave, "topic") == "data-misuse"
    assert int(code(grave, "breadth")) == 4
    assert float(code(grave, "negative_share")) == 1.0


def test_keys_are_stable_and_told_apart() -> None:
    one = present(look(CRISIS, until=at(320)))
    assert one.keys() == present(look(CRISIS, until=at(320))).keys()
    assert all(len(key) == 32 for key in present(look(CRISIS)))
    assert len(present(look(CRISIS))) == 2
