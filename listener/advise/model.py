"""A digest before it is put into words: numbers, ids and chosen posts. Frozen, and the same for every language.

Amounts are love units (LU), times aware UTC, shares 0…1, days in the brand's zone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from listener.advise.coverage import Coverage
from listener.advise.facts import Accuracy, RelationshipRow
from listener.advise.usual import Growth, Usual
from listener.config import Advice, Names, Topic
from listener.records import AlertState, Phase, Severity

Direction: TypeAlias = Literal["worse", "better", "same", "first", "zero", "unknown"]
ReasonKind: TypeAlias = Literal[
    "urgent", "far-above", "above", "many", "growing", "new", "legal", "press", "leaving", "places", "alert",
    "unanswered", "thread", "ordinary",
]  # fmt: skip
Sure: TypeAlias = Literal["far", "edge", "few", "inside", ""]
OpenState: TypeAlias = Literal["waiting", "answered", "closed-answered", "closed-cooled"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A post that shows the matter. `text` is cleaned, whole from its telling sentence on; render redacts and cuts it.

    Attributes:
        cut_before: the post says something before `text`.
        width: columns of it to show.
        pull: what it drew as a multiple of what is usual there, where that is worth telling.
    """

    post_key: str
    text: str
    cut_before: bool
    url: str
    thread_url: str
    platform: str
    at: datetime
    language: str
    likes: int
    replies: int
    width: int
    pull: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a matter began: its first post as far as we heard, and that post's thread."""

    post_key: str
    url: str
    thread_url: str
    thread_title: str
    platform: str
    at: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class ThreadCount:
    """A thread and how many of the matter's voices spoke in it on the day. `post_key` is one of its posts."""

    url: str
    thread_title: str
    voices: int
    post_key: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for a severity; `n` and `m` are the numbers that its wording shows."""

    kind: ReasonKind
    n: float = 0
    m: float = 0


@dataclass(frozen=True, slots=True)
class Also:
    """A topic that is spoken of inside another matter, by so many of its voices."""

    topic: Topic
    voices: int


@dataclass(frozen=True, slots=True)
class Card:
    """A matter that needs a decision.

    Attributes:
        title: of the thread that holds most of its voices and is about it; "" where its topic has to name it.
        urgency: voices × topic weight × growth factor × negative share; orders the cards of one severity.
        voices, posts, places: on the day; places are platforms.
        voices_before: the day before. voices_all: since it began.
        standing_days: on how many of the last 30 days it was spoken of; from 10 on it is a standing complaint.
        negative_share: of the day's voices.
        growth: None where there was no earlier window to compare with.
        threads, answered_threads: threads on the day, and those of them in which the brand has written since it began.
        answered: the brand's first post in one of its threads since it began.
        told_by: the words that told the topic, as they stand together in a post, most frequent first.
        confidence: mean of the topic's confidence over the day's posts that tell it themselves.
        alert_key: of the newest alert about it; "" without one.
        due: by when the playbook wants a decision. clock_ends: when a legal clock would end, from the first post on.
        advised_since: first advised on that day; None when it is new today.
        busiest: the thread with the most of its voices on the day.
        post_keys, thread_urls: all of its posts on the day, and the threads that it rules.
    """

    topic: Topic
    title: str
    severity: Severity
    urgency: float
    reasons: tuple[Reason, ...]
    voices: int
    posts: int
    places: int
    voices_before: int
    voices_all: int
    standing_days: int
    negative_share: float
    growth: Growth | None
    usual: Usual | None
    origin: Origin
    busiest: ThreadCount
    threads: int
    answered_threads: int
    answered: datetime | None
    also: tuple[Also, ...]
    quotes: tuple[Quote, ...]
    told_by: tuple[str, ...]
    confidence: float
    advice: Advice | None
    due: datetime | None
    clock_ends: datetime | None
    alert_key: str
    alert: AlertState | None
    alert_opened: datetime | None
    advised_since: date | None
    post_keys: tuple[str, ...]
    thread_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """One voice in many places with no new facts: no answer needed."""

    thread_title: str
    places: int
    threads: int
    others: int
    quote: Quote


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
    """

    direction: Direction
    cause: int | None = None
    share: float = 0.0
    without: float = 0.0
    without_ordinary: bool | None = None
    praise: Topic | None = None
    sure: Sure = ""


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
