"""A brand's day: the digest as it stands now, or stood on any day; its pictures, and the rows behind them."""

from datetime import date, timedelta
from typing import Any

from datasette.utils.asgi import NotFound, Response

from listener.advise.charts import balance_chart, topics_chart, voices_chart
from listener.advise.model import Digest
from listener.advise.tell import tell
from listener.config import Brand
from listener.errors import ListenerError
from listener.explore import pictures
from listener.explore.pages.common import as_day, brand_of, last_day
from listener.explore.sheet import Sheet
from listener.explore.site import Site
from listener.explore.speech import Speech
from listener.report.alerting import redactor
from listener.store import triage
from listener.store.triaged import STATUSES, Target


async def today(site: Site, request: Any) -> Response:
    """The page."""
    brand = brand_of(site, request)
    newest = await last_day(site, brand)
    day = _day(request) or newest
    made = await site.days(brand, day)
    say = site.speech(request, brand)
    if made is None:
        return _being_made(site, request, say, brand, day)
    page, _ = tell(made.digest, say.language, redactor(site.config))
    matters = [Target(brand.id, "matter", card.topic.id) for card in made.digest.cards]
    taken = await site.read(lambda conn: triage.standing(conn, matters))
    # what was said of an earlier matter on the same topic says nothing of this one
    stands = [
        turn if (turn := taken.get(target)) and turn.at >= card.origin.at else None
        for target, card in zip(matters, made.digest.cards, strict=True)
    ]
    return site.page(
        request,
        "today.html",
        "today",
        brand.id,
        say=say,
        page=page,
        digest=made.digest,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < newest else None,
        newest=newest,
        made=made.at,
        cards=list(zip(page.cards, made.digest.cards, stands, strict=True)),
        statuses=STATUSES,
    )


def _being_made(site: Site, request: Any, say: Speech, brand: Brand, day: date) -> Response:
    """A page that asks for itself again, until the digest is there."""
    page = site.page(request, "making.html", "today", brand.id, say=say, brand=brand, day=day)
    page.headers["refresh"] = "1"
    return page


async def _digest(site: Site, request: Any) -> Digest:
    made = await site.days(brand_of(site, request), _asked(request))
    if made is None:  # the page that leads here is shown once it is there
        raise ListenerError("the digest of that day is being made; ask again in a moment")
    return made.digest


async def picture(site: Site, request: Any) -> Response:
    """One of the charts, PNG at twice its size."""
    digest = await _digest(site, request)
    if request.url_vars["picture"] == "balance":
        png = await pictures.drawn(balance_chart, digest.account)
    elif request.url_vars["picture"] == "voices":
        png = await pictures.drawn(voices_chart, digest.voice_days)
    elif digest.topic_days:
        days = [one.day for one in digest.voice_days]
        png = await pictures.drawn(topics_chart, days, [one.voices for one in digest.topic_days])
    else:
        raise NotFound("picture")
    return Response(png, content_type="image/png")


async def rows(site: Site, request: Any) -> Response:
    """What a chart is drawn from."""
    brand, day = brand_of(site, request), _asked(request)
    digest = await _digest(site, request)
    name = request.url_vars["picture"]
    if name == "balance":
        columns: tuple[str, ...] = ("day", "deposits_lu", "withdrawals_lu", "balance_lu")
        lines: list[tuple[Any, ...]] = [
            (one.day, one.deposits, one.withdrawals, round(one.balance, 4)) for one in digest.account.days
        ]
    elif name == "topics":
        columns = ("day", "topic", "voices")
        lines = [
            (day.day, one.topic.id, voices)
            for one in digest.topic_days
            for day, voices in zip(digest.voice_days, one.voices, strict=True)
        ]
    else:
        columns = ("day", "voices", "usual", "usual_low", "usual_high")
        lines = [
            (one.day, one.voices, *((one.usual.mid, one.usual.low, one.usual.high) if one.usual else (None,) * 3))
            for one in digest.voice_days
        ]
    return Sheet(f"{brand.id}-{day}-{name}", columns, lines).answer(request.url_vars["form"])


def _day(request: Any) -> date | None:
    given = request.url_vars.get("day") or request.args.get("day") or ""
    return as_day(given)


def _asked(request: Any) -> date:
    day = _day(request)
    if day is None:
        raise NotFound("day")
    return day
