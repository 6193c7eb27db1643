"""What an alert's mail tells beyond the alert and its posts: how the voices came, who was told, who answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from listener.store.tellings import BrandAnswer, Counts

BEFORE = timedelta(hours=24)  # of the ordinary, before it began, so that the eye can compare
LONGEST = timedelta(days=14)  # of a chart


@dataclass(frozen=True, slots=True)
class Story:
    """See the module.

    Attributes:
        counts: by hour of the clock, from `since` on. until: the end of the chart.
        deaf: hours between in which no source of the brand was heard: no voices there mean nothing.
        told: (name, when), in order. answers: by the company, in threads of the matter.
    """

    counts: Counts = field(default_factory=lambda: Counts(0, ()))
    since: datetime | None = None
    until: datetime | None = None
    deaf: tuple[datetime, ...] = ()
    told: tuple[tuple[str, datetime], ...] = ()
    answers: tuple[BrandAnswer, ...] = ()


NO_STORY = Story()


def chart_span(began: datetime, until: datetime) -> tuple[datetime, datetime]:
    """From a day before it began, on the hour, up to `until`; never longer than LONGEST."""
    since = max(began - BEFORE, until - LONGEST)
    return since.replace(minute=0, second=0, microsecond=0), max(until, since)


def deaf_hours(heard: Sequence[Sequence[datetime]], since: datetime, until: datetime) -> tuple[datetime, ...]:
    """The whole hours from `since` to `until` in which none of the sources was heard."""
    known = {hour for hours in heard for hour in hours}
    count = int((until - since) / timedelta(hours=1))
    hours = (since + timedelta(hours=n) for n in range(count))
    return tuple(hour for hour in hours if hour not in known)
