"""Every hot query goes through its index, whatever the statistics say; none walks through all posts or mentions."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from listener.records import Entry, Message, Reading
from listener.store.sqlite import SqliteStore
from tests.helpers_store import NOON, make_store, make_taken
from tests.test_store_sources import LEASE, visit

DAY = NOON.date()


@pytest.fixture(scope="module", params=["empty", "analysed"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = make_store(tmp_path_factory.mktemp("plans"))
    if request.param == "analysed":
        taken = [
            make_taken(
                store, n, author=f"a{n % 9}", thread=n % 50, position=n // 50, brand=["wagtail", "copperline"][n % 2],
                at=NOON - n * LEASE * 12,
            )
            for n in range(600)
        ]  # fmt: skip
        store.add(taken, [("k", "h", "forum")], NOON)
        for one in taken[:90]:
            brand, day = one.mentions[0].brand, one.days[one.mentions[0].brand]
            store.replace_entries(brand, one.voice, day, [Entry(brand, one.voice, day, 1.0, "x", "", one.post.key)])
        store.finish_visits([visit(at=NOON - n * LEASE * 12) for n in range(200)], "me")
        store.db.conn.execute("ANALYZE")
    yield store
    store.close()


class Recorder:
    """Stands before the connection and keeps each statement with its parameters."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.seen: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        self.seen.append((sql, parameters))
        return self._conn.execute(sql, parameters)


def plans(store: SqliteStore, act: Callable[[SqliteStore], Any]) -> str:
    """The plans of all that `act` asks, one step a line."""
    conn = store._conn
    recorder = Recorder(conn)
    store._conn = recorder  # type: ignore[assignment]
    try:
        act(store)
    finally:
        store._conn = conn
    steps = []
    for sql, parameters in recorder.seen:
        if sql.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")):
            steps += [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    return "\n".join(steps)


QUERIES: list[tuple[str, Callable[[SqliteStore], Any], list[str]]] = [
    (
        "who is due",
        lambda s: s.due_sources(NOON),
        ["COVERING INDEX sources_due (active=? AND due<?)"],
    ),
    (
        "claim by name",
        lambda s: s.claim_sources(NOON, "me", 5, LEASE, 1, ["forum"], even_early=False),
        ["SEARCH sources USING PRIMARY KEY (source=?)", "sources_leased (host=? AND lease_until>?)"],
    ),
    (
        "claim sources",
        lambda s: s.claim_sources(NOON, "me", 5, LEASE, 1),
        ["COVERING INDEX sources_due (active=? AND due<?)", "sources_leased (host=? AND lease_until>?)"],
    ),
    (
        "judged by time",
        lambda s: s.judged("wagtail", NOON, NOON + LEASE),
        ["mentions_brand_at (brand=? AND at>? AND at<?)", "SEARCH p USING INTEGER PRIMARY KEY"],
    ),
    (
        "judged by keys",
        lambda s: s.judged("wagtail", keys=["a", "b"]),
        ["sqlite_autoindex_posts_1 (key=?)", "(post=? AND brand=?)"],
    ),
    (
        "judged by account",
        lambda s: s.judged("wagtail", voice="v", day=DAY),
        ["mentions_brand_day (brand=? AND day=? AND voice=?)"],
    ),
    ("judged by voice", lambda s: s.judged("wagtail", voice="v"), ["mentions_voice (voice=? AND brand=?)"]),
    ("entries", lambda s: s.entries("wagtail", DAY), ["entries_brand_day (brand=? AND day>? AND day<?)"]),
    ("balance", lambda s: s.balance_lines("wagtail", DAY), ["entries_brand_day (brand=? AND day<?)"]),
    ("known", lambda s: s.known(["a"]), ["sqlite_autoindex_posts_1 (key=?)", "SEARCH s USING PRIMARY KEY (key=?)"]),
    ("whereabouts", lambda s: s.whereabouts(["a"]), ["sqlite_autoindex_posts_1 (key=?)"]),
    (
        "missing",
        lambda s: s.missing(Reading("forum", "https://forum.example/t/1", ("a",), NOON)),
        ["sqlite_autoindex_threads_1 (url=?)", "posts_thread (thread=?)"],
    ),
    ("quoted", lambda s: s.quoted(DAY, NOON, 5), ["sqlite_autoindex_posts_1 (key=?)"]),
    (
        "opener brands",
        lambda s: s.opener_brands(["u"]),
        ["sqlite_autoindex_threads_1 (url=?)", "posts_thread (thread=? AND position=?)", "(post=?)"],
    ),
    (
        "claim messages",
        lambda s: s.claim_messages(NOON, "me", 5, LEASE),
        ["outbox_due (state=? AND due<?)", "outbox_due (state=? AND due<?)"],
    ),
    (
        "search",
        lambda s: s.search("客服", "wagtail"),
        ["VIRTUAL TABLE INDEX", "SEARCH p USING INTEGER PRIMARY KEY", "sqlite_autoindex_mentions_1 (post=?)"],
    ),
    (
        "v_mentions by brand and day",
        lambda s: s.read("SELECT * FROM v_mentions WHERE brand = ? AND day = ?", ("wagtail", "2026-03-14")),
        ["mentions_brand_day (brand=? AND day=?)", "SEARCH p USING INTEGER PRIMARY KEY"],
    ),
    (
        "v_daily by brand and days",
        lambda s: s.read("SELECT * FROM v_daily WHERE brand = ? AND day >= ?", ("wagtail", "2026-03-14")),
        ["rolled_days USING PRIMARY KEY (brand=? AND day>?)", "mentions_brand_day (brand=? AND day=?)"],
    ),
    (
        "v_topics_daily by brand and day",
        lambda s: s.read("SELECT * FROM v_topics_daily WHERE brand = ? AND day = ?", ("wagtail", "2026-03-14")),
        ["rolled_topics USING PRIMARY KEY (brand=? AND day=?)", "mentions_brand_day (brand=? AND day=?)"],
    ),
    (
        "heard hours",
        lambda s: s.heard_hours(NOON - LEASE, NOON),
        ["hour>? AND hour<?"],
    ),
]


@pytest.mark.parametrize(("act", "steps"), [query[1:] for query in QUERIES], ids=[query[0] for query in QUERIES])
def test_hot_queries_use_their_index(store: SqliteStore, act: Callable[[SqliteStore], Any], steps: list[str]) -> None:
    plan = plans(store, act)
    for step in steps:
        assert step in plan, plan
    assert not any(line.startswith(("SCAN p", "SCAN m", "SCAN t", "SCAN mentions", "SCAN posts", "SCAN j ")) for line in
                   plan.splitlines()), plan  # fmt: skip


def test_taking_in_scans_nothing(store: SqliteStore) -> None:
    plan = plans(store, lambda s: s.add([make_taken(s, 9999)], [("k9", "h", "forum")], NOON))
    assert not any(line.startswith("SCAN") and "VIRTUAL" not in line for line in plan.splitlines()), plan


def test_walking_through_all_posts_goes_by_their_time(store: SqliteStore) -> None:
    plan = plans(store, lambda s: s.posts_after(("2026-03-01T00:00:00Z", 7), 100))
    assert "SEARCH p USING INDEX posts_at" in plan
    assert "TEMP B-TREE" not in plan
    assert "SEARCH p USING INDEX posts_thread (thread=? AND position=?)" in plans(store, lambda s: s.openers([1, 2]))


def test_rolling_up_relationships_goes_by_the_voice(store: SqliteStore) -> None:
    """One brand's 30,000 voices, each looked for among all its mentions, held the write lock for over ten minutes."""
    sql = store._counted("relationships", "relationships", "brand")
    found = "\n".join(row[3] for row in store.read(f"EXPLAIN QUERY PLAN {sql}", {"one": "wagtail"}))
    assert "SEARCH m USING INDEX mentions_voice (voice=? AND brand=?)" in found
    assert "mentions_brand_day" not in found


def test_the_test_can_fail(store: SqliteStore) -> None:
    assert "SCAN p" in plans(store, lambda s: s.read("SELECT * FROM posts p WHERE text = 'x'"))


def test_queueing_uses_the_key(store: SqliteStore) -> None:
    assert store.queue(Message("m", "a@example.org", "S", "", ""), "<m>", b"", "cause", [], NOON)
