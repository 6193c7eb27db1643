"""Flarum: its pages carry what the API answered, with dates and ids, beside a bare article for each post."""

import json
from typing import Any

from listener.gather.text import clean_line, html_text
from spiders.pages.dates import parse_date
from spiders.pages.markup import Markup, next_page, thread_url
from spiders.pages.thread import BoardPage, Page, PostBlock, ThreadLink, ThreadPage

NAME = "flarum"
_MARKUP = Markup(
    sign="#flarum-json-payload, #flarum-content, #flarum-loading",
    post="#flarum-content article, article.Post",
    body=".Post-body",
    author=".PostUser-name, .username",
    date="time, .PostMeta",
    id_attribute="data-id",
    fragment="p",
    title="#flarum-content h1, h1",
)
recognises = _MARKUP.recognises
_MOVED = r"[?&]page=\d+|(?<=\d)/\d+$"
Items = dict[tuple[str, str], dict[str, Any]]


def read_board(page: Page) -> BoardPage:
    """The discussions that the page's payload lists."""
    _, items = _payload(page)
    threads = []
    for (kind, number), about in items.items():
        if kind == "discussions" and about.get("title") and "/d/" not in page.url:
            url = (
                f"{page.url.split('/t/')[0].split('/all')[0].split('?')[0].rstrip('/')}/d/{about.get('slug') or number}"
            )
            mark = f"{about.get('commentCount', '')}/{about.get('lastPostedAt', '')}".strip("/")
            threads.append(ThreadLink(number, url, clean_line(str(about["title"])), mark, bool(about.get("isSticky"))))
    return BoardPage((), tuple(threads), next_page(page))


def read_thread(page: Page) -> ThreadPage:
    """The posts of the payload, else those of the bare articles."""
    title, items = _payload(page)
    url = thread_url(page, _MOVED)
    posts = []
    for (kind, number), about in items.items():
        markup = about.get("contentHtml")
        if kind != "posts" or not isinstance(markup, str) or not about.get("number"):
            continue
        text, quotes = html_text(markup)
        published, precision = parse_date(str(about.get("createdAt") or ""), page.now, page.zone)
        author = items.get(("users", str(about.get("user"))), {})
        block = PostBlock(
            native_id=number,
            url=f"{url}/{about['number']}",
            author=clean_line(str(author.get("displayName") or author.get("username") or ""), 100),
            text=text,
            published=published,
            precision=precision,
            quotes=quotes,
        )
        posts.append((str(about["number"]).zfill(9), block))
    if not posts:
        return _MARKUP.read_thread(page)
    posts.sort(key=lambda pair: pair[0])
    first = int(posts[0][0]) - 1 if posts[0][0].isdecimal() else None
    return ThreadPage(url, title, tuple(block for _, block in posts), next_page(page), first)


def _payload(page: Page) -> tuple[str, Items]:
    """The title of the first discussion, and all items by (type, id), each with its attributes and its user's id."""
    node = page.tree.css_first("#flarum-json-payload")
    items: Items = {}
    title = ""
    try:
        payload = json.loads(node.text() if node is not None else "{}")
        document = payload.get("apiDocument") or {}
        data = document.get("data") or []
        every = [*payload.get("resources", []), *(data if isinstance(data, list) else [data])]
        for item in [*every, *document.get("included", [])]:
            user = ((item.get("relationships") or {}).get("user") or {}).get("data") or {}
            items[item["type"], str(item["id"])] = {**item.get("attributes", {}), "user": user.get("id")}
            if item["type"] == "discussions":
                title = title or clean_line(str(item["attributes"].get("title", "")))
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return title, items
    return title, items
