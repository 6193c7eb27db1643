"""What goes wrong at the terminal is told in one line, with the mend and the right exit code: no traceback, ever."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from listener.cli import main
from listener.commands import shared
from tests.helpers_house import NOW, heard, house_in, post

Typed = Callable[..., Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a store that knows one post; to be copied."""
    folder = tmp_path_factory.mktemp("home")
    with house_in(folder, NOW) as (house, _):
        heard(house, NOW, NOW)
        house.intake.take([post(1, "Acme is slow today", NOW)])
    return folder


@pytest.fixture
def typed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types a command in a copy of it."""
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_SMTP_PASSWORD", raising=False)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)

    def type_(*arguments: str) -> Any:
        done = CliRunner().invoke(main, list(arguments))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return done

    return type_


BRAND_TAKERS = (
    ["today"], ["digest"], ["search", "slow"], ["themes"], ["evaluate"], ["rejudge"], ["discover"], ["evidence"],
    ["watch", "backtest", "--since", "2026-03-01"], ["brand", "backtest", "Acme"], ["label", "--next", "1"],
)  # fmt: skip


@pytest.mark.parametrize("command", BRAND_TAKERS, ids=lambda command: " ".join(command[:2]))
def test_a_wrong_brand_is_told_with_the_nearest_right_one(typed: Typed, command: list[str]) -> None:
    done = typed(*command, "--brand", "acmee")
    assert done.exit_code == 2, done.output
    assert "did you mean 'acme'?" in done.output


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["statsu"], "status"),
        (["gather", "tow"], "did you mean 'town'?"),
        (["backfill", "twon", "--since", "2026-03-01"], "did you mean 'town'?"),
        (["check", "--mail-to", "anna"], "did you mean 'ann'?"),
        (["digest", "--day", "21.3.2026"], "write it like 2026-03-21"),
        (["digest", "--day", "2026-02-30"], "write it like 2026-03-21"),
        (["backfill", "town", "--since", "yesterday"], "'yesterday' is no day; write it like 2026-03-21"),
        (["watch", "backtest", "--since", "2026-13-01"], "write it like 2026-03-21"),
        (["rejudge", "--since", "1.3.2026"], "write it like 2026-03-21"),
        (["brand", "backtest", "Acme AND ("], "bracket"),
        (["brand", "check", "bolltt"], "did you mean 'bolt'?"),
        (["ack", "00000000", "--by", "Ann"], "no open alert"),
        (["label"], "--next"),
        (["today", "--language", "fr"], "zh-Hant"),
        (["status", "--patience", "0"], "1<=x"),
        (["check", "--config", "config/listener.toml"], "is a file; name the folder"),
        (["check", "--config", "nowhere"], "`listener init`"),
        (["completion", "tcsh"], "zsh"),
    ],
    ids=lambda part: " ".join(part[:2]) if isinstance(part, list) else "",
)
def test_a_slip_on_the_command_line_is_exit_2_with_the_mend(typed: Typed, command: list[str], told: str) -> None:
    done = typed(*command)
    assert done.exit_code == 2, done.output
    assert told in " ".join(done.output.split()), done.output


@pytest.mark.parametrize("command", ["sources", "status", "today", "run"])
def test_a_store_of_a_newer_listener_is_left_alone(typed: Typed, command: str) -> None:
    with sqlite3.connect("listener.db") as store:
        store.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    store.close()
    done = typed(command)
    assert done.exit_code == 1
    assert "newer Listener (schema 99" in done.output
    assert "update Listener" in done.output


def test_a_locked_store_is_waited_for_and_then_told(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.store.connection.BUSY_S", 0.05)
    other = sqlite3.connect("listener.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        done = typed("housekeep")
        assert (done.exit_code, "another process has been writing for long" in done.output) == (1, True), done.output
        assert typed("search", "slow", "--json").exit_code in (0, 1), "reading may have to write first, and says so"
        assert "is locked" not in typed("status").output, "who only reads does not wait"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert typed("housekeep").exit_code == 0


def test_a_missing_key_a_broken_file_and_a_file_of_somebody_else(typed: Typed) -> None:
    key = Path("listener.key").read_bytes()
    Path("listener.key").unlink()
    done = typed("sources")
    assert (done.exit_code, "Put it back from your backup" in done.output) == (1, True)
    Path("listener.key").write_bytes(key)
    Path("listener.db").write_bytes(b"hello")
    done = typed("sources")
    assert (done.exit_code, "is it a Listener store" in done.output) == (1, True)
    Path("listener.db").unlink()
    other = sqlite3.connect("listener.db")
    other.execute("CREATE TABLE notes (text)")
    other.commit()
    other.close()
    done = typed("sources")
    assert (done.exit_code, "not a Listener store" in done.output) == (1, True)


def test_a_missing_secret_names_the_variable(typed: Typed) -> None:
    path = Path("config/listener.toml")
    path.write_text(path.read_text("utf-8") + '[mail]\nurl = "smtp://ann@mail.invalid:587"\n', encoding="utf-8")
    for command in (["send"], ["check", "--mail-to", "ann"]):
        done = typed(*command)
        assert done.exit_code == 2, command
        assert "LISTENER_SMTP_PASSWORD is not set" in done.output


def test_without_a_network_it_says_so_and_goes_on(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """.invalid never leads anywhere (RFC 6761)."""
    path = Path("config/sources.toml")
    path.write_text('[[source]]\nname = "far"\nkind = "feed"\nurl = "https://far.invalid/feed"\n', encoding="utf-8")
    done = typed("gather")
    assert done.exit_code == 1
    assert "not one of 1 sources could be heard" in done.output
    told = typed("sources", "--json").output
    assert '"state": "late"' in told
    assert "could not be read over the network" in " ".join(told.split())
    done = typed("check", "--online")
    assert (done.exit_code, "far: late" in done.output) == (2, True)
    monkeypatch.setenv("LISTENER_SMTP_PASSWORD", "x")
    config = Path("config/listener.toml")
    config.write_text(config.read_text("utf-8") + '[mail]\nurl = "smtp://ann@mail.invalid:587"\n', encoding="utf-8")
    done = typed("check", "--mail-to", "ann")
    assert (done.exit_code, "is the server up" in done.output) == (2, True)


def test_a_test_mail_arrives_where_mail_goes(typed: Typed) -> None:
    Path("config/sources.toml").write_text("", encoding="utf-8")
    done = typed("check", "--mail-to", "mei")
    assert done.exit_code == 0, done.output
    assert "mei (mei@brand.example) was mailed a test line" in done.output
    (mail,) = Path("data/outbox").glob("*.eml")
    assert b"mei@brand.example" in mail.read_bytes()
    assert "這是測試" in next(Path("data/outbox").glob("*.html")).read_text("utf-8")


def test_nothing_to_listen_to_is_told_with_the_way_on(typed: Typed) -> None:
    Path("config/sources.toml").write_text("", encoding="utf-8")
    for command in ("gather", "sources"):
        assert "listener discover" in typed(command).output


def test_what_is_found_goes_to_standard_output_while_a_bar_is_drawn(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal rich sends what is printed inside a bar to where the bar is; `gather --json > file` was empty."""
    monkeypatch.setattr(shared, "err", Console(stderr=True, force_terminal=True))
    Path("config/sources.toml").write_text(
        '[[source]]\nname = "far"\nkind = "feed"\nurl = "http://127.0.0.1:9/"\n', encoding="utf-8"
    )
    for command in (["gather", "far"], ["themes"], ["sources"], ["search", "slow"], ["rejudge", "--dry-run"]):
        done = CliRunner().invoke(main, [*command, "--json"])
        assert done.stdout[:1] in "[{", (command, done.output)
        assert json.loads(done.stdout) is not None, command


def test_who_reads_the_output_may_stop_reading(typed: Typed) -> None:
    """`listener … | head`: no message, no traceback."""
    line = f"{sys.executable} -c 'from listener.cli import main; main()' sources --json | head -c 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
