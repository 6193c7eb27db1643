"""How well the busy-brand watch finds what people marked as out of the ordinary, on Numenta's counts of mentions.

    python -m bench.watch --nab DIR [--fire X] [--lobo] --json

DIR holds counts of mentions in bins of five minutes, one CSV file a brand (timestamp,value), and windows.json: file
name → the windows [first, last] that people marked. They are of the Numenta Anomaly Benchmark (realTweets), which is no
part of this project. Scored by its rules (github.com/numenta/NAB/wiki, "Scoring"), as understood and written here:

* the first 15 % of a file, at most 750 rows, are for learning and count for nothing;
* a window counts once, by its first alert, by how early that stands in it: 1 at its beginning, 0 at its end, as
  S(y) = 2 / (1 + e^5y) − 1 falls from y = −1 to 0; a window without an alert costs 1 (2 where misses weigh double);
* each alert outside costs S of its distance behind the last window in widths of that window: little just after it,
  0.11 far from it (0.22 where false alarms weigh double);
* 0 is what silence scores, 100 what the first row of every window, and no other, would.

The alerts are those of the product: Habit (listener/watch/habit.py) with the committed constants, opened, and closed
after a calm day. Each count is given to it as so many voices. Delay is from the beginning of a window's tallest quarter
of an hour, its peak, to the alert; negative: the alert came first.
"""

import argparse
import csv
import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.machine import machine
from listener.watch.baseline import hours
from listener.watch.habit import Habit, bin_of
from listener.watch.settings import DEFAULTS, Settings

PROFILES = {  # what a false alert costs, and what a miss
    "standard": (0.11, 1.0),
    "reward_low_FP_rate": (0.22, 1.0),
    "reward_low_FN_rate": (0.11, 2.0),
}
AROUND: tuple[tuple[str, Any], ...] = (
    ("peak_quantile", 0.5), ("peak_quantile", 0.7), ("spread", 0.4), ("spread", 0.65), ("spread_days", 25.0),
    ("spread_days", 100.0), ("memory_d", 21), ("memory_d", 35), ("level_half_life_h", 24.0),
    ("level_half_life_h", 96.0), ("week_prior", 1.0), ("week_prior", 4.0), ("settle_h", 0), ("settle_h", 12),
)  # fmt: skip
_DAY = 24 * 12


@dataclass(frozen=True, slots=True)
class Series:
    """One brand: counts row by row, and the marked windows as (first, last) row."""

    name: str
    times: tuple[datetime, ...]
    counts: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]

    @property
    def learning(self) -> int:
        """Rows at the beginning that count for nothing."""
        return min(int(0.15 * len(self.counts)), 750)


def read(folder: Path) -> list[Series]:
    """The files that windows.json names, by name."""
    marked = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    found = []
    for name in sorted(marked):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows = [(_time(row["timestamp"]), int(float(row["value"]))) for row in csv.DictReader(file)]
        place: dict[datetime, int] = {}
        for at, (time, _) in enumerate(rows):
            place.setdefault(time, at)
        windows = tuple((place[_time(first)], place[_time(last)]) for first, last in marked[name])
        found.append(Series(name, tuple(time for time, _ in rows), tuple(count for _, count in rows), windows))
    return found


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.partition(".")[0]).replace(tzinfo=UTC)


def alerts_of(series: Series, settings: Settings = DEFAULTS) -> list[int]:
    """The rows at which the watch would have raised an alert, told by nothing that came later."""
    habit = Habit(math.floor(hours(series.times[0])) + 1)
    raised: list[int] = []
    active: int | None = None  # the last active row of the open alert
    for row, (time, count) in enumerate(zip(series.times, series.counts, strict=True)):
        at = bin_of(hours(time))
        habit.settle(at // 12, lambda hour: True, settings)
        habit.add(at, count)
        height = habit.height(at, settings)
        if active is not None and row - active >= settings.busy_quiet_h * 12:
            active = None
        if active is not None and height.value >= settings.busy_rearm:
            active = row
        enough = height.voices >= settings.busy_voices and row >= series.learning
        if active is None and enough and height.value >= settings.busy_fire:
            raised.append(row)
            active = row
    return raised


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one series: the rules' raw sum, and what it is made of."""

    raw: float
    windows: int
    delays_min: tuple[float, ...]  # one for each window that was found
    alerts: int
    false_alerts: int
    weeks: float

    @property
    def hits(self) -> int:
        return len(self.delays_min)


def _worth(at: float) -> float:
    """The rules' sigmoid: 1 long before 0, where it is 0, and −1 long after."""
    return -1.0 if at > 3 else 2 / (1 + math.exp(5 * at)) - 1


def judge(series: Series, raised: Sequence[int], profile: str) -> Outcome:
    """Score the alerts of one series."""
    false_cost, miss_cost = PROFILES[profile]
    live = [row for row in raised if row >= series.learning]
    raw, false_alerts, delays = 0.0, 0, []
    for first, last in series.windows:
        found = [row for row in live if first <= row <= last]
        if found:
            raw += _worth(-(last - found[0] + 1) / (last - first + 1)) / _worth(-1.0)
            delays.append(5.0 * (found[0] - _peak(series, first, last)))
        elif last >= series.learning:
            raw -= miss_cost
    for row in live:
        if not any(first <= row <= last for first, last in series.windows):
            before = [(first, last) for first, last in series.windows if last < row]
            first, last = before[-1] if before else (0, 0)
            raw += false_cost * (_worth((row - last) / (last - first)) if before else -1.0)
            false_alerts += 1
    weeks = (len(series.counts) - series.learning) / (7 * _DAY)
    return Outcome(raw, len(series.windows), tuple(delays), len(live), false_alerts, weeks)


def _peak(series: Series, first: int, last: int) -> int:
    """The row at which the tallest quarter of an hour of a window begins."""
    return max(range(first, last - 1), key=lambda row: (sum(series.counts[row : row + 3]), -row))


def summary(outcomes: Iterable[Outcome], profile: str) -> dict[str, object]:
    """The figures over several series. Raises ZeroDivisionError if none has a window."""
    found = list(outcomes)
    miss_cost = PROFILES[profile][1]
    windows, weeks = sum(one.windows for one in found), sum(one.weeks for one in found)
    silence, perfect = -miss_cost * windows, float(windows)
    delays = [delay for one in found for delay in one.delays_min]
    return {
        "score": round(100 * (sum(one.raw for one in found) - silence) / (perfect - silence), 2),
        "hits": len(delays),
        "windows": windows,
        "false_alerts_per_week": round(sum(one.false_alerts for one in found) / weeks, 3),
        "alerts_per_week": round(sum(one.alerts for one in found) / weeks, 3),
        "median_delay_min": statistics.median(delays) if delays else None,
    }


def measure(all_series: Sequence[Series], settings: Settings = DEFAULTS) -> dict[str, object]:
    """Every profile over all series, and the standard profile brand by brand."""
    raised = {series.name: alerts_of(series, settings) for series in all_series}
    result: dict[str, object] = {
        profile: summary((judge(one, raised[one.name], profile) for one in all_series), profile) for profile in PROFILES
    }
    result["brands"] = {one.name: summary([judge(one, raised[one.name], "standard")], "standard") for one in all_series}
    return result


def left_out(all_series: Sequence[Series]) -> dict[str, object]:
    """Leave one brand out: the threshold that is best for the others (the middle of the best three neighbours), scored
    on the one that was left out; and how each threshold does on all, and with each other constant a step away.
    """
    steps = [round(1.0 + 0.1 * step, 1) for step in range(13)]
    by_fire = [
        [
            judge(one, alerts_of(one, replace(DEFAULTS, busy_fire=fire, busy_rearm=fire - 0.5)), "standard")
            for one in all_series
        ]
        for fire in steps
    ]
    scores = [
        [_score(one for n, one in enumerate(row) if n != left) for row in by_fire] for left in range(len(all_series))
    ]
    middle = range(1, len(steps) - 1)
    smooth = [[sum(row[at - 1 : at + 2]) for at in middle] for row in scores]
    chosen = [middle[row.index(max(row))] for row in smooth]
    around = {
        f"{name} {value}": _score(
            judge(one, alerts_of(one, replace(DEFAULTS, **{name: value})), "standard") for one in all_series
        )
        for name, value in AROUND
    }
    return {
        "pooled": summary((by_fire[at][left] for left, at in enumerate(chosen)), "standard"),
        "mean": round(statistics.mean(_score([by_fire[at][left]]) for left, at in enumerate(chosen)), 2),
        "chosen": {one.name: steps[at] for one, at in zip(all_series, chosen, strict=True)},
        "by_fire": {str(fire): _score(row) for fire, row in zip(steps, by_fire, strict=True)},
        "around": around,
    }


def _score(outcomes: Iterable[Outcome]) -> float:
    return float(str(summary(outcomes, "standard")["score"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nab", type=Path, required=True, metavar="DIR")
    parser.add_argument("--fire", type=float, default=DEFAULTS.busy_fire, help="another threshold than the product's")
    parser.add_argument(
        "--lobo", action="store_true", help="leave one brand out, and look around the constants (2 min)"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    options = parser.parse_args()
    settings = replace(DEFAULTS, busy_fire=options.fire, busy_rearm=options.fire - 0.5)
    all_series = read(options.nab)
    result = {"fire": options.fire, **measure(all_series, settings), "machine": machine()}
    if options.lobo:
        result["left_out"] = left_out(all_series)
    if options.json:
        print(json.dumps(result, indent=1))
        return
    for profile in PROFILES:
        print(profile, result[profile])


if __name__ == "__main__":
    main()
