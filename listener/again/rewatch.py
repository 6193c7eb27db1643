"""What would the watch have told, at another sensitivity? A brand's stored posts, played through the live watch.

Every post reaches the replay when it reached the store, and each look is `watching.look_at` itself, which is given a
scratch store (`Past`) in place of the real one: it knows no more than was known then, and nothing is written. A quiet
brand is looked at once a day, a busy one once an hour, for looks that follow one another come to the same as one over
both; only the hour at which a brand becomes busy may differ from what it was. Posts are judged as they are today, and
those that were deleted or muted since are gone.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from listener.config import Config, Topic
from listener.errors import ConfigError
from listener.records import Alert, Judged
from listener.report.watching import WATCH_DAYS, Memory, look_at
from listener.store.protocol import Store
from listener.watch.life import Change, acknowledge
from listener.watch.settings import SENSITIVITIES, Settings

_DAY, _HOUR, _WEEK = timedelta(days=1), timedelta(hours=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """One alert of a replay.

    Attributes:
        raised: as it was when it was raised. last: as it stood in the end.
        really: the alert that the live watch raised of the same crisis; None if it raised none.
        sent: when the first mail of that one was queued; None if nobody was told.
    """

    raised: Alert
    last: Alert
    really: Alert | None
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """One sensitivity's replay. `missed`: alerts that the live watch raised in this time, and the replay did not."""

    sensitivity: str
    rung: tuple[Rung, ...]
    missed: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        weeks: from `since` to `until`, in which the brand was watched.
        mentions: that reached the watch in this time. history: so many of them a backfill brought, or a first visit.
        days: (day in UTC, different voices), ascending, days without any left out.
        real: alerts that the live watch raised in this time, by the time they were raised.
    """

    brand: str
    since: datetime
    until: datetime
    weeks: float
    mentions: int
    history: int
    days: tuple[tuple[date, int], ...]
    real: tuple[Alert, ...]
    runs: tuple[Run, ...]


class Past:
    """The store as the watch knew it at a moment, for one brand; what a look notes is kept here. See watching.Watched.

    Mentions are numbered from 1 in the order in which they reached the store.
    """

    def __init__(
        self,
        posts: Sequence[Judged],
        heard: Mapping[str, Sequence[datetime]],
        alerts: Sequence[Alert],
        watched_since: datetime | None = None,
        first_heard: Mapping[str, datetime] | None = None,
    ) -> None:
        self._arrived = sorted(posts, key=lambda post: (post.first_seen, post.when, post.post_key))
        self._arrivals = [post.first_seen for post in self._arrived]
        self._dated = sorted(posts, key=lambda post: (post.when, post.post_key))
        self._dates = [post.when for post in self._dated]
        self._by_key = {post.post_key: post for post in posts}
        self._heard = {source: tuple(hours) for source, hours in heard.items()}
        self._alerts = {alert.key: alert for alert in alerts}
        self._now = datetime.min.replace(tzinfo=UTC)
        self._watched_since, self._first_heard = watched_since, dict(first_heard or {})
        self._watched_to = 0
        self._habits: Any = None

    def move(self, now: datetime) -> None:
        """It is `now`."""
        self._now = now

    def note(self, changes: Sequence[Change]) -> None:
        """Keep what became of alerts."""
        self._alerts |= {change.alert.key: change.alert for change in changes}

    def take_up(self, real: Alert) -> None:
        """Somebody took the real alert up; whoever got the replay's would have done so as well."""
        mine = self._alerts.get(real.key)
        if mine is None or mine.state == "closed" or real.acknowledged is None or real.acknowledged > self._now:
            return
        self._alerts[real.key] = acknowledge(mine, real.acknowledged_by, real.acknowledged)

    @property
    def busy(self) -> bool:
        """Whether the brand is watched by what is kept of its habits."""
        return self._habits is not None

    def alerts(self, brand: str | None = None, open_only: bool = False) -> list[Alert]:
        return [alert for alert in self._alerts.values() if not open_only or alert.state != "closed"]

    def newest_mention(self) -> int:
        return bisect_right(self._arrivals, self._now)

    def stirred(self, brand: str, since: datetime) -> bool:
        return self.newest_mention() > self._watched_to or any(
            post.first_seen <= self._now for post in self._dated[bisect_right(self._dates, since) :]
        )

    def watched_since(self, brand: str) -> datetime | None:
        return self._watched_since

    def watched_to(self, brand: str) -> int:
        return self._watched_to

    def set_watched_to(self, brand: str, number: int) -> None:
        self._watched_to = number

    def heard_hours(self, since: datetime, until: datetime) -> dict[str, tuple[datetime, ...]]:
        last = min(until, self._now)
        return {
            source: hours[bisect_left(hours, since) : bisect_left(hours, last)] for source, hours in self._heard.items()
        }

    def first_heard(self) -> dict[str, datetime]:
        return self._first_heard

    def judged(
        self,
        brand: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        keys: Sequence[str] | None = None,
        newest: int | None = None,
    ) -> list[Judged]:
        if keys is not None:
            found = [self._by_key[key] for key in dict.fromkeys(keys) if key in self._by_key]
            found.sort(key=lambda post: (post.when, post.post_key))
        else:
            first = 0 if since is None else bisect_left(self._dates, since)
            found = self._dated[first : len(self._dated) if until is None else bisect_left(self._dates, until)]
        found = [post for post in found if post.first_seen <= self._now]
        return found if newest is None else found[-newest:]

    def judged_after(self, brand: str, number: int, until: int) -> list[Judged]:
        return self._arrived[number:until]

    def judged_mark(self, brand: str, since: datetime, until: datetime) -> str:
        return ""  # what was said stays as it is

    def arrived_after(self, brand: str, number: int, since: datetime) -> frozenset[str]:
        return frozenset(
            post.post_key for post in self._arrived[number : self.newest_mention()] if post.first_seen >= since
        )

    def habits(self, brand: str) -> Any:
        return self._habits

    def keep_habits(self, brand: str, habits: Any, at: datetime) -> None:
        self._habits = habits


def replay(
    store: Store,
    config: Config,
    brand: str,
    since: datetime,
    until: datetime,
    sensitivities: Sequence[str] = tuple(SENSITIVITIES),
    as_written: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> Replayed:
    """Watch a brand's past from `since` to `until` once more, at each of these sensitivities.

    Alerts that the live watch raised before `since` are known to every run, as they stood then. The posts of this time
    and of the 60 days before it are held in memory.

    Args:
        as_written: every post counts as if it had been read when it was written, also what a backfill or a first visit
            brought: for a store that was filled afterwards.
        on_progress: told which share of all is done, after each look.

    Raises:
        ConfigError: no such brand, or `since` is not before `until`.
    """
    topics, zone = config.topics, config.brand(brand).zone
    if since >= until:
        raise ConfigError(f"a replay goes forward: {since:%Y-%m-%d %H:%M} is not before {until:%Y-%m-%d %H:%M} (UTC)")
    begin = since - timedelta(days=WATCH_DAYS)
    posts = store.judged(brand, since=begin, until=until + timedelta(seconds=1))
    if as_written:
        posts = [replace(post, first_seen=post.when, backfilled=False) for post in posts]
    heard = store.heard_hours(begin, until)
    known = store.alerts(brand)
    real = sorted((one for one in known if since < one.opened <= until), key=lambda one: (one.opened, one.key))
    before = [_as_of(one, since) for one in known if one.opened <= since]
    sent = {one.key: _sent(store, one) for one in real}
    runs = []
    for number, name in enumerate(sensitivities):
        settings = replace(SENSITIVITIES[name].settings, replay=as_written)

        def told(share: float, done: int = number) -> None:
            if on_progress is not None:
                on_progress((done + share) / len(sensitivities))

        past = Past(posts, heard, before, store.watched_since(brand), store.first_heard())
        found = _run(past, topics, brand, since, until, settings, real, told)
        runs.append(_beside(name, found, real, sent))
    lately = [post for post in posts if since < post.first_seen <= until and not post.by_brand]
    late = timedelta(hours=SENSITIVITIES["normal"].settings.late_h)
    spoken = {(post.when.astimezone(zone).date(), post.voice) for post in posts if post.when > since}
    return Replayed(
        brand=brand,
        since=since,
        until=until,
        weeks=(until - since) / _WEEK,
        mentions=len(lately),
        history=sum(post.backfilled or post.first_seen - post.when > late for post in lately),
        days=tuple(sorted(Counter(day for day, _ in spoken).items())),
        real=tuple(real),
        runs=tuple(runs),
    )


def _run(
    past: Past,
    topics: Sequence[Topic],
    brand: str,
    since: datetime,
    until: datetime,
    settings: Settings,
    real: Sequence[Alert],
    on_progress: Callable[[float], None],
) -> list[tuple[Alert, Alert]]:
    """(as raised, as it stood in the end) of each alert, by the time it was raised."""
    memory, raised, last = Memory(), dict[str, Alert](), dict[str, Alert]()
    past.move(since)
    look_at(past, topics, brand, since, since, memory, settings)  # what was said before is history
    at = since
    while at < until:
        now = min(until, at + (_HOUR if past.busy else _DAY))
        past.move(now)
        seen = look_at(past, topics, brand, at, now, memory, settings)
        past.note(seen.changes)
        for change in seen.changes:
            if change.event == "opened":
                raised[change.alert.key] = change.alert
            last[change.alert.key] = change.alert
        for one in real:
            past.take_up(one)
        at = now
        on_progress((at - since) / (until - since))
    return [(first, last[key]) for key, first in raised.items()]


def _as_of(alert: Alert, at: datetime) -> Alert:
    """An alert that was raised before `at`, as far as it was known then."""
    later = alert.closed is None or alert.closed > at
    taken_up = alert.acknowledged is not None and alert.acknowledged <= at
    return replace(
        alert,
        state="closed" if not later else "acknowledged" if taken_up else "open",
        last_activity=min(alert.last_activity, at),
        acknowledged=alert.acknowledged if taken_up else None,
        acknowledged_by=alert.acknowledged_by if taken_up else "",
        closed=None if later else alert.closed,
    )


def _sent(store: Store, alert: Alert) -> datetime | None:
    """When the first mail of an alert was queued."""
    return min((telling.at for telling in store.told(alert.key) if telling.message_id), default=None)


def _beside(
    name: str, found: Sequence[tuple[Alert, Alert]], real: Sequence[Alert], sent: Mapping[str, datetime | None]
) -> Run:
    """A run beside what really happened: the same alert has the same key, the same crisis the same days."""
    rung = []
    for raised, last in found:
        same = [one for one in real if one.key == last.key] or [one for one in real if _overlap(one, last)]
        really = min(same, key=lambda one: abs(one.opened - raised.opened), default=None)
        rung.append(Rung(raised, last, really, sent[really.key] if really else None))
    missed = tuple(one for one in real if not any(_overlap(one, last) for _, last in found))
    return Run(name, tuple(rung), missed)


def _overlap(one: Alert, other: Alert) -> bool:
    return one.began <= other.last_activity and other.began <= one.last_activity
