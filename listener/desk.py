"""The store opened for reports of longer times, of several brands, and as PDF: quick, for nothing of what gathers and
judges is loaded. The same methods are the house's work when the service runs.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import structlog

from listener.advise.redact import redact
from listener.advise.span.period import Period, period_of
from listener.advise.span.render import pictures_of, render_span
from listener.clock import Clock, SystemClock
from listener.config import Brand, Config, Person, load
from listener.intake.mutes import unapplied
from listener.records import Attachment
from listener.report import periods, portfolios
from listener.store.protocol import Removed, Store
from listener.store.sqlite import open_store

log = structlog.get_logger()


@dataclass(frozen=True)
class Desk:
    """Made by `open_desk`, or around an open house's parts."""

    config: Config
    store: Store
    clock: Clock

    def period(
        self, brand: Brand, period: Period, *, mail: bool = True, late: bool = False, again: bool = False
    ) -> bool:
        """Make a brand's digest of a week or a month and queue it for its readers, once. False if it stood already."""
        now = self.clock.now()
        return periods.make_period(
            self.store, self.config, brand, period, now, mail=mail, late=late, again=again
        )  # fmt: skip

    def period_page(self, brand: Brand, period: Period, language: str) -> str:
        """A brand's digest of a week or a month, as it stands now, as one HTML page with its charts inside."""
        digest = periods.period_digest(self.store, self.config, brand, period, self.clock.now())
        pictures = pictures_of(digest)
        page = render_span(digest, language, redact if self.config.main.privacy.redact else str, pictures)
        return with_pictures(page.html, page.attachments)

    def portfolio(
        self, brands: Sequence[Brand], kind: str, day: date, language: str, person: Person | None = None
    ) -> portfolios.Portfolio:
        """Several brands on one page (a reader's, if one is given), of the periods of this kind that hold `day`."""
        return portfolios.make_portfolio(
            self.store, self.config, brands, kind, day, language, self.clock.now(), person
        )  # fmt: skip

    def mail_portfolio(self, person: Person, kind: str, day: date) -> bool:
        """Queue a reader's portfolio, once; False if it was queued before."""
        return portfolios.mail_portfolio(self.store, self.config, person, kind, day, self.clock.now())

    def due(self) -> int:
        """Make everything of longer times whose hour has come; how many that was."""
        now, made = self.clock.now(), 0
        for brand, period, late in periods.due_periods(self.store, self.config, now):
            with self._alone("digest", brand.id, period.kind):
                made += self.period(brand, period, late=late)
        for person, kind, day in portfolios.due_portfolios(self.store, self.config, now):
            with self._alone("portfolio", person.id, kind):
                made += self.mail_portfolio(person, kind, day)
        return made

    @contextmanager
    def _alone(self, what: str, whose: str, kind: str) -> Iterator[None]:
        """What goes wrong with one keeps no other from being made; it is tried again at the next tick."""
        try:
            yield
            log.info(f"{what}_made", of=whose, period=kind)
        except Exception:
            log.exception(f"{what}_failed", of=whose, period=kind)

    def anew(self, removed: Removed) -> int:
        """Make the digests of weeks and months that quoted what was forgotten once more, without it; none is mailed."""
        known = {brand.id: brand for brand in self.config.brands}
        wanted = [(known[brand], kind, day) for brand, kind, day in removed.periods if brand in known]
        for brand, kind, day in wanted:
            self.period(brand, period_of(kind, day), again=True, mail=False)  # type: ignore[arg-type]  # a stored Kind
        return len(wanted)


def with_pictures(html: str, pictures: Sequence[Attachment]) -> str:
    """A mail's HTML as a page that needs nothing else: its pictures are inside."""
    for picture in pictures:
        content = base64.b64encode(picture.content).decode("ascii")
        html = html.replace(f"cid:{picture.content_id}", f"data:{picture.media_type};base64,{content}")
    return html


@contextmanager
def open_desk(folder: Path, clock: Clock | None = None) -> Iterator[Desk]:
    """Read the config in `folder` and open its store; close it in the end.

    Raises:
        ConfigError, StoreError: see config.load and store.sqlite.open_store.
    """
    config = load(folder)
    config.store_path.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(config.store_path, keep_author_names=config.main.privacy.keep_author_names)
    try:
        if unapplied(store, config):  # marks every stored mention, with what books them: the whole house, this once
            from listener.house import open_house

            with open_house(folder, clock):
                pass
        yield Desk(config, store, clock or SystemClock())
    finally:
        store.close()


def newest(kind: str, brand: Brand, now: datetime) -> Period:
    """The last period of a kind that is over, in the brand's zone."""
    today = now.astimezone(brand.zone).date()
    return period_of(kind, today).before  # type: ignore[arg-type]  # the command line offers Kinds only
