"""Taking posts in: what is known already, what an opener spoke of, and a whole batch at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from listener.store.columns import maybe_stamp, stamp, to_json
from listener.store.labels import Labels
from listener.store.search import FILL, Search, index_row
from listener.store.taken import Taken

KNOWN = """
SELECT p.key, p.content_hash FROM json_each(:keys) k CROSS JOIN posts p ON p.key = k.value
UNION ALL
SELECT s.key, s.content_hash FROM json_each(:keys) k CROSS JOIN seen s ON s.key = k.value
"""
OPENERS = """
SELECT t.url, m.brand FROM json_each(:urls) u CROSS JOIN threads t ON t.url = u.value
LEFT JOIN posts p ON p.thread = t.thread AND p.position = 0
LEFT JOIN mentions m ON m.post = p.id AND m.muted NOT IN ('not-brand', 'context', 'unmatched')
"""
STANDING = """
SELECT p.key, p.id, p.first_seen, p.at FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value
"""
# Batches are given their numbers here, not by SQLite, so that one statement for each table takes them all. The write
# lock is held, so the numbers are free.
POST = """
INSERT INTO posts (id, key, source, platform, url, native_id, thread, position, parent_key, voice, text, quotes,
  content_hash, fingerprint, at, published, published_precision, edited, first_seen, last_seen, language,
  likes, replies, rating, backfilled, judged_by)
VALUES (:id, :key, :source, :platform, :url, :native_id, :thread, :position, :parent_key, :voice, :text, :quotes,
  :content_hash, :fingerprint, :at, :published, :published_precision, :edited, :first_seen, :last_seen, :language,
  :likes, :replies, :rating, :backfilled, :judged_by)
ON CONFLICT (id) DO UPDATE SET
  source = excluded.source, platform = excluded.platform, url = excluded.url, native_id = excluded.native_id,
  thread = excluded.thread, position = excluded.position, parent_key = excluded.parent_key, voice = excluded.voice,
  text = excluded.text, quotes = excluded.quotes, content_hash = excluded.content_hash,
  fingerprint = excluded.fingerprint, at = excluded.at, published = excluded.published,
  published_precision = excluded.published_precision, edited = excluded.edited,
  last_seen = max(last_seen, excluded.last_seen), deleted = NULL, language = excluded.language, likes = excluded.likes,
  replies = excluded.replies, rating = excluded.rating, judged_by = excluded.judged_by,
  story = iif(fingerprint = excluded.fingerprint, story, '')
"""
MENTION = """
INSERT INTO mentions (mention, post, brand, place, spans, terms, query_version, by_brand, at, day, voice, source, muted)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
JUDGEMENT = "INSERT INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
TOPIC = "INSERT OR IGNORE INTO judgement_topics VALUES (?, ?, ?, ?, ?)"
THREAD = """
INSERT INTO threads (url, title, source, platform) VALUES (:url, :title, :source, :platform)
ON CONFLICT (url) DO UPDATE SET title = excluded.title
WHERE excluded.title NOT IN ('', title) AND (:opener OR title = '')  -- replies come as "Re: …": the opener decides
"""
SAME_AS = """
SELECT v.voice, v.same_as FROM json_each(?) j CROSS JOIN voices v ON v.voice = j.value WHERE v.same_as <> ''
"""
TITLES = "SELECT t.thread, t.title FROM json_each(?) j CROSS JOIN threads t ON t.thread = j.value"
# What UTF-8 or SQLite's text cannot hold becomes U+FFFD, one for one, so that spans stay true.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Posts(Search, Labels):
    """The part of protocol.Store under "intake", without `judged` (see judged.py) and the entries (see bank.py)."""

    def known(self, keys: Sequence[str]) -> dict[str, str]:
        """See protocol.Store."""
        return dict(self.read(KNOWN, {"keys": to_json(list(keys))}))

    def standing(self, keys: Sequence[str]) -> frozenset[str]:
        """See protocol.Store."""
        return frozenset(key for key, *_ in self.read(STANDING, (to_json(list(keys)),)))

    def opener_brands(self, thread_urls: Iterable[str]) -> dict[str, frozenset[str]]:
        """See protocol.Store. A thread whose opener mentions no brand, or is not in the store, has an empty set."""
        found: dict[str, set[str]] = {}
        for url, brand in self.read(OPENERS, {"urls": to_json(sorted(set(thread_urls)))}):
            found.setdefault(url, set()).update([brand] if brand else [])
        return {url: frozenset(brands) for url, brands in found.items()}

    def add(self, taken: Sequence[Taken], unmatched: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """See protocol.Store.

        A post that was edited so that it matches nothing any more leaves the store and is only remembered as seen.
        Posts that somebody asked to forget stay away. Of two posts with one key in a batch the last one counts.
        """
        batch = {item.post.key: item for item in taken}
        with self.transaction():
            for key in self._forgotten([*batch, *(key for key, _, _ in unmatched)]):
                batch.pop(key, None)
            standing = {key: rest for key, *rest in self.read(STANDING, (to_json(list(batch)),))}
            self._see(unmatched, now)
            if not batch:
                return
            stale = [post for post, *_ in standing.values()]
            self._conn.executemany("DELETE FROM mentions WHERE post = ?", [(post,) for post in stale])
            self._conn.executemany("DELETE FROM seen WHERE key = ?", [(key,) for key in batch if key not in standing])
            self._add_voices(batch.values())
            threads = self._add_threads(batch.values())
            next_post, next_mention = self._next("posts", "id"), self._next("mentions", "mention")
            rows = []
            for item in batch.values():
                number, *times = standing.get(item.post.key, (next_post,))
                rows.append(_post_row(item, number, threads, *times))
                next_post += number == next_post
            self._conn.executemany(POST, rows)
            self._add_mentions(batch.values(), rows, next_mention, stamp(now))
            pairs = list(zip(batch.values(), rows, strict=True))
            contexts = [(told, row["id"], brand) for item, row in pairs for brand, told in item.contexts.items()]
            self._conn.executemany("UPDATE mentions SET context = ? WHERE post = ? AND brand = ?", contexts)
            if stale:
                self.correct_again([(row["id"], m.brand) for item, row in pairs for m in item.mentions])
            self.unindex(stale)
            titles = dict(self.read(TITLES, (to_json(sorted(set(threads.values()))),)))
            self._conn.executemany(FILL, [index_row(row["id"], row["text"], titles[row["thread"]]) for row in rows])

    def _next(self, table: str, number: str) -> int:
        return int(self.read(f"SELECT coalesce(max({number}), 0) + 1 FROM {table}")[0][0])

    def _forgotten(self, keys: Sequence[str]) -> list[str]:
        found = self.read(
            "SELECT s.key FROM json_each(?) k CROSS JOIN seen s ON s.key = k.value WHERE s.forgotten = 1",
            (to_json(keys),),
        )
        return [key for (key,) in found]

    def _see(self, unmatched: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Remember posts without a match; one that stands in the store matched before it was edited, and goes."""
        keys = to_json([key for key, _, _ in unmatched])
        gone = [post for _, post, *_ in self.read(STANDING, (keys,))]
        self.unindex(gone)
        self._conn.executemany("DELETE FROM posts WHERE id = ?", [(post,) for post in gone])
        self._conn.executemany(
            "INSERT INTO seen (key, content_hash, source, seen) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET content_hash = excluded.content_hash, seen = excluded.seen",
            [(*row, stamp(now)) for row in unmatched],
        )

    def _add_voices(self, batch: Iterable[Taken]) -> None:
        posts = {item.voice: item.post for item in batch}
        marks = {item.voice: item.name_mark for item in batch}
        keep = self.keep_author_names
        rows = [
            (voice, post.platform, _clean(post.author) if keep else None, stamp(post.fetched), marks[voice])
            for voice, post in posts.items()
        ]
        self._conn.executemany(
            "INSERT INTO voices (voice, platform, name, first_seen, name_mark) VALUES (?, ?, nullif(?, ''), ?, ?) "
            "ON CONFLICT (voice) DO UPDATE SET name = coalesce(name, excluded.name), "
            "name_mark = iif(name_mark = '', excluded.name_mark, name_mark) "
            "WHERE (name IS NULL AND excluded.name IS NOT NULL) OR (name_mark = '' AND excluded.name_mark <> '')",
            rows,
        )

    def _add_threads(self, batch: Iterable[Taken]) -> Mapping[str, int]:
        """Thread rows of a batch, url → number. Where a title changed, the thread's older posts are indexed anew."""
        rows: dict[str, dict[str, Any]] = {}
        for post in (item.post for item in batch):
            if post.thread_url not in rows or post.position == 0:
                rows[post.thread_url] = {
                    "url": _clean(post.thread_url), "title": _clean(post.thread_title), "source": post.source,
                    "platform": post.platform, "opener": post.position == 0,
                }  # fmt: skip
        urls = to_json([row["url"] for row in rows.values()])
        ask = "SELECT t.url, t.thread, t.title FROM json_each(?) u CROSS JOIN threads t ON t.url = u.value"
        before = {thread: title for _, thread, title in self.read(ask, (urls,))}
        self._conn.executemany(THREAD, rows.values())
        after = self.read(ask, (urls,))
        renamed = [thread for _, thread, title in after if before.get(thread, title) != title]
        if renamed:
            self.reindex(self.posts_of(renamed))
        numbers = {url: thread for url, thread, _ in after}
        return {url: numbers[row["url"]] for url, row in rows.items()}

    def _add_mentions(self, batch: Iterable[Taken], rows: Sequence[Mapping[str, Any]], number: int, now: str) -> None:
        mentions, judgements, topics = [], [], []
        known = dict(self.read(SAME_AS, (to_json([item.voice for item in batch]),)))
        for item, row in zip(batch, rows, strict=True):
            judged = {judgement.brand: judgement for judgement in item.judgements}
            for mention in item.mentions:
                brand = mention.brand
                one = judged[brand]
                mentions.append(
                    (
                        number, row["id"], brand, mention.where, to_json(mention.spans), to_json(mention.terms),
                        item.query_versions[brand], int(brand in item.by_brand), row["at"],
                        item.days[brand].isoformat(), known.get(item.voice, item.voice), item.post.source,
                        item.muted.get(brand, ""),
                    )
                )  # fmt: skip
                judgements.append(
                    (
                        number, one.sentiment, one.label, one.confidence, int(one.leaving), int(one.sarcasm),
                        to_json(one.evidence), one.versions, now,
                    )
                )  # fmt: skip
                for rank, tag in enumerate(one.topics):
                    topics.append((number, tag.topic, tag.confidence, to_json(tag.spans), rank))
                number += 1
        self._conn.executemany(MENTION, mentions)
        self._conn.executemany(JUDGEMENT, judgements)
        self._conn.executemany(TOPIC, topics)


def _post_row(
    item: Taken, number: int, threads: Mapping[str, int], first_seen: str = "", at: str = ""
) -> dict[str, Any]:
    """The row of a post; `first_seen` and `at` are what stands in the store: an undated post keeps its `at`."""
    post = item.post
    fetched, published = stamp(post.fetched), maybe_stamp(post.published)
    quotes = [[voice, _clean(text)] for voice, (_, text) in zip(item.quote_voices, post.quotes, strict=True)]
    return {
        "id": number, "key": post.key, "source": post.source, "platform": post.platform, "url": _clean(post.url),
        "native_id": post.native_id and _clean(post.native_id), "thread": threads[post.thread_url],
        "position": post.position, "parent_key": post.parent_key, "voice": item.voice, "text": _clean(post.text),
        "quotes": to_json(quotes) if quotes else "[]", "content_hash": item.content_hash,
        "fingerprint": item.fingerprint, "at": published or at or fetched, "published": published,
        "published_precision": post.published_precision, "edited": maybe_stamp(post.edited),
        "first_seen": first_seen or fetched, "last_seen": fetched, "language": item.language,
        "likes": post.likes or 0, "replies": post.replies or 0, "rating": post.rating,
        "backfilled": int(item.backfilled), "judged_by": item.judged_by,
    }  # fmt: skip


def _clean(text: str) -> str:
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)
