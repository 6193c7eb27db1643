"""Flarum's JSON:API, in the form of docs.flarum.org/rest-api."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.records import Deletion, Source
from listener.urls import post_key
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, states
from tests.helpers_net import Site, serving

MENTION = '<p><a href="https://f.example/d/1-x/1" class="PostMention" data-id="1">@ann</a> No</p>'


class Forum:
    """Discussions of so many posts each, in pages by offset; `links.next` where there are more."""

    def __init__(self, site: Site, **counts: int) -> None:
        self.site, self.counts = site, {int(name[1:]): count for name, count in counts.items()}

    async def discussions(self, request: web.Request) -> web.Response:
        data = [
            {"type": "discussions", "id": str(n), "attributes": {
                "title": f"On <{n}>", "commentCount": count, "lastPostedAt": "2026-03-20T10:00:00+00:00"}}
            for n, count in sorted(self.counts.items(), reverse=True)
        ]  # fmt: skip
        return self.paged(request, data)

    async def posts(self, request: web.Request) -> web.Response:
        talk = int(request.query["filter[discussion]"])
        assert request.query["sort"] == "-createdAt"
        numbers = range(self.counts[talk], 0, -1)
        return self.paged(request, [self.post(talk, number) for number in numbers])

    def post(self, talk: int, number: int) -> dict[str, Any]:
        about = {"number": number, "createdAt": "2026-03-20T10:00:00+00:00", "contentType": "comment",
                 "contentHtml": MENTION if number == 2 else HOSTILE, "isHidden": number == 3}  # fmt: skip
        belongs = {"discussion": {"data": {"id": str(talk)}}, "user": {"data": {"type": "users", "id": "4"}}}
        return {"type": "posts", "id": f"{talk * 1000 + number}", "attributes": about, "relationships": belongs}

    def paged(self, request: web.Request, data: list[Any]) -> web.Response:
        offset, limit = int(request.query.get("page[offset]", 0)), int(request.query["page[limit]"])
        following = request.url.update_query({"page[offset]": offset + limit})
        links = {"next": str(following)} if offset + limit < len(data) else {}
        users = [{"type": "users", "id": "4", "attributes": {"username": "ann", "displayName": "Ann"}}]
        return web.json_response({"data": data[offset : offset + limit], "links": links, "included": users})

    def pages(self) -> dict[str, Any]:
        return {"/api/discussions": self.discussions, "/api/posts": self.posts}


def source(site: Site, **options: Any) -> Source:
    return Source("s", "flarum", site.url, options=options)


async def test_discussions_are_read_to_the_first_post_and_then_where_they_grew(tmp_path: Path) -> None:
    async with serving() as site:
        forum = Forum(site, t1=2, t2=120, t3=1)
        site.pages = forum.pages()
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 122, "")
        deleted = {one.key for one in visit.sink.told if isinstance(one, Deletion)}
        assert deleted == {post_key(f"{site.url}/d/2/3")}
        first, second = visit.post("1001"), visit.post("1002")
        assert (first.text, first.author, first.position, first.thread_title) == (HOSTILE_TEXT, "Ann", 0, "On <1>")
        assert (second.parent_key, second.thread_url, second.position) == (first.key, f"{site.url}/d/1", -1)
        assert ((await visit()).posts, len(site.paths())) == (0, 1)
        forum.counts[2] += 2
        health = await visit()
        assert (health.new, len(site.paths())) == (2, 3)  # the list, and two pages: the first one was news


async def test_a_budget_leaves_the_rest_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = Forum(site, **{f"t{n}": 60 for n in range(1, 8)}).pages()
        visit = Visits(tmp_path, source(site, max_pages=4), site)
        for _ in range(10):
            await visit()
        assert len(visit.posts) == 7 * 59


@pytest.mark.parametrize("wall", [403, "<html>Are you human?"])
async def test_a_wall_that_stands_for_once_costs_no_post(tmp_path: Path, wall: Any) -> None:
    async with serving() as site:
        forum = Forum(site, t1=2, t2=120, t3=1)
        site.pages = forum.pages()

        async def walled(request: web.Request) -> web.StreamResponse:
            if request.query.get("page[offset]") != "50":
                return await forum.posts(request)
            return web.Response(status=wall) if isinstance(wall, int) else web.Response(text=wall)

        site.pages["/api/posts"] = walled
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, "partly" in health.detail, health.new) == ("heard", True, 53)
        site.pages["/api/posts"] = forum.posts
        assert (await visit()).new == 69
        site.pages["/api/posts"] = walled
        forum.counts[2] += 60
        for _ in range(3):
            last = await visit()
        assert (last.requests, last.detail) == (1, ""), "what stays behind its wall is not asked for for ever"


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {'{"data": []}': "empty", '{"errors": [{"status": "403"}]}': "unreadable",
                  '{"data": [1]}': "unreadable",
                  "<html>": "unreadable", 404: "gone", 429: "late"}  # fmt: skip
        await states(tmp_path, site, source(site), "/api/discussions", bodies)
