"""The posts of one outbreak, seen as a whole: how many voices, where, how fast, how angry, and which posts show it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.config import Topic
from listener.records import Judged, Severity

ALL, NEGATIVE, LEAVING = "all", "negative", "leaving"
_TOPIC = "topic:"


def streams_of(post: Judged, complaints: Mapping[str, Topic]) -> tuple[str, ...]:
    """The streams that a post belongs to. A post that praises is no voice of a complaint, whatever words it has."""
    streams = [ALL]
    if post.label == "negative":
        streams.append(NEGATIVE)
    if post.leaving:
        streams.append(LEAVING)
    if post.label != "positive":
        streams.extend(_TOPIC + tag.topic for tag in post.topics if tag.topic in complaints)
    return tuple(dict.fromkeys(streams))


def topic_of(stream: str) -> str:
    """The complaint's id of a topic stream, "" for the others."""
    return stream.removeprefix(_TOPIC) if stream.startswith(_TOPIC) else ""


@dataclass(frozen=True, slots=True)
class Burst:
    """What an outbreak looks like at one moment.

    Attributes:
        posts: in the order of time. voices: distinct, copies of one text counted once.
        places: platforms, the one with most voices first. crowds: how many voices spoke up first in each of them.
        threads: how many.
        copies: share of posts whose text another of them has too.
        negative: share of voices' posts labelled negative.
        leaving: posts that say they leave.
        doubling_h: hours in which the last half of the voices came; None under four voices.
        topic: the complaint that at least half of the voices name, "" without one.
    """

    posts: tuple[Judged, ...]
    voices: int
    places: tuple[str, ...]
    crowds: tuple[int, ...]
    threads: int
    copies: float
    negative: float
    leaving: int
    doubling_h: float | None
    topic: str


def burst_of(posts: Sequence[tuple[Judged, str]], complaints: Mapping[str, Topic]) -> Burst:
    """Look at posts, each with the voice that it counts as (see alarm.Watch), in the order of time.

    Raises:
        ValueError: there are none.
    """
    if not posts:
        raise ValueError("a burst needs at least one post")
    first: dict[str, Judged] = {}
    for post, voice in posts:
        first.setdefault(voice, post)
    firsts = list(first.values())
    places: dict[str, int] = {}
    texts: dict[str, int] = {}
    topics: dict[str, set[str]] = {}
    for post in firsts:
        places[post.platform] = places.get(post.platform, 0) + 1
    for post, voice in posts:
        places.setdefault(post.platform, 0)
        text = post.story or post.fingerprint
        texts[text] = texts.get(text, 0) + 1
        for stream in streams_of(post, complaints):
            if topic := topic_of(stream):
                topics.setdefault(topic, set()).add(voice)
    told = [(len(voices), complaints[topic].weight, topic) for topic, voices in topics.items()]
    most = max(told, key=lambda row: (row[0], row[1], row[2]), default=(0, 0.0, ""))
    ranked = sorted(places, key=lambda place: (-places[place], place))
    return Burst(
        posts=tuple(post for post, _ in posts),
        voices=len(first),
        places=tuple(ranked),
        crowds=tuple(places[place] for place in ranked),
        threads=len({post.thread_url for post, _ in posts}),
        copies=sum(count for text, count in texts.items() if text and count > 1) / len(posts),
        negative=sum(post.label == "negative" for post in firsts) / len(firsts),
        leaving=sum(post.leaving for post, _ in posts),
        doubling_h=_doubling_h([post.when for post in firsts]),
        topic=most[2] if 2 * most[0] >= len(first) and most[0] >= 2 else "",
    )


def _doubling_h(times: Sequence[datetime]) -> float | None:
    """Hours from the middle voice to the last: in that time their number doubled. At least six minutes."""
    ordered = sorted(times)
    if len(ordered) < 4:
        return None
    middle = ordered[math.ceil(len(ordered) / 2) - 1]
    return max(0.1, (ordered[-1] - middle).total_seconds() / 3600.0)


def telling(burst: Burst, topic: str, limit: int) -> tuple[str, ...]:
    """Keys of the posts that show it best: one a voice and a text, about the topic, clear, angry, answered, first.

    The opener of the outbreak is always among the first three, since people will ask how it began.
    """

    def worth(post: Judged) -> float:
        about = max((tag.confidence for tag in post.topics if tag.topic == topic), default=0.0)
        drew = math.log1p(max(0, post.likes) + max(0, post.replies) if post.pull is None else post.pull)
        said = min(1.0, len(post.text.encode()) / 300)  # in bytes a Han character weighs three letters, about its worth
        return 2.0 * about + said - post.sentiment + 0.2 * drew + 0.3 * (post.where == "text") + 0.5 * post.leaving

    ranked = sorted(burst.posts, key=lambda post: (-worth(post), post.when, post.post_key))
    chosen: list[Judged] = []
    voices: set[str] = set()
    texts: set[str] = set()
    for post in ranked:
        if post.voice not in voices and (not post.fingerprint or post.fingerprint not in texts):
            chosen.append(post)
            voices.add(post.voice)
            texts.add(post.fingerprint)
    opener = next((post for post in burst.posts if post in chosen), burst.posts[0])
    if opener not in chosen[:3]:
        chosen = [*[post for post in chosen[:2] if post != opener], opener, *[p for p in chosen[2:] if p != opener]]
    return tuple(post.post_key for post in chosen[:limit])


def severity_of(burst: Burst, score: float, topic: Topic | None, by_floor: bool) -> tuple[Severity, tuple[str, ...]]:
    """How bad, and why, as codes that the mail puts into words: NAME:VALUE.

    One point each for: three places or more; doubling within three hours; a topic of weight 1.5 or more, or one that
    alarms by itself; six voices in ten negative; two leaving statements; a score of 8 or more. High from three
    points, medium from two. Little anger (under three in ten, and no complaint) is low whatever the pace.
    """
    points = 0
    codes = [f"voices:{burst.voices}", f"posts:{len(burst.posts)}"]
    codes += [f"breadth:{len(burst.places)}", f"threads:{burst.threads}"]
    points += len(burst.places) >= 3
    if burst.doubling_h is not None:
        points += burst.doubling_h <= 3.0
        codes.append(f"pace_h:{burst.doubling_h:.1f}")
    if topic is not None:
        points += topic.weight >= 1.5 or by_floor
        codes.append(f"topic:{topic.id}")
    points += burst.negative >= 0.6
    codes.append(f"negative_share:{burst.negative:.2f}")
    points += burst.leaving >= 2
    if burst.leaving:
        codes.append(f"leaving:{burst.leaving}")
    points += score >= 8.0
    if burst.copies > 0:
        codes.append(f"copies:{burst.copies:.2f}")
    if by_floor:
        codes.append("floor:1")
    if burst.negative < 0.3 and topic is None:
        return "low", tuple(codes)
    return ("high" if points >= 3 else "medium" if points == 2 else "low"), tuple(codes)
