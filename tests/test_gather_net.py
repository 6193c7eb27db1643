"""Manners and guards of the one door to the network."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from listener.address import AddressGuard
from listener.clock import ManualClock
from listener.config import Net
from listener.errors import BackOff, Blocked, Gone, RefusedAddress, SourceError, TooBig
from listener.gather.net import Web, user_agent
from listener.gather.slots import retry_after
from tests.helpers_net import LOCAL, NOW, Site, bomb, endless, never, packed, rss, serving


class Names(AbstractResolver):
    """Every name is where it is told to be."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=self.address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


PRIVATE = [
    "http://127.0.0.1/", "http://10.1.2.3/x", "http://192.168.0.1:8080/", "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0/",
    "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://localhost/",
    "http://shop.localhost:80/", "http://LOCALHOST./", "http://100.64.0.1/", "http://224.0.0.1/", "http://240.0.0.1/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    # What IDNA makes an address in digits of: to that aiohttp connects without asking the guarded resolver.
    "http://①②⑦.0.0.1/", "http://127。0。0。1/", "http://１２７.0.0.1/", "http://ⓛocalhost/",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(RefusedAddress, match="allow_private"):
        AddressGuard(allow_private=False).check_url(url)
    AddressGuard(allow_private=True).check_url(url)


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8/", "https://forum.example/", "http://[2606:4700::1111]/", "https://1e100.net/"]
)
def test_public_addresses_pass(url: str) -> None:
    AddressGuard(allow_private=False).check_url(url)


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "http:///x", ""])
def test_only_http_is_fetched(url: str) -> None:
    with pytest.raises(RefusedAddress):
        AddressGuard(allow_private=True).check_url(url)


@given(st.ip_addresses(v=4))
def test_an_address_is_refused_in_every_spelling_or_in_none(address) -> None:  # type: ignore[no-untyped-def]
    number = int(address)
    octets = [number >> shift & 255 for shift in (24, 16, 8, 0)]
    spellings = [
        str(address),
        str(number),
        hex(number),
        ".".join(f"0{octet:o}" for octet in octets),
        f"[::ffff:{address}]",
    ]
    refused = set()
    for spelling in spellings:
        try:
            AddressGuard(allow_private=False).check_url(f"http://{spelling}/")
            refused.add(False)
        except RefusedAddress:
            refused.add(True)
    assert len(refused) == 1


async def test_a_public_name_with_a_private_address_is_refused() -> None:
    async with Web(Net(), ManualClock(NOW), resolver=Names("10.0.0.7")) as door:
        with pytest.raises(RefusedAddress, match=r"10\.0\.0\.7"):
            await door.get("http://forum.example/")


async def test_a_redirect_to_a_private_address_is_refused() -> None:
    async with serving() as site:
        inner = site.url.replace("127.0.0.1", "forum.example")

        async def away(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/"})

        site.pages["/"] = away
        net = Net(allow_private=False, host_delay_s=0)
        door = Web(net, ManualClock(NOW), resolver=Names("127.0.0.1"))
        door.guard.check_address = lambda address, name: None  # type: ignore[method-assign]  # the test's own server
        async with door:
            with pytest.raises(RefusedAddress, match=r"169\.254"):
                await door.get(inner + "/")


def test_our_name_says_who_and_where() -> None:
    assert user_agent("mailto:ops@brand.example").startswith("Listener/")
    assert user_agent("mailto:ops@brand.example").endswith("(+mailto:ops@brand.example)")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Sun, 22 Mar 2026 12:05:00 GMT", 300),
        ("Sun, 22 Mar 2026 11:00:00 GMT", 0),
        ("soon", 0),
        (None, 0),
        ("-5", 0),
        ("nan", 0),
        ("1e30", 6 * 3600),
        ("Sun, 22 Mar 2026 12:05:00 +9999999999999", 0),
    ],
)
def test_retry_after(value: str | None, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=40))
def test_retry_after_takes_anything(value: str) -> None:
    assert 0 <= retry_after(value, datetime(2026, 1, 1, tzinfo=UTC)) <= 7 * 86400


async def test_robots_are_read_once_a_day_and_obeyed_by_path() -> None:
    async with serving() as site:
        site.pages = {"/robots.txt": "User-agent: Listener\nDisallow: /private/\n", "/open": "x", "/private/a": "x"}
        clock = ManualClock(NOW)
        async with Web(LOCAL, clock) as door:
            await door.get(site.url + "/open")
            with pytest.raises(Blocked, match=r"robots\.txt forbids"):
                await door.get(site.url + "/private/a")
            await door.get(site.url + "/open")
            assert [hit.path for hit in site.log] == ["/robots.txt", "/open", "/open"]
            clock.advance(timedelta(hours=25))
            await door.get(site.url + "/open")
            assert [hit.path for hit in site.log].count("/robots.txt") == 2
        assert all(hit.headers["User-Agent"].startswith("Listener/") for hit in site.log)


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (500, False), (502, False)])
async def test_robots_that_cannot_be_read(status: int, allowed: bool) -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/robots.txt": status, "/": "x"}
        if allowed:
            assert (await door.get(site.url + "/")).body == b"x"
        else:
            with pytest.raises(Blocked, match=str(status)):
                await door.get(site.url + "/")
            assert site.paths() == []


async def test_a_host_with_crawl_delay_is_asked_one_thing_at_a_time_and_slowly() -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/robots.txt": "User-agent: *\nCrawl-delay: 0.05\n"}
        site.pages |= {f"/{number}": "x" for number in range(5)}
        await asyncio.gather(*(door.get(f"{site.url}/{number}") for number in range(5)))
        hits = [hit for hit in site.log if hit.path != "/robots.txt"]
        assert max(hit.together for hit in hits) == 1
        assert all(after.start - before.end >= 0.045 for before, after in pairwise(hits))


async def test_no_more_requests_at_once_than_the_host_has_slots() -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.02)
        return web.Response(text="x")

    for slots in (1, 3):
        net = Net(allow_private=True, host_delay_s=0, host_slots=slots)
        async with serving() as site, Web(net, ManualClock(NOW)) as door:
            site.pages = {f"/{number}": slow for number in range(12)}
            await asyncio.gather(*(door.get(f"{site.url}/{number}") for number in range(12)))
            assert max(hit.together for hit in site.log) == slots


async def test_429_silences_the_whole_host_until_its_time_is_over() -> None:
    async def wait(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "3600"})

    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/a": wait, "/b": "x"}
        with pytest.raises(BackOff) as told:
            await door.get(site.url + "/a")
        assert told.value.retry_after_s == 3600
        with pytest.raises(BackOff) as kept:
            await door.get(site.url + "/b")
        assert 3590 < kept.value.retry_after_s <= 3600
        assert site.paths() == ["/a"]


@pytest.mark.parametrize(
    ("page", "error", "words"),
    [
        (404, Gone, "404"),
        (410, Gone, "410"),
        (401, Blocked, "login"),
        (403, Blocked, "refuses"),
        (500, SourceError, "answered 500"),
        (418, SourceError, "answered 418"),
        (endless, TooBig, "8,000,000"),
        (bomb, TooBig, "unpacked"),
        (never, SourceError, "within 0.3 s"),
    ],
)
async def test_every_way_of_failing_has_its_own_words(page: object, error: type[SourceError], words: str) -> None:
    net = Net(allow_private=True, host_delay_s=0, timeout_s=0.3 if page is never else 10)
    async with serving() as site, Web(net, ManualClock(NOW)) as door:
        site.pages = {"/x": page}
        with pytest.raises(error, match=words) as raised:
            await door.get(site.url + "/x")
        assert type(raised.value) is error
        assert str(raised.value).startswith(site.url)


async def test_redirects_are_followed_five_times_and_circles_are_told() -> None:
    def to(path: str, status: int = 302) -> object:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": path})

        return answer

    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {f"/{number}": to(f"/{number + 1}") for number in range(20)}
        site.pages |= {"/here": to("/there"), "/there": to("/here"), "/old": to("/new", 301), "/new": "news"}
        answer = await door.get(site.url + "/old")
        assert (answer.body, answer.hops, answer.moved) == (b"news", 2, site.url + "/new")
        with pytest.raises(SourceError, match="circle"):
            await door.get(site.url + "/here")
        with pytest.raises(SourceError, match="more than 5 times"):
            await door.get(site.url + "/0")


async def test_a_redirect_onto_a_forbidden_path_is_not_followed() -> None:
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/closed"})

    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/robots.txt": "User-agent: *\nDisallow: /closed\n", "/": away, "/closed": "x"}
        with pytest.raises(Blocked):
            await door.get(site.url + "/")
        assert site.paths() == ["/"]


async def test_packed_bodies_are_unpacked_and_dead_hosts_told() -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/": packed(rss())}
        assert (await door.get(site.url + "/")).body == rss().encode()
        gone = site.url
    async with Web(LOCAL, ManualClock(NOW)) as door:
        with pytest.raises(SourceError, match="could not be read over the network") as raised:
            await door.get(gone + "/")
        assert raised.value.state == "late"


async def test_a_site_is_a_site() -> None:
    """The helper itself: what it was not told to have is not there."""
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        assert isinstance(site, Site)
        with pytest.raises(Gone):
            await door.get(site.url + "/nothing")
