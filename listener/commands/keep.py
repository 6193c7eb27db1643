"""Keep: the service, the nightly upkeep, and forgetting."""

import logging
from pathlib import Path

import click

from listener.commands.shared import CONFIG, set_up_logging


@click.command()
@CONFIG
def run(folder: Path) -> None:
    """Run as a service until SIGTERM: gather, watch, digest, send, keep house."""
    from listener.gather import loop
    from listener.house import open_house
    from listener.service import Service

    set_up_logging(logging.INFO)
    with open_house(folder) as house:
        loop.run(Service(house).run)


@click.command()
@CONFIG
def housekeep(folder: Path) -> None:
    """The nightly upkeep, now: retention, and the store's own tidying."""
    from listener.house import open_house

    with open_house(folder) as house:
        for brand, posts in house.housekeep().items():
            click.echo(f"{brand}: {posts} posts past their retention")


@click.command()
@CONFIG
@click.argument("what")
@click.option("--even-if-unknown", "unknown", is_flag=True, help="Though nobody of that name has written here.")
def forget(folder: Path, what: str, unknown: bool) -> None:
    """Forget a person (the author's name as shown) or one post (its URL), everywhere."""
    from listener.house import open_house

    with open_house(folder) as house:
        removed = house.forget(what, unknown=unknown)
    click.echo(
        f"removed {removed.posts} posts, {removed.entries} entries; struck the name out of "
        f"{removed.mentions_of_name} other posts; made {len(removed.digests)} digests anew; "
        f"emptied {len(removed.messages)} messages"
    )
    if removed.name_left:
        click.echo("the name is too short, or a brand's own word: it still stands in other people's posts")


COMMANDS = (run, housekeep, forget)
