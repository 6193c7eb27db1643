"""The SQL page: the views and the shipped questions answer, and what the views do not show stays closed."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from listener.explore import sql
from listener.explore.serve import Opened
from listener.store.canned import canned
from listener.store.connection import connect
from tests.helpers_explore import FORMULA, site_in, visitor


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with site_in(tmp_path_factory.mktemp("sql")) as opened:
        yield opened


@pytest.fixture
def conn(opened: Opened) -> Iterator[sqlite3.Connection]:
    """A connection as Datasette has it."""
    conn = connect(opened.site.config.store_path, read_only=True)
    sql.protect(conn, opened.site.readable, opened.site.views)
    yield conn
    conn.close()


SECRET = (
    "recipient FROM outbox", "body FROM outbox", "subject FROM outbox", "value FROM meta", "name FROM voices",
    "name_mark FROM voices", "same_as FROM voices", "message_id FROM alert_told", "cursor FROM sources",
    "options FROM sources", "html FROM digests", "text FROM digests", "quotes FROM posts", "key FROM seen",
    "habits FROM watch_habits", "fingerprint FROM machine_judgements", "band FROM copy_bands", "owner FROM services",
)  # fmt: skip
# Ways round a guard that asks who reads instead of what is read.
DETOURS = (
    "SELECT {}", "SELECT * FROM (SELECT {})", "WITH v_mentions AS (SELECT {}) SELECT * FROM v_mentions",
    "WITH v_alerts AS (SELECT {}) SELECT a.* FROM v_alerts a", "SELECT 1 FROM v_daily WHERE EXISTS (SELECT {})",
    "SELECT (SELECT {} LIMIT 1)", "SELECT 1 UNION SELECT {}", "SELECT 1 ORDER BY (SELECT {} LIMIT 1)",
)  # fmt: skip


@pytest.mark.parametrize("detour", DETOURS)
@pytest.mark.parametrize("secret", SECRET)
def test_what_no_view_shows_is_not_read(conn: sqlite3.Connection, secret: str, detour: str) -> None:
    with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized|no such column"):
        conn.execute(detour.format(secret)).fetchall()


def test_nothing_that_looks_like_a_secret_is_open(opened: Opened) -> None:
    """The list above is ours; this asks the list that SQLite made."""
    closed = {"outbox", "meta", "digests", "seen", "matters", "services", "rounds", "watch_state", "backfills"}
    assert not {table for table, _ in opened.site.readable} & closed
    names = {column for _, column in opened.site.readable}
    assert not names & {
        "recipient",
        "body",
        "message_id",
        "name_mark",
        "same_as",
        "options",
        "cursor",
        "quotes",
        "html",
    }
    assert ("voices", "name") not in opened.site.readable


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE ':memory:' AS other", "PRAGMA database_list", "SELECT * FROM pragma_database_list",
        "CREATE TEMP TABLE t (a)", "INSERT INTO mentions DEFAULT VALUES", "DELETE FROM posts", "DROP VIEW v_daily",
        "UPDATE posts SET text = ''", "PRAGMA query_only = OFF", "PRAGMA writable_schema = ON", "VACUUM", "BEGIN",
        "UPDATE sqlite_master SET sql = ''", "SELECT load_extension('x')", "REINDEX", "ANALYZE", "SAVEPOINT a",
        "SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)",
    ],
)  # fmt: skip
def test_a_query_does_nothing_but_read(conn: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.Error):
        conn.execute(statement).fetchall()


def test_the_full_text_index_is_read_although_the_schema_changed(opened: Opened, conn: sqlite3.Connection) -> None:
    """SQLite opens the index anew then, which looks like writing the schema."""
    asked = "SELECT count(*) FROM posts_fts WHERE posts_fts MATCH '\"客服\"'"
    assert conn.execute(asked).fetchone() == (2,)
    writer = connect(opened.site.config.store_path)
    writer.execute("ANALYZE")
    writer.execute("CREATE VIEW another AS SELECT 1")
    writer.execute("DROP VIEW another")
    writer.close()
    assert conn.execute(asked).fetchone() == (2,)


async def test_every_shipped_question_is_answered_and_explained(opened: Opened) -> None:
    async with visitor(opened) as client:
        start = (await client.get("/store")).text
        for one in canned():
            assert f'href="/store/{one.name}"' in start
            page = await client.get(f"/store/{one.name}")
            assert page.status_code == 200
            assert 'role="alert"' not in page.text, one.name
            assert one.title in page.text
            rows = (await client.get(f"/store/{one.name}.json?_shape=objects")).json()["rows"]
            told = list(
                csv.reader(io.StringIO((await client.get(f"/store/{one.name}.csv")).text.removeprefix("\ufeff")))
            )
            assert tuple(told[0]) == one.columns
            assert len(told) == len(rows) + 1


async def test_every_view_is_a_page_and_a_file(opened: Opened) -> None:
    assert {"v_mentions", "v_triage", "v_alerts"} <= set(opened.site.views)
    async with visitor(opened) as client:
        start = (await client.get("/store")).text
        for view in opened.site.views:
            assert f'href="/store/{view}"' in start
            assert (await client.get(f"/store/{view}")).status_code == 200
            assert (await client.get(f"/store/{view}.json?_shape=objects")).status_code == 200
            assert (await client.get(f"/store/{view}.csv")).status_code == 200


@pytest.mark.parametrize("table", ["posts", "outbox", "voices", "sqlite_master", "posts_fts", "triage", "POSTS"])
async def test_tables_have_no_page(opened: Opened, table: str) -> None:
    async with visitor(opened, "Mei") as client:
        for path in (f"/store/{table}", f"/store/{table}.json", f"/store/{table}/1"):
            assert (await client.get(path)).status_code in (403, 404), path
        assert (await client.get(f"/store/{table}.csv")).status_code == 400


async def test_a_query_of_ones_own_is_answered_or_told_why_not(opened: Opened) -> None:
    async with visitor(opened) as client:

        async def ask(text: str, form: str = "") -> tuple[int, str]:
            answer = await client.get(f"/store{form}?sql={quote(text)}")
            return answer.status_code, answer.text

        status, page = await ask("SELECT brand, count(*) AS n FROM v_mentions GROUP BY brand")
        assert status == 200
        assert "<td>acme</td>" in page
        status, page = await ask("SELECT recipient FROM outbox")
        assert status == 400
        assert "access to outbox.recipient is prohibited" in page
        status, page = await ask("DELETE FROM posts")
        assert status == 400
        assert "SELECT" in page
        status, page = await ask("SELECT '<script>alert(1)</script>' AS a")
        assert status == 200
        assert "<script" not in page
        endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        opened.datasette.sql_time_limit_ms = 50
        try:
            status, page = await ask(endless)
        finally:
            opened.datasette.sql_time_limit_ms = 5000
        assert status == 400
        assert "Ask for less" in page


async def test_a_file_of_a_query_is_safe_in_a_spreadsheet(opened: Opened) -> None:
    asked = quote("SELECT text FROM v_mentions WHERE text LIKE '=HYPER%'")
    async with visitor(opened) as client:
        told = (await client.get(f"/store.csv?sql={asked}")).text.removeprefix("\ufeff")
    assert list(csv.reader(io.StringIO(told))) == [["text"], [f"'{FORMULA.text}"]]


async def test_a_table_that_is_added_tomorrow_is_closed(opened: Opened, tmp_path: Path) -> None:
    copy = tmp_path / "listener.db"
    writer = connect(opened.site.config.store_path)
    writer.execute("VACUUM INTO ?", (str(copy),))
    writer.close()
    writer = connect(copy)
    writer.execute("CREATE TABLE tokens (token TEXT)")
    writer.close()
    columns, views = sql.readable(copy)
    reader = connect(copy, read_only=True)
    sql.protect(reader, columns, views)
    with pytest.raises(sqlite3.DatabaseError, match="prohibited"):
        reader.execute("SELECT token FROM tokens")
    assert reader.execute("SELECT count(*) FROM v_mentions").fetchone()[0] > 0
    reader.close()
