"""docs/queries.md does what it says: each example finds the posts after + and leaves those after -."""

import re
from pathlib import Path

import pytest

from listener.judge import query as queries
from listener.judge.lint import lint
from listener.judge.match import Matcher
from listener.judge.query import parse
from listener.judge.tree import FIELDS
from tests.helpers_judge import post

PAGE = (Path(__file__).parents[1] / "docs" / "queries.md").read_text("utf-8")
EXAMPLES = [
    (example.split("\n", 1)[0], line[0], line[2:])
    for example in re.findall(r"```query\n(.*?)```", PAGE, re.DOTALL)
    for line in example.splitlines()[1:]
]


@pytest.mark.parametrize(("query", "sign", "text"), EXAMPLES)
def test_example(query: str, sign: str, text: str) -> None:
    assert sign in "+-"
    assert bool(Matcher({"x": parse(query)}).match(post(text))) is (sign == "+")


def test_examples_are_many_and_of_both_languages() -> None:
    assert len(EXAMPLES) > 30
    assert sum(bool(re.search("[\u4e00-\u9fff]", text)) for _, _, text in EXAMPLES) > 8
    for query in {query for query, *_ in EXAMPLES}:
        assert not any("twice" in doubt.message or "never" in doubt.message for doubt in lint(parse(query)))


def test_the_limits_are_those_of_the_code() -> None:
    for limit in (
        queries.MAX_TERMS,
        queries.MAX_CHARACTERS,
        queries.MAX_DEPTH,
        queries.MAX_DISTANCE,
        queries.MAX_INSIDE,
    ):
        assert f"{limit:,}" in PAGE
    for field in FIELDS:
        assert f"`{field}:" in PAGE
