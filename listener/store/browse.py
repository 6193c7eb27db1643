"""Looking through the store page by page: the feed of mentions, and what its filters may be set to.

The functions of the browse modules take a plain connection that may only read (Datasette's own, or Connection's), and
return the records of browsed.py. A page is found by a cursor, not by counting what lies before it, so the thousandth
page costs what the first one does.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from listener.errors import StoreError
from listener.store.browsed import Choices, Feed, Filter, MentionRow
from listener.store.columns import maybe_moment, stamp, to_json
from listener.store.judged import COLUMNS, judged_row
from listener.store.search import search_query

PAGE = 50
FEW = 3000  # up to so many posts with the words, or the topics, are looked up one by one; else the time line is walked
ZONES = timedelta(hours=14)  # how far a day of any zone may lie from UTC's

ROWS = f"""
{COLUMNS}, m.mention, p.thread, p.voice, v.name, p.published, j.sarcasm,
  EXISTS (SELECT 1 FROM corrections c WHERE c.post = m.post AND c.brand = m.brand)
FROM json_each(:mentions) i CROSS JOIN mentions m ON m.mention = i.value CROSS JOIN posts p ON p.id = m.post
CROSS JOIN threads t ON t.thread = p.thread CROSS JOIN judgements j ON j.mention = m.mention
LEFT JOIN voices v ON v.voice = p.voice
ORDER BY m.at DESC, m.mention DESC
"""
MORE = 7  # columns behind COLUMNS
BRANDS = "SELECT brand FROM v_brands"
TOPICS = """
WITH RECURSIVE found (topic) AS (  -- from one topic to the next through the index, not through all tags
  SELECT min(topic) FROM judgement_topics
  UNION ALL SELECT (SELECT min(topic) FROM judgement_topics WHERE topic > found.topic) FROM found
  WHERE found.topic IS NOT NULL
)
SELECT topic FROM found WHERE topic IS NOT NULL
"""
LANGUAGES = """
SELECT DISTINCT language FROM (SELECT language FROM posts ORDER BY id DESC LIMIT 5000) ORDER BY language
"""
BY_KEY = """
SELECT m.mention FROM json_each(:keys) k CROSS JOIN posts p ON p.key = k.value AND p.deleted IS NULL
CROSS JOIN mentions m ON m.post = p.id AND m.brand = :brand AND m.expired = 0
"""
MATCH = "posts_fts MATCH :words"
TAGGED = "g.topic IN (SELECT value FROM json_each(:topics))"


def brands(conn: sqlite3.Connection) -> tuple[str, ...]:
    """The brands that have mentions, by id."""
    return tuple(brand for (brand,) in conn.execute(BRANDS))


def choices(conn: sqlite3.Connection) -> Choices:
    """What the filters may be set to, without looking through all mentions."""
    sources = conn.execute("SELECT source FROM sources ORDER BY source")
    return Choices(
        brands(conn),
        tuple(source for (source,) in sources),
        tuple(language for (language,) in conn.execute(LANGUAGES)),
        tuple(topic for (topic,) in conn.execute(TOPICS)),
    )


def days(conn: sqlite3.Connection, brand: str) -> tuple[date, date] | None:
    """The first and the newest day on which the brand was spoken of; None if it never was."""
    (first,) = conn.execute("SELECT min(day) FROM mentions WHERE brand = ?", (brand,)).fetchone()
    (last,) = conn.execute("SELECT max(day) FROM mentions WHERE brand = ?", (brand,)).fetchone()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else None


def feed(conn: sqlite3.Connection, asked: Filter, before: str = "", limit: int = PAGE) -> Feed:
    """Mentions, newest first. What is deleted or past retention is left out, and what is muted unless it is asked for.

    Args:
        before: Feed.older of the page before; "" for the first.

    Raises:
        StoreError: `before` is no cursor, or `asked.text` holds nothing that could be looked for.
    """
    terms, values = _terms(asked)
    if before:
        values["at"], values["before"] = _cursor(before)
        terms.append("m.at <= :at AND (m.at, m.mention) < (:at, :before)")
    if asked.brand:
        values["brand"] = asked.brand
        terms.append("m.brand = :brand")
    way = _way(conn, asked, terms, values)
    sql = f"SELECT m.at, m.mention FROM {way} WHERE {' AND '.join(terms)} ORDER BY m.at DESC, m.mention DESC"
    rows = conn.execute(f"{sql} LIMIT :limit", values | {"limit": limit + 1}).fetchall()
    older = _told(rows[limit - 1]) if len(rows) > limit else ""
    return Feed(mention_rows(conn, [number for _, number in rows[:limit]]), older)


def mention_rows(conn: sqlite3.Connection, mentions: Sequence[int]) -> tuple[MentionRow, ...]:
    """These mentions, newest first."""
    rows = conn.execute(ROWS, {"mentions": to_json(list(mentions))}).fetchall() if mentions else []
    return tuple(_row(row[:-MORE], *row[-MORE:]) for row in rows)


def mentions_of(conn: sqlite3.Connection, brand: str, post_keys: Sequence[str]) -> tuple[MentionRow, ...]:
    """What these posts say of the brand, in the order of `post_keys`; what is deleted or past retention is left out."""
    found = conn.execute(BY_KEY, {"brand": brand, "keys": to_json(list(post_keys))}).fetchall()
    rows = {row.judged.post_key: row for row in mention_rows(conn, [number for (number,) in found])}
    return tuple(rows[key] for key in post_keys if key in rows)


def _row(
    columns: tuple[Any, ...], mention: int, thread: int, author: str, name: str | None, published: str | None,
    sarcasm: int, corrected: int,
) -> MentionRow:  # fmt: skip
    return MentionRow(
        judged_row(columns), mention, thread, author, name, maybe_moment(published), bool(sarcasm), bool(corrected)
    )


def _way(conn: sqlite3.Connection, asked: Filter, terms: list[str], values: dict[str, Any]) -> str:
    """Where the search begins: at the few posts that hold the words or the topics, at the voice, or at the newest
    mention of the brand, of the source or of all. What a walk through the mentions has to look at is added to `terms`.
    """
    way = ""
    if asked.text:
        values["words"] = words = search_query(asked.text)
        if not words:
            raise StoreError(f"{asked.text!r} holds no word to look for; give a word, or one Chinese character")
        if _are_few(conn, f"posts_fts WHERE {MATCH}", values):
            way = f"(SELECT rowid FROM posts_fts WHERE {MATCH}) f CROSS JOIN mentions m ON m.post = f.rowid"
        else:
            terms.append(f"m.post IN (SELECT rowid FROM posts_fts WHERE {MATCH})")
    if asked.topics:
        if not way and _are_few(conn, f"judgement_topics g WHERE {TAGGED}", values):
            way = (
                f"(SELECT DISTINCT mention FROM judgement_topics g WHERE {TAGGED}) f "
                "CROSS JOIN mentions m ON m.mention = f.mention"
            )
        else:
            terms.append(f"EXISTS (SELECT 1 FROM judgement_topics g WHERE g.mention = m.mention AND {TAGGED})")
    if not way:
        one_source = len(asked.sources) == 1 and not asked.brand
        index = "voice" if asked.voice else "brand_at" if asked.brand else "source" if one_source else "at"
        way = f"mentions m INDEXED BY mentions_{index}"
    if asked.labels or asked.leaving:
        way += " CROSS JOIN judgements j ON j.mention = m.mention"
    if asked.languages:
        way += " CROSS JOIN posts p ON p.id = m.post"
    return way


def _are_few(conn: sqlite3.Connection, rows: str, values: Mapping[str, Any]) -> bool:
    (found,) = conn.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT :few)", {**values, "few": FEW + 1}
    ).fetchone()
    return int(found) <= FEW


def _terms(asked: Filter) -> tuple[list[str], dict[str, Any]]:
    """What has to hold of a mention (and of p and j beside it), without the brand."""
    given: list[tuple[object, str, Mapping[str, Any]]] = [
        (not asked.muted, "m.muted = ''", {}),
        (asked.voice, "m.voice = :voice", {"voice": asked.voice}),
        (asked.company is not None, "m.by_brand = :company", {"company": asked.company}),
        (asked.leaving, "j.leaving = 1", {}),
        (asked.labels, _among("j.label", "labels"), {"labels": to_json(asked.labels)}),
        (len(asked.sources) == 1, "m.source = :source", {"source": "".join(asked.sources[:1])}),
        (len(asked.sources) > 1, _among("m.source", "sources"), {"sources": to_json(asked.sources)}),
        (asked.topics, "", {"topics": to_json(asked.topics)}),  # see _way
        (
            asked.languages,
            "EXISTS (SELECT 1 FROM json_each(:languages) WHERE p.language = value OR p.language LIKE value || '-%')",
            {"languages": to_json(asked.languages)},
        ),
    ]
    terms = ["m.expired = 0", "m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)"]
    values: dict[str, Any] = {}
    for wanted, term, names in given:
        if wanted:
            terms += [term] if term else []
            values |= names
    margin = timedelta() if asked.utc else ZONES
    if asked.since:
        values |= {"from": stamp(_midnight(asked.since) - margin), "since": asked.since.isoformat()}
        terms += ["m.at >= :from", *([] if asked.utc else ["m.day >= :since"])]
    if asked.until:
        end = _midnight(asked.until) + timedelta(days=1)
        values |= {"to": stamp(end + margin), "until": asked.until.isoformat()}
        terms += ["m.at < :to", *([] if asked.utc else ["m.day <= :until"])]
    return terms, values


def _among(column: str, name: str) -> str:
    return f"{column} IN (SELECT value FROM json_each(:{name}))"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _told(place: tuple[str, int]) -> str:
    """A place as a cursor that may stand in an address: "20260314T120000Z.17"."""
    at, number = place
    return f"{at.replace('-', '').replace(':', '')}.{number}"


def _cursor(text: str) -> tuple[str, int]:
    at, _, number = text.partition(".")
    try:
        return stamp(datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)), int(number)
    except ValueError:
        raise StoreError(f"{text[:40]!r} is no place in a feed; begin again at its first page") from None
