"""docs/love-bank.md counts as the program does: its example and its weights are worked out here."""

import re
import tomllib
from datetime import date, timedelta

import pytest

from listener import lovebank
from listener.records import Entry
from listener.shipped import shipped
from tests.helpers_docs import DOCS

PAGE = (DOCS / "love-bank.md").read_text("utf-8")
FIRST = date(2026, 1, 1)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def rows() -> list[tuple[int, str, float, float, str]]:
    """(day, voice, feeling, weight, amount as the page says it) of the example."""
    found = re.findall(r"^\| (\d+) \| (\w+) \| .* \| ([+−][\d.]+) \| ([\d.]+)[^|]* \| (.*) \|$", PAGE, re.MULTILINE)
    return [(int(day), voice, number(feeling), float(weight), told) for day, voice, feeling, weight, told in found]


def test_the_example_adds_up() -> None:
    entries = []
    for day, voice, feeling, weight, told in rows():
        if told.startswith("not booked"):
            continue
        amount = lovebank.amount(feeling, weight)
        assert amount == pytest.approx(number(told))
        entries.append(Entry("acme", voice, FIRST + timedelta(days=day - 1), amount, "x", "", f"{voice}{day}"))
    assert len(entries) == 3
    told = re.search(r"On day 1 the balance is ([+−][\d.]+) LU\. On day 91 .* = \*\*([+−][\d.]+) LU\*\*", PAGE)
    plain = re.search(r"The running\s+sum is ([+−]\d+\.\d)", PAGE)
    assert told
    assert plain
    on_day_1 = [entry for entry in entries if entry.day == FIRST]
    assert lovebank.balance(on_day_1, FIRST) == pytest.approx(number(told[1]))
    assert lovebank.balance(entries, FIRST + timedelta(days=90)) == pytest.approx(number(told[2]))
    assert sum(entry.amount for entry in entries) == pytest.approx(number(plain[1]))


def test_the_constants_are_the_programs() -> None:
    assert f"2^(−age in days / {lovebank.HALF_LIFE_DAYS:g})" in PAGE
    assert f"amount = {lovebank.UNIT:g} × feeling × weight" in PAGE
    assert f"more than +{lovebank.LIMIT:g} or less than −{lovebank.LIMIT:g} love units" in PAGE
    assert f"fainter than {lovebank.SILENT:g} is not booked" in PAGE
    assert f"a single withdrawal of {-lovebank.BETRAYAL:g} LU or more" in PAGE
    assert f"lie within {lovebank.DISAPPOINTMENT_DAYS} days" in PAGE


def test_the_weights_are_those_of_the_shipped_topics() -> None:
    topics = tomllib.loads((shipped("config") / "topics.toml").read_text("utf-8"))["topic"]
    heavier = {topic["id"]: topic["weight"] for topic in topics if topic.get("weight", 1) != 1}
    assert heavier == {
        "data-misuse": 2, "unresponsive-service": 2, "leaving": 2, "unwanted-contact": 1.5, "reward": 1.5,
        "great-service": 1.5,
    }  # fmt: skip
    said = " ".join(PAGE.split())
    assert (
        "Data misuse, unresponsive service and leaving weigh 2, unwanted contact, rewards and great service 1.5" in said
    )
