"""What every spider shares: built for one visit to one source, it yields Posts and leaves a cursor.

A new kind of source is a module here with one class on SourceSpider: a `name`, `first()` that yields the first
requests, and callbacks that yield Posts and further requests by `self.ask`. Network, robots.txt, delays, caps, budget,
errors and batches are taken care of.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeAlias
from zoneinfo import ZoneInfo

import scrapy
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from listener.errors import ConfigError, SourceError, Unreadable
from listener.gather.net import Web
from listener.gather.visit import Basket
from listener.records import Deletion, Post, Source, Told
from listener.urls import post_key

Yield: TypeAlias = Iterator[Told | Request]


class SourceSpider(scrapy.Spider):
    """One visit to one source.

    Args:
        source: the place; `source.options` is what the kind documents.
        cursor: what the last visit left, {} at first.
        now: UTC; relative dates are counted from it.
        web, basket: the door to the network, and where Scrapy puts the posts.
        budget_s: after this long no new request is made.
        since: the visit is a step of a walk into history (listener/gather/backfill.py), which ends at this time. Its
            cursor is the walk's own: {} at the first step, then what the last one left.

    Left behind for gather/crawl.py: cursor, notes (lines for a person), troubles (pages that failed), given_up (those
    of them that failed twice and are left), pages (pages that were read), more (stopped at the budget), broken (a body
    that could not be read).
    """

    page_budget: ClassVar[int] = 200  # requests in one visit; options.max_pages sets another
    goes_back: ClassVar[str] = ""  # how far a walk into history comes, for people; "": the kind cannot walk back

    def __init__(
        self,
        *,
        source: Source,
        cursor: Mapping[str, Any],
        now: datetime,
        web: Web,
        basket: Basket,
        budget_s: float,
        since: datetime | None = None,
    ) -> None:
        super().__init__()
        self.since = since
        self.source, self.now, self.web, self.basket = source, now, web, basket
        self.cursor: dict[str, Any] = dict(cursor)
        self.notes: list[str] = []
        self.troubles: list[SourceError] = []
        self.given_up: list[SourceError] = []
        self.pages = 0
        self.more = False
        self.broken: bytes | None = None
        self.headers: dict[str, str] = {}  # sent with every request; a token among them goes to the source's host only
        self.left = int(source.options.get("max_pages", self.page_budget))
        self._until = time.monotonic() + budget_s
        self._asked: set[str] = set()
        zone = str(source.options.get("time_zone", "UTC"))
        try:
            self.zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ConfigError(
                f'source {source.name!r}: {zone!r} is no time zone; write one like "Asia/Taipei"'
            ) from error

    @property
    def walks_on(self) -> bool:
        """Is this a further step of a walk into history? Then only what the last one left to do is read."""
        return self.since is not None and bool(self.cursor)

    async def start(self) -> AsyncIterator[Any]:
        for request in self.first():
            yield request

    def first(self) -> Iterable[Request]:
        """The requests a visit begins with (made with `ask`)."""
        return self.ask(self.source.url, self.read)

    def read(self, response: Response) -> Yield:
        """The callback of `first`, unless a spider has its own."""
        raise Unreadable(response.url, f"the spider {self.name!r} reads no pages")

    def try_again(self, error: SourceError, tried: bool) -> bool:
        """Is a page that could not be read to be asked for at the next visit?

        A server in trouble is, always. A wall (403, a captcha that answers 200) may stand for once, and what stands
        behind it deep in a list is not come by again: one more try, if it was not `tried` before; but a walk into
        history leaves such a page behind, or it would never end. What robots.txt forbids or what is gone is not.
        """
        if error.state in ("blocked", "unreadable") and self.since is None:
            if tried:
                self.given_up.append(error)
            return not tried
        return error.state == "late"

    def deletion(self, permalink: str) -> Deletion:
        """What to yield of a post that the site shows as deleted."""
        return Deletion(self.source.name, post_key(permalink), self.now)

    def _take(self, told: Told) -> None:
        try:
            if isinstance(told, Post):
                self.basket.add(told)
            else:
                self.basket.pool.add(told)
        except Exception:
            if self.basket.pool.failure is None:
                raise  # what the sink raised is raised again where the visit is booked

    def ask(
        self,
        url: str,
        callback: Callable[..., Yield],
        failed: Callable[[SourceError], None] | None = None,
        later: Callable[[], None] | None = None,
        priority: int = 0,
        anew: bool = False,
        **about: Any,
    ) -> Iterator[Request]:
        """Ask for a page within the budget; an address asked for in this visit is not asked for again.

        Args:
            callback: called with the response and `about`; it may raise Unreadable.
            failed: told when the page could not be read.
            later: called instead of asking when the budget is spent (`more` is set too).
            priority: higher ones are asked first.
            anew: ask even if this address was asked for in this visit.

        Yields:
            one request, or none.
        """
        if url in self._asked and not anew:
            return
        if self.left <= 0 or time.monotonic() > self._until:
            self.more = True
            if later is not None:
                later()
            return
        self.left -= 1
        self._asked.add(url)

        def read(response: Response) -> Yield:
            try:
                for told in callback(response, **about):
                    if isinstance(told, Request):
                        yield told
                    else:  # past Scrapy's item pipelines, of which there are none: they cost more than reading a post
                        self._take(told)
                self.pages += 1
            except Unreadable as error:
                self.broken = response.body
                trouble(error)

        def refused(failure: Failure) -> None:
            error = failure.value
            if isinstance(error, SourceError):
                trouble(error)
            else:
                failure.raiseException()

        def trouble(error: SourceError) -> None:
            self.troubles.append(error)
            if failed is not None:
                failed(error)

        yield Request(url, headers=self.headers, callback=read, errback=refused, priority=priority, dont_filter=True)
