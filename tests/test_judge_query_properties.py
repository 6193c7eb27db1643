"""Brand queries, held against two properties: printed they parse to themselves, and the fast matcher finds what a slow
reference finds (tests/reference_query.py).
"""

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from listener.errors import QueryError
from listener.fold import bare
from listener.judge.find import Finder, readable
from listener.judge.implies import excludes, implies
from listener.judge.lint import lint
from listener.judge.match import Matcher
from listener.judge.query import Query, folded, parse
from listener.judge.tree import And, Near, Node, Not, Or, Term
from tests.helpers_judge import post, texts
from tests.reference_query import matches

WORDS = [
    "acme", "bolt", "coca-cola", "mcdonald's", "h&m", "7-11", "acme电信", "苹果", "统一", "85度c", "t-mobile", "🍎",
    "ソニー", "삼성", "ㄅㄆ", "3m", ".net", "yahoo!", "c#", "cola", "a1",
]  # fmt: skip
EXACT = ["GAP", "Acme", "蘋果", "McX", "e"]
PIECES = [
    *WORDS, *EXACT, "ACME", "Acme’s", "BoycottAcme", "#BoycottAcme", "@acmebolt", "#AcmeBolt", "#", "@", "_", "x", "A",
    "Coca–Cola", "coca", "cocacola", "Coca Cola", "mcdonalds", "H & M", "h &m", "711", "7 11", "蘋果", "蘋 果", "統一",
    "ａｃｍｅ", "é", "T-Mobile", "TMobile", "Äcmé", "的", "是", "https://acme.example/", "a1b", "bolts", "ﾊﾟ", "ｿﾆｰ",
    "가", "\ud800", "Acme 電信", "Bolt-Acme", "85度", "C",
]  # fmt: skip
SPACES = ["", "", " ", " ", "  ", "\n", "-", "'", "&", "，", ".", "?"]

mixed = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(SPACES)), max_size=9).map(
    lambda pairs: "".join(piece + space for piece, space in pairs)
)


def _term(words: list[str], prefix: bool, field: str) -> Term:
    prefix = prefix and len("".join(words)) > 1
    return Term(tuple(words), prefix, False, field)


plain = st.builds(
    _term,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(["", "", "", "title"]),
)
exact = st.lists(st.sampled_from(EXACT), min_size=1, max_size=2).map(lambda words: Term(tuple(words), exact=True))
place = st.sampled_from([Term(("forum.example",), field="site"), Term(("ada",), field="author")])
words_only = (
    st.builds(_term, st.lists(st.sampled_from(WORDS), min_size=1, max_size=2), st.booleans(), st.just("")) | exact
)
near = st.recursive(
    words_only,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Near, inner, inner, st.integers(1, 4), st.booleans()),
    ),
    max_leaves=4,
)
trees = st.recursive(
    st.one_of(plain, exact, near, place),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.builds(Not, inner),
        st.builds(lambda asked, no: And((asked, Not(no))), inner, inner),
    ),
    max_leaves=6,
)


def _parsed(tree: Node) -> Query:
    try:
        return parse(str(tree))
    except QueryError as error:
        assume("every post" not in str(error))  # a query without anything that must be there is refused
        raise


@given(trees)
def test_a_printed_query_parses_to_itself(tree: Node) -> None:
    query = _parsed(tree)
    assert query.root == tree
    assert str(query.root) == str(tree)
    assert parse(str(query.root)).version == query.version


@settings(max_examples=400)
@given(trees, mixed, mixed)
def test_the_matcher_finds_what_the_reference_finds(tree: Node, text: str, title: str) -> None:
    said = post(text, title)
    found = bool(Matcher({"acme": _parsed(tree)}).match(said))
    event(f"found: {found}")
    assert found == matches(tree, said)


@settings(max_examples=300)
@given(plain | exact | near, st.lists(plain, min_size=1, max_size=2), mixed)
def test_single_parts_are_found_where_they_stand(tree: Node, padding: list[Term], text: str) -> None:
    """The same with the part's own words in the text, so that most examples do match."""
    text += " ".join(word for term in padding for word in term.words) + text
    said = post(text)
    assert bool(Matcher({"acme": _parsed(tree)}).match(said)) == matches(tree, said)


@settings(max_examples=300)
@given(trees, trees, mixed, mixed)
def test_what_is_said_to_follow_follows(one: Node, other: Node, text: str, title: str) -> None:
    said = post(text, title)
    if implies(one, other):
        assert matches(other, said) or not matches(one, said)
    if excludes(one, other):
        assert not (matches(one, said) and matches(other, said))


@given(st.text(max_size=40) | texts)
def test_folding_a_term_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert len(bare(text)) == len(text) == len(readable(text))


@given(st.text(st.sampled_from("aA1客苹é# \"(){}*:-'&/\nANDORNOTNEAR5（）「」title:lang:"), max_size=40))
def test_whatever_parses_prints_and_lints(text: str) -> None:
    query = None
    try:
        query = parse(text)
    except QueryError as error:
        reason, position = error.reason, error.position
    if query is None:
        assert reason
        assert 0 <= position <= len(text)
        return
    assert parse(str(query.root)).root == query.root
    assert all(0 <= doubt.position <= len(text) for doubt in lint(query))


@pytest.mark.parametrize("word", WORDS)
def test_every_literal_of_a_word_is_a_way_to_write_it(word: str) -> None:
    for literal in Finder(Term((word,))).literals:
        assert matches(Term((word,)), post(literal))
