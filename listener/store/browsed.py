"""What the pages of `listener explore` show: the records that store/browse*.py read. Texts are as people wrote them.

Nothing in here is safe to be put into a page as it is: whoever shows a text, a title, a name or a link escapes it.
Times are aware UTC, days are in the brand's own zone unless a field says otherwise, amounts are love units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from listener.records import Alert, Entry, Judged, Label, Span, TopicTag
from listener.store.corrected import Correction


@dataclass(frozen=True, slots=True)
class Filter:
    """What a feed of mentions is narrowed to; all of it has to hold, and within a tuple one of them.

    Attributes:
        brand: "" for all brands.
        languages: as stored; "zh" takes in zh-Hant and zh-Hans.
        voice: whom a mention counts for (16 hex digits).
        since, until: days, both included; in the brand's zone, or in UTC if `utc`.
        text: a person's words, as `listener search` takes them.
        leaving: only those that say that they leave.
        company: True: only what the company itself wrote; False: only what others did; None: both.
        muted: show what counts nowhere, too.
    """

    brand: str = ""
    topics: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    voice: str = ""
    since: date | None = None
    until: date | None = None
    utc: bool = False
    text: str = ""
    leaving: bool = False
    company: bool | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class MentionRow:
    """One mention in a feed.

    Attributes:
        mention, thread: numbers in the store; `thread` opens the thread's page.
        name: the author as shown, where the config keeps names; else None.
        author: keyed hash of who wrote it; judged.voice is whom it counts for.
        published: None where the site gave no time (it counts at judged.when, when we first read it).
        corrected: a person said something of this judgement.
    """

    judged: Judged
    mention: int
    thread: int
    author: str
    name: str | None
    published: datetime | None
    sarcasm: bool
    corrected: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of mentions, newest first; `older` is the cursor of the next page, "" on the last one."""

    mentions: tuple[MentionRow, ...]
    older: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a feed may be set to. `languages` are those of the newest posts."""

    brands: tuple[str, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MachineSaid:
    """What the engine says of a mention that a person corrected."""

    label: Label
    sentiment: float
    confidence: float
    topics: tuple[TopicTag, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What we think of one post about one brand, as it stands today.

    Attributes:
        evidence: the words that told the feeling; `named` those that name the brand: spans of the post's text.
        amount: what it moved in the Love Bank; None where it booked nothing (its voice's stronger post that day did).
        machine: what the engine says, where a person corrected it. corrections: all that was said, in order.
        versions: what judged it: engine, taxonomy, query. judged: when.
    """

    mention: int
    brand: str
    day: date
    where: str
    named: tuple[Span, ...]
    terms: tuple[str, ...]
    by_brand: bool
    muted: str
    label: Label
    sentiment: float
    confidence: float
    leaving: bool
    sarcasm: bool
    evidence: tuple[Span, ...]
    topics: tuple[TopicTag, ...]
    amount: float | None
    touchpoint: str
    versions: str
    judged: datetime
    machine: MachineSaid | None
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """One post in its thread. What was deleted at its source has no words here, and no opinions.

    Attributes:
        text: "" if deleted, or past every brand's retention. quotes: (author's keyed hash or "", words).
        story: what its copies share; "" if it has none.
    """

    post: int
    key: str
    url: str
    source: str
    position: int
    author: str
    name: str | None
    at: datetime
    published: datetime | None
    edited: datetime | None
    first_seen: datetime
    deleted: datetime | None
    text: str
    quotes: tuple[tuple[str, str], ...]
    language: str
    likes: int
    replies: int
    pull: float | None
    story: str
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread, its posts in their order; `later` is the cursor of the next page, "" on the last one."""

    thread: int
    url: str
    title: str
    source: str
    platform: str
    community_rule: str
    posts: tuple[ThreadPost, ...]
    later: str


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A thread that spoke of a brand in some days: its posts and voices then, and what it moved in the Love Bank."""

    thread: int
    url: str
    title: str
    source: str
    posts: int
    voices: int
    first: datetime
    last: datetime
    net: float


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a brand, as in v_daily."""

    day: date
    mentions: int
    voices: int
    negative_voices: int
    neutral_voices: int
    positive_voices: int
    sources: int
    deposits: float
    withdrawals: float


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic over some days: different voices, posts, their mean sentiment."""

    topic: str
    voices: int
    posts: int
    sentiment: float


@dataclass(frozen=True, slots=True)
class BankDay:
    """One calendar day of a brand's account: what came in and went out, and how it stood in the evening."""

    day: date
    deposits: float
    withdrawals: float
    balance: float
    running: float


@dataclass(frozen=True, slots=True)
class TouchpointLine:
    """What one touchpoint brought and cost over some days."""

    touchpoint: str
    deposits: float
    withdrawals: float
    entries: int
    voices: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Which entries of the book: all of it has to hold. Days are included; `side`: +1 deposits, −1 withdrawals, 0 both.

    `touchpoint` and `reason` None: any ("" is a reason: no topic).
    """

    brand: str
    since: date | None = None
    until: date | None = None
    touchpoint: str | None = None
    reason: str | None = None
    voice: str = ""
    side: int = 0


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry of the book and the post behind it. Past retention title, text and url are ""."""

    number: int
    entry: Entry
    at: datetime
    url: str
    thread: int
    thread_title: str
    source: str
    text: str
    label: Label
    sentiment: float


@dataclass(frozen=True, slots=True)
class Book:
    """A page of entries, the newest day first; `older` is the cursor of the next page, "" on the last one."""

    entries: tuple[EntryRow, ...]
    older: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """One voice and one brand, as in v_relationships, with its newest post (None: past retention)."""

    brand: str
    voice: str
    platform: str
    first_day: date
    last_day: date
    posts: int
    deposits: int
    withdrawals: int
    balance: float
    leaving: bool
    worst: float
    reasons: str
    url: str
    thread: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an alert's life: opened, escalated, acknowledged, closed, …"""

    at: datetime
    what: str
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail about an alert. `turn`: "0" that it was raised, "1", "2" that it grew, "closed"; `sent` None: not (yet);
    `state` as in the outbox, "" where there is no mail any more.
    """

    person: str
    turn: str
    queued: datetime
    sent: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class AlertLife:
    """An alert with all that happened to it."""

    alert: Alert
    turns: tuple[Turn, ...]
    told: tuple[Mailed, ...]


@dataclass(frozen=True, slots=True)
class Alerts:
    """A page of alerts, the newest first; `older` is the cursor of the next page, "" on the last one."""

    alerts: tuple[AlertLife, ...]
    older: str


@dataclass(frozen=True, slots=True)
class CoverDay:
    """One source on one UTC day, as in v_coverage: hours heard, and hours that stayed blind, by what they came to:
    robots, blocked (by the site itself), late, unreadable, gone, config.
    """

    source: str
    day: date
    heard: int
    blind: Mapping[str, int]
    visits: int
    posts: int
    new: int


@dataclass(frozen=True, slots=True)
class SourceNow:
    """A source as it is today; `hours`: the only ones in which it is read, "" at any time."""

    source: str
    kind: str
    url: str
    state: str
    since: datetime
    detail: str
    last_heard: datetime | None
    hours: str
    active: bool


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A brand in one span of days that begins on `first`: different voices, and their share among all brands' (0…1)."""

    first: date
    brand: str
    voices: int
    share: float
