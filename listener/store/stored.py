"""Walking through all stored posts by time, a batch at a time, so that memory stays bounded (protocol: corpus.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from listener.records import Post
from listener.store.columns import moment, stamp, to_json
from listener.store.connection import Connection
from listener.store.corpus import Place, StoredPost

COLUMNS = """
SELECT p.at, p.id, p.thread, p.source, p.platform, p.url, p.key, t.url, t.title, p.position, v.name, p.text,
  p.first_seen, p.published, p.language
"""
REST = "CROSS JOIN threads t ON t.thread = p.thread LEFT JOIN voices v ON v.voice = p.voice"
# What is past every brand's retention has lost its words.
STANDING = "p.deleted IS NULL AND (p.text <> '' OR p.position = 0)"
AFTER = f"""
{COLUMNS} FROM posts p INDEXED BY posts_at {REST}
WHERE (p.at, p.id) > (:at, :number) AND {STANDING} ORDER BY p.at, p.id LIMIT :limit
"""
OPENERS = f"""
{COLUMNS} FROM json_each(:threads) j CROSS JOIN posts p INDEXED BY posts_thread ON p.thread = j.value AND p.position = 0
{REST} WHERE {STANDING} ORDER BY p.id
"""


class Stored(Connection):
    """The part of protocol.Store under "the stored corpus"."""

    def count_posts(self, since: datetime | None = None) -> int:
        """See corpus.Corpus."""
        sql = f"SELECT count(*) FROM posts p INDEXED BY posts_at WHERE p.at >= ? AND {STANDING}"
        return int(self.read(sql, (stamp(since) if since else "",))[0][0])

    def posts_after(self, place: Place, limit: int, since: datetime | None = None) -> list[StoredPost]:
        """See corpus.Corpus."""
        at, number = max(place, (stamp(since) if since else "", 0))
        return [_stored(row) for row in self.read(AFTER, {"at": at, "number": number, "limit": limit})]

    def openers(self, threads: Sequence[int]) -> dict[int, Post]:
        """See corpus.Corpus."""
        rows = self.read(OPENERS, {"threads": to_json(list(threads))})
        return {stored.thread: stored.post for stored in map(_stored, rows)}


def _stored(row: tuple[Any, ...]) -> StoredPost:
    (
        at, number, thread, source, platform, url, key, thread_url, title, position, name, text, first_seen, published,
        language,
    ) = row  # fmt: skip
    post = Post(
        source=source, platform=platform, url=url, key=key, thread_url=thread_url, thread_title=title,
        position=position, author=name or "", text=text, fetched=moment(first_seen),
        published=moment(published) if published else None, language=language,
    )  # fmt: skip
    return StoredPost((at, number), thread, post)
