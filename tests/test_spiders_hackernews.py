"""Hacker News, in the form that hn.algolia.com/api documents."""

from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Source
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, json_page, states
from tests.helpers_net import serving


class Search:
    """So many comments, one a minute; the newest first, as many as a page holds."""

    def __init__(self, count: int) -> None:
        self.said = {number: f"<p>Number {number}" for number in range(1, count + 1)}

    async def answer(self, request: web.Request) -> web.Response:
        asked = request.query
        until = int(asked.get("numericFilters", "created_at_i<=9999999999").split("<=")[1])
        size = int(asked["hitsPerPage"])
        hits = [self.hit(number) for number in sorted(self.said, reverse=True) if 60 * number <= until][:size]
        return web.json_response({"hits": hits, "page": 0, "hitsPerPage": size, "nbHits": len(self.said)})

    def hit(self, number: int) -> dict[str, Any]:
        return {
            "objectID": str(number), "author": "ann", "comment_text": self.said[number], "story_id": 1000,
            "story_title": "Gateway & co", "parent_id": 1000 if number == 1 else number - 1,
            "created_at_i": 60 * number, "points": None,
        }  # fmt: skip


def source(site: Any, **options: Any) -> Source:
    return Source("s", "hackernews", site.url, options={"query": "gateway", "per_page": 10, **options})


async def test_a_search_is_read_to_its_end_and_then_only_what_is_new_or_edited(tmp_path: Path) -> None:
    async with serving() as site:
        search = Search(45)
        search.said[2] = HOSTILE
        site.pages = {"/api/v1/search_by_date": search.answer}
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 45, "")
        assert visit.post("2").parent_key == visit.post("1").key
        assert (visit.post("2").text, visit.post("2").thread_title) == (HOSTILE_TEXT, "Gateway & co")
        assert visit.post("2").platform == "news.ycombinator.com"
        health = await visit()
        assert (health.state, health.posts, len(site.paths())) == ("heard", 0, 1)
        search.said[46] = "new"
        search.said[44] = "edited"
        health = await visit()
        assert (health.posts, health.new) == (2, 1)
        assert visit.post("44").text == "edited"


async def test_a_budget_leaves_the_rest_for_later_visits_also_while_new_ones_come(tmp_path: Path) -> None:
    async with serving() as site:
        search = Search(60)
        site.pages = {"/api/v1/search_by_date": search.answer}
        visit = Visits(tmp_path, source(site, max_pages=3), site)
        for number in range(8):
            await visit()
            search.said[100 + number] = f"later {number}"
        for _ in range(8):
            await visit()
        assert len(visit.posts) == 68
        assert [booked.joined for booked in visit.store.visits][:2] == [False, False]
        assert visit.store.visits[-1].joined


async def test_a_second_that_fills_a_page_ends_nothing(tmp_path: Path) -> None:
    async with serving() as site:
        search = Search(30)
        site.pages = {"/api/v1/search_by_date": search.answer}
        visit = Visits(tmp_path, source(site, per_page=1), site)
        await visit()
        assert len(visit.posts) == 30


async def test_a_story_is_its_own_thread_and_an_empty_search_is_empty(tmp_path: Path) -> None:
    async with serving() as site:
        hit = {"objectID": "7", "author": "bo", "title": "Ask: x", "story_text": None, "created_at_i": 5, "points": 3}
        visit = Visits(tmp_path, source(site), site)
        site.pages = {"/api/v1/search_by_date": json_page({"hits": [], "hitsPerPage": 10})}
        assert (await visit()).state == "empty"
        site.pages = {"/api/v1/search_by_date": json_page({"hits": [hit], "hitsPerPage": 10})}
        await visit()
        post = visit.post("7")
        assert (post.position, post.text, post.likes, post.thread_url) == (0, "", 3, post.url)


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {
            '{"message": "invalid", "status": 400}': "unreadable",
            "<html>no</html>": "unreadable",
            '{"hits": [{"objectID": "x; drop"}]}': "unreadable",
            '{"hits": [1]}': "unreadable",
            "[" * 100_000: "unreadable",
            429: "late",
            403: "blocked",
        }
        await states(tmp_path, site, source(site), "/api/v1/search_by_date", bodies)
