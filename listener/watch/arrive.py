"""Which posts count, when they reached us, and whether they are news: the same for quiet and for busy brands."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from listener.records import Judged
from listener.watch.baseline import Exposure, hours
from listener.watch.settings import Settings

_LATER = timedelta(microseconds=1)


class Arrivals:
    """The rules of one look at one brand.

    Args:
        born: source → since when the brand is listened for in it; posts may show an earlier moment.
        until: the end of the look.
        new: keys of posts that came into the store after the last look, at `since`, whatever time they were read at: a
            page is read, and minutes pass until its visit ends, or it was read in the second of that look.
    """

    def __init__(
        self,
        posts: Sequence[Judged],
        exposure: Exposure,
        until: datetime,
        settings: Settings,
        born: Mapping[str, datetime] | None = None,
        new: frozenset[str] = frozenset(),
        since: datetime | None = None,
    ) -> None:
        self._exposure, self._until, self._settings = exposure, until, settings
        self._new, self._next = new, None if since is None else since + _LATER
        self.born = dict(born or {})
        for post in posts:
            self.born[post.source] = min(post.first_seen, self.born.get(post.source, post.first_seen))

    def ordered(self, posts: Sequence[Judged]) -> list[tuple[datetime, Judged]]:
        """(arrival, post) of those that count, in the order of arrival."""
        return sorted(
            ((self._at(post), post) for post in posts if self._counts(post)),
            key=lambda pair: (pair[0], pair[1].when, pair[1].post_key),
        )

    def is_news(self, post: Judged, at: datetime) -> bool:
        """Whether a post that arrived at `at` may open an alert or feed one."""
        if post.backfilled or at == post.when:
            return not post.backfilled
        return at - post.when <= timedelta(hours=self._settings.late_h) and post.when >= self.born[post.source]

    def _at(self, post: Judged) -> datetime:
        """When it reached us. A first sight after `until` means a past that is played: then when it was written."""
        late = post.when < post.first_seen <= self._until and not self._settings.replay
        at = post.first_seen if late else post.when
        return max(at, self._next) if self._next is not None and post.post_key in self._new else at

    def _counts(self, post: Judged) -> bool:
        """Whether it is a voice at all: not the brand's own, not from the future, not undated from a gap."""
        if post.by_brand or self._settings.replay:
            return not post.by_brand
        if post.when - post.first_seen > timedelta(hours=self._settings.future_h):
            return False
        fresh = abs(post.first_seen - post.when) <= timedelta(hours=self._settings.fresh_h)
        return not (fresh and self._exposure.returning(post.source, hours(post.when)))
