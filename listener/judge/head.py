"""The head: what our corpus teaches beyond the rules. A small network over their findings, words and pieces of words.

Most complaints name no feeling ("third charger this year", 「換第三台了」). The head was trained on posts that were
written for this (data/corpus) and on open sets (bench/train says which, and how); its weights are applied with numpy
alone. The rules stay beside it: their findings are among its inputs and vote again on its result, so that a plain
"terrible" needs no training, and what a reader sees as evidence is the words that told.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from math import exp, log1p, tanh
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.judge import vectors
from listener.records import Label, Span

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
BUCKETS = 2**17  # pieces of text are hashed to so many rows
READ = 1_500  # code points that the head looks at; people come to the point earlier
RULES = 0.3  # weight of the rules' own vote beside the head
STEEP, MIDDLE, HALF = 3.0, 0.125, 0.175  # of that vote: its slope, and the middle and half width of what is neutral
DENIED = 3  # words after a negation that are read as denied

Reader: TypeAlias = Literal["en", "zh"]
Probabilities: TypeAlias = tuple[float, float, float]

_LINK = re.compile(r"https?://\S+|www\.\S+|\{link\}")
_PERSON = re.compile(r"@\w+")
_BLANK = re.compile(r"\s+")
_NEGATION = frozenset(("not", "no", "never", "without", "cannot", "nor", "hardly"))
_ENDS = frozenset((".", ",", ";", "!", "?", "but"))


@dataclass(frozen=True, slots=True)
class Signs:
    """What the rules found for one brand of a post; topics by cues only, since the heads of topics saw the corpus.

    Attributes:
        sentiment: the rules' verdict, −1…+1. total: its sum before it was squashed.
        good, bad: sums of the words that told, each ≥ 0.
        complaint, praise: confidence of the surest topic of that kind, 0 without one.
        named: the brand is named in the text.
    """

    sentiment: float
    label: Label
    total: float
    good: float
    bad: float
    complaint: float
    praise: float
    irony: bool
    leaving: bool
    named: bool


def masked(folded: str, brand: Sequence[Span]) -> str:
    """The text as the head reads it: names, links and people do not matter, only that they stand there.

    Of a long text, what stands around the first place that names the brand.
    """
    begin = max(0, min(brand[0][0] - READ // 2, len(folded) - READ)) if brand else 0
    text = folded[begin : begin + READ]
    for start, end in sorted(brand, reverse=True):
        if begin <= start and end <= begin + READ:
            text = text[: start - begin] + " xbrandx " + text[end - begin :]
    return _PERSON.sub(" xuserx ", _LINK.sub(" xurlx ", text))


def pieces(text: str, reader: Reader) -> tuple[list[str], list[str]]:
    """(words, pieces that are looked up): English words, denied ones marked, and pairs; Chinese 1 to 3 characters."""
    if reader == "zh":
        flat = _BLANK.sub(" ", text)
        return [], list({flat[at : at + size] for size in (1, 2, 3) for at in range(len(flat) - size + 1)})
    words = vectors.tokens(text)[:400]
    found = {f"{one} {two}" for one, two in pairwise(words)}
    if _NEGATION.isdisjoint(words) and "n't" not in " ".join(words):
        return words, list(found.union(words))
    denied = 0
    for word in words:
        if word in _NEGATION or word.endswith("n't"):
            found.add(word)
            denied = DENIED
            continue
        if word in _ENDS:
            denied = 0
        found.add(f"!{word}" if denied > 0 else word)
        denied -= 1
    return words, list(found)


def bucket(piece: str) -> int:
    """The row of a piece: its CRC-32, folded."""
    return zlib.crc32(piece.encode("utf-8", "replace")) % BUCKETS


def numbers(signs: Signs, text: str, size: int) -> list[float]:
    """The rules' findings as the head's inputs; `size` is the number of words, or of characters in Chinese."""
    return [
        signs.sentiment, signs.total / 4, tanh(signs.total / 4), log1p(signs.good), log1p(signs.bad),
        float(signs.good > 0), float(signs.bad > 0), signs.complaint, signs.praise, float(signs.irony),
        float(signs.leaving), float(signs.label == "negative"), float(signs.label == "positive"),
        float("?" in text), float("!" in text), float("xurlx" in text), float(text.startswith("rt ")),
        log1p(size) / 4, float("xuserx" in text), float(signs.named), min(text.count("#"), 3) / 3,
    ]  # fmt: skip


class Head:
    """Applies one language's weights.

    Args:
        kept: arrays by name, as bench/train/feeling.py writes them.
    """

    def __init__(self, reader: Reader, kept: dict[str, NDArray[np.generic]]) -> None:
        self._reader = reader
        self._pieces = kept["pieces"]
        self._piece_scale = float(kept["piece_scale"])
        self._mean, self._spread = _floats(kept["mean"]), _floats(kept["spread"])
        # Everything that is linear in the inputs is one product: numbers beside the word vector.
        self._direct, self._bias = _floats(kept["direct"]), _floats(kept["bias"])
        self._inner, self._inner_bias = _floats(kept["inner"]), _floats(kept["inner_bias"])
        self._outer = _floats(kept["outer"])
        self._cool = float(kept["cool"])

    def probabilities(self, folded: str, brand: Sequence[Span], signs: Signs) -> Probabilities:
        """Of negative, neutral and positive towards the brand; they add up to 1.

        Args:
            folded: the text, or the brand's part of it. brand: where it is named in it.
        """
        text = masked(folded, brand)
        words, found = pieces(text, self._reader)
        inputs = (np.array(numbers(signs, text, len(words) or len(text)), dtype=np.float32) - self._mean) / self._spread
        if self._reader == "en":
            inputs = np.concatenate((inputs, vectors.pooled(vectors.rows(words))))
        score = inputs @ self._direct + self._bias
        if found:
            rows = self._pieces.take([bucket(piece) for piece in found], axis=0)
            score = score + rows.sum(axis=0, dtype=np.int32) * (self._piece_scale / len(found) ** 0.5)
        score = score + np.maximum(inputs @ self._inner + self._inner_bias, 0.0) @ self._outer
        bad, even, good = (float(one) for one in score)
        bad -= RULES * STEEP * (signs.sentiment - MIDDLE + HALF)
        good += RULES * STEEP * (signs.sentiment - MIDDLE - HALF)
        most = max(bad, even, good)
        parts = [exp((one - most) * self._cool) for one in (bad, even, good)]
        return parts[0] / sum(parts), parts[1] / sum(parts), parts[2] / sum(parts)

    def telling(self, folded: str, brand: Sequence[Span], label: Label, most: int = 3) -> tuple[Span, ...]:
        """The places whose words weigh most for `label`, in order: what to show where the rules found nothing."""
        column = LABELS.index(label)
        text = folded[:READ]
        spans = _words_of(text) if self._reader == "en" else [(at, at + 2) for at in range(len(text) - 1)]
        if not spans:
            return ()
        rows = self._pieces.take([bucket(text[start:end]) for start, end in spans], axis=0).tolist()
        weighed = []
        for (start, end), row in zip(spans, rows, strict=True):
            weight = row[column] - sum(row) / 3
            if weight > 0 and not any(start < b and a < end for a, b in brand) and text[start:end].strip():
                weighed.append((-weight, start, end))
        return tuple(sorted((start, end) for _, start, end in sorted(weighed)[:most]))


@cache
def head(reader: Reader) -> Head:
    """The shipped head of a language."""
    with np.load(BytesIO(files("listener.judge").joinpath(f"weights/feeling_{reader}.npz").read_bytes())) as kept:
        return Head(reader, dict(kept))


def _floats(kept: NDArray[np.generic]) -> NDArray[np.float32]:
    return kept.astype(np.float32)


def _words_of(text: str) -> list[Span]:
    return [match.span() for match in re.finditer(r"[a-z]{3,}(?:'[a-z]+)?", text)]
