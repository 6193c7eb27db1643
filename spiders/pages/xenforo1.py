"""XenForo 1."""

from spiders.pages.markup import Markup

NAME = "xenforo1"
_MARKUP = Markup(
    sign="html#XenForo",
    post="li.message[id^=post-]",
    body=".messageText",
    author=".userText a.username, a.username",
    author_attribute="data-author",
    date=".messageDetails .DateTime, .messageMeta .DateTime, .DateTime",
    link="a.hashPermalink, a.datePermalink",
    number="a.postNumber, a.hashPermalink",
    profile="a.username",
    skip=".messageTextEndMarker, .signature, .quoteExpand, .editDate",
    quote=".bbCodeQuote",
    quoted=".attribution",
    title=".titleBar h1, h1",
    row="li.discussionListItem",
    thread="h3.title a.PreviewTooltip, h3.title a:last-of-type",
    replies=".stats .major dd",
    last=".lastPostInfo .DateTime, .lastPostInfo",
    sticky=".sticky",
    board=".nodeTitle a[href]",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
