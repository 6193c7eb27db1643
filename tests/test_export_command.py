"""`listener export`, as somebody types it."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from listener.cli import main
from listener.store.promised import PROMISED
from listener.store.sqlite import open_store
from tests.helpers_export import hostile_store
from tests.helpers_house import write_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder, with brands acme and bolt, and a store in which somebody spoke of wagtail and copperline."""
    write_home(tmp_path)
    hostile_store(tmp_path, ["=1+1", "fine"]).close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(*words: str) -> Result:
    return CliRunner().invoke(main, ["export", *words])


def test_a_view_becomes_a_file_by_its_name(home: Path) -> None:
    done = export("v_mentions")
    assert done.exit_code == 0, done.output
    assert "v_mentions.csv: 3 rows" in done.stderr
    assert done.stdout == ""
    assert ",'=1+1," in (home / "v_mentions.csv").read_text("utf-8")
    assert export("daily", "-o", "days.parquet").exit_code == 0
    assert parquet.read_table(home / "days.parquet").num_rows == 3
    assert export("daily", "-o", "days.txt", "--format", "jsonl", "--brand", "copperline").exit_code == 0
    (line,) = (home / "days.txt").read_text("utf-8").splitlines()
    assert json.loads(line)["brand"] == "copperline"


def test_standard_output_is_csv_and_nothing_else(home: Path) -> None:
    done = export("v_share_of_voice", "-o", "-")
    assert done.stdout.splitlines()[0] == "day,brand,voices,share"
    assert done.stderr == ""
    assert not list(home.glob("v_*"))


def test_all_views_into_a_folder(home: Path) -> None:
    done = export("all", "--format", "parquet", "-o", "out", "--brand", "wagtail", "--since", "2026-03-14")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (home / "out").iterdir()} == {f"{view}.parquet" for view in PROMISED}
    assert "v_coverage.parquet: 1 row (of all brands: it is about sources)" in done.stderr
    assert "v_brands.parquet: 1 row (of all days: it has none)" in done.stderr
    assert parquet.read_table(home / "out" / "v_daily.parquet")["brand"].to_pylist() == ["wagtail", "wagtail"]


def test_of_all_views_none_is_written_if_one_is_there(home: Path) -> None:
    (home / "out").mkdir()
    (home / "out" / "v_threads.csv").write_text("mine")
    done = export("all", "-o", "out")
    assert done.exit_code == 2
    assert "v_threads.csv exists; --force overwrites it" in done.stderr
    assert [path.read_text() for path in (home / "out").iterdir()] == ["mine"]
    assert export("all", "-o", "out", "--force").exit_code == 0
    assert (home / "out" / "v_threads.csv").read_text("utf-8").startswith("thread_link,")


def test_a_copy_needs_no_config_and_no_key(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = tmp_path_factory.mktemp("away") / "copy.db"
    store = open_store(home / "listener.db")
    store.db.conn.execute("VACUUM INTO ?", (str(away),))
    store.close()
    done = CliRunner().invoke(main, ["export", "daily", "-o", "-", "--store", str(away), "--config", "nowhere"])
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 4
    assert not away.with_suffix(".key").exists()


def test_a_brand_of_the_config_that_nobody_spoke_of_yet_is_empty_not_wrong(home: Path) -> None:
    done = export("daily", "-o", "-", "--brand", "bolt")
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("v_mentoins", "no view 'v_mentoins'; did you mean 'v_mentions'?; `listener export` lists them"),
        ("daly", "did you mean 'v_daily'?"),
        ("daily --brand wagtial", "did you mean 'wagtail'?"),
        ("coverage --brand wagtail", "v_coverage is about sources, not brands; leave out --brand"),
        ("brands --since 2026-03-01", "v_brands has no day or time to pick rows by; leave out --since and --until"),
        (
            "daily --since 2026-03-02 --until 2026-03-02",
            "no day lies from 2026-03-02 on and before 2026-03-02; --until is the day after",
        ),
        ("daily --since yesterday", "'yesterday' is no day"),
        ("daily -o days.xlsx", "end it in .csv, .jsonl or .parquet, or give --format"),
        ("daily -o days.jsonl --excel", "--excel is a kind of CSV"),
        ("daily -o nowhere/days.csv", "nowhere is no folder"),
        ("daily -o config --format csv", "config is a folder"),
        ("all -o -", "give --output a folder"),
        ("all -o everything.parquet", "looks like one file"),
        ("daily --store nothing.db", "nothing.db does not exist"),
        ("daily --store config/brands.toml", "is it a Listener store"),
    ],
)
def test_mistakes_are_told_with_their_mend(home: Path, words: str, told: str) -> None:
    done = export(*words.split())
    assert done.exit_code in (1, 2)
    assert told in done.stderr
    assert not list(home.glob("v_*"))


def test_without_a_view_it_lists_them(home: Path) -> None:
    done = export()
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(PROMISED)
    assert "v_relationships    13 columns, days picked by last_day" in done.stdout


def test_who_stops_reading_hears_no_complaint(home: Path) -> None:
    (home / "big").mkdir()
    hostile_store(home / "big", ["x" * 50_000] * 60).close()
    command = [sys.executable, "-c", "from listener.cli import main; main()", "export", "mentions", "-o", "-"]
    with subprocess.Popen(
        [*command, "--store", str(home / "big" / "listener.db")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b"brand,")
        run.stdout.close()
        assert run.wait(60) == 1
        assert run.stderr.read() == b""


@pytest.mark.parametrize(
    ("command", "begun", "offered"),
    [("export", "v_t", ["v_topics_daily", "v_threads", "v_triage"]), ("query", "rising", ["rising-topics"])],
)
def test_the_tab_key_knows_the_names(command: str, begun: str, offered: list[str]) -> None:
    (argument,) = [one for one in main.commands[command].params if one.param_type_name == "argument"]
    context = click.Context(main.commands[command])
    assert [item.value for item in argument.shell_complete(context, begun)] == offered
