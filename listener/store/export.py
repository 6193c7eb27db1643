"""Reading promised views to the last row: one moment of the store, in pieces, so that memory stays flat."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from listener.errors import StoreError
from listener.store.connection import Connection, connect
from listener.store.promised import View
from listener.store.schema import SCHEMA_VERSION

ROWS = 256  # read at a time; a piece is made of several
PIECE_ROWS = 2_048
PIECE_CHARACTERS = 4_000_000  # of texts, in one piece: whichever of the two is reached first

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """Which rows of a view are wanted.

    Attributes:
        brand: only this brand's; "" for all.
        since: the first day. until: the day after the last one. Days are compared with the view's `picked_by`: in the
            brand's zone where that is a day, in UTC where it is a time; a view without one takes neither.
    """

    brand: str = ""
    since: date | None = None
    until: date | None = None

    def where(self, view: View) -> tuple[str, list[str]]:
        """The WHERE clause for a view ("" without one) and its parameters; a view without brands takes no brand."""
        terms, values = [], []
        if self.brand and view.has_brand:
            terms.append("brand = ?")
            values.append(self.brand)
        for operator, day in ((">=", self.since), ("<", self.until)):
            if day is not None and view.picked_by:
                terms.append(f"{view.picked_by} {operator} ?")  # a UTC time sorts behind the bare day that it is of
                values.append(day.isoformat())
        return (f" WHERE {' AND '.join(terms)}" if terms else ""), values


class Snapshot:
    """The store as it stood at one moment, whatever is written meanwhile. Made by `snapshot`."""

    def __init__(self, store: Connection, conn: sqlite3.Connection) -> None:
        self._store, self._conn = store, conn

    def schema_version(self) -> int:
        """Of the file, which may be older than this program's (reading migrates nothing)."""
        return int(self._all("SELECT value FROM meta WHERE name = 'schema_version'")[0][0])

    def refuse_older(self) -> None:
        """For what needs every view as it is today.

        Raises:
            StoreError: an older Listener wrote the file last.
        """
        if self.schema_version() < SCHEMA_VERSION:
            raise StoreError(f"{self._store.path}: {self._older()}")

    def _older(self) -> str:
        versions = f"schema {self.schema_version()}, today's is {SCHEMA_VERSION}"
        mend = "any command that writes, like `listener housekeep`, brings it up to date"
        return f"an older Listener wrote it last ({versions}); {mend}"

    def brands(self) -> tuple[str, ...]:
        """Every brand that has a mention here, sorted."""
        # from brand to brand along the index: a million mentions are not walked through
        sql = (
            "WITH RECURSIVE b (brand) AS (SELECT min(brand) FROM mentions UNION ALL "
            "SELECT (SELECT min(m.brand) FROM mentions m WHERE m.brand > b.brand) FROM b WHERE b.brand IS NOT NULL) "
            "SELECT brand FROM b WHERE brand IS NOT NULL"
        )
        return tuple(row[0] for row in self._all(sql))

    def has(self, view: View) -> bool:
        """Whether this file has the view: one that an older Listener wrote last may not."""
        return bool(self._all("SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ?", view.name))

    def columns(self, view: View) -> tuple[str, ...]:
        """The columns that the view has in this file, in order.

        Raises:
            StoreError: it has no such view: an older Listener wrote the file last.
        """
        if not self.has(view):
            raise StoreError(f"{self._store.path} has no {view.name}: {self._older()}")
        return tuple(row[0] for row in self._all("SELECT name FROM pragma_table_info(?)", view.name))

    def count(self, view: View, pick: Pick) -> int | None:
        """How many rows `pieces` will bring, if that can be told without making them all; else None."""
        if not view.counted_in:
            return None
        where, values = pick.where(view)
        return int(self._all(f"SELECT count(*) FROM {view.counted_in}{where}", *values)[0][0])

    def pieces(self, view: View, pick: Pick) -> Iterator[list[Row]]:
        """All rows, in pieces of at most PIECE_ROWS + ROWS, fewer where texts are long; nothing if there is none.

        Raises:
            StoreError: the file cannot be read.
        """
        where, values = pick.where(view)
        try:
            cursor = self._conn.execute(f"SELECT * FROM {view.name}{where} ORDER BY {view.order}", values)
            piece: list[Row] = []
            weight = 0
            while some := cursor.fetchmany(ROWS):
                piece += some
                weight += sum(len(value) for row in some for value in row if type(value) is str)
                if len(piece) >= PIECE_ROWS or weight >= PIECE_CHARACTERS:
                    yield piece
                    piece, weight = [], 0
            if piece:
                yield piece
        except sqlite3.Error as error:
            raise self._store.trouble(error) from error

    def _all(self, sql: str, *values: Any) -> list[Row]:
        try:
            return self._conn.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._store.trouble(error) from error

    @classmethod
    @contextmanager
    def of(cls, store: Connection) -> Iterator[Self]:
        """A store that is open, at this moment; on a connection of its own that cannot write."""
        try:
            conn = connect(store.path, read_only=True)
        except sqlite3.Error as error:
            raise store.trouble(error) from error
        try:
            conn.execute("BEGIN")  # deferred: the first read decides what is seen from then on
            yield cls(store, conn)
        finally:
            conn.close()
