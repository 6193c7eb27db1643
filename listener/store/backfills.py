"""Walks into the history of sources: where each stands, apart from the cursors of ordinary visits."""

from datetime import datetime

from listener.store.columns import from_json, maybe_moment, maybe_stamp, moment, stamp, to_json
from listener.store.connection import Connection
from listener.store.gathered import Backfill

ONE = "SELECT since, until, cursor, began, requests, posts, new, reached, finished FROM backfills WHERE source = ?"
SAVE = """
INSERT OR REPLACE INTO backfills (source, since, until, cursor, began, requests, posts, new, reached, finished, went_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Hours before a source was first heard count as heard from here on (store/heard.py): they were read afterwards.
DEEPER = "UPDATE sources SET history_from = min(coalesce(history_from, :since), :since) WHERE source = :source"


class Backfills(Connection):
    """The part of protocol.Store under "backfill"."""

    def backfill(self, source: str) -> Backfill | None:
        """See protocol.Store."""
        row = self.read_one(ONE, (source,))
        if row is None:
            return None
        since, until, cursor, began, requests, posts, new, reached, finished = row
        return Backfill(
            source, moment(since), moment(until), from_json(cursor), moment(began), requests, posts, new,
            maybe_moment(reached), maybe_moment(finished),
        )  # fmt: skip

    def save_backfill(self, backfill: Backfill, now: datetime) -> None:
        """See protocol.Store.

        Raises:
            StoreError: the store does not know the source.
        """
        with self.transaction():
            self._conn.execute(
                SAVE,
                (
                    backfill.source, stamp(backfill.since), stamp(backfill.until), to_json(dict(backfill.cursor)),
                    stamp(backfill.began), backfill.requests, backfill.posts, backfill.new,
                    maybe_stamp(backfill.reached), maybe_stamp(backfill.finished), stamp(now),
                ),
            )  # fmt: skip
            if backfill.finished is not None:
                self._conn.execute(DEEPER, {"since": stamp(backfill.since), "source": backfill.source})
