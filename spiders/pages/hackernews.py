"""Hacker News, and what else runs its code."""

import re
from dataclasses import replace

from listener.gather.text import clean_line
from spiders.pages.markup import Markup, address, next_page
from spiders.pages.thread import BoardPage, Page, ThreadLink, ThreadPage

NAME = "hackernews"
_MARKUP = Markup(
    sign="table#hnmain",
    post="table.fatitem:has(.titleline), tr.athing.comtr",
    body=".commtext, .toptext, .titleline > a",
    author="a.hnuser",
    date=".age",
    link=".age a",
    profile="a.hnuser",
    skip=".reply",
    quoted="",
    title=".fatitem .titleline > a, title",
    moved=r"&p=\d+",
)
recognises = _MARKUP.recognises
_REPLIES = re.compile(r"(\d+)\s*comment")


def read_thread(page: Page) -> ThreadPage:
    """A story with its comments, in the order shown."""
    found = _MARKUP.read_thread(page)
    return replace(found, next=_more(page) or found.next)


def read_board(page: Page) -> BoardPage:
    """Stories with their count of comments, which stands in the row below."""
    threads = []
    for row in page.tree.css("tr.athing") if page.tree.css_first("table.fatitem, tr.comtr") is None else ():
        title = row.css_first(".titleline > a")
        below = row.next
        while below is not None and below.tag != "tr":
            below = below.next
        links = below.css("a[href^='item?id=']") if below is not None else []
        url = address(page, links[-1]) if links else None
        if title is not None and url is not None:
            count = _REPLIES.search(clean_line(links[-1].text()))
            threads.append(ThreadLink(url, url, clean_line(title.text()), count[1] if count else "0"))
    return BoardPage((), tuple(threads), _more(page) or next_page(page))


def _more(page: Page) -> str:
    return address(page, page.tree.css_first("a.morelink")) or ""
