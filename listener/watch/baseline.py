"""What is usual: for each stream of a brand, the voices expected in a window, and how far they stray by nature.

Voices in W hours are taken as negative binomial with mean λW. λ has the prior Gamma(1, 0) and learns from the hours in
which sources were heard, with a half-life, without the last day and without the first days of known crises. Each source
counts by its own exposure, so one that was added last week is not mistaken for growth. How far voices cluster (variance
over mean) is learnt by moments for each width of window, and the uncertainty of λ itself is added to it: a short
history makes a wide band.

Sums are cumulative under the weight 2^(hour / half-life), so any hour's baseline is a few bisections, however long
the history. Hours are floats since 1970, UTC.
"""

import heapq
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from listener.watch.settings import Settings

Spans = Sequence[tuple[float, float]]
_LN10 = math.log(10.0)


def hours(moment: datetime) -> float:
    """Hours since 1970, UTC."""
    return moment.timestamp() / 3600.0


class Decay:
    """2^(hour / half-life), counted from a fixed hour near `at`, `zero`, so that no date over- or underflows."""

    def __init__(self, at: float, half_life_h: float) -> None:
        step = 256 * half_life_h  # a grid, so that looks that follow one another weigh with the very same numbers
        self.zero = math.floor(at / step) * step
        self._half_life_h = half_life_h

    def __call__(self, hour: float) -> float:
        return float(2.0 ** ((hour - self.zero) / self._half_life_h))


def surprise(count: int, mean: float, size: float) -> float:
    """−log10 P[N ≥ count] for N negative binomial with this mean and size (variance = mean + mean²/size); ≥ 0.

    P[N ≥ k] = I_p(k, size) with p = mean / (mean + size), the regularised incomplete beta function (Abramowitz and
    Stegun 26.5.26), by Lentz's continued fraction (Numerical Recipes §6.4) in logarithms, so that neither a probability
    of 10^−500 nor counts of millions overflow.
    """
    if count <= 0:
        return 0.0
    if mean <= 0:
        return math.inf
    x = mean / (mean + size)
    return max(0.0, -_log_beta_tail(float(count), size, math.log(x), math.log(size / (mean + size)), x) / _LN10)


def _log_beta_tail(a: float, b: float, log_x: float, log_y: float, x: float) -> float:
    """ln I_x(a, b), with ln x and ln(1 − x) given exactly."""
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * log_x + b * log_y
    if x < (a + 1.0) / (a + b + 2.0):
        return front + math.log(_fraction(a, b, x) / a)
    other = math.exp(front + math.log(_fraction(b, a, 1.0 - x) / b))
    return math.log1p(-min(other, 1.0 - 1e-15))


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function; needs about √max(a, b) steps."""
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0) or tiny)
    value = d
    for m in range(1, 100_000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / (1.0 + step * d or tiny)
            c = 1.0 + step / c or tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-13:
            break
    return value


class _Sums:
    """Cumulative sums over values added in the order of time."""

    __slots__ = ("at", "total")

    def __init__(self) -> None:
        self.at: list[float] = []
        self.total = [0.0]

    def add(self, at: float, value: float) -> None:
        self.at.append(at)
        self.total.append(self.total[-1] + value)

    def until(self, end: float, without: Spans, after: float = -math.inf) -> float:
        """The sum of what lies after `after` and before `end`, outside the disjoint half-open `without` spans."""
        begin = bisect_right(self.at, after)
        upto = max(begin, bisect_left(self.at, end))
        total = self.total[upto] - self.total[begin]
        for low, high in without:
            first, last = (min(upto, max(begin, bisect_left(self.at, edge))) for edge in (low, high))
            total -= self.total[last] - self.total[first]
        return total


class Exposure:
    """The hours in which each source was heard; only in those from `since` on had the brand a chance."""

    def __init__(self, heard: Mapping[str, Iterable[datetime]], since: float, settings: Settings, decay: Decay) -> None:
        self.decay = decay
        self._since = since
        self._gap = settings.gap_h
        self._hours: dict[str, list[int]] = {}
        self._sums: dict[str, _Sums] = {}
        for source, moments in heard.items():
            self._hours[source] = sorted({math.floor(hours(moment)) for moment in moments})
            sums = self._sums[source] = _Sums()
            for hour in self._hours[source]:
                sums.add(hour, decay(hour))

    def only(self, since: float) -> "Exposure":
        """The same hours for a brand that had a chance from `since` on: one reading serves all brands."""
        view = copy(self)
        view._since = since
        return view

    def alive(self, source: str, at: float) -> bool:
        """Whether the source was heard in the hour of `at`."""
        row = self._hours.get(source, [])
        place = bisect_left(row, math.floor(at))
        return place < len(row) and row[place] == math.floor(at)

    def returning(self, source: str, at: float) -> bool:
        """Whether the hour of `at` is the first heard one after a gap, or at all."""
        row = self._hours.get(source, [])
        place = bisect_left(row, math.floor(at))
        if place == len(row) or row[place] != math.floor(at):
            return False
        return place == 0 or row[place] - row[place - 1] > self._gap

    def extend(self, heard: Mapping[str, Iterable[datetime]]) -> None:
        """Hours heard since; those before the last known one of a source are left for the next Exposure."""
        for source, moments in heard.items():
            row, sums = self._hours.setdefault(source, []), self._sums.setdefault(source, _Sums())
            for hour in sorted({math.floor(hours(moment)) for moment in moments}):
                if not row or hour > row[-1]:
                    row.append(hour)
                    sums.add(hour, self.decay(hour))

    def first(self, source: str) -> float:
        """The first hour in which it was heard; −inf if it never was."""
        row = self._hours.get(source, [])
        return float(row[0]) if row else -math.inf

    def sources(self) -> tuple[str, ...]:
        return tuple(self._hours)

    def after(self, source: str, at: float, need_h: float) -> float | None:
        """The hour at which `need_h` whole heard hours will have passed after `at`; None while they have not."""
        row = self._hours.get(source, [])
        last = bisect_left(row, at) + math.ceil(need_h) - 1
        return row[last] + 1.0 if last < len(row) else None

    def warm(self, at: float, warm_up_h: float) -> frozenset[str]:
        """The sources in which the brand could be heard for at least `warm_up_h` hours before `at`."""
        return frozenset(
            source
            for source, sums in self._sums.items()
            if bisect_left(sums.at, at) - bisect_right(sums.at, self._since - 1) >= warm_up_h
        )

    def weighed(self, source: str, end: float, without: Spans) -> float:
        """Heard hours before `end`, each halved for every half-life that it lies back."""
        return self._sums[source].until(end, without, self._since - 1) / self.decay(end)


@dataclass(frozen=True, slots=True)
class Expected:
    """A stream's habit at one moment: voices an hour, and the negative binomial's size for each width of window."""

    rate_h: float
    size: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Usual:
    """What a Baseline learnt before some hour, outside of the crises known then, as a few sums.

    Attributes:
        counts: source → weighed voices. linear, square: width → weighed Σ c and Σ c² over the bins.
        seen, fill: as in Baseline, of the bins that the hour cuts: they may still be added to.
    """

    counts: Mapping[str, float] = field(default_factory=dict)
    linear: Mapping[int, float] = field(default_factory=dict)
    square: Mapping[int, float] = field(default_factory=dict)
    seen: frozenset[tuple[int, int, str]] = frozenset()
    fill: Mapping[tuple[int, int], int] = field(default_factory=dict)


class Baseline:
    """One stream's past. Posts may come in any order; what lies in the hold-out is kept aside until it is past.

    Args:
        before: what was summed up before: only later posts are to be learnt then, and only later hours asked for.
    """

    def __init__(self, settings: Settings, decay: Decay, before: Usual | None = None) -> None:
        self._settings = settings
        self._decay = decay
        self._before = before or Usual()
        self._waiting: list[tuple[float, str, str]] = []  # (hour, source, voice), a heap
        self._past: list[tuple[float, str, str]] = []
        self._clear()

    def _clear(self) -> None:
        self._counts: dict[str, _Sums] = {}
        self._seen = set(self._before.seen)  # (width, bin, voice)
        self._fill = dict(self._before.fill)  # (width, bin) → distinct voices
        self._linear = {width: _Sums() for width in self._settings.windows_h}
        self._square = {width: _Sums() for width in self._settings.windows_h}

    def learn(self, at: float, source: str, voice: str) -> None:
        """A post of this stream in a heard hour."""
        heapq.heappush(self._waiting, (at, source, voice))

    def sum_up(self, edge: float, without: Spans) -> Usual:
        """What was learnt before the hour `edge`; `without` are the spans of crises, as far as they lie before it."""
        self._advance(edge)
        cut = {(width, math.floor(edge / width)) for width in self._settings.windows_h}
        return Usual(
            counts={source: sums.until(edge, without) for source, sums in self._counts.items()},
            linear={width: sums.until(edge, without) for width, sums in self._linear.items()},
            square={width: sums.until(edge, without) for width, sums in self._square.items()},
            seen=frozenset(one for one in self._seen if one[:2] in cut),
            fill={key: count for key, count in self._fill.items() if key in cut},
        )

    def expected(self, at: float, exposure: Exposure, warm: Iterable[str], without: Spans) -> Expected:
        """The habit as it was known at `at`, from the warm sources; `without` are the spans of known crises."""
        settings, before = self._settings, self._before
        cutoff = at - settings.hold_out_h
        self._advance(cutoff)
        now = self._decay(cutoff)
        exposed = {source: exposure.weighed(source, cutoff, without) for source in sorted(warm)}
        longest = max(exposed.values(), default=0.0)
        voices = seen = 0.0
        for source, length in exposed.items():
            if length > 0 and (source in self._counts or source in before.counts):
                later = self._counts[source].until(cutoff, without) if source in self._counts else 0.0
                count = (before.counts.get(source, 0.0) + later) / now
                seen += count
                voices += count * longest / length
        rate = (1.0 + voices) / max(longest, settings.least_exposure_h)
        sizes = {}
        for width in settings.windows_h:
            linear = (before.linear.get(width, 0.0) + self._linear[width].until(cutoff, without)) / now
            square = (before.square.get(width, 0.0) + self._square[width].until(cutoff, without)) / now
            usual = linear * linear * width / longest if longest > 0 else 0.0  # Σ mean², over the bins
            trust = settings.answers_trust
            answers = max(
                settings.least_answers, (trust * settings.answers + square - usual - linear) / (trust + linear)
            )
            sizes[width] = 1.0 / (answers / (rate * width) + 1.0 / (1.0 + seen))
        return Expected(rate, sizes)

    def _advance(self, cutoff: float) -> None:
        """Move what is past from the heap into the sums; begin anew if a back-fill brought something older."""
        ready = []
        while self._waiting and self._waiting[0][0] < cutoff:
            ready.append(heapq.heappop(self._waiting))
        if ready and self._past and ready[0] < self._past[-1]:
            ready = sorted(self._past + ready)
            self._past = []
            self._clear()
        for post in ready:
            self._past.append(post)
            self._sum(*post)

    def _sum(self, at: float, source: str, voice: str) -> None:
        for width in self._settings.windows_h:
            bin_number = math.floor(at / width)
            if (width, bin_number, voice) in self._seen:
                continue
            self._seen.add((width, bin_number, voice))
            weight = self._decay(bin_number * width)
            if width == self._settings.windows_h[0]:
                self._counts.setdefault(source, _Sums()).add(at, weight)
            count = self._fill[width, bin_number] = self._fill.get((width, bin_number), 0) + 1
            self._linear[width].add(at, weight)
            self._square[width].add(at, weight * (2 * count - 1))  # c² − (c − 1)²
