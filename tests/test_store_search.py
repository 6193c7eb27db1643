"""Full text in English and Chinese."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import StoreError
from listener.fold import to_simplified
from listener.store.search import search_query, search_text
from listener.store.sqlite import SqliteStore
from tests.helpers_store import NOON, make_store, make_taken

POSTS = (
    "Wagtail客服完全不回應，真的很差",
    "苹果手机的客服还可以",
    "Café Wagtail isn’t open, support never answers",
    "ＷＡＧＴＡＩＬ 的 APP 一直當機",
    "統一超商 客",
)


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    store = make_store(tmp_path)
    store.add([make_taken(store, n, text, title=f"標題{n}", thread=n) for n, text in enumerate(POSTS)], [], NOON)
    return store


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("客服", {0, 1}),
        ("客", {0, 1, 4}),
        ("服", {0, 1}),
        ("應", {0}),  # a run's last character
        ("应", {0}),
        ("不回應", {0}),
        ("不回应", {0}),  # Simplified finds Traditional
        ("蘋果手機", {1}),  # and the other way round
        ("回不應", set()),
        ("wagtail 客服", {0}),
        ("客服 wagtail", {0}),
        ("Wagtail客服", {0}),
        ("wagtail", {0, 2, 3}),  # full-width too
        ("CAFE", {2}),
        ("isn't", {2}),
        ("support answers", {2}),
        ('"support answers"', set()),
        ('"never answers"', {2}),
        ('"客服 真的"', set()),
        ('"不回應，真的很差"', {0}),
        ("answ*", {2}),
        ("answ", set()),
        ("當機", {3}),
        ("標題3", {3}),
        ("标题", {0, 1, 2, 3, 4}),
        ("超商 客", {4}),
    ],
)
def test_what_is_found(store: SqliteStore, query: str, found: set[int]) -> None:
    assert {POSTS.index(judged.text) for judged in store.search(query)} == found
    store.close()


def test_newest_first_by_brand_and_limited(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store, n, brand=("a", "b") if n == 2 else "a") for n in (1, 2, 3)], [], NOON)
    assert len(store.search("wagtail")) == 4
    assert [found.brand for found in store.search("wagtail", "b")] == ["b"]
    assert len(store.search("wagtail", limit=2)) == 2
    store.close()


def test_nothing_to_look_for_is_told(store: SqliteStore) -> None:
    for query in ("", "  ", '"', "，。", "* - ()"):
        with pytest.raises(StoreError, match="no word to look for"):
            store.search(query)
    store.close()


def test_han_runs_become_pairs_and_their_last_character() -> None:
    assert search_text("Wagtail客服完全, ok 好") == "Wagtail 客服 服完 完全 全 , ok  好 "
    assert search_text("plain text") == "plain text"


HAN = st.text("客服完全不回應應該統一一統", min_size=1, max_size=8)


@given(HAN, HAN, HAN)
def test_a_run_finds_exactly_the_texts_that_hold_it(before: str, run: str, after: str) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute('CREATE VIRTUAL TABLE f USING fts5 (text, tokenize = "unicode61 remove_diacritics 2")')
    texts = [before, before + run + after, f"{before} {after}", run]
    conn.executemany("INSERT INTO f VALUES (?)", [(search_text(to_simplified(text)),) for text in texts])
    found = {row - 1 for (row,) in conn.execute("SELECT rowid FROM f WHERE f MATCH ?", (search_query(run),))}
    conn.close()
    assert found == {n for n, text in enumerate(texts) if to_simplified(run) in to_simplified(text)}


@given(st.text() | st.text("\"*()^:-+ANDORNEAR{}客服\\' \x00"))
def test_no_text_is_a_syntax_error(text: str) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE VIRTUAL TABLE f USING fts5 (text)")
    if query := search_query(text):
        conn.execute("SELECT * FROM f WHERE f MATCH ?", (query,)).fetchall()
    conn.close()
