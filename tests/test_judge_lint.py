"""What the linter doubts, where, and what it leaves alone."""

import pytest

from listener.judge.lint import lint, lint_together, unknown_sources
from listener.judge.query import parse


@pytest.mark.parametrize(
    ("query", "at", "words"),
    [
        ("apple", 0, "everyday word"),
        ("Acme OR 統一", 8, "everyday word"),
        ("AppleCare OR 蘋果", 13, "everyday word"),
        ("Acme OR 鮮", 8, "single character"),
        ("ab* OR Acme", 0, "fewer than three letters"),
        ("鶺鴒* OR Acme", 0, "does nothing"),
        ("Acme phone", 5, "means AND"),
        ("Acme or Bolt", 5, "written large: OR"),
        ("Acme near/5 Bolt", 5, "written large: NEAR/5"),
        ("Acme -bird", 5, "NOT bird"),
        ("Acme +phone", 5, "operators are words"),
        ("蘋果手機、艾克米", 0, "write OR"),
        ("Acme|Bolt", 0, "write OR"),
        ("Acme #AcmeFail", 5, "begins a note"),
        ("Acme site:https*", 5, None),
        ('Acme site:"https://x.example"', 10, "host name"),
        ("Acme lang:english", 10, "takes a code"),
        ("Acme OR site:forum.example", 13, "every post from there"),
        ("site:forum.example NOT bird", 5, "every post from there"),
        ("Acme OR thread:http", 15, "every thread whose address"),
        # parts that change nothing
        ("Acme OR acme", 8, "twice"),
        ("艾克米 OR 艾克米電信", 7, "adds nothing"),
        ('Acme OR "Acme 電信"', 8, "adds nothing: acme finds all"),
        ("Acme* OR AcmeCare", 9, "adds nothing"),
        ("Coca-Cola OR CocaCola", 13, "adds nothing"),
        ("{Acme} OR Acme", 0, "adds nothing"),
        ("Acme OR title:Acme", 14, "adds nothing"),
        ("Acme OR (Acme NEAR/3 phone)", 9, "adds nothing"),
        ("Acme NOT (bird OR bird*)", 10, "adds nothing"),
        ("Acme AND (Acme OR Bolt)", 10, "asks for nothing more"),
        ("艾克米電信 AND 艾克米", 10, "asks for nothing more"),
        # a NOT that can never matter
        ("Acme OR (Acme NOT bird)", 14, "never matter: acme alone"),
        ("Acme NOT bird* NOT birds", 15, 'never matter: NOT "bird*"'),
        ("(Acme lang:en) NOT lang:ja", 15, "never matter"),
        ("Acme AND lang:en NOT lang:zh", 17, "never matter"),
        ("Acme site:a.example NOT site:b.example", 20, "never matter"),
        ("Acme NOT Acme*", 5, "nothing can match"),
        ("艾克米鳥 NOT 米鳥", 5, "nothing can match"),
        ("Acme NEAR/3 Acme", 12, "there twice"),
    ],
)
def test_doubt(query: str, at: int, words: str | None) -> None:
    doubts = [(doubt.position, doubt.message) for doubt in lint(parse(query))]
    if words is None:
        assert doubts == []
    else:
        assert any(position == at and words in message for position, message in doubts), doubts


@pytest.mark.parametrize(
    "query",
    [
        "Acme",
        '(Acme OR MyAcme OR 艾克米) NOT (bird* OR nest* OR "acme theorem")',
        "{Apple} OR (apple AND phone) OR AppleCare NOT pie",
        "apple NEAR/8 (phone OR mac OR 手機)",
        "Acme  # a note\nNOT bird",
        "Acme NOT lang:ja",
        "Acme AND lang:zh NOT lang:zh-Hans",  # the one within the other: it does matter
        "Acme site:example NOT site:forum.example",
        "統一 NEAR/4 (超商 OR 門市)",
        "(Acme NOT bird) OR (Acme AND phone)",
        "Coca-Cola OR Coke*",
        "CocaCola OR {COCA}",
        "Acme OR Acmes",
        "title:Acme OR (Acme AND phone)",
        "H&M OR 7-11 OR C# OR 85度C",
        "(a1 ONEAR/3 b1) OR (b1 ONEAR/3 a1)",
    ],
)
def test_nothing_to_doubt(query: str) -> None:
    assert lint(parse(query)) == ()


def test_names_that_brands_share() -> None:
    shared = lint_together(
        {
            "acme": parse("Acme OR 頂好 OR AcmeCare"),
            "bolt": parse("Bolt OR 顶好"),
            "cee": parse("Cee NOT 頂好"),
        }
    )
    assert set(shared) == {"acme", "bolt"}
    (doubt,) = shared["acme"]
    assert (doubt.position, "bolt" in doubt.message) == (8, True)


def test_sources_that_nobody_listens_to() -> None:
    query = parse("Acme AND (source:town OR source:villag* OR source:twon)")
    (doubt,) = unknown_sources(query, {"Town", "village"})
    assert (doubt.position, "twon" in doubt.message) == (query.text.index("twon"), True)


def test_many_alternatives_are_linted_in_bounded_time() -> None:
    query = parse(" OR ".join(f"na{n}x" for n in range(1900)))
    assert lint(query) == ()
