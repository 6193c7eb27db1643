"""The kinds of values that stand in the config: what each may be, and what is said where it is not."""

import re
from datetime import date, time
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator

from listener.config.lines import nearest
from listener.hours import Hours


def as_tuple(value: Any) -> Any:
    """TOML's lists as tuples, which stay as they are; anything else is left for pydantic to refuse."""
    return tuple(value) if isinstance(value, list) else value


def zone_name(name: str) -> str:
    """`name` if it is a time zone; else ValueError with the nearest one."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = nearest(name, available_timezones()) or '; write one like "Asia/Taipei" or "UTC"'
        raise ValueError(f"{name!r} is no time zone{near}") from error
    return name


def _url(url: str) -> str:
    if not url.startswith(("http://", "https://", "nntp://", "nntps://", "file:")):
        raise ValueError(f"{url!r} should begin with http:// or https://")
    if not url.startswith("file:") and not urlsplit(url).hostname:
        raise ValueError(f"{url!r} names no host")
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise ValueError(f"{url!r} names a port that is none; ports are numbers up to 65535") from error
    return url


def _rule_url(url: str) -> str:
    if url and not (url.startswith(("http://", "https://")) and urlsplit(url).hostname):
        raise ValueError(f"{url!r} should begin with http:// or https://")
    return url


def _id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        raise ValueError(f"{text!r} should be lower-case letters, digits and hyphens, at most 40")
    return text


def _source_name(text: str) -> str:
    if not re.fullmatch(r"[^\s:/][^:/\r\n]{0,79}", text):
        raise ValueError(f"{text!r} should be one line of at most 80 characters, without ':' and '/'")
    return text


def mail_address(text: str) -> str:
    """`text` if it is a bare mail address; else ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^@\s<>,;:\"()\[\]\\]+", text):
        raise ValueError(f"{text!r} is no mail address; write one like name@example.org, in ASCII before the @")
    return text


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):  # the value is not shown: it may be the secret itself
        raise ValueError("should be the name of an environment variable, like LISTENER_ROOM_URL, never its value")
    return text


def _time_of_day(value: Any) -> Any:
    """07:00:00 is a time in TOML; a bare 7 would be read as seven seconds past midnight."""
    if not isinstance(value, (time, str)) or (isinstance(value, time) and value.tzinfo):
        raise ValueError("write a time of day like 07:00:00, without a zone")
    return value


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _days(value: Any) -> Any:
    """Dates (TOML's own too) as "2026-12-25", weekdays as "sat"."""
    if not isinstance(value, (list, tuple)):
        raise ValueError('write a list of days, like ["sat", "sun", "2026-12-25"]')
    days = [day.isoformat() if type(day) is date else str(day).strip().lower() for day in value]
    for day in days:
        try:
            known = day in WEEKDAYS or date.fromisoformat(day).isoformat() == day
        except ValueError:
            known = False
        if not known:
            raise ValueError(f'{day!r} is no day; write one like "2026-12-25", or "sat" for every Saturday')
    return tuple(days)


def _hours(text: str) -> str:
    if text:
        Hours.parse(text)
    return text


Id = Annotated[str, AfterValidator(_id)]
Zone = Annotated[str, AfterValidator(zone_name)]
MailAddress = Annotated[str, AfterValidator(mail_address)]
SourceName = Annotated[str, AfterValidator(_source_name)]
SourceUrl = Annotated[str, AfterValidator(_url)]
RuleUrl = Annotated[str, AfterValidator(_rule_url)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
HoursText = Annotated[str, AfterValidator(_hours)]
Days = Annotated[tuple[str, ...], BeforeValidator(_days)]
Variable = Annotated[str, AfterValidator(_variable)]
Language = Literal["en", "zh-Hant"]
Strings = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(as_tuple)]
Periods = Annotated[tuple[Literal["day", "week", "month"], ...], BeforeValidator(as_tuple)]
