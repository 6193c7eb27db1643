"""django-machina 1.x, with its own Bootstrap templates."""

from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from listener.gather.text import bare_title, clean_line, node_text, take_quotes
from spiders.pages.dates import parse_date
from spiders.pages.thread import BoardLink, BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NAME = "machina"


def recognises(page: Page) -> bool:
    """Its class names belong to nobody else."""
    return (
        page.tree.css_first(".forumlist .forum-name, .topiclist, div.card.post[id] .post-content-wrapper") is not None
    )


def read_board(page: Page) -> BoardPage:
    """Boards with their sub-boards, and the threads of a board."""
    boards = [
        BoardLink(_address(page, link), clean_line(link.text()), _mark(link, "div.forum-count", "div.forum-last-post"))
        for link in page.tree.css("a.forum-name-link, .sub-forums a[href], .forumlist h3.card-title a[href]")
    ]
    threads = [
        ThreadLink(
            id=urlsplit(_address(page, link)).path,
            url=_address(page, link),
            title=clean_line(link.text()),
            mark=_mark(link, "div.topic-count", "div.topic-last-post"),
            sticky=_row(link).css_first(".fa-lightbulb, .fa-info") is not None,
        )
        for link in page.tree.css("a.topic-name-link")
    ]
    return BoardPage(tuple(boards), tuple(threads), _next(page))


def read_thread(page: Page) -> ThreadPage:
    """The posts of a topic."""
    title = page.tree.css_first("h1")
    url = urlsplit(page.url)._replace(query="", fragment="").geturl()
    posts = tuple(_post(page, url, node) for node in page.tree.css("div.card.post[id]"))
    first = 0 if page.tree.css_first("ul.pagination li.page-item.active a[href='?page=1']") else None
    if page.tree.css_first("ul.pagination") is None:
        first = 0
    name = bare_title(clean_line(title.text() if title is not None else ""))[0]
    return ThreadPage(url, name, posts, _next(page), first)


def _post(page: Page, thread: str, node: LexborNode) -> PostBlock:
    number = node.attributes.get("id") or ""
    content = node.css_first("div.post-content")
    name = node.css_first("div.username b")
    profile = node.css_first("div.username a[href]")
    line = node.css_first("small.text-muted")
    # "By: NAME on DATE": what stands after the last " on ", for a name may hold one too.
    said = clean_line(line.text(deep=True) if line is not None else "")
    published, precision = parse_date(said.rpartition(" on ")[2] or said, page.now, page.zone)
    quotes = take_quotes(content) if content is not None else ()
    return PostBlock(
        native_id=number,
        url=f"{thread}?post={number}#{number}",
        author=clean_line(name.text() if name is not None else "", 100),
        text=node_text(content) if content is not None else "",
        published=published,
        precision=precision,
        author_url=_address(page, profile) if profile is not None else None,
        quotes=quotes,
    )


def _row(link: LexborNode) -> LexborNode:
    """The list row that a board's or thread's name stands in."""
    node: LexborNode | None = link
    while node is not None and "row" not in (node.attributes.get("class") or "").split():
        node = node.parent
    return node if node is not None else link


def _mark(link: LexborNode, counts: str, last: str) -> str:
    """Posts and the last post's id. The second count of a topic is its views, which must not wake us."""
    row = _row(link)
    numbers = [clean_line(node.text()) for node in row.css(counts)]
    latest = row.css_first(f"{last} a[href*='#']")
    number = numbers[0] if counts == "div.topic-count" and numbers else "+".join(numbers)
    post = urlsplit(latest.attributes.get("href") or "").fragment if latest is not None else ""
    return f"{number}/{post}" if number or post else ""


def _next(page: Page) -> str:
    items = page.tree.css("ul.pagination li.page-item")
    link = items[-1].css_first("a[href^='?page=']") if items else None
    return urljoin(page.url, link.attributes.get("href") or "") if link is not None else ""


def _address(page: Page, link: LexborNode) -> str:
    return urljoin(page.url, link.attributes.get("href") or "").split("#", 1)[0]
