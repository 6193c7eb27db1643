"""The sums that the views take: whatever was written since, the views tell what a fresh count tells."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.records import Entry, SourceHealth, SourceState
from listener.store.corrected import Correction
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore
from tests.helpers_store import NOON, edited, make_store, make_taken

VIEWS = (
    "v_daily", "v_topics_daily", "v_balance", "v_relationships", "v_share_of_voice", "v_threads", "v_coverage",
)  # fmt: skip
KINDS = ("days", "topics", "relationships", "threads", "coverage")
BRANDS = ("wagtail", "copperline")
HOUR = timedelta(hours=1)
ALL_STALE = """
DELETE FROM stale_days; DELETE FROM stale_relationships; DELETE FROM stale_threads; DELETE FROM stale_coverage;
DELETE FROM rolled_days; DELETE FROM rolled_topics; DELETE FROM rolled_relationships; DELETE FROM rolled_threads;
DELETE FROM rolled_coverage;
INSERT INTO stale_days SELECT brand, day FROM mentions UNION SELECT brand, day FROM entries;
INSERT INTO stale_relationships SELECT DISTINCT brand, voice FROM mentions;
INSERT INTO stale_threads SELECT DISTINCT m.brand, p.thread FROM mentions m JOIN posts p ON p.id = m.post;
INSERT INTO stale_coverage SELECT DISTINCT source, '' FROM source_hours
"""


def told(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    """What every view tells, its rows sorted."""
    return {view: sorted(store.read(f"SELECT * FROM {view}"), key=repr) for view in VIEWS}


def counted(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    """What every view would tell if nothing had ever been rolled up."""
    conn = store._conn
    conn.execute("BEGIN")
    try:
        for statement in ALL_STALE.split(";"):
            conn.execute(statement)
        return told(store)
    finally:
        conn.execute("ROLLBACK")


def rolled(store: SqliteStore) -> int:
    return sum(store.read(f"SELECT count(*) FROM rolled_{kind}")[0][0] for kind in KINDS)


def take(store: SqliteStore, n: int) -> None:
    store.add([_post(store, n)], [], NOON)


def edit(store: SqliteStore, n: int) -> None:
    """As gathering does it; an edited post may say something else of another brand, in another thread."""
    store.add([edited(_post(store, n, n // 2), f"Wagtail, edited {n}")], [], NOON)


def unmatch(store: SqliteStore, n: int) -> None:
    store.add([], [(_post(store, n).post.key, "h", "forum")], NOON)


def delete(store: SqliteStore, n: int) -> None:
    store.mark_deleted([_post(store, n).post.key], NOON)


def mute(store: SqliteStore, n: int) -> None:
    found = store.read("SELECT mention, brand FROM mentions ORDER BY mention DESC LIMIT 1 OFFSET ?", (n % 5,))
    for mention, brand in found:
        store.mute(brand, {mention: "word" if n % 2 else ""})


def correct(store: SqliteStore, n: int) -> None:
    for key, brand in store.read(
        "SELECT p.key, m.brand FROM mentions m JOIN posts p ON p.id = m.post "
        "WHERE p.deleted IS NULL AND m.expired = 0 ORDER BY m.mention LIMIT 1 OFFSET ?", (n % 5,),
    ):  # fmt: skip
        feeling = Correction(key, brand, NOON, "mei", "feeling", "neutral", ("negative", "positive")[n % 2])
        topic = Correction(key, brand, NOON, "mei", "topic", "", "safety")
        store.correct(key, brand, [feeling, topic])


def book(store: SqliteStore, n: int) -> None:
    """Book an account anew, also for another voice than the one that it was booked for."""
    rows = store.read(
        "SELECT m.brand, m.voice, m.day, p.key FROM mentions m JOIN posts p ON p.id = m.post "
        "ORDER BY m.mention LIMIT 1 OFFSET ?", (n % 7,),
    )  # fmt: skip
    for brand, voice, day, key in rows:
        whose = voice if n % 3 else store.voice("forum.example", "somebody else")
        amount = float(n % 19 - 9)
        on = NOON.date().fromisoformat(day)
        entries = [Entry(brand, whose, on, amount, "service", "", key)] if n % 5 else []
        store.replace_entries(brand, whose, on, entries)


def rename(store: SqliteStore, n: int) -> None:
    store.write("UPDATE mentions SET voice = ? WHERE mention = ?", (store.voice("forum.example", "bob"), n))


def forget(store: SqliteStore, n: int) -> None:
    store.forget_post(_post(store, n).post.url, NOON)


def expire(store: SqliteStore, n: int) -> None:
    store.expire(BRANDS[n % 2], NOON - n * 4 * HOUR)


def visit(store: SqliteStore, n: int) -> None:
    states: tuple[SourceState, ...] = ("heard", "late", "blocked", "empty", "robots", "heard")
    state = states[n % 6]
    at = NOON + n * 7 * HOUR - (60 * HOUR if n % 11 == 0 else 0 * HOUR)
    health = SourceHealth(("forum", "news")[n % 2], at, state, posts=n % 4, new=n % 2)
    history = NOON - n * HOUR if n % 4 == 0 else None
    store.finish_visits([Visit(health, {}, at + 6 * HOUR, 6 * 3600, history, joined=n % 3 == 0)], "me")


def roll_up(store: SqliteStore, n: int) -> None:
    store.roll_up()


ACTS: tuple[Callable[[SqliteStore, int], None], ...] = (
    take, take, take, edit, unmatch, delete, mute, correct, book, book, rename, forget, expire, visit, visit, roll_up,
)  # fmt: skip


def _post(store: SqliteStore, n: int, turn: int = 0) -> Any:
    return make_taken(
        store, n, f"Wagtail {n}", author=f"a{n % 5}", thread=(n + turn) % 4, position=n,
        brand=BRANDS[: 1 + (n + turn) % 2], at=NOON - (n % 30) * 8 * HOUR, sentiment=(n % 7 - 3) / 3,
        topics=[] if n % 3 else ["outage", "safety"][: 1 + n % 2], leaving=n % 6 == 0, by_brand=n % 13 == 0,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 60)), min_size=8, max_size=40))
def test_whatever_is_done_the_views_tell_what_a_fresh_count_tells(acts: list[tuple[Any, int]]) -> None:
    with TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        for n in range(0, 24, 2):
            take(store, n)
        for n in range(6):
            book(store, n)
        for n in (0, 2, 4, 5, 8):
            visit(store, n)
        store.roll_up()
        for act, n in acts:
            act(store, n)
        assert told(store) == counted(store)
        store.roll_up()
        assert told(store) == counted(store)
        store.close()


def test_what_is_rolled_up_is_counted_no_more(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for n in range(20):
        take(store, n)
    visit(store, 0)
    before = told(store)
    assert rolled(store) == 0
    store.housekeep(NOON)
    assert rolled(store) > 20
    assert [store.read(f"SELECT count(*) FROM live_{kind}")[0][0] for kind in KINDS] == [0] * 5
    assert told(store) == before == counted(store)
    store.write("UPDATE rolled_days SET voices = 77 WHERE brand = 'wagtail' AND day = ?", (NOON.date().isoformat(),))
    assert told(store)["v_daily"] != before["v_daily"]  # so the sums are what the view takes
    store.close()


def test_a_new_post_makes_its_own_day_stale_and_no_other(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for n in range(20):
        take(store, n)
    store.roll_up()
    store.add([make_taken(store, 99, author="new")], [], NOON)
    assert store.read("SELECT * FROM stale_days") == [("wagtail", NOON.date().isoformat())]
    assert len(store.read("SELECT * FROM stale_relationships")) == 1
    assert len(store.read("SELECT * FROM stale_threads")) == 1
    assert told(store) == counted(store)
    store.close()


def test_a_forgotten_voice_leaves_the_sums_too(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store, 1, author="Ada Lovelace"), make_taken(store, 2, author="bob")], [], NOON)
    voice = store.voice("forum.example", "Ada Lovelace")
    store.roll_up()
    store.forget_author("Ada Lovelace", NOON)
    store.close()
    for file in tmp_path.glob("listener.db*"):
        assert voice.encode() not in file.read_bytes()


def test_the_sums_are_not_lost_if_rolling_up_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store(tmp_path)
    for n in range(10):
        take(store, n)
    before = told(store)
    store.db.conn.execute("CREATE TRIGGER stop BEFORE DELETE ON stale_threads BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        store.roll_up()
    assert rolled(store) == 0
    assert told(store) == before
    store.close()


def test_the_helpers_can_fail(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for n in range(10):
        take(store, n)
    store.roll_up()
    conn: sqlite3.Connection = store._conn
    conn.execute("DROP TRIGGER mentions_change")
    conn.execute("UPDATE mentions SET muted = 'word' WHERE mention = 3")
    assert told(store) != counted(store)
    store.close()
