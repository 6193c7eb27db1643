"""Forums without a page object of their own: the block that repeats around dates is a post. First version.

Left undone: structured data (DiscussionForumPosting), which issue 3 puts before the engines' selectors.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from listener.gather.text import bare_title, clean_line, node_text, take_quotes
from spiders.pages.dates import node_date
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NAME = "generic"
_DATED = "time, [class*=date], [class*=time], [class*=posted], [itemprop=datePublished], small"
_AUTHOR = (
    "[itemprop=author], a[rel=author], [class*=author], [class*=username], [class*=user-name], cite, .fn,"
    " a[href*='/user'], a[href*='/member'], a[href*='/profile'], a[href*='/u/'], [class*=name]"
)
_BODY = "[itemprop=text], [class*=content], [class*=body], [class*=message], [class*=text], blockquote.post, p"
_THREAD_PATH = re.compile(
    r"/(?:t|topics?|threads?|discussions?|d|viewtopic|showthread|questions?)(?:[/.?-]|$)|[?&](?:t|topic|tid|thread)=\d",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_CLIMB = 8  # how far above a date its post's block may begin
_ANCHORS = 400  # dates looked at on one page


def recognises(page: Page) -> bool:
    """Anything: this one is asked last."""
    return page.tree.root is not None


def read_board(page: Page) -> BoardPage:
    """Links that look like threads, by their address; there is no telling what changed, so every one is asked."""
    host = urlsplit(page.url).netloc
    threads: dict[str, ThreadLink] = {}
    for link in page.tree.css("a[href]"):
        url = urljoin(page.url, link.attributes.get("href") or "").split("#", 1)[0]
        title = clean_line(link.text())
        if urlsplit(url).netloc == host and _THREAD_PATH.search(url) and len(title) > 3 and url != page.url:
            threads.setdefault(url, ThreadLink(url, url, title))
    return BoardPage((), tuple(threads.values()), _next(page))


def read_thread(page: Page) -> ThreadPage:
    """Posts are the repeated blocks that hold one date each and, together, the most text."""
    title = page.tree.css_first("h1") or page.tree.css_first("title")
    canonical = page.tree.css_first("link[rel=canonical]")
    url = urljoin(page.url, (canonical.attributes.get("href") if canonical else None) or page.url)
    posts = []
    for number, node in enumerate(_blocks(page)):
        block = _post(page, node, number)
        if block.text:
            posts.append(block)
    name = bare_title(clean_line(title.text() if title is not None else ""))[0]
    return ThreadPage(url, name, tuple(posts), _next(page), None if _NUMBER.search(urlsplit(page.url).query) else 0)


def _blocks(page: Page) -> list[LexborNode]:
    groups: dict[tuple[int, str], dict[int, LexborNode]] = defaultdict(dict)
    dates: dict[int, int] = defaultdict(int)
    for anchor in page.tree.css(_DATED)[:_ANCHORS]:
        if len(anchor.text(deep=True)) > 120 or node_date(anchor, page.now, page.zone)[0] is None:
            continue
        node = anchor.parent
        for level in range(_CLIMB):
            if node is None or node.tag in ("body", "html"):
                break
            classes = " ".join(sorted(_NUMBER.sub("", node.attributes.get("class") or "").split())[:3])
            groups[(level, f"{node.tag} {classes}")][node.mem_id] = node
            dates[node.mem_id] += 1
            node = node.parent
    best: list[LexborNode] = []
    best_score = 0.0
    for members in groups.values():
        nodes = list(members.values())
        crowded = sum(1 for node in nodes if dates[node.mem_id] > 3)
        if len(nodes) < 2 or crowded * 2 > len(nodes):
            continue
        score = float(sum(min(len(node.text(deep=True)), 2000) for node in nodes))
        if score > best_score:
            best, best_score = nodes, score
    return _outermost(best)


def _outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    kept = {node.mem_id: node for node in nodes}
    for node in list(kept.values()):
        parent = node.parent
        while parent is not None:
            if parent.mem_id in kept:
                kept.pop(node.mem_id, None)
                break
            parent = parent.parent
    return list(kept.values())


def _post(page: Page, node: LexborNode, number: int) -> PostBlock:
    dated = next(
        (found for anchor in node.css(_DATED) if (found := node_date(anchor, page.now, page.zone))[0] is not None),
        (None, "minute"),
    )
    author = next(
        (name for found in node.css(_AUTHOR) if (name := clean_line(found.text(), 100)) and len(name) < 60), ""
    )
    fragment = node.attributes.get("id") or ""
    if not fragment:
        link = node.css_first("a[href*='#']")
        fragment = (link.attributes.get("href") or "").rpartition("#")[2] if link is not None else ""
    bodies = [found for found in node.css(_BODY) if found.mem_id != node.mem_id]
    body = max(bodies, key=lambda found: len(found.text(deep=True)), default=node)
    quotes = take_quotes(body)
    return PostBlock(
        native_id=fragment,
        url=f"{page.url.split('#', 1)[0]}#{fragment}" if fragment else "",
        author=author,
        text=node_text(body),
        published=dated[0],
        precision=dated[1],
        quotes=quotes,
    )


def _next(page: Page) -> str:
    link = page.tree.css_first("a[rel=next][href], link[rel=next][href], li.next a[href], a.next[href]")
    return urljoin(page.url, link.attributes.get("href") or "").split("#", 1)[0] if link is not None else ""
