"""Lemmy, in the form of join-lemmy.org/api (GetPostsResponse, GetCommentsResponse)."""

from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Deletion, Source
from tests.helpers_api import Visits, json_page, states
from tests.helpers_net import Site, serving

WHEN = "2026-03-20T10:00:00.000000Z"
POST = {"id": 9, "name": "What <b> of Gateway?", "published": WHEN}


class Town:
    """Posts in pages by a cursor, comments in pages by number; comment N + 1 answers comment N."""

    def __init__(self, posts: int, comments: int) -> None:
        self.posts = list(range(posts, 0, -1))
        self.comments = dict.fromkeys(range(1, comments + 1), "> what?\n\nFine & <b>well</b>")

    async def list_posts(self, request: web.Request) -> web.Response:
        start = int(request.query.get("page_cursor", "P0")[1:])
        size = int(request.query["limit"])
        views = [
            {"post": {"id": n, "name": f"P{n}", "body": "Body", "published": WHEN, "deleted": n == 3},
             "creator": {"name": "bo", "actor_id": "https://l.example/u/bo"}, "counts": {"score": 1, "comments": 2}}
            for n in self.posts[start : start + size]
        ]  # fmt: skip
        following = {"next_page": f"P{start + size}"} if start + size < len(self.posts) else {}
        return web.json_response({"posts": views, **following})

    async def list_comments(self, request: web.Request) -> web.Response:
        size, page = int(request.query["limit"]), int(request.query["page"])
        listed = sorted(self.comments, reverse=True)[(page - 1) * size : page * size]
        views = [
            {"comment": {"id": n, "content": self.comments[n], "path": f"0.{n - 1}.{n}" if n > 1 else "0.1",
                         "published": WHEN, "updated": None},
             "post": POST, "creator": {"name": "ann"}, "counts": {"score": 4, "child_count": 1}}
            for n in listed
        ]  # fmt: skip
        return web.json_response({"comments": views})

    def pages(self) -> dict[str, Any]:
        return {"/api/v3/post/list": self.list_posts, "/api/v3/comment/list": self.list_comments}


def source(site: Site, **options: Any) -> Source:
    return Source("s", "lemmy", site.url, options=options)


async def test_a_deleted_comment_is_told_once_and_one_that_is_there_again_is_news(tmp_path: Path) -> None:
    async with serving() as site:
        views = [
            {"comment": {"id": n, "content": f"Number {n}", "path": f"0.{n}", "published": WHEN}, "post": POST,
             "creator": {"name": "ann"}, "counts": {}}
            for n in (3, 2, 1)
        ]  # fmt: skip
        comment: Any = views[1]["comment"]
        site.pages = {"/api/v3/post/list": json_page({"posts": []})}
        visit = Visits(tmp_path, source(site), site)
        told = []
        for change in ({}, {"deleted": True}, {}, {"deleted": False}, {"removed": True}):
            comment.update(change)
            site.pages["/api/v3/comment/list"] = json_page({"comments": views})
            health = await visit()
            told.append((health.posts, len(visit.sink.told)))
        assert told == [(3, 0), (0, 1), (0, 1), (1, 1), (0, 2)]
        assert {one.key for one in visit.sink.told if isinstance(one, Deletion)} == {visit.post("comment/2").key}


async def test_posts_and_comments(tmp_path: Path) -> None:
    async with serving() as site:
        town = Town(70, 120)
        site.pages = town.pages()
        visit = Visits(tmp_path, source(site, community="brand"), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 189, "")
        assert all("community_name=brand" in path for path in site.paths())
        first, second = visit.post("comment/1"), visit.post("comment/2")
        assert (first.text, first.quotes) == ("Fine & <b>well</b>", (("", "what?"),))
        assert second.parent_key == first.key
        assert (first.thread_title, first.thread_url) == ("What <b> of Gateway?", f"{site.url}/post/9")
        assert (visit.post("post/1").position, visit.post("post/1").replies) == (0, 2)
        assert ((await visit()).posts, len(site.paths())) == (0, 2)
        town.posts.insert(0, 71)
        town.comments |= {121: "new", 119: "edited"}
        assert ((await visit()).posts, visit.post("comment/119").text) == (3, "edited")


async def test_a_budget_leaves_pages_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        town = Town(120, 210)
        site.pages = town.pages()
        visit = Visits(tmp_path, source(site, max_pages=3), site)
        for _ in range(8):
            await visit()
        assert len(visit.posts) == 119 + 210


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/api/v3/comment/list"] = json_page({"comments": []})
        bodies = {'{"posts": []}': "empty", '{"error": "couldnt_find_community"}': "unreadable",
                  '{"posts": [{"post": 1}]}': "unreadable", "[]": "unreadable"}  # fmt: skip
        await states(tmp_path, site, source(site), "/api/v3/post/list", bodies)
        site.pages["/api/v3/comment/list"] = 429
        await states(tmp_path, site, source(site), "/api/v3/post/list", {429: "late", 403: "blocked"})
