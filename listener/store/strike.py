"""Striking a person's name out of other people's words, without losing the spans that point into them. Pure."""

import re
from collections.abc import Iterable
from functools import partial

from listener.fold import fold
from listener.records import Span
from listener.store.search import HAN_CLASS

REMOVED = "[removed]"
_HAN = re.compile(f"[{HAN_CLASS}]")


def may_strike(name: str, brand_words: Iterable[str] = ()) -> bool:
    """Whether a name can be struck out without harm to other words.

    Not so for names of one or two letters or a single Han character, nor for what is a brand's own word (somebody
    who calls himself Wagtail in a forum about Wagtail): that would take the words out of everybody's mouth.
    """
    name = fold(name).strip()
    enough = len(name) >= (2 if _HAN.search(name) else 3) and any(map(str.isalnum, name))
    return enough and name not in {fold(word).strip() for word in brand_words}


def pattern(name: str) -> re.Pattern[str]:
    """Finds the name in folded text: width, case and Traditional or Simplified do not matter.

    As a whole word, where a word has ends: between two Han characters, or a Han and a Latin one, it has none.
    """
    name = fold(name).strip()
    inner = re.escape(name)
    letter = f"(?:(?![{HAN_CLASS}])\\w)"
    before = f"(?<!{letter})" if _plain(name[:1]) else ""
    after = f"(?!{letter})" if _plain(name[-1:]) else ""
    return re.compile(before + inner + after)


def _plain(one: str) -> bool:
    return re.match(r"\w", one) is not None and not _HAN.match(one)


def places(name: re.Pattern[str], text: str) -> tuple[Span, ...]:
    """Where the name stands in the text (fold keeps every position)."""
    return tuple(found.span() for found in name.finditer(fold(text)))


def strike(text: str, at: Iterable[Span], by: str = REMOVED) -> str:
    """The text with these places (ascending, apart) replaced."""
    parts, done = [], 0
    for start, end in at:
        parts += [text[done:start], by]
        done = end
    return "".join([*parts, text[done:]])


def moved(spans: Iterable[Span], at: Iterable[Span], by: str = REMOVED) -> tuple[Span, ...]:
    """Spans into the old text as spans into the struck one; one that lay inside a struck place covers the mark."""
    shift = partial(_position, tuple(at), len(by))
    return tuple((shift(start, False), shift(end, True)) for start, end in spans)


def _position(at: tuple[Span, ...], length: int, position: int, is_end: bool) -> int:
    offset = 0
    for start, end in at:
        if position >= end:
            offset += length - (end - start)
        elif position > start or (position == start and not is_end):
            return start + offset + (length if is_end else 0)
        else:
            break
    return position + offset
