"""From facts to a digest: which matters, how grave, what the verdict may say, what is remembered."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.advise.digest import as_json, compose, matters_after
from listener.advise.facts import Facts, Rival
from listener.advise.model import Card, Digest
from listener.records import Alert, Judged, TopicTag
from listener.store.protocol import Matter
from tests.helpers_advise import DAY, at, crisis, facts, names, post, quiet, source


def card(digest: Digest, topic: str) -> Card:
    return next(card for card in digest.cards if card.topic.id == topic)


def test_a_data_crisis_is_the_one_reason_of_a_worse_day() -> None:
    digest = compose(facts([*quiet(), *crisis()]))
    verdict = digest.verdict
    assert (verdict.direction, verdict.cause, verdict.sure) == ("worse", 0, "far")
    assert verdict.share == pytest.approx(1.0)
    assert verdict.without == pytest.approx(0.0)
    first = digest.cards[0]
    assert (first.topic.id, first.severity, first.voices, first.posts, first.places) == (
        "data-misuse",
        "high",
        12,
        12,
        3,
    )
    assert first.origin.at == at(DAY, "01:10")
    assert first.clock_ends == at(DAY, "01:10") + timedelta(hours=72)
    assert first.due == at(DAY + timedelta(days=1), "12:00")  # read at 7, five hours
    assert first.also == ()  # that some leave stands among the reasons
    assert {reason.kind for reason in first.reasons} >= {"urgent", "far-above", "unanswered", "leaving", "places"}


def test_the_cards_own_signals_are_folded_into_it() -> None:
    """Those who leave over the data complaint are part of it, not a second matter."""
    assert [card.topic.id for card in compose(facts([*quiet(), *crisis()])).cards] == ["data-misuse"]


def test_quotes_are_distinct_voices_in_both_languages_and_from_several_threads() -> None:
    quotes = compose(facts([*quiet(), *crisis()])).cards[0].quotes
    assert len({quote.post_key for quote in quotes}) == 2
    assert {quote.language for quote in quotes} == {"en", "zh-Hant"}
    assert len({quote.thread_url for quote in quotes}) >= 2


def test_an_ordinary_day_has_no_matter() -> None:
    today = [replace(p, post_key=f"t{n}", when=at(DAY, "10:00")) for n, p in enumerate(quiet(2)[:3])]
    digest = compose(facts([*quiet(), *today]))
    assert digest.verdict.direction == "same"
    assert digest.cards == ()
    assert digest.usual_voices is not None
    assert (digest.usual_voices.low, digest.usual_voices.high) == (3, 3)


def test_kind_words_make_a_better_day_and_stand_under_their_topic() -> None:
    kind = [
        post(f"k{n}", f"The desk rebooked me in ten minutes, number {n}.", topics=("great-service",), sentiment=0.9)
        for n in range(6)
    ]
    digest = compose(facts([*quiet(), *kind]))
    assert digest.verdict.direction == "better"
    assert digest.praise[0].topic is not None
    assert (digest.praise[0].topic.id, digest.praise[0].voices) == ("great-service", 6)
    assert digest.verdict.praise == digest.praise[0].topic
    assert digest.verdict.share == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("topic", "is_matter"), [("safety", True), ("data-misuse", True), ("legal-threat", True), ("hidden-fees", False)]
)
def test_one_voice_is_a_matter_only_where_it_is_grave(topic: str, is_matter: bool) -> None:
    digest = compose(facts([*quiet(), post("one", topics=(topic,))]))
    assert [card.topic.id for card in digest.cards] == ([topic] if is_matter else [])


@pytest.mark.parametrize(("position", "feeling", "is_matter"), [(0, -0.5, True), (3, -0.5, False), (0, 0.5, False)])
def test_one_voice_is_a_matter_if_it_opened_a_thread_that_grows_and_complains(
    position: int, feeling: float, is_matter: bool
) -> None:
    others = [post(f"o{n}", f"Following this, says reader {n}, please go on.", sentiment=feeling) for n in range(4)]
    digest = compose(facts([*quiet(), post("one", topics=("hidden-fees",), position=position), *others]))
    assert [card.topic.id for card in digest.cards] == (["hidden-fees"] if is_matter else [])


@pytest.mark.parametrize(
    ("topic", "threads", "severity"),
    [("hidden-fees", 2, ""), ("hidden-fees", 1, "low"), ("unwanted-contact", 2, "low"), ("data-misuse", 2, "medium")],
)
def test_two_voices_are_a_matter_where_they_speak_together_or_of_a_heavy_topic(
    topic: str, threads: int, severity: str
) -> None:
    posts = [
        post(f"two{n}", f"This is not what I signed, says customer {n} of them.", topics=(topic,),
             thread_url=f"https://forum.example/t/{n % threads}")
        for n in range(2)
    ]  # fmt: skip
    assert [card.severity for card in compose(facts([*quiet(), *posts])).cards] == ([severity] if severity else [])


def test_two_voices_whom_only_their_thread_ties_to_a_topic_are_no_matter() -> None:
    inherited = (TopicTag("unwanted-contact", 0.4, ()),)
    posts = [replace(post(f"two{n}", f"Same with me, and I am number {n} here."), topics=inherited) for n in range(2)]
    assert compose(facts([*quiet(), *posts])).cards == ()


def test_a_data_complaint_of_one_voice_is_low_and_does_not_make_the_headline() -> None:
    today = [replace(p, post_key=f"t{n}", when=at(DAY, "10:00")) for n, p in enumerate(quiet(2)[3:])]
    digest = compose(facts([*quiet(), *today, post("one", topics=("data-misuse",), sentiment=-0.3)]))
    assert [card.severity for card in digest.cards] == ["low"]
    assert digest.verdict.cause is None
    unsure = replace(post("one", topics=("data-misuse",), sentiment=-0.3), confidence=0.3)
    assert compose(facts([*quiet(), *today, unsure])).cards == ()
    battery = replace(post("one", topics=("safety",), sentiment=0.0), confidence=0.3)
    assert [card.severity for card in compose(facts([*quiet(), *today, battery])).cards] == ["medium"]


def test_a_thread_names_a_matter_only_if_it_holds_most_of_it_and_is_about_it() -> None:
    def title(voices: int, threads: int, others: int) -> str:
        posts = [
            post(f"m{n}", f"They charged me again for something, number {n}.", topics=("hidden-fees",),
                 thread_url=f"https://forum.example/t/{n % threads}", thread_title=f"Thread {n % threads}")
            for n in range(voices)
        ] + [
            post(f"o{n}", f"Talk about something else altogether, number {n}.", sentiment=0.0,
                 thread_url="https://forum.example/t/0", thread_title="Thread 0")
            for n in range(others)
        ]  # fmt: skip
        return card(compose(facts([*quiet(), *posts])), "hidden-fees").title

    assert title(4, 1, 0) == "Thread 0"
    assert title(4, 2, 0) == ""
    assert title(4, 1, 9) == ""


def test_a_general_alert_belongs_to_the_matter_that_holds_half_of_its_evidence() -> None:
    def alert(keys: tuple[str, ...]) -> Alert:
        return Alert(
            "k", "wagtail", "all", "", "high", "escalated", at(DAY), at(DAY), at(DAY), 5, 9, 0.2, 6, (), (), keys
        )

    posts = [post(f"n{n}", f"No signal since noon in district {n}.", topics=("outage",)) for n in range(4)]
    mine = compose(facts([*quiet(), *posts], alerts=(alert(("n0", "n1", "x", "y")),)))
    assert (card(mine, "outage").severity, mine.alerts) == ("high", ())
    other = compose(facts([*quiet(), *posts], alerts=(alert(("n0", "x", "y", "z")),)))
    assert (card(other, "outage").severity, card(other, "outage").alert) == ("medium", None)
    assert [(line.topic, line.state) for line in other.alerts] == [(None, "escalated")]


def test_what_accompanies_a_matter_in_its_threads_is_part_of_it() -> None:
    leavers = [
        post(f"l{n}", f"I am off to another carrier, says number {n}.", topics=("leaving",),
             thread_url="https://forum.example/t/c0")
        for n in range(2)
    ]  # fmt: skip
    digest = compose(facts([*quiet(), *crisis(), *leavers]))
    assert [card.topic.id for card in digest.cards] == ["data-misuse"]


def test_copies_of_one_text_are_one_voice_that_is_left_alone() -> None:
    copies = [
        post(f"x{n}", "Wagtail is a scam, obviously, and everybody who pays them is a fool.", topics=("hidden-fees",),
             fingerprint=f"{n}", story="x0", voice="x0", thread_url=f"https://forum.example/t/x{n}",
             platform=f"place{n}.example")
        for n in range(4)
    ]  # fmt: skip
    digest = compose(facts([*quiet(), *copies]))
    assert digest.cards == ()
    assert [(item.threads, item.places, item.others) for item in digest.leave] == [(4, 4, 0)]
    assert digest.voices == 1
    assert digest.no_answer


def test_an_answer_of_the_brand_is_seen_and_is_no_voice() -> None:
    posts = [
        *crisis(6),
        post(
            "answer", "Mei from Wagtail here.", at(DAY, "20:00"), by_brand=True, thread_url="https://forum.example/t/c0"
        ),
    ]
    found = card(compose(facts(posts)), "data-misuse")
    assert found.answered == at(DAY, "20:00")
    assert (found.threads, found.answered_threads, found.voices) == (3, 1, 6)


def test_an_answer_before_the_complaint_is_none() -> None:
    early = post(
        "answer", "Mei here.", at(DAY - timedelta(days=1)), by_brand=True, thread_url="https://forum.example/t/c0"
    )
    assert card(compose(facts([early, *crisis(6)])), "data-misuse").answered is None


def test_an_alert_of_the_topic_stands_on_the_card_and_makes_it_high() -> None:
    alert = Alert(
        "k", "wagtail", "topic:outage", "outage", "high", "open", at(DAY), at(DAY), at(DAY), 5, 4, 0.2, 6, (), (), ()
    )
    posts = [post(f"n{n}", f"No signal since noon in district {n}.", topics=("outage",)) for n in range(3)]
    found = card(compose(facts([*quiet(), *posts], alerts=(alert,))), "outage")
    assert (found.severity, found.alert) == ("high", "open")


def scattered(n: int = 5, feeling: float = -0.9) -> list[Judged]:
    """Bad words under no topic, each in a thread of its own."""
    return [
        post(f"s{i}", f"Never in my life have I met such people, time number {i}.", sentiment=feeling - i / 100,
             thread_url=f"https://forum.example/t/s{i}")
        for i in range(n)
    ]  # fmt: skip


def test_a_worse_day_without_a_matter_shows_what_weighed_most() -> None:
    digest = compose(facts([*quiet(), *scattered()]))
    assert (digest.verdict.direction, digest.verdict.cause) == ("worse", None)
    assert [post.quote.post_key for post in digest.weighed] == ["s4", "s3", "s2"]
    assert digest.loudest == ()
    assert compose(facts([*quiet(), *crisis()])).weighed == ()


def test_the_loudest_threads_of_such_a_day_are_named() -> None:
    posts = [replace(p, thread_url="https://forum.example/t/x", thread_title="Row") for p in scattered(6)]
    assert [(t.thread_title, t.voices) for t in compose(facts([*quiet(), *posts])).loudest] == [("Row", 6)]


def test_a_day_hardly_outside_its_range_is_not_called_worse() -> None:
    """One mild post less than usual is no news: two love units, and a tenth of the range, lie between."""
    assert compose(facts([*quiet(), *scattered(1, -0.3)])).verdict.direction == "same"
    assert compose(facts([*quiet(), *scattered(1, -0.9)])).verdict.direction == "worse"


def test_only_clear_kind_words_are_quoted() -> None:
    asks = post("asks", "Would love to know which plan is the best?", topics=("great-service",), sentiment=0.8)
    vague = post("vague", "Well, it is what it is, I suppose, fine.", sentiment=0.2)
    (only,) = compose(facts([*quiet(), asks, vague])).praise
    assert (only.topic, only.voices, only.quote) == (None, 2, None)
    clear = post("clear", "The woman at the desk stayed late for me.", sentiment=0.8)
    (only,) = compose(facts([*quiet(), asks, vague, clear])).praise
    assert only.quote is not None
    assert (only.voices, only.quote.post_key) == (3, "clear")


def test_kind_words_in_the_thread_of_a_matter_are_not_quoted() -> None:
    irony = post("irony", "Wonderful service as always, truly the best.", topics=("great-service",), sentiment=0.9,
                 thread_url="https://forum.example/t/c0")  # fmt: skip
    (only,) = compose(facts([*quiet(), *crisis(), irony])).praise
    assert only.quote is None


def test_what_no_topic_told_has_a_row_of_its_own() -> None:
    digest = compose(facts([*quiet(), *scattered(2)]))
    for rows in (digest.topics, digest.touchpoints):
        last = rows[-1]
        assert (last.topic, last.touchpoint, last.voices) == (None, "", 2)
        assert last.net == pytest.approx(-9.05)
    assert sum(row.net for row in digest.touchpoints) == pytest.approx(digest.account.net)


@pytest.mark.parametrize(
    ("sources", "trust", "direction"),
    [
        ((source("a"), source("b"), source("c")), "full", "same"),
        ((source("a"), source("b"), source("c", "blocked", 0)), "most", "same"),
        ((source("a"), source("b", "gone", 0), source("c", "blocked", 0)), "none", "unknown"),
        ((), "none", "unknown"),
    ],
)
def test_calm_is_not_told_from_half_a_picture(sources: tuple, trust: str, direction: str) -> None:  # type: ignore[type-arg]
    today = [replace(p, post_key=f"t{n}", when=at(DAY, "10:00")) for n, p in enumerate(quiet(2)[:3])]
    digest = compose(facts([*quiet(), *today], sources=sources))
    assert (digest.coverage.trust, digest.verdict.direction) == (trust, direction)


def test_bad_news_is_told_with_blind_sources_too() -> None:
    digest = compose(
        facts([*quiet(), *crisis()], sources=(source("a"), source("b", "blocked", 0), source("c", "gone", 0)))
    )
    assert digest.verdict.direction == "worse"


def test_a_source_that_fell_ill_after_the_day_was_heard_on_it() -> None:
    later = source("late", "blocked", 24, at(DAY + timedelta(days=1), "03:00"))
    digest = compose(facts(sources=(later, source("part", hours=9), source("none", hours=0))))
    assert [(line.title, line.state) for line in digest.coverage.lines] == [("none", "late"), ("part", "partly")]
    assert (digest.coverage.heard, digest.coverage.total) == (2, 3)


def test_a_source_that_came_later_or_was_read_afterwards_is_told_as_such() -> None:
    later = source("later", "late", 0, first=at(DAY + timedelta(days=2)))
    digest = compose(facts([post("one")], sources=(later, source("forum", hours=0), source("none", hours=0))))
    states = [(line.title, line.state) for line in digest.coverage.lines]
    assert states == [("none", "late"), ("forum", "afterwards"), ("later", "not-yet")]
    assert (digest.coverage.heard, digest.coverage.total) == (1, 2)


def test_nothing_at_all_is_a_digest_too() -> None:
    digest = compose(facts())
    assert digest.verdict.direction == "zero"
    assert (digest.voices, digest.cards, digest.open, digest.shares) == (0, (), (), ())
    assert len(digest.account.days) == 1


def test_the_first_days_are_not_compared() -> None:
    assert compose(facts(crisis(4))).verdict.direction == "first"


def test_the_day_ends_at_the_brands_midnight() -> None:
    posts = [post("in", when=at(DAY, "23:59")), post("out", when=at(DAY + timedelta(days=1), "00:00"))]
    assert compose(facts(posts)).voices == 1


def test_share_of_voice_counts_seven_days() -> None:
    rival = Rival("northpier", names("Northpier", "北堤電訊"), (9, 9, 9, 1, 1, 1, 1, 1, 1, 15))
    shares = compose(facts(quiet(), rivals=(rival,))).shares
    assert [(share.own, share.week, share.today) for share in shares] == [(False, 21, 15), (True, 18, 0)]
    assert sum(share.week_share for share in shares) == pytest.approx(1.0)


# what is remembered


def step(posts: list[Judged], day_offset: int, matters: tuple[Matter, ...]) -> tuple[Digest, tuple[Matter, ...]]:
    day = DAY + timedelta(days=day_offset)
    now = facts(posts, day=day, matters=matters)
    digest = compose(now)
    return digest, matters_after(digest, matters)


def test_a_matter_is_opened_followed_answered_and_closed() -> None:
    posts = [*quiet(), *crisis()]
    _, after = step(posts, 0, ())
    assert [(m.topic, m.first_advised, m.voices, m.closed) for m in after] == [("data-misuse", DAY, 12, None)]
    posts += [
        post("next", when=at(DAY + timedelta(days=1)), topics=("data-misuse",), thread_url="https://forum.example/t/c0")
    ]
    digest, after = step(posts, 1, after)
    (state,) = digest.open
    assert (state.state, state.before, state.voices, state.peak, state.waiting_days, state.card) == (
        "waiting",
        12,
        1,
        12,
        1,
        0,
    )
    assert after[0].closed is None
    posts += [
        post("reply", "Mei here.", at(DAY + timedelta(days=2)), by_brand=True, thread_url="https://forum.example/t/c0")
    ]
    digest, after = step(posts, 2, after)
    assert digest.open[0].state == "closed-answered"
    assert (after[0].outcome, after[0].closed, after[0].peak_voices) == ("answered", DAY + timedelta(days=2), 12)


def test_an_unanswered_matter_cools_after_three_silent_days() -> None:
    posts = [*quiet(), *crisis()]
    _, after = step(posts, 0, ())
    for offset, outcome in ((1, ""), (2, ""), (3, "cooled")):
        _, after = step(posts, offset, after)
        assert after[0].outcome == outcome


def test_making_a_day_again_after_storing_it_changes_nothing() -> None:
    posts = [*quiet(), *crisis(), post("next", when=at(DAY + timedelta(days=1)), topics=("data-misuse",))]
    _, first = step(posts, 0, ())
    digest, second = step(posts, 1, first)
    again, third = step(posts, 1, second)
    assert again == digest
    assert third == second


# properties


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(random: object) -> None:
    posts = [*quiet(8), *crisis(7)]
    shuffled = list(posts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    ordered, mixed = facts(posts), facts(shuffled)
    mixed = replace(mixed, entries=ordered.entries, balance_lines=ordered.balance_lines)
    assert compose(mixed) == compose(ordered)


def test_json_holds_the_numbers_and_nobodys_words() -> None:
    made: Facts = facts([*quiet(), *crisis()])
    plain = json.loads(as_json(compose(made)))
    assert plain["verdict"]["direction"] == "worse"
    assert plain["cards"][0]["voices"] == 12
    assert "ticket" not in json.dumps(plain)
    assert as_json(compose(made)) == as_json(compose(made))
