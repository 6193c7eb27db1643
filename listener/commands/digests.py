"""The digest by command: of a day, a week or a month, of one brand or of several, as mail, page and PDF."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.commands.complete import BRANDS, PEOPLE
from listener.commands.shared import CONFIG, waiting
from listener.errors import ConfigError

if TYPE_CHECKING:
    from listener.advise.span.period import Period
    from listener.config import Brand, Config
    from listener.desk import Desk

LANGUAGES = ("en", "zh-Hant")
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@CONFIG
@click.option("--brand", "brand_id", metavar="ID", shell_complete=BRANDS, help="Only this brand.")
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month"]),
    default="day",
    show_default=True,
    help="A week is Monday to Sunday, a month a calendar month.",
)
@click.option(
    "--day",
    default="",
    help="2026-03-21, yesterday or today; any day of the period. If not said: the last one over.",
)
@click.option("--portfolio", is_flag=True, help="All brands on one page, with rivals marked.")
@click.option(
    "--for",
    "person_id",
    metavar="PERSON",
    default="",
    shell_complete=PEOPLE,
    help="With --portfolio: this reader's brands and their rivals, mailed to them.",
)
@click.option("--again", is_flag=True, help="Make it anew even if it stands already (it is not mailed again).")
@click.option("--no-mail", is_flag=True, help="Only store it.")
@click.option("--write", type=FILE, help="Also write it to this file, as a page to open in a browser.")
@click.option("--pdf", type=FILE, help="Also write it to this file, as PDF.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the page; as the first reader's if not said.")
def digest(
    folder: Path,
    brand_id: str | None,
    period: str,
    day: str,
    portfolio: bool,
    person_id: str,
    again: bool,
    no_mail: bool,
    write: Path | None,
    pdf: Path | None,
    language: str | None,
) -> None:
    """Make the advisory digest of a day, week or month.

    It is put into the outbox for its readers, unless it stands there already.

    What is not over yet can only be written to a file (--write, --pdf), as it stands.

    \b
    Examples:
      listener digest --brand acme --day 2026-03-21
      listener digest --brand acme --period month --pdf march.pdf
      listener digest --portfolio --period week --write brands.html
    """
    if portfolio:
        _portfolio(folder, period, day, person_id, no_mail, write, pdf, language)
    elif person_id:
        raise ConfigError("--for says whose brands stand on a --portfolio; a brand's own readers stand in brands.toml")
    elif period == "day":
        _days(folder, brand_id, day, again, no_mail, write, pdf, language)
    else:
        with _unswept():
            _periods(folder, brand_id, period, day, again, no_mail, write, pdf, language)


@contextmanager
def _unswept() -> Iterator[None]:
    """No search for reference cycles: among 100,000 rows and all the modules it finds none, in a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _days(
    folder: Path,
    brand_id: str | None,
    day: str,
    again: bool,
    no_mail: bool,
    write: Path | None,
    pdf: Path | None,
    language: str | None,
) -> None:
    from listener.house import day_of, open_house

    with open_house(folder) as house:
        now = house.clock.now()
        for brand in _wanted(house.config, brand_id, write or pdf):
            wanted = _day(partial(day_of, brand, now=now), day or "yesterday")
            if wanted >= day_of(brand, "today", now):
                if not (write or pdf):
                    raise ConfigError(
                        f"{wanted} is not over in {brand.time_zone}; --write FILE or --pdf FILE shows it as it stands"
                    )
                _put(house.digest_page(brand, wanted, language or "en"), write, pdf)
                continue
            with waiting(f"{brand.id} {wanted}"):
                made = house.digest(brand, wanted, mail=not no_mail, again=again)
            stored = next(
                digest for one in LANGUAGES if (digest := house.store.digest(brand.id, wanted, one)) is not None
            )
            click.echo(f"{brand.id} {wanted}: {stored.verdict}{'' if made else ' (stood already)'}")
            if write or pdf:
                _put(house.digest_page(brand, wanted, language or stored.language), write, pdf)


def _periods(
    folder: Path,
    brand_id: str | None,
    kind: str,
    day: str,
    again: bool,
    no_mail: bool,
    write: Path | None,
    pdf: Path | None,
    language: str | None,
) -> None:
    from listener.desk import open_desk

    with open_desk(folder) as desk:
        for brand in _wanted(desk.config, brand_id, write or pdf):
            period = _period(desk, brand, kind, day)
            over = period.end(brand.zone) <= desk.clock.now()
            if not over and not (write or pdf):
                raise ConfigError(
                    f"this {kind} ends with {period.last} in {brand.time_zone}; --write FILE or --pdf FILE shows it as "
                    "it stands"
                )
            told = language or "en"
            if over:
                made = desk.period(brand, period, mail=not no_mail, again=again)
                stored = next(
                    digest
                    for one in LANGUAGES
                    if (digest := desk.store.digest(brand.id, period.last, one, kind)) is not None
                )
                told = language or stored.language
                state = "" if made else " (stood already)"
                click.echo(f"{brand.id} {kind} {period.first} to {period.last}: {stored.verdict}{state}")
            if write or pdf:
                _put(desk.period_page(brand, period, told), write, pdf)


def _portfolio(
    folder: Path,
    kind: str,
    day: str,
    person_id: str,
    no_mail: bool,
    write: Path | None,
    pdf: Path | None,
    language: str | None,
) -> None:
    from listener.desk import open_desk
    from listener.report.portfolios import brands_of

    with open_desk(folder) as desk:
        person = desk.config.person(person_id) if person_id else None
        brands = brands_of(desk.config, person)
        if not brands:
            raise ConfigError(
                f"no brand's digest_to names {person_id}" if person else "brands.toml has no brand, so there is no page"
            )
        periods = [_period(desk, brand, kind, day) for brand in brands]
        last = min(period.last for period in periods)
        page = desk.portfolio(brands, kind, last, language or (person.language if person else "en"), person)
        click.echo(
            page.text if not (write or pdf or person) else f"{len(brands)} brands, {kind} to {last}: {page.verdict}"
        )
        if write or pdf:
            _put(page.html, write, pdf)
        over = all(period.end(brand.zone) <= desk.clock.now() for period, brand in zip(periods, brands, strict=True))
        if person and over and not no_mail and not desk.mail_portfolio(person, kind, last):
            click.echo("(it was mailed before)")


def _wanted(config: "Config", brand_id: str | None, file: Path | None) -> tuple["Brand", ...]:
    """The brands to make digests of.

    Raises:
        ConfigError: no such brand; or one file for many.
    """
    if brand_id is not None:
        return (config.brand(brand_id),)
    if file is not None and len(config.brands) > 1:
        raise ConfigError(f"{file} can hold one brand's digest: say which with --brand, or --portfolio for all")
    return config.brands


def _day(read: Callable[[str], date], text: str) -> date:
    try:
        return read(text)
    except ValueError as error:
        raise ConfigError(f"--day {text!r}: write it like 2026-03-21, or yesterday, or today") from error


def _period(desk: "Desk", brand: "Brand", kind: str, text: str) -> "Period":
    """The period that holds the day; the last one that is over if none is named."""
    from listener.advise.span.period import period_of
    from listener.desk import newest

    today = desk.clock.now().astimezone(brand.zone).date()
    known = {"today": today, "yesterday": today - timedelta(days=1)}
    if not text:
        return newest(kind, brand, desk.clock.now())
    day = known.get(text) or _day(date.fromisoformat, text)
    if not 1980 <= day.year < 9999:  # before there was anybody to listen to
        raise ConfigError(f"--day {text!r}: nobody wrote in public then")
    return period_of(kind, day)  # type: ignore[arg-type]  # one of --period's choices


def _put(html: str, write: Path | None, pdf: Path | None) -> None:
    """The page into its files."""
    if write:
        write.write_text(html, encoding="utf-8")
    if pdf:
        from listener.advise.pdf import to_pdf

        pdf.write_bytes(to_pdf(html))
