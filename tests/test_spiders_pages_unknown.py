"""Pages of engines and themes that nobody told us of, and of those we know in other languages."""

import json
from datetime import UTC, datetime
from html import escape

import pytest

from spiders.pages import discourse, engine_for, generic, read_thread
from spiders.pages.thread import Page, PostBlock
from tests.helpers_net import NOW
from tests.pages.threads import QUOTE

URL = "http://f.example/talk/7"
LONG = "thinks that the battery of the new model lasts a day at the very most"


def posts(html: str, url: str = URL) -> tuple[PostBlock, ...]:
    return read_thread(Page(html, url, NOW, UTC)).posts


def test_a_post_that_nobody_answered_is_one() -> None:
    html = (
        f'<body><nav><a href="/">Home</a> since 2011-02-03</nav><div class="post-card"><a href="/user/3">Ann</a>'
        f' <time datetime="2026-03-02T20:14:00Z">x</time><div class="post-text">Ann {LONG}.</div></div>'
        '<div class="related-posts"><a href="/talk/6">Another talk, 2026-03-01</a></div></body>'
    )
    (post,) = posts(html)
    assert (post.author, post.text) == ("Ann", f"Ann {LONG}.")
    assert post.published == datetime(2026, 3, 2, 20, 14, tzinfo=UTC)


def test_a_name_may_stand_beside_the_date_only() -> None:
    html = "".join(
        f'<div class="rounded-xl p-4" id="{n}"><div><div class="font-bold">{who} &middot; <span>'
        f"0{n}/03/2026 19:49</span>"
        f'</div></div><div class="mt-2"><p>{who} {LONG}, says note {n}.</p></div></div>'
        for n, who in ((1, "lowish"), (2, "keeping sanity"), (3, "阿霞"))
    )
    found = posts(f'<html lang="en-GB"><body><main>{html}</main></body></html>')
    assert [post.author for post in found] == ["lowish", "keeping sanity", "阿霞"]
    assert [post.published and post.published.day for post in found] == [1, 2, 3]
    assert found[1].text == f"keeping sanity {LONG}, says note 2."


def test_the_words_of_a_post_are_not_those_of_the_remarks_in_it() -> None:
    def remark(n: int) -> str:
        return (
            f'<div class="comment" id="post-id-{n}"><div class="comment-body">Remark {n}: {LONG}, and more of it.</div>'
            f'<a class="author" href="/users/{n}">bo{n}</a> <abbr title="2026-03-03 1{n % 10}:00:00Z">x</abbr></div>'
        )

    html = "".join(
        f'<div class="post" id="post-id-{n}"><div class="by"><a href="/users/{n}">{who}</a>'
        f' <abbr title="2026-03-02 2{n}:00:00Z">x</abbr></div><div class="post-body">{who} {LONG}.</div>'
        f'<div class="comments"><div class="content">{remark(10 + n)}{remark(20 + n)}</div></div></div>'
        for n, who in ((1, "Ann"), (2, "Cho"))
    )
    found = posts(f'<body class="two-col user-messages">{html}</body>')
    assert [(post.author, post.text.split(":")[0][:9]) for post in found] == [
        *(("Ann", "Ann think"), ("bo11", "Remark 11"), ("bo21", "Remark 21")),
        *(("Cho", "Cho think"), ("bo12", "Remark 12"), ("bo22", "Remark 22")),
    ]


def test_a_link_that_bears_a_date_is_not_when_the_post_was_written() -> None:
    journal = '<a href="/j" title="Friday April 05, 2019 @03:34AM">Journal</a>'
    html = "".join(
        f'<li class="comment" id="c{n}"><h4>Re: Talk</h4>by <a href="/~{who}">{who}</a>'
        f" {journal if n == 2 else ''} <span"
        f' class="details">on Friday January 12, 2024 @11:5{n}AM (#64{n})</span><div class="words">{who}'
        f" {LONG}.</div></li>"
        for n, who in ((1, "ann"), (2, "bo"), (3, "cho"))
    )
    assert [f"{post.published:%Y-%m-%d %H:%M}" for post in posts(f"<body><ul>{html}</ul></body>")] == [
        "2024-01-12 11:51",
        "2024-01-12 11:52",
        "2024-01-12 11:53",
    ]


def test_what_an_engine_says_under_a_post_is_not_said_by_its_author() -> None:
    under = (
        '<p class="post-edited">Last edited by Ann (2026-03-09)</p>'
        '<div class="post-likes">Bo and 3 others like this</div>'
    )
    html = "".join(
        f'<div class="reply" id="r{n}"><b class="nick">{who}</b> <i>2026-03-02 2{n}:00</i>'
        f'<div class="words">{who} {LONG}.{under}</div></div>'
        for n, who in ((1, "Ann"), (2, "Bo"))
    )
    assert [post.text for post in posts(f"<body>{html}</body>")] == [f"Ann {LONG}.", f"Bo {LONG}."]


def test_a_theme_that_hides_authors_from_the_engine_is_filled_in() -> None:
    bbpress = "".join(
        f'<div class="row bbp-reply type-reply" id="post-{n}"><div class="bbp-reply-content"><p>{who} {LONG}.</p></div>'
        f'<div class="meta"><a href="/members/{who}/">{who}</a><span class="when">March {n}, 2026 at 8:14'
        f" pm</span></div>"
        "</div>"
        for n, who in ((1, "Ann"), (2, "Bo"), (3, "Cho"))
    )
    html = f'<html><body class="bbpress"><div id="bbpress-forums">{bbpress}</div></body></html>'
    assert engine_for(Page(html, URL, NOW, UTC)).NAME == "bbpress"
    assert [(post.author, post.published and post.published.day) for post in posts(html)] == [
        ("Ann", 1),
        ("Bo", 2),
        ("Cho", 3),
    ]


def test_discourse_before_its_scripts_ran() -> None:
    said = [
        {"post_number": n, "username": who, "created_at": f"2026-03-02T2{n}:00:00.000Z", "cooked": text}
        for n, who, text in ((1, "Ann", "<p>It broke.</p>"), (2, "阿霞", f"{QUOTE['discourse']}<p>Mine too.</p>"))
    ]
    held = escape(json.dumps({"site": "{}", "topic_7": json.dumps({"post_stream": {"posts": said}})}))
    html = (
        '<html><head><meta name="generator" content="Discourse 3.5.0"><title>Talk - Town</title></head><body>'
        f'<div class="hidden" id="data-preloaded" data-preloaded="{held}"></div></body></html>'
    )
    page = Page(html, "http://f.example/t/talk/7", NOW, UTC)
    found = discourse.read_thread(page)
    assert [(post.native_id, post.author, post.text) for post in found.posts] == [
        ("7/1", "Ann", "It broke."),
        ("7/2", "阿霞", "Mine too."),
    ]
    assert found.posts[1].url == "http://f.example/t/talk/7/2"
    assert [who for who, _ in found.posts[1].quotes] == ["Ann"]
    spoilt = Page(html.replace("post_stream", "post_steam"), page.url, NOW, UTC)
    assert discourse.read_thread(spoilt).posts == ()


PHPBB = [
    ("fr", "par <strong>{}</strong> &raquo; lun. 2 mars 2026 20:14", "par"),
    ("de", "von <strong>{}</strong> &raquo; Mo 2. Mär 2026, 20:14", "von"),
    ("es", "por <strong>{}</strong> &raquo; Lun 02 Mar 2026, 20:14", "por"),
    ("it", "da <strong>{}</strong> &raquo; lunedì 2 marzo 2026, 20:14", "da"),
    ("nl", "door <strong>{}</strong> &raquo; ma mrt 02, 2026 8:14 pm", "door"),
    ("pl", "autor: <strong>{}</strong> &raquo; 2 marca 2026, 20:14", "autor"),
    ("pt-br", "por <strong>{}</strong> &raquo; 02 mar 2026, 20:14", "por"),
    ("ru", "<strong>{}</strong> &raquo; 02 мар 2026, 20:14", ""),
    ("ja", "<strong>{}</strong> &raquo; 2026年3月2日(月) 20:14", ""),
    ("zh-cmn-hant", "由 <strong>{}</strong> &raquo; 2026-03-02, 20:14", "由"),
]


@pytest.mark.parametrize(("language", "line", "by"), PHPBB, ids=[language for language, _, _ in PHPBB])
def test_phpbb_in_other_languages(language: str, line: str, by: str) -> None:
    html = "".join(
        f'<div id="p{n}" class="post"><div class="inner"><div class="postbody"><p class="author">{line.format(who)}</p>'
        f'<div class="content">{who} {LONG}.</div></div></div></div>'
        for n, who in ((31, "Ann"), (32, "阿霞"))
    )
    html = f'<html lang="{language}"><body id="phpbb"><h2 class="topic-title">Talk</h2>{html}</body></html>'
    for engine in (None, generic):
        found = read_thread(Page(html, "http://f.example/viewtopic.php?t=7", NOW, UTC), engine).posts
        assert [post.author for post in found] == ["Ann", "阿霞"]
        assert {post.published for post in found} == {datetime(2026, 3, 2, 20, 14, tzinfo=UTC)}
        assert found[0].text == f"Ann {LONG}."
