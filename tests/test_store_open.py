"""Opening, refusing, transactions, the key, and that the store is what the protocol says."""

import inspect
import re
import sqlite3
import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.errors import StoreError
from listener.store.keyfile import voice_of
from listener.store.protocol import Store
from listener.store.schema import SCHEMA_VERSION, migrations
from listener.store.sqlite import SqliteStore, open_store
from tests.helpers_store import NOON, make_store, make_taken


def test_the_store_is_the_protocol(tmp_path: Path) -> None:
    store: Store = make_store(tmp_path)  # mypy holds the signatures
    for name, wanted in inspect.getmembers(Store, inspect.isfunction):
        if name.startswith("_"):
            continue
        found = inspect.signature(getattr(SqliteStore, name))
        assert list(found.parameters) == list(inspect.signature(wanted).parameters), name
    store.close()


def test_schema_version_counts_the_migrations() -> None:
    assert len(migrations._migrations) == SCHEMA_VERSION


def test_settings_hold_on_the_open_connection(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "secure_delete")
    assert [store.read(f"PRAGMA {name}")[0][0] for name in pragmas] == ["wal", 1, 1, 30_000, 1]
    loose = store.read("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict")
    assert {name for (name,) in loose} <= {"_sqlite_migrations", "sqlite_schema", "sqlite_sequence"}
    store.close()


def test_reopening_keeps_everything(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store)], [], NOON)
    voice = store.voice("forum.example", "ann")
    store.close()
    again = open_store(tmp_path / "listener.db")
    assert len(again.judged("wagtail")) == 1
    assert again.voice("forum.example", "ann") == voice
    again.close()


def test_a_newer_store_is_refused_with_both_versions(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.write("UPDATE meta SET value = '999' WHERE name = 'schema_version'")
    store.close()
    for read_only in (False, True):
        with pytest.raises(StoreError, match=rf"schema 999.*up to {SCHEMA_VERSION}"):
            open_store(tmp_path / "listener.db", read_only=read_only)


def test_what_is_no_listener_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as conn:
        conn.execute("CREATE TABLE meta (name, value)")
    conn.close()
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be looked at " * 40)
    before = {path: path.read_bytes() for path in (other, text)}
    for path in before:
        with pytest.raises(StoreError, match=path.name):
            open_store(path)
        assert path.read_bytes() == before[path]
        assert not path.with_suffix(".key").exists()


def test_a_missing_store_cannot_be_opened_to_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        open_store(tmp_path / "none.db", read_only=True)
    with pytest.raises(StoreError, match="unable to open"):
        open_store(tmp_path / "no folder" / "none.db")


def test_read_only_reads_and_never_writes(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store)], [], NOON)
    (tmp_path / "listener.key").unlink()
    reader = open_store(tmp_path / "listener.db", read_only=True)
    assert len(reader.judged("wagtail")) == 1
    assert len(reader.search("wagtail")) == 1
    with pytest.raises(StoreError, match="read"):
        reader.set_looked_until("wagtail", NOON)
    with pytest.raises(StoreError, match="is missing"):
        reader.voice("forum.example", "ann")
    reader.close()
    store.close()


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    key = tmp_path / "listener.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.read_text().strip())) == 32
    assert sorted(path.name for path in tmp_path.iterdir() if "key" in path.name) == ["listener.key"]
    store.close()


def test_a_lost_or_wrong_key_is_told(tmp_path: Path) -> None:
    make_store(tmp_path).close()
    key = tmp_path / "listener.key"
    right = key.read_text()
    key.unlink()
    with pytest.raises(StoreError, match=r"is missing.*backup"):
        open_store(tmp_path / "listener.db")
    assert not key.exists()
    for wrong, message in ((f"{'ab' * 32}\n", "another store's"), ("zz\n", "no key file"), ("abcd\n", "64 hex")):
        key.write_text(wrong)
        with pytest.raises(StoreError, match=message):
            open_store(tmp_path / "listener.db")
    key.write_text(right)
    open_store(tmp_path / "listener.db").close()


def test_voices_do_not_care_for_case_width_and_space() -> None:
    key = bytes(range(32))
    assert voice_of(key, "forum", "Ann Lee") == voice_of(key, "forum", "  ａｎｎ lee ") == "18b6fc893aa008ad"
    assert voice_of(key, "forum", "ann") != voice_of(key, "usenet", "ann")
    assert voice_of(key, "forum", "ann") != voice_of(bytes(32), "forum", "ann")
    assert len(voice_of(key, "forum", "\ud800")) == 16


def test_names_are_kept_only_when_asked_for(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store, author="Ann")], [], NOON)
    assert store.rows("SELECT name FROM voices") == [{"name": None}]
    store.close()
    keeping = open_store(tmp_path / "listener.db", keep_author_names=True)
    keeping.add([make_taken(keeping, 2, author="Ann"), make_taken(keeping, 3, author="")], [], NOON)
    assert keeping.rows("SELECT name FROM voices ORDER BY name") == [{"name": None}, {"name": "Ann"}]
    keeping.close()


def _fail_after(store: SqliteStore, brand: str) -> None:
    with store.transaction():
        store.set_looked_until(brand, NOON)
        raise KeyError


def test_a_transaction_is_whole_or_nothing_and_can_be_joined(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    with store.transaction():
        store.set_looked_until("a", NOON)
        with store.transaction():
            store.set_looked_until("b", NOON)
    with pytest.raises(KeyError):
        _fail_after(store, "c")
    assert [store.looked_until(brand) for brand in "abc"] == [NOON, NOON, None]
    store.close()


def test_a_transaction_with_a_failed_part_cannot_be_committed(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    doomed = pytest.raises(StoreError, match="a part of the transaction had failed")
    with doomed, store.transaction(), suppress(KeyError):
        store.set_looked_until("a", NOON)
        _fail_after(store, "b")
    assert store.looked_until("a") is store.looked_until("b") is None
    store.set_looked_until("a", NOON)  # and the store is usable again
    assert store.looked_until("a") == NOON
    store.close()


def test_a_locked_store_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store(tmp_path)
    monkeypatch.setattr("listener.store.connection.BUSY_S", 0.05)
    other = open_store(tmp_path / "listener.db")
    with store.transaction(), pytest.raises(StoreError, match=r"locked; another process"):
        other.set_looked_until("a", NOON)
    other.close()
    store.close()


def test_many_may_make_the_store_at_once(tmp_path: Path) -> None:
    voices, troubles = [], []

    def make() -> None:
        try:
            store = open_store(tmp_path / "listener.db")
            voices.append(store.voice("forum", "ann"))
            store.close()
        except StoreError as error:
            troubles.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert len(set(voices)) == 1
    assert len(voices) == 6


def test_rows_cannot_write(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    assert store.rows("SELECT :a AS a", {"a": 1}) == [{"a": 1}]
    for sql in ("DELETE FROM meta", "CREATE TABLE x (y)", "COMMIT", "SELEC 1", "SELECT 1; SELECT 2", "SELECT :b"):
        with pytest.raises(StoreError, match=re.escape(f"in the query: {sql}")):
            store.rows(sql)
    for sql in ("PRAGMA query_only = OFF", "PRAGMA user_version = 3"):
        with suppress(StoreError):
            store.rows(sql)
    with pytest.raises(StoreError, match="readonly"):
        store.rows("DELETE FROM meta")
    assert store.read("PRAGMA user_version") == [(0,)]
    assert store.rows("SELECT count(*) AS n FROM meta")[0]["n"] == 3
    store.close()


def test_times_are_utc_seconds_and_naive_ones_are_refused(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.set_looked_until("a", datetime(2026, 3, 14, 12, 0, 0, 999_999, tzinfo=UTC))
    assert store.looked_until("a") == datetime(2026, 3, 14, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        store.set_looked_until("a", datetime(2026, 3, 14))  # noqa: DTZ001
    store.close()
