"""The two languages say the same things, and write numbers, days and times as their readers do."""

from datetime import UTC, date, datetime, timedelta
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from listener.advise.words import Words, table
from tests.helpers_advise import DAY, at


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_stands_in_both_languages_with_the_same_names() -> None:
    for section, texts in table().items():
        for key, both in texts.items():
            assert set(both) == {"en", "zh-Hant"}, (section, key)
            english = both["en"] if isinstance(both["en"], list) else [both["en"]]
            chinese = both["zh-Hant"] if isinstance(both["zh-Hant"], list) else [both["zh-Hant"]]
            named = {frozenset(names_in(text)) for text in [*english, *chinese]}
            assert len(named) == 1, (section, key, named)


def test_chinese_uses_full_width_punctuation() -> None:
    for section, texts in table().items():
        for key, both in texts.items():
            chinese = both["zh-Hant"] if isinstance(both["zh-Hant"], list) else [both["zh-Hant"]]
            for text in chinese:
                if any("\u4e00" <= char <= "\u9fff" for char in text):
                    assert not set(text) & set(",;:!?()") or section == "chart", (section, key, text)


def words(language: str) -> Words:
    return Words(language, DAY, ZoneInfo("Asia/Taipei"))


def test_days_and_times() -> None:
    en, zh = words("en"), words("zh-Hant")
    assert en.long_day(DAY) == "Saturday 21 March 2026"
    assert zh.long_day(DAY) == "2026年3月21日（週六）"
    assert zh.short_day(DAY) == "3月21日（週六）"
    assert en.moment(at(DAY, "20:41")) == "Sat 20:41"
    assert zh.moment(at(DAY, "20:41")) == "週六 20:41"
    assert en.moment(at(DAY - timedelta(days=9), "08:05")) == "Thu 12 Mar 08:05"
    assert zh.moment(at(DAY - timedelta(days=9), "08:05")) == "3月12日（週四）08:05"
    assert en.moment(datetime(2025, 12, 31, 23, tzinfo=UTC)) == "Thu 1 Jan 07:00"
    assert en.short_day(date(2025, 12, 31)) == "Wed 31 Dec 2025"


def test_numbers() -> None:
    en, zh = words("en"), words("zh-Hant")
    assert [en.signed(n) for n in (14, -86.4, -0.2, 0.5, 1234)] == ["+14", "−86", "0", "+1", "+1,234"]
    assert en.number(-0.4) == "0"
    assert (en.share(0.915), zh.share(0.915)) == ("92 %", "92%")
    assert [en.count("voices", n) for n in (0, 1, 2)] == ["0 voices", "1 voice", "2 voices"]
    assert zh.count("voices", 1) == "1 人"


def test_a_name_or_language_without_words_is_told() -> None:
    with pytest.raises(KeyError):
        words("en")("verdict.no_such_text")
    with pytest.raises(KeyError, match="no words in 'de'"):
        Words("de", DAY, ZoneInfo("UTC"))


def test_variants_change_with_the_day_and_not_otherwise() -> None:
    told = {Words("en", DAY + timedelta(days=n), ZoneInfo("UTC"))("verdict.same_plain", moved="") for n in range(3)}
    assert len(told) == 3
    assert words("en")("verdict.same_plain", moved="") == words("en")("verdict.same_plain", moved="")
