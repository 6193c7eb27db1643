"""A matter's life up to the day, and what the brand answered since it began."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from listener.advise.scene import Scene
from listener.advise.usual import Growth, growth
from listener.records import Judged

EPISODE_GAP = timedelta(hours=48)  # after that long a silence the same topic is a new matter


def episode(scene: Scene, topic: str) -> tuple[Judged, ...]:
    """The topic's posts up to the day's end, back to the last silence of 48 hours."""
    posts = scene.topic_posts.get(topic, ())
    start = len(posts)
    while start > 0 and (start == len(posts) or posts[start].when - posts[start - 1].when <= EPISODE_GAP):
        start -= 1
    return posts[start:]


def answers_to(scene: Scene, posts: Iterable[Judged]) -> dict[str, datetime]:
    """Thread → the brand's first post in it after the first of these posts there."""
    first: dict[str, datetime] = {}
    for post in posts:
        first.setdefault(post.thread_url, post.when)
    answered: dict[str, datetime] = {}
    for answer in scene.answers:
        asked = first.get(answer.thread_url)
        if asked is not None and answer.when >= asked:
            answered.setdefault(answer.thread_url, answer.when)
    return answered


def pace(scene: Scene, whole: Sequence[Judged]) -> Growth | None:
    """The day against the day before; for what began later than that, the two halves of its life (of 2 h or more)."""
    start, end = scene.facts.start, scene.facts.end
    began = whole[0].when
    half = end - start if began < start - (end - start) else (end - began) / 2
    if half < timedelta(hours=2):
        return None
    middle, first = end - half, end - 2 * half
    later = scene.voices(p for p in whole if p.when >= middle)
    earlier = scene.voices(p for p in whole if first <= p.when < middle)
    return growth(len(earlier), len(later), half / timedelta(hours=1))
