"""Tell: the alerts, the digest, and the mails that bring them."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.commands.complete import PEOPLE
from listener.commands.digests import digest
from listener.commands.shared import CONFIG, JSON, show, waiting
from listener.errors import DeliveryError

MAIL_BYTES = 1_000_000  # of a mail that is piped into `listener ack -`

if TYPE_CHECKING:
    from listener.deliver.outbox import SendReport


@click.command()
@CONFIG
@click.option("--all", "every", is_flag=True, help="Closed ones too.")
@JSON
def alerts(folder: Path, every: bool, as_json: bool) -> None:
    """List open alerts.

    \b
    Example:
      listener alerts --all --json
    """
    from listener.house import open_house

    with open_house(folder) as house:
        found = house.store.alerts(open_only=not every)
    show(found, ("key", "brand", "topic", "severity", "state", "voices", "opened"), as_json, "no open alert")


@click.command()
@CONFIG
@click.argument("key")
@click.option(
    "--by",
    default="",
    metavar="NAME",
    shell_complete=PEOPLE,
    help="Your name; it stands in the alert's history. A token has it already.",
)
def ack(folder: Path, key: str, by: str) -> None:
    """Take up an alert: somebody has it in hand.

    KEY is how the alert's key begins, the token that stands in an alert mail, or "-": then a mail that holds the token
    is read from standard input.

    \b
    Example:
      listener ack 3f2a91c0 --by Mei
    """
    from listener.house import open_house

    if key == "-":
        key = sys.stdin.buffer.read(MAIL_BYTES).decode("utf-8", "replace")
    with open_house(folder) as house:
        alert = house.acknowledge(key, " ".join(by.split()))
    click.echo(f"{alert.brand} {alert.key[:8]}: {alert.state} by {alert.acknowledged_by}")


@click.command()
@CONFIG
def send(folder: Path) -> None:
    """Send what is due in the outbox, once.

    Mail, and what channels are told. A service does it every 20 seconds.

    \b
    Example:
      listener send
    """
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:

        async def both() -> tuple["SendReport", ...]:
            return await asyncio.gather(house.send(), house.post())

        with waiting("sending"):
            sent = loop.run(both)
    totals = (sum(getattr(one, name) for one in sent) for name in ("sent", "failed", "waiting"))
    click.echo("sent {}, failed {}, waiting {}".format(*totals))
    if trouble := "; ".join(one.trouble for one in sent if one.trouble):
        raise DeliveryError(trouble)


COMMANDS = (alerts, ack, digest, send)
