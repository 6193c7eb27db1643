"""A longer time of one brand, laid out once in memory and counted there: a month of 100,000 mentions in half a second.

The rows are joined once (mention, post, judgement, entry) into temporary tables of a second, read-only connection;
each count is a query over these. Nothing of it is kept.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from listener.records import Judged
from listener.store.columns import maybe_moment, moment, stamp, to_json
from listener.store.connection import connect
from listener.store.crowd import Crowd, accounts_of, topics_of
from listener.store.judged import JudgedPosts
from listener.store.spanned import Missed, SpanBooked, SpanDay, SpanRisks, SpanSource, SpanThread, SpanTopic, SpanTotals

FIVE_WEEKS = timedelta(days=34)  # before the last day: as far back as the day's digest looks for who may be lost

# `now` is 1 in the period, 0 in the one before, −1 earlier.
SAID = """
CREATE TEMP TABLE said (
  mention INTEGER PRIMARY KEY, day TEXT, now INTEGER, at TEXT, voice TEXT, source TEXT, by_brand INTEGER,
  expired INTEGER, thread INTEGER, platform TEXT, story TEXT, echo INTEGER, sentiment REAL, label TEXT, confidence REAL,
  leaving INTEGER, versions TEXT, amount REAL
)
"""
FILL = """
INSERT INTO said
SELECT m.mention, m.day, iif(m.day >= :first, 1, iif(m.day >= :before, 0, -1)), m.at, m.voice, m.source, m.by_brand,
  m.expired, p.thread, p.platform, p.story, p.likes + p.replies, j.sentiment, j.label, j.confidence, j.leaving,
  j.versions, e.amount
FROM mentions m INDEXED BY mentions_brand_day CROSS JOIN posts p ON p.id = m.post
CROSS JOIN judgements j ON j.mention = m.mention LEFT JOIN entries e ON e.mention = m.mention
WHERE m.brand = :brand AND m.day BETWEEN :from AND :last AND m.muted = '' AND p.deleted IS NULL AND p.backfilled = 0
"""
ABOUT = """
CREATE TEMP TABLE about AS
SELECT jt.topic, s.now, s.day, s.voice, s.thread, s.mention, s.sentiment * jt.confidence AS told,
  iif(s.expired, NULL, s.sentiment) AS feeling, s.echo
FROM said s CROSS JOIN judgement_topics jt ON jt.mention = s.mention
WHERE s.by_brand = 0 AND s.now >= 0
  AND NOT (s.label = 'positive' AND jt.topic IN (SELECT value FROM json_each(:kindly)))
"""
BY_TOPIC = "CREATE INDEX temp.about_topic ON about (topic, now)"
SPOKEN = """
SELECT now, day, voice, source, platform, label = 'negative', iif(expired, -1, leaving), amount
FROM said WHERE by_brand = 0
"""
LAST_AT = "SELECT max(at) FROM said WHERE voice = ? AND by_brand = 0 AND expired = 0"
TALKED_OF = "SELECT topic, now, day, voice FROM about"
CONFIDENCE = "SELECT avg(confidence) FROM said WHERE now = 1 AND by_brand = 0"
BOOKED = """
SELECT day, reason, touchpoint, sum(max(amount, 0.0)), sum(min(amount, 0.0)), count(*)
FROM entries WHERE brand = :brand AND day BETWEEN :before AND :last GROUP BY day, reason, touchpoint ORDER BY 1, 2, 3
"""
# The largest, the costliest and the most generous threads; how many posts stands for how many voices till they are few.
THREADS = """
CREATE TEMP TABLE talked AS
WITH every AS (
  SELECT thread, sum(by_brand = 0) AS posts, coalesce(sum(amount), 0.0) AS net FROM said
  WHERE now = 1 AND expired = 0 GROUP BY thread HAVING posts > 0
)
SELECT thread FROM (SELECT thread FROM every ORDER BY posts DESC, thread LIMIT :most)
UNION SELECT thread FROM (SELECT thread FROM every ORDER BY net, thread LIMIT :most)
UNION SELECT thread FROM (SELECT thread FROM every ORDER BY net DESC, thread LIMIT :most)
"""
IN_THREADS = """
SELECT url, title, platform, g.thread, voices, negative, posts, net, net_before, first, last, answered,
  (SELECT p.key FROM mentions m JOIN posts p ON p.id = m.post WHERE m.mention = CAST(substr(opener, 22) AS INTEGER))
FROM (
  SELECT s.thread, count(DISTINCT iif(by_brand OR NOT now, NULL, voice)) AS voices,
    count(DISTINCT iif(label = 'negative' AND NOT by_brand AND now, voice, NULL)) AS negative,
    sum(now AND NOT by_brand) AS posts, coalesce(sum(iif(now, amount, 0.0)), 0.0) AS net,
    coalesce(sum(iif(now, 0.0, amount)), 0.0) AS net_before, min(iif(now, at, NULL)) AS first, max(at) AS last,
    min(iif(by_brand AND now, at, NULL)) AS answered,
    min(iif(by_brand OR NOT now, NULL, at || ' ' || mention)) AS opener
  FROM said s WHERE s.thread IN (SELECT thread FROM talked) AND s.now >= 0 AND s.expired = 0 GROUP BY s.thread
) g JOIN threads t ON t.thread = g.thread ORDER BY voices DESC, net, url
"""
OF_THREADS = """
SELECT thread, topic FROM (
  SELECT a.thread, topic, count(DISTINCT voice) AS voices FROM about a
  WHERE a.now = 1 AND a.thread IN (SELECT thread FROM talked) GROUP BY a.thread, topic
) ORDER BY thread, voices, topic DESC
"""
ENTRIES = """
SELECT voice, day, amount FROM entries INDEXED BY entries_brand_day
WHERE brand = :brand AND day BETWEEN :since AND :last ORDER BY day
"""
VERSIONS = "SELECT versions, count(*) FROM said WHERE now = 1 AND by_brand = 0 GROUP BY versions ORDER BY 2 DESC, 1"
# Half of them the surest, half the most echoed.
_BOTH = """
SELECT mention FROM (SELECT * FROM wanted ORDER BY told * :sign DESC, mention LIMIT :most)
UNION SELECT mention FROM (SELECT * FROM wanted WHERE echo > 0 ORDER BY echo DESC, mention LIMIT :most)
"""
TELLING = f"""
WITH wanted AS MATERIALIZED (
  SELECT mention, echo, told FROM about WHERE topic = :topic AND now = 1 AND feeling * :sign > 0
) {_BOTH}
"""
FEELING = f"""
WITH wanted AS MATERIALIZED (
  SELECT mention, echo, sentiment * confidence AS told FROM said
  WHERE now = 1 AND by_brand = 0 AND expired = 0 AND sentiment * :sign > 0
) {_BOTH}
"""
IN_THREAD = f"""
WITH wanted AS MATERIALIZED (
  SELECT s.mention, s.echo, s.sentiment * s.confidence AS told FROM said s JOIN threads t ON t.thread = s.thread
  WHERE t.url = :url AND s.now = 1 AND s.by_brand = 0 AND s.expired = 0
) {_BOTH}
"""
KEYS = """
SELECT p.key FROM json_each(?) j CROSS JOIN mentions m ON m.mention = j.value CROSS JOIN posts p ON p.id = m.post
"""
COPIES = """
SELECT coalesce(sum(n - 1), 0), coalesce(sum((SELECT kind FROM stories k WHERE k.story = s.story) = 'campaign'), 0)
FROM (SELECT story, count(*) AS n FROM said WHERE now = 1 AND by_brand = 0 AND story <> '' GROUP BY story) s
"""
VOICES = """
SELECT count(DISTINCT m.voice) FROM mentions m INDEXED BY mentions_brand_day CROSS JOIN posts p ON p.id = m.post
WHERE m.brand = ? AND m.day BETWEEN ? AND ? AND m.by_brand = 0 AND m.muted = '' AND p.deleted IS NULL
  AND p.backfilled = 0
"""
MISSED = """
SELECT source, state, count(*), min(hour), max(hour), substr(max(hour || detail), 21) FROM source_hours
WHERE hour >= ? AND hour < ? AND state NOT IN ('heard', 'empty') GROUP BY source, state ORDER BY 3 DESC, 1, 2
"""


class CountedSpan:
    """A `spanned.Span` over the temporary tables of one connection."""

    def __init__(self, conn: sqlite3.Connection, posts: JudgedPosts, asked: dict[str, Any]) -> None:
        self._conn, self._posts, self._asked = conn, posts, asked
        # Distinct voices are counted here: SQLite would sort the same 100,000 rows again for every question.
        self._crowd = Crowd.of(conn.execute(SPOKEN))

    def _read(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        return self._conn.execute(sql, self._asked | more).fetchall()

    def totals(self) -> tuple[SpanTotals, SpanTotals]:
        """See spanned.Span."""
        now, before = self._crowd.totals(1), self._crowd.totals(0)
        return replace(now, confidence=self._read(CONFIDENCE)[0][0] or 0.0), before

    def days(self) -> tuple[SpanDay, ...]:
        """See spanned.Span."""
        return self._crowd.days()

    def topics(self) -> tuple[SpanTopic, ...]:
        """See spanned.Span; by id."""
        return topics_of(self._conn.execute(TALKED_OF))

    def booked(self) -> tuple[SpanBooked, ...]:
        """See spanned.Span."""
        return tuple(SpanBooked(date.fromisoformat(day), *rest) for day, *rest in self._read(BOOKED))

    def sources(self) -> tuple[SpanSource, ...]:
        """See spanned.Span; by name."""
        return self._crowd.sources()

    def threads(self, most: int) -> tuple[SpanThread, ...]:
        """See spanned.Span; most voices first."""
        self._conn.execute("DROP TABLE IF EXISTS talked")
        self._read(THREADS, most=most)
        topics = dict(self._read(OF_THREADS))  # of each thread the last row stays: most voices
        return tuple(_thread(row, topics) for row in self._read(IN_THREADS))

    def risks(self, since: date, heard_from: date, half_life_days: float, most: int) -> SpanRisks:
        """See spanned.Span."""
        last = date.fromisoformat(self._asked["last"])
        rows = self._conn.execute(ENTRIES, self._asked | {"since": since.isoformat()})
        accounts = accounts_of(rows, last, half_life_days)

        def last_at(voice: str) -> datetime:
            return moment(self._conn.execute(LAST_AT, (voice,)).fetchone()[0])

        return self._crowd.risks(accounts, self._asked["first"], heard_from.isoformat(), most, last_at)

    def versions(self) -> tuple[tuple[str, int], ...]:
        """See spanned.Span."""
        return tuple((versions, count) for versions, count in self._read(VERSIONS))

    def telling(self, topic: str, sign: int, most: int) -> Sequence[Judged]:
        """See spanned.Span; by time."""
        return self._judged(self._read(TELLING if topic else FEELING, topic=topic, sign=sign, most=(most + 1) // 2))

    def in_thread(self, url: str, most: int) -> Sequence[Judged]:
        """See spanned.Span; by time."""
        return self._judged(self._read(IN_THREAD, url=url, sign=-1, most=(most + 1) // 2))

    def copies(self) -> tuple[int, int]:
        """See spanned.Span."""
        posts, campaigns = self._read(COPIES)[0]
        return posts, campaigns

    def _judged(self, mentions: Sequence[tuple[Any, ...]]) -> Sequence[Judged]:
        keys = self._conn.execute(KEYS, (to_json([mention for (mention,) in mentions]),)).fetchall()
        return self._posts.judged(self._asked["brand"], keys=[key for (key,) in keys])


class Spans(JudgedPosts):
    """The part of protocol.Store under "longer times"."""

    @contextmanager
    def span(self, brand: str, before: date, first: date, last: date, kindly: Collection[str]) -> Iterator[CountedSpan]:
        """See spanned.Spanning.

        Raises:
            StoreError: the store cannot be read.
        """
        asked = {
            "brand": brand,
            "from": min(before, last - FIVE_WEEKS).isoformat(),
            "before": before.isoformat(),
            "first": first.isoformat(),
            "last": last.isoformat(),
            "kindly": to_json(sorted(kindly)),
        }
        conn: sqlite3.Connection | None = None
        try:
            conn = connect(self.path, read_only=True)
            conn.execute("PRAGMA query_only = OFF")  # the file is open for reading only; these tables are in memory
            conn.execute(SAID)
            conn.execute(FILL, asked)
            conn.execute(ABOUT, asked)
            conn.execute(BY_TOPIC)
            yield CountedSpan(conn, self, asked)
        except sqlite3.Error as error:
            raise self.trouble(error) from error
        finally:
            if conn is not None:
                conn.close()

    def span_voices(self, brand: str, first: date, last: date) -> int:
        """See spanned.Spanning."""
        return int(self.read(VOICES, (brand, first.isoformat(), last.isoformat()))[0][0])

    def missed(self, since: datetime, until: datetime) -> list[Missed]:
        """See spanned.Spanning."""
        return [
            Missed(source, state, hours, moment(first), moment(last), detail)
            for source, state, hours, first, last, detail in self.read(MISSED, (stamp(since), stamp(until)))
        ]


def _thread(row: tuple[Any, ...], topics: Mapping[int, str]) -> SpanThread:
    url, title, platform, thread, voices, negative, posts, net, net_before, first, last, answered, key = row
    return SpanThread(
        url, title, platform, topics.get(thread, ""), voices, negative, posts, net, net_before, moment(first),
        moment(last), maybe_moment(answered), key,
    )  # fmt: skip
