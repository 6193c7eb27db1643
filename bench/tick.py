"""What one look of the watch costs: many busy brands, many streams each, histories of different length.

    python -m bench.tick [--brands 1000] [--topics 16] --json

Every brand has its habits in memory and in the store, as after weeks of running, and gets a new mention on all of its
streams (all voices, anger, leaving and each complaint) in every round; then all brands are looked at as the service
does it, each in its transaction. The first round reads the habits from the store: a restart.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.machine import machine, peak_mib
from listener.config import Topic
from listener.records import Source, SourceHealth
from listener.report.watching import Memory, look_at
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore, open_store
from listener.watch.baseline import hours
from listener.watch.busy import Busy
from listener.watch.habit import Habit, bin_of
from listener.watch.settings import DEFAULTS
from tests.helpers_store import make_taken

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def complaint(number: int) -> Topic:
    words = {"en": f"Matter {number}", "zh-Hant": f"事情 {number}"}
    return Topic.model_validate(
        {"id": f"matter-{number}", "kind": "complaint", "label": words, "touchpoint": "product", "weight": 1.0}
        | {"owner": words, "cues": {}}
    )


def habits(topics: list[Topic], days: int) -> Busy:
    """A brand that had three voices every five minutes on every stream."""
    first = int(hours(NOW)) - days * 24
    busy = Busy("", first, head=hours(NOW) - 1, sources={"forum"}, shares={"forum": 9.0}, shares_h=hours(NOW) - 1)
    busy.born["forum"] = NOW - timedelta(days=days)
    habit = Habit(first)
    for at in range(first * 12, bin_of(hours(NOW))):
        habit.add(at, 3)
    habit.settle(int(hours(NOW)), lambda hour: True, DEFAULTS)
    for stream in ("all", "negative", "leaving", *(f"topic:{topic.id}" for topic in topics)):
        busy.streams[stream] = Habit.load(habit.dump())
    return busy


def heard(store: SqliteStore) -> None:
    """The one source was visited every hour of the last ten days."""
    store.sync_sources([Source("forum", "forum", "https://forum.example/")], NOW - timedelta(days=10))
    for hour in range(240, -3, -1):
        at = NOW - timedelta(hours=hour)
        store.claim_sources(at, "bench", 1, timedelta(minutes=5), 9, ["forum"])
        health = SourceHealth("forum", at, "heard", posts=1)
        store.finish_visits([Visit(health, {}, at + timedelta(hours=1), 3600.0)], "bench")


def measure(brands: int, topics: int, days: int, rounds: int) -> dict[str, object]:
    """CPU seconds of each round."""
    matters = [complaint(number) for number in range(topics)]
    names = [f"brand-{number}" for number in range(brands)]
    kept = habits(matters, days).dump()
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "listener.db")
        heard(store)
        with store.transaction():
            for name in names:
                store.set_looked_until(name, NOW)
                store.keep_habits(name, kept | {"brand": name}, NOW)
        memory = Memory()
        for number in range(rounds):
            at = NOW + timedelta(minutes=number + 1)
            post = make_taken(
                store, number, "Wagtail is bad.", author=f"a{number}", brand=names, at=at - timedelta(minutes=5),
                sentiment=-0.9, leaving=True, topics=[topic.id for topic in matters], thread=number,
            )  # fmt: skip
            store.add([post], (), at)
            begun = time.process_time()
            for name in names:
                with store.transaction():
                    look_at(store, matters, name, at - timedelta(minutes=1), at, memory)
                    store.set_looked_until(name, at)
            seconds.append(round(time.process_time() - begun, 3))
        counted = sum(sum(habit.counts.values()) for habit in memory.busy[names[0]].streams.values())
        assert counted == (topics + 3) * (36 * 7 + rounds), "the mentions did not reach the habits"
        store.close()
    return {"days": days, "first_cpu_s": seconds[0], "tick_cpu_s": sorted(seconds[1:])[len(seconds) // 2 - 1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--topics", type=int, default=17)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", action="store_true", help="the result as JSON (it is printed so in any case)")
    options = parser.parse_args()
    runs = [measure(options.brands, options.topics, days, options.rounds) for days in (14, 28, 56)]
    result = {"brands": options.brands, "streams": options.topics + 3, "runs": runs}
    print(json.dumps(result | {"peak_mib": peak_mib(), "machine": machine()}, indent=1))


if __name__ == "__main__":
    main()
