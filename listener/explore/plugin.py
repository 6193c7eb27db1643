"""What Datasette asks us: our routes, who is signed in may do what, and what its SQL page may read.

Datasette's plugins belong to the process, not to one Datasette, so each hook asks whether that one is ours.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from datasette.utils.asgi import Base400, Forbidden, NotFound, Response
from datasette.views.base import DatasetteError
from pluggy import HookimplMarker

from listener.errors import ListenerError
from listener.explore import sql
from listener.explore.routes import routes
from listener.explore.show import query
from listener.explore.site import TRIAGE, Site, here
from listener.store.canned import canned

log = structlog.get_logger()
hookimpl = HookimplMarker("datasette")

SITES: "WeakKeyDictionary[Any, Site]" = WeakKeyDictionary()


@hookimpl
def register_routes(datasette: Any) -> list[tuple[str, Callable[..., Any]]]:
    return routes(SITES[datasette]) if datasette in SITES else []


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    site = SITES.get(datasette)
    if site is not None and database == site.database:
        sql.protect(conn, site.readable, site.views)


@hookimpl
def permission_allowed(datasette: Any, actor: Mapping[str, Any] | None, action: str, resource: Any) -> bool | None:
    """Everybody reads (only who is signed in, if the site is private); who is signed in writes."""
    site = SITES.get(datasette)
    if site is None:
        return None
    if action == TRIAGE:
        return actor is not None
    if site.private and actor is None:
        return False
    if action == "view-instance":
        return True
    if action in ("view-database", "execute-sql"):
        return bool(resource == site.database)
    if action == "view-table":
        return resource[0] == site.database and resource[1] in site.views
    if action == "view-query":
        return bool(resource[0] == site.database)
    return False


@hookimpl
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, Any]]:
    site = SITES.get(datasette)
    if site is None or database != site.database:
        return {}
    return {one.name: {"sql": one.sql, "title": one.title, "description": one.about} for one in canned()}


@hookimpl
def extra_template_vars(datasette: Any, request: Any, table: str | None) -> dict[str, Any]:
    """What base.html asks for, on Datasette's own pages."""
    site = SITES.get(datasette)
    if site is None or request is None:
        return {}
    say = site.speech(request)
    return {
        "frame": site.frame(request, "store", say=say),
        "say": say,
        "shipped": {one.name: one for one in canned()},
        "here": here(request),
    }


@hookimpl(tryfirst=True)
def forbidden(datasette: Any, request: Any, message: str) -> Response | None:
    site = SITES.get(datasette)
    return None if site is None else refuse(site, request, message)


def refuse(site: Site, request: Any, action: str) -> Response:
    """To the door, if who comes back signed in may do it; else: no."""
    if request.actor is None and request.method == "GET" and (site.private or action == TRIAGE):
        return Response.redirect(f"/-/sign-in{query({'next': here(request)})}")
    say = site.speech(request)
    return told(site, request, 403, say("trouble.forbidden"))


@hookimpl(tryfirst=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Response | None:
    """Every failure as a page that says what to do; Datasette's own handler would print what was being read."""
    site = SITES.get(datasette)
    if site is None:
        return None
    say = site.speech(request)
    if isinstance(exception, NotFound):
        return told(site, request, 404, say("trouble.not_found"))
    if isinstance(exception, Forbidden):
        return refuse(site, request, str(exception.args[0]))
    if isinstance(exception, Base400):
        return told(site, request, exception.status, str(exception.args[0]))
    if isinstance(exception, DatasetteError):
        # the only one with markup in it is told of a query that took too long
        slow = say("trouble.slow") if exception.message_is_html else str(exception.message)
        return told(site, request, exception.status, slow)
    if isinstance(exception, ListenerError):
        return told(site, request, 400, str(exception))
    log.error("explore_page_broke", path=request.path, error=f"{type(exception).__name__}: {exception}"[:300])
    return told(site, request, 500, say("trouble.ours"))


def told(site: Site, request: Any, status: int, text: str) -> Response:
    """One sentence as a page, or as JSON where that was asked for."""
    if request.path.endswith(".json"):
        body = json.dumps({"ok": False, "error": text, "status": status}, ensure_ascii=False)
        return Response(body, status=status, content_type="application/json; charset=utf-8")
    return site.page(request, "trouble.html", "", text=text, status=status)
