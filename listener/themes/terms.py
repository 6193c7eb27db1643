"""The words of a text that can tell what it is about, in both languages, each with its place.

English words are folded and cut to a stem ("crashes", "crashing" → "crash"); Chinese is cut into words by rjieba on
Simplified text, and a character that is left alone is also taken together with what stands before it, for new names
and slang are in no dictionary. Links, addresses, @names, figures and words that say nothing are left out.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import rjieba

from listener.fold import fold

MAX_CHARS = 2_000  # of a text that are looked at; what a long post is about stands at its front

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_UNTOLD = re.compile(  # links, addresses of people, @names; each alternative is linear
    r"(?:https?://|www\.)\S+|(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+|@[\w.-]+"
)
_WORD = re.compile(rf"[^\W\d_{_HAN}]+(?:'[^\W\d_{_HAN}]+)?")
_RUN = re.compile(f"[{_HAN}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST = 24  # letters; more is no word


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text.

    Attributes:
        key: what it counts as, the same for all its forms.
        start, end: where it stands, half-open code points of the text.
    """

    key: str
    start: int
    end: int


def terms(text: str) -> list[Term]:
    """The telling words of a text, in order.

    >>> [term.key for term in terms("The lids are leaking. 充電器很燙")]
    ['lid', 'leak', '充电器']
    """
    folded = _UNTOLD.sub(lambda found: " " * len(found[0]), fold(text[:MAX_CHARS]))
    found = [
        Term(stem(word), match.start(), match.end())
        for match in _WORD.finditer(folded)
        if 3 <= len(word := match[0]) <= _LONGEST and word not in _common()
    ]
    if not folded.isascii() and _RUN.search(folded):
        found += _chinese(_SURROGATE.sub(" ", folded))
        found.sort(key=lambda term: term.start)
    return found


def _chinese(folded: str) -> Iterator[Term]:
    at = 0
    before = -1  # where a word begins that a single character behind it may belong to: 熊猫|杯
    for token in rjieba.cut(folded):
        start, at = at, at + len(token)
        if not _RUN.fullmatch(token) or token in _common():
            before = -1
            continue
        if len(token) > 1:
            yield Term(sys.intern(token), start, at)
        elif before >= 0:
            yield Term(sys.intern(folded[before:at]), before, at)
        before = start


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without the endings of number, time and person; enough to group by, not to be read.

    >>> [stem(word) for word in ("batteries", "crashed", "crashing", "crashes", "stopped", "glass")]
    ['battery', 'crash', 'crash', 'crash', 'stop', 'glass']
    """
    word = word.removesuffix("'s").removesuffix("'")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        body = word.removesuffix(ending)
        if body != word and len(body) >= 3 and re.search("[aeiouy]", body):
            word = body[:-1] if len(body) > 3 and body[-1] == body[-2] and body[-1] not in "lsz" else body
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def is_han(key: str) -> bool:
    """Whether a word is one of Han characters."""
    return _RUN.match(key) is not None


@cache
def _common() -> frozenset[str]:
    lines = files("listener.themes").joinpath("common.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
