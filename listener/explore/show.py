"""How things from outside are put on a page: as text and nothing else, with the words that told marked in it."""

import unicodedata
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup, escape

from listener.records import Span

IN_FEED = 700  # characters of a post in a list
IN_THREAD = 20_000  # and on its own page: a post may be a megabyte
CONTEXT = 80  # characters before the first marked words, where a post is shown in part
SCHEMES = ("http", "https", "nntp", "nntps", "news")
_JOINERS = "\u200c\u200d"  # they shape Persian, Hindi and emoji; every other invisible character goes
_MARKS = 2  # combining marks that one character may carry


def plain(text: str) -> str:
    """A text that looks like what it is: no control characters but line ends, no overrides of direction, nothing
    invisible, no towers of combining marks.

    >>> plain("a\\u202eb\\x1b[0m\\nc")
    'ab [0m\\nc'
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char == "\n":
            kept.append(char)
        elif category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category in {"Cs", "Co", "Cn"} or (category == "Cf" and char not in _JOINERS):
            continue
        else:
            marks = marks + 1 if category in {"Mn", "Me"} else 0
            if marks <= _MARKS:
                kept.append(char)
    return "".join(kept)


def line(text: str, limit: int = 160) -> str:
    """The text in one line, of at most `limit` characters."""
    one = " ".join(plain(text[: limit * 4]).split())
    return one if len(one) <= limit else one[: limit - 1].rstrip() + "…"


def marked(text: str, spans: Mapping[str, Iterable[Span]], limit: int = IN_THREAD, around: bool = False) -> Markup:
    """The text with its spans in <mark class="…">; everything else in it is escaped.

    Args:
        spans: class → half-open ranges of code points; where two overlap, a mark carries both classes.
        limit: characters that are shown; then an ellipsis.
        around: where the text is longer than `limit`, begin shortly before the first span instead of at its beginning.
    """
    ranges = [(max(0, a), min(b, len(text)), name) for name, given in spans.items() for a, b in given]
    ranges = [one for one in ranges if one[0] < one[1]]
    start = 0
    if around and len(text) > limit and ranges:
        first = min(a for a, _, _ in ranges)
        start = first - CONTEXT if first > limit - CONTEXT else 0
    end = min(len(text), start + limit)
    cuts = sorted({start, end, *(cut for a, b, _ in ranges for cut in (a, b) if start < cut < end)})
    parts = [Markup("… ") if start else Markup()]
    for a, b in pairwise(cuts):
        piece = escape(plain(text[a:b]))
        names = sorted({name for x, y, name in ranges if x <= a and b <= y})
        parts.append(Markup('<mark class="{}">{}</mark>').format(" ".join(names), piece) if names else piece)
    return Markup().join([*parts, Markup(" …") if end < len(text) else Markup()])


def out(url: str) -> str:
    """The address if a page may lead there, else ""."""
    if any(char.isspace() or not char.isprintable() for char in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in SCHEMES else ""


def site_of(url: str) -> str:
    """The host, for a link that has no better name."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def query(given: Mapping[str, Any], **changed: Any) -> str:
    """A query string of what is set in `given`, with `changed` in place; "" without any, else "?…"."""
    merged: dict[str, Any] = {**given, **changed}
    pairs = [
        (name, one)
        for name, value in merged.items()
        for one in (value if isinstance(value, (list, tuple)) else (value,))
        if one not in ("", None, False)
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def actor_name(actor: Mapping[str, Any]) -> str:
    """Whoever is signed in, as they named themselves."""
    return str(actor.get("id", ""))


FILTERS: Mapping[str, Any] = {"plain": plain, "line": line, "marked": marked, "out": out, "site_of": site_of}
FUNCTIONS: Mapping[str, Any] = {"qs": query}
