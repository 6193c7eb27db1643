"""What the stages above may ask of a store. This file is the seam for a second store (DESIGN §12).

Every method that writes opens its own transaction unless one is open; `transaction()` joins several into one.
A transaction takes the write lock when it begins (BEGIN IMMEDIATE), so two processes never both decide.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from listener.records import Alert, Entry, Judged, Message
from listener.store.corpus import Corpus
from listener.store.corrected import Correcting
from listener.store.gathered import Gathering
from listener.store.spanned import Spanning
from listener.store.standing import Standing
from listener.store.taken import Taking
from listener.store.tellings import Alerted
from listener.store.triaged import Triaging
from listener.store.witness import Witness


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One day of a brand's account; amounts in love units."""

    day: date
    deposits: float
    withdrawals: float


@dataclass(frozen=True, slots=True)
class Matter:
    """What a digest advised on. `answered` is the time of the brand's first post in one of its threads since."""

    brand: str
    topic: str
    first_post: datetime
    first_advised: date
    last_advised: date
    peak_voices: int
    voices: int
    answered: datetime | None = None
    closed: date | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest as it was made; html and text are final, facts is JSON. `day` is the last one of its period.

    `matters` are those that were open that morning: a day made anew is made from them, not from today's.
    """

    brand: str
    day: date
    language: str
    made: datetime
    late: bool
    subject: str
    verdict: str
    html: str
    text: str
    facts: str
    evidence: tuple[str, ...]
    matters: tuple[Matter, ...] = ()
    period: str = "day"  # day, week or month


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed message; `body` is the complete RFC 5322 message, `attempts` counts its claims, this one included."""

    key: str
    recipient: str
    message_id: str
    body: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class Removed:
    """What `forget` or retention took away."""

    posts: int = 0
    entries: int = 0
    digests: tuple[tuple[str, date], ...] = ()  # (brand, day) of digests that quoted it: made again by report/
    periods: tuple[tuple[str, str, date], ...] = ()  # (brand, period, last day) of those of weeks and months
    messages: tuple[str, ...] = ()  # Message-IDs whose bodies were emptied; the file outbox removes those .eml
    voices: int = 0
    mentions_of_name: int = 0  # other posts in which the name stood and was struck out
    name_left: bool = False  # the name was too short, or a brand's own word: it still stands in other people's posts
    accounts: tuple[tuple[str, str, date], ...] = ()  # (brand, voice, day) that lost an entry: to be booked anew


class Store(Gathering, Taking, Correcting, Corpus, Alerted, Standing, Triaging, Witness, Spanning, Protocol):
    """See the module. Times are aware UTC."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def close(self) -> None: ...

    # people
    def voice(self, platform: str, author: str) -> str:
        """16 hex digits: HMAC-SHA-256 of platform and folded name under the store owner's key file (mode 0600)."""

    # report
    def replace_entries(self, brand: str, voice: str, day: date, entries: Sequence[Entry]) -> None: ...
    def balance_lines(self, brand: str, until: date) -> list[BalanceLine]:
        """Deposits and withdrawals by day up to and including `until`, days without entries left out, ascending."""

    def entries(self, brand: str, until: date, since: date | None = None) -> list[Entry]: ...
    def alerts(self, brand: str | None = None, open_only: bool = False) -> list[Alert]: ...
    def save_alert(self, alert: Alert, event: str, at: datetime, by: str = "", detail: str = "") -> None:
        """Insert or update by key, and add one row to its life."""

    def looked_until(self, brand: str) -> datetime | None: ...
    def set_looked_until(self, brand: str, at: datetime) -> None:
        """Note how far the watch has looked; the first time also that it began."""

    def watched_since(self, brand: str) -> datetime | None:
        """When the watch first looked at a brand; None if it never did, or before that was noted."""

    def stirred(self, brand: str, since: datetime) -> bool:
        """Whether the brand has mentions that the watch has not looked at, or that are dated after `since`."""

    def watched_to(self, brand: str) -> int:
        """Number of the newest mention that the watch has looked at, 0 if none; for a brand that it has looked at."""

    def set_watched_to(self, brand: str, number: int) -> None: ...
    def newest_mention(self) -> int:
        """The highest number of a mention, of any brand; 0 without one. Numbers only grow."""

    def judged_after(self, brand: str, number: int, until: int) -> list[Judged]:
        """As `judged`: mentions that were taken in after that number, up to the number `until`."""

    def arrived_after(self, brand: str, number: int, since: datetime) -> frozenset[str]:
        """Keys of the posts of a brand's mentions that were taken in after that number, and first seen at `since` or
        later.
        """

    def judged_mark(self, brand: str, since: datetime, until: datetime) -> str:
        """A hash over what `judged` would tell of when, who, what and how: the same while none of that changed."""

    def habits(self, brand: str) -> Any:
        """What the watch of a busy brand kept (plain JSON values); None if nothing."""

    def keep_habits(self, brand: str, habits: Any, at: datetime) -> None:
        """Keep it in place of the last; None: forget it."""

    def matters(self, brand: str, as_of: date, until: date | None = None) -> list[Matter]:
        """Matters first advised before `until` (or else `as_of`) that were not closed before `as_of`."""

    def save_matter(self, matter: Matter) -> None:
        """Insert, or update the open one of the same brand and topic."""

    def digest(self, brand: str, day: date, language: str, period: str = "day") -> StoredDigest | None: ...
    def digest_days(self, brand: str, period: str = "day") -> list[date]: ...
    def save_digest(self, digest: StoredDigest) -> None: ...

    # deliver
    def queue(
        self, message: Message, message_id: str, body: bytes, cause: str, evidence: Sequence[str], now: datetime
    ) -> bool:
        """Put a message into the outbox; False if its key is there already (then nothing changes)."""

    def claim_messages(self, now: datetime, owner: str, limit: int, lease: timedelta, way: str = "") -> list[Outgoing]:
        """Claim due messages: queued ones, and claimed ones whose lease ran out (their sender died).

        `way`: a channel's recipient, for its messages only; "" for mail.
        """

    def mark_sent(self, key: str, owner: str, now: datetime) -> None: ...
    def mark_failed(self, key: str, owner: str, now: datetime, error: str, retry_at: datetime | None) -> None:
        """`retry_at` None: given up; the row stays, state "failed"."""

    def postpone_messages(self, keys: Sequence[str], owner: str, until: datetime, error: str) -> None:
        """Give claimed messages back unsent and uncounted: queued again, due at `until`, `attempts` one less.

        For when no message could be sent (server away, login refused); rows that `owner` no longer holds stay.
        """

    def withdraw_messages(self, readers: Collection[str], now: datetime) -> int:
        """Messages that wait for somebody who is not among `readers` (recipients) are never sent: state "withdrawn",
        without their bodies. How many there were.
        """

    def empty_old_messages(self, before: datetime) -> tuple[str, ...]:
        """Empty the bodies of messages that were sent, given up or withdrawn before then; their Message-IDs."""

    # privacy and housekeeping
    def forget_author(self, name: str, now: datetime) -> Removed: ...
    def forget_post(self, url: str, now: datetime) -> Removed: ...
    def expire(self, brand: str, before: datetime) -> Removed:
        """Retention: posts of `brand` older than `before` lose text and person, unless another brand keeps them."""

    def housekeep(self, now: datetime) -> None:
        """PRAGMA optimize, WAL checkpoint, old `seen` rows."""

    # people who look
    def search(self, text: str, brand: str | None = None, limit: int = 20) -> list[Judged]:
        """Full text in English and Chinese, newest first; Traditional and Simplified find each other."""

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Read-only SQL for views and canned queries, as dicts."""
