"""The store that bench.explore is measured on: the same each time, and like one that Listener itself has filled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.big import brand, make
from bench.explore import VIEWS
from listener.store.sqlite import SqliteStore, open_store

MENTIONS = 3000
MARK = "SELECT count(*), sum(mention * length(voice || at || place)), min(at), max(at) FROM mentions"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    path = tmp_path_factory.mktemp("big") / "big.db"
    make(path, MENTIONS, hours=96)
    store = open_store(path, read_only=True)
    yield store
    store.close()


def test_it_is_as_large_and_as_skewed_as_it_says(store: SqliteStore) -> None:
    assert abs(store.read("SELECT count(*) FROM mentions")[0][0] - MENTIONS) < MENTIONS * 0.05
    brands = dict(store.read("SELECT brand, count(*) FROM mentions GROUP BY brand"))
    assert brands[brand(0)] > 3 * brands[brand(19)] > 0
    languages = dict(store.read("SELECT language, count(*) FROM posts GROUP BY language"))
    assert set(languages) == {"en", "zh-Hans", "zh-Hant"}
    assert 0.25 < 1 - languages["en"] / sum(languages.values()) < 0.45
    assert store.read("SELECT count(*) FROM posts WHERE deleted IS NOT NULL")[0][0] > 0


def test_the_same_numbers_make_the_same_store(store: SqliteStore, tmp_path: Path) -> None:
    make(tmp_path / "again.db", MENTIONS, hours=96)
    again = open_store(tmp_path / "again.db", read_only=True)
    assert again.read(MARK) == store.read(MARK)
    again.close()


def test_it_is_whole_and_its_words_are_found(store: SqliteStore) -> None:
    assert store.read("PRAGMA foreign_key_check") == []
    assert store.read("PRAGMA integrity_check") == [("ok",)]
    found = store.search("客服", limit=5)
    assert found
    assert all("客服" in one.text for one in found)
    assert store.search("退")
    assert store.search("Brand03 contract", brand(3), 5)


@pytest.mark.parametrize("sql", VIEWS.values(), ids=VIEWS)
def test_what_is_measured_on_it_runs(store: SqliteStore, sql: str) -> None:
    store.read(sql)
