"""English words as vectors: what a head knows of words that its training posts never had.

weights/vectors_en.npz holds one vector a word, distilled from a sentence model (bench/train/vectors.py says which) and
kept as bytes with one scale a word. Words are those of folded text; a text's vector is the sum of its words' over the
root of their number, so that long texts neither drown nor shout.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[!?]+|[^\w\s]")
_MARKS = str.maketrans("‘’ʼ´′", "'''''")


def tokens(folded: str) -> list[str]:
    """Words, numbers and marks of a folded text, in order.

    >>> tokens("don't wait 20 min...")
    ["don't", 'wait', '20', 'min', '.', '.', '.']
    """
    return _TOKEN.findall(folded if folded.isascii() else folded.translate(_MARKS))


@cache
def vocabulary() -> dict[str, int]:
    """Word → its row in `table()`."""
    return {word: row for row, word in enumerate(_load()[0])}


@cache
def table() -> NDArray[np.float32]:
    """Shape (words, dimensions)."""
    return _load()[1]


def rows(words: Sequence[str]) -> list[int]:
    """The rows of those words that have a vector, in order; single letters and marks have none."""
    return [row for row in map(vocabulary().get, words) if row is not None]


def pooled(found: Sequence[int]) -> NDArray[np.float32]:
    """Shape (dimensions,); zeros for no rows."""
    vectors = table()
    if not found:
        return np.zeros(vectors.shape[1], dtype=np.float32)
    total: NDArray[np.float32] = vectors.take(found, axis=0).sum(axis=0) / np.float32(len(found) ** 0.5)
    return total


@cache
def _load() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    with np.load(BytesIO(files("listener.judge").joinpath("weights/vectors_en.npz").read_bytes())) as kept:
        words = tuple(kept["words"].tobytes().decode("ascii").split("\n"))
        return words, kept["vectors"].astype(np.float32) * kept["scales"][:, None].astype(np.float32)
