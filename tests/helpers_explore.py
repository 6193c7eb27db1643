"""A small store with everything that the pages of `listener explore` show, and the site over it."""

import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx

from listener.clock import ManualClock
from listener.explore.door import VARIABLE
from listener.explore.serve import Opened, open_site
from listener.house import House
from tests.helpers_house import LEAK, NOW, heard, house_in, post

TOKEN = "a token for tests, long enough"
AGO = timedelta(days=1)
TRADITIONAL = post(
    1, "頂好的客服只回罐頭訊息,沒有人回答資料給了誰,太誇張了", NOW - AGO, author="小鳥", title="客服在哪裡"
)
SIMPLIFIED = post(2, "顶好的客服态度很差,我要退订", NOW - AGO, author="小马", title="再也不买")
ANGRY = post(3, "Acme is terrible, I have cancelled my contract and switched to another shop", NOW - AGO, author="bob")
REPLY = post(4, "Same here. Acme support never answered me.", NOW - AGO, author="eve", thread=3, position=1)
KIND = post(5, "I love Acme, their support was quick and friendly. Thank you!", NOW - AGO, author="ann")
FORMULA = post(
    6, '=HYPERLINK("https://evil.example") Acme refund, please', NOW - AGO, author="=cmd()", title="+1|' /C calc'!A0"
)  # fmt: skip
HOSTILE = post(
    7,
    "<script>alert('Acme')</script><img src=x onerror=alert(1)><style>body{display:none}</style>\n"
    "[click](javascript:alert(2)) **bold** {{ 7*7 }} </p></article></main>\n"
    "Acme \u202egnp.exe\u202c \u2066hidden\u2069 \x07\x1b[31mred\x00 Z\u0351\u0352\u0353\u0354\u0355\u0356algo "
    + "w" * 10_000
    + " <a href='//evil.example'>x</a> <iframe src='https://evil.example'></iframe> "
    "<link rel=stylesheet href=//evil.example>",
    NOW - AGO,
    author="<b>\u202eeve</b>",
    title='"><script>alert("title")</script> \u202e' + "T" * 400,
)  # fmt: skip
POSTS = (TRADITIONAL, SIMPLIFIED, ANGRY, REPLY, KIND, FORMULA, HOSTILE)


def fill(house: House) -> None:
    """POSTS of yesterday, a source that was heard, and a leak that rings: one open alert."""
    heard(house, NOW - timedelta(days=10), NOW)
    house.store.set_looked_until("acme", NOW - timedelta(hours=2))
    house.intake.take(list(POSTS))
    house.intake.take([post(20 + n, text, NOW - timedelta(minutes=50 - n)) for n, text in enumerate(LEAK)])
    house.watch()


@cache
def _filled() -> tempfile.TemporaryDirectory[str]:
    """A filled store, made once; it goes with the process."""
    made = tempfile.TemporaryDirectory(prefix="listener-explore-")
    with house_in(Path(made.name)) as (house, _):
        fill(house)
    return made


def copy_filled(home: Path) -> Path:
    """`home`, with a filled store of its own in it."""
    shutil.copytree(_filled().name, home, dirs_exist_ok=True)
    return home


@contextmanager
def site_in(home: Path, *, private: bool = False, url: str = "", patience_s: float = 60.0) -> Iterator[Opened]:
    """The site over a filled store of its own in `home`."""
    copy_filled(home)
    opened = open_site(
        home / "config", {VARIABLE: TOKEN}, private=private, url=url, clock=ManualClock(NOW), patience_s=patience_s
    )
    try:
        yield opened
    finally:
        opened.close()


@asynccontextmanager
async def visitor(opened: Opened, name: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a window; signed in if it gives a name."""
    transport = httpx.ASGITransport(app=opened.app)  # type: ignore[arg-type]  # its scope is typed more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        if name:
            page = await client.get("/-/sign-in", params={"token": TOKEN})
            answer = await client.post("/-/sign-in", data={"name": name, "token": TOKEN, "csrftoken": csrf(page.text)})
            assert answer.status_code == 302, answer.text
        yield client


def csrf(html: str) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrftoken" value="([^"]+)"', html)
    assert found is not None, html
    return found[1]
