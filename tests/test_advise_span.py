"""Weeks and months: their calendar, what their one line may say, what moved the account, and what is quoted."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.advise.redact import redact
from listener.advise.span.compose import compose_span
from listener.advise.span.facts import RivalSpan
from listener.advise.span.model import SpanDigest
from listener.advise.span.period import Kind, Period, period_of
from listener.advise.span.render import pictures_of, render_span
from listener.advise.span.share import share_out
from listener.records import Judged
from listener.store.protocol import Matter
from listener.store.spanned import SpanBooked, SpanThread, SpanTotals
from tests.helpers_advise import DAY, at, names, post
from tests.helpers_span import WEEK, booked, hours, span_facts

MONDAY = WEEK.first


def week_before(day: date = MONDAY, back: int = 1) -> date:
    return day - timedelta(days=7 * back)


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_periods_hold_their_day_follow_each_other_and_are_made_of_their_parts(day: date, kind: Kind) -> None:
    period = period_of(kind, day)
    assert period.holds(day)
    assert period.before.last + timedelta(days=1) == period.first
    assert all(period_of(kind, one) == period for one in (period.first, period.last))
    parts = period.parts()
    assert sum(part.days for part in parts) == period.days
    assert parts[0].first == period.first
    assert all(a.last + timedelta(days=1) == b.first for a, b in pairwise(parts))
    if kind == "week":
        assert (period.first.weekday(), period.days) == (0, 7)
    if kind == "month":
        assert (period.first.day, (period.last + timedelta(days=1)).day) == (1, 1)


def test_a_week_with_a_change_of_clocks_is_an_hour_shorter() -> None:
    week, zone = period_of("week", date(2026, 3, 29)), ZoneInfo("Europe/Berlin")
    assert week.end(zone) - week.start(zone) == timedelta(hours=167)


ILL, WELL = booked(MONDAY, "outage", -40), booked(MONDAY, "outage", -8)
WAS_ILL, WAS_WELL = booked(week_before(), "outage", -40), booked(week_before(), "outage", -8)
DEAF = {"sources": (hours(heard=40),)}


@pytest.mark.parametrize(
    ("rows", "more", "direction"),
    [
        ((), {"totals": SpanTotals()}, "zero"),
        ((ILL, WAS_WELL), {}, "worse"),
        ((WELL, WAS_ILL), {}, "better"),
        ((WELL, WAS_WELL), {}, "same"),
        ((ILL,), {"heard_from": MONDAY}, "first"),
        # Too little was heard: calm and good news cannot be told, bad news can.
        ((WELL, WAS_WELL), DEAF, "unknown"),
        ((WELL, WAS_ILL), DEAF, "unknown"),
        ((ILL, WAS_WELL), DEAF, "worse"),
    ],
)  # fmt: skip
def test_the_rules_of_the_line(rows: tuple[SpanBooked, ...], more: dict[str, Any], direction: str) -> None:
    assert compose_span(replace(span_facts(rows), **more)).verdict.direction == direction


def test_a_usual_week_is_known_after_four_and_counts_before_the_last_one_does() -> None:
    usual = [booked(week_before(back=n), "outage", -30 - n) for n in range(1, 5)]
    last = booked(week_before(), "outage", -2)
    digest = compose_span(span_facts([*usual[1:], last, booked(MONDAY, "outage", -31)], heard_from=date(2026, 1, 1)))
    assert digest.account.usual is not None
    assert (digest.account.usual.low, digest.account.usual.high, digest.account.usual.days) == (-34, 0, 8)
    assert digest.verdict.direction == "same", "much worse than the week before, yet within what is usual"
    young = compose_span(span_facts(usual[:3], heard_from=week_before(back=3)))
    assert young.account.usual is None


def test_the_cause_is_the_topic_behind_a_third_of_the_fall() -> None:
    rows = [
        booked(MONDAY, "data-misuse", -30), booked(MONDAY, "outage", -10), booked(MONDAY, "billing-error", -10),
        booked(week_before(), "great-service", 9),
    ]  # fmt: skip
    digest = compose_span(span_facts(rows))
    assert digest.verdict.cause is not None
    cause = digest.causes[digest.verdict.cause]
    assert (cause.topic and cause.topic.id, cause.moved) == ("data-misuse", -30)
    assert cause.share == pytest.approx(30 / 59), "what was deposited before and is not now pulls down too"
    even = [booked(MONDAY, topic, -10) for topic in ("data-misuse", "outage", "billing-error", "hidden-fees")]
    assert compose_span(span_facts(even)).verdict.cause is None


def matter(topic: str, advised: date, closed: date | None = None, outcome: str = "", answered: bool = False) -> Matter:
    when = at(advised, "10:00")
    return Matter(
        "wagtail", topic, when, advised, advised, 5, 5, when + timedelta(hours=5) if answered else None, closed, outcome
    )


def test_matters_tell_what_became_of_them_by_the_end_of_the_week() -> None:
    after = WEEK.last + timedelta(days=3)
    found = compose_span(
        span_facts(
            [booked(MONDAY, "outage", -12)],
            matters=(
                matter("outage", MONDAY),
                matter("billing-error", MONDAY, MONDAY + timedelta(days=3), "answered", answered=True),
                matter("hidden-fees", MONDAY, after, "cooled"),
                matter("safety", week_before(), MONDAY, "cooled"),
            ),
        )
    ).matters
    assert [(one.name, one.state) for one in found] == [
        ("outage", "waiting"), ("hidden-fees", "waiting"), ("safety", "closed-cooled"),
        ("billing-error", "closed-answered"),
    ]  # fmt: skip
    assert (found[0].net, found[0].peak, found[0].waiting_days) == (-12, 1, 7)


def test_no_post_is_quoted_twice_and_none_of_another_sign() -> None:
    sore = [post(f"s{n}", f"It is down again, hour {n}.", at(MONDAY), ("outage",), -0.8) for n in range(4)]
    rows = [booked(MONDAY, "outage", -40), booked(MONDAY, "data-misuse", 4), booked(week_before(), "data-misuse", -30)]
    thread = SpanThread(
        "https://forum.example/t/1", "Down", "forum.example", "outage", 5, 5, 5, -40.0, 0.0, at(MONDAY), at(MONDAY),
        None, "s0",
    )  # fmt: skip
    digest = compose_span(
        span_facts(
            rows,
            evidence={"outage": tuple(sore), "data-misuse": tuple(sore)},
            in_threads={thread.url: tuple(sore)},
            threads=(thread,),
            matters=(matter("outage", MONDAY),),
        )
    )
    quotes = [*(cause.quote for cause in digest.causes), *(one.quote for one in digest.matters)]
    quoted = [quote.post_key for quote in quotes if quote]
    assert len(quoted) == len(set(quoted)) == 3
    eased = next(one for one in digest.causes if one.topic and one.topic.id == "data-misuse")
    assert eased.moved > 0
    assert eased.quote is None, "a complaint that eased has nothing to show"


def hostile(key: str) -> Judged:
    text = "<script>alert(1)</script> Wagtail sold my number 0912-345-678, write to ann@home.example \u202e=cmd()"
    return post(key, text, at(MONDAY), ("outage",), -0.9, thread_title="</td><b>x", url="javascript:alert(1)")


def bad_week() -> SpanDigest:
    rows = [booked(MONDAY, "outage", -40), booked(week_before(), "great-service", 9)]
    return compose_span(span_facts(rows, evidence={"outage": (hostile("h1"), hostile("h2"))}, late=True))


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_the_page_is_small_whole_and_safe(language: str) -> None:
    digest = bad_week()
    pictures = pictures_of(digest)
    page = render_span(digest, language, redact, pictures)
    assert render_span(digest, language, redact, pictures_of(digest)) == page, "the same week, the same bytes"
    assert len(page.html.encode()) < 100_000
    assert "<script>" not in page.html
    assert "javascript:" not in page.html + page.text
    for secret in ("0912-345-678", "ann@home.example", "\u202e"):
        assert secret not in page.html + page.text + page.facts
    assert "sold my number" not in page.facts
    assert page.evidence in (("h1",), ("h2",))
    assert all(f"cid:{picture.content_id}" in page.html for picture in page.attachments)
    assert page.html.count("alt=") == 2
    for number in ("−40", "+9"):
        assert number in page.text, "both languages tell the same figures"
    assert "{" not in page.text


def test_a_silent_week_says_whether_to_believe_it() -> None:
    silent = span_facts((), totals=SpanTotals(), days=())
    told = {}
    for heard in (168, 130, 20):
        digest = compose_span(replace(silent, sources=(hours(heard=heard),)))
        told[heard] = render_span(digest, "en", str, pictures_of(digest)).verdict
    assert "this silence is real" in told[168]
    assert "not as “not said”" in told[130]
    assert told[20].startswith("Cannot tell")
    nobody = compose_span(replace(silent, sources=()))
    assert render_span(nobody, "en", str, pictures_of(nobody)).verdict.startswith("Cannot tell: no source")


def test_better_than_before_and_yet_a_loss_is_said_so() -> None:
    digest = compose_span(span_facts([booked(MONDAY, "outage", -8), booked(week_before(), "outage", -40)]))
    assert "still fell, by 8 LU" in render_span(digest, "en", str, pictures_of(digest)).verdict


def test_a_month_is_told_by_its_weeks() -> None:
    month = period_of("month", DAY)
    digest = compose_span(span_facts([booked(MONDAY, "outage", -8)], month))
    bars = digest.account.bars
    assert [(bar.part.first.day, bar.part.last.day) for bar in bars] == [
        (1, 1),
        (2, 8),
        (9, 15),
        (16, 22),
        (23, 29),
        (30, 31),
    ]
    assert [bar.withdrawals for bar in bars] == [0, 0, 0, -8, 0, 0]
    assert sum(bar.deposits + bar.withdrawals for bar in bars) == digest.account.net
    page = render_span(digest, "zh-Hant", str, pictures_of(digest))
    assert "2026年3月" in page.subject


def test_shares_of_voice_and_love() -> None:
    brands = [
        RivalSpan(names("Own", "自"), True, 30, 10, 60.0, 50.0),
        RivalSpan(names("Sour", "酸"), False, 50, 30, -9.0, None),
        RivalSpan(names("Loved", "愛"), False, 20, 0, 20.0, 20.0),
    ]  # fmt: skip
    found = {one.name.en: one for one in share_out(brands)}
    assert list(found) == ["Sour", "Own", "Loved"]
    assert [one.share for one in found.values()] == [0.5, 0.3, 0.2]
    assert [one.love for one in found.values()] == [0.0, 0.75, 0.25]
    assert [one.change for one in found.values()] == [None, 10.0, 0.0]
    assert all(one.love is None for one in share_out(brands[1:2])), "of no love there is no share"
    assert Period("day", DAY, DAY).before.last == DAY - timedelta(days=1)
