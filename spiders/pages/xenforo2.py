"""XenForo 2."""

from spiders.pages.markup import Markup

NAME = "xenforo2"
_MARKUP = Markup(
    sign="html#XF",
    post="article.message--post, article.message[data-content^=post-]",
    body=".message-body .bbWrapper, .message-body",
    author=".message-name .username, .message-name",
    author_attribute="data-author",
    date=".message-attribution time, time.u-dt",
    id_attribute="data-content id",
    link='.message-attribution-opposite a[href*=post-], .message-attribution-main a[href*=post-], a[href*="/post-"]',
    number=".message-attribution-opposite li:last-child",
    profile=".message-name a[href]",
    skip=(
        ".message-signature, .message-lastEdit, .bbCodeBlock-expandLink, .bbCodeBlock-shrinkLink, .js-selectToQuoteEnd"
    ),
    quote="blockquote",
    quoted=".bbCodeBlock-title",
    title="h1.p-title-value, h1",
    row=".structItem--thread",
    thread=".structItem-title a[data-tp-primary], .structItem-title a:last-of-type",
    replies=".structItem-cell--meta dd",
    last=".structItem-latestDate",
    sticky=".structItem-status--sticky",
    board=".node-title a[href]",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
