"""Texts gathered into groups as they come: each joins the nearest group, or opens one of its own.

One pass in the order of time (the leader algorithm, as in topic detection and tracking: Allan et al., "On-line New
Event Detection and Tracking", SIGIR 1998): a text is a sparse tf-idf vector of length 1, a group the sum of its texts'
vectors, and what a group said loses half of its weight every HALF_LIFE_DAYS. Then the groups that held are merged where
they are near, and every text is given once more to the nearest of them, so that it matters little who came first.

Pure and deterministic: the same vectors in the same order give the same groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_DAYS = 14.0
MOST_LIVE = 1_024  # groups that are open at a time; the one that said least and longest ago makes room
MOST_WORDS = 16_384  # of the vocabulary; the rarer ones join nothing
JOIN = 0.22  # cosine from which a text joins a group
MERGE = 0.45  # cosine from which two groups are one
STAY = 0.15  # cosine to the final centre from which a text belongs to it
ROUNDS = 3  # of giving every text to the nearest centre

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as numbers: which words (ascending, < the vocabulary's size), and their weights; length 1, or empty."""

    words: NDArray[np.intp]
    weights: Floats


def group(vectors: Sequence[Vector], days: Sequence[float], voices: Sequence[int], size: int, least: int) -> list[int]:
    """Which group each text belongs to, −1 for none; groups are numbered from 0 by their first text.

    Args:
        days: when each was said, in days from any zero, ascending.
        voices: who said it, as numbers.
        size: of the vocabulary.
        least: voices that make a group.
    """
    found = _first_pass(vectors, days, size)
    for _ in range(ROUNDS):
        found = _kept(found, voices, least)
        middles = centres(vectors, found, size)
        if not len(middles):
            break
        found = _given(vectors, _merged(middles, found))
    return _kept(found, voices, least)


def _first_pass(vectors: Sequence[Vector], days: Sequence[float], size: int) -> list[int]:
    """The leader algorithm. Instead of letting old weights shrink, new ones grow: the cosine is the same."""
    slots = min(MOST_LIVE, len(vectors))
    sums = np.zeros((size, slots), dtype=np.float32)  # by word, so that a text reads a few whole rows
    squares = np.full(slots, np.inf)  # of the length; an empty slot is never the nearest
    counts, lasts = np.zeros(slots, dtype=np.int64), np.zeros(slots)
    names = [-1] * slots
    used = opened = 0
    found = []
    zero = days[0] if days else 0.0
    for vector, day in zip(vectors, days, strict=True):
        if not len(vector.words):
            found.append(-1)
            continue
        growth = 2.0 ** ((day - zero) / HALF_LIFE_DAYS)
        dots = vector.weights @ sums[vector.words]
        cosines = dots / np.sqrt(squares)
        best = int(np.argmax(cosines))
        if cosines[best] < JOIN:
            best = used if used < slots else int(np.lexsort((lasts, counts))[0])
            used = min(used + 1, slots)
            sums[:, best], squares[best], counts[best] = 0.0, 0.0, 0
            names[best], opened = opened, opened + 1
            dots[best] = 0.0
        squares[best] += 2.0 * growth * float(dots[best]) + growth * growth
        sums[vector.words, best] += vector.weights * np.float32(growth)
        counts[best] += 1
        lasts[best] = day
        found.append(names[best])
    return found


def _kept(found: Sequence[int], voices: Sequence[int], least: int) -> list[int]:
    """Groups of fewer than `least` voices dissolved, the others numbered by their first text."""
    speak: dict[int, set[int]] = {}
    for number, voice in zip(found, voices, strict=True):
        if number >= 0:
            speak.setdefault(number, set()).add(voice)
    numbers = {number: place for place, number in enumerate(n for n, some in speak.items() if len(some) >= least)}
    return [numbers.get(number, -1) for number in found]


def centres(vectors: Sequence[Vector], found: Sequence[int], size: int) -> Floats:
    """One row a group, length 1: the sum of its texts, each word weighed by how much of the word's use is here.

    That is c-TF-IDF's idea (Grootendorst, "BERTopic", 2022): what a group shares with all others does not tell it.
    """
    groups = max(found, default=-1) + 1
    sums = np.zeros((groups, size), dtype=np.float32)
    total = np.zeros(size, dtype=np.float32)
    for vector, number in zip(vectors, found, strict=True):
        total[vector.words] += vector.weights
        if number >= 0:
            sums[number, vector.words] += vector.weights
    sums *= np.sqrt(sums / np.maximum(total, np.float32(1e-9)))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    centred: Floats = (sums / np.maximum(lengths, np.float32(1e-9))).astype(np.float32)
    return centred


def _merged(centres: Floats, found: Sequence[int]) -> Floats:
    """Centres that are near made one, the nearest pair first."""
    sizes = np.bincount(np.asarray([n for n in found if n >= 0], dtype=np.intp), minlength=len(centres))
    rows, weights = list(centres), [float(size) for size in sizes]
    near = centres @ centres.T
    np.fill_diagonal(near, -1.0)
    while len(rows) > 1:
        one, other = sorted(divmod(int(np.argmax(near)), len(rows)))
        if near[one, other] < MERGE:
            break
        row = rows[one] * np.float32(weights[one]) + rows[other] * np.float32(weights[other])
        rows[one] = row / max(float(np.linalg.norm(row)), 1e-9)
        weights[one] += weights[other]
        del rows[other], weights[other]
        near = np.delete(np.delete(near, other, 0), other, 1)
        near[one] = near[:, one] = np.asarray(rows) @ rows[one]
        near[one, one] = -1.0
    return np.asarray(rows, dtype=np.float32)


def _given(vectors: Sequence[Vector], centres: Floats) -> list[int]:
    """Every text to the nearest centre, if that is near enough."""
    by_word = np.ascontiguousarray(centres.T)
    found = []
    for vector in vectors:
        cosines = vector.weights @ by_word[vector.words]
        best = int(np.argmax(cosines))
        found.append(best if cosines[best] >= STAY else -1)
    return found
