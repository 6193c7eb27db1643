"""Sources: claims that are fair and never double, visits that are booked, hours that were heard."""

import multiprocessing
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.hours import Hours
from listener.records import Source, SourceHealth, SourceState
from listener.store.gathered import Lease, Visit
from listener.store.heard import HOUR, HourRow, heard
from listener.store.sqlite import SqliteStore, open_store
from tests.helpers_store import NOON, SOURCES, make_store

LEASE = timedelta(minutes=5)
MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)


def claim(
    store: SqliteStore, now: datetime = NOON, owner: str = "me", limit: int = 100, per_host: int = 2, *names: str
) -> list[str]:
    return [lease.source.name for lease in store.claim_sources(now, owner, limit, LEASE, per_host, names)]


def visit(
    source: str = "forum",
    at: datetime = NOON,
    state: SourceState = "heard",
    *,
    interval_s: float = 3600,
    history_from: datetime | None = None,
    new: int = 0,
    not_before: datetime | None = None,
    detail: str = "",
    cursor: object = None,
) -> Visit:
    health = SourceHealth(source, at, state, detail, posts=new + 1, new=new, not_before=not_before)
    return Visit(health, {"at": cursor}, at + timedelta(seconds=interval_s), interval_s, history_from)


def test_what_the_config_says_comes_back_with_the_lease(tmp_path: Path) -> None:
    source = Source("a", "forum", "http://Host.example:8080/x", ("wagtail",), 60, 600, {"boards": ["1", "2"], "n": 3})
    store = make_store(tmp_path, [source])
    (lease,) = store.claim_sources(NOON, "me", 5, LEASE, 1)
    assert lease == Lease(source, {}, 0, 60.0, None)
    assert store.rows("SELECT host, state, lease FROM sources") == [
        {"host": "host.example:8080", "state": "new", "lease": "me"}
    ]
    store.close()


def test_a_source_is_claimed_once_until_its_lease_ends(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    assert claim(store) == ["forum", "news"]
    assert claim(store, NOON + LEASE - timedelta(seconds=1)) == []
    assert claim(store, NOON + LEASE, "other") == ["forum", "news"]
    store.close()


def test_named_sources_are_claimed_due_or_not_but_not_from_another(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    claim(store)
    store.finish_visits([visit("forum"), visit("news")], "me")
    assert claim(store) == []
    assert claim(store, NOON, "me", 9, 1, "forum", "unknown") == ["forum"]
    assert claim(store, NOON, "other", 9, 1, "forum", "news") == ["news"]
    store.close()


def test_the_host_cap_counts_what_is_leased_already(tmp_path: Path) -> None:
    sources = [Source(f"s{number}", "feed", f"https://one.example/{number}") for number in range(5)]
    store = make_store(tmp_path, sources)
    assert claim(store, per_host=2) == ["s0", "s1"]
    assert claim(store, per_host=2) == []
    assert claim(store, per_host=3) == ["s2"]
    store.finish_visits([visit("s0")], "me")
    assert claim(store, per_host=3) == ["s3"]
    store.close()


def test_one_crowded_host_does_not_starve_the_others(tmp_path: Path) -> None:
    crowd = [Source(f"crowd{number:04}", "feed", f"https://crowd.example/{number}") for number in range(1000)]
    others = [Source(f"other{number:03}", "feed", f"https://host{number}.example/") for number in range(200)]
    store = make_store(tmp_path, crowd)
    store.sync_sources([*crowd, *others], NOON + timedelta(minutes=1))  # due after the whole crowd
    claimed = claim(store, NOON + timedelta(hours=1), limit=201, per_host=4)
    assert Counter(name[:5] for name in claimed) == {"crowd": 1, "other": 200}
    assert Counter(name[:5] for name in claim(store, NOON + timedelta(hours=1), limit=50, per_host=4)) == {"crowd": 3}
    store.close()


def _claim_all(path: Path, owner: str, out: "multiprocessing.Queue[tuple[str, list[str]]]") -> None:
    store = open_store(path)
    names: list[str] = []
    while found := store.claim_sources(NOON, owner, 3, LEASE, 1000):
        names += [lease.source.name for lease in found]
    out.put((owner, names))
    store.close()


def test_two_processes_never_claim_the_same_source(tmp_path: Path) -> None:
    sources = [Source(f"s{number}", "feed", f"https://host{number % 7}.example/{number}") for number in range(150)]
    make_store(tmp_path, sources).close()
    context = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[tuple[str, list[str]]] = context.Queue()
    runs = [context.Process(target=_claim_all, args=(tmp_path / "listener.db", owner, out)) for owner in ("a", "b")]
    for run in runs:
        run.start()
    claimed = [name for _ in runs for name in out.get(timeout=60)[1]]
    for run in runs:
        run.join()
    assert sorted(claimed) == sorted(source.name for source in sources)


def test_a_visit_is_booked(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    claim(store)
    later = NOON + timedelta(minutes=10)
    store.finish_visits([visit("forum", NOON, "blocked", detail="robots.txt"), visit("unknown")], "me")
    store.finish_visits([visit("forum", later, "blocked", detail="403", cursor=1)], "me")
    line = {line.source: line for line in store.source_lines(later)}["forum"]
    assert (line.state, line.since, line.detail, line.last_heard, line.first_heard) == (
        "blocked", NOON, "403", None, None,
    )  # fmt: skip
    (lease,) = store.claim_sources(NOON + timedelta(hours=2), "me", 9, LEASE, 9, ["forum"])
    assert (lease.failures, lease.cursor) == (2, {"at": 1})
    store.finish_visits([visit("forum", NOON + timedelta(hours=2), new=3, history_from=MIDNIGHT)], "me")
    store.finish_visits([visit("forum", NOON + timedelta(hours=3), "empty", history_from=NOON)], "me")
    line = {line.source: line for line in store.source_lines(NOON + timedelta(hours=3))}["forum"]
    assert line.first_heard == NOON + timedelta(hours=2)
    assert line.last_heard == NOON + timedelta(hours=3)
    assert line.posts_by_day == (0,) * 13 + (3,)
    assert store.rows("SELECT failures, history_from FROM sources WHERE source = 'forum'") == [
        {"failures": 0, "history_from": "2026-03-14T00:00:00Z"}
    ]
    store.close()


def test_retry_after_holds_back_the_next_visit(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    claim(store)
    store.finish_visits([visit("forum", not_before=NOON + timedelta(hours=5))], "me")
    assert "forum" not in claim(store, NOON + timedelta(hours=4))
    assert "forum" in claim(store, NOON + timedelta(hours=5))
    store.close()


def test_a_visitor_without_the_lease_moves_neither_cursor_nor_due(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    claim(store, owner="slow")
    assert claim(store, NOON + LEASE, "quick") == ["forum", "news"]
    store.finish_visits([visit("forum", NOON + LEASE, cursor="stale", new=2)], "slow")
    assert store.rows("SELECT lease, cursor FROM sources WHERE source = 'forum'") == [
        {"lease": "quick", "cursor": "{}"}
    ]
    assert store.rows("SELECT new FROM source_hours") == [{"new": 2}]
    store.finish_visits([visit("forum", NOON + LEASE, cursor="fresh")], "quick")
    assert store.rows("SELECT lease, cursor FROM sources WHERE source = 'forum'") == [
        {"lease": None, "cursor": '{"at":"fresh"}'}
    ]
    store.close()


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["heard", "late"], "heard"),
        (["late", "heard"], "heard"),
        (["late", "blocked"], "blocked"),
        (["empty", "heard"], "heard"),
        (["heard", "empty"], "heard"),
        (["empty", "gone"], "empty"),
    ],
)
def test_an_hour_with_one_good_visit_was_heard(tmp_path: Path, states: list[SourceState], told: str) -> None:
    store = make_store(tmp_path)
    for number, state in enumerate(states):
        store.finish_visits([visit("forum", NOON + timedelta(minutes=number), state, detail=state)], "me")
    assert store.rows("SELECT state, detail, visits FROM source_hours") == [
        {"state": told, "detail": told, "visits": 2}
    ]
    store.close()


def test_config_changes_reach_the_sources(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    claim(store)
    store.finish_visits([visit("forum", cursor=7), visit("news", cursor=8)], "me")
    forum, news = SOURCES
    store.sync_sources([replace(forum, min_interval_s=7200), replace(news, url="https://new.example/feed")], NOON)
    rows = {row["source"]: row for row in store.rows("SELECT * FROM sources")}
    assert (rows["forum"]["interval_s"], rows["forum"]["cursor"], rows["forum"]["state"]) == (7200, '{"at":7}', "heard")
    assert (rows["news"]["cursor"], rows["news"]["state"], rows["news"]["first_heard"]) == ("{}", "new", None)
    assert claim(store) == ["news"]
    store.sync_sources([forum], NOON)
    assert [line.source for line in store.source_lines(NOON)] == ["forum"]
    store.sync_sources(SOURCES, NOON + LEASE)
    assert "news" in claim(store, NOON + LEASE)
    store.close()


# heard hours


def hours(*numbers: int) -> tuple[datetime, ...]:
    return tuple(MIDNIGHT + number * HOUR for number in numbers)


def row(hour: int, ok: bool = True, interval_h: float = 1, joined: bool = False) -> HourRow:
    return HourRow(MIDNIGHT + hour * HOUR, ok, interval_h * 3600, joined)


DAY = (MIDNIGHT, MIDNIGHT + 24 * HOUR)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], ()),
        ([row(3)], (3,)),
        ([row(3, ok=False)], ()),
        ([row(3), row(5)], (3, 4, 5)),  # as planned, with the hour of grace
        ([row(3), row(7)], (3, 7)),  # nobody listened between
        ([row(3, interval_h=6), row(9)], tuple(range(3, 10))),
        ([row(3), row(4, ok=False), row(5)], (3, 5)),
        ([row(-2, interval_h=6), row(2)], (0, 1, 2)),  # a visit before the first hour counts
        ([row(22, interval_h=6), row(27)], (22, 23)),
        ([row(3), row(7, joined=True)], (3, 4, 5, 6, 7)),  # late, but it read on where the last one stopped
        ([row(3), row(4, ok=False), row(6, joined=True)], (3, 4, 5, 6)),
        ([row(3), row(7, ok=False, joined=True)], (3,)),
        ([row(7, joined=True)], (7,)),
    ],
)
def test_which_hours_were_heard(rows: list[HourRow], expected: tuple[int, ...]) -> None:
    assert heard(rows, *DAY) == hours(*expected)


def test_history_read_afterwards_counts_up_to_the_first_visit() -> None:
    first = MIDNIGHT + 5 * HOUR + timedelta(minutes=20)
    assert heard([row(5)], *DAY, first, MIDNIGHT + 2 * HOUR + timedelta(minutes=50)) == hours(2, 3, 4, 5)
    assert heard([row(5)], *DAY, first, datetime(1995, 1, 1, tzinfo=UTC)) == hours(0, 1, 2, 3, 4, 5)
    assert heard([row(5)], *DAY, first, MIDNIGHT + 9 * HOUR) == hours(5)
    assert heard([], *DAY, MIDNIGHT + 90 * HOUR, MIDNIGHT - HOUR) == hours(*range(24))


@given(st.lists(st.tuples(st.integers(-30, 60), st.booleans(), st.integers(0, 12)), unique_by=lambda one: one[0]))
def test_heard_hours_are_whole_ascending_within_and_hold_every_good_visit(found: list[tuple[int, bool, int]]) -> None:
    rows = [row(hour, ok, interval) for hour, ok, interval in sorted(found)]
    result = heard(rows, *DAY)
    assert list(result) == sorted(set(result))
    assert all(DAY[0] <= hour < DAY[1] and hour.minute == 0 for hour in result)
    assert {one.hour for one in rows if one.ok and DAY[0] <= one.hour < DAY[1]} <= set(result)
    assert not {one.hour for one in rows if not one.ok} & set(result)


def test_heard_hours_of_the_store(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.finish_visits([visit("forum", MIDNIGHT - timedelta(minutes=30), interval_s=3 * 3600)], "me")
    store.finish_visits([visit("forum", MIDNIGHT + timedelta(hours=2, minutes=10))], "me")
    store.finish_visits([visit("forum", MIDNIGHT + timedelta(hours=4, minutes=10), "late")], "me")
    assert store.heard_hours(*DAY) == {"forum": hours(0, 1, 2), "news": ()}
    store.close()


def test_a_visit_that_joined_on_fills_the_gap_in_the_store(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.finish_visits([visit("forum", MIDNIGHT + HOUR), visit("news", MIDNIGHT + HOUR)], "me")
    late = MIDNIGHT + 5 * HOUR
    store.finish_visits([replace(visit("forum", late), joined=True), visit("news", late)], "me")
    assert store.heard_hours(*DAY) == {"forum": hours(1, 2, 3, 4, 5), "news": hours(1, 5)}
    store.close()


VISITS = st.lists(
    st.tuples(
        st.integers(0, 9 * 24 * 4),  # quarters of an hour
        st.sampled_from(["heard", "empty", "late", "robots", "blocked", "unreadable"]),
        st.integers(1, 30),  # hours until the next visit, as planned
        st.booleans(),
        st.none() | st.integers(-60, 200),  # hours: the earliest post that the visit brought
    ),
    max_size=25,
    unique_by=lambda one: one[0],
)


@given(VISITS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_view_and_the_digest_count_the_same_hours(tmp_path: Path, found: list[tuple[Any, ...]]) -> None:
    store = open_store(tmp_path / "listener.db")  # one file for all examples, each with a source of its own
    name = f"s{store.rows('SELECT count(*) AS n FROM sources')[0]['n']}"
    store.sync_sources([replace(SOURCES[0], name=name, max_interval_s=30 * 3600)], NOON)
    for quarters, state, planned_h, joined, reached in sorted(found, key=lambda one: one[0]):
        at = MIDNIGHT + timedelta(minutes=15 * quarters)
        history = None if reached is None else MIDNIGHT + reached * HOUR
        one = visit(name, at, state, interval_s=planned_h * 3600, history_from=history)
        store.finish_visits([replace(one, joined=joined)], "me")
    told = {row["day"]: row for row in store.rows("SELECT * FROM v_coverage WHERE source = :s", {"s": name})}
    for number in range(12):
        day = MIDNIGHT + timedelta(days=number)
        hours = len(store.heard_hours(day, day + timedelta(days=1))[name])
        row = told.get(f"{day:%Y-%m-%d}")
        first = min((one[0] for one in found if one[1] in ("heard", "empty")), default=0)
        if row is None:
            assert hours == 0 or day < MIDNIGHT + timedelta(minutes=15 * first), "read from the archive only"
        else:
            assert row["hours_heard"] == hours
            missed = sum(value for name, value in row.items() if name.startswith("hours_") and name != "hours_heard")
            assert hours + missed - row["hours_blocked_by_robots"] <= 24
    store.close()


def test_what_rests_or_had_a_mistake_is_due_again_when_its_config_changes(tmp_path: Path) -> None:
    night = replace(SOURCES[0], hours=Hours.parse("01:00-06:00", "Asia/Taipei"))
    store = make_store(tmp_path, [night, SOURCES[1]])
    (lease,) = store.claim_sources(NOON, "me", 1, LEASE, 9, ["forum"])
    assert lease.source == night
    store.postpone_sources({"forum": NOON + timedelta(hours=5)}, "me")
    store.finish_visits([visit("news", NOON, "config")], "me")
    assert store.due_sources(NOON) == []
    assert {line.source: line.hours for line in store.source_lines(NOON)} == {
        "forum": "01:00-06:00 Asia/Taipei", "news": "",
    }  # fmt: skip
    store.sync_sources([night, SOURCES[1]], NOON)
    assert store.due_sources(NOON) == []
    store.sync_sources([SOURCES[0], replace(SOURCES[1], options={"mended": 1})], NOON)
    assert store.due_sources(NOON) == [("forum", "forum.example"), ("news", "news.example")]
    store.close()


def test_who_is_due_is_told_by_time_and_named_ones_whenever(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.finish_visits([visit("news", NOON - timedelta(hours=3), interval_s=60)], "me")
    assert store.due_sources(NOON) == [("news", "news.example"), ("forum", "forum.example")]
    assert claim(store, NOON, "me", 9, 9, "news") == ["news"]
    assert store.due_sources(NOON) == [("forum", "forum.example")]
    store.finish_visits([visit("news", NOON, interval_s=7200)], "me")
    assert store.due_sources(NOON, ["news", "unknown"]) == [("news", "news.example")]
    assert store.claim_sources(NOON, "me", 9, LEASE, 9, ["news"], even_early=False) == []
    store.close()
