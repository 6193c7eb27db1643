"""Spiders, run by name on our own loop: Scrapy finds them, `listener` imports none of them.

A spider is built with source, cursor, now, web and basket; it yields Posts and leaves `cursor`, `notes`, `troubles`,
`pages`, `more` and `broken` behind (spiders/base.py). Scrapy itself is imported with the first spider: feeds need none
of its memory.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from listener.config.lines import nearest
from listener.errors import Blocked, ConfigError, SourceError, Unreadable
from listener.gather.net import Web
from listener.gather.poll import BrokenBody
from listener.gather.visit import Basket, Heard
from listener.records import Deletion, Post, Reading
from listener.store.gathered import Lease

SETTINGS = "spiders.settings"
GRACE_S = 60.0  # a spider stops by itself at its budget; this much later it is stopped


class Crawls:
    """Runs spiders; one serves a whole round.

    Args:
        budget_s: how long one visit may take before the spider leaves the rest for the next one.
    """

    def __init__(self, web: Web, budget_s: float) -> None:
        self._web, self._budget_s = web, budget_s

    @cached_property
    def _runner(self) -> Any:
        from scrapy.crawler import AsyncCrawlerRunner
        from scrapy.settings import Settings

        for name in ("scrapy", "twisted"):
            logging.getLogger(name).setLevel(logging.WARNING)
        settings = Settings()
        settings.setmodule(SETTINGS)
        return AsyncCrawlerRunner(settings)

    def goes_back(self, kind: str) -> str:
        """How far a walk into history comes with sources of a kind, in words; "" if it cannot walk back at all."""
        return str(self._runner.spider_loader.load(kind).goes_back) if kind in self.kinds() else ""

    def kinds(self) -> tuple[str, ...]:
        """The names of all spiders."""
        return tuple(sorted(self._runner.spider_loader.list()))

    async def crawl(self, lease: Lease, basket: Basket, since: datetime | None = None) -> Heard:
        """Visit one source with the spider that its kind names.

        Args:
            since: the visit is a step of a walk into history, with the walk's own cursor (see spiders/base.py).

        Raises:
            ConfigError: there is no such spider.
            SourceError: not one page could be read.
        """
        from scrapy import signals

        kind = lease.source.kind
        if kind not in self.kinds():
            raise ConfigError(f"no kind of source {kind!r}{nearest(kind, ['feed', *self.kinds()])}")
        faults: list[BaseException] = []

        def took(item: Any) -> None:
            if isinstance(item, Post):
                basket.add(item)
            elif isinstance(item, Deletion | Reading):
                basket.pool.add(item)

        def failed(failure: Any) -> None:
            faults.append(failure.value)

        crawler = self._runner.create_crawler(kind)
        crawler.signals.connect(took, signal=signals.item_scraped)
        crawler.signals.connect(failed, signal=signals.spider_error)
        task = self._runner.crawl(
            crawler,
            source=lease.source,
            cursor=lease.cursor,
            now=self._web.clock.now(),
            web=self._web,
            basket=basket,
            budget_s=self._budget_s,
            since=since,
        )
        try:
            await asyncio.wait({task}, timeout=self._budget_s + GRACE_S)
        finally:
            if not task.done():
                await crawler.stop_async()
        await task
        spider: Any = crawler.spider
        if faults and not isinstance(faults[0], SourceError):
            raise faults[0]
        return _heard(lease.cursor, spider, basket, walks=since is not None)

    async def stop(self) -> None:
        """Stop all crawls; each ends after the page it reads."""
        if "_runner" in self.__dict__:
            await self._runner.stop()
            await self._runner.join()


def _heard(before: Mapping[str, Any], spider: Any, basket: Basket, walks: bool) -> Heard:
    troubles: list[SourceError] = spider.troubles
    unreadable = next((one for one in troubles if isinstance(one, Unreadable) and one not in spider.given_up), None)
    if unreadable is not None and not basket.posts and not walks:  # a walk leaves a bad page behind and goes on
        raise BrokenBody(unreadable.url, unreadable.message, spider.broken or b"")
    if troubles and not spider.pages and not (walks and unreadable is not None):
        raise troubles[0]
    notes = list(spider.notes)
    if len(troubles) > 1:
        notes.append(f"{len(troubles)} pages could not be read")
    return Heard(
        cursor=spider.cursor,
        detail="; ".join(notes),
        expected=bool(before),
        more=spider.more,
        trouble=troubles[0] if troubles else None,
        broken=spider.broken,
        # A board that robots.txt forbids is no gap: it was never listened to.
        joined=bool(before) and not spider.more and all(isinstance(one, Blocked) for one in troubles),
    )
