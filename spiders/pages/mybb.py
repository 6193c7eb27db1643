"""MyBB."""

from spiders.pages.markup import Markup

NAME = "mybb"
_MARKUP = Markup(
    sign=".post_body[id^=pid_], [id^=pid_].scaleimages, tr.inline_row span[id^=tid_]",
    post="div.post[id^=post_], table[id^=post_], div[id^=post_]:has([id^=pid_])",
    body="[id^=pid_]",
    author=".author_information .largetext, .largetext a, .post_author strong",
    date=".post_date, .smalltext",
    link='.post_head a[href*=pid], a[href*="#pid"]',
    number='.post_head strong a, a[href*="#pid"]',
    profile=".largetext a[href]",
    fragment="pid",
    skip=".signature, .post_edit, .edited_post",
    quote="blockquote",
    quoted="cite",
    title=".thead strong, h1, title",
    row="tr.inline_row",
    thread="span[id^=tid_] a",
    replies="a[href*=whoPosted]",
    last=".lastpost",
    sticky=".forumdisplay_sticky",
    board="strong > a[href*=forum]",
    moved=r"-(?:page|post)-\d+|[?&](?:page|pid)=\d+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
