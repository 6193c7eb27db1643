"""The picture of an alert: voices by the hour before the band that ordinary hours stay within, as PNG bytes.

The same numbers give the same bytes. No words in it, only days, hours and figures, so that it serves both languages and
needs no Han font. Drawn at twice the size it is shown at; what matters is told by lightness and form, not by colour.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from listener.watch.baseline import surprise
from listener.watch.story import Story

WIDTH, HEIGHT = 400, 170  # CSS pixels
ORDINARY = 1.30103  # −log10(1/20): nineteen ordinary hours in twenty stay within the band
_INK, _BAND, _BAR, _RULE, _TEXT = "#1b1f24", "#d5dae0", "#2b5b94", "#e3e7ec", "#4d5763"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # it comes with matplotlib: the same on every machine
    "font.size": 11,
    "axes.edgecolor": _RULE,
    "xtick.color": _TEXT,
    "ytick.color": _TEXT,
    "hatch.linewidth": 0.5,
    "hatch.color": "#aab2bc",
}


def band(expected_h: float) -> int:
    """Most voices of an ordinary hour, when so many are expected in one.

    The smallest n with P(more than n) < 1/20; negative binomial with a variance of twice the mean, which is what the
    quiet brands' baseline assumes while it knows nothing better. 0 where nothing is expected.
    """
    if expected_h <= 0:
        return 0
    counts = range(1, 20 + 4 * math.ceil(expected_h))
    return bisect_left(counts, ORDINARY, key=lambda count: surprise(count, expected_h, expected_h))


def alert_chart(story: Story, expected_h: float, opened: datetime, zone: ZoneInfo) -> bytes:
    """Draw it; the dashed line is the moment at which the alert was raised, hatched hours were not heard.

    Raises:
        ValueError: the story has no span.
    """
    if story.since is None or story.until is None:
        raise ValueError("a chart needs a beginning and an end")
    with rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=200, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.075, 0.15, 0.9, 0.76))
        length = max(1.0, _hours(story.until, story.since))
        axes.fill_between([0, length], 0, max(band(expected_h), 0.12), color=_BAND, lw=0, zorder=1)
        for hour in story.deaf:
            at = _hours(hour, story.since)
            axes.axvspan(at, at + 1, facecolor="none", hatch="////", lw=0, zorder=0)
        at_hours = [_hours(hour, story.since) for hour, _ in story.counts.hours]
        voices = [count for _, count in story.counts.hours]
        axes.bar(at_hours, voices, width=0.86, align="edge", color=_BAR, zorder=2)
        raised = _hours(opened, story.since)
        if 0 <= raised <= length:
            axes.axvline(raised, color=_INK, lw=1.1, ls=(0, (3, 2)), zorder=3)
        _label_peak(axes, at_hours, voices)
        _finish(axes, story.since.astimezone(zone), length, max([*voices, band(expected_h), 3]))
        out = BytesIO()
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _hours(at: datetime, since: datetime) -> float:
    return (at - since).total_seconds() / 3600


def _label_peak(axes: Axes, at: Sequence[float], voices: Sequence[int]) -> None:
    if voices:
        top = max(range(len(voices)), key=voices.__getitem__)
        axes.annotate(
            str(voices[top]), (at[top] + 0.43, voices[top]), (0, 3), textcoords="offset points", ha="center",
            va="bottom", color=_INK, weight="bold", size=12, zorder=4,
        )  # fmt: skip


def _finish(axes: Axes, since: datetime, length: float, highest: int) -> None:
    """Light frame; the hour, or from four days on the day, under round hours of the reader's clock."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color=_RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.set_ylim(0, highest * 1.22)
    axes.set_xlim(0, length)
    step = next((step for step in (3, 6, 12, 24, 48) if length / step <= 6), 72)
    ticks, labels = [], []
    for n in range(int(length) + 1):
        at = since + timedelta(hours=n)  # of a day with a clock change one label is an hour off
        if n < length / 24:
            continue  # no room beside the other axis' figures
        if at.hour % min(step, 24) == 0 and (step <= 24 or at.toordinal() % (step // 24) == 0):
            ticks.append(n)
            labels.append(f"{at.month}/{at.day}" if at.hour == 0 else f"{at:%H:%M}")
    axes.set_xticks(ticks, labels)
