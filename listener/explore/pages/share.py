"""Share of voice: whom people spoke about, by day, week or month."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any, Literal

from datasette.utils.asgi import Response

from listener.errors import ListenerError
from listener.explore import pictures
from listener.explore.pages.common import last_day, span_in
from listener.explore.sheet import Sheet
from listener.explore.site import Site
from listener.store import browse_watch
from listener.store.browsed import ShareLine

Span = Literal["day", "week", "month"]
SPANS: dict[str, Span] = {"day": "day", "week": "week", "month": "month"}
USUAL: dict[Span, int] = {"day": 28, "week": 91, "month": 365}


async def share(site: Site, request: Any) -> Response:
    """The page."""
    span, since, until = await _asked(site, request)
    lines = await _lines(site, span, since, until)
    firsts = sorted({one.first for one in lines}, reverse=True)
    brands = _by_size(lines)
    return site.page(
        request, "share.html", "share", lines={(one.first, one.brand): one for one in lines}, firsts=firsts,
        shown=brands, ends={first: min(until, _end(first, span)) for first in firsts}, span=span,
        spans=tuple(SPANS), since=since, until=until,
    )  # fmt: skip


def _end(first: date, span: Span) -> date:
    """The last day of the span that begins on `first`."""
    if span == "month":
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first + timedelta(days=6 if span == "week" else 0)


async def picture(site: Site, request: Any) -> Response:
    """The shares as a chart, PNG at twice its size."""
    span, since, until = await _asked(site, request)
    lines = await _lines(site, span, since, until)
    return Response(await pictures.drawn(pictures.shares, lines, _by_size(lines)), content_type="image/png")


async def rows(site: Site, request: Any) -> Response:
    """What the chart is drawn from."""
    span, since, until = await _asked(site, request)
    lines = [(one.first, one.brand, one.voices, one.share) for one in await _lines(site, span, since, until)]
    name = f"share-of-voice-{span}-{since}-{until}"
    return Sheet(name, (f"{span}_from", "brand", "voices", "share"), lines).answer(request.url_vars["form"])


def _by_size(lines: tuple[ShareLine, ...]) -> tuple[str, ...]:
    """The brands, most voices first."""
    voices: dict[str, int] = {}
    for one in lines:
        voices[one.brand] = voices.get(one.brand, 0) + one.voices
    return tuple(sorted(voices, key=lambda brand: (-voices[brand], brand)))


async def _asked(site: Site, request: Any) -> tuple[Span, date, date]:
    span = SPANS.get(request.args.get("span") or "week")
    if span is None:
        raise ListenerError("shares are told by day, week or month")
    since, until = span_in(request, await last_day(site), USUAL[span])
    return span, since, until


async def _lines(site: Site, span: Span, since: date, until: date) -> tuple[ShareLine, ...]:
    found: tuple[ShareLine, ...] = await site.read(lambda conn: browse_watch.shares(conn, since, until, span))
    return found
