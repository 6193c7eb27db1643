"""Discourse, in the form its API documents: topic list, topics, posts beyond the first twenty."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.records import Deletion, Reading, Source
from tests.helpers_net import FakeStore, Sink, go, serving

QUOTE = '<aside class="quote" data-username="bo"><div class="title">bo:</div><blockquote>old</blockquote></aside>'


class Discourse:
    """Topics of so many posts; `log` of what was asked is the site's."""

    def __init__(self, **topics: int) -> None:
        self.topics = {int(name[1:]): count for name, count in topics.items()}
        self.per_page = 2

    def pages(self) -> dict[str, Any]:
        pages: dict[str, Any] = {"/latest.json": self.latest}
        for topic in self.topics:
            pages[f"/t/{topic}.json"] = self.topic
            pages[f"/t/{topic}/posts.json"] = self.more
        return pages

    async def latest(self, request: web.Request) -> web.Response:
        page = int(request.query.get("page", 0))
        listed = sorted(self.topics, reverse=True)
        here = listed[page * self.per_page : (page + 1) * self.per_page]
        said: dict[str, Any] = {
            "topics": [
                {"id": topic, "title": f"Topic {topic}", "highest_post_number": self.topics[topic], "pinned": False}
                for topic in here
            ]
        }
        if (page + 1) * self.per_page < len(listed):
            said["more_topics_url"] = f"/latest?page={page + 1}"
        return web.json_response({"topic_list": said})

    async def topic(self, request: web.Request) -> web.Response:
        topic = int(request.path.split("/")[2].split(".")[0])
        count = self.topics[topic]
        ids = [topic * 1000 + number for number in range(1, count + 1)]
        said = {
            "id": topic,
            "title": f"Topic {topic}",
            "slug": "topic",
            "highest_post_number": count,
            "posts_count": count,
        }
        said["post_stream"] = {"posts": [self.post(number) for number in ids[:20]], "stream": ids}
        return web.json_response(said)

    async def more(self, request: web.Request) -> web.Response:
        ids = [int(number) for number in request.query.getall("post_ids[]")]
        return web.json_response({"post_stream": {"posts": [self.post(number) for number in ids]}})

    def post(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "post_number": number % 1000,
            "post_type": 1,
            "username": "ann",
            "created_at": "2026-03-20T10:00:00.000Z",
            "updated_at": "2026-03-20T10:00:00.000Z",
            "cooked": f"{QUOTE}<p>Number {number}</p>",
            "reply_to_post_number": 1 if number % 1000 == 2 else None,
            "reply_count": 0,
            "actions_summary": [{"id": 2, "count": 3}],
        }


async def visit(site: Any, tmp_path: Path, store: FakeStore, sink: Sink) -> Any:
    store.due.clear()
    site.log.clear()
    healths, *_ = await go(store.sources, tmp_path, store=store, sink=sink)
    return healths["d"]


async def test_topics_are_read_beyond_twenty_and_then_only_what_is_new(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Discourse(t1=3, t2=45, t3=1, t4=2, t5=1)
        site.pages = talk.pages()
        store, sink = FakeStore([Source("d", "discourse", site.url)]), Sink()
        health = await visit(site, tmp_path, store, sink)
        assert (health.state, health.new, health.detail) == ("heard", 52, "")
        second = next(post for post in sink.posts.values() if post.url.endswith("/t/topic/1/2"))
        opener = next(post for post in sink.posts.values() if post.url.endswith("/t/topic/1/1"))
        assert (second.parent_key, second.position, second.likes) == (opener.key, 1, 3)
        assert (second.text, second.quotes) == ("Number 1002", (("bo", "old"),))
        assert second.thread_url == f"{site.url}/t/1"  # without the words of its title, which may change
        assert (await visit(site, tmp_path, store, sink)).posts == 0
        assert len(site.paths()) == 1
        talk.topics[5] = 2
        talk.topics[2] = 47
        talk.per_page = 10
        health = await visit(site, tmp_path, store, sink)
        assert health.new == 3
        assert not any("/t/1" in path for path in site.paths())


@pytest.mark.parametrize("wall", [0, 403, 500])
async def test_a_list_that_was_not_read_to_its_end_is_gone_on_with(tmp_path: Path, wall: int) -> None:
    """By a budget or by a page that failed: nothing on its first page says that more is left further down."""
    async with serving() as site:
        talk = Discourse(**{f"t{number}": 1 for number in range(1, 9)})
        site.pages = talk.pages()
        options = {} if wall else {"max_pages": 3}
        store, sink = FakeStore([Source("d", "discourse", site.url)]), Sink()
        await visit(site, tmp_path, store, sink)
        assert len(sink.posts) == 8
        talk.topics = dict.fromkeys(talk.topics, 2)
        store.sources = [replace(store.sources[0], options=options)]

        async def walled(request: web.Request) -> web.StreamResponse:
            return web.Response(status=wall) if request.query.get("page") == "1" else await talk.latest(request)

        site.pages["/latest.json"] = walled if wall else talk.latest
        await visit(site, tmp_path, store, sink)
        assert len(sink.posts) < 16
        site.pages["/latest.json"] = talk.latest
        for _ in range(9):
            last = await visit(site, tmp_path, store, sink)
        assert len(sink.posts) == 16
        assert (last.requests, site.paths()[0][:12]) == (1, "/latest.json"), "and then it is over"


@pytest.mark.parametrize("path", ["/t/1.json", "/t/1/posts.json"])
async def test_a_topic_behind_a_wall_for_once_is_asked_again(tmp_path: Path, path: str) -> None:
    async with serving() as site:
        talk = Discourse(t1=30, t2=1, t3=1)
        site.pages = talk.pages() | {path: "<html>Are you human?"}
        store, sink = FakeStore([Source("d", "discourse", site.url)]), Sink()
        await visit(site, tmp_path, store, sink)
        assert len(sink.posts) < 32
        site.pages = talk.pages()
        await visit(site, tmp_path, store, sink)
        assert len(sink.posts) == 32


async def test_a_budget_leaves_topics_for_the_next_visit(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Discourse(t1=1, t2=1, t3=1, t4=30)
        talk.per_page = 10
        site.pages = talk.pages()
        store, sink = FakeStore([Source("d", "discourse", site.url, options={"max_pages": 3})]), Sink()
        for _ in range(4):
            await visit(site, tmp_path, store, sink)
        assert len(sink.posts) == 33


async def test_what_is_no_discourse(tmp_path: Path) -> None:
    for body in ("<html>no</html>", "[]", '{"topic_list": {}}', b"\xff\xfe"):
        async with serving() as site:
            site.pages = {"/latest.json": body}
            health = await visit(site, tmp_path, FakeStore([Source("d", "discourse", site.url)]), Sink())
            assert health.state == "unreadable", body
            assert health.detail


class Moderated(Discourse):
    """One in which posts are deleted: the topic's stream and count lose them, its highest number stays."""

    def __init__(self, **topics: int) -> None:
        super().__init__(**topics)
        self.per_page = 10
        self.gone: set[int] = set()
        self.crossed_out: set[int] = set()
        self.title = "topic"

    async def latest(self, request: web.Request) -> web.Response:
        said = [
            {"id": topic, "title": self.title, "highest_post_number": count,
             "posts_count": count - sum(number // 1000 == topic for number in self.gone)}
            for topic, count in self.topics.items()
        ]  # fmt: skip
        return web.json_response({"topic_list": {"topics": said}})

    async def topic(self, request: web.Request) -> web.Response:
        topic = int(request.path.split("/")[2].split(".")[0])
        every = [topic * 1000 + number for number in range(1, self.topics[topic] + 1)]
        ids = [number for number in every if number not in self.gone]
        posts = [self.post(number) | {"user_deleted": number in self.crossed_out} for number in ids[:20]]
        said = {"id": topic, "title": self.title, "slug": self.title, "posts_count": len(ids)}
        said |= {"highest_post_number": self.topics[topic], "post_stream": {"posts": posts, "stream": ids}}
        return web.json_response(said)


async def test_deleted_posts_are_missed_and_crossed_out_ones_are_told(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Moderated(t1=45, t2=3)
        site.pages = talk.pages()
        store, sink = FakeStore([Source("d", "discourse", site.url)]), Sink()
        await visit(site, tmp_path, store, sink)
        sink.told.clear()
        assert (await visit(site, tmp_path, store, sink)).posts == 0
        assert sink.told == []
        talk.gone = {1030}
        talk.crossed_out = {1002}
        health = await visit(site, tmp_path, store, sink)
        assert health.new == 0
        [reading] = [one for one in sink.told if isinstance(one, Reading)]
        assert reading.thread_url == f"{site.url}/t/1"
        known = {post.key: str(post.native_id) for post in sink.posts.values() if post.thread_url == reading.thread_url}
        assert {native for key, native in known.items() if not {key, native} & set(reading.present)} == {"1030"}
        [deletion] = [one for one in sink.told if isinstance(one, Deletion)]
        assert known[deletion.key] == "1002"
        assert not any(path.startswith("/t/2") for path in site.paths())


async def test_a_topic_of_another_name_is_the_same_topic(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Moderated(t1=3)
        site.pages = talk.pages()
        store, sink = FakeStore([Source("d", "discourse", site.url)]), Sink()
        await visit(site, tmp_path, store, sink)
        talk.title, talk.topics = "renamed", {1: 4}
        assert (await visit(site, tmp_path, store, sink)).new == 1
        assert {post.thread_url for post in sink.posts.values()} == {f"{site.url}/t/1"}
        assert len(sink.posts) == 4


async def test_a_topic_that_answers_gone_is_read_as_empty(tmp_path: Path) -> None:
    async with serving() as site:
        talk = Moderated(t1=3, t2=2)
        site.pages = talk.pages()
        store, sink = FakeStore([Source("d", "discourse", site.url)]), Sink()
        await visit(site, tmp_path, store, sink)
        sink.told.clear()
        talk.topics[1] = 4
        site.pages["/t/1.json"] = 410
        await visit(site, tmp_path, store, sink)
        assert [(one.thread_url, one.present) for one in sink.told if isinstance(one, Reading)] == [
            (f"{site.url}/t/1", ())
        ]
