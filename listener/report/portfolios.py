"""Several brands on one page, with their rivals: of the same counts as each brand's own digest, and mailed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from listener.advise.render import as_text, laid_out
from listener.advise.span.period import period_of
from listener.advise.span.portfolio import tell_portfolio
from listener.advise.words import Words
from listener.config import Brand, Config, Person
from listener.deliver.outbox import queue
from listener.errors import ConfigError
from listener.records import Message
from listener.report.periods import AUTO, ended, period_digest
from listener.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The page, ready to be written or mailed; there is no picture in it."""

    subject: str
    verdict: str
    html: str
    text: str


def brands_of(config: Config, person: Person | None = None) -> tuple[Brand, ...]:
    """The brands whose digests a reader gets, and their rivals; without a reader all brands."""
    if person is None:
        return config.brands
    own = [brand for brand in config.brands if person.id in brand.digest_to]
    wanted = {brand.id for brand in own} | {rival for brand in own for rival in brand.rivals}
    return tuple(brand for brand in config.brands if brand.id in wanted)


def rivals_among(config: Config, brands: Sequence[Brand], person: Person | None = None) -> frozenset[str]:
    """Those that are on the page only because they are somebody's rivals: nobody, or not this reader, gets theirs."""
    rivals = {rival for brand in brands for rival in brand.rivals}
    return frozenset(
        brand.id
        for brand in brands
        if brand.id in rivals and not (person.id in brand.digest_to if person else brand.digest_to)
    )


def make_portfolio(
    store: Store,
    config: Config,
    brands: Sequence[Brand],
    kind: str,
    day: date,
    language: str,
    now: datetime,
    person: Person | None = None,
) -> Portfolio:
    """The page of some brands, of the periods of this kind that hold `day`. Nothing is stored or sent.

    Raises:
        ConfigError: no brand.
    """
    if not brands:
        raise ConfigError("no brand for this page: brands.toml names in digest_to who reads which brand")
    period = period_of(kind, day)  # type: ignore[arg-type]  # a Kind: the config and the command line offer no other
    alone = [brand.model_copy(update={"rivals": ()}) for brand in brands]  # all of them are on the page anyway
    digests = [period_digest(store, config, brand, period, now) for brand in alone]
    words = Words(language, period.last, brands[0].zone)
    page = tell_portfolio(digests, rivals_among(config, brands, person), words)
    return Portfolio(
        page.subject, page.verdict, laid_out("portfolio.html", words, page), as_text("portfolio.txt", words, page)
    )


def mail_portfolio(store: Store, config: Config, person: Person, kind: str, day: date, now: datetime) -> bool:
    """Queue a reader's page; False if it was queued before."""
    last = period_of(kind, day).last  # type: ignore[arg-type]
    name = _fact(person, kind)
    if store.fact(name) >= last.isoformat():
        return False
    page = make_portfolio(store, config, brands_of(config, person), kind, day, person.language, now, person)
    cause = f"portfolio:{kind}:{last}"
    message = Message(
        key=f"{cause}:{person.id}",
        recipient=person.mail,
        subject=page.subject,
        text=page.text,
        html=page.html,
        headers=(AUTO,),
    )
    with store.transaction():
        queued = queue(store, message, config.main.mail, cause, (), now)
        store.save_fact(name, last.isoformat())
    return queued


def due_portfolios(store: Store, config: Config, now: datetime) -> tuple[tuple[Person, str, date], ...]:
    """(reader, kind, last day) of the pages whose hour has come in the zones of all their brands, once each."""
    due = []
    for person in config.people:
        brands = brands_of(config, person) if person.portfolio else ()
        for kind in person.portfolio if brands else ():
            found = {ended(kind, brand, config, now) for brand in brands}
            days = {one[0].last for one in found if one is not None}
            if None in found or len(days) != 1:
                continue
            (last,) = days
            if store.fact(_fact(person, kind)) < last.isoformat():
                due.append((person, kind, last))
    return tuple(due)


def _fact(person: Person, kind: str) -> str:
    """Under which name the store remembers the newest page of a reader."""
    return f"portfolio:{kind}:{person.id}"
