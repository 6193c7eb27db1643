"""What people say of our judgements, and judging again: the records, and that part of the store's protocol.

See labels.py and rejudged.py for how SQLite does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from listener.records import Judged, Judgement, Label, Mention, Post, Span, Where

NOT_BRAND, CONTEXT, UNMATCHED = "not-brand", "context", "unmatched"  # why a mention is muted: said, learnt, not found


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that a person said of a judgement.

    Attributes:
        field: "feeling" (old and new are labels), "topic" (a topic's id, "" where it is not there) or "brand" ("yes"
            where the post is about the brand, else "no"). old = new: they say that it was right.
        chosen: how the person came by the post: "link", "unsure" (the least confident first) or "random".
    """

    post_key: str
    brand: str
    at: datetime
    by: str
    field: Literal["feeling", "topic", "brand"]
    old: str
    new: str
    note: str = ""
    chosen: str = "link"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A corrected mention: what the engine says of it, and what people say.

    Attributes:
        label, confidence, topics: the engine's, as it judges today.
        feeling: what people say; None where nobody did. said_topics: (topic, is it there?) as far as they said.
        is_brand: False: people say that it is not about the brand.
        chosen: see Correction.
    """

    post_key: str
    brand: str
    url: str
    thread_url: str
    thread_title: str
    text: str
    language: str
    where: Where
    spans: tuple[Span, ...]
    label: Label
    confidence: float
    topics: tuple[str, ...]
    feeling: Label | None
    said_topics: tuple[tuple[str, bool], ...]
    is_brand: bool
    chosen: str


@dataclass(frozen=True, slots=True)
class StandingMention:
    """A mention as it stands in the store: the truth as far as we know it (see labels.py). `account` as booked;
    `corrected`: somebody has corrected or confirmed it.
    """

    mention: Mention
    account: tuple[str, str, date]
    label: str
    topics: tuple[str, ...]
    muted: str
    expired: bool
    corrected: bool


@dataclass(frozen=True, slots=True)
class StalePost:
    """A stored post to be judged anew. Its author is "" unless the store keeps names; `voice` tells who it is."""

    number: int
    post: Post
    voice: str
    language: str
    backfilled: bool
    mentions: tuple[StandingMention, ...]


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """What is said of one stored post now. `muted`, `contexts` by brand; what is not among `mentions` is unmatched."""

    number: int
    mentions: tuple[Mention, ...]
    judgements: tuple[Judgement, ...]
    query_versions: Mapping[str, str]
    days: Mapping[str, date]
    by_brand: frozenset[str]
    muted: Mapping[str, str]
    contexts: Mapping[str, str]


class Correcting(Protocol):
    """The part of protocol.Store under "people correct it" and "judging again"."""

    # people correct it
    def correct(self, post_key: str, brand: str, said: Sequence[Correction]) -> tuple[str, str, date]:
        """Keep what a person said of a mention and make it count; the (brand, voice, day) to be booked anew."""

    def corrections(self, brand: str | None = None, post_key: str | None = None) -> list[Correction]:
        """All that was ever said, in the order in which it was."""

    def labelled(self, brand: str | None = None) -> list[Labelled]:
        """The mentions that people corrected or confirmed, as far as it holds: not those of edited or deleted posts."""

    def labels_mark(self) -> tuple[int, int]:
        """Changes whenever somebody corrected something, or a corrected post was forgotten."""

    def mentions_of(self, post: str) -> list[Judged]:
        """The mentions of a post, muted ones too, by its address, its key, or eight or more first digits of it."""

    def unlabelled(self, brand: str, limit: int, *, at_random: bool = False) -> list[Judged]:
        """Mentions on which nobody has said anything, the least confident first, then the newest; or drawn at random.

        Mentions that the learnt context score muted are among them, others that are muted and the brand's own are not.
        """

    # judging again
    def count_stale(self, judged_by: str, since: datetime | None = None) -> int:
        """How many posts that stand carry another stamp than `judged_by`; of those said at `since` or later."""

    def stale(
        self, judged_by: str, *, openers: bool, after: int, limit: int, since: datetime | None = None
    ) -> list[StalePost]:
        """Up to `limit` of them with a number above `after`, ascending: openers, or all others."""

    def standing_mentions(self, posts: Sequence[int]) -> dict[int, tuple[StandingMention, ...]]:
        """Post number → its mentions as they stand, by brand; posts without one are left out."""

    def rejudge(self, said: Sequence[Rejudgement], brands: Sequence[str], judged_by: str, now: datetime) -> None:
        """Write what is said of stored posts now, and their stamp; corrections go over it. Of these `brands`, what is
        not among the mentions is muted as unmatched; other brands' mentions and what is past retention stay as is.
        The caller books the touched accounts in the same transaction.
        """

    def judge_all_again(self, since: datetime | None = None) -> None:
        """Take every post's stamp away (of those said at `since` or later), so that all are stale."""
