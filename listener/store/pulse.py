"""How the house stands: who runs, what was last done, what waits in the outbox, the newest digests."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from listener.store.columns import maybe_moment, moment, stamp, to_json
from listener.store.connection import Connection
from listener.store.schema import SCHEMA_VERSION
from listener.store.standing import Delivered, DigestLine, OutboxLine, Round, ServiceRun, Undelivered

KEEP_SERVICES = timedelta(days=31)
MOST_TROUBLED = 10

BEAT = """
INSERT INTO services (owner, began, beat) VALUES (:owner, :now, :now)
ON CONFLICT (owner) DO UPDATE SET beat = excluded.beat, stopped = NULL
"""
ROUND = """
INSERT INTO rounds (round, owner, began, ended, well, trouble)
VALUES (:round, :owner, :began, :ended, iif(:trouble = '', :ended, NULL), :trouble)
ON CONFLICT (round) DO UPDATE SET owner = excluded.owner, began = excluded.began, ended = excluded.ended,
  well = coalesce(excluded.well, well), trouble = excluded.trouble
"""
OUTBOX = """
SELECT coalesce(sum(state IN ('queued', 'claimed')), 0), min(iif(state IN ('queued', 'claimed'), queued, NULL)),
  coalesce(sum(state = 'failed' AND due >= :since), 0), max(sent)
FROM outbox
"""
TROUBLED = """
SELECT key, cause, state, due, error FROM outbox
WHERE error <> '' AND (state IN ('queued', 'claimed') OR (state = 'failed' AND due >= :since))
ORDER BY state, due DESC LIMIT :most
"""
DIGESTS = """
SELECT d.brand, d.day, max(d.made), max(d.late), d.verdict,
  (SELECT max(o.sent) FROM outbox o WHERE o.cause = 'digest:' || d.brand || ':' || d.day),
  (SELECT count(*) FROM outbox o WHERE o.cause = 'digest:' || d.brand || ':' || d.day
   AND o.state IN ('queued', 'claimed'))
FROM digests d
JOIN (SELECT brand, max(day) AS day FROM digests
  WHERE period = 'day' AND brand IN (SELECT value FROM json_each(?)) GROUP BY brand) USING (brand, day)
WHERE d.period = 'day'
GROUP BY d.brand, d.day
"""


class Pulse(Connection):
    """The part of protocol.Store in standing.py."""

    def outdated(self) -> str:
        """See standing.Standing."""
        row = self.read_one("SELECT value FROM meta WHERE name = 'schema_version'")
        if row is None or int(row[0]) >= SCHEMA_VERSION:
            return ""
        return (
            f"{self.path} was made by an older Listener (schema {row[0]}, this one has {SCHEMA_VERSION}): any command "
            "that writes brings it up to date, `listener sources` for one; keep a copy first (docs/running.md)"
        )

    def beat(self, owner: str, now: datetime) -> None:
        """See standing.Standing."""
        self.write(BEAT, {"owner": owner, "now": stamp(now)})

    def stop_service(self, owner: str, now: datetime) -> None:
        """See standing.Standing."""
        self.write("UPDATE services SET stopped = ?, beat = max(beat, ?) WHERE owner = ?", (stamp(now),) * 2 + (owner,))

    def drop_services(self, now: datetime) -> None:
        """Those that have long been gone; within housekeep."""
        self.write("DELETE FROM services WHERE beat < ?", (stamp(now - KEEP_SERVICES),))

    def services(self) -> list[ServiceRun]:
        """See standing.Standing."""
        return [
            ServiceRun(owner, moment(began), moment(beat), maybe_moment(stopped))
            for owner, began, beat, stopped in self.read(
                "SELECT owner, began, beat, stopped FROM services ORDER BY beat DESC, owner"
            )
        ]

    def note_round(self, name: str, owner: str, began: datetime, ended: datetime, trouble: str = "") -> None:
        """See standing.Standing."""
        row = {"round": name, "owner": owner, "began": stamp(began), "ended": stamp(ended), "trouble": trouble}
        self.write(ROUND, row)

    def rounds(self) -> dict[str, Round]:
        """See standing.Standing."""
        return {
            name: Round(name, owner, moment(began), moment(ended), maybe_moment(well), trouble)
            for name, owner, began, ended, well, trouble in self.read(
                "SELECT round, owner, began, ended, well, trouble FROM rounds ORDER BY round"
            )
        }

    def due_counts(self, now: datetime) -> tuple[int, int]:
        """See standing.Standing."""
        row = self.read_one(
            "SELECT coalesce(sum(lease_until > :now), 0), "
            "coalesce(sum(due <= :now AND coalesce(lease_until, '') <= :now), 0) FROM sources WHERE active = 1",
            {"now": stamp(now)},
        )
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def outbox_line(self, since: datetime) -> OutboxLine:
        """See standing.Standing."""
        wanted = {"since": stamp(since), "most": MOST_TROUBLED}
        ((waiting, oldest, failed, sent),) = self.read(OUTBOX, wanted)
        troubled = tuple(
            Undelivered(key, cause, state, moment(due), error)
            for key, cause, state, due, error in self.read(TROUBLED, wanted)
        )
        return OutboxLine(waiting, maybe_moment(oldest), failed, maybe_moment(sent), troubled)

    def delivered(self, message_ids: Sequence[str]) -> list[Delivered]:
        """See standing.Standing; by time."""
        return [
            Delivered(message_id, recipient, moment(sent))
            for message_id, recipient, sent in self.read(
                "SELECT message_id, recipient, sent FROM outbox WHERE state = 'sent' "
                "AND message_id IN (SELECT value FROM json_each(?)) ORDER BY sent, message_id",
                (to_json(list(message_ids)),),
            )
        ]

    def digest_lines(self, brands: Sequence[str]) -> Mapping[str, DigestLine]:
        """See standing.Standing."""
        return {
            brand: DigestLine(
                brand, date.fromisoformat(day), moment(made), bool(late), verdict, maybe_moment(sent), waiting
            )
            for brand, day, made, late, verdict, sent, waiting in self.read(DIGESTS, (to_json(list(brands)),))
        }

    def created(self) -> datetime:
        """See standing.Standing."""
        row = self.read_one("SELECT value FROM meta WHERE name = 'created'")
        assert row is not None  # every store has it from its first migration
        return moment(row[0])
