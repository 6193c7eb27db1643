"""Stack Overflow and the sites of Stack Exchange. Comments under a post are not read."""

from spiders.pages.markup import Markup

NAME = "stackexchange"
_MARKUP = Markup(
    sign=".question .js-post-body, .js-question, .answer.js-answer, .s-post-summary",
    post=".question:has(.post-layout), .answer",
    body=".js-post-body, .s-prose, .post-text",
    author=".post-signature:last-child .user-details a, .post-signature:last-child .user-details",
    author_attribute="data-author-username",
    date="[itemprop=dateCreated], .post-signature.owner .relativetime, .post-signature:last-child .relativetime",
    id_attribute="data-answerid data-questionid",
    link="a.js-share-link",
    profile=".post-signature:last-child .user-details a",
    fragment="",
    skip=".js-post-notice, .post-taglist",
    quote="blockquote",
    quoted="cite",
    title="#question-header h1, h1",
    row=".s-post-summary",
    thread=".s-post-summary--content-title a",
    replies=".s-post-summary--stats-item.has-answers, .s-post-summary--stats-item:nth-child(2)",
    last=".s-user-card--time .relativetime",
)
recognises = _MARKUP.recognises
read_board = _MARKUP.read_board
read_thread = _MARKUP.read_thread
