"""PTT, Taiwan's bulletin board, as its web shows it. Pushes (推, 噓, →) are replies.

A push says month, day and minute; the year is the article's, and one more each time the months go back. Boards for
grown-ups ask for a cookie (over18=1): what comes without it is a page that asks, and holds no posts.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from listener.gather.text import clean_line, clean_text, mail_text
from spiders.pages.dates import parse_date
from spiders.pages.markup import address
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NAME = "ptt"
ZONE = ZoneInfo("Asia/Taipei")
_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})(?:\s+(\d\d):(\d\d))?")
_NAME = re.compile(r"^([\w.]+)\s*\(.*\)$")


def recognises(page: Page) -> bool:
    """Its lines above an article, the list of a board, or the question of age."""
    return page.tree.css_first("#main-content .article-metaline, .r-list-container, .over18-notice") is not None


def read_board(page: Page) -> BoardPage:
    """Articles, newest last; those below the line are pinned. What counts pushes is part of the mark."""
    threads = []
    pinned = False
    for row in page.tree.css(".r-list-container > div"):
        classes = row.attributes.get("class") or ""
        pinned = pinned or "r-list-sep" in classes
        link = row.css_first(".title a[href]")
        url = address(page, link)
        if link is not None and url is not None:
            pushes = row.css_first(".nrec")
            mark = clean_line(pushes.text(deep=True)) if pushes is not None else ""
            threads.append(ThreadLink(url, url, clean_line(link.text()), mark or "0", pinned))
    older = next((link for link in page.tree.css("a.btn.wide[href]") if "上頁" in link.text()), None)
    return BoardPage((), tuple(reversed(threads)), address(page, older) or "")


def read_thread(page: Page) -> ThreadPage:
    """The article and its pushes."""
    main = page.tree.css_first("#main-content")
    if main is None:
        return ThreadPage(page.url, "", ())
    about = {
        clean_line(tag.text()): clean_line(value.text())
        for line in main.css(".article-metaline")
        if (tag := line.css_first(".article-meta-tag")) and (value := line.css_first(".article-meta-value"))
    }
    published, precision = parse_date(about.get("時間", ""), page.now, ZONE)
    pushes = [line for line in main.css("div.push") if line.css_first(".push-userid") is not None]
    replies = _pushes(page, pushes, published)
    for spare in main.css(".article-metaline, .article-metaline-right, div.push, .richcontent"):
        spare.decompose()
    for line in main.css("span.f2"):
        said = clean_line(line.text())
        if said.startswith("※") and not said.startswith("※ 引述"):
            line.decompose()
    text, quotes = mail_text(clean_text(main.text(deep=True)))
    text = "\n".join(line for line in text.split("\n") if not line.startswith("※ 引述"))
    author = _NAME.sub(r"\1", about.get("作者", ""))
    url = page.url.split("#", 1)[0]
    native = url.rpartition("/")[2].removesuffix(".html")
    opener = PostBlock(native, url, author, clean_text(text), published, precision, quotes=quotes)
    posts = (opener, *replies) if author or opener.text else replies
    return ThreadPage(url, about.get("標題", ""), tuple(posts), "", 0)


def _pushes(page: Page, lines: list[LexborNode], opened: datetime | None) -> tuple[PostBlock, ...]:
    """A push in several lines by one voice stays several: others speak in between."""
    year = (opened or page.now).astimezone(ZONE).year
    month = opened.astimezone(ZONE).month if opened else 0
    url = page.url.split("#", 1)[0]
    native = url.rpartition("/")[2].removesuffix(".html")
    posts = []
    for number, line in enumerate(lines, 1):
        parts = {}
        for name in ("userid", "content", "ipdatetime"):
            node = line.css_first(f".push-{name}")
            parts[name] = clean_line(node.text(deep=True), 1000) if node is not None else ""
        found = _MOMENT.search(parts["ipdatetime"])
        published, precision = None, "minute"
        if found:
            year += int(found[1]) < month
            month = int(found[1])
            clock = f" {found[3]}:{found[4]}" if found[3] else ""
            published, precision = parse_date(f"{year}-{month:02}-{int(found[2]):02}{clock}", page.now, ZONE)
        posts.append(
            PostBlock(
                native_id=f"{native}#{number}",
                url=f"{url}#push-{number}",
                author=parts["userid"],
                text=parts["content"].removeprefix(":").strip(),
                published=published,
                precision="day" if precision == "day" else "minute",
            )
        )
    return tuple(posts)
