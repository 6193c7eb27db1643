"""Alerts with their lives, how far the watch has looked, and the matters that digests advised on."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from listener.records import Alert
from listener.store.columns import from_json, maybe_day, maybe_moment, maybe_stamp, moment, stamp, strings, to_json
from listener.store.connection import Connection
from listener.store.protocol import Matter

_FIELDS = tuple(field.name for field in fields(Alert))
_TIMES = frozenset({"opened", "began", "last_activity", "acknowledged", "closed"})
_LISTS = frozenset({"sources", "reasons", "evidence"})
ALERTS = f"SELECT {', '.join(_FIELDS)} FROM alerts"
SAVE = f"""
INSERT INTO alerts ({", ".join(_FIELDS)}) VALUES ({", ".join(f":{name}" for name in _FIELDS)})
ON CONFLICT (key) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _FIELDS if name != "key")}
"""
MATTER = """
SELECT brand, topic, first_post, first_advised, last_advised, peak_voices, voices, answered, closed, outcome
FROM matters
"""


class Alerts(Connection):
    """The part of protocol.Store that the watch and the digest's memory stand on."""

    def alerts(self, brand: str | None = None, open_only: bool = False) -> list[Alert]:
        """Alerts by the time they were opened, then key; `open_only` leaves out the closed ones."""
        rows = self.read(
            f"{ALERTS} WHERE (:brand IS NULL OR brand = :brand) AND (NOT :open OR state <> 'closed') "
            "ORDER BY opened, key",
            {"brand": brand, "open": open_only},
        )
        return read_alerts(rows)

    def save_alert(self, alert: Alert, event: str, at: datetime, by: str = "", detail: str = "") -> None:
        """See protocol.Store."""
        with self.transaction():
            self._conn.execute(SAVE, _alert_row(alert))
            self._conn.execute(
                "INSERT INTO alert_events (alert, at, what, by, detail) "
                "SELECT alert, ?, ?, ?, ? FROM alerts WHERE key = ?",
                (stamp(at), event, by, detail, alert.key),
            )

    def looked_until(self, brand: str) -> datetime | None:
        """How far the watch has looked; None if it never has."""
        row = self.read_one("SELECT looked_until FROM watch_state WHERE brand = ?", (brand,))
        return moment(row[0]) if row else None

    def set_looked_until(self, brand: str, at: datetime) -> None:
        """See protocol.Store."""
        self.write(
            "INSERT INTO watch_state (brand, looked_until, began) VALUES (:brand, :at, :at) "
            "ON CONFLICT (brand) DO UPDATE SET looked_until = excluded.looked_until",
            {"brand": brand, "at": stamp(at)},
        )

    def watched_since(self, brand: str) -> datetime | None:
        """See protocol.Store."""
        row = self.read_one("SELECT began FROM watch_state WHERE brand = ? AND began <> ''", (brand,))
        return moment(row[0]) if row else None

    def stirred(self, brand: str, since: datetime) -> bool:
        """See protocol.Store."""
        row = self.read_one(
            "SELECT EXISTS (SELECT 1 FROM mentions INDEXED BY mentions_brand WHERE brand = :brand AND mention > "
            "(SELECT seen FROM watch_state WHERE brand = :brand)) OR "
            "EXISTS (SELECT 1 FROM mentions INDEXED BY mentions_brand_at WHERE brand = :brand AND at > :since)",
            {"brand": brand, "since": stamp(since)},
        )
        return bool(row and row[0])

    def watched_to(self, brand: str) -> int:
        """See protocol.Store."""
        row = self.read_one("SELECT seen FROM watch_state WHERE brand = ?", (brand,))
        return int(row[0]) if row else 0

    def set_watched_to(self, brand: str, number: int) -> None:
        """See protocol.Store."""
        self.write("UPDATE watch_state SET seen = ? WHERE brand = ?", (number, brand))

    def habits(self, brand: str) -> Any:
        """See protocol.Store."""
        row = self.read_one("SELECT habits FROM watch_habits WHERE brand = ?", (brand,))
        return None if row is None else from_json(row[0])

    def keep_habits(self, brand: str, habits: Any, at: datetime) -> None:
        """See protocol.Store."""
        if habits is None:
            self.write("DELETE FROM watch_habits WHERE brand = ?", (brand,))
            return
        self.write(
            "INSERT INTO watch_habits (brand, kept, habits) VALUES (?, ?, ?) "
            "ON CONFLICT (brand) DO UPDATE SET kept = excluded.kept, habits = excluded.habits",
            (brand, stamp(at), to_json(habits)),
        )

    def matters(self, brand: str, as_of: date, until: date | None = None) -> list[Matter]:
        """See protocol.Store; oldest first."""
        return [
            Matter(
                brand_, topic, moment(first_post), date.fromisoformat(first), date.fromisoformat(last), peak, voices,
                maybe_moment(answered), maybe_day(closed), outcome,
            )
            for brand_, topic, first_post, first, last, peak, voices, answered, closed, outcome in self.read(
                f"{MATTER} WHERE brand = :brand AND first_advised < :until AND (closed IS NULL OR closed >= :day) "
                "ORDER BY first_advised, topic",
                {"brand": brand, "day": as_of.isoformat(), "until": (until or as_of).isoformat()},
            )
        ]  # fmt: skip

    def save_matter(self, matter: Matter) -> None:
        """See protocol.Store. The same matter (brand, topic, first advised) saved again after closing stays one row."""
        row = {
            "brand": matter.brand, "topic": matter.topic, "first_post": stamp(matter.first_post),
            "first_advised": matter.first_advised.isoformat(), "last_advised": matter.last_advised.isoformat(),
            "peak_voices": matter.peak_voices, "voices": matter.voices, "answered": maybe_stamp(matter.answered),
            "closed": matter.closed and matter.closed.isoformat(), "outcome": matter.outcome,
        }  # fmt: skip
        with self.transaction():
            standing = self.read_one(
                "SELECT matter FROM matters WHERE brand = :brand AND topic = :topic "
                "AND (first_advised = :first_advised OR closed IS NULL) "
                "ORDER BY first_advised = :first_advised DESC LIMIT 1",
                row,
            )
            if standing is None:
                self._conn.execute(
                    f"INSERT INTO matters ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row
                )
            else:
                self._conn.execute(
                    f"UPDATE matters SET {', '.join(f'{name} = :{name}' for name in row)} WHERE matter = :matter",
                    row | {"matter": standing[0]},
                )


def read_alerts(rows: Iterable[tuple[Any, ...]]) -> list[Alert]:
    """What a SELECT that begins with ALERTS brought."""
    return [_alert(dict(zip(_FIELDS, row, strict=True))) for row in rows]


def _alert_row(alert: Alert) -> dict[str, Any]:
    row = {name: getattr(alert, name) for name in _FIELDS}
    return row | {name: maybe_stamp(row[name]) for name in _TIMES} | {name: to_json(row[name]) for name in _LISTS}


def _alert(row: dict[str, Any]) -> Alert:
    times = {name: maybe_moment(row[name]) for name in _TIMES}
    return Alert(**(row | times | {name: strings(row[name]) for name in _LISTS}))
