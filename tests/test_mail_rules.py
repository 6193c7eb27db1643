"""Every mail that Listener writes keeps to what mail programs keep; and the rules do find what breaks them."""

import struct

import pytest

from tests.helpers_mail_pages import PAGES, MailPage
from tests.helpers_mail_rules import broken_rules


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_mail_keeps_the_rules(page: MailPage) -> None:
    shown = page.render()
    assert broken_rules(shown.html) == []
    assert bool(shown.pictures) != page.name.startswith("portfolio"), "only a portfolio has none"
    for content_id, content in shown.pictures.items():
        tag = f'src="cid:{content_id}"'
        assert tag in shown.html
        width = int(shown.html.split(tag)[1].split('width="')[1].split('"')[0])
        assert struct.unpack(">I", content[16:20])[0] >= 2 * width, "drawn for screens of double density"


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ('<div style="padding:3px 4px">x</div>', "only cells have padding"),
        ('<div style="padding:0 0">x</div>', ""),
        ('<p style="position:absolute">x</p>', "position is not kept"),
        ('<p style="display:flex">x</p>', "display: flex"),
        ('<p style="color:rgba(0,0,0,.5)">x</p>', "is a function"),
        ('<p style="color:red">x</p>', "should be written with #"),
        ('<p style="margin:-4px 0">x</p>', "is negative"),
        ("<svg></svg>", "<svg> is not kept"),
        ('<img src="https://elsewhere.example/x.png">', "fetched from elsewhere"),
        ('<img src="cid:x" width="100%" alt="a" style="display:block">', "plain number"),
        ("<style>p { color: #000 }</style>", "was not inlined"),
        ("<style>@media (max-width: 400px) { p { color: #000 } }</style>", ""),
        ("<style>@media (max-width: 400px) {" + "p { color: #000 }" * 500 + "}</style>", "drops it whole"),
        (
            "<style>@media (max-width:4px){p{color:#000}} @media (prefers-color-scheme:dark){p{color:#000}}</style>",
            "loses both",
        ),
        ("<table><tr><td>x</td></tr></table>", "cellpadding=0"),
        ('<table cellpadding="0" cellspacing="0" border="0"><tr><td>x</td></tr></table>', "role=presentation"),
        ('<p onclick="x()">x</p>', "handler"),
        ("x" * 100_001, "100001 bytes"),
    ],
)
def test_the_rules_find_what_breaks_them(html: str, told: str) -> None:
    found = "\n".join(broken_rules(html))
    assert (told in found) if told else (found == "")
