"""Feeds, polled: a conditional GET, a hash of the body, and a parse only of what changed.

Cursor: etag, modified (validators of the last answer), hash (of its body), n (its posts), keys (their first 12 digits).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from listener.errors import Unreadable
from listener.gather.feeds import parse
from listener.gather.net import Answer, Web
from listener.gather.visit import Basket, Heard
from listener.store.gathered import Lease

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, application/xml;q=0.8, */*;q=0.1"
SUDDENLY_EMPTY = 5  # a feed that had this many posts and now has none is broken, not quiet (searches may run dry)


class BrokenBody(Unreadable):
    """Unreadable, with the body that was."""

    def __init__(self, url: str, message: str, body: bytes) -> None:
        self.body = body
        super().__init__(url, message)


class Poller:
    """Reads feeds through `web`; one serves any number of sources."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def poll(self, lease: Lease, basket: Basket) -> Heard:
        """Visit one feed; its posts go into `basket` if anything changed.

        Raises:
            SourceError: it could not be heard; BrokenBody has what was answered instead of a feed.
        """
        cursor = lease.cursor
        headers = {"Accept": ACCEPT}
        if cursor.get("etag"):
            headers["If-None-Match"] = cursor["etag"]
        if cursor.get("modified"):
            headers["If-Modified-Since"] = cursor["modified"]
        basket.requests += 1
        answer = await self._web.get(lease.source.url, headers)
        basket.requests += answer.hops - 1
        had = int(cursor.get("n", 0))
        moved = f"moved for good to {answer.moved}; change its url" if answer.moved else ""
        if answer.status == 304:
            return Heard(cursor, moved, expected=had > 0, joined=True)
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        if digest == cursor.get("hash"):
            return Heard({**cursor, **_validators(answer)}, moved, expected=had > 0, joined=True)
        keys, gap = self._read(lease, answer, basket, had)
        detail = "; ".join(part for part in (moved, gap) if part)
        joined = bool(cursor.get("keys")) and not gap
        cursor = {"hash": digest, "n": len(keys), "keys": keys, **_validators(answer)}
        return Heard(cursor, detail, joined=joined, gap=bool(gap))

    def _read(self, lease: Lease, answer: Answer, basket: Basket, had: int) -> tuple[list[str], str]:
        content_type = answer.headers.get("Content-Type", "")
        try:
            posts = parse(answer.body, content_type, answer.url, lease.source, self._web.clock.now())
        except Unreadable as error:
            raise BrokenBody(error.url, error.message, answer.body) from error
        if not posts and had >= SUDDENLY_EMPTY:
            raise BrokenBody(answer.url, f"is a feed without posts, where {had} stood before", answer.body)
        for post in posts:
            basket.add(post)
        keys = [post.key[:12] for post in posts]
        before = lease.cursor.get("keys", ())
        if before and keys and not set(before) & set(keys):
            return keys, f"a gap: all {len(keys)} posts of the feed are new, so others may have come and gone unread"
        return keys, ""


def _validators(answer: Answer) -> Mapping[str, Any]:
    etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    return {**({"etag": etag} if etag else {}), **({"modified": modified} if modified else {})}
