"""What both languages' rules hand over: told words with their weight, and a sum that can be added up over clauses."""

import math
from dataclasses import dataclass

from listener.records import Span

ALPHA = 15.0  # VADER's: the sum at which a text is about half sure of its feeling is near 4


@dataclass(frozen=True, slots=True)
class Told:
    """A word that tells a feeling: where it stands, and what it adds to the sum after negation, degree and "but"."""

    span: Span
    weight: float


@dataclass(frozen=True, slots=True)
class Feeling:
    """A text's or clause's feeling. `total` is unbounded and additive; `told` in the order of the text."""

    total: float
    told: tuple[Told, ...]

    def moved(self, by: int) -> "Feeling":
        """The same, for a text that begins `by` code points later."""
        return Feeling(self.total, tuple(Told((one.span[0] + by, one.span[1] + by), one.weight) for one in self.told))


NOTHING = Feeling(0.0, ())


def squashed(total: float, alpha: float = ALPHA) -> float:
    """A sum of valences brought to −1…+1 (Hutto & Gilbert 2014: x / sqrt(x² + 15))."""
    return total / math.sqrt(total * total + alpha)


def unsquashed(score: float, alpha: float = ALPHA) -> float:
    """The sum that `squashed` brings to `score` (−1 < score < 1)."""
    return score * math.sqrt(alpha / (1.0 - score * score))
