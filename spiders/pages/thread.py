"""What a page object makes of a page. HTML in, these out; no I/O, no clock."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Literal

from selectolax.lexbor import LexborHTMLParser

from listener.gather.text import Quotes


@dataclass(frozen=True)
class Page:
    """A page as it was fetched. `now` (UTC) and `zone` are for dates that depend on them."""

    html: str
    url: str
    now: datetime
    zone: tzinfo

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """Parsed once. Readers of threads cut quotes out of it, so a board is read before a thread."""
        return LexborHTMLParser(self.html)


@dataclass(frozen=True, slots=True)
class PostBlock:
    """One post on a thread page.

    Attributes:
        native_id: unique on the site; "" if the engine shows none.
        url: permalink; "" if there is none.
        text: without quotes and signature.
        published: UTC, None if the page does not say.
    """

    native_id: str
    url: str
    author: str
    text: str
    published: datetime | None = None
    precision: Literal["minute", "day"] = "minute"
    edited: datetime | None = None
    author_url: str | None = None
    quotes: Quotes = ()
    likes: int | None = None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of a thread.

    Attributes:
        url: of the thread itself, the same on all its pages.
        first_position: position of the first post of this page in the thread; None if the page does not tell.
        next: address of the next page, "" on the last.
    """

    url: str
    title: str
    posts: tuple[PostBlock, ...]
    next: str = ""
    first_position: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A thread as a board lists it. `mark` changes when the thread gets a post; "" if the board does not tell."""

    id: str
    url: str
    title: str
    mark: str = ""
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class BoardLink:
    """A board as an index lists it. `mark` as in ThreadLink."""

    url: str
    title: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of a board or of an index of boards; `next` as in ThreadPage."""

    boards: tuple[BoardLink, ...] = field(default=())
    threads: tuple[ThreadLink, ...] = field(default=())
    next: str = ""
