"""The tab key: the scripts are ones that their shells take, and the names offered are those of the config."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from listener.cli import main
from tests.helpers_house import write_home

COMPLETE = ShellComplete(main, {}, "listener", "_LISTENER_COMPLETE")


def offered(*words: str) -> list[str]:
    """What the tab key offers after these words; the last one is being typed."""
    return [item.value for item in COMPLETE.get_completions(list(words[:-1]), words[-1])]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_home(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)
    return tmp_path


def test_commands_and_options() -> None:
    assert offered("sta") == ["status"]
    assert "--patience" in offered("status", "--")
    assert offered("watch", "back") == ["backtest"]
    assert offered("status", "--about", "di") == ["digest", "disk"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["today", "--brand", ""], ["acme", "bolt"]),
        (["search", "slow", "--brand", "b"], ["bolt"]),
        (["watch", "backtest", "--brand", "a"], ["acme"]),
        (["brand", "check", ""], ["acme", "bolt"]),
        (["gather", ""], ["town"]),
        (["backfill", "t"], ["town"]),
        (["check", "--mail-to", ""], ["ann", "mei"]),
        (["ack", "00", "--by", "m"], ["mei"]),
        (["digest", "--brand", "x"], []),
    ],
    ids=lambda part: "-".join(part),
)
def test_names_of_the_config(home: Path, words: list[str], names: list[str]) -> None:
    assert offered(*words) == names


def test_another_config_is_looked_into(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "other").mkdir()
    (home / "other" / "brands.toml").write_text('[[brand]]\nid = "zest"\nname = "Zest"\n', encoding="utf-8")
    assert offered("today", "--config", "other", "--brand", "") == ["zest"]
    monkeypatch.setenv("LISTENER_CONFIG", str(home / "other"))
    assert offered("today", "--brand", "") == ["zest"]


@pytest.mark.parametrize("text", ["", "[[brand]\n", "brand = 3\n", '[[brand]]\nname = "no id"\n', "\x00\xff"])
def test_a_broken_config_offers_nothing_and_is_no_error(home: Path, text: str) -> None:
    (home / "config" / "brands.toml").write_bytes(text.encode("latin-1"))
    assert offered("today", "--brand", "") == []
    (home / "config" / "brands.toml").unlink()
    assert offered("today", "--brand", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_takes(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert f"_LISTENER_COMPLETE={shell}_complete" in done.stdout
    program = shutil.which(shell)
    if program is not None:
        ran = subprocess.run(
            [program, "-n", "/dev/stdin"], input=done.stdout, text=True, capture_output=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, "")


def test_bash_asks_and_is_answered(home: Path) -> None:
    """As the script does it: the words so far in COMP_WORDS, the one being typed by its number."""
    environ = {
        **os.environ,
        "_LISTENER_COMPLETE": "bash_complete",
        "COMP_WORDS": "listener today --brand a",
        "COMP_CWORD": "3",
    }
    done = CliRunner().invoke(main, [], env=environ, prog_name="listener")
    assert done.stdout.splitlines() == ["plain,acme"]
