"""What labels say of the engine: figures worked out by hand, and bounds that always hold."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.judge.measure import LABELS, Share, Shipped, measure, read_shipped, shipped
from listener.records import Label
from listener.store.corrected import Labelled

ONE = Labelled(
    "k", "acme", "https://town.example/t/1", "https://town.example/t/1", "", "", "en", "text", (), "negative", 0.9,
    (), "negative", (), True, "link",
)  # fmt: skip


def labelled(feeling: Label | None, label: Label, confidence: float = 0.5, **more: object) -> Labelled:
    return replace(ONE, feeling=feeling, label=label, confidence=confidence, **more)  # type: ignore[arg-type]


def test_nothing_labelled_is_nothing_known() -> None:
    measured = measure([])
    assert (measured.labels, measured.feeling.right.n, measured.feeling.macro_f1) == (0, 0, 0.0)
    assert measured.feeling.right.interval == (0.0, 1.0)


def test_feeling_by_hand() -> None:
    said = [
        labelled("negative", "negative", 0.95),
        labelled("negative", "neutral", 0.95),
        labelled("positive", "positive", 0.55, language="zh-Hant", chosen="random"),
        labelled("neutral", "neutral", 0.35),
        labelled(None, "positive", 0.9),  # only a topic was said
        labelled("positive", "negative", 0.9, is_brand=False),  # is not about the brand
    ]
    measured = measure(said)
    assert measured.labels == 6
    assert measured.brand == Share(5, 6)
    feeling = measured.feeling
    assert feeling.right == Share(3, 4)
    assert feeling.table == {
        ("negative", "negative"): 1, ("negative", "neutral"): 1, ("positive", "positive"): 1, ("neutral", "neutral"): 1,
    }  # fmt: skip
    # F1: negative 2/3 (one missed), neutral 2/3 (one too many), positive 1
    assert feeling.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    # bins: 0.9-1 holds two at 0.95, one right; 0.5 one right at 0.55; 0.3 one right at 0.35
    assert feeling.calibration_error == pytest.approx((2 * abs(0.5 - 0.95) + 0.45 + 0.65) / 4)
    assert feeling.sure == Share(1, 2)
    assert measured.by_language["zh-Hant"].right == Share(1, 1)
    assert measured.chosen == {"link": 5, "random": 1}


def test_topics_by_hand() -> None:
    said = [
        labelled("negative", "negative", topics=("outage", "delivery"), said_topics=(("outage", True),)),
        labelled("negative", "negative", topics=("outage",), said_topics=(("outage", False), ("delivery", True))),
        labelled("negative", "negative", topics=(), said_topics=(("outage", True), ("delivery", False))),
    ]
    measured = measure(said)
    outage, delivery = (next(one for one in measured.topics if one.topic == name) for name in ("outage", "delivery"))
    assert (outage.found, outage.missed, outage.wrong, outage.rightly_not) == (1, 1, 1, 0)
    assert (outage.precision, outage.recall, outage.f1) == (0.5, 0.5, 0.5)
    assert (delivery.found, delivery.missed, delivery.wrong, delivery.rightly_not) == (0, 1, 0, 1)
    assert (delivery.precision, delivery.recall, delivery.f1) == (0.0, 0.0, 0.0)
    assert measured.topic_right == Share(2, 5)


def test_wilson_by_the_book() -> None:
    """Checked against the worked values of Newcombe 1998 (Statistics in Medicine 17, table I, method 3)."""
    for right, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        assert Share(right, n).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_and_narrows(right: int, n: int) -> None:
    share = Share(min(right, n), n)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1
    wide, narrow = share.interval, Share(share.right * 4, n * 4).interval
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS), st.floats(0, 1)), max_size=40))
def test_figures_stay_within_their_bounds(said: list[tuple[Label, Label, float]]) -> None:
    feeling = measure([labelled(*one) for one in said]).feeling
    assert sum(feeling.table.values()) == len(said)
    for figure in (feeling.macro_f1, feeling.calibration_error, feeling.right.value):
        assert 0 <= figure <= 1 + 1e-9
        assert math.isfinite(figure)
    if said and all(truth == told for truth, told, _ in said):
        assert feeling.macro_f1 == 1.0


def test_shipped_figures_are_read_as_far_as_they_can_be() -> None:
    good = '{"name": "airline", "language": "en", "n": 100, "accuracy": 0.7, "macro_f1": 0.65, "quoted": true}'
    text = f'{{"measures": [{good}, {{"name": "half"}}, 7, {{"name": "x", "language": "en", "n": "many"}}]}}'
    assert read_shipped(text) == (Shipped("airline", "en", 100, 0.7, 0.65, True),)
    for broken in ("", "[]", "{}", '{"measures": 3}', "null"):
        assert read_shipped(broken) == ()
    assert isinstance(shipped(), tuple)


def test_the_docs_quote_the_speed_that_the_result_file_says() -> None:
    root = Path(__file__).parents[1]
    results = json.loads((root / "bench/results/judge.json").read_text("utf-8"))["results"]
    told = " ".join((root / "docs/judging.md").read_text("utf-8").split())
    english, chinese = (results["judging"][language]["posts_per_cpu_s"] for language in ("en", "zh"))
    assert f"{english:,} English and {chinese:,} Chinese posts" in told
    assert f"take {results['memory']['models_mib']:.0f} MiB" in told
