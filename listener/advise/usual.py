"""What is usual, and whether something grows: small counts, told with care.

A range is what the days before showed (lowest to highest of the same weekdays, or the middle 80 % of all days), not a
confidence interval. Growth is claimed only where the difference would be odd by chance: two Poisson counts a and b
differ if (b − a) / √(a + b) > 1.64 (one-sided 5 %; Przyborowski and Wilenski's comparison, normal approximation).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Literal, TypeAlias

GrowthKind: TypeAlias = Literal["new", "few", "growing", "doubling", "steady", "falling"]

MIN_WEEKDAYS = 4
MIN_DAYS = 4
FEW = 5  # voices; below it no trend is told


@dataclass(frozen=True, slots=True)
class Usual:
    """What the days before brought.

    Attributes:
        low, mid, high: range and median.
        days: how many days it rests on.
        same_weekday: those were the same weekday; otherwise all days before.
    """

    low: float
    mid: float
    high: float
    days: int
    same_weekday: bool


@dataclass(frozen=True, slots=True)
class Growth:
    """How a count moves.

    Attributes:
        earlier, later: distinct voices in two windows of equal length, the later one ending with the day.
        hours: length of one window.
        doubling_h: hours to double, only with kind "doubling".
    """

    kind: GrowthKind
    earlier: int
    later: int
    hours: float
    doubling_h: float | None = None

    @property
    def factor(self) -> float:
        """What growth does to urgency: 0.5 for falling, 1 for steady, up to 2 for doubling."""
        return {"falling": 0.5, "growing": 1.5, "doubling": 2.0, "new": 1.25}.get(self.kind, 1.0)


def usual(by_day: Mapping[date, float], day: date, since: date) -> Usual | None:
    """Range and median over the days from `since` up to the day before `day`; days not in `by_day` count as 0.

    Four or more same weekdays are preferred; else all days, if there are at least four; else None.
    """
    days = [day - timedelta(days=n) for n in range((day - since).days, 0, -1)]
    weekdays = [d for d in days if d.weekday() == day.weekday()]
    if len(weekdays) >= MIN_WEEKDAYS:
        values = sorted(by_day.get(d, 0.0) for d in weekdays)
        return Usual(values[0], median(values), values[-1], len(values), True)
    if len(days) < MIN_DAYS:
        return None
    values = sorted(by_day.get(d, 0.0) for d in days)
    cut = len(values) // 10
    return Usual(values[cut], median(values), values[-1 - cut], len(values), False)


def growth(earlier: int, later: int, hours: float) -> Growth:
    """Compare two windows of `hours` each; see the module for when a trend is claimed."""
    together = earlier + later
    if together < FEW:
        return Growth("few", earlier, later, hours)
    if earlier == 0:
        return Growth("new", earlier, later, hours)
    surprise = (later - earlier) / math.sqrt(together)
    ratio = later / earlier
    if surprise > 1.64 and ratio >= 2:
        return Growth("doubling", earlier, later, hours, hours * math.log(2) / math.log(ratio))
    if surprise > 1.64:
        return Growth("growing", earlier, later, hours)
    if surprise < -1.64:
        return Growth("falling", earlier, later, hours)
    return Growth("steady", earlier, later, hours)


def decayed(nets: Sequence[tuple[date, float]], until: date, half_life_days: float) -> list[tuple[date, float]]:
    """The Love Bank's balance at the end of each day from the first to `until`: Σ amount · 2^(−age/half-life).

    `nets` are (day, deposits + withdrawals), ascending; the formula of DESIGN §6, carried on from day to day.
    """
    if not nets:
        return []
    by_day = dict(nets)
    keep = 2.0 ** (-1.0 / half_life_days)
    balance, line, day = 0.0, [], nets[0][0]
    while day <= until:
        balance = balance * keep + by_day.get(day, 0.0)
        line.append((day, balance))
        day += timedelta(days=1)
    return line
