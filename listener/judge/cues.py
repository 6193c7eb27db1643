"""Cues, the words that tell a topic, read from their one-line form.

A cue is a phrase, or parts joined by " + " which must all occur in one sentence, in any order:

    late fee*                         whole words; `*` lets the last word go on
    (sold|leaked|pass* on) + my data  any one of the alternatives; they may stand inside a phrase, too
    hidden fee* + -no hidden fee*     a part after "-" must not occur in that sentence
    客服 + 不回                        Han text anywhere, no word boundaries
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from listener.errors import ConfigError
from listener.fold import fold

MAX_ALTERNATIVES = 2_000  # literals that one part may expand to

_GROUP = re.compile(r"\(([^()]*)\)")
_PLUS = re.compile(r"(?<!\S)\+(?!\S)")
_SIGN = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Literal:
    """A folded phrase with single spaces.

    `prefix`: its last word may go on. `rest`: what must follow after that (`refus* to reply`: "refus", " to reply").
    """

    text: str
    prefix: bool
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """`needed`: parts of which each must be there; `barred`: parts of which none may be. A part is its alternatives."""

    needed: tuple[frozenset[Literal], ...]
    barred: tuple[frozenset[Literal], ...]

    @property
    def weight(self) -> int:
        """Length of the shortest text that fulfils it, in characters of Latin script (a Han one says as much as 3)."""
        return sum(min(_length(literal.text + literal.rest) for literal in part) for part in self.needed)


def _length(text: str) -> int:
    return sum(1 if one.isascii() else 3 for one in text)


def read_cue(cue: str, topic: str) -> Cue:
    """Compile one cue.

    Raises:
        ConfigError: names the topic and the cue, and says what is wrong.
    """

    def wrong(what: str) -> ConfigError:
        return ConfigError(f"topic {topic!r}, cue {cue!r}: {what}")

    needed: list[frozenset[Literal]] = []
    barred: list[frozenset[Literal]] = []
    for part in _PLUS.split(fold(cue)):
        body = part.strip()
        bars = body.startswith("-")
        body = body.removeprefix("-").strip()
        if not body:
            raise wrong("a part is empty; write the parts as: one + two")
        (barred if bars else needed).append(frozenset(_alternatives(body, wrong)))
    if not needed:
        raise wrong("it only says what must not be there; add a part without '-'")
    return Cue(tuple(needed), tuple(barred))


def _alternatives(part: str, wrong: Callable[[str], ConfigError]) -> list[Literal]:
    pieces: list[list[str]] = []
    at = 0
    for group in _GROUP.finditer(part):
        pieces += [[part[at : group.start()]], group[1].split("|")]
        at = group.end()
    pieces.append([part[at:]])
    if any(mark in piece for piece in (pieces[0] + pieces[-1]) for mark in "()|"):
        raise wrong("brackets stand in pairs around alternatives, (one|two), and not inside one another")
    count = 1
    for piece in pieces:
        count *= len(piece)
        if count > MAX_ALTERNATIVES:
            raise wrong(f"its alternatives make more than {MAX_ALTERNATIVES:,} phrases; split it into two cues")
    literals = []
    for choice in itertools.product(*pieces):
        phrase = " ".join("".join(choice).split())
        text, star, rest = phrase.partition("*")
        if not _SIGN.search(text) or not all(phrase[at + 1 : at + 2] in ("", " ") for at in _stars(phrase)):
            raise wrong("an alternative is empty, or * does not stand at the end of a word")
        literals.append(Literal(text, bool(star), rest))
    return literals


def _stars(phrase: str) -> list[int]:
    return [at for at, one in enumerate(phrase) if one == "*"]
