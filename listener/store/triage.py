"""What people have taken up, and where it stands.

`triage` is the history: one row a turn, never changed. Where a thing stands is its newest row (v_triage). Rows go with
the post or the thread that they are about: when somebody is forgotten, and their thread with its last post; a note that
names the forgotten one has the name struck out of it, and past a brand's retention the notes on its mentions go.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from listener.errors import StoreError
from listener.store.columns import moment, stamp, to_json
from listener.store.connection import Connection
from listener.store.triaged import MOST_NOTE, MOST_OWNER, STATUSES, Target, TriageLine, TriageTurn

PAGE = 100
ROWS = """
SELECT t.brand, t.what, coalesce(p.key, CAST(t.thread AS TEXT), t.topic), t.at, t.by, t.status, t.owner, t.note
FROM triage t LEFT JOIN posts p ON p.id = t.post
"""
# One target after the other: json_each gives [brand, kind, ref].
WANTED = """
EXISTS (SELECT 1 FROM json_each(:targets) w WHERE t.brand = json_extract(w.value, '$[0]')
  AND t.what = json_extract(w.value, '$[1]')
  AND CASE t.what WHEN 'mention' THEN p.key = json_extract(w.value, '$[2]')
    WHEN 'thread' THEN t.thread = CAST(json_extract(w.value, '$[2]') AS INTEGER)
    ELSE t.topic = json_extract(w.value, '$[2]') END)
"""
LINES = """
SELECT brand, what, coalesce(post_key, CAST(thread AS TEXT), topic), at, by, status, owner, note,
  turns, coalesce(link, ''), in_thread, coalesce(title, '')
FROM v_triage
WHERE (:brand = '' OR brand = :brand) AND (:owner = '' OR owner = :owner)
  AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
ORDER BY at DESC, turn DESC LIMIT :limit
"""


class Triage(Connection):
    """The part of protocol.Store under "people take it up"."""

    def take_up(self, turn: TriageTurn) -> None:
        """See protocol.Store."""
        if turn.status not in STATUSES:
            raise StoreError(f"{turn.status!r} is no status; there are: {', '.join(STATUSES)}")
        turn = replace(turn, owner=turn.owner.strip()[:MOST_OWNER], note=turn.note.strip()[:MOST_NOTE])
        target = turn.target
        with self.transaction():
            post, thread, topic = self._find(target)
            self._conn.execute(
                "INSERT INTO triage (brand, what, post, thread, topic, at, by, status, owner, note) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    target.brand, target.kind, post, thread, topic, stamp(turn.at), turn.by, turn.status, turn.owner,
                    turn.note,
                ),
            )  # fmt: skip

    def _find(self, target: Target) -> tuple[int | None, int | None, str | None]:
        """(post, thread, topic), two of them None."""
        if target.kind == "matter":
            return None, None, target.ref
        if target.kind == "mention":
            found = self.read_one(
                "SELECT p.id FROM posts p JOIN mentions m ON m.post = p.id AND m.expired = 0 "
                "WHERE p.key = ? AND m.brand = ?",
                (target.ref, target.brand),
            )
        else:
            found = self.read_one(
                "SELECT t.thread FROM threads t WHERE t.thread = CAST(? AS INTEGER) AND t.url <> '' AND EXISTS "
                "(SELECT 1 FROM posts p JOIN mentions m ON m.post = p.id WHERE p.thread = t.thread AND m.brand = ?)",
                (target.ref, target.brand),
            )
        if found is None:
            raise StoreError(f"{target.kind} {target.ref[:12]} of {target.brand} is not in the store (any more)")
        return (found[0], None, None) if target.kind == "mention" else (None, found[0], None)

    def triage_turns(self, targets: Sequence[Target] = ()) -> list[TriageTurn]:
        """See protocol.Store."""
        return history(self._conn, targets)


def history(conn: sqlite3.Connection, targets: Sequence[Target] = ()) -> list[TriageTurn]:
    """All turns of these targets (of all, if there are none), in the order in which they were taken."""
    where = f"WHERE {WANTED}" if targets else ""
    wanted = to_json([[one.brand, one.kind, one.ref] for one in targets])
    return [_turn(row) for row in conn.execute(f"{ROWS} {where} ORDER BY t.turn", {"targets": wanted})]


def standing(conn: sqlite3.Connection, targets: Sequence[Target]) -> Mapping[Target, TriageTurn]:
    """Where these targets stand; those that nobody took up are left out."""
    return {turn.target: turn for turn in history(conn, targets)} if targets else {}


def lines(
    conn: sqlite3.Connection, brand: str = "", statuses: Sequence[str] = (), owner: str = "", limit: int = PAGE
) -> tuple[TriageLine, ...]:
    """Where everything stands that people took up, the newest turn first; "" and (): whatever it is."""
    asked = {"brand": brand, "owner": owner, "statuses": to_json(list(statuses)), "limit": limit}
    return tuple(TriageLine(_turn(row[:8]), *row[8:]) for row in conn.execute(LINES, asked))


def _turn(row: Sequence[Any]) -> TriageTurn:
    brand, kind, ref, at, by, status, owner, note = row
    return TriageTurn(Target(brand, kind, ref), moment(at), by, status, owner, note)
