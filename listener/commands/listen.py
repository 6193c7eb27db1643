"""Listen: visit sources, and see how they are."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from listener.commands.shared import CONFIG, JSON, bars, show
from listener.errors import ListenerError

# What a table says for a state; JSON and the store keep the short names.
STATES = {
    "empty": "empty, but valid", "robots": "blocked by robots.txt", "blocked": "blocked by the site",
    "unreadable": "parse failure", "config": "mistake in the config", "resting": "outside its hours",
    "new": "not visited yet",
}  # fmt: skip


@click.command()
@CONFIG
@click.argument("names", nargs=-1)
@JSON
@bars("gathering")
def gather(folder: Path, names: tuple[str, ...], as_json: bool, progress: Callable[[str, int], None]) -> None:
    """Visit the sources that are due once, or just those called NAMES, due or not."""
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:
        for name in names:
            house.config.source(name)  # a wrong name is told, with the nearest right one
        visits = loop.run(lambda: house.gather(names, progress))
    rows = visits if as_json else _readable(visits)
    show(rows, ("source", "state", "posts", "new", "detail"), as_json, "no source is due")
    asked = [visit for visit in visits if visit.state != "resting"]
    if asked and not any(visit.state in ("heard", "empty") for visit in asked):
        raise ListenerError(f"not one of {len(asked)} sources could be heard; each says above why")


@click.command()
@CONFIG
@JSON
def sources(folder: Path, as_json: bool) -> None:
    """List the sources with their state: heard, late, blocked, gone, …, and posts of the last two weeks."""
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
    show(rows, columns, as_json, "no sources")


def _readable(lines: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows for a table, with their states in words."""
    return [{**asdict(line), "state": STATES.get(line.state, line.state)} for line in lines]


COMMANDS = (gather, sources)
