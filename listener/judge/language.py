"""Which language a post is in. The script decides almost always; only Latin ones need a look at the words."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

READ = 4000  # code points looked at: more does not change the answer
HAN_WEIGHT = 2.5  # one Han character says as much as two or three Latin letters

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d]")
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\uff21-\uff3a\uff41-\uff5a]")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_NOT_LATIN = frozenset(
    "am ar as be bg bn el fa gu he hi hy ja ka kk km kn ko ky lo mk ml mn mr my ne or pa ps ru si sr ta te th ug uk ur"
    " zh".split()
)


def language_of(text: str, declared: str | None = None, allowed: Sequence[str] = ("en", "zh-Hant", "zh-Hans")) -> str:
    """BCP 47 code of a text: "zh-Hant", "zh-Hans", "ja", "ko", a Latin language of `allowed`, or "und".

    Args:
        declared: what the site says; it decides only where the text does not.
        allowed: the languages that are expected. With one Latin language in it every Latin text is in that one;
            with more, py3langid chooses among them.
    """
    sample = text[:READ]
    if "http" in sample or "www." in sample:
        sample = _LINK.sub(" ", sample)
    if sample.isascii():
        return _latin(sample, declared, allowed) if any(map(str.isalpha, sample)) else "und"
    han, kana, hangul = (len(script.findall(sample)) for script in (_HAN, _KANA, _HANGUL))
    latin = len(_LATIN.findall(sample))
    if han + kana + hangul and (han + kana + hangul) * HAN_WEIGHT >= latin:
        # A の or a ツ for decoration makes no Japanese: it takes a sixth of the characters.
        if kana * 6 > han + kana:
            return "ja"
        return "ko" if hangul > han else _chinese(sample, declared)
    if latin and latin * 2 > sum(map(str.isalpha, sample)):
        return _latin(sample, declared, allowed)
    return declared or "und" if any(map(str.isalpha, sample)) else "und"


def _chinese(sample: str, declared: str | None) -> str:
    traditional, simplified = _one_script_only()
    balance = sum((c in traditional) - (c in simplified) for c in sample)
    if balance == 0:
        tag = (declared or "").lower()
        return "zh-Hans" if tag.startswith(("zh-hans", "zh-cn", "zh-sg")) else "zh-Hant"
    return "zh-Hant" if balance > 0 else "zh-Hans"


def _latin(sample: str, declared: str | None, allowed: Sequence[str]) -> str:
    choice = tuple(tag for tag in allowed if tag.split("-")[0] not in _NOT_LATIN)
    if len(choice) < 2:
        return choice[0] if choice else "en"
    found: str = _identifier(choice).classify(sample)[0]
    return next((tag for tag in choice if tag.split("-")[0] == found), choice[0])


@cache
def _identifier(choice: tuple[str, ...]) -> Any:
    """py3langid limited to `choice`; loaded only where more than one Latin language is expected."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(sorted({tag.split("-")[0] for tag in choice}))
    return identifier


@cache
def _one_script_only() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that only Traditional, or only Simplified, writes: those that OpenCC always turns into another."""

    def always_changed(name: str) -> frozenset[str]:
        lines = files("opencc").joinpath("dictionary", name).read_text("utf-8-sig").splitlines()
        pairs = (line.split("\t") for line in lines if "\t" in line)
        return frozenset(one for one, some in pairs if one not in some.split())

    traditional, simplified = always_changed("TSCharacters.txt"), always_changed("STCharacters.txt")
    return traditional - simplified, simplified - traditional
