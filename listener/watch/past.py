"""A quiet brand's past, summed up: what of its older mentions a look needs, so that it need not read them again.

Nothing that a look decides comes from a mention older than `reach_h` but what is usual: rates, the spread of counts,
which threads were there. That is a handful of sums. A look that is given a Past and the later mentions decides as one
that is given all mentions. Only the arithmetic's last digits may differ, and the order in which mentions are taken that
came after the edge but are dated before it: then an answer in their threads may count as talk that else would not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.config import Topic
from listener.records import Alert, Judged
from listener.watch.arrive import Arrivals
from listener.watch.baseline import Baseline, Exposure, Spans, Usual, hours
from listener.watch.burst import streams_of
from listener.watch.settings import Settings
from listener.watch.threads import Ended, Threads


@dataclass(frozen=True, slots=True)
class Past:
    """One brand's mentions in [since, edge). It holds for the very crises that were known when it was made.

    Attributes:
        usual: stream → what was learnt. threads: what became of the threads.
        first: hour of the first mention; infinite if there is none. born: source → when it was first heard there.
        late: time and voice of each mention of the last four days before the edge, for busy.is_busy.
    """

    since: datetime
    edge: datetime
    crises: Spans
    usual: Mapping[str, Usual]
    threads: Ended
    first: float
    born: Mapping[str, datetime]
    late: tuple[tuple[datetime, str], ...]

    def begin(self, known: float) -> float:
        """The hour from which on the brand's chances count; `known`: the first that is known without this past."""
        return max(min(self.first, known), hours(self.since))

    def born_with(self, born: Mapping[str, datetime] | None) -> dict[str, datetime]:
        """The earlier of these moments and of those of the past, for each source."""
        both = dict(born or {})
        for source, at in self.born.items():
            both[source] = min(at, both.get(source, at))
        return both


def reach_h(settings: Settings) -> float:
    """How far a look at a mention goes back by single mentions, in hours before its date."""
    return max(*settings.windows_h, settings.floor_h, settings.hold_out_h, settings.thread_h)


def sum_up(
    posts: Sequence[Judged],
    exposure: Exposure,
    topics: Sequence[Topic],
    since: datetime,
    edge: datetime,
    known: Spans,
    until: datetime,
    settings: Settings,
) -> Past:
    """The past of one brand.

    Args:
        posts: all of its mentions in [since, edge). known: crises_before(…) of its alerts. until: the look's end.
    """
    complaints = {topic.id: topic for topic in topics if topic.kind == "complaint"}
    arrivals = Arrivals(posts, exposure, until, settings)
    threads, streams = Threads(settings, exposure.decay), dict[str, Baseline]()
    for _, post in arrivals.ordered(posts):
        at, alive = hours(post.when), exposure.alive(post.source, hours(post.when))
        if not threads.passes(post) and alive:
            for stream in streams_of(post, complaints):
                if stream not in streams:
                    streams[stream] = Baseline(settings, exposure.decay)
                streams[stream].learn(at, post.source, post.voice)
        threads.take(post, at, False, alive)
    end, lately = hours(edge), edge - timedelta(hours=2 * settings.level_half_life_h)
    return Past(
        since=since,
        edge=edge,
        crises=known,
        usual={stream: baseline.sum_up(end, known) for stream, baseline in streams.items()},
        threads=threads.sum_up(end, known),
        first=min((hours(post.when) for post in posts), default=float("inf")),
        born=arrivals.born,
        late=tuple((post.when, post.voice) for post in posts if post.when > lately),
    )


def crises(alerts: Iterable[Alert], settings: Settings) -> Spans:
    """The beginnings of known crises, in hours, merged: nobody learns from them what is usual."""
    merged: list[tuple[float, float]] = []
    for alert in sorted(alerts, key=lambda alert: alert.began):
        low = hours(alert.began)
        high = min(hours(alert.last_activity), low + settings.crisis_h)
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def crises_before(alerts: Iterable[Alert], edge: datetime, settings: Settings) -> Spans:
    """The same, as far as they lie before a moment."""
    end = hours(edge)
    return [(low, min(high, end)) for low, high in crises(alerts, settings) if low < end]
