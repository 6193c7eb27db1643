"""WordPress comments, in the form of developer.wordpress.org/rest-api/reference/comments."""

from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Source
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, states
from tests.helpers_net import Site, serving

PATH = "/wp-json/wp/v2/comments"


class Blog:
    """So many comments on one article; every one answers the one before."""

    def __init__(self, site: Site, count: int) -> None:
        self.site, self.said = site, dict.fromkeys(range(1, count + 1), HOSTILE)

    async def answer(self, request: web.Request) -> web.Response:
        size, page = int(request.query["per_page"]), int(request.query["page"])
        listed = sorted(self.said, reverse=True)[(page - 1) * size : page * size]
        return web.json_response([self.comment(number) for number in listed])

    def comment(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "post": 3, "parent": number - 1, "author_name": "Ann &amp; Bo", "author_url": "",
            "date_gmt": "2026-03-20T10:00:00", "content": {"rendered": self.said[number]}, "type": "comment",
            "link": f"{self.site.url}/2026/gateway/#comment-{number}",
            "_embedded": {"up": [{"id": 3, "title": {"rendered": "Gateway &#8211; news"}}]},
        }  # fmt: skip


def source(site: Site, **options: Any) -> Source:
    return Source("s", "wordpress", site.url, options=options)


async def test_comments_are_read_to_the_end_and_then_what_is_new_or_edited(tmp_path: Path) -> None:
    async with serving() as site:
        blog = Blog(site, 250)
        site.pages = {PATH: blog.answer}
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail, len(site.paths())) == ("heard", 250, "", 3)
        first, second = visit.post("1"), visit.post("2")
        assert (first.text, first.author, first.thread_title) == (HOSTILE_TEXT, "Ann & Bo", "Gateway – news")
        assert (second.parent_key, second.thread_url) == (first.key, f"{site.url}/2026/gateway/")
        assert first.published is not None
        assert first.published.hour == 10
        assert ((await visit()).posts, len(site.paths())) == (0, 1)
        blog.said |= {251: "<p>new</p>", 249: "<p>edited</p>"}
        assert (await visit()).posts == 2
        assert visit.post("249").text == "edited"


async def test_a_budget_leaves_pages_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        blog = Blog(site, 450)
        site.pages = {PATH: blog.answer}
        visit = Visits(tmp_path, source(site, max_pages=2), site)
        for number in range(6):
            await visit()
            blog.said[1000 + number] = "later"
        await visit()
        assert len(visit.posts) == 456


async def test_pingbacks_are_no_voices_and_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {
            '[{"type": "pingback"}]': "empty",
            "[]": "empty",
            '{"code": "rest_forbidden", "message": "no"}': "unreadable",
            '[{"id": 1}]': "unreadable",
            "<html>": "unreadable",
            401: "blocked",
            404: "gone",
            429: "late",
        }
        await states(tmp_path, site, source(site), PATH, bodies)
