"""Cues and topics: every rule of the cue syntax, and the shipped taxonomy on a handful of plain complaints."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given

from listener.config import Topic
from listener.errors import ConfigError
from listener.judge.cues import read_cue
from listener.judge.topics import TopicFinder
from tests.helpers_judge import texts, topic

SHIPPED = Path(__file__).parents[1] / "config" / "topics.toml"


@pytest.mark.parametrize(
    ("cue", "yes", "no"),
    [
        ("late fee*", "Two LATE FEES again", "translate feels"),
        ("fee", "a fee.", "fees"),
        ("客服 + 不回", "客服真的不回我", "客服很好。他不回"),
        ("sold + my data", "My data was sold", "I sold it. My data is safe"),
        ("(sold|leak*) + (my|our) + (data|number)", "they leaked our number", "they leaked the number"),
        ("hidden fee* + -no hidden fee*", "hidden fees here", "there were no hidden fees"),
        ("refus* to (reply|answer)", "refusing to answer me", "refused us to answer"),
        ("(bille|charge)d twice", "billed twice", "bill twice"),
        ("won't answer", "they won’t\nanswer", "they won t answer"),
        ("(£*|$*) + from my account", "took £40 from my account", "took 40 from my account"),
        ("亂收費", "乱收费！", "收費亂"),
        ("no one + answers", "no one ever answers", "no one. She answers"),
    ],
)
def test_cue(cue: str, yes: str, no: str) -> None:
    finder = TopicFinder([topic("t", cue)])
    (tag,) = finder.find(yes)
    assert tag.topic == "t"
    assert 0.5 <= tag.confidence <= 0.95
    assert tag.spans
    assert finder.find(no) == ()


def test_spans_tell_the_words() -> None:
    text = "Well. They LEAKED my number, and my data too"
    (tag,) = TopicFinder([topic("t", "leak* + (my number|my data)")]).find(text)
    assert [text[start:end] for start, end in tag.spans] == ["LEAK", "my number", "my data"]


def test_surer_by_length_and_number() -> None:
    finder = TopicFinder([topic("short", "fee"), topic("long", "an undisclosed handling fee", "handling fee")])
    tags = finder.find("an undisclosed handling fee")
    assert [tag.topic for tag in tags] == ["long", "short"]
    assert tags[0].confidence > tags[1].confidence


@pytest.mark.parametrize(
    "cue", ["", "-not this", "a + ", "(a|b", "(a(b)c)", "(a||b)", "re*fuse", "x + + y", "(a|b)" * 20, "*"]
)
def test_a_wrong_cue_names_topic_and_cue(cue: str) -> None:
    with pytest.raises(ConfigError, match="hidden-fees") as caught:
        TopicFinder([topic("hidden-fees", "fine", cue)])
    assert repr(cue) in str(caught.value)


def test_cue_is_expanded() -> None:
    cue = read_cue("(a|b c)d + -x*", "t")
    assert {literal.text for literal in cue.needed[0]} == {"ad", "b cd"}
    assert [literal.prefix for literal in cue.barred[0]] == [True]


@given(texts)
def test_any_text(text: str) -> None:
    finder = TopicFinder([topic("a", "acme* + -bolt"), topic("b", "不好"), topic("c", "great + but", "error")])
    for tag in finder.find(text):
        assert 0 <= tag.confidence <= 1
        assert all(0 <= start < end <= len(text) for start, end in tag.spans)


def test_no_topics() -> None:
    assert TopicFinder([]).find("anything") == ()


def test_the_shipped_taxonomy() -> None:
    finder = TopicFinder([Topic.model_validate(row) for row in tomllib.loads(SHIPPED.read_text("utf-8"))["topic"]])
    for text, wanted in (
        ("They sold my data to advertisers.", "data-misuse"),
        ("客服完全不回應", "unresponsive-service"),
        ("The fine print has hidden fees everywhere", "hidden-fees"),
        ("個資外洩了", "data-misuse"),
    ):
        assert wanted in {tag.topic for tag in finder.find(text)}, text
    assert finder.find("I walked to the harbour and had lunch.") == ()
