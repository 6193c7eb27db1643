"""Brand queries: what they mean, what is refused, what is doubted, and what they match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import QueryError
from listener.judge.find import MAX_PLACES
from listener.judge.lint import lint
from listener.judge.match import Matcher
from listener.judge.query import parse
from tests.helpers_judge import post, texts


def found(query: str, text: str, title: str = "", **more: str) -> bool:
    return bool(Matcher({"acme": parse(query)}).match(post(text, title, 0, **more)))


@pytest.mark.parametrize(
    ("query", "yes", "no"),
    [
        ("Acme", "ACME's app", "acmeology"),
        ("Acme", "我用Acme很久了", "placme"),
        ("Acme", "ａｃｍｅ！", "ac me"),
        ("蘋果", "我的苹果手机", "平果"),
        ("苹果", "蘋果電話", "蘋 果"),
        ('"Acme Mobile"', "Acme\n mobile is down", "Mobile Acme"),
        ("Wagtail*", "WagtailCare", "mywagtail"),
        ("{GAP}", "the GAP store", "a gap in it"),
        ("Apple AND (phone OR 手機)", "my phone is an apple", "apple pie"),
        ("Apple phone", "apple phone", "apple"),
        ("Apple NOT pie*", "apple store", "apple pies"),
        ("(Apple AND NOT pie) OR MyApple", "myapple pie", "apple pie"),
        ("Apple NOT (pie NOT phone)", "apple pie on my phone", "apple pie"),
        ("Delta NEAR/3 flight", "my flight on Delta", "Delta is what I wanted to say about my flight"),
        ("Delta ONEAR/2 flight", "delta flight", "flight with delta"),
        ("統一 NEAR/4 (超商 OR 門市)", "統一的門市很近", "統一說法之後我們再去逛一逛別家門市"),
        ("a1 NEAR/2 (b1 NEAR/1 c1)", "a1 b1 c1", "a1 b1 x y c1"),
        ("（Acme OR 艾克米）", "艾克米", "克米"),
        ("C#  # a language\nAND job", "a C# job", "C job"),
        ('title:"Acme support"', "", "Acme support"),
    ],
)
def test_query_matches(query: str, yes: str, no: str) -> None:
    if query.startswith("title:"):
        assert found(query, "no answer", "acme support")
        assert not found(query, "acme support", "else")
        return
    assert found(query, yes)
    assert not found(query, no)


@pytest.mark.parametrize(
    ("query", "field", "yes", "no"),
    [
        ("Acme author:ada", "author", "Ada", "adam"),
        ("Acme site:example.com", "platform", "forum.example.com", "badexample.com"),
        ("Acme source:news*", "source", "newsgroup", "old news"),
        ("Acme lang:zh", "text", "艾克米 Acme 客服真的很好", "Acme is good"),
    ],
)
def test_fields(query: str, field: str, yes: str, no: str) -> None:
    for value, wanted in ((yes, True), (no, False)):
        more = {field: value}
        text = more.pop("text", "Acme")
        assert found(query, text, **more) is wanted


@pytest.mark.parametrize(
    ("query", "at", "words"),
    [
        ("NOT bird", 0, "every post"),
        ("Acme OR NOT bird", 8, "every post"),
        ("(Acme", 0, "not closed"),
        ("Acme)", 4, "closes nothing"),
        ('Acme "x', 5, "not closed"),
        ("Acme AND", 8, "ends too early"),
        ("OR Acme", 0, "missing"),
        ("Acme AND OR Bolt", 9, "missing"),
        ("", 0, "empty"),
        ("# only a note", 0, "empty"),
        ("Acme foo:bar", 5, "no field foo"),
        ("Acme NEAR bird", 5, "how many words"),
        ("Acme NEAR/0 bird", 5, "how many words"),
        ("Acme NEAR/5 (a AND b)", 5, "do not go inside"),
        ("*", 0, "no letter"),
        ("A* OR Acme", 0, "one letter"),
        ("Ac*me", 0, "end of a word"),
        ("(" * 60 + "Acme" + ")" * 60, 40, "deep"),
        ("Acme " * 5000, 0, "characters"),
        ("ac " * 2500, 0, "terms"),
        ("a1 NEAR/1 " * 900 + "a1", 0, "deep"),
        ("NOT " * 900 + "a1", None, "deep"),
        (
            " OR ".join("xa" + "a" * n for n in range(20)) + " OR " + " OR ".join("a" * n for n in range(2, 30)),
            None,
            "inside",
        ),
        ("lang:en", 5, "language"),
        ("Acme OR (lang:en NOT bird)", 14, "language"),
        ("NOT lang:zh", 0, "every post"),
        ("Acme OR the", 8, "nearly every post"),
        ("的 OR 艾克米", 0, "nearly every post"),
        ("the NOT Acme", 0, "nearly every post"),
        ("Acme OR (the NEAR/50 a)", 9, "nearly every post"),
        ("的 AND 是", 0, "nearly every post"),
        ("(the OR Acme) AND (of OR in)", 1, "nearly every post"),
        ("Acme OR\u200b Bolt", 5, "missing"),
        ("Acme \u200b\u2060", 5, "no letter"),
        ("title:(author:ada)", 7, "one field"),
        ("title:site:x", 6, "another field"),
        ("a1 NEAR/5 title:b1", 3, "one place"),
        ("site:x NEAR/5 b1", 7, "site:"),
        ("Acme OR #AcmeFail", 8, "begins a note"),
        ("#AcmeFail", 0, "begins a note"),
        ("Acme }", 5, "closes nothing"),
        ("Acme {x", 5, "not closed"),
        ("()", 1, "before this bracket"),
        ("Acme OR ()", 9, "before this bracket"),
        ("NEAR/5 Acme", 0, "missing"),
        ("Acme NEAR/101 bird", 5, "how many words"),
        ("Acme AND AND Bolt", 9, "missing"),
        ("title:", 6, "ends too early"),
        ("Acme https://acme.example", 5, "no field https"),
        ("「統一", 0, "not closed"),
    ],
)
def test_refused_at_the_character(query: str, at: int | None, words: str) -> None:
    with pytest.raises(QueryError, match=words) as caught:
        parse(query)
    assert at is None or caught.value.position == at
    *_, line, caret = str(caught.value).split("\n")
    assert caret.strip() == "^"
    assert len(line) < 130


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("Acme AND OR x", "  Acme AND OR x\n           ^"),
        ("統一 AND OR x", "  統一 AND OR x\n           ^"),  # each Chinese character is two columns wide
        ("Acme\nOR 統一) OR x", "  OR 統一) OR x\n         ^"),
        ("x1 OR " * 30 + ") OR y", None),
    ],
)
def test_the_caret_stands_under_the_character(query: str, shown: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    if shown is not None:
        assert str(caught.value).endswith(shown)
    else:
        line, caret = str(caught.value).split("\n")[1:]
        assert line[len(caret) - 1] == ")"


def test_a_post_cannot_make_a_query_costly() -> None:
    """The most that a query may ask of a text that is all hits: every place is looked at a bounded number of times."""
    names = " OR ".join("a" * n for n in range(2, 9))
    query = parse(f"({names}) NEAR/100 ({names})")
    text = "a" * 9 + " aa" * 20_000
    (mention,) = Matcher({"acme": query}).match(post(text))
    assert len(mention.spans) <= 2 * MAX_PLACES


def test_doubts() -> None:
    def doubts(query: str) -> str:
        return " ".join(warning.message for warning in lint(parse(query)))

    assert "everyday word" in doubts("apple")
    assert "everyday word" in doubts("AppleCare OR 蘋果")
    assert "fewer than three letters" in doubts("ab* OR Acme")
    assert "which means AND" in doubts("Acme phone")
    assert "written large" in doubts("Acme or Bolt")
    assert doubts("{Apple} OR (apple AND phone) OR AppleCare NOT pie") == ""


def test_version_is_of_the_meaning() -> None:
    one = parse("Acme AND (b1 OR b2) # note")
    assert one.version == parse("  acme\n AND (B1 OR b2)").version
    assert one.version != parse("Acme OR (b1 OR b2)").version
    assert len(one.version) == 8


def test_where_a_brand_is_named() -> None:
    matcher = Matcher({"acme": parse("Acme NOT bird"), "bolt": parse("Bolt")})
    text = "So: acme, and ACME’s app"
    (mention,) = matcher.match(post(text, "Bolt? no", position=0, author="x"))[:1]
    assert (mention.brand, mention.where, mention.terms) == ("acme", "text", ("acme", "ACME"))
    assert [text[start:end] for start, end in mention.spans] == ["acme", "ACME"]
    (title,) = matcher.match(post("still no answer", "Acme support", 3))
    assert (title.where, title.spans, title.terms) == ("title", (), ("Acme",))
    (thread,) = matcher.match(post("same here", "help", 2), frozenset({"bolt"}))
    assert (thread.brand, thread.where, thread.terms) == ("bolt", "thread", ())
    assert matcher.match(post("same here", "help", 0), frozenset({"bolt"})) == ()
    assert matcher.match(post("a bird", "Acme support", 3)) == ()
    assert matcher.match(post("a bird", "help", 3), frozenset({"acme"})) == ()


def test_longest_name_is_one_mention() -> None:
    (mention,) = Matcher({"w": parse("鶺鴒 OR 鶺鴒電信")}).match(post("換鶺鴒電信了"))
    assert mention.spans == ((1, 5),)


@given(texts, texts)
def test_a_thousand_brands_find_what_one_finds(text: str, title: str) -> None:
    queries = {
        "acme": parse("Acme NOT Bolt*"),
        "bolt": parse("Bolt NEAR/4 (艾克米 OR than)"),
        "han": parse("客服 OR {BUT}"),
    }
    many = Matcher(queries).match(post(text, title, 1), frozenset({"bolt"}))
    alone = [
        Matcher({brand: query}).match(post(text, title, 1), frozenset({"bolt"})) for brand, query in queries.items()
    ]
    assert many == tuple(mention for mentions in alone for mention in mentions)
    for mention in many:
        assert (mention.where == "text") == bool(mention.spans)
        assert all(0 <= start < end <= len(text) for start, end in mention.spans)


@given(st.text(st.sampled_from('aA1客 "(){}#*:/\nANDORNOTNEAR5（）'), max_size=40))
def test_any_query_parses_or_says_where(query: str) -> None:
    parsed, position = None, 0
    try:
        parsed = parse(query)
    except QueryError as error:
        position = error.position
    assert 0 <= position <= len(query)
    if parsed is not None:
        lint(parsed)
        assert not Matcher({"x": parsed}).match(post("zzz", "zzz"))
