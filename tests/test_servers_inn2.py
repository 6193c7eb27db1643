"""Usenet from a real server: INN2, with articles in the manner of its old days. `make test-servers`."""

from pathlib import Path

import pytest

from listener.records import Source
from tests.helpers_api import Visits
from tests.servers.inn2 import inn2, need_inn2, post

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
GROUP = "test.talk"


def article(
    number: int, body: str = "", subject: str = "Gateway prices", more: str = "", charset: str = "utf-8"
) -> bytes:
    return (
        f"Path: x!not-for-mail\nFrom: ann{number}@x.example (Ann {number})\nNewsgroups: {GROUP}\nSubject: {subject}\n"
        f"Message-ID: <a{number}@x.example>\nDate: Mon, 19 Apr 1993 10:00:00 GMT\n{more}\n"
        f"{body or f'Article {number}'}\n"
    ).encode(charset)


async def test_a_group_is_read_and_then_what_came_new(tmp_path: Path) -> None:
    need_inn2()
    with inn2(GROUP, "test.empty") as port:
        post(
            port,
            article(1),
            article(2, "> Article 1\n.dots\n..\nNo", "Re: Gateway prices", "References: <a1@x.example>\n"),
            article(3, "客服完全不回應", "抱怨", charset="big5"),
            article(4, "=ybegin line=128 size=3 name=a\nabc\n=yend size=3", "a yEnc (1/1)"),
            *(article(number) for number in range(5, 305)),
        )
        visit = Visits(tmp_path, Source("s", "newsgroup", f"nntp://127.0.0.1:{port}/{GROUP}"))
        health = await visit()
        assert (health.state, health.new, health.detail) == ("heard", 303, "")
        second = visit.post("a2@x.example")
        assert (second.text, second.quotes, second.author) == (".dots\n..\nNo", (("", "Article 1"),), "Ann 2")
        assert second.parent_key == visit.post("a1@x.example").key
        assert visit.post("a3@x.example").text == "客服完全不回應"
        assert (await visit()).posts == 0
        post(port, article(400, "I leave", "Re: Gateway prices", "References: <a1@x.example> <a2@x.example>\n"))
        assert (await visit()).new == 1
        assert visit.post("a400@x.example").parent_key == second.key
        assert (
            await Visits(tmp_path, Source("s", "newsgroup", f"nntp://127.0.0.1:{port}/test.empty"))()
        ).state == "empty"
        assert (await Visits(tmp_path, Source("s", "newsgroup", f"nntp://127.0.0.1:{port}/no.group"))()).state == "gone"
