"""A store that version 1 wrote opens, keeps what it holds, and has what the next version added."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from listener.store.keyfile import check_of, key_path, make_key, read_key
from listener.store.schema import SCHEMA_VERSION, migrations
from listener.store.sqlite import open_store
from tests.helpers_store import NOON, SOURCES, make_store, make_taken

# One promised view as version 1 had it: migrations bring the views anew.
OLD_VIEW = """
DROP VIEW v_share_of_voice;
CREATE VIEW v_share_of_voice AS SELECT day, brand, count(DISTINCT voice) AS voices, 1.0 AS share
FROM mentions WHERE by_brand = 0 GROUP BY day, brand;
"""


def version_1(path: Path) -> None:
    """An empty store as version 1 made it."""
    with closing(Database(path).conn) as conn:
        db = Database(conn)
        migrations.apply(db, stop_before="m002_rooms")
        db.executescript(OLD_VIEW)
        make_key(key_path(path))
        facts = {
            "schema_version": "1",
            "created": "2026-03-01T00:00:00Z",
            "key_check": check_of(read_key(key_path(path))),
        }
        conn.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", list(facts.items()))
        conn.commit()


def test_a_version_1_file_is_brought_up_to_date_with_all_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    version_1(path)
    with closing(Database(path).conn) as conn:  # a post, as version 1 wrote it
        conn.execute(
            "INSERT INTO sources (source, kind, url, host, brands, options, min_interval_s, max_interval_s, "
            "state_since, due, interval_s) VALUES ('forum', 'forum', 'https://forum.example/', 'forum.example', '[]', "
            "'{}', 300, 21600, '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z', 300)"
        )
        conn.executescript(
            """
            INSERT INTO voices VALUES ('v1', 'forum.example', NULL, '2026-03-01T00:00:00Z');
            INSERT INTO threads (thread, url, title, source, platform)
              VALUES (1, 'https://forum.example/t/1', 'T', 'forum', 'forum.example');
            INSERT INTO posts (id, key, source, platform, url, thread, position, voice, text, content_hash, fingerprint,
              at, published_precision, first_seen, last_seen, language)
              VALUES (1, 'k1', 'forum', 'forum.example', 'https://forum.example/t/1#p1', 1, 0, 'v1', 'Wagtail is fine',
              'h', 'f', '2026-03-01T00:00:00Z', 'minute', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z', 'en');
            INSERT INTO mentions (mention, post, brand, place, spans, terms, query_version, at, day, voice, source)
              VALUES (1, 1, 'wagtail', 'text', '[]', '[]', 'q', '2026-03-01T00:00:00Z', '2026-03-01', 'v1', 'forum');
            INSERT INTO judgements VALUES (1, 0.0, 'neutral', 0.5, 0, 0, '[]', 'v', '2026-03-01T00:00:00Z');
            """
        )
        conn.commit()
    store = open_store(path)
    with closing(store):
        assert store.read("SELECT value FROM meta WHERE name = 'schema_version'") == [(str(SCHEMA_VERSION),)]
        [old] = store.judged("wagtail")
        assert (old.text, old.backfilled) == ("Wagtail is fine", False)
        store.sync_sources(SOURCES, NOON)
        store.add([make_taken(store, 7)], [], NOON)
        assert store.mark_deleted(["k1"], NOON + timedelta(hours=1)) != []
        assert [row["day"] for row in store.rows("SELECT day FROM v_share_of_voice")] == ["2026-03-14"]


def test_an_old_store_ends_up_with_the_schema_of_a_new_one(tmp_path: Path) -> None:
    version_1(tmp_path / "old.db")
    (tmp_path / "new").mkdir()
    made = []
    for store in (open_store(tmp_path / "old.db"), make_store(tmp_path / "new")):
        with closing(store):
            tables = [name for (name,) in store.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
            columns = {
                name: store.read(f"SELECT name, type, dflt_value FROM pragma_table_info('{name}')") for name in tables
            }
            rest = store.read("SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'index') ORDER BY 2")
            made.append((columns, rest))
    assert made[0] == made[1]
