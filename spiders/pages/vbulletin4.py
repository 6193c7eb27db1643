"""vBulletin 4."""

from spiders.pages.markup import Markup

NAME = "vbulletin4"
_MARKUP = Markup(
    sign="html#vbulletin_html, li.postcontainer, li.threadbit",
    post="li.postcontainer, li.postbitlegacy, li.postbit",
    body="[id^=post_message_] .postcontent, [id^=post_message_], .postcontent",
    author=".username_container .username, a.username, .username, .userinfo strong",
    date=".postdate .date, .postdate, .date",
    link="a.postcounter, a[name^=post]",
    number="a.postcounter",
    profile="a.username",
    fragment="post",
    skip=".signature, .signaturecontainer",
    quote=".bbcode_quote",
    quoted=".bbcode_postedby",
    title=".threadtitle a, .threadtitle, h1",
    row="li.threadbit",
    thread="a.title[id^=thread_title_], .threadtitle a.title",
    replies=".threadstats li:first-child",
    last=".threadlastpost",
    sticky=".sticky, [id^=thread_sticky]",
    board=".forumtitle a[href]",
    moved=r"[?&](?:page|p|pp|s)=\w+|/page\d+|-\d+(?=\.html$)",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
