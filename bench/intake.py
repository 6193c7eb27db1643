"""Posts per CPU-second through match → judge → book → store, for 1, 100 and 1,000 brands.

    python -m bench.intake [--usenet en_20news_raw_sample.jsonl.gz] [--posts 4000] [--json]

Short posts are the demo's own; the Usenet posts are data to measure on and never part of the project. Each number of
brands runs in a child process of its own, so that neither memory nor warm caches carry over.
"""

import argparse
import email
import email.policy
import gzip
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.machine import machine, peak_mib
from listener.clock import ManualClock
from listener.config import Brand, Names, load
from listener.demo.world import load_world
from listener.intake.batch import Intake
from listener.records import Post, Source
from listener.shipped import shipped
from listener.store.sqlite import open_store
from listener.urls import post_key

BRANDS = (1, 100, 1000)
BATCH = 200
NOW = datetime(2026, 3, 23, tzinfo=UTC)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
SPOKEN = {
    "short": ("Wagtail", "鶺鴒", "Copperline", "Northpier", "銅纜"),
    "usenet": ("Apple", "Intel", "Saturn", "Gateway", "Microsoft"),
}


def short_posts(count: int) -> Iterator[Post]:
    """The town's posts, over and over. After the first time each is a sentence of the post and others of its language,
    drawn anew, so that what is measured is not the grouping of near copies.
    """
    said = load_world(shipped("demo")).said
    sentences = [[one for one in _SENTENCE.split(post.text) if one] for post in said]
    pool: dict[str, list[str]] = {}
    for post, some in zip(said, sentences, strict=True):
        pool.setdefault(post.lang[:2], []).extend(some)
    draw = random.Random(7)
    for number in range(count):
        turn, at = divmod(number, len(said))
        one, own = said[at], sentences[at]
        more = draw.choices(pool[one.lang[:2]], k=max(3, len(own)))
        text = " ".join([own[turn % len(own)], *more]) if turn else one.text
        yield _post(number, one.title, one.author, text, one.at)


def usenet_posts(path: Path, count: int) -> Iterator[Post]:
    """Articles with their quotes taken out, as the archive readers do."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in zip(range(count), lines, strict=False):
            row = json.loads(line)
            mail = email.message_from_string(row["raw"], policy=email.policy.compat32)
            body = str(mail.get_payload())
            own = "\n".join(text for text in body.splitlines() if not text.startswith((">", ":", "|", "#")))
            yield _post(
                number, str(mail["Subject"] or ""), str(mail["From"] or ""), own, NOW - timedelta(minutes=number)
            )


def _post(number: int, title: str, author: str, text: str, at: datetime) -> Post:
    url = f"https://forum.example/viewtopic.php?p={number}#p{number}"
    thread = f"https://forum.example/viewtopic.php?t={hashlib.sha256(title.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return Post("bench", "forum.example", url, post_key(url), thread, title, 0, author, text, NOW, at)


def brands(count: int, spoken: Sequence[str]) -> tuple[Brand, ...]:
    """`count` brands with five names each. The first is the one that people speak of, so that every run judges the
    same mentions and the difference is the cost of the brands; the others are invented words.
    """
    random.seed(7)
    syllables = "ba co di fu ga hel im jor kan lo mer nal os pra qui ras sten tor ul vex".split()
    made = []
    for number in range(count):
        names = list(spoken) if number == 0 else [_word(syllables) + f"{number}x{i}" for i in range(5)]
        query = f"({' OR '.join(names)}) NOT (bird* OR orchard)"
        made.append(Brand(id=f"b{number}", name=Names(en=names[0], **{"zh-Hant": names[0]}), query=query))
    return tuple(made)


def _word(syllables: Sequence[str]) -> str:
    return "".join(random.choices(syllables, k=3)).title()


def measure(kind: str, brand_count: int, posts: int, usenet: Path | None) -> dict[str, object]:
    """One run in this process: CPU-seconds for `posts` posts in batches of BATCH."""
    source = usenet_posts(usenet, posts) if kind == "usenet" and usenet else short_posts(posts)
    batch = list(source)
    config = load(shipped("config")).model_copy(update={"brands": brands(brand_count, SPOKEN[kind])})
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "listener.db")
        origin = Source("bench", "feed", "https://forum.example/feed")
        store.sync_sources([origin], NOW)
        intake = Intake(store, config, ManualClock(NOW))
        began = time.process_time()
        for at in range(0, len(batch), BATCH):
            intake.take(batch[at : at + BATCH])
        spent = time.process_time() - began
        mentions = store.rows("select count(*) as n from mentions")[0]["n"]
        copies = store.rows("select count(*) as n from posts where story <> ''")[0]["n"]
        store.close()
    return {
        "posts": len(batch),
        "mentions": mentions,
        "in_stories": copies,
        "cpu_s": round(spent, 3),
        "posts_per_cpu_s": round(len(batch) / spent),
        "mean_characters": round(sum(len(post.text) for post in batch) / len(batch)),
        "peak_mib": peak_mib(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--usenet", type=Path, help="jsonl.gz with raw articles (group, encoding, raw)")
    parser.add_argument("--posts", type=int, default=4000)
    parser.add_argument("--json", action="store_true", help="print one JSON object (it always does)")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "BRANDS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], int(options.one[1]), options.posts, options.usenet)))
        return
    results: dict[str, dict[str, object]] = {}
    for kind in ("short", "usenet") if options.usenet else ("short",):
        runs = {}
        for count in BRANDS:
            command = [sys.executable, "-m", "bench.intake", "--posts", str(options.posts), "--one", kind, str(count)]
            command += ["--usenet", str(options.usenet)] if options.usenet else []
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            runs[str(count)] = json.loads(done.stdout)
        per_post = {count: run["cpu_s"] / run["posts"] for count, run in runs.items()}
        results[kind] = {"brands": runs, "cost_1000_over_1": round(per_post["1000"] / per_post["1"], 2)}
    print(json.dumps({"bench": "intake", "machine": machine(), "results": results}, indent=2))


if __name__ == "__main__":
    main()
