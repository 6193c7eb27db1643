"""Reddit as old.reddit.com shows it. A link without words of its own says its title."""

from spiders.pages.markup import Markup

NAME = "reddit-old"
_MARKUP = Markup(
    sign="body.comments-page .thing, body.listing-page .thing.link",
    post="body.comments-page #siteTable > .thing.link, .commentarea .thing.comment",
    body=".usertext-body .md, a.title",
    author=".tagline .author",
    author_attribute="data-author",
    date=".tagline time, time",
    id_attribute="data-fullname",
    whole_id=True,
    link="a.bylink, a.comments",
    profile="a.author",
    fragment="thing_",
    skip=".flair",
    quote="blockquote",
    quoted="cite",
    title="#siteTable a.title, h1",
    row="body.listing-page:not(.comments-page) #siteTable > .thing.link",
    thread="a.comments",
    replies="a.comments",
    sticky=".stickied",
    board=".subscription-box a.title",
    moved=r"[?&](?:after|count|sort)=\w+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
