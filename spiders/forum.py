"""Any web forum: walks boards and threads with the page objects of spiders/pages.

Options: engine (name of a page object, if it is not recognised), time_zone of the site's dates, boards (titles or
addresses of the only boards wanted), cookie (sent as it is: "over18=1" where a site asks for the reader's age, which is
the operator's to answer), max_pages of one visit.

Cursor: threads = {id: [mark, last page, its first position or -1, last native id]}, boards = {address: mark},
todo = [[address, thread id or "", first position, title, mark]] of what the last visit had no time for.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse

from listener.errors import SourceError, Unreadable
from listener.gather.text import holds_quotes, mail_text
from listener.records import Post
from listener.urls import canonical, host_of, post_key
from spiders.base import SourceSpider, Yield
from spiders.pages import engine_for
from spiders.pages import read_thread as posts_of
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage

THREADS_KEPT = 5000  # threads remembered; one that falls off is read from its first page when it grows again
TODO_KEPT = 2000


class ForumSpider(SourceSpider):
    """Reads what is new: boards whose mark moved, in them threads whose mark moved, in those the page that grew on."""

    name = "forum"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        if cookie := str(self.source.options.get("cookie", "")):
            self.headers["Cookie"] = cookie
        self._threads: dict[str, list[Any]] = dict(self.cursor.get("threads", {}))
        self._boards: dict[str, str] = dict(self.cursor.get("boards", {}))
        self._todo: list[list[Any]] = []
        self._incomplete: set[str] = set()
        self._wanted = {str(board).lower() for board in self.source.options.get("boards", ())}

    def first(self) -> Iterable[Request]:
        yield from self.ask(self.source.url, self.read, board=self.source.url)
        backlog = list(self.cursor.get("todo", ()))
        share = max(self.left // 2, 1)  # the other half of the visit is for what is new
        self._todo = backlog[share:]
        for url, thread, position, title, mark in backlog[:share]:
            if thread:
                link = ThreadLink(thread, url, title, mark)
                yield from self._ask_thread(link, url, position if position >= 0 else None, board="")
            else:
                yield from self._ask_board(url, "")

    def read(self, response: Response, board: str = "") -> Yield:
        """A board, an index of boards, or (only as the source's own address) a thread."""
        engine, page = self._open(response)
        found: BoardPage = engine.read_board(page)
        if not found.boards and not found.threads:
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
            yield from self._ask_board(found.next, "", board=board)
        for link in changed:
            _, last_page, position, _ = self._threads.get(link.id, ["", link.url, 0, ""])
            yield from self._ask_thread(link, last_page, position if position >= 0 else None, board)

    def read_thread(
        self, response: Response, link: ThreadLink, position: int | None, board: str, on: bool, again: bool
    ) -> Yield:
        """One page of a thread; goes on to the next, and books the thread's mark after the last."""
        engine, page = self._open(response)
        found = posts_of(page, engine)
        if not found.posts:
            raise Unreadable(response.url, f"no posts found on a thread page ({engine.NAME})")
        known = self._threads.get(link.id)
        resumed = known is not None and known[1] == response.url != link.url and not on
        if known is not None and resumed and known[3] not in {block.native_id for block in found.posts}:
            # Posts before this page were deleted or moved: what was its end is now somewhere else.
            yield from self._ask_thread(link, link.url, 0, board, on=True, again=True)
            return
        first = found.first_position if found.first_position is not None else position
        for number, block in enumerate(found.posts):
            yield self._post(found, block, link, -1 if first is None else first + number)
        following = None if first is None else first + len(found.posts)
        if found.next and found.next != response.url:
            yield from self._ask_thread(link, found.next, following, board, on=True, again=again)
            return
        self._threads.pop(link.id, None)
        self._threads[link.id] = [link.mark, response.url, -1 if first is None else first, found.posts[-1].native_id]

    def _start_is_thread(self, engine: ModuleType, page: Page) -> Yield:
        found: ThreadPage = engine.read_thread(Page(page.html, page.url, page.now, page.zone))
        if not found.posts:
            if engine.NAME == "generic" or self._threads:
                raise Unreadable(page.url, f"neither boards nor threads nor posts found on this page ({engine.NAME})")
            return
        link = ThreadLink(found.url, page.url, found.title)
        known = self._threads.get(link.id, ["", page.url, 0, ""])
        if known[1] == page.url:  # what was just read is the page that may have grown
            for number, block in enumerate(found.posts):
                yield self._post(found, block, link, number)
            self._threads[link.id] = ["", page.url, 0, found.posts[-1].native_id]
            known = self._threads[link.id]
            if found.next:
                yield from self._ask_thread(link, found.next, len(found.posts), "", on=True)
        else:
            yield from self._ask_thread(link, known[1], known[2] if known[2] >= 0 else None, "")

    def _open(self, response: Response) -> tuple[ModuleType, Page]:
        if not isinstance(response, TextResponse):
            raise Unreadable(response.url, "is not a web page")
        page = Page(response.text, response.url, self.now, self.zone)
        return engine_for(page, str(self.source.options.get("engine", ""))), page

    def _ask_board(self, url: str, mark: str, board: str = "") -> Iterator[Request]:
        board = board or url
        if mark:
            self._boards[url] = mark
        later = partial(self._later, [url, "", -1, "", ""], board)
        yield from self.ask(url, self.read, partial(self._failed, later, board), later, board=board)

    def _ask_thread(
        self, link: ThreadLink, url: str, position: int | None, board: str, on: bool = False, again: bool = False
    ) -> Iterator[Request]:
        """`on`: a further page of a thread that is being read. `again`: of one that is read anew from page one."""
        wanted = [url, link.id, -1 if position is None else position, link.title, link.mark]
        later = partial(self._later, wanted, board)
        failed = partial(self._failed, later, board)
        about: dict[str, Any] = {"link": link, "position": position, "board": board, "on": on, "again": again}
        yield from self.ask(url, self.read_thread, failed, later, priority=1, anew=again, **about)

    def _later(self, wanted: list[Any], board: str) -> None:
        self._incomplete.add(board)
        if wanted not in self._todo and len(self._todo) < TODO_KEPT:
            self._todo.append(wanted)

    def _failed(self, later: Callable[[], None], board: str, error: SourceError) -> None:
        self._incomplete.add(board)
        if error.state == "late":  # it may well be there next time
            later()

    def closed(self, reason: str) -> None:
        """Scrapy calls this when the visit ends: boards that were not read to their end are asked again."""
        for board in self._incomplete:
            self._boards.pop(board, None)
        newest = dict(list(self._threads.items())[-THREADS_KEPT:])
        self.cursor = {"threads": newest, "boards": self._boards, "todo": self._todo}

    def _mark(self, link: ThreadLink) -> str | None:
        known = self._threads.get(link.id)
        return known[0] if known else None

    def _wants(self, title: str, url: str) -> bool:
        return not self._wanted or title.lower() in self._wanted or url.lower() in self._wanted

    def _post(self, found: ThreadPage, block: PostBlock, link: ThreadLink, position: int) -> Post:
        thread_url = canonical(found.url)
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
