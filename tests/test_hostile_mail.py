"""What people write in forums comes into subjects, names and bodies: it stays where it was put, as text."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener import config
from listener.deliver.files import page
from listener.deliver.message import build, message_id, one_line, plain
from listener.deliver.outbox import queue
from listener.errors import Undeliverable
from tests.helpers_deliver import MAIL, NOON, MemoryOutbox, message

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Topic",
    "MIME-Version", "Content-Type",
]  # fmt: skip
ID = message_id("k", MAIL.sender)
# Any code point, lone surrogates among them, and often what header injection is made of.
WILD = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=20),
        st.sampled_from(
            ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\r\n\r\n", "\nBcc: eve@evil.example", "\ud800"]
        ),
        st.sampled_from(
            [
                "=?utf-8?b?QmNjOiB4?=",
                "=??B?Ag00A0?=",
                "\x00",
                "Acme Inc. ",
                "x" * 70,
                "\u202e",
                "\u2066",
                '"',
                ",",
                "<x@y.example>",
                "@",
                "客服",
            ]
        ),
    ),
    max_size=8,
).map("".join)


def read(body: bytes) -> EmailMessage:
    mail = message_from_bytes(body, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@settings(max_examples=150, deadline=None)
@given(subject=WILD, name=WILD, value=WILD, text=WILD)
def test_nothing_leaves_its_place(subject: str, name: str, value: str, text: str) -> None:
    mail = config.Mail(sender="listener@brand.example", sender_name=name)
    hostile = message(subject=subject, text=text, html="", attachments=(), headers=(("X-Topic", value),))
    body = build(hostile, mail, ID, NOON)
    got = read(body)
    assert sorted(got.keys()) == sorted([*HEADERS, "Content-Transfer-Encoding"])
    assert [one.addr_spec for one in got["From"].addresses] == ["listener@brand.example"]
    assert [one.addr_spec for one in got["To"].addresses] == ["ann@reader.example"]
    assert not {"\r", "\n", "\x00", "\u202e"} & set(str(got["Subject"]))
    assert got.get_content().replace("\r\n", "\n").rstrip("\n") == plain(text).rstrip("\n")
    body.decode("ascii")
    assert body == build(hostile, mail, ID, NOON)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c"])
def test_a_title_cannot_begin_a_header(end: str) -> None:
    got = read(build(message(subject=f"Wagtail{end}Bcc: eve@evil.example{end}{end}<b>hi"), MAIL, ID, NOON))
    assert got["Bcc"] is None
    assert got["Subject"].startswith("Wagtail Bcc: eve@evil.example")


def test_a_title_cannot_bring_its_own_encoded_word() -> None:
    smuggled = "=?utf-8?b?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?="  # "\r\nBcc: eve@evil.example"
    for hostile in (smuggled, smuggled.replace("=?", "=\u202e?")):
        mail = config.Mail(sender="listener@brand.example", sender_name=hostile)
        got = read(build(message(subject=hostile), mail, ID, NOON))
        assert got["Bcc"] is None
        assert got["Subject"].startswith("= ?utf-8?b?")
        assert got["From"].addresses[0].addr_spec == "listener@brand.example"


@pytest.mark.parametrize("special", list('()<>@,:;"[]\\'))
def test_a_long_name_cannot_become_an_address(special: str) -> None:
    name = "x" * 60 + f"{special} eve@evil.example {special}" * 3
    for one in (name, name + " 客服"):
        got = read(build(message(), config.Mail(sender="listener@brand.example", sender_name=one), ID, NOON))
        assert [address.addr_spec for address in got["From"].addresses] == ["listener@brand.example"]


def test_a_body_cannot_end_the_mail_or_begin_a_part() -> None:
    text = "first\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n\r\n--=_0_000000000000000000000000--\r\n"
    got = read(build(message(text=text), MAIL, ID, NOON))
    body = got.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n")
    assert len(list(got.walk())) == 5


def test_turned_letters_and_lone_surrogates_are_taken_out() -> None:
    assert one_line("safe\u202egpj.exe\u2066 \ud83d 客服\ufeff") == "safegpj.exe � 客服"
    assert plain("a\x00b\x1b[31m\ud83d\u202e\tc\r\nd\u2028e") == "ab[31m�\tc\nd\ne"
    assert plain("שלום \u200f(3)\u200e") == "שלום \u200f(3)\u200e"  # marks that right-to-left writers need stay


def test_a_post_of_a_megabyte_is_carried_whole() -> None:
    text = "客服完全不回應還亂收手續費\n" * 27_000
    body = build(message(text=text, html=f"<p>{text}</p>"), MAIL, ID, NOON)
    part = read(body).get_body(("plain",))
    assert len(text.encode()) > 1_000_000
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == text


@pytest.mark.parametrize("more", [{"recipient": ""}, {"recipient": "a@b.example, c@d.example"}, {"references": ("x",)}])
def test_a_message_to_nobody_is_refused_and_not_queued(more: dict[str, Any]) -> None:
    outbox = MemoryOutbox()
    with pytest.raises(Undeliverable):
        queue(outbox.as_store(), message(**more), MAIL, "digest", (), NOON)
    assert outbox.table == {}


def test_the_page_beside_a_mail_runs_and_fetches_nothing() -> None:
    html = "<!doctype html><html><HEAD lang=en></HEAD><body><script>alert(1)</script><img src='http://evil.example/x'>"
    shown = page(read(build(message(html=html), MAIL, ID, NOON)))
    head = shown.lower().index("<head lang=en>")
    assert shown.index("default-src 'none'") < shown.index("<script>")
    assert head < shown.index("Content-Security-Policy")
    assert "&lt;script&gt;" in page(read(build(message(html="", text="<script>alert(1)</script>"), MAIL, ID, NOON)))
