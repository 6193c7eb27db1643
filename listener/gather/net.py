"""What every fetch obeys, whoever asks: robots.txt, host slots and delays, the address guard, caps, our name.

`Web` is the one door to the network. The poller calls it, and so does the spiders' download handler, so there is one
connection pool, one robots cache and one queue a host, however many crawls run beside each other.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from listener.clock import Clock
from listener.config import Net
from listener.errors import BackOff, Blocked, Gone, RefusedAddress, SourceError, TooBig
from listener.gather.robots import AGENT, MAX_BYTES, Robots
from listener.urls import host_of

MAX_REDIRECTS = 5
PAUSE_S = 60.0  # a host that answers 429 without saying for how long is left alone for this long
LONGEST_PAUSE_S = 6 * 3600.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BLOCKED = {401: "asks for a login (401)", 403: "refuses us (403)", 451: "is withheld for legal reasons (451)"}


def user_agent(contact: str) -> str:
    """Who we are, and where the people whose servers we visit can write to."""
    try:
        number = version("listener-brand")
    except PackageNotFoundError:  # run from a folder that was never installed
        number = "0"
    return f"{AGENT}/{number} (+{contact})" if contact else f"{AGENT}/{number}"


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds that a Retry-After header asks for (a number, or an HTTP date); 0 if it says nothing readable."""
    if not value:
        return 0.0
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (until - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE_S) if seconds == seconds else 0.0


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host name literally is, also written as 2130706433, 0x7f.1 or 0177.0.0.1; else None."""
    bare = host.strip("[]").split("%", 1)[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare)) if bare[:1].isdigit() else None
    except OSError:
        return None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 carries an IPv4 address
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


@lru_cache(maxsize=4096)
def _is_private_host(host: str) -> bool:
    """The host as a URL writes it is, without asking a name server, not out on the public net."""
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and not _is_public(address))


class AddressGuard:
    """Refuses addresses that are not out on the public net, unless the config allows them."""

    def __init__(self, allow_private: bool) -> None:
        self.allow_private = allow_private

    def check_url(self, url: str) -> None:
        """Raises RefusedAddress: not http(s), or its host is, written in any way, a private or reserved address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RefusedAddress(url, "only http and https addresses are fetched")
        if _is_private_host(parts.hostname.rstrip(".")):
            self._refuse(url, parts.hostname)

    def check_address(self, address: str, name: str) -> None:
        """Raises RefusedAddress: the public name `name` points to a private address."""
        found = _address(address)
        if found is None or not _is_public(found):
            self._refuse(name, address)

    def _refuse(self, url: str, what: str) -> None:
        if not self.allow_private:
            raise RefusedAddress(url, f"{what} is a private or reserved address; [net] allow_private = true allows it")


class GuardedResolver(AbstractResolver):
    """Looks names up and refuses answers that are private addresses: connections go to what was checked."""

    def __init__(self, guard: AddressGuard, inner: AbstractResolver) -> None:
        self._guard, self._inner = guard, inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host.endswith(".localhost"):  # always this machine, whatever a name server says (RFC 6761 §6.3)
            host = "localhost"
        found = await self._inner.resolve(host, port, family)
        for result in found:
            self._guard.check_address(result["host"], host)
        return found

    async def close(self) -> None:
        await self._inner.close()


class _Host:
    __slots__ = ("gate", "next_at", "paused_until", "single", "users")

    def __init__(self, slots: int) -> None:
        self.gate = asyncio.Semaphore(slots)
        self.single = asyncio.Lock()
        self.next_at = self.paused_until = 0.0
        self.users = 0


class HostSlots:
    """How many requests run at once, and how far apart: per host and over all. Times are the loop's own seconds."""

    def __init__(self, slots: int, delay_s: float, total: int) -> None:
        self._slots, self._delay_s = slots, delay_s
        self._total = asyncio.Semaphore(total)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def hold(self, url: str, crawl_delay_s: float = 0.0) -> AsyncIterator[None]:
        """Wait for a turn at the host of `url`. A host that names a delay is asked one thing at a time.

        Raises:
            BackOff: the host asked us to wait and that time is not over.
        """
        loop = asyncio.get_running_loop()
        name = host_of(url)
        host = self._hosts.get(name) or self._hosts.setdefault(name, _Host(self._slots))
        delay = max(self._delay_s, crawl_delay_s)
        host.users += 1
        try:
            async with host.gate, host.single if crawl_delay_s else nullcontext():
                start = max(loop.time(), host.next_at)
                host.next_at = start + delay
                if start > loop.time():
                    await asyncio.sleep(start - loop.time())
                if host.paused_until > loop.time():
                    left = host.paused_until - loop.time()
                    raise BackOff(url, f"{name} asked us to wait; {left:.0f} s of it are left", left)
                async with self._total:
                    try:
                        yield
                    finally:
                        host.next_at = max(host.next_at, loop.time() + delay)
        finally:
            host.users -= 1
            if len(self._hosts) > 4096:
                self._forget_idle(loop.time())

    def pause(self, url: str, seconds: float) -> None:
        """Ask nothing more of this host for `seconds`."""
        host = self._hosts.setdefault(host_of(url), _Host(self._slots))
        host.paused_until = max(host.paused_until, asyncio.get_running_loop().time() + seconds)

    def _forget_idle(self, now: float) -> None:
        for name, host in list(self._hosts.items()):
            if not host.users and max(host.next_at, host.paused_until) <= now:
                del self._hosts[name]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said. `body` is decompressed; `hops` counts the requests it took; `moved` the new address if
    the site said that it moved for good."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: int = 1
    moved: str = ""


class Web:
    """One session with one set of manners; an async context manager. Long-running callers keep one for their life.

    Args:
        resolver: looks up names; tests put their own.
    """

    def __init__(self, net: Net, clock: Clock, resolver: AbstractResolver | None = None) -> None:
        self.net, self.clock = net, clock
        self.guard = AddressGuard(net.allow_private)
        self.slots = HostSlots(net.host_slots, net.host_delay_s, net.total_slots)
        self.robots = Robots(self._ask_robots, clock)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = GuardedResolver(self.guard, self._resolver or ThreadedResolver())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, resolver=resolver, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),  # nobody's visits are tied together
            headers={"User-Agent": user_agent(self.net.contact)},
            timeout=aiohttp.ClientTimeout(total=self.net.timeout_s),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()
        self._session = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch `url`, following up to five redirects; every hop is guarded, asked of robots.txt and queued.

        Returns:
            an Answer with status 2xx or 304.

        Raises:
            RefusedAddress, Blocked (robots, 401, 403, 451), Gone (404, 410), BackOff (429, 503), TooBig, and
            SourceError for time-outs, broken connections, redirect loops and every other status.
        """
        seen: list[str] = []
        moved = ""
        while True:
            seen.append(url)
            answer = await self._hop(url, headers)
            if answer.status not in _REDIRECTS:
                self._judge(answer)
                return Answer(answer.url, answer.status, answer.headers, answer.body, len(seen), moved)
            following = urldefrag(urljoin(url, answer.headers.get("Location", url)))[0]
            if answer.status in (301, 308) and (moved or len(seen) == 1):
                moved = following
            url = self._next(seen, following)
            if headers and urlsplit(url)[:2] != urlsplit(seen[-1])[:2]:  # a token is for the site it was given to
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}

    async def _hop(self, url: str, headers: Mapping[str, str] | None) -> Answer:
        self.guard.check_url(url)
        rules = await self.robots.rules(url)
        rules.check(url)
        async with self.slots.hold(url, rules.delay_s):
            return await self._ask(url, headers, self.net.max_body_bytes)

    async def _ask_robots(self, url: str) -> Answer:
        """robots.txt itself: redirects followed, long ones cut, any status returned save "wait"."""
        seen: list[str] = []
        while True:
            seen.append(url)
            self.guard.check_url(url)
            async with self.slots.hold(url):
                answer = await self._ask(url, None, MAX_BYTES, cut=True)
            if answer.status not in _REDIRECTS:
                return answer
            url = self._next(seen, urldefrag(urljoin(url, answer.headers.get("Location", url)))[0])

    @staticmethod
    def _next(seen: list[str], url: str) -> str:
        if url in seen:
            raise SourceError(seen[0], f"redirects in a circle, back to {url}")
        if len(seen) > MAX_REDIRECTS:
            raise SourceError(seen[0], f"redirects more than {MAX_REDIRECTS} times, at last to {url}")
        return url

    async def _ask(self, url: str, headers: Mapping[str, str] | None, cap: int, cut: bool = False) -> Answer:
        assert self._session is not None, "use Web as `async with Web(…) as web`"
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                status = response.status
                if status in (429, 503):
                    raise self._told_to_wait(url, status, response.headers.get("Retry-After"))
                body = await self._read(response, url, cap, cut) if 200 <= status < 300 else b""
                return Answer(url, status, response.headers, body)
        except TimeoutError as error:
            raise SourceError(url, f"no full answer within {self.net.timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise SourceError(url, f"could not be read over the network: {reason}") from error

    @staticmethod
    async def _read(response: aiohttp.ClientResponse, url: str, cap: int, cut: bool) -> bytes:
        """The body, read in pieces as they are unpacked: neither an endless stream nor a bomb is swallowed whole."""
        pieces: list[bytes] = []
        size = 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                if cut:
                    break
                response.close()
                raise TooBig(url, f"is larger than {cap:,} bytes unpacked; [net] max_body_bytes raises the limit")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _told_to_wait(self, url: str, status: int, value: str | None) -> BackOff:
        asked = retry_after(value, self.clock.now())
        if status == 429:  # the host has had enough of us; a 503 speaks of one page only
            self.slots.pause(url, asked or PAUSE_S)
        wait = f", asks us to wait {asked:.0f} s" if asked else ""
        return BackOff(url, f"answered {status}{wait}", asked or (PAUSE_S if status == 429 else 0.0))

    @staticmethod
    def _judge(answer: Answer) -> None:
        status = answer.status
        if status in (404, 410):
            raise Gone(answer.url, f"is not there any more ({status})")
        if status in _BLOCKED:
            raise Blocked(answer.url, _BLOCKED[status])
        if status != 304 and not 200 <= status < 300:
            raise SourceError(answer.url, f"answered {status}")
