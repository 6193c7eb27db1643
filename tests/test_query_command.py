"""`listener query`, as somebody types it."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from listener.cli import main
from listener.store.canned import canned
from listener.store.schema import SCHEMA_VERSION
from listener.store.sqlite import open_store
from tests.helpers_export import hostile_store
from tests.helpers_house import write_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder, and a store in which two people complained of wagtail and nobody answered."""
    write_home(tmp_path)
    hostile_store(tmp_path, ["=1+1", "[red]fine[/red] \x1b[31m"]).close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def query(*words: str) -> Result:
    return CliRunner().invoke(main, ["query", *words])


def test_without_a_name_it_lists_them_in_both_languages(home: Path) -> None:
    done = query()
    for one in canned():
        assert one.name in done.stdout
        assert one.title_zh[:8] in done.stdout
    told = json.loads(query("--format", "json").stdout)
    assert [one["name"] for one in told] == [one.name for one in canned()]


@pytest.mark.parametrize("name", [one.name for one in canned()])
def test_every_query_answers(home: Path, name: str) -> None:
    done = query(name, "--format", "csv")
    assert done.exit_code == 0, done.output
    (asked,) = [one for one in canned() if one.name == name]
    assert done.stdout.splitlines()[0].split(",") == list(asked.columns)


def test_the_same_answer_in_every_format(home: Path) -> None:
    asked = ("unanswered-complaints", "--param", "brand=wagtail", "--param", "days = 30")
    rows = json.loads(query(*asked, "--format", "json").stdout)
    assert [row["thread_title"] for row in rows] == ["=1+1", "[red]fine[/red] \x1b[31m"]
    assert [json.loads(line) for line in query(*asked, "--format", "jsonl").stdout.splitlines()] == rows
    found = list(csv.DictReader(io.StringIO(query(*asked, "--format", "csv").stdout, newline="")))
    assert [row["thread_title"] for row in found] == ["'=1+1", "[red]fine[/red] \ufffd[31m"]
    assert [row["hours_waiting"] for row in found] == [str(row["hours_waiting"]) for row in rows]
    table = query(*asked)
    assert "[red]fine[/red] \ufffd[31m" in table.stdout
    assert "\x1b" not in table.stdout
    assert "Which complaints wait" in table.stderr


def test_parameters_do_something(home: Path) -> None:
    assert len(json.loads(query("unanswered-complaints", "-p", "days=1", "--format", "json").stdout)) == 1
    assert "nothing, as far as this store knows" in query("unanswered-complaints", "-p", "brand=bolt").stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("unanswered-complaint", "did you mean 'unanswered-complaints'?; `listener query` lists them"),
        ("unanswered-complaints -p dais=3", "takes no parameter 'dais'; did you mean 'days'?"),
        ("unanswered-complaints -p days", "--param 'days' is not NAME=VALUE, as in --param days=7"),
        ("unanswered-complaints -p days=seven", "a whole number from 1 on, not 'seven'"),
        ("unanswered-complaints -p days=0", "a whole number from 1 on, not '0'"),
        ("unanswered-complaints -p days=７", "a whole number from 1 on, not '７'"),
        ("unanswered-complaints -p days=9999999", "a whole number from 1 on"),
        ("unanswered-complaints -p days=3 -p days=4", "--param days is given twice"),
        ("unanswered-complaints -p brand=wagtial", "did you mean 'wagtail'?"),
    ],
)
def test_mistakes_are_told_with_their_mend(home: Path, words: str, told: str) -> None:
    done = query(*words.split())
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_the_sql_runs_in_the_sqlite_shell(home: Path) -> None:
    done = query("unanswered-complaints", "--sql", "-p", "brand=wagtail")
    assert done.exit_code == 0
    assert done.stdout.startswith("-- Which complaints wait for an answer, and for how long?\n.parameter set :brand")
    if shell := shutil.which("sqlite3"):
        run = subprocess.run(
            [shell, "-readonly", "listener.db"], input=done.stdout, capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
        assert len(run.stdout.splitlines()) == 2


def test_an_older_file_says_how_it_is_brought_up_to_date(home: Path) -> None:
    store = open_store(home / "listener.db")
    store.write("UPDATE meta SET value = '2' WHERE name = 'schema_version'")
    store.close()
    done = query("rising-topics")
    assert done.exit_code == 1
    assert f"an older Listener wrote it last (schema 2, today's is {SCHEMA_VERSION})" in done.stderr
    assert "`listener housekeep`" in done.stderr


def test_nothing_can_be_written(home: Path) -> None:
    before = (home / "listener.db").read_bytes()
    key = (home / "listener.key").stat().st_mtime_ns
    for one in canned():
        assert query(one.name, "--store", "listener.db", "--config", "nowhere").exit_code == 0
    assert (home / "listener.db").read_bytes() == before
    assert (home / "listener.key").stat().st_mtime_ns == key
    open_store(home / "listener.db", read_only=True).close()
