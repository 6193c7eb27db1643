"""What the spiders of JSON APIs share: lists of posts, newest first, read page by page until nothing on them is news.

Cursor: seen = marks of posts as they were read (10 digits of the key, 6 of a hash of what was said: an edit is news
like a new post), todo = [[address, patience]] of pages that the last visit had no time for, threads = {id: [mark,
title]} where the API lists threads and not posts.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from listener.errors import ConfigError, SourceError, Unreadable
from listener.gather.text import clean_line, clean_text, html_text
from listener.records import Deletion, Post
from listener.urls import canonical, host_of, post_key
from spiders.base import SourceSpider, Yield

SEEN_KEPT = 3000
HIDDEN = "SECRET"
GONE = "gone.."  # in a mark, in the place of the hash: it was deleted
THREADS_KEPT = 2000
BACKLOG_KEPT = 500
PATIENCE = 3  # pages without news that a list left unfinished is followed over: meanwhile it moved on by so many


class ApiSpider(SourceSpider):
    """Reads the lists that `lists` names; a spider of this kind says in `page` what stands on a page of one."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.base = self.source.url.rstrip("/")
        self.token = ""  # a secret that stands in addresses; it goes into neither cursor nor message
        self._seen: dict[str, None] = dict.fromkeys(self.cursor.get("seen", ()))
        self._todo: dict[str, int] = {}
        self._threads: dict[str, list[str]] = dict(self.cursor.get("threads", {}))
        self.further: list[str] = []  # lists that a page has led to; `page` adds to it

    def lists(self) -> Iterable[str]:
        """The addresses at which a visit begins."""
        return (self.source.url,)

    def page(self, said: Any, url: str) -> tuple[Iterable[Post | Deletion], str]:
        """The posts on a page (newest first, deletions among them) and the address of the next one, "" after the last.

        Raises AttributeError, KeyError, TypeError, ValueError or Unreadable: not an answer of this API.
        """
        raise Unreadable(url, f"the spider {self.name!r} reads no pages")

    def first(self) -> Iterable[Request]:
        backlog = [(url.replace(HIDDEN, quote_plus(self.token)), left) for url, left in self.cursor.get("todo", ())]
        share = len(backlog) if self.walks_on else max(self.left // 2, 1)  # the other half is for what is new
        for url, patience in backlog[:share]:
            yield from self.walk(url, patience, resumed=True)
        for url in () if self.walks_on else self.lists():
            yield from self.walk(url)
        for url, patience in backlog[share:]:
            yield from self.walk(url, patience, resumed=True)

    def walk(self, url: str, patience: int = 1, resumed: bool = False) -> Iterator[Request]:
        """Ask for a page of a list; the list is left after `patience` pages without news.

        Args:
            resumed: an earlier visit left it here.
        """

        def later() -> None:
            if len(self._todo) < BACKLOG_KEPT:
                self._todo[url] = patience if resumed else PATIENCE

        def failed(error: SourceError) -> None:
            if self.try_again(error, any(self._hide(url) == left for left, _ in self.cursor.get("todo", ()))):
                later()

        yield from self.ask(url, self.read, failed, later, patience=patience, resumed=resumed)

    def read(self, response: Response, patience: int = 1, resumed: bool = False) -> Yield:
        """A page of a list, and a request for the next one while there is news."""
        try:
            found, following = self.page(self.opened(response), response.url)
            listed = list(found)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(response.url, f"is no answer of this API ({type(error).__name__}: {error})") from error
        posts = [one for one in listed if isinstance(one, Post)]
        fresh = [post for post in posts if self.is_news(post)]
        yield from fresh
        yield from (one for one in listed if isinstance(one, Deletion) and self._is_deleted(one))
        further, self.further = self.further, []
        for url in further:
            yield from self.walk(url)
        patience = patience if fresh or further else patience - 1
        if following and patience > 0 and not (self.since is not None and self.is_past(posts)):
            yield from self.walk(following, patience, resumed)

    def is_past(self, posts: Sequence[Post]) -> bool:
        """Does a page show that a list, newest first, has come to where a walk into history ends?"""
        return bool(posts) and all(post.published and self.since and post.published < self.since for post in posts)

    def opened(self, response: Response) -> Any:
        """What `page` gets of an answer: its JSON."""
        return answer(response)

    def grew(self, thread: Any, mark: Any, title: Any) -> bool:
        """Has a thread another mark than at the last visit? It and the title are remembered."""
        known = self._threads.pop(str(thread), None)
        self._threads[str(thread)] = [str(mark), str(title or "")]
        return known is None or known[0] != str(mark)

    def title(self, thread: Any) -> str:
        """The title of a thread that was listed before; "" of one that was not."""
        return self._threads.get(str(thread), ["", ""])[1]

    def is_news(self, post: Post) -> bool:
        """Was this post not read before, or not in these words?"""
        title = post.thread_title if post.position == 0 else ""  # whoever answers did not write it
        said = f"{title}\n{post.text}\n{post.quotes}\n{post.rating}".encode("utf-8", "replace")
        mark = post.key[:10] + hashlib.blake2b(said, digest_size=3).hexdigest()
        known = mark in self._seen
        self._seen.pop(post.key[:10] + GONE, None)
        self._seen.pop(mark, None)  # what still stands on the first pages is remembered longest
        self._seen[mark] = None
        return not known

    def _is_deleted(self, deletion: Deletion) -> bool:
        """Is it news that this post was deleted?"""
        gone = deletion.key[:10] + GONE
        known = gone in self._seen
        for mark in [mark for mark in self._seen if mark.startswith(deletion.key[:10])]:
            del self._seen[mark]  # if it is there again, that is news
        self._seen[gone] = None
        return not known

    def closed(self, reason: str) -> None:
        """Scrapy calls this when the visit ends."""
        self.cursor = {"seen": list(self._seen)[-SEEN_KEPT:], "todo": []}
        self.cursor["todo"] = [[self._hide(url), left] for url, left in self._todo.items()]
        for error in self.troubles if self.token else ():
            SourceError.__init__(error, self._hide(error.url), self._hide(error.message))
        if self._threads:
            self.cursor["threads"] = dict(list(self._threads.items())[-THREADS_KEPT:])

    def need(self, option: str, example: str) -> Any:
        """An option that the kind cannot do without.

        Raises:
            ConfigError: it is not there.
        """
        value = self.source.options.get(option)
        if not value:
            raise ConfigError(f"source {self.source.name!r}: write options = {{ {option} = {example} }}")
        return value

    def _hide(self, text: str) -> str:
        return text.replace(quote_plus(self.token), HIDDEN).replace(self.token, HIDDEN) if self.token else text

    @staticmethod
    def plain(markup: Any) -> str:
        """A name or title that the API gives with entities in it, as a person reads it."""
        return html_text(str(markup or ""))[0]

    def post(
        self,
        url: str,
        *,
        author: Any,
        html: Any = "",
        text: str | None = None,
        thread: str = "",
        title: Any = "",
        parent: str = "",
        **more: Any,
    ) -> Post:
        """A post of this source by its permalink.

        Args:
            html, text: what was said, as markup, or where `text` is given as plain text.
            thread: address of the thread; the post opens one if it is left out.
            title: plain text; `plain` makes it of markup.
            parent: permalink of the post that it answers.
            more: further fields of Post.
        """
        url = canonical(url)
        thread = canonical(thread) if thread else url
        said, quotes = (clean_text(text), ()) if text is not None else html_text(str(html or ""))
        return Post(
            **{
                "source": self.source.name,
                "platform": host_of(url),
                "url": url,
                "key": post_key(url),
                "thread_url": thread,
                "thread_title": clean_line(str(title or "")),
                "position": 0 if thread == url else -1,
                "author": clean_line(str(author or ""), 100),
                "text": said,
                "quotes": quotes,
                "fetched": self.now,
                "parent_key": post_key(parent) if parent else None,
                **more,
            }
        )


def answer(response: Response) -> Any:
    """The JSON of an answer.

    Raises:
        Unreadable: it is not JSON.
    """
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(response.url, "is not JSON; is this the address of the API?") from error


def moment(value: Any) -> datetime | None:
    """Seconds since 1970, or an ISO date (UTC where it names no zone), as UTC; None for anything else."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        when = datetime.fromisoformat(str(value)) if value else None
        if when is None:
            return None
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def later_of(published: datetime | None, edited: datetime | None) -> datetime | None:
    """When it was edited, if that was after it was published."""
    return edited if published and edited and edited > published else None


def query(url: str, **parameters: Any) -> str:
    """`url` with a query; parameters that are None are left out."""
    return f"{url}?{urlencode({name: value for name, value in parameters.items() if value is not None})}"


def page_number(url: str) -> int:
    """The page that an address asks for; 1 if it says none."""
    return int(dict(parse_qsl(urlsplit(url).query)).get("page", 1))


def secret(name: str) -> str:
    """A token from the environment; "" if there is none. It is never written down."""
    return os.environ.get(name, "").strip()
