"""How a brand is looked at: a quiet one by its mentions of two months, a busy one by what is kept of its habits.

A brand without anything new and without an open alert costs one question to the store. Of a quiet one the mentions of
the last days are read, and what was said before is summed up once a day (pasts.py). Of a busy one only the new mentions
are read; the last day's only if something is out of the ordinary. What is usual is kept in memory from look to look
(`Memory`), of busy ones once an hour also in the store, and is built anew from the mentions where it is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol
from zlib import crc32

from listener.config import Brand, Config, Topic
from listener.records import Alert, Judged
from listener.report.pasts import MOST, Pasts, edge_for, single_from
from listener.watch.alarm import watch as look
from listener.watch.baseline import Exposure, hours
from listener.watch.burst import topic_of
from listener.watch.busy import Busy, is_busy
from listener.watch.life import Change, Look
from listener.watch.past import Past, reach_h
from listener.watch.settings import DEFAULTS, SENSITIVITIES, Settings
from listener.watch.sight import Looks, build, exposure_of, sight

WATCH_DAYS = 60  # two half-lives of the quiet-brand baseline; older posts would hardly weigh
_TAIL = timedelta(hours=8)  # of heard hours, asked for at every look


class Watched(Protocol):
    """What a look asks of the store, and notes in it; see protocol.Store. A replay gives it one of its own."""

    def alerts(self, brand: str | None = None, open_only: bool = False) -> list[Alert]: ...
    def stirred(self, brand: str, since: datetime) -> bool: ...
    def newest_mention(self) -> int: ...
    def watched_since(self, brand: str) -> datetime | None: ...
    def watched_to(self, brand: str) -> int: ...
    def set_watched_to(self, brand: str, number: int) -> None: ...
    def heard_hours(self, since: datetime, until: datetime) -> dict[str, tuple[datetime, ...]]: ...
    def first_heard(self) -> dict[str, datetime]: ...
    def judged_after(self, brand: str, number: int, until: int) -> list[Judged]: ...
    def arrived_after(self, brand: str, number: int, since: datetime) -> frozenset[str]: ...
    def judged(
        self,
        brand: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        keys: Sequence[str] | None = None,
        newest: int | None = None,
    ) -> list[Judged]: ...
    def judged_mark(self, brand: str, since: datetime, until: datetime) -> str: ...
    def habits(self, brand: str) -> Any: ...
    def keep_habits(self, brand: str, habits: Any, at: datetime) -> None: ...


def sensitivity_of(config: Config, brand: Brand) -> str:
    """The name of the brand's own setting, else that of listener.toml: a key of settings.SENSITIVITIES."""
    return brand.watch.sensitivity or config.main.watch.sensitivity or "normal"


def settings_of(config: Config, brand: Brand) -> Settings:
    """The constants by which a brand is watched."""
    return SENSITIVITIES[sensitivity_of(config, brand)].settings


@dataclass
class Memory:
    """What a process that looks again and again keeps between looks. An empty one is always right, only slower.

    Attributes:
        busy: brand → its habits, as of its `seen`. kept: brand → the hour in which they were last stored.
        pasts: what quiet brands' older mentions come to.
    """

    busy: dict[str, Busy] = field(default_factory=dict)
    kept: dict[str, datetime] = field(default_factory=dict)
    pasts: Pasts = field(default_factory=Pasts)
    _exposure: Exposure | None = None
    _hour: datetime | None = None
    _asked: datetime | None = None

    def exposure(self, store: Watched, now: datetime) -> Exposure:
        """The heard hours of the last 60 days: read whole once an hour, else their end."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._exposure is None or hour != self._hour:
            since = now - timedelta(days=WATCH_DAYS)
            self._exposure = exposure_of(store.heard_hours(since, now), since, now)
            self._hour = hour
        elif now != self._asked:
            self._exposure.extend(store.heard_hours(now - _TAIL, now))
        self._asked = now
        return self._exposure


@dataclass(frozen=True)
class Seen:
    """What one look found: changes of alerts, and the posts that their mails may quote."""

    changes: tuple[Change, ...] = ()
    posts: Sequence[Judged] = ()


def look_at(
    store: Watched,
    topics: Sequence[Topic],
    brand: str,
    since: datetime,
    now: datetime,
    memory: Memory,
    settings: Settings = DEFAULTS,
) -> Seen:
    """Look at what reached us of a brand after `since`, up to `now`. It notes the look: call it in a transaction."""
    newest = store.newest_mention()
    opened = store.alerts(brand, open_only=True)
    stirred = store.stirred(brand, since)
    if not stirred and not opened:
        return Seen()
    busy = _habits(store, brand, memory)
    if busy is None:
        seen = _quiet(store, topics, brand, since, now, memory, newest, settings)
    else:
        seen = _busy(store, topics, brand, since, now, memory, newest, busy, opened, settings)
    store.set_watched_to(brand, newest)
    return seen


def _quiet(
    store: Watched,
    topics: Sequence[Topic],
    brand: str,
    since: datetime,
    now: datetime,
    memory: Memory,
    newest: int,
    settings: Settings,
) -> Seen:
    alerts = store.alerts(brand)  # closed ones too: their crises are no part of what is usual
    heard = memory.exposure(store, now)  # one for all brands: with many sources it is most of a look's price
    # By number, not by time alone: what a visit of minutes read before the last look came into the store after it.
    new = store.arrived_after(brand, store.watched_to(brand), since - timedelta(hours=settings.late_h))
    began, born = store.watched_since(brand), _born(store, brand)
    judged, past = _split(store, topics, brand, since, now, memory, heard, alerts, new, settings)
    changes = look(judged, heard, topics, alerts, since, now, settings, began, new=new, born=born, past=past)
    if is_busy(judged, now, settings, past.late):
        until = now + timedelta(seconds=1)
        every = store.judged(brand, since=now - timedelta(days=WATCH_DAYS), until=until, newest=MOST)
        busy = build(brand, every, heard, topics, now, settings)
        busy.seen = newest
        _keep(store, brand, busy, now, memory)
        memory.pasts.drop(brand)
    return Seen(changes, judged)


def _split(
    store: Watched,
    topics: Sequence[Topic],
    brand: str,
    since: datetime,
    now: datetime,
    memory: Memory,
    heard: Exposure,
    alerts: Sequence[Alert],
    new: frozenset[str],
    settings: Settings,
) -> tuple[list[Judged], Past]:
    """The mentions that a look at a quiet brand needs one by one, and what was said before them."""
    until, single, pasts = now + timedelta(seconds=1), single_from(alerts, since, settings), memory.pasts
    edge = edge_for(brand, single)
    judged = store.judged(brand, since=edge, until=until, newest=MOST)
    older = new - {post.post_key for post in judged}
    if older and any(post.when < edge for post in store.judged(brand, keys=sorted(older))):
        pasts.drop(brand)
    # What comes so late that its windows reach over the edge is looked at with an earlier one, which is not kept.
    oldest = since - timedelta(hours=settings.late_h)  # what is older is history
    fresh = (post.when for post in judged if post.first_seen > since or post.when > since or post.post_key in new)
    needed = min((when for when in fresh if when >= oldest), default=now) - timedelta(hours=reach_h(settings))
    if needed < edge:
        edge, pasts = edge_for(brand, needed), Pasts()
        judged = store.judged(brand, since=edge, until=until, newest=MOST)
    return judged, pasts.of(store, topics, brand, heard, alerts, edge, now, settings)


def _busy(
    store: Watched,
    topics: Sequence[Topic],
    brand: str,
    since: datetime,
    now: datetime,
    memory: Memory,
    newest: int,
    busy: Busy,
    opened: Sequence[Alert],
    settings: Settings,
) -> Seen:
    exposure = memory.exposure(store, now)
    before = store.watched_to(brand)
    if busy.head > hours(now) + settings.future_h:  # a clock that was ahead taught it: until then it would be deaf
        judged = store.judged(brand, since=now - timedelta(days=WATCH_DAYS), until=now + timedelta(seconds=1))
        known = [post for post in judged if post.first_seen <= since]
        busy = build(brand, known, exposure, topics, now, settings)
        busy.seen = before
        _keep(store, brand, busy, now, memory)
    if busy.seen < before:  # kept some time ago: what was looked at since then is only learnt
        _sighted(store, busy, busy.seen, before, exposure, topics, now, settings)
    looks = _sighted(store, busy, before, newest, exposure, topics, now, settings)
    busy.seen = newest
    seen = Seen()
    every = chain.from_iterable(looks.values())
    if opened or any(one.fired or topic_of(one.stream) in settings.floor_topics for one in every):
        seen = _life(store, topics, brand, since, now, looks, opened, settings)
    if busy.is_calm(settings):
        memory.busy.pop(brand, None)
        store.keep_habits(brand, None, now)
    elif busy.warm(hours(now), exposure, settings) is not None:
        judged = store.judged(brand, since=now - timedelta(days=WATCH_DAYS), until=now + timedelta(seconds=1))
        anew = build(brand, judged, exposure, topics, now, settings)
        anew.seen = newest
        _keep(store, brand, anew, now, memory)
    elif abs(now - memory.kept.setdefault(brand, now - _turn(brand))) >= timedelta(hours=1):
        _keep(store, brand, busy, now, memory)
    return seen


def _sighted(
    store: Watched,
    busy: Busy,
    after: int,
    until: int,
    exposure: Exposure,
    topics: Sequence[Topic],
    now: datetime,
    settings: Settings,
) -> Looks:
    """Take the mentions after a number, up to another, into the habits, some at a time; the looks of the last ones."""
    looks: dict[str, tuple[Look, ...]] = {}
    for low in range(after, max(until, after + 1), MOST):
        posts = [*_waiting(store, busy), *store.judged_after(busy.brand, low, min(until, low + MOST))]
        looks |= sight(busy, posts, exposure, topics, now, settings)
        for key in list(looks)[:-MOST]:
            del looks[key]
    return looks


def _life(
    store: Watched,
    topics: Sequence[Topic],
    brand: str,
    since: datetime,
    now: datetime,
    looks: Looks,
    opened: Sequence[Alert],
    settings: Settings,
) -> Seen:
    """What becomes of alerts. Reads the posts since the open ones began, of a day at least; only evidence if nothing
    is new. Of very many it reads the last ones, and the evidence: an alert's whole number of voices is the store's to
    count.
    """
    evidence = [key for alert in opened for key in alert.evidence]
    first = min([now - timedelta(hours=settings.floor_h + 1), *[alert.began for alert in opened]])
    if looks:
        judged = store.judged(brand, since=first - timedelta(hours=1), until=now + timedelta(seconds=1), newest=MOST)
        if len(judged) == MOST:
            known = {post.post_key for post in judged}
            judged = [post for post in store.judged(brand, keys=evidence) if post.post_key not in known] + judged
    else:
        judged = store.judged(brand, keys=evidence)
    heard = store.heard_hours(min([first, *[alert.last_activity for alert in opened]]) - timedelta(days=1), now)
    born = _born(store, brand)
    return Seen(look(judged, heard, topics, store.alerts(brand), since, now, settings, looks=looks, born=born), judged)


def _born(store: Watched, brand: str) -> dict[str, datetime]:
    """Source → since when the brand is listened for in it, as far as that was noted.

    Without it a brand's first mention in a source would be history for ever, and so would all that came with it.
    """
    began = store.watched_since(brand)
    return {} if began is None else {source: max(first, began) for source, first in store.first_heard().items()}


def _turn(brand: str) -> timedelta:
    """A brand's own minute of the hour, so that after a restart not all are stored at one look."""
    return timedelta(minutes=crc32(brand.encode()) % 60)


def _waiting(store: Watched, busy: Busy) -> list[Judged]:
    return store.judged(busy.brand, keys=busy.waiting) if busy.waiting else []


def _habits(store: Watched, brand: str, memory: Memory) -> Busy | None:
    """The brand's habits as far as they are known: from memory, or from the store; None for a quiet brand."""
    known = memory.busy.get(brand)
    if known is None or known.seen > store.watched_to(brand):  # a look that failed went on without being noted
        known = Busy.load(store.habits(brand))
        if known is None:
            memory.busy.pop(brand, None)
            return None
        memory.busy[brand] = known
    return known


def _keep(store: Watched, brand: str, busy: Busy, now: datetime, memory: Memory) -> None:
    memory.busy[brand] = busy
    memory.kept[brand] = now
    store.keep_habits(brand, busy.dump(), now)
