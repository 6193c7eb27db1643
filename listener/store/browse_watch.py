"""A brand's days, whom people spoke about, what rang, and which sources were heard: the pages beside the feed."""

import sqlite3
from datetime import date, datetime
from typing import Any, Literal

from listener.errors import StoreError
from listener.store.alerts import ALERTS, read_alerts
from listener.store.browsed import (
    AlertLife,
    Alerts,
    CoverDay,
    DayLine,
    Mailed,
    ShareLine,
    SourceNow,
    TopicLine,
    Turn,
)
from listener.store.columns import maybe_moment, moment

PAGE = 30

DAYS = """
SELECT day, mentions, voices, negative_voices, neutral_voices, positive_voices, sources, deposits_lu, withdrawals_lu
FROM v_daily WHERE brand = :brand AND day >= :since AND day <= :until ORDER BY day
"""
TOPICS = """
SELECT jt.topic, count(DISTINCT m.voice), count(*), round(avg(j.sentiment), 4)
FROM mentions m INDEXED BY mentions_brand_day CROSS JOIN judgement_topics jt ON jt.mention = m.mention
CROSS JOIN judgements j ON j.mention = m.mention
WHERE m.brand = :brand AND m.day >= :since AND m.day <= :until AND m.by_brand = 0 AND m.muted = ''
  AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
GROUP BY jt.topic ORDER BY 2 DESC, 1
"""
SPANS = {"day": "m.day", "week": "date(m.day, '-6 days', 'weekday 1')", "month": "substr(m.day, 1, 7) || '-01'"}
SHARES = """
SELECT first, brand, voices, round(1.0 * voices / sum(voices) OVER (PARTITION BY first), 4) FROM (
  SELECT {span} AS first, b.brand, count(DISTINCT m.voice) AS voices
  FROM v_brands b CROSS JOIN mentions m INDEXED BY mentions_brand_day ON m.brand = b.brand
  WHERE m.day >= :since AND m.day <= :until AND m.by_brand = 0 AND m.muted = ''
    AND m.post NOT IN (SELECT gone.id FROM posts gone WHERE gone.deleted IS NOT NULL)
  GROUP BY b.brand, first
) ORDER BY first, brand
"""
SOURCES = """
SELECT source, kind, url, state, state_since, detail, last_heard, hours, active FROM sources ORDER BY source
"""
COVERAGE = """
SELECT source, day, hours_heard, hours_blocked_by_robots, hours_blocked - hours_blocked_by_robots, hours_late,
  hours_unreadable, hours_gone, hours_config, visits, posts_read, posts_new
FROM v_coverage WHERE day >= :since AND day <= :until {and_source} ORDER BY source, day
"""
BLIND = ("robots", "blocked", "late", "unreadable", "gone", "config")
TURNS = "SELECT at, what, by, detail FROM alert_events WHERE alert = ? ORDER BY event"
TOLD = """
SELECT a.person, a.turn, a.at, o.sent, coalesce(o.state, '') FROM alert_told a
LEFT JOIN outbox o ON o.message_id = a.message_id WHERE a.alert = ? ORDER BY a.at, a.told
"""


def day_lines(conn: sqlite3.Connection, brand: str, since: date, until: date) -> tuple[DayLine, ...]:
    """The days (both ends included) on which somebody spoke of the brand."""
    asked = {"brand": brand, "since": since.isoformat(), "until": until.isoformat()}
    return tuple(DayLine(date.fromisoformat(day), *rest) for day, *rest in conn.execute(DAYS, asked))


def topic_lines(conn: sqlite3.Connection, brand: str, since: date, until: date) -> tuple[TopicLine, ...]:
    """What was spoken of on these days, by different voices over all of them; most voices first."""
    asked = {"brand": brand, "since": since.isoformat(), "until": until.isoformat()}
    return tuple(TopicLine(*row) for row in conn.execute(TOPICS, asked))


def shares(
    conn: sqlite3.Connection, since: date, until: date, span: Literal["day", "week", "month"] = "week"
) -> tuple[ShareLine, ...]:
    """Share of voice by day, week (from Monday) or month; a voice counts once a brand and span."""
    asked = {"since": since.isoformat(), "until": until.isoformat()}
    return tuple(
        ShareLine(date.fromisoformat(first), *rest)
        for first, *rest in conn.execute(SHARES.format(span=SPANS[span]), asked)
    )


def alerts(
    conn: sqlite3.Connection, brand: str = "", *, open_only: bool = False, before: str = "", limit: int = PAGE
) -> Alerts:
    """Alerts with their lives, the newest first; of all brands if `brand` is "".

    Args:
        before: Alerts.older of the page before; "" for the first.

    Raises:
        StoreError: `before` is no cursor.
    """
    asked: dict[str, Any] = {"brand": brand, "limit": limit + 1}
    terms = ["brand = :brand"] if brand else []
    if open_only:
        terms.append("state <> 'closed'")
    if before:
        if not before.isdecimal():
            raise StoreError(f"{before[:40]!r} is no place among the alerts; begin again at their first page")
        asked["before"] = int(before)
        terms.append("(opened, alert) < (SELECT opened, alert FROM alerts WHERE alert = :before)")
    where = f"WHERE {' AND '.join(terms)}" if terms else ""
    rows = conn.execute(f"SELECT alert FROM alerts {where} ORDER BY opened DESC, alert DESC LIMIT :limit", asked)
    numbers = [number for (number,) in rows]
    older = str(numbers[limit - 1]) if len(numbers) > limit else ""
    return Alerts(tuple(_life(conn, number) for number in numbers[:limit]), older)


def alert(conn: sqlite3.Connection, key: str) -> AlertLife | None:
    """One alert; None if there is none with this key."""
    found = conn.execute("SELECT alert FROM alerts WHERE key = ?", (key,)).fetchone()
    return None if found is None else _life(conn, found[0])


def last_heard(conn: sqlite3.Connection) -> datetime | None:
    """When anything was last heard at all; None if nothing ever was."""
    (last,) = conn.execute("SELECT max(last_heard) FROM sources").fetchone()
    return maybe_moment(last)


def sources(conn: sqlite3.Connection) -> tuple[SourceNow, ...]:
    """All sources as they are today, also those that the config has no more."""
    return tuple(
        SourceNow(source, kind, url, state, moment(since), detail, maybe_moment(last), hours, bool(active))
        for source, kind, url, state, since, detail, last, hours, active in conn.execute(SOURCES)
    )


def coverage(conn: sqlite3.Connection, since: date, until: date, source: str = "") -> tuple[CoverDay, ...]:
    """Hours heard and blind by source and UTC day, both ends included; of all sources if `source` is "". A day without
    any visit, and that no later visit made up for, has no line.
    """
    asked = {"since": since.isoformat(), "until": until.isoformat(), "source": source}
    sql = COVERAGE.format(and_source="AND source = :source" if source else "")
    return tuple(
        CoverDay(name, date.fromisoformat(day), heard, dict(zip(BLIND, blind, strict=True)), visits, posts, new)
        for name, day, heard, *blind, visits, posts, new in conn.execute(sql, asked)
    )


def _life(conn: sqlite3.Connection, number: int) -> AlertLife:
    (one,) = read_alerts(conn.execute(f"{ALERTS} WHERE alert = ?", (number,)))
    turns = conn.execute(TURNS, (number,))
    told = conn.execute(TOLD, (number,))
    return AlertLife(
        one,
        tuple(Turn(moment(at), what, by, detail) for at, what, by, detail in turns),
        tuple(Mailed(person, turn, moment(at), maybe_moment(sent), state) for person, turn, at, sent, state in told),
    )
