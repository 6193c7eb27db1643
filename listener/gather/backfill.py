"""Walking into a source's history: step by step, with a cursor of its own, until a date is reached.

Each step is a visit of the source's own spider, of a minute at most; what it read is in the store before the walk's
cursor is, so a kill costs reading one step again. Between two steps the source is visited as ever if it is due: a walk
of days makes nobody wait for what is new. Posts that ordinary visits are still to read (after `until`, the last one
before the walk began) are left to them: they are news. Undated posts are left out: nobody knows when they were said.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from listener.clock import Clock
from listener.config import Config
from listener.errors import ConfigError, ListenerError, SourceError
from listener.gather.crawl import GRACE_S, Crawls
from listener.gather.net import Web
from listener.gather.visit import RETRY_S, TOMBSTONES, Basket, Heard, Pool
from listener.records import Post, Source
from listener.store.gathered import Backfill, Lease, SourceLine
from listener.store.protocol import Store

STEP_S = 60.0
LEASE = timedelta(seconds=2 * (STEP_S + GRACE_S))
WAIT_S = 5.0  # until we ask again for a source that somebody else is visiting
PATIENCE = 4  # failures in a row before a walk is left for another day
MANY = 1000  # leases at one host; the walk wants one source, whoever else is there

OnStep = Callable[[Backfill, str], None]  # how far it is, and one line for a person


@dataclass(slots=True)
class History(Basket):
    """Takes the posts of the wanted time only."""

    since: datetime | None = None
    until: datetime | None = None
    undated: int = 0

    def add(self, post: Post) -> None:
        """Take one post, or leave it: `posts` counts it either way."""
        published = self._settled(post).published
        if published is None:
            self.undated += 1
        wanted = published is not None and self.since and self.until and self.since <= published < self.until
        if wanted and post.text.strip().lower() not in TOMBSTONES:
            Basket.add(self, post)
        else:
            self.posts += 1


def check_kind(source: Source, crawls: Crawls) -> str:
    """How far a walk into this source comes, in words.

    Raises:
        ConfigError: its kind cannot walk back; says what can.
    """
    if words := crawls.goes_back(source.kind):
        return words
    if source.kind != "feed":
        raise ConfigError(f"source {source.name!r}: the kind {source.kind!r} cannot be walked back")
    parts = urlsplit(source.url)
    raise ConfigError(
        f"source {source.name!r} is a feed, which shows its newest entries only and cannot be walked back; what it is "
        f"the feed of may be: `listener discover {parts.scheme}://{parts.netloc}/` looks for a forum, an API or an "
        "archive there"
    )


class Walk:
    """One walk into one source's history.

    Args:
        sink: takes a batch of history; returns how many were kept, by source.
        visit: an ordinary visit to the source, due or not.
        owner: who holds the lease; unique to this process.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        clock: Clock,
        web: Web,
        sink: Callable[[Sequence[Post]], Mapping[str, int]],
        visit: Callable[[], Awaitable[None]],
        owner: str,
        on_step: OnStep,
    ) -> None:
        self._store, self._config, self._clock, self._web = store, config, clock, web
        self._sink, self._visit, self._owner, self._on_step = sink, visit, owner, on_step
        self._crawls = Crawls(web, STEP_S)

    async def run(self, name: str, since: datetime, again: bool = False) -> Backfill:
        """Walk from the last visit back to `since`, or go on with a walk to `since` that was cut short.

        Returns:
            the finished walk; one that was finished before is returned as it stands, unless `again`.

        Raises:
            ConfigError: no such source, its kind cannot walk back, or `since` is not in the past.
            ListenerError: the source cannot be read (any more); what was read is kept, and the same call goes on.
        """
        self._config.source(name)  # a wrong name is told, with the nearest right one
        source = next(one for one in self._config.source_records() if one.name == name)
        check_kind(source, self._crawls)
        try:
            walk = self._store.backfill(name)
            if walk is None or walk.since != since or (walk.finished is not None and again):
                walk = await self._begin(source, since)
            while walk.finished is None:
                walk = await self._step(source, walk)
            return walk
        finally:
            await self._crawls.stop()
            self._store.release_sources(self._owner)

    async def _begin(self, source: Source, since: datetime) -> Backfill:
        """News first: whatever ordinary visits would call new is theirs."""
        now = self._clock.now()
        if since >= now:
            raise ConfigError(f"--since {since:%Y-%m-%d} is not in the past")
        walk = Backfill(source.name, since, now, {}, now)
        await self._wait_for_hours(source, walk)
        asked = self._clock.now().replace(microsecond=0)  # the store knows whole seconds
        await self._visit()
        line = self._line(source.name)
        if line.last_heard is None or line.last_heard < asked:
            raise ListenerError(f"{source.name} could not be heard just now ({line.state}): {line.detail}")
        walk = replace(walk, until=line.last_heard)
        self._store.save_backfill(walk, now)
        return walk

    async def _step(self, source: Source, walk: Backfill) -> Backfill:
        lease = await self._claim(source, walk)
        # Deletions, and how much of a page was read, are the business of ordinary visits.
        pool = Pool(lambda told: self._sink([one for one in told if isinstance(one, Post)]))
        basket = History(source, pool, since=walk.since, until=walk.until)
        heard = await self._read(replace(lease, cursor=walk.cursor), basket, walk)
        pool.flush()
        now = self._clock.now()
        left = heard.more or bool(heard.cursor.get("todo"))
        if left and heard.cursor == walk.cursor:
            raise ListenerError(
                f"{source.name}: what is left cannot be read ({heard.trouble or heard.detail or 'nothing came'}); "
                "the same command tries it again"
            )
        made = replace(
            walk,
            cursor=heard.cursor,
            requests=walk.requests + basket.requests,
            posts=walk.posts + basket.posts,
            new=walk.new + basket.new,
            reached=min(filter(None, (walk.reached, basket.history_from)), default=None),
            finished=None if left else now,
        )
        self._store.save_backfill(made, now)
        self._store.release_sources(self._owner)
        notes = [f"{basket.undated} without a date left out"] if basket.undated else []
        notes += [str(heard.trouble)] if heard.trouble else []
        self._on_step(made, "; ".join(notes))
        due = self._line(source.name).due
        if made.finished is None and due is not None and due <= now:
            await self._visit()
        return made

    async def _read(self, lease: Lease, basket: History, walk: Backfill) -> Heard:
        for failure in range(PATIENCE):
            try:
                return await self._crawls.crawl(lease, basket, since=walk.since)
            except SourceError as error:
                if error.state != "late" or failure == PATIENCE - 1:
                    raise ListenerError(
                        f"{error}; what was read is kept, the same command goes on from here"
                    ) from error
                wait = max(getattr(error, "retry_after_s", 0.0), RETRY_S * 2.0**failure)
                self._on_step(walk, f"{error}; going on in {wait:.0f} s")
                await self._clock.sleep(wait)
        raise AssertionError("the loop returns or raises")

    async def _claim(self, source: Source, walk: Backfill) -> Lease:
        """The source's lease, so that nobody else reads there meanwhile; waits for its hours, and for who is there."""
        while True:
            await self._wait_for_hours(source, walk)
            leases = self._store.claim_sources(self._clock.now(), self._owner, 1, LEASE, MANY, (source.name,))
            if leases:
                return leases[0]
            self._on_step(walk, "another process is visiting it; waiting")
            await self._clock.sleep(WAIT_S)

    async def _wait_for_hours(self, source: Source, walk: Backfill) -> None:
        now = self._clock.now()
        while source.hours is not None and not source.hours.within(now):
            opens = source.hours.opens(now)
            self._on_step(walk, f"is read only {source.hours}; going on at {opens:%Y-%m-%d %H:%M} UTC")
            await self._clock.sleep((opens - now).total_seconds())
            now = self._clock.now()

    def _line(self, name: str) -> SourceLine:
        return next(line for line in self._store.source_lines(self._clock.now()) if line.source == name)
