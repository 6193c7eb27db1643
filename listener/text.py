"""Small pictures in text."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """One block character a value, lowest to highest; "" for none. All equal gives a flat line."""
    if not values:
        return ""
    low, high = min(values), max(values)
    step = (high - low) or 1
    return "".join(_BARS[round((value - low) / step * (len(_BARS) - 1))] for value in values)
