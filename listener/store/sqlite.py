"""`open_store(path)`: the store in one SQLite file. Each room has its own module; here they come together."""

import re
import sqlite3
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from listener.errors import StoreError
from listener.store.alerted import AlertedStore
from listener.store.alerts import Alerts
from listener.store.backfills import Backfills
from listener.store.bank import Bank
from listener.store.columns import stamp
from listener.store.connection import connect
from listener.store.counted import Counted
from listener.store.deleted import Deleted
from listener.store.digests import Digests
from listener.store.keyfile import check_of, key_path, make_key, read_key
from listener.store.outbox import Outbox
from listener.store.posts import Posts
from listener.store.privacy import Privacy
from listener.store.pulse import Pulse
from listener.store.rejudged import Rejudged
from listener.store.rolled import Rolled
from listener.store.schema import SCHEMA_VERSION, migrations
from listener.store.sides import Sides
from listener.store.sources import Sources
from listener.store.spans import Spans
from listener.store.stored import Stored
from listener.store.triage import Triage

KEEP_BANDS = timedelta(days=15)  # a little longer than copies are looked for
KEEP_SEEN = timedelta(days=400)  # a post that matched no brand and is older than this may be judged once more


class SqliteStore(
    Sources,
    Backfills,
    Posts,
    Stored,
    Spans,
    Sides,
    Deleted,
    Counted,
    Rejudged,
    Bank,
    Alerts,
    AlertedStore,
    Digests,
    Outbox,
    Privacy,
    Pulse,
    Rolled,
    Triage,
):
    """A `protocol.Store` in one SQLite file, with its key file beside it. Made by `open_store`."""

    def housekeep(self, now: datetime) -> None:
        """See protocol.Store. Cheap enough for every night; after a `forget` that was cut short, rewrites the file."""
        with self.transaction():
            self._conn.execute("DELETE FROM seen WHERE seen < ? AND forgotten = 0", (stamp(now - KEEP_SEEN),))
            self._conn.execute("INSERT INTO posts_fts (posts_fts, rank) VALUES ('merge', 500)")
            self.drop_bands(now - KEEP_BANDS)
            self.weigh_pull(now)
            self.drop_services(now)
        self.roll_up()
        self._conn.execute("PRAGMA analysis_limit = 1000")
        self._conn.execute("PRAGMA optimize")
        self.rewrite_if_due()


def open_store(path: Path, *, keep_author_names: bool = False, read_only: bool = False) -> SqliteStore:
    """Open the store at `path`; make it, with its key file (`path` with the suffix .key), if it is not there.

    Args:
        keep_author_names: store names as shown beside their hashes (config `[privacy] keep_author_names`).
        read_only: nothing is made, migrated or written; also works without the key file as long as no voice is asked.

    Raises:
        StoreError: no Listener store, made by a newer Listener, without its key, locked, or not readable.
    """
    if read_only and not path.exists():
        raise StoreError(f"{path} does not exist; `listener gather` makes it")
    conn: sqlite3.Connection | None = None
    try:
        if not read_only and not path.exists():
            with suppress(OSError):  # SQLite says better what is wrong with the path
                path.touch(mode=0o600)  # people's words: its owner's only; the write-ahead log inherits it
        conn = connect(path, read_only=read_only)
        fresh = _is_empty(conn, path)
        if not read_only:
            conn.execute("PRAGMA journal_mode = WAL")
        store = SqliteStore(path, Database(conn), keep_author_names=keep_author_names, read_only=read_only)
        if read_only:
            if fresh:
                raise StoreError(f"{path} is empty; `listener gather` fills it")
        else:
            _migrate(store)
            store.key()
        return store
    except sqlite3.Error as error:
        _close(conn)
        raise StoreError(f"{path}: {error}; is it a Listener store, and may you read and write there?") from error
    except BaseException:
        _close(conn)
        raise


def _close(conn: sqlite3.Connection | None) -> None:
    if conn is not None:
        conn.close()


def _is_empty(conn: sqlite3.Connection, path: Path) -> bool:
    """Whether there is nothing in the file yet.

    Raises:
        StoreError: somebody else's tables, or a newer Listener's.
    """
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return True
    try:
        found = conn.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    except sqlite3.OperationalError:
        found = None
    if found is None or not re.fullmatch(r"[0-9]{1,6}", found[0]) or "mentions" not in tables:
        raise StoreError(f"{path} is a database, but not a Listener store; give another path in listener.toml (store)")
    if int(found[0]) > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer Listener (schema {found[0]}; this one knows up to {SCHEMA_VERSION}); "
            "update Listener"
        )
    return False


def _migrate(store: SqliteStore) -> None:
    """Bring the file up to date, whole or not at all; with a new file comes a new key."""
    with store.transaction():
        if _is_empty(store.db.conn, store.path):  # asked again under the lock: another process may have been first
            migrations.apply(store.db)
            key = key_path(store.path)
            make_key(key)
            facts = {"created": _created(store), "key_check": check_of(read_key(key))}
            store.write_many("INSERT INTO meta (name, value) VALUES (?, ?)", list(facts.items()))
        elif migrations.pending(store.db):
            migrations.apply(store.db)
        store.write(
            "INSERT INTO meta (name, value) VALUES ('schema_version', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
            (str(SCHEMA_VERSION),),
        )


def _created(store: SqliteStore) -> str:
    (when,) = store.read("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')")[0]
    return str(when)
