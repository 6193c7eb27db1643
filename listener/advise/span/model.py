"""The digest of a week or a month before it is put into words: numbers, ids and chosen posts. Frozen.

Amounts are love units (LU), times aware UTC, shares 0…1, days in the brand's zone; `before` is the period before.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from listener.advise.facts import Accuracy
from listener.advise.model import AccountDay, Direction, Quote, VoiceDay
from listener.advise.span.period import Period
from listener.advise.usual import GrowthKind, Usual
from listener.config import Names, Topic
from listener.records import AlertState, Severity
from listener.store.spanned import SpanRisks, SpanTotals
from listener.store.taken import MutedCount

CauseKind: TypeAlias = Literal["topic", "source", "thread"]
MatterState: TypeAlias = Literal["waiting", "answered", "closed-answered", "closed-cooled"]
SpanSure: TypeAlias = Literal["far", "edge", "few", "inside", "one", ""]
SpanHeard: TypeAlias = Literal[
    "heard", "partly", "afterwards", "late", "robots", "blocked", "unreadable", "gone", "config", "not-yet"
]


@dataclass(frozen=True, slots=True)
class Cause:
    """What moved the account.

    Attributes:
        topic: of kind "topic"; None there for what was booked under none.
        title, url: of a source or a thread. post_key: of a thread's first post.
        net, net_before: what it brought in the two periods.
        share: of everything that moved the account in its direction; of a thread: its net as a part of all that was
            withdrawn, or deposited, in the period.
        answered: a thread in which the company wrote.
    """

    kind: CauseKind
    topic: Topic | None
    title: str
    url: str
    post_key: str
    voices: int
    voices_before: int
    net: float
    net_before: float
    share: float
    answered: datetime | None = None
    quote: Quote | None = None

    @property
    def moved(self) -> float:
        return self.net - self.net_before


@dataclass(frozen=True, slots=True)
class SpanMatter:
    """A matter that was advised on in the period, or was open in it.

    Attributes:
        voices: distinct in the period; None where the topic was two matters in it, for then they cannot be told apart.
        peak: most voices on one day of the period. net: what it cost or brought in the period.
        trend: the second half of its days in the period against the first; "" where it is closed.
        quote: only of those that were not closed at the period's end, or were the largest.
    """

    topic: Topic | None
    name: str
    first_advised: date
    state: MatterState
    answered: datetime | None
    closed: date | None
    voices: int | None
    peak: int
    net: float
    trend: GrowthKind | Literal[""]
    waiting_days: int
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class SpanPraise:
    """What was deposited under one praise topic (None: kind words under no topic)."""

    topic: Topic | None
    voices: int
    amount: float
    before: float
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A topic, or a touchpoint, beside the period before; voices are None for a touchpoint."""

    topic: Topic | None
    touchpoint: str
    voices: int | None
    voices_before: int | None
    net: float
    net_before: float
    moved: Literal["up", "down", ""] = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of a week, or a week of a month. `balance` is that at its end; withdrawals ≤ 0."""

    part: Period
    deposits: float
    withdrawals: float
    balance: float
    voices: int | None


@dataclass(frozen=True, slots=True)
class SpanAccount:
    """The account in the period.

    Attributes:
        bars: of the period; `chart`: with those before it.
        before: balance at the end of the period before; None where nobody had been listened to.
        net_before: what that period brought; None where it was not listened to throughout.
        moved_before: all that moved in it, either way.
        usual: what such a period brings, once there are enough of them.
    """

    bars: tuple[Bar, ...]
    chart: tuple[AccountDay, ...]
    deposits: float
    withdrawals: float
    balance: float
    before: float | None
    net_before: float | None
    moved_before: float
    usual: Usual | None

    @property
    def net(self) -> float:
        return self.deposits + self.withdrawals


@dataclass(frozen=True, slots=True)
class SpanVerdict:
    """What the one line says: see compose.py.

    Attributes:
        cause: the topic that moved the account most (index into SpanDigest.causes).
        matter: index into SpanDigest.matters of one that waits and is to be named.
    """

    direction: Direction
    cause: int | None = None
    matter: int | None = None
    sure: SpanSure = ""


@dataclass(frozen=True, slots=True)
class SpanHearing:
    """One source over the period; `silent` is its longest silence in hours, `missed` why visits failed."""

    title: str
    state: SpanHeard
    heard: int
    possible: int
    silent: int
    silent_from: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class SpanCoverage:
    """What was heard: sources, and hours of those possible. `lines` are the sources that were not heard throughout."""

    heard: int
    total: int
    hours: int
    possible: int
    lines: tuple[SpanHearing, ...]
    muted: tuple[MutedCount, ...] = ()
    copies: int = 0
    campaigns: int = 0

    @property
    def blind(self) -> int:
        return self.total - self.heard

    @property
    def share(self) -> float:
        return self.hours / self.possible if self.possible else 0.0

    @property
    def trust(self) -> Literal["full", "most", "none"]:
        """Whether silence may be believed; as Coverage.trust of a day."""
        if self.total == 0 or self.heard * 3 < self.total * 2 or self.share * 3 < 2:
            return "none"
        return "full" if self.heard == self.total and self.share > 0.95 else "most"


@dataclass(frozen=True, slots=True)
class SpanAlert:
    """An alert of the period; `topic` None: about all talk of the brand. `told`: (who, when first)."""

    topic: Topic | None
    severity: Severity
    state: AlertState
    opened: datetime
    voices: int
    told: tuple[tuple[str, datetime], ...]
    acknowledged: datetime | None
    acknowledged_by: str
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class SpanShare:
    """A brand among its rivals. `love`: its part of the balances above zero; None where none is, or it has none."""

    name: Names
    own: bool
    voices: int
    share: float
    share_before: float | None
    balance: float | None
    change: float | None
    love: float | None


@dataclass(frozen=True, slots=True)
class SpanDigest:
    """One brand's week or month, ready to be put into words."""

    brand: str
    name: Names
    own_names: tuple[str, ...]
    zone: str
    period: Period
    late: bool
    verdict: SpanVerdict
    account: SpanAccount
    totals: SpanTotals
    before: SpanTotals | None
    voice_days: tuple[VoiceDay, ...]
    causes: tuple[Cause, ...]
    matters: tuple[SpanMatter, ...]
    more_matters: int
    praise: tuple[SpanPraise, ...]
    topics: tuple[SpanRow, ...]
    touchpoints: tuple[SpanRow, ...]
    risks: SpanRisks
    alerts: tuple[SpanAlert, ...]
    coverage: SpanCoverage
    shares: tuple[SpanShare, ...]
    versions: tuple[tuple[str, int], ...]
    accuracy: Accuracy | None
    half_life_days: float
    heard_from: date | None
