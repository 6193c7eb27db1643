"""App Store reviews, in the form of Apple's customer-review feed."""

from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Source
from tests.helpers_api import Visits, states
from tests.helpers_net import Site, serving


def label(value: Any) -> dict[str, str]:
    return {"label": str(value)}


class Store:
    """So many reviews, fifty a page; the app itself stands above the first."""

    def __init__(self, count: int) -> None:
        self.said = dict.fromkeys(range(1, count + 1), "Crashes <always> & so on")

    async def answer(self, request: web.Request) -> web.Response:
        page = int(request.path.split("page=")[1].split("/")[0])
        listed = sorted(self.said, reverse=True)[(page - 1) * 50 : page * 50]
        entries = [{"id": label("x"), "im:name": label("The app")}] if page == 1 else []
        return web.json_response({"feed": {"entry": entries + [self.review(number) for number in listed]}})

    def review(self, number: int) -> dict[str, Any]:
        return {
            "id": label(number), "author": {"name": label("Ann")}, "im:rating": label(2), "title": label("Bad"),
            "content": label(self.said[number]), "updated": label("2026-03-20T10:00:00-07:00"), "im:voteSum": label(1),
        }  # fmt: skip

    def pages(self, country: str) -> dict[str, Any]:
        return {
            f"/{country}/rss/customerreviews/page={n}/id=7/sortby=mostrecent/json": self.answer for n in range(1, 11)
        }


def source(site: Site, **options: Any) -> Source:
    return Source("s", "appstore", site.url, options={"app": "7", "countries": ["TW", "us"], **options})


async def test_reviews_of_two_countries(tmp_path: Path) -> None:
    async with serving() as site:
        taiwan, america = Store(120), Store(3)
        site.pages = taiwan.pages("tw") | america.pages("us")
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 123, "")
        review = next(post for post in visit.posts if post.url == "https://apps.apple.com/tw/app/id7#review-1")
        assert (review.text, review.rating, review.author) == ("Bad\nCrashes <always> & so on", 2.0, "Ann")
        assert review.published is not None
        assert review.published.isoformat() == "2026-03-20T17:00:00+00:00"
        assert ((await visit()).posts, len(site.paths())) == (0, 2)
        taiwan.said |= {121: "new", 119: "edited"}
        assert ((await visit()).posts, len(visit.posts)) == (2, 124)


async def test_one_review_alone_and_none(tmp_path: Path) -> None:
    async with serving() as site:
        store = Store(1)
        path = "/us/rss/customerreviews/page=1/id=7/sortby=mostrecent/json"

        async def alone(request: web.Request) -> web.Response:
            return web.json_response({"feed": {"entry": store.review(1)}})

        site.pages = {path: alone}
        visit = Visits(tmp_path, source(site, countries=["us"]), site)
        assert (await visit()).new == 1
        bodies = {'{"feed": {}}': "empty", '{"feed": {"entry": [{"im:rating": 1}]}}': "unreadable", "[]": "unreadable",
                  "<html>": "unreadable", 403: "blocked", 429: "late"}  # fmt: skip
        await states(tmp_path, site, source(site, countries=["us"]), path, bodies)


async def test_a_budget_leaves_the_rest_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = Store(330).pages("us")
        visit = Visits(tmp_path, source(site, countries=["us"], max_pages=2), site)
        for _ in range(6):
            await visit()
        assert len(visit.posts) == 330


async def test_a_missing_option_is_told(tmp_path: Path) -> None:
    async with serving() as site:
        health = await Visits(tmp_path, Source("s", "appstore", site.url), site)()
        assert (health.state, "app =" in health.detail) == ("config", True)
        assert site.paths() == []
