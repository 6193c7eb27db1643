"""What one look of the watch costs: many busy brands, many streams each, histories of different length.

    python -m bench.tick [--brands 1000] [--topics 16] [--quiet] --json

Every brand has its habits in memory and in the store, as after weeks of running, and gets a new mention on all of its
streams (all voices, anger, leaving and each complaint) in every round; then all brands are looked at as the service
does it, each in its transaction. The first round reads the habits from the store: a restart.

With --quiet instead: brands with 0.02 to 11 mentions an hour, log-uniform, for 60 days; a tick a minute. The first hour
of ticks sums up every brand's past as it is first stirred (`first_cpu_s`, in all); `tick_cpu_s` is the mean of those
that follow, with all that is made anew once an hour and once a day, as far as it falls among them.
"""

import argparse
import json
import os
import random
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
from listener.store.taken import Taken
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


def heard(store: SqliteStore, days: int = 10) -> None:
    """The one source was visited every hour of the last days."""
    store.sync_sources([Source("forum", "forum", "https://forum.example/")], NOW - timedelta(days=days))
    for hour in range(24 * days, -3, -1):
        at = NOW - timedelta(hours=hour)
        store.claim_sources(at, "bench", 1, timedelta(minutes=5), 9, ["forum"])
        health = SourceHealth("forum", at, "heard", posts=1)
        store.finish_visits([Visit(health, {}, at + timedelta(hours=1), 3600.0)], "bench")


def quiet(brands: int, topics: int, ticks: int) -> dict[str, object]:
    """CPU seconds of a tick over brands that are looked at mention by mention."""
    dice, matters = random.Random(1), [complaint(number) for number in range(topics)]
    rates = {f"brand-{number}": 0.02 * 550.0 ** dice.random() for number in range(brands)}
    total, number = sum(rates.values()), 0

    def said(store: SqliteStore, at: datetime, names: list[str]) -> Taken:
        nonlocal number
        number += 1
        return make_taken(
            store, number, f"Wagtail is what it is, and this is what writer {number} thinks of it, at some length.",
            author=f"a{dice.randrange(20 * brands)}", brand=names, at=at, sentiment=dice.choice([-0.9, 0.0, 0.0, 0.9]),
            topics=dice.sample([one.id for one in matters], dice.choice([0, 0, 1])), thread=number // 3,
            position=number % 3,
        )  # fmt: skip

    def some() -> str:
        return dice.choices(list(rates), list(rates.values()))[0]

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "listener.db")
        heard(store, 62)
        names, weights = list(rates), list(rates.values())
        when = sorted(NOW - timedelta(days=60 * dice.random()) for _ in range(int(total * 60 * 24)))
        who = dice.choices(names, weights, k=len(when))
        for first in range(0, len(when), 5000):
            part = zip(when[first : first + 5000], who[first : first + 5000], strict=True)
            store.add([said(store, at, [name]) for at, name in part], (), when[min(first + 5000, len(when)) - 1])
        with store.transaction():
            for name in names:
                store.set_looked_until(name, NOW)
                store.set_watched_to(name, store.newest_mention())
        memory, seconds, looks = Memory(), list[float](), 0
        for tick in range(60 + ticks):
            at = NOW + timedelta(minutes=tick + 1)
            count = int(total / 60 + dice.random())
            came = [said(store, at - timedelta(seconds=dice.randrange(1, 60)), [some()]) for _ in range(count)]
            store.add(came, (), at)
            begun = time.process_time()
            for name in names:
                with store.transaction():
                    look_at(store, matters, name, at - timedelta(minutes=1), at, memory)
                    store.set_looked_until(name, at)
            seconds.append(time.process_time() - begun)
            looks += len({one.mentions[0].brand for one in came}) if tick >= 60 else 0
        assert not memory.busy, "a brand is busy"
        store.close()
    later = seconds[60:]
    return {
        "brands": brands, "streams": topics + 3, "mentions": len(when), "mentions_an_hour": round(total, 1),
        "ticks": ticks, "looks_a_tick": round(looks / ticks, 1), "first_cpu_s": round(sum(seconds[:60]), 1),
        "tick_cpu_s": round(sum(later) / ticks, 3), "tick_cpu_s_most": round(max(later), 3),
        "peak_mib": peak_mib(), "load": round(os.getloadavg()[0], 1), "machine": machine(),
    }  # fmt: skip


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
    parser.add_argument("--quiet", action="store_true", help="quiet brands instead of busy ones")
    parser.add_argument("--ticks", type=int, default=60, help="of a minute each, with --quiet")
    options = parser.parse_args()
    if options.quiet:
        print(json.dumps({"quiet": quiet(options.brands, options.topics, options.ticks)}, indent=1))
        return
    runs = [measure(options.brands, options.topics, days, options.rounds) for days in (14, 28, 56)]
    result = {"brands": options.brands, "streams": options.topics + 3, "runs": runs}
    print(json.dumps(result | {"peak_mib": peak_mib(), "machine": machine()}, indent=1))


if __name__ == "__main__":
    main()
