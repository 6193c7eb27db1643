"""What is usual, and when growth may be claimed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.advise.usual import decayed, growth, usual

DAY = date(2026, 3, 21)


def test_four_same_weekdays_come_before_all_days() -> None:
    counts = {DAY - timedelta(days=n): float(n) for n in range(1, 36)}
    found = usual(counts, DAY, DAY - timedelta(days=34))
    assert found is not None
    assert (found.low, found.mid, found.high, found.days, found.same_weekday) == (7, 17.5, 28, 4, True)


def test_fewer_days_give_the_middle_of_all_and_silent_days_count() -> None:
    counts = {DAY - timedelta(days=1): 9.0}
    found = usual(counts, DAY, DAY - timedelta(days=5))
    assert found is not None
    assert (found.low, found.mid, found.high, found.days, found.same_weekday) == (0, 0, 9, 5, False)
    assert usual(counts, DAY, DAY - timedelta(days=3)) is None
    assert usual(counts, DAY, DAY) is None


@given(st.dictionaries(st.integers(1, 40), st.integers(0, 50)), st.integers(4, 40))
def test_the_median_lies_in_the_range(counts: dict[int, int], back: int) -> None:
    found = usual({DAY - timedelta(days=n): float(v) for n, v in counts.items()}, DAY, DAY - timedelta(days=back))
    assert found is not None
    assert found.low <= found.mid <= found.high


@pytest.mark.parametrize(
    ("earlier", "later", "kind"),
    [(0, 3, "few"), (2, 2, "few"), (0, 6, "new"), (9, 23, "doubling"), (40, 60, "growing"), (10, 12, "steady"),
     (23, 9, "falling"), (3, 6, "steady")],
)  # fmt: skip
def test_growth_is_claimed_only_beyond_chance(earlier: int, later: int, kind: str) -> None:
    assert growth(earlier, later, 24).kind == kind


def test_doubling_time() -> None:
    assert growth(10, 40, 24).doubling_h == pytest.approx(12)


@given(st.integers(0, 200), st.integers(0, 200))
def test_growth_is_never_both_ways(a: int, b: int) -> None:
    up, down = growth(a, b, 24), growth(b, a, 24)
    assert not (up.factor > 1.3 and down.factor > 1.3)


def test_the_balance_halves() -> None:
    line = decayed([(DAY - timedelta(days=90), 8.0)], DAY, 90)
    assert len(line) == 91
    assert line[-1][1] == pytest.approx(4.0)
    assert decayed([], DAY, 90) == []
