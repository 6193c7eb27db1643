"""How the house stands right now: the records of `listener status`. Moments are aware UTC; nothing here has text for
people but Need."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from listener.records import Alert
from listener.store.standing import DigestLine, OutboxLine, Round, ServiceRun

ServiceState: TypeAlias = Literal["running", "silent", "gone", "stopped", "never"]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that wants a person: about what ("service", "source", "alert", …), what is wrong, and the mend."""

    about: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One source now.

    Attributes:
        hours: of the last 24, those in which it was heard.
        next: its next visit. new: posts that came in since yesterday's midnight, UTC.
        read_in: the only hours in which it is read; "" at any time.
    """

    source: str
    kind: str
    state: str
    since: datetime
    hours: int
    last_heard: datetime | None
    next: datetime | None
    new: int
    detail: str
    read_in: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A brand's next digest, and the days whose digests are due but not made."""

    brand: str
    at: datetime
    overdue: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stands:
    """The whole. `service` is the one that gave a sign of life last; `visiting` and `due` count sources;
    `free_bytes` is what the store's disk has left."""

    now: datetime
    service_state: ServiceState
    service: ServiceRun | None
    rounds: tuple[Round, ...]
    visiting: int
    due: int
    sources: tuple[Heard, ...]
    outbox: OutboxLine
    digests: tuple[DigestLine, ...]
    coming: tuple[Coming, ...]
    alerts: tuple[Alert, ...]
    free_bytes: int
    needs: tuple[Need, ...]
