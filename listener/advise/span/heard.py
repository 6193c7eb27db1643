"""What was heard of a week or a month and what was not, and the alerts that rang in it. Pure."""

from datetime import timedelta

from listener.advise.quotes import clean
from listener.advise.span.facts import SourceHours, SpanFacts
from listener.advise.span.model import SpanAlert, SpanCoverage, SpanHeard, SpanHearing
from listener.records import AlertState

_WORST: dict[SpanHeard, int] = {
    "blocked": 0, "robots": 0, "gone": 1, "unreadable": 2, "config": 2, "late": 3, "partly": 4, "afterwards": 5,
    "not-yet": 6, "heard": 7,
}  # fmt: skip
_DOWN: frozenset[SpanHeard] = frozenset({"robots", "blocked", "gone", "unreadable", "config", "late"})


def coverage_of(facts: SpanFacts) -> SpanCoverage:
    """Hours heard of hours possible, and each source that was not heard throughout, the worst first."""
    lines = [_hearing(source) for source in facts.sources]
    lines.sort(key=lambda line: (_WORST[line.state], -line.silent, line.title))
    counted = [line for line in lines if line.state != "not-yet"]
    return SpanCoverage(
        heard=sum(line.state in {"heard", "partly", "afterwards"} for line in counted),
        total=len(counted),
        hours=sum(line.possible if line.state == "afterwards" else line.heard for line in counted),
        possible=sum(line.possible for line in counted),
        lines=tuple(line for line in lines if line.state != "heard"),
        muted=facts.muted,
        copies=facts.copies,
        campaigns=facts.campaigns,
    )


def _hearing(source: SourceHours) -> SpanHearing:
    """A source of which nothing was heard bears the reason for which most of its visits failed."""
    why = next((one for one in source.missed if one.state in _DOWN), None)
    state: SpanHeard = "partly"
    if source.possible <= 0:
        state = "not-yet"
    elif source.heard >= source.possible:
        state = "heard"
    elif source.heard == 0 and source.read:
        state = "afterwards"
    elif source.heard == 0:
        state = why.state if why else "late"  # type: ignore[assignment]  # one of _DOWN, which mypy does not see
    return SpanHearing(
        clean(source.line.source, 60),
        state,
        min(source.heard, source.possible),
        source.possible,
        source.silent,
        source.silent_from,
        clean(f"{why.state}: {why.detail}" if why and why.detail else why.state if why else "", 160),
    )


def alerts_of(facts: SpanFacts) -> tuple[SpanAlert, ...]:
    """Alerts that were opened in the period, or stood open when it began; oldest first, as they stood at its end."""
    topics = {topic.id: topic for topic in facts.known_topics}
    start, end = facts.period.start(facts.brand.zone), facts.period.end(facts.brand.zone)
    found = []
    for one in sorted(facts.alerts, key=lambda one: (one.alert.opened, one.alert.key)):
        alert = one.alert
        if alert.opened >= end or (alert.closed is not None and alert.closed < start):
            continue
        closed = alert.closed if alert.closed and alert.closed < end else None
        taken = alert.acknowledged if alert.acknowledged and alert.acknowledged < end else None
        state: AlertState = "closed" if closed else "acknowledged" if taken else "open"
        if state == "open" and alert.state == "escalated":
            state = "escalated"
        found.append(
            SpanAlert(
                topics.get(alert.topic),
                alert.severity,
                state,
                alert.opened,
                max(alert.total, alert.voices),
                tuple((who, when) for who, when in one.told if when < end + timedelta(hours=1)),
                taken,
                alert.acknowledged_by if taken else "",
                closed,
            )
        )
    return tuple(found)
