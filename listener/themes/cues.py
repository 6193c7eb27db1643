"""A theme's words as cues of a topic: those that find its posts and little else.

Candidates are the theme's telling words, alone and in pairs of one sentence. Whoever calls finds out which mentions
each of them finds (the topic finder's work, a stage of its own); then `choose` takes greedily what adds most.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from listener.themes.naming import LEAST_SAY, Said, telling
from listener.themes.terms import is_han
from listener.themes.vectors import Words

MOST_SINGLE, MOST_PAIRED = 16, 8  # telling words that are tried alone, and with one another
MOST_CUES = 12
PURE = 0.6  # of what a cue finds beyond the cues before it must be the theme's
COST = 2  # of the theme's posts that must be gained for each other one that a cue finds


def candidates(said: Sequence[Said], words: Words) -> tuple[tuple[str, bool], ...]:
    """Cues worth trying, (the cue, is it Chinese), in the syntax of topics.toml.

    Pairs stand first, for of two cues that find the same the narrower one will err less tomorrow.
    """
    ranked, speak = telling(said, words)
    ranked = [key for key in ranked if len(speak[key]) >= LEAST_SAY][:MOST_SINGLE]
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for post, found, _ in said:
        for term in found:
            forms[term.key].add(post.text[term.start : term.end].lower().replace("’", "'"))
    parts = {key: _part(sorted(forms[key])) for key in ranked}
    chinese = {key: is_han(key) for key in ranked}
    tried = []
    for one, other in combinations(ranked[:MOST_PAIRED], 2):
        if chinese[one] == chinese[other] and one not in other and other not in one:
            tried.append((f"{parts[one]} + {parts[other]}", chinese[one]))
    return tuple(tried + [(parts[key], chinese[key]) for key in ranked])


def _part(forms: Sequence[str]) -> str:
    return forms[0] if len(forms) == 1 else f"({'|'.join(forms)})"


def choose(hits: Mapping[str, frozenset[str]], theirs: frozenset[str]) -> tuple[str, ...]:
    """The cues to take, best first; none where no cue finds two of the theme's posts purely enough.

    Args:
        hits: cue → keys of the mentions that it finds; ties go to the one that stands first.
        theirs: keys of the theme's posts.
    """
    chosen: list[str] = []
    found: set[str] = set()
    while len(chosen) < MOST_CUES:
        best, worth = "", 0
        for cue, keys in hits.items():
            new = keys - found
            gained = len(new & theirs)
            others = len(new) - gained
            if gained >= (1 if chosen else 2) and gained >= PURE * len(new) and gained - COST * others > worth:
                best, worth = cue, gained - COST * others
        if not best:
            break
        chosen.append(best)
        found |= hits[best]
    return tuple(chosen)
