"""Does one part of a brand query say what another says already? Sound, not complete: True is certain, False is not.

"Implies" is meant over all posts: wherever the first part holds, the second holds as well.
"""

from functools import lru_cache

from listener.judge.find import Finder, readable
from listener.judge.tree import And, Near, Node, Not, Or, Term
from listener.records import Span

LONGEST = 300  # terms that are compared with each other; a query with more is looked at up to there


def implies(one: Node, other: Node) -> bool:
    """Does every post with `one` have `other`, too?"""
    if one == other:
        return True
    match one, other:
        case Or(parts=parts), _:
            return all(implies(part, other) for part in parts)
        case _, And(parts=parts):
            return all(implies(one, part) for part in parts)
        case And(parts=parts), _ if any(implies(part, other) for part in parts):
            return True
        case _, Or(parts=parts):
            return any(implies(one, part) for part in parts)
        case Not(part=part), Not(part=wider):
            return implies(wider, part)
        case Near(left=left, right=right), Near(left=a, right=b) if other.distance >= one.distance:
            same = implies(left, a) and implies(right, b)
            turned = implies(left, b) and implies(right, a)
            return (same and one.ordered >= other.ordered) or (turned and not other.ordered)
        case Near(left=left, right=right), Term() | Near():
            return implies(left, other) or implies(right, other)
        case Term(), Term():
            return _term_implies(one, other)
    return False


def excludes(one: Node, other: Node) -> bool:
    """Can no post have both? Known of two different sites, sources, authors or languages."""
    match one, other:
        case Or(parts=parts), _:
            return all(excludes(part, other) for part in parts)
        case _, Or(parts=parts):
            return all(excludes(one, part) for part in parts)
        case And(parts=parts), _:
            return any(excludes(part, other) for part in parts)
        case _, And(parts=parts):
            return any(excludes(one, part) for part in parts)
        case Term(field=field), Term() if field == other.field and field in ("site", "source", "author", "lang"):
            return not (one.prefix or other.prefix or _term_implies(one, other) or _term_implies(other, one))
    return False


def _term_implies(one: Term, other: Term) -> bool:
    if one.field in ("", "title"):
        if other.field not in ("", one.field):
            return False
        return _holds(one, other)
    if one.field != other.field or (other.exact and not one.exact):
        return False
    have, want = " ".join(one.words), " ".join(other.words)
    if one.prefix and not other.prefix:
        return False
    if other.prefix:
        return have.startswith(want)
    ends = {"site": have.endswith("." + want), "lang": have.startswith(want + "-"), "thread": want in have}
    return have == want or ends.get(one.field, False)


def _holds(one: Term, other: Term) -> bool:
    """Is `other` found in all the ways in which `one` may be written?"""
    if other.exact and not one.exact:
        return False
    finder = _finder(other)
    for body in _ways(one):
        folded = readable(body)
        hits = {literal: places for literal in finder.literals if (places := _places(literal, folded))}
        if not hits or not finder.spans(body, folded, hits):
            return False
    return True


def _places(literal: str, folded: str) -> list[Span]:
    return (
        [(at, at + len(literal)) for at in range(len(folded)) if folded.startswith(literal, at)]
        if (literal in folded)
        else []
    )


@lru_cache(maxsize=4096)
def _finder(term: Term) -> Finder:
    return Finder(term)


@lru_cache(maxsize=4096)
def _ways(term: Term) -> tuple[str, ...]:
    if term.exact:
        return (" ".join(term.words),)
    forms = [" ".join(term.words)]
    if len(term.words) == 1:
        forms = list(_finder(term).literals)
    else:
        forms += ["-".join(term.words), "#" + "".join(term.words)]
    # A prefix may go on with any letter; Han and hangul are found inside words whatever goes on.
    return tuple(form + more for form in forms for more in (("", "x") if term.prefix else ("",)))
