"""Digests as they were made."""

from datetime import date

from listener.store.columns import moment, stamp, strings, to_json
from listener.store.connection import Connection
from listener.store.protocol import StoredDigest

COLUMNS = "brand, day, language, made, late, subject, verdict, html, text, facts, evidence"


class Digests(Connection):
    """The part of protocol.Store that keeps digests."""

    def digest(self, brand: str, day: date, language: str) -> StoredDigest | None:
        """The digest as it was made, None if there is none."""
        row = self.read_one(
            f"SELECT {COLUMNS} FROM digests WHERE brand = ? AND day = ? AND language = ?",
            (brand, day.isoformat(), language),
        )
        if row is None:
            return None
        _, _, _, made, late, subject, verdict, html, text, facts, evidence = row
        return StoredDigest(
            brand, day, language, moment(made), bool(late), subject, verdict, html, text, facts, strings(evidence)
        )

    def digest_days(self, brand: str) -> list[date]:
        """The days that have a digest in any language, ascending."""
        rows = self.read("SELECT DISTINCT day FROM digests WHERE brand = ? ORDER BY day", (brand,))
        return [date.fromisoformat(day) for (day,) in rows]

    def save_digest(self, digest: StoredDigest) -> None:
        """Insert, or replace the one of the same brand, day and language."""
        row = (
            digest.brand, digest.day.isoformat(), digest.language, stamp(digest.made), int(digest.late),
            digest.subject, digest.verdict, digest.html, digest.text, digest.facts, to_json(digest.evidence),
        )  # fmt: skip
        self.write(
            f"INSERT INTO digests ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (brand, day, language) DO UPDATE SET made = excluded.made, late = excluded.late, "
            "subject = excluded.subject, verdict = excluded.verdict, html = excluded.html, text = excluded.text, "
            "facts = excluded.facts, evidence = excluded.evidence",
            row,
        )
