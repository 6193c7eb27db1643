"""Brands: look after their queries."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from listener.commands.complete import BRANDS
from listener.commands.shared import CONFIG, DAY, JSON, err, out, print_json
from listener.errors import ConfigError

if TYPE_CHECKING:
    from listener.again.backtest import Backtest, Side


@click.group()
def brand() -> None:
    """Look after the brand queries."""


@brand.command("check")
@CONFIG
@click.argument("brand_id", required=False, shell_complete=BRANDS)
@JSON
def brand_check(folder: Path, brand_id: str | None, as_json: bool) -> None:
    """Say what is doubtful about the queries, at the character.

    Of all brands, or only of BRAND_ID. How to write one: docs/queries.md.

    \b
    Example:
      listener brand check acme
    """
    from listener import checks
    from listener.config import load

    config = load(folder)
    chosen = [config.brand(brand_id)] if brand_id else list(config.brands)
    findings = checks.check_queries(folder, config, brand_id)
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            click.echo(finding)
        for each in chosen:
            if not any(f": brand {each.id}: " in finding for finding in findings):
                click.echo(f"{each.id}: nothing doubtful")
    if any(finding.startswith("error") for finding in findings):
        raise ConfigError("a query has errors, see above; how to write one stands in docs/queries.md")


@brand.command("backtest")
@CONFIG
@click.argument("query")
@click.option(
    "--brand",
    "brand_id",
    metavar="ID",
    shell_complete=BRANDS,
    help="Whose query of today it is held against; the only brand if there is one.",
)
@click.option("--since", type=DAY, help="Only posts from this day (UTC) on.")
@JSON
def brand_backtest(folder: Path, query: str, brand_id: str | None, since: datetime | None, as_json: bool) -> None:
    """Try a query on the stored posts.

    Tells what QUERY ("-" reads it from standard input) would add and drop beside today's, and which words tell these
    posts from those that are found anyway.

    \b
    Example:
      listener brand backtest '(Acme OR 頂好) NOT climbing' --brand acme
    """
    from listener.again.backtest import backtest
    from listener.house import open_house
    from listener.judge.lint import lint
    from listener.judge.query import parse

    wanted = parse(sys.stdin.read() if query == "-" else query)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with open_house(folder) as house, Progress(*columns, console=err, transient=True) as drawn:
        brands = house.config.brands
        chosen = house.config.brand(brand_id) if brand_id else brands[0] if len(brands) == 1 else None
        task = drawn.add_task("", total=None)
        result = backtest(
            house.store,
            house.config,
            wanted,
            parse(chosen.query) if chosen else None,
            chosen.id if chosen else "",
            since.replace(tzinfo=UTC) if since else None,
            lambda done, total: drawn.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(asdict(result))
        return
    _show(result, chosen.id if chosen else "")
    for note in (*result.notes, *(doubt.message for doubt in lint(wanted))):
        err.print(f"note: {note}", markup=False)


def _show(result: "Backtest", brand_id: str) -> None:
    """Counts, then what is added and what is dropped, each with its words and some posts."""
    if result.today is None:
        out.print(f"{result.posts:,} posts read; the query finds {result.found:,} (with --brand B: beside today's)")
    else:
        out.print(
            f"{result.posts:,} posts read; today's query of {brand_id} finds {result.today:,}, this one "
            f"{result.found:,}{_change(result.found - result.today, result.today)}; both {result.both:,}"
        )
    _show_side("adds" if result.today is not None else "finds", result.added, "NOT, if they are about something else")
    if result.suggested and result.today is not None:
        out.print(f"  if what it adds is wrong: {result.suggested}", markup=False)
    if result.today is not None:
        _show_side("drops", result.dropped, "look whether something is lost")


def _show_side(what: str, side: "Side", hint: str) -> None:
    share = f" ({side.share:.1%} of today's)" if side.share is not None else ""
    out.print(f"\n[bold]{what} {side.posts:,}[/bold]{share}")
    for sample in side.samples:
        named = f"[{sample.named or 'in its thread'}] "
        out.print(f"  {sample.when:%Y-%m-%d} {escape(named)}{escape(sample.text or sample.title)}")
        out.print(f"    {escape(sample.url)}", style="dim")
    if side.words:
        told = ", ".join(f"{one.word} ({one.here}:{one.there})" for one in side.words)
        out.print(f"  words that tell (posts here : posts found by both; {hint}): {told}", markup=False)


def _change(more: int, of: int) -> str:
    return f" ({more / of:+.1%})" if of else ""


COMMANDS = (brand,)
