"""Discourse, in the HTML that it gives to whoever runs no scripts, and as scripts draw it.

What is numbered in its addresses is the position in the topic, so the topic's address is part of a post's.
"""

from dataclasses import replace

from spiders.pages.markup import Markup
from spiders.pages.thread import Page, ThreadPage

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
    posts = tuple(
        replace(post, native_id=f"{found.url.rpartition('/')[2]}/{post.native_id}", url=f"{found.url}/{post.native_id}")
        if post.native_id
        else post
        for post in found.posts
    )
    return replace(found, posts=posts)
