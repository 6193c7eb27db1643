"""Forums without a page object of their own: what the page declares, and the block that repeats, is a post.

The blocks are found by spiders/pages/blocks.py. Author and words stand in the same place in every block of a page, so
they are looked for in all blocks at once: a name that each block has, and the element that holds most of the words.
"""

import re
from collections import Counter
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from listener.gather.text import clean_line, node_text, take_quotes
from spiders.pages.blocks import Anchor, Block, find_blocks
from spiders.pages.dates import Dated
from spiders.pages.markup import address, has_previous, name_quoted, next_page, thread_url, title_of, without_title
from spiders.pages.structured import Declared, declared
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NAME = "generic"
_THREAD_PATH = re.compile(
    r"/(?:t|topics?|threads?|discussions?|d|viewtopic|showthread|questions?)(?:[/.?-]|$)|[?&](?:t|topic|tid|thread)=\d",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_MOVED = r"(?:/page[-/]?\d+|/p\d+$|[?&](?:page|p|start|offset)=\d+)/?"
_NAMES = (  # where a name stands, the surest first
    "[itemprop=author] [itemprop=name], [itemprop=creator] [itemprop=name]",
    "[itemprop=author], a[rel~=author]",
    "[class*=username], [class*=userName], [class*=user-name], [class*=user_name], [class*=UserName],"
    " [class*=nickname]",
    "a[class*=author], [class*=author-name], [class*=authorName], [class*=author] a, [class*=poster] a,"
    " [class*=user] a",
    "a[href*='/user'], a[href*=member], a[href*=profile], a[href*='/u/'], a[href*='/people/'], a[href*='/~'],"
    " a[href*='/@'], a[href*='uid='], a[href*='user=']",
    "[class*=author], [class*=poster], cite, .fn, [class*=name], [class*=user]",
    "dt, h3, h4, strong, b",
)
_NAMED_BY = ("data-author", "data-username", "data-user-name", "data-author-username", "author")
_NO_NAME = re.compile(
    r"^(?:reply|quote|report|share|like|edit|permalink|link|follow|posts?|member|members?|guest profile|profile|more"
    r"|send message|view profile|top|online|offline|moderator|administrator|回覆|回复|檢舉|分享|引用|只看該作者"
    r"|#?\d+)$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:posted|written|asked|answered|started|by|from|von|par|作者|發文者)\b\s*)+[:：]?\s*|^@|[:：,]$",
    re.IGNORECASE,
)
_WORDS = "[itemprop=text], [itemprop=articleBody], [itemprop=reviewBody], [itemprop=commentText]"
_WORDY = re.compile(r"content|body|text|message|msg|prose|entry|markdown|\bmd\b|post|comment", re.IGNORECASE)
_NO_WORDS = re.compile(
    r"menu|popup|tooltip|user-?info|userdetails|authorpane|signature|signatur|toolbar|controls|buttons|avatar|reactions",
    re.IGNORECASE,
)
_HOLDS = frozenset("div td section article blockquote p span pre li dd main font".split())
_SIGNED = "[class*=signature], [class*=Signature], [class*=signatur]"
_QUOTES = (
    "aside.quote, [class*=bbcode_quote], [class*=quotebox], [class*=bbCodeQuote], [class*=quoteBox], [class*=QuoteBox],"
    " div.quote"
)
_NARROW = ("p.", "p<", "span", "li", "font")  # a part of what somebody said, rarely all of it
_INSIDE = 600  # elements of a block that are looked at
_EVENT = 80  # characters; less than that by nobody is no post where posts have authors
_BODY_SHARE = 0.97  # an element that holds so much of the words that the largest holds, deeper in, is the body


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
    names = _names(blocks)
    bodies = _bodies(blocks, names)
    posts = []
    for block, name, body in zip(blocks, names, bodies, strict=True):
        post = _post(page, block, name, body, title)
        if post.text or (post.quotes and post.author):
            posts.append(post)
    if sum(1 for post in posts if post.author) >= 0.8 * len(posts):
        posts = [post for post in posts if post.author or len(post.text) >= _EVENT]  # "moved to another board by …"
    posts = _made_whole(posts, known)
    first = None if earlier or _NUMBER.search(urlsplit(page.url).query) else 0
    return ThreadPage(url, title, tuple(posts), following, first)


def _post(page: Page, block: Block, name: LexborNode | str, body: LexborNode | None, title: str) -> PostBlock:
    node = block.node
    published, precision = _dated(block, body)
    native, url = _identity(page, block, body)
    author, profile = (name, None) if isinstance(name, str) else (_name_in(name), name)
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
    for signature in body.css(_SIGNED):
        if signature.mem_id != body.mem_id:
            signature.decompose()
    quoting = _QUOTES if body.tag == "blockquote" else f"blockquote, {_QUOTES}"
    name_quoted(body, quoting, "cite, [class*=title], [class*=author], [class*=attribution]")
    quotes = take_quotes(body, quoting)
    text = without_title(node_text(body), title)
    if not text and quotes and not quotes[-1][0]:  # some engines keep a post's own words in a <blockquote>
        text, quotes = quotes[-1][1], quotes[:-1]
    return PostBlock(native, url, author, text, published, precision, author_url=author_url, quotes=quotes)


def _dated(block: Block, body: LexborNode | None) -> Dated:
    """The date of posting: declared before said, with a clock before without, and none that speaks of an edit."""
    inside = {node.mem_id for node in body.css("*")} if body is not None else set()
    fit = [anchor for anchor in block.anchors if anchor.node.mem_id not in inside] or block.anchors
    fit = [anchor for anchor in fit if not anchor.edit] or fit

    def rank(anchor: Anchor) -> tuple[bool, bool]:
        return anchor.dated[1] != "minute", not anchor.declared

    return min(fit, key=rank).dated if fit else (None, "minute")


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


def _name_in(node: LexborNode) -> str:
    """A name, if the element says one and not much else."""
    text = clean_line(node.attributes.get("content") or "" if node.tag == "meta" else node.text(deep=True), 200)
    if len(text) > 40 or (node.tag != "a" and len(node.css("a")) > 1):
        inner = next(
            (found for found in node.css("a, strong, b") if 0 < len(found.text(deep=True).strip()) <= 40), None
        )
        text = clean_line(inner.text(deep=True), 40) if inner is not None else "" if len(text) > 40 else text
    text = _BY.sub("", text).strip()
    return "" if _NO_NAME.match(text) else text


def _names(blocks: list[Block]) -> list[LexborNode | str]:
    """Each block's author: from the surest place that most blocks have and that does not say the same in all."""
    for attribute in _NAMED_BY:
        given = [block.node.attributes.get(attribute) or "" for block in blocks]
        if blocks and all(given):
            return [clean_line(name, 100) for name in given]
    columns: list[list[LexborNode | str]] = []
    scores: list[float] = []
    for place, selector in enumerate(_NAMES):
        column: list[LexborNode | str] = []
        said = []
        for block in blocks:
            nested = {node.mem_id for inner in block.inner for node in inner.css("*")}
            dates = {anchor.node.mem_id for anchor in block.anchors}
            fit = (node for node in block.css(selector)[:12] if node.mem_id not in nested | dates)
            found = next((node for node in fit if _name_in(node)), None)
            column.append(found if found is not None else "")
            said.append(_name_in(found) if found is not None else "")
        heard = [name for name in said if name]
        share = len(heard) / max(len(blocks), 1)
        same = Counter(heard).most_common(1)[0][1] / len(heard) if heard else 1.0
        columns.append(column)
        scores.append(share * (0.3 if len(heard) > 2 and same > 0.9 else 1.0) - 0.04 * place)
        if scores[-1] > 0.85:
            break
    if not columns:
        return []
    order = sorted(range(len(columns)), key=lambda place: -scores[place])
    return [next((columns[place][n] for place in order if columns[place][n] != ""), "") for n in range(len(blocks))]


def _bodies(blocks: list[Block], names: list[LexborNode | str]) -> list[LexborNode | None]:
    """Each block's words: what it declares, else the kind of element that holds most of the words over all blocks."""
    shut = [_shut(block, name) for block, name in zip(blocks, names, strict=True)]
    chosen = [
        next((node for node in block.css(_WORDS) if node.mem_id not in closed | block.ids), None)
        for block, closed in zip(blocks, shut, strict=True)
    ]
    if all(node is not None for node in chosen):
        return chosen
    depth: dict[str, int] = {}
    found = [_largest(block, closed, depth) for block, closed in zip(blocks, shut, strict=True)]
    sums: Counter[str] = Counter()
    for best in found:
        for key, (size, _) in best.items():
            sums[key] += min(size, 3000)
    wide = {key: size for key, size in sums.items() if not key.startswith(_NARROW)} or sums
    weighed = {key: size * (1.15 if _WORDY.search(key) else 1.0) for key, size in wide.items()}
    top = max(weighed.values(), default=0.0)
    key = max((key for key in weighed if weighed[key] >= _BODY_SHARE * top), key=lambda key: depth[key], default="")
    for number, best in enumerate(found):
        if chosen[number] is None:
            at = best.get(key)
            largest = max(best.values(), key=lambda pair: pair[0], default=None)
            if at is None or (largest is not None and at[0] < 40 and at[0] * 6 < largest[0]):
                at = largest
            chosen[number] = at[1] if at is not None else None
    return chosen


def _shut(block: Block, name: LexborNode | str) -> set[int]:
    """Elements that are no post's words: nested posts, and what holds the date or the author besides."""
    shut = {node.mem_id for part in block.inner for node in [part, *part.css("*")]}
    posted = _dated(block, None)
    marks = [anchor.node for anchor in block.anchors if anchor.dated == posted]
    for mark in [*marks, name] if isinstance(name, LexborNode) else marks:
        above: LexborNode | None = mark
        while above is not None and above.mem_id not in block.ids and above.tag != "body":
            shut.add(above.mem_id)
            above = above.parent
    return shut


def _largest(block: Block, shut: set[int], depth: dict[str, int]) -> dict[str, tuple[int, LexborNode]]:
    """Of each kind of element in a block, the one with the most words; `depth` gathers how deep a kind stands."""
    best: dict[str, tuple[int, LexborNode]] = {}
    shut = shut | {block.node.mem_id}
    for node in block.css("*")[:_INSIDE]:
        if node.mem_id in shut or node.tag not in _HOLDS:
            continue
        if _NO_WORDS.search(f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"):
            shut.update(inner.mem_id for inner in node.css("*"))
            continue
        size = len(" ".join(node.text(deep=True).split()))
        key = _place(node)
        if size > best.get(key, (0, node))[0]:
            best[key] = (size, node)
            if key not in depth:
                depth[key] = _depth(node)
    return best


def _place(node: LexborNode) -> str:
    """The kind of an element: tag and class without digits; without a class, also what it is in."""
    name = _NUMBER.sub("", node.attributes.get("class") or "").strip()
    number = _NUMBER.sub("", node.attributes.get("id") or "")
    if name or number:
        return f"{node.tag}.{name}#{number}"
    parent = node.parent
    above = (parent.attributes.get("class") or parent.tag or "") if parent is not None else ""
    return f"{node.tag}<{_NUMBER.sub('', above)}"


def _depth(node: LexborNode) -> int:
    above, depth = node.parent, 0
    while above is not None and depth < 60:
        above, depth = above.parent, depth + 1
    return depth


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
