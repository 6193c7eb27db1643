"""What would the watch have told, and when? Posts of the past through the real intake, judge and watch, in their order.

    python -m bench.replay FILE.csv[.gz] [--brand NAME [--query "…"]]… [--since DATE] [--until DATE]
                           [--topics FILE.toml|ID,ID] [--every MINUTES] [--gap HOURS] [--no-text] --json

The columns are told in bench/past.py. Each --brand may be followed by its --query; without one the query is the name.
Without --brand the file's brand column says whom to listen for. A brand that stands in that column, and has no --query,
is spoken of in those rows and in no other.
Listening begins at --since: nothing before it is known.

Posts reach the house at the first look after they were written; it looks every five simulated minutes. Each alert is
told with `queued_utc`, the look at which its mail was queued. A look where nothing came changes nothing, and two looks
come to the same as one over both (tests/test_watch_alarm.py), so that by default the alarm is run once a simulated day
over the looks of that day (--every 5 runs it at every one, and tells the same; see tests/test_bench_replay.py).

The archive has holes, in which nobody could listen: between two posts that are further apart than --gap hours (a day)
its source counts as unheard. `weeks` are those hours that count as heard, `rate` alerts a brand and heard week.
"""

import argparse
import itertools
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from bench.machine import machine
from bench.past import SOURCE, posts, read
from listener.clock import ManualClock
from listener.config import Brand, Config, Names, Person, SourcePart, load
from listener.errors import ListenerError
from listener.intake.batch import Intake
from listener.records import Alert, Mention, Post, SourceHealth
from listener.report.alerting import watch
from listener.report.watching import Memory
from listener.shipped import shipped
from listener.store.gathered import Visit
from listener.store.protocol import Store
from listener.store.sqlite import open_store

LOOK = timedelta(minutes=5)
DAY = timedelta(days=1)
UNUSED = '"known by its column"'  # a brand needs a query
SHOWN = 160  # code points of a piece of evidence
_SEEN_BY = "bench"


class ByColumn(Intake):
    """The intake; brands of the file's brand column are in the posts that the column says, and in no other."""

    columns: dict[str, str]  # id → name
    rows: dict[str, frozenset[str]]  # post key → ids of the brands that its rows name

    def match(self, post: Post, opener_brands: frozenset[str]) -> tuple[Mention, ...]:
        found = [mention for mention in super().match(post, opener_brands) if mention.brand not in self.columns]
        for brand in sorted(self.rows.get(post.key, frozenset()) & self.columns.keys()):
            pattern = rf"(?<!\w){re.escape(self.columns[brand])}(?!\w)"
            spans = tuple(match.span() for match in re.finditer(pattern, post.text, re.IGNORECASE))
            terms = tuple(dict.fromkeys(post.text[start:end] for start, end in spans))
            found.append(Mention(post.key, brand, "text" if spans else "thread", spans, terms))
        return tuple(found)


def brand_id(name: str) -> str:
    """A brand's name as an id of the config."""
    plain = "".join(sign.lower() if sign.isalnum() and sign.isascii() else "-" for sign in name).strip("-")
    return plain or "brand-" + name.encode().hex()


def config_of(pairs: Sequence[tuple[str, str]], home: Path, topics: str = "") -> Config:
    """The shipped config, listening for these (name, query); the topics of a file, or only those with these ids.

    Raises:
        ListenerError: a topic is not known.
    """
    config = load(shipped("config"))
    chosen = config.topics
    if topics.endswith(".toml"):
        folder = home / "config"
        folder.mkdir()
        for file in shipped("config").glob("*.toml"):
            (folder / file.name).write_bytes(file.read_bytes())
        (folder / "topics.toml").write_bytes(Path(topics).read_bytes())
        chosen = load(folder).topics
    elif topics:
        chosen = tuple(config.topic(name.strip()) for name in topics.split(","))
    person = Person(id="desk", name="Crisis desk", mail="desk@brand.example")
    brands = tuple(
        Brand(id=brand_id(name), name=Names(en=name, **{"zh-Hant": name}), query=query, alerts_to=(person.id,))
        for name, query in pairs
    )
    source = SourcePart(name=SOURCE, kind="feed", url="https://past.example/feed")
    main = {"home": home, "brands": brands, "people": (person,), "sources": (source,), "topics": chosen}
    return config.model_copy(update=main)


class Replay:
    """One run over a store that is thrown away.

    Args:
        gap: between posts further apart nobody listened. every: how often the alarm is run.
        columns: brands (id → name) that the file's brand column tells.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        gap: timedelta = DAY,
        every: timedelta = DAY,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.store, self.config, self._gap, self._every = store, config, gap, every
        self.clock = ManualClock(datetime(1970, 1, 1, tzinfo=UTC))
        self._intake = ByColumn(store, config, self.clock)
        self._intake.columns, self._intake.rows = dict(columns or {}), {}
        self._seen, self._memory = 0, Memory()
        self.queued: dict[str, datetime] = {}  # alert → the look at which it was queued
        self.posts, self.heard = 0, timedelta()
        self._last: datetime | None = None

    def run(self, told: Iterable[tuple[Post, frozenset[str]]]) -> tuple[Alert, ...]:
        """Push posts, in the order of time, and look; the alerts, by the time they were raised."""
        self.store.sync_sources(self.config.source_records(), self.clock.now())
        due: datetime | None = None
        for look, batch in _looks(told):
            if due is None:
                for brand in self.config.brands:
                    self.store.set_looked_until(brand.id, look - 2 * LOOK)
                due = look + self._every
            elif due < look:
                self._watch(due)
                while due < look:
                    due += self._every
            self._take(look, batch)
        if due is not None:
            self._watch(due)
        return tuple(self.store.alerts())

    def _take(self, look: datetime, batch: Sequence[tuple[Post, frozenset[str]]]) -> None:
        self.clock.set(look)
        self._intake.rows = {post.key: frozenset(map(brand_id, named)) for post, named in batch if named}
        self._intake.take([post for post, _ in batch])
        health = SourceHealth(SOURCE, look, "heard", posts=len(batch), new=len(batch))
        interval = self._gap.total_seconds()
        self.store.finish_visits([Visit(health, {}, look + LOOK, interval)], _SEEN_BY)
        self.posts += len(batch)
        if self._last is not None and look - self._last <= self._gap:
            self.heard += look - self._last
        self._last = look

    def _watch(self, now: datetime) -> None:
        """Look at the brands of which something was said since, and at those with an open alert."""
        self.clock.set(now)
        new = self.store.rows("select distinct brand from mentions where mention > :seen", {"seen": self._seen})
        spoken = {row["brand"] for row in new}
        self._seen = self.store.newest_mention()
        spoken |= {alert.brand for alert in self.store.alerts(open_only=True)}
        for brand in self.config.brands:
            if brand.id in spoken:
                for alert in watch(self.store, self.config, brand, now, self._memory):
                    self.queued.setdefault(alert.key, _look(alert.opened))


def _looks(
    told: Iterable[tuple[Post, frozenset[str]]],
) -> Iterator[tuple[datetime, list[tuple[Post, frozenset[str]]]]]:
    """The posts that each look finds, as read then."""
    for look, batch in itertools.groupby(told, key=lambda pair: _look(pair[0].when)):
        yield look, [(replace(post, fetched=look), named) for post, named in batch]


def _look(at: datetime) -> datetime:
    """The first look at or after a moment."""
    return datetime.fromtimestamp(-(-int(at.timestamp()) // 300) * 300, UTC)


def told_of(alert: Alert, queued: datetime, store: Store, brand: str, texts: bool) -> dict[str, object]:
    """An alert as it is printed; without `texts` nothing of what people wrote is in it."""
    seen = {post.post_key: post for post in store.judged(alert.brand, keys=alert.evidence)}
    evidence = [seen[key] for key in alert.evidence if key in seen]
    return {
        "brand": brand,
        "queued_utc": f"{queued:%Y-%m-%d %H:%M:%S}",
        "stream": alert.stream,
        "topic": alert.topic,
        "severity": alert.severity,
        "state": alert.state,
        "score": alert.score,
        "voices": alert.voices,
        "expected": alert.expected,
        "window_h": alert.window_h,
        "began_utc": f"{alert.began:%Y-%m-%d %H:%M:%S}",
        "last_activity_utc": f"{alert.last_activity:%Y-%m-%d %H:%M:%S}",
        "reasons": list(alert.reasons),
        "evidence": [
            {"utc": f"{post.when:%Y-%m-%d %H:%M:%S}"}
            | ({"title": post.thread_title, "text": post.text[:SHOWN]} if texts else {})
            for post in evidence
        ],
    }


def replay(
    path: Path,
    pairs: Sequence[tuple[str, str]],
    since: datetime | None = None,
    until: datetime | None = None,
    topics: str = "",
    gap: timedelta = DAY,
    every: timedelta = DAY,
    texts: bool = True,
) -> dict[str, object]:
    """The whole run; see the head of this file.

    Raises:
        ListenerError: the file, a query or the topics are wrong, or there is no brand.
    """
    rows = [row for row in read(path) if (since is None or row.at >= since) and (until is None or row.at < until)]
    named = {row.brand for row in rows} - {""}
    pairs = pairs or [(name, "") for name in sorted(named)]
    if not pairs:
        raise ListenerError(f"{path} has no brand column with names in it: say --brand NAME")
    with tempfile.TemporaryDirectory() as folder:
        columns = {brand_id(name): name for name, query in pairs if not query and name in named}
        queries = [(name, query or (UNUSED if name in named else _quoted(name))) for name, query in pairs]
        config = config_of(queries, Path(folder), topics)
        store = open_store(Path(folder) / "listener.db")
        try:
            run = Replay(store, config, gap, every, columns)
            names = {brand.id: brand.name.en for brand in config.brands}
            alerts = [
                told_of(alert, run.queued.get(alert.key, alert.opened), store, names[alert.brand], texts)
                for alert in run.run(posts(rows))
            ]
            spoken = store.rows("select brand, count(*) as n from mentions where muted = '' group by brand")
        finally:
            store.close()
    mentions = {names[row["brand"]]: row["n"] for row in spoken}
    rung = Counter(str(alert["brand"]) for alert in alerts)
    weeks = run.heard / timedelta(weeks=1)
    per_brand = {
        name: {
            "mentions": mentions.get(name, 0),
            "alerts": rung[name],
            "alerts_per_week": round(rung[name] / weeks, 4) if weeks else None,
        }
        for name in names.values()
    }
    return {
        "alerts": alerts,
        "totals": {
            "posts": run.posts,
            "mentions": sum(mentions.values()),
            "brands": len(names),
            "weeks": round(weeks, 2),
            "alerts": len(alerts),
            "alerts_per_week": round(len(alerts) / weeks, 4) if weeks else None,
            "alerts_per_brand_week": round(len(alerts) / weeks / len(names), 4) if weeks else None,
        },
        "brands": per_brand,
    }


def _quoted(name: str) -> str:
    """A name as a query."""
    return '"' + name.replace('"', " ") + '"'


class _Query(argparse.Action):
    """--query belongs to the --brand before it."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        if not namespace.brand:
            parser.error("--query needs a --brand before it")
        namespace.query[len(namespace.brand) - 1] = str(values)


def _day(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--brand", action="append", default=[], metavar="NAME")
    parser.add_argument("--query", action=_Query, default={}, help="of the brand before it")
    parser.add_argument("--since", type=_day)
    parser.add_argument("--until", type=_day)
    parser.add_argument("--topics", default="", help="a topics.toml, or ids of topics, by commas")
    parser.add_argument("--every", type=float, default=1440, metavar="MINUTES")
    parser.add_argument("--gap", type=float, default=24, metavar="HOURS")
    parser.add_argument("--no-text", action="store_true", help="evidence by its times only, for results that are kept")
    parser.add_argument("--json", action="store_true", help="all of it as one JSON object")
    options = parser.parse_args(arguments)
    options.pairs = [(name, options.query.get(at, "")) for at, name in enumerate(options.brand)]
    return options


def main() -> None:
    options = options_of()
    began = time.process_time()
    try:
        result = replay(
            options.file, options.pairs, options.since, options.until, options.topics,
            timedelta(hours=options.gap), timedelta(minutes=options.every), not options.no_text,
        )  # fmt: skip
    except ListenerError as error:
        sys.exit(f"bench.replay: {error}")
    result |= {"file": options.file.name, "cpu_s": round(time.process_time() - began, 1), "machine": machine()}
    if options.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return
    for alert in cast(list[dict[str, object]], result["alerts"]):
        print(*(alert[key] for key in ("queued_utc", "brand", "stream", "score", "voices", "severity")))
    print(json.dumps({"totals": result["totals"], "brands": result["brands"]}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
