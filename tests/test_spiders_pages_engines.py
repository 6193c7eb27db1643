"""Every engine by name: the same invented talk in its markup, read the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import Unreadable
from listener.records import Source
from spiders.pages import ENGINES, engine_for, flarum, generic, ptt, read_thread
from spiders.pages.thread import DEEPEST, Page
from tests.helpers_net import NOW, FakeStore, Sink, go, serving
from tests.pages.threads import FLARUM, POSTS, PTT, thread

URL = "http://f.example/threads/x.7/"


def page(html: str, url: str = URL) -> Page:
    return Page(html, url, NOW, UTC)


@pytest.mark.parametrize("name", sorted(POSTS))
def test_the_same_talk_in_every_markup(name: str) -> None:
    opened = page(thread(name))
    assert name == engine_for(opened).NAME
    found = read_thread(opened)
    ann, xia = found.posts
    assert [(post.author, post.text) for post in found.posts] == [
        ("Ann", "It broke again."),
        ("阿霞", "Mine too.\nTwice."),
    ]
    assert ann.published == datetime(2026, 3, 2, 20, 14, tzinfo=UTC)
    assert xia.published == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    assert (ann.quotes, [author for author, _ in xia.quotes]) == ((), ["Ann"])
    assert xia.quotes[0][1].endswith("It broke.")
    assert (found.title, found.first_position) == ("Talk", 0)
    assert len({post.native_id for post in found.posts} - {""}) == 2
    assert len({post.url for post in found.posts} - {""}) == 2


@pytest.mark.parametrize("name", sorted(set(POSTS) - {"hackernews", "lobsters"}))
def test_the_generic_reader_finds_them_too(name: str) -> None:
    found = read_thread(page(thread(name)), generic)
    assert [post.author for post in found.posts][-1:] == ["阿霞"]
    assert "Mine too." in found.posts[-1].text


@pytest.mark.parametrize("name", sorted(POSTS))
def test_a_thread_is_no_board(name: str) -> None:
    opened = page(thread(name))
    found = engine_for(opened).read_board(opened)
    assert (found.boards, found.threads) == ((), ())


def test_ptt_pushes_are_replies_and_their_year_is_told_by_the_article() -> None:
    opened = page(PTT, "http://p.example/bbs/Gossip/M.1.A.2.html")
    assert engine_for(opened) is ptt
    found = ptt.read_thread(opened)
    assert found.title == "[問題] 電池"
    assert [(post.author, post.text) for post in found.posts[1:]] == [("xia", "我也是"), ("bo", "才不會")]
    assert found.posts[0].author == "Ann"
    assert found.posts[0].text.startswith("螢幕又壞了")
    assert "簽名檔" not in found.posts[0].text
    assert "發信站" not in found.posts[0].text
    assert [post.published for post in found.posts] == [
        datetime(2025, 12, 31, 15, 14, tzinfo=UTC),
        datetime(2025, 12, 31, 15, 50, tzinfo=UTC),
        datetime(2025, 12, 31, 16, 5, tzinfo=UTC),
    ]
    assert len({post.native_id for post in found.posts}) == 3


def test_flarum_reads_what_its_api_answered() -> None:
    opened = page(FLARUM, "http://f.example/d/7-talk")
    assert engine_for(opened) is flarum
    first, second = flarum.read_thread(opened).posts
    assert (first.author, first.text, first.url) == ("Ann", "It broke.", "http://f.example/d/7-talk/1")
    assert second.published == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)


def test_a_board_of_xenforo() -> None:
    html = """<html id="XF"><body><div class="node-title"><a href="/forums/sub.3/">Sub</a></div>
    <div class="structItem structItem--thread"><div class="structItem-title"><a class="labelLink" href="?p=1">News</a>
    <a href="/threads/talk.7/" data-tp-primary="on">Talk</a></div><div class="structItem-cell structItem-cell--meta">
    <dl><dt>Replies</dt><dd>12</dd></dl></div>
    <time class="structItem-latestDate" datetime="2026-03-02T21:00:00Z"></time>
    <i class="structItem-status structItem-status--sticky"></i></div>
    <a class="pageNav-jump--next" href="/forums/cars.2/page-2">Next</a></body></html>"""
    opened = page(html, "http://f.example/forums/cars.2/")
    found = engine_for(opened).read_board(opened)
    (link,) = found.threads
    assert (link.url, link.title, link.mark, link.sticky) == (
        "http://f.example/threads/talk.7/",
        "Talk",
        "12/2026-03-02T21:00:00Z",
        True,
    )
    assert [board.title for board in found.boards] == ["Sub"]
    assert found.next == "http://f.example/forums/cars.2/page-2"


def test_a_theme_that_nobody_knows_is_left_to_the_generic_reader() -> None:
    cards = "".join(
        f'<div class="card" id="c{n}"><a href="/members/{n}">{who}</a><time datetime="2026-03-02T2{n}:00:00Z">x</time>'
        f'<div class="card-text">{who} says that the battery of the new model lasts a day at most.</div></div>'
        for n, who in ((1, "Ann"), (2, "Bo"))
    )
    found = read_thread(page(f'<html id="XF"><body><main>{cards}</main></body></html>'))
    assert [(post.author, post.native_id) for post in found.posts] == [("Ann", "c1"), ("Bo", "c2")]
    assert found.posts[0].text == "Ann says that the battery of the new model lasts a day at most."


def test_json_ld_is_read_where_nothing_else_is() -> None:
    html = """<html><head><title>Talk</title><script type="application/ld+json">{"@type":"DiscussionForumPosting",
    "author":{"name":"Ann"},"datePublished":"2026-03-02T20:14:00Z","text":"It broke.","url":"http://f.example/7#1",
    "comment":[{"@type":"Comment","author":[{"name":"Bo"}],"datePublished":"2026-03-02",
    "text":"<p>Mine too.</p>"}]}
    </script><script type="application/ld+json">{"@type": broken</script></head>
    <body><div id=app></div></body></html>"""
    first, second = read_thread(page(html)).posts
    assert (first.author, first.text, first.url) == ("Ann", "It broke.", "http://f.example/7#1")
    assert (second.author, second.text, second.precision) == ("Bo", "Mine too.", "day")


def test_a_question_before_its_answers_is_a_post() -> None:
    def said(kind: str, who: str, hour: int) -> str:
        return (
            f'<div class="{kind}"><div class="words">{who} thinks that the screen goes dark after a minute or two of'
            f' use.</div><a href="/users/{who}">{who}</a> <span class="when">2026-03-02 {hour}:00</span></div>'
        )

    answers = said("answer", "Bo", 21) + said("answer", "Cho", 22)
    found = read_thread(page(f"<body><main>{said('question', 'Ann', 20)}<section>{answers}</section></main></body>"))
    assert [post.author for post in found.posts] == ["Ann", "Bo", "Cho"]


def test_lines_of_names_and_the_words_below_them_are_one_post() -> None:
    rows = "".join(
        f'<tr class="head"><td><a href="/user/{n}">{who}</a></td><td>2026-03-02 2{n}:00</td></tr>'
        f'<tr class="said"><td colspan=2>{who} says that the battery of the new model lasts a day at most.</td></tr>'
        for n, who in enumerate(("Ann", "Bo", "Cho"))
    )
    found = read_thread(page(f"<body><table>{rows}</table></body>"))
    assert [post.author for post in found.posts] == ["Ann", "Bo", "Cho"]
    assert found.posts[1].text == "Bo says that the battery of the new model lasts a day at most."


def test_links_start_from_the_base_unless_it_leads_elsewhere() -> None:
    html = '<base href="{}"><a rel="next" href="threads/x.7/page-2">Next</a>'
    assert page(html.format("http://f.example/")).base == "http://f.example/"
    assert page(html.format("http://evil.example/")).base == URL
    assert generic.read_thread(page(html.format("http://f.example/"))).next == "http://f.example/threads/x.7/page-2"
    assert generic.read_thread(page('<a rel="next" href="http://evil.example/threads/x.7/page-2">Next</a>')).next == ""


def test_elements_nested_without_end_are_refused() -> None:
    with pytest.raises(Unreadable, match="nested"):
        read_thread(page("<div class=post>" * (DEEPEST + 1)))
    assert read_thread(page("<p>x" * 5000)).posts == ()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(POSTS)),
    st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 400), st.text(max_size=20)), max_size=4),
    st.sampled_from(ENGINES),
)
def test_cut_pages_break_no_reader(name: str, cuts: list[tuple[int, int, str]], engine: object) -> None:
    html = thread(name)
    for start, length, filler in cuts:
        html = html[:start] + filler + html[start + length :]
    read_thread(page(html))
    for reader in ("read_board", "read_thread"):
        getattr(engine, reader)(page(html))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(sorted(POSTS)), min_size=1, max_size=4), st.randoms())
def test_shuffled_pages_break_no_reader(names: list[str], chance: object) -> None:
    pieces = [piece for name in names for piece in thread(name).split("<")]
    getattr(chance, "shuffle")(pieces)  # noqa: B009
    read_thread(page("<".join(pieces)))
    read_thread(page("<".join(pieces)), generic)


async def test_a_board_of_ptt_is_read_with_the_cookie_that_says_one_is_of_age(tmp_path: Path) -> None:
    listed = (
        '<html><body><div class="r-list-container"><div class="r-ent"><div class="nrec">2</div><div class="title">'
        '<a href="/bbs/Gossip/M.1.A.2.html">[問題] 電池</a></div></div></div></body></html>'
    )

    async def board(request: web.Request) -> web.Response:
        ask = '<html><body><div class="over18-notice">?</div></body></html>'
        return web.Response(text=listed if request.cookies.get("over18") == "1" else ask, content_type="text/html")

    async with serving() as site:
        site.pages = {"/bbs/Gossip/index.html": board, "/bbs/Gossip/M.1.A.2.html": PTT}
        source = Source("p", "forum", site.url + "/bbs/Gossip/index.html", options={"cookie": "over18=1"})
        store, sink = FakeStore([source]), Sink()
        await go(store.sources, tmp_path, store=store, sink=sink)
        assert sorted((post.position, post.author) for post in sink.posts.values()) == [
            (0, "Ann"),
            (1, "xia"),
            (2, "bo"),
        ]
