"""What `listener check` tells of the digest: no card, an unknown topic, a blank text, a missing wording or font."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from listener import checks
from listener.advise import pdf, words
from listener.advise.rehearse import rehearse
from listener.config import Config, load
from listener.errors import ConfigError
from tests.helpers_house import write_home

_TABLE = words.table()
CARD = "note: playbook.toml: advice for data-misuse"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_home(tmp_path)


def told(config: Config) -> list[str]:
    return rehearse(config.brands[0], config.topics, config.playbook)


def without(folder: Path, topic: str) -> None:
    path = folder / "playbook.toml"
    cards = path.read_text("utf-8").split("[[advice]]\n")
    path.write_text("[[advice]]\n".join(c for c in cards if f'topic = "{topic}"' not in c), encoding="utf-8")


def test_the_shipped_playbook_tells_every_topic_in_both_languages_with_its_ground(folder: Path) -> None:
    config = load(folder)
    assert told(config) == []
    assert len(config.topics) == 28
    for topic in config.topics:
        card = config.advice(topic.id)
        assert card is not None, topic.id
        for language in ("en", "zh-Hant"):
            assert card.basis.get(language), topic.id
        assert len(card.do.get("en")) == len(card.do.get("zh-Hant")) >= 2
        assert len(card.dont.get("en")) == len(card.dont.get("zh-Hant")) >= 1


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("outage", "error: playbook.toml has no [[advice]] for the complaint 'outage'"),
        ("leaving", "error: playbook.toml has no [[advice]] for the signal 'leaving'"),
        ("reward", "note: playbook.toml has no [[advice]] for the praise 'reward'"),
    ],
)
def test_a_topic_without_a_card_is_told(folder: Path, topic: str, line: str) -> None:
    without(folder, topic)
    assert told(load(folder)) == [line]
    assert line in checks.check(folder)


def test_an_unknown_topic_in_the_playbook_is_told_with_its_line_and_the_nearest(folder: Path) -> None:
    path = folder / "playbook.toml"
    path.write_text(path.read_text("utf-8").replace('topic = "outage"', 'topic = "outagee"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"playbook\.toml:\d+: no topic 'outagee'.*outage"):
        checks.check(folder)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('say.zh-Hant = "', 'say.zh-Hant = "" # "', f"{CARD}: say.zh-Hant is empty"),
        ('why.zh-Hant = "', 'why.zh-Hant = "Later" # "', f"{CARD}: why.zh-Hant has no Chinese in it"),
        ("dont.en = [", "dont.en = [] # [", f"{CARD}: dont.en is empty"),
    ],
)
def test_a_text_that_is_blank_or_not_translated_is_told(folder: Path, old: str, new: str, line: str) -> None:
    path = folder / "playbook.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    assert told(load(folder)) == [line]


def test_a_wording_that_is_missing_is_told_and_not_met_in_the_morning(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        return {name: {key: text for key, text in part.items() if key != "clock"} for name, part in _TABLE.items()}

    monkeypatch.setattr(words, "table", torn)
    torn_apart = "error: topic data-misuse: its digest cannot be written in {}: 'clock'"
    assert told(load(folder)) == [torn_apart.format(language) for language in ("en", "zh-Hant")]


def test_a_machine_without_chinese_letters_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_han_font", lambda: False)
    assert any("no font here has Chinese characters" in line for line in checks.check(folder))
