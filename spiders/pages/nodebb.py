"""NodeBB."""

from spiders.pages.markup import Markup

NAME = "nodebb"
_MARKUP = Markup(
    sign='[component="topic"], [component="category/topic"], [component="post"][data-pid]',
    post='[component="post"][data-pid]',
    body='[component="post/content"]',
    author='[itemprop=author] [itemprop=name], [component="user/name"]',
    author_attribute="data-username",
    date="meta[itemprop=datePublished], .timeago",
    id_attribute="data-pid",
    link='a[href*="/post/"].permanent-link, a.permalink',
    profile='meta[itemprop=url], a[href*="/user/"]',
    fragment="",
    skip='[component="post/signature"], .post-signature, [component="post/parent"]',
    quote="blockquote",
    quoted="cite",
    title='[component="topic/title"], h1',
    row='[component="category/topic"]',
    thread='[component="topic/header"] a, h3 a[href*="/topic/"], a[href*="/topic/"]',
    replies=".stats-postcount",
    last='.lastpost .timeago, [component="topic/teaser"] .timeago',
    sticky=".pinned",
    board='[component="categories/category"] .title a, [component="categories/category"] h2 a',
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
