"""What a page declares of its posts in JSON-LD (schema.org: DiscussionForumPosting, QAPage, Comment, Answer).

Microdata needs no reader of its own: it stands on the elements, where the generic reader looks for it first.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from listener.gather.text import Quotes, clean_line, html_text
from spiders.pages.dates import parse_date
from spiders.pages.thread import Page, PostBlock

_POSTS = frozenset("DiscussionForumPosting SocialMediaPosting Question Answer Comment Review".split())
_LIMIT = 2_000_000  # characters of JSON that are looked at
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Declared:
    """A post as JSON-LD tells it."""

    author: str
    text: str
    quotes: Quotes
    published: datetime | None
    precision: Literal["minute", "day"]
    url: str

    def block(self) -> PostBlock:
        """As a post on a page."""
        fragment = self.url.rpartition("#")[2] if "#" in self.url else ""
        return PostBlock(fragment, self.url, self.author, self.text, self.published, self.precision, quotes=self.quotes)


def declared(page: Page) -> tuple[Declared, ...]:
    """Posts in the order in which they are declared, each once. Broken JSON declares nothing."""
    found: dict[str, Declared] = {}
    for script in page.tree.css("script[type='application/ld+json']"):
        text = script.text()
        if len(text) > _LIMIT or not any(kind in text for kind in _POSTS):
            continue
        try:
            _walk(page, json.loads(text, strict=False), found, 0)
        except (ValueError, RecursionError):
            continue
    return tuple(found.values())


def _walk(page: Page, item: Any, found: dict[str, Declared], depth: int) -> None:
    if depth > _DEPTH:
        return
    if isinstance(item, list):
        for inner in item:
            _walk(page, inner, found, depth + 1)
        return
    if not isinstance(item, dict):
        return
    kinds = item.get("@type")
    if not _POSTS.isdisjoint(kinds if isinstance(kinds, list) else [str(kinds)]):
        words = item.get("text") or item.get("articleBody") or ""
        if isinstance(words, str) and words.strip():
            text, quotes = html_text(words)
            when = str(item.get("datePublished") or item.get("dateCreated") or "")
            published, precision = parse_date(when, page.now, page.zone)
            url = item.get("url")
            one = Declared(
                _name(item.get("author")), text, quotes, published, precision, url if isinstance(url, str) else ""
            )
            found.setdefault(text[:200], one)
    for inner in item.values():
        if isinstance(inner, (dict, list)):
            _walk(page, inner, found, depth + 1)


def _name(author: Any) -> str:
    if isinstance(author, list):
        author = author[0] if author else ""
    if isinstance(author, dict):
        author = author.get("name")
    return clean_line(author, 100) if isinstance(author, str) else ""
