"""The Love Bank's book: entries, and a brand's account day by day."""

from collections.abc import Sequence
from datetime import date

from listener.records import Entry
from listener.store.connection import Connection
from listener.store.protocol import BalanceLine

BALANCE = """
SELECT day, sum(max(amount, 0.0)), sum(min(amount, 0.0)) FROM entries
WHERE brand = ? AND day <= ? GROUP BY day ORDER BY day
"""
ENTRIES = """
SELECT e.brand, e.voice, e.day, e.amount, e.touchpoint, e.reason, p.key
FROM entries e INDEXED BY entries_brand_day CROSS JOIN mentions m ON m.mention = e.mention
CROSS JOIN posts p ON p.id = m.post
WHERE e.brand = ? AND e.day <= ? AND e.day >= ? ORDER BY e.day, e.voice, p.key
"""
ENTRY = """
INSERT OR REPLACE INTO entries (brand, voice, day, amount, touchpoint, reason, mention)
VALUES (:brand, :voice, :day, :amount, :touchpoint, :reason,
  (SELECT m.mention FROM posts p CROSS JOIN mentions m ON m.post = p.id WHERE p.key = :key AND m.brand = :brand))
"""


class Bank(Connection):
    """The part of protocol.Store that keeps the Love Bank."""

    def replace_entries(self, brand: str, voice: str, day: date, entries: Sequence[Entry]) -> None:
        """What stood in the account on that day goes, `entries` stand there instead; a mention that was booked for
        another voice (it has turned out to be a copy) is booked for this one.

        Raises:
            StoreError: an entry's post does not mention the brand, or its amount is not within −10…+10.
        """
        with self.transaction():
            self._conn.execute(
                "DELETE FROM entries WHERE brand = ? AND voice = ? AND day = ?", (brand, voice, day.isoformat())
            )
            self._conn.executemany(
                ENTRY,
                [
                    {
                        "brand": entry.brand, "voice": entry.voice, "day": entry.day.isoformat(),
                        "amount": entry.amount, "touchpoint": entry.touchpoint, "reason": entry.reason,
                        "key": entry.post_key,
                    }
                    for entry in entries
                ],
            )  # fmt: skip

    def balance_lines(self, brand: str, until: date) -> list[BalanceLine]:
        """See protocol.Store; withdrawals ≤ 0."""
        return [
            BalanceLine(date.fromisoformat(day), deposits, withdrawals)
            for day, deposits, withdrawals in self.read(BALANCE, (brand, until.isoformat()))
        ]

    def entries(self, brand: str, until: date, since: date | None = None) -> list[Entry]:
        """The entries with since ≤ day ≤ until, by day, voice and post key."""
        first = "" if since is None else since.isoformat()
        return [
            Entry(brand_, voice, date.fromisoformat(day), amount, touchpoint, reason, key)
            for brand_, voice, day, amount, touchpoint, reason, key in self.read(
                ENTRIES, (brand, until.isoformat(), first)
            )
        ]
