"""Cues of irony in both languages (irony.txt). They lower the confidence in a judgement; they do not turn it round."""

from functools import cache

from listener.fold import fold
from listener.judge.words import Literals, blanks_to_spaces, data_lines, whole


def ironic(folded: str) -> bool:
    """Does a folded text have a cue of irony?"""
    spaced = blanks_to_spaces(folded)
    return any(whole(spaced, start, end) for _, start, end in _cues().find(spaced))


@cache
def _cues() -> Literals:
    return Literals(tuple(dict.fromkeys(map(fold, data_lines("irony.txt")))))
