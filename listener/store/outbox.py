"""The outbox: queued with its cause, claimed before it is sent, marked after."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from listener.records import Message
from listener.store.columns import stamp, to_json
from listener.store.connection import Connection
from listener.store.protocol import Outgoing

QUEUE = """
INSERT INTO outbox (key, cause, recipient, subject, message_id, body, evidence, due, queued)
VALUES (:key, :cause, :recipient, :subject, :message_id, :body, :evidence, :now, :now) ON CONFLICT (key) DO NOTHING
"""
DUE = """
SELECT message, due FROM outbox WHERE state = 'queued' AND due <= :now AND {way}
UNION ALL
SELECT message, due FROM outbox WHERE state = 'claimed' AND due <= :now AND lease_until <= :now AND {way}
ORDER BY due, message LIMIT :limit
"""
# A mail address holds no colon, so a channel's recipient ("channel:crisis-room") is none.
MAIL_WAY, CHANNEL_WAY = "recipient NOT LIKE 'channel:%'", "recipient = :way"
WITHDRAW = """
UPDATE outbox SET state = 'withdrawn', due = ?, error = ?, lease = NULL, lease_until = NULL, body = x''
WHERE recipient = ? AND (state = 'queued' OR (state = 'claimed' AND lease_until <= ?))
"""
CLAIM = """
UPDATE outbox SET state = 'claimed', lease = ?, lease_until = ?, attempts = attempts + 1 WHERE message = ?
RETURNING key, recipient, message_id, body, attempts
"""


class Outbox(Connection):
    """The part of protocol.Store under "deliver"."""

    def queue(
        self, message: Message, message_id: str, body: bytes, cause: str, evidence: Sequence[str], now: datetime
    ) -> bool:
        """See protocol.Store."""
        row = {
            "key": message.key, "cause": cause, "recipient": message.recipient, "subject": message.subject,
            "message_id": message_id, "body": body, "evidence": to_json(list(evidence)), "now": stamp(now),
        }  # fmt: skip
        return self.write(QUEUE, row) == 1

    def claim_messages(self, now: datetime, owner: str, limit: int, lease: timedelta, way: str = "") -> list[Outgoing]:
        """See protocol.Store; by due time. `attempts` counts this claim."""
        until = stamp(now + lease)
        wanted = DUE.format(way=CHANNEL_WAY if way else MAIL_WAY)
        with self.transaction():
            due = self._conn.execute(wanted, {"now": stamp(now), "limit": limit, "way": way}).fetchall()
            return [Outgoing(*self._conn.execute(CLAIM, (owner, until, row)).fetchall()[0]) for row, _ in due]

    def mark_sent(self, key: str, owner: str, now: datetime) -> None:
        """It was accepted: true whoever holds the lease by now, so `owner` is not asked for."""
        self.write(
            "UPDATE outbox SET state = 'sent', sent = ?, lease = NULL, lease_until = NULL, error = '' "
            "WHERE key = ? AND state <> 'sent'",
            (stamp(now), key),
        )

    def mark_failed(self, key: str, owner: str, now: datetime, error: str, retry_at: datetime | None) -> None:
        """See protocol.Store. Nothing changes if `owner` does not hold the message any more."""
        self.write(
            "UPDATE outbox SET state = ?, due = ?, error = ?, lease = NULL, lease_until = NULL "
            "WHERE key = ? AND state = 'claimed' AND lease = ?",
            ("failed" if retry_at is None else "queued", stamp(retry_at or now), error, key, owner),
        )

    def postpone_messages(self, keys: Sequence[str], owner: str, until: datetime, error: str) -> None:
        """See protocol.Store."""
        self.write_many(
            "UPDATE outbox SET state = 'queued', due = ?, error = ?, attempts = attempts - 1, lease = NULL, "
            "lease_until = NULL WHERE key = ? AND state = 'claimed' AND lease = ?",
            [(stamp(until), error, key, owner) for key in keys],
        )

    def withdraw_messages(self, readers: Collection[str], now: datetime) -> int:
        """See protocol.Store."""
        waiting = self.read("SELECT DISTINCT recipient FROM outbox WHERE state IN ('queued', 'claimed')")
        gone = [recipient for (recipient,) in waiting if recipient not in readers]
        why, at = "withdrawn: this reader is no longer in people.toml", stamp(now)
        with self.transaction():
            return sum(self.write(WITHDRAW, (at, why, recipient, at)) for recipient in gone)

    def empty_old_messages(self, before: datetime) -> tuple[str, ...]:
        """See protocol.Store."""
        with self.transaction():
            found = self._conn.execute(
                "UPDATE outbox SET body = x'' WHERE state IN ('sent', 'failed', 'withdrawn') "
                "AND coalesce(sent, due) < ? AND body <> x'' RETURNING message_id",
                (stamp(before),),
            ).fetchall()
        return tuple(message_id for (message_id,) in found)
