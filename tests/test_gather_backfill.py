"""Walking into history: to its end, through a kill, past bad pages; and nobody is alarmed by it."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from listener.clock import ManualClock
from listener.errors import ConfigError, ListenerError
from listener.gather.backfill import History
from listener.gather.visit import Pool
from listener.house import House, open_house
from listener.records import Post
from listener.store.gathered import Backfill
from tests.helpers_house import NOW, heard, house_in, post, write_home
from tests.helpers_net import Site, item, rss, serving
from tests.pages import Phpbb, Said

ROOT = Path(__file__).parent.parent
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NET = "[net]\nallow_private = true\nhost_delay_s = 0\n"


def shown(at: datetime) -> str:
    """A time as phpBB shows it."""
    return at.strftime("%a %b %d, %Y %-I:%M %p").lower()


def forum(threads: int = 12, now: datetime = NOW) -> Phpbb:
    """Threads of three posts, one every nine days back from `now`; the newest has the highest numbers."""
    town = Phpbb()
    for number in range(threads):
        at = now - timedelta(days=9 * (threads - number), hours=3)
        said = [
            Said(100 * (number + 1) + place, f"writer {number} {place}", shown(at), f"Acme is slow, part {place}")
            for place in range(3)
        ]
        town.say(1, number + 10, *said)
    return town


def write(home: Path, kind: str, url: str, options: str = "") -> Path:
    """A config with one source, called "old"."""
    folder = write_home(home, NET)
    source = f'[[source]]\nname = "old"\nkind = "{kind}"\nurl = "{url}"\n'
    (folder / "sources.toml").write_text(source + (f"options = {{ {options} }}\n" if options else ""), "utf-8")
    return folder


@asynccontextmanager
async def open_at(folder: Path, now: datetime = NOW) -> AsyncIterator[House]:
    with open_house(folder, ManualClock(now)) as house:
        yield house


def kept(house: House, history: bool = True) -> int:
    return int(house.store.rows(f"SELECT count(*) AS n FROM posts WHERE backfilled = {int(history)}")[0]["n"])


def quiet(walk: Backfill, note: str) -> None:
    """Nobody watches the bar."""


def unheard(folder: Path) -> str:
    """Make the brands ask for what nobody says; returns what they asked for."""
    path = folder / "brands.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"Acme OR 頂好"', '"Zilch OR 烏有"'), "utf-8")
    return text


async def before_the_brand(folder: Path, now: datetime = NOW, rounds: int = 1) -> None:
    """The source is read whole while nobody asks for Acme; then the brand comes into the config."""
    brands = unheard(folder)
    with open_house(folder, ManualClock(now - timedelta(days=20))) as house:
        for _ in range(rounds):
            (health,) = await house.gather(["old"])
            assert health.state == "heard", health.detail
        assert kept(house) == kept(house, history=False) == 0
    (folder / "brands.toml").write_text(brands, "utf-8")


async def test_a_forum_is_walked_back_to_the_day_and_no_further(tmp_path: Path) -> None:
    folder = write(tmp_path, "forum", "URL")
    async with serving() as site:
        folder = rewrite(folder, site.url + "/index.php")
        site.pages = forum(24).pages()
        await before_the_brand(folder)
        with open_house(folder, ManualClock(NOW)) as house:
            await house.gather(["old"])
            site.log.clear()
            before = cursor(house)
            walk = await house.backfill("old", NOW - timedelta(days=40), quiet)
            assert walk.finished == NOW
            assert kept(house) == walk.new == 4 * 3, "threads of 36, 27, 18 and 9 days ago"
            assert walk.reached == NOW - timedelta(days=36, hours=3)
            assert kept(house, history=False) == 0
            assert cursor(house) == before, "the ordinary cursor is not the walk's"
            assert len([path for path in site.paths() if "viewtopic" in path]) < 12, "24 threads are there"
            assert len(site.paths()) == walk.requests + 1, "one ordinary visit went before, to the index"
            assert len(set(site.paths())) == walk.requests
            site.log.clear()
            assert await house.backfill("old", NOW - timedelta(days=40), quiet) == walk
            assert site.paths() == [], "it was finished"
            again = await house.backfill("old", NOW - timedelta(days=40), quiet, again=True)
            assert (again.new, kept(house)) == (0, 12)
            deeper = await house.backfill("old", NOW - timedelta(days=400), quiet)
            assert (deeper.new, kept(house)) == (60, 72)
            assert house.store.heard_hours(NOW - timedelta(days=300), NOW - timedelta(days=299))["old"], (
                "read afterwards"
            )


def cursor(house: House) -> Any:
    return house.store.rows("SELECT cursor FROM sources WHERE source = 'old'")[0]["cursor"]


def rewrite(folder: Path, url: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(path.read_text("utf-8").replace("URL", url), "utf-8")
    return folder


@contextmanager
def in_a_thread() -> Iterator[Site]:
    """A site that a child process can visit."""
    loop, ready, site = asyncio.new_event_loop(), threading.Event(), Site()

    async def stand() -> None:
        nonlocal site
        async with serving() as site:
            ready.set()
            while not loop_over.is_set():
                await asyncio.sleep(0.01)

    loop_over = threading.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(stand()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield site
    finally:
        loop_over.set()
        thread.join(10)
        loop.close()


def test_a_walk_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """SIGKILL after some pages: what was read is kept, the rest is read, and no page of a finished step twice."""
    now = datetime.now(UTC)
    folder = write(tmp_path, "forum", "URL", "max_pages = 4")
    town = forum(20, now)
    with in_a_thread() as site:
        rewrite(folder, site.url + "/index.php")
        site.pages = town.pages()
        brands = unheard(folder)
        with open_house(folder, ManualClock(now - timedelta(days=200))) as house:
            for _ in range(12):
                asyncio.run(house.gather(["old"]))  # four pages each time: the whole forum
        (folder / "brands.toml").write_text(brands, "utf-8")
        site.log.clear()
        slow = site.pages["/viewtopic.php"]

        async def slowly(request: web.Request) -> Any:
            await asyncio.sleep(0.1)
            return await slow(request)

        site.pages["/viewtopic.php"] = slowly
        since = f"{now - timedelta(days=190):%Y-%m-%d}"
        command = [sys.executable, "-c", "from listener.cli import main; main()"]
        command += ["backfill", "old", "--since", since, "--config", str(folder)]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            while sum("viewtopic" in path for path in site.paths()) < 9:
                assert child.poll() is None, child.stderr and child.stderr.read().decode()
                threading.Event().wait(0.02)
        finally:
            child.send_signal(signal.SIGKILL)
            child.communicate()
        first = list(site.paths())
        with open_house(folder) as house:
            half = house.store.backfill("old")
            assert half is not None
            assert half.finished is None
            assert 0 < kept(house) < 60
        site.pages["/viewtopic.php"] = slow
        site.log.clear()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "60 kept" in done.stdout
        topics = [path for path in site.paths() if "viewtopic" in path]
        twice = set(first) & set(topics)
        assert len(twice) <= 4, "no more than the step that was killed is read again"
        assert len(set(first + topics)) >= 20
        with open_house(folder) as house:
            assert kept(house) == 60
            assert house.store.lease_owners() == []


async def test_a_bad_page_is_left_behind_and_a_dead_site_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path, "forum", "URL", "max_pages = 5")
    async with serving() as site:
        rewrite(folder, site.url + "/index.php")
        site.pages = forum().pages()
        await before_the_brand(folder, rounds=10)
        good = site.pages["/viewtopic.php"]

        async def bad(request: web.Request) -> Any:
            if request.query["t"] == "15":
                return web.Response(text="<html><p>Welcome to our new look!</p></html>", content_type="text/html")
            return await good(request)

        site.pages["/viewtopic.php"] = bad
        notes: list[str] = []
        with open_house(folder, ManualClock(NOW)) as house:
            walk = await house.backfill("old", SINCE - timedelta(days=90), lambda _, note: notes.append(note))
            assert (walk.finished, kept(house)) == (NOW, 33)
            assert any("no posts found" in note for note in notes)

            async def dead(request: web.Request) -> Any:
                return 500

            asked = 0

            async def dies(request: web.Request) -> Any:
                nonlocal asked
                asked += 1
                return await good(request) if asked < 6 else await dead(request)

            site.pages["/viewtopic.php"] = dies
            with pytest.raises(ListenerError, match="same command"):
                await house.backfill("old", SINCE - timedelta(days=91), quiet)
            site.pages["/viewtopic.php"] = good
            walk = await house.backfill("old", SINCE - timedelta(days=91), quiet)
            assert walk.finished is not None
            assert kept(house) == 36


async def test_what_cannot_be_walked_says_so_with_what_can(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/feed"] = rss(item(1))
        folder = write(tmp_path, "feed", site.url + "/feed")
        with open_house(folder, ManualClock(NOW)) as house:
            with pytest.raises(ConfigError, match=r"newest entries only.*listener discover http://127"):
                await house.backfill("old", SINCE, quiet)
            with pytest.raises(ConfigError, match=r"no source 'odl' in sources\.toml; did you mean 'old'"):
                await house.backfill("odl", SINCE, quiet)
        assert site.log == []


async def test_a_day_to_come_and_a_source_that_is_not_there_are_refused(tmp_path: Path) -> None:
    async with serving() as site:
        folder = write(tmp_path, "forum", site.url + "/index.php")
        with open_house(folder, ManualClock(NOW)) as house:
            with pytest.raises(ConfigError, match="not in the past"):
                await house.backfill("old", NOW + timedelta(days=1), quiet)
            with pytest.raises(ListenerError, match=r"gone.*404"):
                await house.backfill("old", SINCE, quiet)
            assert house.store.backfill("old") is None


async def test_it_waits_for_the_hours_of_the_source(tmp_path: Path) -> None:
    async with serving() as site:
        folder = write(tmp_path, "forum", site.url + "/index.php")
        with (folder / "sources.toml").open("a", encoding="utf-8") as file:
            file.write('hours = "22:00-23:00"\n')
        site.pages = forum().pages()
        notes: list[str] = []
        clock = ManualClock(NOW)
        with open_house(folder, clock) as house:
            walk = await house.backfill("old", SINCE, lambda _, note: notes.append(note))
            assert clock.now() >= NOW.replace(hour=22)
            assert walk.finished is not None
        assert "is read only 22:00-23:00" in notes[0]


def test_a_post_of_today_is_news_also_while_a_walk_is_on(tmp_path: Path) -> None:
    """What was published after the last ordinary visit is left to the next one; what has no date to nobody."""
    with house_in(tmp_path) as (house, _):
        heard(house, NOW - timedelta(hours=2), NOW)
        took: list[Post] = []

        def sink(posts: Any) -> dict[str, int]:
            took.extend(posts)
            return {}

        source = house.config.source("town").record()
        basket = History(source, Pool(sink), since=SINCE, until=NOW)
        old, last, new, older = (
            post(n, "Acme", at)
            for n, at in enumerate([SINCE, NOW - timedelta(seconds=1), NOW, SINCE - timedelta(days=1)])
        )
        undated = Post(**{**{f: getattr(old, f) for f in Post.__slots__}, "published": None, "fetched": NOW})
        for one in (old, last, new, older, undated):
            basket.add(one)
        basket.pool.flush()
        assert took == [old, last]
        assert (basket.posts, basket.undated) == (5, 1)


def facts_of(house: House) -> tuple[Any, ...]:
    """Everything that a reader would see of yesterday and today, made anew."""
    brand, today = house.config.brand("acme"), NOW.date()
    days = [today - timedelta(days=back) for back in (1, 2)]
    for day in days:
        house.digest(brand, day, mail=False, again=True)
    made = [house.store.digest("acme", day, language) for day in days for language in ("en", "zh-Hant")]
    return (
        [(one.subject, one.html, one.text, one.facts, one.evidence) for one in made if one],
        house.digest_page(brand, today, "en"),
        house.store.rows("SELECT * FROM v_balance"),
        house.store.rows("SELECT brand, voice, day, amount, reason FROM entries ORDER BY 1, 2, 3"),
        house.store.alerts(),
        house.store.matters("acme", today + timedelta(days=1)),
        house.store.rows("SELECT count(*) AS mails FROM outbox"),
    )


@pytest.mark.parametrize("backfill", [True, False])
def test_neither_watch_nor_digest_reacts(tmp_path: Path, backfill: bool) -> None:
    """Heard for six weeks; then months of anger come to light, and twenty leaving voices of the week that was missed.

    Without the mark the same posts change the digest: the test can fail.
    """
    with house_in(tmp_path) as (house, clock):
        heard(house, NOW - timedelta(days=42), NOW)
        house.store.set_looked_until("acme", NOW - timedelta(hours=1))
        calm = [post(n, "Acme works", NOW - timedelta(hours=9 * n + 1)) for n in range(1, 60)]
        calm += [post(900 + n, "Acme is slow, I am leaving", NOW - timedelta(days=1, hours=n)) for n in range(2)]
        house.intake.take(calm)
        house.watch()
        before = facts_of(house)
        clock.advance(timedelta(minutes=5))
        now = clock.now()
        mails = len(house.store.rows("SELECT * FROM outbox"))
        old = [
            post(1000 + n, f"Acme stole my data, case {n}, I am leaving", NOW - timedelta(days=43 + n), fetched=now)
            for n in range(60)
        ]
        missed = [
            post(2000 + n, f"Acme leaked my data {n} times, cancelling", NOW - timedelta(hours=2 + 7 * n), fetched=now)
            for n in range(24)
        ]
        missed += [
            post(2500 + n, f"Acme leaks data, says {n}", NOW - timedelta(minutes=9 * n + 1), fetched=now)
            for n in range(20)
        ]
        # One voice that was heard said more on the same day, in the same thread: its entry stays what it was.
        more = post(
            3000, "Acme is a fraud, I hate it, I am leaving", NOW - timedelta(days=1, minutes=5), author="writer 900",
            thread=900, position=1, fetched=now,
        )  # fmt: skip
        house.intake.take([*old, *missed, more], backfill=backfill)
        assert len(house.store.judged("acme")) == len(calm) + 105, "for analysts it is all there"
        alerts = house.watch()
        after = facts_of(house)
        if backfill:
            assert alerts == ()
            assert after == before
            assert len(house.store.rows("SELECT * FROM outbox")) == mails
        else:
            assert alerts
            assert after != before


def test_what_stands_is_left_as_it_is_and_what_was_seen_is_matched_again(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        heard(house, NOW - timedelta(days=2), NOW)
        house.intake.take([post(1, "Acme works"), post(2, "Zilch works")])
        assert house.intake.take([post(1, "Acme fails"), post(2, "Zilch works")], backfill=True) == {}
        (one,) = house.store.judged("acme")
        assert (one.text, one.backfilled) == ("Acme works", False)
        assert house.intake.take([post(2, "Zilch, or Acme, works")], backfill=True) == {"town": 1}
        assert [one.backfilled for one in house.store.judged("acme")].count(True) == 1
        house.intake.take([post(2, "Zilch, or Acme, works well")])
        assert [one.backfilled for one in house.store.judged("acme")].count(True) == 1, "an edit is no news either"
