"""Topics that no cue names: a linear model per language over the words and pieces of words of a post.

Learnt from data/corpus by bench/train/topics.py (ridge regression on the n-grams that a post has, each weighed by its
rarity); applied with numpy alone. A post has two blocks of n-grams, each brought to length 1: in spaced scripts words
with pairs of words, and the letters inside words (so that "overcharging" knows of "charged"); in Chinese one to three
characters, and no second block. A score is turned into a confidence by a logistic curve that was fitted, as the
thresholds were, on posts of brands that the scoring model had not seen: of tags at confidence c, about c are right.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from math import exp, sqrt
from operator import add

import numpy as np
from numpy.typing import NDArray

from listener.judge.words import merged
from listener.records import Span, TopicTag

WEIGHTS = "weights/topics_{}.npz"  # en, zh
LEAST = (
    0.4  # under it a tag told by the head alone is not shown: it would raise alarms that two in three times are false
)
MOST_CHARS = 2_000  # of a text that are read: who writes more says what it is about before
SHOWN, TELLING = 4, 0.4  # n-grams shown as what told, and how heavy against the heaviest they must be

_LETTERS = re.compile(r"[a-z']+")
_SPACED = re.compile(r"https?://\S+|@\w+|[a-z]+(?:'[a-z]+)?|\d+|[!?]+|[\U0001F300-\U0001FAFF]")
_HAN = re.compile(r"[a-z]+|\d+|[\u3400-\u9fff]|[!?,。;:]|[\U0001F300-\U0001FAFF]")
_LINK, _HANDLE, _NUMBER = "<link>", "<@>", "<n>"

_ROW = np.intp
_TINY, _TELLING = float(np.finfo(np.float32).tiny), np.float32(TELLING)


@lru_cache(maxsize=1 << 16)
def _plain(token: str) -> str:
    """What makes no difference is made alike: numbers, links, names with @."""
    first = token[0]
    if first.isdigit():
        return _NUMBER
    if first == "@":
        return _HANDLE
    if first in "!?":
        return first
    return _LINK if token.startswith("http") and ":" in token else token


def grams(folded: str, chinese: bool) -> list[str]:
    """The first block's n-grams of a folded text: words, then pairs of them; or one, then two, then three characters.

    >>> grams("20 min!!", chinese=False)
    ['<n>', 'min', '!', '<n> min', 'min !']
    """
    tokens = (_HAN if chinese else _SPACED).findall(folded)
    one = [token if token.isalpha() else _plain(token) for token in tokens]
    if not chinese:
        return one + list(map("{} {}".format, one, one[1:]))
    two = list(map(add, one, one[1:]))
    return one + two + list(map(add, two, one[2:]))


def places(folded: str, chinese: bool) -> list[Span]:
    """Where `grams` of the same text stand, in the same order."""
    one = _tokens(folded, chinese)
    sizes = (1, 2, 3) if chinese else (1, 2)
    return [_place(at, one) for at in range(sum(max(0, len(one) - size + 1) for size in sizes))]


def _tokens(folded: str, chinese: bool) -> list[Span]:
    return [found.span() for found in (_HAN if chinese else _SPACED).finditer(folded)]


def _place(at: int, tokens: Sequence[Span]) -> Span:
    """Where the n-gram stands that `grams` gives at `at`: after all of one token come those of two, then of three."""
    size = 1
    while at >= (these := len(tokens) - size + 1):
        at -= these
        size += 1
    return tokens[at][0], tokens[at + size - 1][1]


def pieces(word: str) -> list[str]:
    """The letters of a word in threes to fives, its ends marked.

    >>> pieces("fee")
    ['#_fe', '#fee', '#ee_', '#_fee', '#fee_', '#_fee_']
    """
    marked = f"_{word}_"
    return [f"#{marked[at : at + size]}" for size in (3, 4, 5) for at in range(len(marked) - size + 1)]


def words(folded: str) -> set[str]:
    """The words whose letters make the second block."""
    return set(_LETTERS.findall(folded))


@dataclass(frozen=True, slots=True)
class Weights:
    """A model as it is kept.

    Attributes:
        topics: k ids.
        grams: n n-grams; those that begin with # are of the second block.
        table: (n, k); of each n-gram for each topic, its rarity already in it.
        squares: (n,); rarity squared, for the length of a block.
        bias, threshold, slope, offset: (k,); a topic is tagged where its score reaches the threshold, with confidence
            1 / (1 + exp(−(slope · score + offset))).
    """

    topics: tuple[str, ...]
    grams: tuple[str, ...]
    table: NDArray[np.float32]
    squares: NDArray[np.float32]
    bias: NDArray[np.float32]
    threshold: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]


class TopicHead:
    """Finds topics by weights, in the first MOST_CHARS of a text."""

    def __init__(self, weights: Weights, *, chinese: bool) -> None:
        self._weights = weights
        self._chinese = chinese
        # Looking up one gram is a matter of nanoseconds, so all that follows goes by few calls on many: a row's number
        # is kept as the bytes that numpy reads, the squares stand beside the table as one more column of it.
        self._rows = {gram: _ROW(row).tobytes() for row, gram in enumerate(weights.grams)}
        self._table = np.column_stack([weights.table, weights.squares]).astype(np.float32)
        self._of_word: Callable[[str], bytes] = lru_cache(maxsize=1 << 15)(self._piece_rows)

    def scores(self, folded: str) -> NDArray[np.float32]:
        """One score a topic, in the order of the weights' topics."""
        folded = folded[:MOST_CHARS]
        return self._scored(list(map(self._rows.get, grams(folded, self._chinese))), folded)

    def refine(self, tags: tuple[TopicTag, ...], folded: str, known: frozenset[str]) -> tuple[TopicTag, ...]:
        """The tags that cues told and what the head finds beside them. It denies no cue: cues are the user's own words.

        Args:
            known: ids of the taxonomy in use; the head tells of no others.

        Returns:
            Surest first; the confidence is the head's own where it knows the topic and is the surer one.
        """
        if not folded:
            return tags
        folded = folded[:MOST_CHARS]
        found = list(map(self._rows.get, grams(folded, self._chinese)))
        scores = self._scored(found, folded)
        kept = self._weights
        over = np.flatnonzero(scores >= kept.threshold)
        if not len(over):
            return tags
        told = {tag.topic: tag for tag in tags}
        new = []
        for at, value in zip(over.tolist(), (kept.slope * scores + kept.offset)[over].tolist(), strict=True):
            topic, sure = kept.topics[at], _squash(value)
            if (before := told.get(topic)) is not None:
                told[topic] = TopicTag(topic, max(before.confidence, sure), before.spans)
            elif topic in known and sure >= LEAST:
                new.append((at, topic, sure))
        if new:
            for (_, topic, sure), spans in zip(new, self._telling(found, folded, [at for at, *_ in new]), strict=True):
                if spans:
                    told[topic] = TopicTag(topic, sure, spans)
        return tuple(sorted(told.values(), key=lambda tag: (-tag.confidence, tag.topic)))

    def _scored(self, found: Sequence[bytes | None], folded: str) -> NDArray[np.float32]:
        """The bias and the two blocks. `found`: the rows of the first block's n-grams, None for those without."""
        told = b"".join(filter(None, found))
        letters = b"" if self._chinese else b"".join(map(self._of_word, words(folded)))
        total = self._weights.bias
        for block in (told, letters):
            if block:
                total = total + self._block(block)
        return total

    def _block(self, grams: bytes) -> NDArray[np.float32]:
        """The sum of n-grams' weights, each once, over the length of their block."""
        rows = np.frombuffer(grams, dtype=_ROW).copy()
        rows.sort()  # and so in one order: sums of floats are only alike in one
        once = np.empty(len(rows), dtype=np.bool_)
        once[0] = True
        np.not_equal(rows[1:], rows[:-1], out=once[1:])
        some = self._table.take(rows[once], axis=0)
        total: NDArray[np.float32] = np.einsum("ij->j", some)  # faster than sum(axis=0) for so few columns
        return total[:-1] / sqrt(total[-1])

    def _telling(self, found: Sequence[bytes | None], folded: str, topics: Sequence[int]) -> list[tuple[Span, ...]]:
        """For each of some topics, where the n-grams stand that weighed most for it."""
        where: dict[bytes, int] = {}
        for at, row in enumerate(found):
            if row is not None:
                where.setdefault(row, at)
        if not where:
            return [()] * len(topics)
        rows, stands = np.frombuffer(b"".join(where), dtype=_ROW), list(where.values())
        tokens = _tokens(folded, self._chinese)
        told = []
        for weights in self._table.take(rows, axis=0).T[topics].tolist():
            least = max(float(np.float32(max(weights)) * _TELLING), _TINY)
            heavy = [at for at, weight in enumerate(weights) if weight >= least]
            heavy.sort(key=lambda at: -weights[at])
            told.append(merged(_place(stands[at], tokens) for at in heavy[:SHOWN]))
        return told

    def _piece_rows(self, word: str) -> bytes:
        return b"".join(filter(None, map(self._rows.get, pieces(word))))


def _squash(value: float) -> float:
    return round(1 / (1 + exp(-max(-60.0, min(60.0, value)))), 3)


@cache
def head(language: str) -> TopicHead:
    """The shipped head: "zh", or "en" for all else. Read once."""
    return TopicHead(
        load(files("listener.judge").joinpath(WEIGHTS.format(language)).read_bytes()), chinese=language == "zh"
    )


def load(data: bytes) -> Weights:
    """Weights from the bytes of an .npz file as `dump` writes it."""
    with np.load(BytesIO(data)) as kept:
        return Weights(
            tuple(kept["topics"].tobytes().decode("utf-8").split("\n")),
            tuple(kept["grams"].tobytes().decode("utf-8").split("\n")),
            kept["table"].astype(np.float32) * kept["scale"],
            *(kept[name].astype(np.float32) for name in ("squares", "bias", "threshold", "slope", "offset")),
        )


def dump(weights: Weights) -> bytes:
    """Weights as the bytes of an .npz file: the table in bytes, with one scale a topic."""
    scale = (np.abs(weights.table).max(axis=0) / 127).clip(1e-12).astype(np.float32)
    out = BytesIO()
    np.savez_compressed(
        out,
        topics=np.frombuffer("\n".join(weights.topics).encode("utf-8"), dtype=np.uint8),
        grams=np.frombuffer("\n".join(weights.grams).encode("utf-8"), dtype=np.uint8),
        table=np.round(weights.table / scale).astype(np.int8),
        scale=scale,
        squares=weights.squares.astype(np.float16),
        bias=weights.bias,
        threshold=weights.threshold,
        slope=weights.slope,
        offset=weights.offset,
    )
    return out.getvalue()
