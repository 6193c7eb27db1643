"""A feed and the board behind it: a gap is told, and filled where there is a board."""

import json
from pathlib import Path
from typing import Any

from listener.records import Source
from tests.helpers_net import FakeStore, Sink, Site, go, rss, serving
from tests.pages import Phpbb, Said

AT = "Mon Mar 09, 2026 8:14 pm"


def entry(url: str, number: int) -> str:
    link = f"{url}/viewtopic.php?p={number}#p{number}"
    return f"<item><title>Thread</title><link>{link}</link><description>Post {number}</description></item>"


class Busy:
    """A forum with a feed of its newest 15 posts."""

    def __init__(self, site: Site) -> None:
        self.site, self.forum = site, Phpbb(per_board=20)
        self.grow(0, 15)

    def grow(self, first: int, end: int) -> None:
        for number in range(first, end):
            self.forum.say(1 + number % 7 % 2, 1 + number % 7, Said(1000 + number, "Ann", AT, f"Post {1000 + number}"))
        feed = rss(*(entry(self.site.url, 1000 + number) for number in range(end - 1, end - 16, -1)))
        self.site.pages = self.forum.pages() | {"/feed": feed}


async def visit(site: Site, folder: Path, store: FakeStore, sink: Sink) -> Any:
    store.due.clear()
    site.log.clear()
    healths, *_ = await go(store.sources, folder, store=store, sink=sink)
    return healths["town"]


async def test_without_a_board_the_gap_of_a_feed_is_told_and_is_no_heard_time(tmp_path: Path) -> None:
    async with serving() as site:
        busy = Busy(site)
        store, sink = FakeStore([Source("town", "feed", site.url + "/feed")]), Sink()
        await visit(site, tmp_path, store, sink)
        busy.grow(15, 55)
        health = await visit(site, tmp_path, store, sink)
        assert (health.state, health.new) == ("heard", 15)
        assert "a gap: all 15 posts of the feed are new" in health.detail
        assert store.visits[-1].joined is False
        assert len(sink.posts) == 30, "25 of 55 were never seen"


async def test_a_board_fills_the_gap_and_the_time_is_heard(tmp_path: Path) -> None:
    async with serving() as site:
        busy = Busy(site)
        options = {"board": site.url + "/index.php"}
        store, sink = FakeStore([Source("town", "feed", site.url + "/feed", options=options)]), Sink()
        first = await visit(site, tmp_path, store, sink)
        assert (first.state, first.new, len(sink.posts)) == ("heard", 15, 15)
        busy.grow(15, 20)
        assert (await visit(site, tmp_path, store, sink)).new == 5
        assert site.paths() == ["/feed"], "without a gap the board is left alone"
        busy.grow(20, 60)
        health = await visit(site, tmp_path, store, sink)
        assert {post.native_id for post in sink.posts.values()} >= {str(1000 + number) for number in range(20, 45)}
        assert len(sink.posts) == 60, "and what stood on both is there once"
        assert "filled from the board" in health.detail
        assert store.visits[-1].joined is True
        assert not any("start=0" in path for path in site.paths())
        busy.grow(60, 61)
        assert (await visit(site, tmp_path, store, sink)).detail == ""


async def test_a_gap_that_takes_more_than_one_visit_is_filled_in_several(tmp_path: Path) -> None:
    async with serving() as site:
        busy = Busy(site)
        options = {"board": site.url + "/index.php", "max_pages": 5}
        store, sink = FakeStore([Source("town", "feed", site.url + "/feed", options=options)]), Sink()
        for _ in range(6):
            await visit(site, tmp_path, store, sink)
        busy.grow(15, 75)
        await visit(site, tmp_path, store, sink)
        assert store.visits[-1].joined is False
        for _ in range(12):
            await visit(site, tmp_path, store, sink)
        assert len(sink.posts) == 75
        assert json.loads(store.cursors["town"])["board"]["todo"] == []


async def test_a_board_that_cannot_be_read_leaves_the_feed_heard_and_the_gap_told(tmp_path: Path) -> None:
    async with serving() as site:
        busy = Busy(site)
        options = {"board": site.url + "/nowhere"}
        store, sink = FakeStore([Source("town", "feed", site.url + "/feed", options=options)]), Sink()
        await visit(site, tmp_path, store, sink)
        busy.grow(15, 55)
        health = await visit(site, tmp_path, store, sink)
        assert (health.state, health.new) == ("heard", 15)
        assert "a gap" in health.detail
        assert "its board could not be read" in health.detail
        assert store.visits[-1].joined is False
