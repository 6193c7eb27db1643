"""bbPress on WordPress: the line with the date stands above the post."""

from spiders.pages.markup import Markup

NAME = "bbpress"
_MARKUP = Markup(
    sign="#bbpress-forums, body.bbpress",
    post="div.type-topic, div.type-reply",
    body=".bbp-reply-content, .bbp-topic-content",
    author=".bbp-author-name, .bbp-reply-author a, .bbp-topic-author a",
    date=".bbp-reply-post-date, .bbp-topic-post-date",
    link="a.bbp-reply-permalink, a.bbp-topic-permalink",
    before=True,
    profile="a.bbp-author-name",
    skip=".bbp-reply-revision-log, .bbp-topic-revision-log, .bbp-signature, .bbp-attachments",
    quote="blockquote",
    quoted="cite",
    title="h1.entry-title, h1",
    row="ul[id^=bbp-topic-]:has(a.bbp-topic-permalink), ul.type-topic",
    thread="a.bbp-topic-permalink",
    replies=".bbp-topic-reply-count",
    last=".bbp-topic-freshness a[title]",
    sticky=".sticky",
    board="a.bbp-forum-title, a.bbp-forum-link",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
