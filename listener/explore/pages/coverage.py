"""The coverage calendar: which source was heard in how many hours of which day, and why not in the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from datasette.utils.asgi import Response

from listener.explore.pages.common import last_day, span_in
from listener.explore.sheet import Sheet
from listener.explore.site import Site
from listener.explore.speech import Speech
from listener.store import browse_watch
from listener.store.browsed import CoverDay, SourceNow

USUAL = 28  # days
HOURS = 24
STATES = ("robots", "blocked", "late", "unreadable", "gone", "config")
COLUMNS = ("source", "day", "hours_heard", *(f"hours_{state}" for state in STATES), "visits", "posts_read", "posts_new")


@dataclass(frozen=True, slots=True)
class Row:
    """A source, its cells as (class, what stands in it, what is told of it), and its hours heard in all of them."""

    source: SourceNow
    cells: tuple[tuple[str, str, str], ...]
    heard: int


async def coverage(site: Site, request: Any) -> Response:
    """The page."""
    since, until = span_in(request, await last_day(site), USUAL)
    found = await _days(site, since, until)
    sources = await site.read(browse_watch.sources)
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    by_place: Mapping[tuple[str, date], CoverDay] = {(one.source, one.day): one for one in found}
    say = site.speech(request)
    names = {day: say.short_day(day) for day in days}
    table = []
    for source in sources:
        mine = [by_place.get((source.source, day)) for day in days]
        if source.active or any(mine):
            row = tuple(
                (shade(day), "" if day is None or day.heard >= HOURS else str(day.heard), told(say, day, names))
                for day in mine
            )
            table.append(Row(source, row, sum(day.heard for day in mine if day)))
    table.sort(key=lambda row: (row.source.state in ("heard", "empty"), row.heard, row.source.source))
    return site.page(
        request, "coverage.html", "coverage", table=table, days=days, since=since, until=until, say=say,
        silent=[row for row in table if row.source.active and row.source.state not in ("heard", "empty", "new")],
    )  # fmt: skip


def shade(day: CoverDay | None) -> str:
    """The class of a cell: h0 nothing heard … h4 the whole day, "" no visit at all."""
    if day is None:
        return ""
    return f"h{(day.heard * 4 + HOURS - 1) // HOURS if day.heard < HOURS else 4}"


def told(say: Speech, day: CoverDay | None, names: Mapping[date, str]) -> str:
    """A sentence on a cell that is not simply whole; `names` of the days, for there are thousands of cells."""
    if day is None or day.heard >= HOURS:
        return ""
    text = say("coverage.cell", day=names[day.day], heard=day.heard, posts=day.posts, new=day.new)
    why = worst(day)
    return f"{text}, {say(f'source.{why}')}" if why else text


def worst(day: CoverDay | None) -> str:
    """What most of its deaf hours came to, "" without one."""
    blind = {state: hours for state, hours in day.blind.items() if hours} if day else {}
    return max(blind, key=lambda state: blind[state]) if blind else ""


async def rows(site: Site, request: Any) -> Response:
    """The calendar as a file."""
    since, until = span_in(request, await last_day(site), USUAL)
    lines = [
        (one.source, one.day, one.heard, *(one.blind.get(state, 0) for state in STATES), one.visits, one.posts, one.new)
        for one in await _days(site, since, until)
    ]
    return Sheet(f"coverage-{since}-{until}", COLUMNS, lines).answer(request.url_vars["form"])


async def _days(site: Site, since: date, until: date) -> tuple[CoverDay, ...]:
    found: tuple[CoverDay, ...] = await site.read(lambda conn: browse_watch.coverage(conn, since, until))
    return found
