"""Manners, as the log of a server shows them: the real gather, with a spider and pollers on one host."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.clock import ManualClock
from listener.config import HostPart
from listener.errors import BackOff
from listener.gather.net import Web
from listener.gather.slots import LONGEST_PAUSE_S, PAUSE_S
from listener.hours import Hours
from listener.records import Source
from tests.helpers_net import LOCAL, NOW, FakeStore, Hit, Site, go, item, rss, serving
from tests.pages import Phpbb, Said

AT = "Mon Mar 02, 2026 8:14 pm"
ROBOTS = """
User-agent: *
Crawl-delay: {delay}
Disallow: /private
Disallow: /viewforum.php?f=3

User-agent: Other
Disallow: /
"""
GAP = 1e-6  # of the loop's seconds: a timer may go off by the clock's own grain too early


def town(site: Site, delay: float) -> list[Source]:
    """One host with a forum, feeds, forbidden paths and a robots.txt; every source of it."""
    forum = Phpbb(per_board=10)
    forum.say(1, 10, *(Said(100 + number, "Ann", AT, f"Long talk {number}") for number in range(6)))
    forum.say(2, 20, Said(500, "Cho", AT, "另一個版"))
    forum.say(3, 30, Said(600, "Dee", AT, "Behind the door"))
    site.pages = forum.pages() | {"/robots.txt": ROBOTS.format(delay=delay), "/private/feed": rss(item(9))}
    site.pages |= {f"/feed/{number}": rss(item(number)) for number in range(4)}
    feeds = [Source(f"feed-{number}", "feed", f"{site.url}/feed/{number}") for number in range(4)]
    return [
        Source("forum", "forum", site.url + "/index.php"),
        Source("secret", "feed", site.url + "/private/feed"),
        *feeds,
    ]


def answers(status: int, **headers: str) -> Callable[[web.Request], Any]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


@pytest.mark.parametrize("slots", [1, 8])
async def test_spider_and_pollers_keep_one_robots_txt_together(tmp_path: Path, slots: int) -> None:
    delay = 0.02
    net = LOCAL.model_copy(update={"host_slots": slots, "contact": "mailto:ops@brand.example"})
    async with serving() as site:
        healths, _, sink = await go(town(site, delay), tmp_path, net=net)
        log = list(site.log)
    assert {name: health.state for name, health in healths.items()} == {
        "forum": "heard", "secret": "robots", **{f"feed-{number}": "heard" for number in range(4)},
    }  # fmt: skip
    assert sum(post.source == "forum" for post in sink.posts.values()) == 7, "the forbidden board's post is not read"
    assert [hit.path for hit in log].count("/robots.txt") == 1, "one cache for both"
    assert not [hit.path for hit in log if hit.path.startswith("/private") or "f=3" in hit.path]
    assert max(hit.together for hit in log) == 1, "never two requests at once to a host that names a delay"
    assert all(after.start - before.end >= delay - GAP for before, after in pairwise(log)), "also after robots.txt"
    assert all("(+mailto:ops@brand.example)" in hit.headers["User-Agent"] for hit in log)
    assert len(log) >= 9


async def test_a_host_has_the_slots_and_delay_that_the_config_gives_it(tmp_path: Path) -> None:
    async with serving() as one, serving() as other:
        for site in (one, other):
            site.pages = {f"/{number}": rss(item(number)) for number in range(5)}
        part = HostPart(name=one.url.removeprefix("http://"), slots=1, delay_s=0.015)
        net = LOCAL.model_copy(update={"hosts": (part,)})
        sources = [Source(f"{site.url}-{n}", "feed", f"{site.url}/{n}") for site in (one, other) for n in range(5)]
        await go(sources, tmp_path, net=net)
        assert max(hit.together for hit in one.log) == 1
        assert all(after.start - before.end >= 0.015 - GAP for before, after in pairwise(one.log))
        assert len(one.log) == len(other.log) == 6


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("said", ["7200", "Sun, 22 Mar 2026 14:00:00 GMT"])
async def test_a_host_that_names_a_time_is_left_alone_until_then(tmp_path: Path, status: int, said: str) -> None:
    clock = ManualClock(NOW)
    net = LOCAL.model_copy(update={"host_slots": 1})
    async with serving() as site, Web(net, clock) as door:
        sources = [Source(name, "feed", f"{site.url}/{name}", max_interval_s=600) for name in ("a", "b", "c")]
        site.pages = {f"/{name}": answers(status, Retry_After=said) for name in ("a", "b", "c")}
        store = FakeStore(sources)
        healths, *_ = await go(sources, tmp_path, store=store, clock=clock, door=door)
        assert {health.state for health in healths.values()} == {"late"}
        assert len(site.paths()) == 1, "whoever comes second to that host does not even ask"
        assert all(due >= NOW + timedelta(hours=2) for due in store.due.values())
        clock.advance(timedelta(hours=1, minutes=59))
        healths, *_ = await go(sources, tmp_path, store=store, clock=clock, door=door)
        assert healths == {}, "nobody is due"
        store.due.clear()  # as if they were due: the door keeps the pause by itself
        await go(sources, tmp_path, store=store, clock=clock, door=door)
        assert len(site.paths()) == 1
        clock.advance(timedelta(minutes=5))
        store.due.clear()
        site.pages = {f"/{name}": rss(item(1)) for name in ("a", "b", "c")}
        healths, *_ = await go(sources, tmp_path, store=store, clock=clock, door=door)
        assert {health.state for health in healths.values()} == {"heard"}


async def test_without_a_time_the_pause_grows_with_each_refusal_and_ends_with_an_answer() -> None:
    clock = ManualClock(NOW)
    asked: list[datetime] = []
    refuse = True

    async def page(request: web.Request) -> web.Response:
        asked.append(clock.now())
        return web.Response(status=429) if refuse else web.Response(text="x")

    async def knock() -> float:
        try:
            await door.get(site.url + "/x")
        except BackOff as told:
            return told.retry_after_s
        return 0.0

    async with serving() as site, Web(LOCAL, clock) as door:
        site.pages = {"/x": page}
        waits = []
        for _ in range(12):
            waits.append(await knock())
            clock.advance(timedelta(seconds=waits[-1] - 1))
            assert 0 < await knock() <= 1, "a second too early nothing is asked"
            clock.advance(timedelta(seconds=1))
        assert waits == [min(PAUSE_S * 2**number, LONGEST_PAUSE_S) for number in range(12)]
        assert [(after - before).total_seconds() for before, after in pairwise(asked)] == waits[:-1]
        refuse = False
        assert await knock() == 0.0
        refuse = True
        assert await knock() == PAUSE_S, "an answer makes the next refusal a first one"


async def test_a_503_without_a_time_speaks_of_its_page_only() -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/a": answers(503), "/b": "x"}
        with pytest.raises(BackOff):
            await door.get(site.url + "/a")
        assert (await door.get(site.url + "/b")).body == b"x"


async def test_tokens_and_cookies_stay_with_the_host_they_are_for() -> None:
    secret = {"Authorization": "Bearer t0ken", "Cookie": "over18=1", "Accept": "text/html"}

    def got(hit: Hit) -> dict[str, str]:
        return {name: value for name, value in hit.headers.items() if name in secret}

    async with serving() as ours, serving() as theirs, Web(LOCAL, ManualClock(NOW)) as door:
        ours.pages = {"/in": answers(302, Location="/near"), "/near": answers(302, Location=theirs.url + "/far")}
        theirs.pages = {"/far": answers(302, Location=ours.url + "/back")}
        ours.pages["/back"] = "x"
        await door.get(ours.url + "/in", secret)
        near, back = (next(hit for hit in ours.log if hit.path == path) for path in ("/near", "/back"))
        far = next(hit for hit in theirs.log if hit.path == "/far")
    assert got(near) == secret
    assert got(far) == {"Accept": "text/html"}
    assert got(back) == {"Accept": "text/html"}, "nor do they come back: the other host chose where to"


async def test_a_source_is_read_in_its_hours_only(tmp_path: Path) -> None:
    clock = ManualClock(NOW)  # noon UTC, 20:00 in Taipei
    async with serving() as site:
        site.pages = {"/feed": rss(item(1)), "/open": rss(item(2))}
        night = Hours.parse("01:00-06:00", "Asia/Taipei")
        sources = [
            Source("night", "feed", site.url + "/feed", hours=night, min_interval_s=60),
            Source("any", "feed", site.url + "/open"),
        ]
        store = FakeStore(sources)
        healths, *_ = await go(sources, tmp_path, store=store, clock=clock)
        assert (healths["night"].state, healths["any"].state) == ("resting", "heard")
        assert "01:00-06:00 Asia/Taipei; the next time at 2026-03-22 17:00 UTC" in healths["night"].detail
        assert site.paths() == ["/open"]
        assert store.due["night"] == NOW + timedelta(hours=5)
        assert [visit.health.source for visit in store.visits] == ["any"], "nothing was asked, so nothing is booked"
        healths, *_ = await go(sources, tmp_path, store=store, clock=clock, names=["night"])
        assert (healths["night"].state, len(store.visits)) == ("resting", 1), "even when it is asked for by name"
        clock.set(NOW + timedelta(hours=9, minutes=59, seconds=30))
        healths, *_ = await go(sources, tmp_path, store=store, clock=clock)
        assert healths["night"].state == "heard"
        assert store.due["night"] == NOW + timedelta(hours=29), "after closing time comes the next night"


async def test_a_hosts_hours_hold_for_whatever_asks_it() -> None:
    clock = ManualClock(NOW)
    async with serving() as site:
        site.pages = {"/x": "x"}
        part = HostPart(name=site.url.removeprefix("http://"), hours="23:00-05:00")
        async with Web(LOCAL.model_copy(update={"hosts": (part,)}), clock) as door:
            with pytest.raises(BackOff, match="is read only 23:00-05:00 UTC") as told:
                await door.get(site.url + "/x")
            assert (told.value.retry_after_s, site.log) == (11 * 3600, [])
            clock.advance(timedelta(hours=11))
            assert (await door.get(site.url + "/x")).body == b"x"
