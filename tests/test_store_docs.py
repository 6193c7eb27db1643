"""What docs/store.md and docs/questions.md say holds: their SQL runs, and every column of every view is told."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from listener.records import Entry, SourceHealth
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore
from tests.helpers_store import NOON, make_store, make_taken

DOCS = Path(__file__).parent.parent / "docs"
STORE = (DOCS / "store.md").read_text("utf-8")
BLOCKS = [
    (page, number, block)
    for page in ("store.md", "questions.md")
    for number, block in enumerate(re.findall(r"```sql\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL))
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A week in which everything that the questions ask for happened once."""
    store = make_store(tmp_path_factory.mktemp("docs"))
    hour = timedelta(hours=1)
    angry = make_taken(
        store, 1, "Wagtail客服不回應，我要退訂", author="ann", sentiment=-0.9, topics=["unresponsive-service"],
        leaving=True, title="客服",
    )  # fmt: skip
    answer = make_taken(store, 2, "Sorry! Wagtail Care", author="care", position=1, by_brand=True, at=NOON + 9 * hour)
    waiting = make_taken(store, 3, "Wagtail is down", author="bob", sentiment=-0.6, thread=2, topics=["outage"])
    thanks = make_taken(store, 4, "Wagtail ok", author="eve", sentiment=0.6, thread=3, at=NOON + 30 * hour)
    store.add([angry, answer, waiting, thanks], [], NOON)
    store.replace_entries(
        "wagtail", angry.voice, NOON.date(), [Entry("wagtail", angry.voice, NOON.date(), -9, "x", "", angry.post.key)]
    )
    heard = SourceHealth("forum", NOON, "heard", posts=4, new=4)
    blocked = SourceHealth("news", NOON, "blocked", "robots.txt")
    store.finish_visits([Visit(health, {}, NOON, 60) for health in (heard, blocked)], "me")
    yield store
    store.close()


@pytest.mark.parametrize(("page", "number", "sql"), BLOCKS, ids=[f"{page}-{number}" for page, number, _ in BLOCKS])
def test_the_sql_of_the_docs_runs_and_answers(store: SqliteStore, page: str, number: int, sql: str) -> None:
    statements = [one for one in sql.split(";") if one.strip()]
    for statement in statements:
        assert store.rows(statement), statement
    if shell := shutil.which("sqlite3"):
        run = subprocess.run(
            [shell, "-readonly", str(store.path)], input=sql, capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout


def test_the_questions_are_answered_right(store: SqliteStore) -> None:
    hurt, grew, leaving, late, silent = (
        store.rows(sql.strip().rstrip(";")) for page, _, sql in BLOCKS if page == "questions.md"
    )
    assert [(row["topic"], row["voices_this_week"]) for row in hurt] == [("unresponsive-service", 1), ("outage", 1)]
    assert [(row["thread_link"], row["answered"]) for row in grew] == [("https://forum.example/t/3", "no")]
    assert [(row["at_risk_reason"], row["newest_post"]) for row in leaving] == [
        ("leaving, betrayal", "https://forum.example/t/1#p1")
    ]
    assert [(row["thread_link"][-1], row["answered"][:10], row["hours_waited"]) for row in late] == [
        ("2", "not yet", 30.0), ("1", "2026-03-14", 9.0),
    ]  # fmt: skip
    assert [(row["source"], row["why"]) for row in silent] == [
        ("news", "blocked since 2026-03-14T12:00:00Z: robots.txt")
    ]


def test_every_view_and_column_is_described(store: SqliteStore) -> None:
    views = {name for (name,) in store.read("SELECT name FROM sqlite_master WHERE type = 'view'")}
    sections = dict(re.findall(r"^### (v_\w+)(.*?)(?=^##)", STORE, re.DOTALL | re.MULTILINE))
    assert {view for view in views if not view.startswith("live_")} - {"v_weights"} == set(sections)
    for view, text in sections.items():
        for column in store.read(f"SELECT name FROM pragma_table_info('{view}')"):
            assert re.search(rf"\b{column[0]}\b", text), f"{view}.{column[0]} is not in docs/store.md"


def test_every_table_is_named(store: SqliteStore) -> None:
    tables = {
        name
        for (name,) in store.read("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not re.match(r"posts_fts_|sqlite_|_sqlite", name)
    }
    assert {name for name in tables if f"`{name}`" not in STORE} == set()
