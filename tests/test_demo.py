"""The demo, as `make demo` plays it: everything over real HTTP, twice."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from listener.demo.play import play
from listener.demo.world import load_world
from listener.errors import ListenerError
from listener.shipped import shipped
from tests.town_server import LOWEST, free_ports


def test_world_is_what_the_readme_says() -> None:
    world = load_world(shipped("demo"))
    assert len(world.said) >= 400
    assert len({said.author for said in world.said}) >= 150
    assert (world.last_day - world.first_day).days == 20
    assert {said.lang for said in world.said} >= {"en", "zh-Hant"}
    before = [
        said for said in world.said if said.at < world.crisis_began and said.at > world.crisis_began - timedelta(days=1)
    ]
    after = [said for said in world.said if said.at >= world.crisis_began]
    assert len(after) > 3 * len(before), "the crisis is to be seen"
    assert len(world.fetchable()) < len(world.said), "the members' board speaks too, and must not be heard"


def test_played_twice_adds_and_mails_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, console = tmp_path / "town", Console(width=160)
    first = play(folder, free_ports(4, LOWEST), False, console)
    assert first.new[0] > 250, "round one brings three weeks"
    assert first.new[1] > 50, "round two brings what was said since"
    assert first.digests == 21
    assert len([alert for alert in first.alerts if alert.topic == "data-misuse"]) == 1
    assert first.delay is not None
    assert timedelta() <= first.delay <= timedelta(hours=2)
    before = everything(folder)
    second = play(folder, None, False, console)
    assert second.new == (0, 0)
    assert second.sent == first.sent
    assert second.not_modified >= 1, "the feed that knows validators answers 304"
    assert everything(folder) == before
    printed = capsys.readouterr().out
    assert "Wagtail Mobile" in printed
    assert "Open next" in printed


def everything(folder: Path) -> dict[str, object]:
    """What must be the same after the demo was played again."""
    db = sqlite3.connect(folder / "listener.db")
    try:
        tables = ("posts", "mentions", "judgements", "entries", "alerts", "digests", "outbox", "seen", "voices")
        counts: dict[str, object] = {table: db.execute(f"select count(*) from {table}").fetchone() for table in tables}
        counts["digests"] = db.execute(
            "select brand, day, language, html, text from digests order by 1, 2, 3"
        ).fetchall()
    finally:
        db.close()
    counts["files"] = sorted((path.name, path.read_bytes()) for path in (folder / "outbox").iterdir())
    return counts


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ListenerError, match="fresh --dir"):
        play(tmp_path, None, False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
