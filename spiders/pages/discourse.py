"""Discourse, in the HTML that it gives to whoever runs no scripts, as scripts draw it, and in what those scripts load.

What is numbered in its addresses is the position in the topic, so the topic's address is part of a post's.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from listener.gather.text import clean_line, html_text
from spiders.pages.dates import parse_date
from spiders.pages.markup import Markup
from spiders.pages.thread import Page, PostBlock, ThreadPage

NAME = "discourse"
_MARKUP = Markup(
    sign="meta[name=generator][content^=Discourse]",
    post=".crawler-post, article[data-post-id]",
    body=".post[itemprop=text], .cooked, .post",
    author=".creator [itemprop=name], .creator a, .names .username a, .names a",
    date="time.post-time, .post-date [data-time], time",
    number="[itemprop=position]",
    skip="[itemprop=interactionStatistic], .crawler-linkback-list, .lightbox .meta",
    quote="aside.quote, blockquote",
    quoted=".title",
    profile=".creator a[href], .names a[href]",
    title="#topic-title h1, h1",
    row="tr.topic-list-item",
    thread="a.title, a.raw-topic-link",
    replies="td.replies, td.posts",
    last="td:last-child",
    sticky=".pinned",
    board=".category-list a.category-title-link, .category-list h3 a[href]",
    moved=r"[?&]page=\d+|(?<=/\d)/\d+$",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board


def read_thread(page: Page) -> ThreadPage:
    """The posts of a topic page."""
    found = _MARKUP.read_thread(page)
    if not found.posts:
        found = replace(found, posts=tuple(_preloaded(page)))
    posts = tuple(
        replace(post, native_id=f"{found.url.rpartition('/')[2]}/{post.native_id}", url=f"{found.url}/{post.native_id}")
        if post.native_id
        else post
        for post in found.posts
    )
    return replace(found, posts=posts)


def _preloaded(page: Page) -> Iterator[PostBlock]:
    """The posts in <div id="data-preloaded" data-preloaded="{&quot;topic_7&quot;: …}">, for the page's own scripts."""
    node = page.tree.css_first("#data-preloaded[data-preloaded]")
    try:
        held = json.loads((node.attributes.get("data-preloaded") or "{}") if node is not None else "{}")
        topic = json.loads(next((held[name] for name in held if name.startswith("topic_")), "{}"))
        posts: list[dict[str, Any]] = topic.get("post_stream", {}).get("posts", [])
        for one in posts:
            text, quotes = html_text(str(one["cooked"]))
            published, precision = parse_date(str(one.get("created_at") or ""), page.now, page.zone)
            author = clean_line(str(one.get("username") or ""), 100)
            yield PostBlock(str(one["post_number"]), "", author, text, published, precision, quotes=quotes)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return
