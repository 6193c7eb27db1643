"""Lemmy, as lemmy-ui draws it on the server."""

from spiders.pages.markup import Markup

NAME = "lemmy"
_MARKUP = Markup(
    sign=".lemmy-site, #app .post-listing, article.comment-node",
    post=".post .post-listing, article[id^=comment-], .comment-node",
    body=".comment-content .md-div, .md-div, h1",
    author=".person-listing",
    date=".moment-time, time",
    link='a[href*="/comment/"], a[href^="/post/"]',
    profile="a.person-listing",
    fragment="comment-",
    skip=".comment-bottom-btns, .post-actions",
    quote="blockquote",
    quoted="cite",
    title="h1",
    row=".post-listings .post-listing",
    thread='a[href^="/post/"]',
    replies='a[href*="scrollToComments"]',
    last="",
    sticky=".icon-pin, [title*=pinned]",
    board=".community-list a.community-link",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
