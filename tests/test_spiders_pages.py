"""Page objects: HTML in, boards and threads out, and nothing breaks them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import ConfigError
from spiders.pages import ENGINES, engine_for, generic, machina, phpbb
from spiders.pages.thread import Page
from tests.helpers_net import NOW
from tests.pages import Said, topic

QUOTE = "<blockquote><div><cite>Ann wrote:</cite>It broke.</div></blockquote>Mine <em>too</em>.<br>Twice."
TOPIC = topic(
    7,
    "Battery & screen",
    [Said(31, "Ann", "Mon Mar 02, 2026 8:14 pm", "It broke."), Said(32, "阿霞", "Mon Mar 02, 2026 9:00 pm", QUOTE)],
)

PLAIN = """<html><head><title>Road talk: brakes</title></head><body><nav><a href="/">Home</a></nav>
<div class="list">
<div class="reply" id="m1"><span class="who username">Ann</span> <span class="date">2026-03-02 20:14</span>
<div class="words content">My brakes squeak in the rain, every single morning since the service.</div></div>
<div class="reply" id="m2"><span class="who username">Bo</span> <span class="date">2026-03-02 21:00</span>
<div class="words content">Mine too. The workshop says it is normal, which I do not believe at all.</div></div>
</div><div class="side"><span class="date">2026-03-01</span></div>
<a rel="next" href="?page=2">Next</a></body></html>"""

MACHINA = """<html><body><h1>Battery</h1><div id="12" class="my-3 card post"><div class="card-body"><div class="row">
<div class="col-md-10 post-content-wrapper"><h4 class="m-0 subject">Battery</h4><p><small class="text-muted">
<i></i>&nbsp;By: <a href="/forum/member/profile/3/">gone on leave</a> on March 2, 2026, 8:14 p.m.</small></p>
<div class="post-content"><blockquote><p>old</p></blockquote><p>Lasts a day.</p></div></div>
<div class="post-sidebar"><div class="username"><a href="/forum/member/profile/3/"><b>gone on leave</b></a></div></div>
</div></div></div></body></html>"""


def page(html: str, url: str, zone: str = "UTC") -> Page:
    return Page(html, url, NOW, ZoneInfo(zone))


def test_a_phpbb_thread() -> None:
    found = phpbb.read_thread(page(TOPIC, "http://f.example/viewtopic.php?f=2&t=7&sid=bb&start=4", "Asia/Taipei"))
    assert (found.url, found.title, found.first_position, found.next) == (
        "http://f.example/viewtopic.php?t=7",
        "Battery & screen",
        4,
        "",
    )
    first, second = found.posts
    assert (first.native_id, first.author, first.text, first.quotes) == ("31", "Ann", "It broke.", ())
    assert first.published == datetime(2026, 3, 2, 12, 14, tzinfo=UTC)
    assert first.url == "http://f.example/viewtopic.php?p=31#p31"
    assert (second.text, second.quotes) == ("Mine too.\nTwice.", (("Ann", "It broke."),))
    assert second.author == "阿霞"
    assert "sid" not in (second.author_url or "")


def test_a_machina_thread() -> None:
    url = "http://f.example/forum/forum/cars-1/topic/battery-4/?page=1"
    opened = page(MACHINA, url)
    assert engine_for(opened) is machina
    found = machina.read_thread(opened)
    assert (found.url, found.title, found.first_position) == (url.split("?")[0], "Battery", 0)
    (post,) = found.posts
    assert (post.author, post.text, post.quotes) == ("gone on leave", "Lasts a day.", (("", "old"),))
    assert post.published == datetime(2026, 3, 2, 20, 14, tzinfo=UTC)


def test_a_forum_without_a_name() -> None:
    opened = page(PLAIN, "http://r.example/talk/9")
    assert engine_for(opened) is generic
    found = generic.read_thread(opened)
    assert found.title == "Road talk: brakes"
    assert [(post.author, post.native_id) for post in found.posts] == [("Ann", "m1"), ("Bo", "m2")]
    assert found.posts[0].text.startswith("My brakes squeak")
    assert found.posts[1].published == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    assert found.next == "http://r.example/talk/9?page=2"


def test_boards_without_a_name_list_what_looks_like_threads() -> None:
    html = '<a href="/t/12-brakes">Brakes squeak</a><a href="/about">About us all</a><a href="http://else.example/t/1">Elsewhere</a>'
    assert [link.url for link in generic.read_board(page(html, "http://r.example/")).threads] == [
        "http://r.example/t/12-brakes"
    ]


def test_engines_are_named() -> None:
    assert engine_for(page("<p>x</p>", "http://x.example/"), "phpbb") is phpbb
    with pytest.raises(ConfigError, match="phpbb"):
        engine_for(page("<p>x</p>", "http://x.example/"), "phpb")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([TOPIC, PLAIN, MACHINA]),
    st.integers(0, 3000),
    st.integers(0, 600),
    st.text(max_size=30),
    st.sampled_from(ENGINES),
)
def test_spoilt_pages_break_no_reader(html: str, start: int, length: int, filler: str, engine: object) -> None:
    spoilt = html[:start] + filler + html[start + length :]
    for reader in ("read_board", "read_thread"):
        getattr(engine, reader)(page(spoilt, "http://x.example/viewtopic.php?t=1&start=9"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_very_deep_page_is_read(engine: object) -> None:
    deep = "<div class=post><time>2026-01-01</time>" * 450 + "x"
    getattr(engine, "read_thread")(page(deep, "http://x.example/"))  # noqa: B009  # a module chosen at run time
