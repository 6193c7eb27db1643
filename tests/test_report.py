"""What reports must never do: turn back what is open, cry calm, strike out everyday words, believe another site."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from listener.errors import ConfigError
from listener.gather.text import html_text
from listener.house import House
from listener.store.protocol import Matter
from tests.helpers_house import NOW, SOURCE, heard, house_in, post


def days_of_trouble(house: House, days: int = 4) -> list[str]:
    """The same complaint on each of the last days, a digest each; the verdicts, oldest first."""
    heard(house, NOW - timedelta(days=12), NOW)
    brand = house.config.brand("acme")
    verdicts = []
    for back in range(days, 0, -1):
        at = NOW - timedelta(days=back)
        text = f"Acme sold my personal data to an insurer without asking, case {back}"
        texts = [f"{text} {n}" for n in range(2 + days - back)]
        house.intake.take([post(back * 100 + n, text, at, thread=back) for n, text in enumerate(texts)])
        assert house.digest(brand, at.date(), mail=False)
        stored = house.store.digest("acme", at.date(), "en")
        assert stored is not None
        verdicts.append(stored.html + stored.text)
    return verdicts


def open_matter(house: House) -> Matter:
    [matter] = [one for one in house.store.matters("acme", NOW.date()) if one.topic == "data-misuse"]
    return matter


def test_a_day_made_again_is_the_same_and_turns_nothing_back(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        before = days_of_trouble(house)
        matter = open_matter(house)
        for back in (4, 3, 1, 2):
            day = (NOW - timedelta(days=back)).date()
            assert house.digest(house.config.brand("acme"), day, mail=False, again=True)
            stored = house.store.digest("acme", day, "en")
            assert stored is not None
            assert stored.html + stored.text == before[4 - back]
        assert open_matter(house) == matter


def test_an_everyday_word_is_nobody(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        days_of_trouble(house, 2)
        words = [judged.text for judged in house.store.judged("acme")]
        with pytest.raises(ConfigError, match="even-if-unknown"):
            house.forget("insurer")
        with pytest.raises(ConfigError, match="say whom"):
            house.forget("  ")
        assert [judged.text for judged in house.store.judged("acme")] == words
        assert house.forget("insurer", unknown=True).mentions_of_name > 0


def test_another_source_changes_nothing(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        mine = post(1, "Acme sold my data, terrible.")
        house.store.sync_sources([SOURCE, replace(SOURCE, name="elsewhere")], NOW)
        house.intake.take([mine])
        for text in ("Acme is wonderful", "no brand at all"):
            assert house.intake.take([replace(mine, source="elsewhere", text=text)]) == {}
        assert [judged.text for judged in house.store.judged("acme")] == [mine.text]
        assert house.intake.take([replace(mine, text="Acme mended it, great service!")]) == {"town": 1}


@pytest.mark.parametrize(("hours", "calm"), [(24, True), (1, False)])
def test_silence_is_believed_only_where_somebody_listened(tmp_path: Path, hours: int, calm: bool) -> None:
    with house_in(tmp_path) as (house, _):
        day = (NOW - timedelta(days=1)).date()
        start = NOW.replace(hour=16, minute=0) - timedelta(days=2)  # the day's midnight in Taipei
        heard(house, start - timedelta(days=5), start - timedelta(days=4))
        heard(house, start, start + timedelta(hours=hours - 1))
        house.digest(house.config.brand("acme"), day, mail=False)
        stored = house.store.digest("acme", day, "en")
        assert stored is not None
        assert ("this silence is real" in " ".join(stored.text.split())) is calm


def test_a_tower_of_tags_is_only_its_words() -> None:
    assert html_text("<div>" * 200_000 + "Acme is slow" + "</div>" * 200_000)[0] == "Acme is slow"


def test_a_brand_that_left_the_config_is_not_watched_for_ever(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        heard(house, NOW - timedelta(days=9), NOW)
        texts = [
            "Acme leaked my personal data to marketers",
            "Strangers call me by name since Acme leaked my phone number",
            "So Acme sold our personal data. I never agreed to that",
            "Data breach at Acme: my address is on a list that anybody can buy",
            "Acme shared my personal data without asking, I have the letter here",
        ]
        house.store.set_looked_until("acme", NOW - timedelta(hours=2))
        house.intake.take([post(n, text, NOW - timedelta(minutes=30 - n)) for n, text in enumerate(texts)])
        assert [alert.state for alert in house.watch()][-1:] == ["open"]
    brands = tmp_path / "config" / "brands.toml"
    brands.write_text(brands.read_text("utf-8").replace('id = "acme"', 'id = "acme-two"'), encoding="utf-8")
    with house_in(tmp_path, NOW + timedelta(days=900)) as (house, _):
        assert [alert.state for alert in house.watch()] == ["closed"]
        assert house.housekeep()["acme"] == 5
