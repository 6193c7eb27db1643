"""What people have taken up: the records of triage, and that part of the store's protocol. triage.py is how SQLite does
it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias, get_args

TriageStatus: TypeAlias = Literal["open", "in hand", "answered", "closed", "ignored"]
Kind: TypeAlias = Literal["mention", "thread", "matter"]
STATUSES: tuple[TriageStatus, ...] = get_args(TriageStatus)
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_OWNER, MOST_NOTE = 80, 2000  # characters


@dataclass(frozen=True, slots=True)
class Target:
    """What is taken up, for one brand: a mention (`ref` is its post's key), a thread (its number) or a matter (its
    topic's id)."""

    brand: str
    kind: Kind
    ref: str


@dataclass(frozen=True, slots=True)
class TriageTurn:
    """One thing that a person did with a target: how it stands since, who has it, and why."""

    target: Target
    at: datetime
    by: str
    status: TriageStatus
    owner: str
    note: str


@dataclass(frozen=True, slots=True)
class TriageLine:
    """Where a target stands: its newest turn, how many there were, and where to read it.

    Attributes:
        link: of the post or the thread; "" for a matter, and past retention.
        thread: its number; None for a matter, and past retention. title: the thread's.
    """

    turn: TriageTurn
    turns: int
    link: str
    thread: int | None
    title: str


class Triaging(Protocol):
    """The part of protocol.Store under "people take it up"."""

    def take_up(self, turn: TriageTurn) -> None:
        """Add a turn to the history; it stands until the next one.

        Raises:
            StoreError: the mention or thread is not in the store (any more), or the status is unknown.
        """

    def triage_turns(self, targets: Sequence[Target] = ()) -> list[TriageTurn]:
        """All turns of these targets (of all, if there are none), in the order in which they were taken."""
