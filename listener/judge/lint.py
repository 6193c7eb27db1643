"""What is doubtful in a brand query that parses: each finding is a sentence with the mend, and the character."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from listener.fold import bare
from listener.judge.implies import LONGEST, excludes, implies
from listener.judge.misread import hashtag_note, narrow
from listener.judge.query import Query
from listener.judge.tree import And, Near, Node, Not, Or, Term, bare_terms, place_of, terms, walk
from listener.judge.words import CJK, data_lines

MAX_SHOWN = 60  # characters of the query that a finding repeats

_HAN = re.compile(f"[{CJK}]")
_SEPARATOR = re.compile(r"[^\W_](?P<sign>[,，、;；|/]|&&)[^\W_]")
_SIGN = re.compile(r"^[-+!|]\w")
_PLACES = {"site": "post from there", "source": "post from there", "thread": "thread whose address has it"}
_HOST = re.compile(r"^[^/:@?]+$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[a-z0-9]{1,8})*$")


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """Something doubtful in a query: a sentence for a person, and the character it is about."""

    message: str
    position: int


def lint(query: Query) -> tuple[QueryWarning, ...]:
    """What is doubtful in a query, in the order of its characters."""
    found = {
        QueryWarning(message, position)
        for position, message in (
            *_terms(query.root), *_bare(query.root), *_implied(query.root), *_logic(query.root), *_note(query.text),
        )
    }  # fmt: skip
    return tuple(sorted(found, key=lambda warning: (warning.position, warning.message)))


def lint_together(queries: Mapping[str, Query]) -> dict[str, tuple[QueryWarning, ...]]:
    """Names that are enough for the queries of several brands: a post with one is booked for each of them."""
    owners: dict[Term, list[str]] = {}
    for brand, query in queries.items():
        for term in set(bare_terms(query.root)):
            owners.setdefault(term, []).append(brand)
    found: dict[str, tuple[QueryWarning, ...]] = {}
    for brand, query in queries.items():
        shared: dict[Term, QueryWarning] = {}
        for term in bare_terms(query.root):
            if others := [other for other in owners[term] if other != brand]:
                message = (
                    f"{_shown(term)} is enough for {', '.join(others)}, too, so a post with it counts for each; "
                    "keep it in one, or say beside it what goes with which"
                )
                shared.setdefault(term, QueryWarning(message, term.position))
        if shared:
            found[brand] = tuple(shared.values())
    return found


def unknown_sources(query: Query, known: Collection[str]) -> tuple[QueryWarning, ...]:
    """source: terms that none of the sources in the config fits."""
    folded = {bare(name) for name in known}
    return tuple(
        QueryWarning(f"no source in sources.toml is called {' '.join(term.words)}", term.position)
        for term in terms(query.root)
        if term.field == "source" and not any(_called(term, name) for name in folded)
    )


def _called(term: Term, name: str) -> bool:
    wanted = bare(" ".join(term.words))
    return name == wanted or (term.prefix and name.startswith(wanted))


def _terms(root: Node) -> Iterator[tuple[int, str]]:
    """What is odd about a term, wherever it stands."""
    for term in terms(root):
        first, last = term.words[0], term.words[-1]
        if term.field:
            if doubt := _field(term):
                yield term.position, doubt
            continue
        if term.prefix and not _HAN.search(last) and len("".join(term.words)) < 3:
            yield term.position, f"{last}* has fewer than three letters and takes in many other words; write more of it"
        if term.prefix and _HAN.match(last[-1]):
            yield term.position, f"Chinese is found inside longer words anyway; the * of {last}* does nothing"
        if len(term.words) > 1 or term.exact:
            continue
        if first in {"and", "or", "not"} or re.match(r"o?near(/\d*)?$", first):
            large = first.upper()
            yield term.position, f"{first!r} is looked for as a word; operators are written large: {large}"
        elif _SIGN.match(first):
            mend = f"NOT {first[1:]}" if first[0] in "-!" else first[1:]
            yield term.position, f"{first!r} is looked for with its {first[0]!r}; operators are words here: {mend}"
        elif separator := _SEPARATOR.search(first):
            sign = separator["sign"]
            yield term.position, f"{first!r} is looked for with its {sign!r}; write OR (or a blank and AND) for several"


def _field(term: Term) -> str:
    value = " ".join(term.words)
    if term.field == "site" and not _HOST.match(value):
        return f'site: takes a host name such as forum.example.com, not "{value}"; thread: looks in addresses'
    if term.field == "lang" and not term.prefix and not _LANGUAGE.match(value):
        return f'lang: takes a code such as en, zh, zh-Hant or zh-Hans, not "{value}"'
    return ""


def _bare(root: Node) -> Iterator[tuple[int, str]]:
    """Terms that are enough by themselves and yet say little."""
    for term in _unaided(root):
        if every := _PLACES.get(term.field):
            yield term.position, f"{_shown(term)} alone takes in every {every}; add the brand's name if not meant"
    for term in bare_terms(root):
        (word, *rest) = term.words
        if term.field or rest:
            continue
        if not (term.prefix or term.exact) and word in _everyday():
            yield (
                term.position,
                f"{word!r} is an everyday word, and alone it matches posts about other things; "
                "add what goes with the brand (AND, NEAR/8), what does not (NOT), or write {…} for its exact case",
            )
        if len(word) == 1:
            yield term.position, f"{word!r} is a single character and alone matches very much; add what goes with it"


def _unaided(node: Node) -> Iterator[Term]:
    """The terms beside which nothing is asked for: `bare_terms`, and those that have only a NOT beside them."""
    match node:
        case Or(parts=parts):
            for part in parts:
                yield from _unaided(part)
        case And(parts=parts) if len(asked := [part for part in parts if not isinstance(part, Not)]) == 1:
            yield from _unaided(asked[0])
        case Term():
            yield node


def _implied(root: Node) -> Iterator[tuple[int, str]]:
    for node in walk(root):
        if isinstance(node, And) and node.implied_at:
            yield (
                node.implied_at[0],
                'two terms stand side by side, which means AND; write AND, OR, or "…" for a phrase',
            )
            return


def _note(text: str) -> Iterator[tuple[int, str]]:
    if tag := hashtag_note(narrow(text)):
        yield tag[1], f'# begins a note, so {tag[0]} is not looked for; write "{tag[0]}", or a blank after # for a note'


def _logic(root: Node) -> Iterator[tuple[int, str]]:
    """Parts that change nothing: repeated, shadowed by a wider one, or a NOT that never meets what it forbids."""
    for node in walk(root):
        match node:
            case Or(parts=parts):
                yield from _shadowed(parts[:LONGEST])
            case And(parts=parts):
                asked = [part for part in parts if not isinstance(part, Not)][:LONGEST]
                forbidden = [part for part in parts if isinstance(part, Not)][:LONGEST]
                yield from _forbidden(asked, forbidden)
                for part, other in _pairs(asked):
                    if implies(other, part):
                        yield place_of(part), f"{_shown(part)} asks for nothing more: {_shown(other)} has it already"
            case Near(left=left, right=right) if implies(left, right) and implies(right, left):
                yield place_of(right), f"both sides of NEAR are {_shown(left)}: it has to stand there twice"


def _shadowed(parts: Sequence[Node]) -> Iterator[tuple[int, str]]:
    """Alternatives of which another one finds all that they find."""
    for part, other in _pairs(parts):
        if implies(part, other):
            if any(isinstance(inner, Not) for inner in walk(part)):
                at = next(inner.position for inner in walk(part) if isinstance(inner, Not))
                yield (
                    at,
                    f"this NOT can never matter: {_shown(other)} alone lets those posts in; write the NOT for both",
                )
            else:
                said = "stands here twice" if part == other else f"adds nothing: {_shown(other)} finds all of that"
                yield place_of(part), f"{_shown(part)} {said}"


def _forbidden(asked: Sequence[Node], forbidden: Sequence[Not]) -> Iterator[tuple[int, str]]:
    for no in forbidden:
        if any(implies(part, no.part) for part in asked):
            yield (
                no.position,
                f"nothing can match here: what is asked for has {_shown(no.part)} in it, which is forbidden",
            )
        elif blocker := next((part for part in asked if excludes(part, no.part)), None):
            yield no.position, f"this NOT can never matter: no post with {_shown(blocker)} has {_shown(no.part)}"
    for part, other in _pairs(forbidden):
        if implies(other, part):
            yield place_of(part), f"this NOT can never matter: {_shown(other)} forbids all of that already"


def _pairs(parts: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """(part, other) for every two of them in both orders; of two equal ones only the later as part."""
    for at, part in enumerate(parts):
        for number, other in enumerate(parts):
            if number != at and not (part == other and number > at):
                yield part, other


def _shown(node: Node) -> str:
    """A part as a person would write it, shortened."""
    shown = str(node)
    if isinstance(node, Term) and len(node.words) == 1 and not node.exact:
        shown = f"{node.field}{':' * bool(node.field)}{node.words[0]}{'*' * node.prefix}"
    return shown if len(shown) <= MAX_SHOWN else f"{shown[: MAX_SHOWN - 1]}…"


@cache
def _everyday() -> frozenset[str]:
    return frozenset(map(bare, data_lines("everyday.txt")))
