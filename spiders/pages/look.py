"""What a page is, for `listener discover`: its engine, and where an engine of that kind keeps its API and its feeds.

Found by name (PAGE_READER in spiders/settings.py), for `listener` imports no spider.
"""

import re
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from listener.errors import Unreadable
from listener.gather.discover import Place, Seen
from spiders.archive import guess
from spiders.pages import engine_for, generic
from spiders.pages import read_thread as posts_of
from spiders.pages.thread import BoardPage, Page

# Engine → an address below the forum's that answers where its API is open, and a key of the answer. The kind of source
# that reads the API has the engine's name.
APIS = {
    "discourse": ("latest.json", "topic_list"),
    "flarum": ("api/discussions", "data"),
    "nodebb": ("api/recent", "topics"),
    "lemmy": ("api/v3/post/list?limit=1", "posts"),
}
GUESSED = ("discourse", "flarum", "nodebb")  # asked for where a page gives no engine away
# Engine, without its version → where its feeds are if they are switched on, below the forum's address.
FEEDS = {
    "phpbb": ("app.php/feed", "feed.php"),
    "xenforo": ("forums/-/index.rss",),
    "vbulletin": ("external.php?type=RSS2",),
    "smf": ("index.php?action=.xml;type=rss2;sa=recent",),
    "mybb": ("syndication.php",),
    "invision": ("discover/all.xml/",),
    "fluxbb": ("extern.php?action=feed&type=rss",),
    "discourse": ("posts.rss", "latest.rss"),
    "nodebb": ("recent.rss",),
    "flarum": ("atom",),
    "vanilla": ("discussions/feed.rss",),
    "bbpress": ("feed/",),
    "wpforo": ("?type=rss2",),
    "lemmy": ("feeds/all.xml?sort=New",),
    "lobsters": ("comments.rss", "rss"),
    "reddit-old": (".rss",),
}
_MONTHS = re.compile(r"""href=["']?(?:\d{4}-[A-Z][a-z]+|\d{4}-\d\d)\.txt(?:\.gz)?["'\s>]""")


def look(html: str, url: str, now: datetime) -> Seen:
    """What stands on a page. Raises nothing: a page that cannot be read is one without an engine."""
    if style := _archive(html, url):
        return Seen(f"{style} archive", places=(Place("archive", url, options={"style": style}),))
    page = Page(html, url, now, UTC)
    try:
        engine = engine_for(page)
        board: BoardPage = engine.read_board(page)
        posts = 0 if board.boards or board.threads else len(posts_of(page, engine).posts)
    except Unreadable:
        return Seen("")
    name = engine.NAME
    root = urljoin(url, "." if engine is not generic and name not in APIS else "/")
    guesses = tuple(_api(name, root, guess=True) for name in GUESSED) if engine is generic else ()
    if engine is generic and not (len(board.threads) > 2 or posts > 1):
        return Seen("", places=guesses)
    feeds = tuple(urljoin(root, feed) for feed in FEEDS.get(name.rstrip("0123456789"), ()))
    boards = tuple(link.title for link in board.boards)
    return Seen(name, boards, len(board.threads), posts, guesses + _places(name, url, root), feeds)


def _places(engine: str, url: str, root: str) -> tuple[Place, ...]:
    """Where a source would begin, the better one first."""
    forum = Place("forum", url)
    host = urlsplit(url).hostname or ""
    if engine in APIS:
        return _api(engine, root), forum
    if engine == "stackexchange":
        options = {"site": host, "query": "YOUR BRAND"}
        return (Place("stackexchange", "https://api.stackexchange.com/2.3", options=options),)
    if engine == "hackernews":
        return (Place("hackernews", "https://hn.algolia.com", options={"query": "YOUR BRAND"}),)
    return (forum,)


def _api(engine: str, root: str, guess: bool = False) -> Place:
    probe, sign = APIS[engine]
    return Place(engine, root.rstrip("/"), probe=urljoin(root, probe), sign=sign, guess=guess)


def _archive(html: str, url: str) -> str:
    """The style of a mailing-list archive, "" if it is none."""
    if style := guess(url):
        return style
    if "<!-- MHonArc v" in html or "<!--X-Subject" in html:
        return "mhonarc"
    if _MONTHS.search(html):
        return "pipermail"
    return "public-inbox" if "new.atom" in html and "public-inbox" in html else ""
