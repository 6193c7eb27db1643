"""The watch for quiet brands: at each mention, is this many voices improbable under the brand's own habit?

For each stream that the mention belongs to (all, negative, leaving, each complaint topic)

    s = max over W in {1, 3, 6, 24} h of −log10 P[NegBin(λW, φ) ≥ distinct voices in the last W hours]

and an alert is raised at s ≥ 4 (a little more where there is much talk) with three voices, or at three voices in a day
on a topic that alarms by itself. Online: a mention is judged by what had reached us by then, and never again.

Busy brands are looked at by sight.py, in bins of five minutes; what becomes of what it saw is decided here as well.
"""

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from listener.config import Topic
from listener.records import Alert, Judged
from listener.watch import life
from listener.watch.arrive import Arrivals
from listener.watch.baseline import Baseline, Decay, Exposure, Spans, hours, surprise
from listener.watch.burst import LEAVING, NEGATIVE, Burst, burst_of, streams_of, topic_of
from listener.watch.life import Change, Look
from listener.watch.past import Past, crises
from listener.watch.settings import DEFAULTS, Settings
from listener.watch.sight import Looks
from listener.watch.threads import THREAD, THREADS, Threads
from listener.watch.window import Windows

LAST_KEY = "~"  # sorts after every post key, which are hex digits


def watch(
    judged: Sequence[Judged],
    heard: Mapping[str, Sequence[datetime]] | Exposure,
    topics: Sequence[Topic],
    alerts: Sequence[Alert],
    since: datetime,
    until: datetime,
    settings: Settings = DEFAULTS,
    watched_from: datetime | None = None,
    looks: Looks | None = None,
    new: frozenset[str] = frozenset(),
    born: Mapping[str, datetime] | None = None,
    past: Past | None = None,
) -> tuple[Change, ...]:
    """What happened to the alerts after `since`, up to and including `until`.

    A post is looked at once, when it reaches us: at `first_seen` if that is later than `when`, else at `when`. One
    that is older than `late_h` on arrival, or was written before its source was first heard, is history: it counts
    for no alert, but teaches the baseline; so does what a backfill brought, whenever it was written. One that is dated
    in the future counts for nothing. Two looks (a, b] and (b, c] come to the same as one look (a, c].

    Args:
        judged: mentions of the last 60 days, of one brand or several, in any order.
        heard: source → the hours in which it was heard, as the store tells them, for the same time; or these hours as
            an Exposure that others use too.
        alerts: the brands' alerts; closed ones only keep their crisis out of the baseline.
        looks: what sight.sight saw in the posts that arrived after `since`, for a busy brand; then `judged` need only
            hold the posts of the last day and those since its open alerts began.
        new: keys of posts that came into the store after the look at `since`, though they may have been read before it.
        born: source → since when these brands are listened for there, where that is known; mentions may show an earlier
            moment. What was written before it is history, also if it is read later.
        past: what was said before `past.edge`, summed up; then `judged` need only hold what was said since, all of one
            brand, and nothing that arrived after `since` may be dated less than `reach_h` after the edge.
        watched_from: since when these brands are listened for, if that is known; mentions in `judged` that are older
            show that it was earlier. A brand of which nothing was said in all this time was quiet, not unheard.

    Returns:
        In the order of time; the last change of an alert holds its present state.
    """
    changes: list[Change] = []
    for brand in sorted({post.brand for post in judged} | {alert.brand for alert in alerts}):
        posts = [post for post in judged if post.brand == brand]
        known = [alert for alert in alerts if alert.brand == brand]
        if not known and not any(
            since < post.when <= until or since < post.first_seen <= until or post.post_key in new for post in posts
        ):
            continue
        look = _Watch(posts, heard, topics, known, since, until, settings, watched_from, looks, new, born, past)
        changes.extend(look.run())
    return tuple(sorted(changes, key=lambda change: change.at))


class _Watch:
    """One look at one brand. `voice` below is the voice that a post counts as: a copy's is the first author's."""

    def __init__(
        self,
        posts: Sequence[Judged],
        heard: Mapping[str, Sequence[datetime]] | Exposure,
        topics: Sequence[Topic],
        alerts: Sequence[Alert],
        since: datetime,
        until: datetime,
        settings: Settings,
        watched_from: datetime | None,
        looks: Looks | None,
        new: frozenset[str],
        born: Mapping[str, datetime] | None,
        past: Past | None,
    ) -> None:
        self._settings, self._since, self._until = settings, since, until
        self._complaints = {topic.id: topic for topic in topics if topic.kind == "complaint"}
        self._alerts = {alert.key: alert for alert in alerts}
        begin = min((hours(post.when) for post in posts), default=hours(until))
        begin = begin if watched_from is None else min(begin, hours(watched_from))
        if past is not None:
            begin, born = past.begin(begin), past.born_with(born)
        self._usual = {} if past is None else past.usual
        if isinstance(heard, Exposure):
            self._exposure = heard.only(begin)
        else:
            self._exposure = Exposure(heard, begin, settings, Decay(hours(until), settings.half_life_h))
        self._decay = self._exposure.decay
        self._warm: dict[int, frozenset[str]] = {}
        self._arrivals = Arrivals(posts, self._exposure, until, settings, born, new, since)
        self._looks = looks
        self._ordered = self._arrivals.ordered(posts)
        self._posts: dict[str, tuple[Judged, str]] = {}
        self._streams: dict[str, list[tuple[float, str]]] = {}  # stream → (hour, post key), ascending
        self._baselines: dict[str, Baseline] = {}
        self._windows: dict[str, Windows] = {}
        self._floors: dict[str, Windows] = {}
        self._threads = Threads(settings, self._decay, None if past is None else past.threads)
        self._head = -math.inf
        self._found: list[Change] = []

    def run(self) -> list[Change]:
        for alert in self._open():
            if (right := life.set_right(alert, self._until)) != alert:
                self._note(Change(right, "grew", self._since, "clock"))
        for at, post in self._ordered:
            if at > self._until:
                break
            fresh = at > self._since if self._looks is None else post.post_key in self._looks
            if fresh:
                self._close(at)
            news = self._arrivals.is_news(post, at)
            self._take(post, news)
            if news and fresh:
                self._look_at(post, at)
        self._close(self._until)
        return self._found

    def _take(self, post: Judged, news: bool) -> None:
        """Put a post that reached us into its streams and baselines and, if it is news, into the windows."""
        at = hours(post.when)
        voice = post.voice
        self._posts[post.post_key] = (post, voice)
        self._head = max(self._head, at) if news else self._head
        warm = post.source in self._warm_at(at)
        alive = self._exposure.alive(post.source, at)
        talk = not self._threads.passes(post)
        for stream in streams_of(post, self._complaints):
            if not post.backfilled:  # no alert counts it, also not one that is open
                insort(self._streams.setdefault(stream, []), (at, post.post_key))
            if news and warm and talk and self._looks is None:
                self._windows.setdefault(stream, Windows(self._settings.windows_h)).add(at, voice)
            if news and topic_of(stream) in self._settings.floor_topics and talk:
                self._floors.setdefault(stream, Windows((self._settings.floor_h,))).add(at, voice)
            if alive and talk and self._looks is None:
                self._baseline(stream).learn(at, post.source, voice)
        if self._looks is None:
            for stream in self._threads.take(post, at, news and warm, alive):
                if not post.backfilled:
                    insort(self._streams.setdefault(stream, []), (at, post.post_key))

    def _baseline(self, stream: str) -> Baseline:
        if stream not in self._baselines:
            self._baselines[stream] = Baseline(self._settings, self._decay, self._usual.get(stream))
        return self._baselines[stream]

    def _warm_at(self, at: float) -> frozenset[str]:
        hour = math.floor(at)
        if hour not in self._warm:
            self._warm[hour] = self._exposure.warm(hour, self._settings.warm_up_h)
        return self._warm[hour]

    # what is improbable

    def _look_at(self, post: Judged, at: datetime) -> None:
        streams = streams_of(post, self._complaints)
        mine = {alert.stream for alert in self._open()}
        seen = {look.stream: look for look in (self._looks or {}).get(post.post_key, ())}
        looks = [look for stream in streams if (look := self._score(stream, stream in mine, seen)) is not None]
        if self._looks is None:
            warm = self._warm_at(self._head)
            looks += self._threads.looks(post, self._head, self._exposure, warm, self._crises())
        unexplained = []
        for look in looks:
            alert = next((alert for alert in self._open() if self._joins(alert, look, post, at)), None)
            if alert is not None:
                if look.stream == alert.stream or topic_of(look.stream) or self._same_thread(alert, post):
                    self._grow(alert, look, post, at)
            elif look.fired:
                unexplained.append(look)
        if unexplained:
            self._raise(max(unexplained, key=self._specific), post, at)

    def _score(self, stream: str, open_already: bool, seen: Mapping[str, Look]) -> Look | None:
        """How improbable a stream is at the newest mention; None while it is nothing at all."""
        settings, best = self._settings, seen.get(stream)
        counts = self._windows[stream].counts(self._head) if stream in self._windows else {}
        if max(counts.values(), default=0) >= (1 if open_already else settings.least_voices):
            best = self._improbable(stream, counts)
        floor = 0
        if stream in self._floors:
            floor = self._floors[stream].counts(self._head)[settings.floor_h]
        # With a history the floor asks for something out of the ordinary too, lest a large brand hear it every day.
        usual = best is not None and best.score < settings.floor_fire
        if floor < settings.floor_voices or usual or (best is not None and best.fired):
            return best
        score, expected = (best.score, best.expected) if best else (0.0, 0.0)
        begin = self._head - settings.floor_h
        return Look(stream, max(score, settings.rearm), settings.floor_h, floor, expected, begin, True, True, True)

    def _improbable(self, stream: str, counts: Mapping[int, int]) -> Look | None:
        settings = self._settings
        warm = self._warm_at(self._head)
        if not warm:
            return None
        usual = self._baseline(stream).expected(self._head, self._exposure, warm, self._crises())
        scores = {w: surprise(count, usual.rate_h * w, usual.size[w]) for w, count in counts.items()}
        # A brand with more talk is looked at more often: without these a chance peak a day would keep an alert open.
        daily = usual.rate_h * 24
        fire = settings.fire + math.log10(max(1.0, daily / settings.few_looks))
        rearm = settings.rearm + math.log10(max(1.0, daily))
        best = max(scores, key=lambda width: (scores[width], -width))
        widest = max((width for width in scores if scores[width] >= rearm), default=best)
        enough = [w for w, score in scores.items() if score >= fire and counts[w] >= settings.least_voices]
        if enough and best not in enough:
            best = max(enough, key=lambda width: (scores[width], -width))
        expected, begin = usual.rate_h * best, self._head - widest
        active = scores[best] >= rearm
        return Look(stream, scores[best], best, counts[best], expected, begin, active, bool(enough), False)

    def _crises(self) -> Spans:
        return crises(self._alerts.values(), self._settings)

    # what becomes of it

    def _open(self) -> list[Alert]:
        alerts = (alert for alert in self._alerts.values() if alert.state != "closed")
        return sorted(alerts, key=lambda alert: (alert.opened, alert.key))

    def _joins(self, alert: Alert, look: Look, post: Judged, at: datetime) -> bool:
        """Whether a stream's look belongs to an open alert: its own stream, or the same posts or threads."""
        if look.stream == alert.stream:
            return look.active
        if not look.fired or at - alert.last_activity > timedelta(hours=self._settings.overlap_h):
            return False
        if self._same_thread(alert, post):
            return True
        theirs = self._recent(alert.stream, hours(alert.began) - 1e-6)
        theirs += [self._posts[key][0] for key in alert.evidence if key in self._posts]  # judged anew since, perhaps
        keys, threads = {one.post_key for one in theirs}, {one.thread_url for one in theirs}
        ours = self._recent(look.stream, look.since_h)
        shared = sum(one.post_key in keys or one.thread_url in threads for one in ours)
        return shared >= self._settings.overlap * len(ours)

    def _recent(self, stream: str, since_h: float) -> list[Judged]:
        """The last posts of a stream after an hour; a few hundred say as much as a million."""
        rows = self._streams.get(stream, [])
        return [self._posts[key][0] for _, key in rows[max(bisect_right(rows, (since_h, LAST_KEY)), len(rows) - 300) :]]

    def _same_thread(self, alert: Alert, post: Judged) -> bool:
        return any(post.thread_url == self._posts[key][0].thread_url for key in alert.evidence if key in self._posts)

    def _specific(self, look: Look) -> tuple[int, float, float]:
        """A complaint names a crisis better than leaving, leaving better than anger, anger better than talk."""
        topic = self._complaints.get(topic_of(look.stream))
        rank = 3 if topic else {LEAVING: 2, NEGATIVE: 1, THREADS: 1, THREAD: 1}.get(look.stream, 0)
        return rank, topic.weight if topic else 0.0, look.score

    def _burst(self, stream: str, since_h: float) -> Burst:
        """The stream's posts after the hour `since_h`, as far as they have reached us."""
        rows = self._streams[stream]
        begin = bisect_right(rows, (since_h, LAST_KEY))
        return burst_of([self._posts[key] for _, key in rows[begin:]], self._complaints)

    def _topic(self, stream: str, burst: Burst) -> Topic | None:
        return self._complaints.get(topic_of(stream) or burst.topic)

    def _raise(self, look: Look, post: Judged, at: datetime) -> None:
        burst = self._burst(look.stream, look.since_h)
        alert = life.opened(look, burst, post.post_key, at, self._topic(look.stream, burst), self._settings)
        if alert.key not in self._alerts:
            self._note(Change(alert, "opened", at, "floor" if look.by_floor else "improbable"))

    def _grow(self, alert: Alert, look: Look, post: Judged, at: datetime) -> None:
        named = look.fired and topic_of(look.stream) and not topic_of(alert.stream)
        stream = look.stream if named else alert.stream
        before = hours(alert.began) - 1e-6  # a thousandth of a second or more earlier
        rows = self._streams.get(stream, [])
        posts = len(rows) - bisect_right(rows, (before, LAST_KEY))
        grew = posts >= self._settings.grow * max(1.0, life.number(alert, "posts"))
        # Of a flood only the last posts are at hand, and they grow no more in number; the store counts its voices.
        grew |= look.fired and life.tripled(alert, alert.total, at, self._settings)
        later = at - alert.last_activity >= timedelta(hours=1)
        # No posts: they were deleted or judged anew. The alert's timer still closes it.
        if posts and (named or grew or later or post.platform not in alert.sources):
            burst = self._burst(stream, before)
            topic = self._topic(stream, burst)
            self._note(life.grown(alert, look, burst, stream, at, topic, self._settings))

    def _close(self, now: datetime) -> None:
        due = [(end, alert) for alert in self._open() if (end := self._calm_at(alert)) is not None and end <= now]
        for end, alert in sorted(due, key=lambda pair: (pair[0], pair[1].key)):
            self._note(life.closed(alert, end))

    def _calm_at(self, alert: Alert) -> datetime | None:
        """When it will have been quiet for long enough in hours that were heard; None: not yet, for all we heard.

        Silence counts only where somebody listened: hours in which none of its sources was heard close nothing.
        """
        evidence = (self._posts[key][0].source for key in alert.evidence if key in self._posts)
        sources = set(evidence) & set(self._exposure.sources()) or set(self._exposure.sources())
        quiet_h = self._settings.quiet_h if self._looks is None else self._settings.busy_quiet_h
        ends = [self._exposure.after(source, hours(alert.last_activity), quiet_h) for source in sources]
        if alert.state == "acknowledged" and alert.acknowledged is not None:
            base = hours(max(alert.acknowledged, alert.last_activity))
            ends += [self._exposure.after(source, base, self._settings.quiet_acknowledged_h) for source in sources]
        known: Iterable[float] = [end for end in ends if end is not None]
        end = min(known, default=None)
        return None if end is None else datetime.fromtimestamp(end * 3600, UTC)

    def _note(self, change: Change) -> None:
        self._alerts[change.alert.key] = change.alert
        self._found.append(change)
