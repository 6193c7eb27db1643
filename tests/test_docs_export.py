"""docs/export.md does what it says: its commands, its SQL and its Python run as they stand there."""

import re
import shlex
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from listener.cli import main
from listener.export.cells import EXCEL_LIMIT, EXCEL_ROWS, guarded, shown
from listener.store.promised import PROMISED
from tests.helpers_export import hostile_store
from tests.helpers_house import write_home

PAGE = (Path(__file__).parent.parent / "docs" / "export.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config and a store, and the demo's store beside it."""
    write_home(tmp_path)
    demo = tmp_path / "listener-demo"
    demo.mkdir()
    hostile_store(tmp_path).close()
    hostile_store(demo).close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_its_commands_run(here: Path) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) >= 10
    for line in lines:
        words = shlex.split(re.split(r" [|>] ", line)[0], comments=True)
        assert words[0] == "listener"
        done = CliRunner().invoke(main, [*words[1:], *(["--force"] if "--output views" in line else [])])
        assert done.exit_code == 0, f"{line}: {done.output}"
    assert {path.name for path in here.iterdir()} >= {"v_mentions.csv", "march.parquet", "views", "daily.csv"}


def test_its_sql_and_its_python_run(here: Path) -> None:
    CliRunner().invoke(main, ["export", "all", "--format", "parquet", "-o", "views"])
    with duckdb.connect() as db:
        for statement in "".join(blocks("sql")).strip().split("\n"):
            assert db.execute(statement).fetchall(), statement
    names: dict[str, Any] = {}
    exec(compile("".join(blocks("python")), "export.md", "exec"), names)
    names["store"].close()
    assert len(names["daily"]) == 24
    assert str(names["daily"]["day"].dtype).startswith("datetime64")
    assert len(names["mentions"]) == 25


def test_every_view_is_told_with_what_it_is_picked_by() -> None:
    told = {}
    for line in re.findall(r"^\| (`v_.*)$", PAGE, re.MULTILINE):
        views, by = line.split(" | ")[:2]
        for view in re.findall(r"`(v_\w+)`", views):
            found = re.match(r"`(\w+)`", by)
            told[view] = found[1] if found else ""
    assert told == {view.name: view.picked_by for view in PROMISED.values()}


def test_its_figures_and_characters_are_right() -> None:
    assert f"{EXCEL_LIMIT:,} characters" in PAGE
    assert f"{EXCEL_ROWS - 1:,} rows" in PAGE
    (said,) = re.findall(r"full-width (.*?)\) get an apostrophe", PAGE)
    assert all(guarded(one) == f"'{one}" for one in said.split())
    assert shown("\x07\u202e") == "\ufffd\ufffd"
    assert "become `\ufffd`" in PAGE
