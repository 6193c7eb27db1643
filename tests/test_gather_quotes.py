"""Whose words are whose, in the ways of quoting that mails and news articles have."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.gather.text import holds_quotes, html_text, mail_text


@pytest.mark.parametrize(
    ("above", "author"),
    [
        ("On Monday, Ann Lee <ann@x.example> wrote:", "Ann Lee"),
        ("On Mon, 5 Apr 1993 at 20:05, Ann Lee wrote:", "Ann Lee"),
        ("In article <9A1.77@x.example> ann@x.example (Ann Lee) writes:", "Ann Lee"),
        ("In article <9A1.77@x.example>, ann@x.example (Ann\nLee) says:", "Ann Lee"),
        ("In article <9A1.77@x.example>\nann@x.example (Ann Lee)\nwrites:", "Ann Lee"),
        ("ann@x.example (Ann (the) Lee) writes:", "Ann (the) Lee"),
        ("ann@x.example writes:", "ann"),
        ("In article <9A1.77@x.example> somebody writes:", ""),
        ("在 2026年3月5日，小美 寫道：", "小美"),
    ],
)
def test_who_is_quoted(above: str, author: str) -> None:
    assert mail_text(f"Hello.\n{above}\n> It broke.\n\nMine too.") == ("Hello.\n\nMine too.", ((author, "It broke."),))


@pytest.mark.parametrize("mark", [">", "> ", "|> ", ": >", ": ", "| ", ":: ", "AL> "])
def test_marks_of_quoting(mark: str) -> None:
    quoted = "\n".join(mark + line for line in ("It broke.", "Badly."))
    assert mail_text(f"Hello.\n{quoted}\nMine too.") == (
        "Hello.\nMine too.",
        (("", "It broke.\nBadly."),),
    )


@pytest.mark.parametrize(
    "own",
    [
        "It broke :-(\n: (\nbadly",
        "| model | price |\n| A1 | 20 |",
        "a\n: b",
        "x --> y",
        "if a > b: c",
        "one\n—\ntwo" + "\n." * 20,
    ],
)
def test_what_only_looks_like_quoting_stays(own: str) -> None:
    assert mail_text(own) == (own, ())


def test_somebody_answered_piece_by_piece_is_named_once() -> None:
    said = "Ann Lee <ann@x.example> wrote:\n> One.\nFirst.\n> Two.\nSecond."
    assert mail_text(said) == ("First.\nSecond.", (("Ann Lee", "One."), ("Ann Lee", "Two.")))


@pytest.mark.parametrize("mark", ["--", "-- ", "—"])
def test_a_signature_is_not_said(mark: str) -> None:
    assert mail_text(f"Mine too.\n{mark}\nBob\nSales") == ("Mine too.", ())


def test_an_archive_says_what_it_did_to_a_mail_above_it() -> None:
    head = "[-- Warning: decoded text below may be mangled, UTF-8 assumed --]\n"
    assert mail_text(head + "[-- Attachment #1: Type: text/plain, Size: 1699 bytes --]\nYes.") == ("Yes.", ())


@given(st.text(alphabet=st.sampled_from("ab@<>():|-\n —wrote")))
def test_nothing_is_said_twice(text: str) -> None:
    own, quotes = mail_text(text)
    assert not Counter(filter(str.isalpha, own + "".join(quote for _, quote in quotes))) - Counter(text)


def test_long_lines_do_not_hang() -> None:
    assert mail_text("a@" * 200_000 + " wrote:\n> x")[1][0][1] == "x"
    assert mail_text("<" * 200_000 + "a@b> said\n> x")[1][0][1] == "x"


def test_a_new_line_counts_only_where_it_was_typed() -> None:
    markup = "<p>a<br>\nb c\nd</p><pre>e\n f</pre><p>g<br>\nh</p>"
    assert html_text(markup)[0].split() == list("abcdefgh")
    assert "\n\nb" not in html_text(markup)[0]
    assert "e\nf" in html_text(markup)[0]


def test_quotes_by_hand_are_seen() -> None:
    assert holds_quotes("Hello.\n|> It broke.")
    assert not holds_quotes("x --> y\n| a | b |\n:-)")
