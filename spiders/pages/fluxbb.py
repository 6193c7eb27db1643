"""FluxBB and PunBB."""

from spiders.pages.markup import Markup

NAME = "fluxbb"
_MARKUP = Markup(
    sign=(
        "#punwrap .blockpost, .pun .blockpost, #punviewtopic, #punviewforum, #brd-viewtopic, "
        ".brd .posthead, .blockpost .postleft"
    ),
    post="div.blockpost, .brd div.post:has(.posthead)",
    body=".postmsg, .entry-content",
    author=".postleft dt strong, .postleft dt, .post-byline strong, .post-byline a",
    date="h2 a, .post-link a, a.permalink, h2",
    link="h2 a[href], a.permalink",
    number=".conr, .post-num",
    profile=".postleft dt a[href], .post-byline a[href]",
    fragment="p",
    skip=".postsignature, .sig-content, .postedit",
    quote=".quotebox, .postmsg > blockquote, .entry-content > blockquote",
    quoted="cite",
    title=".crumbs li:last-child a, .crumbs strong, h1 a, h1, title",
    row="tr:has(.tclcon a[href*=viewtopic])",
    thread=".tclcon a[href*=viewtopic]",
    replies=".tc2",
    last=".tcr a[href]",
    sticky=".isticky",
    board="h3 a[href*=viewforum]",
    moved=r"&p=\d+|[?&]pid=\d+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
