"""A round visits what is due, books what came of it, and outlives every bad source."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from listener.clock import ManualClock
from listener.config import Net, SourcePart
from listener.gather.loop import run
from listener.gather.net import Web
from listener.gather.rounds import BROKEN_FILES, check_online, gather, save_broken
from listener.gather.visit import jitter, next_interval
from listener.records import Post, Source
from tests.helpers_net import LOCAL, NOW, FakeStore, Sink, bomb, config, endless, go, item, never, rss, serving


def feed(url: str, name: str = "town", **more: Any) -> Source:
    return Source(name, "feed", url, **more)


@given(st.floats(1, 1e6), st.integers(0, 500), st.integers(1, 5000), st.integers(0, 50000), st.integers(0, 100))
def test_the_interval_stays_within_its_bounds(current: float, new: int, low: int, span: int, failures: int) -> None:
    found = next_interval(current, new, low, low + span, failures)
    assert low <= found <= low + span


def test_the_interval_learns() -> None:
    assert next_interval(3600, 0, 300, 21600) == 5400
    assert next_interval(3600, 3, 300, 21600) == 1800
    assert next_interval(3600, 40, 300, 21600) == 900
    assert [next_interval(3600, 0, 30, 21600, failures) for failures in (1, 2, 3, 20)] == [60, 120, 240, 21600]
    assert 0.95 <= jitter("a") <= 1.05
    assert len({jitter(f"source-{number}") for number in range(50)}) > 20


async def test_first_everything_then_nothing_then_what_is_new(tmp_path: Path) -> None:
    async with serving() as site:

        async def answer(request: web.Request) -> web.Response:
            if request.headers.get("If-None-Match") == '"1"':
                return web.Response(status=304)
            return web.Response(text=rss(item(1), item(2)), headers={"ETag": '"1"', "Content-Type": "text/xml"})

        site.pages["/feed"] = answer
        sources = [feed(site.url + "/feed")]
        healths, store, sink = await go(sources, tmp_path)
        assert (healths["town"].state, healths["town"].posts, healths["town"].new) == ("heard", 2, 2)
        assert healths["town"].detail == ""
        store.due.clear()
        healths, store, sink = await go(sources, tmp_path, store=store, sink=sink)
        assert (healths["town"].state, healths["town"].posts) == ("heard", 0)
        assert sink.batches == [2]
        site.pages["/feed"] = rss(item(3), item(1), item(2))
        store.due.clear()
        healths, store, sink = await go(sources, tmp_path, store=store, sink=sink)
        assert (healths["town"].posts, healths["town"].new) == (3, 1)
        store.due.clear()
        await go(sources, tmp_path, store=store, sink=sink)
        assert sink.batches == [2, 3], "a body that did not change is not parsed again"
        assert store.visits[0].history_from == NOW - timedelta(hours=2)


async def test_only_what_is_due_or_named_is_visited(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/feed"] = rss(item(1))
        sources = [feed(site.url + "/feed", name) for name in ("a", "b", "c")]
        store = FakeStore(sources, due={"a": NOW + timedelta(minutes=5)})
        healths, *_ = await go(sources, tmp_path, store=store)
        assert set(healths) == {"b", "c"}
        healths, *_ = await go(sources, tmp_path, store=store)
        assert healths == {}
        healths, *_ = await go(sources, tmp_path, store=store, names=["a", "a", "nobody"])
        assert set(healths) == {"a"}


def slowly(seconds: float) -> Any:
    async def wait(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": str(seconds)})

    return wait


async def test_every_bad_source_has_its_line_and_none_ends_the_round(tmp_path: Path) -> None:
    async def round_about(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/circle"})

    async def liar(request: web.Request) -> web.Response:
        return web.Response(text=rss(item(1)), headers={"Content-Type": "text/xml", "Content-Encoding": "gzip"})

    async def cut_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b"<rss>")
        assert request.transport is not None
        request.transport.close()
        return response

    pages: dict[str, tuple[Any, str, str]] = {
        "good": (rss(item(1)), "heard", ""),
        "none": (rss(), "empty", ""),
        "missing": (404, "gone", "404"),
        "gone": (410, "gone", "410"),
        "error": (500, "late", "answered 500"),
        "forbidden": (403, "blocked", "403"),
        "html": ("<html><body>Welcome</body></html>", "unreadable", "a web page that is no feed"),
        "garbage": (b"\xff\xfe\x00\x01garbage", "unreadable", "no feed"),
        "nothing": ("", "unreadable", "nothing"),
        "slow": (never, "late", "within 6 s"),
        "circle": (round_about, "late", "circle"),
        "huge": (endless, "unreadable", "larger than"),
        "bomb": (bomb, "unreadable", "larger than"),
        "liar": (liar, "late", "network"),
        "cut": (cut_off, "late", "network"),
        "future": (rss(item(7, date="Sun, 22 Mar 2037 10:00:00 +0000")), "heard", "in the future"),
        "novel": (rss(item(8, text="long " * 200_000)), "heard", "longer than 50,000"),
        "closed": (rss(item(1)), "robots", "robots.txt"),
    }
    async with serving() as site:
        site.pages = {f"/{name}": page for name, (page, _, _) in pages.items()}
        site.pages["/robots.txt"] = "User-agent: *\nDisallow: /closed\n"
        sources = [feed(f"{site.url}/{name}", name) for name in pages]
        sources += [feed("http://127.0.0.1:9/x", "dead"), Source("odd", "telepathy", site.url)]
        net = LOCAL.model_copy(update={"timeout_s": 6.0, "max_body_bytes": 1_200_000})
        healths, store, sink = await go(sources, tmp_path, net=net)
    assert set(healths) == {source.name for source in sources}
    for name, (_, state, words) in pages.items():
        assert (name, healths[name].state) == (name, state), healths[name].detail
        assert words in healths[name].detail
        assert "\n" not in healths[name].detail
        assert healths[name].detail or state in ("heard", "empty")
    assert healths["dead"].state == "late"
    assert healths["odd"].state == "config"
    assert "mistake in the config: no kind of source 'telepathy'" in healths["odd"].detail
    assert not store.leased
    future = next(post for post in sink.posts.values() if post.source == "future")
    assert (future.published, future.when) == (None, NOW)
    assert len(next(post for post in sink.posts.values() if post.source == "novel").text) == 50_000
    assert {path.name.split("-")[0] for path in (tmp_path / "broken").iterdir()} == {"html", "garbage", "nothing"} - {
        "nothing"
    }


async def test_back_off_is_kept_by_the_due_time(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/feed"] = slowly(7200)
        healths, store, _ = await go([feed(site.url + "/feed")], tmp_path)
        assert healths["town"].not_before == NOW + timedelta(hours=2)
        assert store.due["town"] >= NOW + timedelta(hours=2)


async def test_failures_slow_a_source_down_and_keep_its_cursor(tmp_path: Path) -> None:
    async with serving() as site:
        sources = [feed(site.url + "/feed", min_interval_s=60)]
        site.pages["/feed"] = rss(item(1))
        _, store, sink = await go(sources, tmp_path)
        before, learnt = store.cursors["town"], store.intervals["town"]
        site.pages["/feed"] = 500
        waits = []
        for _ in range(3):
            store.due.clear()
            healths, *_ = await go(sources, tmp_path, store=store, sink=sink)
            waits.append((store.due["town"] - NOW).total_seconds())
        assert waits == pytest.approx([max(60, minutes * 60 * jitter("town")) for minutes in (1, 2, 4)], abs=0.001)
        assert store.intervals["town"] == learnt, "a bad night does not unlearn a source's pace"
        assert store.cursors["town"] == before
        assert "3 times in a row" in healths["town"].detail


async def test_a_feed_that_is_suddenly_empty_is_broken_not_quiet(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/feed"] = rss(*(item(number) for number in range(20)))
        sources = [feed(site.url + "/feed")]
        _, store, sink = await go(sources, tmp_path)
        site.pages["/feed"] = rss()
        store.due.clear()
        healths, *_ = await go(sources, tmp_path, store=store, sink=sink)
        assert healths["town"].state == "unreadable"
        assert "20 stood before" in healths["town"].detail
        assert [path.read_text() for path in (tmp_path / "broken").iterdir()] == [rss()]


async def test_a_feed_that_ran_past_us_tells_of_the_gap(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/feed"] = rss(*(item(number) for number in range(15)))
        sources = [feed(site.url + "/feed")]
        _, store, sink = await go(sources, tmp_path)
        site.pages["/feed"] = rss(*(item(number) for number in range(40, 55)))
        store.due.clear()
        healths, *_ = await go(sources, tmp_path, store=store, sink=sink)
        assert healths["town"].state == "heard"
        assert "a gap" in healths["town"].detail


async def test_a_failing_sink_ends_the_round_with_nothing_booked_for_it(tmp_path: Path) -> None:
    def full(posts: Sequence[Post]) -> dict[str, int]:
        raise OSError("disk full")

    async with serving() as site:
        site.pages["/feed"] = rss(item(1))
        store = FakeStore([feed(site.url + "/feed")])
        with pytest.raises(OSError, match="disk full"):
            await go(store.sources, tmp_path, store=store, sink=full)
        assert store.cursors == {}


async def test_posts_come_in_batches_and_before_the_cursor(tmp_path: Path) -> None:
    order: list[str] = []

    class Watched(FakeStore):
        def finish_visits(self, visits: Any, owner: str) -> None:
            order.append("booked")
            super().finish_visits(visits, owner)

    def sink(posts: Sequence[Post]) -> dict[str, int]:
        order.append(str(len(posts)))
        return {posts[0].source: len(posts)}

    async with serving() as site:
        site.pages["/feed"] = rss(*(item(number) for number in range(1100)))
        store = Watched([feed(site.url + "/feed")])
        await go(store.sources, tmp_path, store=store, sink=sink)
    assert order == ["500", "500", "100", "booked"]


async def test_many_sources_of_one_host_do_not_keep_others_waiting(tmp_path: Path) -> None:
    async with serving() as crowd, serving() as lone:
        crowd.pages["/feed"] = lone.pages["/feed"] = rss(item(1))
        sources = [feed(f"{crowd.url}/feed?{number}", f"crowd-{number}") for number in range(60)]
        sources.append(feed(lone.url + "/feed", "lone"))
        order: list[str] = []
        store = FakeStore(sources)
        await gather(
            store,  # type: ignore[arg-type]
            config(tmp_path),
            ManualClock(NOW),
            Sink(),
            owner="test",
            on_progress=lambda health: order.append(health.source),
        )
        assert len(order) == 61
        assert order.index("lone") < 20


async def test_a_cancelled_round_books_what_was_finished(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = {"/quick": rss(item(1)), "/slow": never}
        store = FakeStore([feed(site.url + "/quick", "quick"), feed(site.url + "/slow", "slow")])
        task = asyncio.create_task(go(store.sources, tmp_path, store=store))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert {visit.health.source for visit in store.visits} == {"quick"}


async def test_one_door_serves_many_rounds(tmp_path: Path) -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/robots.txt": "User-agent: *\nDisallow:\n", "/feed": rss(item(1))}
        for _ in range(3):
            await go([feed(site.url + "/feed")], tmp_path, door=door)
        assert [hit.path for hit in site.log].count("/robots.txt") == 1


async def test_check_online_tells_of_each_source() -> None:
    async with serving() as site:
        site.pages = {"/robots.txt": "User-agent: *\nDisallow: /no\nCrawl-delay: 0.01\n", "/yes": "<rss/>", "/no": "x"}
        parts = [SourcePart(name=name, kind="feed", url=f"{site.url}/{name}") for name in ("yes", "no", "lost")]
        whole: Any = SimpleNamespace(main=SimpleNamespace(net=LOCAL), sources=parts)
        found = {line.source: line for line in await check_online(whole, ManualClock(NOW))}
        assert found["yes"].state == "heard"
        assert "0.01 s between requests" in found["yes"].detail
        assert (found["no"].state, found["lost"].state) == ("robots", "gone")


async def test_private_addresses_are_no_sources_unless_allowed(tmp_path: Path) -> None:
    healths, *_ = await go([feed("http://127.0.0.1:1/feed")], tmp_path, net=Net())
    assert healths["town"].state == "blocked"
    assert "allow_private" in healths["town"].detail


def test_saved_bodies_do_not_fill_the_disk(tmp_path: Path) -> None:
    for number in range(BROKEN_FILES + 10):
        save_broken(tmp_path, f"a/b{number}", b"x" * 3_000_000, NOW + timedelta(seconds=number))
    files = sorted(tmp_path.iterdir())
    assert len(files) == BROKEN_FILES
    assert max(path.stat().st_size for path in files) == 2_000_000
    assert not any(path.name.startswith("a_b0-") for path in files)
    save_broken(tmp_path, "new", b"x", NOW + timedelta(days=20))
    assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == ["new"]


def test_the_loop_hands_back_results_and_errors() -> None:
    async def fine() -> int:
        return 7

    async def bad() -> int:
        raise ValueError("no")

    assert run(fine) == 7
    with pytest.raises(ValueError, match="no"):
        run(bad)
