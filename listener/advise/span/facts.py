"""What the digest of a week or a month is made from: one frozen record that report/periods.py fills from the store.

`compose_span(facts)` is pure. Nothing here grows with the number of posts: the store has counted them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from listener.advise.facts import Accuracy
from listener.advise.span.period import Period
from listener.config import Brand, Names, Topic
from listener.records import Alert, Judged
from listener.store.gathered import SourceLine
from listener.store.protocol import BalanceLine, Matter
from listener.store.spanned import Missed, SpanBooked, SpanDay, SpanRisks, SpanSource, SpanThread, SpanTopic, SpanTotals
from listener.store.taken import MutedCount


@dataclass(frozen=True, slots=True)
class SourceHours:
    """One source in the period.

    Attributes:
        possible: hours in which it could have been heard: those of the period since it was first listened to.
        heard: of these. silent: the longest run of hours that were not heard, from `silent_from` on.
        read: posts of the period came from it, so it was read afterwards if no hour was heard.
        missed: why visits failed, most hours first.
    """

    line: SourceLine
    possible: int
    heard: int
    silent: int
    silent_from: datetime | None
    read: bool
    missed: tuple[Missed, ...]


@dataclass(frozen=True, slots=True)
class AlertTold:
    """An alert of the period; `told` are (who, when) of its first mail or note to each."""

    alert: Alert
    told: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class RivalSpan:
    """A brand in the period, for share of voice and share of love. `own` marks the brand itself."""

    name: Names
    own: bool
    voices: int
    voices_before: int
    balance: float | None
    balance_before: float | None


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """Everything about one brand's week or month.

    Attributes:
        totals, before: of the period and the one before.
        days: with voices, from five weeks before the end at least.
        booked: of both periods.
        balance_lines: all days with entries up to the last day, ascending.
        threads: the largest, costliest and most generous of the period.
        matters: advised in the period, or open in it.
        evidence: topic ("" for kind words under none) → posts that show it best, to choose quotes from.
        in_threads: thread URL → the same.
        sources: every active one that listens for the brand.
        heard_from: first day on which the brand was listened to; None: never.
        versions: what judged, and how many of the period's mentions.
        rivals: with the brand itself among them; empty where it has none.
    """

    brand: Brand
    period: Period
    totals: SpanTotals
    before: SpanTotals
    days: tuple[SpanDay, ...]
    topics: tuple[SpanTopic, ...]
    booked: tuple[SpanBooked, ...]
    places: tuple[SpanSource, ...]
    threads: tuple[SpanThread, ...]
    balance_lines: tuple[BalanceLine, ...]
    risks: SpanRisks
    alerts: tuple[AlertTold, ...]
    matters: tuple[Matter, ...]
    evidence: Mapping[str, tuple[Judged, ...]]
    in_threads: Mapping[str, tuple[Judged, ...]]
    sources: tuple[SourceHours, ...]
    known_topics: tuple[Topic, ...]
    versions: tuple[tuple[str, int], ...]
    heard_from: date | None = None
    muted: tuple[MutedCount, ...] = ()
    copies: int = 0
    campaigns: int = 0
    accuracy: Accuracy | None = None
    rivals: tuple[RivalSpan, ...] = ()
    late: bool = False
    half_life_days: float = 90.0
