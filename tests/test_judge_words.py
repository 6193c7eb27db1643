"""Language, own words, fingerprints, and the cutting of text."""

import pytest
from hypothesis import given

from listener.fold import fold
from listener.judge.language import language_of
from listener.judge.voices import fingerprint, own_words
from listener.judge.words import Literals, clause_ends, sentence_ends, spans_between, whole
from tests.helpers_judge import texts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("客服完全不回應", "zh-Hant"),
        ("客服完全不回应", "zh-Hans"),
        ("Wagtail 客服都唔覆", "zh-Hant"),
        ("好の店 真的很好吃喔大家快去", "zh-Hant"),
        ("サポートの返事がない", "ja"),
        ("고객센터가 안 받아요", "ko"),
        ("Nobody answers the phone. 客服", "en"),
        ("naïve café", "en"),
        ("", "und"),
        ("1234 :) 😀", "und"),
        ("https://x.example/abc", "und"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_what_the_site_says_decides_ties_only() -> None:
    assert language_of("你好") == "zh-Hant"
    assert language_of("你好", "zh-CN") == "zh-Hans"
    assert language_of("客服不回應", "zh-CN") == "zh-Hant"
    assert language_of("Привет всем", "ru") == "ru"
    assert language_of("Привет всем") == "und"


def test_latin_languages_are_told_apart_where_there_are_several() -> None:
    allowed = ("en", "de", "zh-Hant")
    assert language_of("Der Kundendienst antwortet seit Wochen nicht mehr", allowed=allowed) == "de"
    assert language_of("The support line has not answered for weeks", allowed=allowed) == "en"
    assert language_of("Der Kundendienst antwortet nicht", allowed=("de",)) == "de"


def test_own_words() -> None:
    text = "Ada wrote:\n> It works\n>> for me\nIt does   NOT.\nSent from my phone\n-- \nBob\n+1 555"
    assert own_words(text) == "it does not."
    assert own_words("小明 寫道：\n> 很好\n並沒有") == "并没有"


def test_fingerprint_of_copies() -> None:
    one = fingerprint("客服完全不回應，太扯了！ https://x.example/1")
    assert one == fingerprint("客服完全不回应 太扯了")
    assert one == fingerprint("【客服完全不回應】太扯了!!! https://y.example/2 https://z.example")
    assert one != fingerprint("客服完全不回應，太棒了")
    assert fingerprint("😀") != fingerprint("😡")
    assert fingerprint("https://x.example/1") != fingerprint("https://x.example/2")
    assert len(one) == 16


def test_sentences() -> None:
    def cut(text: str) -> list[str]:
        return [text[a:b].strip() for a, b in spans_between(sentence_ends(fold(text)))]

    assert cut("It is 3.5 GB. Really!好的。再見") == ["It is 3.5 GB.", "Really!", "好的。", "再見"]
    long = "a line of mail that a program broke where its window ended, as"
    assert cut(f"{long}\nthey do. One\nTwo\n\nThree") == [f"{long}\nthey do.", "One", "Two", "", "Three"]


def test_whole_words_by_script() -> None:
    (hit,) = Literals(["acme"]).find("買acme嗎")
    assert whole("買acme嗎", *hit[1:])
    assert not whole("acmes", 0, 4)
    assert whole("acmes", 0, 4, prefix=True)
    assert whole("acme's", 0, 4)


def test_literals_overlap_or_not() -> None:
    assert [hit[0] for hit in Literals(["鶺鴒", "鶺鴒電信"]).find("鶺鴒電信")] == [0, 1]
    assert [hit[0] for hit in Literals(["鶺鴒", "鶺鴒電信"], longest=True).find("鶺鴒電信")] == [1]
    assert Literals([]).find("x") == []
    assert Literals(["x"]).find("\ud800x") == [(0, 1, 2)]


@given(texts)
def test_any_text(text: str) -> None:
    folded = fold(text)
    language_of(text)
    assert fingerprint(own_words(text)) == fingerprint(own_words(text.upper() if text.isascii() else text))
    for ends in (sentence_ends(folded), clause_ends(folded)):
        assert ends == sorted(set(ends))
        assert ends[-1] == len(folded)
    assert set(sentence_ends(folded)) - {0} <= set(clause_ends(folded))
