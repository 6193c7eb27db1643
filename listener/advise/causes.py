"""Where the day's movement came from: its withdrawals, or on a better day its deposits, by thread, topic and place."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from listener.advise.model import Card, Cause, CauseKind, Causes, ThreadCount
from listener.advise.quotes import TITLE_CHARS, clean, place
from listener.advise.scene import Scene
from listener.records import Entry, Judged

LEAST_LU = 5.0  # below it there is nothing to take apart: one clear post
LEAST_SHARE = 0.05
MOST_THREADS, MOST_TOPICS, MOST_PLACES = 3, 3, 4


def causes_of(scene: Scene, entries: Sequence[Entry], cards: Sequence[Card], *, better: bool = False) -> Causes | None:
    """What the day's entries add up from; None where they come to less than 5 LU.

    An entry stands under the thread and the place of the post that it was booked for, and under its gravest topic, so
    each list adds up to the whole. Parts under 5 % are left out.

    Args:
        entries: those of the day.
        better: deposits instead of withdrawals.
    """
    posts = {post.post_key: post for post in scene.today}
    moved = [entry for entry in entries if (entry.amount > 0) == better and entry.amount and entry.post_key in posts]
    total = sum(entry.amount for entry in moved)
    if abs(total) < LEAST_LU:
        return None
    topics = {topic.id: topic for topic in scene.facts.topics}

    def grouped(kind: CauseKind, name: Callable[[Entry, Judged], str]) -> list[Cause]:
        groups: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in moved:
            groups[name(entry, posts[entry.post_key])].append(entry)
        found = []
        for key, some in groups.items():
            amount = sum(entry.amount for entry in some)
            said = [posts[entry.post_key] for entry in some]
            voices = len(scene.voices(said))
            thread = _thread(said, voices) if kind == "thread" else None
            topic = topics.get(key) if kind == "topic" else None
            found.append(
                Cause(
                    kind, amount, amount / total, voices, thread, topic,
                    place(said[0].platform) if kind != "topic" else "",
                    _card(kind, key, cards),
                )
            )  # fmt: skip
        return sorted(found, key=lambda cause: (-cause.share, -cause.voices, _name(cause)))

    threads = grouped("thread", lambda _, post: post.thread_url)
    shown = _shown(threads, MOST_THREADS)
    places = grouped("place", lambda _, post: post.platform)
    return Causes(
        total=total,
        threads=shown,
        topics=_shown(grouped("topic", lambda entry, _: entry.reason), MOST_TOPICS),
        places=_shown(places, MOST_PLACES) if len(places) > 1 else (),
        others=len(threads) - len(shown),
    )


def _shown(causes: Sequence[Cause], most: int) -> tuple[Cause, ...]:
    return tuple(cause for cause in causes[:most] if cause.share >= LEAST_SHARE)


def _thread(said: Sequence[Judged], voices: int) -> ThreadCount:
    first = min(said, key=lambda post: (post.when, post.post_key))
    return ThreadCount(first.thread_url, clean(first.thread_title, TITLE_CHARS), voices, first.post_key)


def _card(kind: CauseKind, key: str, cards: Sequence[Card]) -> int | None:
    for number, card in enumerate(cards):
        if (kind == "topic" and card.topic.id == key) or (kind == "thread" and key in card.thread_urls):
            return number
    return None


def _name(cause: Cause) -> str:
    return cause.thread.url if cause.thread else cause.topic.id if cause.topic else cause.place
