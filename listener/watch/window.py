"""Distinct voices in sliding windows of time: constant work a post, however many are in the window."""

import heapq
from collections.abc import Sequence


class Windows:
    """Counts of distinct voices in the last W hours, for several W. The moment that is asked for never goes back."""

    def __init__(self, widths_h: Sequence[int]) -> None:
        self._held: dict[int, list[tuple[float, str]]] = {width: [] for width in widths_h}
        self._posts: dict[int, dict[str, int]] = {width: {} for width in widths_h}

    def add(self, at: float, voice: str) -> None:
        """A post at hour `at`, in any order."""
        for width, held in self._held.items():
            heapq.heappush(held, (at, voice))
            posts = self._posts[width]
            posts[voice] = posts.get(voice, 0) + 1

    def counts(self, now: float) -> dict[int, int]:
        """width → distinct voices in (now − width, now]. Posts dated after `now` must not have been added."""
        for width, held in self._held.items():
            posts = self._posts[width]
            while held and held[0][0] <= now - width:
                _, voice = heapq.heappop(held)
                posts[voice] -= 1
                if not posts[voice]:
                    del posts[voice]
        return {width: len(posts) for width, posts in self._posts.items()}
