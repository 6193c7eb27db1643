"""The Love Bank: the balance and its days, touchpoints, relationships at risk; and the entries behind every number."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from datasette.utils.asgi import Response

from listener.config import Brand
from listener.errors import ListenerError
from listener.explore import pictures
from listener.explore.pages.common import brand_of, cursor_in, day_in, last_day, span_in, walk
from listener.explore.sheet import Sheet
from listener.explore.site import Site
from listener.store import browse_bank
from listener.store.browsed import Ask, BankDay, Book, EntryRow, Relationship, TouchpointLine

USUAL = 30  # days
AT_RISK_DAYS = 90  # a relationship that has been silent for longer is past saving here
MOST_ROWS = 5000
SIDES = {"in": 1, "out": -1}


async def bank(site: Site, request: Any) -> Response:
    """The page."""
    brand, since, until = await _asked(site, request)
    days = await _balance(site, brand, since, until)
    points: Sequence[TouchpointLine] = await site.read(
        lambda conn: browse_bank.touchpoints(conn, brand.id, since, until)
    )
    risk = await _risk(site, brand, until, 25)
    return site.page(
        request,
        "bank.html",
        "bank",
        brand.id,
        say=site.speech(request, brand),
        brand=brand,
        since=since,
        until=until,
        days=days,
        points=points,
        risk=risk,
        risk_since=until - timedelta(days=AT_RISK_DAYS),
        deposits=sum(day.deposits for day in days),
        withdrawals=sum(day.withdrawals for day in days),
        spans=[(n, until - timedelta(days=n - 1)) for n in (7, 30, 90, 365)],
    )


async def picture(site: Site, request: Any) -> Response:
    """The balance with what came in and went out, PNG at twice its size."""
    brand, since, until = await _asked(site, request)
    days = await _balance(site, brand, since, until)
    return Response(await pictures.drawn(pictures.balance, days), content_type="image/png")


async def rows(site: Site, request: Any) -> Response:
    """The rows of one part of the page."""
    brand, since, until = await _asked(site, request)
    part, form = request.url_vars["part"], request.url_vars["form"]
    name = f"{brand.id}-{part}-{since}-{until}"
    if part == "balance":
        columns: tuple[str, ...] = ("day", "deposits_lu", "withdrawals_lu", "balance_lu", "running_lu")
        days = await _balance(site, brand, since, until)
        lines: list[tuple[Any, ...]] = [
            (one.day, one.deposits, one.withdrawals, one.balance, one.running) for one in days
        ]
    elif part == "touchpoints":
        columns = ("touchpoint", "deposits_lu", "withdrawals_lu", "entries", "voices")
        points = await site.read(lambda conn: browse_bank.touchpoints(conn, brand.id, since, until))
        lines = [(one.touchpoint, one.deposits, one.withdrawals, one.entries, one.voices) for one in points]
    else:
        columns = (
            "voice", "platform", "first_day", "last_day", "posts", "deposits", "withdrawals", "balance_lu", "worst_lu",
            "at_risk_reason", "newest_post",
        )  # fmt: skip
        lines = [
            (
                one.voice, one.platform, one.first_day, one.last_day, one.posts, one.deposits, one.withdrawals,
                one.balance, one.worst, one.reasons, one.url,
            )
            for one in await _risk(site, brand, until, MOST_ROWS)
        ]  # fmt: skip
    return Sheet(name, columns, lines).answer(form)


async def entries(site: Site, request: Any) -> Response:
    """The entries behind a number."""
    brand, asked = _ask(site, request)
    before = cursor_in(request)
    book: Book = await site.read(lambda conn: browse_bank.entries(conn, asked, before))
    return site.page(
        request,
        "entries.html",
        "bank",
        brand.id,
        say=site.speech(request, brand),
        brand=brand,
        asked=asked,
        book=book,
        given=_given(request),
        topic_names={topic.id: topic.label for topic in site.config.topics},
        voice=await site.read(lambda conn: browse_bank.relationship(conn, brand.id, asked.voice))
        if asked.voice
        else None,
    )


async def entry_rows(site: Site, request: Any) -> Response:
    """The same as a file, its newest MOST_ROWS."""
    brand, asked = _ask(site, request)

    async def page(older: str) -> tuple[Sequence[EntryRow], str]:
        part = await site.read(partial(browse_bank.entries, asked=asked, before=older, limit=500))
        return part.entries, part.older

    found = await walk(page, MOST_ROWS)
    columns = ("day", "amount_lu", "touchpoint", "reason", "voice", "at", "link", "thread_title", "text", "post_key")
    lines = [
        (
            row.entry.day, row.entry.amount, row.entry.touchpoint, row.entry.reason, row.entry.voice, row.at, row.url,
            row.thread_title, row.text, row.entry.post_key,
        )
        for row in found
    ]  # fmt: skip
    return Sheet(f"{brand.id}-entries", columns, lines).answer(request.url_vars["form"])


async def _asked(site: Site, request: Any) -> tuple[Brand, date, date]:
    brand = brand_of(site, request)
    since, until = span_in(request, await last_day(site, brand), USUAL)
    return brand, since, until


async def _balance(site: Site, brand: Brand, since: date, until: date) -> tuple[BankDay, ...]:
    found: tuple[BankDay, ...] = await site.read(lambda conn: browse_bank.balance(conn, brand.id, since, until))
    return found


async def _risk(site: Site, brand: Brand, until: date, limit: int) -> Sequence[Relationship]:
    since = until - timedelta(days=AT_RISK_DAYS)
    return await site.read(lambda conn: browse_bank.at_risk(conn, brand.id, since, limit))


def _given(request: Any) -> dict[str, str]:
    names = ("since", "until", "touchpoint", "reason", "voice", "side")
    return {name: request.args.get(name) or "" for name in names if name in request.args}


def _ask(site: Site, request: Any) -> tuple[Brand, Ask]:
    brand = brand_of(site, request)
    side = request.args.get("side") or ""
    if side and side not in SIDES:
        raise ListenerError(f"side {side[:20]!r} is neither in nor out")
    return brand, Ask(
        brand=brand.id,
        since=day_in(request, "since"),
        until=day_in(request, "until"),
        touchpoint=request.args.get("touchpoint"),
        reason=request.args.get("reason"),
        voice=(request.args.get("voice") or "")[:16],
        side=SIDES.get(side, 0),
    )
