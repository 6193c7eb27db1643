"""Posts → match → judge → book → store, one transaction a batch: a post is in the store whole, or not at all."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from listener import lovebank
from listener.clock import Clock
from listener.config import Config
from listener.judge.judge import Judge
from listener.judge.language import language_of
from listener.judge.match import Matcher
from listener.judge.query import parse
from listener.judge.voices import fingerprint, own_words
from listener.records import Mention, Post
from listener.store.protocol import Store, Taken

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
        queries = {brand.id: parse(brand.query) for brand in config.brands}
        self._query_versions: Mapping[str, str] = {name: query.version for name, query in queries.items()}
        self._matcher = Matcher(queries)
        self._judge = Judge(config.topics, taxonomy=config.topics_version)
        self._brands = {brand.id: brand for brand in config.brands}
        self._wanted = {source.name: frozenset(source.brands) for source in config.sources if source.brands}
        self._own = {brand.id: frozenset(map(str.casefold, brand.own_authors)) for brand in config.brands}

    def take(self, posts: Sequence[Post]) -> Mapping[str, int]:
        """Book a batch; posts that we have as they are cost one look-up.

        Returns:
            source → how many of its posts were new or changed.
        """
        batch = {post.key: _dated(post) for post in posts}
        if not batch:
            return {}
        hashes = {key: content_hash(post) for key, post in batch.items()}
        with self._store.transaction():
            known = self._store.known(list(batch))
            changed = [key for key in batch if key in known and known[key] != hashes[key]]
            foreign = self._foreign(changed, batch)
            fresh = [post for key, post in batch.items() if known.get(key) != hashes[key] and key not in foreign]
            if not fresh:
                return {}
            fresh.sort(key=lambda post: post.position != 0)  # openers first: replies ask what their opener spoke of
            opener_brands = dict(self._store.opener_brands({post.thread_url for post in fresh if post.position}))
            taken: list[Taken] = []
            unmatched: list[tuple[str, str, str]] = []
            for post in fresh:
                mentions = self._match(post, opener_brands.get(post.thread_url, frozenset()))
                if post.position == 0:
                    opener_brands[post.thread_url] = frozenset(mention.brand for mention in mentions)
                if mentions or self._config.main.privacy.keep_unmatched:
                    taken.append(self._judged(post, mentions, hashes[post.key]))
                else:
                    unmatched.append((post.key, hashes[post.key], post.source))
            accounts = self._accounts([key for key in changed if key not in foreign])
            self._store.add(taken, unmatched, self._clock.now())
            accounts |= {
                (brand, item.voice, day) for item in taken for brand, day in item.days.items() if item.mentions
            }
            self._book(accounts)
        return Counter(post.source for post in fresh)

    def _match(self, post: Post, opener_brands: frozenset[str]) -> tuple[Mention, ...]:
        mentions = self._matcher.match(post, opener_brands)
        if wanted := self._wanted.get(post.source):
            mentions = tuple(mention for mention in mentions if mention.brand in wanted)
        return mentions

    def _judged(self, post: Post, mentions: tuple[Mention, ...], digest: str) -> Taken:
        language = language_of(post.text or post.thread_title, post.language, self._config.main.languages)
        author = post.author.casefold()
        return Taken(
            post=post,
            # A post without an author is a voice of its own: nobody can be told apart behind an empty name.
            voice=self._store.voice(post.platform, post.author or post.key),
            quote_voices=tuple(self._store.voice(post.platform, name) if name else "" for name, _ in post.quotes),
            content_hash=digest,
            fingerprint=fingerprint(own_words(post.text)),
            language=language,
            mentions=mentions,
            judgements=self._judge.judge_post(post, mentions, language),
            query_versions={mention.brand: self._query_versions[mention.brand] for mention in mentions},
            days={m.brand: post.when.astimezone(self._brands[m.brand].zone).date() for m in mentions},
            by_brand=frozenset(m.brand for m in mentions if author in self._own[m.brand]),
        )

    def _foreign(self, changed: Sequence[str], batch: Mapping[str, Post]) -> set[str]:
        """Posts that another source brought first: only that one may change them.

        The same post in a forum and in that forum's feed differs a little and would be rewritten at each visit; and no
        site may rewrite what was said on another.
        """
        return {
            judged.post_key
            for brand in (self._config.brands if changed else ())
            for judged in self._store.judged(brand.id, keys=changed)
            if judged.source != batch[judged.post_key].source
        }

    def _accounts(self, changed: Sequence[str]) -> set[Account]:
        """The accounts that edited posts stand in now, before the edit."""
        if not changed:
            return set()
        return {
            (brand.id, judged.voice, judged.when.astimezone(brand.zone).date())
            for brand in self._config.brands
            for judged in self._store.judged(brand.id, keys=changed)
        }

    def _book(self, accounts: set[Account]) -> None:
        """Book each account's day anew from all that was said on it: order of arrival does not matter."""
        for brand, voice, day in sorted(accounts):
            judged = self._store.judged(brand, voice=voice, day=day)
            self._store.replace_entries(brand, voice, day, lovebank.book_day(judged, self._config.topics, day))


def content_hash(post: Post) -> str:
    """32 hex digits over what a person reads of the post; changes when it was edited."""
    seen = "\x1f".join((post.thread_title, post.text, *(text for _, text in post.quotes)))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _dated(post: Post) -> Post:
    """A post from the future has a wrong date; it counts when we read it."""
    if post.published is not None and post.published > post.fetched + FUTURE_TOLERANCE:
        return replace(post, published=None)
    return post
