"""One process, one asyncio loop: poller, spiders, scheduler and mail share it.

Scrapy 2.19 runs without a Twisted reactor (TWISTED_REACTOR_ENABLED = False in spiders/settings.py), so a plain asyncio
loop is all that is needed, and tests run spiders on pytest's own loop. Nothing may import twisted.internet.reactor:
that would install one, and Scrapy then refuses to start.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main()` on a fresh loop and return its result; exceptions pass through, signals are the caller's."""
    return asyncio.run(main())
