"""vBulletin 3: tables, and little that has a name."""

from spiders.pages.markup import Markup

NAME = "vbulletin3"
_MARKUP = Markup(
    sign='td[id^=td_post_], td[id^=td_threadtitle_], meta[name=generator][content^="vBulletin 3"]',
    post="table[id^=post]:has([id^=post_message_]), div[id^=post]:not(#posts):has(> div [id^=post_message_])",
    body="[id^=post_message_], td[id^=td_post_]",
    author=".bigusername, [id^=postmenu_]",
    date="td.thead, .thead .tcell, td.tcat, div.normal",
    link="a[id^=postcount]",
    number="a[id^=postcount]",
    profile="a.bigusername",
    fragment="post",
    quote="div:has(> div.smallfont + table), div:has(> div.smallfont + div.quote)",
    quoted="td.alt2 > div > strong, .quote strong",
    title="td.navbar strong, .navbar strong, h1, title",
    row="tr:has(a[id^=thread_title_])",
    thread="a[id^=thread_title_]",
    replies='a[href*="do=whoposted"]',
    last="td.alt2:has(.time)",
    sticky="img[src*=sticky]",
    board="a[href*=forumdisplay]:has(> strong)",
    moved=r"[?&](?:page|p|pp|s)=\w+|-\d+(?=\.html$)",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
