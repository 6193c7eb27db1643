"""What is to be visited and what was heard: the records, and that part of the store's protocol.

See sources.py and backfills.py for how SQLite does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from listener.records import Source, SourceHealth


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


class Gathering(Protocol):
    """The part of protocol.Store under "gather" and "backfill"."""

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

    def first_heard(self) -> dict[str, datetime]:
        """Source → its first successful visit, for those that had one: what was written later is news."""

    # backfill
    def backfill(self, source: str) -> Backfill | None:
        """How far the walk into a source's history has come; None if there was none."""

    def save_backfill(self, backfill: Backfill, now: datetime) -> None:
        """Insert, or replace the one of the same source; a finished one takes the source's history back to `since`."""
