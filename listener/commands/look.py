"""Look: read what is in the store."""

from pathlib import Path

import click

from listener.commands.shared import CONFIG, JSON, show


@click.command()
@CONFIG
@click.argument("words", nargs=-1, required=True)
@click.option("--brand", help="Only mentions of this brand.")
@click.option("--limit", default=20, show_default=True)
@JSON
def search(folder: Path, words: tuple[str, ...], brand: str | None, limit: int, as_json: bool) -> None:
    """Search the stored posts, in English and Chinese."""
    from listener.house import open_house

    with open_house(folder) as house:
        found = house.store.search(" ".join(words), brand, limit)
    show(found, ("when", "brand", "label", "text", "url"), as_json, "nothing found")


COMMANDS = (search,)
