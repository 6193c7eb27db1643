"""Real input: real servers, real posts of 1993, and the commands as a person types them. `make test-servers`."""

import json
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any
from urllib.parse import urldefrag

import pytest
from selectolax.lexbor import LexborHTMLParser

from listener.shipped import shipped
from tests.servers import recipes

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

Row = dict[str, Any]

# Told by hand: threads of the seeded servers in which the word means something else, and threads about the brand.
NAMESAKES = {
    "apple": (
        "cholistasis(sp?)/fat-free diet/pregnancy!!",  # a medium apple
        "How hard to change springs on F350 truck?",  # an employee's address
        "After 2000 years, can we say that Christian Morality is",
        "SHARKS: Kingston Fired!!!",
        "SHARKS REVIEW Part 5: Left Wings",
        "Is it good that Jesus died?",
    ),
    "intel": ("Who's next? Mormons and Jews?", "Moonbase race"),
    "saturn": (
        "Iapetus/Saturn Eclipse",
        "Space FAQ 06/15 - Constants and Equations",
        "Space FAQ 05/15 - References",
        "What if the USSR had reached the Moon first?",
    ),
    "gateway": ("Gatewaying Microsoft Mail/Workgroups via 96", "Setting DISPLAY", "HABS WIN, HABS WIN!!!"),
}
BRANDS = {
    "apple": ("Why does Apple give us a confusing message?", "Rumours about New Duos !!!!!", "CD300 & 300i"),
    "intel": ("Where to buy Pentium motherboard?", "Help needed", "Any info on Cyrix 486DRu2 chip?"),
    "saturn": ("Saturn's Pricing Policy", "Instead of a Saturn SC2, What???", "saturn pricing blatherings"),
    "gateway": (
        "Help!! My Gateway freezes up",
        "PCs from Gateway - opinions sought",
        "Gateway 2000 486DX/33 too noisy",
    ),
}


@dataclass(frozen=True)
class Server:
    """How one kind of server is started, and where Listener is told to listen there."""

    open: Callable[[recipes.Usenet], Any]
    programs: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str, str, str], ...]  # name, kind, path, options
    threads: int | None  # how many of the threads it was seeded with; None: whole groups


SEARCHES = (
    ("rec.autos", "saturn"), ("sci.space", "saturn"), ("comp.sys.mac.hardware", "apple"), ("rec.autos", "apple"),
    ("talk.religion.misc", "apple"), ("comp.sys.ibm.pc.hardware", "gateway"), ("comp.windows.x", "gateway"),
    ("comp.os.ms-windows.misc", "gateway"), ("comp.sys.ibm.pc.hardware", "intel"), ("talk.religion.misc", "intel"),
)  # fmt: skip
SERVERS = {
    "machina": Server(
        recipes.machina,
        (),
        (("forum", "forum", "", '{ time_zone = "America/Chicago" }'),),  # Django's own zone unless it is told another
        60,
    ),
    "wordpress": Server(
        recipes.wordpress,
        (("mariadbd", "mariadb-server"), ("php", "php-cli and php-mysql"), ("curl", "curl")),
        (("articles", "feed", "feed/", "{}"), ("comments", "feed", "comments/feed/", "{}")),
        40,
    ),
    "public-inbox": Server(
        recipes.public_inbox,
        (("public-inbox-httpd", "public-inbox"), ("git", "git"), ("curl", "curl")),
        (
            *((f"new {group}", "feed", f"{group}/new.atom", "{}") for group in recipes.GROUPS),
            *((f"{word} in {group}", "feed", f"{group}/?q={word}&x=A", "{}") for group, word in SEARCHES),
        ),
        None,
    ),
}


@dataclass(frozen=True)
class Heard:
    """A server, and what the first `listener gather` brought from it."""

    name: str
    server: Server
    place: recipes.Place
    usenet: recipes.Usenet
    home: Path
    visits: list[Row]
    mentions: list[Row]

    def listener(self, *arguments: str) -> str:
        return listener(self.home, *arguments)

    def rows(self, sql: str) -> list[Row]:
        return rows(self.home, sql)


def listener(home: Path, *arguments: str) -> str:
    """Run the command as a person does, and return what it printed."""
    command = [str(Path(sys.executable).with_name("listener")), *arguments, "--config", str(home / "config")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=home)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]
    return done.stdout


def rows(home: Path, sql: str) -> list[Row]:
    with closing(sqlite3.connect(home / "data" / "listener.db")) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute(sql)]


def write_config(home: Path, place: recipes.Place, server: Server) -> None:
    """The shipped config, with the brands of 1993, this server as the only place, and leave to read it."""
    config = home / "config"
    copytree(shipped("config"), config)
    copyfile(Path(recipes.__file__).with_name("brands.toml"), config / "brands.toml")
    main = (config / "listener.toml").read_text()
    for line, wanted in (("allow_private = false", "allow_private = true"), ("host_delay_s = 1.0", "host_delay_s = 0")):
        assert line in main
        main = main.replace(line, wanted)
    (config / "listener.toml").write_text(main)
    written = [
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nurl = "{place.url}{path}"\noptions = {options}\n'
        for name, kind, path, options in server.sources
    ]
    (config / "sources.toml").write_text("\n".join(written))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Heard]]:
    """Starts a server at its first call and lets Listener gather there once; all end with the module."""
    known: dict[str, Heard] = {}
    laid: list[recipes.Usenet] = []
    with ExitStack() as running:

        def hear(name: str) -> Heard:
            if name not in known:
                if not laid:
                    laid.append(recipes.lay_out(tmp_path_factory.mktemp("usenet")))
                server = SERVERS[name]
                place = running.enter_context(server.open(laid[0]))
                home = tmp_path_factory.mktemp(name)
                write_config(home, place, server)
                listener(home, "check", "--online")
                visits = json.loads(listener(home, "gather", "--json"))
                mentions = rows(home, "select * from v_mentions order by brand, at, post_key")
                known[name] = Heard(name, server, place, laid[0], home, visits, mentions)
            return known[name]

        yield hear


@pytest.fixture(params=list(SERVERS))
def heard(request: pytest.FixtureRequest, need: Callable[[str, str], None], opened: Callable[[str], Heard]) -> Heard:
    for program, package in SERVERS[request.param].programs:
        need(program, package)
    return opened(request.param)


def test_every_source_is_heard_and_no_post_is_lost(heard: Heard) -> None:
    assert {(visit["source"], visit["state"]) for visit in heard.visits} == {
        (name, "heard") for name, *_ in heard.server.sources
    }
    brought = sum(visit["posts"] for visit in heard.visits)
    if heard.server.threads is None:
        assert brought > 200  # a feed of new posts holds 25 of them
    else:
        seeded = json.loads(heard.usenet.threads.read_text())[: heard.server.threads]
        own = {"wordpress": 2}.get(heard.name, 0)  # WordPress greets the world, and comments on it
        assert brought == sum(len(thread["posts"]) for thread in seeded) + own


def test_mentions_have_voices_dates_of_1993_and_own_words_only(heard: Heard) -> None:
    assert len(heard.mentions) >= 20
    for mention in heard.mentions:
        assert mention["day"].startswith("1993-"), mention["link"]
        assert mention["published"].startswith("1993-"), mention["link"]
        quoted = re.search(r"^\s*(?:[|:]\s?)?>.*$", mention["text"], re.MULTILINE)
        assert quoted is None, (mention["link"], quoted[0])
    voices = Counter(mention["voice"] for mention in heard.mentions)
    assert "" not in voices
    assert len(voices) > len(heard.mentions) / 3


def test_dates_are_those_of_the_posts(heard: Heard) -> None:
    """To the minute. The WordPress recipe drops the hours that a date is off from UTC."""
    written = (
        datetime.fromisoformat(post["date"])
        for thread in json.loads(heard.usenet.threads.read_text())
        for post in thread["posts"]
    )
    moments = {
        (date if heard.name == "wordpress" else date.astimezone(UTC)).strftime("%Y-%m-%dT%H:%M") for date in written
    }
    for mention in heard.mentions:
        assert mention["published"][:16] in moments, mention["link"]


def test_links_open(heard: Heard) -> None:
    for link in sorted({urldefrag(mention["link"]).url for mention in heard.mentions}):
        with urllib.request.urlopen(link, timeout=30) as answer:
            assert answer.status == 200, link


def test_the_brand_and_not_its_namesake(heard: Heard) -> None:
    spoken = {(mention["brand"], plain(mention["thread_title"])) for mention in heard.mentions}
    for brand, titles in NAMESAKES.items():
        assert not spoken & {(brand, title) for title in titles}
    for brand, titles in BRANDS.items():
        assert spoken & {(brand, title) for title in titles}, brand


def test_the_digest_of_a_day(heard: Heard) -> None:
    """It names the brand, and quotes somebody of that day."""
    of_the_day = f"select brand, count(*) as n from v_mentions where day = '{recipes.DAY}' group by brand"
    brand = heard.rows(f"{of_the_day} order by n desc, brand limit 1")[0]["brand"]
    page = heard.home / "page.html"
    told = heard.listener("digest", "--brand", brand, "--day", recipes.DAY, "--write", str(page))
    assert told.startswith(f"{brand} {recipes.DAY}: ")
    assert "stood already" not in told
    tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
    assert tree.body is not None
    shown = " ".join(tree.body.text(separator=" ").split())
    assert brand.capitalize() in shown
    said = [mention for mention in heard.mentions if (mention["brand"], mention["day"]) == (brand, recipes.DAY)]
    assert any(phrase in shown for mention in said for phrase in phrases(mention["text"])), told
    assert any(mention["link"] in {link.attributes.get("href") for link in tree.css("a")} for mention in said)


def plain(title: str) -> str:
    """A title without the typographer's quotes that WordPress puts in."""
    return " ".join(title.replace("’", "'").split())


def phrases(text: str) -> list[str]:
    """Every run of six words."""
    words = text.split()
    return [" ".join(words[at : at + 6]) for at in range(max(1, len(words) - 5))]


def test_gathered_again_nothing_is_added_until_somebody_answers(heard: Heard) -> None:
    names = [name for name, *_ in heard.server.sources]
    before = heard.rows("select * from v_mentions order by post_key, brand")
    assert sum(visit["new"] for visit in json.loads(heard.listener("gather", *names, "--json"))) == 0
    assert heard.rows("select * from v_mentions order by post_key, brand") == before

    said = "I asked my Saturn dealer about the pricing policy again, and nobody ever called me back."
    heard.place.reply("walter", said)
    assert sum(visit["new"] for visit in json.loads(heard.listener("gather", *names, "--json"))) == 1
    [news] = heard.rows("select * from v_mentions where at > '1994' and brand = 'saturn'")
    assert news["text"] == said
    assert plain(news["thread_title"]) == recipes.THREAD
