"""Posts → match → judge → book → store, one transaction a batch: a post is in the store whole, or not at all."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from listener import lovebank
from listener.clock import Clock
from listener.config import Config
from listener.intake.answers import Answers
from listener.intake.grouping import group
from listener.intake.learnt import Learnt
from listener.intake.mutes import Mutes
from listener.judge.judge import ENGINE, Judge
from listener.judge.language import language_of
from listener.judge.match import Matcher
from listener.judge.query import parse_all
from listener.judge.voices import fingerprint, is_unusual, own_words
from listener.records import Deletion, Mention, Post, Told
from listener.store.corrected import CONTEXT
from listener.store.protocol import Store
from listener.store.taken import Taken

# Clocks of servers differ by minutes; a post further ahead than this has a wrong date and counts when we read it.
FUTURE_TOLERANCE = timedelta(minutes=10)

Account = tuple[str, str, date]  # brand, voice, day: what is booked together


class Intake:
    """Takes batches of posts in. Compiled once per config; cheap per post.

    Raises:
        QueryError, ConfigError: a brand query or a topic's cue is wrong (at construction).
    """

    def __init__(self, store: Store, config: Config, clock: Clock) -> None:
        self._store, self._config, self._clock = store, config, clock
        queries = parse_all({brand.id: brand.query for brand in config.brands})
        self._query_versions: Mapping[str, str] = {name: query.version for name, query in queries.items()}
        self._matcher = Matcher(queries)
        self.judge = Judge(config.topics, taxonomy=config.topics_version)
        self._brands = {brand.id: brand for brand in config.brands}
        self._wanted = {source.name: frozenset(source.brands) for source in config.sources if source.brands}
        self._own = {brand.id: frozenset(map(str.casefold, brand.own_authors)) for brand in config.brands}
        self.learnt = Learnt(store, config)
        self._mutes = Mutes(config, store.voice)
        self._setup = _setup(config, self._query_versions)

    @property
    def stamp(self) -> str:
        """16 hex digits over all that decides how a post is judged: engine, queries, topics, zones, learnt scores."""
        return hashlib.sha256(f"{self._setup} {self.learnt.version}".encode()).hexdigest()[:16]

    def take(self, told: Sequence[Told], backfill: bool = False) -> Mapping[str, int]:
        """Book a batch: its posts, then what of earlier ones is there no more.

        In this order a post that only moved (its thread was split, or merged into another) is not taken for deleted.
        Posts that we have as they are cost two look-ups.

        Args:
            backfill: these are history: marked so, and a post that stands already is left as it is. One that matched
                no brand when it was read is matched again, for there may be other brands now.

        Returns:
            source → how many of its posts were new or changed; of a backfill, how many were kept.
        """
        posts = [one for one in told if isinstance(one, Post)]
        if len(posts) == len(told):
            return self._take(posts, backfill)
        with self._store.transaction():
            new = self._take(posts, backfill)
            self._mark_deleted(told)
        return new

    def _take(self, posts: Sequence[Post], backfill: bool) -> Mapping[str, int]:
        batch = {post.key: _dated(post) for post in posts}
        if not batch:
            return {}
        hashes = {key: content_hash(post) for key, post in batch.items()}
        with self._store.transaction():
            keys = list(batch)
            known = {key: hashes[key] for key in self._store.standing(keys)} if backfill else self._store.known(keys)
            moved, foreign = self._moved({key: batch[key] for key in known if not backfill})
            changed = [key for key in batch if key in known and (known[key] != hashes[key] or key in moved)]
            news = {key for key in batch if known.get(key) != hashes[key] and key not in foreign}
            fresh = [post for key, post in batch.items() if key in news or key in moved]
            if not fresh:
                return {}
            self.learnt.refresh()
            answers = Answers(self._store, self._matcher.match, self.judge, self._config.main.languages)
            fresh = answers.load(fresh)  # openers first: replies ask what their opener spoke of, and what they answer
            opener_brands = dict(self._store.opener_brands({post.thread_url for post in fresh if post.position}))
            taken: list[Taken] = []
            unmatched: list[tuple[str, str, str]] = []
            for post in fresh:
                mentions = self.match(post, opener_brands.get(post.thread_url, frozenset()))
                doubted: Mapping[str, str] = {}
                if mentions or self._config.main.privacy.keep_unmatched:
                    taken.append(self._judged(post, mentions, answers, hashes[post.key], backfill))
                    doubted = taken[-1].muted
                else:
                    unmatched.append((post.key, hashes[post.key], post.source))
                if post.position == 0:
                    about = (mention.brand for mention in mentions if doubted.get(mention.brand) != CONTEXT)
                    opener_brands[post.thread_url] = frozenset(about)
            accounts = self._accounts([key for key in changed if key not in foreign])
            stories = self._store.stories_of(changed) if changed else frozenset()
            self._store.add(taken, unmatched, self._clock.now())
            accounts |= {
                (brand, item.voice, day) for item in taken for brand, day in item.days.items() if item.mentions
            }
            grouped = group(self._store, taken, stories)
            self.book(accounts | {account for account in grouped if account[0] in self._brands})
        if backfill:
            return Counter(item.post.source for item in taken)
        return Counter(post.source for post in fresh if post.key in news)

    def match(self, post: Post, opener_brands: frozenset[str]) -> tuple[Mention, ...]:
        """The brands that a post speaks of, of those that its source is listened to for."""
        mentions = self._matcher.match(post, opener_brands)
        if wanted := self._wanted.get(post.source):
            mentions = tuple(mention for mention in mentions if mention.brand in wanted)
        return mentions

    def _judged(
        self, post: Post, mentions: tuple[Mention, ...], answers: Answers, digest: str, backfilled: bool
    ) -> Taken:
        language = language_of(post.text or post.thread_title, post.language, self._config.main.languages)
        judgements = self.judge.judge_post(post, mentions, language, answers.of(post, mentions))
        author = post.author.casefold()
        words = own_words(post.text)
        # A post without an author is a voice of its own: nobody can be told apart behind an empty name.
        voice = self._store.voice(post.platform, post.author or post.key)
        days = {m.brand: post.when.astimezone(self._brands[m.brand].zone).date() for m in mentions}
        scores = self.learnt.scores(post, mentions)
        muted = {brand: CONTEXT for brand, score in scores.items() if score.under}
        muted |= self._mutes.of(post, voice, days)
        answers.note(post, judgements, muted)
        return Taken(
            post=post,
            voice=voice,
            quote_voices=tuple(self._store.voice(post.platform, name) if name else "" for name, _ in post.quotes),
            content_hash=digest,
            fingerprint=fingerprint(words),
            language=language,
            mentions=mentions,
            judgements=judgements,
            query_versions={mention.brand: self._query_versions[mention.brand] for mention in mentions},
            days=days,
            by_brand=frozenset(m.brand for m in mentions if author in self._own[m.brand]),
            backfilled=backfilled,
            judged_by=self.stamp,
            contexts={brand: str(score) for brand, score in scores.items()},
            muted=muted,
            own_words=words,
            name_mark=self._store.voice("", post.author) if is_unusual(post.author) else "",
        )

    def _moved(self, known: Mapping[str, Post]) -> tuple[set[str], set[str]]:
        """Posts that stand elsewhere now or are there again after all, and those that another source brought first.

        Only the source that brought a post may change it: the same post in a forum and in that forum's feed differs a
        little and would be rewritten at each visit; and no site may rewrite what was said on another.
        """
        moved, foreign = set(), set()
        for key, where in self._store.whereabouts(list(known)).items():
            post = known[key]
            if where.source != post.source:
                foreign.add(key)
            elif where.deleted or where.thread_url not in ("", post.thread_url):
                moved.add(key)
        return moved, foreign

    def _mark_deleted(self, told: Sequence[Told]) -> None:
        """What was said to be deleted, or is not in its thread any more; the accounts are booked without it.

        What the same batch brought as a post is there, whatever was said of it before.
        """
        there = {one.key for one in told if isinstance(one, Post)}
        accounts: set[Account] = set()
        for one in told:
            if isinstance(one, Post):
                continue
            keys = [one.key] if isinstance(one, Deletion) else self._store.missing(one)
            theirs = self._store.whereabouts(keys)
            gone = [key for key, where in theirs.items() if where.source == one.source and key not in there]
            accounts.update(self._store.mark_deleted(gone, one.at) if gone else ())
        self.book({account for account in accounts if account[0] in self._brands})

    def _accounts(self, changed: Sequence[str]) -> set[Account]:
        """The accounts that edited posts stand in now, before the edit."""
        if not changed:
            return set()
        return {
            (brand.id, judged.voice, judged.when.astimezone(brand.zone).date())
            for brand in self._config.brands
            for judged in self._store.judged(brand.id, keys=changed)
        }

    def book(self, accounts: set[Account]) -> None:
        """Book each account's day anew from all that was said on it: order of arrival does not matter."""
        for brand, voice, day in sorted(accounts):
            judged = self._store.judged(brand, voice=voice, day=day)
            self._store.replace_entries(brand, voice, day, lovebank.book_day(judged, self._config.topics, day))


def _setup(config: Config, queries: Mapping[str, str]) -> str:
    brands = [(brand.id, queries[brand.id], brand.time_zone, sorted(brand.own_authors)) for brand in config.brands]
    wanted = sorted((source.name, sorted(source.brands)) for source in config.sources if source.brands)
    told = repr((ENGINE, config.topics_version, config.topics, config.main.languages, brands, wanted))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def content_hash(post: Post) -> str:
    """32 hex digits over what a person reads of the post; changes when it was edited."""
    seen = "\x1f".join((post.thread_title, post.text, *(text for _, text in post.quotes)))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _dated(post: Post) -> Post:
    """A post from the future has a wrong date; it counts when we read it."""
    if post.published is not None and post.published > post.fetched + FUTURE_TOLERANCE:
        return replace(post, published=None)
    return post
