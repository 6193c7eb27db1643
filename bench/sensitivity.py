"""What each of the three sensitivities costs: false alarms at simulated quiet brands, and at busy brands of the past.

    python -m bench.sensitivity --nab DIR [--brands 20] [--weeks 16] --json

The simulated brands have 0.1 to 2 voices an hour and never a crisis, so every alert is false. A third of them talks
at random; a third has days of very different loudness (each day's rate gamma distributed, squared variation 0.5); a
third talks in threads of three voices on average, answers two hours apart. Three posts in ten are angry, and a third
of the angry ones complain of one of four topics, none of which alarms by itself. The first two weeks are for learning.
DIR: see bench/watch.py. The figures are kept in listener/watch/settings.py, where people who choose read them.
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import watch as busy
from bench.machine import machine
from listener.config import load
from listener.records import Judged, TopicTag
from listener.shipped import shipped
from listener.watch.alarm import watch
from listener.watch.settings import SENSITIVITIES

START = datetime(2026, 1, 5, tzinfo=UTC)
LEARNING = 14  # days
KINDS = ("random", "days", "threads")
RATES = (0.1, 0.2, 0.5, 1.0, 2.0)  # voices an hour
COMPLAINTS = ("hidden-fees", "outage", "delivery", "billing-error")


def moments(kind: str, rate_h: float, days: int, dice: random.Random) -> Iterator[tuple[float, int, bool]]:
    """(hour, thread, whether it opens the thread) of each post."""
    thread = 0
    for day in range(days):
        rate = rate_h * (dice.gammavariate(2.0, 0.5) if kind == "days" else 1.0)
        rate /= 3.0 if kind == "threads" else 1.0
        hour = 0.0
        while (hour := hour + dice.expovariate(rate)) < 24:
            thread += 1
            at = 24.0 * day + hour
            yield at, thread, True
            while kind == "threads" and dice.random() < 2 / 3:  # a geometric number of answers: two on average
                at += dice.expovariate(0.5)
                yield at, thread, False


def talk(kind: str, rate_h: float, days: int, seed: int, topics: list[str]) -> list[Judged]:
    """The mentions of one brand, each by somebody else out of two thousand."""
    dice, posts = random.Random(seed), list[Judged]()
    for number, (hour, thread, opens) in enumerate(moments(kind, rate_h, days, dice)):
        posts.append(_post(seed, number, START + timedelta(hours=hour), thread, opens, topics, dice))
    return posts


def _post(
    seed: int, number: int, at: datetime, thread: int, opens: bool, topics: list[str], dice: random.Random
) -> Judged:
    angry = dice.random() < 0.3
    found = (TopicTag(dice.choice(topics), 0.9, ()),) if angry and dice.random() < 1 / 3 else ()
    key = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
    return Judged(
        post_key=key, brand="acme", voice=f"v{dice.randrange(2000)}", source="forum", platform="forum.example",
        thread_url=f"https://forum.example/t/{thread}", thread_title="", url=f"https://forum.example/p/{number}",
        text="Acme again", fingerprint=key[:16], when=at, first_seen=at, where="text",
        sentiment=-0.7 if angry else 0.0, label="negative" if angry else "neutral", confidence=0.9, topics=found,
        leaving=False, language="en", position=0 if opens else -1, named=((0, 4),),
    )  # fmt: skip


def quiet(brands: int, weeks: int) -> dict[str, dict[str, float]]:
    """Sensitivity → false alarms a brand and week at each kind of talk, and over all of them."""
    topics = [topic for topic in load(shipped("config")).topics if topic.id in COMPLAINTS]
    days = LEARNING + 7 * weeks
    begin, end = START + timedelta(days=LEARNING), START + timedelta(days=days)
    heard = {"forum": tuple(START + timedelta(hours=hour) for hour in range(24 * days))}
    counts = {name: dict.fromkeys(KINDS, 0) for name in SENSITIVITIES}
    for kind in KINDS:
        for number in range(brands):
            posts = talk(kind, RATES[number % len(RATES)], days, 1000 * KINDS.index(kind) + number, list(COMPLAINTS))
            for name, chosen in SENSITIVITIES.items():
                found = watch(posts, heard, topics, (), begin, end, chosen.settings, START)
                counts[name][kind] += sum(change.event == "opened" for change in found)
    watched = brands * weeks
    return {
        name: {kind: round(n / watched, 4) for kind, n in kinds.items()}
        | {"all": round(sum(kinds.values()) / (watched * len(KINDS)), 4)}
        for name, kinds in counts.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nab", type=Path, metavar="DIR", help="the busy brands; left out without it")
    parser.add_argument("--brands", type=int, default=20, help="simulated, of each kind of talk")
    parser.add_argument("--weeks", type=int, default=16)
    parser.add_argument("--json", action="store_true", help="the result as JSON (it is printed so in any case)")
    options = parser.parse_args()
    began = time.process_time()
    result: dict[str, object] = {
        "brands_of_each_kind": options.brands,
        "weeks": options.weeks,
        "quiet_false_per_week": quiet(options.brands, options.weeks),
    }
    if options.nab:
        every = busy.read(options.nab)
        result["busy"] = {name: busy.measure(every, one.settings)["standard"] for name, one in SENSITIVITIES.items()}
    print(json.dumps(result | {"cpu_s": round(time.process_time() - began, 1), "machine": machine()}, indent=1))


if __name__ == "__main__":
    main()
