"""Digests for the day's page, made when they are asked for and kept while nothing has changed.

Made in a thread of its own with a store of its own, opened read-only. What was made is shown again as long as nobody
has written to the file since. Where somebody has, it is made anew; if that takes longer than a moment (the day of a
brand with many thousand mentions) the last one is shown once more, with the time at which it was made. If there is none
yet, the reader is told that it is being made, and comes back by itself: no page keeps anybody waiting.
"""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from listener.advise.digest import compose
from listener.advise.model import Digest
from listener.clock import Clock
from listener.config import Brand, Config
from listener.report.digests import collect
from listener.store.sqlite import SqliteStore, open_store

KEPT = 40  # digests
FRESH = timedelta(seconds=20)  # one that is younger is not made anew, whatever was written
LONGEST = timedelta(minutes=5)  # and one that is older is never shown: somebody may have been forgotten since
PATIENCE_S = 0.15


@dataclass(frozen=True, slots=True)
class Made:
    """A digest, when it was made, and what the store's data_version was then."""

    digest: Digest
    at: datetime
    mark: int


class Days:
    """`await days(brand, day)` is the digest of that day as the store stands now.

    Args:
        patience_s: how long a reader is kept waiting for one that is being made.
    """

    def __init__(self, path: Path, config: Config, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self._path, self._config, self._clock, self._patience_s = path, config, clock, patience_s
        self._pool = ThreadPoolExecutor(1, "explore-days")
        self._watch = ThreadPoolExecutor(1, "explore-mark")
        self._store: SqliteStore | None = None
        self._marked: SqliteStore | None = None
        self._made: OrderedDict[tuple[str, date], Made] = OrderedDict()
        self._making: dict[tuple[str, date], asyncio.Future[Made]] = {}

    async def __call__(self, brand: Brand, day: date) -> Made | None:
        """The digest; None if it is being made and is not ready yet.

        Raises:
            StoreError: the file cannot be read.
        """
        key = (brand.id, day)
        loop = asyncio.get_running_loop()
        made = self._made.get(key)
        if made and self._age(made) < FRESH:
            return made
        mark = await loop.run_in_executor(self._watch, self._mark)
        made = self._made.get(key)  # one may have been finished while we asked
        age = self._age(made) if made else LONGEST
        if made and (age < FRESH or (age < LONGEST and made.mark == mark)):
            return made
        making = self._making.get(key)
        if making is None:
            making = loop.run_in_executor(self._pool, self._make, brand, day, mark)
            self._making[key] = making
            making.add_done_callback(lambda done: self._keep(key, done))
        done, _ = await asyncio.wait({making}, timeout=self._patience_s)
        if done:
            return making.result()
        return made if age < LONGEST else None

    def _age(self, made: Made) -> timedelta:
        return self._clock.now() - made.at

    def _keep(self, key: tuple[str, date], done: "asyncio.Future[Made]") -> None:
        self._making.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            self._made[key] = done.result()
            self._made.move_to_end(key)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)

    def _make(self, brand: Brand, day: date, mark: int) -> Made:
        """`mark` is of before it is read: what is written meanwhile makes it old."""
        if self._store is None:
            self._store = open_store(self._path, read_only=True)
        at = self._clock.now()
        return Made(compose(collect(self._store, self._config, brand, day)), at, mark)

    def _mark(self) -> int:
        """Changes whenever anybody has written to the file. A thread and a connection of its own: it does not wait for
        what is being made, and the number means something on one connection only."""
        if self._marked is None:
            self._marked = open_store(self._path, read_only=True)
        return self._marked.data_version()

    def close(self) -> None:
        """Wait for what is being made, then close the stores."""
        for pool, name in ((self._pool, "_store"), (self._watch, "_marked")):
            pool.submit(self._close, name).result()
            pool.shutdown()

    def _close(self, name: str) -> None:
        store: SqliteStore | None = getattr(self, name)
        if store is not None:
            store.close()
