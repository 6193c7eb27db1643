"""Dates as forums write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from spiders.pages.dates import month_first, node_date, parse_date
from spiders.pages.thread import Page
from tests.helpers_net import NOW

TAIPEI = ZoneInfo("Asia/Taipei")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon Mar 02, 2026 8:14 pm", "2026-03-02T12:14"),
        ("by Ann » Mon Mar 02, 2026 12:05 am", "2026-03-01T16:05"),
        ("11. Sep 2024, 18:36", "2024-09-11T10:36"),
        ("2 March 2026 - 09:15", "2026-03-02T01:15"),
        ("March 2nd, 2026, 09:15 AM", "2026-03-02T01:15"),
        ("Jan. 5, 2026, 3:04 p.m.", "2026-01-05T07:04"),
        ("Jan. 5, 2026, 3 p.m.", "2026-01-05T07:00"),
        ("Jan. 5, 2026, noon", "2026-01-05T04:00"),
        ("Jan. 5, 2026, midnight", "2026-01-04T16:00"),
        ("2026-03-02T20:14:00+00:00", "2026-03-02T20:14"),
        ("2026-03-02T20:14:00Z", "2026-03-02T20:14"),
        ("2026-03-02 20:14", "2026-03-02T12:14"),
        ("2026/3/2 20:14:09", "2026-03-02T12:14"),
        ("2026年3月2日 下午2:05", "2026-03-02T06:05"),
        ("2026年3月2日 上午12:05", "2026-03-01T16:05"),
        ("民國115年3月2日 14:05", "2026-03-02T06:05"),
        ("115/03/02 14:05", "2026-03-02T06:05"),
        ("2026년 3월 2일 14:05", "2026-03-02T06:05"),
        ("Wed Mar  4 19:34:47 2026 UTC", "2026-03-04T19:34"),
        ("Mon Mar  2 20:14:09 2026", "2026-03-02T12:14"),
        ("Ven 7 Fév 2025 08:23", "2025-02-07T00:23"),
        ("3. März 2025, 18:36", "2025-03-03T10:36"),
        ("2 de marzo de 2026 10:00", "2026-03-02T02:00"),
        ("Mar 2, 14:05", "2026-03-02T06:05"),
        ("12月31日 14:05", "2025-12-31T06:05"),
        ("vor 3 Stunden", "2026-03-22T09:00"),
        ("il y a 3 heures", "2026-03-22T09:00"),
        ("hace 3 horas", "2026-03-22T09:00"),
        ("3 小時前發表", "2026-03-22T09:00"),
        ("半小時前", "2026-03-22T11:30"),
        ("5h", "2026-03-22T07:00"),
        ("剛剛", "2026-03-22T12:00"),
        ("03-02-2026, 06:46 PM", "2026-03-02T10:46"),
        ("08/02/2026 10:00", "2026-02-08T02:00"),
        ("02/04/2026 10:00", "2026-02-04T02:00"),
        ("今天 14:05", "2026-03-22T06:05"),
        ("昨天 14:05", "2026-03-21T06:05"),
        ("前天 14:05", "2026-03-20T06:05"),
        ("Yesterday, 2:05 pm", "2026-03-21T06:05"),
        ("Today at 02:05", "2026-03-21T18:05"),
        ("3 hours ago", "2026-03-22T09:00"),
        ("an hour ago", "2026-03-22T11:00"),
        ("5 分鐘前", "2026-03-22T11:55"),
        ("02/03/2026 10:00", "2026-03-02T02:00"),
        ("03/22/2026 10:00", "2026-03-22T02:00"),
    ],
)
def test_a_moment(text: str, moment: str) -> None:
    assert parse_date(text, NOW, TAIPEI) == (datetime.fromisoformat(moment).replace(tzinfo=UTC), "minute")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Hier à 20h14", "2026-03-21T20:14"),
        ("Aujourd’hui, 10:15", "2026-03-22T10:15"),
        ("lun. 2 mars 2026 20:14", "2026-03-02T20:14"),
        ("1er août 2025, 09:05", "2025-08-01T09:05"),
        ("Heute, 10:15", "2026-03-22T10:15"),
        ("Vorgestern um 20.14 Uhr", "2026-03-20T20:14"),
        ("Mo 2. Mär 2026, 20:14", "2026-03-02T20:14"),
        ("02.03.26, 20:14", "2026-03-02T20:14"),
        ("3. März, 14:05", "2026-03-03T14:05"),
        ("vor 1 Stunde, 5 Minuten", "2026-03-22T10:55"),
        ("vor einer Stunde", "2026-03-22T11:00"),
        ("hace 2 días, 3 horas", "2026-03-20T09:00"),
        ("ayer, 10:15 p. m.", "2026-03-21T22:15"),
        ("02 de marzo de 2026, 20:14", "2026-03-02T20:14"),
        ("há 3 horas", "2026-03-22T09:00"),
        ("Ontem às 20:14", "2026-03-21T20:14"),
        ("2 de março de 2026 20:14", "2026-03-02T20:14"),
        ("ieri, 20:14", "2026-03-21T20:14"),
        ("3 ore fa", "2026-03-22T09:00"),
        ("2 marzo 2026, 20:14", "2026-03-02T20:14"),
        ("3 uur geleden", "2026-03-22T09:00"),
        ("gisteren 20:14", "2026-03-21T20:14"),
        ("ma 2 mrt 2026, 20:14", "2026-03-02T20:14"),
        ("wczoraj, 20:14", "2026-03-21T20:14"),
        ("godzinę temu", "2026-03-22T11:00"),
        ("2 godziny temu", "2026-03-22T10:00"),
        ("2 marca 2026 20:14", "2026-03-02T20:14"),
        ("Вчера в 20:14", "2026-03-21T20:14"),
        ("5 минут назад", "2026-03-22T11:55"),
        ("02 мар 2026, 20:14", "2026-03-02T20:14"),
        ("för 3 timmar sedan", "2026-03-22T09:00"),
        ("昨日 20:14", "2026-03-21T20:14"),
        ("3時間前", "2026-03-22T09:00"),
        ("2026年3月2日(月) 20時14分", "2026-03-02T20:14"),
        ("오후 8:14, 2026년 3월 2일", "2026-03-02T20:14"),
        ("3시간 전", "2026-03-22T09:00"),
        ("1 hour and 5 minutes ago", "2026-03-22T10:55"),
        ("Saturday at 8:14 PM", "2026-03-21T20:14"),
        ("7/9/05 8:56 PM", "2005-07-09T20:56"),
        ("Today, 10:15 am", "2026-03-22T10:15"),
        ("by Ann » Today, 10:15 am", "2026-03-22T10:15"),
        ("on Friday January 12, 2024 @11:51AM (#641)", "2024-01-12T11:51"),
    ],
)
def test_a_moment_in_other_words(text: str, moment: str) -> None:
    day_first = None if text[:2] != "7/" else False
    assert parse_date(text, NOW, UTC, day_first) == (datetime.fromisoformat(moment).replace(tzinfo=UTC), "minute")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2 years, 3 months ago", "2023-12-21"),
        ("hier", "2026-03-21"),
        ("hace un mes", "2026-02-20"),
        ("2日前", "2026-03-20"),
    ],
)
def test_a_day_in_other_words(text: str, day: str) -> None:
    moment, precision = parse_date(text, NOW, UTC)
    assert (moment and f"{moment:%Y-%m-%d}", precision) == (day, "day")


@pytest.mark.parametrize(
    "text", ["2026-03-02", "2 Mar 2026", "民國115年3月2日", "3 days ago", "兩天前 2 天前", "Yesterday"]
)
def test_a_day_is_only_a_day(text: str) -> None:
    moment, precision = parse_date(text, NOW, TAIPEI)
    assert moment is not None
    assert precision == "day"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "31 Feb 2026",
        "2026-13-40 10:00",
        "12:30",
        "call 0800 123 456",
        "99999 years ago",
        "3 hours",
        "May",
        "1.115/3",
        "1394-11-27 10:00",  # of another calendar
        "version 1.10.26 is out",
        "10 decent people",
        "I said so yesterday to everybody who would listen to it, and nobody did",
        "it takes 3 hours and 20 minutes",
    ],
)
def test_no_date(text: str) -> None:
    assert parse_date(text, NOW, TAIPEI)[0] is None


@given(
    st.text(alphabet=st.sampled_from("0123456789 :/-.年月日前ago昨天民國janmarpmTZ+") | st.characters(), max_size=200)
)
def test_any_text_is_a_date_or_none(text: str) -> None:
    moment, precision = parse_date(text, NOW, TAIPEI)
    assert moment is None or moment.tzinfo is UTC
    assert precision in ("minute", "day")


@given(st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2100-01-01")))
def test_phpbb_and_iso_come_back_as_they_were(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    for text in (moment.strftime("%a %b %d, %Y %I:%M %p"), moment.strftime("%Y-%m-%d %H:%M")):
        assert parse_date(text, NOW, UTC) == (moment.replace(tzinfo=UTC), "minute")


def test_a_page_tells_which_number_is_the_month() -> None:
    assert month_first("04-09-2005 and 11-16-2005") is True
    assert month_first("09.04.2005 and 16.11.2005") is False
    assert month_first("04-09-2005") is None
    assert month_first("13.04.2005, and by mistake 04-16-2005, 14.04.2005") is False
    assert parse_date("04-09-2005 10:00", NOW, TAIPEI, day_first=False) == (
        datetime(2005, 4, 9, 2, 0, tzinfo=UTC),
        "minute",
    )


@pytest.mark.parametrize(
    "html",
    [
        '<time datetime="2026-03-02T20:14:00Z">now</time>',
        '<span><time datetime="2026-03-02T20:14:00Z">now</time></span>',
        '<span data-time="1772482440">now</span>',
        '<span data-timestamp="1772482440000">now</span>',
        '<span title="March 2, 2026 at 8:14 pm UTC">now</span>',
        '<span data-tippy-content="2026-03-02 20:14 UTC">now</span>',
        "<span>Mar 2, 2026 20:14 UTC</span>",
    ],
)
def test_an_element_declares_its_date_or_says_it(html: str) -> None:
    node = LexborHTMLParser(html).css_first("body > *")
    assert node_date(node, NOW, TAIPEI) == (datetime(2026, 3, 2, 20, 14, tzinfo=UTC), "minute")


@pytest.mark.parametrize(
    ("lang", "month"), [("en-US", 4), ("en-GB", 3), ("de", 3), ("fr-FR", 3), ("en", 3), ("zh-TW", 3), ("", 3)]
)
def test_a_page_in_some_language_tells_it_too(lang: str, month: int) -> None:
    page = Page(f'<html lang="{lang}"><body><i>04/03/2025 20:14</i></body></html>', "http://x.example/", NOW, UTC)
    moment, _ = page.date(page.tree.css_first("i"))
    assert moment is not None
    assert moment.month == month
