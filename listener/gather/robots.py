"""robots.txt (RFC 9309), read once a day and host, for spiders and poller alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from listener.clock import Clock
from listener.errors import BackOff, Forbidden, RefusedAddress, SourceError

AGENT = "Listener"  # the product token that a robots.txt addresses
TTL = timedelta(hours=24)
TTL_FAILED = timedelta(minutes=10)  # a server in trouble is asked again soon
MAX_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB; what stands after that is not read
MAX_DELAY_S = 300.0  # a longer Crawl-delay is kept as this: it still means a handful of requests an hour


class Said(Protocol):
    """What the asker brings back."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host allows. `parser` None: everything, or nothing if `refusal` says why."""

    parser: Protego | None
    refusal: str
    delay_s: float
    expires: datetime

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the host names."""
        return tuple(self.parser.sitemaps) if self.parser is not None else ()

    def check(self, url: str) -> None:
        """Raises Forbidden if `url` must not be fetched."""
        if self.refusal:
            raise Forbidden(url, self.refusal)
        if self.parser is not None and not self.parser.can_fetch(url, AGENT):
            raise Forbidden(url, "robots.txt forbids it")


class Robots:
    """The cache of all hosts' rules.

    Args:
        ask: fetches one address (following redirects, refusing private addresses) whatever its status.
    """

    def __init__(self, ask: Callable[[str], Awaitable[Said]], clock: Clock) -> None:
        self._ask, self._clock = ask, clock
        self._rules: dict[str, Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def rules(self, url: str) -> Rules:
        """The rules of the host of `url`; 4xx allows all, 5xx nothing for the next ten minutes.

        Raises:
            SourceError: the host cannot be reached, or asks us to wait (BackOff).
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(origin)
        if known is not None and self._clock.now() < known.expires:
            return known
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._rules.get(origin)
            if known is None or self._clock.now() >= known.expires:
                known = self._rules[origin] = await self._read(origin)
        self._asking.pop(origin, None)
        return known

    async def _read(self, origin: str) -> Rules:
        now = self._clock.now()
        try:
            said = await self._ask(origin + "/robots.txt")
        except (BackOff, RefusedAddress):  # the host itself wants to wait, or must not be visited
            raise
        except SourceError as error:
            raise SourceError(error.url, f"{error.message}; without robots.txt nothing is fetched") from error
        if said.status >= 500:
            refusal = f"robots.txt answered {said.status}; nothing is fetched until it can be read"
            return Rules(None, refusal, 0.0, now + TTL_FAILED)
        if said.status >= 300:
            return Rules(None, "", 0.0, now + TTL)
        # A byte order mark (editors on Windows set one) would hide the first line, which mostly is "User-agent: *".
        parser = Protego.parse(said.body[:MAX_BYTES].decode("utf-8-sig", "replace"))
        delay = float(parser.crawl_delay(AGENT) or 0.0)
        rate = parser.request_rate(AGENT)
        if rate is not None and rate.requests:  # numbers of any length: too long for a float is longer than we wait
            delay = max(delay, min(rate.seconds, 10**9) / min(rate.requests, 10**9))
        return Rules(parser, "", min(max(delay, 0.0), MAX_DELAY_S), now + TTL)
