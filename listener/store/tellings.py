"""Who was told of an alert, and what the store knows of its size; the records and that part of the store's protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from listener.records import Alert


@dataclass(frozen=True, slots=True)
class Telling:
    """One mail of an alert to one person.

    Attributes:
        person: id in the config. at: UTC, when it was queued.
        turn: which turn of the alert's life it told of: "0" that it was raised, "1", "2" that it grew, "closed".
        message_id: with its angle brackets; "" if it could not be sent at all.
    """

    person: str
    turn: str
    at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many spoke of an alert's matter.

    Attributes:
        total: different voices since it began.
        hours: (hour of the clock in UTC, different voices in it), ascending, without hours of none.
    """

    total: int
    hours: tuple[tuple[datetime, int], ...]

    def peak(self, since: datetime) -> tuple[datetime, int] | None:
        """The fullest hour, the first of equals, that ends after `since`; None if nobody spoke."""
        begin = since.replace(minute=0, second=0, microsecond=0)
        spoken = [pair for pair in self.hours if pair[0] >= begin]
        return max(spoken, key=lambda pair: pair[1], default=None)


@dataclass(frozen=True, slots=True)
class BrandAnswer:
    """The company itself wrote in a thread of an alert's matter."""

    at: datetime
    thread_url: str
    thread_title: str


class Alerted(Protocol):
    """The part of protocol.Store under "alerts are told"."""

    def alerts_to_tell(self, closed_after: datetime) -> list[Alert]:
        """Those that are open, and those that were closed after a moment; by the time they were opened, then key."""

    def told(self, alert_key: str) -> list[Telling]:
        """By the time of queueing."""

    def tell(self, alert_key: str, telling: Telling) -> None:
        """Book a mail; the same person and turn again changes nothing."""

    def recount_alert(self, alert: Alert) -> None:
        """Keep its `total` and `peak` as they are now; no turn of its life."""

    def alert_counts(self, alert: Alert, since: datetime, until: datetime) -> Counts:
        """Voices of the alert's stream from the hour of `since` up to `until`; the total since the alert began."""

    def alert_answers(self, alert: Alert, until: datetime, limit: int) -> Sequence[BrandAnswer]:
        """The company's first posts, one a thread, in threads of the alert's stream since it began; oldest first."""

    def sign(self, text: str) -> str:
        """16 hex digits: HMAC-SHA-256 of a text under the store's key; nobody else can make them."""
