"""What was said of quiet brands until a day or two ago, summed up once a day and kept between looks.

A look reads the mentions of the last days anew, so that whatever it counts is right at that moment. Only what is usual
comes from the kept past. A late mention that belongs to it makes it anew at once; what was deleted, muted, corrected,
judged anew or joined to a story is found within the hour, by a mark over its mentions; a thread's new title within the
day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zlib import crc32

from listener.config import Topic
from listener.records import Alert, Judged
from listener.watch.baseline import Exposure
from listener.watch.past import Past, crises_before, reach_h, sum_up
from listener.watch.settings import Settings

PAST_DAYS = 57  # before the edge; with the up to 54 hours since it, at most the 60 days of the heard hours
MOST = 20_000  # posts in memory at once, whatever comes in: more than a quiet brand has in 60 days
LATE = timedelta(
    hours=6
)  # the longest poll interval: what reaches us later than that is rare, and looked at one by one
HELD = 3_000_000  # addresses of threads and moments, over all brands: about half a gigabyte
_DAY_S, _HOUR_S = 86_400, 3_600


class Reads(Protocol):
    """What is asked of the store; see protocol.Store."""

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


@dataclass(frozen=True, slots=True)
class _Kept:
    past: Past
    basis: tuple[object, ...]  # what else it depends on
    mark: str
    hour: int  # in which the mark was last compared


class Pasts:
    """The kept pasts of many brands. An empty one is always right, only slower.

    Args:
        held: when they hold more than this in all, those that were not asked for the longest are dropped.
    """

    def __init__(self, held: int = HELD) -> None:
        self._most, self._held = held, 0
        self._kept: dict[str, _Kept] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def drop(self, brand: str) -> None:
        """Forget one brand's."""
        gone = self._kept.pop(brand, None)
        self._held -= 0 if gone is None else _weight(gone.past)

    def of(
        self,
        store: Reads,
        topics: Sequence[Topic],
        brand: str,
        exposure: Exposure,
        alerts: Sequence[Alert],
        edge: datetime,
        now: datetime,
        settings: Settings,
    ) -> Past:
        """The brand's past before `edge`: the kept one if it still holds, else made from its mentions and kept."""
        since = edge - timedelta(days=PAST_DAYS)
        known = crises_before(alerts, edge, settings)
        basis = (
            edge,
            known,
            settings,
            exposure.decay.zero,
            [topic.id for topic in topics if topic.kind == "complaint"],
        )
        hour = int(now.timestamp() - _turn_s(brand)) // _HOUR_S
        kept = self._kept.get(brand)
        self.drop(brand)
        if kept is None or kept.basis != basis or kept.hour != hour:
            mark = store.judged_mark(brand, since, edge)
            if kept is None or kept.basis != basis or kept.mark != mark:
                posts = store.judged(brand, since=since, until=edge, newest=MOST)
                kept = _Kept(sum_up(posts, exposure, topics, since, edge, known, now, settings), basis, mark, hour)
            kept = _Kept(kept.past, basis, mark, hour)
        self._kept[brand] = kept  # the last in order is the one that was asked for last
        self._held += _weight(kept.past)
        while self._held > self._most and len(self._kept) > 1:
            self.drop(next(iter(self._kept)))
        return kept.past


def edge_for(brand: str, single: datetime) -> datetime:
    """The last edge, one a day at the brand's own time, up to the moment from which on single mentions are needed."""
    at = int(single.timestamp())
    return datetime.fromtimestamp(at - (at - _turn_s(brand)) % _DAY_S, UTC)


def single_from(alerts: Sequence[Alert], since: datetime, settings: Settings) -> datetime:
    """The moment from which on a look after `since` needs single mentions, as far as none comes very late."""
    opened = [alert.began - timedelta(hours=1) for alert in alerts if alert.state != "closed"]
    return min([since - LATE - timedelta(hours=reach_h(settings)), *opened])


def _turn_s(brand: str) -> int:
    """A brand's own second of the day, so that not all are summed up at one look."""
    return crc32(brand.encode()) % _DAY_S


def _weight(past: Past) -> int:
    return len(past.threads.about) + len(past.threads.opened) + len(past.threads.leads) + len(past.late)
