"""The learnt context score: off until it has shown that it helps; the words near the name tell."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.judge.context import EACH, PLENTY, UNDER, Context, Example, learn, near
from tests.helpers_fruit import FRUIT, PHONES, TUNG_BRAND, TUNG_FOOD


def example(text: str, name: str, is_brand: bool, thread: str = "") -> Example:
    start = text.lower().index(name)
    return Example(near(text, [(start, start + len(name))]), is_brand, thread or text)


APPLE = [example(text, "apple", False) for text in FRUIT] + [example(text, "apple", True) for text in PHONES]
TUNG = [example(text, "統一", False) for text in TUNG_FOOD * 2] + [example(text, "統一", True) for text in TUNG_BRAND]


def words(text: str, name: str = "apple") -> frozenset[str]:
    return example(text, name, True).words


def test_it_learns_what_is_near_the_name() -> None:
    context, trial = learn(APPLE)
    assert context is not None
    assert trial.muted_right >= 8
    assert trial.muted_wrong <= 1
    cake = context.score(words("A new recipe for apple cake with cinnamon"))
    assert cake.under
    assert {"recipe", "cinnamon"} <= set(cake.words)
    assert str(cake).startswith(f"{cake.value:.2f}: 'recipe'")
    assert not context.score(words("apple support hung up on me, the phone is still dead")).under


def test_words_that_it_never_saw_leave_a_mention_alone() -> None:
    context = Context(APPLE)
    score = context.score(words("Quarterly figures: apple disappoints once more"))
    assert not score.under
    assert score.words == ()
    assert not context.score(words("apple beside wasps")).under  # once seen is not enough


def test_chinese_names_too() -> None:
    context, trial = learn(TUNG)
    assert context is not None, trial
    assert context.score(words("集合時間統一為早上九點", "統一")).under
    assert not context.score(words("統一的布丁過期，客服不理人", "統一")).under
    simplified = context.score(words("集合时间统一为早上九点", "统一"))
    assert simplified == context.score(words("集合時間統一為早上九點", "統一"))


@pytest.mark.parametrize(
    ("brand", "other"), [(PLENTY - EACH, EACH - 1), (EACH - 1, PLENTY), (PLENTY, 0), (0, 0), (PLENTY // 2 - 1, EACH)]
)
def test_off_with_too_few_labels(brand: int, other: int) -> None:
    examples = [Example(frozenset({"phone"}), True, f"b{n}") for n in range(brand)]
    examples += [Example(frozenset({"pie"}), False, f"o{n}") for n in range(other)]
    context, trial = learn(examples)
    assert context is None
    assert str(trial).startswith("off: ")


def test_off_where_the_words_do_not_tell() -> None:
    rng = random.Random(5)
    told = [frozenset(rng.sample("abcdefghij", 3)) for _ in range(60)]
    context, trial = learn([Example(words, n % 3 > 0, f"t{n}") for n, words in enumerate(told)])
    assert context is None
    assert not trial.passed


def test_copies_in_one_thread_prove_nothing() -> None:
    pie = [Example(frozenset({"pie", "sugar"}), False, "one thread") for _ in range(20)]
    phones = [Example(frozenset({f"w{n}"}), True, f"t{n}") for n in range(20)]
    context, trial = learn([*pie, *phones])
    assert context is None
    assert trial.muted_right == 0


def test_leaving_out_is_the_same_as_never_having_learnt() -> None:
    gone = APPLE[3:6]
    rest = [one for one in APPLE if one not in gone]
    asked = words("An apple pie from the orchard, or my phone")
    assert Context(APPLE).score(asked, without=gone) == Context(rest).score(asked)


@given(
    st.lists(
        st.builds(Example, st.frozensets(st.sampled_from("abcdef"), max_size=4), st.booleans(), st.text(max_size=2)),
        max_size=60,
    )
)
def test_any_labels_give_a_score_between_0_and_1(examples: list[Example]) -> None:
    context, trial = learn(examples)
    assert trial.brand + trial.other == len(examples)
    assert (context is not None) == trial.passed
    score = Context(examples).score("abcx")
    assert 0.0 <= score.value <= 1.0
    assert score.under == (score.value < UNDER)


@given(st.text(max_size=60), st.integers(0, 59), st.integers(0, 59))
def test_any_text_gives_words_without_the_name(text: str, start: int, end: int) -> None:
    span = (min(start, end, len(text)), min(max(start, end), len(text)))
    assert near(text, [span]) == near(text[: span[0]] + " " * (span[1] - span[0]) + text[span[1] :], [span])


def test_without_a_place_in_the_text_the_title_is_read() -> None:
    assert near("whatever", [], "Apple pie") == {"apple", "pie"}
