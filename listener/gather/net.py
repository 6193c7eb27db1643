"""What every fetch obeys, whoever asks: robots.txt, host slots and delays, the address guard, caps, our name.

`Web` is the one door to the network. The poller calls it, and so does the spiders' download handler, so there is one
connection pool, one robots cache and one queue a host, however many crawls run beside each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from string import printable
from types import TracebackType
from typing import Self
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from listener.address import AddressGuard, GuardedResolver
from listener.clock import Clock
from listener.config import Net
from listener.errors import BackOff, Blocked, Gone, SourceError, TooBig
from listener.gather.robots import AGENT, MAX_BYTES, Robots
from listener.gather.slots import HostSlots, retry_after

MAX_REDIRECTS = 5
_PORT = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERSONAL = frozenset({"authorization", "cookie", "proxy-authorization"})
_BLOCKED = {401: "asks for a login (401)", 403: "refuses us (403)", 451: "is withheld for legal reasons (451)"}


def user_agent(contact: str) -> str:
    """Who we are, and where the people whose servers we visit can write to."""
    try:
        number = version("listener-brand")
    except PackageNotFoundError:  # run from a folder that was never installed
        number = "0"
    return f"{AGENT}/{number} (+{contact})" if contact else f"{AGENT}/{number}"


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
        self.slots = HostSlots(net, clock)
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
            following = _following(url, answer.headers.get("Location", url))
            if answer.status in (301, 308) and (moved or len(seen) == 1):
                moved = following
            url = self._next(seen, following)
            if headers and not _same_site(seen[-1], url):  # tokens and cookies are for the site they were given to
                headers = {name: value for name, value in headers.items() if name.lower() not in _PERSONAL}

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
            url = self._next(seen, _following(url, answer.headers.get("Location", url)))

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
                self.slots.answered(url)
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
        told = f", asks us to wait {asked:.0f} s" if asked else ""
        if status == 429:  # the host has had enough of us
            return BackOff(url, f"answered 429{told}", self.slots.refused(url, asked))
        if asked:  # the service is away until then; a 503 without a time speaks of one page only
            self.slots.pause(url, asked)
        return BackOff(url, f"answered 503{told}", asked)

    @staticmethod
    def _judge(answer: Answer) -> None:
        status = answer.status
        if status in (404, 410):
            raise Gone(answer.url, f"is not there any more ({status})")
        if status in _BLOCKED:
            raise Blocked(answer.url, _BLOCKED[status])
        if status != 304 and not 200 <= status < 300:
            raise SourceError(answer.url, f"answered {status}")


def _following(url: str, location: str) -> str:
    """Where a redirect leads; bytes in it that are no UTF-8 (aiohttp has surrogates for them) go as they came.

    Raises:
        SourceError: nowhere.
    """
    if not location.isascii():
        try:
            location.encode()
        except UnicodeEncodeError:
            location = quote(location, safe=printable, errors="surrogateescape")
    try:
        return urldefrag(urljoin(url, location))[0]
    except ValueError as error:
        raise SourceError(url, f"redirects to what is no address: {location[:200]!r}") from error


def _same_site(before: str, after: str) -> bool:
    """The same scheme, host and port; or the same host, now with encryption, each on its usual port."""
    old, new = urlsplit(before), urlsplit(after)
    if old.hostname != new.hostname:
        return False
    if old.scheme == new.scheme:
        return (old.port or _PORT.get(old.scheme)) == (new.port or _PORT.get(new.scheme))
    return (old.scheme, new.scheme) == ("http", "https") and old.port in (None, 80) and new.port in (None, 443)
