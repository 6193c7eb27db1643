"""The Love Bank, page by page: a brand's account, where it came from, who is at risk, and the entries behind it all."""

import sqlite3
from datetime import date, timedelta
from typing import Any

from listener.errors import StoreError
from listener.records import Entry
from listener.store.browsed import Ask, BankDay, Book, EntryRow, Relationship, TouchpointLine
from listener.store.columns import moment, to_json

PAGE = 50
DAY = timedelta(days=1)
FADE = 2 ** (-1 / 90)  # a day's part of the half-life of 90 days, as in views.sql

NET = """
SELECT day, deposits_lu, withdrawals_lu FROM rolled_days WHERE brand = :brand AND day <= :until
UNION ALL SELECT day, deposits_lu, withdrawals_lu FROM live_days WHERE brand = :brand AND day <= :until ORDER BY day
"""
ENDS = """
SELECT (SELECT min(day) FROM entries WHERE brand = :brand),
  max((SELECT max(day) FROM entries e WHERE e.brand = b.brand)) FROM v_brands b
"""
TOUCHPOINTS = """
SELECT touchpoint, sum(max(amount, 0.0)), sum(min(amount, 0.0)), count(*), count(DISTINCT voice)
FROM entries INDEXED BY entries_brand_day WHERE brand = :brand AND day >= :since AND day <= :until
GROUP BY touchpoint ORDER BY sum(abs(amount)) DESC, touchpoint
"""
AT_RISK = """
SELECT r.brand, r.voice, r.platform, r.first_day, r.last_day, r.posts, r.deposits, r.withdrawals, r.balance_lu,
  r.leaving, r.worst_lu, r.at_risk_reason
FROM v_relationships r WHERE r.brand = :brand AND r.at_risk AND r.last_day >= :since
ORDER BY r.leaving DESC, r.balance_lu, r.voice LIMIT :limit OFFSET :skip
"""
RELATIONSHIP = """
SELECT r.brand, r.voice, r.platform, r.first_day, r.last_day, r.posts, r.deposits, r.withdrawals, r.balance_lu,
  r.leaving, r.worst_lu, r.at_risk_reason
FROM v_relationships r WHERE r.brand = :brand AND r.voice = :voice
"""
NEWEST = """
SELECT p.url, p.thread FROM mentions m INDEXED BY mentions_voice CROSS JOIN posts p ON p.id = m.post
WHERE m.voice = :voice AND m.brand = :brand AND m.expired = 0 AND m.muted = '' AND p.deleted IS NULL
ORDER BY m.at DESC, m.mention DESC LIMIT 1
"""
ENTRIES = """
SELECT e.entry, e.brand, e.voice, e.day, e.amount, e.touchpoint, e.reason, p.key, m.at,
  iif(m.expired, '', p.url), p.thread, iif(m.expired, '', t.title), m.source, iif(m.expired, '', p.text), j.label,
  j.sentiment
FROM json_each(:entries) i CROSS JOIN entries e ON e.entry = i.value CROSS JOIN mentions m ON m.mention = e.mention
CROSS JOIN posts p ON p.id = m.post CROSS JOIN threads t ON t.thread = p.thread
CROSS JOIN judgements j ON j.mention = m.mention ORDER BY e.day DESC, e.entry DESC
"""


def balance(conn: sqlite3.Connection, brand: str, since: date, until: date) -> tuple[BankDay, ...]:
    """The rows of v_balance for these days (both ends included): from the brand's first entry to the store's newest.

    The view sums up every day of every brand first; here one brand's days are gone through once.
    """
    first, last = conn.execute(ENDS, {"brand": brand}).fetchone()
    if first is None:
        return ()
    rows = conn.execute(NET, {"brand": brand, "until": until.isoformat()})
    net = {date.fromisoformat(day): (deposits, withdrawals) for day, deposits, withdrawals in rows}
    found: list[BankDay] = []
    total = running = 0.0
    day, end = date.fromisoformat(first), min(until, date.fromisoformat(last))
    while day <= end:
        deposits, withdrawals = net.get(day, (0.0, 0.0))
        total = total * FADE + deposits + withdrawals
        running += deposits + withdrawals
        if day >= since:
            found.append(BankDay(day, deposits, withdrawals, round(total, 4), round(running, 4)))
        day += DAY
    return tuple(found)


def touchpoints(conn: sqlite3.Connection, brand: str, since: date, until: date) -> tuple[TouchpointLine, ...]:
    """What each touchpoint brought and cost, the one that moved most first."""
    asked = {"brand": brand, "since": since.isoformat(), "until": until.isoformat()}
    return tuple(TouchpointLine(*row) for row in conn.execute(TOUCHPOINTS, asked))


def at_risk(
    conn: sqlite3.Connection, brand: str, since: date, limit: int = PAGE, skip: int = 0
) -> tuple[Relationship, ...]:
    """Relationships at risk whose voice spoke on `since` or later: who says that they leave first, then the lowest
    balance. `skip`: so many before (what a relationship is worth is reckoned for all of a brand's, so a cursor would
    spare nothing).
    """
    asked = {"brand": brand, "since": since.isoformat(), "limit": limit, "skip": skip}
    return tuple(_relationship(conn, row) for row in conn.execute(AT_RISK, asked).fetchall())


def relationship(conn: sqlite3.Connection, brand: str, voice: str) -> Relationship | None:
    """One voice and one brand; None if it never spoke of it, or is past retention."""
    row = conn.execute(RELATIONSHIP, {"brand": brand, "voice": voice}).fetchone()
    return None if row is None else _relationship(conn, row)


def entries(conn: sqlite3.Connection, asked: Ask, before: str = "", limit: int = PAGE) -> Book:
    """The entries behind a number, the newest day first.

    Args:
        before: Book.older of the page before; "" for the first.

    Raises:
        StoreError: `before` is no cursor.
    """
    terms, values = ["e.brand = :brand"], {"brand": asked.brand, "limit": limit + 1}
    given: list[tuple[bool, str, dict[str, Any]]] = [
        (asked.since is not None, "e.day >= :since", {"since": asked.since and asked.since.isoformat()}),
        (asked.until is not None, "e.day <= :until", {"until": asked.until and asked.until.isoformat()}),
        (asked.touchpoint is not None, "e.touchpoint = :touchpoint", {"touchpoint": asked.touchpoint}),
        (asked.reason is not None, "e.reason = :reason", {"reason": asked.reason}),
        (bool(asked.voice), "e.voice = :voice", {"voice": asked.voice}),
        (asked.side != 0, "e.amount > 0" if asked.side > 0 else "e.amount < 0", {}),
    ]
    if before:
        day, number = _cursor(before)
        given.append((True, "e.day <= :day AND (e.day, e.entry) < (:day, :entry)", {"day": day, "entry": number}))
    for wanted, term, names in given:
        if wanted:
            terms.append(term)
            values |= names
    index = "entries_brand_voice" if asked.voice else "entries_brand_day"
    rows = conn.execute(
        f"SELECT e.day, e.entry FROM entries e INDEXED BY {index} WHERE {' AND '.join(terms)} "
        "ORDER BY e.day DESC, e.entry DESC LIMIT :limit",
        values,
    ).fetchall()
    older = f"{rows[limit - 1][0]}.{rows[limit - 1][1]}" if len(rows) > limit else ""
    found = conn.execute(ENTRIES, {"entries": to_json([number for _, number in rows[:limit]])})
    return Book(tuple(_entry(row) for row in found), older)


def _relationship(conn: sqlite3.Connection, row: tuple[Any, ...]) -> Relationship:
    brand, voice, platform, first, last, posts, deposits, withdrawals, lu, leaving, worst, reasons = row
    url, thread = conn.execute(NEWEST, {"brand": brand, "voice": voice}).fetchone() or ("", None)
    return Relationship(
        brand, voice, platform, date.fromisoformat(first), date.fromisoformat(last), posts, deposits, withdrawals, lu,
        bool(leaving), worst, reasons, url, thread,
    )  # fmt: skip


def _entry(row: tuple[Any, ...]) -> EntryRow:
    number, brand, voice, day, amount, touchpoint, reason, key, at, url, thread, title, source, text, label, lu = row
    entry = Entry(brand, voice, date.fromisoformat(day), amount, touchpoint, reason, key)
    return EntryRow(number, entry, moment(at), url, thread, title, source, text, label, lu)


def _cursor(text: str) -> tuple[str, int]:
    day, _, number = text.rpartition(".")
    try:
        return date.fromisoformat(day).isoformat(), int(number)
    except ValueError:
        raise StoreError(f"{text[:40]!r} is no place in the book; begin again at its first page") from None
