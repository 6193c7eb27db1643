"""Dates as forums write them, absolute and relative, in the languages of datewords.py."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from selectolax.lexbor import LexborNode

from spiders.pages.datewords import (
    AFTER_SPAN,
    AFTERNOON,
    BEFORE_SPAN,
    DAYS_BACK,
    FORENOON,
    JUST_NOW,
    MONTHS,
    ONE,
    SHORT_UNITS,
    UNITS,
    WEEKDAYS,
)

Precision = Literal["minute", "day"]
Dated = tuple[datetime | None, Precision]
Order = bool | None | Callable[[], bool | None]


def _either(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_MONTH = rf"(?P<mon>{_either(MONTHS)})[^\W\d_]{{0,8}}\.?"
_CLOCK = re.compile(
    rf"(?<![\d:])(?P<before>{FORENOON}|{AFTERNOON})?\s*(?P<h>[01]?\d|2[0-4])"
    rf"(?:\s?[:點点時时시]\s?|\s?h\s?|\.(?=[0-5]\d\s?Uhr))(?P<m>[0-5]\d)(?!\d)분?(?::(?P<s>[0-5]\d))?"
    r"\s*(?P<after>[ap]\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_HOUR_ONLY = re.compile(r"(?<![\d:.])(?P<h>1[0-2]|0?[1-9])\s*(?P<after>[ap]\.?\s?m\b)", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:\s?Z|\s?[+-]\d\d:?\d\d)?")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d{4})\s*[-/.年년]\s*(?P<mo>\d{1,2})\s*[-/.月월]\s*(?P<d>\d{1,2})(?!\d)")
_ROC = re.compile(r"民國\s*(?P<y>\d{2,3})\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})")
_ROC_BARE = re.compile(r"(?<![\d/.-])(?P<y>1[0-4]\d)[/.](?P<mo>\d{1,2})[/.](?P<d>\d{1,2})(?![\d/.])")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+|of\s+)?{_MONTH},?[\s-]*(?:del?\s+)?(?P<y>\d{{4}})",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})", re.IGNORECASE)
_CTIME = re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})\s+\d\d:\d\d(?::\d\d)?\s+(?P<y>\d{{4}})", re.IGNORECASE)
_NO_YEAR = re.compile(
    rf"^\W*(?:\w+,?\s)?(?:{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?=$|\W)"
    r"|(?P<mo>1[0-2]|0?[1-9])\s*月\s*(?P<dd>[0-3]?\d)\s*日)",
    re.IGNORECASE,
)
_DAY_NO_YEAR = re.compile(  # "3. März, 14:05"; nothing but a clock may follow
    rf"^\W*(?:[^\W\d]+\.?,?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?{_MONTH}"
    r"(?=\W*$|\W+(?:[^\W\d]{1,4}\.?\s+(?:las\s+)?)?\d{1,2}\s?[:h時.]\s?\d\d)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<![\d.])(?P<a>\d{1,2})(?P<sep>[-/.])\s?(?P<b>\d{1,2})(?P=sep)\s?(?P<y>\d{4})(?!\d)")
_SHORT_YEAR = re.compile(  # only beside a clock: without one it may be the number of a version
    r"(?<![\d./-])(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{2})(?=,?\W{0,3}(?:[^\W\d]{1,4}\s)?\d{1,2}[:h])"
)
_SPAN = re.compile(
    rf"(?<![\w.])(?P<n>\d{{1,4}}|{ONE})?\s*(?P<unit>{_either(UNITS)})[^\W\d_]{{0,7}}?\.?(?=\W|$|{AFTER_SPAN})",
    re.IGNORECASE,
)
_LEAD = re.compile(rf"(?:^|\W)(?:{BEFORE_SPAN})\W*(?:(?:over|about|circa|ca\.?|env\.?)\s*)?$", re.IGNORECASE)
_TAIL = re.compile(rf"\s*(?:{AFTER_SPAN})(?:$|\b|(?<=[前전]))", re.IGNORECASE)
_AGO_SHORT = re.compile(r"^(?P<n>\d{1,3})\s?(?P<unit>s|m|h|d|w|mo|y)(?:\s+ago)?$")
_NOW = re.compile(rf"^\W*(?:{JUST_NOW})\W*$", re.IGNORECASE)
_NAMED_DAY = re.compile(
    "|".join(rf"\b{name}\b" if ord(name[0]) < 0x2E80 else name for name in sorted(DAYS_BACK, key=len, reverse=True)),
    re.IGNORECASE,
)
_WEEKDAY = re.compile(rf"^\W*(?P<name>{_either(WEEKDAYS)})\b[^\d]{{0,12}}(?=\d{{1,2}}[:h])", re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,10}(?:\d{3})?")
_DECLARED = ("datetime", "date", "content", "title", "data-original-title", "data-tippy-content")
_LONGEST = 120  # characters that are looked at; a date is shorter
_LOOSE = 40  # characters: in more than that, a day without a year or a clock is part of what somebody says
_EARLIEST = 1980  # Usenet began; what looks older is of another calendar


def parse_date(text: str, now: datetime, zone: tzinfo, day_first: Order = None) -> Dated:
    """The moment that `text` names, in UTC, and how precise it is; (None, "minute") if it names none.

    Args:
        now: UTC; "yesterday" and "3 hours ago" count from it, and a day without a year is the last one before it.
        zone: the site's own, for times that name no zone.
        day_first: 02/03/2026 is the second of March. None: it is, unless the clock says am or pm, as where the month
            goes first, or unless the second of March is still to come. A function is only asked where it matters.
    """
    text = " ".join(text[:_LONGEST].split())
    if text.endswith((" UTC", " GMT")):
        zone = UTC
    if match := _ISO.search(text):
        try:
            moment = datetime.fromisoformat(match.group().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
        except ValueError:
            return None, "minute"
        return _utc(moment, zone) if moment.year >= _EARLIEST else None, "minute"
    if (ago := _ago(text, now)) is not None:
        return ago
    if _NOW.match(text):
        return now, "minute"
    day = _day(text, now, zone, day_first)
    if day is None:
        return None, "minute"
    at = _clock(text)
    if at is None:
        return _utc(day, zone), "day"
    return _utc(day + timedelta(hours=at[0], minutes=at[1]), zone), "minute"


def month_first(text: str) -> bool | None:
    """Do the dates in digits ("04-16-2026") in a page's text name the month first? None if as many say no as yes."""
    votes = 0
    for a, _, b, _ in _NUMERIC.findall(text):
        votes += (int(b) > 12 >= int(a)) - (int(a) > 12 >= int(b))
    return votes > 0 if votes else None


def node_date(node: LexborNode | None, now: datetime, zone: tzinfo, day_first: Order = None) -> Dated:
    """The date of an element: what it declares (<time datetime>, data-time, content), its title, else its text."""
    if node is None:
        return None, "minute"
    inner = node if node.tag == "time" else node.css_first("time[datetime], [data-time], [data-timestamp]") or node
    for name in ("data-timestamp", "data-time"):
        stamp = inner.attributes.get(name) or ""
        if _EPOCH.fullmatch(stamp):
            return datetime.fromtimestamp(int(stamp[:10]), UTC), "minute"
    declared = inner.attributes
    said_by = [declared.get(name) for name in _DECLARED]
    if inner is not node:
        said_by.append(node.attributes.get("title"))
    for said in [*said_by, node.text(deep=True, separator=" ")]:
        found = parse_date(said, now, zone, day_first) if said else (None, "minute")
        if found[0] is not None:
            return found
    return None, "minute"


def _utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _ago(text: str, now: datetime) -> Dated | None:
    """ "3 hours ago", "2 years, 3 months ago", "vor 1 Stunde 5 Minuten"; None if the text is no such thing."""
    if match := _AGO_SHORT.match(text):
        return _back(now, int(match["n"]) * SHORT_UNITS[match["unit"]], SHORT_UNITS[match["unit"]])
    spans: list[re.Match[str]] = []
    for match in _SPAN.finditer(text):
        between = text[spans[-1].end() : match.start()].strip(" ,") if spans else ""
        if between not in ("", "and", "und", "et", "y", "e", "en", "i", "и"):
            spans = []
        spans.append(match)
        before = text[: spans[0].start()].rstrip()
        if not spans[0]["n"] and before[-1:].isdigit():  # a number too long to be meant
            spans = []
        elif _TAIL.match(text, match.end()) or (
            spans[0]["n"] and _LEAD.search(before) and not _SPAN.match(text[match.end() :].lstrip(" ,"))
        ):
            return _spans(spans, now)
    return None


def _spans(spans: list[re.Match[str]], now: datetime) -> Dated:
    back, unit = 0.0, 0
    for match in spans:
        number, name = (match["n"] or "1").lower(), match["unit"].lower()
        unit = UNITS[name]
        back += (0.5 if number in ("半", "half an", "half a") else int(number) if number.isdigit() else 1) * unit
    return _back(now, back, unit)


def _back(now: datetime, seconds: float, unit: int) -> Dated:
    try:
        return now - timedelta(seconds=seconds), "day" if unit >= 86400 else "minute"
    except OverflowError:
        return None, "minute"


def _day(text: str, now: datetime, zone: tzinfo, day_first: Order) -> datetime | None:
    if (match := _NAMED_DAY.search(text)) and (len(text) <= _LOOSE or _CLOCK.search(text, match.end())):
        local = now.astimezone(zone) - timedelta(days=DAYS_BACK[match.group().lower()])
        return datetime(local.year, local.month, local.day)  # noqa: DTZ001  # the zone is put on later
    if match := _ROC.search(text) or _ROC_BARE.search(text):
        return _date(int(match["y"]) + 1911, int(match["mo"]), int(match["d"]))
    if match := _YEAR_FIRST.search(text):
        return _date(int(match["y"]), int(match["mo"]), int(match["d"]))
    if match := _DAY_MONTH.search(text) or _MONTH_DAY.search(text) or _CTIME.search(text):
        return _date(int(match["y"]), MONTHS[match["mon"].lower()], int(match["d"]))
    if match := _NUMERIC.search(text) or _SHORT_YEAR.search(text):
        return _numeric(match, text, now, day_first)
    return _without_year(text, now.astimezone(zone)) if len(text) <= _LOOSE else None


def _without_year(text: str, local: datetime) -> datetime | None:
    """The last such day: of a month, or of the week."""
    if match := _DAY_NO_YEAR.match(text):
        month, day = MONTHS[match["mon"].lower()], int(match["d"])
    elif match := _NO_YEAR.match(text):
        month = MONTHS[match["mon"].lower()] if match["mon"] else int(match["mo"])
        day = int(match["d"] or match["dd"])
    elif match := _WEEKDAY.match(text):
        back = (local.weekday() - WEEKDAYS[match["name"].lower()]) % 7
        then = local - timedelta(days=back or 7)
        return datetime(then.year, then.month, then.day)  # noqa: DTZ001  # the zone is put on later
    else:
        return None
    found = _date(local.year, month, day)
    return found if found is None or found <= _naive(local) else _date(local.year - 1, month, day)


def _numeric(match: re.Match[str], text: str, now: datetime, order: Order) -> datetime | None:
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    if a > 12 or b > 12:
        day_first = a > 12
    elif (told := order() if callable(order) else order) is not None:
        day_first = told
    else:
        half = _CLOCK.search(text)
        later = _date(year, b, a)
        day_first = not (half and half["after"]) and (later is None or later <= _naive(now))
    return _date(year, b if day_first else a, a if day_first else b)


def _naive(now: datetime) -> datetime:
    """Tomorrow, without its zone: no date of a post lies beyond it."""
    return now.replace(tzinfo=None) + timedelta(days=1)


def _date(year: int, month: int, day: int) -> datetime | None:
    if year < _EARLIEST:
        return None
    try:
        return datetime(year, month, day)  # noqa: DTZ001  # the zone is put on later
    except ValueError:
        return None


def _clock(text: str) -> tuple[int, int] | None:
    """(hour, minute), None if the text names none. Django writes "noon", "midnight" and "3 p.m."."""
    match = _CLOCK.search(text) or _HOUR_ONLY.search(text)
    if match is None:
        lower = text.lower()
        return (12, 0) if "noon" in lower and "after" not in lower else (0, 0) if "midnight" in lower else None
    parts = match.groupdict()
    hour, minute = int(parts["h"]), int(parts.get("m") or 0)
    half = (parts.get("after") or "").lower()[:1]
    before = parts.get("before") or ""
    if (half == "p" or (before and before in AFTERNOON)) and hour < 12:
        hour += 12 if before != "中午" or hour < 3 else 0
    elif (half == "a" or (before and before in FORENOON)) and hour == 12:
        hour = 0
    return hour, minute
