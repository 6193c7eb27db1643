"""What is usual where there is much talk: the daily peaks of a stream, and the voices of each hour of the week.

Time is cut into bins of five minutes since 1970. Two things are looked at, in doublings,

    z3  = log2(2 + voices of the last 3 bins)                        how tall
    z12 = log2(2 + max(0, 2·(√(1 + voices of 12 bins) − √(1 + expected))))     how far above this hour's habit

each against its own past: the tallest of every day of the last four weeks. With Q the 60 % quantile of those daily
peaks and σ their spread (quartiles / 1.35, drawn towards half a doubling by the weight of 50 days), the height is the
mean of (z − Q) / σ. Peaks are what an alarm is rung by, so a threshold on them means a number of alarms a week, and
means the same for a brand of three voices an hour and of three thousand; and no single monster raises a quantile. The
square root makes counts of any size stray alike (Anscombe 1948).

A stream's state has a fixed size: a few hundred numbers, the voices of the last hour, six hours of bins. Learning lags
by those six hours, so that what arrives late, and whether a source was heard at all, is known by then.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from listener.watch.settings import Settings

BINS = 12  # of five minutes, in an hour
_WEEK_H = 168
_BLOCK_H = 6  # peaks are kept by blocks of so many hours; a day is any four in a row
_MONDAY = 72  # 1970-01-01 was a Thursday


def bin_of(hour: float) -> int:
    """The bin of a moment in hours since 1970."""
    return math.floor(hour * BINS + 1e-7)  # a time in seconds is no whole fraction of an hour


@dataclass(frozen=True, slots=True)
class Height:
    """A stream at one moment.

    Attributes:
        value: how far it stands above its usual daily peak, in spreads; −inf while too little is known.
        voices, expected: of the last hour, and what this hour of the week usually brings.
    """

    value: float
    voices: int
    expected: float


class Habit:
    """One stream of one brand. Bins may be filled in any order; learning goes forward only."""

    __slots__ = ("_bar", "blocks", "counts", "day", "day_n", "hours", "level", "peak", "settled", "voices", "week",
                 "week_n", "weight")  # fmt: skip

    def __init__(self, first_hour: int) -> None:
        self.settled = first_hour  # the first hour that is not learnt yet
        self.counts: dict[int, int] = {}  # bin → voices that spoke up in it
        self.voices: dict[str, int] = {}  # voice → the bin it was counted in, of the last hour
        self.level = self.weight = 0.0  # voices an hour, decaying sum; and of the hours
        self.day, self.day_n = [1.0] * 24, [0] * 24
        self.week, self.week_n = [1.0] * _WEEK_H, [0] * _WEEK_H
        self.hours = 0  # heard hours learnt
        self.peak = [0.0, 0.0, 0.0]  # of the running block: z3, z12, heard hours
        self.blocks: list[tuple[float, float]] = []
        self._bar: tuple[float, float, float, float] | None = None

    # filling

    def hear(self, at_bin: int, voice: str) -> None:
        """A post: its voice counts unless it counted in the hour before."""
        if at_bin - self.voices.get(voice, at_bin - BINS) >= BINS:
            self.voices.pop(voice, None)  # to the end: the dict stays in the order of counting
            self.voices[voice] = at_bin
            self.add(at_bin, 1)
        while at_bin - self.voices[next(iter(self.voices))] >= BINS:
            del self.voices[next(iter(self.voices))]

    def add(self, at_bin: int, voices: int) -> None:
        """So many voices more in a bin; nothing is added to what was learnt already."""
        if voices and at_bin >= (self.settled - 1) * BINS:
            self.counts[at_bin] = self.counts.get(at_bin, 0) + voices

    # learning

    def settle(self, now_hour: int, alive: Callable[[int], bool], settings: Settings) -> None:
        """Learn every hour up to `settings.settle_h` before `now_hour`; hours unheard teach nothing."""
        until = now_hour - settings.settle_h
        if until - self.settled > settings.memory_d * 24:  # nothing was heard of it for longer than it remembers
            self.settled = until - settings.memory_d * 24
        if self.settled >= until:
            return
        while self.settled < until:
            self._learn(self.settled, alive(self.settled), settings)
            self.settled += 1
        self.counts = {at: count for at, count in self.counts.items() if at >= (self.settled - 1) * BINS}

    def _learn(self, hour: int, alive: bool, settings: Settings) -> None:
        if alive:
            usual, base = self.usual(hour, settings), self.rate_h
            first = hour * BINS
            for at in range(first, first + BINS):
                z3, z12 = self._doublings(at, usual)
                self.peak[0], self.peak[1] = max(self.peak[0], z3), max(self.peak[1], z12)
            self.peak[2] += 1
            count = sum(self.counts.get(at, 0) for at in range(first, first + BINS))
            clipped = min(float(count), usual + 4 * math.sqrt(usual + settings.clusters * usual * usual) + 3)
            ratio, week, day = (clipped + 1) / (base + 1), (hour + _MONDAY) % _WEEK_H, hour % 24
            self.day_n[day] = min(self.day_n[day] + 1, settings.day_visits)
            self.day[day] += (ratio - self.day[day]) / (self.day_n[day] + 1)
            self.week_n[week] = min(self.week_n[week] + 1, settings.week_visits)
            self.week[week] += (ratio - self.week[week]) / self.week_n[week]
            fade = 2.0 ** (-1.0 / settings.level_half_life_h)
            self.level, self.weight = self.level * fade + clipped, self.weight * fade + 1
            self.hours += 1
        if (hour + 1) % _BLOCK_H == 0:
            if self.peak[2] >= _BLOCK_H - 1:
                self.blocks.append((self.peak[0], self.peak[1]))
                del self.blocks[: -settings.memory_d * 24 // _BLOCK_H]
                self._bar = None
            self.peak = [0.0, 0.0, 0.0]

    @property
    def rate_h(self) -> float:
        """The level: voices an hour over the last days."""
        return (self.level + 0.5) / (self.weight + 0.5)

    def usual(self, hour: int, settings: Settings) -> float:
        """Voices expected in this hour: the level, times what the hour of the week, or else of the day, makes of it."""
        week, prior = (hour + _MONDAY) % _WEEK_H, settings.week_prior
        seen = self.week_n[week]
        return self.rate_h * (seen * self.week[week] + prior * self.day[hour % 24]) / (seen + prior)

    # looking

    def _doublings(self, at_bin: int, usual: float) -> tuple[float, float]:
        counts = [self.counts.get(at, 0) for at in range(at_bin - BINS + 1, at_bin + 1)]
        beyond = 2 * (math.sqrt(sum(counts) + 1) - math.sqrt(usual + 1))
        return math.log2(sum(counts[-3:]) + 2), math.log2(max(0.0, beyond) + 2)

    def height(self, at_bin: int, settings: Settings) -> Height:
        """How tall the stream stands in the hour that ends with this bin, however full the bin is yet."""
        voices = sum(self.counts.get(at, 0) for at in range(at_bin - BINS + 1, at_bin + 1))
        usual = self.usual(at_bin // BINS, settings)
        if not self.blocks:
            return Height(-math.inf, voices, usual)
        if self._bar is None:
            self._bar = (*_bar([tall for tall, _ in self.blocks], settings),
                         *_bar([far for _, far in self.blocks], settings))  # fmt: skip
        z3, z12 = self._doublings(at_bin, usual)
        value = ((z3 - self._bar[0]) / self._bar[1] + (z12 - self._bar[2]) / self._bar[3]) / 2
        return Height(value, voices, usual)

    # keeping

    def dump(self) -> list[Any]:
        """As plain lists, for the store. Who spoke in the last hour stays out: some may count twice after a restart."""
        return [
            self.settled, list(self.counts.items()), self.level, self.weight, self.day,
            self.day_n, self.week, self.week_n, self.hours, self.peak, self.blocks,
        ]  # fmt: skip

    @classmethod
    def load(cls, row: Sequence[Any]) -> "Habit":
        """What `dump` gave. Raises TypeError, ValueError or IndexError if it is something else."""
        habit = cls(int(row[0]))
        habit.counts = {int(at): int(count) for at, count in row[1]}
        habit.level, habit.weight = float(row[2]), float(row[3])
        habit.day, habit.day_n, habit.week, habit.week_n = list(row[4]), list(row[5]), list(row[6]), list(row[7])
        habit.hours, habit.peak = int(row[8]), list(row[9])
        habit.blocks = [(float(tall), float(far)) for tall, far in row[10]]
        return habit


def _bar(blocks: Sequence[float], settings: Settings) -> tuple[float, float]:
    """The quantile of the daily peaks, and their spread drawn towards what brands have in common."""
    day = 24 // _BLOCK_H
    peaks = sorted(max(blocks[first : first + day]) for first in range(max(1, len(blocks) - day + 1)))
    spread = (_quantile(peaks, 0.75) - _quantile(peaks, 0.25)) / 1.35
    days = len(blocks) / day
    mixed = (days * spread + settings.spread_days * settings.spread) / (days + settings.spread_days)
    return _quantile(peaks, settings.peak_quantile), mixed


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
