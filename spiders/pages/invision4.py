"""Invision Community 4 and 5."""

from spiders.pages.markup import Markup

NAME = "invision4"
_MARKUP = Markup(
    sign="body.ipsApp, [data-ips-hook], article[id^=elComment_]",
    post="article[id^=elComment_]",
    body="[data-role=commentContent], .ipsRichText, .ipsType_richText",
    author=(
        ".cAuthorPane_author a, .cAuthorPane_author, .ipsEntry__username a, .ipsEntry__username, .ipsComment_author a"
    ),
    date=".ipsType_light time, .ipsEntry__date time, .ipsEntry__meta time, time",
    link="a[href*=findComment]",
    profile=".cAuthorPane_author a[href], .ipsEntry__username a[href]",
    fragment="findComment-",
    skip="[data-role=memberSignature], .ipsEntry__signature, .ipsComment_edited, .ipsSignature",
    quote="blockquote",
    quoted=".ipsQuote_citation",
    title="h1",
    row="[data-rowid], .ipsDataItem, .ipsData__item",
    thread='.ipsDataItem_title a[href*="topic/"], .ipsData__title a[href*="topic/"], a[href*="topic/"]',
    replies=".ipsDataItem_stats_number, .ipsData__stats",
    last=".ipsDataItem_lastPoster time, .ipsData__last time",
    sticky=".fa-thumb-tack, .fa-thumbtack",
    board='.ipsDataItem_title a[href*="forum/"], .ipsData__title a[href*="forum/"], .ipsForum__title a',
    moved=r"(?<=/)page/\d+/?|[?&](?:page|do|comment)=\w+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
