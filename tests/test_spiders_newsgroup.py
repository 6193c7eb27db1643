"""Usenet, against a news server of our own on loopback."""

from pathlib import Path

import pytest

from listener.config import Net
from listener.records import Source
from tests.helpers_api import Visits
from tests.helpers_net import go
from tests.helpers_nntp import News, news


def source(town: News, group: str = "test.talk", **options: object) -> Source:
    return Source("s", "newsgroup", f"nntp://127.0.0.1:{town.port}/{group}", options=options)


def talk(town: News, *numbers: int) -> None:
    for number in numbers:
        town.add(number, f"Article {number}\n", Subject="Gateway", Date="Mon, 19 Apr 1993 10:00:00 +0200")


async def test_articles_are_read_once_and_in_pieces(tmp_path: Path) -> None:
    async with news() as town:
        talk(town, *range(5, 30))
        visit = Visits(tmp_path, source(town, max_pages=10))
        health = await visit()
        assert (health.state, 0 < health.new < 10) == ("heard", True)
        for _ in range(4):
            await visit()
        assert len(visit.posts) == 25
        assert town.log.count("ARTICLE 7") == 1
        town.log.clear()
        assert (await visit()).posts == 0
        assert not any(line.startswith(("OVER", "ARTICLE")) for line in town.log)
        talk(town, 30)
        del town.articles[5]
        assert (await visit()).new == 1
        post = visit.post("m30@x")
        assert (post.platform, post.url, post.text, post.author) == ("usenet", "news:m30@x", "Article 30", "Ann")
        assert post.published is not None
        assert post.published.isoformat() == "1993-04-19T08:00:00+00:00"


async def test_threads_dots_and_charsets(tmp_path: Path) -> None:
    async with news() as town:
        talk(town, 1)
        town.add(2, "> Article 1\n..two dots\n.one\nYes\n-- \nbye\n", Subject="Re: Gateway",
                 References="<m1@x>", From="bo@x.example (Bo)")  # fmt: skip
        town.add(3, "客服完全不回應".encode("big5"), Subject="抱怨客服".encode("big5"), References="<m1@x> <m2@x>")
        visit = Visits(tmp_path, source(town))
        await visit()
        second, third = visit.post("m2@x"), visit.post("m3@x")
        assert second.parent_key == visit.post("m1@x").key
        assert third.parent_key == second.key
        assert second.thread_url == third.thread_url == "news:m1@x"
        assert (second.text, second.quotes) == ("..two dots\n.one\nYes", (("", "Article 1"),))
        assert (second.author, second.thread_title, second.position) == ("Bo", "Gateway", -1)
        assert (third.text, third.thread_title) == ("客服完全不回應", "抱怨客服")


async def test_binaries_and_whoever_wants_no_archive_are_left_out(tmp_path: Path) -> None:
    async with news() as town:
        talk(town, 1)
        town.add(2, "=ybegin line=128 size=9 name=a.bin\nxxx\n=yend size=9\n", Subject="a.bin yEnc (1/9)")
        town.add(3, "=ybegin line=128 size=9 name=a.bin\nxxx\n", Subject="picture")
        town.add(4, "begin 644 a.bin\n#0V%T\n`\nend\n", Subject="uu")
        town.add(5, "private", Subject="x", X_No_Archive="Yes")
        town.add(6, b"x" * 1_200_000, Subject="long")
        town.add(7, "gone", Subject="cancelled")
        town.hidden = {7}
        town.over = False  # an old server, that knows XOVER only
        visit = Visits(tmp_path, source(town))
        health = await visit()
        assert ([post.native_id for post in visit.posts], health.detail) == (["m1@x"], "")
        assert "ARTICLE 2" not in town.log
        assert "ARTICLE 6" not in town.log


async def test_a_first_visit_is_bounded_and_a_server_that_counts_anew_is_read_anew(tmp_path: Path) -> None:
    async with news() as town:
        talk(town, *range(1, 51))
        visit = Visits(tmp_path, source(town, first=10))
        assert (await visit()).new == 10
        town.articles = {}
        talk(town, 1, 2, 3)
        health = await visit()
        assert "anew" in health.detail
        assert health.posts == 3


async def test_an_article_that_breaks_a_visit_breaks_it_once(tmp_path: Path) -> None:
    async with news() as town:
        talk(town, *range(1, 6))
        town.flood = {3}
        visit = Visits(tmp_path, source(town))
        health = await visit()
        assert health.new == 2
        assert health.detail or health.state != "heard"
        await visit()
        assert {post.native_id for post in visit.posts} == {"m1@x", "m2@x", "m4@x", "m5@x"}


async def test_what_a_server_refuses_is_told(tmp_path: Path) -> None:
    async with news() as town:
        assert (await Visits(tmp_path, source(town))()).state == "empty"
        assert (await Visits(tmp_path, source(town, "no.such"))()).state == "gone"
        assert (await Visits(tmp_path, source(town, "bad%20name"))()).state == "late"
        town.login = True
        health = await Visits(tmp_path, source(town))()
        assert (health.state, "LISTENER_NNTP_USER" in health.detail) == ("blocked", True)
        town.greeting = b"HTTP/1.1 400 Bad Request\r\n"
        assert (await Visits(tmp_path, source(town))()).state == "unreadable"
        town.greeting = b"400 too busy\r\n"
        assert (await Visits(tmp_path, source(town))()).state == "late"
    assert (await Visits(tmp_path, source(town))()).state == "late"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_private_addresses_are_refused(tmp_path: Path, host: str) -> None:
    async with news() as town:
        healths, *_ = await go(
            [Source("s", "newsgroup", f"nntp://{host}:{town.port}/test.talk")], tmp_path, net=Net(host_delay_s=0)
        )
        assert healths["s"].state == "blocked"
        assert town.log == []
