"""Looking into a store of a million mentions: pages of `listener explore`, the promised views, the canned queries.

    python -m bench.explore [--json] [--mentions 1000000] [--store FILE] [--rounds 30]

The store is made by bench.big in a temporary folder, or is the one that --store names (made there if it is not). Told:

* `pages`: whole pages, asked of the site in this process over ASGI, each kind --rounds times with brands, days, topics,
  words and places drawn anew (the same draws each time), busy brands more often: median, 95th of 100, slowest, in ms.
* `views`: each promised view as docs/questions.md asks for it, and `SELECT *` of v_daily whole; the best of three.
* `canned`: every canned query with its defaults (all brands); the best of three.
* `stale`: v_daily of all brands and days while a day of each brand is stale, as it is between two nights.

`ms` are of the wall clock: other work on the machine adds to them, and `load` is how busy it was when it began and
ended. `cpu_ms` are what this process spent, which is what an idle machine would need.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.big import BRANDS, END, brand, make
from bench.machine import machine, peak_mib
from listener.clock import ManualClock
from listener.explore.serve import open_site
from listener.shipped import shipped
from listener.store.canned import canned
from listener.store.connection import connect

LAST = END.date()
TOPICS = ("safety", "data-misuse", "unresponsive-service", "hidden-fees", "product-love", "delivery")
WORDS = ("客服", "refund", "Brand03", "手續費", "the", "contract", "app", "不回應", "love", "排隊", "退")
VIEWS = {
    "v_mentions of a day": "SELECT * FROM v_mentions WHERE brand = 'brand00' AND day = '2026-03-20'",
    "v_daily of a brand, 90 days": "SELECT * FROM v_daily WHERE brand = 'brand00' AND day >= '2025-12-22'",
    "v_daily whole": "SELECT * FROM v_daily",
    "v_topics_daily of all brands, two weeks": "SELECT * FROM v_topics_daily WHERE day >= '2026-03-09'",
    "v_balance of a brand": "SELECT * FROM v_balance WHERE brand = 'brand00'",
    "v_balance whole": "SELECT * FROM v_balance",
    "v_relationships at risk this week": (
        "SELECT * FROM v_relationships WHERE at_risk AND last_day >= '2026-03-16' "
        "ORDER BY leaving DESC, balance_lu LIMIT 20"
    ),
    "v_share_of_voice of a month": "SELECT * FROM v_share_of_voice WHERE day >= '2026-02-20'",
    "v_threads that grew": (
        "SELECT * FROM v_threads WHERE posts_last_24h > 0 ORDER BY posts_last_24h DESC, voices DESC LIMIT 10"
    ),
    "v_threads of a brand, most voices": (
        "SELECT * FROM v_threads WHERE brand = 'brand00' ORDER BY voices DESC LIMIT 50"
    ),
    "v_alerts": "SELECT * FROM v_alerts ORDER BY opened DESC LIMIT 50",
    "v_coverage of a week": "SELECT * FROM v_coverage WHERE day >= '2026-03-16'",
    "v_coverage of a source, a year": "SELECT * FROM v_coverage WHERE source = 'source001' AND day >= '2025-03-22'",
}


class Drawn:
    """What is asked for, drawn anew by each call, the same in each run."""

    def __init__(self) -> None:
        self._random = random.Random(5)

    def brand(self) -> str:
        return brand(min(int(self._random.paretovariate(0.7)) - 1, BRANDS - 1))

    def day(self) -> date:
        return LAST - timedelta(days=min(int(self._random.expovariate(1 / 60)), 1000))

    def one(self, some: tuple[str, ...]) -> str:
        return self._random.choice(some)

    def number(self, below: int) -> int:
        return self._random.randrange(below)


def pages(draw: Drawn, facts: dict[str, list[Any]]) -> dict[str, Callable[[], str]]:
    """Kind of page → its address, another one at each call."""

    def asked(path: str, **values: Any) -> str:
        return f"{path}?{urlencode({name: value for name, value in values.items() if value != ''})}"

    def span() -> dict[str, str]:
        until = draw.day()
        return {"since": (until - timedelta(days=draw.number(60))).isoformat(), "until": until.isoformat()}

    return {
        "feed, newest": lambda: asked("/mentions", brand=draw.brand()),
        "feed, all brands": lambda: asked("/mentions", label=draw.one(("", "negative"))),
        "feed, deep": lambda: asked("/mentions", brand=draw.brand(), older=_place(draw.day())),
        "feed, topic and feeling": lambda: asked(
            "/mentions", brand=draw.brand(), topic=draw.one(TOPICS), label=draw.one(("negative", "positive"))
        ),
        "feed, source and days": lambda: asked(
            "/mentions", brand=draw.brand(), source=f"source{draw.number(200):03}", **span()
        ),
        "feed, language and days": lambda: asked("/mentions", brand=draw.brand(), language="zh-Hans", **span()),
        "feed, words": lambda: asked("/mentions", brand=draw.brand(), text=draw.one(WORDS)),
        "feed, words, all brands": lambda: asked("/mentions", text=draw.one(WORDS)),
        "feed, words, topic, days": lambda: asked(
            "/mentions", brand=draw.brand(), text=draw.one(WORDS), topic=draw.one(TOPICS), **span()
        ),
        "feed, leaving": lambda: asked("/mentions", brand=draw.brand(), leaving="1"),
        "feed, voice": lambda: asked("/mentions", voice=draw.one(tuple(facts["voices"]))),
        "thread": lambda: f"/thread/{draw.one(tuple(facts['threads']))}",
        "bank": lambda: asked(f"/bank/{draw.brand()}", **span()),
        "entries": lambda: asked(f"/bank/{draw.brand()}/entries", side=draw.one(("in", "out")), **span()),
        "alerts": lambda: asked("/alerts", brand=draw.one(("", draw.brand()))),
        "coverage": lambda: asked("/coverage", **span()),
        "share": lambda: asked("/share", **span()),
        "desk": lambda: "/desk",
        "today": lambda: f"/today/{draw.brand()}",
        "today, another day": lambda: f"/today/{draw.brand()}/{draw.day()}",
        "home": lambda: "/",
    }


def _place(day: date) -> str:
    return f"{day:%Y%m%d}T120000Z.999999999"


def folder_for(store: Path, place: Path) -> Path:
    """A config folder whose brands are the store's."""
    config = place / "config"
    shutil.copytree(shipped("config"), config, dirs_exist_ok=True)
    tables = [
        f'[[brand]]\nid = "{brand(number)}"\nname = "Brand{number:02}"\nquery = "Brand{number:02}"\n'
        f'time_zone = "{("UTC", "Asia/Taipei", "Etc/GMT+5")[number % 3]}"\n'
        for number in range(BRANDS)
    ]
    (config / "brands.toml").write_text("\n".join(tables), encoding="utf-8")
    (config / "sources.toml").write_text("", encoding="utf-8")
    (config / "people.toml").write_text("", encoding="utf-8")
    settings = (config / "listener.toml").read_text("utf-8")
    (config / "listener.toml").write_text(settings.replace('"data/listener.db"', json.dumps(str(store))), "utf-8")
    return config


async def ask(site: Any, kinds: dict[str, Callable[[], str]], rounds: int) -> dict[str, dict[str, Any]]:
    """Milliseconds of whole pages, a kind after the other; the first answer of each kind only warms it."""
    told = {}
    way = httpx.ASGITransport(app=site.app)
    async with httpx.AsyncClient(transport=way, base_url=site.site.address, timeout=60) as client:
        for kind, address in kinds.items():
            times, spent_cpu, worst = [], [], ("", 0.0)
            for number in range(rounds + 1):
                path = address()
                began, cpu = time.perf_counter(), time.process_time()
                answer = await client.get(path)
                spent = (time.perf_counter() - began) * 1000
                if answer.status_code != 200:
                    raise SystemExit(f"{path}: {answer.status_code}: {answer.text[:300]}")
                if number:
                    times.append(spent)
                    spent_cpu.append((time.process_time() - cpu) * 1000)
                    worst = max(worst, (path, spent), key=lambda one: one[1])
            told[kind] = _told(times) | {"p95_cpu_ms": _told(spent_cpu)["p95_ms"], "slowest": worst[0]}
    return told


def _told(times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "max_ms": round(ordered[-1], 1),
    }


def best(conn: Any, sql: str, values: dict[str, str]) -> dict[str, float]:
    """The shortest of three runs in ms, and how many rows."""
    times, spent = [], []
    for _ in range(3):
        began, cpu = time.perf_counter(), time.process_time()
        rows = len(conn.execute(sql, values).fetchall())
        times.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    return {"ms": round(min(times), 1), "cpu_ms": round(min(spent), 1), "rows": rows}


def measure(store: Path, place: Path, rounds: int) -> dict[str, Any]:
    """All of it. The store is left as it was, but for one stale day a brand."""
    conn = connect(store, read_only=True)
    tables = ("mentions", "posts", "threads", "voices", "entries", "source_hours")
    counts = {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    views = {name: best(conn, sql, {}) for name, sql in VIEWS.items()}
    queries = {one.name: best(conn, one.sql, one.values({})) for one in canned()}
    facts = {
        "voices": [voice for (voice,) in conn.execute("SELECT voice FROM posts WHERE id % 9973 = 1")],
        "threads": [str(thread) for (thread,) in conn.execute("SELECT thread FROM posts WHERE id % 9967 = 2")],
    }
    opened = open_site(folder_for(store, place), {"LISTENER_EXPLORE_TOKEN": "b" * 40}, clock=ManualClock(END))
    try:
        told = asyncio.run(ask(opened, pages(Drawn(), facts), rounds))
    finally:
        opened.close()
    writer = connect(store)
    writer.execute(
        "INSERT INTO stale_days SELECT b.brand, (SELECT max(day) FROM mentions m WHERE m.brand = b.brand) "
        "FROM v_brands b WHERE true ON CONFLICT DO NOTHING"
    )
    stale = best(conn, VIEWS["v_daily whole"], {})
    writer.close()
    conn.close()
    return {
        "counts": counts | {"MiB": store.stat().st_size // 2**20}, "pages": told, "views": views, "canned": queries,
        "stale": {"v_daily whole": stale},
        "slowest": {
            name: {unit: max(one[unit] for one in some.values()) for unit in units}
            for name, some, units in (
                ("pages", told, ("p95_ms", "p95_cpu_ms")), ("views", views, ("ms", "cpu_ms")),
                ("canned", queries, ("ms", "cpu_ms")),
            )
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        path = options.store or place / "big.db"
        made_s = None  # where it stood there already
        if not path.exists():
            began = time.process_time()
            make(path, options.mentions)
            made_s = round(time.process_time() - began)
        before = os.getloadavg()[0]
        result: dict[str, Any] = {"bench": "explore", "machine": machine(), "made_cpu_s": made_s}
        result |= measure(path, place, options.rounds)
        result |= {"load": [round(load, 1) for load in (before, os.getloadavg()[0])], "peak_mib": peak_mib()}
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
