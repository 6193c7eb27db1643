"""The bench of the watch: its scoring rules at cases that can be reckoned by hand, and that it never looks ahead."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from bench.watch import PROFILES, Series, alerts_of, judge, measure, read, summary

START = datetime(2026, 1, 5, tzinfo=UTC)


def series(counts: list[int], *windows: tuple[int, int]) -> Series:
    times = tuple(START + timedelta(minutes=5 * row) for row in range(len(counts)))
    return Series("brand.csv", times, tuple(counts), windows)


FLAT = series([1] * 4000, (2000, 2099))


def score(rows: list[int], profile: str = "standard", of: Series = FLAT) -> object:
    return summary([judge(of, rows, profile)], profile)["score"]


def test_perfect_is_a_hundred_and_silence_nothing() -> None:
    for profile in PROFILES:
        assert score([], profile) == 0
        assert score([2000], profile) == 100


def test_earlier_is_better_and_only_the_first_counts() -> None:
    early, late = score([2020]), score([2095])
    assert isinstance(early, float)
    assert isinstance(late, float)
    assert 100 > early > late > 50
    assert score([2020, 2095]) == early


def test_a_false_alert_costs_by_the_profile() -> None:
    assert score([1000, 2000]) == pytest.approx(100 - 100 * 0.11 / 2, abs=0.01)
    assert score([1000, 2000], "reward_low_FP_rate") == pytest.approx(100 - 100 * 0.22 / 2, abs=0.01)
    assert score([1000, 2000], "reward_low_FN_rate") == pytest.approx(100 - 100 * 0.11 / 3, abs=0.01)
    just_after = 100 - 100 * 0.11 * (1 - 2 / (1 + math.exp(5 / 99))) / 2
    assert score([2000, 2100]) == pytest.approx(just_after, abs=0.01)


def test_learning_rows_count_for_nothing() -> None:
    assert FLAT.learning == 600
    assert series([1] * 9000).learning == 750
    assert score([10, 599, 2000]) == 100
    figures = summary([judge(FLAT, [10, 700, 2050], "standard")], "standard")
    assert (figures["hits"], figures["windows"]) == (1, 1)
    assert figures["alerts_per_week"] == pytest.approx(2 / (3400 / 2016), abs=0.001)
    assert figures["false_alerts_per_week"] == pytest.approx(1 / (3400 / 2016), abs=0.001)


def test_delay_is_to_the_peak() -> None:
    counts = [1] * 4000
    counts[2040:2043] = [50, 60, 50]
    peaked = series(counts, (2000, 2099))
    assert judge(peaked, [2042], "standard").delays_min == (10.0,)
    assert judge(peaked, [2038], "standard").delays_min == (-10.0,)


def day_and_night(days: int, burst: int) -> Series:
    dice = random.Random(4)
    counts = [
        sum(dice.random() < 0.3 for _ in range(20 if row % 288 > 96 else 6)) + (60 if burst <= row < burst + 6 else 0)
        for row in range(days * 288)
    ]
    return series(counts, (burst - 100, burst + 100))


def test_a_burst_is_found_and_nothing_else_without_looking_ahead() -> None:
    whole = day_and_night(14, 3000)
    rows = alerts_of(whole)
    assert len(rows) == 1
    assert 3000 <= rows[0] < 3004
    cut = Series(whole.name, whole.times[: rows[0] + 1], whole.counts[: rows[0] + 1], ())
    assert alerts_of(cut) == rows
    assert alerts_of(Series(whole.name, whole.times[:3000], whole.counts[:3000], ())) == []


def test_files_are_read_and_measured(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("counts")
    made = day_and_night(14, 3000)
    lines = [f"{time:%Y-%m-%d %H:%M:%S},{count}" for time, count in zip(made.times, made.counts, strict=True)]
    (folder / "brand.csv").write_text("\n".join(["timestamp,value", *lines]), encoding="utf-8")
    first, last = (f"{made.times[row]:%Y-%m-%d %H:%M:%S}.000000" for row in made.windows[0])
    (folder / "windows.json").write_text(f'{{"brand.csv": [["{first}", "{last}"]]}}', encoding="utf-8")
    assert read(folder) == [made]
    standard = measure(read(folder))["standard"]
    assert isinstance(standard, dict)
    assert (standard["hits"], standard["false_alerts_per_week"]) == (1, 0)
