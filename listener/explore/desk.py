"""What is written from the pages: one thread with the house opened for writing; every errand is one short transaction.

The service may write at the same time: SQLite orders the writers (WAL, and up to half a minute of waiting).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from listener.clock import Clock
from listener.house import House, open_house

T = TypeVar("T")


class Desk:
    """`await desk(errand)` runs `errand(house)` in its thread, one after the other.

    Opening it brings the store up to date, so it is opened before anything is read.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Raises: ConfigError, StoreError: see house.open_house."""
        self._pool = ThreadPoolExecutor(1, "explore-desk")
        self._open = ExitStack()
        try:
            self._house = self._pool.submit(lambda: self._open.enter_context(open_house(folder, clock))).result()
        except BaseException:
            self._pool.shutdown()
            raise

    async def __call__(self, errand: Callable[[House], T]) -> T:
        """What `errand` returns.

        Raises:
            ListenerError: whatever the errand raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, errand, self._house)

    def close(self) -> None:
        """Wait for what is being written, then close the store."""
        self._pool.submit(self._open.close).result()
        self._pool.shutdown()
