"""A digest before it is put into words: numbers, ids and chosen posts. Frozen, and the same for every language.

Amounts are love units (LU), times aware UTC, shares 0…1, days in the brand's zone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from listener.advise.coverage import Coverage
from listener.advise.facts import Accuracy, Hand, RelationshipRow
from listener.advise.matter import (
    Also,
    Card,
    Cluster,
    Course,
    LeaveAlone,
    Origin,
    PlaceRule,
    Quote,
    Reason,
    ReasonKind,
    Silence,
    ThreadCount,
    ThreadLife,
)
from listener.advise.usual import Usual
from listener.config import Names, Topic
from listener.records import AlertState, Phase

__all__ = [
    "Account",
    "AccountDay",
    "AlertLine",
    "Also",
    "AtRisk",
    "Card",
    "Cause",
    "CauseKind",
    "Causes",
    "Cluster",
    "Course",
    "Digest",
    "Direction",
    "LeaveAlone",
    "OpenMatter",
    "OpenState",
    "Origin",
    "PlaceRule",
    "Praise",
    "Quote",
    "Reason",
    "ReasonKind",
    "Row",
    "Share",
    "Silence",
    "Sure",
    "Talk",
    "ThreadCount",
    "ThreadLife",
    "Verdict",
    "VoiceDay",
    "Weighed",
]

Direction: TypeAlias = Literal["worse", "better", "same", "first", "zero", "unknown"]
Sure: TypeAlias = Literal["far", "edge", "few", "inside", ""]
OpenState: TypeAlias = Literal["waiting", "answered", "closed-answered", "closed-cooled"]
CauseKind: TypeAlias = Literal["thread", "topic", "place"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a part of the day's withdrawals (on a better day: deposits) came from.

    Attributes:
        amount: LU. share: of all of the day's, 0…1.
        voices: behind it.
        thread, topic, place: which, by `kind`; a topic None is none, and a thread has its place too.
        card: index of the card that rules the thread or is about the topic.
    """

    kind: CauseKind
    amount: float
    share: float
    voices: int
    thread: ThreadCount | None = None
    topic: Topic | None = None
    place: str = ""
    card: int | None = None


@dataclass(frozen=True, slots=True)
class Causes:
    """What the day's movement is made of. `total`: its withdrawals (< 0) or deposits (> 0), LU.

    Each kind stands by itself, gravest first, and adds up to at most `total`; `others` are threads beside those listed.
    """

    total: float
    threads: tuple[Cause, ...]
    topics: tuple[Cause, ...]
    places: tuple[Cause, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A post that weighed on a bad day which no matter explains; `amount` is what it was booked with, LU < 0.

    On a day on which nothing else is quoted, an example of what was said: `amount` is 0.
    """

    amount: float
    topic: Topic | None
    quote: Quote


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert that was out on the day and belongs to no card. `topic` is None for one about all talk of the brand."""

    topic: Topic | None
    state: AlertState
    opened: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the one line says, and what it rests on.

    Attributes:
        direction: of the day's net against the usual net; "first" without a usual, "zero" without voices,
            "unknown" where too little was heard to say so.
        cause: the card (index into Digest.cards) that explains most of the withdrawals, or (share 0) that cannot wait.
        share: of the day's withdrawals (better: deposits) that the cause explains.
        without: the day's net without the cause. without_ordinary: that would be inside the usual range.
        praise: the topic behind most deposits, with direction "better".
        sure: "far" or "edge" of the usual range, "few" voices, "inside", or "" where nothing is compared.
        streak: worse or better days in a row, this one included, by the usual range of this day; 0 with another one.
        after: worse days in a row right before this one, where it is none itself.
    """

    direction: Direction
    cause: int | None = None
    share: float = 0.0
    without: float = 0.0
    without_ordinary: bool | None = None
    praise: Topic | None = None
    sure: Sure = ""
    streak: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class AccountDay:
    """One day of the account; withdrawals ≤ 0."""

    day: date
    deposits: float
    withdrawals: float
    balance: float


@dataclass(frozen=True, slots=True)
class Account:
    """The Love Bank account: the last 30 days (fewer at first), the last one being the digest's day.

    Attributes:
        before: balance at the end of the day before; None on the first day. month_ago: 30 days ago.
        usual_net: what a day usually brings.
    """

    days: tuple[AccountDay, ...]
    before: float | None
    month_ago: float | None
    usual_net: Usual | None

    @property
    def today(self) -> AccountDay:
        return self.days[-1]

    @property
    def net(self) -> float:
        return self.today.deposits + self.today.withdrawals


@dataclass(frozen=True, slots=True)
class Praise:
    """Deposits of the day under one praise topic (None: kind words under no topic).

    `quote` is None where no post is clearly enough praise to be shown as such.
    """

    topic: Topic | None
    touchpoint: str
    voices: int
    amount: float
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Row:
    """A topic (or a touchpoint, with topic None) on the day against what is usual.

    With neither it is what was booked under no topic; its voices are those behind these entries.
    """

    topic: Topic | None
    touchpoint: str
    voices: int
    usual: Usual | None
    net: float

    @property
    def above(self) -> bool:
        return self.usual is not None and self.voices > self.usual.high

    @property
    def below(self) -> bool:
        return self.usual is not None and self.voices < self.usual.low


@dataclass(frozen=True, slots=True)
class VoiceDay:
    """Distinct voices on one day and the band that was to be expected for it."""

    day: date
    voices: int
    usual: Usual | None


@dataclass(frozen=True, slots=True)
class TopicDays:
    """Distinct voices that complained of one topic, day by day over the same days as `Digest.voice_days`."""

    topic: Topic
    voices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Relationships at risk: how many, by reason, and up to five that were heard in the last seven days."""

    total: int
    reasons: tuple[tuple[str, int], ...]
    newest: tuple[RelationshipRow, ...]


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """Advised before, and what became of it.

    Attributes:
        card: index into Digest.cards if it is a matter today as well.
        voices: today; before: the day before; peak: the most on one day since it began.
        waiting_days: since it was first advised.
        at_advice: voices on the day on which it was first advised. week: voices a day, from that day on, the last
            seven at most; the last one is the digest's day.
        course: the day against the day of the advice, as usual.Growth says; "" where they are too few to say.
        after_answer: voices a day on average since the day after the answer; None: not answered, or only just.
        hand: the colleague who took it up, if one did.
    """

    topic: str
    name: Names | None
    first_post: datetime
    first_advised: date
    state: OpenState
    answered: datetime | None
    voices: int
    before: int
    peak: int
    waiting_days: int
    card: int | None
    at_advice: int = 0
    week: tuple[int, ...] = ()
    course: Course = ""
    after_answer: float | None = None
    hand: Hand | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A theme that no topic names and that is new or growing.

    Attributes:
        words: its telling ones, cleaned, most telling first; each was said by two voices at least.
        voices: on the day; recent: in the seven days that end with it; before: in the rest of the five weeks.
        quote: the post nearest to its centre.
        post_keys: of the posts that the words are taken from, the first of them if there are many.
    """

    words: tuple[str, ...]
    phase: Phase
    voices: int
    recent: int
    before: int
    quote: Quote
    post_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A brand's share of the voices of the last seven days, and of the day."""

    name: Names
    own: bool
    week: int
    week_share: float
    today: int
    balance: float | None


@dataclass(frozen=True, slots=True)
class Digest:
    """One brand's day, ready to be put into words."""

    brand: str
    name: Names
    own_names: tuple[str, ...]
    zone: str
    day: date
    end: datetime
    late: bool
    verdict: Verdict
    account: Account
    voices: int
    posts: int
    places: int
    negative_voices: int
    usual_voices: Usual | None
    voice_days: tuple[VoiceDay, ...]
    cards: tuple[Card, ...]
    more_matters: tuple[Topic, ...]
    leave: tuple[LeaveAlone, ...]
    alerts: tuple[AlertLine, ...]
    weighed: tuple[Weighed, ...]
    loudest: tuple[ThreadCount, ...]
    no_answer: tuple[Names, ...]
    disclosure: Names
    one_reply: Names
    praise: tuple[Praise, ...]
    topics: tuple[Row, ...]
    touchpoints: tuple[Row, ...]
    at_risk: AtRisk
    open: tuple[OpenMatter, ...]
    coverage: Coverage
    shares: tuple[Share, ...]
    versions: str
    accuracy: Accuracy | None
    mean_confidence: float
    half_life_days: float
    heard_from: date
    talk: tuple[Talk, ...] = ()
    causes: Causes | None = None
    topic_days: tuple[TopicDays, ...] = ()
