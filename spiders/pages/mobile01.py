"""Mobile01 (Taiwan)."""

from spiders.pages.markup import Markup

NAME = "mobile01"
_MARKUP = Markup(
    sign=".l-articlePage, .c-listTableTd__title",
    post=".l-articlePage",
    body=".c-articleLimit article, article[itemprop], article, .u-gapBottom--max",
    author=".c-authorInfo__id a, .c-authorInfo__id, .l-articlePage__author a",
    date=".l-articlePage__publish .o-fNotes, .l-articlePage__publish .o-fSubMini, .l-navigation__item .o-fNotes",
    id_attribute="data-id id",
    number=".l-navigation__item .is-floor",
    profile=".c-authorInfo__id a",
    fragment="",
    skip=".c-signature, .l-articleSign",
    quote="blockquote, .c-quote",
    quoted="cite, .c-quote__name",
    title="h1",
    row=".l-listTable__tr:has(.c-listTableTd__title)",
    thread=".c-listTableTd__title a",
    replies=".l-listTable__td--count",
    last=".l-listTable__td--time:last-child .o-fNotes",
    sticky=".c-listTableTd__icon.is-top",
    moved=r"[?&]p=\d+",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
