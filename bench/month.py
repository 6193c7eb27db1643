"""What a month's digest costs for a brand with 100,000 mentions in that month: time and memory of the whole command.

    python -m bench.month [--mentions 100000] [--runs 5] --json

A store is made with the mentions of March 2026 and a fifth as many of February (through the store's own API, the same
every time: two languages, 40 sources, 6,000 threads, 30,000 voices, topics, who leaves, answers by the company, copies,
matters, an alert, hours of coverage). Then `listener digest --period month` runs as a process of its own, config read,
store opened, digest made in both languages with its charts, stored and queued. `seconds` is the wall clock around that
process, `cpu_s` what it used, `peak_mib` the most memory it held. On a machine that is busy with other work, the
processor's time says more than the clock.

pandas, which only developers have, is hidden from it: sqlite-utils would load it wherever it is there. `with_pandas`
says what it costs then.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.machine import machine
from listener.judge.judge import ENGINE
from listener.records import Alert, Entry, Judgement, Label, Mention, Post, Source, SourceHealth, TopicTag
from listener.shipped import shipped
from listener.store.gathered import Visit
from listener.store.protocol import Matter
from listener.store.sqlite import SqliteStore, open_store
from listener.store.taken import Taken
from listener.urls import post_key

ZONE = ZoneInfo("Asia/Taipei")
FIRST = date(2026, 3, 1)
SOURCES, THREADS, VOICES, BATCH = 40, 6000, 30_000, 2000
SAID = (
    "Wagtail billed me twice this month and the desk says it cannot see the second payment at all.",
    "The Wagtail app wants my contacts again although I switched that off, and nobody answers my ticket.",
    "No signal from Wagtail between the station and the harbour since seven this morning, anybody else?",
    "Thanks to the person at the Wagtail desk who moved my number in ten minutes without a fuss.",
    "Wagtail's new plan looks cheaper until you read what the second year costs those who stay.",
    "鶺鴒電信這個月又多收了一筆費用，客服說要等十四個工作天才能查。",
    "鶺鴒的 App 更新之後一直要求通訊錄權限，關掉又自己打開，客服只回罐頭訊息。",
    "早上七點開始港口這邊鶺鴒完全沒有訊號，有人一樣嗎？",
    "感謝鶺鴒門市的小姐，十分鐘就幫我把門號搬好了。",
)
TOPICS = (
    ("billing-error", -1, 1.0, "billing"), ("data-misuse", -1, 2.0, "privacy"), ("outage", -1, 1.0, "network"),
    ("great-service", 1, 1.5, "support"), ("newcomers-favoured", -1, 1.0, "loyalty"),
    ("hidden-fees", -1, 1.0, "billing"), ("unresponsive-service", -1, 2.0, "support"),
    ("quick-answer", 1, 1.0, "support"), ("product-love", 1, 1.0, "product"),
)  # fmt: skip


def mentions(count: int, first: date, days: int, numbers: Iterator[int]) -> Iterator[Taken]:
    """Posts spread over the days, most of them in daytime, drawn the same every time."""
    draw = random.Random(first.toordinal())
    start = datetime.combine(first, datetime.min.time(), ZONE)
    times = sorted(86400 * draw.randrange(days) + int(draw.triangular(0, 86399, 60000)) for _ in range(count))
    for seconds in times:
        yield _taken(next(numbers), start + timedelta(seconds=seconds), draw)


def _taken(number: int, at: datetime, draw: random.Random) -> Taken:
    kind = draw.randrange(len(SAID))
    text = f"{SAID[kind]} ({number})"
    source, thread = draw.randrange(SOURCES), int(draw.paretovariate(0.6)) % THREADS
    by_brand = draw.random() < 0.005
    url = f"https://board-{source}.example/t/{thread}/p/{number}"
    tags = [TOPICS[(kind + n) % len(TOPICS)] for n in range(draw.choice((0, 1, 1, 2)))]
    sign = tags[0][1] if tags else draw.choice((-1, 1))
    feeling = round(sign * draw.betavariate(2, 2), 4)
    label: Label = "negative" if feeling < -0.1 else "positive" if feeling > 0.1 else "neutral"
    key = post_key(url)
    spans = ((0, 7),)
    return Taken(
        post=Post(
            source=f"board-{source}", platform=f"board-{source}.example", url=url, key=key,
            thread_url=f"https://board-{source}.example/t/{thread}", thread_title=f"Thread {thread} about Wagtail",
            position=number % 20, author=str(number), text=text, fetched=at + timedelta(minutes=5), published=at,
            likes=draw.randrange(9), replies=draw.randrange(5),
        ),
        voice=f"{draw.randrange(VOICES):016x}", quote_voices=(), content_hash=f"{number:032x}",
        fingerprint=f"{number:016x}", language="en" if text.isascii() else "zh-Hant",
        mentions=(Mention(key, "wagtail", "text", spans, ("Wagtail",)),),
        judgements=(
            Judgement(
                key, "wagtail", feeling, label, round(draw.uniform(0.4, 0.95), 3),
                tuple(TopicTag(tag[0], 0.8, spans) for tag in tags), draw.random() < 0.02, False, spans,
                "en", f"{ENGINE} taxonomy-1",
            ),
        ),
        query_versions={"wagtail": "q"}, days={"wagtail": at.date()},
        by_brand=frozenset({"wagtail"} if by_brand else ()),
    )  # fmt: skip


def fill(store: SqliteStore, count: int) -> None:
    """A store in which the month and some of the month before happened."""
    sources = [
        Source(f"board-{n}", "forum", f"https://board-{n}.example/", ("wagtail",), 3600, 3600) for n in range(SOURCES)
    ]
    began = datetime(2026, 1, 25, tzinfo=UTC)
    store.sync_sources(sources, began)
    _hear(store, sources, began, datetime(2026, 4, 1, tzinfo=UTC))
    numbers = iter(range(10**9))
    waiting: list[Taken] = []
    with store.transaction():
        store.write_many(
            "INSERT INTO voices (voice, platform, first_seen) VALUES (?, 'board', '2026-01-25T00:00:00Z')",
            [(f"{number:016x}",) for number in range(VOICES)],
        )
    for first, days, part in ((date(2026, 2, 1), 28, count // 5), (FIRST, 31, count)):
        for taken in mentions(part, first, days, numbers):
            waiting.append(taken)
            if len(waiting) == BATCH:
                _take(store, waiting)
                waiting = []
    _take(store, waiting)
    _advise(store)


def _take(store: SqliteStore, batch: Sequence[Taken]) -> None:
    """Into the store, each post as one entry of its voice's day; the strongest stays where a voice spoke twice."""
    weights = {topic: (weight, point) for topic, _, weight, point in TOPICS}
    with store.transaction():
        store.add(batch, [], datetime(2026, 4, 1, tzinfo=UTC))
        for taken in batch:
            judged, day = taken.judgements[0], taken.days["wagtail"]
            reason = judged.topics[0].topic if judged.topics else ""
            weight, point = weights.get(reason, (1.0, "relationship"))
            amount = max(-10.0, min(10.0, 5 * judged.sentiment * weight))
            if amount and not taken.by_brand:
                entry = Entry("wagtail", taken.voice, day, amount, point, reason, taken.post.key)
                store.replace_entries("wagtail", taken.voice, day, [entry])


def _hear(store: SqliteStore, sources: Sequence[Source], since: datetime, until: datetime) -> None:
    """Every source heard every hour, but for one that is blocked from the fifteenth on."""
    hours = int((until - since) / timedelta(hours=1))
    with store.transaction():
        for hour in range(hours):
            at = since + timedelta(hours=hour)
            blocked = at >= datetime(2026, 3, 15, tzinfo=UTC)
            visits = [
                Visit(
                    SourceHealth(one.name, at, "blocked", "403 Forbidden")
                    if blocked and one is sources[0]
                    else SourceHealth(one.name, at, "heard", posts=3, new=3),
                    {}, at + timedelta(hours=1), 3600.0,
                )
                for one in sources
            ]  # fmt: skip
            store.finish_visits(visits, "bench")


def _advise(store: SqliteStore) -> None:
    """Three matters and an alert, so that every part of the page has something to say."""
    at = datetime(2026, 3, 11, 4, tzinfo=UTC)
    day = date(2026, 3, 11)
    store.save_matter(Matter("wagtail", "data-misuse", at, day, date(2026, 3, 31), 400, 380))
    store.save_matter(
        Matter(
            "wagtail",
            "outage",
            at,
            day,
            date(2026, 3, 13),
            90,
            3,
            at + timedelta(hours=9),
            date(2026, 3, 16),
            "answered",
        )
    )
    store.save_matter(
        Matter("wagtail", "billing-error", at, day, date(2026, 3, 14), 60, 0, None, date(2026, 3, 20), "cooled")
    )
    alert = Alert(
        "a" * 32, "wagtail", "topic:data-misuse", "data-misuse", "high", "acknowledged", at, at - timedelta(hours=2),
        at + timedelta(days=2), 9.0, 40, 3.0, 3.0, ("board-1",), ("far above",), (), "Lin Mei", at + timedelta(hours=1),
        None, 900, 60,
    )  # fmt: skip
    store.save_alert(alert, "opened", at)


def prepared(folder: Path) -> Path:
    """A config that asks for the month's digest in both languages, beside its store."""
    config = folder / "config"
    shutil.copytree(shipped("config"), config)
    (config / "brands.toml").write_text(
        '[[brand]]\nid = "wagtail"\nname = { en = "Wagtail", zh-Hant = "鶺鴒電信" }\nquery = "wagtail"\n'
        'time_zone = "Asia/Taipei"\ndigest_to = ["mei", "desk"]\n',
        encoding="utf-8",
    )
    source = (
        '[[source]]\nname = "board-{n}"\nkind = "forum"\nurl = "https://board-{n}.example/"\nbrands = ["wagtail"]\n'
    )
    (config / "sources.toml").write_text("".join(source.format(n=n) for n in range(SOURCES)), encoding="utf-8")
    person = '[[person]]\nid = "{0}"\nname = "{0}"\nmail = "{0}@brand.example"\nlanguage = "{1}"\ndigests = ["month"]\n'
    readers = (("mei", "zh-Hant"), ("desk", "en"))
    (config / "people.toml").write_text("".join(person.format(*one) for one in readers), encoding="utf-8")
    (config / "listener.toml").write_text('store = "listener.db"\n', encoding="utf-8")
    return config


def run(config: Path, *, with_pandas: bool) -> dict[str, float]:
    """One month's digest, made anew by a process of its own."""
    hide = "" if with_pandas else "sys.modules['pandas'] = None; "
    code = f"import sys; {hide}from listener.cli import main; sys.argv[0] = 'listener'; main()"
    asked = ["digest", "--config", str(config), "--brand", "wagtail", "--period", "month", "--day", "2026-03-31"]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *asked, "--again"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said, errors = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or "2026-03-31" not in said:
        raise RuntimeError(f"{said}{errors}")
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return {
        "seconds": round(seconds, 3),
        "cpu_s": round(used.ru_utime + used.ru_stime, 3),
        "peak_mib": round(used.ru_maxrss / scale, 1),
    }


def plain_loop() -> float:
    """CPU seconds of ten million steps of plain Python, to compare machines, and busy ones with idle ones."""
    begun, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number * number
    return round(time.process_time() - begun, 3)


def summed(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median of each figure, and the worst memory."""
    middle = {name: round(statistics.median(one[name] for one in runs), 3) for name in ("seconds", "cpu_s")}
    return middle | {
        "least_seconds": min(one["seconds"] for one in runs),
        "peak_mib": max(one["peak_mib"] for one in runs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="make the store here, and leave it")
    parser.add_argument("--json", action="store_true", help="the result as JSON (it is printed so in any case)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "config").exists():
            store = open_store(folder / "listener.db")
            fill(store, options.mentions)
            store.close()
            prepared(folder)
        run(folder / "config", with_pandas=False)  # the files are in the machine's cache from here on
        runs = [run(folder / "config", with_pandas=False) for _ in range(options.runs)]
        result = {
            "mentions": options.mentions, "mentions_before": options.mentions // 5, "languages": 2,
            **summed(runs), "with_pandas": summed([run(folder / "config", with_pandas=True) for _ in range(2)]),
            "load_average": round(os.getloadavg()[0], 1), "plain_loop_cpu_s": plain_loop(),
        }  # fmt: skip
    print(json.dumps(result | {"machine": machine()}, indent=1))


if __name__ == "__main__":
    main()
