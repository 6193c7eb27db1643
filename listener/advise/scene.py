"""The facts laid out for counting, once: who spoke when, about what, each post for the voice that it counts for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from listener.advise.facts import Facts
from listener.advise.usual import Usual, usual
from listener.records import Judged

URGENT = frozenset({"safety", "data-misuse"})  # never a small matter, never part of another


@dataclass(frozen=True, slots=True)
class Scene:
    """Build it with `set_scene`.

    Attributes:
        said: what people wrote, ascending by time; the brand's own posts are in `answers`.
        voice_of: post key → voice that it counts for; copies of one text have that of the first that wrote it.
        days: post key → day in the brand's zone.
        by_day: day → its posts by people.
        topic_voices: topic → day → voices; topic "" holds all of them. A complaint or strain that is told kindly does
            not count.
        since: first day that says something about what is usual.
        thread_voices: thread → its voices on the day.
        growing_threads: with at least four voices on the day, two of them complaining, and twice as many as the day
            before.
    """

    facts: Facts
    said: tuple[Judged, ...]
    answers: tuple[Judged, ...]
    voice_of: Mapping[str, str]
    days: Mapping[str, date]
    by_day: Mapping[date, tuple[Judged, ...]]
    topic_posts: Mapping[str, tuple[Judged, ...]]
    topic_voices: Mapping[str, Mapping[date, frozenset[str]]]
    since: date
    thread_voices: Mapping[str, frozenset[str]]
    growing_threads: frozenset[str]

    @property
    def today(self) -> tuple[Judged, ...]:
        return self.by_day.get(self.facts.day, ())

    def voices(self, posts: Iterable[Judged]) -> frozenset[str]:
        """The distinct voices behind some posts."""
        return frozenset(self.voice_of[post.post_key] for post in posts)

    def usual_voices(self, topic: str, day: date) -> Usual | None:
        """What is usual for a topic on that weekday; topic "" counts all voices."""
        return usual(self.counts(topic), day, self.since)

    def counts(self, topic: str) -> dict[date, float]:
        """Voices a day; topic "" counts all."""
        return {day: len(voices) for day, voices in self.topic_voices.get(topic, {}).items()}


def set_scene(facts: Facts) -> Scene:
    """Sort and count once; linear in the number of posts."""
    end = facts.end
    posts = sorted((post for post in facts.judged if post.when < end), key=lambda post: (post.when, post.post_key))
    said = tuple(post for post in posts if not post.by_brand)
    voice_of: dict[str, str] = {}
    days: dict[str, date] = {}
    by_day: defaultdict[date, list[Judged]] = defaultdict(list)
    topic_posts: defaultdict[str, list[Judged]] = defaultdict(list)
    topic_voices: defaultdict[str, defaultdict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    pains = {topic.id for topic in facts.topics if topic.kind in {"complaint", "strain"}}
    for post in said:
        voice = post.voice
        day = facts.local_day(post.when)
        voice_of[post.post_key], days[post.post_key] = voice, day
        by_day[day].append(post)
        topic_voices[""][day].add(voice)
        for tag in post.topics:
            if post.label != "positive" or tag.topic not in pains:
                topic_posts[tag.topic].append(post)
                topic_voices[tag.topic][day].add(voice)
    earliest = min(days.values(), default=facts.day)
    today = _by_thread(by_day[facts.day], voice_of)
    before = _by_thread(by_day[facts.day - timedelta(days=1)], voice_of)
    sore = _by_thread((post for post in by_day[facts.day] if post.label == "negative"), voice_of)
    return Scene(
        facts=facts,
        said=said,
        answers=tuple(post for post in posts if post.by_brand),
        voice_of=voice_of,
        days=days,
        by_day={day: tuple(some) for day, some in by_day.items()},
        topic_posts={topic: tuple(some) for topic, some in topic_posts.items()},
        topic_voices={
            topic: {day: frozenset(voices) for day, voices in by_topic.items()}
            for topic, by_topic in topic_voices.items()
        },
        since=max(facts.heard_from or earliest, facts.day - timedelta(days=35)),
        thread_voices=today,
        growing_threads=_growing(today, before, sore),
    )


def _by_thread(posts: Iterable[Judged], voice_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
    voices: defaultdict[str, set[str]] = defaultdict(set)
    for post in posts:
        voices[post.thread_url].add(voice_of[post.post_key])
    return {thread: frozenset(some) for thread, some in voices.items()}


def _growing(
    today: Mapping[str, frozenset[str]], before: Mapping[str, frozenset[str]], sore: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Threads that grow, from the voices in them on the day, the day before, and complaining on the day."""
    return frozenset(
        thread
        for thread, voices in today.items()
        if len(voices) >= 4 and len(voices) >= 2 * len(before.get(thread, ())) and len(sore.get(thread, ())) >= 2
    )
