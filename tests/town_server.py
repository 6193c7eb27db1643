"""The demo's town in a thread of its own, so that a test, or a child process that is killed, can visit it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from listener.clock import ManualClock
from listener.demo.play import free_ports, write_config
from listener.demo.town import Town
from listener.demo.world import World, load_world
from listener.shipped import shipped

LOWEST = 20000  # away from the ports that the demo takes


@contextmanager
def open_town(at: datetime) -> Iterator[tuple[Town, ManualClock, int]]:
    """The town as it stands at `at`; set the clock to let it go on. Gives its first port too."""
    world = load_world(shipped("demo"))
    clock = ManualClock(at)
    town = Town(world, clock)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = free_ports(len(world.sites), LOWEST)
    try:
        asyncio.run_coroutine_threadsafe(town.start(port), loop).result(10)
        yield town, clock, port
    finally:
        asyncio.run_coroutine_threadsafe(town.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


__all__ = ["LOWEST", "World", "free_ports", "open_town", "write_config"]
