"""Vanilla Forums."""

from spiders.pages.markup import Markup

NAME = "vanilla"
_MARKUP = Markup(
    sign="body[id^=vanilla_], .MessageList .ItemDiscussion, .ItemComment",
    post=".ItemComment, body.Discussion .MessageList .ItemDiscussion",
    body=".Message, .userContent",
    author="a.Username, .Author a:not(.PhotoWrap), .Author",
    date=".DateCreated time, .DateCreated, time",
    link="a.Permalink",
    profile="a.Username",
    fragment="Comment_",
    skip=".Signature, .UserSignature, .DateUpdated",
    quote="blockquote, .Quote",
    quoted=".QuoteAuthor, cite",
    title=".PageTitle h1, h1",
    row="body:not(.Discussion) .ItemDiscussion, .DataList .ItemDiscussion",
    thread=".Title a, a.Title",
    replies=".CommentCount .Number, .CommentCount",
    last=".LastCommentDate time, .LastCommentDate",
    sticky=".Announcement, .tag-announcement",
    board=".ItemCategory .CategoryNameHeading a, .CategoryNameHeading a",
    moved=r"/p\d+$",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
