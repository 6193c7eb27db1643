"""A slow evaluator of brand queries that shares no search with the matcher: every place of a text is tried, letter by
letter. Written from docs/queries.md, to hold listener/judge/match.py against.
"""

import re

from listener.fold import bare
from listener.judge.find import readable
from listener.judge.tree import And, Near, Node, Not, Or, Term
from listener.judge.words import CJK
from listener.records import Post, Span

_CJK = re.compile(f"[{CJK}]")


def matches(node: Node, post: Post) -> bool:
    """Does the post have what the query asks for, in its text or its thread's title, and nothing that it forbids?"""
    match node:
        case Term(field="title"):
            return bool(places(node, post.thread_title))
        case Term(field=""):
            return bool(places(node, post.text) or places(node, post.thread_title))
        case Term(field="site"):
            return (("." + post.platform).endswith("." + node.words[0])) or (
                node.prefix and post.platform.startswith(node.words[0])
            )
        case Term(field="author"):
            return bare(post.author) == " ".join(node.words)
        case Near():
            return bool(pairs(node, post.text) or pairs(node, post.thread_title))
        case And(parts=parts):
            return all(matches(part, post) for part in parts)
        case Or(parts=parts):
            return any(matches(part, post) for part in parts)
        case Not(part=part):
            return not matches(part, post)
    raise AssertionError(node)


def places(node: Node, text: str) -> list[Span]:
    """Every place of a term, of one of several, or of a pair with what lies between."""
    match node:
        case Term():
            return _term_places(node, text)
        case Or(parts=parts):
            return [place for part in parts for place in places(part, text)]
        case Near():
            return [(min(one[0], other[0]), max(one[1], other[1])) for one, other in pairs(node, text)]
    raise AssertionError(node)


def pairs(node: Near, text: str) -> list[tuple[Span, Span]]:
    found = []
    for left in places(node.left, text):
        for right in places(node.right, text):
            for first, second in ((left, right),) if node.ordered else ((left, right), (right, left)):
                if first[1] <= second[0] and _words_begun(readable(text), first[1], second[0]) < node.distance:
                    found.append((left, right))
    return found


def _words_begun(text: str, start: int, end: int) -> int:
    """How many words begin from `start` up to before `end`; each Chinese character is one."""
    count = 0
    for at in range(start, end):
        one = text[at]
        inside = at > 0 and _letter(text[at - 1]) and _letter(one)
        count += bool(_CJK.match(one)) or (_letter(one) and not inside)
    return count


def _letter(one: str) -> bool:
    """A letter or digit of a script that puts spaces between words."""
    return one.isalnum() and not _CJK.match(one)


def _term_places(term: Term, text: str) -> list[Span]:
    folded = readable(text)
    found = []
    for start in range(len(folded)):
        for end in sorted(_ends(term, folded, start)):
            if not _border(text, folded, start):
                continue
            if term.prefix:
                while end < len(folded) and _letter(folded[end - 1]) and _letter(folded[end]):
                    end += 1
            elif not _border(text, folded, end):
                continue
            if not term.exact or tuple(text[start:end].split()) == term.words:
                found.append((start, end))
    return found


def _border(text: str, folded: str, at: int) -> bool:
    if at in (0, len(folded)) or not (_letter(folded[at - 1]) and _letter(folded[at])):
        return True
    tag = re.search(r"[#@]\w*$", text[:at])
    return tag is not None and text[at].isupper() and not text[at - 1].isupper()


def _ends(term: Term, folded: str, start: int) -> set[int]:
    ends = {start}
    for number, word in enumerate(map(bare, term.words)):
        if number:
            cjk = _CJK.match(bare(term.words[number - 1])[-1]) or _CJK.match(word[0])
            between: set[int] = set()
            for end in ends:
                after = end
                while after < len(folded) and folded[after].isspace():
                    after += 1
                    between.add(after)
                if not term.exact and folded[end : end + 1] == "-":
                    between.add(end + 1)
                if not term.exact and cjk:
                    between.add(end)
            ends = between
        ends = {after for end in ends for after in _word_ends(word, 0, folded, end, term.exact)}
    glued = "".join(map(bare, term.words))
    if (
        len(term.words) > 1
        and not term.exact
        and start
        and folded[start - 1] in "#@"
        and folded.startswith(glued, start)
    ):
        ends.add(start + len(glued))
    return ends


def _word_ends(word: str, at: int, folded: str, end: int, exact: bool) -> set[int]:
    """Where the rest of a word, from its character `at` on, may end if it begins at `end`."""
    if at == len(word):
        return {end}
    one = word[at]
    before, after = word[at - 1 : at] if at else "", word[at + 1 : at + 2]
    found: set[int] = set()
    if folded[end : end + 1] == one:
        found |= _word_ends(word, at + 1, folded, end + 1, exact)
    if exact or not before:
        return found
    inner = bool(after) and before.isalnum() and after.isalnum()
    if one == "-" and inner and not (before.isdecimal() and after.isdecimal()):
        found |= _word_ends(word, at + 1, folded, end, exact)
        if folded[end : end + 1] == " ":
            found |= _word_ends(word, at + 1, folded, end + 1, exact)
    if one == "'" and after and _letter(before) and _letter(after):
        found |= _word_ends(word, at + 1, folded, end, exact)
    if one == "&" and inner:
        for form in (" & ", " &", "& "):
            if folded.startswith(form, end):
                found |= _word_ends(word, at + 1, folded, end + len(form), exact)
    seam = (_letter(before) and _CJK.match(one)) or (_CJK.match(before) and _letter(one))
    if seam and folded[end : end + 2] == " " + one:
        found |= _word_ends(word, at + 1, folded, end + 2, exact)
    return found
