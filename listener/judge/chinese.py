"""Feeling in Chinese text, by rules in VADER's manner over a lexicon of our own (lexicon_zh.tsv).

No word segmentation: the leftmost longest entry wins, and entries without feeling keep 好 out of 好像. In a clause,
negations and degree words act on the opinion word that follows within a few characters; "but" words weaken what
stands before them in the sentence; exclamation marks strengthen. Traditional, Simplified and Cantonese alike.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

from listener.fold import fold
from listener.judge.feeling import NOTHING, Feeling, Told
from listener.judge.hints import hints, with_hints
from listener.judge.words import Literals, clause_ends, data_lines, sentence_ends, whole

REACH = 4  # characters between a negation or degree word and what it acts on
TURNED = -0.75  # "not good" is weaker than "bad" (VADER's −0.74)
BEFORE_BUT, AFTER_BUT = 0.5, 1.3
EXCLAIMED = 0.29  # per mark, up to four (VADER's 0.292)
_GOOD = "好"  # also a degree word before another opinion word: 好失望, 服務好差


@dataclass(frozen=True, slots=True)
class _Entry:
    value: float
    kind: str


@cache
def _lexicon() -> tuple[Literals, tuple[_Entry, ...]]:
    entries: dict[str, _Entry] = {}
    for line in data_lines("lexicon_zh.tsv"):
        word, value, kind = line.split("\t")
        entries.setdefault(fold(word), _Entry(float(value), kind))
    return Literals(tuple(entries), longest=True), tuple(entries.values())


def feeling(text: str, folded: str | None = None) -> Feeling:
    """The feeling of a text or clause."""
    folded = fold(text) if folded is None else folded
    literals, entries = _lexicon()
    hits = literals.find(folded)
    meant = hints(folded, chinese=True)
    if not hits and not meant:
        return NOTHING
    clauses, sentences = clause_ends(folded), sentence_ends(folded)
    told: list[Told] = []
    turns: list[int] = []  # where the negations of this clause end
    degree, degree_end, clause, sentence, first, turned_round = 1.0, -99, -1, -1, 0, False
    for at, (number, start, end) in enumerate(hits):
        entry = entries[number]
        if folded[start].isascii() and not whole(folded, start, end):
            continue
        if (here := bisect_left(clauses, end)) != clause:
            clause, turns, degree_end = here, [], -99
        if (here := bisect_left(sentences, end)) != sentence:
            sentence, first, turned_round = here, len(told), False
        kind = entry.kind
        if kind == "negation":
            turns.append(end)
        elif kind == "degree" or (
            kind == "opinion" and folded[end - 1] == _GOOD and _opinion_at(end, at, hits, entries)
        ):
            step = entry.value if kind == "degree" else 1.3
            degree = degree * step if start - degree_end <= 1 else step
            degree_end = end
        elif kind == "after":
            if told and start - told[-1].span[1] <= 1:
                told[-1] = Told((told[-1].span[0], end), told[-1].weight * entry.value)
        elif kind == "but":
            if entry.value:
                told[first:] = [Told(one.span, one.weight * BEFORE_BUT) for one in told[first:]]
                turned_round, first = True, len(told)
            turns, degree_end = [], -99
        elif kind in ("opinion", "sign"):
            weight = entry.value
            if kind == "opinion":
                weight *= degree if start - degree_end <= 2 else 1.0
                weight *= TURNED if sum(start - turn <= REACH for turn in turns[-3:]) % 2 else 1.0
                turns, degree_end = [], -99
            told.append(Told((start, end), weight * (AFTER_BUT if turned_round else 1.0)))
    if meant:
        told = with_hints(told, meant)
    total = sum(one.weight for one in told)
    marks = EXCLAIMED * min(4, folded.count("!"))
    return Feeling(total + marks if total > 0 else total - marks if total < 0 else 0.0, tuple(told))


def _opinion_at(start: int, at: int, hits: list[tuple[int, int, int]], entries: tuple[_Entry, ...]) -> bool:
    """Does the next hit stand right at `start`, and is it an opinion?"""
    return at + 1 < len(hits) and hits[at + 1][1] == start and entries[hits[at + 1][0]].kind == "opinion"
