"""Words that tell one heap of posts from another, in English and Chinese.

Each word counts once a post. Words are ranked by the z-score of their log-odds with an informative Dirichlet prior
(Monroe, Colaresi and Quinn 2008, "Fightin' Words", equations 15 to 22): unlike plain ratios it does not put words
first that were seen twice, and unlike differences of counts not those that everybody uses.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import rjieba

from listener.fold import bare
from listener.judge.words import function_words, without_surrogates

PRIOR = 100.0  # weight of the prior, in words: what both heaps say together
LEAST_POSTS = 3  # a word in fewer posts tells of these posts, not of the heap
SURE = 1.96  # z-score from which on a word is told: 95 % of chance lies below
READ = 5000  # code points of a post that are looked at

_ENGLISH = re.compile(r"[a-z][a-z']*[a-z]")
_HAN_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_LINK = re.compile(r"https?://\S+|www\.\S+")


@dataclass(frozen=True, slots=True)
class Telling:
    """A word that stands in `here` posts of the one heap and `there` posts of the other; z says how surely it tells."""

    word: str
    here: int
    there: int
    z: float


def words_of(text: str) -> dict[str, str]:
    """The words of a text, folded → as written: English of two letters and more, Chinese of two characters and more.

    Words that are in nearly every post are left out.

    >>> words_of("Acme's 客服不回應 no")
    {"acme's": "Acme's", '客服': '客服', '回应': '回應'}
    """
    text = _LINK.sub(lambda link: " " * len(link[0]), text[:READ])
    folded = without_surrogates(bare(text))
    found = {}
    for run in _HAN_RUN.finditer(folded):
        at = run.start()
        for word in rjieba.cut(run[0]):
            if len(word) > 1:
                found[word] = text[at : at + len(word)]
            at += len(word)
    english = {match[0]: text[match.start() : match.end()] for match in _ENGLISH.finditer(folded)}
    return {word: written for word, written in (english | found).items() if word not in function_words()}


def telling(
    here: Mapping[str, int], there: Mapping[str, int], most: int, without: Collection[str] = ()
) -> tuple[Telling, ...]:
    """The words that tell the posts counted in `here` from those in `there`, surest first.

    Args:
        here, there: word → posts with it. without: words that are left out (the query's own).
    """
    n_here, n_there = sum(here.values()), sum(there.values())
    if not n_here or not n_there:
        return ()
    found = []
    for word, count in here.items():
        if count < LEAST_POSTS or word in without:
            continue
        other = there.get(word, 0)
        prior = PRIOR * (count + other) / (n_here + n_there)
        mine, theirs = count + prior, other + prior
        odds = math.log(mine / (n_here + PRIOR - mine)) - math.log(theirs / (n_there + PRIOR - theirs))
        z = odds / math.sqrt(1 / mine + 1 / theirs)
        if z >= SURE:
            found.append(Telling(word, count, other, round(z, 2)))
    return tuple(sorted(found, key=lambda one: (-one.z, one.word))[:most])


def covering(words: Sequence[str], bags: Sequence[Collection[str]], most: int, least: float = 0.02) -> tuple[str, ...]:
    """Few of these words that together stand in as many of the bags as can be: each time the one that adds most.

    Args:
        words: the ones to choose from; of two that add the same the earlier one is taken.
        least: share of the bags that a word must add to be worth it; never fewer than two bags.
    """
    chosen: list[str] = []
    rest = list(bags)
    while len(chosen) < most:
        counts = Counter(word for bag in rest for word in words if word in bag)
        best = max(words, key=lambda word: counts[word], default="")
        if counts[best] < max(2, least * len(bags)):
            break
        chosen.append(best)
        rest = [bag for bag in rest if best not in bag]
    return tuple(chosen)


def bounded(counts: Counter[str], most: int = 200_000) -> None:
    """Keep the memory of a long count bounded: words seen once go when there are more than `most` of them."""
    if len(counts) > most:
        for word in [word for word, count in counts.items() if count == 1]:
            del counts[word]
