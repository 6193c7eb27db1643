"""What comes in, what of it are copies, what counts and what is gone: the records, and that part of the protocol.

See posts.py, judged.py, sides.py, stories.py, counted.py and deleted.py for how SQLite does it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeAlias

from listener.records import Judged, Judgement, Mention, ParentSide, Post, Reading

Account: TypeAlias = tuple[str, str, date]  # brand, voice, day: what the Love Bank books together


@dataclass(frozen=True, slots=True)
class Taken:
    """One post on its way into the store, with everything the stages said of it.

    `days` gives for each brand the post's day in that brand's zone; `by_brand` the brands whose own people wrote it.
    """

    post: Post
    voice: str
    quote_voices: tuple[str, ...]
    content_hash: str
    fingerprint: str
    language: str
    mentions: tuple[Mention, ...]
    judgements: tuple[Judgement, ...]
    query_versions: Mapping[str, str]
    days: Mapping[str, date]
    by_brand: frozenset[str] = frozenset()
    backfilled: bool = False  # it is history: neither watch nor digest nor Love Bank reacts to it
    judged_by: str = ""  # stamp of the engine and config that judged it
    contexts: Mapping[str, str] = field(default_factory=dict)  # brand → learnt context score, as it is told
    muted: Mapping[str, str] = field(default_factory=dict)  # brand → why its mention counts nowhere
    own_words: str = ""  # folded, without quotes and signature: what copies are told by; not stored
    name_mark: str = ""  # keyed hash of the author's name without its platform, if it is an unusual one


@dataclass(frozen=True, slots=True)
class Near:
    """A post whose text may be a near copy of another. `at` is what it counts at."""

    key: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a text: whose post it is, where and when, and since when that voice is known."""

    voice: str
    platform: str
    at: datetime
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class MuteRow:
    """A mention, as a mute looks at it; `author` is the keyed hash of who wrote it.

    `muted` is what stands there now; where somebody corrected the mention, what would stand there without that.
    """

    mention: int
    platform: str
    source: str
    author: str
    thread_url: str
    text: str
    title: str
    day: date
    muted: str


@dataclass(frozen=True, slots=True)
class MutedCount:
    """So many mentions of one day that count nowhere, for one reason; `place` is the site where that is the reason."""

    reason: str
    place: str
    mentions: int


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a post of the store was heard and stood; "" as thread: it is past every retention."""

    source: str
    thread_url: str
    deleted: bool


class Taking(Protocol):
    """The part of protocol.Store under "intake", "copies", "what counts" and "what is there no more"."""

    # intake
    def known(self, keys: Sequence[str]) -> dict[str, str]:
        """key → content hash, for those of `keys` that are posts or were seen without a match."""

    def standing(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of `keys` that are posts."""

    def opener_brands(self, thread_urls: Iterable[str]) -> dict[str, frozenset[str]]:
        """thread url → brands that its opener mentions, for threads in the store."""

    def sides(self, keys: Sequence[str]) -> dict[str, ParentSide]:
        """key → what that post says of its brands (corrections count), for those of `keys` that are mentions."""

    def posts_before(self, places: Iterable[tuple[str, int]]) -> list[tuple[str, int, str]]:
        """(thread url, position, key) of each (thread url, position)'s opener and of the nearest post before it."""

    def add(self, taken: Sequence[Taken], unmatched: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Insert or replace posts with all that was said of them; note (key, content hash, source) of the unmatched.

        An edited post keeps its id and first_seen. The caller re-books the touched accounts in the same transaction.
        """

    def judged(
        self,
        brand: str,
        since: datetime | None = None,
        until: datetime | None = None,
        voice: str | None = None,
        day: date | None = None,
        keys: Sequence[str] | None = None,
        newest: int | None = None,
    ) -> list[Judged]:
        """Mentions of a brand, judged, by `at` then key; since ≤ at < until. Deleted posts are left out.

        `newest`: of these only so many, the last ones.
        """

    # copies
    def near(self, bands: Sequence[int], since: datetime, until: datetime) -> dict[int, list[Near]]:
        """band → posts with since ≤ at ≤ until that have it too."""

    def stories_of(self, keys: Sequence[str]) -> frozenset[str]:
        """The stories that these posts belong to."""

    def join(self, copies: Mapping[str, str], bands: Mapping[str, Sequence[int]]) -> set[Account]:
        """`copies` (key → key of the post that it copies) become part of its story; `bands` (key → bands) are texts
        that are nobody's copy, kept to find copies of them. Returns the accounts to be booked anew.
        """

    def settle(self, stories: Iterable[str]) -> set[Account]:
        """Name these stories after their first post and let their mentions count for its voice; one that has no other
        post any more is none. Returns the accounts to be booked anew.
        """

    def copies(self, story: str, most: int) -> list[Copy]:
        """The first so many copies of a story, by time."""

    def story_kind(self, story: str) -> str:
        """copies, syndicated or campaign; "" where nobody has said so yet."""

    def save_story(self, story: str, kind: str, reason: str) -> None: ...
    def listening_since(self) -> datetime | None:
        """When the first source was first heard; None if none was yet."""

    # what counts
    def mute(self, brand: str, marks: Mapping[int, str]) -> set[Account]:
        """mention → why it counts nowhere, "" if it does. Returns the accounts to be booked anew."""

    def mute_rows(self, brand: str, after: int, limit: int) -> list[MuteRow]:
        """Mentions of a brand with a number over `after`, ascending, for finding out which are muted."""

    def muted_counts(self, brand: str, day: date, since: date | None = None) -> list[MutedCount]:
        """Mentions of a day, or of `since` up to it, that count nowhere, most first."""

    def fact(self, name: str) -> str:
        """One line of the store's own memory; "" if there is none."""

    def save_fact(self, name: str, value: str) -> None: ...
    def weigh_pull(self, now: datetime) -> None:
        """Tell the pull of the posts of the 90 days before `now` anew, each against the others of its source."""

    # what is there no more
    def whereabouts(self, keys: Sequence[str]) -> dict[str, Whereabouts]:
        """Those of `keys` that are posts."""

    def missing(self, reading: Reading) -> list[str]:
        """Keys of posts that the source brought of this thread before, and that are not in it any more."""

    def mark_deleted(self, keys: Sequence[str], at: datetime) -> list[tuple[str, str, date]]:
        """Posts that are there no more; (brand, voice, day) of the accounts that are to be booked anew.

        A deleted post is not judged, searched or counted; it comes back by being added again.
        """

    def quoted(self, since: date, before: datetime, limit: int) -> list[tuple[str, str, str]]:
        """(source, key, url) of posts that stand as evidence in open alerts or in digests of `since` and later, of
        sources that are heard, and whose address nobody asked for since `before`; the longest unseen first.
        """

    def looked_at(self, keys: Sequence[str], at: datetime) -> None:
        """The addresses of these posts were asked for."""
