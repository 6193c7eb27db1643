"""Hours of the day in which a place may be read: "01:00-06:00" in a time zone, over midnight too. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` (within) to `end` (no longer within), wall time of `zone`; `begin` > `end` runs over midnight."""

    begin: time
    end: time
    zone: str

    @classmethod
    def parse(cls, text: str, zone: str = "UTC") -> "Hours":
        """Read "01:00-06:00", or what `str` gives: "01:00-06:00 Asia/Taipei".

        Raises:
            ValueError: neither of these; or it begins and ends at the same time, which is always or never.
        """
        span, _, named = text.strip().partition(" ")
        found = _HOURS.fullmatch(span)
        if found is None:
            raise ValueError(f'{text!r} are no hours; write them like "01:00-06:00"')
        first, second, third, fourth = map(int, found.groups())
        begin, end = time(first, second), time(third, fourth)
        if begin == end:
            raise ValueError(f"{text!r} begin and end at the same time")
        return cls(begin, end, named.strip() or zone)

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M} {self.zone}"

    def within(self, at: datetime) -> bool:
        """Is it one of these hours at `at` (aware)?"""
        local = at.astimezone(ZoneInfo(self.zone)).time()
        if self.begin < self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end

    def opens(self, at: datetime) -> datetime:
        """`at` itself if it lies within, else the next time that the hours begin; UTC.

        A night on which the clocks skip the hours altogether is left out.
        """
        at = at.astimezone(UTC)
        if self.within(at):
            return at
        zone = ZoneInfo(self.zone)
        day = at.astimezone(zone).date()
        starts = (datetime.combine(day + timedelta(days=n), self.begin, zone).astimezone(UTC) for n in range(4))
        return next(start for start in starts if start >= at and self.within(start))
