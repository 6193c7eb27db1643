"""Digests as they were made."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from listener.store.columns import maybe_moment, maybe_stamp, moment, stamp, strings, to_json
from listener.store.connection import Connection
from listener.store.protocol import Matter, StoredDigest

COLUMNS = "brand, day, language, made, late, subject, verdict, html, text, facts, evidence, matters, period"


class Digests(Connection):
    """The part of protocol.Store that keeps digests."""

    def digest(self, brand: str, day: date, language: str, period: str = "day") -> StoredDigest | None:
        """The digest as it was made, None if there is none. `day` is the last one of its period."""
        row = self.read_one(
            f"SELECT {COLUMNS} FROM digests WHERE brand = ? AND period = ? AND day = ? AND language = ?",
            (brand, period, day.isoformat(), language),
        )
        if row is None:
            return None
        _, _, _, made, late, subject, verdict, html, text, facts, evidence, matters, _ = row
        return StoredDigest(
            brand, day, language, moment(made), bool(late), subject, verdict, html, text, facts, strings(evidence),
            tuple(_matter(brand, one) for one in json.loads(matters)), period,
        )  # fmt: skip

    def digest_days(self, brand: str, period: str = "day") -> list[date]:
        """The last days of the periods that have a digest in any language, ascending."""
        rows = self.read(
            "SELECT DISTINCT day FROM digests WHERE brand = ? AND period = ? ORDER BY day", (brand, period)
        )
        return [date.fromisoformat(day) for (day,) in rows]

    def save_digest(self, digest: StoredDigest) -> None:
        """Insert, or replace the one of the same brand, period, day and language."""
        row = (
            digest.brand, digest.day.isoformat(), digest.language, stamp(digest.made), int(digest.late),
            digest.subject, digest.verdict, digest.html, digest.text, digest.facts, to_json(digest.evidence),
            to_json([_plain(matter) for matter in digest.matters]), digest.period,
        )  # fmt: skip
        self.write(
            f"INSERT INTO digests ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (brand, period, day, language) DO UPDATE SET made = excluded.made, late = excluded.late, "
            "subject = excluded.subject, verdict = excluded.verdict, html = excluded.html, text = excluded.text, "
            "facts = excluded.facts, evidence = excluded.evidence, matters = excluded.matters",
            row,
        )


def _plain(matter: Matter) -> dict[str, Any]:
    return {
        "topic": matter.topic, "first_post": stamp(matter.first_post), "answered": maybe_stamp(matter.answered),
        "first_advised": matter.first_advised.isoformat(), "last_advised": matter.last_advised.isoformat(),
        "peak_voices": matter.peak_voices, "voices": matter.voices, "outcome": matter.outcome,
        "closed": matter.closed and matter.closed.isoformat(),
    }  # fmt: skip


def _matter(brand: str, plain: Mapping[str, Any]) -> Matter:
    return Matter(
        brand=brand, topic=plain["topic"], first_post=moment(plain["first_post"]),
        first_advised=date.fromisoformat(plain["first_advised"]),
        last_advised=date.fromisoformat(plain["last_advised"]),
        peak_voices=plain["peak_voices"], voices=plain["voices"], answered=maybe_moment(plain["answered"]),
        closed=date.fromisoformat(plain["closed"]) if plain["closed"] else None, outcome=plain["outcome"],
    )  # fmt: skip
