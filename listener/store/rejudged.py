"""Judging stored posts anew: which ones are due, and writing what is said of them now.

A post carries the stamp of the engine and config that judged it last (`posts.judged_by`); one with another stamp is
stale. That is all the progress there is: whoever goes on after a kill asks again for what is stale. A mention that
the query no longer finds is muted as "unmatched", not deleted: it counts nowhere, goes with the brand's retention as
every other, and is back when the query finds it again (a deleted post would never be gathered again).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from listener.records import Judgement, Mention, Post
from listener.store.columns import from_json, maybe_moment, moment, spans, stamp, strings, to_json
from listener.store.corrected import UNMATCHED, Rejudgement, StalePost, StandingMention
from listener.store.labels import Labels

DUE = "p.judged_by <> :stamp AND p.deleted IS NULL AND p.url <> '' AND (:since IS NULL OR p.at >= :since)"
STALE = f"""
SELECT p.id, p.source, p.platform, p.url, p.key, t.url, t.title, p.position, coalesce(v.name, ''), p.text, p.first_seen,
  p.published, p.published_precision, p.edited, p.native_id, p.parent_key, p.quotes, p.language, p.likes, p.replies,
  p.rating, p.voice, p.at, p.backfilled
FROM posts p CROSS JOIN threads t ON t.thread = p.thread CROSS JOIN voices v ON v.voice = p.voice
WHERE p.id > :after AND (p.position = 0) = :openers AND {DUE} ORDER BY p.id LIMIT :limit
"""
STANDING = """
SELECT m.post, m.mention, m.brand, m.place, m.spans, m.terms, m.voice, m.day, m.muted, m.expired, j.label,
  EXISTS (SELECT 1 FROM machine_judgements g WHERE g.post = m.post AND g.brand = m.brand),
  (SELECT group_concat(topic, ',') FROM (SELECT topic FROM judgement_topics WHERE mention = m.mention ORDER BY rank))
FROM json_each(?) k CROSS JOIN mentions m ON m.post = k.value CROSS JOIN judgements j ON j.mention = m.mention
"""

GAINED = """
INSERT INTO mentions (mention, post, brand, place, spans, terms, query_version, by_brand, at, day, voice, source, muted,
  context)
SELECT :number, p.id, :brand, :place, :spans, :terms, :version, :by_brand, p.at, :day,
  coalesce((SELECT max(voice) FROM mentions WHERE post = p.id AND expired = 0), nullif(v.same_as, ''), p.voice),
  p.source, :muted, :context
FROM posts p JOIN voices v ON v.voice = p.voice WHERE p.id = :post
"""
JUDGED = """
INSERT INTO judgements (mention, sentiment, label, confidence, leaving, sarcasm, evidence, versions, judged)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (mention) DO UPDATE SET sentiment = excluded.sentiment, label = excluded.label,
  confidence = excluded.confidence, leaving = excluded.leaving, sarcasm = excluded.sarcasm,
  evidence = excluded.evidence, versions = excluded.versions, judged = excluded.judged
"""


class Rejudged(Labels):
    """The part of protocol.Store under "judging again"."""

    def count_stale(self, judged_by: str, since: datetime | None = None) -> int:
        """See protocol.Store."""
        about = {"stamp": judged_by, "since": since and stamp(since)}
        return int(self.read(f"SELECT count(*) FROM posts p WHERE {DUE}", about)[0][0])

    def stale(
        self, judged_by: str, *, openers: bool, after: int, limit: int, since: datetime | None = None
    ) -> list[StalePost]:
        """See protocol.Store."""
        about = {
            "stamp": judged_by,
            "openers": int(openers),
            "after": after,
            "limit": limit,
            "since": since and stamp(since),
        }
        rows = self.read(STALE, about)
        standing = self.standing_mentions([row[0] for row in rows])
        return [_stale(row, standing.get(row[0], ())) for row in rows]

    def standing_mentions(self, posts: Sequence[int]) -> dict[int, tuple[StandingMention, ...]]:
        """Post number → its mentions, by brand."""
        found: dict[int, list[StandingMention]] = {}
        for post, _, brand, place, named, terms, voice, day, muted, expired, label, corrected, topics in sorted(
            self.read(STANDING, (to_json(list(posts)),)), key=lambda row: (row[0], row[2])
        ):
            mention = Mention("", brand, place, spans(named), strings(terms))
            account = (brand, voice, date.fromisoformat(day))
            tags = tuple(topics.split(",")) if topics else ()
            found.setdefault(post, []).append(
                StandingMention(mention, account, label, tags, muted, bool(expired), bool(corrected))
            )
        return {post: tuple(mentions) for post, mentions in found.items()}

    def rejudge(self, said: Sequence[Rejudgement], brands: Sequence[str], judged_by: str, now: datetime) -> None:
        """See protocol.Store."""
        with self.transaction():
            for item in said:
                self._rejudge_one(item, frozenset(brands), stamp(now))
            self._conn.executemany(
                "UPDATE posts SET judged_by = ? WHERE id = ?", [(judged_by, item.number) for item in said]
            )
            self.correct_again([(item.number, mention.brand) for item in said for mention in item.mentions])

    def judge_all_again(self, since: datetime | None = None) -> None:
        """See protocol.Store."""
        self.write(
            "UPDATE posts SET judged_by = '' WHERE :since IS NULL OR at >= :since", {"since": since and stamp(since)}
        )

    def _rejudge_one(self, item: Rejudgement, brands: frozenset[str], now: str) -> None:
        standing = {
            brand: (mention, expired)
            for mention, brand, expired in self.read(
                "SELECT mention, brand, expired FROM mentions WHERE post = ?", (item.number,)
            )
        }
        said = {one.brand: one for one in item.judgements}
        for mention in item.mentions:
            brand = mention.brand
            number, expired = standing.get(brand, (None, False))
            if expired:
                continue
            row = {
                "mention": number, "post": item.number, "brand": brand, "place": mention.where,
                "spans": to_json(mention.spans), "terms": to_json(mention.terms), "day": item.days[brand].isoformat(),
                "version": item.query_versions[brand], "by_brand": int(brand in item.by_brand),
                "muted": item.muted.get(brand, ""), "context": item.contexts.get(brand, ""),
            }  # fmt: skip
            if number is None:
                number = self._insert_mention(row)
            else:
                self._conn.execute(
                    "UPDATE mentions SET place = :place, spans = :spans, terms = :terms, day = :day, muted = :muted, "
                    "query_version = :version, by_brand = :by_brand, context = :context WHERE mention = :mention",
                    row,
                )
            self._write_judgement(number, said[brand], now)
        named = {mention.brand for mention in item.mentions}
        self._conn.executemany(
            "UPDATE mentions SET muted = ? WHERE mention = ?",
            [
                (UNMATCHED, number)
                for brand, (number, expired) in standing.items()
                if brand in brands and brand not in named and not expired
            ],
        )

    def _insert_mention(self, row: Mapping[str, Any]) -> int:
        """A mention that was not there before; what else stands of its post it takes from the post."""
        number = self.read("SELECT coalesce(max(mention), 0) + 1 FROM mentions")[0][0]
        self._conn.execute(
            GAINED,
            {**row, "number": number},
        )
        return int(number)

    def _write_judgement(self, number: int, one: Judgement, now: str) -> None:
        self._conn.execute(
            JUDGED,
            (
                number, one.sentiment, one.label, one.confidence, int(one.leaving), int(one.sarcasm),
                to_json(one.evidence), one.versions, now,
            ),
        )  # fmt: skip
        self._conn.execute("DELETE FROM judgement_topics WHERE mention = ?", (number,))
        self._conn.executemany(
            "INSERT OR IGNORE INTO judgement_topics VALUES (?, ?, ?, ?, ?)",
            [(number, tag.topic, tag.confidence, to_json(tag.spans), rank) for rank, tag in enumerate(one.topics)],
        )


def _stale(row: tuple[Any, ...], mentions: tuple[StandingMention, ...]) -> StalePost:
    (
        number, source, platform, url, key, thread_url, thread_title, position, author, text, first_seen,
        published, precision, edited, native_id, parent_key, quotes, language, likes, replies, rating, voice, at,
        backfilled,
    ) = row  # fmt: skip
    post = Post(
        source=source, platform=platform, url=url, key=key, thread_url=thread_url, thread_title=thread_title,
        position=position, author=author, text=text, fetched=moment(first_seen),
        published=maybe_moment(published) or moment(at), published_precision=precision, edited=maybe_moment(edited),
        native_id=native_id, parent_key=parent_key, quotes=tuple(("", said) for _, said in from_json(quotes)),
        language=language, likes=likes, replies=replies, rating=rating,
    )  # fmt: skip
    return StalePost(number, post, voice, language, bool(backfilled), mentions)
