"""A store in memory, and a web server on loopback that behaves as badly as it is told."""

import asyncio
import gzip
import json
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiohttp import web

from listener.clock import ManualClock
from listener.config import Net
from listener.records import Deletion, Post, Reading, Source, SourceHealth, Told
from listener.store.gathered import Lease, Visit
from listener.urls import host_of

NOW = datetime(2026, 3, 22, 12, 0, tzinfo=UTC)
LOCAL = Net(allow_private=True, host_delay_s=0, host_slots=8, timeout_s=5)


@dataclass
class FakeStore:
    """The few methods of a store that a round calls; cursors pass through JSON as in the real one."""

    sources: Sequence[Source]
    visits: list[Visit] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    intervals: dict[str, float] = field(default_factory=dict)
    leased: set[str] = field(default_factory=set)

    def due_sources(self, now: datetime, names: Sequence[str] = ()) -> list[tuple[str, str]]:
        return [
            (source.name, host_of(source.url))
            for source in self.sources
            if source.name not in self.leased
            and (source.name in names if names else self.due.get(source.name, now) <= now)
        ]

    def postpone_sources(self, until: Mapping[str, datetime], owner: str) -> None:
        self.due.update(until)
        self.leased -= set(until)

    def claim_sources(
        self,
        now: datetime,
        owner: str,
        limit: int,
        lease: timedelta,
        per_host: int,
        names: Sequence[str] = (),
        *,
        even_early: bool = True,
    ) -> list[Lease]:
        leases: list[Lease] = []
        hosts: dict[str, int] = {}
        for source in self.sources:
            host = host_of(source.url)
            if source.name in self.leased:
                hosts[host] = hosts.get(host, 0) + 1
        for source in self.sources:
            host = host_of(source.url)
            wanted = source.name in names if names else self.due.get(source.name, now) <= now
            if not wanted or source.name in self.leased or hosts.get(host, 0) >= per_host or len(leases) >= limit:
                continue
            hosts[host] = hosts.get(host, 0) + 1
            self.leased.add(source.name)
            cursor = json.loads(self.cursors.get(source.name, "{}"))
            interval = self.intervals.get(source.name, float(source.min_interval_s))
            leases.append(Lease(source, cursor, self.failures.get(source.name, 0), interval, None))
        return leases

    def release_sources(self, owner: str) -> None:
        self.leased.clear()

    def finish_visits(self, visits: Sequence[Visit], owner: str) -> None:
        for visit in visits:
            name = visit.health.source
            self.visits.append(visit)
            self.cursors[name] = json.dumps(visit.cursor)
            self.due[name] = visit.due
            self.intervals[name] = visit.interval_s
            failed = visit.health.state not in ("heard", "empty")
            self.failures[name] = self.failures.get(name, 0) + 1 if failed else 0
            self.leased.discard(name)


class Sink:
    """Remembers posts by key and counts the new ones, as the intake does; deletions and readings stand in `told`."""

    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.batches: list[int] = []
        self.told: list[Deletion | Reading] = []

    def __call__(self, told: Sequence[Told]) -> Counter[str]:
        posts = [one for one in told if isinstance(one, Post)]
        self.told += [one for one in told if not isinstance(one, Post)]
        self.batches.append(len(posts))
        fresh = {post.key: post for post in posts if post.key not in self.posts}
        self.posts.update({post.key: post for post in posts})
        return Counter(post.source for post in fresh.values())


def config(folder: Path, net: Net = LOCAL, sources: Sequence[Any] = ()) -> Any:
    """As much of a config as a round looks at."""
    main = SimpleNamespace(net=net)
    return SimpleNamespace(main=main, store_path=folder / "listener.db", sources=sources)


async def go(
    sources: Sequence[Source],
    folder: Path,
    *,
    store: FakeStore | None = None,
    sink: Any = None,
    net: Net = LOCAL,
    clock: ManualClock | None = None,
    names: Sequence[str] = (),
    door: Any = None,
) -> tuple[dict[str, SourceHealth], FakeStore, Any]:
    """One round over `sources`; health by name, the store and the sink."""
    from listener.gather.rounds import gather

    store = store if store is not None else FakeStore(sources)
    sink = sink if sink is not None else Sink()
    healths = await gather(
        store,  # type: ignore[arg-type]  # a part of a Store
        config(folder, net),
        clock or ManualClock(NOW),
        sink,
        names=names,
        owner="test",
        web=door,
    )
    return {health.source: health for health in healths}, store, sink


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Hit:
    """One request as the server saw it: its path, the loop's time at start and end, and how many ran beside it."""

    path: str
    start: float
    together: int
    headers: Mapping[str, str]
    end: float = 0.0


class Site:
    """A web site on loopback; `pages` maps a path (with query) to a body, a status, or a handler."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.log: list[Hit] = []
        self.url = ""
        self._running = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        hit = Hit(request.path_qs, asyncio.get_running_loop().time(), self._running + 1, dict(request.headers))
        self.log.append(hit)
        self._running += 1
        try:
            page = self.pages.get(request.path_qs, self.pages.get(request.path, 404))
            if callable(page):
                page = await page(request)
            if isinstance(page, int):
                return web.Response(status=page)
            if isinstance(page, web.StreamResponse):
                return page
            body = page.encode() if isinstance(page, str) else page
            kind = "text/html" if body.lstrip()[:5].lower() in (b"<html", b"<!doc") else "application/xml"
            return web.Response(body=body, headers={"Content-Type": kind})
        finally:
            self._running -= 1
            hit.end = asyncio.get_running_loop().time()

    def paths(self) -> list[str]:
        return [hit.path for hit in self.log if hit.path != "/robots.txt"]


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    """A Site on a free port of 127.0.0.1, for as long as the block runs."""
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", site.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()


def item(number: int, text: str = "", date: str = "Sun, 22 Mar 2026 10:00:00 +0000", title: str = "") -> str:
    """One entry of an RSS feed."""
    return (
        f"<item><title>{title or f'Topic {number}'}</title><link>http://town.example/t/{number}</link>"
        f"<guid>http://town.example/t/{number}</guid><pubDate>{date}</pubDate>"
        f"<description>{text or f'What I think of matter {number}.'}</description></item>"
    )


def rss(*items: str) -> str:
    """An RSS feed of `items`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Town</title><link>http://town.example/</link>{''.join(items)}</channel></rss>"
    )


async def endless(request: web.Request) -> web.StreamResponse:
    """200 MB, sent as fast as they are taken."""
    response = web.StreamResponse(headers={"Content-Type": "application/xml"})
    await response.prepare(request)
    try:
        for _ in range(200):
            await response.write(b"x" * 1_000_000)
    except (ConnectionError, asyncio.CancelledError):
        pass
    return response


async def bomb(request: web.Request) -> web.StreamResponse:
    """200 MB of blanks in 200 kB of gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
    return web.Response(body=body, headers={"Content-Type": "application/xml", "Content-Encoding": "gzip"})


async def never(request: web.Request) -> web.StreamResponse:
    """No answer for longer than anybody waits."""
    await asyncio.sleep(30)
    return web.Response(text="late")


def packed(body: str) -> Handler:
    """`body`, gzipped."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(
            body=gzip.compress(body.encode()), headers={"Content-Encoding": "gzip", "Content-Type": "application/xml"}
        )

    return answer
