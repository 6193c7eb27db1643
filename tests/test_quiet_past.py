"""Quiet brands: what is summed up and kept between looks changes no decision."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from listener.records import Alert, Judged
from listener.report.pasts import PAST_DAYS, Pasts, edge_for
from listener.report.watching import Memory, look_at
from listener.store.corrected import Correction
from listener.store.sqlite import SqliteStore, open_store
from listener.store.taken import Taken
from listener.watch.alarm import watch
from listener.watch.past import crises_before, reach_h, sum_up
from listener.watch.settings import DEFAULTS
from listener.watch.sight import exposure_of
from tests.helpers_house import NOW, SOURCE
from tests.helpers_store import make_taken
from tests.helpers_watch import START, TOPICS, at, heard, post

DAYS, WATCHED = 40, 9  # days of talk; the last of them are looked at


def stream(dice: random.Random, rate: float) -> list[Judged]:
    """Talk with answers in the threads, arrivals some hours late, names in passing, and two outcries.

    None comes days late: whether an answer counts as talk depends on what of its thread came before it, and what comes
    after the edge but belongs before it is taken first in the one look, last in the other.
    """
    made: list[Judged] = []
    usual = [0.0]
    while usual[-1] < DAYS * 24:
        usual.append(usual[-1] + dice.expovariate(rate))
    outcries = [dice.uniform(first, last) * 24 for first, last in ((31.5, 34), (36, 39))]
    angry = [one + dice.uniform(0, 4) for one in outcries for _ in range(24)]
    for hour, loud in sorted([*((one, False) for one in usual[1:-1]), *((one, True) for one in angry)]):
        for _ in range(dice.randint(1, 2) if loud else 1):
            number = len(made)
            answer = bool(made) and dice.random() < 0.5
            thread = (
                made[-dice.randint(1, min(6, number))].thread_url if answer else f"https://forum.example/t/{number}"
            )
            when = at(hour + dice.random() * 0.2)
            late = timedelta(hours=dice.choice([0.1, 1, 2, 5, 9]) if dice.random() < 0.3 else 0)
            about = loud or dice.random() < 0.8
            one = post(
                str(number), when, *dice.sample(["safety", "outage", "hidden-fees"], dice.choice([0, 0, 1])),
                feeling=dice.choice([-1, -1, 0] if loud else [-1, 0, 0, 1]), voice=f"v{dice.randrange(60)}",
                thread_url=thread, first_seen=when + late, position=1 if answer else 0,
                where="thread" if answer and dice.random() < 0.3 else "text",
                named=((0, 4),) if about else ((990, 994),), text="Acme " * 200, backfilled=dice.random() < 0.02,
            )  # fmt: skip
            made.append(replace(one, leaving=dice.random() < 0.05))
    return made


@pytest.mark.parametrize("seed", range(6))
def test_a_look_with_a_past_sees_what_a_look_at_everything_sees(seed: int) -> None:
    dice = random.Random(seed)
    posts = stream(dice, (0.05, 0.2, 0.5)[seed % 3])
    hours_heard = heard(DAYS * 24 + 2)
    exposure = exposure_of(hours_heard, START, at(DAYS * 24 + 2))
    alerts: dict[str, Alert] = {}
    since = START + timedelta(days=DAYS - WATCHED)
    raised = 0
    while since < START + timedelta(days=DAYS):
        now = since + timedelta(minutes=dice.choice([1, 60, 400]))
        known = [one for one in posts if one.first_seen <= now]
        opened = [one.began - timedelta(hours=1) for one in alerts.values() if one.state != "closed"]
        edge = min([since - timedelta(hours=24 + reach_h(DEFAULTS)), *opened])
        first = edge - timedelta(days=PAST_DAYS)
        crises = crises_before(alerts.values(), edge, DEFAULTS)
        before = [one for one in known if one.when < edge]
        past = sum_up(before, exposure, TOPICS, first, edge, crises, now, DEFAULTS)
        rest = [one for one in known if one.when >= edge]
        whole = watch(known, exposure, TOPICS, list(alerts.values()), since, now)
        assert watch(rest, exposure, TOPICS, list(alerts.values()), since, now, past=past) == whole
        alerts |= {change.alert.key: change.alert for change in whole}
        raised += sum(change.event == "opened" for change in whole)
        since = now
    assert raised


# through the store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(tmp_path / "listener.db")
    opened.sync_sources([SOURCE], NOW - timedelta(days=70))
    yield opened
    opened.close()


def said(store: SqliteStore, number: int, when: datetime, late: timedelta = timedelta(), **more: object) -> Taken:
    made = make_taken(store, number, f"Wagtail {number}", at=when, source=SOURCE.name, **more)  # type: ignore[arg-type]
    return replace(made, post=replace(made.post, fetched=when + late))


def hear(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source was heard in every hour."""

    def all_hours(_: object, since: datetime, until: datetime) -> dict[str, tuple[datetime, ...]]:
        first = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        count = int((until - first) / timedelta(hours=1)) + 1
        return {SOURCE.name: tuple(first + timedelta(hours=n) for n in range(max(0, count)))}

    monkeypatch.setattr(SqliteStore, "heard_hours", all_hours)


def both(store: SqliteStore, since: datetime, now: datetime, memory: Memory) -> tuple[Alert, ...]:
    """One look with what was kept and one without; their changes are the same, and booked."""
    with store.transaction():
        before = store.watched_to("wagtail")
        fresh = look_at(store, TOPICS, "wagtail", since, now, Memory())
        store.set_watched_to("wagtail", before)
        kept = look_at(store, TOPICS, "wagtail", since, now, memory)
        assert kept.changes == fresh.changes
        for change in kept.changes:
            store.save_alert(change.alert, change.event, change.at)
        store.set_looked_until("wagtail", now)
    return tuple(change.alert for change in kept.changes)


def begin(store: SqliteStore, posts: Sequence[Taken], at: datetime) -> None:
    store.add(posts, (), at)
    store.set_looked_until("wagtail", at)
    store.set_watched_to("wagtail", store.newest_mention())


@pytest.mark.parametrize("seed", range(4))
def test_a_memory_that_was_kept_decides_as_an_empty_one(
    store: SqliteStore, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(monkeypatch)
    dice = random.Random(seed)

    def one(number: int, when: datetime, late: float = 0.0, loud: bool = False) -> Taken:
        return said(
            store, number, when, timedelta(hours=late), author=f"a{dice.randrange(50)}", thread=number // 2,
            sentiment=-0.9 if loud else dice.choice([-0.9, 0.0, 0.9]), position=number % 2,
            topics=["outage"] if loud or dice.random() < 0.1 else [],
        )  # fmt: skip

    start = NOW - timedelta(days=5)
    old = sorted(start - timedelta(days=55 * dice.random()) for _ in range(dice.choice([60, 250])))
    begin(store, [one(number, when) for number, when in enumerate(old)], start)
    memory, since, number, changes = Memory(), start, len(old), list[Alert]()
    outcry = start + timedelta(hours=dice.uniform(10, 60))
    while since < NOW:
        now = since + timedelta(minutes=dice.choice([7, 30, 90]))
        came = []
        loud = timedelta() <= now - outcry < timedelta(hours=4)
        for _ in range(dice.randint(2, 6) if loud else dice.choice([0, 0, 0, 1])):
            number += 1
            late = 0.0 if loud else dice.choice([0, 0, 0, 1, 8, 20, 30, 300])
            came.append(one(number, now - timedelta(seconds=9 + dice.randrange(200), hours=late), late, loud))
        store.add(came, (), now)
        changes += both(store, since, now, memory)
        since = now
    assert len(memory.pasts) == 1
    assert {alert.state for alert in changes} >= {"open"}


def test_of_the_mentions_of_two_months_only_the_last_days_are_read_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(monkeypatch)
    begin(store, [said(store, n, NOW - timedelta(hours=7 * n)) for n in range(1, 200)], NOW)
    memory, minute, read = Memory(), timedelta(minutes=1), list[int]()

    def look(number: int, now: datetime, late: timedelta = timedelta()) -> int:
        store.add([said(store, number, now - late, late)], (), now)
        read.clear()
        with store.transaction():
            look_at(store, TOPICS, "wagtail", now - minute, now, memory)
            store.set_looked_until("wagtail", now)
        return sum(read)

    rows = SqliteStore.judged_rows

    def counted(self: SqliteStore, sql: str, parameters: object) -> list[Judged]:
        found = rows(self, sql, parameters)  # type: ignore[arg-type]
        read.append(len(found))
        return found

    monkeypatch.setattr(SqliteStore, "judged_rows", counted)
    assert look(1000, NOW + minute) > 190
    assert look(1001, NOW + 2 * minute) < 12
    # A mention that comes weeks late belongs to what was summed up.
    assert look(1002, NOW + 3 * minute, timedelta(days=20)) > 190
    assert look(1003, NOW + 4 * minute) < 12
    # What was deleted or corrected is found within the hour.
    old = said(store, 30, NOW - timedelta(hours=210)).post.key
    store.mark_deleted([old], NOW)
    assert look(1004, NOW + timedelta(hours=1, minutes=4)) > 190
    assert look(1005, NOW + timedelta(hours=2, minutes=4)) < 12
    old = said(store, 31, NOW - timedelta(hours=217)).post.key
    store.correct(old, "wagtail", [Correction(old, "wagtail", NOW, "mei", "feeling", "neutral", "negative")])
    assert look(1006, NOW + timedelta(hours=3, minutes=4)) > 190


def test_pasts_that_are_too_large_drop_the_one_that_was_unused_longest(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(monkeypatch)
    names = ["one", "two", "three"]
    store.add([said(store, n, NOW - timedelta(days=9, hours=n), brand=names, thread=n) for n in range(40)], (), NOW)
    exposure = Memory().exposure(store, NOW)
    pasts, asked = Pasts(held=200), list[str]()
    monkeypatch.setattr(SqliteStore, "judged_mark", lambda _, brand, *__: asked.append(brand) or "")
    for name in ("one", "two", "one", "three", "one", "two"):
        edge = edge_for(name, NOW - timedelta(days=2))
        pasts.of(store, TOPICS, name, exposure, [], edge, NOW, DEFAULTS)
    assert asked == ["one", "two", "three", "two"]
