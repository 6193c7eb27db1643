"""Brand queries: read, checked, frozen. The grammar stands in query.lark, the tree in tree.py.

    (Acme OR "Acme Mobile" OR 艾克米) NOT (bird* OR {ACME} NEAR/5 theorem)   # a note

Words are kept folded, so Traditional and Simplified, wide and narrow, large and small are one; {…} alone is kept as
written. Two things are refused outright: a query that (nearly) every post would match, and one whose cost has no
bound. What is merely doubtful is told by lint.py.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from listener.errors import QueryError
from listener.fold import bare
from listener.judge import misread
from listener.judge.find import Finder
from listener.judge.tree import FIELDS, And, Near, Node, Not, Or, Term, terms, walk
from listener.judge.words import CJK, function_words

MAX_CHARACTERS = 20_000
MAX_TERMS = 2_000
MAX_DEPTH = 40  # of brackets, and of what NOT and NEAR nest without them
MAX_DISTANCE = 100
MAX_INSIDE = 8  # terms that end at one place of a text: each of them is a hit there

_HAN = re.compile(f"[{CJK}]")
_LETTER = re.compile(r"[^\W_]")
_UNKNOWN_FIELD = re.compile(r"^([A-Za-z]+):\S")
_OPERATOR = re.compile(r"(AND|OR|O?NEAR(/\d*)?)$")  # where the grammar expects a term it takes them for words
# Marks of direction, zero-width blanks, soft hyphens: nobody sees that they were copied along.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_MARKS = re.compile("[\u0300-\u036f\ufe0e\ufe0f]")  # combining marks and how an emoji is drawn


@dataclass(frozen=True, slots=True)
class Query:
    """A brand query that parsed.

    Attributes:
        version: 8 hex digits; equal for queries that differ in layout and comments only.
    """

    text: str
    root: Node
    version: str


def parse(text: str) -> Query:
    """Read a brand query.

    Raises:
        QueryError: it does not parse, would match everything, or costs too much. Points at the character.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryError(f"the query has {len(text):,} characters; {MAX_CHARACTERS:,} are allowed", text[:80], 0)
    plain = misread.narrow(text)
    misread.check_brackets(text, plain, MAX_DEPTH)
    try:
        tree = _grammar().parse(plain)
    except UnexpectedInput as error:
        raise misread.why(text, plain, error) from error
    _check_depth(tree, text)
    root = _node(tree.children[0], text, "")
    _check_size(root, text)
    if (everything := _everything(root)) is not None:
        reason, at = everything
        raise QueryError(reason, text, at)
    return Query(text, root, hashlib.sha256(str(root).encode("utf-8", "surrogatepass")).hexdigest()[:8])


def parse_all(queries: Mapping[str, str]) -> dict[str, Query]:
    """The queries of several brands, by brand.

    Raises:
        QueryError: as `parse`, and it names the brand.
    """
    parsed = {}
    for brand, text in queries.items():
        try:
            parsed[brand] = parse(text)
        except QueryError as error:
            raise QueryError(f"brands.toml, brand {brand}: {error.reason}", text, error.position) from error
    return parsed


def _check_depth(tree: "Tree[Token]", text: str) -> None:
    """Counted without recursion, for what it guards against is recursion without a bound."""
    level: list[Tree[Token]] = [tree]
    for _ in range(3 * MAX_DEPTH):  # a bracket may hold OR, AND and NOT, each a level of its own
        level = [part for one in level for part in one.children if isinstance(part, Tree)]
        if not level:
            return
    at = level[0].meta.start_pos
    raise QueryError(f"NOT, NEAR and brackets are nested more than {MAX_DEPTH} deep; write it flatter", text, at)


def _check_size(root: Node, text: str) -> None:
    """Refuse what would cost without bound on some text: too many terms, or many that all end at the same place."""
    asked = list(terms(root))
    if len(asked) > MAX_TERMS:
        raise QueryError(f"the query has {len(asked):,} terms; {MAX_TERMS:,} are allowed", text, 0)
    known = {literal for term in asked if term.field in ("", "title") for literal in Finder(term).literals}
    for term in asked:
        for literal in Finder(term).literals if term.field in ("", "title") else ():
            inside = sum(literal[start:] in known for start in range(len(literal)))
            if inside > MAX_INSIDE:
                raise QueryError(
                    f"{inside} terms lie one inside the other at the end of this one, so a post of nothing but such "
                    f"words would cost too much; keep at most {MAX_INSIDE} of them (the shortest finds them all)",
                    text,
                    term.position,
                )


def _everything(root: Node) -> tuple[str, int] | None:
    """Why nearly every post would match, and the place in the query; None if it would not."""
    if (at := _without_a_word(root)) is not None:
        if _asks(root, at):
            return "lang: takes in every post of a language; add the brand's name (AND)", at
        return "this would match every post that lacks a word; say what must be there, and use NOT only beside it", at
    if (term := _everywhere(root)) is not None:
        reason = f"{term.words[0]!r} is in nearly every post, so this would match nearly everything"
        return f"{reason}; add what goes with it (AND, a phrase), or take it out", term.position
    return None


def _everywhere(node: Node) -> Term | None:
    """The first word of those that are enough to match and that nearly every post has; None if more is asked for."""
    match node:
        case Term(words=(word,), field="", exact=False):
            return node if word in function_words() else None
        case Or(parts=parts):
            return next(filter(None, map(_everywhere, parts)), None)
        case And(parts=parts):
            found = [_everywhere(part) for part in parts if not isinstance(part, Not)]
        case Near(left=left, right=right):
            found = [_everywhere(left), _everywhere(right)]
        case _:
            return None
    return found[0] if found and None not in found else None


def _asks(root: Node, at: int) -> bool:
    return any(term.field == "lang" and term.position == at for term in terms(root))


def _without_a_word(node: Node) -> int | None:
    """Position of the NOT or lang: through which a post with none of the words would match; None if there is none."""
    match node:
        case Term(field="lang", position=position):
            return position
        case Not(part=part, position=position):
            return None if _without_a_word(part) is not None and not _only_language(part) else position
        case And(parts=parts):
            places = [_without_a_word(part) for part in parts]
            return None if None in places else places[0]
        case Or(parts=parts):
            return next((at for part in parts if (at := _without_a_word(part)) is not None), None)
    return None


def _only_language(node: Node) -> bool:
    return all(term.field == "lang" for term in terms(node))


@cache
def _grammar() -> Lark:
    source = files("listener.judge").joinpath("query.lark").read_text("utf-8")
    return Lark(source, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _node(part: "Token | Tree[Token]", text: str, field: str) -> Node:
    """A parse tree as a query tree; depth was checked."""
    if isinstance(part, Token):
        return _term(part, text, field)
    rule, children = str(part.data), part.children
    if rule == "any":
        return Or(tuple(_node(child, text, field) for child in children))
    if rule == "not":
        inner = _node(children[-1], text, field)
        return Not(inner, part.meta.start_pos)
    if rule == "field":
        if field:
            raise QueryError(f"{children[0]} stands inside {field}:; a term has one field", text, part.meta.start_pos)
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
        if not written and parts and _looked_for(node) and _looked_for(parts[-1]):
            implied.append(child.start_pos or 0 if isinstance(child, Token) else child.meta.start_pos)
        parts.append(node)
        written = False
    return And(tuple(parts), tuple(implied))


def _looked_for(node: Node) -> bool:
    """Is it something that both AND and a phrase could be meant for (and no NOT, and no field beside a name)?"""
    return not isinstance(node, Not) and not (isinstance(node, Term) and node.field)


def _near(part: "Tree[Token]", text: str, field: str) -> Near:
    left, operator, right = part.children
    assert isinstance(operator, Token)
    position = operator.start_pos or 0
    name, _, number = str(operator).partition("/")
    if not number or not 1 <= int(number[:6]) <= MAX_DISTANCE:
        raise QueryError(f"write how many words apart: {name}/1 to {name}/{MAX_DISTANCE}", text, position)
    near = Near(_node(left, text, field), _node(right, text, field), int(number), name == "ONEAR")
    if any(isinstance(inner, And | Not) for inner in walk(near)):
        raise QueryError(f"{name} takes words, phrases and OR; AND and NOT do not go inside it", text, position)
    fields = {term.field for term in terms(near)}
    for other in fields - {"", "title"}:
        raise QueryError(f"{name} looks in text or title; {other}: does not go inside it", text, position)
    if len(fields) > 1:
        raise QueryError(f"{name} looks in one place; write title:(a {name}/{number} b) for the title", text, position)
    return near


def _term(token: Token, text: str, field: str) -> Term:
    position = token.start_pos or 0
    body = _UNSEEN.sub("", text[position : position + len(token)])
    exact = token.type == "EXACT"
    if token.type in {"PHRASE", "EXACT"}:
        body = body[1:-1]
    elif field and body.partition(":")[0].lower() in FIELDS:
        raise QueryError(f"another field stands inside {field}:; a term has one field", text, position)
    elif not field and (unknown := _UNKNOWN_FIELD.match(misread.narrow(body))):
        known = ", ".join(f"{name}:" for name in FIELDS)
        message = f'no field {unknown[1]}:, known are {known}; put it in "…" if you look for it in the text'
        raise QueryError(message, text, position)
    if token.type == "WORD" and _OPERATOR.match(body):
        raise QueryError(f"{body} stands between two terms; one is missing here", text, position)
    words = tuple((body if exact else folded(body)).split())
    prefix = bool(words) and words[-1].endswith("*") and not exact
    if prefix:
        words = (*words[:-1], words[-1].rstrip("*"))
    if not words or not all(map(_findable, words[:1] + words[-1:])):
        raise QueryError("there is no letter, digit or emoji to look for", text, position)
    if not exact and any("*" in word for word in words):
        raise QueryError("* stands only at the end of a word", text, position)
    if prefix and len("".join(words)) < 2 and not _HAN.search(words[-1]):
        raise QueryError("one letter and * would match nearly everything; write more of the word", text, position)
    return Term(words, prefix, exact, field, position)


def folded(body: str) -> str:
    """A term's words as they are kept: composed, `bare`, without loose marks; doing it again changes nothing."""
    before = ""
    while body != before:
        before = body
        body = _MARKS.sub("", bare(unicodedata.normalize("NFC", body)))
    return body


def _findable(word: str) -> bool:
    return _LETTER.search(word) is not None or any(unicodedata.category(one) == "So" for one in word)
