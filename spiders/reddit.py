"""A subreddit by its feeds, with the token of the feeds that a user finds under preferences → RSS.

Documented at reddit.com/wiki/rss: /r/NAME/new/.rss and /r/NAME/comments/.rss, limit up to 100, after=ID; user and feed
are the reader's own. The token comes from the environment (LISTENER_REDDIT_FEED) and stands in no message. What
robots.txt says is obeyed here as everywhere; what a site refuses is told as blocked.

Url: https://www.reddit.com/r/NAME. Options: user (whose token it is).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from scrapy.http import Response

from listener.gather.feeds import parse
from listener.records import Post
from listener.urls import canonical
from spiders.api import ApiSpider, query, secret

SIZE = 100
_PLACE = re.compile(r"(https?://[^/]+/r/[^/]+/comments/[^/]+/)(?:[^/]*/)?([^/?#]*)")
_COMMENT_TITLE = re.compile(r"^/u/\S+ on (.*)$")


class RedditSpider(ApiSpider):
    """Reads what was posted and what was said under it."""

    name = "reddit"
    page_budget = 20
    goes_back = "the newest 1,000 or so, which is all that Reddit lists"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.token = secret("LISTENER_REDDIT_FEED")

    def lists(self) -> Iterable[str]:
        yield self._list("new")
        yield self._list("comments")

    def _list(self, kind: str, after: str | None = None) -> str:
        user = self.source.options.get("user") if self.token else None
        where = f"{self.base}/{kind}/.rss"
        return query(where, limit=SIZE, after=after, user=user, feed=self.token or None)

    def opened(self, response: Response) -> Any:
        kind = response.headers.get("Content-Type") or b""
        return parse(response.body, kind.decode("latin-1"), response.url, self.source, self.now)

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        posts: tuple[Post, ...] = said
        kind = "comments" if "/comments/.rss" in url else "new"
        last = posts[-1].native_id if posts else None
        return [self._threaded(post) for post in posts], self._list(kind, last) if len(posts) >= SIZE else ""

    def _threaded(self, post: Post) -> Post:
        place, title = _PLACE.match(post.url), _COMMENT_TITLE.match(post.thread_title)
        if place is None:
            return post
        thread = canonical(urljoin(self.source.url, place[1]))
        return replace(
            post,
            thread_url=thread,
            thread_title=title[1] if title else post.thread_title,
            position=-1 if place[2] else 0,
            author=post.author.removeprefix("/u/"),
        )
