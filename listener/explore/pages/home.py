"""The first page: how each brand stands."""

from dataclasses import dataclass
from datetime import date, timedelta
from sqlite3 import Connection
from typing import Any

from datasette.utils.asgi import Response

from listener.config import Brand
from listener.explore.pages.common import last_day
from listener.explore.site import Site
from listener.store import browse_bank, browse_watch, triage
from listener.store.browsed import AlertLife, BankDay, DayLine

WEEK = 7


@dataclass(frozen=True, slots=True)
class Standing:
    """A brand in a few figures. `today` is None on a day without talk; `week` are the days before it."""

    brand: Brand
    day: date
    today: DayLine | None
    week: tuple[DayLine, ...]
    bank: tuple[BankDay, ...]
    alerts: tuple[AlertLife, ...]

    @property
    def usual(self) -> float:
        """Voices a day in the week before."""
        return sum(one.voices for one in self.week) / WEEK

    @property
    def change(self) -> float | None:
        """Of the balance since the day before; None at first."""
        return self.bank[-1].balance - self.bank[-2].balance if len(self.bank) > 1 else None


async def home(site: Site, request: Any) -> Response:
    """All brands; with one only, its day."""
    if len(site.config.brands) == 1:
        return Response.redirect(f"/today/{site.config.brands[0].id}")
    days = {brand.id: await last_day(site, brand) for brand in site.config.brands}

    def ask(conn: Connection) -> list[Standing]:
        found = []
        for brand in site.config.brands:
            day = days[brand.id]
            lines = browse_watch.day_lines(conn, brand.id, day - timedelta(days=WEEK), day)
            found.append(
                Standing(
                    brand,
                    day,
                    next((one for one in lines if one.day == day), None),
                    tuple(one for one in lines if one.day < day),
                    browse_bank.balance(conn, brand.id, day - timedelta(days=1), day),
                    browse_watch.alerts(conn, brand.id, open_only=True).alerts,
                )
            )
        return found

    standings = await site.read(ask)
    open_work = await site.read(lambda conn: triage.lines(conn, statuses=("open", "in hand"), limit=5))
    return site.page(request, "home.html", "home", standings=standings, work=open_work)
