"""One round: the sources that are due are claimed, visited beside each other, and booked.

A visit's posts go to the sink before its cursor is booked: a kill in between costs only reading again.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from listener.clock import Clock
from listener.config import Config
from listener.errors import ConfigError, SourceError
from listener.gather.board import filled
from listener.gather.crawl import GRACE_S, Crawls
from listener.gather.net import Web
from listener.gather.poll import BrokenBody, Poller
from listener.gather.turns import Turns
from listener.gather.visit import Basket, Heard, Pool, Sink, book, book_failure
from listener.records import Source, SourceHealth
from listener.store.gathered import Lease
from listener.store.protocol import Store

VISIT_S = 300.0  # a spider leaves the rest of a large forum for its next visit after this long
LEASE = timedelta(seconds=2 * (VISIT_S + GRACE_S))
PER_HOST = 8  # visits to one host under way at once, or twice its slots; requests still queue for those
BROKEN_FILES, BROKEN_BYTES, BROKEN_DAYS = 20, 2_000_000, 14

_log = logging.getLogger(__name__)


async def gather(
    store: Store,
    config: Config,
    clock: Clock,
    sink: Sink,
    *,
    names: Sequence[str] = (),
    owner: str,
    on_progress: Callable[[SourceHealth], None] | None = None,
    web: Web | None = None,
    budget_s: float | None = None,
) -> tuple[SourceHealth, ...]:
    """Visit every source that is due when the round begins (or just `names`, due or not) and book it.

    One bad source never ends the round; a failing sink or store does, with nothing of the failed visit booked.

    Args:
        sink: takes a batch of posts of any sources and says for each source how many were new.
        owner: who holds the leases; unique to this process.
        on_progress: called after each visit.
        web: kept by callers that run for long, so that robots.txt and host pauses outlive a round.
        budget_s: begin no further visit after this long: what is left is due in the next round, where the hosts take
            turns anew, so that one with thousands of sources does not keep the others from their next visit.
    """
    async with entered(web, config, clock) as door:
        return await _Round(store, config, clock, sink, owner, on_progress, door, budget_s).run(names)


async def check_online(config: Config, clock: Clock, names: Sequence[str] = ()) -> tuple[SourceHealth, ...]:
    """Ask each source's robots.txt and first page; one health line each, nothing is read or booked.

    State "heard": it answers and allows us. The detail says what stands against it otherwise.
    """
    async with entered(None, config, clock) as web:
        wanted = [part.record() for part in config.sources if not names or part.name in names]
        return tuple(await asyncio.gather(*(_reach(web, source, clock) for source in wanted)))


async def _reach(web: Web, source: Source, clock: Clock) -> SourceHealth:
    now = clock.now()
    if not source.url.startswith("http"):
        return SourceHealth(source.name, now, "new", f"{source.url}: not asked over HTTP")
    try:
        answer = await web.get(source.url)
    except SourceError as error:
        return SourceHealth(source.name, now, error.state, str(error))  # type: ignore[arg-type]  # as in book_failure
    delay = (await web.robots.rules(source.url)).delay_s
    notes = [f"{len(answer.body):,} bytes"]
    if answer.moved:
        notes.append(f"moved for good to {answer.moved}")
    if delay:
        notes.append(f"robots.txt asks for {delay:g} s between requests")
    return SourceHealth(source.name, now, "heard", ", ".join(notes), requests=answer.hops)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A visit that came back, with what it heard or why it did not, before it is booked."""

    lease: Lease
    basket: Basket
    heard: Heard | Exception
    at: datetime


class _Round:
    """The state of one round: visits under way, and visits not yet booked."""

    def __init__(
        self,
        store: Store,
        config: Config,
        clock: Clock,
        sink: Sink,
        owner: str,
        on_progress: Callable[[SourceHealth], None] | None,
        web: Web,
        budget_s: float | None,
    ) -> None:
        self._store, self._clock, self._pool, self._owner = store, clock, Pool(sink), owner
        self._on_progress, self._web = on_progress, web
        self._poller, self._crawls = Poller(web), Crawls(web, VISIT_S)
        self._places = 2 * config.main.net.total_slots
        self._per_host = max(PER_HOST, 2 * config.main.net.host_slots)
        self._broken = config.store_path.parent / "broken"
        self._began = clock.now()
        self._until = None if budget_s is None else self._began + timedelta(seconds=budget_s)
        self._turns, self._named = Turns((), self._per_host), False  # filled when the round runs
        self._healths: list[SourceHealth] = []

    async def run(self, names: Sequence[str]) -> tuple[SourceHealth, ...]:
        running: set[asyncio.Task[_Outcome]] = set()
        # Due when the round begins: a source that falls due again meanwhile belongs to the next round.
        self._turns, self._named = Turns(self._store.due_sources(self._began, names), self._per_host), bool(names)
        finished: list[_Outcome] = []
        try:
            while True:
                for lease in self._claim(self._places - len(running)):
                    running.add(asyncio.create_task(self._visit(lease), name=lease.source.name))
                if not running:
                    break
                # Several visits are booked together: a transaction each would cost more than the visits. Leases given
                # back make room for the next ones of their hosts.
                while not finished or len(finished) < min(32, len(running)):
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    finished.extend(task.result() for task in done)
                self._book(finished)
            return tuple(self._healths)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self._crawls.stop()
            if self._pool.failure is None:
                self._book(finished)
            self._store.release_sources(self._owner)  # of visits that were cut off: others need not wait for the lease
            prune_broken(self._broken, self._clock.now())

    def _claim(self, places: int) -> list[Lease]:
        now = self._clock.now()
        while self._until is None or now < self._until:
            wanted = self._turns.take(places)
            if not wanted:
                break
            lease_time = LEASE + (now - self._began)  # due when the round began
            leases = self._store.claim_sources(
                self._began, self._owner, len(wanted), lease_time, self._per_host, wanted, even_early=self._named
            )
            resting = [lease.source for lease in leases if lease.source.hours and not lease.source.hours.within(now)]
            self._let_rest(resting, now)
            found = [lease for lease in leases if lease.source not in resting]
            for name in set(wanted) - {lease.source.name for lease in found}:
                self._turns.back(name)  # it rests, or somebody else has it or its host
            if found:
                return found
        return []

    def _let_rest(self, sources: Sequence[Source], now: datetime) -> None:
        """Put off sources outside the hours in which they may be read; nothing was asked, so nothing is booked."""
        opening = [(source, source.hours.opens(now)) for source in sources if source.hours is not None]
        if opening:
            self._store.postpone_sources({source.name: at for source, at in opening}, self._owner)
        for source, at in opening:
            detail = f"is read only {source.hours}; the next time at {at:%Y-%m-%d %H:%M} UTC"
            self._tell(SourceHealth(source.name, now, "resting", detail))

    def _tell(self, health: SourceHealth) -> None:
        self._healths.append(health)
        if self._on_progress is not None:
            self._on_progress(health)

    def _book(self, finished: list[_Outcome]) -> None:
        """Hand on what was read, then book the visits that read it."""
        self._pool.flush()
        if not finished:
            return
        visits = [
            book(done.lease, done.basket, done.heard, done.at)
            if isinstance(done.heard, Heard)
            else book_failure(done.lease, done.basket, done.heard, done.at)
            for done in finished
        ]
        self._store.finish_visits(visits, self._owner)
        finished.clear()
        for visit in visits:
            self._turns.back(visit.health.source)
            self._tell(visit.health)

    async def _visit(self, lease: Lease) -> _Outcome:
        basket = Basket(lease.source, self._pool)
        heard: Heard | Exception
        try:
            if lease.source.kind == "feed":
                heard = await filled(self._crawls, lease, basket, await self._poller.poll(lease, basket))
            else:
                heard = await self._crawls.crawl(lease, basket)
            broken = heard.broken or b""
        except Exception as error:
            if not isinstance(error, SourceError | ConfigError) and self._pool.failure is None:
                _log.exception("reader_failed source=%s", lease.source.name)
            heard, broken = error, error.body if isinstance(error, BrokenBody) else b""
        if self._pool.failure is not None:
            raise self._pool.failure
        if broken:
            save_broken(self._broken, lease.source.name, broken, self._clock.now())
        return _Outcome(lease, basket, heard, self._clock.now())


@asynccontextmanager
async def entered(web: Web | None, config: Config, clock: Clock) -> AsyncIterator[Web]:
    """The door to the net that the caller keeps, or one for as long as the block runs."""
    if web is not None:
        yield web
    else:
        async with Web(config.main.net, clock) as made:
            yield made


def save_broken(folder: Path, source: str, body: bytes, now: datetime) -> Path:
    """Keep a body that could not be read, at most 2 MB of it, for whoever mends the reader."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # whole pages: people's words
    name = re.sub(r"[^\w.-]+", "_", source)[:60]
    path = folder / f"{name}-{now:%Y%m%dT%H%M%S%f}.bin"
    path.write_bytes(body[:BROKEN_BYTES])
    prune_broken(folder, now)
    return path


def prune_broken(folder: Path, now: datetime) -> None:
    """Keep the 20 newest saved bodies, and none for more than 14 days: they hold people's words."""
    files = sorted(folder.glob("*.bin"), key=lambda path: path.name[-26:], reverse=True) if folder.is_dir() else []
    oldest = f"{now - timedelta(days=BROKEN_DAYS):%Y%m%dT%H%M%S%f}.bin"
    for number, path in enumerate(files):
        if number >= BROKEN_FILES or path.name[-len(oldest) :] < oldest:
            path.unlink(missing_ok=True)
