"""How values stand in columns: times as ISO 8601 UTC text with whole seconds, days as ISO dates, lists as JSON."""

import json
from datetime import UTC, date, datetime
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)


def stamp(at: datetime) -> str:
    """ "2026-03-21T12:40:00Z": sorts and reads as it is. Parts of a second are cut off."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; times in the store are aware")
    return at.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def maybe_stamp(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def moment(text: str) -> datetime:
    """The aware UTC time of a stamp."""
    return datetime.fromisoformat(text)


def maybe_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def maybe_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def to_json(value: Any) -> str:
    """Compact, and Chinese stays readable: an analyst looks into these columns, and `forget` looks for names in them.

    What JSON does not know (a TOML date in a source's options) becomes its text.
    """
    return _ENCODER.encode(value)


def from_json(text: str) -> Any:
    return json.loads(text)


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """A column of spans, [[start, end], …]."""
    return tuple((start, end) for start, end in json.loads(text)) if text != "[]" else ()


def strings(text: str) -> tuple[str, ...]:
    """A column of texts, ["…", …]."""
    return tuple(json.loads(text)) if text != "[]" else ()
