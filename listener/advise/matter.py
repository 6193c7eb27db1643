"""A matter that needs a decision, before it is put into words: its evidence, its threads, and what speaks for what.

Part of the digest's model (model.py), with the same units: love units (LU), aware UTC, shares 0…1.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from listener.advise.facts import Hand
from listener.advise.usual import Growth, Usual
from listener.config import Advice, Names, Rule, Topic
from listener.records import AlertState, Severity

ReasonKind: TypeAlias = Literal[
    "urgent", "far-above", "above", "many", "growing", "new", "legal", "press", "leaving", "places", "alert",
    "unanswered", "thread", "ordinary",
]  # fmt: skip
Course: TypeAlias = Literal["growing", "steady", "cooling", ""]
ClusterGround: TypeAlias = Literal["topic", "ignored", "standing", "advised"]
Silence: TypeAlias = Literal["", "cooling", "answered"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A post that shows the matter. `text` is cleaned, whole from its telling sentence on; render redacts and cuts it.

    Attributes:
        cut_before: the post says something before `text`.
        width: columns of it to show.
        pull: what it drew as a multiple of what is usual there, where that is worth telling.
        seen: when these words were last read at the source. sha256: of the post's whole text as it was read, as UTF-8.
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
    seen: datetime | None = None
    sha256: str = ""


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
class ThreadLife:
    """A thread of a matter, and how it stands at the day's end.

    Attributes:
        voices: of the matter, on the day; before: the day before; total: since it began.
        last: its newest post about the matter.
        course: growing (as usual.Growth says), cooling (nobody for 12 hours, or falling), steady, "" (too few to say).
        answered: the brand's first post in it since the matter began there. after: voices of the matter since that.
        waiting_h: from the matter's first post in it to when the digest is read, where nobody answered.
    """

    url: str
    title: str
    platform: str
    post_key: str
    voices: int
    before: int
    total: int
    last: datetime
    course: Course
    answered: datetime | None = None
    after: int = 0
    waiting_h: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Whether a brand may post in a place; `rule` "" where sources.toml does not say. `note` is the user's."""

    platform: str
    rule: Rule = ""
    note: Names | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The crisis type that is proposed (Coombs 2007), and why: (ground, its number)."""

    kind: Literal["victim", "accidental", "preventable"]
    grounds: tuple[tuple[ClusterGround, int], ...]


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
        lives: its threads of the day, most voices first; at most three.
        rules: of the places of these threads.
        cluster: None where the topic has none.
        silence: why the evidence speaks against a reply now; "" where it does not.
        with_card: index of a graver card in whose threads most of it stands: one answer there serves both.
        amount: what it was booked with on the day, LU ≤ 0.
        hand: the colleague who took it up, if one did.
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
    lives: tuple[ThreadLife, ...] = ()
    rules: tuple[PlaceRule, ...] = ()
    cluster: Cluster | None = None
    silence: Silence = ""
    with_card: int | None = None
    amount: float = 0.0
    hand: Hand | None = None


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """One voice in many places with no new facts: no answer needed."""

    thread_title: str
    places: int
    threads: int
    others: int
    quote: Quote
