"""A Mastodon tag, in the form of docs.joinmastodon.org/methods/timelines."""

from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Source
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, states
from tests.helpers_net import Site, serving

PATH = "/api/v1/timelines/tag/gateway"


class Timeline:
    """So many posts; the second answers the first."""

    def __init__(self, count: int) -> None:
        self.said = dict.fromkeys(range(1, count + 1), HOSTILE)

    async def answer(self, request: web.Request) -> web.Response:
        before = int(request.query.get("max_id", 10**9))
        listed = [number for number in sorted(self.said, reverse=True) if number < before]
        return web.json_response([self.status(number) for number in listed[: int(request.query["limit"])]])

    def status(self, number: int) -> dict[str, Any]:
        return {
            "id": str(number), "uri": f"https://m.example/u/{number}", "url": f"https://m.example/@ann/{number}",
            "created_at": "2026-03-20T10:00:00.000Z", "edited_at": None, "content": self.said[number],
            "account": {"acct": "ann@m.example", "url": "https://m.example/@ann"}, "spoiler_text": "",
            "in_reply_to_id": "1" if number == 2 else None, "language": "zh", "favourites_count": 3, "replies_count": 0,
        }  # fmt: skip


def source(site: Site, **options: Any) -> Source:
    return Source("s", "mastodon", site.url, options={"tags": ["#gateway"], **options})


async def test_a_tag_is_read_to_its_end_and_then_what_is_new_or_edited(tmp_path: Path) -> None:
    async with serving() as site:
        line = Timeline(100)
        site.pages = {PATH: line.answer}
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 100, "")
        first, second = visit.post("1"), visit.post("2")
        assert (first.text, first.author, first.language, first.likes) == (HOSTILE_TEXT, "ann@m.example", "zh", 3)
        assert (second.parent_key, second.position) == (first.key, -1)
        assert ((await visit()).posts, len(site.paths())) == (0, 1)
        line.said |= {101: "new", 99: "edited"}
        assert (await visit()).posts == 2
        assert visit.post("99").text == "edited"


async def test_a_budget_leaves_pages_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        line = Timeline(200)
        site.pages = {PATH: line.answer}
        visit = Visits(tmp_path, source(site, max_pages=2), site)
        for _ in range(5):
            await visit()
        assert len(visit.posts) == 200


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {"[]": "empty", '{"error": "x"}': "unreadable", '[{"id": 1}]': "unreadable", "x": "unreadable",
                  401: "blocked", 422: "late", 429: "late"}  # fmt: skip
        await states(tmp_path, site, source(site), PATH, bodies)


async def test_a_missing_option_is_told(tmp_path: Path) -> None:
    async with serving() as site:
        health = await Visits(tmp_path, Source("s", "mastodon", site.url), site)()
        assert (health.state, "tags =" in health.detail) == ("config", True)
        assert site.paths() == []
