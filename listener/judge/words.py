"""Words, sentences and clauses in folded text, for scripts with and without spaces; and one fast look-up of literals.

Everything here works on text that went through `listener.fold.fold`, so positions are those of the text as written.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, MatchKind

from listener.records import Span

# Scripts written without spaces between words: Han, kana, bopomofo, and hangul (whose particles stick to names).
CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
PLAIN = rf"[^\W_{CJK}]"  # one letter or digit of a script that puts spaces between words

WRAPPED = 55  # a line this long that goes on with a letter was broken by a program, as in mail and Usenet

_PLAIN = re.compile(PLAIN)
_WORD = re.compile(rf"{PLAIN}+|[{CJK}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(r"\s")
_SENTENCE_END = re.compile(
    r"""[.…~]+["')\]]*(?=\s|$)"""  # Latin full stop: not inside 3.5 or example.com
    r"""|[!?。]+["'”」』)\]]*"""
    r"""|\n""",
)
_CLAUSE_END = re.compile(
    r",(?!\d)|[;、]|:(?=\s)|\s[-–—]+\s|[—(){}\[\]]|\s(?=(?:but|while|whereas|although|though|however|yet|unlike)\s)"
    r"|(?=但是|可是|不过|然而|反观|反而是|至于|相较|相比|但(?!愿))"
)


def joined(before: str, after: str) -> bool:
    """Are these two neighbouring characters inside one word? Only letters of spaced scripts are.

    >>> joined("a", "b"), joined("a", "客"), joined("客", "服"), joined("a", "'")
    (True, False, False, False)
    """
    if before.isascii() and after.isascii():
        return before.isalnum() and after.isalnum()
    return _PLAIN.match(before) is not None and _PLAIN.match(after) is not None


def whole(folded: str, start: int, end: int, prefix: bool = False) -> bool:
    """Does no word go on beyond this span? With `prefix`, it may go on at the end."""
    if start and joined(folded[start - 1], folded[start]):
        return False
    return prefix or end >= len(folded) or not joined(folded[end - 1], folded[end])


def word_starts(folded: str) -> list[int]:
    """Where each word begins; every Han character counts as a word."""
    return [match.start() for match in _WORD.finditer(folded)]


def sentence_ends(folded: str) -> list[int]:
    """End positions of the sentences, ascending; the last is len(folded)."""
    ends: list[int] = []
    line = 0
    for match in _SENTENCE_END.finditer(folded):
        end = match.end()
        if match[0] == "\n":
            wrapped = end - line > WRAPPED and _PLAIN.match(folded, end)
            line = end
            if wrapped:
                continue
        ends.append(end)
    if not ends or ends[-1] < len(folded):
        ends.append(len(folded))
    return ends


def clause_ends(folded: str) -> list[int]:
    """End positions of the clauses, ascending; every sentence end is among them."""
    ends = {match.end() for match in _CLAUSE_END.finditer(folded)} | set(sentence_ends(folded))
    return sorted(ends - {0}) or [len(folded)]


def spans_between(ends: Sequence[int]) -> tuple[Span, ...]:
    """The stretches that end at `ends`, the first from 0.

    >>> spans_between([3, 8])
    ((0, 3), (3, 8))
    """
    return tuple(zip((0, *ends[:-1]), ends, strict=True))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, those that overlap made one.

    >>> merged([(4, 6), (0, 2), (1, 3)])
    ((0, 3), (4, 6))
    """
    kept: list[Span] = []
    for start, end in sorted(spans):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return tuple(kept)


def blanks_to_spaces(folded: str) -> str:
    """Every white space character becomes one space, so that a phrase is found across a line break."""
    return _BLANK.sub(" ", folded) if "\n" in folded or "\t" in folded or "\xa0" in folded else folded


class Literals:
    """Many literals found in one pass: an Aho-Corasick automaton over code points.

    Args:
        literals: folded, not empty, each once.
        longest: True takes the leftmost longest ones without overlap, False all of them.
    """

    def __init__(self, literals: Sequence[str], *, longest: bool = False) -> None:
        self.literals = tuple(literals)
        kind = MatchKind.LeftmostLongest if longest else MatchKind.Standard
        self._automaton = AhoCorasick(self.literals, matchkind=kind) if self.literals else None
        self._overlapping = not longest

    def find(self, folded: str) -> list[tuple[int, int, int]]:
        """(number of the literal, start, end) in the order in which they end. Lone surrogates match nothing."""
        if self._automaton is None:
            return []
        try:
            return self._automaton.find_matches_as_indexes(folded, overlapping=self._overlapping)
        except UnicodeEncodeError:
            return self._automaton.find_matches_as_indexes(without_surrogates(folded), overlapping=self._overlapping)


def without_surrogates(text: str) -> str:
    """Lone surrogates, which no library written in Rust takes, become U+FFFD; the length stays."""
    return _SURROGATE.sub("\ufffd", text)


def data_lines(name: str) -> list[str]:
    """The lines of one of this stage's own data files; those that begin with # and empty ones left out."""
    lines = files("listener.judge").joinpath(name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def function_words() -> frozenset[str]:
    """Words that are in nearly every post, folded."""
    return frozenset(data_lines("function_words.txt"))
