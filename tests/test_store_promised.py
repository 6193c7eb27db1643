"""The promise to analysts cannot drift: views.sql, listener/store/promised.py and the pages in docs/ agree."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from listener.store.promised import HELPERS, PROMISED, View
from listener.store.schema import SCHEMA_VERSION, migrations
from listener.store.sqlite import SqliteStore
from tests.helpers_export import hostile_store

DOCS = Path(__file__).parent.parent / "docs"
PLAIN = {"brand", "topic", "posts", "visits", "thread_link", "thread_title"}
_KINDS = {"yes/no": "yes", "list, commas": "names", "list, JSON": "json"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = hostile_store(tmp_path_factory.mktemp("promised"))
    yield store
    store.close()


def told(page: str, heading: str) -> dict[str, list[list[str]]]:
    """Name after `heading` → rows of the first table below it, as lists of cells."""
    found = {}
    for name, text in re.findall(
        heading + r"(.*?)(?=^##|\Z)", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE
    ):
        lines = [line for line in text.splitlines() if line.startswith("|")]
        found[name] = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]
    return found


VIEWS = told("store.md", r"^### (v_\w+)")


def test_what_is_promised_is_what_there_is(store: SqliteStore) -> None:
    views = {name for (name,) in store.read("SELECT name FROM sqlite_master WHERE type = 'view'")}
    assert views - HELPERS == set(PROMISED) == set(VIEWS)
    for view in PROMISED.values():
        columns = [name for (name,) in store.read("SELECT name FROM pragma_table_info(?)", (view.name,))]
        assert [column.name for column in view.columns] == columns


@pytest.mark.parametrize("view", PROMISED.values(), ids=PROMISED)
def test_every_column_is_told_in_order_with_its_kind_and_an_example(view: View) -> None:
    assert [row[0] for row in VIEWS[view.name]] == [column.name for column in view.columns]
    for column, (_, kind, what, example) in zip(view.columns, VIEWS[view.name], strict=True):
        assert _KINDS.get(kind, kind.partition(",")[0]) == column.kind, f"{view.name}.{column.name}"
        speaks_for_itself = column.kind in ("time", "day") or column.name in PLAIN
        assert what or speaks_for_itself, f"{view.name}.{column.name} is not explained"
        value = example.strip("`")
        if value in ("", "NULL"):
            assert re.search(r"empty|NULL|else|if it is not", what), f"{view.name}.{column.name} has no example"
        elif column.kind == "day":
            date.fromisoformat(value)
        elif column.kind == "time":
            datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").astimezone()
        elif column.kind == "whole":
            assert str(int(value)) == value
        elif column.kind == "number":
            assert "." in value
            float(value)
        elif column.kind == "yes":
            assert value in ("0", "1")
        elif column.kind == "json":
            assert isinstance(json.loads(value.replace(", …", "")), list)


@pytest.mark.parametrize("view", PROMISED.values(), ids=PROMISED)
def test_values_are_of_the_kind_that_is_promised(store: SqliteStore, view: View) -> None:
    rows = store.rows(f"SELECT * FROM {view.name}")
    assert rows
    patterns = {"time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "day": r"\d{4}-\d\d-\d\d", "names": r"[\w-]+(,[\w-]+)*"}
    for row in rows:
        for name, value in row.items():
            kind = view.kind(name)
            if value is None:
                continue
            if kind == "number":
                assert type(value) is float, name
            elif kind in ("whole", "yes"):
                assert type(value) is int, name
                assert kind == "whole" or value in (0, 1), name
            else:
                assert type(value) is str, name
                assert kind not in patterns or re.fullmatch(patterns[kind], value), name
                assert kind != "json" or all(type(one) is str for one in json.loads(value)), name


def test_every_table_is_told_column_by_column(store: SqliteStore) -> None:
    tables = told("tables.md", r"^## (\w+)")
    real = {
        name
        for (name,) in store.read("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not re.match(r"posts_fts_|sqlite_|_sqlite", name)
    }
    assert set(tables) == real
    for name, rows in tables.items():
        columns = store.read('SELECT name, type, "notnull" OR pk FROM pragma_table_info(?)', (name,))
        assert [(row[0], row[1]) for row in rows] == [
            (column, f"{kind}{'' if needed or not kind else ', NULL'}".lower().replace("null", "NULL"))
            for column, kind, needed in columns
        ], f"docs/tables.md, {name}"
        assert all(row[2] for row in rows), f"docs/tables.md, {name}: a column is not explained"


CHANGES = {
    int(number): text
    for number, text in re.findall(
        r"^## Version (\d+)$(.*?)(?=^##|\Z)", (DOCS / "schema-changes.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
}


def test_the_changelog_ends_with_the_schema_of_today() -> None:
    assert list(CHANGES) == list(range(SCHEMA_VERSION, 0, -1))


def test_the_changelog_names_every_table_and_column_that_a_version_brought(tmp_path: Path) -> None:
    """Played migration by migration: what appears is told under its version, and nothing else is."""
    db = Database(tmp_path / "listener.db")
    steps = [step.name for step in migrations.pending(db)]
    assert len(steps) == SCHEMA_VERSION
    before: set[str] = set()
    for version, following in enumerate([*steps[1:], None], 1):
        migrations.apply(db, stop_before=following)
        tables = {name for name in db.table_names() if not re.match(r"posts_fts_|sqlite_|_sqlite", name)}
        now = tables | {f"{name}.{column}" for name in tables for column in db[name].columns_dict}
        told = CHANGES[version]
        for name in now - before:
            table, _, column = name.partition(".")
            if not column:
                assert f"`{name}`" in told, f"table {name} is not told under version {version}"
            elif table in before:
                shared = rf"`{table}\.\w+`(?:, `\w+`)*"  # `posts.looked`, `backfilled`, …
                named = {
                    one for group in re.findall(shared, told.replace("\n", " ")) for one in re.findall(r"(\w+)`", group)
                }
                assert column in named, f"{name} is not told under version {version}"
        gone = {name for name in before - now if name.partition(".")[0] in now}
        assert not gone, f"version {version} took away {gone}: tell it, and what an analyst must change"
        before = now
    db.close()


def test_every_promised_view_and_no_column_that_is_none_stands_in_the_changelog() -> None:
    everything = "".join(CHANGES.values())
    assert [view for view in PROMISED if f"`{view}`" not in everything] == []
    assert set(re.findall(r"`(v_\w+)[.`]", everything)) <= set(PROMISED)
    for view, column in re.findall(r"`(v_\w+)\.(\w+)`", everything):
        assert column in {one.name for one in PROMISED[view].columns}
