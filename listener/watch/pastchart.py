"""The picture of a replay: voices by the day, and under them a lane of alerts for each sensitivity, as PNG bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from listener.records import Severity

WIDTH, HEIGHT, LANE = 900, 220, 34  # pixels of CSS; LANE is added for each
_INK, _BAR, _RULE, _TEXT = "#1b1f24", "#9fb4cf", "#e3e7ec", "#4d5763"
_MARKS: dict[Severity, tuple[str, int]] = {"low": ("#8a94a0", 30), "medium": ("#c77700", 55), "high": ("#b3261e", 90)}
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # it comes with matplotlib: the same on every machine
    "font.size": 10,
    "axes.edgecolor": _RULE,
    "xtick.color": _TEXT,
    "ytick.color": _INK,
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of marks: (when, how severe). The larger the mark, the more severe."""

    name: str
    marks: tuple[tuple[datetime, Severity], ...]


def past_chart(
    days: Sequence[tuple[date, int]], lanes: Sequence[Lane], since: datetime, until: datetime, zone: ZoneInfo
) -> bytes:
    """Draw it, in the days of `zone`; the same numbers give the same bytes.

    Args:
        days: (day, different voices), days without any left out.
        lanes: from top to bottom.

    Raises:
        ValueError: `since` is not before `until`.
    """
    if since >= until:
        raise ValueError("a chart needs a span")
    high = HEIGHT + LANE * len(lanes)
    with rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH / 100, high / 100), dpi=200, facecolor="white")
        FigureCanvasAgg(figure)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(HEIGHT - 60, LANE * len(lanes) or 1))
        first = since.astimezone(zone).date()
        upper.bar([(day - first).days + 0.5 for day, _ in days], [count for _, count in days], width=0.86, color=_BAR)
        upper.set_ylabel("voices a day", color=_TEXT)
        upper.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        upper.grid(axis="y", color=_RULE, lw=0.6)
        upper.set_axisbelow(True)
        for line, lane in enumerate(lanes):
            lower.axhline(line, color=_RULE, lw=0.8, zorder=0)
            for when, severity in lane.marks:
                color, size = _MARKS[severity]
                place = _days(when.astimezone(zone), first)
                lower.scatter([place], [line], s=size, color=color, marker="v", zorder=2)
                upper.axvline(place, color=color, lw=0.5, alpha=0.5, zorder=0)
        lower.set_yticks(range(len(lanes)), [f"{lane.name} ({len(lane.marks)})" for lane in lanes])
        lower.set_ylim(len(lanes) - 0.4, -0.6)
        end = _days(until.astimezone(zone), first)
        upper.set_xlim(_days(since.astimezone(zone), first), end)
        step = next((step for step in (1, 2, 7, 14, 28, 91) if end / step <= 14), 364)
        shown = range(0, int(end) + 1, step)
        lower.set_xticks(shown, [_named(first + timedelta(days=day), first if day else None) for day in shown])
        for axes in (upper, lower):
            for side in ("top", "right", "left"):
                axes.spines[side].set_visible(False)
            axes.tick_params(length=0)
        figure.tight_layout()
        out = BytesIO()
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _days(at: datetime, first: date) -> float:
    """Days since the midnight that began `first`, by the wall clock."""
    return (at.replace(tzinfo=None) - datetime.combine(first, time())) / timedelta(days=1)


def _named(day: date, first: date | None) -> str:
    """3/14; with its year at the beginning (`first` is None), and wherever that is another."""
    return f"{day.month}/{day.day}" if first and day.year == first.year else f"{day.year}/{day.month}/{day.day}"
