"""Posts with what we think of them: the rows that book, watch, digest and search look at."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from listener.records import Judged, TopicTag
from listener.store.columns import from_json, moment, spans, stamp, strings, to_json
from listener.store.connection import Connection, Parameters

COLUMNS = """
SELECT p.key, m.brand, m.voice, p.source, p.platform, t.url, t.title, p.url, p.text, p.fingerprint, m.at, p.first_seen,
  m.place, j.sentiment, j.label, j.confidence, j.leaving, p.language, p.position, p.likes, p.replies, m.by_brand,
  j.evidence, p.backfilled, m.muted, m.context, p.story,
  iif(p.story = '', '', coalesce((SELECT kind FROM stories s WHERE s.story = p.story), 'copies')), p.pull,
  m.spans, m.terms, p.last_seen,
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
BY_NUMBER = f"{COLUMNS} FROM mentions m INDEXED BY mentions_brand CROSS JOIN posts p ON p.id = m.post {_REST}"
BY_KEY = f"{COLUMNS} FROM json_each(:keys) k CROSS JOIN posts p ON p.key = k.value {_MENTIONS} {_REST}"
BY_VOICE = f"{COLUMNS} FROM mentions m INDEXED BY mentions_voice CROSS JOIN posts p ON p.id = m.post {_REST}"
BY_MATCH = f"{COLUMNS} FROM posts_fts f CROSS JOIN posts p ON p.id = f.rowid {_MENTIONS} {_REST}"
ARRIVED = (
    "SELECT p.key FROM mentions m INDEXED BY mentions_brand CROSS JOIN posts p ON p.id = m.post "
    "WHERE m.brand = :brand AND m.mention > :after AND p.first_seen >= :since"
)
STANDING = "p.deleted IS NULL AND m.expired = 0 AND m.muted = ''"
MARK = f"""
SELECT group_concat(said, char(10)) FROM (
  SELECT m.mention || ' ' || m.at || m.voice || m.by_brand || m.place || j.label || j.leaving || p.content_hash
    || p.thread || coalesce((SELECT group_concat(topic) FROM judgement_topics jt WHERE jt.mention = m.mention), '')
    AS said
  FROM mentions m INDEXED BY mentions_brand_at CROSS JOIN posts p ON p.id = m.post
    CROSS JOIN judgements j ON j.mention = m.mention
  WHERE m.brand = :brand AND m.at >= :since AND m.at < :until AND {STANDING} ORDER BY m.at, m.mention
)"""


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
        newest: int | None = None,
    ) -> list[Judged]:
        """See protocol.Store. Posts past the brand's retention are left out too: nothing is known of them any more."""
        asked: dict[str, tuple[str, Any]] = {
            "brand": ("m.brand = :brand", brand),
            "since": ("m.at >= :since", since and stamp(since)),
            "until": ("m.at < :until", until and stamp(until)),
            "day": ("m.day = :day", day and day.isoformat()),
            "voice": ("m.voice = :voice", voice),
        }
        given = {name: pair for name, pair in asked.items() if pair[1] is not None}
        values = {name: value for name, (_, value) in given.items()}
        if keys is not None:
            way, values["keys"] = BY_KEY, to_json(list(keys))
        else:
            way = BY_DAY if day else BY_VOICE if voice is not None else BY_TIME
        terms = " AND ".join([term for term, _ in given.values()] + [STANDING])
        if newest is None:
            return self.judged_rows(f"{way} WHERE {terms} ORDER BY m.at, p.key", values)
        values["newest"] = newest
        return self.judged_rows(f"{way} WHERE {terms} ORDER BY m.at DESC, p.key DESC LIMIT :newest", values)[::-1]

    def newest_mention(self) -> int:
        """See protocol.Store."""
        row = self.read_one("SELECT max(mention) FROM mentions")
        return int(row[0] or 0) if row else 0

    def judged_after(self, brand: str, number: int, until: int) -> list[Judged]:
        """See protocol.Store."""
        return self.judged_rows(
            f"{BY_NUMBER} WHERE m.brand = :brand AND m.mention > :after AND m.mention <= :until AND {STANDING} "
            "ORDER BY m.at, p.key",
            {"brand": brand, "after": number, "until": until},
        )

    def arrived_after(self, brand: str, number: int, since: datetime) -> frozenset[str]:
        """See protocol.Store."""
        rows = self.read(ARRIVED, {"brand": brand, "after": number, "since": stamp(since)})
        return frozenset(key for (key,) in rows)

    def judged_mark(self, brand: str, since: datetime, until: datetime) -> str:
        """See protocol.Store."""
        values = {"brand": brand, "since": stamp(since), "until": stamp(until)}
        ((text,),) = self.read(MARK, values)
        return hashlib.sha256((text or "").encode()).hexdigest()

    def judged_rows(self, sql: str, parameters: Parameters) -> list[Judged]:
        """The records of a query that begins with COLUMNS."""
        return [judged_row(row) for row in self.read(sql, parameters)]


def judged_row(row: tuple[Any, ...]) -> Judged:
    """The record of a row of COLUMNS."""
    (
        key, brand, voice, source, platform, thread_url, thread_title, url, text, fingerprint, at, first_seen,
        place, sentiment, label, confidence, leaving, language, position, likes, replies, by_brand, evidence,
        backfilled, muted, context, story, kind, pull, named, terms, last_seen, topics,
    ) = row  # fmt: skip
    return Judged(
        post_key=key, brand=brand, voice=voice, source=source, platform=platform, thread_url=thread_url,
        thread_title=thread_title, url=url, text=text, fingerprint=fingerprint, when=moment(at),
        first_seen=moment(first_seen), where=place, sentiment=sentiment, label=label, confidence=confidence,
        topics=_topics(topics), leaving=bool(leaving), language=language, position=position, likes=likes,
        replies=replies, by_brand=bool(by_brand), evidence=spans(evidence),
        backfilled=bool(backfilled), muted=muted, context=context, story=story, kind=kind, pull=pull,
        named=spans(named), titled=any(term.casefold() in thread_title.casefold() for term in strings(terms)),
        text_seen=moment(last_seen),
    )  # fmt: skip


def _topics(text: str) -> tuple[TopicTag, ...]:
    if text == "[]":
        return ()
    return tuple(
        TopicTag(topic, confidence, tuple((start, end) for start, end in marks))
        for _, topic, confidence, marks in sorted(from_json(text))
    )
