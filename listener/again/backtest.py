"""What would another query have found? A query run over the stored posts, beside today's.

Both queries are matched anew over the same posts, with the matcher that intake uses (replies take over what their
opener speaks of, and sources that listen for other brands only are left out). The full-text index is not asked first:
it knows words, and a query knows more (Han inside of words, hyphens, hashtags), so it would lose posts. Posts are read
in batches and only counted, so memory does not grow with the store.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from listener.config import Config
from listener.judge.match import Matcher
from listener.judge.query import Query
from listener.judge.telling import Telling, bounded, covering, telling, words_of
from listener.judge.tree import terms
from listener.records import Mention, Post
from listener.store.corpus import START, StoredPost
from listener.store.protocol import Store

BATCH = 2000
SAMPLES = 5
WORDS = 12
SUGGESTED = 5  # words in the suggested NOT
CHOSEN_FROM = 60  # of so many that tell
BAGS = 500  # posts of one side whose words are kept to choose them by
WRITTEN = 200_000  # words whose spelling is kept
SHOWN = 160  # code points of a sample's text
KNOWN_OPENERS = 100_000  # threads whose opener's brands are remembered

_TODAY, _NEW = "today", "new"


@dataclass(frozen=True, slots=True)
class Sample:
    """A post to look at; `named` is what the query found in it, "" where only its title or thread has it."""

    url: str
    when: datetime
    title: str
    text: str
    named: str


@dataclass(frozen=True, slots=True)
class Side:
    """The posts that only one of the two queries finds.

    Attributes:
        share: of what today's query finds; None if that is nothing.
        words: that tell these posts from those that both find.
    """

    posts: int
    share: float | None
    samples: tuple[Sample, ...]
    words: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """How a query does beside today's.

    Attributes:
        posts: looked at. found: by the query. today: by today's query, None without one. both: by both.
        suggested: a NOT that would take out most of what it adds wrongly, if what it adds is wrong; "" if none is sure.
        notes: what the figures do not show.
    """

    posts: int
    found: int
    today: int | None
    both: int
    added: Side
    dropped: Side
    suggested: str
    notes: tuple[str, ...]


@dataclass
class _Heap:
    """Posts of one side, as they come: counted, their words counted, and the samples kept."""

    posts: int = 0
    words: Counter[str] = field(default_factory=Counter)
    written: dict[str, str] = field(default_factory=dict)
    samples: list[tuple[str, Sample]] = field(default_factory=list)
    bags: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def add(self, post: Post, mention: Mention | None) -> None:
        self.posts += 1
        words = words_of(f"{post.thread_title}\n{post.text}")
        self.words.update(words.keys())
        if len(self.written) < WRITTEN:
            self.written |= words
        bounded(self.words)
        if mention is None:
            return
        # Keys are hashes, so those with the smallest are a fair draw, and the same one every time.
        if len(self.bags) < BAGS or post.key < self.bags[-1][0]:
            insort(self.bags, (post.key, frozenset(words)), key=_key)
            del self.bags[BAGS:]
        if len(self.samples) < SAMPLES or post.key < self.samples[-1][0]:
            insort(self.samples, (post.key, _sample(post, mention)), key=_key)
            del self.samples[SAMPLES:]

    def side(self, today: int | None, words: Sequence[Telling]) -> Side:
        told = tuple(replace(one, word=self.written.get(one.word, one.word).lower()) for one in words[:WORDS])
        share = self.posts / today if today else None
        return Side(self.posts, share, tuple(sample for _, sample in self.samples), told)

    def suggested(self, words: Sequence[Telling], kept: int) -> str:
        """A NOT of few words that takes out the most of these posts and hardly any of the `kept` ones (2 % a word)."""
        rare = [one.word for one in words if one.there <= kept * 0.02]
        chosen = covering(rare, [bag for _, bag in self.bags], SUGGESTED)
        shown = [self.written.get(word, word).lower() for word in chosen]
        shown = [f'"{word}"' if not word.isalnum() else word for word in shown]
        return f"NOT ({' OR '.join(shown)})" if len(shown) > 1 else f"NOT {shown[0]}" if shown else ""


def _key(pair: tuple[str, object]) -> str:
    return pair[0]


def backtest(
    store: Store,
    config: Config,
    query: Query,
    today: Query | None = None,
    brand: str = "",
    since: datetime | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Run `query` over the stored posts, and `today`'s beside it.

    Args:
        brand: the brand that both are for, "" if none: its sources only.
        since: posts from then on (UTC); None: all.
        on_progress: told (posts so far, posts in all) after each batch.
    """
    wanted = {part.name: not part.brands or brand in part.brands for part in config.sources} if brand else {}
    matcher = Matcher({_NEW: query} | ({_TODAY: today} if today else {}))
    openers = _Openers(store, matcher)
    both, added, dropped = _Heap(), _Heap(), _Heap()
    total, seen, place = store.count_posts(since), 0, START
    while batch := store.posts_after(place, BATCH, since):
        place = batch[-1].place
        seen += len(batch)
        inherited = openers.of(batch)
        for stored in batch:
            if not wanted.get(stored.post.source, True):
                continue
            found = {one.brand: one for one in matcher.match(stored.post, inherited.get(stored.thread, frozenset()))}
            new, old = found.get(_NEW), found.get(_TODAY)
            if new and old:
                both.add(stored.post, None)
            elif new:
                added.add(stored.post, new)
            elif old:
                dropped.add(stored.post, old)
        if on_progress is not None:
            on_progress(seen, max(total, seen))
    asked = frozenset(word for one in (query, today) if one for term in terms(one.root) for word in term.words)
    before = both.posts + dropped.posts if today else None
    more, less = (telling(heap.words, both.words, CHOSEN_FROM, asked) for heap in (added, dropped))
    return Backtest(
        seen, both.posts + added.posts, before, both.posts, added.side(before, more), dropped.side(before, less),
        added.suggested(more, both.posts), tuple(_notes(config, query, today)),
    )  # fmt: skip


class _Openers:
    """What the openers of threads speak of, asked once a thread."""

    def __init__(self, store: Store, matcher: Matcher) -> None:
        self._store, self._matcher = store, matcher
        self._known: dict[int, frozenset[str]] = {}

    def of(self, batch: Sequence[StoredPost]) -> Mapping[int, frozenset[str]]:
        threads = {stored.thread for stored in batch if stored.post.position != 0}
        if len(self._known) > KNOWN_OPENERS:
            self._known.clear()
        if unknown := sorted(threads - self._known.keys()):
            self._known.update(dict.fromkeys(unknown, frozenset[str]()))
            for thread, post in self._store.openers(unknown).items():
                self._known[thread] = frozenset(mention.brand for mention in self._matcher.match(post))
        return self._known


def _sample(post: Post, mention: Mention) -> Sample:
    start = max(0, mention.spans[0][0] - SHOWN // 3) if mention.spans else 0
    text = " ".join(post.text[start : start + SHOWN].split())
    text = f"{'…' * bool(start)}{text}{'…' * (len(post.text) > start + SHOWN)}"
    return Sample(post.url, post.when, post.thread_title, text, ", ".join(mention.terms))


def _notes(config: Config, query: Query, today: Query | None) -> list[str]:
    notes = []
    if not config.main.privacy.keep_unmatched:
        notes.append(
            "posts that no brand's query matched are not in the store (keep_unmatched is off), "
            "so a wider query adds more than this shows"
        )
    asked = {term.field for one in (query, today) if one for term in terms(one.root)}
    if "author" in asked and not config.main.privacy.keep_author_names:
        notes.append("the store keeps no authors' names (keep_author_names is off), so author: finds nothing here")
    return notes
