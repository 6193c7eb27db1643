"""Mentions as vectors over the words that can tell: tf-idf, rarity counted over all that is said of the brand."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from listener.records import Judged
from listener.themes.group import MOST_WORDS, Vector
from listener.themes.terms import Term, terms

TITLE_WEIGHT = 0.5  # of a word that stands only in the thread's title, for a reply
COMMON = 0.2  # a word in so large a part of all mentions tells no theme
_MANY = 50  # mentions from which such a part means anything


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some mentions.

    Attributes:
        own: of each mention's text, in order; `title` those of its thread's title.
        spread: word → how many different texts of all mentions hold it, titles left out.
        texts: how many different texts there are.
    """

    own: tuple[tuple[Term, ...], ...]
    title: tuple[frozenset[str], ...]
    spread: Counter[str]
    texts: int


def read_words(posts: Sequence[Judged], ignored: Collection[str]) -> Words:
    """Cut every mention into words once. Copies of one text are read, and counted, once."""
    own: dict[str, tuple[Term, ...]] = {}
    titles: dict[str, frozenset[str]] = {"": frozenset()}
    spread: Counter[str] = Counter()
    for post in posts:
        if post.text not in own:
            own[post.text] = tuple(term for term in terms(post.text) if term.key not in ignored)
            spread.update({term.key for term in own[post.text]})
        if post.thread_title not in titles:
            titles[post.thread_title] = frozenset(term.key for term in terms(post.thread_title)) - set(ignored)
    return Words(
        tuple(own[post.text] for post in posts), tuple(titles[post.thread_title] for post in posts), spread, len(own)
    )


def voices_of(posts: Sequence[Judged]) -> list[int]:
    """Whom each post counts for, as numbers in order of first speaking."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(post.voice, len(numbers)) for post in posts]


def vectors(words: Words, chosen: Sequence[int], voices: Sequence[int]) -> tuple[list[Vector], list[str]]:
    """The chosen mentions as vectors, and the vocabulary.

    A word that one voice alone says joins nobody to anybody and is left out; so is one that stands in COMMON of all.
    """
    said: defaultdict[str, set[int]] = defaultdict(set)
    for index in chosen:
        for key in {term.key for term in words.own[index]} | words.title[index]:
            said[key].add(voices[index])
    most = COMMON * words.texts if words.texts >= _MANY else math.inf
    known = [key for key, some in said.items() if len(some) > 1 and words.spread[key] <= most]
    known = sorted(sorted(known, key=lambda key: (-len(said[key]), key))[:MOST_WORDS])
    number = {key: place for place, key in enumerate(known)}
    rarity = [math.log((words.texts + 1) / (words.spread[key] + 0.5)) for key in known]
    found = []
    for index in chosen:
        counts: Counter[int] = Counter(number[term.key] for term in words.own[index] if term.key in number)
        weights = {place: (1.0 + math.log(n)) * rarity[place] for place, n in counts.items()}
        for key in words.title[index]:
            if key in number:
                weights.setdefault(number[key], TITLE_WEIGHT * rarity[number[key]])
        places = np.asarray(sorted(weights), dtype=np.intp)
        values = np.asarray([weights[place] for place in sorted(weights)], dtype=np.float32)
        length = float(np.linalg.norm(values))
        found.append(Vector(places, values / np.float32(length)) if length > 0 else Vector(places[:0], values[:0]))
    return found, known
