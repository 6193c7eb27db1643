"""The charts of the pages, drawn as those of the digest are, away from the loop that answers."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from listener.advise.charts import balance_chart
from listener.advise.model import Account, AccountDay
from listener.store.browsed import BankDay, ShareLine

WIDTH, HEIGHT = 740, 260  # CSS pixels
MOST_DAYS = 70  # columns of a chart of days
MOST = 6  # brands with a colour of their own; the others are one
_COLOURS = ("#1f4e85", "#d08b2f", "#3f8f63", "#8b6bb0", "#c0605a", "#5d8fa8", "#9aa3ad")
_HATCHES = ("", "//", "..", "\\\\", "xx", "--", "")  # readable in grey


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "explore-draw")  # matplotlib's settings belong to the process: one at a time


async def drawn(draw: Callable[..., bytes], *given: Any) -> bytes:
    """`draw(*given)` in the thread that draws."""
    return await asyncio.get_running_loop().run_in_executor(_pool(), draw, *given)


def balance(days: Sequence[BankDay]) -> bytes:
    """The balance with deposits and withdrawals; an empty frame without days."""
    if not days:
        return _empty()
    account = tuple(AccountDay(day.day, day.deposits, day.withdrawals, day.balance) for day in _thinned(days))
    return balance_chart(Account(account, before=None, month_ago=None, usual_net=None))


def _thinned(days: Sequence[BankDay]) -> Sequence[BankDay]:
    """A long time by weeks that end on the last day: what came in and went out in them, and how they ended."""
    if len(days) <= MOST_DAYS:
        return days
    weeks = [days[max(0, end - 7) : end] for end in range(len(days), 0, -7)][::-1]
    return [
        replace(week[-1], deposits=sum(day.deposits for day in week), withdrawals=sum(day.withdrawals for day in week))
        for week in weeks
    ]


def shares(lines: Sequence[ShareLine], brands: Sequence[str]) -> bytes:
    """Shares of voice, one column a span of days, the largest brand at the bottom. No words but brands' ids: what is
    beyond MOST brands is one grey part."""
    firsts = sorted({one.first for one in lines})
    if not firsts:
        return _empty()
    named = list(brands[:MOST])
    share = {(one.first, one.brand): one.share for one in lines}
    figure, axes = _canvas()
    bottom = [0.0] * len(firsts)
    rest = [1.0 if any(one.first == first for one in lines) else 0.0 for first in firsts]
    for n, brand in enumerate([*named, ""]):
        heights = [share.get((first, brand), 0.0) for first in firsts] if brand else [
            max(0.0, whole - low) for whole, low in zip(rest, bottom, strict=True)
        ]  # fmt: skip
        if brand or len(brands) > MOST:
            axes.bar(
                range(len(firsts)), heights, bottom=bottom, width=0.82, color=_COLOURS[n], hatch=_HATCHES[n],
                edgecolor="white", lw=0.4, label=brand or "…",
            )  # fmt: skip
            bottom = [low + high for low, high in zip(bottom, heights, strict=True)]
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
    step = max(1, len(firsts) // 9)
    ticks = list(range(len(firsts) - 1, -1, -step))[::-1]
    axes.set_xticks(ticks, [f"{firsts[n].month}/{firsts[n].day}" for n in ticks])
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9, reverse=True)
    return _png(figure)


def _empty() -> bytes:
    figure, axes = _canvas()
    axes.set_xticks([])
    axes.set_yticks([])
    return _png(figure)


def _canvas() -> tuple[Figure, Any]:
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=200, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.07, 0.12, 0.74, 0.84))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=9, colors="#56606e")
    return figure, axes


def _png(figure: Figure) -> bytes:
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
