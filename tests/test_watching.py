"""Busy brands through the store: looked at by what is kept of them, with the same alerts whatever was forgotten."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from listener.errors import ListenerError
from listener.house import House
from listener.records import Alert
from listener.store.sqlite import SqliteStore
from tests.helpers_house import NOW, heard, house_in
from tests.helpers_store import make_taken

BEGIN = NOW - timedelta(days=9)
"""Eight days of talk, judged neutral; the watch looks from day eight on."""


Said: TypeAlias = tuple[int, datetime]  # a post's number, and when it was written; it reaches us five minutes later


@pytest.fixture(scope="module")
def talk() -> list[Said]:
    dice, posts, at = random.Random(5), list[Said](), BEGIN
    while (at := at + timedelta(hours=dice.expovariate(16))) < NOW - timedelta(days=1):
        posts.append((len(posts), at))
    return posts


def take(house: House, posts: list[Said]) -> None:
    store = house.store
    assert isinstance(store, SqliteStore)
    taken = [
        make_taken(store, number, f"Acme {number}", author=f"a{number}", brand="acme", at=at, source="town")
        for number, at in posts
    ]
    store.add(taken, (), max(at for _, at in posts))


@contextmanager
def busy_house(home: Path, talk: list[Said]) -> Iterator[tuple[House, Callable[[datetime], tuple[Alert, ...]]]]:
    with house_in(home, NOW - timedelta(days=1)) as (house, clock):
        heard(house, BEGIN, NOW + timedelta(days=3))
        take(house, talk)
        house.store.set_looked_until("acme", NOW - timedelta(days=1, hours=1))

        def look(now: datetime) -> tuple[Alert, ...]:
            clock.set(now)
            return house.watch()

        look(NOW - timedelta(days=1))
        assert "acme" in house.memory.busy
        yield house, look


def test_an_outcry_at_a_busy_brand_is_queued_at_the_next_look(tmp_path: Path, talk: list[Said]) -> None:
    with busy_house(tmp_path, talk) as (house, look):
        begin = NOW - timedelta(hours=20)
        for minute in range(0, 16, 2):
            take(house, [(10_000 + 10 * minute + n, begin + timedelta(minutes=minute, seconds=n)) for n in range(8)])
            changed = look(begin + timedelta(minutes=minute + 6))
            if changed:
                break
        assert [alert.stream for alert in changed] == ["all"]
        assert minute <= 14
        assert len(changed[0].evidence) > 5
        assert len(house.store.claim_messages(begin + timedelta(hours=1), "me", 9, timedelta(minutes=5))) == 1
        assert [alert.state for alert in look(begin + timedelta(hours=30))] == ["closed"]


def test_whatever_is_forgotten_between_looks_the_alerts_are_the_same(tmp_path: Path, talk: list[Said]) -> None:
    """A process that runs on, one that is started anew before each look, and one whose cache was lost."""
    found = {}
    for name in ("kept", "restarted", "lost"):
        with busy_house(tmp_path / name, talk) as (house, look):
            rows = []
            for step in range(6):
                at = NOW - timedelta(hours=20 - step)
                take(
                    house,
                    [
                        (20_000 + 500 * step + n, at - timedelta(minutes=50) + timedelta(seconds=9 * n))
                        for n in range(90 if step == 3 else 12)
                    ],
                )
                if name != "kept":
                    house.memory.busy.clear()
                if name == "lost":
                    house.store.keep_habits("acme", None, at)
                rows += [(alert.key, alert.state) for alert in look(at)]
            found[name] = rows
    assert found["kept"] == found["restarted"]
    assert found["kept"]
    assert found["lost"]


def test_a_quiet_look_reads_no_posts(tmp_path: Path, talk: list[Said], monkeypatch: pytest.MonkeyPatch) -> None:
    with busy_house(tmp_path, talk) as (house, look):
        asked: list[str] = []
        for name in ("judged", "judged_after", "heard_hours"):
            monkeypatch.setattr(type(house.store), name, lambda *_, called=name, **__: asked.append(called))
        assert look(NOW - timedelta(hours=12)) == ()
        assert asked == []


def test_a_look_that_failed_is_made_again_whole(
    tmp_path: Path, talk: list[Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy_house(tmp_path, talk) as (house, look):
        at = NOW - timedelta(hours=20)
        take(house, [(30_000 + n, at + timedelta(seconds=5 * n)) for n in range(80)])
        with monkeypatch.context() as patch:
            patch.setattr(type(house.store), "save_alert", _fail)
            with pytest.raises(ListenerError):
                look(at + timedelta(minutes=12))
        changed = look(at + timedelta(minutes=13))
        assert {(alert.key, alert.state) for alert in changed} == {(changed[0].key, "open")}


def _fail(*_: object, **__: object) -> None:
    raise ListenerError("the disk is full")


def test_a_brand_that_calms_down_is_watched_mention_by_mention_again(tmp_path: Path, talk: list[Said]) -> None:
    with busy_house(tmp_path, talk) as (house, look):
        for day in range(1, 4):
            take(house, [(40_000 + day, NOW - timedelta(days=1) + timedelta(days=day))])
            look(NOW - timedelta(days=1) + timedelta(days=day, minutes=1))
        house.store.keep_habits("bolt", None, NOW)  # of a brand without any: nothing to forget
        assert house.store.habits("acme") is None
        assert house.memory.busy == {}
