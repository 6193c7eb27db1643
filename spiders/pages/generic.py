"""Forums without a page object of their own: what the page declares, and the block that repeats, is a post.

The blocks are found by blocks.py; columns.py tells who wrote them, when, and what.
"""

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from listener.gather.text import clean_line, node_text, take_quotes
from spiders.pages.blocks import find_blocks
from spiders.pages.columns import Name, bodies_of, dates_of, name_in, names_of
from spiders.pages.markup import address, has_previous, name_quoted, next_page, thread_url, title_of, without_title
from spiders.pages.structured import Declared, declared
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage
from spiders.pages.weighing import Anchor, Block

NAME = "generic"
_THREAD_PATH = re.compile(
    r"/(?:t|topics?|threads?|discussions?|d|viewtopic|showthread|questions?)(?:[/.?-]|$)|[?&](?:t|topic|tid|thread)=\d",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_MOVED = r"(?:/page[-/]?\d+|/p\d+$|[?&](?:page|p|start|offset)=\d+)/?"
_SIGNED = "[class*=signature], [class*=Signature], [class*=signatur]"
_NOT_SAID = (
    f"{_SIGNED}, [class*=edited], [class*=postedit], [class*=lastedit], [class*=lastEdit], [class*=edit-],"
    " [class*=likes], [class*=Likes], [class*=thanks], [class*=Thanks], [class*=reaction], [class*=Reaction]"
)
_REMARK = 300  # characters; what an engine says under a post of edits and likes is shorter
_QUOTES = (
    "aside.quote, [class*=bbcode_quote], [class*=quotebox], [class*=bbCodeQuote], [class*=quoteBox], [class*=QuoteBox],"
    " div.quote"
)
_EVENT = 80  # characters; less than that by nobody is no post where posts have authors


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
    return BoardPage((), tuple(threads.values()), next_page(page))


def read_thread(page: Page) -> ThreadPage:
    """Posts as the page's blocks show them, put right and made whole by what its JSON-LD declares."""
    title = title_of(page, "h1")
    url = thread_url(page, _MOVED)
    known = declared(page)
    following, earlier = next_page(page), has_previous(page)
    blocks = find_blocks(page)
    names = names_of(blocks)
    bodies = bodies_of(blocks, names, dates_of(blocks))
    dates = dates_of(blocks, bodies)
    posts = []
    for block, name, anchor, body in zip(blocks, names, dates, bodies, strict=True):
        post = _post(page, block, name, anchor, body, title)
        if post.text or (post.quotes and post.author):
            posts.append(post)
    if sum(1 for post in posts if post.author) >= 0.8 * len(posts):
        posts = [post for post in posts if post.author or len(post.text) >= _EVENT]  # "moved to another board by …"
    posts = _made_whole(posts, known)
    first = None if earlier or _NUMBER.search(urlsplit(page.url).query) else 0
    return ThreadPage(url, title, tuple(posts), following, first)


def _post(
    page: Page, block: Block, name: Name, anchor: Anchor | None, body: LexborNode | None, title: str
) -> PostBlock:
    node = block.node
    published, precision = anchor.dated if anchor is not None else (None, "minute")
    native, url = _identity(page, block, body)
    author, profile = (name, None) if isinstance(name, str) else (name_in(name), name)
    if profile is not None and profile.tag != "a":
        profile = profile.css_first("a[href]")
    author_url = address(page, profile)
    if body is None:
        body = node
        for spare in [
            *block.inner,
            *(anchor.node for anchor in block.anchors[:1]),
            *([name] if not isinstance(name, str) else []),
        ]:
            if spare.mem_id != node.mem_id:
                spare.decompose()
    for spare in body.css(_NOT_SAID):
        if spare.mem_id != body.mem_id and (spare.css_matches(_SIGNED) or len(spare.text(deep=True)) < _REMARK):
            spare.decompose()
    quoting = _QUOTES if body.tag == "blockquote" else f"blockquote, {_QUOTES}"
    name_quoted(body, quoting, "cite, [class*=title], [class*=author], [class*=attribution]")
    quotes = take_quotes(body, quoting)
    text = without_title(node_text(body), title)
    if not text and quotes and not quotes[-1][0]:  # some engines keep a post's own words in a <blockquote>
        text, quotes = quotes[-1][1], quotes[:-1]
    return PostBlock(native, url, author, text, published, precision, author_url=author_url, quotes=quotes)


def _identity(page: Page, block: Block, body: LexborNode | None) -> tuple[str, str]:
    """The block's id (or that of an anchor or of its date's link), and its address."""
    here = page.url.split("#", 1)[0]
    inside = {node.mem_id for node in body.css("a")} if body is not None else set()
    linked = ""
    for anchor in block.anchors[:3]:
        link: LexborNode | None = anchor.node
        for _ in range(3):
            if link is None or link.tag == "a":
                break
            link = link.parent
        if link is not None and link.tag == "a" and (found := address(page, link)):
            linked = found
            break
    if not linked:
        links = [link for link in block.node.css("a[href*='#']") if link.mem_id not in inside]
        linked = next(
            (found for link in links if _NUMBER.search((found := address(page, link) or "").partition("#")[2])), ""
        )
    native = block.node.attributes.get("id") or ""
    if not _NUMBER.search(native):
        named = next((node for node in block.node.css("a[id], a[name]") if node.mem_id not in inside), None)
        native = (named.attributes.get("id") or named.attributes.get("name") or "") if named is not None else ""
    if not _NUMBER.search(native):
        native = linked.partition("#")[2] or "".join(_NUMBER.findall(urlsplit(linked).path)[-1:])
    if linked and urlsplit(linked).netloc == urlsplit(here).netloc and linked not in (here, page.url):
        return native, linked
    return native, f"{here}#{native}" if native else ""


def _folded(text: str) -> str:
    return "".join(char for char in text[:300] if char.isalnum())[:60]


def _made_whole(posts: list[PostBlock], known: tuple[Declared, ...]) -> list[PostBlock]:
    """Blocks with what JSON-LD says of them, and an opener that it alone tells; JSON-LD alone if it knows more."""
    if not known:
        return posts
    if len(known) > len(posts):
        return [one.block() for one in known]
    by_start = {_folded(one.text)[:40]: one for one in known if len(_folded(one.text)) >= 12}
    merged = []
    met = set()
    for post in posts:
        one = by_start.get(_folded(post.text)[:40])
        if one is not None:
            met.add(_folded(one.text)[:40])
            post = replace(
                post,
                author=one.author or post.author,
                published=one.published or post.published,
                precision=one.precision if one.published else post.precision,
            )
        merged.append(post)
    first = known[0]
    untold = first.author and first.published and len(first.text) > 40 and _folded(first.text)[:40] not in met
    if untold and not any((post.author, post.published) == (first.author, first.published) for post in posts):
        merged.insert(0, first.block())
    return merged
