"""The words of the pages in one language, from words.toml; numbers, days and times are written as in the digest."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from listener.advise.words import Words

LANGUAGES = ("en", "zh-Hant")


@cache
def table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """words.toml as it stands: section → name → language → text."""
    return tomllib.loads(files("listener.explore").joinpath("words.toml").read_text("utf-8"))


class Speech(Words):
    """Texts of one language; a name that is not in words.toml is a KeyError, so a test finds it."""

    def __init__(self, language: str, day: date, zone: ZoneInfo) -> None:
        super().__init__(language, day, zone)
        self.digest = Words(language, day, zone)  # the digest's own words: touchpoints, tones

    def __call__(self, name: str, **filled: object) -> str:
        """The text `section.name` with its {names} filled in."""
        section, key = name.split(".", 1)
        return table()[section][key][self.language].format(**filled)

    def has(self, name: str) -> bool:
        section, key = name.split(".", 1)
        return key in table()[section]

    def count(self, noun: str, n: int) -> str:
        """See Words.count; the nouns are the digest's."""
        return self.digest.count(noun, n)

    def join(self, parts: Sequence[str]) -> str:
        """See Words.join."""
        return self.digest.join(parts)

    def lu(self, amount: float) -> str:
        """An amount of love units with its sign and one decimal: +4.5, −10.0, 0."""
        told = f"{amount:+,.1f}"
        return "0" if told in ("+0.0", "-0.0") else told.replace("-", "−")

    def touchpoint(self, touchpoint: str) -> str:
        """Its name; an id of the user's own stands as it is."""
        name = f"touchpoint.{touchpoint}"
        return self.digest(name) if self.digest.has(name) else touchpoint.replace("-", " ")

    def risks(self, reasons: str) -> str:
        """ "leaving, betrayal", as the views tell it, in words."""
        told = [f"risk.{reason.replace(' ', '_')}" for reason in reasons.split(", ") if reason]
        return self.join([self(name) if self.has(name) else name.removeprefix("risk.") for name in told])

    def turn(self, what: str) -> str:
        """One turn of an alert's life."""
        return self(f"turn.{what}") if self.has(f"turn.{what}") else what


def pick(wanted: str) -> str:
    """The language that an Accept-Language header asks for first, of those that we speak; English without one.

    >>> pick("zh-TW,zh;q=0.9,en;q=0.8"), pick("fr,en;q=0.5"), pick("")
    ('zh-Hant', 'en', 'en')
    """
    for part in wanted.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-Hant"
        if tag.startswith("en"):
            return "en"
    return "en"
