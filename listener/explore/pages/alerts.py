"""The alerts, and one alert with its whole life: who was told when, who took it up, how it ended."""

from typing import Any

from datasette.utils.asgi import NotFound, Response

from listener.explore.pages.common import cursor_in
from listener.explore.site import Site
from listener.store import browse, browse_watch
from listener.store.browsed import AlertLife, Alerts

EVIDENCE = 12


async def alerts(site: Site, request: Any) -> Response:
    """The page."""
    brand, open_only, before = (
        (request.args.get("brand") or "")[:40],
        request.args.get("open") == "1",
        cursor_in(request),
    )
    found: Alerts = await site.read(lambda conn: browse_watch.alerts(conn, brand, open_only=open_only, before=before))
    return site.page(
        request, "alerts.html", "alerts", brand, found=found, open_only=open_only, chosen=brand, first=not before,
        topic_names={topic.id: topic.label for topic in site.config.topics},
    )  # fmt: skip


async def alert(site: Site, request: Any) -> Response:
    """One alert."""
    key = request.url_vars["key"]
    found: AlertLife | None = await site.read(lambda conn: browse_watch.alert(conn, key))
    if found is None:
        raise NotFound("alert")
    brand = next((one for one in site.config.brands if one.id == found.alert.brand), None)
    keys = found.alert.evidence[:EVIDENCE]
    evidence = await site.read(lambda conn: browse.mentions_of(conn, found.alert.brand, keys))
    return site.page(
        request, "alert.html", "alerts", found.alert.brand, say=site.speech(request, brand), life=found,
        evidence=[row.judged for row in evidence],
        people={person.id: person.name or person.id for person in site.config.people},
        topic_names={topic.id: topic.label for topic in site.config.topics},
    )  # fmt: skip
