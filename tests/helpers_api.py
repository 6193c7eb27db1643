"""For the tests of spiders that read APIs and archives: one visit at a time to the one source of a store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Post, Source, SourceHealth
from tests.helpers_net import FakeStore, Handler, Sink, Site, go

HOSTILE = '<p>Fine<script>steal()</script> <img src=x onerror="steal()"> &amp; well\u202e</p>'
HOSTILE_TEXT = "Fine & well"


class Visits:
    """Visits a source again and again, whether it is due or not."""

    def __init__(self, folder: Path, source: Source, site: Site | None = None) -> None:
        self.store, self.sink, self.folder, self.site = FakeStore([source]), Sink(), folder, site
        self.source = source

    async def __call__(self) -> SourceHealth:
        self.store.due.clear()
        if self.site is not None:
            self.site.log.clear()
        healths, *_ = await go(self.store.sources, self.folder, store=self.store, sink=self.sink)
        return healths[self.source.name]

    @property
    def posts(self) -> list[Post]:
        return list(self.sink.posts.values())

    def post(self, native_id: str) -> Post:
        (found,) = [post for post in self.posts if post.native_id == native_id]
        return found


def json_page(said: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Handler:
    """A page that answers with `said` as JSON."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.json_response(said, status=status, headers=headers)

    return page


async def states(folder: Path, site: Site, source: Source, path: str, bodies: Mapping[Any, str]) -> None:
    """Each body, answered at `path`, leads to its state; the detail says something."""
    for number, (body, state) in enumerate(bodies.items()):
        site.pages[path] = body
        health = await Visits(folder / str(number), source, site)()
        assert (health.state, bool(health.detail)) == (state, state != "empty"), body
