"""`listener discover`: what it prints can be pasted, loads and gathers; what robots.txt forbids is told, not asked."""

import asyncio
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from listener.cli import main
from listener.clock import ManualClock
from listener.config import Brand, SourcePart, load
from listener.errors import ConfigError, SourceError
from listener.gather.discover import Discovery, discover_brand, page_reader
from listener.gather.net import Web
from listener.gather.propose import SEARCHES, Proposal, Search, for_brand, toml
from listener.house import open_house
from tests.helpers_house import write_home
from tests.helpers_net import LOCAL, NOW, Site, item, rss, serving
from tests.pages import Phpbb, Said
from tests.town_server import open_town

NET = "[net]\nallow_private = true\nhost_delay_s = 0\n"
ACME = Brand(id="acme", name={"en": "Acme & Sons", "zh-Hant": "頂好"}, query="Acme")  # type: ignore[arg-type]
PAGES = Path(__file__).parent / "pages"


async def looked(url: str, listed: list[SourcePart] | None = None) -> tuple[str, Discovery]:
    async with Web(LOCAL, ManualClock(NOW)) as web:
        site = Discovery(web, listed or [])
        await site.look(url)
    return toml(site.heading, site.proposals, [part.name for part in listed or ()]), site


def pasted(text: str) -> list[SourcePart]:
    return [SourcePart.model_validate(row) for row in tomllib.loads(text).get("source", [])]


def test_what_it_prints_for_the_town_loads_and_gathers(tmp_path: Path) -> None:
    """Every site of the demo's town, through the command, pasted into sources.toml."""
    folder = write_home(tmp_path, NET)
    printed = ""
    with open_town(datetime.fromisoformat("2026-03-20T07:00:00+08:00")) as (town, clock, _):
        for url in town.urls.values():
            done = CliRunner().invoke(main, ["discover", url, "--config", str(folder)])
            assert done.exit_code == 0, done.output
            printed += "\n" + done.stdout
        (folder / "sources.toml").write_text(printed, encoding="utf-8")
        config = load(folder)
        assert [source.kind for source in config.sources] == ["forum", "discourse", "feed", "feed"]
        with open_house(folder, ManualClock(clock.now())) as house:
            healths = asyncio.run(house.gather())
        assert {(health.source, health.state) for health in healths} == {(one.name, "heard") for one in config.sources}
        assert all(health.new > 5 for health in healths), healths
        again = CliRunner().invoke(main, ["discover", town.urls["harbour-talk"], "--config", str(folder)])
        assert "it is listed already, as 'harbour-talk.localhost'" in again.stdout
        assert tomllib.loads(again.stdout) == {}


async def test_a_forum_with_feeds_boards_delay_sitemap_and_a_refusal() -> None:
    town = Phpbb()
    town.say(1, 10, Said(1, "Ann", "Mon Mar 02, 2026 8:14 pm", "Hello"))
    town.say(2, 20, Said(2, "Bo", "Mon Mar 02, 2026 8:14 pm", "你好"))
    async with serving() as site:
        site.pages = town.pages()
        index = site.pages["/index.php"]

        async def advertising(request: Any) -> Any:
            answer = await index(request)
            links = "".join(
                f'<link rel="alternate" type="application/atom+xml" href="{href}">'
                for href in ("/feed", "/closed/feed", "/dead", "javascript:x", "http://[bad")
            )
            answer.text = answer.text.replace("<head>", "<head>" + links)
            assert links in answer.text
            return answer

        site.pages |= {
            "/index.php": advertising,
            "/feed": rss(item(1), item(2)),
            "/app.php/feed": rss(item(3)),
            "/robots.txt": f"Sitemap: {site.url}/map.xml\nUser-agent: *\nDisallow: /closed\nCrawl-delay: 0.01\n",
            "/map.xml": "<urlset><url><loc>a</loc></url><url><loc>b</loc></url></urlset>",
        }
        text, found = await looked(site.url + "/index.php")
        (forum,) = pasted(text)
        assert (forum.kind, forum.url) == ("forum", site.url + "/index.php")
        assert "robots.txt asks for 0.01 s" in text
        assert "engine: phpbb" in text
        assert "boards: Board 1, Board 2" in text
        assert f"sitemap {site.url}/map.xml: 2 addresses" in text
        assert "# left out: forum above reads the same posts, and all of them" in text
        assert f"# left out: {site.url}/closed/feed: robots.txt forbids it" in text
        assert [one.url for one in found.proposals if one.kind == "feed"] == [
            site.url + "/feed", site.url + "/closed/feed", site.url + "/app.php/feed",
        ]  # fmt: skip
        assert not any("closed" in path for path in site.paths())


async def test_a_site_that_forbids_everything_is_told_and_left_alone() -> None:
    async with serving() as site:
        site.pages["/robots.txt"] = "User-agent: *\nDisallow: /\n"
        text, found = await looked(site.url)
        assert "robots.txt forbids it" in text
        assert (pasted(text), found.proposals, site.paths()) == ([], [], [])


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        ("/latest.json", '{"topic_list": {"topics": []}}', "discourse"),
        ("/api/discussions", '{"data": []}', "flarum"),
        ("/api/recent", '{"topics": []}', "nodebb"),
        ("/latest.json", '["no object"]', ""),
        ("/latest.json", "{" * 100_000, ""),
    ],
)
async def test_an_open_api_is_found_behind_a_page_that_says_nothing(path: str, answer: str, kind: str) -> None:
    async with serving() as site:
        site.pages = {"/": "<html><body><div id=app></div></body></html>", path: answer}
        assert [one.kind for one in pasted((await looked(site.url + "/"))[0])] == ([kind] if kind else [])


async def test_a_feed_a_blog_an_archive_and_nothing() -> None:
    async with serving() as site:
        site.pages = {
            "/news.rss": rss(item(1)),
            "/blog": '<html><head><link rel=alternate type="application/rss+xml" href="news.rss"></head></html>',
            "/list/": '<html><a href="2026-March.txt.gz">gz</a><a href="2026-March/thread.html">t</a></html>',
            "/empty": "<html><p>Welcome</p></html>",
            "/deep": "<html>" + "<div>" * 50_000,
        }
        for path in ("/news.rss", "/blog"):
            (feed,) = pasted((await looked(site.url + path))[0])
            assert (feed.kind, feed.url) == ("feed", site.url + "/news.rss")
        (archive,) = pasted((await looked(site.url + "/list/"))[0])
        assert (archive.kind, dict(archive.options)) == ("archive", {"style": "pipermail"})
        for path in ("/empty", "/deep"):
            assert pasted((await looked(site.url + path))[0]) == []
        with pytest.raises(ConfigError, match="no address of a site"):
            await looked("ftp://town.example/")
        with pytest.raises(SourceError, match=r"without robots\.txt"):
            await looked("http://127.0.0.1:9/")


def test_pages_of_known_engines_are_known_by_the_reader() -> None:
    """The recorded pages that the readers of engines are tested with."""
    read = page_reader()
    assert read("", "https://town.example/", NOW).engine == ""
    said = {
        path.parent.name: read(path.read_text("utf-8"), "https://town.example/f/", NOW)
        for path in PAGES.glob("*/*.html")
    }
    for folder, seen in said.items():
        assert seen.engine, folder
        assert seen.places, folder


TEXTS = st.text(max_size=120)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS) | st.booleans()), TEXTS)))
def test_whatever_a_site_calls_itself_the_toml_is_valid(rows: list[Any]) -> None:
    proposals = [
        Proposal(name, "feed", "https://a.example/" + url, options, (note, why), why if number % 3 == 2 else "")
        for number, (name, url, note, options, why) in enumerate(rows)
    ]
    printed = toml(["seen\n[[source]]", "\x7f"], proposals, ["source", "a"])
    found = tomllib.loads(printed).get("source", [])
    wanted = [one for one in proposals if not one.why_not]
    assert len(found) == len(wanted)
    names = [SourcePart.model_validate(row | {"url": "https://a.example/"}).name.casefold() for row in found]
    assert len({*names, "source", "a"}) == len(names) + 2
    for row, one in zip(found, wanted, strict=True):
        assert row["url"] == one.url.encode("utf-8", "replace").decode() or not one.url.isprintable()
        assert len(row.get("options", {})) == len(one.options)


def test_a_brand_is_searched_for_by_its_names_wherever_no_key_is_asked(tmp_path: Path) -> None:
    commons = SourcePart(name="commons", kind="discourse", url="https://commons.example/")
    had = SourcePart(name="hn", kind="hackernews", url="https://hn.algolia.com", options={"query": "Acme & Sons"})
    found = [one for one, _ in for_brand(ACME, [commons, had])]
    assert [one.kind for one in found].count("hackernews") == 0, "it is listed already"
    by_name = {one.name: one for one in found}
    assert by_name["google-news-Acme & Sons"].url.startswith(
        "https://news.google.com/rss/search?q=%22Acme+%26+Sons%22&"
    )
    assert by_name["mastodon-Acme & Sons"].options == {"tags": ["AcmeSons"]}
    assert "ceid=TW" in by_name["google-news-tw-頂好"].url
    assert by_name["commons.example-search-頂好"].options == {"query": "頂好"}
    assert not any(name.endswith("頂好") and one.kind == "stackexchange" for name, one in by_name.items())
    folder = write_home(tmp_path, NET)
    (folder / "sources.toml").write_text(toml([], found), "utf-8")
    assert len(load(folder).sources) == len(found) == 9
    assert {search.kind for search in SEARCHES} <= {"feed", "hackernews", "stackexchange", "mastodon"}


async def test_the_searches_ask_robots_txt_first() -> None:
    def at(site: Site, name: str, **more: Any) -> Search:
        return Search(name, "feed", site.url + "/" + name + "?q={quoted}", **more)

    async with serving() as site:
        site.pages["/robots.txt"] = "User-agent: *\nDisallow: /no\nCrawl-delay: 7\n"
        gone = Search("gone", "feed", "http://127.0.0.1:9/?q={q}")
        async with Web(LOCAL, ManualClock(NOW)) as web:
            found = await discover_brand(web, ACME, [], [at(site, "yes", zh=False), at(site, "no", zh=True), gone])
        text = toml(["searches"], found)
        assert "robots.txt asks for 7 s" in text
        assert "no?q=%22%E9%A0%82%E5%A5%BD%22: robots.txt forbids it" in text
        assert "not asked whether we may" in text
        assert len(pasted(text)) == 3
        assert site.paths() == []


def test_the_command_wants_one_of_the_two(tmp_path: Path) -> None:
    folder = write_home(tmp_path, NET)
    for arguments in ([], ["http://a.example", "--brand", "acme"]):
        done = CliRunner().invoke(main, ["discover", *arguments, "--config", str(folder)])
        assert done.exit_code == 2
    done = CliRunner().invoke(main, ["discover", "--brand", "acmee", "--config", str(folder)])
    assert (done.exit_code, "did you mean 'acme'" in done.stderr) == (2, True)
