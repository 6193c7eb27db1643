"""Markup becomes what a person said."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.gather.text import bare_title, clean_line, clean_text, html_text, mail_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One &amp; two</p><p>three</p>", "One & two\n\nthree"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ('see <a href="http://x.example/?a=1&amp;b=2">here</a>.', "see here."),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<div><p>a</p></div>b<b>c</b>", "a\nbc"),
        ("x<script>alert('x')</script><style>p{}</style>y", "xy"),
        ("5 &lt; 6 and 7 &gt; 2", "5 < 6 and 7 > 2"),
        ("nice <img src=s.gif alt=':)'> day", "nice :) day"),
        ("<pre>line one\n  line two</pre>", "line one\nline two"),
        ("no markup\r\nat all", "no markup\nat all"),
        ("客服<b>完全</b>不回應", "客服完全不回應"),
        ("<p title='a>b'>odd</p>", "odd"),
    ],
)
def test_text_of_markup(markup: str, text: str) -> None:
    found = html_text(markup)[0]
    assert [line for line in found.split("\n") if line] == [line for line in text.split("\n") if line]


def test_quotes_stand_apart_with_their_author() -> None:
    text, quotes = html_text(
        "<blockquote><div><cite>Ann wrote:</cite>It broke.<blockquote>older</blockquote></div></blockquote>Mine too."
    )
    assert (text, quotes) == ("Mine too.", (("Ann", "It broke."),))
    text, quotes = html_text(
        '<aside class="quote" data-username="bob"><div class="title">bob:</div>'
        "<blockquote><p>Yes</p></blockquote></aside><p>No</p>"
    )
    assert (text, quotes) == ("No", (("bob", "Yes"),))


def test_a_mail_loses_quotes_and_signature() -> None:
    text, quotes = mail_text(
        "On Monday, Ann <ann@x.example> wrote:\n> It broke.\n>\n> Badly.\nMine too.\n-- \nBob\nSales"
    )
    assert text == "Mine too."
    assert quotes == (("Ann", "It broke.\n\nBadly."),)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Re: Battery", ("Battery", True)),
        ("RE: Re[2]: x", ("x", True)),
        ("回覆：電池", ("電池", True)),
        ("Report", ("Report", False)),
    ],
)
def test_titles_lose_their_re(title: str, bare: tuple[str, bool]) -> None:
    assert bare_title(title) == bare


@given(st.text())
def test_a_line_is_one_line_without_controls(text: str) -> None:
    line = clean_line(text)
    assert len(line) <= 300
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in line)
    line.encode()


@given(st.text(alphabet=st.characters() | st.sampled_from("<>&\"'/pb r=!-")))
def test_any_markup_gives_storable_text(markup: str) -> None:
    text, quotes = html_text(markup)
    for said in (text, *(part for quote in quotes for part in quote)):
        said.encode()
        assert "\x00" not in said
        assert said == clean_text(said)


def test_a_header_cannot_be_smuggled_in_a_title() -> None:
    assert clean_line("Sale\r\nBcc: all@x.example\x00\u202e!") == "Sale Bcc: all@x.example !"


def test_nested_tags_do_not_hang() -> None:
    deep = "<div>" * 20_000 + "said" + "</div>" * 20_000
    assert html_text(deep)[0] == "said"
    assert html_text("<blockquote>" * 500 + "x")[0] == ""


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060", "\ufeff", "\u00ad"])
def test_places_where_a_name_may_break_unseen_do_not_hide_it(unseen: str) -> None:
    name = f"Ac{unseen}me"
    assert clean_text(f"{unseen}{name} is down\n{unseen}\n again") == "Acme is down\n\nagain"
    assert clean_line(f" {name}{unseen} is {unseen} down") == "Acme is down"
    assert html_text(f"<div>{name} 天{unseen}空<br>x</div>")[0] == "Acme 天空\nx"
    assert mail_text(f"{name} fails")[0] == "Acme fails"


@pytest.mark.parametrize("markup", ["Ac&shy;me", "Ac&#8203;me", "<p>Ac&ZeroWidthSpace;me</p>", "<div>Ac<wbr>me</div>"])
def test_nor_do_they_as_markup(markup: str) -> None:
    assert html_text(markup)[0] == "Acme"


@pytest.mark.parametrize("text", ["👩\u200d💻", "نمی\u200cخواهم", "क्\u200dष"])
def test_joiners_stay_where_scripts_and_emoji_need_them(text: str) -> None:
    assert clean_text(text) == clean_line(text) == text
