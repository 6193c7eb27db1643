"""What counts and how much: mutes, and the pull of posts. Nothing is deleted here; a muted mention stays, marked."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import groupby

from listener.pull import pulls
from listener.store.columns import stamp
from listener.store.labels import Labels
from listener.store.taken import Account, MutedCount, MuteRow

HABIT = timedelta(days=90)
MUTE_ROWS = """
SELECT m.mention, p.platform, p.source, p.voice, t.url, p.text, t.title, m.day, coalesce(
  (SELECT g.muted FROM machine_judgements g WHERE g.post = m.post AND g.brand = m.brand), m.muted)
FROM mentions m CROSS JOIN posts p ON p.id = m.post CROSS JOIN threads t ON t.thread = p.thread
WHERE m.mention > ? AND m.brand = ? AND m.expired = 0 ORDER BY m.mention LIMIT ?
"""
MUTED = """
SELECT m.muted, iif(m.muted = 'site', p.platform, ''), count(*)
FROM mentions m INDEXED BY mentions_brand_day CROSS JOIN posts p ON p.id = m.post
WHERE m.brand = ? AND m.day BETWEEN ? AND ? AND m.muted <> '' AND m.by_brand = 0 AND p.deleted IS NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
DREW = """
SELECT source, id, likes + replies, pull FROM posts WHERE at >= ? AND at <= ? AND deleted IS NULL AND text <> ''
ORDER BY source
"""


class Counted(Labels):
    """The part of protocol.Store under "what counts"."""

    def mute(self, brand: str, marks: Mapping[int, str]) -> set[Account]:
        """See protocol.Store."""
        accounts: set[Account] = set()
        with self.transaction():
            for mention in marks:
                for voice, day in self.read("SELECT voice, day FROM mentions WHERE mention = ?", (mention,)):
                    accounts.add((brand, voice, date.fromisoformat(day)))
            self._conn.executemany(
                "UPDATE mentions SET muted = ? WHERE mention = ?", [(mark, mention) for mention, mark in marks.items()]
            )
            self.mute_corrected(brand, marks)
        return accounts

    def mute_rows(self, brand: str, after: int, limit: int) -> list[MuteRow]:
        """See protocol.Store."""
        rows = self.read(MUTE_ROWS, (after, brand, limit))
        return [
            MuteRow(mention, platform, source, author, thread, text, title, date.fromisoformat(day), muted)
            for mention, platform, source, author, thread, text, title, day, muted in rows
        ]

    def muted_counts(self, brand: str, day: date, since: date | None = None) -> list[MutedCount]:
        """See protocol.Store."""
        return [MutedCount(*row) for row in self.read(MUTED, (brand, (since or day).isoformat(), day.isoformat()))]

    def fact(self, name: str) -> str:
        """See protocol.Store."""
        found = self.read_one("SELECT value FROM meta WHERE name = ?", (name,))
        return "" if found is None else str(found[0])

    def save_fact(self, name: str, value: str) -> None:
        """See protocol.Store."""
        self.write(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def weigh_pull(self, now: datetime) -> None:
        """See protocol.Store. One look at the posts of 90 days; only what changed is written."""
        with self.transaction():
            changed = []
            rows = self.read(DREW, (stamp(now - HABIT), stamp(now)))
            for _, some in groupby(rows, key=lambda row: str(row[0])):
                posts = list(some)
                for (_, post, _, before), pull in zip(posts, pulls([row[2] for row in posts]), strict=True):
                    if pull != before:
                        changed.append((pull, post))
            self._conn.executemany("UPDATE posts SET pull = ? WHERE id = ?", changed)
