"""GitHub issues, in the form of docs.github.com/rest/issues."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.records import Source
from tests.helpers_api import Visits, json_page, states
from tests.helpers_net import Site, serving

WHEN = "2026-03-20T10:00:00Z"
ROOT = "/repos/acme/gate"


class Hub:
    """So many issues and comments, each comment on issue 1."""

    def __init__(self, issues: int, comments: int) -> None:
        self.issues = dict.fromkeys(range(1, issues + 1), "> was it?\n\nIt <broke>")
        self.said = dict.fromkeys(range(1, comments + 1), "Same here")

    async def list_issues(self, request: web.Request) -> web.Response:
        made = [
            {"number": n, "id": 100_000 + n, "html_url": f"https://github.com/acme/gate/issues/{n}",
             "title": f"No {n} <b>", "body": body, "user": {"login": "ann", "type": "User"}, "created_at": WHEN,
             "updated_at": WHEN, "comments": 2, "reactions": {"+1": 3}}
            for n, body in sorted(self.issues.items(), reverse=True)
        ]  # fmt: skip
        return self.paged(request, made)

    async def list_comments(self, request: web.Request) -> web.Response:
        made = [
            {"id": n, "html_url": f"https://github.com/acme/gate/{'pull' if n == 3 else 'issues'}/1#issuecomment-{n}",
             "body": body, "user": {"login": "b", "type": "Bot" if n == 2 else "User"}, "created_at": WHEN,
             "updated_at": "2026-03-21T10:00:00Z"}
            for n, body in sorted(self.said.items(), reverse=True)
        ]  # fmt: skip
        return self.paged(request, made)

    def paged(self, request: web.Request, made: list[Any]) -> web.Response:
        size, page = int(request.query["per_page"]), int(request.query["page"])
        return web.json_response(made[(page - 1) * size : page * size])

    def pages(self) -> dict[str, Any]:
        return {ROOT + "/issues": self.list_issues, ROOT + "/issues/comments": self.list_comments}


def source(site: Site, **options: Any) -> Source:
    return Source("s", "github", site.url + ROOT, options=options)


async def test_issues_and_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_GITHUB_TOKEN", "t0ken")
    async with serving() as site:
        hub = Hub(30, 150)
        site.pages = hub.pages()
        visit = Visits(tmp_path, source(site), site)
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 178, "")  # no bot, no pull request
        issue, comment = visit.post("100001"), visit.post("1")
        assert (issue.text, issue.quotes) == ("It <broke>", (("", "was it?"),))
        assert (issue.position, issue.likes, issue.edited, issue.thread_title) == (0, 3, None, "No 1 <b>")
        assert (comment.parent_key, comment.thread_url, comment.thread_title) == (issue.key, issue.url, "No 1 <b>")
        assert comment.edited is not None
        asked = [hit for hit in site.log if hit.path != "/robots.txt"]
        assert {hit.headers["Authorization"] for hit in asked} == {"Bearer t0ken"}
        assert "t0ken" not in visit.store.cursors["s"]
        assert ((await visit()).posts, len(site.paths())) == (0, 2)
        hub.said |= {151: "new", 149: "edited"}
        assert ((await visit()).posts, visit.post("149").text) == (2, "edited")


async def test_the_token_is_not_sent_to_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_GITHUB_TOKEN", "t0ken")
    async with serving() as site, serving() as other:
        other.pages = {"/x": json_page([])}

        async def away(request: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": other.url + "/x"})

        site.pages = {ROOT + "/issues": away, ROOT + "/issues/comments": away}
        await Visits(tmp_path, source(site), site)()
        assert other.paths() == ["/x", "/x"] or other.paths() == ["/x"]
        assert all("Authorization" not in hit.headers for hit in other.log)


async def test_a_budget_leaves_the_rest_for_later(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = Hub(250, 350).pages()
        visit = Visits(tmp_path, source(site, max_pages=3), site)
        for _ in range(6):
            await visit()
        assert len(visit.posts) == 250 + 348


async def test_errors_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages[ROOT + "/issues/comments"] = json_page([])
        bodies = {"[]": "empty", '{"message": "Not Found"}': "unreadable", "[1]": "unreadable", "x": "unreadable",
                  403: "blocked", 404: "gone", 429: "late"}  # fmt: skip
        await states(tmp_path, site, source(site), ROOT + "/issues", bodies)
