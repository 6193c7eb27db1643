"""The replay bench: reading files of the past, folding threads, and a run through the real intake and watch."""

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.past import Row, Threads, posts, read
from bench.replay import brand_id, options_of, replay
from listener.errors import ListenerError

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
LIST = ("created_at_utc", "from", "subject", "message_id", "body")


ANGER = (
    "Acme is terrible: the handle of my rake broke on the first day.",
    "Mine is useless too. Acme refused a refund, I am furious.",
    "What awful quality, Acme should be ashamed.",
    "I hate this Acme junk, it fell to pieces in the rain.",
    "The worst purchase of my life. Never Acme again.",
    "Acme lied to us about the steel, how disgusting.",
    "My neighbour's Acme snapped and hurt her hand, horrible.",
    "Broken after an hour. Shame on Acme and their bad service.",
)


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def row(name: str, title: str = "", hour: float = 0.0, **more: str) -> Row:
    fields: dict[str, str] = {"author": name, "title": title, "id": name, "text": "…"} | more
    return Row(BEGIN + timedelta(hours=hour), **fields)


def test_a_list_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    told = [
        ("2001-01-02 10:00:00", "ann@a.example (Ann)", "Re: Wheels", "<2>", "> They squeak.\nOil them."),
        ("2001-01-01 10:00:00+02:00", "Bob <Bob@b.example>", "Wheels", "<1>", "They squeak."),
    ]
    rows = read(write(tmp_path / "list.csv.gz", LIST, told))
    assert [one.at.hour for one in rows] == [8, 10]
    (first, _), (second, named) = posts(rows)
    assert (first.author, second.author) == ("bob@b.example", "ann@a.example")
    assert (first.position, second.position, named) == (0, -1, frozenset())
    assert second.thread_url == first.thread_url != second.url
    assert (second.text, [text for _, text in second.quotes]) == ("Oil them.", ["They squeak."])


def test_tweets_are_read_by_their_own_columns(tmp_path: Path) -> None:
    told = [("XY", "2001-01-01 10:00:00", "7", "u1", "$XY up"), ("ZZ", "2001-01-01 10:00:00", "7", "u1", "$XY up")]
    rows = read(write(tmp_path / "t.csv.gz", ("brand", "created_at_utc", "id", "user_id", "text"), told))
    ((post, named),) = posts(rows)
    assert (post.author, post.position, named) == ("u1", 0, frozenset({"XY", "ZZ"}))


@pytest.mark.parametrize(
    ("columns", "cells", "told"),
    [
        (("when", "body"), ("2001-01-01", "…"), "no column for time"),
        (("date", "who"), ("2001-01-01", "…"), "no column for text"),
        (("date", "text"), ("first of May", "…"), "line 2"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, columns: Sequence[str], cells: Sequence[str], told: str) -> None:
    with pytest.raises(ListenerError, match=told):
        read(write(tmp_path / "bad.csv.gz", columns, [cells]))
    with pytest.raises(ListenerError, match="cannot be read"):
        read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("rows", "roots"),
    [
        ([row("a", "X"), row("b", "Re: x", 1), row("c", "RE: Re: X", 2)], "aaa"),
        ([row("a", "X"), row("b", "X", 1), row("c", "Re: X", 2)], "abb"),
        ([row("a", "X"), row("b", "Re: X", 24 * 31)], "ab"),
        ([row("a", "X"), row("b", "Re: X", 24 * 29), row("c", "Re: X", 24 * 40)], "aaa"),
        ([row("a", "X"), row("b", "Y (was: X)", 1), row("c", "Re: Y", 2)], "aaa"),
        ([row("a", "X"), row("b", "Y, was Re: X", 1), row("c", "Re: Y, was Re: X", 2)], "aaa"),
        ([row("a", "X"), row("b", "What was X", 1)], "ab"),
        ([row("a"), row("b", "", 1)], "ab"),
        ([row("a", "X"), row("b", "Z", 1, parent="a"), row("c", "Q", 2, parent="b")], "aaa"),
    ],
)
def test_threads_are_folded(rows: Sequence[Row], roots: str) -> None:
    threads = Threads()
    assert "".join(threads.place(one)[0] for one in rows) == roots


def archive(path: Path) -> Path:
    """Forty days of a list: an Acme post every five days, other talk each six hours, a hole, an outcry on day 35."""
    rows = []
    for number in range(40 * 4):
        at = BEGIN + timedelta(hours=6 * number)
        if not 10 <= number / 4 < 12:
            rows.append((at, f"p{number % 9}@list.example", f"Garden {number}", "The roses are late this year."))
    rows += [
        (BEGIN + timedelta(days=day, hours=1), f"q{day}@list.example", f"Note {day}", "I bought an Acme rake today.")
        for day in range(0, 34, 5)
    ]
    for number, said in enumerate(ANGER):
        title = "Re: Acme rakes break" if number else "Acme rakes break"
        at = BEGIN + timedelta(days=35, minutes=7 * number + 1)
        rows.append((at, f"c{number}@list.example", title, said))
    cells = [
        (f"{at:%Y-%m-%d %H:%M:%S}", who, title, f"<{number}>", text)
        for number, (at, who, title, text) in enumerate(rows)
    ]
    return write(path, LIST, cells)


def told(result: Mapping[str, object], key: str) -> list[object]:
    alerts = result["alerts"]
    assert isinstance(alerts, list)
    return [alert[key] for alert in alerts]


def test_an_outcry_is_told_within_the_half_hour_and_looks_make_no_difference(tmp_path: Path) -> None:
    path = archive(tmp_path / "list.csv.gz")
    result = replay(path, [("Acme", ""), ("Zebra", "zebra*")])
    (queued,) = told(result, "queued_utc")
    assert "2001-02-05 00:10:00" <= str(queued) <= "2001-02-05 00:30:00"
    assert str(queued).endswith("0:00") or str(queued).endswith("5:00")  # a look
    totals, brands = result["totals"], result["brands"]
    assert isinstance(totals, dict)
    assert isinstance(brands, dict)
    assert (totals["mentions"], totals["alerts"], brands["Zebra"]["mentions"]) == (15, 1, 0)
    assert totals["weeks"] == pytest.approx((40 - 2.25) / 7, abs=0.05)  # without the hole
    assert totals["alerts_per_brand_week"] == pytest.approx(1 / totals["weeks"] / 2, rel=0.01)
    often = replay(path, [("Acme", ""), ("Zebra", "zebra*")], every=timedelta(minutes=5))
    for key in ("queued_utc", "stream", "score", "began_utc"):
        assert told(often, key) == told(result, key)


def test_nothing_before_since_or_from_until_on_is_pushed(tmp_path: Path) -> None:
    path = archive(tmp_path / "list.csv.gz")
    result = replay(path, [("Acme", "")], datetime(2001, 1, 20, tzinfo=UTC), datetime(2001, 2, 5, tzinfo=UTC))
    assert isinstance(result["totals"], dict)
    assert (result["totals"]["mentions"], result["alerts"]) == (3, [])


def test_brands_come_from_their_column(tmp_path: Path) -> None:
    rows = [("SO", "2001-01-01 10:00:00", "1", "u", "$SO is so so"), ("T", "2001-01-01 11:00:00", "2", "u", "so what")]
    result = replay(write(tmp_path / "t.csv.gz", ("brand", "created_at_utc", "id", "user_id", "text"), rows), [])
    assert isinstance(result["brands"], dict)
    assert {name: figures["mentions"] for name, figures in result["brands"].items()} == {"SO": 1, "T": 1}


def test_a_file_without_brands_needs_one(tmp_path: Path) -> None:
    with pytest.raises(ListenerError, match="--brand"):
        replay(archive(tmp_path / "list.csv.gz"), [])


def test_each_query_is_of_the_brand_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    options = options_of(["f.csv", "--brand", "A", "--brand", "B & C", "--query", "b OR c", "--json"])
    assert options.pairs == [("A", ""), ("B & C", "b OR c")]
    with pytest.raises(SystemExit):
        options_of(["f.csv", "--query", "x"])
    assert "--brand" in capsys.readouterr().err
    assert (brand_id("B & C"), brand_id("櫻桃") != brand_id("蘋果")) == ("b---c", True)


def test_a_result_is_json(tmp_path: Path) -> None:
    assert json.loads(json.dumps(replay(archive(tmp_path / "l.csv.gz"), [("Acme", "")])))["alerts"]
