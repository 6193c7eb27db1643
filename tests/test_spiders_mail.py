"""Mails and articles: charsets declared, wrong and missing; parts; threads; mboxes; anything at all without a crash."""

import gzip
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import Unreadable
from listener.gather.visit import TEXT_LIMIT
from listener.records import Source
from spiders.mail import decoded, header_text, letter_post, read_letter, split_mbox, unpacked

SOURCE = Source("s", "archive", "http://x.example/l")
NOW = datetime(2026, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "declared", "charset", "text"),
    [
        ("客服完全不回應".encode("big5"), "", "", "客服完全不回應"),
        ("客服完全不回應".encode("big5"), "us-ascii", "", "客服完全不回應"),
        ("客服完全不回應".encode(), "big5", "", "客服完全不回應"),
        ("客户服务很差".encode("gb18030"), "gb2312", "", "客户服务很差"),
        ("客户服务很差".encode("gb18030"), "", "gb18030", "客户服务很差"),
        ("客服".encode(), "no-such-charset", "", "客服"),
        ("“grüße”".encode("cp1252"), "iso-8859-1", "", "“grüße”"),
        ("grüße".encode("cp1252"), "", "", "grüße"),
        (b"zlib is no charset", "zlib", "", "zlib is no charset"),
        ("客服".encode(), "utf-8\x00", "", "客服"),
    ],
)
def test_bytes_of_any_charset(raw: bytes, declared: str, charset: str, text: str) -> None:
    if declared == "big5" and text == "客服完全不回應":
        raw = text.encode("big5")
    assert decoded(raw, declared, charset) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?B?5a6i5pyN?= =?utf-8?B?5b6I5beu?=", "客服很差"),
        ("=?big5?Q?=AB=C8=AAA?=", "客服"),
        ("=?no-such?Q?fine?=", "fine"),
        ("=?utf-8?B?%%%?= x", "x"),
        ("folded\n  twice\r\n\tover", "folded twice over"),
    ],
)
def test_headers(value: str, text: str) -> None:
    assert header_text(value) == text


def test_a_multipart_mail_is_read_and_its_files_are_not() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "=?utf-8?B?546L5bCP5piO?= <wang@x.example>", "Re: [talk] 回覆：價格"
    mail["Message-ID"], mail["In-Reply-To"] = "<b@x>", "<a@x> from Ann"
    mail["Date"] = "Sat, 21 Mar 2026 18:00:00 +0800"
    mail.set_content("On Friday, Ann <ann@x.example> wrote:\n> 太貴\n\n同意\n-- \n王\n")
    mail.add_alternative("<p>other</p>", subtype="html")
    mail.add_attachment("secret,table", subtype="csv", filename="a.csv")
    letter = read_letter(mail.as_bytes())
    assert letter is not None
    assert (letter.text, letter.quotes, letter.author) == ("同意", (("Ann", "太貴"),), "王小明")
    assert (letter.id, letter.parent, letter.root) == ("b@x", "a@x", "a@x")
    assert letter.published == datetime(2026, 3, 21, 10, tzinfo=UTC)
    html = EmailMessage()
    html["From"] = "ann@x.example"
    html.set_content("<blockquote>old</blockquote><p>Fine<script>x()</script>", subtype="html")
    letter = read_letter(html.as_bytes())
    assert letter is not None
    assert (letter.text, letter.quotes, letter.author) == ("Fine", (("", "old"),), "ann")


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: x\n\n=ybegin line=128 size=5 name=a\nabc\n",
        b"Subject: x\n\nhere it is\nbegin 644 a.gif\nM...\n",
        b"X-No-Archive: yes\n\nprivate\n",
        b"Content-Type: image/png\n\nxxx",
        b"Content-Type: text/plain\nContent-Disposition: attachment; filename=a\n\nxxx",
    ],
)
def test_what_is_not_for_reading(raw: bytes) -> None:
    assert read_letter(raw) is None


def test_talk_about_binaries_is_talk() -> None:
    assert read_letter(b"Subject: yEnc?\n\nWe begin 2026 with =ybegin in mind.\n") is not None


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_without_a_crash(raw: bytes) -> None:
    for mail in (raw, b"Subject: " + raw, b"Content-Type: " + raw + b"\n\n" + raw, b"Date: " + raw + b"\n\nx"):
        letter = read_letter(mail)
        if letter is not None:
            post = letter_post(letter, SOURCE, NOW, "usenet", lambda name: f"news:{name}")
            post.text.encode()
            assert "\n" not in post.author + post.thread_title


@given(st.lists(st.text("From >:x\n", max_size=40), max_size=5))
def test_mails_come_out_of_an_mbox_as_they_went_in(texts: list[str]) -> None:
    box = ""
    for text in texts:
        quoted = "\n".join(">" + line if line.lstrip(">").startswith("From ") else line for line in text.split("\n"))
        box += f"From ann@x.example Sat Mar 21 10:00:00 2026\nSubject: x\n\n{quoted}\n"
    assert [mail.decode().split("\n\n", 1)[1] for mail in split_mbox(box.encode())] == [text + "\n" for text in texts]


def test_a_letter_without_id_keeps_its_key_and_a_long_subject_is_cut() -> None:
    raw = b"From: ann@x.example\nSubject: " + b"y" * 10_000 + b"\n\nHello\n"
    first, again = read_letter(raw), read_letter(raw)
    assert first is not None
    assert again is not None
    posts = [letter_post(one, SOURCE, NOW, "x.example", lambda _: "", SOURCE.url) for one in (first, again)]
    assert posts[0].key == posts[1].key
    assert (posts[0].url, len(posts[0].thread_title)) == (SOURCE.url, 300)


def test_packed_bodies_are_bounded() -> None:
    assert unpacked("u", gzip.compress(b"a") + gzip.compress(b"b"), 100) == b"ab"
    assert unpacked("u", gzip.compress(b"abc" * 100)[:-4], 1000) == b"abc" * 100
    with pytest.raises(Unreadable, match="unpacks to more than"):
        unpacked("u", gzip.compress(b"a" * 5_000_000), 1_000_000)
    assert TEXT_LIMIT < 1_000_000
