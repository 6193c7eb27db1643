"""Where a day's movement came from, how surely it is told, and how threads, rules and crisis type fit the advice."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.advise.digest import as_json, compose
from listener.advise.facts import SourceDay
from listener.advise.model import Card, Digest
from listener.advise.redact import redact
from listener.advise.render import render
from listener.config import Rule
from listener.records import Judged
from listener.store.protocol import Matter
from tests.helpers_advise import DAY, at, book, crisis, facts, lines, names, post, quiet, source, thanks

FEES = "They charged me for something that nobody had named, number {n}."


def fees(n: int, thread: int = 1, **more: object) -> Judged:
    """A complaint about fees by its own voice, −5 LU."""
    more = {"topics": ("hidden-fees",), "sentiment": -1.0, "thread_url": f"https://forum.example/t/{thread}", **more}
    more.setdefault("thread_title", f"Thread {thread}")
    return post(f"f{n:02d}", FEES.format(n=n), **more)  # type: ignore[arg-type]  # a test's shorthand


def told(digest: Digest, language: str = "en") -> str:
    """The text, on one line."""
    joint = "" if language == "zh-Hant" else " "
    return joint.join(render(digest, language, redact).text.split())


def card_of(posts: Sequence[Judged], topic: str = "hidden-fees", **more: object) -> Card:
    digest = compose(facts([*quiet(), *posts], **more))
    return next(card for card in digest.cards if card.topic.id == topic)


def test_the_loss_is_taken_apart_by_thread_topic_and_place_with_shares() -> None:
    posts = [fees(n, 1) for n in range(6)] + [fees(n, 2, platform="commons.example") for n in range(6, 9)]
    posts += [fees(9, 3, topics=("outage",))]
    digest = compose(facts([*quiet(), *posts]))
    causes = digest.causes
    assert causes is not None
    assert causes.total == pytest.approx(-50)
    assert [(c.thread.thread_title, c.voices, round(c.share, 2)) for c in causes.threads if c.thread] == [
        ("Thread 1", 6, 0.6), ("Thread 2", 3, 0.3), ("Thread 3", 1, 0.1),
    ]  # fmt: skip
    topics = {c.topic.id: round(c.share, 2) for c in causes.topics if c.topic}
    assert topics == {"hidden-fees": 0.9, "outage": 0.1}
    assert [(c.place, round(c.share, 2)) for c in causes.places] == [("forum.example", 0.7), ("commons.example", 0.3)]
    assert causes.others == 0
    text = told(digest)
    for part in (
        "Where the loss of 50 LU came from: 60 % (30 LU): “Thread 1”, forum.example, 6 voices. [thread",
        "30 % (15 LU): “Thread 2”, commons.example, 3 voices.",
        "By topic, each post under its gravest: hidden fees 45 (90 %), outage 5 (10 %).",
        "By place: forum.example 35 (70 %), commons.example 15 (30 %).",
    ):
        assert part in text, part
    assert "扣掉的50LU從哪裡來：60%（30LU）：〈Thread1〉，forum.example，6人。" in told(digest, "zh-Hant")


def test_small_parts_are_summed_and_a_scattered_loss_says_so() -> None:
    digest = compose(facts([*quiet(), *(fees(n, n) for n in range(30))]))
    assert digest.causes is not None
    assert (digest.causes.threads, digest.causes.others, digest.causes.places) == ((), 30, ())
    assert "100 % (150 LU): 30 threads, none with a twentieth of it." in told(digest)


def test_a_better_day_tells_where_the_gain_came_from_and_an_ordinary_one_nothing() -> None:
    better = compose(facts([*quiet(), *thanks(6)]))
    assert "Where the gain of 41 LU came from: 100 % (41 LU):" in told(better)
    same = [replace(p, post_key=f"t{n}", when=at(DAY, "10:00")) for n, p in enumerate(quiet(2)[:3])]
    assert "came from" not in told(compose(facts([*quiet(), *same])))


_SAID = st.tuples(st.integers(0, 5), st.floats(-1, 1), st.sampled_from(("outage", "hidden-fees", "")))


@given(st.lists(_SAID, max_size=25))
def test_parts_never_exceed_the_whole_and_each_thread_stands_once(said: list[tuple[int, float, str]]) -> None:
    posts = [fees(n, t, sentiment=s, topics=(topic,) if topic else ()) for n, (t, s, topic) in enumerate(said)]
    causes = compose(facts(posts)).causes
    lost = sum(entry.amount for entry in book(posts) if entry.amount < 0)
    if causes is None:
        assert lost > -5
        return
    assert causes.total == pytest.approx(lost)
    for parts in (causes.threads, causes.topics, causes.places):
        assert sum(part.share for part in parts) <= 1 + 1e-9
        assert all(part.share >= 0.05 and part.amount < 0 for part in parts)
    assert len({part.thread.url for part in causes.threads if part.thread}) == len(causes.threads)


@pytest.mark.parametrize(
    ("heavy", "light", "phrase"),
    [
        (9, 0, r"and for one reason|almost all of it is one matter|behind nearly all of it"),
        (9, 4, r"most of it is one matter|explains the greater part|The main reason is"),
        (5, 6, r"though not the most, is|What weighs most is"),
    ],
)
def test_the_line_is_never_surer_than_the_share(heavy: int, light: int, phrase: str) -> None:
    """`light` voices complain of other things, two of each so that none makes a matter."""
    others = [post(f"o{n}", f"And this went wrong as well, case {n}.", sentiment=-1.0,
                   thread_url=f"https://forum.example/t/o{n}") for n in range(light)]  # fmt: skip
    digest = compose(facts([*quiet(), *(fees(n) for n in range(heavy)), *others]))
    assert digest.verdict.share == pytest.approx(heavy / (heavy + light))
    assert re.search(phrase, render(digest, "en", redact).verdict)


def test_the_line_names_amount_and_baseline_and_how_sure() -> None:
    digest = compose(facts([*quiet(), *crisis()]))
    usual = digest.account.usual_net
    assert usual is not None
    line = render(digest, "en", redact).verdict
    assert re.search(r"\(−\d+ LU; usual for a Saturday: .* to .*\)", line)
    assert line.startswith(("Clearly worse than usual", "A bad day, far outside the usual", "Far worse than usual"))
    few = render(compose(facts([*quiet(), *(fees(n, sentiment=-0.9) for n in range(3))])), "en", redact).verdict
    assert "3 voices" in few.partition("(")[0]


def test_days_in_a_row_and_the_day_after_are_told() -> None:
    yesterday = [replace(p, post_key=f"y{p.post_key}", when=p.when - timedelta(days=1)) for p in crisis()]
    worse = compose(facts([*quiet(), *yesterday, *crisis()]))
    assert (worse.verdict.direction, worse.verdict.streak) == ("worse", 2)
    assert "2 days in a row are now worse than usual." in told(worse)
    calm = [replace(p, post_key=f"t{n}", when=at(DAY, "10:00")) for n, p in enumerate(quiet(2)[:3])]
    after = compose(facts([*quiet(), *yesterday, *calm]))
    assert (after.verdict.direction, after.verdict.streak, after.verdict.after) == ("same", 0, 1)
    assert "The day before was worse than usual." in told(after)


def brand_post(thread: int, when: datetime) -> Judged:
    return post(f"own{thread}", "We looked into it.", when, sentiment=0.0, by_brand=True,
                thread_url=f"https://forum.example/t/{thread}")  # fmt: skip


def test_a_thread_says_whether_it_grows_and_how_long_it_has_waited() -> None:
    posts = [fees(n, 1, when=at(DAY, "02:00") + timedelta(minutes=n)) for n in range(4)]
    posts += [fees(9 + n, 2, when=at(DAY, f"{14 + n if n < 3 else 20 + n // 4}:10")) for n in range(12)]
    first, second = card_of(posts).lives
    assert (first.title, first.voices, first.course, first.answered) == ("Thread 2", 12, "growing", None)
    assert first.waiting_h == pytest.approx(16 + 50 / 60)  # until it is read, at 7
    assert (second.title, second.course, second.last) == ("Thread 1", "cooling", at(DAY, "02:03"))
    text = told(compose(facts([*quiet(), *posts])))
    assert "“Thread 2”, forum.example: 12 voices, growing, last Sat 22:10; unanswered for 17 h." in text


def test_an_answer_is_told_with_what_followed_it() -> None:
    posts = [fees(n, 1, when=at(DAY, f"{10 + n}:00")) for n in range(6)]
    life = card_of([*posts, brand_post(1, at(DAY, "13:30"))]).lives[0]
    assert (life.answered, life.after, life.waiting_h) == (at(DAY, "13:30"), 2, 0.0)
    settled = compose(facts([*quiet(), *posts, brand_post(1, at(DAY, "20:00"))]))
    assert "we answered Sat 20:00, nobody since" in told(settled)


@pytest.mark.parametrize(
    ("topic", "answer", "hours", "silence"),
    [
        ("hidden-fees", "20:00", range(15, 19), "answered"),
        ("hidden-fees", "17:30", range(15, 19), ""),  # somebody came back
        ("hidden-fees", "", range(4), ""),  # cooling, but medium and unanswered
        ("hidden-fees", "01:30", range(4), "cooling"),
        ("data-misuse", "20:00", range(15, 19), ""),  # never silent
    ],
)
def test_silence_is_advised_only_where_the_evidence_is_for_it(
    topic: str, answer: str, hours: Sequence[int], silence: str
) -> None:
    posts = [fees(n, 1, when=at(DAY, f"{hour:02d}:00"), topics=(topic,)) for n, hour in enumerate(hours)]
    own = [brand_post(1, at(DAY, answer))] if answer else []
    card = card_of([*posts, *own], topic)
    assert card.silence == silence
    page = told(compose(facts([*quiet(), *posts, *own])))
    assert ("Do not reply now" in page) is bool(silence)
    if silence:
        assert "Answer in the thread" not in page


def ruled(rule: Rule, url: str = "") -> SourceDay:
    note = names("in the first line", "寫在第一行")
    return replace(source(), rule=rule, rule_note=note if rule == "disclose" else None, rule_url=url)


@pytest.mark.parametrize(
    ("rule", "en", "zh"),
    [
        ("open", "forum.example: brands may post there.", "forum.example：允許品牌發言。"),
        ("disclose", "forum.example: brands may post if they say who they are (in the first line).",
         "forum.example：品牌表明身分即可發言（寫在第一行）。"),
        ("ask-moderator", "forum.example: ask the moderators before you post.",
         "forum.example：發言前先徵得版主同意。"),
        ("no-brands", "Not in the thread: no brand may post there.", "不要在討論串內回覆：該處不允許品牌發言。"),
        ("", "forum.example: check the rules of the place first.", "forum.example：請先查看該處的規則。"),
    ],
)  # fmt: skip
def test_the_place_says_whether_a_brand_may_post(rule: Rule, en: str, zh: str) -> None:
    posts = [fees(n, topics=("billing-error",), platform="forum.example") for n in range(4)]
    digest = compose(facts([*quiet(), *posts], sources=(ruled(rule, "https://forum.example/rules" if rule else ""),)))
    assert en in told(digest)
    assert zh in told(digest, "zh-Hant")
    html = render(digest, "en", redact).html
    assert ('href="https://forum.example/rules"' in html) is bool(rule)
    if rule == "no-brands":
        assert "One line in the thread" not in told(digest)


def test_the_crisis_type_follows_the_topic_and_what_the_company_knew() -> None:
    posts = [fees(n, topics=("billing-error",)) for n in range(5)]
    plain = card_of(posts, "billing-error").cluster
    assert plain is not None
    standing = plain.grounds  # quiet() speaks of bills on most days
    assert (plain.kind, standing[0][0]) == ("preventable", "standing")
    fresh = card_of([fees(n, topics=("outage",)) for n in range(5)], "outage").cluster
    assert fresh is not None
    assert (fresh.kind, fresh.grounds) == ("accidental", (("topic", 0),))
    ignored = [fees(n, topics=("outage", "unresponsive-service") if n < 2 else ("outage",)) for n in range(5)]
    heavier = card_of(ignored, "outage").cluster
    assert heavier is not None
    assert (heavier.kind, heavier.grounds) == ("preventable", (("ignored", 2),))
    waited = (Matter("wagtail", "outage", at(DAY - timedelta(days=3)), DAY - timedelta(days=3), DAY, 3, 3),)
    advised = card_of([fees(n, topics=("outage",)) for n in range(5)], "outage", matters=waited).cluster
    assert advised is not None
    assert (advised.kind, advised.grounds) == ("preventable", (("advised", 3),))


def test_two_matters_in_one_thread_ask_for_one_answer_and_bear_two_titles() -> None:
    posts = [
        fees(n, 1, topics=("data-misuse", "unwanted-contact") if n % 2 else ("data-misuse",)) for n in range(10)
    ] + [fees(20 + n, 1, topics=("unwanted-contact",)) for n in range(5)]
    digest = compose(facts([*quiet(), *posts]))
    first, second = digest.cards
    assert (first.title, second.title, first.with_card, second.with_card) == ("Thread 1", "", None, 0)
    assert "Most of it stands in the threads of matter 1: one public answer there serves both." in told(digest)


def test_a_small_complaint_in_the_threads_of_a_large_one_is_part_of_it() -> None:
    large = [fees(n, 1, topics=("data-misuse",)) for n in range(12)]
    small = [fees(20 + n, 1, topics=("hidden-fees",), sentiment=-0.9) for n in range(2)]
    assert [card.topic.id for card in compose(facts([*quiet(), *large, *small])).cards] == ["data-misuse"]
    elsewhere = [replace(p, thread_url="https://forum.example/t/2") for p in small]
    assert len(compose(facts([*quiet(), *large, *elsewhere])).cards) == 2


def open_digest(after: Sequence[int], answered: int | None = None) -> Digest:
    """Advised four days ago at five voices, then so many a day; `answered` days ago by the brand."""
    advised = DAY - timedelta(days=4)
    counts = [5, *after]
    posts = [
        fees(100 * back + n, 1, when=at(DAY - timedelta(days=4 - back), f"{9 + n % 12:02d}:{n // 12:02d}"))
        for back, count in enumerate(counts)
        for n in range(count)
    ]
    own = [brand_post(1, at(DAY - timedelta(days=answered), "23:00"))] if answered is not None else []
    matter = Matter("wagtail", "hidden-fees", at(advised, "09:00"), advised, advised, 5, 5)
    return compose(facts([*quiet(), *posts, *own], matters=(matter,)))


@pytest.mark.parametrize(
    ("after", "answered", "course", "line"),
    [
        ((6, 9, 14, 20), None, "growing", "Voices a day since: 6, 9, 14, 20. It has grown."),
        ((5, 6, 4, 5), None, "steady", "Voices a day since: 5, 6, 4, 5. It stands where it stood."),
        ((9, 8, 3, 4), 2, "steady", "Since the answer 4 voices a day on average; at the peak 9."),
        ((5, 0, 0, 0), None, "cooling", "nobody has spoken of it for three days (peak 5). Closed."),
    ],
)
def test_the_after_look_tells_what_became_of_a_matter_in_numbers(
    after: Sequence[int], answered: int | None, course: str, line: str
) -> None:
    digest = open_digest(after, answered)
    [matter] = digest.open
    assert (matter.at_advice, matter.week, matter.course) == (5, (5, *after), course)
    text = told(digest)
    assert "hidden fees, advised Tue 17 Mar at 5 voices:" in text
    assert line in text


def test_the_facts_hold_the_whole_hash_and_nobody_s_words() -> None:
    digest = compose(facts([*quiet(), *crisis()]))
    plain = json.loads(as_json(digest))
    quote = plain["cards"][0]["quotes"][0]
    assert re.fullmatch(r"[0-9a-f]{64}", quote["sha256"])
    assert "text" not in quote
    assert "Why does the app" not in as_json(digest)


def test_a_data_card_tells_when_it_was_first_said_and_when_we_first_saw_it() -> None:
    line = "First post Sat 01:10, seen by us Sat 01:15. If this is a personal-data breach, 72 hours end Tue 01:10"
    assert line in told(compose(facts([*quiet(), *crisis()])))


def test_the_day_without_a_post_says_whether_to_believe_it() -> None:
    def line(*sources: SourceDay) -> str:
        return render(compose(replace(facts(quiet()), sources=sources)), "en", redact).text

    assert "this silence is real" in " ".join(line(source()).split())
    assert "not as “not said”" in " ".join(line(source("a"), source("b"), source("c", "blocked", 0)).split())
    assert "proves nothing" in " ".join(line(source("a"), source("c", "blocked", 0)).split())
    assert "heard in only 8 % of the day's hours. This silence proves" in " ".join(line(source("a", hours=2)).split())
    assert "heard in 83 % of the day's hours, so read it" in " ".join(line(source("a", hours=20)).split())


def test_entries_of_other_days_move_nothing() -> None:
    posts = [*quiet(), *crisis()]
    entries = book(posts)
    one = compose(facts(posts))
    two = compose(facts(posts, entries=tuple(reversed(entries)), balance_lines=lines(entries)))
    assert one.causes == two.causes
