"""What moved the account on the day, and what else was talked about: kind words, posts and threads behind a bad day
without one reason, and themes that no topic names."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from listener.advise.model import Card, Praise, Talk, ThreadCount, Weighed
from listener.advise.quotes import SHORT_CHARS, choose, clean, is_clear_praise, quote
from listener.advise.scene import Scene
from listener.records import Entry, Judged

MOST_WEIGHED = 3
MOST_TALK = 3
MOST_GROUNDS = 40  # of a theme's posts are evidence for its words; in a larger one many say each word
WORD_CHARS = 30  # of a theme's word


def praise_of(scene: Scene, cards: Sequence[Card]) -> tuple[Praise, ...]:
    """The day's deposits by the topic that earned them, what most first; at the end those that nothing clear earned.

    A kind word in the thread of a matter is not shown as one: there it is mostly irony, or another's defence.
    """
    sore = {thread for card in cards for thread in card.thread_urls}
    posts = {post.post_key: post for post in scene.today}
    topics = {topic.id: topic for topic in scene.facts.topics if topic.kind == "praise"}
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    clear: set[str] = set()
    for entry in scene.facts.entries:
        post = posts.get(entry.post_key)
        if entry.day == scene.facts.day and entry.amount > 0 and post:
            if is_clear_praise(post, topics.keys()) and post.thread_url not in sore:
                clear.add(entry.post_key)
            groups[entry.reason].append(entry)
    for reason in [r for r, some in groups.items() if r not in topics or clear.isdisjoint(e.post_key for e in some)]:
        if reason:
            groups[""] += groups.pop(reason)
    found = []
    for reason, rows in groups.items():
        said = [posts[entry.post_key] for entry in rows]
        point = min(Counter(entry.touchpoint for entry in rows).items(), key=lambda pair: (-pair[1], pair[0]))[0]
        shown = [post for post in said if post.post_key in clear]
        best = next(iter(choose(shown, 1, reason, sign=1, width=SHORT_CHARS)), None)
        amount = sum(entry.amount for entry in rows)
        found.append(Praise(topics.get(reason), point, len(scene.voices(said)), amount, best))
    return tuple(sorted(found, key=lambda p: (p.topic is None, -p.amount, p.topic.id if p.topic else ""))[:4])


def weighed_of(scene: Scene, entries: Sequence[Entry], cards: Sequence[Card]) -> tuple[Weighed, ...]:
    """The worst posts of the day that no card quotes: the three heaviest withdrawals that are sure."""
    told = {quote.post_key for card in cards for quote in card.quotes}
    posts = {post.post_key: post for post in scene.today if post.post_key not in told}
    topics = {topic.id: topic for topic in scene.facts.topics}
    heaviest = sorted(
        (entry for entry in entries if entry.amount < 0 and entry.post_key in posts),
        key=lambda entry: (entry.amount * posts[entry.post_key].confidence, entry.post_key),
    )
    found: dict[str, Weighed] = {}
    for entry in heaviest:
        post = posts[entry.post_key]
        voice = scene.voice_of[post.post_key]
        if voice not in found and len(found) < MOST_WEIGHED:
            found[voice] = Weighed(entry.amount, topics.get(entry.reason), quote(post, entry.reason, SHORT_CHARS))
    return tuple(found.values())


def said_of(scene: Scene, most: int = 2) -> tuple[Weighed, ...]:
    """Examples of an ordinary day on which nothing else is quoted, so that a reader sees what the talk was about.

    Posts that name the brand themselves come first, then those that feel most surely; one a voice. Amounts are 0.
    """
    ranked = sorted(
        scene.today,
        key=lambda post: (post.where != "text", -abs(post.sentiment) * post.confidence, post.post_key),
    )
    found: dict[str, Weighed] = {}
    for post in ranked:
        voice = scene.voice_of[post.post_key]
        if voice not in found and len(found) < most:
            found[voice] = Weighed(0.0, None, quote(post, "", SHORT_CHARS))
    return tuple(found.values())


def loudest_of(scene: Scene, most: int = 2) -> tuple[ThreadCount, ...]:
    """The threads in which a fifth of the day's voices spoke, and five at least."""
    first: dict[str, Judged] = {}
    for post in scene.today:
        first.setdefault(post.thread_url, post)
    least = max(5, len(scene.voices(scene.today)) / 5)
    found = [
        ThreadCount(url, clean(first[url].thread_title, 90), len(voices), first[url].post_key)
        for url, voices in scene.thread_voices.items()
        if len(voices) >= least
    ]
    return tuple(sorted(found, key=lambda thread: (-thread.voices, thread.url))[:most])


def talk_of(scene: Scene) -> tuple[Talk, ...]:
    """Themes that are new or grow and were spoken of on the day, by most voices first."""
    today = {post.post_key: post for post in scene.today}
    said = {post.post_key: post for post in scene.said}
    found = []
    for theme in scene.facts.themes:
        spoken = [today[key] for key in theme.post_keys if key in today]
        if theme.phase in ("new", "growing") and spoken and theme.best in said:
            found.append(
                Talk(
                    words=tuple(clean(word, WORD_CHARS) for word in theme.words),
                    phase=theme.phase,
                    voices=len(scene.voices(spoken)),
                    recent=theme.recent,
                    before=theme.before,
                    quote=quote(said[theme.best], "", SHORT_CHARS),
                    post_keys=theme.post_keys[:MOST_GROUNDS],
                )
            )
    return tuple(sorted(found, key=lambda talk: (-talk.voices, -talk.recent, talk.quote.post_key))[:MOST_TALK])
