"""Brand queries: read, checked, frozen. The grammar stands in query.lark, the matching in match.py.

    (Acme OR "Acme Mobile" OR 艾克米) NOT (bird* OR {ACME} NEAR/5 theorem)   # a note

A query is a tree of Term, Near, And, Or and Not. Words are kept folded, so Traditional and Simplified, wide and
narrow, large and small are one; {…} alone is kept as written. Two things are refused outright: a query that every
post would match, and one whose cost has no bound.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from listener.errors import QueryError
from listener.fold import fold
from listener.judge.words import CJK, data_lines

MAX_CHARACTERS = 20_000
MAX_TERMS = 2_000
MAX_DEPTH = 40
MAX_DISTANCE = 100
FIELDS = ("title", "author", "source", "site", "lang", "thread")

_HAN = re.compile(f"[{CJK}]")
_LETTER = re.compile(r"[^\W_]")
_WIDE = str.maketrans("（）＂“”＃＊：｛｝　", '()"""#*:{} ')  # as Chinese keyboards write them; one for one
_UNKNOWN_FIELD = re.compile(r"^([A-Za-z]+):\S")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase or prefix, in the text or in a field.

    Attributes:
        words: folded, except where `exact`; a phrase has several.
        prefix: the last word may go on.
        exact: {…}: letter case counts.
        field: "" for the text, else one of FIELDS.
        position: where it stands in the query, 0-based.
    """

    words: tuple[str, ...]
    prefix: bool
    exact: bool
    field: str
    position: int

    def __str__(self) -> str:
        body = " ".join(self.words) + "*" * self.prefix
        body = f"{{{body}}}" if self.exact else f'"{body}"'
        return f"{self.field}:{body}" if self.field else body


@dataclass(frozen=True, slots=True)
class And:
    """All of them. `implied_at`: positions where AND was left out between two things that are asked for."""

    parts: tuple["Node", ...]
    implied_at: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"({' AND '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return f"({' OR '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Not:
    """Not that."""

    part: "Node"
    position: int

    def __str__(self) -> str:
        return f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class Near:
    """`left` and `right` at most `distance` words apart (neighbours are 1 apart); `ordered`: left first."""

    left: "Node"
    right: "Node"
    distance: int
    ordered: bool

    def __str__(self) -> str:
        return f"({self.left} {'O' * self.ordered}NEAR/{self.distance} {self.right})"


Node: TypeAlias = Term | And | Or | Not | Near


@dataclass(frozen=True, slots=True)
class Query:
    """A brand query that parsed.

    Attributes:
        version: 8 hex digits; equal for queries that differ in layout and comments only.
    """

    text: str
    root: Node
    version: str


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """Something doubtful in a query: a sentence for a person, and the character it is about."""

    message: str
    position: int


def parse(text: str) -> Query:
    """Read a brand query.

    Raises:
        QueryError: it does not parse, would match everything, or is too large. Points at the character.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryError(f"the query has {len(text):,} characters; {MAX_CHARACTERS:,} are allowed", text[:80], 0)
    plain = _narrow(text)
    _check_brackets(text, plain)
    try:
        tree = _grammar().parse(plain)
    except UnexpectedInput as error:
        raise _misread(text, plain, error) from error
    root = _node(tree.children[0], text, "")
    if (count := sum(1 for _ in terms(root))) > MAX_TERMS:
        raise QueryError(f"the query has {count:,} terms; {MAX_TERMS:,} are allowed", text, 0)
    if (everything := _matches_everything(root)) is not None:
        raise QueryError(
            "this would match every post that lacks a word; say what must be there, and use NOT only beside it",
            text,
            everything,
        )
    return Query(text, root, hashlib.sha256(str(root).encode("utf-8", "surrogatepass")).hexdigest()[:8])


def lint(query: Query) -> tuple[QueryWarning, ...]:
    """What is doubtful in a query, in the order of its characters."""
    found: list[QueryWarning] = []
    for term in terms(query.root):
        if term.prefix and not term.field and not _HAN.search(term.words[-1]) and len("".join(term.words)) < 3:
            message = f"{term.words[-1]}* has fewer than three letters and takes in many other words; write more of it"
            found.append(QueryWarning(message, term.position))
        if term.words[0] in {"and", "or", "not", "near"} and len(term.words) == 1 and not term.field:
            message = f"{term.words[0]!r} is looked for as a word; operators are written large: {term.words[0].upper()}"
            found.append(QueryWarning(message, term.position))
    for term in _bare(query.root):
        if len(term.words) == 1 and not (term.prefix or term.exact or term.field) and term.words[0] in _everyday():
            message = (
                f"{term.words[0]!r} is an everyday word, and alone it matches posts about other things; "
                "add what goes with the brand (AND, NEAR/8), what does not (NOT), or write {…} for its exact case"
            )
            found.append(QueryWarning(message, term.position))
        if len(term.words) == 1 and not term.field and len(term.words[0]) == 1:
            message = f"{term.words[0]!r} is a single character and alone it matches very much; add what goes with it"
            found.append(QueryWarning(message, term.position))
    for position in list(_implied(query.root))[:1]:
        message = 'two terms stand side by side, which means AND; write AND, OR, or "…" for a phrase'
        found.append(QueryWarning(message, position))
    return tuple(sorted(found, key=lambda warning: warning.position))


def terms(node: Node) -> Iterator[Term]:
    """All terms of a tree, in order."""
    match node:
        case Term():
            yield node
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from terms(part)
        case Not(part=part):
            yield from terms(part)
        case Near(left=left, right=right):
            yield from terms(left)
            yield from terms(right)


def _bare(node: Node) -> Iterator[Term]:
    """The terms that are enough by themselves to match the query."""
    match node:
        case Term():
            yield node
        case Or(parts=parts):
            for part in parts:
                yield from _bare(part)
        case And(parts=parts):
            asked = [part for part in parts if not isinstance(part, Not)]
            if len(asked) == 1 and len(asked) == len(parts):
                yield from _bare(asked[0])


def _implied(node: Node) -> Iterator[int]:
    match node:
        case And(parts=parts, implied_at=at):
            yield from at
            for part in parts:
                yield from _implied(part)
        case Or(parts=parts):
            for part in parts:
                yield from _implied(part)
        case Not(part=part):
            yield from _implied(part)


def _matches_everything(node: Node) -> int | None:
    """Position of the NOT through which a post with none of the words would match; None if there is none."""
    match node:
        case Not(part=part, position=position):
            return None if _matches_everything(part) is not None else position
        case And(parts=parts):
            places = [_matches_everything(part) for part in parts]
            return None if None in places else places[0]
        case Or(parts=parts):
            return next((at for part in parts if (at := _matches_everything(part)) is not None), None)
    return None


@cache
def _everyday() -> frozenset[str]:
    return frozenset(data_lines("everyday.txt"))


@cache
def _grammar() -> Lark:
    source = files("listener.judge").joinpath("query.lark").read_text("utf-8")
    return Lark(source, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _narrow(text: str) -> str:
    """Wide brackets, quotes and blanks become narrow ones outside of quotes; the length stays."""
    return text.translate(_WIDE)


def _check_brackets(text: str, plain: str) -> None:
    """Clearer words than a parser's for what goes wrong most: quotes and brackets left open, and too many of them."""
    opened: list[int] = []
    at = 0
    while at < len(plain):
        one = plain[at]
        if one in '"{':
            end = plain.find('"' if one == '"' else "}", at + 1)
            if end < 0:
                raise QueryError("this quote is not closed" if one == '"' else "this { is not closed", text, at)
            at = end
        elif one == "#" and (at == 0 or plain[at - 1] in ' \t\r\n()"}'):
            end = plain.find("\n", at)
            at = len(plain) if end < 0 else end
        elif one == "(":
            opened.append(at)
            if len(opened) > MAX_DEPTH:
                raise QueryError(f"brackets stand more than {MAX_DEPTH} deep", text, at)
        elif one == ")":
            if not opened:
                raise QueryError("this bracket closes nothing", text, at)
            opened.pop()
        at += 1
    if opened:
        raise QueryError("this bracket is not closed", text, opened[-1])


def _misread(text: str, plain: str, error: UnexpectedInput) -> QueryError:
    position = min(getattr(error, "pos_in_stream", None) or 0, len(text))
    token = getattr(error, "token", None)
    kind = getattr(token, "type", "")
    if not plain.strip() or not re.sub(r"#[^\n]*", "", plain).strip():
        return QueryError("the query is empty; write the brand's name", text, 0)
    if kind == "$END":
        return QueryError("the query ends too early; something should follow here", text, len(text))
    if kind in {"AND", "_OR", "NEAR", "NOT"}:
        return QueryError(f"{str(token).strip()} stands between two terms; one is missing here", text, position)
    if kind == "RPAR":
        return QueryError("something should stand before this bracket", text, position)
    return QueryError("this is not understood here", text, position)


def _node(part: "Token | Tree[Token]", text: str, field: str) -> Node:
    """A parse tree as a query tree; depth is bounded by MAX_DEPTH brackets."""
    if isinstance(part, Token):
        return _term(part, text, field)
    rule, children = str(part.data), part.children
    if rule == "any":
        return Or(tuple(_node(child, text, field) for child in children))
    if rule == "not":
        inner = _node(children[-1], text, field)
        return Not(inner, part.meta.start_pos)
    if rule == "field":
        return _node(children[1], text, str(children[0])[:-1].lower())
    if rule == "near":
        return _near(part, text, field)
    parts: list[Node] = []
    implied: list[int] = []
    written = True
    for child in children:
        if isinstance(child, Token) and child.type == "AND":
            written = True
            continue
        node = _node(child, text, field)
        if not written and not isinstance(node, Not) and parts and not isinstance(parts[-1], Not):
            implied.append(child.start_pos or 0 if isinstance(child, Token) else child.meta.start_pos)
        parts.append(node)
        written = False
    return And(tuple(parts), tuple(implied))


def _near(part: "Tree[Token]", text: str, field: str) -> Near:
    left, operator, right = part.children
    assert isinstance(operator, Token)
    position = operator.start_pos or 0
    name, _, number = str(operator).partition("/")
    if not number or not 1 <= int(number[:6]) <= MAX_DISTANCE:
        raise QueryError(f"write how many words apart: {name}/1 to {name}/{MAX_DISTANCE}", text, position)
    sides = (_node(left, text, field), _node(right, text, field))
    for side in sides:
        for inner in _inside(side):
            if isinstance(inner, And | Not):
                raise QueryError(f"{name} takes words, phrases and OR; AND and NOT do not go inside it", text, position)
            if isinstance(inner, Term) and inner.field:
                raise QueryError(f"{name} looks in the text; {inner.field}: does not go inside it", text, position)
    return Near(*sides, distance=int(number), ordered=name == "ONEAR")


def _inside(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Or(parts=parts):
            for part in parts:
                yield from _inside(part)
        case Near(left=left, right=right):
            yield from _inside(left)
            yield from _inside(right)


def _term(token: Token, text: str, field: str) -> Term:
    position = token.start_pos or 0
    body = text[position : position + len(token)]
    exact = token.type == "EXACT"
    if token.type in {"PHRASE", "EXACT"}:
        body = body[1:-1]
    elif not field and (unknown := _UNKNOWN_FIELD.match(_narrow(body))):
        known = ", ".join(f"{name}:" for name in FIELDS)
        message = f'no field {unknown[1]}:, known are {known}; put it in "…" if you look for it in the text'
        raise QueryError(message, text, position)
    if token.type == "WORD" and body in {"AND", "OR"}:
        raise QueryError(f"{body} stands between two terms; one is missing here", text, position)
    words = tuple((body if exact else fold(body)).split())
    prefix = bool(words) and words[-1].endswith("*") and not exact
    if prefix:
        words = (*words[:-1], words[-1].rstrip("*"))
    if not words or not all(map(_LETTER.search, words[:1] + words[-1:])):
        raise QueryError("there is no letter or digit to look for", text, position)
    if not exact and any("*" in word for word in words):
        raise QueryError("* stands only at the end of a word", text, position)
    if prefix and len("".join(words)) < 2 and not _HAN.search(words[-1]):
        raise QueryError("one letter and * would match nearly everything; write more of the word", text, position)
    return Term(words, prefix, exact, field, position)
