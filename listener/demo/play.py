"""The demo: the town opens, two rounds gather it over HTTP, then the clock is played day by day through the store.

Everything is the real thing (spiders, poller, judge, watch, digest, outbox); only the town and the clock are ours.
The folder's own store is used, never the user's. Played again, it adds and mails nothing twice.
"""

import asyncio
import json
import shutil
import socket
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from listener.clock import ManualClock
from listener.demo.summary import Played, summary
from listener.demo.town import Town, address
from listener.demo.world import World, load_world
from listener.errors import ListenerError
from listener.gather import loop
from listener.house import House, open_house
from listener.shipped import shipped

FIRST_PORT = 8640
GATHER_DELAY = timedelta(minutes=5)  # how long after a post is written the demo's watch sees it: one poll interval
MORNING = time(7, 0)
LEAST_WIDTH = 116  # of the summary's table, where the output is no terminal

_KINDS = {"phpbb": ("forum", "/index.php"), "discourse": ("discourse", "/"), "rss": ("feed", "/feed.xml")}
_KINDS["atom"] = _KINDS["rss"]


def play(folder: Path, port: int | None, stay: bool, console: Console | None = None) -> Played:
    """Play the demo in `folder` and print what came of it.

    Raises:
        ListenerError: a port is taken, or `folder` holds something else.
    """
    console = console or Console(width=max(Console().width, LEAST_WIDTH))
    world = load_world(shipped("demo"))
    port = _settle(folder, port, len(world.sites))
    write_config(folder / "config", world, port)
    return loop.run(lambda: _play(folder, world, port, stay, console))


async def _play(folder: Path, world: World, port: int, stay: bool, console: Console) -> Played:
    zone = ZoneInfo(world.time_zone)
    over = datetime.combine(world.last_day + timedelta(days=1), MORNING, zone)
    clock = ManualClock(over)
    town = Town(world, clock)
    await town.start(port)
    try:
        with open_house(folder / "config", clock) as house:
            new = []
            columns = TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn()
            with Progress(*columns, console=console) as bars:
                for number, at in enumerate((world.crisis_began - timedelta(hours=2), over - timedelta(minutes=30)), 1):
                    clock.set(at)
                    new.append(await _gather(house, bars, f"round {number}: gather, match, judge", world, at))
                await _days(house, bars, world, zone)
            clock.set(over)
            await house.gather([source.name for source in house.config.sources])  # nothing has changed: a 304
            played = summary(house, world, folder, tuple(new), tuple(town.log), console)
        if stay:
            console.print(f"The town stays open at {' '.join(town.urls.values())}; Ctrl-C closes it.")
            await asyncio.Event().wait()
        return played
    finally:
        await town.stop()


async def _gather(house: House, bars: Progress, label: str, world: World, at: datetime) -> int:
    task = bars.add_task(label, total=sum(said.at <= at for said in world.fetchable()))
    visits = await house.gather([source.name for source in house.config.sources], lambda _, n: bars.advance(task, n))
    bars.update(task, total=max(1, sum(v.posts for v in visits)), completed=max(1, sum(v.posts for v in visits)))
    broken = [f"{visit.source}: {visit.state}, {visit.detail}" for visit in visits if visit.state != "heard"]
    if broken:
        raise ListenerError("the town was not heard whole: " + "; ".join(broken))
    return sum(visit.new for visit in visits)


async def _days(house: House, bars: Progress, world: World, zone: ZoneInfo) -> None:
    """The clock, morning by morning: watch whenever somebody has spoken, digest and mail at seven."""
    clock = house.clock
    assert isinstance(clock, ManualClock)
    begin = datetime.combine(world.first_day, time(0), zone)
    for brand in house.config.brands:
        if house.store.looked_until(brand.id) is None:
            house.store.set_looked_until(brand.id, begin)
    # Played again, nobody looks a second time: to the watch, a clock that goes back was wrong until then.
    looked = max(filter(None, (house.store.looked_until(brand.id) for brand in house.config.brands)), default=begin)
    days = [world.first_day + timedelta(days=n) for n in range((world.last_day - world.first_day).days + 1)]
    task = bars.add_task("the clock: watch, digest, mail", total=len(days))
    for day in days:
        morning = datetime.combine(day + timedelta(days=1), MORNING, zone)
        for at in _moments(world, max(looked, morning - timedelta(days=1)), morning):
            clock.set(at)
            house.watch()
            await house.send()
        clock.set(morning)
        for brand in house.config.brands:
            if brand.digest_to:
                house.digest(brand, day)
        await house.send()
        bars.advance(task)


def _moments(world: World, after: datetime, until: datetime) -> list[datetime]:
    """When the watch looks: one poll interval after each post, each moment once."""
    moments = {said.at + GATHER_DELAY for said in world.fetchable()}
    return sorted(at for at in moments if after < at <= until)


def _settle(folder: Path, port: int | None, count: int) -> int:
    """The folder's lasting port: permalinks hold it, so it must be the same each time.

    Raises:
        ListenerError: the folder was played with another port, or holds a config that is not the demo's.
    """
    note = folder / "town.json"
    if note.exists():
        kept = int(json.loads(note.read_text("utf-8"))["port"])
        if port not in (None, kept):
            raise ListenerError(f"{folder} was played on port {kept}; leave out --port, or take a fresh --dir")
        return kept
    if folder.exists() and any(folder.iterdir()):
        raise ListenerError(f"{folder} is not empty and no demo of ours; take a fresh --dir")
    chosen = port if port is not None else free_ports(count)
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"port": chosen}) + "\n", encoding="utf-8")
    return chosen


def free_ports(count: int, lowest: int = FIRST_PORT) -> int:
    """The first of `count` ports in a row, from `lowest` on, that nobody holds now."""
    for first in range(lowest, lowest + 1000, count):
        sockets = []
        try:
            for number in range(count):
                probe = socket.socket()
                sockets.append(probe)
                probe.bind(("127.0.0.1", first + number))
            return first
        except OSError:
            continue
        finally:
            for probe in sockets:
                probe.close()
    raise ListenerError(f"no {count} free ports in a row from {lowest} on; name one with --port")


# Whether a brand may post there; of the fourth place nobody has looked it up, as it is in life.
_RULES = {
    "phpbb": (
        'rule = "disclose"',
        'rule_note = { en = "in the first line, with the name of the firm", zh-Hant = "第一行寫明公司名稱" }',
    ),
    "discourse": ('rule = "open"',),
    "rss": ('rule = "ask-moderator"',),
}


def write_config(folder: Path, world: World, port: int) -> None:
    """The shipped config with the town's brands and sources in place of the example's."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("topics.toml", "playbook.toml", "people.toml"):
        shutil.copyfile(shipped("config") / name, folder / name)
    (folder / "listener.toml").write_text(
        "# Written by `listener demo`.\n"
        'store = "listener.db"\n\n[net]\nallow_private = true  # the town is on loopback\n'
        'host_delay_s = 0\nhost_slots = 4\ncontact = "the demo"\n\n[mail]\nurl = "file:outbox"\n',
        encoding="utf-8",
    )
    crisis = world.crisis_brand
    lines = ["# Written by `listener demo`.\n"]
    for brand in world.brands:
        rivals = [other["id"] for other in world.brands if other["id"] != brand["id"]]
        readers = ["mei", "desk"] if brand["id"] == crisis else []
        own = ["Wagtail_Care_Mei"] if brand["id"] == crisis else []
        lines += [
            "[[brand]]",
            f"id = {_toml(brand['id'])}",
            f"name.en = {_toml(brand['name']['en'])}",
            f"name.zh-Hant = {_toml(brand['name']['zh-Hant'])}",
            f"query = '''{brand['query']}'''",
            f"time_zone = {_toml(world.time_zone)}",
            f"rivals = {_toml(rivals)}",
            f"digest_to = {_toml(readers)}",
            f"alerts_to = {_toml(readers)}",
            f"own_authors = {_toml(own)}",
            "",
        ]
    (folder / "brands.toml").write_text("\n".join(lines), encoding="utf-8")
    lines = ["# Written by `listener demo`.\n"]
    for number, site in enumerate(world.sites):
        kind, path = _KINDS[site.engine]
        lines += [
            "[[source]]",
            f"name = {_toml(site.id)}",
            f"kind = {_toml(kind)}",
            f"url = {_toml(address(site.id, port + number) + path)}",
            "every = [300, 3600]",
            f"options = {{ time_zone = {_toml(world.time_zone)} }}" if kind == "forum" else "",
            *_RULES.get(site.engine, ()),
            "",
        ]
    (folder / "sources.toml").write_text("\n".join(lines), encoding="utf-8")


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # TOML's strings and lists of strings are written as JSON's
