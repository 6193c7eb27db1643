"""The head: what it is given, what it says, and that it is bounded and shows why."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import load
from listener.fold import fold
from listener.judge import vectors
from listener.judge.head import BUCKETS, LABELS, READ, Reader, Signs, bucket, head, masked, numbers, pieces
from listener.judge.judge import Judge
from listener.judge.language import language_of
from listener.judge.verdict import LEAST, MOST, label_of
from listener.records import Mention
from tests.helpers_judge import post, texts

NOTHING = Signs(0.0, "neutral", 0.0, 0.0, 0.0, 0.0, 0.0, irony=False, leaving=False, named=True)
JUDGE = Judge(load(Path("config")).topics)


def label(text: str, brand: str) -> str:
    folded = fold(text)
    at = folded.index(fold(brand))
    mention = Mention("k" * 64, "b", "text", ((at, at + len(brand)),), (brand,))
    return JUDGE.judge_post(post(text), (mention,), language_of(text))[0].label


@pytest.mark.parametrize(
    ("text", "brand", "expected"),
    [
        ("On my third Kelvo kettle, this one stopped after two days", "Kelvo", "negative"),
        ("Kelvo told me to ring again on Monday. It was Monday.", "Kelvo", "negative"),
        ("Kelvo charged my card twice and the chat closed on me", "Kelvo", "negative"),
        ("Is the Kelvo shop in Cork open on bank holidays?", "Kelvo", "neutral"),
        ("打給凱沃等了四十分鐘，最後自己掛斷", "凱沃", "negative"),
        ("請問凱沃台中門市週日有開嗎", "凱沃", "neutral"),
    ],
)
def test_feeling_without_a_feeling_word(text: str, brand: str, expected: str) -> None:
    assert label(text, brand) == expected


@pytest.mark.parametrize("reader", ["en", "zh"])
def test_the_shipped_weights_fit_and_are_small(reader: Reader) -> None:
    chances = head(reader).probabilities(fold("it broke 壞了"), (), NOTHING)
    assert sum(chances) == pytest.approx(1.0)
    folder = Path("listener/judge/weights")
    assert sum(path.stat().st_size for path in folder.glob("*.npz")) < 6_000_000


def test_what_the_rules_say_moves_the_head() -> None:
    def good(sentiment: float, total: float) -> float:
        signs = Signs(sentiment, label_of(sentiment), total, max(total, 0), max(-total, 0), 0, 0, False, False, True)
        return head("en").probabilities(fold("acme and me"), ((0, 4),), signs)[2]

    assert good(-0.8, -5.0) < good(0.0, 0.0) < good(0.8, 5.0)


def test_names_links_and_people_are_masked() -> None:
    text = fold("Acme at https://acme.example/x says @mia is right")
    seen = masked(text, ((0, 4),))
    assert "acme" not in seen
    assert "mia" not in seen
    assert {"xbrandx", "xurlx", "xuserx"} <= set(seen.split())


def test_of_a_long_text_the_part_around_the_brand_is_read() -> None:
    text = "x " * 5_000 + "acme broke" + " y" * 5_000
    at = text.index("acme")
    seen = masked(text, ((at, at + 4),))
    assert "xbrandx broke" in " ".join(seen.split())
    assert len(seen) <= READ + len(" xbrandx ")


def test_denied_words_are_pieces_of_their_own() -> None:
    _, found = pieces("not good at all. good", "en")
    assert {"!good", "good", "not", "not good"} <= set(found)
    _, found = pieces("不好", "zh")
    assert set(found) == {"不", "好", "不好"}


@given(texts, st.sampled_from(["en", "zh"]))
def test_any_text(text: str, reader: Reader) -> None:
    folded = fold(text)
    chances = head(reader).probabilities(folded, (), NOTHING)
    assert chances == head(reader).probabilities(folded, (), NOTHING)
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    for one in LABELS:
        assert all(0 <= start < end <= len(folded) for start, end in head(reader).telling(folded, (), one))
    assert all(0 <= bucket(piece) < BUCKETS for piece in pieces(masked(folded, ()), reader)[1])


@given(texts)
def test_a_judgement_keeps_its_bounds(text: str) -> None:
    mention = Mention("k" * 64, "b", "thread", (), ())
    one = JUDGE.judge_post(post(text), (mention,), language_of(text))[0]
    assert one.label == label_of(one.sentiment)
    assert LEAST <= one.confidence <= MOST
    assert -1.0 <= one.sentiment <= 1.0


def test_evidence_is_shown_where_only_the_head_saw_it() -> None:
    text = "Kelvo charged my card twice and the chat closed on me"
    folded = fold(text)
    mention = Mention("k" * 64, "b", "text", ((0, 5),), ("Kelvo",))
    one = JUDGE.judge_post(post(text), (mention,), "en")[0]
    assert one.label == "negative"
    assert one.evidence
    assert all("kelvo" not in folded[start:end] for start, end in one.evidence)


def test_vectors_are_there_and_alike_words_are_near() -> None:
    def near(one: str, two: str) -> float:
        a, b = (vectors.pooled(vectors.rows([word])) for word in (one, two))
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    assert near("awful", "terrible") > near("awful", "tuesday")
    assert not vectors.pooled([]).any()
    assert len(numbers(NOTHING, "text", 1)) == 21
