"""SIGKILL at any moment loses nothing that was committed and leaves nothing half."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from listener.store.sqlite import open_store
from tests.helpers_store import make_store

ROOT = Path(__file__).parent.parent
HALF = (
    "SELECT count(*) AS n FROM posts WHERE id NOT IN (SELECT post FROM mentions)",
    "SELECT count(*) AS n FROM mentions WHERE mention NOT IN (SELECT mention FROM judgements)",
    "SELECT count(*) AS n FROM mentions WHERE mention NOT IN (SELECT mention FROM judgement_topics)",
    "SELECT count(*) AS n FROM posts WHERE id NOT IN (SELECT rowid FROM posts_fts)",
    "SELECT count(*) AS n FROM posts_fts WHERE rowid NOT IN (SELECT id FROM posts)",
)


def _kill_at_random(folder: Path, kills: int) -> None:
    make_store(folder).close()
    path = folder / "listener.db"
    chance = random.Random(kills)
    number, told = 0, 0
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.store_writer", str(path), str(number)],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 0.12))
            writer.kill()
            told += 40 * len(writer.stdout.readlines())
        store = open_store(path)
        assert store.read("PRAGMA integrity_check") == [("ok",)]
        assert store.read("PRAGMA foreign_key_check") == []
        assert [store.rows(sql)[0]["n"] for sql in HALF] == [0] * len(HALF)
        posts, whole = store.rows("SELECT count(*) AS n, count(DISTINCT key) AS k FROM posts")[0].values()
        assert posts == whole >= told
        assert posts % 40 == 0  # whole batches only
        assert len(store.rows("SELECT * FROM seen")) == posts // 8
        store.write("INSERT INTO posts_fts (posts_fts) VALUES ('integrity-check')")
        number = told = posts
        store.close()


def test_fifteen_kills(tmp_path: Path) -> None:
    _kill_at_random(tmp_path, 15)


@pytest.mark.slow
def test_two_hundred_kills(tmp_path: Path) -> None:
    _kill_at_random(tmp_path, 200)
