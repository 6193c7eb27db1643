"""SIGKILL at random moments of gather, watch, digest and send: nothing is half-done, lost, or mailed twice."""

import email
import email.policy
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kill_child import OVER
from tests.town_server import open_town, write_config

ROOT = Path(__file__).parent.parent
ROUND_H = 24  # hours between two wakings: no child lives long enough to reach into the next one's time


def command(config: Path, hours: int, how: str) -> list[str]:
    return [sys.executable, "-m", "tests.kill_child", str(config), str(hours), how]


def whole_round(config: Path, hours: int) -> None:
    """One round that nobody disturbs."""
    subprocess.run(command(config, hours, "once"), cwd=ROOT, check=True, timeout=120, stdout=subprocess.DEVNULL)


def look(store: Path) -> None:
    """The store opens, is sound, and holds no post by halves."""
    db = sqlite3.connect(store)
    try:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert db.execute("pragma foreign_key_check").fetchall() == []
        if not db.execute("select 1 from sqlite_master where name = 'posts'").fetchone():
            return  # killed before the first migration was whole
        halves = """
            select (select count(*) from posts p where not exists (select 1 from mentions m where m.post = p.id)),
                   (select count(*) from mentions m where not exists
                        (select 1 from judgements j where j.mention = m.mention)),
                   (select count(*) from posts p where not exists (select 1 from posts_fts f where f.rowid = p.id)),
                   (select count(*) from posts) - (select count(distinct key) from posts),
                   (select count(*) from entries e where not exists
                        (select 1 from mentions m where m.mention = e.mention))"""
        assert db.execute(halves).fetchone() == (0, 0, 0, 0, 0)
        alerts = db.execute(
            "select count(*) from alerts a where not exists (select 1 from outbox o where o.cause = 'alert:' || a.key)"
            " and a.brand = 'wagtail'"
        ).fetchone()
        assert alerts == (0,), "an alert without its mail"
    finally:
        db.close()


def kill_and_look(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill a child `kills` times, look after each, then let one round end and compare with an undisturbed store."""
    luck = random.Random(seed)
    with open_town(OVER - timedelta(minutes=30)) as (town, _, port):
        for name in ("killed", "calm"):
            write_config(folder / name / "config", town.world, port)
        began = time.monotonic()
        whole_round(folder / "calm" / "config", 0)
        whole_s = time.monotonic() - began
        for number in range(kills):
            orders = command(folder / "killed" / "config", number * ROUND_H, "forever")
            child = subprocess.Popen(orders, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            assert child.stdout is not None
            assert child.stdout.readline() == "up\n"
            time.sleep(luck.uniform(0, whole_s))
            child.kill()
            child.wait()
            child.stdout.close()
            if (folder / "killed" / "listener.db").exists():
                look(folder / "killed" / "listener.db")
        whole_round(folder / "killed" / "config", kills * ROUND_H)
    look(folder / "killed" / "listener.db")
    keys = {name: rows(folder / name, "select key from posts order by key") for name in ("killed", "calm")}
    assert keys["killed"] == keys["calm"], "every post of the town is there, once"
    assert len(keys["calm"]) > 300
    entries = "select brand, day, round(sum(amount), 6) from entries group by brand, day order by brand, day"
    assert rows(folder / "killed", entries) == rows(folder / "calm", entries), "the account is the same"
    mails: Counter[str] = Counter()
    for path in (folder / "killed" / "outbox").glob("*.eml"):
        mails[str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Message-ID"])] += 1
    queued = {str(row[0]) for row in rows(folder / "killed", "select message_id from outbox")}
    assert set(mails) == queued, "every message was delivered"
    assert set(mails.values()) == {1}, "and none twice"
    assert rows(folder / "killed", "select count(*) from outbox where state != 'sent'") == [(0,)]
    return mails


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(folder / "listener.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


@pytest.mark.timeout(400)  # a round takes half a minute where much else runs
def test_ten_kills(tmp_path: Path) -> None:
    kill_and_look(tmp_path, kills=10, seed=10)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_kills(tmp_path: Path) -> None:
    kill_and_look(tmp_path, kills=200, seed=200)
