"""Busy brands: what is usual by bins of five minutes, what rings, and what must not."""

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from listener.records import Judged
from listener.watch.alarm import watch
from listener.watch.baseline import Exposure, hours
from listener.watch.burst import ALL
from listener.watch.busy import Busy, is_busy
from listener.watch.habit import Habit, bin_of
from listener.watch.life import Look
from listener.watch.settings import DEFAULTS
from listener.watch.sight import build, exposure_of, sight
from tests.helpers_watch import START, TOPICS, at, heard, post

DAYS = 12
END_H = DAYS * 24
RATE_H = 25.0


def chatter(seed: int, begin_h: float, end_h: float, rate_h: float = RATE_H, **more: Any) -> tuple[Judged, ...]:
    """Voices at random, three times as many in the evening as at night."""
    dice, posts, now = random.Random(seed), list[Judged](), begin_h
    while True:
        now += dice.expovariate(2 * rate_h)
        if now >= end_h:
            return tuple(posts)
        if dice.random() < (0.75 if now % 24 >= 12 else 0.25):
            posts.append(post(f"{seed}-{len(posts)}", at(now), **more))


@cache
def usual() -> tuple[Judged, ...]:
    return chatter(1, 0, END_H)


def outcry(begin_h: float, count: int = 80, **more: Any) -> tuple[Judged, ...]:
    return tuple(post(f"cry{n}", at(begin_h + n / 400), feeling=-0.8, **more) for n in range(count))


def hearing(until_h: int = END_H + 48, sources: Sequence[str] = ("forum",)) -> Exposure:
    return exposure_of(heard(until_h, sources), START, at(until_h))


def fired(looks: dict[str, tuple[Look, ...]]) -> set[str]:
    return {key for key, row in looks.items() if any(look.fired for look in row)}


def state(posts: Sequence[Judged], exposure: Exposure | None = None, until_h: float = END_H) -> Busy:
    return build("acme", posts, exposure or hearing(), TOPICS, at(until_h))


def test_an_outcry_is_seen_within_its_first_quarter_of_an_hour() -> None:
    busy, cry = state(usual()), outcry(END_H + 5)
    looks = sight(busy, cry, hearing(), TOPICS, at(END_H + 6))
    first = next(one for one in cry if one.post_key in fired(looks))
    assert hours(first.when) - hours(cry[0].when) < 0.2
    look = next(look for look in looks[cry[-1].post_key] if look.stream == ALL)
    assert look.voices == 80
    assert look.expected == pytest.approx(RATE_H / 2, rel=0.4)  # five in the morning: the quiet half of the day
    assert look.score > 4


def test_ordinary_weeks_raise_nothing() -> None:
    busy = Busy("acme", begin=int(hours(START)), sources={"forum"})
    assert fired(sight(busy, usual(), hearing(), TOPICS, at(END_H))) == set()


def test_the_first_days_raise_nothing() -> None:
    posts = [*chatter(2, 0, 50), *outcry(50)]
    busy = Busy("acme", begin=int(hours(START)), sources={"forum"})
    looks = sight(busy, posts, hearing(), TOPICS, at(52))
    assert not any(looks.values())
    assert len(looks) > 1000


@pytest.mark.parametrize("cut_h", [100.0, 200.3, END_H + 5.05])
def test_no_look_ahead(cut_h: float) -> None:
    posts = [*usual(), *outcry(END_H + 5)]
    whole = sight(Busy("acme", int(hours(START)), sources={"forum"}), posts, hearing(), TOPICS, at(END_H + 9))
    cut = [one for one in posts if one.when <= at(cut_h)]
    part = sight(Busy("acme", int(hours(START)), sources={"forum"}), cut, hearing(), TOPICS, at(cut_h))
    assert part == {key: whole[key] for key in part}


def test_going_on_is_the_same_as_building_anew() -> None:
    posts = [*usual(), *outcry(END_H + 5), *chatter(3, END_H, END_H + 20)]
    exposure, end = hearing(), END_H + 20
    built = state(posts, exposure, end)
    kept = state(posts[: len(usual())], exposure)
    later = sorted(posts[len(usual()) :], key=lambda one: (one.when, one.post_key))
    for first in range(0, len(later), 37):
        step = later[first : first + 37]
        sight(kept, step, exposure, TOPICS, step[-1].when)
    assert kept.dump() == built.dump()


def test_what_is_kept_can_be_read_again_and_rubbish_is_built_anew() -> None:
    busy = state(usual())
    kept = json.loads(json.dumps(busy.dump()))
    again = Busy.load(kept)
    assert again is not None
    assert again.dump() == busy.dump()
    rubbish: Any
    for rubbish in (None, {}, [], "x", kept | {"form": 0}, kept | {"streams": {"all": [1]}}, kept | {"born": 3}):
        assert Busy.load(rubbish) is None


def test_one_voice_is_one_voice_an_hour() -> None:
    habit = Habit(0)
    for minute in range(0, 180, 5):
        habit.hear(bin_of(minute / 60), "same")
    assert sum(habit.counts.values()) == 3
    assert list(habit.voices) == ["same"]


def test_a_backfill_changes_nothing() -> None:
    busy, before = state(usual()), state(usual()).dump()
    old = [post(f"old{n}", at(END_H - 1), first_seen=at(END_H + 1), backfilled=True) for n in range(500)]
    assert sight(busy, old, hearing(), TOPICS, at(END_H + 2)) == {}
    assert busy.dump() == before | {"born": busy.dump()["born"]}


def test_a_restart_raises_nothing_and_unheard_hours_teach_nothing() -> None:
    gap = range(END_H, END_H + 60)
    hearing_hours = {"forum": tuple(at(hour) for hour in range(END_H + 100) if hour not in gap)}
    exposure = exposure_of(hearing_hours, START, at(END_H + 100))
    busy = state(usual(), exposure)
    level = busy.streams[ALL].rate_h
    back = chatter(5, END_H + 60, END_H + 100)
    undated = [post(f"u{n}", at(END_H + 60.5), first_seen=at(END_H + 60.5)) for n in range(300)]
    looks = sight(busy, [*undated, *back], exposure, TOPICS, at(END_H + 100))
    assert fired(looks) == set()
    assert busy.streams[ALL].rate_h == pytest.approx(level, rel=0.25)


def test_an_added_source_raises_nothing() -> None:
    """It is heard from day 12 on, doubles the voices, and counts from day 15 on, with the habit learnt anew."""
    end = END_H + 96
    more = chatter(6, END_H, end, 2 * RATE_H, source="town")
    hearing_hours = heard(end, ("forum",)) | {"town": tuple(at(hour) for hour in range(END_H, end))}
    exposure = exposure_of(hearing_hours, START, at(end))
    posts = [*usual(), *chatter(7, END_H, end), *more]
    busy = state(usual(), exposure)
    found: set[str] = set()
    anew = 0
    for day in range(8):
        now = at(END_H + 12 * (day + 1))
        new = [one for one in posts if now - timedelta(hours=12) < one.when <= now and one.when > at(END_H)]
        found |= fired(sight(busy, new, exposure, TOPICS, now))
        if busy.warm(hours(now), exposure, DEFAULTS) == "town":
            busy = build("acme", [one for one in posts if one.when <= now], exposure, TOPICS, now)
            anew += 1
    assert (found, anew) == (set(), 1)
    assert busy.sources == {"forum", "town"}
    assert busy.begin >= int(hours(at(END_H)))
    assert busy.streams[ALL].rate_h > 2 * RATE_H


def test_a_clock_change_raises_nothing() -> None:
    """All of a brand's people get up an hour earlier."""
    shifted = [*chatter(8, END_H, END_H + 11), *chatter(9, END_H + 12, END_H + 48)]
    moved = [post(f"m{n}", one.when - timedelta(hours=1)) for n, one in enumerate(shifted) if one.when > at(END_H + 1)]
    assert fired(sight(state(usual()), moved, hearing(), TOPICS, at(END_H + 48))) == set()


def test_posts_of_the_future_wait() -> None:
    busy = state(usual())
    ahead = post("ahead", at(END_H + 1.5), first_seen=at(END_H + 0.1))
    assert sight(busy, [ahead], hearing(), TOPICS, at(END_H + 1)) == {}
    assert busy.waiting == [ahead.post_key]
    assert ahead.post_key in sight(busy, [ahead], hearing(), TOPICS, at(END_H + 2))
    assert busy.waiting == []


def test_a_new_normal_is_one_alert_that_ends() -> None:
    """Four times as many voices for good: one alert, not one each day; and calm once it is the habit."""
    end = END_H + 24 * 8
    exposure = hearing(end)
    busy, posts = state(usual(), exposure), chatter(10, END_H, end, 4 * RATE_H)
    looks = sight(busy, posts, exposure, TOPICS, at(end))
    changes = watch(posts, heard(end), TOPICS, (), at(END_H), at(end), looks=looks)
    assert sum(change.event == "opened" for change in changes) == 1
    assert changes[-1].alert.state == "closed"


def test_several_streams_of_one_outcry_are_one_alert() -> None:
    busy, cry = state(usual()), outcry(END_H + 20, 120)
    topical = [post(f"t{n}", at(END_H + 20 + n / 300), "outage", feeling=-0.9) for n in range(120)]
    new = [*cry, *topical]
    looks = sight(busy, new, hearing(), TOPICS, at(END_H + 21))
    assert {look.stream for row in looks.values() for look in row} >= {ALL, "negative", "topic:outage"}
    changes = watch(new, heard(END_H + 48), TOPICS, (), at(END_H), at(END_H + 21), looks=looks)
    assert sum(change.event == "opened" for change in changes) == 1


def test_busy_and_calm_have_a_band_between_them() -> None:
    assert is_busy(usual(), at(END_H), DEFAULTS)
    middling = chatter(11, 0, END_H, 9.0)
    assert not is_busy(middling, at(END_H), DEFAULTS)
    assert not state(middling).is_calm(DEFAULTS)
    assert state(chatter(12, 0, END_H, 3.0)).is_calm(DEFAULTS)
