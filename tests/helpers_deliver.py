"""What the tests of delivery share: messages, settings, and an outbox in memory."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from listener import config
from listener.records import Attachment, Message
from listener.store.protocol import Outgoing, Store

NOON = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
PIXEL = b"\x89PNG\r\n\x1a\nnot a picture, but bytes"
MAIL = config.Mail(sender="listener@brand.example", sender_name="聆聽者 Listener")


def message(key: str = "digest:wagtail:2026-03-21:ann", recipient: str = "ann@reader.example", **more: Any) -> Message:
    """A digest as it is made: both languages, HTML, one chart."""
    fields: dict[str, Any] = {
        "subject": "鶺鴒航空 Wagtail: worse, and for one reason",
        "text": "TODAY  Worse.\n今天：變差，原因只有一個。\n",
        "html": '<html><head></head><body><p>今天：變差。</p><img src="cid:balance" alt="Balance"></body></html>',
        "attachments": (Attachment("balance", "balance.png", "image/png", PIXEL),),
    }
    return Message(key=key, recipient=recipient, **(fields | more))


@dataclass(frozen=True)
class Row:
    """One message of the outbox in memory."""

    outgoing: Outgoing
    state: str
    due: datetime
    owner: str = ""
    lease_until: datetime | None = None
    sent: datetime | None = None
    error: str = ""


class MemoryOutbox:
    """The outbox part of a Store, in memory; `as_store()` lends it the type."""

    def __init__(self) -> None:
        self.table: dict[str, Row] = {}

    def as_store(self) -> Store:
        return cast(Store, self)

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def queue(
        self, message: Message, message_id: str, body: bytes, cause: str, evidence: Sequence[str], now: datetime
    ) -> bool:
        if message.key in self.table:
            return False
        self.table[message.key] = Row(Outgoing(message.key, message.recipient, message_id, body, 0), "queued", now)
        return True

    def claim_messages(self, now: datetime, owner: str, limit: int, lease: timedelta, way: str = "") -> list[Outgoing]:
        due = [row for row in self.table.values() if row.state == "queued" and row.due <= now]
        due += [row for row in self.table.values() if row.lease_until is not None and row.lease_until <= now]
        due = [row for row in due if (row.outgoing.recipient if ":" in row.outgoing.recipient else "") == way]
        claimed = []
        for row in sorted(due, key=lambda row: row.due)[:limit]:
            outgoing = replace(row.outgoing, attempts=row.outgoing.attempts + 1)
            self.table[outgoing.key] = replace(
                row, outgoing=outgoing, state="claimed", owner=owner, lease_until=now + lease
            )
            claimed.append(outgoing)
        return claimed

    def _finish(self, key: str, owner: str, **changes: Any) -> None:
        if self.table[key].state == "claimed" and self.table[key].owner == owner:
            self.table[key] = replace(self.table[key], owner="", lease_until=None, **changes)

    def mark_sent(self, key: str, owner: str, now: datetime) -> None:
        row = self.table[key]  # it was accepted, whoever holds the claim by now
        self.table[key] = replace(row, state="sent", sent=now, owner="", lease_until=None)

    def mark_failed(self, key: str, owner: str, now: datetime, error: str, retry_at: datetime | None) -> None:
        self._finish(key, owner, state="queued" if retry_at else "failed", due=retry_at or now, error=error)

    def postpone_messages(self, keys: Sequence[str], owner: str, until: datetime, error: str) -> None:
        for key in keys:
            outgoing = self.table[key].outgoing
            uncounted = replace(outgoing, attempts=outgoing.attempts - 1)
            self._finish(key, owner, state="queued", due=until, error=error, outgoing=uncounted)

    def states(self) -> dict[str, str]:
        return {key: row.state for key, row in self.table.items()}
