"""The SQL page: what a query may read, and the queries that are shipped.

Whoever reaches the site may write SQL, so SQLite itself is asked about every column that a query reads (its
authorizer), and only what the promised views and the shipped queries are made of is read. It is a list of what may be
read, found by asking SQLite what they read, not one of what may not: a table that is added tomorrow is closed until a
view shows it. A name is no key: in `WITH v_mentions AS (SELECT * FROM outbox) …` SQLite tells the authorizer that the
view v_mentions reads the outbox, so who reads is never asked, only what.
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from listener.store.connection import connect

PROMISED = "v_"  # names of the views begin so
INDEX = "posts_fts"  # full text: the words of the posts, which v_mentions shows
PRAGMAS = frozenset(
    {  # what Datasette asks to show a view; all of it describes tables, none shows a row
        "foreign_key_list", "function_list", "index_info", "index_list", "index_xinfo", "schema_version", "table_info",
        "table_list", "table_xinfo", "data_version", "encoding",
    }
)  # fmt: skip
# No text or blob longer than this is built: randomblob(1e9) is refused at once.
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 20_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
DESCRIBED = frozenset({"sqlite_master", "sqlite_schema", "json_each", "json_tree"})
NO_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"})

Columns = frozenset[tuple[str, str]]


def readable(path: Path, more: Iterable[str] = ()) -> tuple[Columns, tuple[str, ...]]:
    """(table, column) pairs that the promised views and the queries `more` read, and the names of the views.

    Raises:
        sqlite3.Error: one of the queries does not fit this store.
    """
    seen: set[tuple[str, str]] = set()

    def note(action: int, first: str | None, second: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ and first is not None:
            seen.add((first, second or ""))
        return sqlite3.SQLITE_OK

    conn = connect(path, read_only=True)
    try:
        views = [
            name
            for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
            if name.startswith(PROMISED)
        ]
        conn.set_authorizer(note)
        for sql in [*(f"SELECT * FROM {name}" for name in views), *more]:
            conn.execute(f"EXPLAIN {sql}", _Anything()).fetchall()
    finally:
        conn.close()
    return frozenset(seen), tuple(views)


class _Anything(dict[str, None]):
    """Binds NULL to whatever a query asks for."""

    def __missing__(self, name: str) -> None:
        return None


def protect(conn: sqlite3.Connection, columns: Columns, views: Iterable[str]) -> None:
    """From now on `conn` reads these columns and views, and does nothing else."""
    tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for limit, most in LIMITS.items():
        conn.setlimit(limit, most)
    conn.execute("PRAGMA query_only = ON")
    conn.execute("PRAGMA trusted_schema = OFF")
    conn.set_authorizer(authorizer(columns, frozenset(views), frozenset(tables)))


def authorizer(columns: Columns, views: frozenset[str], tables: frozenset[str]) -> Callable[..., int]:
    """What SQLite asks before it does anything; denied unless known to be harmless. `tables`: all that there are."""
    closed = tables - {table for table, _ in columns}

    def reads(table: str, column: str) -> bool:
        if not column:  # it is only counted; what has no such name is a part of the query itself
            return table not in closed or table.startswith(INDEX)
        if table.startswith((INDEX, "pragma_")) or table in views or table in DESCRIBED:
            return True
        return (table, column) in columns

    def ask(action: int, first: str | None, second: str | None, *_: object) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            fine = True
        elif action == sqlite3.SQLITE_READ:
            fine = reads(first or "", second or "")
        elif action == sqlite3.SQLITE_FUNCTION:
            fine = (second or "").lower() not in NO_FUNCTIONS
        elif action == sqlite3.SQLITE_PRAGMA:
            fine = (first or "").lower() in PRAGMAS
        elif action == sqlite3.SQLITE_UPDATE:
            # Opening the full-text table tells SQLite its columns in a way that looks like writing the schema. Nothing
            # can come of it: the file is opened read-only.
            fine = first == "sqlite_master"
        else:
            fine = False
        return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY

    return ask
