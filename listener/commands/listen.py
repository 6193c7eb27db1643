"""Listen: visit sources, and see how they are."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from listener.commands.complete import SOURCES
from listener.commands.shared import CONFIG, JSON, bars, show
from listener.errors import ListenerError

# What a table says for a state; JSON and the store keep the short names.
STATES = {
    "empty": "empty, but valid", "robots": "blocked by robots.txt", "blocked": "blocked by the site",
    "unreadable": "parse failure", "config": "mistake in the config", "resting": "outside its hours",
    "new": "not visited yet",
}  # fmt: skip

NO_SOURCE = "sources.toml has no source yet; `listener discover URL` proposes some, docs/first-digest.md names others"


@click.command()
@CONFIG
@click.argument("names", nargs=-1, shell_complete=SOURCES)
@JSON
def gather(folder: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Visit the sources that are due, once.

    With NAMES just these, due or not. Exit code 1 if not one of those that were asked could be heard.

    \b
    Examples:
      listener gather
      listener gather harbour-talk hotline
    """
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:
        for name in names:
            house.config.source(name)  # a wrong name is told, with the nearest right one
        with bars("gathering") as progress:
            visits = loop.run(lambda: house.gather(names, progress))
    rows = visits if as_json else _readable(visits)
    show(
        rows,
        ("source", "state", "posts", "new", "detail"),
        as_json,
        "no source is due" if house.config.sources else NO_SOURCE,
    )
    asked = [visit for visit in visits if visit.state != "resting"]
    if asked and not any(visit.state in ("heard", "empty") for visit in asked):
        raise ListenerError(f"not one of {len(asked)} sources could be heard; each says above why")


@click.command()
@CONFIG
@JSON
def sources(folder: Path, as_json: bool) -> None:
    """List the sources and how each is heard.

    The states stand in docs/sources.md; the little bars are the new posts of the last 14 days (UTC).

    \b
    Example:
      listener sources --json
    """
    from listener.house import open_house
    from listener.text import sparkline

    with open_house(folder) as house:
        house.store.sync_sources(house.config.source_records(), house.clock.now())
        lines = house.store.source_lines(house.clock.now())
    rows = [
        {**row, "last 14 days": sparkline(row["posts_by_day"])}
        for row in (map(asdict, lines) if as_json else _readable(lines))
    ]
    columns = ["source", "kind", "state", "since", "last_heard", "last 14 days", "detail"]
    if any(line.hours for line in lines):
        columns.insert(6, "hours")
    show(rows, columns, as_json, NO_SOURCE)


def _readable(lines: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows for a table, with their states in words."""
    return [{**asdict(line), "state": STATES.get(line.state, line.state)} for line in lines]


COMMANDS = (gather, sources)
