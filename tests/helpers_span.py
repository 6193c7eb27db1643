"""Facts of a week, easily built on the small world of helpers_advise."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from listener.advise.span.facts import SourceHours, SpanFacts
from listener.advise.span.period import Period, period_of
from listener.store.protocol import BalanceLine
from listener.store.spanned import SpanBooked, SpanDay, SpanRisks, SpanTopic, SpanTotals
from tests.helpers_advise import BRAND, DAY, TOPICS, source

WEEK = period_of("week", DAY)  # Monday 16 to Sunday 22 March 2026
POINTS = {topic.id: topic.touchpoint for topic in TOPICS}


def hours(name: str = "forum", heard: int = 168, possible: int = 168, read: bool = False) -> SourceHours:
    silent = possible - heard
    since = datetime.fromisoformat("2026-03-16T00:00:00Z") if silent else None
    return SourceHours(source(name).line, possible, heard, silent, since, read, ())


def booked(day: date, reason: str, amount: float) -> SpanBooked:
    point = POINTS.get(reason, "relationship")
    return SpanBooked(day, reason, point, max(amount, 0.0), min(amount, 0.0), 1)


def span_facts(rows: Sequence[SpanBooked] = (), period: Period = WEEK, **more: object) -> SpanFacts:
    """Facts of WEEK with these entries; ten voices in it, heard all through and listened to since 1 March."""
    days = sorted({row.day for row in rows})
    lines = tuple(
        BalanceLine(
            day,
            sum(row.deposits for row in rows if row.day == day),
            sum(row.withdrawals for row in rows if row.day == day),
        )
        for day in days
    )
    inside = [row for row in rows if period.before.first <= row.day <= period.last]
    fields: dict[str, object] = {
        "brand": BRAND,
        "period": period,
        "totals": SpanTotals(12, 10, 5, 2, 0.7),
        "before": SpanTotals(9, 8, 3, 2),
        "days": tuple(SpanDay(period.last - timedelta(days=back), 2, 2) for back in range(13, -1, -1)),
        "topics": tuple(
            SpanTopic(
                topic,
                len([row for row in inside if row.reason == topic and period.holds(row.day)]),
                1,
                len([row for row in inside if row.reason == topic and not period.holds(row.day)]),
                tuple((row.day, 1) for row in inside if row.reason == topic),
            )
            for topic in sorted({row.reason for row in inside if row.reason})
        ),
        "booked": tuple(inside),
        "places": (),
        "threads": (),
        "balance_lines": lines,
        "risks": SpanRisks(0, (), 0, 0, 0.0, ()),
        "alerts": (),
        "matters": (),
        "evidence": {},
        "in_threads": {},
        "sources": (hours(),),
        "known_topics": TOPICS,
        "versions": (("engine 1", 12),),
        "heard_from": date(2026, 3, 1),
    }
    return SpanFacts(**{**fields, **more})  # type: ignore[arg-type]  # a test's shorthand
