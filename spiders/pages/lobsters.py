"""Lobsters and what else runs its code."""

from spiders.pages.markup import Markup

NAME = "lobsters"
_MARKUP = Markup(
    sign=".comments_subtree, li.story[data-shortid]",
    post="ol.stories:not(.list) > li.story, div.comment[data-shortid]",
    body=".comment_text, .story_text, a.u-url",
    author='.byline .u-author, .byline a[href^="/~"], .byline a[href^="/u/"]',
    date=".byline time, .byline span[title]",
    id_attribute="data-shortid",
    whole_id=True,
    link='.byline a[href*="/c/"], .comments_label a',
    profile='.byline a[href^="/~"], .byline a[href^="/u/"]',
    fragment="c_",
    quote="blockquote",
    quoted="cite",
    title=".story .link a, h1",
    row="ol.stories.list > li.story",
    thread=".comments_label a",
    replies=".comments_label",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
