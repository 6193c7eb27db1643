"""What the watch sees in a busy brand's new posts. The state goes forward; what comes of it is alarm.watch's matter."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from listener.config import Topic
from listener.records import Judged
from listener.watch.arrive import Arrivals
from listener.watch.baseline import Decay, Exposure, hours, surprise
from listener.watch.burst import ALL, streams_of
from listener.watch.busy import Busy
from listener.watch.habit import Height
from listener.watch.life import Look
from listener.watch.settings import DEFAULTS, Settings

Looks = Mapping[str, tuple[Look, ...]]  # post key → a look for each of its streams


def sight(
    busy: Busy,
    new: Sequence[Judged],
    exposure: Exposure,
    topics: Sequence[Topic],
    until: datetime,
    settings: Settings = DEFAULTS,
) -> dict[str, tuple[Look, ...]]:
    """Take posts that are not in the state yet into it; how each of their streams stood when they arrived.

    What arrives after `until` waits (`busy.waiting`): it must be given again. Taking posts one by one, or all at once,
    is the same.
    """
    complaints = {topic.id: topic for topic in topics if topic.kind == "complaint"}
    arrivals = Arrivals(new, exposure, until, settings, busy.born)
    busy.born = arrivals.born
    looks: dict[str, tuple[Look, ...]] = {}
    busy.waiting = []
    for arrived, post in arrivals.ordered(new):
        if arrived > until:
            busy.waiting.append(post.post_key)
            continue
        if not arrivals.is_news(post, arrived):
            continue
        at = hours(post.when)
        streams = streams_of(post, complaints)
        busy.head = max(busy.head, at)
        busy.take(streams, post.source, post.voice, at, exposure, settings)
        heights = ((stream, busy.height(stream, busy.head, exposure, settings)) for stream in streams)
        looks[post.post_key] = tuple(
            look_of(stream, height, busy.head, settings) for stream, height in heights if height is not None
        )
    return looks


def build(
    brand: str,
    posts: Sequence[Judged],
    exposure: Exposure,
    topics: Sequence[Topic],
    until: datetime,
    settings: Settings = DEFAULTS,
) -> Busy:
    """The state after all these posts, as if it had been kept from the first on.

    Its habit begins with the youngest of the sources that bring much: before, the brand was heard otherwise.
    """
    warm = exposure.warm(hours(until), settings.warm_up_h)
    counts: dict[str, int] = {}
    for post in posts:
        counts[post.source] = counts.get(post.source, 0) + 1
    much = [source for source in warm if 5 * counts.get(source, 0) > sum(counts.values())]
    first = min((hours(post.when) for post in posts), default=hours(until))
    begin = max([first, *[exposure.first(source) for source in much]])
    busy = Busy(brand, begin=math.ceil(begin))
    busy.sources = set(warm)
    sight(busy, posts, exposure, topics, until, settings)
    return busy


def exposure_of(
    heard: Mapping[str, Sequence[datetime]], since: datetime, until: datetime, settings: Settings = DEFAULTS
) -> Exposure:
    """The heard hours as `sight` and `build` need them: one for all brands."""
    return Exposure(heard, hours(since), settings, Decay(hours(until), settings.half_life_h))


def look_of(stream: str, height: Height, at: float, settings: Settings) -> Look:
    """A height as alarm.watch understands it. Its score says how improbable the hour is by the hour's habit alone."""
    fire = settings.busy_fire if stream == ALL else settings.busy_part_fire
    lower = settings.busy_fire - settings.busy_rearm
    return Look(
        stream=stream,
        score=surprise(height.voices, height.expected, 1.0 / settings.clusters),
        window_h=1,
        voices=height.voices,
        expected=height.expected,
        since_h=at - 1.0,
        active=height.value >= fire - lower,
        fired=height.value >= fire and height.voices >= settings.busy_voices,
        by_floor=False,
    )
