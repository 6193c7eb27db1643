"""Personal details go, prices, dates and model numbers stay; in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.advise.redact import redact


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Write to jan.kowalski+x@mail.example now", "Write to [e-mail] now"),
        ("jan [at] mail [dot] example", "[e-mail]"),
        ("call 0912-345-678 or 0912345678", "call [phone] or [phone]"),
        ("office (02) 2345-6789, 02-23456789", "office [phone], [phone]"),
        ("Hong Kong 9123 4567", "Hong Kong [phone]"),
        ("+886 912 345 678 and +852 9123 4567 and +44 20 7946 0958", "[phone] and [phone] and [phone]"),
        ("ring 555-123-4567", "ring [phone]"),
        ("my card 4111 1111 1111 1111 was charged", "my card [card number] was charged"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [account number] please"),
        ("ID A123456789 and A123456(3) and A1234563", "ID [ID number] and [ID number] and [ID number]"),
        ("case 123456789", "case [number]"),
        ("see https://x.example/u?mail=a@b.example today", "see [link] today"),
        ("I live at 18 Kings Road, top floor", "I live at [address], top floor"),
        ("ask @jane_doe about it", "ask @j… about it"),
        ("信箱 linkou.wind@mail.example。", "信箱 〔電郵〕。"),
        ("打給我0912345678，謝謝", "打給我〔電話〕，謝謝"),
        ("電話0912-345-678、（02）2345-6789", "電話〔電話〕、〔電話〕"),
        ("帳號12345678901請查", "帳號〔號碼〕請查"),
        ("身分證A123456789", "身分證〔證號〕"),
        ("我住台北市大安區忠孝東路四段12號5樓", "我住〔地址〕"),
        ("全形０９１２３４５６７８也算", "全形〔電話〕也算"),
    ],
)
def test_personal_details_are_struck_out(text: str, told: str) -> None:
    assert redact(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "It cost NT$12345678, or 20000000 元, or 1,400,000.",
        "Prices of 5000-8000, 488 becomes 528.",
        "On 2026-03-21, 20260321, 03/21/2026 and in 2019-2024 at 08:41.",
        "Versions 6.2.1 and 1234.5678, model WH-1000XM5, RTX 4090, calls[50].",
        "Card 4111 1111 1111 1112 fails its check digit, as 16 digits of a model may.",
        "Router at 192.168.100.200, thread https://forum.example/t/12345678?page=2",
        "三百字道歉都不用，5 月 3 日漲到 528 元，門市排了十二個人。",
        "走忠孝東路比較快",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redact(text) == text


def test_the_reader_language_may_be_set() -> None:
    assert redact("mail a@b.example", "zh-Hant") == "mail 〔電郵〕"


@given(st.text(alphabet=st.sampled_from(list("0123456789 -+().@aAxX路號2路街元$/:電")), max_size=60))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text, "en")
    assert redact(once, "en") == once


@given(st.text(alphabet=st.characters(exclude_categories=("Nd", "Nl", "No", "Cs")), max_size=80).filter(
    lambda text: "@" not in text and "＠" not in text and "(" not in text and "[" not in text and "{" not in text
))  # fmt: skip
def test_without_digits_or_signs_nothing_is_struck_out(text: str) -> None:
    assert redact(text) == text
