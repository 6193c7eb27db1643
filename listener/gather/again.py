"""Looking again at posts that we quote: is what an open alert or a digest of these days points to still there?

A forum is read where it grows; a post that was deleted on an old page would stand as evidence for ever. So the
addresses of posts that are quoted now are asked for once a day, a few in each round. Only 404 and 410 say "deleted";
anything else says nothing. Sources that are not heard at the moment are left out: a site that is being moved answers
404 to everything.
"""

import asyncio
import logging
from datetime import timedelta

from listener.clock import Clock
from listener.errors import Gone, SourceError
from listener.gather.net import Web
from listener.gather.visit import Sink
from listener.records import Deletion
from listener.store.protocol import Store

BUDGET = 20  # addresses asked for in one round
EVERY = timedelta(days=1)
QUOTED = timedelta(days=7)  # how old a digest may be for its quotes to be looked after

_log = logging.getLogger(__name__)


async def look_again(store: Store, clock: Clock, sink: Sink, web: Web) -> int:
    """Ask for the posts that are quoted now and were not seen for a day; returns how many are gone.

    Those go to `sink` as deletions.
    """
    now = clock.now()
    quoted = store.quoted((now - QUOTED).date(), now - EVERY, BUDGET)
    found = await asyncio.gather(*(_is_gone(web, url) for _, _, url in quoted))
    gone = [Deletion(source, key, now) for (source, key, _), is_gone in zip(quoted, found, strict=True) if is_gone]
    with store.transaction():
        store.looked_at([key for _, key, _ in quoted], now)
        if gone:
            sink(gone)
    return len(gone)


async def _is_gone(web: Web, url: str) -> bool:
    try:
        await web.get(url)
    except Gone:
        return True
    except SourceError:
        return False
    except Exception:  # whatever one address is, the others are looked at, and the round goes on
        _log.exception("looking_again_failed url=%s", url)
        return False
    return False
