"""wpForo on WordPress."""

from spiders.pages.markup import Markup

NAME = "wpforo"
_MARKUP = Markup(
    sign="#wpforo-wrap, .wpforo-post",
    post=".post-wrap[id^=post-], .wpforo-post",
    body=".wpforo-post-content, .wpforo-comment-text",
    author=".author-name a, .author-name, .wpf-comment-author a",
    date=(
        ".wpforo-post-content-top time, .wpf-post-date, .cbleft, .bleft, .wpforo-post-content-bottom, .wpf-comment-date"
    ),
    link='.wpforo-post-link a[href], a[href*="#post-"]',
    profile=".author-name a[href]",
    skip=".wpforo-post-signature, .wpf-signature, .wpf-post-edited, .wpforo-edited",
    quote="blockquote",
    quoted=".wpf-quote-author, cite",
    title="h1.wpf-post-title, .wpforo-title h1, #wpf-title, h1",
    row=".topic-wrap, .wpf-topic-row",
    thread=".wpforo-topic-title a",
    replies=".wpforo-topic-stat-posts",
    last=".wpforo-topic-stat-last",
    sticky=".wpfsq, .wpf-sticky, .fa-thumbtack",
    board=".wpforo-forum-title a",
    moved=r"/paged/\d+/?",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
