"""Stored posts judged again: what `listener rejudge` does after the engine, a query or the topics changed.

What intake runs over new posts runs over the stored ones that something else has judged (their stamp says so), in
batches of one transaction each. Killed in between, the same command goes on with those that are left. Corrections go
over what the engine says, the touched accounts are booked anew; neither alerts nor digests that stand react.

Authors are not stored by name: `author:` in a query and a brand's own authors are recognised by their keyed hashes,
prefixes (`author:acme*`) only where the config keeps names.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from listener.clock import Clock
from listener.config import Config
from listener.intake.answers import Answers
from listener.intake.batch import Account, Intake
from listener.intake.mutes import Mutes
from listener.judge.query import parse
from listener.judge.tree import terms
from listener.records import Post
from listener.store.corrected import CONTEXT, NOT_BRAND, Rejudgement, StalePost, StandingMention
from listener.store.protocol import Store

BATCH = 200
SAMPLE = 5  # posts shown of each kind of move


@dataclass(frozen=True, slots=True)
class Move:
    """What became different about one mention: "negative → positive", "+billing-error", "lost", "found", "muted"."""

    what: str
    brand: str
    url: str
    text: str


@dataclass
class Moved:
    """What rejudging came to. `labels`: (before, after) → mentions that count before and after."""

    posts: int = 0
    mentions: int = 0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    found: int = 0
    gone: int = 0
    accounts: int = 0
    samples: dict[str, list[Move]] = field(default_factory=dict)

    def note(self, what: str, brand: str, post: Post) -> None:
        """Keep the first few of each kind."""
        if len(theirs := self.samples.setdefault(what, [])) < SAMPLE:
            theirs.append(Move(what, brand, post.url, " ".join(post.text.split())[:160]))


class _Undo(Exception):
    """Takes a batch back: a dry run writes nothing."""


class Rejudging:
    """One run over the store.

    Args:
        brand: only posts that speak of it, before or after; None: all.
        since: only posts of that time and later.
        every: also what carries today's stamp. Takes the stamps away first, so that it too can go on after a kill.
        dry_run: say what would move, and leave everything as it is.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        clock: Clock,
        intake: Intake,
        *,
        brand: str | None = None,
        since: datetime | None = None,
        every: bool = False,
        dry_run: bool = False,
    ) -> None:
        self._store, self._config, self._clock, self._intake = store, config, clock, intake
        self._brand, self._since, self._dry_run = brand, since, dry_run
        self._zones = {one.id: one.zone for one in config.brands}
        self._queries = {one.id: parse(one.query) for one in config.brands}
        self._authors = _authors(config)
        self._mutes = Mutes(config, store.voice)
        self._names: dict[str, Mapping[str, str]] = {}
        self._openers: dict[str, frozenset[str]] = {}  # of this run: a dry run leaves nothing in the store to ask
        intake.learnt.refresh()
        self._stamp = intake.stamp
        self._asked = self._stamp  # what carries this stamp is left alone
        if every and dry_run:
            self._asked = "all"
        elif every:
            store.judge_all_again(since)
        self.moved = Moved()

    def due(self) -> int:
        """How many posts another engine or config has judged."""
        return self._store.count_stale(self._asked, self._since)

    def run(self, on_progress: Callable[[int], None] = lambda posts: None) -> Moved:
        """Openers first, for replies may be about what their opener is about; in the order in which they came in."""
        for openers in (True, False):
            after = 0
            while batch := self._store.stale(self._asked, openers=openers, after=after, limit=BATCH, since=self._since):
                after = batch[-1].number
                self._take(batch)
                on_progress(len(batch))
        return self.moved

    def _take(self, batch: Sequence[StalePost]) -> None:
        try:
            with self._store.transaction():
                self._rejudge(batch)
                if self._dry_run:
                    raise _Undo
        except _Undo:
            pass

    def _rejudge(self, batch: Sequence[StalePost]) -> None:
        posts = {one.post.key: self._named(one) for one in batch}
        stale = {one.post.key: one for one in batch}
        answers = Answers(self._store, self._intake.match, self._intake.judge, self._config.main.languages)
        openers = dict(self._store.opener_brands({post.thread_url for post in posts.values() if post.position}))
        said: list[Rejudgement] = []
        plain: list[Rejudgement] = []
        for post in answers.load(list(posts.values())):
            one = stale[post.key]
            said_of = self._said(one, post, answers, {**openers, **self._openers})
            answers.note(post, said_of.judgements, said_of.muted)
            if self._brand is None or self._brand in {
                *(mention.brand for mention in said_of.mentions), *(standing.mention.brand for standing in one.mentions)
            }:  # fmt: skip
                said.append(said_of)
                if any(standing.corrected for standing in one.mentions):
                    self._write([said_of])  # what people said goes over it now, for replies answer that
                    answers.look_up(post)
                else:
                    plain.append(said_of)
        self._write(plain)
        after = self._store.standing_mentions([item.number for item in said])
        accounts: set[Account] = set()
        by_number = {one.number: one for one in batch}
        for item in said:
            one = by_number[item.number]
            now = after.get(item.number, ())
            accounts |= {standing.account for standing in (*one.mentions, *now) if not standing.expired}
            _compare(self.moved, posts[one.post.key], one.mentions, now)
        accounts = {account for account in accounts if account[0] in self._zones}
        self._intake.book(accounts)
        self.moved.posts += len(said)
        self.moved.accounts += len(accounts)

    def _write(self, said: Sequence[Rejudgement]) -> None:
        self._store.rejudge(said, list(self._zones), self._stamp, self._clock.now())

    def _said(self, one: StalePost, post: Post, answers: Answers, openers: Mapping[str, frozenset[str]]) -> Rejudgement:
        standing = {mention.mention.brand: mention for mention in one.mentions}
        expired = {brand for brand, mention in standing.items() if mention.expired}
        mentions = self._intake.match(post, openers.get(post.thread_url, frozenset()))
        named = {mention.brand for mention in mentions}
        kept = [  # somebody said that it is the brand, so it is judged though the query finds it no more
            replace(mention.mention, post_key=post.key)
            for brand, mention in standing.items()
            if mention.corrected and brand in self._zones and brand not in named and brand not in expired
        ]
        mentions = tuple(mention for mention in (*mentions, *kept) if mention.brand not in expired)
        judgements = self._intake.judge.judge_post(post, mentions, one.language, answers.of(post, mentions))
        scores = self._intake.learnt.scores(post, mentions)
        days = {mention.brand: post.when.astimezone(self._zones[mention.brand]).date() for mention in mentions}
        doubted = {brand: CONTEXT for brand, score in scores.items() if score.under}
        if post.position == 0:
            denied = {brand for brand, old in standing.items() if old.muted == NOT_BRAND}
            said = {brand for brand, old in standing.items() if old.corrected} - denied
            named = {mention.brand for mention in mentions}
            self._openers[post.thread_url] = frozenset(named - denied - (doubted.keys() - said))
        return Rejudgement(
            number=one.number,
            mentions=mentions,
            judgements=judgements,
            query_versions={mention.brand: self._queries[mention.brand].version for mention in mentions},
            days=days,
            by_brand=frozenset(
                brand.id for brand in self._config.brands if self._is_by(one, post.platform, brand.own_authors)
            ),
            muted=doubted | self._mutes.of(post, one.voice, days),
            contexts={brand: str(score) for brand, score in scores.items()},
        )

    def _named(self, one: StalePost) -> Post:
        """The post with its author's name, as far as the config knows it."""
        name = one.post.author or self._voices(one.post.platform).get(one.voice, "")
        return replace(one.post, author=name)

    def _is_by(self, one: StalePost, platform: str, names: Sequence[str]) -> bool:
        return any(self._store.voice(platform, name) == one.voice for name in names)

    def _voices(self, platform: str) -> Mapping[str, str]:
        if platform not in self._names:
            self._names[platform] = {self._store.voice(platform, name): name for name in self._authors}
        return self._names[platform]


def _authors(config: Config) -> tuple[str, ...]:
    """The names that brands call their own or that queries ask for."""
    names = {name for brand in config.brands for name in brand.own_authors}
    for brand in config.brands:
        asked = (term for term in terms(parse(brand.query).root) if term.field == "author")
        names |= {" ".join(term.words) for term in asked}
    return tuple(sorted(names))


def _compare(moved: Moved, post: Post, before: Sequence[StandingMention], after: Sequence[StandingMention]) -> None:
    """Count what is different now, of mentions that are not past their retention."""
    was = {one.mention.brand: one for one in before if not one.expired}
    for now in after:
        if now.expired:
            continue
        brand = now.mention.brand
        old = was.get(brand)
        counted = old is not None and not old.muted
        if counted and not now.muted and old is not None:
            moved.mentions += 1
            moved.labels[old.label, now.label] += 1
            if old.label != now.label:
                moved.note(f"{old.label} → {now.label}", brand, post)
            for topic in now.topics:
                if topic not in old.topics:
                    moved.gained[topic] += 1
                    moved.note(f"+{topic}", brand, post)
            for topic in old.topics:
                if topic not in now.topics:
                    moved.lost[topic] += 1
                    moved.note(f"-{topic}", brand, post)
        elif now.muted and counted:
            moved.gone += 1
            moved.note(f"counts no more ({now.muted})", brand, post)
        elif not now.muted and not counted:
            moved.found += 1
            moved.note("counts now", brand, post)
