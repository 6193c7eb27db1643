"""A crowded host beside many small ones: whose visits begin, in one round of the real gather.

python -m bench.fair --json [--hosts 200] [--crowd 5000] [--answer-ms 20]

All hosts are names under .localhost, served on loopback; each answer takes a while, so that places are scarce. The
crowd's sources have been due longest, so whoever takes them in the order of their due times starves the rest. Told are
how many of the others' sources began within the round, and how many of the crowd's before the last of them; and CPU
(server included: it runs in the same process) for the whole round.
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.machine import machine, peak_mib
from listener.clock import ManualClock
from listener.config import Config, Net, load
from listener.gather.rounds import gather
from listener.records import Source
from listener.shipped import shipped
from listener.store.sqlite import open_store

NOW = datetime(2026, 3, 22, tzinfo=UTC)
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Place</title><item><title>A matter</title>'
    b"<link>http://place.example/t/1</link><guid>http://place.example/t/1</guid><description>What I think of it."
    b"</description></item></channel></rss>"
)


async def play(folder: Path, hosts: int, crowd: int, answer_s: float, budget_s: float | None) -> dict[str, Any]:
    """One round over `hosts` hosts, of which the first has `crowd` due sources and the others one each.

    Returns:
        visited, others_started, crowd_started_before_the_last_other, starts_until_the_last_other, cpu_s, wall_s.
    """
    started: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        started.append(request.host)
        await asyncio.sleep(answer_s)
        return web.Response(body=FEED, headers={"Content-Type": "application/rss+xml"})

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    port = runner.addresses[0][1]
    store = open_store(folder / "fair.db")
    try:
        config = _config(folder)
        names = [("crowd", number) for number in range(crowd)] + [(f"host{number}", 0) for number in range(1, hosts)]
        sources = [
            Source(f"{host}-{number}", "feed", f"http://{host}.localhost:{port}/{number}") for host, number in names
        ]
        store.sync_sources(sources[:crowd], NOW - timedelta(hours=1))
        store.sync_sources(sources, NOW)
        wall, cpu = time.perf_counter(), time.process_time()
        healths = await gather(
            store, config, ManualClock(NOW), lambda posts: {}, owner="bench", budget_s=budget_s
        )  # the sink takes all and says that nothing was new
        found: dict[str, Any] = {"visited": sum(health.state == "heard" for health in healths)}
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    finally:
        store.close()
        await runner.cleanup()
    others = [place for place, host in enumerate(started) if not host.startswith("crowd.")]
    return found | {
        "others_started": len({started[place] for place in others}),
        "crowd_started_before_the_last_other": others[-1] + 1 - len(others) if others else 0,
        "starts_until_the_last_other": others[-1] + 1 if others else 0,
        "cpu_s": round(cpu, 3),
        "wall_s": round(wall, 3),
    }


def _config(folder: Path) -> Config:
    config = load(shipped("config"))
    net = Net(allow_private=True, host_delay_s=0)
    return config.model_copy(
        update={"home": folder, "main": config.main.model_copy(update={"net": net, "store": "fair.db"})}
    )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--crowd", type=int, default=5000, help="due sources of the one crowded host")
    parser.add_argument("--answer-ms", type=float, default=20.0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        played = asyncio.run(play(Path(name), wanted.hosts, wanted.crowd, wanted.answer_ms / 1000, None))
    found = {"bench": "fair", "hosts": wanted.hosts, "crowd": wanted.crowd, "machine": machine(), **played}
    found["peak_mib"] = peak_mib()
    print(json.dumps(found, indent=None if wanted.json else 1))


if __name__ == "__main__":
    main()
