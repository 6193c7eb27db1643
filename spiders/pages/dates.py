"""Dates as forums write them, in English and Chinese, absolute and relative."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from selectolax.lexbor import LexborNode

Precision = Literal["minute", "day"]
Dated = tuple[datetime | None, Precision]

_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|oct october"
        "|nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_CLOCK = re.compile(
    r"(?<![\d:])(?P<before>上午|下午|中午|晚上|凌晨|早上)?\s*(?P<h>[01]?\d|2[0-4])[:點时時](?P<m>[0-5]\d)分?(?::(?P<s>[0-5]\d))?"
    r"\s*(?P<after>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_HOUR_ONLY = re.compile(r"(?<![\d:.])(?P<h>1[0-2]|0?[1-9])\s*(?P<after>[ap]\.?m\b)", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:\s?Z|\s?[+-]\d\d:?\d\d)?")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d{4})\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})(?!\d)")
_ROC = re.compile(r"民國\s*(?P<y>\d{2,3})\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+{_MONTH},?[\s-]*(?P<y>\d{{4}})", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})(?!\d)")
_AGO = re.compile(
    r"(?P<n>\d{1,4}|an?|one)\s*(?P<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?"
    r"|秒|分鐘|分钟|小時|小时|天|週|周|個月|个月|年)\s*(?:ago|前)",
    re.IGNORECASE,
)
_UNITS = {
    "sec": 1, "秒": 1, "min": 60, "分": 60, "hou": 3600, "hr": 3600, "小": 3600, "day": 86400, "天": 86400,
    "wee": 604800, "週": 604800, "周": 604800, "mon": 2629800, "個": 2629800, "个": 2629800,
    "yea": 31557600, "年": 31557600,
}  # fmt: skip
_DAYS_BACK = {"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2}
_NAMED_DAY = re.compile("|".join(_DAYS_BACK), re.IGNORECASE)
_LONGEST = 120  # characters that are looked at; a date is shorter


def parse_date(text: str, now: datetime, zone: tzinfo, day_first: bool = True) -> Dated:
    """The moment that `text` names, in UTC, and how precise it is; (None, "minute") if it names none.

    Args:
        now: UTC; "yesterday" and "3 hours ago" count from it.
        zone: the site's own, for times that name no zone.
        day_first: 02/03/2026 is the second of March.
    """
    text = " ".join(text[:_LONGEST].split())
    if match := _ISO.search(text):
        try:
            moment = datetime.fromisoformat(match.group().replace(" Z", "Z").replace(" +", "+"))
        except ValueError:
            return None, "minute"
        return _utc(moment, zone), "minute"
    if match := _AGO.search(text):
        return _ago(match, now)
    day = _day(text, now, zone, day_first)
    if day is None:
        return None, "minute"
    at = _clock(text)
    if at is None:
        return _utc(day, zone), "day"
    return _utc(day + timedelta(hours=at[0], minutes=at[1]), zone), "minute"


def node_date(node: LexborNode | None, now: datetime, zone: tzinfo) -> Dated:
    """The date of an element: its own or an inner <time datetime>, its title, else its text."""
    if node is None:
        return None, "minute"
    inner = node if node.tag == "time" else node.css_first("time[datetime]")
    readings: list[Callable[[], str | None]] = [
        lambda: inner.attributes.get("datetime") if inner is not None else None,
        lambda: node.attributes.get("title"),
        lambda: node.text(deep=True, separator=" "),
    ]
    for reading in readings:
        found = parse_date(reading() or "", now, zone)
        if found[0] is not None:
            return found
    return None, "minute"


def _utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _ago(match: re.Match[str], now: datetime) -> Dated:
    number = match["n"].lower()
    unit = match["unit"].lower()
    seconds = next(value for prefix, value in _UNITS.items() if unit.startswith(prefix))
    back = (int(number) if number.isdigit() else 1) * seconds
    try:
        moment = now - timedelta(seconds=back)
    except OverflowError:
        return None, "minute"
    return moment, "day" if seconds >= 86400 else "minute"


def _day(text: str, now: datetime, zone: tzinfo, day_first: bool) -> datetime | None:
    if match := _NAMED_DAY.search(text):
        local = now.astimezone(zone) - timedelta(days=_DAYS_BACK[match.group().lower()])
        return datetime(local.year, local.month, local.day)  # noqa: DTZ001  # the zone is put on later
    if match := _ROC.search(text):
        return _date(int(match["y"]) + 1911, int(match["mo"]), int(match["d"]))
    if match := _YEAR_FIRST.search(text):
        return _date(int(match["y"]), int(match["mo"]), int(match["d"]))
    if match := _DAY_MONTH.search(text) or _MONTH_DAY.search(text):
        return _date(int(match["y"]), _MONTHS[match["mon"].lower()], int(match["d"]))
    if match := _NUMERIC.search(text):
        a, b = int(match["a"]), int(match["b"])
        if a > 12 or b > 12:
            day_first = a > 12
        return _date(int(match["y"]), b if day_first else a, a if day_first else b)
    return None


def _date(year: int, month: int, day: int) -> datetime | None:
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
    if (half == "p" or before in ("下午", "晚上", "中午")) and hour < 12:
        hour += 12 if before != "中午" or hour < 3 else 0
    elif (half == "a" or before in ("上午", "凌晨", "早上")) and hour == 12:
        hour = 0
    return hour, minute
