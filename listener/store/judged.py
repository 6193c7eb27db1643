"""Posts with what we think of them: the rows that book, watch, digest and search look at."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from listener.records import Judged, TopicTag
from listener.store.columns import from_json, moment, spans, stamp, to_json
from listener.store.connection import Connection, Parameters

COLUMNS = """
SELECT p.key, m.brand, m.voice, p.source, p.platform, t.url, t.title, p.url, p.text, p.fingerprint, m.at, p.first_seen,
  m.place, j.sentiment, j.label, j.confidence, j.leaving, p.language, p.position, p.likes, p.replies, m.by_brand,
  j.evidence, p.backfilled,
  (SELECT json_group_array(json_array(rank, topic, confidence, json(spans))) FROM judgement_topics
   WHERE mention = m.mention)
"""
# CROSS JOIN holds SQLite to this order (https://sqlite.org/optoverview.html#crossjoin), INDEXED BY to that index: from
# a few keys, one voice or one brand's time line to one row of each other table, and never through all posts, whatever
# the statistics say.
_REST = "CROSS JOIN threads t ON t.thread = p.thread CROSS JOIN judgements j ON j.mention = m.mention"
_MENTIONS = "CROSS JOIN mentions m ON m.post = p.id"
BY_TIME = f"{COLUMNS} FROM mentions m INDEXED BY mentions_brand_at CROSS JOIN posts p ON p.id = m.post {_REST}"
BY_DAY = f"{COLUMNS} FROM mentions m INDEXED BY mentions_brand_day CROSS JOIN posts p ON p.id = m.post {_REST}"
BY_KEY = f"{COLUMNS} FROM json_each(:keys) k CROSS JOIN posts p ON p.key = k.value {_MENTIONS} {_REST}"
BY_VOICE = f"{COLUMNS} FROM posts p INDEXED BY posts_voice {_MENTIONS} {_REST}"
BY_MATCH = f"{COLUMNS} FROM posts_fts f CROSS JOIN posts p ON p.id = f.rowid {_MENTIONS} {_REST}"
STANDING = "p.deleted IS NULL AND m.expired = 0"


class JudgedPosts(Connection):
    """protocol.Store.judged, and reading such rows."""

    def brands(self) -> list[str]:
        """See protocol.Store."""
        return [brand for (brand,) in self.read("SELECT DISTINCT brand FROM mentions ORDER BY brand")]

    def judged(
        self,
        brand: str,
        since: datetime | None = None,
        until: datetime | None = None,
        voice: str | None = None,
        day: date | None = None,
        keys: Sequence[str] | None = None,
    ) -> list[Judged]:
        """See protocol.Store. Posts past the brand's retention are left out too: nothing is known of them any more."""
        asked: dict[str, tuple[str, Any]] = {
            "brand": ("m.brand = :brand", brand),
            "since": ("m.at >= :since", since and stamp(since)),
            "until": ("m.at < :until", until and stamp(until)),
            "day": ("m.day = :day", day and day.isoformat()),
            "voice": ("m.voice = :voice" if day else "p.voice = :voice", voice),
        }
        given = {name: pair for name, pair in asked.items() if pair[1] is not None}
        values = {name: value for name, (_, value) in given.items()}
        if keys is not None:
            way, values["keys"] = BY_KEY, to_json(list(keys))
        else:
            way = BY_DAY if day else BY_VOICE if voice is not None else BY_TIME
        terms = " AND ".join([term for term, _ in given.values()] + [STANDING])
        return self.judged_rows(f"{way} WHERE {terms} ORDER BY m.at, p.key", values)

    def judged_rows(self, sql: str, parameters: Parameters) -> list[Judged]:
        """The records of a query that begins with COLUMNS."""
        return [_judged(row) for row in self.read(sql, parameters)]


def _judged(row: tuple[Any, ...]) -> Judged:
    (
        key, brand, voice, source, platform, thread_url, thread_title, url, text, fingerprint, at, first_seen,
        place, sentiment, label, confidence, leaving, language, position, likes, replies, by_brand, evidence,
        backfilled, topics,
    ) = row  # fmt: skip
    return Judged(
        post_key=key, brand=brand, voice=voice, source=source, platform=platform, thread_url=thread_url,
        thread_title=thread_title, url=url, text=text, fingerprint=fingerprint, when=moment(at),
        first_seen=moment(first_seen), where=place, sentiment=sentiment, label=label, confidence=confidence,
        topics=_topics(topics), leaving=bool(leaving), language=language, position=position, likes=likes,
        replies=replies, by_brand=bool(by_brand), evidence=spans(evidence),
        backfilled=bool(backfilled),
    )  # fmt: skip


def _topics(text: str) -> tuple[TopicTag, ...]:
    if text == "[]":
        return ()
    return tuple(
        TopicTag(topic, confidence, tuple((start, end) for start, end in marks))
        for _, topic, confidence, marks in sorted(from_json(text))
    )
