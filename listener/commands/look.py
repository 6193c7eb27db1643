"""Look: read what is in the store."""

from dataclasses import asdict
from pathlib import Path

import click

from listener.commands.complete import BRANDS
from listener.commands.shared import CONFIG, JSON, print_json, show, waiting

SHOWN = 60  # characters of a post in a table


@click.command()
@CONFIG
@click.argument("words", nargs=-1, required=True)
@click.option("--brand", metavar="ID", shell_complete=BRANDS, help="Only mentions of this brand.")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many posts, the newest first."
)
@JSON
def search(folder: Path, words: tuple[str, ...], brand: str | None, limit: int, as_json: bool) -> None:
    """Search the stored posts, in English and Chinese.

    All WORDS have to stand in the post or its thread's title; Traditional and Simplified find each other.

    \b
    Examples:
      listener search hidden fee
      listener search 客服 --brand acme --json
    """
    from listener.house import open_house

    with open_house(folder) as house:
        if brand is not None:
            house.config.brand(brand)  # a wrong name is told, with the nearest right one
        found = house.store.search(" ".join(words), brand, limit)
    show(found, ("when", "brand", "label", "text", "url"), as_json, "nothing found")


@click.command()
@CONFIG
@click.option("--brand", "brand_id", metavar="ID", shell_complete=BRANDS, help="Only this brand.")
@click.option("--days", type=click.IntRange(8, 92), default=35, show_default=True, help="Days to look back.")
@click.option("--as-topic", "theme_id", metavar="ID", help="Print this theme as a topic for topics.toml.")
@JSON
def themes(folder: Path, brand_id: str | None, days: int, theme_id: str | None, as_json: bool) -> None:
    """List what people talk about that no topic explains.

    With --as-topic one of them is printed as TOML for topics.toml, to be looked through before it is put there.

    \b
    Examples:
      listener themes --brand acme
      listener themes --as-topic 7c1d
    """
    from listener.house import open_house
    from listener.report.talk import as_topic, by_id, look

    with open_house(folder) as house:
        config, now = house.config, house.clock.now()
        brands = [config.brand(brand_id)] if brand_id else list(config.brands)
        with waiting("reading what was said"):
            found = [(brand, look(house.store, config, brand, now, days)) for brand in brands]
    if theme_id is not None:
        every = [theme for _, one in found for theme in one.themes]
        wanted = by_id(every, theme_id)
        brand, one = next(pair for pair in found if wanted in pair[1].themes)
        proposal = as_topic(wanted, list(one.judged.values()), config.topics, brand)
        if as_json:
            print_json(proposal)
        else:
            click.echo(proposal.toml, nl=False)
        return
    rows = [
        asdict(theme) | {"post": one.judged[theme.best].text, "url": one.judged[theme.best].url}
        for _, one in found
        for theme in one.themes
    ]
    columns = ("brand", "id", "phase", "recent", "before", "words", "post")
    show(
        [row | {"post": " ".join(str(row["post"]).split())[:SHOWN]} for row in rows] if not as_json else rows,
        columns,
        as_json,
        "nothing that no topic explains is said by three voices or more",
    )


COMMANDS = (search, themes)
