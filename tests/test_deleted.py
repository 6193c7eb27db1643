"""What was deleted, moved or merged at its source: marked, booked without, found again, once."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.gather.again import look_again
from listener.gather.net import Web
from listener.house import House
from listener.records import Deletion, Post, Reading, Source, Told
from listener.urls import post_key
from tests.helpers_house import NOW, SOURCE, heard, house_in, post
from tests.helpers_net import LOCAL, Site, go, serving
from tests.pages import Phpbb, Said

AT = "Mon Mar 09, 2026 8:14 pm"


THREADS = count(1)


def said(number: int, text: str = "Acme never answers, I am furious") -> Said:
    """Seven words, so that none is taken for a copy of another (judge/voices.py)."""
    return Said(number, f"Writer {number}", AT, f"{text} ({number})")


@dataclass
class Town:
    """A phpBB, and a house that listens to it."""

    forum: Phpbb
    site: Site
    house: House
    visit: Callable[[], Awaitable[Any]]

    def standing(self) -> dict[str, list[int]]:
        """Numbers of the posts that stand, by the number of their thread."""
        rows = self.house.store.rows("select link, thread_link from v_mentions where deleted is null")
        found: dict[str, list[int]] = {}
        for row in rows:
            found.setdefault(row["thread_link"].partition("t=")[2], []).append(int(row["link"].rpartition("#p")[2]))
        return {thread: sorted(posts) for thread, posts in found.items()}

    def deleted(self) -> list[int]:
        rows = self.house.store.rows("select link from v_mentions where deleted is not null")
        return sorted(int(row["link"].rpartition("#p")[2]) for row in rows)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    forum = Phpbb()
    forum.say(1, 10, *(said(number) for number in range(100, 110)))
    forum.say(1, 11, *(said(number) for number in range(110, 113)))
    forum.say(2, 20, said(120))
    async with serving() as site:
        site.pages = forum.pages()
        with house_in(tmp_path) as (house, clock):
            source = Source("f", "forum", site.url + "/index.php")
            house.store.sync_sources([source], NOW)

            async def visit() -> Any:
                clock.set(clock.now() + timedelta(hours=1))
                site.log.clear()
                about: dict[str, Any] = {"store": house.store, "sink": house.intake.take, "clock": clock}
                healths, *_ = await go([source], tmp_path, names=["f"], **about)
                assert healths["f"].state == "heard", healths["f"].detail
                return healths["f"]

            found = Town(forum, site, house, visit)
            await visit()
            assert found.standing() == {"10": [*range(100, 110)], "11": [110, 111, 112], "20": [120]}
            yield found


def amounts(house: House) -> float:
    return sum(entry.amount for entry in house.store.entries("acme", date(2026, 12, 31)))


async def test_what_is_missing_on_a_thread_that_was_read_whole_is_deleted_and_counts_no_more(town: Town) -> None:
    before = amounts(town.house)
    posts = town.forum.threads[1, 11]
    taken_away = posts.pop(1)
    posts.append(said(113))
    health = await town.visit()
    assert (health.new, town.deleted()) == (1, [111])
    assert town.standing()["11"] == [110, 112, 113]
    assert amounts(town.house) == pytest.approx(before, abs=0.1), "one withdrawal went, one like it came"
    [daily] = town.house.store.rows("select sum(mentions) as n from v_daily where brand = 'acme'")
    assert daily["n"] == 14
    [threads] = town.house.store.rows("select posts from v_threads where thread_link like '%t=11'")
    assert threads["posts"] == 3
    assert not any(row["posts"] > 1 for row in town.house.store.rows("select posts from v_relationships"))
    assert len(town.house.store.rows("select 1 from v_relationships")) == 14
    posts.insert(1, taken_away)
    posts.append(said(114))
    health = await town.visit()
    assert (health.new, town.deleted()) == (1, []), "it is there again, and that is no news"
    assert town.standing()["11"] == [110, 111, 112, 113, 114]
    assert amounts(town.house) < before


async def test_a_post_deleted_on_an_early_page_is_found_when_the_thread_grows(town: Town) -> None:
    del town.forum.threads[1, 10][2]
    town.forum.say(1, 10, said(130))
    await town.visit()
    assert town.deleted() == [102]
    assert town.standing()["10"] == [100, 101, *range(103, 110), 130]


async def test_a_thread_on_another_board_is_the_same_thread(town: Town) -> None:
    before = amounts(town.house)
    town.forum.threads[2, 10] = town.forum.threads.pop((1, 10))
    town.forum.say(2, 10, said(131))
    health = await town.visit()
    assert (health.new, town.deleted()) == (1, [])
    assert town.standing()["10"] == [*range(100, 110), 131]
    assert amounts(town.house) < before


@pytest.mark.parametrize("into", [10, 11])
async def test_merged_threads_lose_and_double_nothing(town: Town, into: int) -> None:
    """Also the post that nobody had read when the threads were merged."""
    first, second = town.forum.threads.pop((1, 10)), town.forum.threads.pop((1, 11))
    second.insert(1, said(105_5))
    merged = sorted(first + second, key=lambda one: str(one.id))
    town.forum.say(1, into, *merged, said(2000))
    await town.visit()
    assert town.deleted() == []
    assert sorted(town.standing()[str(into)]) == sorted(one.id for one in town.forum.threads[1, into])
    assert set(town.standing()) == {str(into), "20"}
    [posts] = town.house.store.rows("select count(*) as n from posts")
    assert posts["n"] == 16


@pytest.mark.parametrize("target", [5, 30])
async def test_posts_that_were_split_off_stand_in_their_new_thread(town: Town, target: int) -> None:
    """Whether the new thread is read before the old one or after it."""
    posts = town.forum.threads[1, 10]
    moved = [posts.pop(3), posts.pop(3)]
    town.forum.say(1, target, *moved)
    posts.append(said(140))
    await town.visit()
    assert town.deleted() == []
    assert town.standing() == {
        "10": [100, 101, 102, *range(105, 110), 140], "11": [110, 111, 112], "20": [120], str(target): [103, 104],
    }  # fmt: skip


async def test_boards_in_another_order_are_no_news(town: Town) -> None:
    town.forum.threads = dict(reversed(town.forum.threads.items()))
    health = await town.visit()
    assert (health.new, health.posts, town.deleted()) == (0, 0, [])


async def test_a_site_with_other_addresses_has_deleted_nothing(town: Town) -> None:
    """A new look of the site, or a mend of the reader: not one post is known any more."""
    for posts in town.forum.threads.values():
        for one in posts:
            one.id += 5000
    await town.visit()
    assert town.deleted() == []


async def test_a_thread_that_grew_on_page_seven_is_read_from_page_seven(town: Town) -> None:
    town.forum.say(2, 40, *(said(200 + number) for number in range(26)))
    await town.visit()
    town.forum.say(2, 40, *(said(300 + number) for number in range(5)))
    health = await town.visit()
    assert health.new == 5
    topics = [path for path in town.site.paths() if "viewtopic" in path]
    assert topics == ["/viewtopic.php?t=40&start=24", "/viewtopic.php?t=40&start=28"]
    assert len(town.standing()["40"]) == 31


async def test_a_thread_that_is_gone_takes_its_posts_along(town: Town) -> None:
    listed = town.forum.threads[1, 11]
    pages = town.forum.pages()

    async def topic(request: Any) -> Any:
        return 404 if request.query.get("t") == "11" else await pages["/viewtopic.php"](request)

    town.site.pages["/viewtopic.php"] = topic
    listed.append(said(150))  # the board still shows it
    await town.visit()
    assert town.deleted() == [110, 111, 112]


async def test_a_last_page_that_is_gone_is_no_thread_that_is_gone(town: Town) -> None:
    """A moderator tidies up: page three is there no more, and asking for it is answered with 404."""
    pages = town.forum.pages()
    posts = town.forum.threads[1, 10]

    async def topic(request: Any) -> Any:
        beyond = request.query.get("t") == "10" and int(request.query.get("start", 0)) >= len(posts)
        return 404 if beyond else await pages["/viewtopic.php"](request)

    town.site.pages["/viewtopic.php"] = topic
    del posts[4:]
    posts.append(said(150))
    await town.visit()
    assert town.deleted() == []
    await town.visit()
    assert town.standing()["10"] == [100, 101, 102, 103, 150]
    assert town.deleted() == [*range(104, 110)]


async def test_a_last_page_that_leads_back_to_another_is_read_from_the_first_one_on(town: Town) -> None:
    """XenForo and others send whoever asks for page three of two to page two."""
    pages = town.forum.pages()
    posts = town.forum.threads[1, 10]

    async def topic(request: Any) -> Any:
        if request.query.get("t") == "10" and int(request.query.get("start", 0)) >= len(posts):
            return web.Response(status=302, headers={"Location": "/viewtopic.php?t=10&start=4"})
        return await pages["/viewtopic.php"](request)

    town.site.pages["/viewtopic.php"] = topic
    del posts[3:7]
    posts.append(said(150))
    del posts[3]
    assert [post.id for post in posts] == [100, 101, 102, 108, 109, 150]
    await town.visit()
    assert town.standing()["10"] == [100, 101, 102, 108, 109, 150]
    assert town.deleted() == [103, 104, 105, 106, 107]
    positions = town.house.store.rows("select position from posts where url like '%#p150'")
    assert [row["position"] for row in positions] == [5]


# without a forum


@pytest.fixture
def house(tmp_path: Path) -> Any:
    with house_in(tmp_path) as (opened, _):
        opened.store.sync_sources([SOURCE, Source("other", "feed", "http://127.0.0.1:9/other")], NOW)
        yield opened


def deletion(one: Post, source: str = SOURCE.name) -> Deletion:
    return Deletion(source, one.key, NOW)


def test_only_the_source_that_brought_a_post_says_that_it_is_gone(house: House) -> None:
    one = post(1, "Acme is awful")
    house.intake.take([one])
    house.intake.take([deletion(one, "other"), Reading("other", one.thread_url, (), NOW)])
    assert len(house.store.judged("acme")) == 1
    house.intake.take([deletion(one)])
    assert house.store.judged("acme") == []
    assert house.store.entries("acme", NOW.date()) == []


def test_another_source_does_not_bring_a_deleted_post_back(house: House) -> None:
    """A feed shows for days what its forum deleted."""
    one = post(1, "Acme is awful")
    house.intake.take([one])
    house.intake.take([deletion(one)])
    other = Post(**{name: getattr(one, name) for name in Post.__slots__} | {"source": "other"})
    assert house.intake.take([other]) == {}
    assert house.store.judged("acme") == []
    assert house.intake.take([one]) == {}
    assert len(house.store.judged("acme")) == len(house.store.entries("acme", NOW.date())) == 1


def test_a_deletion_of_what_we_never_had_is_nothing(house: House) -> None:
    assert house.intake.take([deletion(post(1, "")), Reading(SOURCE.name, "https://nowhere.example/", (), NOW)]) == {}


def test_the_words_stay_until_retention_but_nobody_finds_or_quotes_them(house: House) -> None:
    one = post(1, "Acme sold my phone number")
    house.intake.take([one])
    house.intake.take([deletion(one)])
    [row] = house.store.rows("select text, deleted from v_mentions")
    assert (row["text"], row["deleted"]) == (one.text, "2026-03-10T12:00:00Z")
    assert house.store.search("phone") == []
    house.store.expire("acme", NOW + timedelta(days=1))
    [row] = house.store.rows("select text, deleted from v_mentions")
    assert (row["text"], row["deleted"]) == (None, "2026-03-10T12:00:00Z")
    assert "phone" not in str(house.store.rows("select * from posts"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sets(st.integers(0, 6), min_size=1), min_size=1, max_size=6), st.integers(0, 99))
def test_after_a_whole_reading_just_what_was_read_stands(house: House, states: list[set[int]], seed: int) -> None:
    luck, thread = random.Random(seed), next(THREADS)
    for hour, state in enumerate(states):
        at, numbers = NOW + timedelta(hours=hour), sorted(state | {0})
        posts = [post(thread * 10 + n, f"Acme {n}", NOW, thread=thread, position=n, fetched=at) for n in numbers]
        told: list[Told] = [*posts, Reading(SOURCE.name, posts[0].thread_url, tuple(one.key for one in posts), at)]
        luck.shuffle(told)
        house.intake.take(told)
        standing = [one.post_key for one in house.store.judged("acme") if one.thread_url == posts[0].thread_url]
        assert sorted(standing) == sorted(one.key for one in posts)
        booked = {entry.post_key for entry in house.store.entries("acme", NOW.date())}
        assert booked <= {one.post_key for one in house.store.judged("acme")}
    keys = house.store.rows("select count(*) as n, count(distinct key) as k from posts")
    assert keys[0]["n"] == keys[0]["k"]


async def test_what_an_open_alert_quotes_is_looked_at_again_and_a_closed_matter_is_not(tmp_path: Path) -> None:
    async with serving() as site:
        with house_in(tmp_path) as (house, clock):
            heard(house, NOW - timedelta(days=9), NOW)
            site.pages = {f"/p/{n}": "<html>still here</html>" for n in range(12)} | {"/p/4": 500}
            posts = []
            for n in range(12):
                one = post(n, f"Acme leaked my personal data, case {n}", NOW - timedelta(minutes=30 - n))
                about = {name: getattr(one, name) for name in Post.__slots__}
                url = f"{site.url}/p/{n}"
                posts.append(Post(**about | {"url": url, "key": post_key(url), "thread_url": url}))
            house.intake.take(posts)
            house.store.set_looked_until("acme", NOW - timedelta(hours=2))
            assert house.watch()
            [alert] = house.store.alerts("acme", open_only=True)
            gone = next(one for one in posts if one.key == alert.evidence[1])
            site.pages[gone.url.removeprefix(site.url)] = 410
            async with Web(LOCAL, clock) as web:
                assert await look_again(house.store, clock, house.intake.take, web) == 0, "all were seen today"
                clock.set(NOW + timedelta(days=1, minutes=1))
                assert await look_again(house.store, clock, house.intake.take, web) == 1
                asked = site.paths()
                assert sorted(asked) == sorted({f"/p/{posts.index(one)}" for one in posts if one.key in alert.evidence})
                assert await look_again(house.store, clock, house.intake.take, web) == 0
                assert site.paths() == asked, "each once a day"
            rows = house.store.rows("select link from v_mentions where deleted is not null")
            assert [row["link"] for row in rows] == [gone.url]
            house.watch()
            [still, *_] = house.store.alerts("acme")
            assert still.key == alert.key
            day = NOW.astimezone(house.config.brand("acme").zone).date()
            house.digest(house.config.brand("acme"), day)
            stored = house.store.digest("acme", day, "en")
            assert stored is not None
            assert f'{gone.url}"' not in stored.html + stored.text
            assert gone.key not in stored.evidence
            assert f"{site.url}/p/" in stored.html
