"""Reading the store for the pages: a few threads, each with a connection of its own that cannot write."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from listener.errors import StoreError
from listener.store.connection import connect

T = TypeVar("T")

THREADS = 3
LIMIT_S = 15.0  # no page takes longer; the slowest promised one takes 0.3 s on a million mentions
_LOOK = 10_000  # SQLite steps between two looks at the clock


class Reader:
    """`await reader(ask)` runs `ask(connection)` in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(THREADS, "explore-read")
        self._own = threading.local()

    async def __call__(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """What `ask` returns.

        Raises:
            StoreError: the file cannot be read, or it took longer than LIMIT_S.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, ask)

    def _ask(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        try:
            conn = self._connection()
            until = time.monotonic() + LIMIT_S
            conn.set_progress_handler(lambda: time.monotonic() > until, _LOOK)
            return ask(conn)
        except sqlite3.Error as error:
            if str(error) == "interrupted":
                raise StoreError(f"that took longer than {LIMIT_S:.0f} s; ask for less") from error
            raise StoreError(f"{self._path}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        conn: sqlite3.Connection | None = getattr(self._own, "conn", None)
        if conn is None:
            conn = self._own.conn = connect(self._path, read_only=True)
        return conn

    def close(self) -> None:
        """Wait for what runs; the connections go with their threads."""
        self._pool.shutdown()
