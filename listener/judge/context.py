"""Is it the brand at all? A score learnt from a brand's own corrected mentions, for names that are everyday words.

"Apple pie", 「統一時間」, "mind the gap": no query lists all that an everyday word may mean, but the words around it do
tell, and people who correct mentions ("not the brand") teach which. A naive Bayes over the words near the name, each
counted once a mention, with one sighting on either side put in beforehand (S = 1), so that one alone hardly tells:

    weight(w) = ln (n₁(w) + S) / (N₁ + S/p)  −  ln (n₀(w) + S) / (N₀ + S/p),    p = (n₁(w) + n₀(w)) / (N₁ + N₀)
    score     = 1 / (1 + e^−(prior + Σ weight(w)))

with 1 for mentions of the brand, 0 for others; prior: the share of the brand among the labels, between a half
and nine tenths. It is used only where it has shown, each thread judged by what the others taught, that it is better
than always saying yes (`learn`). Pure; what it learns from is forgotten with the posts: nothing is stored.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from listener.fold import fold
from listener.judge.words import CJK
from listener.records import Span

NEAR = 80  # code points on each side of the name that are looked at
STRENGTH = 1.0  # S: sightings on either side that are put in beforehand
PLENTY, EACH = 30, 8  # labels that it takes, and of each side
UNDER = 0.3  # below this score a mention is muted
RIGHT_PER_WRONG = 3  # how many mentions it must mute rightly for each that it mutes wrongly
SHOWN = 3  # words that are told

_WORD = re.compile(rf"[^\W\d_{CJK}]{{2,}}|[{CJK}]+")
_HAN = re.compile(f"[{CJK}]")
_PLAIN = frozenset(
    "the an and or of to in is it its on at for was are be with as this that have has had my me we you your they them "
    "he she his her our from but not so if by do did does been were will would can just than then there their".split()
)


@dataclass(frozen=True, slots=True)
class Example:
    """A corrected mention: the words near the name, whether it is the brand, and the thread it stands in."""

    words: frozenset[str]
    is_brand: bool
    thread: str


@dataclass(frozen=True, slots=True)
class Score:
    """How likely a mention is about the brand, 0…1, and the words that weighed most to that side."""

    value: float
    words: tuple[str, ...]

    @property
    def under(self) -> bool:
        """Is it so unlikely that the mention is muted?"""
        return self.value < UNDER

    def __str__(self) -> str:
        words = ", ".join(f"'{word}'" for word in self.words)
        return f"{self.value:.2f}" + (f": {words}" if words else "")


@dataclass(frozen=True, slots=True)
class Trial:
    """How the score did on labels that it had not learnt from, and whether it is used."""

    brand: int  # labels that say it is the brand
    other: int  # labels that say it is not
    muted_right: int = 0
    muted_wrong: int = 0

    @property
    def passed(self) -> bool:
        """Enough labels, and better than always yes by far: a true mention lost hurts more than a false one kept."""
        enough = self.brand + self.other >= PLENTY and min(self.brand, self.other) >= EACH
        return enough and self.muted_right > 0 and self.muted_right >= RIGHT_PER_WRONG * self.muted_wrong

    def __str__(self) -> str:
        said = f"{self.brand} labels say it is the brand, {self.other} say it is not"
        if self.brand + self.other < PLENTY or min(self.brand, self.other) < EACH:
            return f"off: {said}; it takes {PLENTY} labels, {EACH} of each"
        found = (
            f"left out and judged by the others, {self.muted_right} were rightly muted and {self.muted_wrong} wrongly"
        )
        return f"{'on' if self.passed else 'off'}: {said}; {found}"


class Context:
    """A learnt score; made by `learn`."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        self._sizes = {True: 0, False: 0}
        for example in examples:
            self._sizes[example.is_brand] += 1
            self._counts[example.is_brand].update(example.words)

    def score(self, words: Collection[str], without: Sequence[Example] = ()) -> Score:
        """The score of a mention with these words near it, as if `without` had not been learnt."""
        sizes = {side: size - sum(one.is_brand == side for one in without) for side, size in self._sizes.items()}
        total = sum(sizes.values())
        if not total:
            return Score(1.0, ())
        share = min(0.9, max(0.5, sizes[True] / total))
        weights: dict[str, float] = {}
        for word in words:
            seen = {
                side: counts[word] - sum(one.is_brand == side and word in one.words for one in without)
                for side, counts in self._counts.items()
            }
            usual = sum(seen.values()) / total
            if usual:
                yes, no = ((seen[side] + STRENGTH) / (sizes[side] + STRENGTH / usual) for side in (True, False))
                weights[word] = math.log(yes / no)
        told = math.log(share / (1 - share)) + sum(weights.values())
        value = 1 / (1 + math.exp(-max(-30.0, min(30.0, told))))
        side = 1 if told > 0 else -1
        shown = sorted(
            (word for word, weight in weights.items() if weight * side > 0.1), key=lambda w: (-weights[w] * side, w)
        )
        return Score(round(value, 3), tuple(shown[:SHOWN]))


def learn(examples: Sequence[Example]) -> tuple[Context | None, Trial]:
    """A score from a brand's corrected mentions, and how it did; None where it is too few or no better than "yes".

    Each thread's mentions are judged by what all other threads taught, so copies and quotes within one do not help.
    """
    trial = Trial(sum(one.is_brand for one in examples), sum(not one.is_brand for one in examples))
    if trial.brand + trial.other < PLENTY or min(trial.brand, trial.other) < EACH:
        return None, trial
    context = Context(examples)
    threads: dict[str, list[Example]] = {}
    for example in examples:
        threads.setdefault(example.thread, []).append(example)
    muted = [
        one.is_brand for theirs in threads.values() for one in theirs if context.score(one.words, without=theirs).under
    ]
    trial = Trial(trial.brand, trial.other, muted.count(False), muted.count(True))
    return (context if trial.passed else None), trial


def near(text: str, spans: Sequence[Span], title: str = "") -> frozenset[str]:
    """The words near a brand's name, folded: Latin words, and pairs of Han characters; the name itself left out.

    Args:
        spans: where the text names the brand; where it does not, the thread's `title` is read.
    """
    if not spans:
        return _words(fold(title))
    folded = fold(text)
    found: set[str] = set()
    for number, (start, end) in enumerate(spans):
        left = max(start - NEAR, spans[number - 1][1] if number else 0)
        right = min(end + NEAR, spans[number + 1][0] if number + 1 < len(spans) else len(folded))
        found |= _words(folded[left:start]) | _words(folded[end:right])
    return frozenset(found)


def _words(folded: str) -> frozenset[str]:
    found: set[str] = set()
    for word in _WORD.findall(folded):
        if _HAN.match(word):
            found.update(word[n : n + 2] for n in range(max(1, len(word) - 1)))
        elif word not in _PLAIN:
            found.add(word)
    return frozenset(found)
