"""Themes of a brand over the store's records, and a theme written as a new topic for topics.toml."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from listener.config import Brand, Config, Cues, Names, Topic
from listener.errors import ConfigError
from listener.judge.topics import TopicFinder
from listener.records import Judged, Theme, TopicKind
from listener.store.protocol import Store
from listener.themes.cues import candidates, choose
from listener.themes.find import WINDOW_DAYS, find_themes
from listener.themes.terms import terms
from listener.themes.vectors import read_words, voices_of

_LEAST_PREFIX = 4  # hex digits by which a theme may be called


@dataclass(frozen=True, slots=True)
class Proposal:
    """A theme as a topic.

    Attributes:
        toml: a [[topic]] table with comments, ready for topics.toml.
        found, posts: how many of the theme's posts its cues find.
        others, mentions: how many other mentions of the window they find, out of how many.
    """

    toml: str
    topic: Topic
    found: int
    posts: int
    others: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Look:
    """A brand's themes as they stand, and the mentions that they were found in, by key."""

    themes: tuple[Theme, ...]
    judged: Mapping[str, Judged]


def look(store: Store, config: Config, brand: Brand, now: datetime, days: int = WINDOW_DAYS) -> Look:
    """The themes of the `days` days that end with today, in the brand's zone."""
    today = now.astimezone(brand.zone).date()
    since = datetime.combine(today - timedelta(days=days - 1), time(), brand.zone)
    judged = store.judged(brand.id, since=since, until=now + timedelta(seconds=1))
    return Look(themes_of(judged, config.topics, brand, today, days), {post.post_key: post for post in judged})


def themes_of(
    judged: Sequence[Judged], topics: Sequence[Topic], brand: Brand, day: date, days: int = WINDOW_DAYS
) -> tuple[Theme, ...]:
    """The themes of a brand's mentions in the window that ends with `day`; backfilled ones are history, left out."""
    news = [post for post in judged if not post.backfilled]
    return find_themes(news, topics, _names(brand), day, brand.zone, days)


def _names(brand: Brand) -> frozenset[str]:
    """The brand's own names as words: everybody says them, so they tell nothing."""
    said = " ".join((brand.id.replace("-", " "), brand.name.en, brand.name.zh_hant, *brand.own_authors))
    return frozenset(term.key for term in terms(said))


def by_id(themes: Sequence[Theme], wanted: str) -> Theme:
    """The theme that a person means: the one that holds the post whose key begins so.

    A theme's id is the beginning of its first post's key, so it stays good as long as that post is in the theme.

    Raises:
        ConfigError: none or several do; names those that there are.
    """
    prefix = wanted.strip().lower()
    if len(prefix) >= _LEAST_PREFIX:
        found = [theme for theme in themes if any(key.startswith(prefix) for key in theme.post_keys)]
        if len(found) == 1:
            return found[0]
    known = ", ".join(f"{theme.id} ({', '.join(theme.words[:2])})" for theme in themes[:8])
    raise ConfigError(f"no one theme is called {wanted!r}; there are: {known or 'none'}")


def as_topic(theme: Theme, judged: Sequence[Judged], topics: Sequence[Topic], brand: Brand) -> Proposal:
    """Write a theme as a topic, with cues that are tried on every mention of the brand's window.

    Args:
        judged: those that the themes were found in.

    Raises:
        ConfigError: no words find the theme's posts without finding as many others.
    """
    posts = [post for post in judged if not post.by_brand and not post.muted and not post.backfilled]
    words = read_words(posts, _names(brand))
    voices = voices_of(posts)
    theirs = frozenset(theme.post_keys)
    said = [(post, words.own[at], voices[at]) for at, post in enumerate(posts) if post.post_key in theirs]
    tried = candidates(said, words)
    chosen = choose(_hits(tried, posts), theirs)
    if not chosen:
        raise ConfigError(
            f"theme {theme.id} ({', '.join(theme.words)}): no words of it find its posts and few others; "
            "write its cues by hand"
        )
    chinese = dict(tried)
    cues = Cues(en=tuple(cue for cue in chosen if not chinese[cue]), zh=tuple(cue for cue in chosen if chinese[cue]))
    topic = _topic(theme, [post for post, *_ in said], topics, cues)
    finder = TopicFinder([topic])
    found = {post.post_key for post in posts if finder.find(post.text)}
    inside, outside = len(found & theirs), len(found - theirs)
    toml = _toml(
        theme, topic, f"{inside} of the theme's {len(said)} posts, and {outside} of {len(posts) - len(said):,}"
    )
    return Proposal(toml, topic, inside, len(said), outside, len(posts) - len(said))


def _hits(tried: Sequence[tuple[str, bool]], posts: Sequence[Judged]) -> dict[str, frozenset[str]]:
    """What each cue finds, by the topic finder itself: all of them in one pass, each as a topic of its own."""
    nobody = Names.model_validate({"en": "", "zh-Hant": ""})
    finder = TopicFinder(
        [
            Topic(id=f"cue-{number}", kind="signal", label=nobody, touchpoint="any", owner=nobody, cues=Cues(en=(cue,)))
            for number, (cue, _) in enumerate(tried)
        ]
    )
    hits: dict[str, set[str]] = {cue: set() for cue, _ in tried}
    for post in posts:
        for tag in finder.find(post.text):
            hits[tried[int(tag.topic.removeprefix("cue-"))][0]].add(post.post_key)
    return {cue: frozenset(keys) for cue, keys in hits.items()}


def _topic(theme: Theme, posts: Sequence[Judged], topics: Sequence[Topic], cues: Cues) -> Topic:
    feeling = Counter(post.label for post in posts).most_common(1)[0][0]
    # Neither a strain nor a signal says what a post is about: the theme would be found again beside such a topic.
    kind: TopicKind = "praise" if feeling == "positive" else "complaint"
    name = ", ".join(theme.words[:2])
    stem = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:30].rstrip("-") or "theme"
    taken = {topic.id for topic in topics}
    return Topic.model_validate(
        {
            "id": stem if stem not in taken and stem != "theme" else f"{stem}-{theme.id}",
            "kind": kind,
            "label": {"en": name, "zh-Hant": name},
            "touchpoint": "product",
            "weight": 1.0,
            "owner": {"en": "", "zh-Hant": ""},
            "caps": feeling == "negative",
            "cues": cues,
        }
    )


def _toml(theme: Theme, topic: Topic, finds: str) -> str:
    """The table as topics.toml has it. JSON's strings are TOML's basic strings, but for U+007F, which no word has."""

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [
        f"# Theme {theme.id} of {theme.brand}: {theme.phase}, {theme.recent} voices in the last seven days, "
        f"{theme.before} in the weeks before.",
        f"# Its cues find {finds} other mentions of these weeks, which is what they were chosen by:",
        "# read some of both, then set id, label, kind, touchpoint and owner to what your house calls it.",
        "# Afterwards `listener rejudge` tags what is stored.",
        "[[topic]]",
        f"id = {text(topic.id)}",
        f"kind = {text(topic.kind)}",
        f"label.en = {text(topic.label.en)}",
        f"label.zh-Hant = {text(topic.label.zh_hant)}",
        f"touchpoint = {text(topic.touchpoint)}",
        "weight = 1.0",
        'owner.en = ""',
        'owner.zh-Hant = ""',
        f"caps = {'true' if topic.caps else 'false'}",
    ]
    for language, cues in (("en", topic.cues.en), ("zh", topic.cues.zh)):
        if cues:
            lines += [f"cues.{language} = [", *(f"  {text(cue)}," for cue in cues), "]"]
    return "\n".join(lines) + "\n"
