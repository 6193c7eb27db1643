"""A post's pull: the answers and likes that it drew, against the habit of the place where it stands. Pure."""

from collections.abc import Sequence
from statistics import median

FEW = 20  # posts of a source; below it nothing is known of its habit
HIGH, DREW = 3.0, 5  # so many times the usual, and so many answers and likes, is worth telling


def pulls(drawn: Sequence[int]) -> list[float | None]:
    """(1 + drawn) / (1 + median drawn) for each post of one source, rounded to 0.01; None for all under FEW posts.

    One is added on both sides so that a place where most posts draw nothing gives a number too: there a post with
    three answers has pull 4. A ratio, not a percentile: a person can say it ("eight times what is usual there").

    Args:
        drawn: replies and likes of each post of the source in the last 90 days; below 0 counts as 0.
    """
    counts = [max(0, count) for count in drawn]
    if len(counts) < FEW:
        return [None] * len(counts)
    usual = 1 + median(counts)
    return [round((1 + count) / usual, 2) for count in counts]


def is_high(pull: float | None, drawn: int) -> bool:
    """Whether a post's pull is worth telling: three times the usual, from five answers and likes on."""
    return pull is not None and pull >= HIGH and drawn >= DREW
