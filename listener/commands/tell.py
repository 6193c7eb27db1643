"""Tell: the alerts, the digest, and the mails that bring them."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.commands.shared import CONFIG, JSON, show
from listener.errors import ConfigError, DeliveryError

MAIL_BYTES = 1_000_000  # of a mail that is piped into `listener ack -`

if TYPE_CHECKING:
    from listener.deliver.outbox import SendReport


@click.command()
@CONFIG
@click.option("--all", "every", is_flag=True, help="Closed ones too.")
@JSON
def alerts(folder: Path, every: bool, as_json: bool) -> None:
    """List open alerts."""
    from listener.house import open_house

    with open_house(folder) as house:
        found = house.store.alerts(open_only=not every)
    show(found, ("key", "brand", "topic", "severity", "state", "voices", "opened"), as_json, "no open alert")


@click.command()
@CONFIG
@click.argument("key")
@click.option("--by", default="", help="Your name; it stands in the alert's history. A token has it already.")
def ack(folder: Path, key: str, by: str) -> None:
    """Acknowledge an alert: somebody has it in hand.

    KEY is how the alert's key begins, the token that stands in an alert mail, or "-": then a mail that holds the token
    is read from standard input.
    """
    from listener.house import open_house

    if key == "-":
        key = sys.stdin.buffer.read(MAIL_BYTES).decode("utf-8", "replace")
    with open_house(folder) as house:
        alert = house.acknowledge(key, " ".join(by.split()))
    click.echo(f"{alert.brand} {alert.key[:8]}: {alert.state} by {alert.acknowledged_by}")


@click.command()
@CONFIG
@click.option("--brand", "brand_id", help="Only this brand.")
@click.option("--day", default="yesterday", show_default=True, help="2026-03-21, yesterday or today.")
@click.option("--again", is_flag=True, help="Make it anew even if it stands already (it is not mailed again).")
@click.option("--no-mail", is_flag=True, help="Only store it.")
@click.option(
    "--write", type=click.Path(path_type=Path), help="Also write it to this file, as a page to open in a browser."
)
@click.option(
    "--language", type=click.Choice(["en", "zh-Hant"]), help="Of the page; as the first reader's if not said."
)
def digest(
    folder: Path,
    brand_id: str | None,
    day: str,
    again: bool,
    no_mail: bool,
    write: Path | None,
    language: str | None,
) -> None:
    """Make the advisory digest of a day and put it into the outbox."""
    from listener.house import day_of, open_house

    with open_house(folder) as house:
        brands = [house.config.brand(brand_id)] if brand_id else list(house.config.brands)
        for brand in brands:
            try:
                wanted = day_of(brand, day, house.clock.now())
            except ValueError as error:
                raise ConfigError(f"--day {day!r}: write it like 2026-03-21, or yesterday, or today") from error
            if wanted >= day_of(brand, "today", house.clock.now()):
                if write is None:
                    raise ConfigError(f"{wanted} is not over in {brand.time_zone}; --write FILE shows it as it stands")
                write.write_text(house.digest_page(brand, wanted, language or "en"), encoding="utf-8")
                continue
            made = house.digest(brand, wanted, mail=not no_mail, again=again)
            stored = next(
                digest for one in ("en", "zh-Hant") if (digest := house.store.digest(brand.id, wanted, one)) is not None
            )
            click.echo(f"{brand.id} {wanted}: {stored.verdict}{'' if made else ' (stood already)'}")
            if write:
                write.write_text(house.digest_page(brand, wanted, language or stored.language), encoding="utf-8")


@click.command()
@CONFIG
def send(folder: Path) -> None:
    """Send what is due in the outbox, once: mail, and what channels are told."""
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:

        async def both() -> tuple["SendReport", ...]:
            return await asyncio.gather(house.send(), house.post())

        sent = loop.run(both)
    totals = (sum(getattr(one, name) for one in sent) for name in ("sent", "failed", "waiting"))
    click.echo("sent {}, failed {}, waiting {}".format(*totals))
    if trouble := "; ".join(one.trouble for one in sent if one.trouble):
        raise DeliveryError(trouble)


COMMANDS = (alerts, ack, digest, send)
