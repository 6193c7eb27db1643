"""NodeBB's read API, in the form of docs.nodebb.org/api/read."""

from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Deletion, Source
from listener.urls import post_key
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, states
from tests.helpers_net import Site, serving


class Forum:
    """Topics of so many posts; ten posts and three topics a page."""

    def __init__(self, **counts: int) -> None:
        self.counts = {int(name[1:]): count for name, count in counts.items()}

    async def recent(self, request: web.Request) -> web.Response:
        page = int(request.query["page"])
        listed = sorted(self.counts, reverse=True)
        topics = [
            {"tid": n, "title": f"On &lt;{n}&gt;", "postcount": self.counts[n], "lastposttime": 5, "deleted": 0}
            for n in listed[(page - 1) * 3 : page * 3]
        ]
        return web.json_response({"topics": topics, "pagination": {"pageCount": -(-len(listed) // 3)}})

    async def topic(self, request: web.Request) -> web.Response:
        tid, page = int(request.path.rsplit("/", 1)[-1]), int(request.query["page"])
        assert request.query["sort"] == "newest_to_oldest"
        numbers = list(range(self.counts[tid], 0, -1))
        posts = [self.post(tid, number) for number in numbers[(page - 1) * 10 : page * 10]]
        pages = {"pageCount": -(-len(numbers) // 10)}
        return web.json_response({"tid": tid, "title": f"On &lt;{tid}&gt;", "posts": posts, "pagination": pages})

    def post(self, tid: int, number: int) -> dict[str, Any]:
        return {
            "pid": tid * 1000 + number, "content": HOSTILE, "timestamp": 1_774_000_000_000, "edited": 0, "votes": 2,
            "user": {"username": "ann"}, "index": number - 1, "deleted": int(number == 3),
            **({"toPid": tid * 1000 + 1} if number == 2 else {}),
        }  # fmt: skip

    def pages(self) -> dict[str, Any]:
        return {"/api/recent": self.recent, **{f"/api/topic/{tid}": self.topic for tid in self.counts}}


def source(site: Site, **options: Any) -> Source:
    return Source("s", "nodebb", site.url, options=options)


async def test_topics_are_read_to_the_first_post_and_then_where_they_grew(tmp_path: Path) -> None:
    async with serving() as site:
        forum = Forum(t1=2, t2=35, t3=1, t4=1)
        site.pages = forum.pages()
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 38, "")
        first, second = visit.post("1001"), visit.post("1002")
        assert (first.text, first.author, first.position, first.thread_title) == (HOSTILE_TEXT, "ann", 0, "On <1>")
        assert (second.parent_key, second.thread_url, second.likes) == (first.key, f"{site.url}/topic/1", 2)
        deleted = {one.key for one in visit.sink.told if isinstance(one, Deletion)}
        assert deleted == {post_key(f"{site.url}/post/2003")}
        assert ((await visit()).posts, len(site.paths())) == (0, 1)
        forum.counts[2] += 1
        health = await visit()
        assert (health.new, len(site.paths())) == (1, 4)


async def test_a_budget_leaves_the_rest_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = Forum(**{f"t{n}": 12 for n in range(1, 10)}).pages()
        visit = Visits(tmp_path, source(site, max_pages=4), site)
        for _ in range(10):
            await visit()
        assert len(visit.posts) == 9 * 11


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {'{"topics": []}': "empty", '{"error": "not-logged-in"}': "unreadable",
                  '{"topics": [1]}': "unreadable",
                  "<html>": "unreadable", 403: "blocked", 429: "late"}  # fmt: skip
        await states(tmp_path, site, source(site), "/api/recent", bodies)
