"""A store of a million mentions, made through the store's own tables: 20 brands, 200 sources, 60,000 voices, 3 years.

    python -m bench.big FILE [--mentions 1000000]

The same numbers make the same store. What is made up: threads of all sizes (most of one to five posts, some of
thousands), busy and quiet brands, sources, voices and days, a burst now and then, English and Chinese, copies, deleted,
muted and expired posts, corrections, alerts, visits by the hour with hours that failed. The words are sentences of the
demo's town, so that searching finds rare words and common ones. Nothing is judged: labels and topics are drawn.
"""

import argparse
import hashlib
import random
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from listener.config import load
from listener.demo.world import load_world
from listener.judge.judge import ENGINE
from listener.records import Alert, Source
from listener.shipped import shipped
from listener.store.columns import stamp
from listener.store.posts import JUDGEMENT, MENTION, POST, TOPIC
from listener.store.search import FILL, index_row
from listener.store.sqlite import SqliteStore, open_store

END = datetime(2026, 3, 22, 20, tzinfo=UTC)
DAYS = 1095
BRANDS, SOURCES, VOICES = 20, 200, 60_000
CHUNK = 50_000
TEXTS = 2_000  # different ones a brand
OFFSETS = (0, 8, -5)  # the brands' zones, in hours
BURSTS = 60  # days on which a brand is spoken of far more than usual
STATES = ("heard", "empty", "late", "blocked", "unreadable")
SEED = 11
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Posts by time, one element a post; `second` is another brand that it speaks of, −1 for none."""

    at: Numbers
    thread: Numbers
    position: Numbers
    brand: Numbers
    second: Numbers
    source: Numbers
    voice: Numbers
    feeling: Reals


def make(path: Path, mentions: int = 1_000_000, hours: int = DAYS * 24) -> None:
    """Make the store; `path` must not exist. `hours`: for how many of the last ones sources were visited."""
    store = open_store(path)
    conn = store.db.conn
    assert conn is not None
    for pragma in ("synchronous = OFF", "cache_size = -800000", "foreign_keys = OFF"):
        conn.execute(f"PRAGMA {pragma}")
    draw = np.random.default_rng(SEED)
    store.sync_sources([_source(number) for number in range(SOURCES)], END - timedelta(days=DAYS))
    with store.transaction():
        drawn = _draw(draw, mentions)
        _voices_and_threads(conn, drawn)
        _posts(conn, drawn)
        _entries(conn)
        _visits(conn, draw, hours)
    _marks(conn)
    _alerts(store)
    conn.execute("PRAGMA foreign_keys = ON")
    store.housekeep(END)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def brand(number: int) -> str:
    """The id of a brand; lower numbers are spoken of more."""
    return f"brand{number:02}"


def _source(number: int) -> Source:
    return Source(f"source{number:03}", "forum", f"https://s{number:03}.example/", (), 3600, 6 * 3600)


def _skewed(draw: np.random.Generator, kinds: int, count: int, power: float) -> Numbers:
    """`count` numbers below `kinds`, low ones more often (1 / rank^power)."""
    weights = 1.0 / np.arange(1, kinds + 1) ** power
    return cast(Numbers, np.searchsorted(np.cumsum(weights / weights.sum()), draw.random(count)).clip(0, kinds - 1))


def _draw(draw: np.random.Generator, mentions: int) -> Drawn:
    posts = int(mentions / 1.05)
    sizes = np.minimum((draw.pareto(1.15, posts) + 1).astype(np.int64), 4000)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), posts)) + 1]
    threads = len(sizes)
    brands = _skewed(draw, BRANDS, threads, 0.8)
    begun = draw.random(threads) ** 0.8 * DAYS * 86400  # more and more over the years
    bursts = draw.random(BURSTS) * DAYS * 86400
    in_burst = np.flatnonzero(draw.random(threads) < 0.06)
    which = draw.integers(0, BURSTS, len(in_burst))
    begun[in_burst] = bursts[which] + draw.exponential(86400, len(in_burst))
    brands[in_burst] = which % BRANDS
    thread = np.repeat(np.arange(threads), sizes)
    first = np.cumsum(sizes) - sizes
    position = np.arange(len(thread)) - np.repeat(first, sizes)
    gaps = draw.exponential(5 * 3600, len(thread)) * (draw.random(len(thread)) ** 2)
    gaps[first] = 0
    since = np.cumsum(gaps)
    after = since - np.repeat(since[first], sizes)
    at = np.minimum(begun[thread] + after, DAYS * 86400 - draw.random(len(thread)) * 86400)
    order = np.argsort(at, kind="stable")[:posts]
    thread, position = thread[order], position[order]
    brand_of = brands[thread]
    second = np.where(draw.random(posts) < 0.05, (brand_of + draw.integers(1, BRANDS, posts)) % BRANDS, -1)
    source_of_thread = _skewed(draw, SOURCES, threads, 0.7)
    source = source_of_thread[thread]
    voice = (_skewed(draw, VOICES // SOURCES, posts, 0.6) * SOURCES) + source
    feeling = np.clip(draw.normal(-0.08, 0.42, posts), -1, 1)
    start = int((END - timedelta(days=DAYS)).timestamp())
    return Drawn(at[order].astype(np.int64) + start, thread, position, brand_of, second, source, voice, feeling)


def _voices_and_threads(conn: sqlite3.Connection, drawn: Drawn) -> None:
    first = stamp(END - timedelta(days=DAYS))
    conn.executemany(
        "INSERT INTO voices (voice, platform, first_seen) VALUES (?, ?, ?)",
        ((_voice(number), f"s{number % SOURCES:03}.example", first) for number in range(VOICES)),
    )
    titles = [title for _, title in _texts(BRANDS)]
    seen, at = np.unique(drawn.thread, return_index=True)
    conn.executemany(
        "INSERT INTO threads (thread, url, title, source, platform) VALUES (?, ?, ?, ?, ?)",
        (
            (
                int(thread) + 1, f"https://s{source:03}.example/t/{thread}", titles[int(thread) % len(titles)],
                f"source{source:03}", f"s{source:03}.example",
            )
            for thread, source in zip(seen, drawn.source[at], strict=True)
        ),
    )  # fmt: skip


def _voice(number: int) -> str:
    return hashlib.blake2b(f"voice {number}".encode(), digest_size=8).hexdigest()


def _texts(names: int) -> list[tuple[str, str]]:
    """(text, title) TEXTS times for each brand; whoever has an even place in the list is English."""
    world = load_world(shipped("demo"))
    pool: dict[str, list[str]] = {"en": [], "zh": []}
    titles: dict[str, list[str]] = {"en": [], "zh": []}
    for said in world.said:
        pool[said.lang[:2]] += [one for one in _SENTENCE.split(said.text) if one]
        titles[said.lang[:2]].append(said.title)
    draw = random.Random(SEED)
    made = []
    for number in range(names * TEXTS):
        language = "zh" if draw.random() < 0.35 else "en"
        some = draw.choices(pool[language], k=draw.choice((1, 2, 2, 3, 5)))
        join = "" if language == "zh" else " "
        made.append((join.join([f"Brand{number // TEXTS:02}{join}", *some]), draw.choice(titles[language])))
    return made


def _posts(conn: sqlite3.Connection, drawn: Drawn) -> None:
    """Posts, their search rows, mentions, judgements and topics, CHUNK by CHUNK."""
    draw = np.random.default_rng(SEED + 1)
    texts = _texts(BRANDS)
    titles = dict(conn.execute("SELECT thread, title FROM threads"))
    topics = [topic.id for topic in load(shipped("config")).topics]
    mention = 1
    for start in range(0, len(drawn.at), CHUNK):
        rows = list(_post_rows(drawn, start, min(start + CHUNK, len(drawn.at)), texts, draw))
        conn.executemany(POST, rows)
        conn.executemany(FILL, [index_row(row["id"], row["text"], titles[row["thread"]]) for row in rows])
        mentions, judgements, tags = [], [], []
        kinds = _skewed(draw, len(topics), 4 * len(rows), 0.7).tolist()
        luck = draw.random(4 * len(rows)).tolist()
        for place, row in enumerate(rows):
            number = start + place
            second = int(drawn.second[number])
            for turn, one in enumerate(
                (int(drawn.brand[number]), second) if second >= 0 else (int(drawn.brand[number]),)
            ):
                feeling = round(float(drawn.feeling[number]) * (1 - turn / 2), 3)
                label = "negative" if feeling <= -0.3 else "positive" if feeling >= 0.3 else "neutral"
                chance = luck[4 * place + turn]
                day = (
                    (datetime.fromisoformat(row["at"]) + timedelta(hours=OFFSETS[one % len(OFFSETS)]))
                    .date()
                    .isoformat()
                )
                mentions.append(
                    (
                        mention, row["id"], brand(one), "text", "[[0,7]]", f'["Brand{one:02}"]', "query-1",
                        int(row["position"] > 0 and chance < 0.03), row["at"], day, row["voice"], row["source"],
                        "context" if chance > 0.98 else "",
                    )
                )  # fmt: skip
                judgements.append(
                    (
                        mention, feeling, label, 0.5 + chance / 2, int(feeling < -0.4 and chance > 0.85), 0, "[[8,20]]",
                        f"{ENGINE} taxonomy-1", row["at"],
                    )
                )  # fmt: skip
                for rank in range(0 if chance < 0.4 else 1 if chance < 0.8 else 2):
                    tags.append((mention, topics[kinds[4 * place + 2 * turn + rank]], 0.8, "[[8,20]]", rank))
                mention += 1
        conn.executemany(MENTION, mentions)
        conn.executemany(JUDGEMENT, judgements)
        conn.executemany(TOPIC, tags)


def _post_rows(
    drawn: Drawn, start: int, end: int, texts: Sequence[tuple[str, str]], draw: np.random.Generator
) -> Iterator[dict[str, Any]]:
    count = end - start
    which = draw.integers(0, TEXTS, count).tolist()
    drew = (draw.pareto(1.5, count) * 2).astype(np.int64).tolist()
    times = np.datetime_as_string(drawn.at[start:end].astype("datetime64[s]")).tolist()
    columns = (drawn.thread, drawn.position, drawn.brand, drawn.source, drawn.voice)
    for place, values in enumerate(zip(*(column[start:end].tolist() for column in columns), strict=True)):
        thread, position, of, source, voice = values
        text = texts[of * TEXTS + which[place]][0]
        han = not text[8:].isascii()
        url = f"https://s{source:03}.example/t/{thread}#p{position}"
        yield {
            "id": start + place + 1, "key": hashlib.sha256(url.encode()).hexdigest(), "source": f"source{source:03}",
            "platform": f"s{source:03}.example", "url": url, "native_id": None, "thread": thread + 1,
            "position": position, "parent_key": None, "voice": _voice(voice), "text": text, "quotes": "[]",
            "content_hash": f"{which[place]:032x}", "fingerprint": f"{of * TEXTS + which[place]:016x}",
            "at": f"{times[place]}Z", "published": f"{times[place]}Z", "published_precision": "minute", "edited": None,
            "first_seen": f"{times[place]}Z", "last_seen": f"{times[place]}Z",
            "language": ("zh-Hans" if which[place] % 3 == 0 else "zh-Hant") if han else "en",
            "likes": drew[place], "replies": drew[-place], "rating": None, "backfilled": 0, "judged_by": "bench",
        }  # fmt: skip


def _entries(conn: sqlite3.Connection) -> None:
    """Each voice's strongest post of a day, as the Love Bank books it (amount = 5 · sentiment · weight)."""
    conn.execute("""
        INSERT INTO entries (brand, voice, day, amount, touchpoint, reason, mention)
        SELECT brand, voice, day,
          max(-10.0, min(10.0, 5.0 * sentiment * iif(topic IN ('data-misuse', 'leaving'), 2, 1))),
          iif(topic IS NULL, 'relationship', substr('servicebillingdeliveryproduct', 1 + 7 * (length(topic) % 4), 7)),
          coalesce(topic, ''), mention
        FROM (
          SELECT m.brand, m.voice, m.day, j.sentiment, m.mention, max(abs(j.sentiment)),
            (SELECT topic FROM judgement_topics g WHERE g.mention = m.mention AND g.rank = 0) AS topic
          FROM mentions m JOIN judgements j ON j.mention = m.mention
          WHERE m.by_brand = 0 AND m.muted = '' AND abs(j.sentiment) >= 0.05 GROUP BY m.brand, m.voice, m.day
        )""")


def _marks(conn: sqlite3.Connection) -> None:
    """Deleted and expired posts, copies, and what people corrected."""
    conn.executescript("""
        BEGIN;
        CREATE TEMP TABLE gone AS SELECT id FROM posts WHERE id % 211 = 0;
        UPDATE posts SET deleted = at WHERE id IN (SELECT id FROM gone);
        DELETE FROM entries WHERE mention IN (SELECT mention FROM mentions WHERE post IN (SELECT id FROM gone));
        UPDATE mentions SET expired = 1 WHERE brand = 'brand07' AND day < '2024-09-01';
        UPDATE posts SET story = (SELECT o.key FROM posts o WHERE o.id = posts.id - posts.id % 50)
        WHERE id > 49 AND id % 50 IN (0, 1, 2);
        INSERT INTO stories SELECT DISTINCT story, 'syndicated', '' FROM posts WHERE story <> '' AND id % 100 = 0;
        INSERT INTO corrections (post, brand, fingerprint, at, by, field, old, new, note, chosen)
        SELECT m.post, m.brand, p.fingerprint, p.at, 'mei', 'feeling', j.label,
          iif(p.id % 3 = 0, j.label, 'neutral'), '', iif(p.id % 2, 'random', 'unsure')
        FROM posts p JOIN mentions m ON m.post = p.id JOIN judgements j ON j.mention = m.mention WHERE p.id % 331 = 0;
        INSERT OR IGNORE INTO machine_judgements
        SELECT c.post, c.brand, j.sentiment, j.label, j.confidence, '[]', 0, '' FROM corrections c
        JOIN mentions m ON m.post = c.post AND m.brand = c.brand JOIN judgements j ON j.mention = m.mention;
        COMMIT;
    """)


def _visits(conn: sqlite3.Connection, draw: np.random.Generator, hours: int) -> None:
    """Every source by the hour or seldomer; one visit in twenty-five fails, and some fail for days."""
    began = END - timedelta(hours=hours)
    stamps = [stamp(began + timedelta(hours=hour))[:13] + ":00:00Z" for hour in range(hours)]
    for number in range(SOURCES):
        name, every = f"source{number:03}", 1 if number < 60 else 3 if number < 120 else 6
        visits = range(number % every, hours, every)
        failed = draw.random(len(visits)) < 0.04
        for at in np.flatnonzero(draw.random(len(visits)) < 0.0008):
            failed[at : at + 60 // every] = True
        kind = draw.integers(2, len(STATES), len(visits))
        conn.executemany(
            "INSERT INTO source_hours (source, hour, state, visits, posts, new, interval_s, joined) "
            "VALUES (?, ?, ?, 1, 20, 2, ?, ?)",
            [
                (name, stamps[hour], STATES[kind[place]] if failed[place] else "heard", every * 3600.0,
                 int(number % 2 == 0 and not failed[place]))
                for place, hour in enumerate(visits)
            ],
        )  # fmt: skip
    conn.execute(
        "UPDATE sources SET state = iif(source LIKE '%3', 'blocked', 'heard'), first_heard = ?, history_from = ?, "
        "last_heard = ?, last_visit = ?",
        (stamps[0], stamp(began - timedelta(days=30)), stamps[-1], stamps[-1]),
    )


def _alerts(store: SqliteStore) -> None:
    """An alert a brand and month, with its life and the mails about it."""
    for number in range(BRANDS * 36):
        opened = END - timedelta(days=30 * (number // BRANDS), hours=number % 24)
        key = hashlib.sha256(f"alert {number}".encode()).hexdigest()[:32]
        fresh = number < 5
        keys = [row[0] for row in store.read("SELECT key FROM posts WHERE id > ? LIMIT 12", (number * 1000,))]
        one = Alert(
            key, brand(number % BRANDS), "topic:safety", "safety", "high", "open" if fresh else "closed", opened,
            opened - timedelta(minutes=50), opened, 6.0, 12, 0.5, 24.0, ("source001",), ("voices:12",), tuple(keys),
            closed=None if fresh else opened + timedelta(days=1), total=30, peak=9,
        )  # fmt: skip
        with store.transaction():
            store.save_alert(one, "opened", opened)
            for turn in range(8):
                store.save_alert(one, "grew", opened + timedelta(minutes=20 * turn))
            store.write_many(
                "INSERT INTO alert_told (alert, person, turn, at, message_id) "
                "SELECT alert, ?, '0', ?, ? FROM alerts WHERE key = ?",
                [(who, stamp(opened), f"<{key}.{who}@bench>", key) for who in ("mei", "desk")],
            )
            store.write_many(
                "INSERT INTO outbox (key, cause, recipient, subject, message_id, body, state, due, queued, sent) "
                "VALUES (?, ?, ?, 'Alert', ?, x'', 'sent', ?, ?, ?)",
                [
                    (
                        f"{key}:{who}", f"alert:{key}", f"{who}@bench.example", f"<{key}.{who}@bench>",
                        *3 * [stamp(opened)],
                    )
                    for who in ("mei", "desk")
                ],
            )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    options = parser.parse_args()
    began = time.perf_counter()
    make(options.file, options.mentions)
    print(f"{options.file}: {options.file.stat().st_size / 2**20:.0f} MiB in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
