"""Feeds, polled: CPU-seconds and peak memory beside lemon24/reader, in one run.

python -m bench.poll --json [--feeds 1000] [--entries 30] [--matching 20]
python -m bench.poll --json --warm --feeds 20000

A child process serves the feeds on loopback, so its work does not count. Listener and reader each run in a child of
their own through four rounds: cold, all 304, all 200 with the same bytes, and (not in the ratios) one new entry a feed.
Figures are user + system CPU-seconds of a round, and the process's peak resident memory.

--warm asks whether Listener's cost grows with its number of feeds: a cold round, then three times each of the two
rounds without news, at 1,000 feeds and at --feeds, the cheapest of each counted (other work on a machine only adds).
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from aiohttp import web

from bench.children import measured, server
from bench.machine import machine
from listener.clock import ManualClock
from listener.config import Net, load
from listener.gather.net import Web
from listener.gather.rounds import gather
from listener.intake.batch import Intake
from listener.records import Source
from listener.shipped import shipped
from listener.store.sqlite import open_store

ROUNDS = ("cold", "not_modified", "unchanged", "one_new")
WARM = ("cold", *("not_modified", "unchanged") * 3)
FEW = 1000  # feeds that --warm compares with
WORDS = (
    "the bill came again and nobody answers my mail about the second charge on it while the app says all is well "
    "so I called twice and waited for an hour before a kind person told me that it would be looked at next week"
).split()


# ---- the server, in a child process


def feed_body(number: int, entries: int, new: int, matching: int) -> bytes:
    """An RSS feed; every `matching`-th entry names the brand."""
    items = []
    for entry in range(new + entries - 1, new - 1, -1):
        start = (number * 7 + entry * 3) % len(WORDS)
        words = " ".join(WORDS[start:] + WORDS[:start])
        name = "Wagtail Mobile: " if (number * entries + entry) % matching == 0 else ""
        items.append(
            f"<item><title>Matter {entry} of place {number}</title><link>http://place{number}.example/t/{entry}</link>"
            f"<guid>http://place{number}.example/t/{entry}</guid><dc:creator>writer{entry % 9}</dc:creator>"
            f"<pubDate>Sat, 21 Mar 2026 {entry % 24:02d}:{number % 60:02d}:00 +0000</pubDate>"
            f"<description><![CDATA[<p>{name}{words}.</p><p>See <a href='/t/{entry}'>here</a> &amp; there.</p>]]>"
            "</description></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Place {number}</title><link>http://place{number}.example/</link>{''.join(items)}</channel></rss>"
    ).encode()


async def serve(entries: int, matching: int) -> None:
    """Serve /feed/N; /mode/NAME sets how. Prints its port; ends with its stdin."""
    mode = {"name": "cold"}

    async def feed(request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["number"])
        if mode["name"] == "not_modified" and "If-None-Match" in request.headers:
            return web.Response(status=304)
        new = 1 if mode["name"] == "one_new" else 0
        headers = {"Content-Type": "application/rss+xml", "ETag": f'"{number}-{new}"'}
        return web.Response(body=feed_body(number, entries, new, matching), headers=headers)

    async def set_mode(request: web.Request) -> web.StreamResponse:
        mode["name"] = request.match_info["name"]
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/feed/{number}", feed)
    app.router.add_get("/mode/{name}", set_mode)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


# ---- the two that are measured


def measure_listener(url: str, feeds: int, total_slots: int, order: tuple[str, ...] = ROUNDS) -> dict[str, Any]:
    """Rounds of listener.gather into the whole intake: match, judge, book, store. Of several alike the cheapest."""

    async def rounds() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as name:
            net = Net(allow_private=True, host_delay_s=0, host_slots=16, total_slots=total_slots)
            config = load(shipped("config"))
            config = config.model_copy(
                update={"home": Path(name), "main": config.main.model_copy(update={"net": net, "store": "bench.db"})}
            )
            store = open_store(config.store_path)
            clock = ManualClock(datetime(2026, 3, 22, tzinfo=UTC))
            sources = [Source(f"place-{number}", "feed", f"{url}/feed/{number}") for number in range(feeds)]
            store.sync_sources(sources, clock.now())
            intake = Intake(store, config, clock)
            found: dict[str, Any] = {}
            async with Web(net, clock) as door:
                for number, name_of_round in enumerate(order):
                    _set_mode(url, name_of_round)
                    clock.set(datetime(2026, 3, 22 + number, tzinfo=UTC))
                    once: dict[str, Any] = {}
                    with _Meter(once, name_of_round):
                        healths = await gather(store, config, clock, intake.take, owner="bench", web=door)
                    once[name_of_round]["heard"] = sum(health.state == "heard" for health in healths)
                    once[name_of_round]["posts"] = sum(health.posts for health in healths)
                    found[name_of_round] = min(
                        found.get(name_of_round, once[name_of_round]), once[name_of_round], key=lambda one: one["cpu_s"]
                    )
            found["peak_mb"] = once[order[-1]]["peak_mb"]
            found["mentions"] = store.rows("select count(*) as n from mentions")[0]["n"]
            store.close()
            return found

    return asyncio.run(rounds())


def measure_reader(url: str, feeds: int) -> dict[str, Any]:
    """The same four rounds with lemon24/reader and its default workers (one)."""
    from reader import make_reader

    with tempfile.TemporaryDirectory() as name:
        reader = make_reader(str(Path(name) / "reader.sqlite"))
        for number in range(feeds):
            reader.add_feed(f"{url}/feed/{number}")
        found: dict[str, Any] = {}
        for name_of_round in ROUNDS:
            _set_mode(url, name_of_round)
            with _Meter(found, name_of_round):
                reader.update_feeds(scheduled=False)
            found[name_of_round]["entries"] = reader.get_entry_counts().total
        reader.close()
        return found


class _Meter:
    """CPU-seconds (user + system, children left out) and wall-seconds of a block, and peak memory at its end."""

    def __init__(self, found: dict[str, Any], name: str) -> None:
        self._found, self._name = found, name

    def __enter__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self._found[self._name] = {
            "cpu_s": round(time.process_time() - self._cpu, 3),
            "wall_s": round(time.perf_counter() - self._wall, 3),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }


def _set_mode(url: str, name: str) -> None:
    with urlopen(f"{url}/mode/{name}", timeout=10) as answer:
        answer.read()


# ---- putting it together


def _per_feed(found: dict[str, Any], name: str, feeds: int) -> float | None:
    return round(1000 * found[name]["cpu_s"] / feeds, 4) if name in found else None


def ratio(found: dict[str, Any], name: str, key: str) -> float | None:
    """reader's figure divided by ours."""
    try:
        return round(float(found["reader"][name][key]) / float(found["listener"][name][key]), 2)
    except (KeyError, TypeError, ZeroDivisionError):
        return None


def compare(feeds: int, entries: int, matching: int, slots: int, peer: bool, warm: bool = False) -> dict[str, Any]:
    """Both, one after the other, against one server; with `warm` Listener alone, at FEW feeds and at `feeds`."""
    with server("bench.poll", "--entries", str(entries), "--matching", str(matching)) as url:
        common = ["--feeds", str(feeds), "--url", url, "--slots", str(slots)]
        found: dict[str, Any] = {"bench": "poll", "feeds": feeds, "entries": entries, "machine": machine()}
        if warm:
            sizes = {
                size: measured("bench.poll", "--measure", "warm", *common, "--feeds", str(size))
                for size in (FEW, feeds)
            }
            for size, told in sizes.items():
                found[f"feeds_{size}"] = told
            found["cpu_ms_per_feed"] = {
                size: {name: _per_feed(told, name, size) for name in dict.fromkeys(WARM)}
                for size, told in sizes.items()
            }
            return found
        found["listener"] = measured("bench.poll", "--measure", "listener", *common)
        if peer:
            found["reader"] = measured("bench.poll", "--measure", "reader", *common)
            found["reader_over_listener"] = {
                **{name: {"cpu": ratio(found, name, "cpu_s")} for name in ROUNDS},
                "peak_memory": ratio(found, ROUNDS[-1], "peak_mb"),
            }
        return found


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--json", action="store_true", help="one JSON object on stdout (always so; kept for all benches)"
    )
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--matching", type=int, default=20, help="every so many-th entry names the brand")
    parser.add_argument("--slots", type=int, default=32, help="requests at once")
    parser.add_argument("--without-reader", action="store_true")
    parser.add_argument("--warm", action="store_true", help="Listener alone, at 1,000 feeds and at --feeds")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measure", choices=("listener", "warm", "reader"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        asyncio.run(serve(wanted.entries, wanted.matching))
    elif wanted.measure == "listener":
        print(json.dumps(measure_listener(wanted.url, wanted.feeds, wanted.slots)))
    elif wanted.measure == "warm":
        print(json.dumps(measure_listener(wanted.url, wanted.feeds, wanted.slots, WARM)))
    elif wanted.measure == "reader":
        print(json.dumps(measure_reader(wanted.url, wanted.feeds)))
    else:
        found = compare(
            wanted.feeds, wanted.entries, wanted.matching, wanted.slots, not wanted.without_reader, wanted.warm
        )
        print(json.dumps(found, indent=None if wanted.json else 1))


if __name__ == "__main__":
    main()
