"""Find: where else to listen, and what was said before we did."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from listener.commands.complete import BRANDS, SOURCES
from listener.commands.shared import CONFIG, DAY, err, waiting

if TYPE_CHECKING:
    from listener.store.gathered import Backfill


@click.command()
@CONFIG
@click.argument("url", required=False)
@click.option(
    "--brand",
    "brand_id",
    metavar="ID",
    shell_complete=BRANDS,
    help="Instead of a site: searches for this brand that need no key.",
)
def discover(folder: Path, url: str | None, brand_id: str | None) -> None:
    """Find what could be listened to, as TOML for sources.toml.

    Looks at the site at URL: its forum, its API, its feeds. Or, with --brand, builds searches for a brand.

    \b
    Examples:
      listener discover https://forum.example/
      listener discover --brand acme >> config/sources.toml
    """
    from listener.clock import SystemClock
    from listener.config import load
    from listener.gather import loop
    from listener.gather.discover import Discovery, discover_brand
    from listener.gather.net import Web
    from listener.gather.propose import toml

    if (url is None) == (brand_id is None):
        raise click.UsageError("give the URL of a site, or --brand and a brand of brands.toml")
    config = load(folder)
    taken = [part.name for part in config.sources]

    async def look() -> str:
        async with Web(config.main.net, SystemClock()) as web:
            if brand_id is not None:
                brand = config.brand(brand_id)
                found = await discover_brand(web, brand, config.sources)
                return toml([f"searches for {brand.name.en} that need no key"], found, taken)
            site = Discovery(web, config.sources)
            await site.look(str(url))
            if not any(not one.why_not for one in site.proposals):
                site.heading.append("nothing here that could simply be added")
            return toml(site.heading, site.proposals, taken)

    with waiting(f"looking at {url}" if url else f"looking for searches for {brand_id}"):
        found = loop.run(look)
    click.echo(found, nl=False)


@click.command()
@CONFIG
@click.argument("source", shell_complete=SOURCES)
@click.option("--since", required=True, type=DAY, help="Back to this day (UTC), as 2026-03-21.")
@click.option("--again", is_flag=True, help="Walk anew, though it was walked back to that day before.")
def backfill(folder: Path, source: str, since: datetime, again: bool) -> None:
    """Walk back into the history of a source.

    Neither alerts nor digests react to what it brings. Cut short, the same command goes on where it stopped.

    \b
    Example:
      listener backfill harbour-talk --since 2026-01-01
    """
    from listener.gather import loop
    from listener.house import open_house

    since = since.replace(tzinfo=UTC)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with open_house(folder) as house, Progress(*columns, console=err, transient=True) as drawn:
        kept = [brand.retention_days for brand in house.config.brands]
        if kept and all(kept) and since < house.clock.now() - timedelta(days=max(kept)):
            err.print(f"posts older than {max(kept)} days (retention_days) will leave the store in the night")
        task = drawn.add_task(source, total=None)

        def step(walk: "Backfill", note: str) -> None:
            drawn.update(task, description=_told(walk))
            if note:
                err.print(f"{walk.source}: {note}", markup=False)

        walk = loop.run(lambda: house.backfill(source, since, step, again))
    click.echo(f"{_told(walk)}; finished {walk.finished:%Y-%m-%d %H:%M} UTC")


def _told(walk: "Backfill") -> str:
    """How far a walk has come, in one line."""
    reached = f", back to {walk.reached:%Y-%m-%d}" if walk.reached else ""
    return f"{walk.source}: {walk.posts:,} posts read{reached}, {walk.new:,} kept, {walk.requests:,} requests"


COMMANDS = (discover, backfill)
