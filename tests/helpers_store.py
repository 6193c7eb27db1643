"""Posts on their way into a store, built easily: a store with its sources, and `make_taken`."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from listener.records import Judgement, Label, Mention, Post, Source, TopicTag, Where
from listener.store.sqlite import SqliteStore, open_store
from listener.store.taken import Taken
from listener.urls import canonical, host_of, post_key

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
SOURCES = (
    Source("forum", "forum", "https://forum.example/"),
    Source("news", "feed", "https://news.example/feed"),
)


def make_store(folder: Path, sources: Sequence[Source] = SOURCES, **options: bool) -> SqliteStore:
    """A new store in `folder`/listener.db that knows `sources`."""
    store = open_store(folder / "listener.db", **options)
    store.sync_sources(sources, NOON)
    return store


def make_taken(
    store: SqliteStore,
    number: int = 1,
    text: str = "Wagtail is fine.",
    *,
    author: str = "ann",
    brand: str | Sequence[str] = "wagtail",
    at: datetime = NOON,
    day: date | None = None,
    thread: int = 1,
    title: str = "A thread",
    position: int = 0,
    sentiment: float = 0.0,
    topics: Sequence[str | TopicTag] = (),
    leaving: bool = False,
    by_brand: bool = False,
    where: Where = "text",
    terms: Sequence[str] = ("Wagtail",),
    quotes: Sequence[tuple[str, str]] = (),
    source: str = "forum",
    url: str = "",
    undated: bool = False,
    language: str = "en",
) -> Taken:
    """Post `number` of thread `thread` with one mention and judgement a brand.

    Args:
        brand: one id or several; () for a post that matched none (keep_unmatched).
        at: published, or only fetched if `undated`. day: the brand's; the UTC day of `at` if None.
        sentiment: the label follows it (cut at ±0.3).
        terms: looked for in `text` for the mention's spans.
        url: the permalink; made from thread and number if "".
    """
    url = url or f"https://{source}.example/t/{thread}#p{number}"
    post = Post(
        source=source,
        platform=host_of(url),
        url=url,
        key=post_key(url),
        thread_url=canonical(f"https://{source}.example/t/{thread}"),
        thread_title=title,
        position=position,
        author=author,
        text=text,
        fetched=at if undated else at + timedelta(minutes=5),
        published=None if undated else at,
        quotes=tuple(quotes),
    )
    brands = (brand,) if isinstance(brand, str) else tuple(brand)
    spans = tuple((text.find(term), text.find(term) + len(term)) for term in terms if term in text)
    tags = tuple(TopicTag(one, 0.9, ()) if isinstance(one, str) else one for one in topics)
    label: Label = "negative" if sentiment <= -0.3 else "positive" if sentiment >= 0.3 else "neutral"
    return Taken(
        post=post,
        voice=store.voice(post.platform, author or post.key),
        quote_voices=tuple(store.voice(post.platform, name) if name else "" for name, _ in quotes),
        content_hash=digest(text),
        fingerprint=digest(text)[:16],
        language=language,
        mentions=tuple(Mention(post.key, one, where, spans, tuple(terms)) for one in brands),
        judgements=tuple(
            Judgement(post.key, one, sentiment, label, 0.8, tags, leaving, False, spans, language, "test 1")
            for one in brands
        ),
        query_versions=dict.fromkeys(brands, "q1"),
        days=dict.fromkeys(brands, day or at.date()),
        by_brand=frozenset(brands if by_brand else ()),
    )


def edited(taken: Taken, text: str) -> Taken:
    """The same post with another text."""
    return replace(taken, post=replace(taken.post, text=text), content_hash=digest(text))


def digest(text: str) -> str:
    """32 hex digits that change with the text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
