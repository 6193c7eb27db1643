"""Days, weeks and months as a digest knows them. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

Kind: TypeAlias = Literal["day", "week", "month"]
KINDS: tuple[Kind, ...] = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week from Monday to Sunday, or a calendar month; `first` and `last` belong to it."""

    kind: Kind
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The one before it."""
        return period_of(self.kind, self.first - timedelta(days=1))

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def start(self, zone: ZoneInfo) -> datetime:
        """Its first midnight, UTC."""
        return datetime.combine(self.first, time(), zone).astimezone(UTC)

    def end(self, zone: ZoneInfo) -> datetime:
        """The midnight after it, UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone).astimezone(UTC)

    def parts(self) -> tuple["Period", ...]:
        """What its chart shows as one bar: the days of a week; the weeks of a month, cut where the month begins and
        ends.
        """
        if self.kind != "month":
            return tuple(Period("day", day, day) for n in range(self.days) for day in [self.first + timedelta(days=n)])
        found, day = [], self.first
        while day <= self.last:
            end = min(period_of("week", day).last, self.last)
            found.append(Period("week", day, end))
            day = end + timedelta(days=1)
        return tuple(found)


def period_of(kind: Kind, day: date) -> Period:
    """The day, week or month that holds `day`."""
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=6))
    if kind == "month":
        return Period(kind, day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    return Period("day", day, day)
