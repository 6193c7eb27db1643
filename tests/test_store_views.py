"""The promised views against the same figures worked out in Python."""

import random
import shutil
import sqlite3
import subprocess
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.records import Entry, SourceHealth, SourceState
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore
from tests.helpers_store import NOON, make_store, make_taken

DAY = NOON.date()
VIEWS = (
    "v_mentions", "v_daily", "v_topics_daily", "v_balance", "v_relationships", "v_share_of_voice", "v_threads",
    "v_alerts", "v_coverage",
)  # fmt: skip


def book(store: SqliteStore, number: int, author: str, amount: float, day: date, *, brand: str = "wagtail") -> None:
    """One post with one entry."""
    at = NOON + (day - DAY)
    taken = make_taken(store, number, author=author, at=at, sentiment=amount / 10, brand=brand, thread=number)
    store.add([taken], [], NOON)
    entry = Entry(brand, taken.voice, day, amount, "service", "", taken.post.key)
    store.replace_entries(brand, taken.voice, day, [*_standing(store, entry), entry])


def _standing(store: SqliteStore, entry: Entry) -> list[Entry]:
    return [one for one in store.entries(entry.brand, entry.day, entry.day) if one.voice == entry.voice]


def rows(store: SqliteStore, view: str, **where: Any) -> list[dict[str, Any]]:
    terms = " AND ".join(f"{name} = :{name}" for name in where) or "1"
    return store.rows(f"SELECT * FROM {view} WHERE {terms}", where)


def test_every_view_answers_on_an_empty_store(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for view in VIEWS:
        assert rows(store, view) == []
    store.close()


def test_every_mention_is_a_row_with_its_words(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add(
        [
            make_taken(store, 1, "Wagtail 客服", topics=["outage", "leaving"], title="Help", leaving=True),
            make_taken(
                store,
                2,
                brand=("wagtail", "copperline"),
                author="Wagtail Care",
                by_brand=True,
                where="thread",
                thread=2,
            ),
        ],
        [],
        NOON,
    )
    found = sorted(rows(store, "v_mentions"), key=lambda row: (row["by_brand"], row["brand"]))
    assert [(row["brand"], row["place"], row["by_brand"]) for row in found] == [
        ("wagtail", "text", 0), ("copperline", "thread", 1), ("wagtail", "thread", 1),
    ]  # fmt: skip
    assert found[0].items() >= {
        "link": "https://forum.example/t/1#p1", "thread_title": "Help", "thread_link": "https://forum.example/t/1",
        "source": "forum", "platform": "forum.example", "published": "2026-03-14T12:00:00Z",
        "first_seen": "2026-03-14T12:05:00Z", "language": "en", "sentiment": 0.0, "label": "neutral",
        "confidence": 0.8, "topics": "outage,leaving", "leaving": 1, "text": "Wagtail 客服",
    }.items()  # fmt: skip
    assert found[1]["topics"] is None
    store.close()


def test_days_topics_and_shares_count_voices_not_posts(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    chance = random.Random(7)
    taken = [
        make_taken(
            store, number, author=f"a{chance.randrange(6)}", brand=chance.choice(["wagtail", "copperline"]),
            at=NOON + timedelta(days=chance.randrange(4)), sentiment=chance.choice([-0.9, 0.0, 0.9]), thread=number,
            topics=chance.sample(["outage", "billing-error"], chance.randrange(3)),
            source=chance.choice(["forum", "news"]), by_brand=chance.random() < 0.2,
        )
        for number in range(120)
    ]  # fmt: skip
    store.add(taken, [], NOON)
    daily: dict[tuple[str, str], dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    topics: dict[tuple[str, str, str], dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for one in taken:
        if one.by_brand:
            continue
        brand, day = one.mentions[0].brand, one.post.when.date().isoformat()
        label = one.judgements[0].label
        for group in (daily[brand, day], *(topics[brand, day, tag.topic] for tag in one.judgements[0].topics)):
            for name, value in (
                ("posts", one.post.key),
                ("all", one.voice),
                (label, one.voice),
                ("at", one.post.source),
            ):
                group[name].add(value)
    expected = {
        key: (*(len(g[n]) for n in ("posts", "all", "negative", "neutral", "positive", "at")),)
        for key, g in daily.items()
    }
    assert {
        (r["brand"], r["day"]): (
            r["mentions"], r["voices"], r["negative_voices"], r["neutral_voices"], r["positive_voices"], r["sources"]
        )
        for r in rows(store, "v_daily")
    } == expected  # fmt: skip
    for row in rows(store, "v_daily"):
        assert row["negative_share"] == pytest.approx(row["negative_voices"] / row["voices"], abs=1e-4)
    assert {(r["brand"], r["day"], r["topic"]): (r["voices"], r["posts"]) for r in rows(store, "v_topics_daily")} == {
        key: (len(g["all"]), len(g["posts"])) for key, g in topics.items()
    }
    for day in {key[1] for key in daily}:
        shares = rows(store, "v_share_of_voice", day=day)
        total = sum(len(g["all"]) for (_, other), g in daily.items() if other == day)
        assert {r["brand"]: r["voices"] for r in shares} == {
            b: len(g["all"]) for (b, d), g in daily.items() if d == day
        }
        assert all(r["share"] == pytest.approx(r["voices"] / total, abs=1e-4) for r in shares)
    store.close()


def test_the_balance_is_the_formula(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    chance = random.Random(3)
    booked = [(date(1993, 4, 20), -7.0, "wagtail")]  # far back, as from an archive
    booked += [(DAY - timedelta(days=chance.randrange(400)), chance.uniform(-10, 10), "wagtail") for _ in range(40)]
    booked.append((DAY + timedelta(days=5), 2.0, "copperline"))
    for number, (day, amount, brand) in enumerate(booked):
        book(store, number, f"a{number}", amount, day, brand=brand)
    found = {date.fromisoformat(row["day"]): row for row in rows(store, "v_balance", brand="wagtail")}
    assert max(found) == DAY + timedelta(days=5)  # to the newest entry of the store
    assert len(found) == (max(found) - date(1993, 4, 20)).days + 1
    mine = [(day, amount) for day, amount, brand in booked if brand == "wagtail"]
    for day in (date(1993, 7, 19), DAY - timedelta(days=200), DAY, max(found)):
        so_far = [(one, amount) for one, amount in mine if one <= day]
        balance = sum(amount * 2 ** (-(day - one).days / 90) for one, amount in so_far)
        assert found[day]["balance_lu"] == pytest.approx(balance, abs=2e-4)
        assert found[day]["running_lu"] == pytest.approx(sum(amount for _, amount in so_far), abs=2e-4)
    assert found[date(1993, 7, 19)]["balance_lu"] == -3.5
    assert sum(row["deposits_lu"] + row["withdrawals_lu"] for row in found.values()) == pytest.approx(
        sum(a for _, a in mine)
    )
    store.close()


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([(0, -8.0)], "betrayal"),
        ([(0, -7.9)], ""),
        ([(0, -1), (45, -1), (90, -1)], "small disappointments"),
        ([(0, -1), (45, -1), (91, -1)], ""),
        ([(0, -1), (45, -1), (45, 2), (90, -1)], ""),
        ([(0, 2), (0, -1), (45, -1), (90, -1)], ""),  # a deposit on the same day mends
        ([(0, 2), (1, -1), (2, -1), (3, -1)], "small disappointments"),
        ([(0, -1), (1, -1), (2, -1), (3, 1)], ""),
        ([(0, -9), (1, -1), (2, -1)], "betrayal, small disappointments"),
        ([(0, 9)], ""),
    ],
)
def test_relationships_at_risk(tmp_path: Path, entries: list[tuple[int, float]], reason: str) -> None:
    store = make_store(tmp_path)
    for number, (day, amount) in enumerate(entries):
        book(store, number, "ann", amount, DAY + timedelta(days=day))
    (row,) = rows(store, "v_relationships")
    last = max(day for day, _ in entries)
    assert row.items() >= {
        "brand": "wagtail", "voice": store.voice("forum.example", "ann"), "platform": "forum.example",
        "posts": len(entries), "deposits": sum(a > 0 for _, a in entries),
        "withdrawals": sum(a < 0 for _, a in entries),
        "worst_lu": min(0.0, *(a for _, a in entries)), "at_risk": int(bool(reason)), "at_risk_reason": reason,
        "first_day": DAY.isoformat(), "last_day": (DAY + timedelta(days=last)).isoformat(),
    }.items()  # fmt: skip
    assert row["balance_lu"] == pytest.approx(sum(a * 2 ** (-(last - day) / 90) for day, a in entries), abs=2e-4)
    store.close()


def test_a_leaving_statement_is_a_risk_without_any_entry(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store, 1, leaving=True), make_taken(store, 2, author="b", thread=2)], [], NOON)
    assert {row["at_risk_reason"] for row in rows(store, "v_relationships")} == {"leaving", ""}
    store.close()


def test_threads_tell_their_growth_and_the_brands_answer(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    hour = timedelta(hours=1)
    store.add(
        [
            make_taken(store, 1, at=NOON, author="a"),
            make_taken(store, 2, at=NOON + 30 * hour, author="b", position=1),
            make_taken(store, 3, at=NOON + 31 * hour, author="care", position=2, by_brand=True),
            make_taken(store, 4, at=NOON + 54 * hour, author="b", position=3),
            make_taken(store, 5, at=NOON, thread=2),
        ],
        [],
        NOON,
    )
    one, two = rows(store, "v_threads")
    assert one == {
        "thread_link": "https://forum.example/t/1", "thread_title": "A thread", "source": "forum", "brand": "wagtail",
        "posts": 3, "voices": 2, "first": "2026-03-14T12:00:00Z", "last": "2026-03-16T18:00:00Z", "posts_last_24h": 1,
        "answered_by_brand": "2026-03-15T19:00:00Z",
    }  # fmt: skip
    assert (two["posts_last_24h"], two["answered_by_brand"]) == (0, None)
    store.close()


def test_coverage_counts_hours_by_state(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    states: list[SourceState] = ["heard", "empty", "robots", "late", "unreadable", "gone", "config", "blocked"]
    for number, state in enumerate(states):
        health = SourceHealth("forum", NOON + timedelta(hours=number), state, "d", posts=2, new=1)
        store.finish_visits([Visit(health, {}, NOON, 60)], "me")
    (row,) = rows(store, "v_coverage")
    assert row == {
        "source": "forum", "day": "2026-03-14", "hours_heard": 2, "hours_late": 1, "hours_blocked": 2,
        "hours_blocked_by_robots": 1, "hours_unreadable": 1, "hours_gone": 1, "hours_config": 1, "visits": 8,
        "posts_read": 16, "posts_new": 8, "state_now": "blocked", "read_only_in": "",
        "state_now_since": "2026-03-14T19:00:00Z", "state_now_detail": "d", "last_heard": "2026-03-14T13:00:00Z",
        "active": 1,
    }  # fmt: skip
    store.close()


def test_the_views_work_in_other_programs(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    book(store, 1, "ann", -9, DAY)
    store.close()
    path = tmp_path / "listener.db"
    conn = sqlite3.connect(path)
    plain = [conn.execute(f"SELECT count(*) FROM {view}").fetchone()[0] for view in VIEWS]
    conn.close()
    assert plain == [1, 1, 0, 1, 1, 1, 1, 0, 0]
    if shell := shutil.which("sqlite3"):
        sql = ";".join(f"SELECT count(*) FROM {view}" for view in VIEWS)
        out = subprocess.run([shell, "-readonly", str(path), sql], capture_output=True, text=True, check=True)
        assert [int(line) for line in out.stdout.split()] == plain
