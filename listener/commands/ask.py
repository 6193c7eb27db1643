"""Ask: the canned queries, listed and run."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.shell_completion import CompletionItem
from rich.table import Table
from rich.text import Text

from listener.commands.reading import STORE, check_brand, quiet_pipe, reading
from listener.commands.shared import CONFIG, err, out, print_json

if TYPE_CHECKING:
    from listener.store.canned import Canned

Shape = Literal["table", "csv", "jsonl", "json"]
CELL = 120  # characters of a text in a table
MOST = 100_000  # of a parameter that is a number: days, hours, weeks


def _names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What the tab key offers for NAME."""
    from listener.store.canned import canned

    return [CompletionItem(one.name, help=one.title) for one in canned() if one.name.startswith(incomplete)]


@click.command()
@CONFIG
@STORE
@click.argument("name", required=False, shell_complete=_names)
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter: --param days=7 --param brand=acme.",
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "jsonl", "json"]),
    default="table",
    show_default=True,
    help="CSV is guarded as that of `listener export`.",
)
@click.option("--sql", "as_sql", is_flag=True, help="Print the query itself, to change it or to run it elsewhere.")
def query(
    folder: Path, file: Path | None, name: str | None, params: tuple[str, ...], shape: Shape, as_sql: bool
) -> None:
    """Answer a canned question from the store, or list them.

    \b
    Examples:
      listener query
      listener query unanswered-complaints --param brand=acme --format csv
    """
    from listener.store.canned import canned
    from listener.store.export import Snapshot

    if name is None:
        _list(canned(), shape)
        return
    asked = _named(name)
    given = asked.values(_given(asked, params))
    if as_sql:
        click.echo(_as_sql(asked, given))
        return
    with reading(folder, file) as (store, brands):
        with Snapshot.of(store) as snapshot:
            snapshot.refuse_older()
            check_brand(given.get("brand", ""), {*brands, *snapshot.brands()})
        rows = store.rows(asked.sql, given)
    with quiet_pipe():
        _print(asked, rows, shape)
        sys.stdout.flush()


def _named(name: str) -> "Canned":
    from listener.config.lines import nearest
    from listener.errors import ConfigError
    from listener.store.canned import canned

    known = {one.name: one for one in canned()}
    if name not in known:
        raise ConfigError(f"no query {name!r}{nearest(name, known)}; `listener query` lists them")
    return known[name]


def _given(asked: "Canned", params: Sequence[str]) -> dict[str, str]:
    """What stands on the command line, checked: SQL would make nought of "seven" without a word.

    Raises:
        ConfigError: not NAME=VALUE, told twice, no parameter of this query, or no number where one is asked for.
    """
    from listener.config.lines import nearest
    from listener.errors import ConfigError

    takes = {one.name: one for one in asked.parameters}
    given: dict[str, str] = {}
    for param in params:
        name, equals, value = param.partition("=")
        name = name.strip()
        if not equals:
            raise ConfigError(f"--param {param!r} is not NAME=VALUE, as in --param days=7")
        if name not in takes:
            known = nearest(name, takes) if takes else "; it takes none"
            raise ConfigError(f"query {asked.name} takes no parameter {name!r}{known}")
        if name in given:
            raise ConfigError(f"--param {name} is given twice")
        given[name] = value.strip()
        if takes[name].default.isdecimal() and value.strip():
            number = value.strip()
            if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= MOST):
                raise ConfigError(f"--param {name} is {takes[name].english}: a whole number from 1 on, not {number!r}")
    return given


def _list(queries: Sequence["Canned"], shape: Shape) -> None:
    if shape != "table":
        print_json(
            [
                {
                    "name": one.name,
                    "title": {"en": one.title, "zh-Hant": one.title_zh},
                    "about": {"en": one.about, "zh-Hant": one.about_zh},
                    "parameters": {each.name: each.default for each in one.parameters},
                    "columns": one.columns,
                }
                for one in queries
            ]
        )
        return
    table = Table("name", "answers", "parameters", box=None, header_style="bold", pad_edge=False)
    for one in queries:
        parameters = " ".join(f"{each.name}={each.default}".removesuffix("=") for each in one.parameters)
        table.add_row(one.name, Text(f"{one.title}\n{one.title_zh}"), parameters)
    out.print(table)


def _as_sql(asked: "Canned", given: dict[str, str]) -> str:
    """The query with its values in front, as the sqlite3 shell takes them."""
    quoted = {name: value.replace("'", "''").replace('"', "") for name, value in given.items()}
    values = "".join(f".parameter set :{name} \"'{value}'\"\n" for name, value in quoted.items())
    return f"-- {asked.title}\n{values}{asked.sql};"


def _print(asked: "Canned", rows: Sequence[dict[str, Any]], shape: Shape) -> None:
    from listener.export.formats import CsvWriter

    if shape == "json":
        print_json(rows)
    elif shape == "jsonl":
        import json

        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif shape == "csv":
        file = io.BytesIO()
        writer = CsvWriter(file, asked.columns)
        writer.write([tuple(row.values()) for row in rows])
        writer.close()
        click.echo(file.getvalue(), nl=False)
    else:
        err.print(f"{asked.title} {asked.about}", style="dim", highlight=False, markup=False)
        if rows:
            out.print(_table(asked.columns, rows))
        else:
            err.print("nothing, as far as this store knows")


def _table(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Table:
    """Numbers to the right, texts on one line each, links whole."""
    from listener.export.cells import shown

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        number = any(isinstance(row[column], int | float) for row in rows)
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        cells = []
        for value in row.values():
            text = "" if value is None else " ".join(shown(str(value)).split())
            cells.append(Text(text if len(text) <= CELL or "://" in text[:12] else text[:CELL] + "…"))
        table.add_row(*cells)
    return table


COMMANDS = (query,)
