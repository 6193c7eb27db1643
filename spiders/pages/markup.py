"""Most engines differ in names only: a Markup holds an engine's selectors, and reads boards and threads by them.

An engine's module makes one and hands on its methods; it adds code of its own only for what no selector says.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from os.path import commonprefix
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from listener.gather.text import bare_title, clean_line, node_text, take_quotes
from spiders.pages.dates import Dated
from spiders.pages.thread import BoardLink, BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NEXT = (
    "a[rel~=next][href], link[rel~=next][href], li.next a[href], a.next[href], a.pageNav-jump--next[href],"
    " a.pagination_next[href], .ipsPagination_next a[href], a.nextpage[href], a.page-next[href], span.next a[href],"
    " span.next-button a[href], a.Next[href]"
)
PREVIOUS = (
    "a[rel~=prev], link[rel~=prev], a[rel~=previous], link[rel~=previous], li.prev a[href], a.prev[href],"
    " a.pagination_previous, a.pageNav-jump--prev, .ipsPagination_prev:not(.ipsPagination_inactive) a[href],"
    " span.prev-button a[href], a.Previous[href]"
)
_NUMBER = re.compile(r"\d+")
_CLOCK = re.compile(r"\d[:點时時]\d\d")
_COUNT = re.compile(r"\d[\d.,]*\s?[kKmM]?")
_SAID = re.compile(r"^@?[^\s:]{1,60}(?: [^\s:]{1,30}){0,2} (?:said|wrote|schrieb|a écrit)\b[^:]{0,200}:$")
_SESSION = re.compile(r"(?<=[?&])(?:s|sid|PHPSESSID)=[0-9a-zA-Z]{16,}(?:&|$)")
_NOT_A_LINK = ("javascript:", "mailto:", "#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """An engine's selectors; "" for what it has not.

    Attributes:
        sign: a page that has it is of this engine.
        post: a post with all that belongs to it.
        body, author, date, link, number, profile: within a post; the first that matches counts.
        number_from: the number that the thread's first post has, or would have.
        author_attribute: of the post itself, before `author`.
        id_attribute: of the post itself; its last run of digits is the native id, or all of it if `whole_id`.
        fragment: what stands before the native id in an address of the post on its page.
        before: a post's date and link may stand in the element before it.
        skip: cut out of a post: signatures, menus, notices of edits.
        quote, quoted: somebody else's words in a body, and in them whose they are.
        row, thread, replies, last: a line of a board, its link to the thread, its count, its last post.
        sticky: a line that matches it (or holds a match) stands on top whatever happens.
        board: links to boards.
        moved: parts of a thread's address that only name a page of it.
    """

    sign: str
    post: str
    body: str
    author: str
    date: str
    author_attribute: str = ""
    id_attribute: str = "id"
    whole_id: bool = False
    fragment: str = "post-"
    link: str = ""
    number: str = ""
    number_from: int = 1
    profile: str = ""
    before: bool = False
    skip: str = ""
    quote: str = "blockquote, aside.quote"
    quoted: str = "cite"
    title: str = "h1"
    row: str = ""
    thread: str = ""
    replies: str = ""
    last: str = ""
    sticky: str = ""
    board: str = ""
    moved: str = r"(?:/page-?\d+|[?&](?:page|pid|p|start|st)=[\w.-]+)/?"

    def recognises(self, page: Page) -> bool:
        """Is the page of this engine?"""
        return page.tree.css_first(self.sign) is not None

    def read_thread(self, page: Page) -> ThreadPage:
        """The posts of a thread page, in the order in which they stand."""
        title = title_of(page, self.title)
        posts: list[PostBlock] = []
        first: int | None = None
        for node in {node.mem_id: node for node in page.tree.css(self.post)}.values():
            block, number = self.read_post(page, node, title)
            if block.text or block.quotes or block.author:
                first = number - len(posts) if first is None and number is not None else first
                posts.append(block)
        if first is None and not has_previous(page):
            first = 0
        return ThreadPage(thread_url(page, self.moved), title, tuple(posts), next_page(page), first)

    def read_post(self, page: Page, node: LexborNode, title: str = "") -> tuple[PostBlock, int | None]:
        """A post, and its position in the thread (from 0) if it says so."""
        number = node.css_first(self.number) if self.number else None
        found = _NUMBER.search(number.text(deep=True)) if number is not None else None
        links = first_of(node, self.link)
        published, precision = first_date(page, node, self.date)
        named = first_of(node, self.author)
        if self.before and (above := _above(node)) is not None:
            links = links or first_of(above, self.link)
            named = named or first_of(above, self.author)
            if published is None:
                published, precision = first_date(page, above, self.date)
        native = self._native_id(node)
        author = node.attributes.get(self.author_attribute) if self.author_attribute else ""
        profile = first_of(node, self.profile) if self.profile else _link_of(named)
        if self.skip:
            for spare in node.css(self.skip):
                spare.decompose()
        body = first_of(node, self.body)
        if body is not None and self.quoted:
            name_quoted(body, self.quote, self.quoted)
        quotes = take_quotes(body, self.quote) if body is not None and self.quote else ()
        url = address(page, links) or ""
        native = native or _digits((body.attributes.get("id") or "") if body is not None else "") or _digits(url)
        if not url.startswith("http"):
            url = f"{page.url.split('#', 1)[0]}#{self.fragment}{native}" if native else ""
        block = PostBlock(
            native_id=native,
            url=url,
            author=clean_line(author or text_of(named), 100),
            text=without_title(node_text(body), title) if body is not None else "",
            published=published,
            precision=precision,
            author_url=address(page, profile),
            quotes=quotes,
        )
        return block, max(int(found.group()) - self.number_from, 0) if found and len(found.group()) < 9 else None

    def read_board(self, page: Page) -> BoardPage:
        """Boards and threads that the page lists; a thread's own page may list others like it, but is no board."""
        if page.tree.css_first(self.post) is not None:
            return BoardPage()
        threads: dict[str, ThreadLink] = {}
        for row in page.tree.css(self.row) if self.row else ():
            link = row.css_first(self.thread)
            url = address(page, link)
            if link is None or url is None:
                continue
            url = url.split("#", 1)[0]
            mark = f"{count_of(row, self.replies)}/{_last(page, row, self.last)}".strip("/")
            sticky = bool(self.sticky) and (row.css_matches(self.sticky) or row.css_first(self.sticky) is not None)
            threads.setdefault(url, ThreadLink(url, url, clean_line(link.text(deep=True)), mark, sticky))
        boards: dict[str, BoardLink] = {}
        for link in page.tree.css(self.board) if self.board else ():
            url = address(page, link)
            name = clean_line(link.text(deep=True))
            if url is not None and name:
                boards.setdefault(url.split("#", 1)[0], BoardLink(url.split("#", 1)[0], name))
        return BoardPage(tuple(boards.values()), tuple(threads.values()), next_page(page))

    def _native_id(self, node: LexborNode) -> str:
        for name in self.id_attribute.split():
            value = node.attributes.get(name) or ""
            if found := value if self.whole_id else _digits(value):
                return found
        return ""


def first_of(node: LexborNode, selectors: str) -> LexborNode | None:
    """The first match by the order of the selectors (separated by ", "), not by that of the page; with text if any."""
    silent = None
    for selector in _one_by_one(selectors):
        found = node.css_first(selector)
        if found is None:
            continue
        if _tells(found):
            return found
        silent = silent or found
        for other in node.css(selector)[1:4]:
            if _tells(other):
                return other
    return silent


@lru_cache(maxsize=1024)
def _one_by_one(selectors: str) -> tuple[str, ...]:
    return tuple(selectors.split(", ")) if selectors else ()


def _tells(node: LexborNode) -> bool:
    return bool(text_of(node) or node.attributes.get("datetime") or node.attributes.get("title"))


def title_of(page: Page, selectors: str) -> str:
    """The thread's title: what the engine marks, as long as the document's own title bears it out, else the latter."""
    root = page.tree.root
    if root is None:
        return ""
    marked = text_of(first_of(root, selectors))
    whole = text_of(page.tree.css_first("head > title") or page.tree.css_first("title"))
    marks = (" | ", " - ", " • ", " — ", " – ", " :: ", " » ", " / ")
    named = " ".join(whole.rpartition(mark)[2] for mark in marks if mark in whole)  # the site's own name comes last
    if marked and marked not in named and (not whole or (len(marked) > 2 and marked.casefold() in whole.casefold())):
        return bare_title(marked)[0]
    for mark in marks:
        if mark in whole:
            return bare_title(clean_line(whole.rpartition(mark)[0]))[0]
    return bare_title(clean_line(whole or marked))[0]


def without_title(text: str, title: str) -> str:
    """A post's words without the title, or "Re: title", that some engines set above them."""
    line, _, rest = text.partition("\n")
    bare, answers = bare_title(line)
    repeats = title and (bare == title or (answers and bare in title) or (len(bare) > 8 and title.startswith(bare)))
    return rest.strip() if repeats and rest.strip() else text


def first_date(page: Page, node: LexborNode, selectors: str) -> Dated:
    """The first date that a match shows, by the order of the selectors."""
    for selector in _one_by_one(selectors):
        for found in node.css(selector)[:6]:
            dated = page.date(found)
            if dated[0] is not None:
                return dated
    return None, "minute"


def _digits(value: str) -> str:
    numbers = _NUMBER.findall(value)
    return numbers[-1] if numbers else ""


def text_of(node: LexborNode | None) -> str:
    """What an element says: its text, or what a <meta> declares."""
    if node is None:
        return ""
    return node.attributes.get("content") or "" if node.tag == "meta" else clean_line(node.text(deep=True))


def address(page: Page, link: LexborNode | None) -> str | None:
    """Where a link leads, without session ids; None if nowhere on the web."""
    href = (link.attributes.get("href") or link.attributes.get("content") or "").strip() if link is not None else ""
    if not href or href.startswith(_NOT_A_LINK):
        return None
    try:
        if href[0] == "/" and href[1:2] != "/" and "/." not in href and href.isascii() and href.isprintable():
            url = page.root + href  # what urljoin makes of it, at a fifth of its cost
        else:
            url = urljoin(page.base, href)
    except ValueError:
        return None
    return _SESSION.sub("", url).rstrip("?&") if "=" in url else url.rstrip("?&")


def next_page(page: Page) -> str:
    """Address of the next page, "" on the last.

    It begins as this page's does, beyond the host: what a thread's page calls next is not another board.
    """
    for link in page.tree.css(NEXT):
        url = (address(page, link) or "").split("#", 1)[0]
        here = page.url.split("#", 1)[0]
        shared = len(commonprefix((url, here)))  # noqa: RUF071  # letters are meant, not folders
        root = len("://".join(urlsplit(here)[:2])) + 1
        if url != here and (shared > root or urlsplit(here).path in ("", "/")) and shared >= root:
            return url
    return ""


def has_previous(page: Page) -> bool:
    """Is there a page before this one?"""
    return page.tree.css_first(PREVIOUS) is not None


def thread_url(page: Page, moved: str) -> str:
    """The thread's own address, the same on all its pages: the canonical one without the page's number."""
    canonical = page.tree.css_first("link[rel=canonical][href]")
    url = (address(page, canonical) or page.url).split("#", 1)[0]
    if urlsplit(url).netloc != urlsplit(page.url).netloc or urlsplit(url).path in ("", "/"):
        url = page.url.split("#", 1)[0]
    return re.sub(moved, "", url) or url


def count_of(row: LexborNode, selector: str) -> str:
    """The first number in an element of a row, as it stands there."""
    node = row.css_first(selector) if selector else None
    found = _COUNT.search(node.text(deep=True)) if node is not None else None
    return found.group() if found else ""


def name_quoted(body: LexborNode, quote: str, quoted: str) -> None:
    """Put the name of whom a quote quotes where take_quotes looks for it, and take the line that says so out."""
    for node in body.css(quote):
        if node.mem_id == body.mem_id:
            continue
        name = node.attributes.get("data-quote") or node.attributes.get("data-ipsquote-username") or ""
        line = node.css_first(quoted) or _said_above(node)
        said = clean_line(line.text(deep=True), 200) if line is not None else ""
        if not node.attributes.get("data-username") and (name or said):
            node.attrs["data-username"] = name or _bare_name(said)
        if line is not None and line.tag != "cite":
            line.decompose()


def _said_above(quote: LexborNode) -> LexborNode | None:
    """The line above a quote that says whose it is: SMF's header, NodeBB's "@ann said in …:"."""
    above = _above(quote)
    if above is None or above.tag not in ("p", "div"):
        return None
    heads = "quoteheader" in (above.attributes.get("class") or "")
    return above if heads or _SAID.match(clean_line(above.text(deep=True), 300)) else None


def _bare_name(said: str) -> str:
    """The name in "Originally Posted by Ann", "Quote from: Ann on March 2", "Ann said: ↑"."""
    said = re.sub(r"^\([^)]*\)\s*", "", said).lstrip("@")
    said = re.sub(r"^(?:originally posted by|quote from:?|quoting:?)\s+", "", said, flags=re.IGNORECASE)
    return re.split(r"\s+(?:on|said|wrote|schrieb|a écrit)\b|\s*[:：]", said, maxsplit=1)[0].strip(" ↑")[:100]


def _above(node: LexborNode) -> LexborNode | None:
    above = node.prev
    while above is not None and (above.tag or "-").startswith(("-", "_")):
        above = above.prev
    return above


def _link_of(node: LexborNode | None) -> LexborNode | None:
    """The link that an author's name is, is in, or holds."""
    for _ in range(3):
        if node is None:
            return None
        if node.tag == "a":
            return node
        if (inner := node.css_first("a[href]")) is not None:
            return inner
        node = node.parent
    return None


def _last(page: Page, row: LexborNode, selector: str) -> str:
    """What moves when somebody answers: the last post's address, else its moment; no words that change by waiting."""
    node = row.css_first(selector) if selector else None
    if node is None:
        return ""
    link = node if node.tag == "a" else node.css_first("a[href*='#'], a[href*=latest], a[href*=last], a[href*=post]")
    href = (link.attributes.get("href") or "") if link is not None else ""
    found = _NUMBER.findall(href.rpartition("#")[2]) if "#" in href else []
    if found:
        return str(found[-1])
    time = node if node.tag == "time" else node.css_first("time, [datetime], [data-time], [title]") or node
    for name in ("datetime", "data-time", "data-timestamp", "title"):
        if value := time.attributes.get(name):
            return value
    text = clean_line(time.text(deep=True))
    return text if _CLOCK.search(text) else ""
