"""What was heard of a day, and what was not: records of the digest that say whether silence may be believed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from listener.store.taken import MutedCount

HearingState: TypeAlias = Literal[
    "heard", "partly", "afterwards", "late", "robots", "blocked", "unreadable", "gone", "config", "not-yet"
]


@dataclass(frozen=True, slots=True)
class Hearing:
    """One source on the day; `since` is when its present state began, `read_in` the only hours it is read in."""

    title: str
    state: HearingState
    hours: int
    since: datetime
    detail: str
    read_in: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was heard of the day. `lines` are those sources that were not heard all through, worst first.

    `total` leaves out sources that were not listened to yet on that day; they stand in `lines`. `hours_share` is the
    heard part of the hours in which they could have been heard, 0…1. `muted` is what was heard but counts nowhere;
    `copies` posts of the day say what another had said, in `texts` different texts, of which `campaigns` came from many
    new names at once.
    """

    heard: int
    total: int
    lines: tuple[Hearing, ...]
    hours_share: float = 1.0
    muted: tuple[MutedCount, ...] = ()
    copies: int = 0
    texts: int = 0
    campaigns: int = 0

    @property
    def blind(self) -> int:
        """Sources of which nothing was heard."""
        return self.total - self.heard

    @property
    def trust(self) -> Literal["full", "most", "none"]:
        """Whether silence may be believed: heard all through; at least two thirds of sources and of hours; less."""
        if self.total == 0 or self.heard * 3 < self.total * 2 or self.hours_share * 3 < 2:
            return "none"
        return "full" if self.heard == self.total and self.hours_share > 0.95 else "most"
