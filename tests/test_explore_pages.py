"""The pages of `listener explore`, asked in-process: what they show, in both languages, and the rows behind them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from listener.advise.digest import compose
from listener.advise.tell import tell
from listener.explore import show
from listener.explore.guard import HEADERS
from listener.explore.serve import Opened
from listener.explore.speech import table
from listener.report.alerting import redactor
from listener.report.digests import collect
from tests.helpers_explore import AGO, ANGRY, HOSTILE, KIND, POSTS, REPLY, SIMPLIFIED, TRADITIONAL, site_in, visitor
from tests.helpers_house import NOW

DAY = (NOW - AGO).date()
PAGES = (
    "/", "/today/acme", f"/today/acme/{DAY}", "/today/bolt", "/mentions", "/mentions?brand=acme&text=客服", "/thread/1",
    "/bank/acme", "/bank/acme?since=2025-06-01&until=2026-03-10", "/bank/bolt", "/bank/acme/entries",
    "/bank/acme/entries?side=out&touchpoint=support", "/desk", "/desk?status=all", "/alerts", "/alerts?open=1",
    "/coverage", "/share", "/share?span=day", "/share?span=month", "/store", "/store/v_daily", "/store/v_mentions",
    "/store?sql=select+1", "/store/rising-topics", "/-/sign-in", "/nothing",
)  # fmt: skip
FILES = (
    f"/today/acme/{DAY}/balance", f"/today/acme/{DAY}/voices", "/mentions", "/bank/acme/balance",
    "/bank/acme/touchpoints", "/bank/acme/risk", "/bank/acme/entries", "/desk", "/coverage", "/share",
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with site_in(tmp_path_factory.mktemp("pages")) as opened:
        yield opened


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_stands_and_runs_nothing(opened: Opened, path: str, language: str) -> None:
    async with visitor(opened, "Mei") as client:
        answer = await client.get(path, headers={"accept-language": language})
    assert answer.status_code == (404 if path == "/nothing" else 200), answer.text[-2000:]
    assert f'<html lang="{language}">' in answer.text
    tree = LexborHTMLParser(answer.text)
    assert not tree.css("script, style, iframe, object, embed, base, meta[http-equiv]")
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert name != "style"
            assert not name.startswith("on"), "an inline style or handler, which the policy forbids"
            if name in ("href", "src", "action"):
                assert re.match(r"/|#|\?|https?://", value or ""), f"{name} leads to {value}"
    for name, value in HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
async def test_the_day_says_everything_that_the_digest_says(opened: Opened, language: str) -> None:
    """Whatever is added to the digest's page has to be added to ours; subject and footer are the mail's."""
    brand = opened.site.config.brand("acme")
    digest = await opened.site.desk(lambda house: compose(collect(house.store, house.config, brand, DAY)))
    page, _ = tell(digest, language, redactor(opened.site.config))
    assert page.cards, "the day has matters to tell of"
    async with visitor(opened) as client:
        shown = unescape((await client.get(f"/today/acme/{DAY}?lang={language}")).text)
    left_out = {page.subject, page.footer, *page.figures}
    for title, note, part in ((page.shares_title, page.shares_note, page.shares), (page.moved_title, "", page.moved)):
        left_out |= set() if part else {title, note}
    left_out |= set() if page.weighed else {page.weighed_title}
    missing = [text for text in texts(page) if text.strip() and text not in left_out and text not in shown]
    assert missing == []


def texts(value: Any) -> Iterator[str]:
    """Every text of a record and of the records in it."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one)


async def found(opened: Opened, query: str) -> set[str]:
    """The keys of the posts that a feed shows."""
    async with visitor(opened) as client:
        answer = await client.get(f"/mentions.json?{query}")
    return {row["post_key"] for row in answer.json()}


@pytest.mark.parametrize("words", ["客服", "没有人 OR", "顶好"])
async def test_a_search_finds_both_scripts(opened: Opened, words: str) -> None:
    keys = await found(opened, f"brand=acme&text={words.split()[0]}")
    assert TRADITIONAL.key in keys
    assert (SIMPLIFIED.key in keys) == (words != "没有人 OR")


@pytest.mark.parametrize(
    ("query", "has", "has_not"),
    [
        ("brand=acme&label=positive", KIND, ANGRY),
        ("brand=acme&label=negative", ANGRY, KIND),
        ("language=zh", SIMPLIFIED, KIND),
        ("text=cancelled", ANGRY, REPLY),
        ("leaving=1", SIMPLIFIED, KIND),
        (f"since={DAY}&until={DAY}", ANGRY, None),
    ],
)
async def test_the_filters_narrow(opened: Opened, query: str, has: Any, has_not: Any) -> None:
    keys = await found(opened, query)
    assert has.key in keys
    assert has_not is None or has_not.key not in keys


async def test_a_voice_has_its_own_feed(opened: Opened) -> None:
    async with visitor(opened) as client:
        rows = (await client.get("/mentions.json?text=cancelled")).json()
    (row,) = rows
    assert await found(opened, f"voice={row['voice']}") == {ANGRY.key}


async def test_a_feed_goes_on_where_it_ended(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.store.browse.feed.__defaults__", ("", 3))
    seen: list[str] = []
    async with visitor(opened) as client:
        path: str | None = "/mentions?brand=acme"
        while path:
            html = (await client.get(path)).text
            seen += re.findall(r'#p([0-9a-f]{16})"', html)
            onward = re.search(r'rel="next" href="([^"]+)"', html)
            path = unescape(onward[1]) if onward else None
    assert len(seen) == len(set(seen)) == len(POSTS) + 4


@pytest.mark.parametrize("path", FILES)
async def test_every_chart_and_list_offers_its_rows(opened: Opened, path: str) -> None:
    """As CSV and as JSON, with the same cells; and no cell that a spreadsheet would run."""
    async with visitor(opened) as client:
        as_csv, as_json = await client.get(f"{path}.csv"), await client.get(f"{path}.json")
        parent = "/mentions" if path == "/mentions" else re.sub(r"/(balance|voices|touchpoints|risk)$", "", path)
        page = await client.get(parent)
    assert f'href="{path}.csv' in page.text, "the page leads to its rows"
    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    told = as_json.json()
    assert len(rows) == len(told)
    for row, same in zip(rows, told, strict=True):
        assert list(row) == list(same)
        assert all(not re.match(r"[=+@\t\r]|-[^0-9.]", cell) for cell in row.values()), row


async def test_the_numbers_of_the_bank_are_the_sum_of_their_rows(opened: Opened) -> None:
    async with visitor(opened) as client:
        page = (await client.get("/bank/acme")).text
        links = [unescape(link) for link in re.findall(r'href="(/bank/acme/entries\?[^"]*side=out[^"]*)"', page)]
        sums = {}
        for link in links:
            rows = (await client.get(link.replace("/entries?", "/entries.json?"))).json()
            sums[link] = round(sum(row["amount_lu"] for row in rows), 4)
        balance = (await client.get("/bank/acme/balance.json")).json()
        points = (await client.get("/bank/acme/touchpoints.json")).json()
    withdrawn = round(sum(day["withdrawals_lu"] for day in balance), 4)
    assert withdrawn < 0
    assert sums[links[0]] == withdrawn, "the tile opens what it is the sum of"
    by_touchpoint = {link: total for link, total in sums.items() if "touchpoint=" in link}
    assert sorted(by_touchpoint.values()) == sorted(round(point["withdrawals_lu"], 4) for point in points)


async def test_a_thread_marks_the_words_that_told(opened: Opened) -> None:
    async with visitor(opened) as client:
        answer = await client.get(f"/post?key={ANGRY.key}")
        page = await client.get(answer.headers["location"])
    assert answer.headers["location"].endswith(f"#p{ANGRY.key[:16]}")
    marks = re.findall(r'<mark class="([^"]+)">([^<]+)</mark>', page.text)
    assert ("named", "Acme") in marks
    assert any("told" in kinds and "terrible" in words for kinds, words in marks), marks
    assert any("topic" in kinds and "never answered" in words for kinds, words in marks), marks
    assert REPLY.text.split(". ")[0] in page.text


async def test_what_strangers_wrote_is_text(opened: Opened) -> None:
    async with visitor(opened, "Mei") as client:
        answer = await client.get(f"/post?key={HOSTILE.key}")
        for path in (answer.headers["location"], "/mentions", "/mentions?text=bold"):
            html = (await client.get(path)).text
            assert "&lt;script&gt;alert(" in html
            assert "{{ 7*7 }}" in html or path != answer.headers["location"]
            assert not set(html) & set("\u202e\u202c\u2066\u2069\x00\x07\x1b")
            assert not [one for one in re.findall(r'href="([^"]*)"', html) if "evil.example" in one]


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=2026-03-10&until=2026-03-01", "since=1026-01-01", "since=2020-01-01&until=2026-01-01"],
)
async def test_a_day_that_is_none_is_told(opened: Opened, query: str) -> None:
    async with visitor(opened) as client:
        for path in ("/coverage", "/bank/acme", "/share"):
            answer = await client.get(f"{path}?{query}")
            assert answer.status_code == 400
            assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/today/nobody", "/today/acme/2026-13-45", "/bank/nobody", "/thread/999999", "/post?url=https://x.example/1",
        "/post?url=%00", "/alerts/0123456789abcdef0123", "/mentions?older=x", "/mentions?label=furious",
        "/bank/acme/entries?side=up", "/share?span=aeon", "/mentions?text=%22", "/store/nothing",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_told_kindly(opened: Opened, path: str) -> None:
    async with visitor(opened) as client:
        answer = await client.get(path)
    assert answer.status_code in (400, 404), answer.text[-500:]
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text


def test_every_word_is_there_in_both_languages_and_used() -> None:
    room = Path(str(files("listener.explore")))
    templates = "".join(one.read_text("utf-8") for one in room.glob("templates/*.html"))
    code = templates + "".join(one.read_text("utf-8") for one in room.rglob("*.py"))
    for section, words in table().items():
        for name, texts in words.items():
            assert set(texts) == {"en", "zh-Hant"}, f"{section}.{name}"
            places = [set(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]
            assert places[0] == places[1], f"{section}.{name} is filled differently in its two languages"
            used = rf"[\"']{section}\.({name}\b|[\"'{{]|\w+_[\"'])"  # whole, or put together from its beginning
            assert re.search(used, code), f"{section}.{name} is used nowhere"
    for section, name in re.findall(r"say\('(\w+)\.(\w+)'[,)]", templates):
        assert name in table()[section], f"{section}.{name} is no word"


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://a.example/b?c=d", True), ("javascript:alert(1)", False), ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False), ("//evil.example", False), ("https://a b", False), ("http://[x", False),
        ("nntp://news.example/1", True), ("", False), ("java\nscript:alert(1)", False),
        ("https://a\u202e.example", False),
    ],
)  # fmt: skip
def test_only_links_lead_out(url: str, leads: bool) -> None:
    assert bool(show.out(url)) == leads


@pytest.mark.parametrize(
    ("text", "spans", "html"),
    [
        ("a <b> c", {}, "a &lt;b&gt; c"),
        ("a <b> c", {"told": [(2, 5)]}, 'a <mark class="told">&lt;b&gt;</mark> c'),
        ("abcd", {"told": [(0, 2)], "named": [(1, 3)]},
         '<mark class="told">a</mark><mark class="named told">b</mark><mark class="named">c</mark>d'),
        ("ab", {"told": [(-3, 1), (1, 99), (5, 9), (1, 1)]}, '<mark class="told">a</mark><mark class="told">b</mark>'),
    ],
)  # fmt: skip
def test_marks_stand_where_the_spans_are(text: str, spans: Any, html: str) -> None:
    assert show.marked(text, spans) == html


def test_a_long_post_is_shown_from_where_it_tells() -> None:
    shown = show.marked("x" * 5000 + "terrible" + "y" * 5000, {"told": [(5000, 5008)]}, 300, around=True)
    assert shown.startswith("… x")
    assert shown.endswith("y …")
    assert '<mark class="told">terrible</mark>' in shown
    assert len(shown) < 400
