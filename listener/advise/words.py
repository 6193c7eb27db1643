"""The digest's words in one language, from words.toml; and how that language writes numbers, days and times."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh-Hant": ("週一", "週二", "週三", "週四", "週五", "週六", "週日"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@cache
def table() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """words.toml and span.toml as they stand: section → name → language → text, or a list of texts."""
    texts = [files("listener.advise").joinpath(name).read_text("utf-8") for name in ("words.toml", "span.toml")]
    return {section: named for text in texts for section, named in tomllib.loads(text).items()}


class Words:
    """Texts of one language; a name that is not in words.toml is a KeyError, so a test finds it.

    Args:
        language: "en" or "zh-Hant".
        day: the digest's day; it picks the variant of a sentence, and the year that need not be said.
        zone: the brand's; times are told in it.
    """

    def __init__(self, language: str, day: date, zone: ZoneInfo) -> None:
        if language not in _WEEKDAYS:
            raise KeyError(f"no words in {language!r}; known are: {', '.join(_WEEKDAYS)}")
        self.language, self._day, self._zone = language, day, zone

    @property
    def chinese(self) -> bool:
        return self.language == "zh-Hant"

    def __call__(self, name: str, **filled: object) -> str:
        """The text `section.name` with its {names} filled in."""
        section, key = name.split(".", 1)
        text = table()[section][key][self.language]
        if isinstance(text, list):
            text = text[self._day.toordinal() % len(text)]
        return str(text).format(**filled)

    def has(self, name: str) -> bool:
        section, key = name.split(".", 1)
        return key in table()[section]

    def count(self, noun: str, n: int) -> str:
        """ "1 voice", "2 voices", "2 人"."""
        text = table()["count"][noun][self.language]
        if isinstance(text, list):
            text = text[n != 1]
        return str(text).format(n=self.number(n))

    def join(self, parts: Sequence[str]) -> str:
        """A list in a sentence: commas, or 、."""
        return self("frame.list").join(parts)

    def sentences(self, parts: Sequence[str]) -> str:
        """Sentences one behind the other; Chinese puts no space between."""
        return ("" if self.chinese else " ").join(part for part in parts if part)

    def number(self, n: float) -> str:
        """1,234; whole numbers only, half away from zero."""
        return f"{_whole(n):,}".replace("-", "−")

    def signed(self, n: float) -> str:
        """+14, −86, 0; with a real minus sign."""
        whole = _whole(n)
        return f"+{whole:,}" if whole > 0 else self.number(whole)

    def share(self, ratio: float) -> str:
        """0…1 → "84 %" or "84%"."""
        return f"{_whole(ratio * 100)}{'' if self.chinese else ' '}%"

    def weekday(self, day: date) -> str:
        return _WEEKDAYS[self.language][day.weekday()]

    def long_day(self, day: date) -> str:
        """Saturday 21 March 2026; 2026年3月21日（週六）."""
        if self.chinese:
            return f"{day.year}年{day.month}月{day.day}日（{self.weekday(day)}）"
        return f"{self.weekday(day)} {day.day} {_MONTHS[day.month - 1]} {day.year}"

    def short_day(self, day: date) -> str:
        """Sat 21 Mar; 3月21日（週六）; with the year where it is another one."""
        year = "" if day.year == self._day.year else f" {day.year}"
        if self.chinese:
            return f"{year.strip() + '年' if year else ''}{day.month}月{day.day}日（{self.weekday(day)}）"
        return f"{self.weekday(day)[:3]} {day.day} {_MONTHS[day.month - 1][:3]}{year}"

    def month(self, day: date) -> str:
        """March 2026; 2026年3月."""
        return f"{day.year}年{day.month}月" if self.chinese else f"{_MONTHS[day.month - 1]} {day.year}"

    def moment(self, at: datetime) -> str:
        """Sat 20:41 within a week of the day, Sat 21 Mar 20:41 beyond; 週六 20:41, 3月21日（週六）20:41."""
        local = at.astimezone(self._zone)
        day, clock = local.date(), f"{local:%H:%M}"
        if abs(day - self._day) < timedelta(days=6):
            return f"{self.weekday(day)[: 2 if self.chinese else 3]} {clock}"
        return f"{self.short_day(day)}{'' if self.chinese else ' '}{clock}"

    def clock(self, at: datetime) -> str:
        """20:41, local."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def days(self, n: int) -> str:
        return self.count("days", n)


def _whole(n: float) -> int:
    """Rounded half away from zero; 86.5 is 87, and never −0."""
    return int(abs(n) + 0.5) * (1 if n >= 0 else -1)
