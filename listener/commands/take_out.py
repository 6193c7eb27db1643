"""Take out: the promised views as files, for whoever works elsewhere."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from listener.commands import complete
from listener.commands.reading import STORE, check_brand, quiet_pipe, reading
from listener.commands.shared import CONFIG, DAY, err

if TYPE_CHECKING:
    from listener.export.formats import Format
    from listener.store.export import Pick, Snapshot
    from listener.store.promised import View


EVERYTHING = "all"
FOLDER = "listener-export"  # where all views go if nothing is said


def _views(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What the tab key offers for VIEW."""
    from listener.store.promised import PROMISED

    return [CompletionItem(name) for name in (*PROMISED, EVERYTHING) if name.startswith(incomplete)]


@click.command()
@CONFIG
@STORE
@click.argument("view", required=False, shell_complete=_views)
@click.option("--brand", default="", metavar="ID", help="Only this brand's rows.", shell_complete=complete.BRANDS)
@click.option("--since", type=DAY, help="From this day on, as 2026-03-01.")
@click.option("--until", type=DAY, help="Up to the day before this one: --until 2026-04-01 ends with 31 March.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    help="Without it, what the file's name ends in (CSV for standard output and for all views).",
)
@click.option(
    "-o",
    "--output",
    help=f"The file, - for standard output; for all views a folder ({FOLDER}). Without it, VIEW.csv here.",
)
@click.option("--excel", is_flag=True, help="CSV for a double click in Excel (docs/export.md).")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def export(
    folder: Path,
    file: Path | None,
    view: str | None,
    brand: str,
    since: datetime | None,
    until: datetime | None,
    form: "Format | None",
    output: str | None,
    excel: bool,
    force: bool,
) -> None:
    """Write a view as CSV, JSON lines or Parquet.

    VIEW is v_mentions, v_daily, …, or all of them; without it they are listed.

    \b
    Examples:
      listener export v_mentions --brand acme --since 2026-03-01
      listener export all --format parquet --output listener-export
    """
    from listener.errors import ConfigError
    from listener.export.formats import ENDINGS, format_of
    from listener.export.whole import refuse
    from listener.store.export import Pick, Snapshot
    from listener.store.promised import PROMISED

    if view is None:
        _list_views()
        return
    wanted = list(PROMISED.values()) if view == EVERYTHING else [_view(view)]
    pick = Pick(brand, _day(since), _day(until))
    if pick.since and pick.until and pick.since >= pick.until:
        raise ConfigError(
            f"no day lies from {pick.since} on and before {pick.until}; --until is the day after the last"
        )
    if view == EVERYTHING:
        if output == "-":
            raise ConfigError("all views do not fit into one stream; give --output a folder")
        if output and Path(output).suffix.lower() in ENDINGS:
            raise ConfigError(f"{output} looks like one file, and all views make many; give --output a folder")
        form = form or "csv"
        base = Path(output or FOLDER)
        targets = [base / f"{one.name}.{form}" for one in wanted]
    else:
        if brand and not wanted[0].has_brand:
            raise ConfigError(f"{wanted[0].name} is about sources, not brands; leave out --brand")
        if (since or until) and not wanted[0].picked_by:
            raise ConfigError(f"{wanted[0].name} has no day or time to pick rows by; leave out --since and --until")
        if output is None:
            output = f"{wanted[0].name}.{form or 'csv'}"
        form = form or ("csv" if output == "-" else format_of(output))
        targets = [Path(output)]
    if excel and form != "csv":
        raise ConfigError(f"--excel is a kind of CSV; {form} needs none of it")
    with reading(folder, file) as (store, brands), Snapshot.of(store) as snapshot:
        check_brand(brand, {*brands, *snapshot.brands()})
        if output == "-":
            _to_stdout(snapshot, wanted[0], pick, form, excel)
            return
        if view == EVERYTHING:
            base.mkdir(parents=True, exist_ok=True)
        for target in targets:  # all of them before the first is written
            refuse(target, force)
        _to_files(snapshot, wanted, targets, pick, form, excel, force)


def _to_stdout(snapshot: "Snapshot", view: "View", pick: "Pick", form: "Format", excel: bool) -> None:
    from listener.errors import ConfigError
    from listener.export.take import take

    if form == "parquet" and sys.stdout.isatty():
        raise ConfigError("Parquet is no text; give --output a file, or send it on with |")
    stream = sys.stdout.buffer
    with quiet_pipe():
        take(snapshot, view, pick, stream, form, excel=excel)
        stream.flush()


def _to_files(
    snapshot: "Snapshot",
    views: "Sequence[View]",
    targets: Sequence[Path],
    pick: "Pick",
    form: "Format",
    excel: bool,
    force: bool,
) -> None:
    from listener.export.cells import EXCEL_ROWS
    from listener.export.take import take
    from listener.export.whole import whole

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True, disable=not err.is_terminal) as drawn:
        for view, target in zip(views, targets, strict=True):
            if len(views) > 1 and not snapshot.has(view):
                err.print(f"{view.name}: left out; an older Listener wrote this store last", highlight=False)
                continue
            task = drawn.add_task(view.name, total=snapshot.count(view, pick))
            with whole(target, force) as file:
                rows = take(
                    snapshot,
                    view,
                    pick,
                    file,
                    form,
                    excel=excel,
                    on_rows=lambda more, task=task: drawn.advance(task, more),  # type: ignore[misc]
                )
            drawn.remove_task(task)
            note = ""
            if pick.brand and not view.has_brand:
                note += " (of all brands: it is about sources)"
            if (pick.since or pick.until) and not view.picked_by:
                note += " (of all days: it has none)"
            noun = "row" if rows == 1 else "rows"
            err.print(f"{target}: {rows:,} {noun}{note}", markup=False, highlight=False)
            if excel and rows >= EXCEL_ROWS:
                err.print(f"Excel opens the first {EXCEL_ROWS - 1:,} rows of it; pick days with --since and --until")


def _list_views() -> None:
    from listener.store.promised import PROMISED

    for view in PROMISED.values():
        picked = f"days picked by {view.picked_by}" if view.picked_by else "no days to pick by"
        click.echo(f"{view.name:<18} {len(view.columns):>2} columns, {picked}")


def _view(name: str) -> "View":
    from listener.config.lines import nearest
    from listener.errors import ConfigError
    from listener.store.promised import PROMISED

    full = name if name.startswith("v_") else f"v_{name}"
    if full not in PROMISED:
        raise ConfigError(f"no view {name!r}{nearest(full, PROMISED)}; `listener export` lists them")
    return PROMISED[full]


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.date()


COMMANDS = (export,)
