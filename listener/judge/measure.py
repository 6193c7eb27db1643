"""How right the engine is: measured on what people said of its judgements, and as it was measured before it shipped.

    precision = right of those it named    recall = named of those that are    F1 = 2·p·r / (p + r)
    macro-F1 = the mean of the F1 of negative, neutral and positive, of those that occur among the labels
    expected calibration error = Σ over ten bins of confidence (0-0.1, …) of n_bin / n · |share right − mean confidence|
    interval = Wilson's for a share at 95 % (Wilson 1927)

Pure, but for `shipped`. Labels on posts that people picked themselves or that were the least sure tell of harder posts
than most: only those drawn at random (`listener label --next N --random`) tell of all, so both are counted.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, get_args

from listener.records import Label
from listener.store.corrected import Labelled

LABELS: tuple[Label, ...] = get_args(Label)
BINS = 10
SURE = 0.8
ENOUGH = 50  # labels from which on the digest quotes them
Z = 1.959964  # of 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `n`; `value` is their ratio (0.0 of none), `low` and `high` its Wilson interval at 95 %."""

    right: int
    n: int

    @property
    def value(self) -> float:
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.n:
            return 0.0, 1.0
        share, spread = self.value, Z * Z / self.n
        middle = (share + spread / 2) / (1 + spread)
        half = Z * math.sqrt(share * (1 - share) / self.n + spread / (4 * self.n)) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Topic:
    """How well one topic is found, among the labels in which somebody said whether it is there."""

    topic: str
    found: int  # it is there, and was found
    missed: int
    wrong: int  # it is not there, and was found
    rightly_not: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.found / (2 * self.found + self.missed + self.wrong) if self.found else 0.0


@dataclass(frozen=True, slots=True)
class Feeling:
    """How right the labels are. `table`: (what people say, what the engine says) → posts."""

    table: Mapping[tuple[Label, Label], int]
    right: Share
    macro_f1: float
    calibration_error: float
    sure: Share  # of those at confidence ≥ 0.8


@dataclass(frozen=True, slots=True)
class Measured:
    """What the labels of one brand, or of all, say of the engine as it judges today.

    Attributes:
        labels: mentions on which somebody said something. brand: of these, those that are about the brand at all.
        chosen: how people came by them (link, unsure, random). by_chosen, by_language: the feeling, apart.
        topics: by id; `topic_right` over all that was said of topics.
    """

    labels: int
    brand: Share
    chosen: Mapping[str, int]
    feeling: Feeling
    by_chosen: Mapping[str, Feeling]
    by_language: Mapping[str, Feeling]
    topics: tuple[Topic, ...]
    topic_right: Share


def measure(labelled: Sequence[Labelled]) -> Measured:
    """Measure the engine on corrected and confirmed mentions."""
    ours = [one for one in labelled if one.is_brand]
    felt = [one for one in ours if one.feeling is not None]
    topics = _topics(ours)
    return Measured(
        labels=len(labelled),
        brand=Share(len(ours), len(labelled)),
        chosen=dict(sorted(Counter(one.chosen for one in labelled).items())),
        feeling=_feeling(felt),
        by_chosen=_apart(felt, "chosen"),
        by_language=_apart(felt, "language"),
        topics=topics,
        topic_right=Share(
            sum(one.found + one.rightly_not for one in topics),
            sum(one.found + one.missed + one.wrong + one.rightly_not for one in topics),
        ),
    )


def _apart(felt: Iterable[Labelled], attribute: str) -> dict[str, Feeling]:
    groups: dict[str, list[Labelled]] = {}
    for one in felt:
        groups.setdefault(getattr(one, attribute), []).append(one)
    return {name: _feeling(theirs) for name, theirs in sorted(groups.items())}


def _feeling(felt: Sequence[Labelled]) -> Feeling:
    table: Counter[tuple[Label, Label]] = Counter((one.feeling, one.label) for one in felt if one.feeling is not None)
    sure = [one for one in felt if one.confidence >= SURE]
    bins: dict[int, list[Labelled]] = {}
    for one in felt:
        bins.setdefault(min(BINS - 1, int(one.confidence * BINS)), []).append(one)
    error = sum(abs(sum(_right(one) - one.confidence for one in theirs)) for theirs in bins.values())
    return Feeling(
        table=table,
        right=Share(sum(map(_right, felt)), len(felt)),
        macro_f1=_macro_f1(table),
        calibration_error=error / len(felt) if felt else 0.0,
        sure=Share(sum(map(_right, sure)), len(sure)),
    )


def _right(one: Labelled) -> bool:
    return one.feeling == one.label


def _macro_f1(table: Mapping[tuple[Label, Label], int]) -> float:
    scores = []
    for label in LABELS:
        named = sum(n for (_, said), n in table.items() if said == label)
        there = sum(n for (truth, _), n in table.items() if truth == label)
        if there:
            scores.append(2 * table.get((label, label), 0) / (named + there))
    return sum(scores) / len(scores) if scores else 0.0


def _topics(ours: Iterable[Labelled]) -> tuple[Topic, ...]:
    counts: dict[str, Counter[tuple[bool, bool]]] = {}
    for one in ours:
        for topic, there in one.said_topics:
            counts.setdefault(topic, Counter())[there, topic in one.topics] += 1
    return tuple(
        Topic(topic, theirs[True, True], theirs[True, False], theirs[False, True], theirs[False, False])
        for topic, theirs in sorted(counts.items())
    )


@dataclass(frozen=True, slots=True)
class Shipped:
    """One figure that was measured before this version shipped: on a public set that it had not learnt from.

    `quoted`: the digest's method line quotes it until the user's own labels can be.
    """

    name: str
    language: str
    n: int
    accuracy: float
    macro_f1: float
    quoted: bool = False


def shipped() -> tuple[Shipped, ...]:
    """What listener/judge/measured.json tells (written from bench/results); lines that cannot be read are left out."""
    return read_shipped(files("listener.judge").joinpath("measured.json").read_text("utf-8"))


def read_shipped(text: str) -> tuple[Shipped, ...]:
    """The figures in such a file: {"measures": [{"name": …, "language": …, "n": …, "accuracy": …, "macro_f1": …}]}."""
    try:
        rows: Any = json.loads(text)["measures"]
    except (ValueError, KeyError, TypeError):
        return ()
    found = []
    for row in rows if isinstance(rows, list) else ():
        try:
            one = Shipped(
                str(row["name"]), str(row["language"]), int(row["n"]), float(row["accuracy"]), float(row["macro_f1"]),
                bool(row.get("quoted", False)),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        found.append(one)
    return tuple(found)
