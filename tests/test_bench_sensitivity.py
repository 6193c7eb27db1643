"""The bench of the three sensitivities: its talk is what it says, and what people read is what it measured."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bench.sensitivity import KINDS, quiet, talk
from listener.watch.settings import DEFAULTS, SENSITIVITIES

RESULT = Path(__file__).parent.parent / "bench" / "results" / "sensitivity.json"


def test_what_people_read_was_measured() -> None:
    measured = json.loads(RESULT.read_text("utf-8"))
    for name, one in SENSITIVITIES.items():
        assert one.quiet_false == round(measured["quiet_false_per_week"][name]["all"], 3)
        busy = measured["busy"][name]
        assert one.busy_false == round(busy["false_alerts_per_week"], 2)
        assert one.busy_found == round(busy["hits"] / busy["windows"], 2)
    calm, normal, keen = SENSITIVITIES.values()
    assert calm.quiet_false <= normal.quiet_false <= keen.quiet_false
    assert calm.busy_false <= normal.busy_false <= keen.busy_false


def test_normal_is_what_everybody_had() -> None:
    assert list(SENSITIVITIES) == ["calm", "normal", "keen"]
    assert SENSITIVITIES["normal"].settings == DEFAULTS


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_talk_is_as_loud_as_told(kind: str) -> None:
    posts = talk(kind, 1.0, 100, 3, ["outage"])
    assert 0.85 < len(posts) / 2400 < 1.15
    assert 0.25 < sum(post.label == "negative" for post in posts) / len(posts) < 0.35
    threads = Counter(post.thread_url for post in posts)
    assert (2.6 < len(posts) / len(threads) < 3.4) == (kind == "threads")
    assert posts == talk(kind, 1.0, 100, 3, ["outage"])


def test_false_alarms_are_counted_by_the_week() -> None:
    found = quiet(1, 2)
    assert set(found) == set(SENSITIVITIES)
    for rates in found.values():
        assert rates["all"] == pytest.approx(sum(rates[kind] for kind in KINDS) / 3, abs=1e-4)
