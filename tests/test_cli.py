"""The commands, as somebody types them."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from listener.cli import SECTIONS, main

DOCS = Path(__file__).parent.parent / "docs"


def commands(group: click.Group, before: str = "listener") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a fresh config, as a newcomer has it."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    return tmp_path


def test_every_command_has_help_and_is_documented() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    found = dict(commands(main))
    assert len(found) > 10
    for name, command in found.items():
        assert command.help, f"{name} has no help"
        assert f"`{name}`" in page, f"{name} is not in docs/commands.md"
        shown = CliRunner().invoke(main, [*name.split()[1:], "--help"])
        assert shown.exit_code == 0
        assert command.help.splitlines()[0][:20] in shown.output


def test_every_option_is_documented_and_explains_itself() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(listener [^`]*)` \| (.*) \|$", page[page.index("## Options") :], re.MULTILINE))
    found = dict(commands(main))
    assert set(rows) <= set(found), "the table has no command that is none"
    for name, command in found.items():
        for option in (param for param in command.params if isinstance(param, click.Option)):
            long = max(option.opts, key=len)
            assert option.help, f"{name} {long} has no help"
            if long not in ("--config", "--json"):
                assert re.search(rf"{long}(?![\w-])", rows.get(name, "")), f"docs/commands.md, Options: {name} {long}"
        for word in re.findall(r"(?<![\w-])--[a-z][a-z-]+", rows.get(name, "")):
            assert word in {one for param in command.params for one in param.opts}, f"{name} has no {word}"


def test_help_is_written_for_people() -> None:
    """A first line that fits beside the name, whole, and an example that the command line takes."""
    for name, command in commands(main):
        told = CliRunner().invoke(main, [*name.split()[1:], "--help"], terminal_width=80).output
        assert "Example" in told, f"{name} shows no example"
        assert re.search(rf"^ +{name}( |$)", told, re.MULTILINE), f"the example of {name} is of something else"
        short = command.get_short_help_str(64)
        assert not short.endswith("..."), f"{name}: the first sentence is too long to be shown whole: {short}"
    top = CliRunner().invoke(main, ["--help"], terminal_width=80)
    for section in SECTIONS:
        assert f"\n{section}:\n" in top.output
    assert all(f"\n  {name} " in top.output for name in main.commands)


def test_init_writes_a_config_that_is_well(home: Path) -> None:
    for path in (home / "config").glob("*.toml"):
        tomllib.loads(path.read_text("utf-8"))
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 0, done.output
    assert "all well" in done.output
    assert "sources.toml has no source yet" in done.output


def test_init_keeps_what_is_there(home: Path) -> None:
    (home / "config" / "people.toml").write_text("# mine\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["init"])
    assert done.exit_code == 0
    assert (home / "config" / "people.toml").read_text("utf-8") == "# mine\n"
    assert "people.toml" in done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("brands.toml", "time_zone =", "time_zome =", "did you mean 'time_zone'?"),
        ("brands.toml", 'digest_to = ["mei"', 'digest_to = ["mai"', "did you mean 'mei'?"),
        ("brands.toml", "Asia/Taipei", "Asia/Taipeh", "time zone"),
        ("listener.toml", "timeout_s = 30", 'timeout_s = "soon"', "timeout_s"),
        ("people.toml", "mei@brand.example", "mei at brand", "mail"),
        ("brands.toml", "(Wagtail OR", "((Wagtail OR", "wagtail"),
    ],
)
def test_mistakes_are_told_with_file_and_mend(home: Path, file: str, old: str, new: str, told: str) -> None:
    path = home / "config" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 2, done.output
    assert told in done.output


def test_a_line_is_named(home: Path) -> None:
    path = home / "config" / "brands.toml"
    lines = path.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("time_zone"))
    lines[number - 1] = 'time_zome = "Asia/Taipei"'
    path.write_text("\n".join(lines), encoding="utf-8")
    done = CliRunner().invoke(main, ["check"])
    assert f"brands.toml:{number}:" in done.output.replace("\n", "")


def test_nothing_due_is_no_failure(home: Path) -> None:
    assert CliRunner().invoke(main, ["watch"]).exit_code == 0
    listed = CliRunner().invoke(main, ["alerts", "--json"])
    assert json.loads(listed.stdout) == []
    assert CliRunner().invoke(main, ["sources"]).exit_code == 0
    assert CliRunner().invoke(main, ["search", "客服"]).exit_code == 0
    assert CliRunner().invoke(main, ["housekeep"]).exit_code == 0


def test_a_digest_of_nothing_says_that_the_zero_cannot_be_trusted(home: Path) -> None:
    done = CliRunner().invoke(main, ["digest", "--day", "2026-03-21", "--write", "page.html"])
    assert done.exit_code == 0, done.output
    assert (home / "page.html").stat().st_size > 1000
    again = CliRunner().invoke(main, ["digest", "--day", "2026-03-21"])
    assert "stood already" in again.output


@pytest.mark.parametrize(
    "arguments", [["digest", "--day", "someday"], ["digest", "--brand", "wagtial"], ["ack", "00", "--by", "me"]]
)
def test_a_wrong_word_is_exit_2_with_the_mend(home: Path, arguments: list[str]) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "listener:" in done.output


def test_a_missing_config_names_the_command_that_writes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 2
    assert "listener init" in done.output


def test_gather_fails_when_not_one_source_was_heard(home: Path) -> None:
    text = '[[source]]\nname = "{}"\nkind = "{}"\nurl = "{}"\n'
    drops = home / "data" / "drops" / "hotline"
    drops.mkdir(parents=True)
    (drops / "a.csv").write_text("text\nThe bill came twice.\n", encoding="utf-8")
    path = home / "config" / "sources.toml"
    path.write_text(text.format("inside", "feed", "http://127.0.0.1:9/feed"), encoding="utf-8")
    done = CliRunner().invoke(main, ["gather"])
    assert done.exit_code == 1
    assert "blocked by the site" in done.output
    assert "not one of 1 sources could be heard" in done.output
    options = 'options = { columns = { text = "text" } }\n'
    path.write_text(path.read_text() + text.format("drop", "file", "file:hotline") + options, encoding="utf-8")
    done = CliRunner().invoke(main, ["gather", "inside", "drop", "--json"])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, ["gather"]).exit_code == 0, "nothing is due"
    path.write_text(text.format("odd", "telepathy", "http://127.0.0.1:9/"), encoding="utf-8")
    done = CliRunner().invoke(main, ["gather", "--json"])
    assert (done.exit_code, '"state": "config"' in done.output) == (1, True)


def test_sources_tell_their_hours(home: Path) -> None:
    path = home / "config" / "sources.toml"
    source = '[[source]]\nname = "a"\nkind = "feed"\nurl = "http://archive.example/feed"\n'
    path.write_text(source, encoding="utf-8")
    net = home / "config" / "listener.toml"
    host = '\n[[net.host]]\nname = "archive.example"\nhours = "{}"\ntime_zone = "Asia/Taipei"\n'
    before = net.read_text("utf-8")
    net.write_text(before + host.format("01:00-06:00"), encoding="utf-8")
    told = json.loads(CliRunner().invoke(main, ["sources", "--json"]).stdout)
    assert [(row["state"], row["hours"]) for row in told] == [("new", "01:00-06:00 Asia/Taipei")]
    path.write_text(source + 'hours = "22:00-05:00"\n', encoding="utf-8")
    told = json.loads(CliRunner().invoke(main, ["sources", "--json"]).stdout)
    assert told[0]["hours"] == "22:00-05:00 UTC", "a source's own hours come first"
    net.write_text(before + host.format("at night"), encoding="utf-8")
    done = CliRunner().invoke(main, ["sources"])
    assert done.exit_code == 2
    assert "are no hours" in done.output
