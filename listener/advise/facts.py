"""What a digest is made from: one frozen record that report/ fills from the store, and nothing else is asked.

`compose(facts)` is pure: the same facts give the same digest, whenever and wherever it is made.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias

from listener.config import Brand, Names, Playbook, Rule, Topic
from listener.records import Alert, Entry, Judged, Theme
from listener.store.gathered import SourceLine
from listener.store.protocol import BalanceLine, Matter
from listener.store.taken import MutedCount
from listener.store.triaged import TriageStatus

RiskReason: TypeAlias = Literal["leaving", "betrayal", "small disappointments"]

WINDOW_DAYS = 35  # of posts: the day and five weeks back, so that four same weekdays lie before it
ENTRY_DAYS = 90


@dataclass(frozen=True, slots=True)
class RelationshipRow:
    """One voice that may be lost, as the Love Bank sees it on the day.

    Attributes:
        voice: 16 hex digits, the keyed hash.
        balance: what this voice's account holds, love units.
        reasons: "leaving" (says so), "betrayal" (one withdrawal of −8 or worse), "small
            disappointments" (three withdrawals in 90 days and no deposit between); lovebank.Risk has the same.
        last_post_key, last_url, last_at: its newest post about the brand.
        withdrawals: how many in the last 90 days.
    """

    voice: str
    balance: float
    reasons: tuple[RiskReason, ...]
    last_post_key: str
    last_url: str
    last_at: datetime
    withdrawals: int = 0


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One source on the day.

    Attributes:
        line: its row for people (store.source_lines).
        heard_hours: hours of the day, 0…24, in which it was heard (length of store.heard_hours for the day).
        title: what to call it; the source's name if "".
        rule, rule_note, rule_url: whether a brand may post there, as sources.toml says (config.SourcePart).
    """

    line: SourceLine
    heard_hours: int
    title: str = ""
    rule: Rule = ""
    rule_note: Names | None = None
    rule_url: str = ""


@dataclass(frozen=True, slots=True)
class Hand:
    """What a colleague did with a matter on the pages of explore: `status` since then, and who has it (or set it)."""

    topic: str
    status: TriageStatus
    who: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Rival:
    """Another brand, for the share of voice.

    Attributes:
        voices_by_day: distinct voices a day, oldest first, the last is the digest's day; up to WINDOW_DAYS.
        balance: its Love Bank balance at the day's end; None if it keeps no account.
    """

    brand: str
    name: Names
    voices_by_day: tuple[int, ...]
    balance: float | None = None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often the judging agreed with people: ratios 0…1 over `n` posts.

    Attributes:
        topic: over what people said of topics; None if they said too little.
        low, high: within which the true share for feeling lies, at 95 %; None: not told.
        picked: people chose most of these posts themselves, or were shown the least sure: harder ones than most.
        shipped: not on the user's posts, but as it was measured before it shipped.
    """

    feeling: float
    topic: float | None
    n: int
    low: float | None = None
    high: float | None = None
    picked: bool = False
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about one brand's day.

    Attributes:
        brand: with its zone; the day runs from midnight to midnight there.
        judged: every mention from WINDOW_DAYS before the day's end up to it, in any order. Posts by the brand's own
            people (`by_brand`) are answers, not voices; leave them in.
        entries: the Love Bank's book of the last ENTRY_DAYS up to the day (more does no harm).
        balance_lines: all days with entries up to the day, ascending. The sign of `withdrawals` does not matter.
        relationships: those at risk at the day's end, most urgent first.
        sources: every active source that listens for this brand.
        alerts: the brand's alerts, open or not, that were opened before the day's end.
        matters: store.matters(brand, as_of=day): advised before the day, not closed before it.
        topics, playbook: of the config.
        versions: one line, what judged: "wagtail query 3f2a, topics 1, engine 1".
        heard_from: first day from which the brand was listened to; a day before it says nothing about what is usual.
            None: the day of the earliest mention.
        read_at: local hour of the next morning at which the digest is read ([service] digest_at); deadlines count
            from there.
        rivals: brands to compare with; may be empty.
        accuracy: on the user's labels once there are enough, else as it was shipped; None: neither is known.
        late: it is made after its time (the service slept).
        half_life_days: of the Love Bank.
        themes: what no topic explains (listener/themes), of the same window.
        muted: the day's mentions that count nowhere, and why; they are not in `judged`.
        hands: the brand's matters that colleagues took up before the digest is read, each topic once.
    """

    brand: Brand
    day: date
    judged: tuple[Judged, ...]
    entries: tuple[Entry, ...]
    balance_lines: tuple[BalanceLine, ...]
    relationships: tuple[RelationshipRow, ...]
    sources: tuple[SourceDay, ...]
    alerts: tuple[Alert, ...]
    matters: tuple[Matter, ...]
    topics: tuple[Topic, ...]
    playbook: Playbook
    versions: str
    heard_from: date | None = None
    read_at: time = time(7, 0)
    rivals: tuple[Rival, ...] = ()
    accuracy: Accuracy | None = None
    late: bool = False
    half_life_days: float = 90.0
    themes: tuple[Theme, ...] = ()
    muted: tuple[MutedCount, ...] = ()
    hands: tuple[Hand, ...] = ()

    @property
    def start(self) -> datetime:
        """The day's midnight, UTC."""
        return datetime.combine(self.day, time(), self.brand.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The next midnight, UTC: 23, 24 or 25 hours later."""
        return datetime.combine(self.day + timedelta(days=1), time(), self.brand.zone).astimezone(UTC)

    @property
    def reading(self) -> datetime:
        """When the digest is read, UTC."""
        return datetime.combine(self.day + timedelta(days=1), self.read_at, self.brand.zone).astimezone(UTC)

    def hand(self, topic: str, since: datetime) -> Hand | None:
        """Who has a matter that began then; what was done with an earlier one of its topic does not count."""
        return next((hand for hand in self.hands if hand.topic == topic and hand.since >= since), None)

    def local_day(self, at: datetime) -> date:
        """The day of `at` in the brand's zone."""
        return at.astimezone(self.brand.zone).date()
