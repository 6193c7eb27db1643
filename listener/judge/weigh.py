"""How much a told word counts, by where it stands: in a question, in a quotation, far from the brand, in a long post.

A feeling is towards a brand. What stands sentences away from where it is named is less sure to be about it, a
question asks, a quotation is somebody else's, and a long post gathers feeling words by the mere number of its words:
of a sum of many that have nothing to do with each other, its root says how far it strays from nought by chance.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from listener.judge.feeling import Feeling, Told
from listener.judge.frames import counted, hearsay
from listener.judge.words import sentence_ends
from listener.records import Span

ASKED = 0.15  # of a good word in a question: "is it any good?"; bad ones count, since "why is it so slow?" complains
QUOTED_GOOD, QUOTED_BAD = 0.5, 0.8  # slogans and promises are quoted to be laughed at, bad words to be agreed with
PASSED_ON = 0.4  # of thanks in a reply that does not name the brand: mostly to the one who helped in the thread
NEAR, FADE, FAR = 1, 0.7, 0.1  # sentences at full weight on both sides, the factor for each further one, the least
LONG = 400  # bytes of UTF-8 from which on a text counts as long: some 70 English words or 130 Han characters

# Questions that many write without a mark: 「哪家比較好」「推薦嗎」「有冇人用過」.
_ASKED_ZH = re.compile(
    r"吗\W*$|哪[个家间款支台一种边]|边[个间部款]|怎么样\W*$|如何\W*$|咩\W*$|(?:有没有|有冇)人|谁(?:有|用|知道)"
)
_QUOTED = re.compile(r'"[^"\n]{2,400}"|[「『][^「」『』\n]{2,200}[」』]|^[ \t]*>.*$', re.MULTILINE)


def weighed(
    feeling: Feeling,
    folded: str,
    brand: Sequence[Span] = (),
    passed_on: bool = False,
    less: Sequence[tuple[Span, float]] = (),
) -> Feeling:
    """The feeling of a text with each of its words at its weight.

    Args:
        folded: the text that was read.
        brand: where it names the brand, ascending; without it the text is taken to be about it from its beginning.
        passed_on: thanks are to others.
        less: stretches in which words count only so much, ascending (frames.passing).
    """
    if not feeling.told:
        return feeling
    asked = _asked(folded) if "?" in folded or not folded.isascii() else ()
    quoted = [match.span() for match in _QUOTED.finditer(folded)] if _may_quote(folded) else ()
    told_by_others = hearsay(folded)
    long = len(folded) > LONG / 3 and len(folded.encode("utf-8", "surrogatepass")) > LONG
    if not (asked or quoted or long or passed_on or less or told_by_others):
        return feeling
    distance = _Distance(folded, brand) if long else None
    told = []
    for one in feeling.told:
        weight = one.weight
        if weight > 0 and _inside(one.span, asked):
            weight *= ASKED
        elif _inside(one.span, quoted):
            weight *= QUOTED_GOOD if weight > 0 else QUOTED_BAD
        if weight > 0 and passed_on and _thanks(folded[one.span[0] : one.span[1]]):
            weight *= PASSED_ON
        weight *= counted(one.span, less) * counted(one.span, told_by_others)
        if distance is not None:
            weight *= distance.weight(one.span[0])
        told.append(Told(one.span, weight))
    before, total = sum(one.weight for one in feeling.told), sum(one.weight for one in told)
    emphasis = abs(feeling.total) - abs(before)
    return Feeling(total + emphasis if total > 0.5 else total - emphasis if total < -0.5 else total, tuple(told))


def without_names(feeling: Feeling, names: Sequence[Span]) -> Feeling:
    """The feeling without what a brand's own name would tell: a shop may be called Best or 雷豹.

    Args:
        names: where names stand, ascending, apart from each other.
    """
    kept = tuple(one for one in feeling.told if not _inside(one.span, names, whole=True))
    if len(kept) == len(feeling.told):
        return feeling
    return Feeling(feeling.total - sum(one.weight for one in feeling.told) + sum(one.weight for one in kept), kept)


def damped(total: float, size: int) -> float:
    """A sum over a text of `size` bytes, less where the text is long."""
    return total if size <= LONG else total / (size / LONG) ** 0.5


def _may_quote(folded: str) -> bool:
    return '"' in folded or ">" in folded or "「" in folded or "『" in folded


def _asked(folded: str) -> list[Span]:
    begin, asked = 0, []
    for end in sentence_ends(folded):
        if "?" in folded[max(begin, end - 4) : end] or _ASKED_ZH.search(folded, begin, end):
            asked.append((begin, end))
        begin = end
    return asked


def _inside(span: Span, places: Sequence[Span], whole: bool = False) -> bool:
    """Does a span begin (with `whole`: lie) in one of these places (ascending, apart from each other)?"""
    at = bisect_left(places, (span[0] + 1,)) - 1
    return at >= 0 and (span[1] <= places[at][1] if whole else span[0] < places[at][1])


def _thanks(told: str) -> bool:
    return "thank" in told or "谢" in told or told in ("thx", "cheers", "感恩")


class _Distance:
    """What a word weighs by the number of sentences to the next one that names the brand."""

    def __init__(self, folded: str, brand: Sequence[Span]) -> None:
        self._ends = sentence_ends(folded)
        named = sorted({bisect_left(self._ends, start + 1) for start, _ in brand}) or [0]
        self._weights: list[float] = []
        for here in range(len(self._ends) + 1):
            at = bisect_left(named, here)
            away = min(abs(here - sentence) for sentence in named[max(0, at - 1) : at + 1])
            self._weights.append(max(FAR, FADE ** max(0, away - NEAR)))

    def weight(self, position: int) -> float:
        return self._weights[bisect_left(self._ends, position + 1)]
