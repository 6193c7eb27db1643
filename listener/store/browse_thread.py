"""One thread with its posts in their order, what we think of each of them, why, and what people said of that."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from listener.errors import StoreError
from listener.records import TopicTag
from listener.store.browsed import MachineSaid, Opinion, Thread, ThreadLine, ThreadPost
from listener.store.columns import from_json, maybe_moment, moment, spans, strings, to_json
from listener.store.corrected import Correction

PAGE = 100

THREAD = "SELECT thread, url, title, source, platform, community_rule FROM threads WHERE thread = ?"
POSTS = """
SELECT p.id, p.key, p.url, p.source, p.position, p.voice, v.name, p.at, p.published, p.edited, p.first_seen, p.deleted,
  iif(p.deleted IS NULL, p.text, ''), iif(p.deleted IS NULL, p.quotes, '[]'), p.language, p.likes, p.replies, p.pull,
  p.story
FROM posts p INDEXED BY posts_thread LEFT JOIN voices v ON v.voice = p.voice
WHERE p.thread = :thread AND (p.position, p.id) > (:position, :post) ORDER BY p.position, p.id LIMIT :limit
"""
OPINIONS = """
SELECT m.post, p.key, m.mention, m.brand, m.day, m.place, m.spans, m.terms, m.by_brand, m.muted,
  j.label, j.sentiment, j.confidence, j.leaving, j.sarcasm, j.evidence,
  (SELECT json_group_array(json_array(rank, topic, confidence, json(spans))) FROM judgement_topics
   WHERE mention = m.mention),
  e.amount, e.touchpoint, j.versions, j.judged, g.label, g.sentiment, g.confidence, g.topics
FROM json_each(:posts) i CROSS JOIN posts p ON p.id = i.value CROSS JOIN mentions m ON m.post = p.id
CROSS JOIN judgements j ON j.mention = m.mention
LEFT JOIN entries e ON e.mention = m.mention
LEFT JOIN machine_judgements g ON g.post = m.post AND g.brand = m.brand
WHERE m.expired = 0 AND p.deleted IS NULL ORDER BY m.post, m.brand
"""
CORRECTIONS = """
SELECT c.post, p.key, c.brand, c.at, c.by, c.field, c.old, c.new, c.note, c.chosen
FROM json_each(:posts) i CROSS JOIN corrections c ON c.post = i.value CROSS JOIN posts p ON p.id = c.post
ORDER BY c.correction
"""
THREAD_OF = "SELECT thread FROM posts WHERE key = ?"
THREAD_AT = "SELECT thread FROM threads WHERE url = ?"
THREADS = """
SELECT t.thread, t.url, t.title, t.source, count(*), count(DISTINCT m.voice), min(m.at), max(m.at),
  coalesce(round(sum(e.amount), 4), 0.0) AS net
FROM mentions m INDEXED BY mentions_brand_day CROSS JOIN posts p ON p.id = m.post
CROSS JOIN threads t ON t.thread = p.thread LEFT JOIN entries e ON e.mention = m.mention
WHERE m.brand = :brand AND m.day >= :since AND m.day <= :until AND m.by_brand = 0 AND m.muted = '' AND m.expired = 0
  AND p.deleted IS NULL
GROUP BY t.thread ORDER BY count(DISTINCT m.voice) DESC, count(*) DESC, t.thread DESC LIMIT :limit
"""


def thread(conn: sqlite3.Connection, number: int, after: str = "", limit: int = PAGE) -> Thread | None:
    """A page of a thread; None if there is none with this number.

    Args:
        after: Thread.later of the page before; "" for the first.

    Raises:
        StoreError: `after` is no cursor.
    """
    found = conn.execute(THREAD, (number,)).fetchone()
    if found is None:
        return None
    position, post = _cursor(after) if after else (-(2**31), 0)
    asked = {"thread": number, "position": position, "post": post, "limit": limit + 1}
    rows = conn.execute(POSTS, asked).fetchall()
    later = f"{rows[limit - 1][4]}.{rows[limit - 1][0]}" if len(rows) > limit else ""
    opinions = _opinions(conn, [row[0] for row in rows[:limit]])
    _, url, title, source, platform, rule = found
    return Thread(
        number, url, title, source, platform, rule, tuple(_post(row, opinions) for row in rows[:limit]), later
    )


def thread_of(conn: sqlite3.Connection, post_key: str) -> int | None:
    """The number of the thread that a post stands in, by the post's key; None if the post is not in the store."""
    found = conn.execute(THREAD_OF, (post_key,)).fetchone()
    return None if found is None else int(found[0])


def thread_at(conn: sqlite3.Connection, url: str) -> int | None:
    """The number of the thread with this address, as it stands in the store; None if there is none."""
    found = conn.execute(THREAD_AT, (url,)).fetchone()
    return None if found is None else int(found[0])


def threads(conn: sqlite3.Connection, brand: str, since: date, until: date, limit: int = 50) -> tuple[ThreadLine, ...]:
    """The threads in which most voices spoke of a brand, on days (its own, both included); those of the company and
    what counts nowhere are left out.
    """
    asked = {"brand": brand, "since": since.isoformat(), "until": until.isoformat(), "limit": limit}
    return tuple(
        ThreadLine(number, url, title, source, posts, voices, moment(first), moment(last), net)
        for number, url, title, source, posts, voices, first, last, net in conn.execute(THREADS, asked)
    )


def _cursor(text: str) -> tuple[int, int]:
    position, _, post = text.partition(".")
    try:
        return int(position), int(post)
    except ValueError:
        raise StoreError(f"{text[:40]!r} is no place in a thread; begin again at its first page") from None


def _post(row: tuple[Any, ...], opinions: Mapping[int, Sequence[Opinion]]) -> ThreadPost:
    (
        post, key, url, source, position, author, name, at, published, edited, first_seen, deleted, text, quotes,
        language, likes, replies, pull, story,
    ) = row  # fmt: skip
    return ThreadPost(
        post=post, key=key, url=url, source=source, position=position, author=author, name=name, at=moment(at),
        published=maybe_moment(published), edited=maybe_moment(edited), first_seen=moment(first_seen),
        deleted=maybe_moment(deleted), text=text, quotes=tuple((who, said) for who, said in from_json(quotes)),
        language=language, likes=likes, replies=replies, pull=pull, story=story,
        opinions=tuple(opinions.get(post, ())),
    )  # fmt: skip


def _opinions(conn: sqlite3.Connection, posts: Sequence[int]) -> Mapping[int, Sequence[Opinion]]:
    asked = {"posts": to_json(list(posts))}
    said: dict[tuple[int, str], list[Correction]] = defaultdict(list)
    for post, key, brand, at, *rest in conn.execute(CORRECTIONS, asked):
        said[post, brand].append(Correction(key, brand, moment(at), *rest))
    found: dict[int, list[Opinion]] = defaultdict(list)
    for post, _, *row in conn.execute(OPINIONS, asked):
        found[post].append(_opinion(row, said.get((post, row[1]), ())))
    return found


def _opinion(row: Sequence[Any], said: Sequence[Correction]) -> Opinion:
    (
        mention, brand, day, place, named, terms, by_brand, muted, label, sentiment, confidence, leaving, sarcasm,
        evidence, topics, amount, touchpoint, versions, judged, *machine,
    ) = row  # fmt: skip
    return Opinion(
        mention=mention, brand=brand, day=date.fromisoformat(day), where=place, named=spans(named),
        terms=strings(terms), by_brand=bool(by_brand), muted=muted, label=label, sentiment=sentiment,
        confidence=confidence, leaving=bool(leaving), sarcasm=bool(sarcasm), evidence=spans(evidence),
        topics=tuple(_tag(*rest) for _, *rest in sorted(from_json(topics))), amount=amount,
        touchpoint=touchpoint or "", versions=versions, judged=moment(judged),
        machine=_machine(*machine) if machine[0] is not None else None, corrections=tuple(said),
    )  # fmt: skip


def _machine(label: Any, sentiment: float, confidence: float, topics: str) -> MachineSaid:
    return MachineSaid(label, sentiment, confidence, tuple(_tag(*rest) for rest in from_json(topics)))


def _tag(topic: str, confidence: float, marks: Sequence[Sequence[int]]) -> TopicTag:
    return TopicTag(topic, confidence, tuple((start, end) for start, end in marks))
