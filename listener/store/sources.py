"""Sources: what is due, who visits it, and which hours were heard."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from listener.hours import Hours
from listener.records import Source
from listener.store.columns import from_json, maybe_moment, maybe_stamp, moment, stamp, strings, to_json
from listener.store.connection import Connection
from listener.store.gathered import Lease, SourceLine, Visit
from listener.store.heard import JOINED, HourRow, heard
from listener.urls import host_of

SUCCESS = frozenset({"heard", "empty"})
SPARK_DAYS = 14

# Fair over hosts: every host's first due source comes before any host's second. The cap counts what is leased already.
CLAIM = """
WITH wanted AS (
  SELECT source, due, host, row_number() OVER (PARTITION BY host ORDER BY due, source) AS turn
  FROM sources WHERE {which} AND (lease_until IS NULL OR lease_until <= :now)
)
SELECT source FROM wanted w
WHERE turn <= :per_host
  AND turn + (SELECT count(*) FROM sources h WHERE h.host = w.host AND h.lease_until > :now) <= :per_host
ORDER BY turn, due, source LIMIT :limit
"""
DUE = "active = 1 AND due <= :now"
# The plus signs keep the planner from walking through all that is due to find the few that are named.
NAMED = "+active = 1 AND source IN (SELECT value FROM json_each(:names))"
NAMED_DUE = f"{NAMED} AND +due <= :now"
DUE_NOW = """
SELECT source, host FROM sources WHERE {which} AND (lease_until IS NULL OR lease_until <= :now)
ORDER BY due, source
"""

TAKE = """
UPDATE sources SET lease = ?, lease_until = ? WHERE source = ?
RETURNING source, kind, url, brands, min_interval_s, max_interval_s, options, cursor, failures, interval_s, first_heard,
  hours
"""

SYNC = """
INSERT INTO sources
  (source, kind, url, host, brands, min_interval_s, max_interval_s, options, hours, state_since, due, interval_s)
VALUES (:source, :kind, :url, :host, :brands, :min, :max, :options, :hours, :now, :now, :min)
ON CONFLICT (source) DO UPDATE SET
  -- another address or reader: what was learnt of the old one does not hold for it
  cursor = iif(moved, '{}', cursor), state = iif(moved, 'new', state), detail = iif(moved, '', detail),
  state_since = iif(moved, excluded.state_since, state_since), failures = iif(moved, 0, failures),
  first_heard = iif(moved, NULL, first_heard), history_from = iif(moved, NULL, history_from),
  -- a source that rested may be read at other hours now, and one with a mistake in its options may be mended
  due = iif(moved OR active = 0 OR hours <> excluded.hours OR (state = 'config' AND options <> excluded.options),
    excluded.due, due),
  interval_s = min(max(interval_s, excluded.min_interval_s), excluded.max_interval_s),
  kind = excluded.kind, url = excluded.url, host = excluded.host, brands = excluded.brands,
  min_interval_s = excluded.min_interval_s, max_interval_s = excluded.max_interval_s, options = excluded.options,
  hours = excluded.hours, active = 1
""".replace("moved", "(kind <> excluded.kind OR url <> excluded.url)")

# A visitor whose lease ran out, and whose source somebody else holds now, books what it heard but not where it stopped.
MINE = "(lease IS NULL OR lease = :owner)"
VISITED = f"""
UPDATE sources SET
  state_since = iif(state = :state, state_since, :at), state = :state, detail = :detail, last_visit = :at,
  first_heard = iif(:ok, coalesce(first_heard, :at), first_heard), last_heard = iif(:ok, :at, last_heard),
  last_new = iif(:new > 0, :at, last_new),
  history_from = min(coalesce(history_from, :history_from), coalesce(:history_from, history_from)),
  failures = iif(:ok, 0, failures + 1), interval_s = :interval_s,
  due = iif({MINE}, max(:due, coalesce(:not_before, :due)), due), cursor = iif({MINE}, :cursor, cursor),
  lease_until = iif({MINE}, NULL, lease_until), lease = iif({MINE}, NULL, lease)
WHERE source = :source
"""
# One good visit makes the hour a heard one; among visits that failed the last one is told.
HOUR = """
INSERT INTO source_hours (source, hour, state, detail, visits, posts, new, interval_s, joined)
SELECT :source, :hour, :state, :detail, 1, :posts, :new, :interval_s, :joined FROM sources WHERE source = :source
ON CONFLICT (source, hour) DO UPDATE SET
  detail = iif(state IN ('heard', 'empty') AND NOT :ok OR state = 'heard' AND :ok, detail, excluded.detail),
  state = iif(state IN ('heard', 'empty') AND NOT :ok OR state = 'heard' AND :ok, state, excluded.state),
  joined = max(joined, excluded.joined), visits = visits + 1, posts = posts + excluded.posts, new = new + excluded.new,
  interval_s = excluded.interval_s
"""


class Sources(Connection):
    """The part of protocol.Store under "gather"."""

    def sync_sources(self, sources: Sequence[Source], now: datetime) -> None:
        """See protocol.Store. A source whose kind or address changed starts anew: cursor, state and history."""
        rows = [
            {
                "source": source.name, "kind": source.kind, "url": source.url, "host": host_of(source.url),
                "brands": to_json(source.brands), "min": source.min_interval_s, "max": source.max_interval_s,
                "options": to_json(dict(source.options)), "now": stamp(now),
                "hours": str(source.hours or ""),
            }
            for source in sources
        ]  # fmt: skip
        with self.transaction():
            self._conn.executemany(SYNC, rows)
            self._conn.execute(
                "UPDATE sources SET active = 0, lease = NULL, lease_until = NULL "
                "WHERE active = 1 AND source NOT IN (SELECT value FROM json_each(?))",
                (to_json([source.name for source in sources]),),
            )

    def due_sources(self, now: datetime, names: Sequence[str] = ()) -> list[tuple[str, str]]:
        """See protocol.Store."""
        return list(self.read(DUE_NOW.format(which=NAMED if names else DUE), {"now": stamp(now), **_named(names)}))

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
        """See protocol.Store. Sources of one host beyond the cap wait for the next round, whatever their number."""
        sql = CLAIM.format(which=DUE if not names else NAMED if even_early else NAMED_DUE)
        wanted = {"now": stamp(now), "per_host": per_host, "limit": limit, **_named(names)}
        with self.transaction():
            claimed = self._conn.execute(sql, wanted).fetchall()
            until = stamp(now + lease)
            return [_lease(self._conn.execute(TAKE, (owner, until, name)).fetchall()[0]) for (name,) in claimed]

    def finish_visits(self, visits: Sequence[Visit], owner: str) -> None:
        """See protocol.Store. The next visit is never before the health's `not_before`."""
        rows = [_visit_row(visit, owner) for visit in visits]
        with self.transaction():
            self._conn.executemany(HOUR, rows)
            self._conn.executemany(VISITED, rows)

    def postpone_sources(self, until: Mapping[str, datetime], owner: str) -> None:
        """See protocol.Store. Sources that `owner` no longer holds stay as they are."""
        with self.transaction():
            self._conn.executemany(
                "UPDATE sources SET due = ?, lease = NULL, lease_until = NULL WHERE source = ? AND lease = ?",
                [(stamp(due), source, owner) for source, due in until.items()],
            )

    def release_sources(self, owner: str) -> None:
        """See protocol.Store."""
        with self.transaction():
            self._conn.execute("UPDATE sources SET lease = NULL, lease_until = NULL WHERE lease = ?", (owner,))

    def lease_owners(self) -> list[str]:
        """See protocol.Store."""
        return [owner for (owner,) in self.read("SELECT DISTINCT lease FROM sources WHERE lease IS NOT NULL")]

    def source_lines(self, now: datetime) -> list[SourceLine]:
        """See protocol.Store. Only sources that the config has; by name."""
        first = now.date() - timedelta(days=SPARK_DAYS - 1)
        counts: dict[str, dict[str, int]] = {}
        for source, day, new in self.read(
            "SELECT source, substr(hour, 1, 10), sum(new) FROM source_hours "
            "WHERE hour >= ? AND hour <= ? GROUP BY 1, 2",
            (first.isoformat(), stamp(now)),
        ):
            counts.setdefault(source, {})[day] = new
        days = [(first + timedelta(days=number)).isoformat() for number in range(SPARK_DAYS)]
        return [
            SourceLine(
                source, kind, url, state, moment(since), detail, maybe_moment(last), maybe_moment(first_heard),
                tuple(counts.get(source, {}).get(day, 0) for day in days), hours, moment(due),
            )
            for source, kind, url, state, since, detail, last, first_heard, hours, due in self.read(
                "SELECT source, kind, url, state, state_since, detail, last_heard, first_heard, hours, due "
                "FROM sources WHERE active = 1 ORDER BY source"
            )
        ]  # fmt: skip

    def heard_hours(self, since: datetime, until: datetime) -> dict[str, tuple[datetime, ...]]:
        """See protocol.Store, and heard.heard for how hours between visits count. Sources that the config has.

        `since` ≤ hour < `until`; a source that was not heard has an empty tuple.
        """
        sources = self.read(
            "SELECT source, first_heard, history_from, max_interval_s FROM sources WHERE active = 1 ORDER BY source"
        )
        margin = max(JOINED, timedelta(seconds=max((row[3] for row in sources), default=0) + 3600))
        visits: dict[str, list[HourRow]] = {}
        hours: dict[str, datetime] = {}  # the same few for every source
        for source, hour, state, interval_s, joined in self.read(
            "SELECT source, hour, state, interval_s, joined FROM source_hours "
            "WHERE hour >= ? AND hour < ? ORDER BY source, hour",
            (stamp(since - margin), stamp(until + margin)),
        ):
            at = hours.get(hour) or hours.setdefault(hour, moment(hour))
            visits.setdefault(source, []).append(HourRow(at, state in SUCCESS, interval_s, bool(joined)))
        return {
            source: heard(visits.get(source, []), since, until, maybe_moment(first), maybe_moment(history))
            for source, first, history, _ in sources
        }

    def first_heard(self) -> dict[str, datetime]:
        """See protocol.Store."""
        rows = self.read("SELECT source, first_heard FROM sources WHERE first_heard IS NOT NULL")
        return {source: moment(at) for source, at in rows}


def _named(names: Sequence[str]) -> dict[str, Any]:
    return {"names": to_json(list(dict.fromkeys(names)))} if names else {}


def _lease(row: tuple[Any, ...]) -> Lease:
    name, kind, url, brands, low, high, options, cursor, failures, interval_s, first_heard, hours = row
    read_in = Hours.parse(hours) if hours else None
    source = Source(name, kind, url, strings(brands), low, high, from_json(options), read_in)
    return Lease(source, from_json(cursor), failures, interval_s, maybe_moment(first_heard))


def _visit_row(visit: Visit, owner: str) -> dict[str, Any]:
    health = visit.health
    return {
        "source": health.source, "owner": owner, "at": stamp(health.at), "hour": stamp(health.at)[:13] + ":00:00Z",
        "state": health.state, "detail": health.detail, "ok": health.state in SUCCESS,
        "posts": health.posts, "new": health.new, "interval_s": visit.interval_s, "due": stamp(visit.due),
        "not_before": maybe_stamp(health.not_before), "history_from": maybe_stamp(visit.history_from),
        "cursor": to_json(dict(visit.cursor)), "joined": int(visit.joined),
    }  # fmt: skip
