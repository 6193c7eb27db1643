"""Posts that are not there any more at their source: which ones, and marking them.

The words of a deleted post stay until the brand's retention (what was said on that day was said, and an alert must be
accounted for), but it counts nowhere any more and is quoted in no mail that is made from then on. `listener forget`
takes the words away at once.
"""

from collections.abc import Sequence
from datetime import date, datetime

from listener.records import Reading
from listener.store.columns import stamp, to_json
from listener.store.connection import Connection
from listener.store.taken import Whereabouts

WHERE = """
SELECT p.key, p.source, t.url, p.deleted IS NOT NULL
FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value CROSS JOIN threads t ON t.thread = p.thread
"""
THREAD = """
SELECT p.key, p.native_id FROM threads t CROSS JOIN posts p INDEXED BY posts_thread ON p.thread = t.thread
WHERE t.url = :thread AND p.source = :source AND p.deleted IS NULL AND p.first_seen < :at
"""
KNOWN_ONE = """
SELECT 1 FROM json_each(:keys) k
WHERE EXISTS (SELECT 1 FROM posts p WHERE p.key = k.value AND p.first_seen < :at)
  OR EXISTS (SELECT 1 FROM seen s WHERE s.key = k.value AND s.seen < :at)
LIMIT 1
"""
ACCOUNTS = """
SELECT DISTINCT m.brand, m.voice, m.day FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value
CROSS JOIN mentions m ON m.post = p.id WHERE m.expired = 0 ORDER BY 1, 2, 3
"""
QUOTED = """
WITH quoted AS (
  SELECT e.value AS key FROM alerts a, json_each(a.evidence) e WHERE a.state <> 'closed'
  UNION SELECT e.value FROM digests d, json_each(d.evidence) e WHERE d.day >= :since
)
SELECT p.source, p.key, p.url FROM quoted q CROSS JOIN posts p ON p.key = q.key
CROSS JOIN sources s ON s.source = p.source AND s.active AND s.state IN ('heard', 'empty')
WHERE p.deleted IS NULL AND coalesce(p.looked, p.last_seen) < :before AND p.url LIKE 'http%'
ORDER BY coalesce(p.looked, p.last_seen), p.key LIMIT :limit
"""


class Deleted(Connection):
    """The part of protocol.Store under "what is there no more"."""

    def whereabouts(self, keys: Sequence[str]) -> dict[str, Whereabouts]:
        """See protocol.Store. The thread of a post past retention is ""."""
        return {
            key: Whereabouts(source, thread, bool(deleted))
            for key, source, thread, deleted in self.read(WHERE, (to_json(list(keys)),))
        }

    def missing(self, reading: Reading) -> list[str]:
        """See protocol.Store."""
        about = {"thread": reading.thread_url, "source": reading.source, "at": stamp(reading.at)}
        standing = self.read(THREAD, about)
        if not standing:
            return []
        present = set(reading.present)
        gone = [key for key, native_id in standing if key not in present and native_id not in present]
        if (
            len(gone) == len(standing)
            and present
            and not self.read(KNOWN_ONE, {"keys": to_json(reading.present), "at": about["at"]})
        ):
            return []  # not one known post: the site has another look or other addresses, nobody deleted them all
        return gone

    def mark_deleted(self, keys: Sequence[str], at: datetime) -> list[tuple[str, str, date]]:
        """See protocol.Store."""
        with self.transaction():
            self._conn.executemany(
                "UPDATE posts SET deleted = ? WHERE key = ? AND deleted IS NULL", [(stamp(at), key) for key in keys]
            )
            return [
                (brand, voice, date.fromisoformat(day))
                for brand, voice, day in self.read(ACCOUNTS, (to_json(list(keys)),))
            ]

    def quoted(self, since: date, before: datetime, limit: int) -> list[tuple[str, str, str]]:
        """See protocol.Store."""
        about = {"since": since.isoformat(), "before": stamp(before), "limit": limit}
        return list(self.read(QUOTED, about))

    def looked_at(self, keys: Sequence[str], at: datetime) -> None:
        """See protocol.Store."""
        self.write_many("UPDATE posts SET looked = ? WHERE key = ?", [(stamp(at), key) for key in keys])
