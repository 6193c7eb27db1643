"""Personal details struck out of quotes: what identifies or reaches a person, and nothing else.

Struck out: e-mail addresses, telephone numbers (Taiwan, Hong Kong, international), identity numbers (Taiwan, Hong
Kong, mainland China), card numbers and IBANs with a right check digit, long runs of digits, links that carry any of
these, simple street addresses; @handles are cut to one letter. Kept: prices, dates, times, versions, model numbers.

Rules of thumb, not a proof: a name in running text stays, and so does a number written in words. Where a rule could
eat a price or a date it gives way (see `_is_price`, `_is_date`); the tests show both sides of each line.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from listener.advise.words import table

_HAN = re.compile(r"[\u4e00-\u9fff]")
# Patterns look at a copy in which full-width letters, digits and signs are half-width, of the same length.
_HALF_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20, 0xA0: 0x20, 0x202F: 0x20}
_HALF_WIDTH |= dict.fromkeys(range(0x2010, 0x2016), 0x2D)
_GAP = r"[ .\-]"
_BEFORE = r"(?<![A-Za-z0-9_.+\-])"  # \b would see no border between a Han character and a digit


def _pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(text, re.ASCII | flags)


_URL = _pattern(r"""(?:https?://|www\.)[^\s<>"'「」『』《》〈〉，。；！？、（）]+""", re.IGNORECASE)
_EMAIL = _pattern(
    r"[\w.+%-]+(?:\s?[\[({]\s?(?:at|AT)\s?[\])}]\s?|@)[A-Za-z0-9-]+"
    r"(?:(?:\.|\s?[\[({]\s?(?:dot|DOT)\s?[\])}]\s?)[A-Za-z0-9-]+)+"
)
_HANDLE = _pattern(r"(?<![\w@/.])@(?P<first>\w)[\w.-]+")
_IBAN = _pattern(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CARD = _pattern(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_CHINA_ID = _pattern(r"(?<!\d)\d{17}[\dXx](?!\d)")
_TAIWAN_ID = _pattern(r"(?<![A-Za-z0-9])[A-Za-z][A-D1289a-d]\d{8}(?!\d)")
_HONG_KONG_ID = _pattern(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}\([\dA]\)")
_HONG_KONG_ID_BARE = _pattern(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}[\dA](?![A-Za-z0-9])")
_PHONES = (
    _pattern(rf"(?<![\w+])(?:\+|00)\d{{1,3}}{_GAP}?(?:\(\d{{1,4}}\){_GAP}?)?\d(?:{_GAP}?\d){{5,12}}(?!\d)"),
    _pattern(rf"{_BEFORE}\(0\d{{1,3}}\){_GAP}?\d{{3,4}}{_GAP}?\d{{3,4}}(?!\d)"),
    _pattern(rf"{_BEFORE}0\d{{1,4}}{_GAP}\d{{3,4}}(?:{_GAP}?\d{{3,4}}){{0,2}}(?!\d)"),
    _pattern(r"(?<!\w)0\d{8,10}(?!\d)"),
    _pattern(rf"{_BEFORE}\(?\d{{3}}\)?{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)"),
    _pattern(rf"(?<![$€£¥]){_BEFORE}[235-9]\d{{3}}[ \-]\d{{4}}(?![\w-])"),
)
_RUN = _pattern(r"(?<![\w.,$€£¥+])\d{8,}(?![.,]?\d)")
_MONEY_BEFORE = _pattern(r"(?:[$€£¥￥]|(?<![A-Za-z])(?:NTD?|TWD|HKD|USD|EUR|GBP|RMB|Rs))\s?$", re.IGNORECASE)
_MONEY_AFTER = _pattern(r"\s?(?:元|塊|円|圓|萬|億|dollars?\b|euros?\b|(?:NTD|TWD|HKD|USD|EUR)\b)", re.IGNORECASE)
_ADDRESSES = (
    _pattern(
        r"(?:[\u4e00-\u9fff]{2}[縣市])?(?:[\u4e00-\u9fff]{1,3}[鄉鎮市區])?[\u4e00-\u9fff]{1,3}(?:路|街|大道)"
        r"(?:[一二三四五六七八九十\d]+段)?(?:\d+巷)?(?:\d+弄)?\d+(?:之\d+)?號(?:之\d+)?(?:\d+樓(?:之\d+)?)?"
    ),
    _pattern(r"\b\d{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Boulevard|Blvd)\b"),
)

Test: TypeAlias = Callable[[re.Match[str]], bool]


def redact(text: str, language: str | None = None) -> str:
    """The text with personal details replaced by what they were: [phone], 〔電話〕.

    Args:
        language: of the replacements, "en" or "zh-Hant"; None takes Chinese where the text has Han characters.

    Redacting twice changes nothing more.
    """
    language = language or ("zh-Hant" if _HAN.search(text) else "en")
    signs = {name: str(texts[language]) for name, texts in table()["redacted"].items()}

    def swap(text: str, pattern: re.Pattern[str], sign: str, true: Test) -> str:
        for match in reversed(list(pattern.finditer(text.translate(_HALF_WIDTH)))):
            if true(match):
                told = signs[sign] if sign else f"@{match['first']}…"
                text = text[: match.start()] + told + text[match.end() :]
        return text

    text = swap(text, _URL, "link", _tells_a_person)
    text = swap(text, _EMAIL, "email", _always)
    # The links that stay are set aside, so that a number in a path is not taken for a telephone.
    done, links = [], _URL.findall(text)
    for part in _URL.split(text):
        for pattern, sign, true in _RULES:
            part = swap(part, pattern, sign, true)
        done.append(part)
    return "".join(part + link for part, link in zip(done, [*links, ""], strict=True))


def _tells_a_person(match: re.Match[str]) -> bool:
    """A link with an e-mail address in it, or with a query that carries a long number."""
    url = match[0]
    query = url.partition("?")[2]
    return "@" in url or "%40" in url or re.search(r"\d{8,}", query) is not None


def _is_price(match: re.Match[str]) -> bool:
    """Money stands before or behind it, or it is a range of round sums (5000-8000)."""
    text, (start, end) = match.string, match.span()
    if _MONEY_BEFORE.search(text[max(start - 5, 0) : start]) or _MONEY_AFTER.match(text, end):
        return True
    halves = re.split(r"[ -]", match[0])
    return len(halves) == 2 and all(len(half) == 4 and half.endswith("00") for half in halves)


def _is_date(found: str) -> bool:
    """20260321, 2019-2024: eight digits that are a day, or two years."""
    halves = re.split(r"[ -]", found)
    if len(halves) == 2 and all(len(half) == 4 and 1900 <= int(half) < 2100 for half in halves):
        return True
    if re.fullmatch(r"\d{8}(?:\d{4}|\d{6})?", found) is None:
        return False
    year, month, day = int(found[:4]), int(found[4:6]), int(found[6:8])
    return 1900 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31


def _digits(found: str) -> list[int]:
    return [int(char) for char in found if char.isdigit()]


def _luhn(found: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    digits = _digits(found)[::-1]
    return sum(digits[0::2]) % 10 == -sum(sum(divmod(2 * d, 10)) for d in digits[1::2]) % 10 and any(digits)


def _iban(found: str) -> bool:
    """ISO 13616: the first four moved behind, letters as numbers, remainder 1 by 97."""
    compact = found.replace(" ", "")
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _hong_kong(found: str) -> bool:
    """The check digit of a Hong Kong identity card: weights 9…2, a space counts 36, remainder 0 by 11."""
    body, check = found[:-1].rjust(8), found[-1]
    values = [36 if char == " " else int(char, 36) for char in body]
    total = sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def _always(_: re.Match[str]) -> bool:
    return True


def _no_price_or_date(match: re.Match[str]) -> bool:
    return not _is_price(match) and not _is_date(match[0])


# In this order: the longer and surer first. "" is the @handle, which keeps its first letter.
_RULES: tuple[tuple[re.Pattern[str], str, Test], ...] = (
    (_IBAN, "account", lambda match: _iban(match[0])),
    (_CARD, "card", lambda match: _luhn(match[0])),
    (_CHINA_ID, "id", _always),
    (_TAIWAN_ID, "id", _always),
    (_HONG_KONG_ID, "id", _always),
    (_HONG_KONG_ID_BARE, "id", lambda match: _hong_kong(match[0])),
    *((pattern, "phone", _no_price_or_date) for pattern in _PHONES),
    (_RUN, "number", _no_price_or_date),
    *((pattern, "address", _always) for pattern in _ADDRESSES),
    (_HANDLE, "", _always),
)
