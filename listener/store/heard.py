"""Which hours of a source were heard, from the visits to it. Pure. The view v_coverage says the same in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
JOINED = timedelta(days=7)  # how far apart two visits may be for the second to make up for the silence between


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour with visits: whether one of them succeeded, the seconds planned until the next visit, and whether its
    visits read on where the last one stopped.
    """

    hour: datetime
    ok: bool
    interval_s: float
    joined: bool = False


def heard(
    rows: Sequence[HourRow],
    since: datetime,
    until: datetime,
    first_heard: datetime | None = None,
    history_from: datetime | None = None,
) -> tuple[datetime, ...]:
    """The heard hours (their start, UTC) with since ≤ hour < until, ascending.

    An hour is heard if a visit in it succeeded. The hours since the last success count too if the visit joined on to
    it within a week: what was said then was read by it, late but whole. Where a visit cannot tell, they count if it
    came when it was planned (with an hour of grace, as rows know hours only) and no visit between them failed. From
    `history_from` up to the first visit that ever succeeded everything counts: it was read afterwards from the archive.

    Args:
        rows: ascending by hour; the row before `since` and the one after `until` belong to it where there are such.
    """
    hours: set[datetime] = set()
    previous: HourRow | None = None
    last_good: HourRow | None = None
    for row in rows:
        if row.ok:
            hours.add(row.hour)
            planned = previous is not None and row.hour - previous.hour <= timedelta(seconds=previous.interval_s) + HOUR
            made_up = row.joined and last_good is not None and row.hour - last_good.hour <= JOINED
            start = previous if planned else last_good if made_up else None
            if start is not None and row.hour - start.hour > HOUR:
                hours.update(_between(start.hour, min(row.hour, until)))
            last_good = row
        previous = row if row.ok else None
    if first_heard is not None and history_from is not None:
        hours.update(_between(max(_start(history_from), _start(since)), min(first_heard, until)))
    return tuple(sorted(hour for hour in hours if since <= hour < until))


def _start(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _between(first: datetime, end: datetime) -> list[datetime]:
    """The hours first, first + 1 h, … before `end`."""
    return [first + number * HOUR for number in range(max(0, -((first - end) // HOUR)))]
