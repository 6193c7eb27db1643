"""Any web forum: walks boards and threads with the page objects of spiders/pages.

Options: engine (name of a page object, if it is not recognised), time_zone of the site's dates, boards (titles or
addresses of the only boards wanted), cookie (sent as it is: "over18=1" where a site asks for the reader's age, which is
the operator's to answer), max_pages of one visit.

Cursor: threads = {id: [mark, last page, its first position or -1, last native id, posts on it]}, boards = {address:
mark}, sizes = {address of a board: how many boards and threads stood on its first page}, todo = [[address, thread id or
"", first position, title, mark]] of what the last visit had no time for.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from types import ModuleType
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse

from listener.errors import SourceError, Unreadable
from listener.gather.poll import SUDDENLY_EMPTY
from listener.gather.text import holds_quotes, mail_text
from listener.records import Post, Reading
from listener.urls import canonical, host_of, post_key
from spiders.base import SourceSpider, Yield
from spiders.pages import engine_for
from spiders.pages import read_thread as posts_of
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage

THREADS_KEPT = 5000  # threads remembered; one that falls off is read from its first page when it grows again
BACKLOG_KEPT = 2000
_thread_url = lru_cache(maxsize=64)(canonical)  # the same for all posts of a page


class ForumSpider(SourceSpider):
    """Reads what is new: boards whose mark moved, in them threads whose mark moved, in those the page that grew on."""

    name = "forum"
    goes_back = "all boards, to their last page"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        if cookie := str(self.source.options.get("cookie", "")):
            self.headers["Cookie"] = cookie
        self._threads: dict[str, list[Any]] = dict(self.cursor.get("threads", {}))
        self._boards: dict[str, str] = dict(self.cursor.get("boards", {}))
        self._sizes: dict[str, int] = dict(self.cursor.get("sizes", {}))
        self._todo: list[list[Any]] = []
        # What an earlier visit left of a thread is read from there on, and not a second time from its first page.
        self._pending = {(thread, mark) for _, thread, _, _, mark in self.cursor.get("todo", ())}
        self._incomplete: set[str] = set()
        self._present: dict[str, list[str] | None] = {}  # keys of threads that are being read from their first page on
        self._ended: dict[str, list[bool]] = {}  # of a walk: page of a board → was each of its threads over by then?
        self._hosts = {_site(self.source.url)}
        self._wanted = {str(board).lower() for board in self.source.options.get("boards", ())}

    def ask(self, url: str, *about: Any, **more: Any) -> Iterator[Request]:
        """As every spider asks, but never beyond the forum's own host: a post or a crafted page may link anywhere."""
        if _site(url) in self._hosts:
            yield from super().ask(url, *about, **more)

    def first(self) -> Iterable[Request]:
        backlog = list(self.cursor.get("todo", ()))
        share = max(self.left // 2, 1)  # the other half of the visit is for what is new
        if self.walks_on:
            share = self.left
        else:
            yield from self.ask(self.source.url, self.read, board=self.source.url)
        self._todo = backlog[share:]
        for url, thread, position, title, mark in backlog[:share]:
            if thread:
                link = ThreadLink(thread, url, title, mark)
                yield from self._ask_thread(link, url, position if position >= 0 else None, board="")
            else:
                yield from self._ask_board(url, "")

    def read(self, response: Response, board: str = "", before: str = "") -> Yield:
        """A board, an index of boards, or (only as the source's own address) a thread."""
        engine, page = self._open(response)
        if board == self.source.url:
            self._hosts.add(_site(response.url))  # where the forum itself sends its readers
        found: BoardPage = engine.read_board(page)
        if (ended := self._ended.get(before)) and all(ended):
            return  # threads stand by their last post: what follows a page of old ones is older still
        listed_here = len(found.boards) + len(found.threads)
        if not before and self._sizes.get(board, 0) >= SUDDENLY_EMPTY and not listed_here:
            had = self._sizes[board]
            raise Unreadable(response.url, f"a board without threads, where {had} stood before ({engine.NAME})")
        if not before and listed_here:
            self._sizes[board] = listed_here
        if not listed_here:
            if board == self.source.url:
                yield from self._start_is_thread(engine, page)
            return
        for listed in found.boards:
            if self._wants(listed.title, listed.url) and (
                not listed.mark or self._boards.get(listed.url) != listed.mark
            ):
                yield from self._ask_board(listed.url, listed.mark)
        changed = [link for link in found.threads if not link.mark or self._mark(link) != link.mark]
        # Threads stand by their last post, save for pinned ones: the first that did not change ends the news.
        listed_by_time = [link for link in found.threads if not link.sticky]
        if found.next and (not listed_by_time or listed_by_time[-1] in changed):
            yield from self._ask_board(found.next, "", board=board, before=response.url)
        for link in changed:
            if link.mark and (link.id, link.mark) in self._pending:
                continue
            _, last_page, position, *_ = self._threads.get(link.id, ["", link.url, 0])
            yield from self._ask_thread(
                link, last_page, position if position >= 0 else None, board, listed=response.url
            )

    def read_thread(
        self, response: Response, link: ThreadLink, position: int | None, board: str, on: bool, again: bool, listed: str
    ) -> Yield:
        """One page of a thread; goes on to the next, and books the thread's mark after the last."""
        engine, page = self._open(response)
        found = posts_of(page, engine)
        if not found.posts:
            raise Unreadable(response.url, f"no posts found on a thread page ({engine.NAME})")
        known = self._threads.get(link.id)
        asked = response.request.url if response.request is not None else response.url
        # By what was asked for: a page that is there no more may lead to the one before it.
        resumed = known is not None and known[1] == asked != link.url and not on
        if known is not None and resumed and _shifted(known, found):
            # Posts were deleted, or came in by a merger: what was the thread's end is now somewhere else.
            yield from self._ask_thread(link, link.url, 0, board, on=True, again=True, listed=listed)
            return
        first = found.first_position if found.first_position is not None else position
        if not on or (again and position == 0):
            self._present[link.id] = [] if not resumed and position == first == 0 else None
        posts = [
            self._post(found, block, link, -1 if first is None else first + number)
            for number, block in enumerate(found.posts)
        ]
        yield from posts
        if (present := self._present.get(link.id)) is not None:
            present += [post.key for post in posts]
        following = None if first is None else first + len(found.posts)
        if found.next and found.next != response.url:
            yield from self._ask_thread(link, found.next, following, board, on=True, again=again, listed=listed)
            return
        if self.since is not None and listed and not link.sticky:
            last = max((block.published for block in found.posts if block.published), default=None)
            self._ended.setdefault(listed, []).append(last is not None and last < self.since)
        self._book(link, response.url, -1 if first is None else first, found)
        if present and self.since is None:
            yield Reading(self.source.name, posts[-1].thread_url, tuple(present), self.now)

    def _book(self, link: ThreadLink, url: str, first: int, found: ThreadPage) -> None:
        """Remember a thread that was read to its end, `found`."""
        self._threads.pop(link.id, None)
        self._threads[link.id] = [link.mark, url, first, found.posts[-1].native_id, len(found.posts)]

    def _start_is_thread(self, engine: ModuleType, page: Page) -> Yield:
        found: ThreadPage = engine.read_thread(Page(page.html, page.url, page.now, page.zone))
        if not found.posts:
            if engine.NAME == "generic" or self._threads:
                raise Unreadable(page.url, f"neither boards nor threads nor posts found on this page ({engine.NAME})")
            return
        link = ThreadLink(found.url, page.url, found.title)
        known = self._threads.get(link.id, ["", page.url, 0])
        if known[1] == page.url:  # what was just read is the page that may have grown
            posts = [self._post(found, block, link, number) for number, block in enumerate(found.posts)]
            yield from posts
            self._book(link, page.url, 0, found)
            present = [post.key for post in posts]
            if not found.next:
                yield Reading(self.source.name, posts[-1].thread_url, tuple(present), self.now)
            else:
                self._present[link.id] = present
                yield from self._ask_thread(link, found.next, len(found.posts), "", on=True)
        else:
            yield from self._ask_thread(link, known[1], known[2] if known[2] >= 0 else None, "")

    def _open(self, response: Response) -> tuple[ModuleType, Page]:
        if not isinstance(response, TextResponse):
            raise Unreadable(response.url, "is not a web page")
        page = Page(response.text, response.url, self.now, self.zone)
        return engine_for(page, str(self.source.options.get("engine", ""))), page

    def _ask_board(self, url: str, mark: str, board: str = "", before: str = "") -> Iterator[Request]:
        """`before`: the page of the board that led here."""
        board = board or url
        if mark:
            self._boards[url] = mark
        later = partial(self._later, [url, "", -1, "", ""], board)
        failed = partial(self._failed, later, board, url, bool(before))
        yield from self.ask(url, self.read, failed, later, board=board, before=before)

    def _ask_thread(
        self,
        link: ThreadLink,
        url: str,
        position: int | None,
        board: str,
        on: bool = False,
        again: bool = False,
        listed: str = "",
    ) -> Iterator[Request]:
        """`on`: a further page of a thread that is being read. `again`: of one that is read anew from page one.

        `listed`: the page of the board that lists it.
        """
        wanted = [url, link.id, -1 if position is None else position, link.title, link.mark]
        later = partial(self._later, wanted, board)

        def failed(error: SourceError) -> None:
            self._failed(later, board, url, True, error)
            if error.state == "gone" and not on and url != link.url:
                # What was its last page is there no more; the thread may well be, and is read anew.
                self._threads.pop(link.id, None)
                self._later([link.url, link.id, 0, link.title, link.mark], board)
            elif error.state == "gone" and not on:  # the thread; what was moved out of it is read where it is now
                self.basket.pool.add(Reading(self.source.name, canonical(link.url), (), self.now))

        about: dict[str, Any] = {"link": link, "position": position, "board": board, "on": on, "again": again}
        about["listed"] = listed
        yield from self.ask(url, self.read_thread, failed, later, priority=1, anew=again, **about)

    def _later(self, wanted: list[Any], board: str) -> None:
        self._incomplete.add(board)
        if wanted not in self._todo and len(self._todo) < BACKLOG_KEPT:
            self._todo.append(wanted)

    def _failed(self, later: Callable[[], None], board: str, url: str, deep: bool, error: SourceError) -> None:
        """`deep`: a page that is not come by again with the next visit, as the first one of a board is."""
        self._incomplete.add(board)
        tried = any(url == left[0] for left in self.cursor.get("todo", ()))
        if self.try_again(error, tried) if deep or tried else error.state == "late":
            later()

    def closed(self, reason: str) -> None:
        """Scrapy calls this when the visit ends: boards that were not read to their end are asked again."""
        for board in self._incomplete:
            self._boards.pop(board, None)
        newest = dict(list(self._threads.items())[-THREADS_KEPT:])
        self.cursor = {"threads": newest, "boards": self._boards, "todo": self._todo, "sizes": self._sizes}

    def _mark(self, link: ThreadLink) -> str | None:
        known = self._threads.get(link.id)
        return known[0] if known else None

    def _wants(self, title: str, url: str) -> bool:
        return not self._wanted or title.lower() in self._wanted or url.lower() in self._wanted

    def _post(self, found: ThreadPage, block: PostBlock, link: ThreadLink, position: int) -> Post:
        thread_url = _thread_url(found.url)
        url = canonical(block.url) if block.url else thread_url
        native = block.native_id or f"{thread_url}\n{block.author}\n{block.published}\n{block.text[:200]}"
        text, quotes = block.text, block.quotes
        if holds_quotes(text):  # by hand, line by line, as in mail
            text, by_hand = mail_text(text)
            quotes += by_hand
        return Post(
            source=self.source.name,
            platform=host_of(url),
            url=url,
            key=post_key(url) if block.url else post_key(source=self.source.name, native_id=native),
            thread_url=thread_url,
            thread_title=found.title or link.title,
            position=position,
            author=block.author,
            text=text,
            fetched=self.now,
            published=block.published,
            published_precision=block.precision,
            edited=block.edited,
            native_id=block.native_id or None,
            author_url=block.author_url,
            quotes=quotes,
            language=found.language,
            likes=block.likes,
        )


def _site(url: str) -> str:
    """The host of an address without "www.", "" for what is no address."""
    try:
        return host_of(url).removeprefix("www.")
    except ValueError:
        return ""


def _shifted(known: list[Any], found: ThreadPage) -> bool:
    """Does what was a thread's last post not stand any more where it stood on its page?"""
    last, count = known[3], known[4] if len(known) > 4 else None
    places = [number for number, block in enumerate(found.posts) if block.native_id == last]
    return not places or (bool(last) and count is not None and places[-1] != count - 1)
