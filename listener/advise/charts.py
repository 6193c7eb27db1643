"""The pictures of a digest, as PNG bytes: the same numbers give the same bytes.

No words in them, only days, figures and LU, so that one picture serves both languages and needs no Han font; the
caption stands beside it. Drawn at twice the size they are shown at. Readable in grey: withdrawals are hatched, the day
itself is darker, the expected band is a plain grey.
"""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from listener.advise.model import Account, VoiceDay

WIDTH = 592  # CSS pixels
HEIGHT = 220
TOPIC_ROW, TOPIC_FOOT = 42, 26  # of topics_chart: a topic's row, and the dates under the last one
_INK, _MUTED, _RULE = "#1c2430", "#56606e", "#dde2e8"
_DEPOSIT, _WITHDRAWAL, _LINE, _BAND = "#3f8f63", "#d98c86", "#1c2430", "#d3d9e0"
_BAR, _BAR_TODAY = "#7f9cbf", "#1f4e85"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # it comes with matplotlib: the same on every machine
    "font.size": 10.5,
    "axes.edgecolor": _RULE,
    "axes.labelcolor": _MUTED,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": True,
    "path.simplify": False,
}


def balance_chart(account: Account) -> bytes:
    """Deposits up, withdrawals down, the balance as a line with its last value."""
    days = account.days
    with rc_context(_STYLE):
        figure, axes = _canvas()
        x = range(len(days))
        axes.bar(x, [day.deposits for day in days], color=_DEPOSIT, width=0.72)
        axes.bar(
            x, [day.withdrawals for day in days], color=_WITHDRAWAL, width=0.72, hatch="////", edgecolor="#a8201a", lw=0
        )
        balances = [day.balance for day in days]
        axes.plot(x, balances, color=_LINE, lw=1.8, solid_capstyle="round", marker="o" if len(days) == 1 else "")
        axes.plot(x[-1], balances[-1], color=_LINE, marker="o", ms=4.5)
        axes.axhline(0, color=_MUTED, lw=0.8)
        _last(axes, x[-1], balances[-1], f"{balances[-1]:+.0f}".replace("-", "−"))
        _finish(axes, [day.day for day in days])
        return _png(figure)


def voices_chart(days: Sequence[VoiceDay]) -> bytes:
    """Voices a day before the band that was to be expected."""
    with rc_context(_STYLE):
        figure, axes = _canvas()
        x = range(len(days))
        for n, day in enumerate(days):
            if day.usual:
                low, high = day.usual.low, day.usual.high
                axes.bar(n, max(high - low, 0.15), bottom=low, width=1.0, color=_BAND, lw=0)
                axes.plot([n - 0.5, n + 0.5], [day.usual.mid] * 2, color="#98a3b0", lw=1)
        colours = [_BAR] * (len(days) - 1) + [_BAR_TODAY]
        axes.bar(x, [day.voices for day in days], color=colours, width=0.44)
        _last(axes, x[-1], days[-1].voices, str(days[-1].voices))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.set_ylim(bottom=0)
        _finish(axes, [day.day for day in days])
        return _png(figure)


def topics_chart(days: Sequence[date], lines: Sequence[Sequence[int]]) -> bytes:
    """Complaints by day: a row of bars for each topic, marked A, B, …, each on its own scale, its last value beside it.

    Args:
        lines: voices, one row for each topic, as long as `days`; at least one row.
    """
    with rc_context(_STYLE):
        height = TOPIC_ROW * len(lines) + TOPIC_FOOT
        figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=200, facecolor="white")
        FigureCanvasAgg(figure)
        for n, line in enumerate(lines):
            bottom = TOPIC_FOOT + TOPIC_ROW * (len(lines) - 1 - n)
            axes = figure.add_axes((0.085, bottom / height, 0.825, (TOPIC_ROW - 8) / height))
            axes.bar(range(len(days)), line, color=[_BAR] * (len(line) - 1) + [_BAR_TODAY], width=0.72)
            axes.set_ylim(0, max(*line, 1))
            _last(axes, len(days) - 1, 0.35 * max(*line, 1), str(line[-1]))
            _finish(axes, days)
            axes.grid(visible=False)
            axes.set_yticks([0.5 * max(*line, 1)], [chr(ord("A") + n)])
            if n < len(lines) - 1:
                axes.set_xticklabels([])
        return _png(figure)


def _canvas() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=200, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.085, 0.13, 0.825, 0.82))
    axes.set_facecolor("white")
    return figure, axes


def _last(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), (8, 0), textcoords="offset points", va="center", color=_INK, weight="bold", size=13,
                  annotation_clip=False)  # fmt: skip


def _finish(axes: Axes, days: Sequence[date]) -> None:
    """Light frame, and a date under every seventh day counted back from the last; under each of a few."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color=_RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    last = len(days) - 1
    ticks = list(range(last, -1, -7 if last > 11 else -1))[::-1]
    axes.set_xticks(ticks, [f"{days[n].month}/{days[n].day}" for n in ticks])
    axes.set_xlim(-0.6, max(last, 6) + 0.6)


def _png(figure: Figure) -> bytes:
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
