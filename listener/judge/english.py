"""Feeling in English text: VADER's valences, corrected by phrases of our own (lexicon_en.tsv).

VADER alone takes "customer support" and "please help" as praise and "on hold" as nothing. Where one of our phrases
stands, its valence takes the place of VADER's for the words in it; everywhere else VADER's stays as it is.
`vader.read(text).scores()` remains the explained score.
"""

from bisect import bisect_left
from functools import cache

from listener.fold import fold
from listener.judge import vader
from listener.judge.feeling import NOTHING, Feeling, Told
from listener.judge.hints import hints, with_hints
from listener.judge.words import Literals, blanks_to_spaces, data_lines, whole
from listener.records import Span

TURNED = -0.74  # VADER's
BEFORE_BUT, AFTER_BUT = 0.5, 1.5  # VADER's
# As phones and word processors write; VADER knows "don't" and "great" with straight marks only. One for one.
_MARKS = str.maketrans("‘’ʼ´′“”„…—", "'''''\"\"\". ")
REACH = 3  # words before a phrase in which a negation or a booster counts


@cache
def _lexicon() -> tuple[Literals, tuple[float, ...]]:
    phrases: dict[str, float] = {}
    for line in data_lines("lexicon_en.tsv"):
        phrase, value = line.split("\t")
        phrases.setdefault(fold(phrase), float(value))
    return Literals(tuple(phrases), longest=False), tuple(phrases.values())


def feeling(text: str, folded: str | None = None) -> Feeling:
    """The feeling of a text or clause; `total` is VADER's sum before it is brought to −1…+1, with our corrections."""
    plain = text if text.isascii() else text.translate(_MARKS)
    said = vader.read(plain)
    if not said.words:
        return NOTHING
    folded = fold(text) if folded is None else folded
    phrases = _phrases(folded)
    meant = hints(blanks_to_spaces(folded), chinese=False)
    if not phrases and not meant and not any(said.valences):
        return NOTHING
    spans = vader.word_spans(plain, said)
    weights = list(said.valences)
    told: list[Told] = []
    starts = [start for start, _ in spans]
    but = said.words.index("but") if "but" in said.words else -1
    for start, end, value in phrases:
        first = max(0, bisect_left(starts, start + 1) - 1)
        last = max(first + 1, bisect_left(starts, end))
        weights[first:last] = [0.0] * (last - first)
        if value:
            before = said.words[max(0, first - REACH) : first]
            if sum(map(vader.is_negation, before)) % 2:
                value *= TURNED
            if but >= 0 and not first <= but < last:
                value *= BEFORE_BUT if first < but else AFTER_BUT
            told.append(Told((start, end), value))
    told += [Told(span, weight) for span, weight in zip(spans, weights, strict=True) if weight]
    told = with_hints(told, meant)
    total = vader.with_emphasis(sum(one.weight for one in told), said.emphasis)
    return Feeling(total, tuple(told))


def _phrases(folded: str) -> list[tuple[int, int, float]]:
    """Our phrases as whole words, the leftmost longest ones, without overlap."""
    literals, values = _lexicon()
    spaced = blanks_to_spaces(folded)
    hits = [hit for hit in literals.find(spaced) if whole(spaced, hit[1], hit[2])]
    hits.sort(key=lambda hit: (hit[1], -hit[2]))
    chosen: list[tuple[int, int, float]] = []
    reached: Span = (0, 0)
    for number, start, end in hits:
        if start >= reached[1]:
            chosen.append((start, end, values[number]))
            reached = (start, end)
    return chosen
