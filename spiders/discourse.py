"""Discourse, by its own JSON: /latest.json or /search.json, /t/ID.json, /t/ID/posts.json.

The API is documented at docs.discourse.org; a topic carries its first 20 posts and the ids of all ("stream").

Options: query (reads only topics in which its search finds something), max_pages of one visit.

Cursor: topics = {id: highest post number read}, counts = {id: posts it had}, todo = [[id, after]] of topics that the
last visit had no time for, page = the page of the list at which the last visit, or step of a walk into history, had to
leave it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode, urljoin

from scrapy import Request
from scrapy.http import Response

from listener.errors import SourceError, Unreadable
from listener.gather.text import clean_line, html_text
from listener.records import Deletion, Post, Reading
from listener.urls import canonical, host_of, post_key
from spiders.base import SourceSpider, Yield

BATCH = 20  # posts that one request for posts asks for; Discourse's own page size
TOPICS_KEPT = 10_000
PATIENCE = 10  # pages without news over which a list that was left is followed: what was read since pushed it down


class DiscourseSpider(SourceSpider):
    """Reads topics whose highest post number grew, from the first post it does not know, and those that lost posts."""

    name = "discourse"
    goes_back = "all topics"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._topics: dict[str, int] = dict(self.cursor.get("topics", {}))
        self._counts: dict[str, int] = dict(self.cursor.get("counts", {}))
        self._todo: list[list[Any]] = list(self.cursor.get("todo", ()))
        self._base = self.source.url.rstrip("/") + "/"
        self._missed: list[list[Any]] = []
        self._page = int(self.cursor.get("page", 0))
        self._left_at: int | None = None
        self._knows = bool(self._topics)  # what a first visit leaves of the list is history

    def first(self) -> Iterable[Request]:
        if self.since is None:
            yield from self._ask_list(0)
        if (self.since is not None and not self.walks_on) or "page" in self.cursor:
            yield from self._ask_list(self._page, PATIENCE)
        for topic, title in self._todo:
            yield from self._ask_topic(int(topic), title)

    def read(self, response: Response, page: int = 0, patience: int = 1) -> Yield:
        """A page of the topic list, newest activity first; goes on until `patience` pages held no news."""
        listed = _json(response, dict).get("topic_list", {})
        topics = listed.get("topics")
        if not isinstance(topics, list):
            raise Unreadable(response.url, "is not a Discourse topic list")
        changed = [
            topic for topic in topics if topic.get("highest_post_number", 0) > self._topics.get(str(topic.get("id")), 0)
        ]
        if self.since is not None:
            changed = [topic for topic in changed if not self._is_past(topic)]
        shrunk = [topic for topic in topics if topic not in changed and self._lost_posts(topic)]
        for topic in changed + shrunk:
            yield from self._ask_topic(int(topic["id"]), str(topic.get("title") or ""))
        patience -= not any(not topic.get("pinned") for topic in changed)
        goes_on = patience > 0
        if self.since is not None:  # a page of known topics is one that a step read before it was stopped
            regular = [topic for topic in topics if not topic.get("pinned")]
            goes_on = bool(regular) and not self._is_past(regular[-1])
        if listed.get("more_topics_url") and goes_on:
            yield from self._ask_list(page + 1, patience)

    def _ask_list(self, page: int, patience: int = 1) -> Iterator[Request]:
        def later(error: SourceError | None = None) -> None:
            if error is None or self.try_again(error, page == self._page):
                self._left_at = page if self._left_at is None else min(self._left_at, page)

        if query := str(self.source.options.get("query", "")):
            url = f"{urljoin(self._base, 'search.json')}?{urlencode({'q': f'{query} order:latest', 'page': page + 1})}"
            yield from self.ask(url, self.read_search, later, later, page=page, patience=patience)
        else:
            url = urljoin(self._base, f"latest.json?no_definitions=true&page={page}")
            yield from self.ask(url, self.read, later, later, page=page, patience=patience)

    def read_search(self, response: Response, page: int, patience: int = 1) -> Yield:
        """A page of hits, newest first; a topic in which a hit is new is read as any other."""
        found = _json(response, dict)
        hits = found.get("posts")
        if not isinstance(hits, list):
            raise Unreadable(response.url, "is no Discourse search")
        titles = {topic.get("id"): str(topic.get("title") or "") for topic in found.get("topics") or ()}
        fresh = {
            int(hit["topic_id"]): titles.get(hit["topic_id"], "")
            for hit in hits
            if int(hit.get("post_number") or 0) > self._topics.get(str(hit.get("topic_id")), 0)
        }
        for topic, title in fresh.items():
            yield from self._ask_topic(topic, title)
        dates = [at for hit in hits if (at := _time(hit.get("created_at"))) is not None]
        past = self.since is not None and bool(dates) and max(dates) < self.since
        more = (found.get("grouped_search_result") or {}).get("more_full_page_results")
        patience -= not fresh
        if more and (patience > 0 or self.since is not None) and not past:
            yield from self._ask_list(page + 1, patience)

    def _lost_posts(self, topic: dict[str, Any]) -> bool:
        count = topic.get("posts_count")
        return isinstance(count, int) and count < self._counts.get(str(topic.get("id")), 0)

    def _is_past(self, topic: dict[str, Any]) -> bool:
        """Was nothing said in a topic since a walk into history ends?"""
        last = _time(topic.get("bumped_at") or topic.get("last_posted_at"))
        return last is not None and self.since is not None and last < self.since

    def _ask_topic(self, topic: int, title: str) -> Iterator[Request]:
        later = partial(self._later, topic, title)
        url = urljoin(self._base, f"t/{topic}.json")

        def failed(error: SourceError) -> None:
            self._failed(later, [topic, title], error)
            if error.state == "gone":
                self.basket.pool.add(Reading(self.source.name, self._thread(topic), (), self.now))

        yield from self.ask(url, self.read_topic, failed, later, priority=1, topic=topic)

    def _thread(self, topic: int) -> str:
        """A topic's address without the words of its title, which may change."""
        return canonical(urljoin(self._base, f"t/{topic}"))

    def _later(self, topic: int, title: str) -> None:
        if [topic, title] not in self._missed:
            self._missed.append([topic, title])

    def _failed(self, later: Callable[[], None], wanted: list[Any], error: SourceError) -> None:
        if self.try_again(error, wanted in self._todo):
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
        yield from self._posts(posts, about)  # known ones too: they may have been edited
        self._counts[str(topic)] = int(said.get("posts_count") or 0)
        here = {post.get("id") for post in posts}
        if stream.get("stream"):  # the ids of all posts that there are
            keys = tuple(post_key(f"{self._thread(topic)}/{post.get('post_number')}") for post in posts)
            present = (*keys, *(str(number) for number in stream["stream"]))
            yield Reading(self.source.name, self._thread(topic), present, self.now)
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
        yield from self._posts(posts, about)
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
            url, self.read_posts, partial(self._failed, later, [about["topic"], about["title"]]), later,
            priority=2, about=about, known=known, missing=missing[BATCH:],
        )  # fmt: skip

    def _posts(self, posts: list[dict[str, Any]], about: dict[str, Any]) -> Iterator[Post | Deletion]:
        for post in posts:
            number = int(post.get("post_number") or 0)
            if post.get("deleted_at") or post.get("user_deleted"):
                yield self.deletion(f"{self._thread(about['topic'])}/{number}")
            elif post.get("post_type", 1) == 1 and not post.get("hidden"):
                yield self._post(post, number, about)

    def _post(self, post: dict[str, Any], number: int, about: dict[str, Any]) -> Post:
        thread = self._thread(about["topic"])
        url = canonical(urljoin(self._base, f"t/{about['slug']}/{about['topic']}/{number}"))
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
        topics = dict(list(self._topics.items())[-TOPICS_KEPT:])
        counts = {topic: self._counts[topic] for topic in topics if topic in self._counts}
        self.cursor = {"topics": topics, "counts": counts, "todo": self._missed}
        if self._left_at is not None and (self.since is not None or self._knows):
            self.cursor["page"] = self._left_at


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
