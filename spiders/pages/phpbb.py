"""phpBB 3 (style prosilver and its many children)."""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from listener.gather.text import bare_title, clean_line, node_text, take_quotes
from spiders.pages.dates import node_date
from spiders.pages.thread import BoardLink, BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NAME = "phpbb"
_DIGITS = re.compile(r"\d[\d,. ]*")


def recognises(page: Page) -> bool:
    """phpBB puts its name on <body> or in its footer, and prosilver's class names are its own."""
    body = page.tree.body
    return body is not None and (
        body.attributes.get("id") == "phpbb"
        or page.tree.css_first("ul.topiclist, div.post > div.inner > div.postbody") is not None
    )


def read_board(page: Page) -> BoardPage:
    """Sub-boards and threads of viewforum.php, or the boards of index.php. Announcements are repeated on every page."""
    boards, threads = [], []
    for row in page.tree.css("ul.topiclist > li.row, ul.topiclist li.row"):
        link = row.css_first("a.forumtitle")
        if link is not None:
            boards.append(BoardLink(_clean(page, link), clean_line(link.text()), _mark(page, row, "dd.posts")))
        elif (link := row.css_first("a.topictitle")) is not None:
            url = _clean(page, link)
            classes = row.attributes.get("class") or ""
            threads.append(
                ThreadLink(
                    id=_query(url).get("t", url),
                    url=url,
                    title=clean_line(link.text()),
                    mark=_mark(page, row, "dd.posts"),
                    sticky="sticky" in classes or "announce" in classes or "global" in classes,
                )
            )
    unique = {thread.id: thread for thread in threads}
    return BoardPage(tuple(boards), tuple(unique.values()), _next(page))


def read_thread(page: Page) -> ThreadPage:
    """The posts of viewtopic.php."""
    title = page.tree.css_first("h2.topic-title, h3.first a, h2 > a[href*=viewtopic]")
    canonical = page.tree.css_first("link[rel=canonical]")
    here = _query(page.url)
    address = urljoin(page.url, (canonical.attributes.get("href") if canonical else "") or page.url)
    thread = _query(address).get("t") or here.get("t")
    url = urljoin(address, f"?t={thread}") if thread else re.sub(r"[?&]start=\d+", "", address)
    posts = [block for node in page.tree.css("div.post[id^=p]") if (block := _post(page, node)) is not None]
    first = None if "p" in here and canonical is None else _start(page.url) or _start(address)
    name = bare_title(clean_line(title.text() if title is not None else ""))[0]
    return ThreadPage(url, name, tuple(posts), _next(page), first)


def _post(page: Page, node: LexborNode) -> PostBlock | None:
    number = (node.attributes.get("id") or "")[1:]
    content = node.css_first("div.content")
    if not number.isdecimal() or content is None:
        return None
    author = node.css_first(
        "p.author strong, p.author a.username, p.author a.username-coloured, p.author span.username"
    )
    author = author or node.css_first(
        ".postprofile a.username, .postprofile a.username-coloured, .postprofile dt strong"
    )
    profile = node.css_first("p.author a[href*=viewprofile], .postprofile a[href*=viewprofile]")
    line = node.css_first("p.author")
    dated = node_date(line, page.now, page.zone) if line is not None else (None, "minute")
    for signature in node.css("div.signature, div.notice"):
        signature.decompose()
    quotes = take_quotes(content)
    return PostBlock(
        native_id=number,
        url=urljoin(page.url, f"viewtopic.php?p={number}#p{number}")
        if "viewtopic.php" in page.url
        else page.url.split("#")[0] + f"#p{number}",
        author=clean_line(author.text() if author is not None else "", 100),
        text=node_text(content),
        published=dated[0],
        precision=dated[1],
        author_url=_clean(page, profile) if profile is not None else None,
        quotes=quotes,
    )


def _mark(page: Page, row: LexborNode, counts: str) -> str:
    """Replies and the last post's id, else its date: any of them moves when someone answers."""
    count = row.css_first(counts)
    number = _DIGITS.search(count.text(deep=False)) if count is not None else None
    last = row.css_first("dd.lastpost")
    latest = ""
    if last is not None:
        for link in last.css("a[href]"):
            latest = latest or _query(link.attributes.get("href") or "").get("p", "")
        moment = node_date(last, page.now, page.zone)[0]
        latest = latest or (moment.isoformat() if moment else clean_line(last.text()))
    return f"{number.group().strip() if number else ''}/{latest}" if number or latest else ""


def _next(page: Page) -> str:
    """The arrow, or, where a style has none, the page link with the smallest start beyond this one's."""
    link = page.tree.css_first(
        "div.pagination li.next a[href], div.pagination a[rel=next][href], .pagination a.right-box[href]"
    )
    if link is not None:
        return _clean(page, link)
    here = _start(page.url)
    beyond = [
        url for link in page.tree.css("div.pagination a[href*='start=']") if _start(url := _clean(page, link)) > here
    ]
    return min(beyond, key=_start, default="")


def _start(url: str) -> int:
    start = _query(url).get("start", "0")
    return int(start) if start.isdecimal() and len(start) < 9 else 0


def _clean(page: Page, link: LexborNode) -> str:
    """A link without the session id that phpBB puts on every one, and without the board that a thread moved from."""
    parts = urlsplit(urljoin(page.url, link.attributes.get("href") or ""))
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("sid=")]
    if any(pair.startswith("t=") for pair in kept):
        kept = [pair for pair in kept if not pair.startswith("f=")]
    return parts._replace(query="&".join(kept), fragment="").geturl()


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
