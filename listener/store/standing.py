"""How the house stands: the records that `listener status` reads, and that part of the store's protocol.

See pulse.py for how SQLite does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServiceRun:
    """One process of `listener run`. `owner` is "HOST:PROCESS:RANDOM"; `stopped` None: it runs, or was killed."""

    owner: str
    began: datetime
    beat: datetime
    stopped: datetime | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """The last round of one kind. `well`: when one last ended without trouble; `trouble` "": the last one did."""

    round: str
    owner: str
    began: datetime
    ended: datetime
    well: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that was given up, or that waits though it was tried. `cause` as "digest:wagtail:2026-03-21"."""

    key: str
    cause: str
    state: str
    due: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that has left."""

    message_id: str
    recipient: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """The outbox in numbers. `oldest`: when the first of those that wait was queued; `failed` since a given time."""

    waiting: int
    oldest: datetime | None
    failed: int
    sent: datetime | None
    troubled: tuple[Undelivered, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A brand's newest digest of a day. `sent`: when its last message left; `waiting` messages of it have not."""

    brand: str
    day: date
    made: datetime
    late: bool
    verdict: str
    sent: datetime | None
    waiting: int


class Standing(Protocol):
    """The part of protocol.Store that tells how the house stands."""

    def outdated(self) -> str:
        """What to do where the file was made by an older Listener and opened read-only; "" where it is of today."""

    def beat(self, owner: str, now: datetime) -> None:
        """The service `owner` lives."""

    def stop_service(self, owner: str, now: datetime) -> None:
        """It ended as it was asked to."""

    def services(self) -> list[ServiceRun]:
        """By their last beat, the newest first."""

    def note_round(self, name: str, owner: str, began: datetime, ended: datetime, trouble: str = "") -> None:
        """Book the last round of a kind in place of the one before."""

    def rounds(self) -> dict[str, Round]:
        """The last round of each kind, by its name."""

    def due_counts(self, now: datetime) -> tuple[int, int]:
        """(sources that are being visited now, sources that are due and that nobody visits)."""

    def outbox_line(self, since: datetime) -> OutboxLine:
        """The outbox now. Of what was given up only what was due since then; at most ten troubled messages."""

    def delivered(self, message_ids: Sequence[str]) -> list[Delivered]:
        """Those of these messages that were sent: they lie in somebody's mailbox."""

    def digest_lines(self, brands: Sequence[str]) -> Mapping[str, DigestLine]:
        """The newest digest of each of `brands` that has one."""

    def created(self) -> datetime:
        """When the store was made."""
