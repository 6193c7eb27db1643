"""Walking into history by the readers of each kind, in steps of a few requests, to a day and not beyond it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from listener.clock import ManualClock
from listener.gather.backfill import Walk, check_kind
from listener.gather.crawl import Crawls
from listener.gather.net import Web
from listener.house import open_house
from listener.records import Post
from listener.store.gathered import Backfill
from tests.helpers_api import json_page
from tests.helpers_house import NOW, heard
from tests.helpers_net import LOCAL, Site, serving
from tests.helpers_nntp import news
from tests.test_gather_backfill import quiet, write
from tests.test_spiders_archive import mail, packed


async def walked(
    home: Path, kind: str, url: str, since: datetime, options: str = "", pause: Any = quiet
) -> tuple[Backfill, list[Post]]:
    """A whole walk of a source that was heard just now and had nothing; each step starts from what the store holds."""
    folder = write(home, kind, url, options)
    took: list[Post] = []

    def sink(posts: Any) -> dict[str, int]:
        took.extend(posts)
        return {}

    with open_house(folder, ManualClock(NOW)) as house:
        record = house.config.source("old").record()

        async def visit() -> None:
            heard(house, NOW, NOW, record)

        async with Web(LOCAL, house.clock) as door:
            walk = Walk(house.store, house.config, house.clock, door, sink, visit, house.owner, pause)
            made = await walk.run("old", since)
        assert made == house.store.backfill("old")
    assert len({post.key for post in took}) == len(took), "nothing is read twice"
    assert all(post.published and since <= post.published < NOW for post in took)
    return made, took


async def test_hacker_news_asks_for_the_time_between(tmp_path: Path) -> None:
    first = int((NOW - timedelta(minutes=100)).timestamp())

    async def search(request: web.Request) -> web.Response:
        low, high = 0, 9_999_999_999
        for one in filter(None, request.query.get("numericFilters", "").split(",")):
            if one.startswith("created_at_i>="):
                low = int(one[14:])
            else:
                high = int(one[14:])
        times = [first + 60 * number for number in range(99, -1, -1) if low <= first + 60 * number <= high][:10]
        hits = [
            {"objectID": str(at), "author": "ann", "comment_text": f"Number {at}", "story_id": 1, "created_at_i": at}
            for at in times
        ]
        return web.json_response({"hits": hits, "hitsPerPage": 10})

    async with serving() as site:
        site.pages = {"/api/v1/search_by_date": search}
        since = NOW - timedelta(minutes=60)
        steps: list[int] = []
        made, took = await walked(
            tmp_path, "hackernews", site.url, since, 'query = "x", per_page = 10, max_pages = 2',
            pause=lambda walk, _: steps.append(walk.posts),
        )  # fmt: skip
        assert len(took) == 60
        assert len(steps) >= 3, "two pages a step"
        assert made.reached == since
        assert len(site.paths()) <= 8


async def test_discourse_goes_on_with_the_page_of_the_list_where_it_stopped(tmp_path: Path) -> None:
    """Thirty topics of one post, one a day, five on a page; asked for back to twelve days ago."""

    def topic(number: int) -> dict[str, Any]:
        at = (NOW - timedelta(days=number)).isoformat()
        post = {"id": number, "post_number": 1, "username": "ann", "created_at": at, "cooked": f"<p>Post {number}</p>"}
        about = {"id": number, "title": f"Topic {number}", "slug": "t", "highest_post_number": 1, "posts_count": 1}
        return {**about, "bumped_at": at, "post_stream": {"posts": [post], "stream": [number]}}

    async def latest(request: web.Request) -> web.Response:
        page = int(request.query["page"])
        here = [topic(number) for number in range(5 * page + 1, 5 * page + 6)]
        said = {"topics": here, "more_topics_url": "/latest" if page < 5 else None}
        return web.json_response({"topic_list": said})

    async with serving() as site:
        site.pages = {"/latest.json": latest}
        site.pages |= {f"/t/{number}.json": json_page(topic(number)) for number in range(1, 31)}
        since = NOW - timedelta(days=12, hours=1)
        _, took = await walked(tmp_path, "discourse", site.url, since, "max_pages = 4")
        assert len(took) == 12
        assert not any("/t/13.json" in path or "page=3" in path for path in site.paths())
        assert len(set(site.paths())) == len(site.paths()) == 15


async def test_discourse_searches_where_a_query_is_given(tmp_path: Path) -> None:
    at = (NOW - timedelta(days=1)).isoformat()
    posts = [
        {"id": n, "post_number": n, "username": "ann", "created_at": at, "cooked": f"<p>Post {n}</p>"} for n in (1, 2)
    ]
    stream = {"posts": posts, "stream": [1, 2]}
    async with serving() as site:
        site.pages = {
            "/search.json": json_page({"posts": [{"topic_id": 7, "post_number": 2, "created_at": at}], "topics": []}),
            "/t/7.json": json_page({"title": "T", "slug": "t", "highest_post_number": 2, "post_stream": stream}),
        }
        _, took = await walked(tmp_path, "discourse", site.url, NOW - timedelta(days=9), 'query = "頂好"')
        assert [post.text for post in took] == ["Post 1", "Post 2"]
        assert site.paths()[0].startswith("/search.json?q=%E9%A0%82%E5%A5%BD+order:latest&page=1")


async def test_stack_exchange_and_github_let_the_api_end_the_list(tmp_path: Path) -> None:
    since = datetime(2026, 2, 1, tzinfo=UTC)
    question = {"question_id": 1, "title": "Why", "body": "Old", "creation_date": 1000, "last_activity_date": 2000}
    issue = {
        "id": 1, "number": 1, "title": "Old", "html_url": "http://x.example/issues/1", "user": {"login": "ann"},
        "body": "Old", "created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-02-03T00:00:00Z",
    }  # fmt: skip
    fresh = issue | {"id": 2, "html_url": "http://x.example/issues/1#c2", "created_at": "2026-02-03T00:00:00Z"}
    async with serving() as site:
        site.pages = {
            "/2.3/search/advanced": json_page({"items": [question], "has_more": False}),
            "/2.3/questions/1/answers": json_page({"items": []}),
            "/2.3/questions/1/comments": json_page({"items": []}),
            "/issues": json_page([issue]),
            "/issues/comments": json_page([fresh]),
        }
        _, took = await walked(tmp_path / "se", "stackexchange", site.url + "/2.3", since, 'query = "x"')
        assert took == []
        assert f"min={int(since.timestamp())}" in site.paths()[0]
        site.log.clear()
        _, took = await walked(tmp_path / "gh", "github", site.url, since)
        assert [post.published for post in took] == [datetime(2026, 2, 3, tzinfo=UTC)]
        assert all(
            "since=2026-02-01T00%3A00%3A00Z" in path or "since=2026-02-01T00:00:00Z" in path for path in site.paths()
        )


async def test_a_newsgroup_is_read_from_its_first_article_but_for_old_ones(tmp_path: Path) -> None:
    async with news() as town:
        for number in range(1, 31):
            at = NOW - timedelta(days=31 - number)
            town.add(number, f"Article {number}\n", Subject="Talk", Date=f"{at:%a, %d %b %Y %H:%M:%S} +0000")
        url = f"nntp://127.0.0.1:{town.port}/test.talk"
        _, took = await walked(
            tmp_path, "newsgroup", url, NOW - timedelta(days=20, hours=1), "max_pages = 8, first = 3"
        )
        assert len(took) == 20
        assert [line for line in town.log if line == "ARTICLE 10"] == []


async def test_archives_are_read_to_the_day(tmp_path: Path) -> None:
    async with serving() as site:
        names = [f"2026-{month}.txt.gz" for month in ("March", "February", "January")] + ["2025-December.txt.gz"]
        dates = ["Mon, 02 Mar 2026", "Mon, 02 Feb 2026", "Thu, 15 Jan 2026", "Mon, 15 Dec 2025"]
        site.pages = {
            f"/pipermail/talk/{name}": packed(mail(number + 1, date=f"{day} 10:00:00 +0000"))
            for number, (name, day) in enumerate(zip(names, dates, strict=True))
        }
        site.pages["/pipermail/talk/"] = "<html>" + "".join(f'<a href="{name}">x</a>' for name in names)
        since = datetime(2026, 1, 10, tzinfo=UTC)
        _, took = await walked(tmp_path / "p", "archive", site.url + "/pipermail/talk/", since, "max_pages = 2")
        assert len(took) == 3
        await public_inbox(site, tmp_path / "i")


async def public_inbox(site: Site, home: Path) -> None:
    """Nine mails, one a day, three on a page of the feed."""

    def entry(number: int) -> str:
        at = f"{NOW - timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}"
        link = f"{site.url}/list/m{number}@x.example/"
        return (
            f'<entry><title>Talk {number}</title><updated>{at}</updated><link href="{link}"/><id>urn:{number}</id>'
            f"<author><name>Ann</name></author><content>Mail</content></entry>"
        )

    async def feed(request: web.Request) -> web.Response:
        before = request.query.get("t", "99999999999999")
        numbers = [n for n in range(1, 10) if f"{NOW - timedelta(days=n):%Y%m%d%H%M%S}" < before][:3]
        body = "".join(map(entry, numbers))
        return web.Response(text=f'<feed xmlns="http://www.w3.org/2005/Atom"><title>L</title>{body}</feed>')

    site.pages = {"/list/new.atom": feed}
    for number in range(1, 10):
        at = f"{NOW - timedelta(days=number):%a, %d %b %Y %H:%M:%S} +0000"
        site.pages[f"/list/m{number}@x.example/t.mbox.gz"] = packed(mail(number, date=at))
    options = 'style = "public-inbox", max_pages = 3'
    _, took = await walked(home, "archive", site.url + "/list/", NOW - timedelta(days=7, hours=1), options)
    assert len(took) == 7


def test_every_kind_says_how_far_it_goes(tmp_path: Path) -> None:
    folder = write(tmp_path, "forum", "http://a.example/")
    with open_house(folder, ManualClock(NOW)) as house:
        crawls = Crawls(Web(LOCAL, house.clock), 1.0)
        assert check_kind(house.config.source("old").record(), crawls)
        assert [kind for kind in crawls.kinds() if not crawls.goes_back(kind)] == []
