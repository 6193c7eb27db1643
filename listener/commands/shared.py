"""What commands share: the two consoles, the options, lists as tables or JSON, progress bars."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import structlog
from rich.console import Console
from rich.progress import Progress
from rich.status import Status
from rich.table import Table

from listener.commands import complete

err = Console(stderr=True)
out = Console(width=None if sys.stdout.isatty() else 140)  # a pipe has no width of its own


class Day(click.DateTime):
    """A day as the options take it; what comes is its midnight, without a zone."""

    name = "day"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day; write it like 2026-03-21", param, ctx)


DAY = Day()
CONFIG = click.option(
    "--config",
    "folder",
    default="config",
    show_default=True,
    envvar="LISTENER_CONFIG",
    type=click.Path(path_type=Path),
    help="The folder with listener.toml, brands.toml, sources.toml, …",
)
BRAND = click.option("--brand", "brand_id", metavar="ID", help="Only this brand.", shell_complete=complete.BRANDS)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def waiting(text: str) -> Status:
    """A spinner on standard error for work whose length nobody knows; nothing where that is no terminal.

    As with `bars`, print after it.
    """
    return err.status(text, spinner="dots")


def set_up_logging(level: int) -> None:
    """structlog as logfmt on standard error: time, level, event, and what belongs to it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def show(rows: Sequence[Any], columns: Sequence[str], as_json: bool, empty: str) -> None:
    """A list of records as a table or as JSON."""
    dicts = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row) for row in rows]
    if as_json:
        print_json(dicts)
        return
    if not dicts:
        err.print(empty)
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in dicts:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    out.print(table)


def print_json(value: Any) -> None:
    """Anything made of records, dicts and lists as JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain, indent=2))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return list(value) if isinstance(value, frozenset | set | tuple) else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).replace("[", "\\[")


@contextmanager
def bars(label: str) -> Iterator[Callable[[str, int], None]]:
    """A `progress(name, advance)` that draws one bar on standard error.

    Print what was found after it, not inside: while a bar is drawn on a terminal, rich sends standard output there too.
    """
    with Progress(console=err, transient=True) as drawn:
        task = drawn.add_task(label, total=None)
        yield lambda name, advance: drawn.update(task, description=f"{label}: {name}", advance=advance)
