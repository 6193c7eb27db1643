"""A message becomes mail: every part where a mail program looks for it, and the same bytes each time."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.deliver.message import address, build, message_id
from listener.errors import Undeliverable
from listener.records import Attachment
from tests.helpers_deliver import MAIL, NOON, PIXEL, message

ID = message_id("digest:wagtail:2026-03-21:ann", MAIL.sender)


def read(body: bytes) -> EmailMessage:
    mail = message_from_bytes(body, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def test_a_reader_finds_every_part() -> None:
    mail = read(build(message(), MAIL, ID, NOON))
    assert mail["From"].addresses[0].display_name == "聆聽者 Listener"
    assert mail["From"].addresses[0].addr_spec == "listener@brand.example"
    assert mail["To"] == "ann@reader.example"
    assert mail["Subject"] == "鶺鴒航空 Wagtail: worse, and for one reason"
    assert mail["Date"].datetime == NOON
    assert mail["Message-ID"] == ID
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] is None
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == message().text
    assert html is not None
    assert html.get_content().strip() == message().html
    (image,) = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert (image["Content-ID"], image.get_content(), image.get_filename()) == ("<balance>", PIXEL, "balance.png")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip


def test_what_is_sent_is_seven_bit_with_short_lines() -> None:
    body = build(message(html="<p>" + "長" * 5000 + "</p>", text="x" * 5000), MAIL, ID, NOON)
    body.decode("ascii")
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert body.count(b"\n") == body.count(b"\r\n")


def test_the_same_message_gives_the_same_bytes_and_another_other_ones() -> None:
    body = build(message(), MAIL, ID, NOON)
    assert body == build(message(), MAIL, ID, NOON)
    assert body != build(message(), MAIL, message_id("other", MAIL.sender), NOON)


def test_the_date_line_is_utc_whatever_zone_was_given() -> None:
    taipei = NOON.astimezone(timezone(timedelta(hours=8)))
    assert build(message(), MAIL, ID, taipei) == build(message(), MAIL, ID, NOON)
    with pytest.raises(ValueError, match="time zone"):
        build(message(), MAIL, ID, datetime(2026, 3, 21))  # noqa: DTZ001


def test_a_message_without_html_is_plain_text() -> None:
    assert read(build(message(html=""), MAIL, ID, NOON)).get_content_type() == "text/plain"


def test_later_mails_of_a_story_refer_to_the_earlier_ones() -> None:
    earlier = tuple(message_id(key, MAIL.sender) for key in ("alert:1:opened", "alert:1:escalated"))
    mail = read(build(message(references=earlier), MAIL, ID, NOON))
    assert mail["References"].split() == list(earlier)
    assert mail["In-Reply-To"] == earlier[-1]


@pytest.mark.parametrize("domain", ["a.tw", "very-long-domain." * 8 + "example", "x" * 63 + "." + "y" * 63 + ".tw"])
def test_message_ids_are_never_encoded_however_long_the_domain(domain: str) -> None:
    ids = tuple(message_id(str(number), f"listener@{domain}") for number in range(9))
    body = build(message(references=ids), MAIL, ids[0], NOON)
    assert all(body.count(one.encode()) >= 1 for one in ids)
    assert f".{domain}".endswith("." + ids[0].strip("<>").partition("@")[2])  # whole labels
    assert max(map(len, body.split(b"\r\n"))) <= 78


@given(st.text(), st.text())
def test_message_ids_are_stable_and_differ_with_the_key(one: str, other: str) -> None:
    assert message_id(one, "a@b.example") == message_id(one, "a@b.example")
    same = one.encode("utf-8", "replace") == other.encode("utf-8", "replace")
    assert (message_id(one, "a@b.example") == message_id(other, "a@b.example")) == same


def test_a_header_may_be_added_or_replaced_but_not_ours() -> None:
    headers = (("List-Id", "Wagtail <wagtail.brand.example>"), ("auto-submitted", "auto-replied"))
    mail = read(build(message(headers=headers), MAIL, ID, NOON))
    assert mail["List-Id"] == "Wagtail <wagtail.brand.example>"
    assert mail.get_all("Auto-Submitted") == ["auto-replied"]
    for name in ("Bcc", "subject", "Content-Type", "X-Bad: y", "X\nBcc", ""):
        with pytest.raises(Undeliverable, match="header"):
            build(message(headers=((name, "x"),)), MAIL, ID, NOON)


def test_only_images_ride_along() -> None:
    for attachment in (
        Attachment("a", "a.html", "text/html", b"<script>"),
        Attachment("a>\r\nBcc: b", "a.png", "image/png", b""),
    ):
        with pytest.raises(Undeliverable, match="no image"):
            build(message(attachments=(attachment,)), MAIL, ID, NOON)


def test_addresses_are_brought_into_the_form_that_travels() -> None:
    assert address("Ann.O'Neil+x@Reader.Example") == "Ann.O'Neil+x@reader.example"
    assert address("ann@例子.tw") == "ann@xn--fsqu00a.tw"
    assert read(build(message(recipient="ann@例子.tw"), MAIL, ID, NOON))["To"] == "ann@xn--fsqu00a.tw"


@pytest.mark.parametrize(
    "wrong",
    ["", "ann", "@b.example", "ann@", "a b@c.example", "用戶@例子.tw", "a@b..example", ".a@b.example", "a\n@b.c"],
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(Undeliverable, match="mail address"):
        build(message(recipient=wrong), MAIL, ID, NOON)


def test_the_clock_stays_outside() -> None:
    early, late = (read(build(message(), MAIL, ID, NOON + timedelta(days=days))) for days in (0, 1))
    assert (late["Date"].datetime - early["Date"].datetime) == timedelta(days=1)
    assert early["Date"].datetime.tzinfo == UTC
