"""A feed and the board behind it: where the feed ran past us, the board's pages are read for what it no longer shows.

Option `board` of a feed source: the address of the forum (or one board of it) that the feed is of, read by the forum
spider with the same options. It is read at the feed's first visit, to know where it stands, and then only when the feed
has a gap, or as long as such a reading is not finished. Cursor: the feed's, and board = the forum spider's.

A post that came by both is one post where the feed links to the post itself; a feed whose links lead to threads brings
the opener under the thread's address, and the board brings it again under its own.
"""

from dataclasses import replace

from listener.errors import SourceError
from listener.gather.crawl import Crawls
from listener.gather.visit import Basket, Heard
from listener.store.gathered import Lease


async def filled(crawls: Crawls, lease: Lease, basket: Basket, feed: Heard) -> Heard:
    """What the visit to the feed brought, with its gap filled from the board if it has one of each."""
    url = str(lease.source.options.get("board", ""))
    if not url:
        return feed
    before = lease.cursor.get("board", {})
    if before and not feed.gap and not before.get("todo"):
        return replace(feed, cursor={**feed.cursor, "board": before})
    began = basket.posts
    try:
        board = await crawls.crawl(
            replace(lease, source=replace(lease.source, kind="forum", url=url), cursor=before), basket
        )
    except SourceError as error:
        return replace(
            feed,
            cursor={**feed.cursor, "board": before},
            detail="; ".join(part for part in (feed.detail, f"its board could not be read: {error}") if part),
            trouble=error,
        )
    read = basket.posts - began
    told = [feed.detail, board.detail, f"{read} posts read on the board" if before or feed.gap else ""]
    if feed.gap and board.joined:
        told[-1] = f"filled from the board, where {read} posts were read"
    return replace(
        feed,
        cursor={**feed.cursor, "board": board.cursor},
        detail="; ".join(part for part in told if part),
        more=board.more,
        trouble=board.trouble,
        broken=board.broken,
        joined=feed.joined or (feed.gap and board.joined),
        gap=feed.gap and not board.joined,
    )
