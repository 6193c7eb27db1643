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


def span(seconds: float) -> str:
    """A length of time in its largest unit, rounded down: "12 s", "3 min", "2 h", "5 days"; never below 0 s."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 48 * 3600:
        return f"{whole // 3600} h"
    return f"{whole // 86400} days"
