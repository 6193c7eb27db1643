"""What the stages above may ask of a store. This file is the seam for a second store (DESIGN §12).

Every method that writes opens its own transaction unless one is open; `transaction()` joins several into one.
A transaction takes the write lock when it begins (BEGIN IMMEDIATE), so two processes never both decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from listener.records import Alert, Entry, Judged, Judgement, Mention, Message, Post, Reading, Source, SourceHealth


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed visit to one source. `cursor` is the reader's own JSON, `failures` how often in a row it failed."""

    source: Source
    cursor: Mapping[str, Any]
    failures: int
    interval_s: float
    first_heard: datetime | None


@dataclass(frozen=True, slots=True)
class Visit:
    """What is booked after a visit: its health, the new cursor, and when to come again.

    `history_from` is the earliest published time among what it brought, None if nothing was dated. `joined`: it read on
    where the last visit stopped, so that nothing said in between was missed, however long that was.
    """

    health: SourceHealth
    cursor: Mapping[str, Any]
    due: datetime
    interval_s: float
    history_from: datetime | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Backfill:
    """A walk into one source's history: posts with since ≤ published < until.

    `cursor` is the reader's own JSON for this walk; requests, posts and new are what it has cost and brought so far,
    `reached` is the oldest post among them.
    """

    source: str
    since: datetime
    until: datetime
    cursor: Mapping[str, Any]
    began: datetime
    requests: int = 0
    posts: int = 0
    new: int = 0
    reached: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """One post on its way into the store, with everything the stages said of it.

    `days` gives for each brand the post's day in that brand's zone; `by_brand` the brands whose own people wrote it.
    """

    post: Post
    voice: str
    quote_voices: tuple[str, ...]
    content_hash: str
    fingerprint: str
    language: str
    mentions: tuple[Mention, ...]
    judgements: tuple[Judgement, ...]
    query_versions: Mapping[str, str]
    days: Mapping[str, date]
    by_brand: frozenset[str] = frozenset()
    backfilled: bool = False  # it is history: neither watch nor digest nor Love Bank reacts to it


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a post of the store was heard and stood; "" as thread: it is past every retention."""

    source: str
    thread_url: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source's row for people: `listener sources`, coverage, digest."""

    source: str
    kind: str
    url: str
    state: str
    since: datetime
    detail: str
    last_heard: datetime | None
    first_heard: datetime | None
    posts_by_day: tuple[int, ...] = ()  # new posts in the last 14 days, oldest first
    hours: str = ""  # the only ones in which it is read, "01:00-06:00 Asia/Taipei"; "" at any time
    due: datetime | None = None  # the next ordinary visit


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
    """A digest as it was made; html and text are final, facts is JSON.

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
    digests: tuple[tuple[str, date], ...] = ()  # (brand, day) of digests that quoted it: made again by report.py
    messages: tuple[str, ...] = ()  # Message-IDs whose bodies were emptied; the file outbox removes those .eml
    voices: int = 0
    mentions_of_name: int = 0  # other posts in which the name stood and was struck out
    name_left: bool = False  # the name was too short, or a brand's own word: it still stands in other people's posts
    accounts: tuple[tuple[str, str, date], ...] = ()  # (brand, voice, day) that lost an entry: to be booked anew


class Store(Protocol):
    """See the module. Times are aware UTC."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def close(self) -> None: ...

    # people
    def voice(self, platform: str, author: str) -> str:
        """16 hex digits: HMAC-SHA-256 of platform and folded name under the store owner's key file (mode 0600)."""

    # gather
    def sync_sources(self, sources: Sequence[Source], now: datetime) -> None:
        """Add what the config has anew (due now), update what changed, deactivate what it no longer has."""

    def due_sources(self, now: datetime, names: Sequence[str] = ()) -> list[tuple[str, str]]:
        """(name, host) of the sources that are due and that nobody holds, the longest due first.

        `names`, if given, are the only ones wanted, due or not.
        """

    def claim_sources(
        self,
        now: datetime,
        owner: str,
        limit: int,
        lease: timedelta,
        per_host: int,
        names: Sequence[str] = (),
        *,
        even_early: bool = True,
    ) -> list[Lease]:
        """Claim up to `limit` due sources, at most `per_host` unexpired leases a host, fair over hosts by due time.

        `names`, if given, claims just these, with `even_early` due or not. Of many due sources it is far cheaper to
        ask once who is due and then claim by name.
        """

    def finish_visits(self, visits: Sequence[Visit], owner: str) -> None:
        """Book health, hour of coverage, cursor and due time; give the leases back. Unknown sources are ignored."""

    def postpone_sources(self, until: Mapping[str, datetime], owner: str) -> None:
        """Give leases back unvisited: each named source is due at its time, and nothing is booked of it."""

    def release_sources(self, owner: str) -> None:
        """Give back what `owner` still holds: it stops, or it is gone."""

    def lease_owners(self) -> list[str]:
        """Who holds leases on sources."""

    def brands(self) -> list[str]:
        """Every brand that has mentions, whether the config still has it or not."""

    def source_lines(self, now: datetime) -> list[SourceLine]: ...
    def heard_hours(self, since: datetime, until: datetime) -> dict[str, tuple[datetime, ...]]:
        """Per source, the hours (their start) in which a visit succeeded ("heard" or "empty"), ascending.

        The hours between two successful visits at most one poll interval apart count as heard too, the hours before
        a visit that joined on to the last one (read afterwards, nothing missed), and the
        hours from `history_from` up to the first visit (read afterwards from the archive).
        """

    # backfill
    def backfill(self, source: str) -> Backfill | None:
        """How far the walk into a source's history has come; None if there was none."""

    def save_backfill(self, backfill: Backfill, now: datetime) -> None:
        """Insert, or replace the one of the same source; a finished one takes the source's history back to `since`."""

    # intake
    def known(self, keys: Sequence[str]) -> dict[str, str]:
        """key → content hash, for those of `keys` that are posts or were seen without a match."""

    def standing(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of `keys` that are posts."""

    def opener_brands(self, thread_urls: Iterable[str]) -> dict[str, frozenset[str]]:
        """thread url → brands that its opener mentions, for threads in the store."""

    def add(self, taken: Sequence[Taken], unmatched: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Insert or replace posts with all that was said of them; note (key, content hash, source) of the unmatched.

        An edited post keeps its id and first_seen. The caller re-books the touched accounts in the same transaction.
        """

    def judged(
        self,
        brand: str,
        since: datetime | None = None,
        until: datetime | None = None,
        voice: str | None = None,
        day: date | None = None,
        keys: Sequence[str] | None = None,
    ) -> list[Judged]:
        """Mentions of a brand, judged, by `at` then key; since ≤ at < until. Deleted posts are left out."""

    # what is there no more
    def whereabouts(self, keys: Sequence[str]) -> dict[str, Whereabouts]:
        """Those of `keys` that are posts."""

    def missing(self, reading: Reading) -> list[str]:
        """Keys of posts that the source brought of this thread before, and that are not in it any more."""

    def mark_deleted(self, keys: Sequence[str], at: datetime) -> list[tuple[str, str, date]]:
        """Posts that are there no more; (brand, voice, day) of the accounts that are to be booked anew.

        A deleted post is not judged, searched or counted; it comes back by being added again.
        """

    def quoted(self, since: date, before: datetime, limit: int) -> list[tuple[str, str, str]]:
        """(source, key, url) of posts that stand as evidence in open alerts or in digests of `since` and later, of
        sources that are heard, and whose address nobody asked for since `before`; the longest unseen first.
        """

    def looked_at(self, keys: Sequence[str], at: datetime) -> None:
        """The addresses of these posts were asked for."""

    def replace_entries(self, brand: str, voice: str, day: date, entries: Sequence[Entry]) -> None: ...

    # report
    def balance_lines(self, brand: str, until: date) -> list[BalanceLine]:
        """Deposits and withdrawals by day up to and including `until`, days without entries left out, ascending."""

    def entries(self, brand: str, until: date, since: date | None = None) -> list[Entry]: ...
    def alerts(self, brand: str | None = None, open_only: bool = False) -> list[Alert]: ...
    def save_alert(self, alert: Alert, event: str, at: datetime, by: str = "", detail: str = "") -> None:
        """Insert or update by key, and add one row to its life."""

    def looked_until(self, brand: str) -> datetime | None: ...
    def set_looked_until(self, brand: str, at: datetime) -> None: ...
    def matters(self, brand: str, as_of: date) -> list[Matter]:
        """Matters first advised before `as_of` that were not closed before it."""

    def save_matter(self, matter: Matter) -> None:
        """Insert, or update the open one of the same brand and topic."""

    def digest(self, brand: str, day: date, language: str) -> StoredDigest | None: ...
    def digest_days(self, brand: str) -> list[date]: ...
    def save_digest(self, digest: StoredDigest) -> None: ...

    # deliver
    def queue(
        self, message: Message, message_id: str, body: bytes, cause: str, evidence: Sequence[str], now: datetime
    ) -> bool:
        """Put a message into the outbox; False if its key is there already (then nothing changes)."""

    def claim_messages(self, now: datetime, owner: str, limit: int, lease: timedelta) -> list[Outgoing]:
        """Claim due messages: queued ones, and claimed ones whose lease ran out (their sender died)."""

    def mark_sent(self, key: str, owner: str, now: datetime) -> None: ...
    def mark_failed(self, key: str, owner: str, now: datetime, error: str, retry_at: datetime | None) -> None:
        """`retry_at` None: given up; the row stays, state "failed"."""

    def postpone_messages(self, keys: Sequence[str], owner: str, until: datetime, error: str) -> None:
        """Give claimed messages back unsent and uncounted: queued again, due at `until`, `attempts` one less.

        For when no message could be sent (server away, login refused); rows that `owner` no longer holds stay.
        """

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
