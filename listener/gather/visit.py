"""One visit to one source: what it collects on the way, and what is booked of it afterwards."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from listener.errors import BackOff, ConfigError, SourceError
from listener.gather.text import clean_line
from listener.records import Deletion, Post, Source, SourceHealth, Told
from listener.store.gathered import Lease, Visit

Sink = Callable[[Sequence[Told]], Mapping[str, int]]  # what any sources told → source → how many posts were new

BATCH = 500  # posts handed on at once
TEXT_LIMIT = 50_000  # code points of one post that are kept; nobody's complaint is longer
FUTURE = timedelta(minutes=15)  # clocks are allowed to differ by this much
FIRST_YEAR, LAST_YEAR = 1979, 9999  # Usenet began in 1979; a date before it is a clock that was never set
MOST = 2**63  # what a column of whole numbers holds
RETRY_S = 60.0  # after the first failure; doubled with each one more
# What sites write in the place of a post that its author or a moderator took away.
TOMBSTONES = frozenset(
    {"[deleted]", "[removed]", "[deleted by user]", "[removed by moderator]", "[ removed by reddit ]"}
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reader brings back when a visit went through.

    Attributes:
        cursor: JSON-able; handed to the next visit.
        detail: one line for a person; "" when all is well.
        expected: the source had posts before, so a visit without any is no silence.
        more: the reader stopped at its budget; it should come again soon.
        trouble: part of the source could not be heard.
        broken: a body that could not be read, to be saved for repair.
        joined: nothing that was said since the last visit can have been missed.
        gap: it is known that something may have been missed.
    """

    cursor: Mapping[str, Any]
    detail: str = ""
    expected: bool = False
    more: bool = False
    trouble: SourceError | None = None
    broken: bytes | None = None
    joined: bool = False
    gap: bool = False


class Pool:
    """The posts of all visits under way, on their way to the sink.

    Most visits bring a handful of posts, and a transaction for each would cost more than the visits; so they are
    handed on together, when there are BATCH of them, and before any visit is booked. `failure` is what the sink
    raised, if it did: nothing more is handed on then.
    """

    def __init__(self, sink: Sink) -> None:
        self.new: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self._sink = sink
        self._waiting: list[Told] = []

    def add(self, told: Told) -> None:
        """Take one post, or what was told of some; a full batch goes on at once."""
        self._waiting.append(told)
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand on what waits; what the sink raised is raised again."""
        if self.failure is not None:
            raise self.failure
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            self.new.update(self._sink(batch))
        except BaseException as error:
            self.failure = error
            raise


@dataclass(slots=True)
class Basket:
    """Collects one visit's posts; they go into the pool."""

    source: Source
    pool: Pool
    posts: int = 0
    requests: int = 0
    history_from: datetime | None = None
    future: int = 0
    cut: int = 0

    def add(self, post: Post) -> None:
        """Take one post; where a site shows only that there was one, its deletion."""
        if post.text.strip().lower() in TOMBSTONES:
            self.pool.add(Deletion(post.source, post.key, post.fetched))
            return
        post = self._settled(post)
        if post.published is not None:
            self.history_from = min(self.history_from or post.published, post.published)
        self.posts += 1
        self.pool.add(post)

    @property
    def new(self) -> int:
        """How many were new; known once the pool was flushed."""
        return self.pool.new[self.source.name]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was mended in the posts themselves."""
        notes = []
        if self.future:
            notes.append(f"{self.future} dated in the future, counted at the time they were read")
        if self.cut:
            notes.append(f"{self.cut} longer than {TEXT_LIMIT:,} characters, cut there")
        return tuple(notes)

    def _settled(self, post: Post) -> Post:
        """What no post may bring along, wherever it comes from: a date to come or from before there were forums, a
        novel, a count that is none (a server says what it likes, and a store that balks at it would end the round).
        """
        if not _fits(post):
            post = replace(
                post,
                published=_plausible(post.published),
                edited=_plausible(post.edited),
                position=-1 if _count(post.position) is None else post.position,
                likes=_count(post.likes),
                replies=_count(post.replies),
                rating=_number(post.rating),
            )
        if post.published is not None and post.published > post.fetched + FUTURE:
            self.future += 1
            post = replace(post, published=None)
        if len(post.text) > TEXT_LIMIT:
            self.cut += 1
            post = replace(post, text=post.text[:TEXT_LIMIT])
        return post


def _fits(post: Post) -> bool:
    """Is nothing odd about the numbers and dates of a post? Most are as they should be."""
    return (
        _plausible(post.published) is post.published
        and _plausible(post.edited) is post.edited
        and _count(post.position) is post.position
        and _count(post.likes) is post.likes
        and _count(post.replies) is post.replies
        and _number(post.rating) is post.rating
    )


def _plausible(at: datetime | None) -> datetime | None:
    return at if at is None or FIRST_YEAR <= at.year < LAST_YEAR else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and abs(value) < MOST else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and -MOST < value < MOST else None


def next_interval(current_s: float, new: int, min_s: float, max_s: float, failures: int = 0) -> float:
    """Seconds until the next visit, within [min_s, max_s]; learnt from what came new.

    News halves the interval, and more of it quarters it (twenty or more: a talk is running); silence lengthens it by
    half. After failures it starts at a minute, or `min_s` if that is longer, and doubles with each in a row.
    """
    if failures:
        wanted = max(RETRY_S, min_s) * 2.0 ** min(failures - 1, 30)
    elif new >= 20:
        wanted = current_s / 4
    elif new:
        wanted = current_s / 2
    else:
        wanted = current_s * 1.5
    return min(max(wanted, min_s), max_s)


def jitter(name: str) -> float:
    """A factor 0.95…1.05 that belongs to a source's name, so that sources do not march in step for ever."""
    return 0.95 + 0.1 * (hashlib.sha256(name.encode()).digest()[0] / 255)


def book(lease: Lease, basket: Basket, heard: Heard, now: datetime) -> Visit:
    """The visit as the store books it, when the reader came back."""
    source = lease.source
    state, detail = ("heard" if basket.posts or heard.expected else "empty"), heard.detail
    not_before = None
    if heard.trouble is not None:
        detail = "; ".join(part for part in (detail, f"partly: {heard.trouble}") if part)
        if isinstance(heard.trouble, BackOff) and heard.trouble.retry_after_s:
            not_before = now + timedelta(seconds=heard.trouble.retry_after_s)
    if basket.notes:
        detail = "; ".join(part for part in (detail, "posts: " + ", ".join(basket.notes)) if part)
    interval = next_interval(lease.interval_s, basket.new, source.min_interval_s, source.max_interval_s)
    wait = source.min_interval_s if heard.more else interval
    health = SourceHealth(
        source.name,
        now,
        "heard" if state == "heard" else "empty",
        clean_line(detail),
        basket.posts,
        basket.new,
        basket.requests,
        not_before,
    )
    due = _due(lease, now, wait, not_before)
    return Visit(health, heard.cursor, due, interval, basket.history_from, heard.joined)


def book_failure(lease: Lease, basket: Basket, error: Exception, now: datetime) -> Visit:
    """The visit as the store books it, when the reader could not come through. The cursor stays as it was."""
    source, not_before = lease.source, None
    if isinstance(error, SourceError):
        state, detail = error.state, str(error)
    elif isinstance(error, ConfigError):
        state, detail = "config", f"a mistake in the config: {error}"
    else:
        state, detail = "unreadable", f"{source.url}: a fault in our reader ({type(error).__name__}: {error})"
    if isinstance(error, BackOff) and error.retry_after_s:
        not_before = now + timedelta(seconds=error.retry_after_s)
    if lease.failures:
        detail += f" (failed {lease.failures + 1} times in a row)"
    wait = next_interval(lease.interval_s, 0, source.min_interval_s, source.max_interval_s, failures=lease.failures + 1)
    if state in ("gone", "blocked", "robots"):
        wait = float(source.max_interval_s)
    health = SourceHealth(
        source.name,
        now,
        state,  # type: ignore[arg-type]  # SourceError.state is one of SourceState, as a plain class attribute
        clean_line(detail),
        basket.posts,
        basket.new,
        basket.requests,
        not_before,
    )
    # What was learnt of the source's pace outlives a bad night: `interval_s` stays, only the next visit moves.
    due = _due(lease, now, wait, not_before)
    return Visit(health, lease.cursor, due, lease.interval_s, basket.history_from)


def _due(lease: Lease, now: datetime, interval_s: float, not_before: datetime | None) -> datetime:
    source = lease.source
    seconds = min(max(interval_s * jitter(source.name), source.min_interval_s), source.max_interval_s)
    due = max(now + timedelta(seconds=seconds), not_before or now).astimezone(UTC)
    return source.hours.opens(due) if source.hours else due
