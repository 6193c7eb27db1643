"""Tell: the watch, its alerts, the digest, and the mails that bring them."""

from pathlib import Path

import click

from listener.commands.shared import CONFIG, JSON, show
from listener.errors import ConfigError, DeliveryError


@click.command()
@CONFIG
def watch(folder: Path) -> None:
    """Look once whether anything is out of the ordinary; queue alert mails."""
    from listener.house import open_house

    with open_house(folder) as house:
        changed = house.watch()
    show(changed, ("brand", "topic", "severity", "state", "voices", "opened"), False, "nothing out of the ordinary")


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
@click.option("--by", required=True, help="Your name; it stands in the alert's history.")
def ack(folder: Path, key: str, by: str) -> None:
    """Acknowledge the alert whose key begins with KEY: somebody has it in hand."""
    from listener.house import open_house

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
    """Send what is due in the outbox, once."""
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:
        sent = loop.run(house.send)
    click.echo(f"sent {sent.sent}, failed {sent.failed}, waiting {sent.waiting}")
    if sent.trouble:
        raise DeliveryError(sent.trouble)


COMMANDS = (watch, alerts, ack, digest, send)
