"""Reading through all stored posts, in batches: the record, and that part of the store's protocol (SQL: stored.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from listener.records import Post

Place = tuple[str, int]  # where a walk stands: (at as the store writes it, number of the post)
START: Place = ("", 0)


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A post as it stands in the store. Its author is "" unless the store keeps names, quotes are left out.

    Attributes:
        place: where a walk goes on after it. thread: number of its thread.
    """

    place: Place
    thread: int
    post: Post


class Corpus(Protocol):
    """The part of protocol.Store under "the stored corpus". Deleted posts and those past retention are left out."""

    def count_posts(self, since: datetime | None = None) -> int:
        """How many posts `posts_after` will bring from the start on."""

    def posts_after(self, place: Place, limit: int, since: datetime | None = None) -> list[StoredPost]:
        """The next so many posts by time, matched or (with keep_unmatched) not."""

    def openers(self, threads: Sequence[int]) -> dict[int, Post]:
        """thread → its first post, for those that have one in the store."""
