"""Whose turn it is: the sources of one round, fair over their hosts. Pure."""

import heapq
from collections import deque
from collections.abc import Iterable


class Turns:
    """Hands out names so that every host's first source comes before any host's second.

    Args:
        due: (name, host) of the round's sources, the longest due first.
        per_host: how many of one host may be out at once; one at its limit waits for `back` without holding up others.
    """

    def __init__(self, due: Iterable[tuple[str, str]], per_host: int) -> None:
        self._per_host = per_host
        self._waiting: dict[str, deque[str]] = {}
        self._host: dict[str, str] = {}
        for name, host in due:
            self._waiting.setdefault(host, deque()).append(name)
        self._out = dict.fromkeys(self._waiting, 0)
        # (turn, place in the order of due times, host) of the hosts that may send somebody
        self._ready = [(0, place, host) for place, host in enumerate(self._waiting)]
        self._parked: dict[str, tuple[int, int, str]] = {}

    def take(self, places: int) -> list[str]:
        """Up to `places` names whose turn it is; fewer, or none, when the rest must wait or there is no rest."""
        taken: list[str] = []
        while self._ready and len(taken) < places:
            turn, place, host = heapq.heappop(self._ready)
            if self._out[host] >= self._per_host:
                self._parked[host] = (turn, place, host)
                continue
            name = self._waiting[host].popleft()
            self._host[name] = host
            self._out[host] += 1
            taken.append(name)
            if self._waiting[host]:
                heapq.heappush(self._ready, (turn + 1, place, host))
        return taken

    def back(self, name: str) -> None:
        """One that was taken is done with: its host may send the next."""
        host = self._host.pop(name)
        self._out[host] -= 1
        parked = self._parked.pop(host, None)
        if parked is not None:
            heapq.heappush(self._ready, parked)
