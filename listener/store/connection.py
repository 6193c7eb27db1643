"""One connection to one store file: opening, transactions, reading. What the rooms of the store stand on."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from listener.errors import StoreError

BUSY_S = 30.0  # how long a writer waits for another one; a batch holds the lock for well under a second

Parameters = Sequence[Any] | Mapping[str, Any]


class Connection:
    """A store file and its connection; the rooms (sources, posts, bank, …) are mixed into it.

    Not to be shared between threads: open the store once for each (SQLite orders the writers).
    """

    def __init__(self, path: Path, database: Database, *, keep_author_names: bool, read_only: bool) -> None:
        self.path = path
        self.db = database
        self.keep_author_names = keep_author_names
        self.read_only = read_only
        self._conn: sqlite3.Connection = database.conn
        self._doomed = False
        self._reader: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is there afterwards, or nothing of it.

        Joins an open transaction; otherwise takes the write lock at once (BEGIN IMMEDIATE). A transaction in which a
        joined one failed cannot be committed any more, even if the failure was caught on the way.

        Raises:
            StoreError: locked for longer than BUSY_S, disk full, a constraint broken, opened read-only.
        """
        conn = self._conn
        try:
            if conn.in_transaction:
                try:
                    yield
                except BaseException:
                    self._doomed = True
                    raise
                return
            conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._refuse_if_doomed()
                conn.execute("COMMIT")
            except BaseException:
                if self._conn.in_transaction:
                    conn.execute("ROLLBACK")
                raise
            finally:
                self._doomed = False
        except sqlite3.Error as error:
            raise self.trouble(error) from error

    def _refuse_if_doomed(self) -> None:
        if self._doomed:
            raise StoreError(f"{self.path}: nothing was stored, because a part of the transaction had failed")

    def trouble(self, error: sqlite3.Error) -> StoreError:
        """What a person is told of a database error, with the mend where there is one."""
        mend = {
            "database is locked": "; another process has been writing for long: try again, or stop it",
            "attempt to write a readonly database": "; it was opened read-only, or its folder cannot be written",
            "database or disk is full": "; make room on the disk, nothing of this batch was stored",
            "FOREIGN KEY constraint failed": "; a post's source is not in the store (sync_sources first)",
            "database disk image is malformed": "; put it back from a backup, or try `sqlite3 FILE .recover`",
        }.get(str(error), "")
        return StoreError(f"{self.path}: {error}{mend}")

    def read(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as tuples; inside a transaction with what it has written so far."""
        try:
            return self._conn.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise self.trouble(error) from error

    def read_one(self, sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        found = self.read(sql, parameters)
        return found[0] if found else None

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """One statement, in the open transaction or one of its own. Returns how many rows it touched."""
        with self.transaction():
            return self._conn.execute(sql, parameters).rowcount

    def write_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """One statement for each of `rows`."""
        with self.transaction():
            self._conn.executemany(sql, rows)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """See protocol.Store.rows. Runs on a connection of its own that cannot write; sees what is committed.

        Raises:
            StoreError: the SQL is wrong, or would write.
        """
        if self._reader is None:
            self._reader = connect(self.path, read_only=True)
        try:
            cursor = self._reader.execute(sql, parameters or {})
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}, in the query: {' '.join(sql.split())[:200]}") from error

    def data_version(self) -> int:
        """A number that changes whenever somebody else has written to the file; it says nothing but that."""
        return int(self.read("PRAGMA data_version")[0][0])

    def close(self) -> None:
        """Close the file. What was committed stays; an open transaction is given up."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self.db.close()


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; the file is made if it is not there.

    synchronous NORMAL with WAL: each commit is handed to the operating system before it returns, so a killed process
    loses nothing that was committed; only a power cut may take the last transactions, and even then the file is
    consistent and those posts are gathered again.
    """
    address = path.absolute().as_uri() + ("?mode=ro" if read_only else "")
    conn = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None, cached_statements=256)
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA synchronous = NORMAL")
    conn.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
    conn.execute("PRAGMA temp_store = MEMORY")  # sorts never leave words in a temporary file
    conn.execute("PRAGMA cache_size = -32000")  # 32 MB
    if read_only:
        conn.execute("PRAGMA query_only = ON")
    return conn
