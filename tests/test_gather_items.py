"""Feed items with every kind of date, edited, re-ordered, taken out and put back: each is one post, at one time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.house import House
from listener.records import Source
from tests.helpers_house import NOW, house_in
from tests.helpers_net import Site, go, item, rss, serving

TODAY = "Tue, 10 Mar 2026 09:00:00 +0000"
ACME = "Acme never answers my mails, I am furious"


@dataclass
class Feed:
    site: Site
    house: House
    visit: Callable[..., Awaitable[Any]]

    def posts(self) -> dict[str, tuple[str, str | None]]:
        """number → the time it counts at, and the published time."""
        rows = self.house.store.rows("select link, at, published from v_mentions where deleted is null")
        return {row["link"].rpartition("/")[2]: (row["at"], row["published"]) for row in rows}


@pytest.fixture
async def feed(tmp_path: Path) -> AsyncIterator[Feed]:
    async with serving() as site:
        with house_in(tmp_path) as (house, clock):
            source = Source("f", "feed", site.url + "/feed")
            house.store.sync_sources([source], NOW)

            async def visit(*items: str) -> Any:
                site.pages["/feed"] = rss(*items)
                clock.set(clock.now() + timedelta(hours=1))
                about: dict[str, Any] = {"store": house.store, "sink": house.intake.take, "clock": clock}
                healths, *_ = await go([source], tmp_path, names=["f"], **about)
                return healths["f"]

            yield Feed(site, house, visit)


def undated(number: int, text: str = ACME) -> str:
    return item(number, text, TODAY).replace(f"<pubDate>{TODAY}</pubDate>", "")


async def test_undated_items_count_when_they_were_first_read(feed: Feed) -> None:
    await feed.visit(undated(1), undated(2))
    first = feed.posts()
    assert first["1"] == ("2026-03-10T13:00:00Z", None)
    health = await feed.visit(undated(3), undated(2), undated(1))
    assert health.new == 1
    assert {number: feed.posts()[number] for number in ("1", "2")} == first
    await feed.visit(undated(3), undated(2), undated(1, ACME + " even more"))
    assert feed.posts()["1"] == first["1"], "an edit is no new day"


async def test_back_dated_items_are_news_wherever_they_stand(feed: Feed) -> None:
    old = "Sun, 01 Mar 2015 10:00:00 +0000"
    await feed.visit(item(2, ACME, TODAY), item(1, ACME, TODAY))
    health = await feed.visit(item(2, ACME, TODAY), item(9, ACME, old), item(1, ACME, TODAY))
    assert health.new == 1
    assert feed.posts()["9"][0] == "2015-03-01T10:00:00Z"
    assert (await feed.visit(item(9, ACME, old), item(2, ACME, TODAY))).new == 0


async def test_future_dated_items_count_when_they_were_read_and_only_once(feed: Feed) -> None:
    ahead = "Sun, 22 Mar 2037 10:00:00 +0000"
    health = await feed.visit(item(1, ACME, ahead))
    assert "in the future" in health.detail
    assert feed.posts()["1"] == ("2026-03-10T13:00:00Z", None)
    assert (await feed.visit(item(2, ACME, TODAY), item(1, ACME, ahead))).new == 1
    assert feed.posts()["1"] == ("2026-03-10T13:00:00Z", None)


async def test_an_edit_is_seen_by_its_words_even_if_every_date_stays(feed: Feed) -> None:
    await feed.visit(item(1, ACME, TODAY))
    assert (await feed.visit(item(1, "Acme mended it, wonderful service, thank you!", TODAY))).new == 1
    [entry] = feed.house.store.entries("acme", date(2026, 12, 31))
    assert entry.amount > 0
    assert list(feed.posts()) == ["1"]


async def test_another_order_is_no_news_and_no_gap(feed: Feed) -> None:
    items = [item(number, ACME, TODAY) for number in range(15)]
    await feed.visit(*items)
    health = await feed.visit(*reversed(items))
    assert (health.new, health.detail) == (0, "")
    assert len(feed.posts()) == 15


async def test_an_item_that_left_the_feed_is_not_deleted_and_comes_back_as_itself(feed: Feed) -> None:
    """A feed shows what is newest: nobody knows why something is not on it."""
    await feed.visit(*(item(number, ACME, TODAY) for number in range(5)))
    await feed.visit(*(item(number, ACME, TODAY) for number in (5, 1, 2)))
    assert len(feed.posts()) == 6
    assert (await feed.visit(*(item(number, ACME, TODAY) for number in range(6)))).new == 0


@pytest.mark.parametrize("stone", ["[deleted]", "[removed]", " [Deleted by user] "])
async def test_what_stands_in_the_place_of_a_deleted_post_is_no_edit(feed: Feed, stone: str) -> None:
    await feed.visit(item(1, ACME, TODAY, "Acme?"), item(2, ACME, TODAY))
    health = await feed.visit(item(1, stone, TODAY, "Acme?"), item(2, ACME, TODAY))
    assert health.new == 0
    assert list(feed.posts()) == ["2"]
    [row] = feed.house.store.rows("select text, deleted from v_mentions where deleted is not null")
    assert (row["text"], row["deleted"]) == (ACME, "2026-03-10T14:00:00Z")
    assert len(feed.house.store.entries("acme", date(2026, 12, 31))) == 1
