"""Keep: the service, the nightly upkeep, and forgetting."""

import logging
from pathlib import Path

import click

from listener.commands.shared import CONFIG, set_up_logging, waiting


@click.command()
@CONFIG
def run(folder: Path) -> None:
    """Run as a service until SIGTERM.

    Gathers, watches, writes the digests, sends, keeps house. How to have it started by itself: docs/running.md.

    \b
    Example:
      listener run
    """
    from listener.gather import loop
    from listener.house import open_house
    from listener.service import Service

    set_up_logging(logging.INFO)
    with open_house(folder) as house:
        loop.run(Service(house).run)


@click.command()
@CONFIG
def housekeep(folder: Path) -> None:
    """Do the nightly upkeep now: retention, and tidying.

    \b
    Example:
      listener housekeep
    """
    from listener.house import open_house

    with open_house(folder) as house:
        with waiting("keeping house"):
            expired = house.housekeep()
        for brand, posts in expired.items():
            click.echo(f"{brand}: {posts} posts past their retention")


@click.command()
@CONFIG
@click.argument("what")
@click.option("--even-if-unknown", "unknown", is_flag=True, help="Though nobody of that name has written here.")
def forget(folder: Path, what: str, unknown: bool) -> None:
    """Forget a person or a post, everywhere.

    WHAT is the author's name as the site shows it, or the URL of one post. It cannot be taken back. Says what it
    removed, and which mails had been delivered already.

    \b
    Examples:
      listener forget "Ada L."
      listener forget "https://forum.example/viewtopic.php?p=123#p123"
    """
    from listener.desk import Desk
    from listener.house import open_house

    with open_house(folder) as house:
        with waiting("forgetting; the file is written anew in the end"):
            removed = house.forget(what, unknown=unknown)
            anew = len(removed.digests) + Desk(house.config, house.store, house.clock).anew(removed)
        delivered = house.store.delivered(removed.messages)
    click.echo(
        f"removed {removed.posts} posts, {removed.entries} entries; struck the name out of "
        f"{removed.mentions_of_name} other posts; made {anew} digests anew; "
        f"emptied {len(removed.messages)} messages"
    )
    for one in delivered:
        click.echo(
            f"already mailed, and out of reach: {one.message_id} to {one.recipient}, {one.sent:%Y-%m-%d %H:%M} UTC"
        )
    if removed.name_left:
        click.echo("the name is too short, or a brand's own word: it still stands in other people's posts")


COMMANDS = (run, housekeep, forget)
