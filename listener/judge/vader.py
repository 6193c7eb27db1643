"""VADER's score, the same to the last digit, in time linear in the text.

vaderSentiment (Hutto & Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media
Text") looks at all words again for every word it scores, so that its time grows with the square of the length. Its
lexicon and constants are used here as they are; only the walk over the words is written anew: words lower-cased once,
sets for negations, and words without valence left after one look-up. What its authors may not have meant (the second
equal score is not scaled by "but", for one) is kept: the point of an explained score is that it is the known one.
"""

import heapq
import math
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    C_INCR,
    N_SCALAR,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    normalize,
)

from listener.records import Span

_NEGATE = frozenset(NEGATE)
_BOOSTERS: dict[str, float] = dict(BOOSTER_DICT)
_SPECIAL: dict[str, float] = dict(SPECIAL_CASES)
_PUNCTUATION = string.punctuation
_WORD = re.compile(r"\S+")
_FADE = (1.0, 0.95, 0.9)  # of a booster, by its distance
# One word of every idiom of several words; where none is near there is no idiom.
_MARKS_OF_IDIOMS = frozenset(max(phrase.split(), key=len) for phrase in (*_SPECIAL, *_BOOSTERS) if " " in phrase)


@dataclass(frozen=True, slots=True)
class Vader:
    """What VADER says of a text.

    Attributes:
        words: the text's words as VADER cuts them, in small letters.
        valences: one per word, after "but"; most are 0.
        emphasis: of ! and ?, added to the sum away from zero.
        seen: the text as VADER reads it: emoji replaced by their names.
    """

    words: tuple[str, ...]
    valences: tuple[float, ...]
    emphasis: float
    seen: str

    @property
    def total(self) -> float:
        """The sum of the valences with emphasis, before it is brought to −1…+1."""
        return with_emphasis(float(sum(self.valences)), self.emphasis)

    def scores(self) -> dict[str, float]:
        """neg, neu, pos and compound: exactly what `polarity_scores` returns."""
        if not self.words:
            return {"neg": 0.0, "neu": 0.0, "pos": 0.0, "compound": 0.0}
        positive = negative = 0.0
        felt = list(filter(None, self.valences))
        neutral = len(self.valences) - len(felt)
        for valence in felt:
            if valence > 0:
                positive += valence + 1
            else:
                negative += valence - 1
        if positive > math.fabs(negative):
            positive += self.emphasis
        elif positive < math.fabs(negative):
            negative -= self.emphasis
        total = positive + math.fabs(negative) + neutral
        return {
            "neg": round(math.fabs(negative / total), 3),
            "neu": round(math.fabs(neutral / total), 3),
            "pos": round(math.fabs(positive / total), 3),
            "compound": round(normalize(self.total), 4),
        }


def with_emphasis(total: float, emphasis: float) -> float:
    """Emphasis strengthens a feeling and makes none."""
    return total + emphasis if total > 0 else total - emphasis if total < 0 else total


def read(text: str) -> Vader:
    """Score a text."""
    seen = _emoji_named(text).strip()
    # Letter by letter Σ is σ within a word and ς at its end, so only ASCII is lower-cased as a whole.
    lower = _words(seen.lower()) if seen.isascii() else [word.lower() for word in _words(seen)]
    lexicon = _lexicon()
    told = [index for index, word in enumerate(lower) if word in lexicon]
    valences: list[float] = [0] * len(lower)
    if told:
        # Whether a word is all capitals does not depend on the punctuation round it.
        loud = () if seen.islower() else [*map(str.isupper, seen.split())]
        if not any(loud) or all(loud):
            loud = ()
        for index in told:
            valences[index] = _valence(index, lower, lexicon, loud)
        _but(lower, valences, told)
    emphasis = 0.0
    if "!" in seen or "?" in seen:
        questions = seen.count("?")
        emphasis = min(seen.count("!"), 4) * 0.292
        emphasis += 0 if questions < 2 else questions * 0.18 if questions <= 3 else 0.96
    return Vader(tuple(lower), tuple(valences), emphasis, seen)


def word_spans(text: str, vader: Vader) -> list[Span]:
    """Where VADER's words stand in `text`; an emoji's span is shared by the words of its name."""
    if vader.seen == text:
        return [match.span() for match in _WORD.finditer(text)]
    pieces = _pieces(text)
    places = _places(pieces)
    named = "".join(piece for piece, _ in pieces)
    lead = len(named) - len(named.lstrip())
    return [(places[match.start() + lead], places[match.end() - 1 + lead] + 1) for match in _WORD.finditer(vader.seen)]


def _valence(index: int, lower: list[str], lexicon: dict[str, float], loud: Sequence[bool]) -> float:
    """What one word of the lexicon weighs among its neighbours; `loud`: is it in capitals, () where none stands out."""
    word, last = lower[index], len(lower) - 1
    if word in _BOOSTERS or (word == "kind" and index < last and lower[index + 1] == "of"):
        return 0
    valence = lexicon[word]
    if word == "no" and index != last and lower[index + 1] in lexicon:
        valence = 0.0
    if (
        (index > 0 and lower[index - 1] == "no")
        or (index > 1 and lower[index - 2] == "no")
        or (index > 2 and lower[index - 3] == "no" and lower[index - 1] in ("or", "nor"))
    ):
        valence = lexicon[word] * N_SCALAR
    if loud and loud[index]:
        valence = valence + C_INCR if valence > 0 else valence - C_INCR
    for back in range(min(3, index)):
        before = lower[index - back - 1]
        if before in lexicon:
            continue
        if before in _BOOSTERS:
            valence += _boost(before, valence, bool(loud) and loud[index - back - 1]) * _FADE[back]
        valence = _negation(valence, lower, back, index)
        if back == 2 and not _MARKS_OF_IDIOMS.isdisjoint(lower[index - 3 : index + 3]):
            valence = _idioms(valence, lower, index)
    least = index > 0 and lower[index - 1] == "least" and "least" not in lexicon
    return valence * N_SCALAR if least and (index == 1 or lower[index - 2] not in ("at", "very")) else valence


def _boost(word: str, valence: float, loud: bool) -> float:
    boost = _BOOSTERS[word]
    if valence < 0:
        boost *= -1
    if loud:
        boost = boost + C_INCR if valence > 0 else boost - C_INCR
    return boost


def is_negation(lower: str) -> bool:
    """Does this word, in small letters, turn what follows?"""
    return lower in _NEGATE or "n't" in lower


def _negation(valence: float, lower: list[str], back: int, index: int) -> float:
    word = lower[index - back - 1]
    if back == 1:
        if word == "never" and lower[index - 1] in ("so", "this"):
            return valence * 1.25
        if word == "without" and lower[index - 1] == "doubt":
            return valence
    elif back == 2:
        # "and" binds closer than "or" in the original: a "so" or "this" just before is enough by itself.
        if (word == "never" and lower[index - 2] in ("so", "this")) or lower[index - 1] in ("so", "this"):
            return valence * 1.25
        if word == "without" and "doubt" in (lower[index - 2], lower[index - 1]):
            return valence
    return valence * N_SCALAR if is_negation(word) else valence


def _idioms(valence: float, lower: list[str], index: int) -> float:
    three, two, one, zero = lower[index - 3 : index + 1]
    before = (f"{one} {zero}", f"{two} {one} {zero}", f"{two} {one}", f"{three} {two} {one}", f"{three} {two}")
    valence = next((_SPECIAL[phrase] for phrase in before if phrase in _SPECIAL), valence)
    for ahead in (2, 3):
        phrase = " ".join(lower[index : index + ahead])
        if index + ahead <= len(lower) and phrase in _SPECIAL:
            valence = _SPECIAL[phrase]
    for phrase in (before[3], before[4], before[2]):
        if phrase in _BOOSTERS:
            valence += _BOOSTERS[phrase]
    return valence


def _but(lower: list[str], valences: list[float], told: Sequence[int]) -> None:
    """Halve what stands before the first "but", and half as much again for what follows; in place.

    The original finds each score by its value, so of two equal scores the first is scaled, possibly twice. A heap of
    positions per value finds the same one without searching the list.
    """
    if "but" not in lower:
        return
    at = lower.index("but")
    places: dict[float, list[int]] = {}
    for index in told:
        if valence := valences[index]:
            places.setdefault(valence, []).append(index)  # ascending, so each list is a heap
    for index in told:
        valence = valences[index]
        if not valence:
            continue
        first = places[valence][0]
        if first == at:
            continue
        heapq.heappop(places[valence])
        valences[first] = valence * (0.5 if first < at else 1.5)
        heapq.heappush(places.setdefault(valences[first], []), first)


def _words(seen: str) -> list[str]:
    """Cut at white space, punctuation taken off the ends of words longer than two letters without it."""
    return [token if token.isalnum() or len(word := token.strip(_PUNCTUATION)) <= 2 else word for token in seen.split()]


def _emoji_named(text: str) -> str:
    # A character class of emoji above U+FFFF is walked one by one in `re`; a dictionary is not.
    if text.isascii() or _emoji().keys().isdisjoint(text):
        return text
    return "".join(piece for piece, _ in _pieces(text))


def _pieces(text: str) -> list[tuple[str, Span]]:
    """The text cut at its emoji: what VADER reads there, and the span it stands for."""
    names = _emoji()
    pieces: list[tuple[str, Span]] = []
    at = 0
    for start in _emoji_places(text):
        pieces.append((text[at:start], (at, start)))
        spaced = start == 0 or text[start - 1] == " "
        pieces.append((names[text[start]] if spaced else " " + names[text[start]], (start, start + 1)))
        at = start + 1
    pieces.append((text[at:], (at, len(text))))
    return pieces


def _emoji_places(text: str) -> list[int]:
    """Where emoji stand, ascending; a text has few different ones, and `str.find` is quick."""
    found: list[int] = []
    for emoji in _emoji().keys() & set(text):
        at = text.find(emoji)
        while at >= 0:
            found.append(at)
            at = text.find(emoji, at + 1)
    return sorted(found)


def _places(pieces: Sequence[tuple[str, Span]]) -> list[int]:
    """For each code point of the joined pieces, the code point of the text it stands for."""
    places: list[int] = []
    for piece, (start, end) in pieces:
        places += range(start, end) if len(piece) == end - start else [start] * len(piece)
    return places


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


@cache
def _lexicon() -> dict[str, float]:
    return dict(_analyzer().lexicon)


@cache
def _emoji() -> dict[str, str]:
    """Names of emoji of one code point; the original goes by code points and never finds longer ones."""
    return {emoji: name for emoji, name in _analyzer().emojis.items() if len(emoji) == 1}
