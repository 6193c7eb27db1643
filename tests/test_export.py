"""What is taken out reads back as it stood in the store, whatever people wrote, and whoever reads it."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from listener.errors import ConfigError, StoreError
from listener.export.cells import EXCEL_LIMIT, excel_cells, guarded, shown, unguarded
from listener.export.formats import CsvWriter, Format, JsonlWriter, ParquetWriter, format_of
from listener.export.take import take
from listener.export.whole import whole
from listener.store.export import Pick, Snapshot
from listener.store.promised import PROMISED, View
from listener.store.sqlite import SqliteStore
from tests.helpers_export import HOSTILE, hostile_store
from tests.helpers_store import NOON, make_store, make_taken

MENTIONS = PROMISED["v_mentions"]
NAMES = [column.name for column in MENTIONS.columns]
RISKY = tuple("=+-@\t\r＝＋－＠")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = hostile_store(tmp_path_factory.mktemp("export"))
    yield store
    store.close()


def taken(store: SqliteStore, view: View, form: Format, pick: Pick | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    with Snapshot.of(store) as snapshot:
        rows = take(snapshot, view, pick or Pick(), file, form, **options)
    assert rows == len(store.rows(f"SELECT 1 FROM {view.name}")) or pick
    return file.getvalue()


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def expected(store: SqliteStore, view: View = MENTIONS) -> list[dict[str, Any]]:
    return store.rows(f"SELECT * FROM {view.name} ORDER BY {view.order}")


# --- the same rows


@pytest.mark.parametrize("view", PROMISED.values(), ids=PROMISED)
def test_csv_holds_the_view_as_it_is_but_for_the_guard(store: SqliteStore, view: View) -> None:
    found = rows_of(taken(store, view, "csv"))
    assert [list(row) for row in found] == [[column.name for column in view.columns]] * len(found)
    for row, real in zip(found, expected(store, view), strict=True):
        for name, value in real.items():
            if isinstance(value, str):
                assert unguarded(row[name]) == shown(value)
            else:
                assert row[name] == ("" if value is None else repr(value))


@pytest.mark.parametrize("view", PROMISED.values(), ids=PROMISED)
def test_jsonl_and_parquet_hold_the_exact_values(store: SqliteStore, view: View) -> None:
    real = expected(store, view)
    lines = [json.loads(line) for line in taken(store, view, "jsonl").decode().splitlines()]
    table = parquet.read_table(io.BytesIO(taken(store, view, "parquet")))
    assert table.column_names == [column.name for column in view.columns]
    for line, row, wanted in zip(lines, table.to_pylist(), real, strict=True):
        assert list(line) == list(wanted)
        for name, value in wanted.items():
            kind = view.kind(name)
            if kind == "names":
                value = value.split(",") if value else []
            elif kind == "json":
                value = json.loads(value)
            elif kind == "yes" and value is not None:
                value = value == 1
                assert type(line[name]) is bool
            assert line[name] == value
            if value is not None and kind == "time":
                value = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            elif value is not None and kind == "day":
                value = date.fromisoformat(value)
            assert row[name] == value
            assert type(row[name]) is type(float(value) if kind == "number" and value is not None else value)


values = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(HOSTILE)


@given(st.lists(st.tuples(values, values), max_size=8))
def test_any_text_comes_back(texts: list[tuple[str, str]]) -> None:
    view = PROMISED["v_labels"]
    names = ["by", "note"]
    files = io.BytesIO(), io.BytesIO(), io.BytesIO()
    writers = CsvWriter(files[0], names), JsonlWriter(files[1], view, names), ParquetWriter(files[2], view, names, {})
    for writer in writers:
        if texts:
            writer.write(texts)
        writer.close()
    found = [tuple(row) for row in csv.reader(io.StringIO(files[0].getvalue().decode(), newline=""), strict=True)][1:]
    assert [tuple(map(unguarded, row)) for row in found] == [tuple(map(shown, row)) for row in texts]
    assert not [cell for row in found for cell in row if cell.startswith(RISKY)]
    lines = [json.loads(line) for line in files[1].getvalue().decode().splitlines()]
    assert [(line["by"], line["note"]) for line in lines] == texts
    files[2].seek(0)
    assert [(row["by"], row["note"]) for row in parquet.read_table(files[2]).to_pylist()] == texts


@given(values)
def test_a_guard_can_be_taken_off_and_lets_nothing_through(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(RISKY)
    assert not guarded(text).lstrip(" \u200b\ufeff\u00a0\n").startswith(RISKY)


def test_numbers_are_not_guarded_but_texts_that_look_like_formulas_are(store: SqliteStore) -> None:
    found = rows_of(taken(store, MENTIONS, "csv"))
    assert {row["sentiment"] for row in found} == {"-0.5", "-0.6"}
    text = {unguarded(row["text"]): row["text"] for row in found}
    for formula in ("+1-800-555", "＝１＋１", "＠work", " \u200b=1+1", "'=already quoted"):
        assert text[formula] == f"'{formula}"
    assert "\u202e" not in str(text)
    assert "\x00" not in str(text)
    assert "right\ufffdot tfel\ufffd and \ufffdisolated" in text


def test_rfc_4180(store: SqliteStore) -> None:
    data = taken(store, PROMISED["v_daily"], "csv")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.startswith(b"brand,day,mentions,")
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == len(expected(store, PROMISED["v_daily"])) + 1


# --- other programs


def test_pandas_and_duckdb_read_the_csv_as_python_does(store: SqliteStore, tmp_path: Path) -> None:
    path = tmp_path / "mentions.csv"
    path.write_bytes(taken(store, MENTIONS, "csv"))
    ours = [[row["post_key"], row["text"], row["thread_title"]] for row in rows_of(path.read_bytes())]
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    columns = ["post_key", "text", "thread_title"]
    assert frame[columns].values.tolist() == ours
    with duckdb.connect() as db:
        sql = "SELECT post_key, coalesce(text, ''), coalesce(thread_title, '') FROM read_csv(?, all_varchar=true)"
        found = db.execute(sql, [str(path)]).fetchall()
    assert [list(row) for row in found] == ours


def test_pandas_and_duckdb_read_parquet_with_its_types(store: SqliteStore, tmp_path: Path) -> None:
    path = tmp_path / "mentions.parquet"
    path.write_bytes(taken(store, MENTIONS, "parquet"))
    frame = pd.read_parquet(path)
    assert str(frame["at"].dtype) == "datetime64[us, UTC]"
    assert frame["leaving"].dtype == bool
    assert frame["text"].tolist() == [row["text"] for row in expected(store)]
    with duckdb.connect() as db:
        rows = db.execute(
            "SELECT topic, count(*) FROM (SELECT unnest(topics) AS topic FROM read_parquet(?) WHERE leaving) "
            "GROUP BY topic ORDER BY topic",
            [str(path)],
        ).fetchall()
        (kind,) = db.execute('SELECT typeof("at") FROM read_parquet(?) LIMIT 1', [str(path)]).fetchone() or ("",)
    assert rows == [("billing-error", 1), ("outage", 1)]
    assert kind == "TIMESTAMP WITH TIME ZONE"


def test_pandas_and_duckdb_read_json_lines(store: SqliteStore, tmp_path: Path) -> None:
    path = tmp_path / "mentions.jsonl"
    path.write_bytes(taken(store, MENTIONS, "jsonl"))
    wanted = [row["text"] for row in expected(store)]
    assert pd.read_json(path, lines=True, dtype=False)["text"].tolist() == wanted
    with duckdb.connect() as db:
        found = db.execute("SELECT text FROM read_json(?, format='newline_delimited')", [str(path)]).fetchall()
    assert [text for (text,) in found] == wanted


def test_parquet_tells_what_it_was_made_from(store: SqliteStore) -> None:
    data = taken(store, MENTIONS, "parquet", Pick("wagtail", date(2026, 3, 14), date(2026, 3, 20)))
    facts = parquet.read_schema(io.BytesIO(data)).metadata
    assert (facts[b"listener.view"], facts[b"listener.brand"], facts[b"listener.until"]) == (
        b"v_mentions", b"wagtail", b"2026-03-20",
    )  # fmt: skip


def test_excel_gets_what_it_can_hold(store: SqliteStore) -> None:
    data = taken(store, MENTIONS, "csv", excel=True)
    assert data.startswith(b"\xef\xbb\xbfbrand,")
    found = rows_of(data[3:])
    assert max(len(row["text"]) for row in found) == EXCEL_LIMIT
    assert found[0]["at"] == "2026-03-14 12:00:00"
    assert "'1234567890123456" in {row["text"] for row in found}


def test_excel_takes_no_hash_for_a_number() -> None:
    assert excel_cells(("1234567890123e12", "12ab", "7", -7, None)) == ["'1234567890123e12", "12ab", "'7", -7, None]


# --- which rows


@pytest.mark.parametrize("view", [view for view in PROMISED.values() if view.picked_by], ids=lambda view: view.name)
def test_days_are_half_open_in_every_view(store: SqliteStore, view: View) -> None:
    real = expected(store, view)
    days = sorted({row[view.picked_by][:10] for row in real}) or ["2026-03-14"]
    since, until = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    for pick in (Pick(since=since, until=until), Pick(since=until), Pick(until=since), Pick("copperline", since)):
        wanted = [
            row
            for row in real
            if (pick.since is None or row[view.picked_by][:10] >= str(pick.since))
            and (pick.until is None or row[view.picked_by][:10] < str(pick.until))
            and (not pick.brand or not view.has_brand or row["brand"] == pick.brand)
        ]
        with Snapshot.of(store) as snapshot:
            found = [row for piece in snapshot.pieces(view, pick) for row in piece]
            assert snapshot.count(view, pick) in (None, len(wanted))
        assert found == [tuple(row.values()) for row in wanted]


def test_what_is_written_meanwhile_is_not_seen(tmp_path: Path) -> None:
    store = hostile_store(tmp_path, ["one"])
    with Snapshot.of(store) as snapshot:
        assert snapshot.count(MENTIONS, Pick()) == 2
        store.add([make_taken(store, 5, "Wagtail again", author="new", thread=5)], [], NOON)
        assert sum(len(piece) for piece in snapshot.pieces(MENTIONS, Pick())) == 2
        assert snapshot.brands() == ("copperline", "wagtail")
    store.close()


def test_no_sorting_of_all_mentions(store: SqliteStore) -> None:
    """The order comes from an index, so the first row is there at once and memory stays flat."""
    for pick in (
        Pick(),
        Pick("wagtail"),
        Pick("wagtail", date(2026, 3, 1), date(2026, 4, 1)),
        Pick("", date(2026, 3, 1)),
    ):
        where, values = pick.where(MENTIONS)
        plan = store.read(f"EXPLAIN QUERY PLAN SELECT * FROM v_mentions{where} ORDER BY {MENTIONS.order}", values)
        outer = [detail for _, parent, _, detail in plan if parent == 0]
        assert "USING INDEX mentions_brand" in outer[0]
        assert not [detail for detail in outer if "TEMP B-TREE" in detail]


def test_memory_is_that_of_a_piece_not_of_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.store.export.PIECE_CHARACTERS", 1_000_000)
    store = make_store(tmp_path)
    words = "Wagtail " * 2_500  # 20,000 characters
    store.add([make_taken(store, n, words, author=f"a{n}", thread=n) for n in range(600)], [], NOON)
    with Snapshot.of(store) as snapshot, (tmp_path / "out.jsonl").open("wb") as file:
        tracemalloc.start()
        take(snapshot, MENTIONS, Pick(), file, "jsonl")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    store.close()
    assert (tmp_path / "out.jsonl").stat().st_size > 12_000_000
    # 256 rows are read at a time (5 MB), and written from one string
    assert peak < 24_000_000


def test_parquet_is_written_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.store.export.ROWS", 2)
    monkeypatch.setattr("listener.store.export.PIECE_ROWS", 4)
    monkeypatch.setattr("listener.export.formats.GROUP_ROWS", 8)
    store = hostile_store(tmp_path)
    found = parquet.ParquetFile(io.BytesIO(taken(store, MENTIONS, "parquet")))
    groups = [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)]
    monkeypatch.setattr("listener.export.formats.GROUP_BYTES", 1)
    found = parquet.ParquetFile(io.BytesIO(taken(store, MENTIONS, "parquet")))
    by_bytes = [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)]
    store.close()
    assert groups == [8, 8, 8, 1]
    assert by_bytes == [4] * 6 + [1]


# --- trouble


def test_a_value_of_another_kind_is_told_by_view_and_column(tmp_path: Path) -> None:
    store = hostile_store(tmp_path, ["one"])
    store.write("UPDATE mentions SET day = 'soon' WHERE brand = 'wagtail'")
    with pytest.raises(StoreError, match=r"v_mentions\.day: .*soon"):
        taken(store, MENTIONS, "parquet")
    assert {row["day"] for row in rows_of(taken(store, MENTIONS, "csv"))} == {"2026-03-14", "soon"}
    store.close()


def test_an_older_file_says_what_it_lacks(tmp_path: Path) -> None:
    store = hostile_store(tmp_path, ["one"])
    store.db["v_labels"].drop()
    with pytest.raises(StoreError, match=r"has no v_labels: an older Listener .* `listener housekeep`"):
        taken(store, PROMISED["v_labels"], "csv")
    store.close()


@pytest.mark.parametrize(("name", "form"), [("a.csv", "csv"), ("A.NDJSON", "jsonl"), ("x/y.parquet", "parquet")])
def test_the_ending_tells_the_format(name: str, form: str) -> None:
    assert format_of(name) == form


@pytest.mark.parametrize("name", ["a", "a.xlsx", "csv", ".csv"])
def test_another_ending_is_told(name: str) -> None:
    with pytest.raises(ConfigError, match="--format"):
        format_of(name)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(RuntimeError), whole(path) as file:  # noqa: PT012 - the block is what fails
        file.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with whole(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="--force"), whole(path):
        pass
    with pytest.raises(RuntimeError), whole(path, force=True) as file:  # noqa: PT012
        file.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"whole"


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(ConfigError, match="exists"), whole(path) as file:  # noqa: PT012
        file.write(b"ours")
        path.write_bytes(b"theirs")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.csv", b"theirs")]


def test_days_of_a_long_store_stay_in_order(store: SqliteStore) -> None:
    days = [row["day"] for row in rows_of(taken(store, MENTIONS, "csv", Pick("wagtail")))]
    assert days == sorted(days)
    assert days[-1] == str((NOON + timedelta(days=len(HOSTILE) - 1)).date())
