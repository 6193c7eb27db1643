"""What to call a theme: the words that its voices share and others do not use (c-TF-IDF), as they are written."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from listener.records import Judged
from listener.themes.terms import Term
from listener.themes.vectors import Words

MOST_NAMES = 4
LEAST_SAY = 2  # voices, and a tenth of all, that must say a word for it to stand in a name: no one person's do
TIES = 6  # of its most telling words are looked at for two that are said by the same voices
TOGETHER = 0.6  # of the voices that say the rarer of two words must say them side by side for them to be one name

Said = tuple[Judged, tuple[Term, ...], int]  # a post, its words, its voice


@dataclass(frozen=True, slots=True)
class Name:
    """What a theme is called, and what that rests on.

    Attributes:
        words: most telling first.
        voices: how many say the first of them.
        tied: two of its words stand together in the posts of LEAST_SAY voices; one word alone may be chance.
    """

    words: tuple[str, ...]
    voices: int
    tied: bool


def name_of(said: Sequence[Said], words: Words) -> Name | None:
    """The most telling words of a theme's posts; None where no two voices share one."""
    ranked, speak = telling(said, words)
    least = max(LEAST_SAY, len({voice for *_, voice in said}) // 10)
    ranked = [key for key in ranked if len(speak[key]) >= least][: 2 * MOST_NAMES]
    if not ranked:
        return None
    pairs = _side_by_side(said)
    names: list[str] = []
    used: set[str] = set()
    for key in ranked:
        if len(names) == MOST_NAMES or any(key in other or other in key for other in used):
            continue  # 熊猫 says no more beside 熊猫杯
        used.add(key)
        for (left, right), some in sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            other = right if left == key else left
            enough = max(LEAST_SAY, TOGETHER * min(len(speak[left]), len(speak[right])))
            if key in (left, right) and other in ranked and other not in used and len(some) >= enough:
                used.add(other)
                names.append(_written(said, (left, right)))
                break
        else:
            names.append(_written(said, (key,)))
    tied = any(len(speak[one] & speak[other]) >= LEAST_SAY for one, other in combinations(ranked[:TIES], 2))
    return Name(tuple(names), len(speak[ranked[0]]), tied)


def telling(said: Sequence[Said], words: Words) -> tuple[list[str], dict[str, set[int]]]:
    """The words of some posts, most telling first, and who says each.

    c-TF-IDF with voices for counts: the share of the theme's voices that say a word, times the logarithm of how rare
    the word is among all mentions.
    """
    speak: defaultdict[str, set[int]] = defaultdict(set)
    for _, found, voice in said:
        for term in found:
            speak[term.key].add(voice)
    rarity = {key: math.log(1.0 + words.texts / max(1, words.spread[key])) for key in speak}
    return sorted(speak, key=lambda key: (-len(speak[key]) * rarity[key], key)), dict(speak)


def _side_by_side(said: Sequence[Said]) -> dict[tuple[str, str], set[int]]:
    """Pairs of different words that stand next to each other, with nothing or one space between; who says them."""
    pairs: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for post, found, voice in said:
        for one, other in pairwise(found):
            if one.key != other.key and one.end <= other.start and post.text[one.end : other.start] in ("", " "):
                pairs[one.key, other.key].add(voice)
    return pairs


def _written(said: Sequence[Said], keys: tuple[str, ...]) -> str:
    """How the words are mostly written, in lower case; Traditional where most write so."""
    forms: Counter[str] = Counter()
    for post, found, _ in said:
        for at in range(len(found) - len(keys) + 1):
            some = found[at : at + len(keys)]
            if tuple(term.key for term in some) == keys:
                gap = post.text[some[0].end : some[-1].start] if len(some) > 1 else ""
                if gap in ("", " "):
                    forms[post.text[some[0].start : some[-1].end].lower()] += 1
    return min(forms, key=lambda form: (-forms[form], form))
