"""A longer time of one brand, counted: the records, and that part of the store's protocol.

A span is a period and the one of the same length before it. See spans.py for how SQLite counts them.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from listener.records import Judged

RiskKind: TypeAlias = Literal["leaving", "betrayal", "small disappointments"]


@dataclass(frozen=True, slots=True)
class SpanTotals:
    """What a period came to. `voices` are distinct in it; `platforms` are the sites they wrote on."""

    mentions: int = 0
    voices: int = 0
    negative_voices: int = 0
    platforms: int = 0
    confidence: float = 0.0  # mean of the judge's own


@dataclass(frozen=True, slots=True)
class SpanDay:
    """Distinct voices of one day in the brand's zone."""

    day: date
    mentions: int
    voices: int


@dataclass(frozen=True, slots=True)
class SpanTopic:
    """A topic in the period and the one before; `days` are (day, distinct voices), ascending, over both."""

    topic: str
    voices: int
    posts: int
    voices_before: int
    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class SpanBooked:
    """What was booked on one day under one topic ("" for none) at one touchpoint; withdrawals ≤ 0."""

    day: date
    reason: str
    touchpoint: str
    deposits: float
    withdrawals: float
    entries: int


@dataclass(frozen=True, slots=True)
class SpanSource:
    """A source in both periods: distinct voices and net love units."""

    source: str
    voices: int
    voices_before: int
    net: float
    net_before: float


@dataclass(frozen=True, slots=True)
class SpanThread:
    """A thread of the period. `topic` is what most of its voices spoke of; `answered` the brand's first post in it.

    `post_key` is its first post about the brand.
    """

    url: str
    title: str
    platform: str
    topic: str
    voices: int
    negative_voices: int
    posts: int
    net: float
    net_before: float
    first: datetime
    last: datetime
    answered: datetime | None
    post_key: str


@dataclass(frozen=True, slots=True)
class SpanRisk:
    """A relationship at risk at the period's end, as the day's digest knows it (lovebank.relationships).

    `fresh`: what put it at risk happened in the period. `left`: it said so itself in the period, for the first time
    in the five weeks that are looked at.
    """

    voice: str
    balance: float
    reasons: tuple[RiskKind, ...]
    withdrawals: int
    last_at: datetime
    fresh: bool
    left: bool


@dataclass(frozen=True, slots=True)
class SpanRisks:
    """All of them counted, and the gravest of those that are fresh."""

    total: int
    by_reason: tuple[tuple[RiskKind, int], ...]
    fresh: int
    left: int
    left_balance: float  # what the accounts of those who left hold together, LU
    gravest: tuple[SpanRisk, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """Hours of a period in which visits to a source failed, by why; `detail` is the newest of that kind."""

    source: str
    state: str
    hours: int
    first: datetime
    last: datetime
    detail: str


class Span(Protocol):
    """The counted rows of one brand; every method is one question to them."""

    def totals(self) -> tuple[SpanTotals, SpanTotals]:
        """(the period, the one before)."""

    def days(self) -> tuple[SpanDay, ...]:
        """Days with a voice, ascending, from five weeks before the period's end at least."""

    def topics(self) -> tuple[SpanTopic, ...]: ...
    def booked(self) -> tuple[SpanBooked, ...]:
        """Of both periods, by day."""

    def sources(self) -> tuple[SpanSource, ...]: ...
    def threads(self, most: int) -> tuple[SpanThread, ...]:
        """The `most` threads with most voices, those that cost most and those that brought most, each once."""

    def risks(self, since: date, heard_from: date, half_life_days: float, most: int) -> SpanRisks:
        """Relationships at risk. `since`: first day whose entries count; `heard_from`: who was not heard from then on
        is not listed, and what was said of leaving before it is not looked at.
        """

    def versions(self) -> tuple[tuple[str, int], ...]:
        """What judged the period's mentions, most of them first."""

    def telling(self, topic: str, sign: int, most: int) -> Sequence[Judged]:
        """Posts of the period that show a topic (or, "", a feeling) best: the surest and the most echoed; `sign` −1
        for complaints, +1 for praise. Some of the company's own are not among them.
        """

    def in_thread(self, url: str, most: int) -> Sequence[Judged]:
        """The same, of one thread."""

    def copies(self) -> tuple[int, int]:
        """(posts of the period that say what another had said, texts that came from many new names at once)."""


class Spanning(Protocol):
    """The part of protocol.Store under "longer times"."""

    def span(
        self, brand: str, before: date, first: date, last: date, kindly: Collection[str]
    ) -> AbstractContextManager[Span]:
        """Lay out a brand's mentions from `before` (the first day of the period before) to `last`, all in its zone.

        What is muted, deleted or backfilled is left out, as everywhere. `kindly`: topics that do not count where they
        are told kindly (complaints, strains). Sees what is committed.
        """

    def span_voices(self, brand: str, first: date, last: date) -> int:
        """Distinct voices that spoke of a brand from `first` to `last`, as a span counts them."""

    def missed(self, since: datetime, until: datetime) -> list[Missed]:
        """Failed hours by source and kind, most hours first."""
