"""How a theme moves: its voices of the last week against those of the weeks before, told only where chance is unlikely.

If a theme were spoken of as much as ever, each of its n voice-days in the window would fall into the last week with the
chance p, the last week's share of all the brand's voice-days. The theme grows where so many of them, or more, would do
so by chance less than once in a hundred times (an exact binomial test), fades where so few would. Measuring against all
that is said of the brand keeps a new source, a silent one, or a loud week from looking like a theme that moves.
"""

import math
from collections.abc import Mapping
from datetime import date, timedelta

from listener.records import Phase

RECENT_DAYS = 7
LEAST_RECENT = 4  # voice-days in the last week without which nothing is new or growing
CHANCE = 0.01
QUIET_DAYS = 7  # days before the last week on which the brand must have been spoken of, for anything to be compared


def phase_of(theme: Mapping[date, int], talk: Mapping[date, int], day: date) -> Phase:
    """new, growing, fading or steady.

    Args:
        theme: day → distinct voices that spoke of it.
        talk: day → distinct voices that spoke of the brand at all.
        day: the last one.
    """
    since = day - timedelta(days=RECENT_DAYS - 1)
    if sum(1 for one in talk if one < since) < QUIET_DAYS:
        return "steady"  # not long enough here to say what is new
    recent = sum(n for one, n in theme.items() if one >= since)
    total = sum(theme.values())
    share = sum(n for one, n in talk.items() if one >= since) / sum(talk.values())
    if recent >= LEAST_RECENT and at_least(recent, total, share) < CHANCE:
        return "growing" if recent < total else "new"
    if at_least(total - recent, total, 1.0 - share) < CHANCE:
        return "fading"
    return "steady"


def at_least(hits: int, of: int, chance: float) -> float:
    """The probability of `hits` or more of `of` independent tries that succeed with `chance`; exact.

    >>> round(at_least(4, 4, 0.2), 6), at_least(0, 3, 0.5), at_least(1, 3, 0.0)
    (0.0016, 1.0, 0.0)
    """
    if hits <= 0 or chance >= 1.0:
        return 1.0
    if chance <= 0.0:
        return 0.0
    yes, no, whole = math.log(chance), math.log1p(-chance), math.lgamma(of + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(whole - math.lgamma(n + 1) - math.lgamma(of - n + 1) + n * yes + (of - n) * no)
            for n in range(hits, of + 1)
        ),
    )
