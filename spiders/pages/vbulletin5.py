"""vBulletin 5 and 6."""

from spiders.pages.markup import Markup

NAME = "vbulletin5"
_MARKUP = Markup(
    sign='body.vb-page, li.b-post, meta[name=generator][content^="vBulletin 5"]',
    post="li.b-post",
    body="[itemprop=text], .js-post__content-text",
    author="[itemprop=author] [itemprop=name], .author a, .author strong, .author",
    date="meta[itemprop=publishDate], .b-post__timestamp time, .b-post__timestamp, time",
    id_attribute="data-node-id",
    link="a.b-post__count",
    number="a.b-post__count",
    profile=".author a[href]",
    fragment="post",
    skip=".b-post__signature, .post-signature, .signature",
    quote=".bbcode_quote",
    quoted=".bbcode_postedby",
    title="h1.main-title, h1",
    row="tr.topic-item",
    thread="a.topic-title",
    replies=".posts-count",
    last=".lastpost-date, .cell-lastpost",
    sticky=".sticky",
    board="a.forum-title",
    moved=r"/page\d+|[?&]p=\d+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
