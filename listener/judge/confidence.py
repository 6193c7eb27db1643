"""How likely a label is right: a logistic sum of the few things that tell, each in one direction only.

The figures are rounded from a logistic regression over four sets that were measured on (airline and Apple tweets,
Taiwanese restaurant and mainland delivery reviews), each counted alike, and kept lower where leaving one set out showed
that they did not carry over. They hold for a mixture of such places: among people who mostly ask and chat, praise is
rarer and less sure than this says. What a person's own corrections teach belongs here later.
"""

import math
from collections.abc import Mapping

from listener.judge.feeling import Feeling
from listener.records import Label

# Per language of the rules: reviews in Chinese speak out, English praise may be manners or somebody else's.
_BASE: Mapping[tuple[bool, Label], float] = {
    (False, "positive"): -0.25, (False, "negative"): 0.55, (False, "neutral"): 0.45,
    (True, "positive"): 1.4, (True, "negative"): 1.2, (True, "neutral"): -0.7,
}  # fmt: skip
_SLOPE: Mapping[Label, float] = {"positive": 1.5, "negative": 0.9, "neutral": 0.0}  # per unit of sentiment
_AGREED, _CONTRARY = 1.0, -0.3  # a topic that says the same, at its confidence; one that says the opposite
_MIXED = -0.9  # as much good as bad
_NOT_NAMED, _DOUBTFUL = -0.4, -1.0  # only the thread tells who is meant; irony, or several brands and none named
LEAST, MOST = 0.05, 0.95


def confidence(
    label: Label,
    sentiment: float,
    feeling: Feeling,
    *,
    chinese: bool,
    complaint: float,
    praise: float,
    named: bool,
    doubtful: bool,
) -> float:
    """0.05…0.95, three decimals.

    Args:
        complaint, praise: confidence of the surest topic of that kind, 0 without one.
    """
    agreed, contrary = {
        "negative": (complaint, praise),
        "positive": (praise, complaint),
        "neutral": (0.0, max(praise, complaint)),
    }[label]
    good = sum(one.weight for one in feeling.told if one.weight > 0)
    bad = -sum(one.weight for one in feeling.told if one.weight < 0)
    value = _BASE[chinese, label] + _SLOPE[label] * abs(sentiment) + _AGREED * agreed + _CONTRARY * contrary
    value += _MIXED * (min(good, bad) / max(good, bad) if good and bad else 0.0)
    value += _NOT_NAMED * (not named) + _DOUBTFUL * doubtful
    return round(min(MOST, max(LEAST, 1.0 / (1.0 + math.exp(-value)))), 3)
