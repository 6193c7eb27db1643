"""The outbox: queued with its cause, claimed before it is sent, marked after."""

from collections.abc import Sequence
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
SELECT message, due FROM outbox WHERE state = 'queued' AND due <= :now
UNION ALL
SELECT message, due FROM outbox WHERE state = 'claimed' AND due <= :now AND lease_until <= :now
ORDER BY due, message LIMIT :limit
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

    def claim_messages(self, now: datetime, owner: str, limit: int, lease: timedelta) -> list[Outgoing]:
        """See protocol.Store; by due time. `attempts` counts this claim."""
        until = stamp(now + lease)
        with self.transaction():
            due = self._conn.execute(DUE, {"now": stamp(now), "limit": limit}).fetchall()
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
