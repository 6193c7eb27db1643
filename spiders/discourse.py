"""Discourse, by its own JSON: /latest.json, /t/ID.json, /t/ID/posts.json.

The API is documented at docs.discourse.org; a topic carries its first 20 posts and the ids of all ("stream").

Options: max_pages of one visit. Cursor: topics = {id: highest post number read}, todo = [[id, after]] of topics that
the last visit had no time for.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from listener.errors import SourceError, Unreadable
from listener.gather.text import clean_line, html_text
from listener.records import Post
from listener.urls import canonical, host_of, post_key
from spiders.base import SourceSpider, Yield

BATCH = 20  # posts that one request for posts asks for; Discourse's own page size
TOPICS_KEPT = 10_000


class DiscourseSpider(SourceSpider):
    """Reads topics whose highest post number grew, from the first post it does not know."""

    name = "discourse"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._topics: dict[str, int] = dict(self.cursor.get("topics", {}))
        self._todo: list[list[Any]] = list(self.cursor.get("todo", ()))
        self._base = self.source.url.rstrip("/") + "/"
        self._missed: list[list[Any]] = []

    def first(self) -> Iterable[Request]:
        yield from self.ask(urljoin(self._base, "latest.json?no_definitions=true&page=0"), self.read, page=0)
        for topic, title in self._todo:
            yield from self._ask_topic(int(topic), title)

    def read(self, response: Response, page: int = 0) -> Yield:
        """A page of the topic list, newest activity first; goes on while topics are news."""
        listed = _json(response, dict).get("topic_list", {})
        topics = listed.get("topics")
        if not isinstance(topics, list):
            raise Unreadable(response.url, "is not a Discourse topic list")
        changed = [
            topic for topic in topics if topic.get("highest_post_number", 0) > self._topics.get(str(topic.get("id")), 0)
        ]
        for topic in changed:
            yield from self._ask_topic(int(topic["id"]), str(topic.get("title") or ""))
        if listed.get("more_topics_url") and any(not topic.get("pinned") for topic in changed):
            following = urljoin(self._base, f"latest.json?no_definitions=true&page={page + 1}")
            yield from self.ask(following, self.read, page=page + 1)

    def _ask_topic(self, topic: int, title: str) -> Iterator[Request]:
        later = partial(self._later, topic, title)
        url = urljoin(self._base, f"t/{topic}.json")
        yield from self.ask(url, self.read_topic, partial(self._failed, later), later, priority=1, topic=topic)

    def _later(self, topic: int, title: str) -> None:
        if [topic, title] not in self._missed:
            self._missed.append([topic, title])

    def _failed(self, later: Callable[[], None], error: SourceError) -> None:
        if error.state == "late":  # it may well be there next time
            later()

    def read_topic(self, response: Response, topic: int) -> Yield:
        """The opener's page of a topic, and requests for the posts of its stream that are not on it and not known."""
        said = _json(response, dict)
        stream = said.get("post_stream", {})
        posts = stream.get("posts")
        if not isinstance(posts, list) or not posts:
            raise Unreadable(response.url, "is a Discourse topic without posts")
        known = self._topics.get(str(topic), 0)
        about = {
            "topic": topic,
            "slug": str(said.get("slug") or topic),
            "title": clean_line(str(said.get("title") or "")),
            "highest": max(int(said.get("highest_post_number") or 0), known),
        }
        yield from self._posts(posts, about, known)
        here = {post.get("id") for post in posts}
        # The stream is in order of post numbers, so what is known is at its front: as many as were read, at most.
        missing = [number for number in stream.get("stream", []) if number not in here]
        if known:
            missing = missing[-max(int(said.get("posts_count") or len(missing)) - known + BATCH, BATCH) :]
        yield from self._ask_posts(missing, about, known)

    def read_posts(self, response: Response, about: dict[str, Any], known: int, missing: list[int]) -> Yield:
        """A batch of posts beyond the first twenty."""
        posts = _json(response, dict).get("post_stream", {}).get("posts")
        if not isinstance(posts, list):
            raise Unreadable(response.url, "is not a list of Discourse posts")
        yield from self._posts(posts, about, known)
        yield from self._ask_posts(missing, about, known)

    def _ask_posts(self, missing: list[int], about: dict[str, Any], known: int) -> Iterator[Request]:
        if not missing:
            self._topics.pop(str(about["topic"]), None)
            self._topics[str(about["topic"])] = about["highest"]
            return
        ids = "&".join(f"post_ids[]={number}" for number in missing[:BATCH])
        url = urljoin(self._base, f"t/{about['topic']}/posts.json?{ids}")
        later = partial(self._later, about["topic"], about["title"])
        yield from self.ask(
            url, self.read_posts, partial(self._failed, later), later,
            priority=2, about=about, known=known, missing=missing[BATCH:],
        )  # fmt: skip

    def _posts(self, posts: list[dict[str, Any]], about: dict[str, Any], known: int) -> Iterator[Post]:
        for post in posts:
            number = int(post.get("post_number") or 0)
            if number > known and post.get("post_type", 1) == 1 and not post.get("hidden"):
                yield self._post(post, number, about)

    def _post(self, post: dict[str, Any], number: int, about: dict[str, Any]) -> Post:
        thread = canonical(urljoin(self._base, f"t/{about['slug']}/{about['topic']}"))
        url = f"{thread}/{number}"
        text, quotes = html_text(str(post.get("cooked") or ""))
        answered = post.get("reply_to_post_number")
        published, edited = _time(post.get("created_at")), _time(post.get("updated_at"))
        actions = post.get("actions_summary") or []
        likes = next((action.get("count", 0) for action in actions if action.get("id") == 2), 0)
        author = clean_line(str(post.get("username") or ""), 100)
        return Post(
            source=self.source.name,
            platform=host_of(url),
            url=url,
            key=post_key(url),
            thread_url=thread,
            thread_title=about["title"],
            position=number - 1,
            author=author,
            text=text,
            fetched=self.now,
            published=published,
            edited=edited if published and edited and edited > published else None,
            native_id=str(post.get("id")),
            parent_key=post_key(f"{thread}/{answered}") if answered else None,
            author_url=urljoin(self._base, f"u/{author}"),
            quotes=quotes,
            likes=int(likes or 0),
            replies=int(post.get("reply_count") or 0),
        )

    def closed(self, reason: str) -> None:
        """Scrapy calls this when the visit ends."""
        self.cursor = {"topics": dict(list(self._topics.items())[-TOPICS_KEPT:]), "todo": self._missed}


def _json(response: Response, kind: type) -> Any:
    try:
        said = json.loads(response.body)
    except ValueError as error:
        raise Unreadable(response.url, "is not JSON; is this a Discourse site?") from error
    if not isinstance(said, kind):
        raise Unreadable(response.url, "is JSON, but not a Discourse answer")
    return said


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC) if value else None
    except ValueError:
        return None
