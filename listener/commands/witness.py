"""Witness: what digests quoted, as it read then."""

import re
from dataclasses import asdict
from pathlib import Path

import click

from listener.commands.complete import BRANDS
from listener.commands.shared import CONFIG, JSON, print_json, show
from listener.errors import ConfigError, StoreError

SHOWN = 60  # characters of a post in a table
LEAST = 4  # digits by which a quote may be called


@click.command()
@CONFIG
@click.argument("digits", required=False)
@click.option("--brand", metavar="ID", shell_complete=BRANDS, help="Only what was quoted about this brand.")
@click.option("--text", "bare", is_flag=True, help="Print the words alone, byte for byte, for sha256sum.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many, newest first.")
@JSON
def evidence(folder: Path, digits: str | None, brand: str | None, bare: bool, limit: int, as_json: bool) -> None:
    """Show a post as it read when a digest quoted it.

    Whatever became of it since. DIGITS are those behind the # beside a quote (or more of the hash). Without them it
    lists what was quoted, and whether the post is still the same, was edited, was deleted at its source, or has
    left the store.

    \b
    Examples:
      listener evidence fe7beb1620
      listener evidence fe7beb1620 --text | sha256sum
    """
    from listener.house import open_house

    wanted = (digits or "").strip().removeprefix("#").lower()
    if digits is not None and not re.fullmatch(rf"[0-9a-f]{{{LEAST},64}}", wanted):
        raise ConfigError(f"{digits!r}: give the digits behind the #, {LEAST} at least, like fe7beb1620")
    with open_house(folder) as house:
        if brand is not None:
            house.config.brand(brand)  # a wrong name is told, with the nearest right one
        found = house.store.evidence(wanted, brand or "", limit)
    if digits is not None and not found:
        raise StoreError(f"nothing that was quoted has a hash beginning with {wanted} (forgotten, or past retention?)")
    if bare:
        hashes = {one.sha256 for one in found}
        if len(hashes) != 1:
            raise ConfigError("--text prints one post: give its digits, more of them if several begin so")
        click.echo(found[0].text, nl=False)
    elif as_json:
        print_json([{**asdict(one), "whole": one.whole} for one in found])
    elif digits is None:
        rows = [{**asdict(one), "#": one.sha256[:10], "text": one.text[:SHOWN]} for one in found]
        show(rows, ("quoted", "brand", "#", "became", "text", "url"), False, "no digest has quoted anything yet")
    else:
        for one in found:
            click.echo(f"{one.brand}: {one.url}")
            click.echo(f"posted {one.at:%Y-%m-%d %H:%M}, read {one.seen:%Y-%m-%d %H:%M}, ", nl=False)
            click.echo(f"quoted {one.quoted:%Y-%m-%d %H:%M} (UTC)")
            holds = "holds" if one.whole else "DOES NOT HOLD: these words were changed here"
            click.echo(f"sha256 {one.sha256}: {holds}")
            click.echo(f"the post now: {one.became}")
            click.echo(f"\n{one.text}\n")


COMMANDS = (evidence,)
