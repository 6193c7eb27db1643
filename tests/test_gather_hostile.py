"""What a server may say that is meant to break us, or broken itself: each is one source's trouble, and no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from listener.address import AddressGuard
from listener.clock import ManualClock
from listener.config import SourcePart
from listener.errors import Blocked, ConfigError, RefusedAddress, SourceError
from listener.gather.again import look_again
from listener.gather.discover import Discovery
from listener.gather.net import Web
from listener.gather.visit import Basket, Pool
from tests.helpers_house import SOURCE, house_in, post
from tests.helpers_net import LOCAL, NOW, serving


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://a.example:99999/", "http://a.example:x/", "http://a.example/\udce9"]
)
def test_what_is_no_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(RefusedAddress, match="is no address") as told:
        AddressGuard(allow_private=True).check_url(url)
    str(told.value).encode()  # it is written to the store


@pytest.mark.parametrize("location", ["http://[::1", "//[", "http://a.example:99999/", "http://a..b:x/"])
@pytest.mark.parametrize("path", ["/", "/robots.txt"])
async def test_a_redirect_to_what_is_no_address_is_that_sources_trouble(location: str, path: str) -> None:
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages[path] = away
        with pytest.raises(SourceError, match="is no address"):
            await door.get(site.url + "/")


async def test_a_redirect_in_latin_1_is_followed_byte_by_byte() -> None:
    asked: list[str] = []

    async def away(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(  # raw: aiohttp would write UTF-8
            b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        request.transport.close()
        return web.Response()

    async def there(request: web.Request) -> web.Response:
        asked.append(request.raw_path)
        return web.Response(text="here")

    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/": away, "/caf\ufffd": there, "/caf%E9": there}
        assert (await door.get(site.url + "/")).body == b"here"
    assert asked == ["/caf%E9"]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
async def test_a_byte_order_mark_does_not_hide_what_robots_forbids(mark: bytes) -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/robots.txt": mark + b"User-agent: *\nDisallow: /\n", "/": "x"}
        with pytest.raises(Blocked, match=r"robots\.txt forbids"):
            await door.get(site.url + "/")
        assert site.paths() == []


@pytest.mark.parametrize("url", ["http://a.example:99999/feed", "https://a.example:x/", "nntp://a.example:70000/g"])
def test_a_source_whose_port_is_none_is_a_mistake_in_the_config_and_not_the_end_of_every_round(url: str) -> None:
    with pytest.raises(ValidationError, match="ports are numbers"):
        SourcePart(name="a", kind="feed", url=url)
    assert SourcePart(name="a", kind="feed", url="http://a.example:8080/").url == "http://a.example:8080/"


ODD: dict[str, tuple[Any, ...]] = {
    "likes": ("many", 10**30, {"count": 1}, 1.5),
    "replies": ([], "3", -(2**70)),
    "rating": ("good", float("nan"), float("inf"), 10**400),
    "position": (10**30,),
    "published": (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), datetime(1970, 1, 1, tzinfo=UTC)),
    "edited": (datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=14))), datetime(1, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in ODD.items() for value in values])
def test_a_post_with_odd_numbers_is_stored_without_them(tmp_path: Path, field: str, value: Any) -> None:
    """A server says what it likes; a store that balks at it would end the round for all sources, every time."""
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        basket = Basket(SOURCE, Pool(house.intake.take))
        basket.add(replace(post(1, "Acme is awful"), **{field: value}))
        basket.add(replace(post(2, "Acme is lovely, as ever"), likes=7, rating=4.5, position=3))
        basket.pool.flush()
        assert basket.new == 2
        rows = house.store.rows("select likes, replies, rating, position, published, edited from posts order by url")
        assert rows[0][field] == {"position": -1, "likes": 0, "replies": 0}.get(field)
        assert (rows[1]["likes"], rows[1]["rating"], rows[1]["position"]) == (7, 4.5, 3)
        assert basket.history_from is None or basket.history_from.year > 2000


async def test_a_request_rate_beyond_all_numbers_is_the_longest_delay() -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        site.pages = {"/robots.txt": "User-agent: *\nRequest-rate: 1/" + "9" * 500}
        assert (await door.robots.rules(site.url + "/")).delay_s == 300


@pytest.mark.parametrize("url", ["http://[::1", "https://forum.example:99999/", "[", "http://"])
async def test_discover_says_that_an_address_is_none(url: str) -> None:
    async with Web(LOCAL, ManualClock(NOW)) as door:
        with pytest.raises(ConfigError, match="no address of a site"):
            await Discovery(door).look(url)


class Quotes:
    """The three methods of a store that look_again calls."""

    def __init__(self, *urls: str) -> None:
        self.urls, self.looked = urls, [""]

    def quoted(self, *about: Any) -> list[tuple[str, str, str]]:
        return [("forum", url, url) for url in self.urls]

    def looked_at(self, keys: list[str], at: Any) -> None:
        self.looked = keys

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield


async def test_an_address_that_breaks_our_door_keeps_no_other_from_being_looked_at() -> None:
    async with serving() as site, Web(LOCAL, ManualClock(NOW)) as door:
        good, told = door.get, list[Any]()

        async def get(url: str) -> Any:
            if url.endswith("/odd"):
                raise KeyError("a fault of ours")
            return await good(url)

        door.get = get  # type: ignore[method-assign, assignment]
        store: Any = Quotes(site.url + "/odd", site.url + "/gone")
        assert await look_again(store, ManualClock(NOW), told.extend, door) == 1  # type: ignore[arg-type]
        assert [one.key for one in told] == [site.url + "/gone"]
        assert store.looked == list(store.urls), "what breaks is not asked for in every round"
