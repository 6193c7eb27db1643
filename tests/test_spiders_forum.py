"""The forum spider on a phpBB of our own: everything once, then only what grew, politely."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.records import Source
from tests.helpers_net import LOCAL, FakeStore, Sink, go, never, serving
from tests.pages import Phpbb, Said

AT = "Mon Mar 02, 2026 8:14 pm"


def forum() -> Phpbb:
    """Two boards, eight threads, one of ten posts over three pages."""
    town = Phpbb()
    town.say(1, 10, *(Said(100 + number, "Ann", AT, f"Long talk {number}") for number in range(10)))
    for thread in range(11, 17):
        town.say(1, thread, Said(thread * 10, "Bo", AT, f"Opener of {thread}"))
    town.say(2, 20, Said(500, "Cho", AT, "另一個版"))
    return town


async def round_of(site: Any, tmp_path: Path, store: FakeStore, sink: Sink, **more: Any) -> Any:
    store.due.clear()
    site.log.clear()
    healths, *_ = await go(store.sources, tmp_path, store=store, sink=sink, **more)
    return healths["f"]


def source(url: str, **options: Any) -> Source:
    return Source("f", "forum", url + "/index.php", options=options)


async def test_everything_is_read_to_the_last_reply(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages()
        store, sink = FakeStore([source(site.url, time_zone="Asia/Taipei")]), Sink()
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, health.posts, health.new, health.detail) == ("heard", 17, 17, "")
        talk = [post for post in sink.posts.values() if post.thread_url.endswith("viewtopic.php?t=10")]
        assert sorted(post.position for post in talk) == list(range(10))
        assert {post.thread_title for post in talk} == {"Thread 10"}
        assert talk[0].published == datetime(2026, 3, 2, 12, 14, tzinfo=UTC)
        assert all("sid" not in post.url for post in sink.posts.values())
        assert not any("sid=" in path for path in site.paths())
        assert len(site.paths()) == len(set(site.paths())) == health.requests


async def test_a_quiet_forum_costs_one_page_and_a_grown_thread_is_read_where_it_grew(tmp_path: Path) -> None:
    town = forum()
    async with serving() as site:
        site.pages = town.pages()
        store, sink = FakeStore([source(site.url)]), Sink()
        await round_of(site, tmp_path, store, sink)
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, health.posts, site.paths()) == ("heard", 0, ["/index.php"])
        town.say(1, 10, *(Said(900 + number, "Di", AT, f"Late {number}") for number in range(4)))
        health = await round_of(site, tmp_path, store, sink)
        assert health.new == 4
        topics = [path for path in site.paths() if "viewtopic" in path]
        assert topics == ["/viewtopic.php?t=10&start=8", "/viewtopic.php?t=10&start=12"]
        assert max(post.position for post in sink.posts.values()) == 13
        assert "start=3" not in "".join(site.paths()), "the second page of the board holds nothing new"


async def test_deleted_posts_send_the_reader_back_to_the_first_page(tmp_path: Path) -> None:
    town = forum()
    async with serving() as site:
        site.pages = town.pages()
        store, sink = FakeStore([source(site.url)]), Sink()
        await round_of(site, tmp_path, store, sink)
        posts = town.threads[1, 10]
        del posts[1:4], posts[-1]
        town.say(1, 10, *(Said(900 + number, "Di", AT, f"Late {number}") for number in range(3)))
        health = await round_of(site, tmp_path, store, sink)
        assert health.new == 3
        assert "/viewtopic.php?t=10" in site.paths()


async def test_forbidden_boards_are_told_and_never_asked(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages() | {"/robots.txt": "User-agent: *\nDisallow: /viewforum.php?f=2\n"}
        store, sink = FakeStore([source(site.url)]), Sink()
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, health.new) == ("heard", 16)
        assert "robots.txt forbids" in health.detail
        assert not any("f=2" in path for path in site.paths())


async def test_a_large_forum_is_read_over_several_visits(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages()
        store, sink = FakeStore([source(site.url, max_pages=4)]), Sink()
        counts = []
        for _ in range(12):
            counts.append((await round_of(site, tmp_path, store, sink)).requests)
            assert len(site.paths()) <= 4
        assert len(sink.posts) == 17
        assert json.loads(store.cursors["f"])["todo"] == []


async def test_a_page_that_fails_is_asked_again_next_time(tmp_path: Path) -> None:
    async with serving() as site:
        town = forum()
        site.pages = town.pages()
        good = site.pages["/viewtopic.php"]

        async def flaky(request: web.Request) -> Any:
            return 500 if request.query.get("t") == "12" else await good(request)

        site.pages["/viewtopic.php"] = flaky
        store, sink = FakeStore([source(site.url)]), Sink()
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, health.new) == ("heard", 16)
        assert "answered 500" in health.detail
        site.pages["/viewtopic.php"] = good
        health = await round_of(site, tmp_path, store, sink)
        assert health.new == 1
        assert [path for path in site.paths() if "viewtopic" in path] == ["/viewtopic.php?t=12"]


async def test_a_thread_alone_is_a_source_too(tmp_path: Path) -> None:
    town = forum()
    async with serving() as site:
        site.pages = town.pages()
        store, sink = FakeStore([Source("f", "forum", site.url + "/viewtopic.php?t=10")]), Sink()
        assert (await round_of(site, tmp_path, store, sink)).new == 10
        town.say(1, 10, Said(900, "Di", AT, "Late"))
        assert (await round_of(site, tmp_path, store, sink)).new == 1
        assert [post.position for post in sink.posts.values() if post.native_id == "900"] == [10]


async def test_pages_that_are_no_forum_any_more_are_unreadable_and_saved(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages()
        store, sink = FakeStore([source(site.url)]), Sink()
        await round_of(site, tmp_path, store, sink)
        site.pages = {"/index.php": "<html><body><h1>We have moved</h1></body></html>"}
        health = await round_of(site, tmp_path, store, sink)
        assert health.state == "unreadable"
        assert "neither boards nor threads" in health.detail
        assert "We have moved" in next((tmp_path / "broken").iterdir()).read_text()


async def test_a_board_without_threads_where_many_stood_is_a_parse_failure_with_a_saved_copy(tmp_path: Path) -> None:
    town = forum()
    town.per_board = 20
    async with serving() as site:
        site.pages = town.pages()
        store, sink = FakeStore([source(site.url)]), Sink()
        await round_of(site, tmp_path, store, sink)
        before = store.cursors["f"]
        town.say(1, 10, Said(900, "Ann", AT, "Anybody there?"))

        async def redesigned(request: web.Request) -> web.Response:
            return web.Response(text="<html id='phpbb'><body><p>A new face</p></body></html>", content_type="text/html")

        site.pages["/viewforum.php"] = redesigned
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, store.cursors["f"]) == ("unreadable", before)
        assert "a board without threads, where 7 stood before" in health.detail
        assert "A new face" in next((tmp_path / "broken").iterdir()).read_text()
        site.pages = town.pages()
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, health.new) == ("heard", 1), "what was said meanwhile is not lost"


async def test_bad_first_pages_end_in_a_health_line(tmp_path: Path) -> None:
    async def wait(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "600"})

    expected = {404: "gone", 500: "late", 403: "blocked", never: "late", b"\x89PNG\r\n": "unreadable", wait: "late"}
    for page, state in expected.items():
        async with serving() as site:
            site.pages = {"/index.php": page}
            net = LOCAL.model_copy(update={"timeout_s": 0.3})
            health = await round_of(site, tmp_path, FakeStore([source(site.url)]), Sink(), net=net)
            assert (health.state, bool(health.detail)) == (state, True), health
            assert (health.not_before is not None) == (page is wait)


async def test_a_host_with_one_slot_is_asked_one_thing_at_a_time_by_spider_and_poller_together(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages() | {"/feed": "<rss version='2.0'><channel><title>x</title></channel></rss>"}
        net = LOCAL.model_copy(update={"host_slots": 1, "host_delay_s": 0.005})
        feeds = [Source(f"feed-{number}", "feed", f"{site.url}/feed?{number}") for number in range(5)]
        healths, *_ = await go([source(site.url), *feeds], tmp_path, net=net)
        assert {health.state for health in healths.values()} == {"heard", "empty"}
        assert len(site.log) > 15
        assert max(hit.together for hit in site.log) == 1


@pytest.mark.parametrize("wall", [403, "<html id='phpbb'><body><h2>Are you human?</h2></body></html>"])
async def test_a_thread_behind_a_wall_for_once_is_asked_again_though_it_stands_deep_in_its_board(
    tmp_path: Path, wall: Any
) -> None:
    town = forum()
    async with serving() as site:
        site.pages = town.pages()
        good = site.pages["/viewtopic.php"]

        async def walled(request: web.Request) -> Any:
            if request.query.get("t") != "11":
                return await good(request)
            return wall if isinstance(wall, int) else web.Response(text=wall, content_type="text/html")

        site.pages["/viewtopic.php"] = walled
        store, sink = FakeStore([source(site.url)]), Sink()
        health = await round_of(site, tmp_path, store, sink)
        assert (health.state, health.new) == ("heard", 16)
        site.pages["/viewtopic.php"] = good
        assert (await round_of(site, tmp_path, store, sink)).new == 1
        assert (await round_of(site, tmp_path, store, sink)).requests == 1


async def test_a_further_page_of_a_board_behind_a_wall_for_once_is_asked_again(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages()
        good = site.pages["/viewforum.php"]

        async def walled(request: web.Request) -> Any:
            return 403 if request.query.get("start") == "3" else await good(request)

        site.pages["/viewforum.php"] = walled
        store, sink = FakeStore([source(site.url)]), Sink()
        await round_of(site, tmp_path, store, sink)
        assert len(sink.posts) < 17
        site.pages["/viewforum.php"] = good
        await round_of(site, tmp_path, store, sink)
        assert len(sink.posts) == 17


async def test_a_thread_that_stays_behind_its_wall_is_not_kept_for_ever(tmp_path: Path) -> None:
    town = forum()
    async with serving() as site:
        site.pages = town.pages()
        good = site.pages["/viewtopic.php"]

        async def walled(request: web.Request) -> Any:
            return 403 if request.query.get("t") == "11" else await good(request)

        site.pages["/viewtopic.php"] = walled
        store, sink = FakeStore([source(site.url)]), Sink()
        for _ in range(2):
            await round_of(site, tmp_path, store, sink)
        assert json.loads(store.cursors["f"])["todo"] == []


async def test_a_wrong_option_is_told(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = forum().pages()
        health = await round_of(site, tmp_path, FakeStore([source(site.url, time_zone="Mars")]), Sink())
        assert "Mars" in health.detail
        health = await round_of(site, tmp_path, FakeStore([source(site.url, engine="phpb")]), Sink())
        assert "phpb" in health.detail
