"""Pages made to hurt: they break no reader, cost no more than their length, and send nobody elsewhere."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import SourceError, Unreadable
from listener.gather.feeds import parse
from listener.gather.text import html_text, mail_text
from listener.records import Source
from spiders.mail import read_letter, split_mbox
from spiders.mhonarc import read_message
from spiders.pages import ENGINES, engine_for, read_thread
from spiders.pages.dates import parse_date
from spiders.pages.markup import next_page
from spiders.pages.thread import Page
from tests.helpers_net import NOW, go, item, rss, serving
from tests.pages.threads import FLARUM, POSTS, PTT, thread

URL = "http://f.example/viewtopic.php?t=1&start=9"
FIXTURES = [FLARUM, PTT, *(thread(name) for name in sorted(POSTS))]
SOURCE = Source("s", "feed", "http://f.example/feed")
LETTER = (
    b"From ann@a.example Mon Mar  2 20:14:00 2026\nFrom: =?utf-8?B?5byg?= <a@a.example>\nMessage-ID: <1@a.example>\n"
    b"Date: Mon, 2 Mar 2026 20:14:00 +0000\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html;"
    b" charset=big5\nContent-Transfer-Encoding: base64\n\nPGI+aGk8L2I+\n--b--\n"
)
MHONARC = (
    "<!--X-Subject: Talk --><!--X-From-R13: Oaa <naaN@rknzcyr.bet> --><!--X-Date: Mon, 2 Mar 2026 20:14:00 +0000 -->"
    "<!--X-Message-Id: 1@a --><!--X-Body-of-Message--><pre>It <b>broke</b>.</pre><!--X-Body-of-Message-End-->"
)


def read(engine: ModuleType, html: str) -> None:
    """As the spider does; what cannot be read may only say so."""
    for reader in (engine.read_board, engine.read_thread):
        try:
            reader(Page(html, URL, NOW, UTC))
        except SourceError:
            return


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes cut, shuffled, or flipped here and there."""
    how = draw(st.sampled_from(("cut", "shuffle", "flip", "insert")))
    at = draw(st.integers(0, len(whole)))
    if how == "cut":
        return whole[:at] + whole[at + draw(st.integers(1, 900)) :]
    if how == "shuffle":
        size = draw(st.integers(3, 200))
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        return b"".join(draw(st.permutations(pieces)))
    if how == "insert":
        return whole[:at] + draw(st.binary(max_size=40)) + whole[at:]
    flipped = bytearray(whole)
    for place in draw(st.lists(st.integers(0, max(len(whole) - 1, 0)), max_size=30)):
        flipped[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(flipped)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_spoilt_pages_break_no_reader(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(FIXTURES))
    html = data.draw(spoilt(whole.encode())).decode("utf-8", "replace")
    page = Page(html, URL, NOW, UTC)
    try:
        found = read_thread(page)
    except SourceError:
        return
    for post in found.posts:
        assert "\n" not in post.author
        assert post.published is None or post.published.tzinfo is UTC
    read(data.draw(st.sampled_from(ENGINES)), html)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_spoilt_feeds_and_mails_break_no_parser(data: st.DataObject) -> None:
    feed = rss(item(1, "&lt;b&gt;It&lt;/b&gt; broke"), item(2, "再壞一次")).encode()
    try:
        parse(data.draw(spoilt(feed)), "application/rss+xml", SOURCE.url, SOURCE, NOW)
    except SourceError as error:
        assert SOURCE.url in str(error)  # noqa: PT017  # most spoilt feeds are read
    mail = data.draw(spoilt(LETTER))
    for one in [mail, *split_mbox(mail)]:
        letter = read_letter(one)
        assert letter is None or "\n" not in letter.author
    message = read_message(data.draw(spoilt(MHONARC.encode())).decode("latin-1"))
    assert message is None or message.text == message.text.strip()


def crafted(size: int) -> Iterator[tuple[str, str]]:
    """Pages whose making took thought: (what, HTML of a length in proportion to `size`)."""
    post = (
        '<div class="post" id="p{}"><a class="username" href="/user/1">A</a><time datetime="2026-03-02T20:14Z">x</time>'
    )
    yield "brackets", "<" * size * 10
    yield "one word", f"{post.format(1)}<div class=content>" + "x" * size * 10
    yield "blanks", f"{post.format(1)}<div class=content>" + " \n" * size * 3 + "x"
    yield "siblings", "<div>" + "<b>x</b>" * size
    yield "dated rows", "<ul>" + "<li class=post>2026-01-01 10:00 Ann says x" * (size // 2)
    yield "dates", "<div>" + "2026-01-01 10:00 " * size
    yield "digits", "1" * size * 10
    yield "numbers", "<p>" + "1.1." * size * 3
    yield "class", '<div class="' + "a b " * size * 2 + '">x 2026-01-01</div>' * 2
    yield (
        "posts",
        "".join(post.format(n) + f"<div class=content>Word {n} of many</div></div>" for n in range(size // 20)),
    )
    yield "quotes", f"{post.format(1)}<div class=content>" + "<blockquote><cite>B</cite>x</blockquote>y " * (size // 10)
    yield "title", "<title>" + " - " * size + "</title><h1>" + "re: " * size + "</h1>"
    yield "links", "".join(f"<a rel=next href='/t/{n}-x'>title of it</a>" for n in range(size // 2))
    yield (
        "declared",
        '<script type="application/ld+json">[' + '{"@type":"Comment","text":"you all"},' * size + "0]</script>",
    )


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.NAME)
def test_crafted_pages_break_no_reader(engine: ModuleType) -> None:
    for _, html in crafted(400):
        read(engine, html)
    for shell in FIXTURES[::4]:
        for _, html in crafted(60):
            read(engine, shell.replace("It broke", html))


NESTED = ["<div>", "<b><i><font>", "<ul><li>", "<blockquote>", "<section class=post><p>", "<em x=1>"]


@pytest.mark.parametrize("tag", NESTED)
def test_what_is_nested_without_end_is_told_before_a_tree_is_built(tag: str) -> None:
    with pytest.raises(Unreadable, match="nested"):
        read_thread(Page(tag * 100_000, URL, NOW, UTC))
    assert read_thread(Page("<p>" + "<li>x<br>" * 5_000, URL, NOW, UTC)).posts == ()  # these end each other


@pytest.mark.parametrize("attribute", [' a{}="1"', " a{}", ' a{}=">"', ' x="<a{}"'])
def test_an_element_of_thousands_of_attributes_is_told_too(attribute: str) -> None:
    many = "".join(attribute.format(n) for n in range(20_000))
    with pytest.raises(Unreadable, match=r"attributes|nested"):
        read_thread(Page(f"<p>It</p><div{many}>broke</div>", URL, NOW, UTC))


@pytest.mark.parametrize("depth", [450, 100_000])
def test_quotes_in_quotes(depth: int) -> None:
    html = thread("xenforo2").replace("It broke", "<blockquote>" * depth + "x" + "</blockquote>" * depth)
    if depth > 1000:
        with pytest.raises(Unreadable, match="nested"):
            read_thread(Page(html, URL, NOW, UTC))
    else:
        assert len(read_thread(Page(html, URL, NOW, UTC)).posts) == 2


def _cost(read_it: Callable[[], object]) -> float:
    began = time.process_time()
    read_it()
    return time.process_time() - began


@pytest.mark.slow
@pytest.mark.parametrize("what", [what for what, _ in crafted(1)])
def test_twice_the_page_costs_no_more_than_about_twice(what: str) -> None:
    """A ratio, as generous as a busy machine asks for: what is quadratic is four times as long at the least."""
    small, large = dict(crafted(15_000))[what], dict(crafted(60_000))[what]

    def all_of(html: str) -> Callable[[], object]:
        return lambda: (read_thread(Page(html, URL, NOW, UTC)), ENGINES[-1].read_board(Page(html, URL, NOW, UTC)))

    least = min(_cost(all_of(small)) for _ in range(2))
    assert _cost(all_of(large)) < 4 * 2.2 * least + 0.3


@pytest.mark.slow
def test_long_texts_cost_no_more_than_their_length() -> None:
    readers: dict[str, Callable[[str], object]] = {
        "html": html_text,
        "mail": mail_text,
        "letter": lambda text: read_letter(text.encode()),
        "mbox": lambda text: list(split_mbox(text.encode())),
        "mhonarc": read_message,
        "date": lambda text: parse_date(text, NOW, UTC),
    }
    for piece in (
        "<",
        "<p ",
        "&",
        "> ",
        "\n",
        "From \n",
        "On x wrote:\n",
        "<!--X-",
        "<b><",
        "--\n",
        "x ",
        "=?utf-8?q?",
    ):
        for name, reader in readers.items():
            least = _cost(partial(reader, piece * 30_000))
            most = _cost(partial(reader, piece * 120_000))
            assert most < 4 * 2.5 * least + 0.3, (name, piece)


# ---- nobody is sent elsewhere

ELSEWHERE = [
    "http://10.0.0.1/x?page=2",
    "//evil.example/x?page=2",
    "http://f.example@evil.example/",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("href", [*ELSEWHERE, "javascript:alert(1)", "http://[::1/", "data:text/html,x"])
def test_no_page_calls_another_host_its_next_or_its_own(href: str) -> None:
    html = (
        f'<html><head><base href="{href}"><link rel="canonical" href="{href}"><link rel="next" href="{href}">'
        f'<meta http-equiv="refresh" content="0;url={href}"></head><body><a rel="next" href="{href}">2</a>'
        f"{''.join(FIXTURES[3:4])}</body></html>"
    )
    page = Page(html, "http://f.example/threads/x.7/", NOW, UTC)
    assert page.base == page.url
    assert next_page(page) == ""
    found = engine_for(page).read_thread(page)
    assert found.url.startswith("http://f.example/")
    assert found.next in ("", page.url)


async def test_the_forum_spider_stays_on_its_host(tmp_path: Path) -> None:
    async with serving() as other, serving() as site:
        other.pages = {"/robots.txt": 404}
        rows = "".join(
            f'<div class="structItem--thread"><div class="structItem-title"><a data-tp-primary'
            f' href="{url}">Talk</a></div>'
            f'<time class="structItem-latestDate" datetime="2026-03-0{n}T10:00:00Z">x</time></div>'
            for n, url in enumerate((f"{other.url}/threads/a.1/", f"{site.url}/threads/x.7/"), 1)
        )
        more = f'<a class="pageNav-jump--next" href="{other.url}/forums/f.1/page-2">Next</a>'
        boards = f'<div class="node-title"><a href="{other.url}/forums/g.2/">Elsewhere</a></div>'
        leave = f'<base href="{other.url}/"><meta http-equiv="refresh" content="0;url={other.url}/">'
        site.pages = {
            "/robots.txt": 404,
            "/forums/f.1/": f'<html id="XF"><head>{leave}</head><body>{boards}{rows}{more}</body></html>',
            "/threads/x.7/": thread("xenforo2"),
        }
        healths, _, sink = await go([Source("f", "forum", site.url + "/forums/f.1/")], tmp_path)
        assert (healths["f"].state, len(sink.posts)) == ("heard", 2)
        assert site.paths() == ["/forums/f.1/", "/threads/x.7/"]
        assert other.log == []


def test_dates_of_a_page_cannot_lie_before_there_were_forums() -> None:
    assert parse_date("0001-01-01T00:00:00Z", NOW, UTC)[0] is None
    assert parse_date("9999-12-31T23:59:59-14:00", NOW, UTC)[0] is None
    assert parse_date("2026-03-02T20:14:00Z", NOW, UTC)[0] == datetime(2026, 3, 2, 20, 14, tzinfo=UTC)
