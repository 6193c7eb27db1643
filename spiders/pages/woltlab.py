"""WoltLab Suite Forum."""

from spiders.pages.markup import Markup

NAME = "woltlab"
_MARKUP = Markup(
    sign="article.wbbPost, .wbbThreadPost, .wbbThread, .wbbBoard, ol.wbbThreadList",
    post="article.wbbPost, article.wbbThreadPost",
    body=".messageText",
    author=".messageAuthor .username, .messageAuthor [itemprop=name], .messageSidebar .username",
    date=(
        ".messagePublicationTime, .messageHeaderMetaData time, "
        ".messageHeaderMetaData woltlab-core-date-time, time, woltlab-core-date-time"
    ),
    id_attribute="data-object-id id",
    link="a.messagePublicationTime, .messageQuickOptions a[href*=post], a.permalink",
    number=".messageQuickOptions a, .messageNumber",
    profile=".messageAuthor a[href]",
    fragment="post",
    skip=".messageSignature, .messageFooterNote",
    quote="woltlab-quote, .quoteBox, blockquote",
    quoted=".quoteBoxTitle, .quoteBoxHeader",
    title="h1.contentTitle, h1",
    row=".wbbThread, .tabularListRow:has(a.wbbTopicLink)",
    thread="a.wbbTopicLink",
    replies=".columnStats dd",
    last=".columnLastPost time, .columnLastPost",
    sticky=".wbbSticky, .sticky",
    board=".wbbBoard h2 a, .wbbBoardNode a.wbbBoardTitle, .wbbBoard .containerHeadline a",
    moved=r"[?&]pageNo=\d+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
