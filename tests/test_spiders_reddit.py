"""Reddit's feeds, in the form of reddit.com/wiki/rss."""

import html
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.records import Source
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, states
from tests.helpers_net import Site, serving


class Sub:
    """A subreddit's two feeds: posts, and comments on post p1; in pages after an id."""

    def __init__(self, site: Site, posts: int, comments: int) -> None:
        self.site, self.posts, self.comments = site, posts, comments

    async def new(self, request: web.Request) -> web.Response:
        return self.feed(request, [(f"t3_p{n}", f"Talk {n}", f"p{n}/talk/") for n in range(self.posts, 0, -1)])

    async def said(self, request: web.Request) -> web.Response:
        rows = [(f"t1_c{n}", "/u/ann on Talk 1", f"p1/talk/c{n}/") for n in range(self.comments, 0, -1)]
        return self.feed(request, rows)

    def feed(self, request: web.Request, rows: list[tuple[str, str, str]]) -> web.Response:
        after = request.query.get("after")
        start = [row[0] for row in rows].index(after) + 1 if after else 0
        entries = "".join(
            f"<entry><author><name>/u/ann</name></author><id>{name}</id><title>{title}</title>"
            f'<link href="{self.site.url}/r/gate/comments/{place}"/><updated>2026-03-20T10:00:00+00:00</updated>'
            f'<content type="html">{html.escape(HOSTILE)}</content></entry>'
            for name, title, place in rows[start : start + 100]
        )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>gate</title>{entries}</feed>'
        return web.Response(text=feed, content_type="application/atom+xml")

    def pages(self) -> dict[str, Any]:
        return {"/r/gate/new/.rss": self.new, "/r/gate/comments/.rss": self.said}


def source(site: Site, **options: Any) -> Source:
    return Source("s", "reddit", site.url + "/r/gate", options={"user": "me", **options})


async def test_posts_and_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_REDDIT_FEED", "t0ken")
    async with serving() as site:
        sub = Sub(site, 130, 5)
        site.pages = sub.pages()
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 135, "")
        assert all("feed=t0ken" in path and "user=me" in path for path in site.paths())
        post, comment = visit.post("t3_p1"), visit.post("t1_c1")
        assert (comment.text, comment.author, comment.position) == (HOSTILE_TEXT, "ann", -1)
        assert (comment.thread_title, post.thread_title, post.position) == ("Talk 1", "Talk 1", 0)
        assert comment.thread_url == post.thread_url
        assert ((await visit()).posts, len(site.paths())) == (0, 2)
        sub.comments += 1
        assert (await visit()).posts == 1


async def test_the_token_stands_in_no_message_and_no_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_REDDIT_FEED", "t0ken")
    async with serving() as site:
        site.pages = {"/robots.txt": "User-agent: *\nDisallow: /\n"}
        health = await Visits(tmp_path, source(site), site)()
        assert (health.state, "t0ken" in health.detail) == ("robots", False)
        site.pages = Sub(site, 250, 5).pages()
        visit = Visits(tmp_path / "a", source(site, max_pages=2), site)
        await visit()
        assert "t0ken" not in visit.store.cursors["s"]
        for _ in range(4):
            await visit()
        assert len(visit.posts) == 255


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/r/gate/comments/.rss"] = '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>'
        bodies = {"<html>no</html>": "unreadable", "": "unreadable"}
        await states(tmp_path, site, source(site), "/r/gate/new/.rss", bodies)
        site.pages["/r/gate/comments/.rss"] = 403
        await states(tmp_path, site, source(site), "/r/gate/new/.rss", {403: "blocked", 429: "late"})
