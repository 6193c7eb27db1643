"""What a brand query is made of: a tree of Term, Near, And, Or and Not. Printed, it parses to an equal tree again.

Positions are where a part stands in the query as written (0-based code points); they do not count for equality.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TypeAlias

FIELDS = ("title", "author", "source", "site", "lang", "thread")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase or prefix, in the text or in a field.

    Attributes:
        words: folded (`fold.bare`), except where `exact`; a phrase has several.
        prefix: the last word may go on.
        exact: {…}: letter case counts.
        field: "" for the text, else one of FIELDS.
    """

    words: tuple[str, ...]
    prefix: bool = False
    exact: bool = False
    field: str = ""
    position: int = attribute(default=0, compare=False)

    def __str__(self) -> str:
        body = " ".join(self.words) + "*" * self.prefix
        body = f"{{{body}}}" if self.exact else f'"{body}"'
        return f"{self.field}:{body}" if self.field else body


@dataclass(frozen=True, slots=True)
class And:
    """All of them. `implied_at`: positions where AND was left out between two things that are asked for."""

    parts: tuple["Node", ...]
    implied_at: tuple[int, ...] = attribute(default=(), compare=False)

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
    position: int = attribute(default=0, compare=False)

    def __str__(self) -> str:
        return f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class Near:
    """`left` and `right` at most `distance` words apart (neighbours are 1 apart); `ordered`: left first."""

    left: "Node"
    right: "Node"
    distance: int
    ordered: bool = False

    def __str__(self) -> str:
        return f"({self.left} {'O' * self.ordered}NEAR/{self.distance} {self.right})"


Node: TypeAlias = Term | And | Or | Not | Near


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, in order; none of a term."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Not(part=part):
            return (part,)
        case Near(left=left, right=right):
            return (left, right)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all that is in it, in the order of the query."""
    yield node
    for part in children(node):
        yield from walk(part)


def terms(node: Node) -> Iterator[Term]:
    """All terms of a tree, in order."""
    return (one for one in walk(node) if isinstance(one, Term))


def place_of(node: Node) -> int:
    """Where a node begins in the query."""
    match node:
        case Term(position=position) | Not(position=position):
            return position
    return min(map(place_of, children(node)))


def bare_terms(node: Node) -> Iterator[Term]:
    """The terms that are enough by themselves to match the query."""
    match node:
        case Term():
            yield node
        case Or(parts=parts):
            for part in parts:
                yield from bare_terms(part)
