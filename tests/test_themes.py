"""Themes nobody named: grouping, naming, following over days, and what may not become a theme."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.records import Judged, Theme, TopicTag
from listener.themes.find import find_themes, unexplained
from listener.themes.follow import at_least, phase_of
from listener.themes.terms import MAX_CHARS, stem, terms
from tests.helpers_advise import TOPICS, post

TODAY = date(2026, 3, 21)
UTC_ZONE = ZoneInfo("UTC")

LIDS = (
    "The new cardboard lid leaks all over my sleeve",
    "Third cardboard lid this week that leaks",
    "my lid leaks too, soggy cardboard after five minutes",
    "Soggy lids. Coffee on the car seat.",
    "Bring back plastic lids, cardboard leaks",
    "Whoever designed this cardboard lid never walked with a cup",
)
PANDAS = (
    "限量熊貓杯一早就賣光",
    "為了熊貓杯排隊兩小時，前面的人拿了六個",
    "熊貓杯黃牛喊到三倍價錢",
    "請問哪裡還買得到限量熊貓杯",
    "熊貓杯排隊排到馬路上",
)
ORDINARY = (
    "Parked by the lake and read a novel",
    "My sister moved to Leeds for her studies",
    "Does the shop open on Sundays?",
    "Snow again on the northern line",
    "Ordered tea, drank tea, went home",
    "The window seat has the best light",
    "昨天騎車去海邊",
    "請問停車場在哪一側",
    "孩子開學了，書包好重",
    "晚餐吃火鍋",
)


def day(back: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, 21, hour, tzinfo=UTC) - timedelta(days=back)


def quiet(weeks: int = 5) -> list[Judged]:
    """Five weeks of ordinary talk, two posts a day, no two of them about one thing for long."""
    return [
        post(f"{n:064x}", f"{ORDINARY[n % 10]}, {n} times", day(n // 2, 8), sentiment=0.0, **one(f"{n:016x}", {}))
        for n in range(weeks * 14)
    ]


def one(voice: str, more: Mapping[str, object]) -> dict[str, Any]:
    """A voice of its own in a thread without a title, unless `more` says otherwise."""
    return {"voice": voice, "thread_title": ""} | dict(more)


def story(texts: Sequence[str], backs: Sequence[int], mark: str, **more: object) -> list[Judged]:
    return [
        post(f"{mark}{n:02d}".ljust(64, "0"), text, day(back), sentiment=-0.5, **one(f"{mark}{n:015d}", more))
        for n, (text, back) in enumerate(zip(texts, backs, strict=True))
    ]


def find(posts: Sequence[Judged], ignored: Sequence[str] = ()) -> tuple[Theme, ...]:
    return find_themes(posts, TOPICS, frozenset(ignored), TODAY, UTC_ZONE)


def named(themes: Sequence[Theme], word: str) -> Theme | None:
    return next((theme for theme in themes if any(word in name for name in theme.words)), None)


def test_a_theme_is_found_named_and_told_apart_in_both_languages() -> None:
    lids, pandas = story(LIDS, (2, 2, 1, 1, 0, 0), "a"), story(PANDAS, (1, 1, 1, 0, 0), "b")
    found = find([*quiet(), *lids, *pandas])
    about_lids, about_pandas = named(found, "lid"), named(found, "熊貓杯")
    assert about_lids is not None
    assert about_pandas is not None
    assert len({p.post_key for p in lids} & set(about_lids.post_keys)) >= 5
    assert set(about_lids.post_keys) <= {p.post_key for p in lids}
    assert set(about_pandas.post_keys) == {p.post_key for p in pandas}  # as written: Traditional, not folded
    assert about_lids.phase == about_pandas.phase == "new"
    assert about_lids.id == about_lids.post_keys[0][:8]
    assert about_lids.best in about_lids.post_keys
    assert sum(n for _, n in about_pandas.days) == about_pandas.voices == about_pandas.recent == 5
    assert about_pandas.before == 0


def test_what_a_topic_explains_is_no_theme() -> None:
    assert named(find([*quiet(), *story(LIDS, (2, 2, 1, 1, 0, 0), "a", topics=["billing-error"])]), "lid") is None


def test_a_signal_or_a_strain_does_not_explain() -> None:
    assert (
        named(find([*quiet(), *story(LIDS, (2, 2, 1, 1, 0, 0), "a", topics=["leaving", "loss-of-control"])]), "lid")
        is not None
    )


@pytest.mark.parametrize(
    ("confidence", "spans", "dark"),
    [(0.6, ((0, 3),), False), (0.4, ((0, 3),), True), (0.3, (), False), (0.2, (), True)],
)
def test_a_tag_that_is_likely_wrong_explains_nothing(
    confidence: float, spans: tuple[tuple[int, int], ...], dark: bool
) -> None:
    tagged = replace(post("a" * 64), topics=(TopicTag("billing-error", confidence, spans),))
    assert unexplained(tagged, {"billing-error": "complaint"}) is dark
    assert unexplained(tagged, {})


@pytest.mark.parametrize("more", [{"voice": "0" * 16}, {"by_brand": True}, {"muted": "author:somebody"}])
def test_one_voice_the_brand_itself_and_muted_posts_are_no_theme(more: dict[str, object]) -> None:
    assert named(find([*quiet(), *story(LIDS, (2, 2, 1, 1, 0, 0), "a", **more)]), "lid") is None


def test_two_voices_are_no_theme_three_are() -> None:
    posts = story(LIDS[:3], (1, 1, 0), "a")
    assert named(find([*quiet(), *posts]), "lid") is not None
    assert named(find([*quiet(), *posts[:2], post("f" * 64, LIDS[2], day(0), voice=posts[0].voice)]), "lid") is None


def test_ordinary_talk_holds_nothing_new() -> None:
    assert [theme.words for theme in find(quiet()) if theme.phase in ("new", "growing")] == []


def test_the_brands_own_name_names_no_theme() -> None:
    texts = [f"Wagtail {text}" for text in ("rang", "bird", "tower", "song", "blue", "north")]
    found = find([*quiet(), *story(texts, (0,) * 6, "a")], ["wagtail"])
    assert named(found, "wagtail") is None


def test_replies_without_words_of_their_own_belong_to_their_threads_theme() -> None:
    lids = story(LIDS, (2, 2, 1, 1, 0, 0), "a")
    reply = post("c" * 64, "Same here.", day(0), thread_title="Cardboard lids that leak", position=3)
    theme = named(find([*quiet(), *lids, reply]), "lid")
    assert theme is not None
    assert reply.post_key in theme.post_keys


def test_the_same_posts_in_any_order_give_the_same_themes() -> None:
    posts = [*quiet(), *story(LIDS, (2, 2, 1, 1, 0, 0), "a"), *story(PANDAS, (1, 1, 1, 0, 0), "b")]
    shuffled = list(posts)
    random.Random(7).shuffle(shuffled)
    assert find(shuffled) == find(posts)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)))
def test_who_came_first_within_a_day_does_not_decide_what_the_theme_is(order: list[int]) -> None:
    posts = story([LIDS[n] for n in order], (0,) * 6, "a")
    theme = named(find([*quiet(), *posts]), "lid")
    assert theme is not None
    assert len(theme.post_keys) >= 5


def test_a_forgotten_post_leaves_no_word() -> None:
    lids = story(LIDS, (2, 2, 1, 1, 0, 0), "a")
    left = find([*quiet(), *lids[:2]])
    assert "soggy" not in str(find([*quiet(), *lids[:2]]))
    assert named(left, "lid") is None


def test_a_word_of_one_person_is_in_no_name() -> None:
    lids = story([f"{LIDS[0]} says Bartholomew", *LIDS[1:]], (2, 2, 1, 1, 0, 0), "a")
    assert all("barth" not in word for theme in find([*quiet(), *lids]) for word in theme.words)


def counts(*pairs: tuple[int, int]) -> dict[date, int]:
    return {TODAY - timedelta(days=back): n for back, n in pairs}


EVERY_DAY = {TODAY - timedelta(days=back): 20 for back in range(35)}


@pytest.mark.parametrize(
    ("theme", "phase"),
    [
        (counts((0, 2), (1, 2)), "new"),
        (counts((0, 3)), "steady"),  # three voices are too few to call anything
        (counts((0, 6), (2, 4), (20, 1), (30, 1)), "growing"),
        (counts(*((back, 1) for back in range(35))), "steady"),
        (counts(*((back, 1) for back in range(10, 35))), "fading"),
        (counts((0, 1), (9, 1)), "steady"),
        (counts((8, 1), (9, 1), (10, 1)), "steady"),  # too few to miss them
    ],
)
def test_phases(theme: dict[date, int], phase: str) -> None:
    assert phase_of(theme, EVERY_DAY, TODAY) == phase


def test_a_theme_that_only_grows_with_all_the_talk_does_not_grow() -> None:
    louder = {on: 200 if (TODAY - on).days < 7 else 20 for on in EVERY_DAY}
    theme = counts(*((back, 10 if back < 7 else 1) for back in range(35)))
    assert phase_of(theme, louder, TODAY) == "steady"
    assert phase_of(theme, EVERY_DAY, TODAY) == "growing"


def test_a_young_store_calls_nothing_new() -> None:
    young = {TODAY - timedelta(days=back): 20 for back in range(12)}
    assert phase_of(counts((0, 9)), young, TODAY) == "steady"


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_the_binomial_tail_is_a_probability_that_falls(hits: int, more: int, chance: float) -> None:
    of = hits + more
    assert 0.0 <= at_least(hits + 1, of + 1, chance) <= at_least(hits, of + 1, chance) + 1e-12 <= 1.0 + 1e-12


def test_the_binomial_tail_by_hand() -> None:
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(5, 5, 0.1) == pytest.approx(1e-5)
    assert at_least(900, 1000, 0.2) < 1e-300


def test_terms_stand_where_they_say_and_leave_people_out() -> None:
    text = "Ask @maria_lopez or mail bob.smith@example.org: the CHARGERS！ 充電器 https://example.org/panda"
    found = terms(text)
    assert [(term.key, text[term.start : term.end]) for term in found] == [
        ("mail", "mail"),
        ("charger", "CHARGERS"),
        ("充电器", "充電器"),
    ]


@given(st.text(max_size=300))
def test_any_text_has_terms_in_order_and_inside_it(text: str) -> None:
    found = terms(text)
    assert all(0 <= term.start < term.end <= len(text) for term in found)
    assert [term.start for term in found] == sorted(term.start for term in found)


@pytest.mark.parametrize("text", ["", "\ud800客服\udfff", "a" * 50_000, "字" * 50_000, "a@" * 20_000, "😀" * 5_000])
def test_odd_texts_cost_little(text: str) -> None:
    assert all(term.end <= MAX_CHARS for term in terms(text))


def test_stems_meet() -> None:
    assert stem("batteries") == stem("battery")
    assert stem("charging") == stem("charged") == stem("charge")
    assert stem("stopping") == stem("stopped") == "stop"
    assert stem("bus") == "bus"
    assert stem("class") == "class"
