"""Simple Machines Forum 2."""

from spiders.pages.markup import Markup

NAME = "smf2"
_MARKUP = Markup(
    sign=".post_wrapper .poster, #messageindex .lastpost, .info a.subject[href*=board]",
    post=".post_wrapper",
    body=".inner[id^=msg_], .post .inner, .inner",
    author=".poster h4 a, .poster h4",
    date=".postinfo a.smalltext, .keyinfo .smalltext, .postinfo",
    link=".subject_title a, .postinfo a[href*=msg], h5 a[href*=msg]",
    number=".page_number",
    profile=".poster h4 a[href]",
    number_from=0,
    fragment="msg",
    skip=".signature, .modified, .quickbuttons, .moderatorbar, .quotefooter",
    quote="blockquote",
    quoted="cite",
    title=".display_title, #forumposts .catbg, h1",
    row="#messageindex tr:has(.subject), #topic_container > div",
    thread=".message_index_title a, span[id^=msg_] a",
    replies=".board_stats, td.stats",
    last=".lastpost",
    sticky=".sticky, .stickybg",
    board='.info a.subject, a.subject[href*="board="]',
    moved=r"(?<=\d)\.(?:msg)?\d+(?:;.*)?$|;.*$",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
