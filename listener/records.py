"""The frozen records that pass between stages. Times are aware UTC, collections are tuples, ratios are floats.

Field order follows the way of a post: Source → Post → Mention → Judgement → Entry → Alert, Digest → Message.
Spans are half-open code point ranges (start, end) into `Post.text` unless a field says otherwise.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from listener.hours import Hours

Span: TypeAlias = tuple[int, int]
Where: TypeAlias = Literal["text", "title", "thread"]
Label: TypeAlias = Literal["negative", "neutral", "positive"]
TopicKind: TypeAlias = Literal["complaint", "strain", "signal", "praise"]
SourceState: TypeAlias = Literal[
    "heard", "empty", "late", "robots", "blocked", "gone", "unreadable", "config", "resting", "new"
]
Severity: TypeAlias = Literal["low", "medium", "high"]
Phase: TypeAlias = Literal["new", "growing", "steady", "fading"]
AlertState: TypeAlias = Literal["open", "escalated", "acknowledged", "closed"]
MessageState: TypeAlias = Literal["queued", "claimed", "sent", "failed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Source:
    """One place that is listened to.

    Attributes:
        name: unique in the config.
        kind: "feed", or the name of a spider ("forum", "discourse", …).
        url: http(s) address the spider or poller starts from.
        brands: ids of the brands looked for here; empty means all.
        min_interval_s, max_interval_s: bounds of the poll interval in seconds.
        options: what the kind needs beyond this; documented by each spider.
        hours: the only ones in which it is read; None: at any time.
    """

    name: str
    kind: str
    url: str
    brands: tuple[str, ...] = ()
    min_interval_s: int = 300
    max_interval_s: int = 6 * 3600
    options: Mapping[str, Any] = field(default_factory=dict)
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One thing one person said in public (schema.org DiscussionForumPosting, flattened).

    Attributes:
        source: name of the Source it came through.
        platform: site the author wrote on: host name, or "usenet", "hotline".
        url: permalink; opens in a browser.
        key: 64 hex digits: SHA-256 of the canonical permalink, or of source + native id (urls.post_key).
        thread_url: canonical address of the thread; the post's own url where there is no thread.
        thread_title: plain text, NFC; "" if none.
        position: 0 for the opener, counted up through the thread; -1 where it is not known.
        author: as shown; the store keeps only a keyed hash of it unless told otherwise.
        text: plain, NFC, without quotes of others and without signature.
        quotes: what the post quotes of others, as (author or "", text).
        published: UTC; None where the site does not say.
        published_precision: "minute" or "day".
        fetched: UTC, when we read it.
        language: BCP 47 as the site declares it, None if it does not.
    """

    source: str
    platform: str
    url: str
    key: str
    thread_url: str
    thread_title: str
    position: int
    author: str
    text: str
    fetched: datetime
    published: datetime | None = None
    published_precision: Literal["minute", "day"] = "minute"
    edited: datetime | None = None
    native_id: str | None = None
    parent_key: str | None = None
    author_url: str | None = None
    quotes: tuple[tuple[str, str], ...] = ()
    language: str | None = None
    likes: int | None = None
    replies: int | None = None
    rating: float | None = None

    @property
    def when(self) -> datetime:
        """The time the post counts at: when it was published, else when we first read it."""
        return self.published or self.fetched


@dataclass(frozen=True, slots=True)
class Deletion:
    """A source says that one of its posts is not there any more (a mark of deletion, or 404 and 410 for its address).

    Attributes:
        key: Post.key. at: UTC, when we saw it.
    """

    source: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A thread was read whole, from its first post to its last: what of it is not among `present` is there no more.

    Attributes:
        present: keys of its posts, or their native ids where a source lists more than it shows; empty if the thread
            itself is gone. at: UTC, when it was read.
    """

    source: str
    thread_url: str
    present: tuple[str, ...]
    at: datetime


Told: TypeAlias = Post | Deletion | Reading


@dataclass(frozen=True, slots=True)
class Mention:
    """A post speaks of a brand.

    Attributes:
        where: "text" (the post names it), "title" (its thread's title does), "thread" (only the opener does).
        spans: where in `Post.text` the brand is named; empty for "title" and "thread".
        terms: what matched, as written there, in order, without repeats.
    """

    post_key: str
    brand: str
    where: Where
    spans: tuple[Span, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicTag:
    """A topic found in a post: its id, confidence 0…1, and the spans of the words that told."""

    topic: str
    confidence: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What we think of one mention, and why.

    Attributes:
        sentiment: −1…+1 towards the brand, not of the text.
        label: sentiment cut at the engine's thresholds.
        confidence: 0…1, that `label` is right.
        topics: strongest first.
        leaving: the author says they leave, or have left.
        sarcasm: irony cues were seen; lowers the confidence only.
        evidence: spans of the words that told the feeling.
        language: "en", "zh-Hant", "zh-Hans", another BCP 47 code, or "und".
        versions: what made it: engine, taxonomy, brand query; for rejudging.
    """

    post_key: str
    brand: str
    sentiment: float
    label: Label
    confidence: float
    topics: tuple[TopicTag, ...]
    leaving: bool
    sarcasm: bool
    evidence: tuple[Span, ...]
    language: str
    versions: str


@dataclass(frozen=True, slots=True)
class Side:
    """What a post says of one brand, for those who answer it: a judgement without its reasons."""

    label: Label
    sentiment: float
    topics: tuple[TopicTag, ...] = ()


@dataclass(frozen=True, slots=True)
class ParentSide:
    """What the post that a reply answers (`post_key`) says of each brand."""

    post_key: str
    sides: Mapping[str, Side]


@dataclass(frozen=True, slots=True)
class Judged:
    """A post with one brand's mention and judgement, and who spoke: what book, watch and digest look at.

    Attributes:
        voice: whom it counts for: keyed hash of the author (16 hex digits), of a copy that of whoever said it first.
        fingerprint: 16 hex digits of the text's own words; equal for copies of one text.
        when: UTC, Post.when.
        backfilled: `listener backfill` brought it: history, not news.
        muted: why it counts nowhere; "" if it counts.
        story: copies of one text share it (the first one's key); "" if there are none.
        kind: of that story: copies, syndicated (one text on many sites), campaign (one text from many new names).
        pull: replies and likes as a multiple of what its source usually draws; None where too little is known.
        context: the learnt context score with the words that told, "0.12: orchard, pie"; "" where there is none.
        named: Mention.spans. titled: its thread's title holds one of the terms that it was found by.
        text_seen: UTC, when these words were last read at the source; None: at `first_seen`.
    """

    post_key: str
    brand: str
    voice: str
    source: str
    platform: str
    thread_url: str
    thread_title: str
    url: str
    text: str
    fingerprint: str
    when: datetime
    first_seen: datetime
    where: Where
    sentiment: float
    label: Label
    confidence: float
    topics: tuple[TopicTag, ...]
    leaving: bool
    language: str
    position: int = -1
    likes: int = 0
    replies: int = 0
    by_brand: bool = False
    evidence: tuple[Span, ...] = ()
    backfilled: bool = False
    muted: str = ""
    context: str = ""
    story: str = ""
    kind: str = ""
    pull: float | None = None
    named: tuple[Span, ...] = ()
    titled: bool = False
    text_seen: datetime | None = None


def text_hash(text: str) -> str:
    """SHA-256 of a text as UTF-8, 64 hex digits: the same as `sha256sum` says of it."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Theme:
    """What some voices talk about that no topic explains (listener/themes).

    Attributes:
        id: 8 hex digits: the beginning of its first post's key.
        words: its most telling ones, as written there.
        voices: distinct, in the window; `recent` in its last 7 days, `before` in the days before them.
        days: (day in the brand's zone, distinct voices), ascending, without days of none.
        phase: how `recent` compares with what was said before; see themes/follow.py.
        best: key of the post nearest to its centre.
        post_keys: by time.
    """

    brand: str
    id: str
    words: tuple[str, ...]
    voices: int
    recent: int
    before: int
    days: tuple[tuple[date, int], ...]
    phase: Phase
    best: str
    post_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One deposit (> 0) or withdrawal (< 0) in love units, −10…+10.

    Attributes:
        day: in the brand's own time zone.
        touchpoint: of the topic that set the weight; "relationship" without one.
        reason: that topic's id; "" without one.
        post_key: the mention behind it: the story's strongest post.
    """

    brand: str
    voice: str
    day: date
    amount: float
    touchpoint: str
    reason: str
    post_key: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What one visit to one source came to.

    Attributes:
        state: heard, empty (valid but without posts), late, robots (robots.txt forbids it), blocked (the site does),
            gone, unreadable (a parse failure), config (a mistake in the config); resting (outside its hours) is told
            but never booked, for nothing was asked.
        detail: one line for a person; "" when all is well.
        posts: read in this visit. new: of these, not seen before.
        not_before: UTC; do not ask again earlier (Retry-After).
    """

    source: str
    at: datetime
    state: SourceState
    detail: str = ""
    posts: int = 0
    new: int = 0
    requests: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A warning to the crisis team, with a life.

    Attributes:
        key: stable: brand, stream and the post that opened it; unique in the store.
        stream: "all", "negative", "topic:ID"; what was improbable.
        opened: UTC, when it was raised. began: UTC, first post of the burst.
        score: −log10 of the probability under the baseline.
        voices: distinct voices in the window at the last look. expected: mean of the baseline in that window.
        window_h: width of the window in hours.
        reasons: why this severity, one short phrase each.
        evidence: keys of the posts that show it, most telling first.
        total: distinct voices since it began. peak: most of them in one hour of the clock.
    """

    key: str
    brand: str
    stream: str
    topic: str
    severity: Severity
    state: AlertState
    opened: datetime
    began: datetime
    last_activity: datetime
    score: float
    voices: int
    expected: float
    window_h: float
    sources: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: tuple[str, ...]
    acknowledged_by: str = ""
    acknowledged: datetime | None = None
    closed: datetime | None = None
    total: int = 0
    peak: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image shown in an HTML part by its content id (without angle brackets)."""

    content_id: str
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell one person.

    Attributes:
        key: unique in the outbox: cause + recipient; queueing it again is a no-op.
        recipient: a bare e-mail address, or "channel:" and a channel's id.
        subject: one line; control characters are refused.
        references: Message-IDs of earlier mails of the same story, oldest first.
        headers: further header lines, for example ("Auto-Submitted", "auto-generated").
    """

    key: str
    recipient: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
