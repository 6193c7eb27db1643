"""What pages read out of an address: a brand, a day, a span of days."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from datasette.utils.asgi import NotFound

from listener.config import Brand
from listener.errors import ListenerError
from listener.explore.site import Site
from listener.store import browse, browse_watch

T = TypeVar("T")

LONGEST = 400  # days that one page looks at
RESTING = timedelta(days=2)  # nothing was heard for so long: nobody gathers into this store now


def brand_of(site: Site, request: Any) -> Brand:
    """The brand in the address.

    Raises:
        NotFound: the config has none of that name.
    """
    for brand in site.config.brands:
        if brand.id == request.url_vars["brand"]:
            return brand
    raise NotFound("brand")


def day_in(request: Any, name: str) -> date | None:
    """A day in the query string; None if there is none.

    Raises:
        ListenerError: it is no day.
    """
    return as_day(str(request.args.get(name) or "").strip())


def as_day(text: str) -> date | None:
    """As day_in, for a text."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ListenerError(f"{text[:40]!r} is no day; write one like 2026-03-21") from None
    if not 1980 <= day.year <= 9000:
        raise ListenerError(f"{text[:40]!r} is no day that anybody wrote on")
    return day


def span_in(request: Any, last: date, usual: int) -> tuple[date, date]:
    """(since, until) of the query string, both included; without them the `usual` days up to `last`.

    Raises:
        ListenerError: one is no day, or they are the wrong way round or too far apart.
    """
    until = day_in(request, "until") or last
    since = day_in(request, "since") or until - timedelta(days=usual - 1)
    if since > until:
        raise ListenerError(f"{since} is after {until}")
    if (until - since).days >= LONGEST:
        raise ListenerError(f"{since} to {until} is more than {LONGEST} days; ask for less")
    return since, until


async def last_day(site: Site, brand: Brand | None = None) -> date:
    """Today, as long as anything is heard; of a store that rests (an old one, a demo) the newest day with talk."""
    zone = brand.zone if brand else site.zone
    now = site.now()
    heard = await site.read(browse_watch.last_heard)
    if heard is None or now - heard < RESTING:
        return now.astimezone(zone).date()
    newest = heard.astimezone(zone).date()
    spoken = [browsed for one in ([brand] if brand else site.config.brands) if (browsed := await _days(site, one))]
    return min(newest, max((last for _, last in spoken), default=newest))


async def _days(site: Site, brand: Brand) -> tuple[date, date] | None:
    return await site.read(lambda conn: browse.days(conn, brand.id))


async def walk(page: Callable[[str], Awaitable[tuple[Sequence[T], str]]], most: int) -> list[T]:
    """What a list holds, page by page, up to `most`; `page(cursor)` returns the rows and the next page's cursor."""
    found: list[T] = []
    cursor = ""
    while True:
        rows, cursor = await page(cursor)
        found.extend(rows)
        if not cursor or len(found) >= most:
            return found[:most]


def cursor_in(request: Any) -> str:
    """Where the page before ended; "" on the first."""
    return str(request.args.get("older") or "")[:80]
