"""The watch for busy brands: what is kept of each stream between looks, and what new posts make of it.

The state of a brand is a cache: it can be built again from its mentions (`build`), and comes to the same as one that
was kept (`take`, post by post in the order of arrival). What it costs to go on does not depend on the history's length.

Which hours count as heard: those in which sources were heard that bring four in five of the voices. A source counts
from the hour on in which it is warm. If it then brings much (more than one voice in five), the habit is learnt anew
from the hour of its first hearing, else the new source would look like an outcry.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from listener.records import Judged
from listener.watch.baseline import Exposure, hours
from listener.watch.burst import ALL
from listener.watch.habit import BINS, Habit, Height, bin_of
from listener.watch.settings import Settings

_FORM = 1  # of the stored state; another one is built anew
_MUCH = 0.2  # share of the voices


@dataclass(slots=True)
class Busy:
    """One busy brand. Hours are whole or fractional since 1970.

    Attributes:
        begin: first hour that is learnt.
        seen: number of the newest mention that is in it (the store's cursor).
        head: the latest date of a post that is in it. born: source → when the brand was first heard in it.
        waiting: keys of posts that are dated a little ahead: not in it yet.
        sources: the sources whose posts count. shares: source → its posts, halved every two days; also of others.
        shares_h: the hour as of which they are weighed.
        streams: by name, see burst.streams_of.
    """

    brand: str
    begin: int
    seen: int = 0
    head: float = -math.inf
    born: dict[str, datetime] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    shares: dict[str, float] = field(default_factory=dict)
    shares_h: float = -math.inf
    streams: dict[str, Habit] = field(default_factory=dict)

    def is_calm(self, settings: Settings) -> bool:
        """Whether the brand has become quiet again."""
        habit = self.streams.get(ALL)
        return habit is None or (habit.weight > settings.level_half_life_h and habit.rate_h < settings.calm_h)

    # going on

    def take(
        self, streams: Iterable[str], source: str, voice: str, at: float, exposure: Exposure, settings: Settings
    ) -> None:
        """A post dated `at` that is news. Only those of counted sources count; the others' weight is noted."""
        self._weigh(at, source, settings)
        if source not in self.sources:
            return
        for stream in streams:
            habit = self._habit(stream)
            self._settle(habit, math.floor(at), exposure, settings)
            habit.hear(bin_of(at), voice)

    def height(self, stream: str, at: float, exposure: Exposure, settings: Settings) -> Height | None:
        """How tall a stream stands at `at`; None if there is none yet or too little is known of it."""
        habit = self.streams.get(stream)
        if habit is None:
            return None
        self._settle(habit, math.floor(at), exposure, settings)
        if habit.hours + settings.settle_h < settings.warm_up_h:
            return None
        return habit.height(bin_of(at), settings)

    def warm(self, at: float, exposure: Exposure, settings: Settings) -> str | None:
        """Count the sources that became warm by `at`; the first that brings much and is new, for which the state must
        be built anew, or None.
        """
        new = sorted(exposure.warm(at, settings.warm_up_h) - self.sources)
        total = sum(self.shares.values())
        for source in new:
            if total and self.sources and self.shares.get(source, 0.0) > _MUCH * total:
                return source
        self.sources.update(new)
        return None

    def _habit(self, stream: str) -> Habit:
        if stream not in self.streams:
            self.streams[stream] = Habit(self.begin)
        return self.streams[stream]

    def _settle(self, habit: Habit, hour: int, exposure: Exposure, settings: Settings) -> None:
        if hour - settings.settle_h > habit.settled:
            habit.settle(hour, lambda past: self._alive(past, exposure), settings)

    def _alive(self, hour: int, exposure: Exposure) -> bool:
        mine = {source: share for source, share in self.shares.items() if source in self.sources}
        heard = sum(share for source, share in mine.items() if exposure.alive(source, hour))
        return heard > 0 and heard >= (1 - _MUCH) * sum(mine.values())

    def _weigh(self, at: float, source: str, settings: Settings) -> None:
        if at > self.shares_h:
            fade = 2.0 ** (-(at - self.shares_h) / settings.level_half_life_h)
            self.shares = {name: share * fade for name, share in self.shares.items() if share * fade > 1e-6}
            self.shares_h = at
        self.shares[source] = self.shares.get(source, 0.0) + 1.0

    # keeping

    def dump(self) -> dict[str, Any]:
        """As plain values, for the store."""
        return {
            "form": _FORM, "brand": self.brand, "begin": self.begin, "seen": self.seen, "head": self.head,
            "waiting": self.waiting,
            "born": {source: at.isoformat() for source, at in self.born.items()},
            "sources": sorted(self.sources), "shares": self.shares, "shares_h": self.shares_h,
            "streams": {name: habit.dump() for name, habit in self.streams.items()},
        }  # fmt: skip

    @classmethod
    def load(cls, kept: Any) -> "Busy | None":
        """What `dump` gave; None if it is anything else: a cache is never an error, it is built anew."""
        try:
            if kept["form"] != _FORM:
                return None
            streams = {str(name): Habit.load(row) for name, row in kept["streams"].items()}
            born = {source: datetime.fromisoformat(at) for source, at in kept["born"].items()}
            return cls(
                str(kept["brand"]), int(kept["begin"]), int(kept["seen"]), float(kept["head"]), born,
                list(kept["waiting"]), set(kept["sources"]),
                dict(kept["shares"]), float(kept["shares_h"]), streams,
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            return None


def is_busy(
    posts: Iterable[Judged], until: datetime, settings: Settings, earlier: Iterable[tuple[datetime, str]] = ()
) -> bool:
    """Whether a brand that was quiet is busy now, from its posts of the last four days. `earlier`: time and voice of
    those of them that are not at hand.
    """
    since = until - timedelta(hours=2 * settings.level_half_life_h)
    spoke = chain(earlier, ((post.when, post.voice) for post in posts))
    voices = {(voice, bin_of(hours(when)) // BINS) for when, voice in spoke if since < when <= until}
    return len(voices) >= settings.busy_h * 2 * settings.level_half_life_h
