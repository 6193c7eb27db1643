"""What a page object makes of a page. HTML in, these out; no I/O, no clock."""

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Literal
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from listener.errors import Unreadable
from listener.gather.text import Quotes
from spiders.pages.dates import Dated, month_first, node_date

DEEPEST = 500  # elements within elements; real pages stay under a hundred
_PIECE = 2000  # characters
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_SHALLOW = frozenset(  # these close themselves, or each other
    "area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr track wbr"
    " a".split()
)


_CROWDED = re.compile(  # each attribute is compared with all before it when a tree is built
    r"""<[a-zA-Z][^\s>]{0,60}+(?:\s++[^\s>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?){256}"""
)
_LARGE = 50_000  # characters; in less than that no tag has enough attributes to matter


def _too_deep(html: str) -> bool:
    """Told from the tags alone, before a tree is built; scripts may add a few.

    Most pages are cleared by counting: no deeper than the tags that open, less those that closed pieces before.
    """
    bound = 0
    for start in range(0, len(html), _PIECE):
        closing = html.count("</", start, start + _PIECE)
        opening = html.count("<", start, start + _PIECE) - closing
        if bound + opening > DEEPEST:
            break
        bound = max(bound - closing, 0) + opening
    else:
        return False
    depth = 0
    for closes, name in _TAG.findall(html):
        if name.lower() not in _SHALLOW:
            depth = max(depth - 1, 0) if closes else depth + 1
            if depth > DEEPEST:
                return True
    return False


@dataclass(frozen=True)
class Page:
    """A page as it was fetched. `now` (UTC) and `zone` are for dates that depend on them."""

    html: str
    url: str
    now: datetime
    zone: tzinfo

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """Parsed once. Readers of threads cut quotes out of it, so a board is read before a thread.

        Raises:
            Unreadable: nested so deep, or with so many attributes on one element, that it would take seconds.
        """
        if _too_deep(self.html):
            raise Unreadable(self.url, f"its elements are nested more than {DEEPEST} deep, which no forum's are")
        if len(self.html) > _LARGE and _CROWDED.search(self.html):
            raise Unreadable(self.url, "an element has hundreds of attributes, which no forum's has")
        return LexborHTMLParser(self.html)

    @cached_property
    def base(self) -> str:
        """What relative links start from: <base href>, as long as it stays on the page's own host."""
        node = self.tree.css_first("base[href]")
        try:
            base = urljoin(self.url, (node.attributes.get("href") or "") if node is not None else "")
            return base if urlsplit(base).netloc == urlsplit(self.url).netloc else self.url
        except ValueError:
            return self.url

    @cached_property
    def root(self) -> str:
        """Scheme and host of `base`, for links that begin with a slash."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def day_first(self) -> bool | None:
        """How the page's dates in digits are to be read: by those that can mean one thing only, else by its language.

        None if neither tells: English without a country, and Chinese, Japanese and Korean, which begin with the year.
        """
        first = month_first(self.html)
        if first is not None:
            return not first
        root = self.tree.root
        language = ((root.attributes.get("lang") if root is not None else "") or "").lower().replace("_", "-")
        if language in ("en-us", "en-ph", "es-us", "fil"):
            return False
        return None if language[:2] in ("", "en", "zh", "ja", "ko") and language != "en-gb" else True

    def order(self) -> bool | None:
        """`day_first`, found out when a date asks for it."""
        return self.day_first

    def date(self, node: LexborNode | None) -> Dated:
        """The date that an element shows, read as this page's dates are."""
        return node_date(node, self.now, self.zone, self.order)


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
