"""What the pages tell people to type is typed here, in a fresh folder; and no link on them is dead."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from listener.cli import main
from tests.helpers_docs import DOCS, PAGES, ROOT, Block, anchors, blocks, links, typed

# Every block of commands that is not run, by its first one, with the reason that stands above it on the page.
NOT_RUN = {
    (
        "first-digest.md",
        "git clone LISTENER && cd LISTENER          # or unpack the archive",
    ): "installs from a package index",
    ("first-digest.md", "listener check --online"): "asks the internet",
    ("first-digest.md", "listener label --next 10 --brand wagtail"): "wants a person at the keyboard",
    ("first-digest.md", "listener run"): "runs until it is stopped",
    ("mail.md", "listener check --mail-to ann"): "needs a mail server",
    ("running.md", "useradd --system --no-create-home --home-dir /nonexistent listener"): "changes the machine",
    ("running.md", "cd /srv/listener && runuser -u listener -- .venv/bin/listener status"): "needs the service above",
    ("running.md", "systemctl stop listener"): "needs the service above",
}
# The internet is not asked: in the place of this address stands one that never leads anywhere (RFC 6761).
OFFLINE = {"https://hn.algolia.com": "https://hn.algolia.invalid"}
RUN = [page for page in PAGES if any(block.kind == "console" and not block.not_run for block in blocks(page))]


def test_what_is_kept_of_one_writer_is_listed_as_the_page_says(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    follow(DOCS / "first-digest.md", monkeypatch, until="listener gather")
    (block,) = [block for block in blocks(DOCS / "privacy.md") if block.kind == "python"]
    exec(block.body.replace("forum.example", "hotline").replace("name as shown", "bo"), {})
    assert "Wagtail charged me twice" in capsys.readouterr().out


def test_what_is_not_run_is_known_with_its_reason() -> None:
    found = {
        (block.page, block.commands[0]): block.not_run
        for page in PAGES
        for block in blocks(page)
        if block.kind == "console" and block.not_run
    }
    assert found == NOT_RUN
    assert len(RUN) >= 4


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which `listener` is on the path, as it is for whoever reads the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    for name in ("LISTENER_CONFIG", "LISTENER_DROPS", "LISTENER_SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_the_page_can_be_followed(
    page: Path, home: Path, monkeypatch: pytest.MonkeyPatch, need: Callable[[str, str], None]
) -> None:
    if any("sqlite3 " in line for block in blocks(page) if block.kind == "console" for line in block.commands):
        need("sqlite3", "sqlite3")
    if page.name != "first-digest.md":  # the others go on where that one ends
        follow(DOCS / "first-digest.md", monkeypatch, until="listener gather")
    follow(page, monkeypatch)
    if page.name == "first-digest.md":
        assert Path("first.html").read_text("utf-8").count("Wagtail") > 1


def follow(page: Path, monkeypatch: pytest.MonkeyPatch, until: str = "") -> None:
    """Write the files that the page shows, and type what it says, in its order."""
    for block in blocks(page):
        place = re.match(r"(file|change): (\S+)", block.note)
        if place:
            _write(Path(place[2]), block.body, whole=place[1] == "file")
        if block.kind != "console" or block.not_run:
            continue
        for steps in _steps(block):
            done, code = _do(steps, monkeypatch)
            assert code == 0, f"{page.name}: {steps}\n{done}"
            if until and until in steps:
                return


def _write(path: Path, text: str, *, whole: bool) -> None:
    for online, offline in OFFLINE.items():
        text = text.replace(online, offline)
    if whole:
        assert path.parent.is_dir(), path
        path.write_text(text, encoding="utf-8")
        return
    before = path.read_text("utf-8")
    key = text.partition("=")[0]
    changed, n = re.subn(rf"(?m)^{re.escape(key)}=.*\n", text, before)
    assert n == 1, f"{path} has no one line {key}"
    path.write_text(changed, encoding="utf-8")


def _steps(block: Block) -> list[str]:
    """One `listener` command each; what is typed between them, for the shell, together."""
    steps: list[str] = []
    for line in block.commands:
        plain = _plain(line)
        if plain or not steps or _plain(steps[-1]):
            steps.append(line)
        else:
            steps[-1] += "\n" + line
    return steps


def _plain(line: str) -> bool:
    return re.match(r"listener [^|><$]*$", line) is not None


def _do(step: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """A plain command is run in this process, which is much quicker; all else by a shell, whose folder and exports are
    kept."""
    if _plain(step):
        done = CliRunner().invoke(main, shlex.split(step, comments=True)[1:])
        return done.output, done.exit_code
    script = f"set -e\n{step}\npwd > .where\nenv -0 > .env"
    home = Path.cwd()
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    if ran.returncode == 0:
        for name in (".where", ".env"):
            assert any((folder / name).exists() for folder in (home, *home.iterdir()) if folder.is_dir())
        where = next(folder for folder in (home, *home.iterdir()) if folder.is_dir() and (folder / ".where").exists())
        (where / ".where").unlink()
        for line in (where / ".env").read_text("utf-8").split("\0"):
            if line.startswith("LISTENER_"):
                name, _, value = line.partition("=")
                monkeypatch.setenv(name, value)
        (where / ".env").unlink()
        monkeypatch.chdir(where)
    return ran.stdout + ran.stderr, ran.returncode


def known(words: list[str]) -> str:
    """What is wrong with a command as a page writes it; "" if the command line has it all."""
    command: click.Command = main
    place = "listener"
    while isinstance(command, click.Group) and words:
        named = re.sub(r"\W+$", "", words[0])
        if words[0].startswith("-") or named not in command.commands:
            break
        command, words, place = command.commands[named], words[1:], f"{place} {named}"
    if command is main and words and not words[0].startswith("-"):
        return f"no command {words[0]!r}"
    options = {name for param in (*command.params, *main.params) for name in (*param.opts, *param.secondary_opts)}
    options |= {"--help", "-h", "--version"}
    for word in words:
        option = re.match(r"--[a-z][a-z-]*", word)
        if option and option[0] not in options:
            return f"{place} has no {option[0]}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    for command in typed(page):
        words = command.replace("`", " ").split()
        assert not known(words), f"{page.name}: `listener {command}`: {known(words)}"


def test_the_eye_for_commands_sees() -> None:
    assert known(["gathre"]) == "no command 'gathre'"
    assert known(["watch", "backtest", "--sins", "2026-01-01"]) == "listener watch backtest has no --sins"
    assert sum(1 for page in PAGES for _ in typed(page)) > 60


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), f"{page.name}: {path} leaves the tree"
        assert target.exists(), f"{page.name}: {path} is not there"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {path}#{anchor} is no heading there"


def test_every_page_can_be_found_from_the_readme() -> None:
    reached, ahead = set(), {ROOT / "README.md"}
    while ahead:
        page = ahead.pop()
        reached.add(page)
        found = {(page.parent / path).resolve() for path, _ in links(page) if path.endswith(".md")}
        ahead |= found - reached
    assert set(PAGES) - reached == set()
