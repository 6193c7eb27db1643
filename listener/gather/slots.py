"""How often a host is asked: slots, delays, and the pauses that it asks for, over all spiders and polls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from listener.clock import Clock
from listener.config import HostPart, Net
from listener.errors import BackOff
from listener.urls import host_of

PAUSE_S = 60.0  # a host that answers 429 without saying for how long is left alone for this long, then twice, …
LONGEST_PAUSE_S = 6 * 3600.0
MANY_HOSTS = 4096


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds that a Retry-After header asks for (a number, or an HTTP date); 0 if it says nothing readable."""
    if not value:
        return 0.0
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):  # a zone of thirteen digits
            return 0.0
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (until - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE_S) if seconds == seconds else 0.0


class _Host:
    """One host: its gates, when it was last asked (loop's seconds), and until when it wants to be left alone."""

    __slots__ = ("asked_at", "crawl_delay_s", "gate", "paused_until", "refusals", "single", "users")

    def __init__(self, slots: int) -> None:
        self.gate = asyncio.Semaphore(slots)
        self.single = asyncio.Lock()
        self.asked_at: float | None = None
        self.crawl_delay_s = 0.0
        self.paused_until: datetime | None = None
        self.refusals = 0  # answers 429 in a row
        self.users = 0


class HostSlots:
    """How many requests run at once, and how far apart: per host and over all.

    Delays are measured on the loop's own seconds, which nobody sets; pauses on the clock, by which the next visits are
    planned too.
    """

    def __init__(self, net: Net, clock: Clock) -> None:
        self._net, self._clock = net, clock
        self._own: dict[str, HostPart] = {part.name: part for part in net.hosts}
        self._total = asyncio.Semaphore(net.total_slots)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def hold(self, url: str, crawl_delay_s: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn at the host of `url`. A host that names a delay is asked one thing at a time.

        Args:
            crawl_delay_s: what its robots.txt asks for; None where that is not known (again): as it was last told.

        Raises:
            BackOff: the host asked us to wait and that time is not over, or it is outside the hours set for it.
        """
        loop = asyncio.get_running_loop()
        name = host_of(url)
        host, own = self._host(name), self._own.get(name)
        if crawl_delay_s is not None:
            host.crawl_delay_s = crawl_delay_s
        delay = max(own.delay_s if own and own.delay_s is not None else self._net.host_delay_s, host.crawl_delay_s)
        host.users += 1
        try:
            async with host.gate, host.single if host.crawl_delay_s else nullcontext():
                self._check(url, name, host)
                if host.asked_at is not None:
                    start = max(loop.time(), host.asked_at + delay)
                    host.asked_at = start  # the next in line counts from here
                    if start > loop.time():
                        await asyncio.sleep(start - loop.time())
                        self._check(url, name, host)  # another slot of the host may have been refused meanwhile
                async with self._total:
                    host.asked_at = max(host.asked_at or 0.0, loop.time())
                    try:
                        yield
                    finally:
                        host.asked_at = max(host.asked_at, loop.time())
        finally:
            host.users -= 1
            if len(self._hosts) > MANY_HOSTS:
                self._forget_idle(loop.time())

    def pause(self, url: str, seconds: float) -> None:
        """Ask nothing more of this host for `seconds`."""
        host = self._host(host_of(url))
        until = self._clock.now() + timedelta(seconds=seconds)
        host.paused_until = max(host.paused_until or until, until)

    def refused(self, url: str, asked_s: float) -> float:
        """The host answered 429: pause it for `asked_s`, or if it did not say for how long, for a minute, then twice
        as long with each time in a row. Returns that time.
        """
        host = self._host(host_of(url))
        host.refusals += 1
        wait = asked_s or min(PAUSE_S * 2.0 ** min(host.refusals - 1, 20), LONGEST_PAUSE_S)
        self.pause(url, wait)
        return wait

    def answered(self, url: str) -> None:
        """The host served us: the next refusal is a first one."""
        self._host(host_of(url)).refusals = 0

    def _host(self, name: str) -> _Host:
        found = self._hosts.get(name)
        if found is None:
            own = self._own.get(name)
            slots = own.slots if own and own.slots is not None else self._net.host_slots
            found = self._hosts[name] = _Host(slots)
        return found

    def _check(self, url: str, name: str, host: _Host) -> None:
        now, own = self._clock.now(), self._own.get(name)
        if host.paused_until is not None:
            left = (host.paused_until - now).total_seconds()
            if left > 0:
                raise BackOff(url, f"{name} asked us to wait; {left:.0f} s of it are left", left)
        if own is not None and own.opening is not None and not own.opening.within(now):
            left = (own.opening.opens(now) - now).total_seconds()
            raise BackOff(url, f"{name} is read only {own.opening}", left)

    def _forget_idle(self, now: float) -> None:
        moment = self._clock.now()
        longest = max(self._net.host_delay_s, *(part.delay_s or 0.0 for part in self._net.hosts), 0.0)
        for name, host in list(self._hosts.items()):
            rested = host.asked_at is None or host.asked_at + max(longest, host.crawl_delay_s) <= now
            if not host.users and rested and (host.paused_until is None or host.paused_until <= moment):
                del self._hosts[name]
