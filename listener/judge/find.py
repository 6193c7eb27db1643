"""How one term of a brand query is found in a text: which literals it waits for, and where it stands.

People write names in many ways, so between the pieces of a term these count as one:

    Coca-Cola    Coca-Cola, Coca‑Cola, Coca Cola, CocaCola   (but 7-11 is not 711)
    McDonald's   McDonald's, McDonald’s, McDonalds
    H&M          H&M, H & M
    Acme電信     Acme電信, Acme 電信
    "Acme Mobile"  also over a line's end, with a hyphen, and as #AcmeMobile or @acmemobile

A word ends where no letter or digit of a spaced script goes on; Han, kana, bopomofo and hangul are found inside of
what surrounds them. In a #hashtag or @handle a capital after a small letter begins a word: #BoycottAcme holds Acme.
Of a link, host and path are read, and what follows ? or # is not (it holds what programs wrote).
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from unicodedata import normalize

from listener.fold import bare
from listener.judge.tree import Term
from listener.judge.words import CJK, PLAIN, joined, merged
from listener.records import Span

MAX_PLACES = 1000  # places of one literal, term or pair that are looked at in one post
TAG = 60  # code points of a hashtag or handle that are looked back over for its # or @

MANY = 20  # places of a phrase's literal from which on the whole text is looked through at once
BLANKS = 40  # white space between two words of a phrase
BLANK = rf"\s{{1,{BLANKS}}}"
MAX_JOINTS = 5  # joints of one word that may be written in several ways; the rest is looked for as it stands

_SEAM = re.compile(
    rf"(?<=[^\W_])(?P<dash>-)(?=[^\W_])(?<!\d-(?=\d))|(?<={PLAIN})(?P<apostrophe>')(?={PLAIN})"
    rf"|(?<=[^\W_])(?P<amp>&)(?=[^\W_])|(?P<joiner>\u200d)|(?P<script>(?<={PLAIN})(?=[{CJK}])|(?<=[{CJK}])(?={PLAIN}))"
)
_JOINTS = {
    "dash": ("-", " ", ""), "apostrophe": ("'", ""), "amp": ("&", " & ", " &", "& "), "script": ("", " "),
    "joiner": ("\u200d", "\ufe0f\u200d"),  # inside of one emoji: 🏳️‍🌈 is sent with and without the mark of its drawing
}  # fmt: skip
_VOICED = re.compile("[\u304c-\u30fa]")  # kana; half-width ones stand in a folded text as two, letter and mark
_CJK_EDGE = re.compile(f"[{CJK}]")
_LINK_TAIL = re.compile(r"((?:https?://|\bwww\.)[!-\"$->@-~]*)([?#][!-~]*)?")

Hits = Mapping[str, list[Span]]  # literal → where it stands in the folded text, ascending


def readable(text: str) -> str:
    """The text as names are looked for in it: folded, links without their tails; the length stays."""
    folded = bare(text)
    if "://" in folded or "www." in folded:
        folded = _LINK_TAIL.sub(lambda link: link[1] + " " * len(link[2] or ""), folded)
    return folded


def starts_word(text: str, folded: str, at: int) -> bool:
    """Does a word begin (or the one before it end) between at − 1 and at?"""
    if not 0 < at < len(folded) or not joined(folded[at - 1], folded[at]):
        return True
    return text[at].isupper() and not text[at - 1].isupper() and _in_tag(text, at)


def _in_tag(text: str, at: int) -> bool:
    start = max(text.rfind(sign, max(0, at - TAG), at) for sign in "#@＃＠")
    return start >= 0 and text[start + 1 : at].replace("_", "a").isalnum()


def written(word: str) -> tuple[str, ...]:
    """All the ways in which a folded word is written, itself first.

    >>> written("coca-cola")
    ('coca-cola', 'coca cola', 'cocacola')
    """
    forms, at = [""], 0
    for seam in islice(_SEAM.finditer(word), MAX_JOINTS):
        piece, at = word[at : seam.start()], seam.end()
        forms = [form + piece + joint for form in forms for joint in _JOINTS[str(seam.lastgroup)]]
    forms = [form + word[at:] for form in forms]
    if _VOICED.search(word):
        forms += [_VOICED.sub(lambda kana: normalize("NFD", kana[0]), form) for form in forms]
    return tuple(forms)


class Finder:
    """Finds one term in texts. It can only be there if one of its `literals` is.

    A term of one word is its literals. A phrase waits for one of its words, the one that `choose` finds rarest.
    """

    def __init__(self, term: Term) -> None:
        self.term = term
        words = tuple(map(bare, term.words))
        self._forms = [(word,) if term.exact else written(word) for word in words]
        self._glued = "".join(words) if len(words) > 1 and not term.exact else ""  # as hashtags write a phrase
        self.words = words
        self._reach = sum(max(map(len, forms)) + BLANKS for forms in self._forms)
        self.literals = self._literals(max(range(len(words)), key=lambda number: len(words[number])))

    def choose(self, common: Mapping[str, int]) -> None:
        """Wait for the word that the fewest terms share: of "Acme Mobile" and "Bolt Mobile" for acme and bolt."""
        ranks = [(len(word) < 3 and word.isascii(), common[word], -len(word)) for word in self.words]
        self.literals = self._literals(ranks.index(min(ranks)))

    def _literals(self, number: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._forms[number], self._glued) if self._glued else self._forms[number]))

    def spans(self, text: str, folded: str, hits: Hits) -> list[Span]:
        """Where the term stands, ascending, at most MAX_PLACES.

        Args:
            text: as written. folded: `readable(text)`. hits: of this term's literals at least.
        """
        if not any(literal in hits for literal in self.literals):
            return []
        if len(self.words) == 1:
            places = [place for literal in self.literals for place in hits.get(literal, ())]
            places.sort()
        else:
            places = self._phrases(folded, hits)
        return [span for start, end in places if (span := self._whole(text, folded, start, end))][:MAX_PLACES]

    def _whole(self, text: str, folded: str, start: int, end: int) -> Span | None:
        """This place with the rest of its word, if words begin and end there and are written as asked for."""
        if not starts_word(text, folded, start):
            return None
        if self.term.prefix:
            while end < len(folded) and joined(folded[end - 1], folded[end]):
                end += 1
        elif not starts_word(text, folded, end):
            return None
        return (start, end) if not self.term.exact or tuple(text[start:end].split()) == self.term.words else None

    def _phrases(self, folded: str, hits: Hits) -> list[Span]:
        """Only around its literals is a phrase looked for, unless they are everywhere."""
        around = [place for literal in self.literals for place in hits.get(literal, ())]
        windows = merged((max(0, start - self._reach), end + self._reach) for start, end in around[: MANY + 1])
        found: list[Span] = []
        for at, end in windows if len(around) <= MANY else ((0, len(folded)),):
            while len(found) < MAX_PLACES and (match := self._phrase.search(folded, at, end)):
                found.append(match.span())
                at = match.start() + 1
        return found

    @cached_property
    def _phrase(self) -> re.Pattern[str]:
        pattern = _any_of(self._forms[0])
        for before, word, forms in zip(self.words, self.words[1:], self._forms[1:], strict=False):
            cjk = _CJK_EDGE.match(before[-1]) or _CJK_EDGE.match(word[0])
            pattern += (BLANK if self.term.exact else f"(?:{BLANK}|-)?" if cjk else f"(?:{BLANK}|-)") + _any_of(forms)
        return re.compile(pattern + (f"|(?<=[#@]){re.escape(self._glued)}" if self._glued else ""))


def _any_of(forms: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, forms))})"
