"""Which page answers which address."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from datasette.utils.asgi import Forbidden, Response

from listener.explore import door
from listener.explore.pages import alerts, bank, coverage, desk, feed, home, share, tables, thread, today
from listener.explore.site import TRIAGE, Site

Handler: TypeAlias = Callable[[Site, Any], Awaitable[Response]]

BRAND = r"(?P<brand>[a-z0-9-]{1,40})"
DAY = r"(?P<day>\d{4}-\d\d-\d\d)"
ROWS = r"\.(?P<form>csv|json)"

READ: list[tuple[str, Handler]] = [
    (r"/$", home.home),
    (rf"/today/{BRAND}$", today.today),
    (rf"/today/{BRAND}/{DAY}$", today.today),
    (rf"/today/{BRAND}/{DAY}/(?P<picture>balance|voices|topics)\.png$", today.picture),
    (rf"/today/{BRAND}/{DAY}/(?P<picture>balance|voices|topics){ROWS}$", today.rows),
    (r"/mentions$", feed.feed),
    (rf"/mentions{ROWS}$", feed.rows),
    (r"/thread/(?P<number>\d{1,18})$", thread.thread),
    (r"/post$", thread.find),
    (rf"/bank/{BRAND}$", bank.bank),
    (rf"/bank/{BRAND}/balance\.png$", bank.picture),
    (rf"/bank/{BRAND}/(?P<part>balance|touchpoints|risk){ROWS}$", bank.rows),
    (rf"/bank/{BRAND}/entries$", bank.entries),
    (rf"/bank/{BRAND}/entries{ROWS}$", bank.entry_rows),
    (r"/desk$", desk.desk),
    (rf"/desk{ROWS}$", desk.rows),
    (r"/alerts$", alerts.alerts),
    (r"/alerts/(?P<key>[0-9a-f]{16,64})$", alerts.alert),
    (r"/coverage$", coverage.coverage),
    (rf"/coverage{ROWS}$", coverage.rows),
    (r"/share$", share.share),
    (r"/share\.png$", share.picture),
    (rf"/share{ROWS}$", share.rows),
]
WRITE: list[tuple[str, Handler]] = [
    (r"/desk/take-up$", desk.take_up),
    (r"/desk/label$", desk.label),
    (r"/alerts/(?P<key>[0-9a-f]{16,64})/acknowledge$", desk.acknowledge),
]


def routes(site: Site) -> list[tuple[str, Callable[..., Any]]]:
    """(regular expression, view) for Datasette, ours before its own."""
    return [
        (r"/-/sign-in$", _door(site, door.sign_in)),
        (r"/-/sign-out$", _open(site, door.sign_out)),
        (r"/-/language/(?P<language>en|zh-Hant)$", _open(site, door.language)),
        *((pattern, _reads(site, page)) for pattern, page in READ),
        *((pattern, _writes(site, errand)) for pattern, errand in WRITE),
        # Datasette writes its CSV as it stands; ours is safe to open in a spreadsheet
        (rf"/{site.database}\.csv$", _table(site)),
        (rf"/{site.database}/(?P<table>[^/.]+)\.csv$", _table(site)),
    ]


def _door(site: Site, page: Callable[[Site, Any, Any], Awaitable[Response]]) -> Callable[..., Any]:
    async def view(request: Any, datasette: Any) -> Response:
        return await page(site, request, datasette)

    return view


def _open(site: Site, page: Handler) -> Callable[..., Any]:
    async def view(request: Any) -> Response:
        return await page(site, request)

    return view


def _reads(site: Site, page: Handler) -> Callable[..., Any]:
    async def view(request: Any, datasette: Any) -> Response:
        if not await datasette.permission_allowed(request.actor, "view-instance"):
            raise Forbidden("view-instance")
        if request.method == "POST":
            return Response.text("this page is only read", status=405)
        return await page(site, request)

    return view


def _writes(site: Site, errand: Handler) -> Callable[..., Any]:
    """Only by a form of ours (asgi-csrf has looked at its token before), only by who may."""

    async def view(request: Any, datasette: Any) -> Response:
        if request.method != "POST":
            return Response.text("send the form", status=405)
        if not await datasette.permission_allowed(request.actor, TRIAGE):
            raise Forbidden(TRIAGE)
        return await errand(site, request)

    return view


def _table(site: Site) -> Callable[..., Any]:
    async def view(request: Any, datasette: Any) -> Response:
        if not await datasette.permission_allowed(request.actor, "execute-sql", site.database):
            raise Forbidden("execute-sql")
        return await tables.as_csv(site, request, datasette)

    return view
