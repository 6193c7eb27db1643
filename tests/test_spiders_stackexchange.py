"""Stack Exchange, in the form that api.stackexchange.com/docs gives: questions, answers, comments, backoff."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.records import Source
from tests.helpers_api import HOSTILE, HOSTILE_TEXT, Visits, json_page, states
from tests.helpers_net import Site, serving


class Exchange:
    """Questions with their last activity; one answer and two comments for question 1."""

    def __init__(self, questions: int) -> None:
        self.activity = {number: 1000 + number for number in range(1, questions + 1)}
        self.more: dict[str, Any] = {}

    async def questions(self, request: web.Request) -> web.Response:
        size, page = int(request.query["pagesize"]), int(request.query["page"])
        listed = sorted(self.activity, key=lambda number: -self.activity[number])
        items = [
            {"question_id": n, "title": f"Why &lt;{n}&gt;", "body": HOSTILE, "owner": {"display_name": "Ann &amp; Bo"},
             "creation_date": 1_773_900_000, "last_activity_date": self.activity[n], "score": 2, "answer_count": 1}
            for n in listed[(page - 1) * size : page * size]
        ]  # fmt: skip
        said = {"items": items, "has_more": page * size < len(listed), "quota_remaining": 9, **self.more}
        return web.json_response(said)

    def pages(self) -> dict[str, Any]:
        return {"/2.3/search/advanced": self.questions}


def source(site: Site, **options: Any) -> Source:
    return Source("s", "stackexchange", site.url + "/2.3", options={"site": "superuser.com", "query": "x", **options})


def item(kind: str, number: int, body: str, **more: Any) -> dict[str, Any]:
    return {f"{kind}_id": number, "body": body, "creation_date": 1_773_900_000, "owner": {"display_name": "Cy"}, **more}


async def test_questions_answers_and_comments_hang_together(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Exchange(1)
        answers = [item("answer", 5, "<p>So</p>", question_id=1, last_edit_date=1_773_901_000)]
        site.pages = talk.pages() | {
            "/2.3/questions/1/answers": json_page({"items": answers}),
            "/2.3/questions/1/comments": json_page({"items": [item("comment", 7, "Hm", post_id=1)]}),
            "/2.3/answers/5/comments": json_page({"items": [item("comment", 8, "Ah", post_id=5)]}),
        }
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 4, "")
        posts = {post.url.removeprefix("https://superuser.com"): post for post in visit.posts}
        question, answer = posts["/q/1"], posts["/a/5"]
        assert (question.text, question.thread_title, question.author) == (HOSTILE_TEXT, "Why <1>", "Ann & Bo")
        assert (answer.parent_key, answer.thread_url, answer.thread_title) == (question.key, question.url, "Why <1>")
        assert answer.edited is not None
        assert posts["/q/1#comment7_1"].parent_key == question.key
        assert posts["/q/1#comment8_5"].parent_key == answer.key
        assert ((await visit()).posts, len(site.paths())) == (0, 1)
        answers.append(item("answer", 6, "<p>Or so</p>", question_id=1))
        talk.activity[1] += 1
        site.pages["/2.3/answers/5;6/comments"] = json_page({"items": []})
        assert (await visit()).new == 1


async def test_pages_and_a_budget(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Exchange(160)

        async def nothing(request: web.Request) -> web.Response:
            return web.json_response({"items": []})

        class Pages(dict[str, Any]):
            def get(self, path: str, other: Any = None) -> Any:
                return nothing if "/questions/" in path else super().get(path, other)

        site.pages = Pages(talk.pages())
        visit = Visits(tmp_path, source(site, max_pages=3), site)
        for _ in range(6):
            await visit()
        assert len(visit.posts) == 160


async def test_backoff_is_obeyed(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Exchange(60)
        talk.more = {"backoff": 10}
        site.pages = talk.pages()
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.posts, len(site.paths())) == (50, 1)
        assert "wait 10 s" in health.detail
        talk.more = {"quota_remaining": 0}
        assert "quota" in (await visit()).detail


async def test_the_key_is_sent_and_never_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_STACKEXCHANGE_KEY", "k3y+x")
    async with serving() as site:
        site.pages = Exchange(60).pages() | {"/2.3/questions/1/answers": 500}
        visit = Visits(tmp_path, source(site, max_pages=1), site)
        await visit()
        assert all("key=k3y%2Bx" in path for path in site.paths())
        assert "SECRET" in visit.store.cursors["s"]
        site.pages = {"/2.3/search/advanced": 500}
        health = await visit()
        assert "k3y" not in visit.store.cursors["s"] + health.detail
        assert all("key=k3y%2Bx" in path for path in site.paths())


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {
            '{"error_id": 502, "error_message": "too many requests"}': "unreadable",
            '{"items": [{"question_id": 1}]}': "unreadable",
            '{"items": []}': "empty",
            "no": "unreadable",
            400: "late",
            429: "late",
        }
        await states(tmp_path, site, source(site), "/2.3/search/advanced", bodies)


async def test_a_missing_option_is_told(tmp_path: Path) -> None:
    async with serving() as site:
        health = await Visits(tmp_path, Source("s", "stackexchange", site.url), site)()
        assert (health.state, "query =" in health.detail) == ("config", True)
        assert site.paths() == []
