"""Dates as forums write them, in English and Chinese, absolute and relative."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from selectolax.lexbor import LexborNode

Precision = Literal["minute", "day"]
Dated = tuple[datetime | None, Precision]

# English, German, Dutch, French, Spanish, Portuguese, Italian, Polish and Russian, as far as the beginnings differ.
_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan ene gen sty янв|feb fév fev lut фев|mar mär maa mrz мар|apr avr abr kwi апр|may mai mei mag maj мая май"
        "|jun juin giu cze июн|jul juil lug lip июл|aug aoû aou ago sie авг|sep set wrz сен|oct okt out ott paź окт"
        "|nov lis ноя|dec dez déc dic gru дек".split("|"),
        1,
    )
    for name in names.split()
}
_MONTH = rf"(?P<mon>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})[^\W\d_]{{0,8}}\.?"
_CLOCK = re.compile(
    r"(?<![\d:])(?P<before>上午|下午|中午|晚上|凌晨|早上)?\s*(?P<h>[01]?\d|2[0-4])[:點时時](?P<m>[0-5]\d)分?(?::(?P<s>[0-5]\d))?"
    r"\s*(?P<after>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_HOUR_ONLY = re.compile(r"(?<![\d:.])(?P<h>1[0-2]|0?[1-9])\s*(?P<after>[ap]\.?m\b)", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:\s?Z|\s?[+-]\d\d:?\d\d)?")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d{4})\s*[-/.年년]\s*(?P<mo>\d{1,2})\s*[-/.月월]\s*(?P<d>\d{1,2})(?!\d)")
_ROC = re.compile(r"民國\s*(?P<y>\d{2,3})\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})")
_ROC_BARE = re.compile(r"(?<![\d/.-])(?P<y>1[0-4]\d)[/.](?P<mo>\d{1,2})[/.](?P<d>\d{1,2})(?![\d/.])")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+)?{_MONTH},?[\s-]*(?:de\s+)?(?P<y>\d{{4}})",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})", re.IGNORECASE)
_CTIME = re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})\s+\d\d:\d\d(?::\d\d)?\s+(?P<y>\d{{4}})", re.IGNORECASE)
_NO_YEAR = re.compile(
    rf"^\W*(?:\w+,?\s)?(?:{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?=$|\W)"
    r"|(?P<mo>1[0-2]|0?[1-9])\s*月\s*(?P<dd>[0-3]?\d)\s*日)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<!\d)(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})(?!\d)")
_AGO = re.compile(
    r"(?:(?P<lead>vor|il y a|hace|há|fa|för)\s+)?(?<![\d.])(?P<n>\d{1,4}|an?|one|半|ein(?:er?|em)?|une?|una?)\s*"
    r"(?P<unit>sec|min|hour|hr|day|week|month|year|sekunde|stunde|tag|woche|monat|jahr|seconde|heure|jour|semaine|mois"
    r"|an(?:s|née)|segundo|hora|día|dia|semana|mes|año|秒|分|小時|小时|天|週|周|星期|個月|个月|年)[^\W\d_]{0,6}?\.?\s*"
    r"(?:(?P<tail>ago\b|之?前|atrás\b)|(?!\w))",
    re.IGNORECASE,
)
_AGO_SHORT = re.compile(r"^(?P<n>\d{1,3})\s?(?P<unit>s|m|h|d|w|mo|y)(?:\s+ago)?$")
_UNITS = {
    "sec": 1, "seg": 1, "sek": 1, "秒": 1, "min": 60, "分": 60, "hou": 3600, "hr": 3600, "heu": 3600, "hor": 3600,
    "stu": 3600, "小": 3600, "day": 86400, "tag": 86400, "jou": 86400, "día": 86400, "dia": 86400, "天": 86400,
    "wee": 604800, "woc": 604800, "sem": 604800, "週": 604800, "周": 604800, "星": 604800, "mon": 2629800,
    "moi": 2629800, "mes": 2629800, "個": 2629800, "个": 2629800, "yea": 31557600, "jah": 31557600, "an": 31557600,
    "año": 31557600, "年": 31557600,
}  # fmt: skip
_SHORT_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "mo": 2629800, "y": 31557600}
_NOW = re.compile(r"^\W*(?:just now|moments? ago|剛剛|刚刚|剛才|刚才)\W*$", re.IGNORECASE)
_DAYS_BACK = {
    "today": 0, "heute": 0, "aujourd'hui": 0, "hoy": 0, "今天": 0, "今日": 0, "yesterday": 1, "gestern": 1, "hier": 1,
    "ayer": 1, "昨天": 1, "昨日": 1, "前天": 2,
}  # fmt: skip
_NAMED_DAY = re.compile("|".join(rf"\b{name}\b" if name.isascii() else name for name in _DAYS_BACK), re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,10}(?:\d{3})?")
_DECLARED = ("datetime", "date", "content", "title", "data-original-title", "data-tippy-content")
_LONGEST = 120  # characters that are looked at; a date is shorter


def parse_date(text: str, now: datetime, zone: tzinfo, day_first: bool | None = None) -> Dated:
    """The moment that `text` names, in UTC, and how precise it is; (None, "minute") if it names none.

    Args:
        now: UTC; "yesterday" and "3 hours ago" count from it, and a day without a year is the last one before it.
        zone: the site's own, for times that name no zone.
        day_first: 02/03/2026 is the second of March. None: it is, unless the clock says am or pm, as where the month
            goes first, or unless the second of March is still to come.
    """
    text = " ".join(text[:_LONGEST].split())
    if text.endswith((" UTC", " GMT")):
        zone = UTC
    if match := _ISO.search(text):
        try:
            moment = datetime.fromisoformat(match.group().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
        except ValueError:
            return None, "minute"
        return _utc(moment, zone), "minute"
    match = _AGO.search(text)
    if match and (match["tail"] or match["lead"]):
        return _ago(match, _UNITS, now)
    if match := _AGO_SHORT.match(text):
        return _ago(match, _SHORT_UNITS, now)
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
    """Do the dates in digits ("04-16-2026") in a page's text name the month first? None if none of them tells."""
    for a, b, _ in _NUMERIC.findall(text):
        if int(a) > 12 >= int(b) or int(b) > 12 >= int(a):
            return int(b) > 12
    return None


def node_date(node: LexborNode | None, now: datetime, zone: tzinfo, day_first: bool | None = None) -> Dated:
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


def _ago(match: re.Match[str], units: dict[str, int], now: datetime) -> Dated:
    number, unit = match["n"].lower(), match["unit"].lower()
    seconds = units.get(unit) or next(value for prefix, value in units.items() if unit.startswith(prefix))
    back = 0.5 * seconds if number == "半" else (int(number) if number.isdigit() else 1) * seconds
    try:
        moment = now - timedelta(seconds=back)
    except OverflowError:
        return None, "minute"
    return moment, "day" if seconds >= 86400 else "minute"


def _day(text: str, now: datetime, zone: tzinfo, day_first: bool | None) -> datetime | None:
    if match := _NAMED_DAY.search(text):
        local = now.astimezone(zone) - timedelta(days=_DAYS_BACK[match.group().lower()])
        return datetime(local.year, local.month, local.day)  # noqa: DTZ001  # the zone is put on later
    if match := _ROC.search(text) or _ROC_BARE.search(text):
        return _date(int(match["y"]) + 1911, int(match["mo"]), int(match["d"]))
    if match := _YEAR_FIRST.search(text):
        return _date(int(match["y"]), int(match["mo"]), int(match["d"]))
    if match := _DAY_MONTH.search(text) or _MONTH_DAY.search(text) or _CTIME.search(text):
        return _date(int(match["y"]), _month(match["mon"]), int(match["d"]))
    if match := _NUMERIC.search(text):
        return _numeric(match, text, now, day_first)
    if len(text) <= 40 and (match := _NO_YEAR.match(text)):
        month, day = (_month(match["mon"]), match["d"]) if match["mon"] else (int(match["mo"]), match["dd"])
        year = now.astimezone(zone).year
        found = _date(year, month, int(day))
        return found if found is None or found <= _naive(now) else _date(year - 1, month, int(day))
    return None


def _numeric(match: re.Match[str], text: str, now: datetime, day_first: bool | None) -> datetime | None:
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    if a > 12 or b > 12:
        day_first = a > 12
    elif day_first is None:
        half = _CLOCK.search(text)
        later = _date(year, b, a)
        day_first = not (half and half["after"]) and (later is None or later <= _naive(now))
    return _date(year, b if day_first else a, a if day_first else b)


def _naive(now: datetime) -> datetime:
    """Tomorrow, without its zone: no date of a post lies beyond it."""
    return now.replace(tzinfo=None) + timedelta(days=1)


def _month(name: str) -> int:
    return _MONTHS[name.lower()]


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
