"""Feeling towards the brand against labels that people gave, beside the usual word counters.

    python -m bench.sentiment FILE.csv [--json]

FILE has the columns text, label (negative, neutral, positive; other labels are dropped) and, if it likes, brand: where
the brand's name stands in the text it is what the post is judged about, else the text is taken to be about it. Sets
without a neutral class are judged by the sign of the sentiment. Languages are told from the texts. Peers see the same
texts: vaderSentiment with its own cut of ±0.05 and TextBlob with the sign of its polarity (English), snownlp (cut at
.4 and .6, or .5) and cnsenti (the sign of good words less bad ones) for Chinese.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.machine import machine
from listener.config import load
from listener.fold import fold
from listener.judge.head import LABELS
from listener.judge.judge import Judge
from listener.judge.language import language_of
from listener.records import Judgement, Label, Mention, Post

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BINS = 10  # of the calibration error


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text."""

    text: str
    label: Label
    brand: str


def read(path: Path) -> list[Row]:
    """The rows with one of the three labels.

    Raises:
        SystemExit: the columns text and label are missing.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        if not {"text", "label"} <= set(lines.fieldnames or ()):
            sys.exit(
                f"{path}: the columns text and label are needed; it has {', '.join(lines.fieldnames or ('none',))}"
            )
        return [
            Row(line["text"], LABELS[LABELS.index(line["label"])], line.get("brand") or "")
            for line in lines
            if line["label"] in LABELS
        ]


def mention_of(row: Row, key: str) -> Mention:
    """Where the row's brand is named; the text as a whole is about it where it is not."""
    folded, brand = fold(row.text), fold(row.brand)
    spans, at = [], folded.find(brand) if brand else -1
    while at >= 0:
        spans.append((at, at + len(brand)))
        at = folded.find(brand, at + len(brand))
    return Mention(key, "brand", "text" if spans else "thread", tuple(spans), (row.brand,))


def judged(judge: Judge, row: Row) -> Judgement:
    """The whole judging of one text, language included."""
    post = Post(
        source="bench", platform="bench", url="https://bench.example/1", key="k" * 64,
        thread_url="https://bench.example/1", thread_title="", position=0, author="a", text=row.text, fetched=NOW,
    )  # fmt: skip
    return judge.judge_post(post, (mention_of(row, post.key),), language_of(row.text))[0]


def macro_f1(truth: Sequence[Label], said: Sequence[Label]) -> dict[str, Any]:
    """F1 of each class that the truth has, and their mean."""
    each = {}
    for label in LABELS:
        pairs = list(zip(truth, said, strict=True))
        right = sum(a == b == label for a, b in pairs)
        either = sum(a == label for a, _ in pairs) + sum(b == label for _, b in pairs)
        if any(a == label for a, _ in pairs):
            each[label] = round(2 * right / either, 4)
    return {"macro_f1": round(sum(each.values()) / len(each), 4), "f1": each}


def calibration(truth: Sequence[Label], found: Sequence[Judgement]) -> dict[str, Any]:
    """Expected calibration error over ten bins of confidence, and the share that is right from .8 on."""
    rows = [(one.confidence, one.label == label) for one, label in zip(found, truth, strict=True)]
    error = 0.0
    for number in range(BINS):
        inside = [row for row in rows if min(int(row[0] * BINS), BINS - 1) == number]
        if inside:
            sure, right = (sum(float(row[at]) for row in inside) / len(inside) for at in (0, 1))
            error += len(inside) / len(rows) * abs(sure - right)
    certain = [right for sure, right in rows if sure >= 0.8]
    share = round(sum(certain) / len(certain), 4) if certain else None
    return {"ece": round(error, 4), "sure": {"confidence": 0.8, "n": len(certain), "right": share}}


def report(path: Path) -> dict[str, Any]:
    """Everything that is printed."""
    rows = read(path)
    if not rows:
        sys.exit(f"{path}: no row has a label of {', '.join(LABELS)}")
    truth = [row.label for row in rows]
    two = "neutral" not in truth
    judge = Judge(load(Path("config")).topics)
    for row in rows[:50]:  # models are loaded before the clock runs
        judged(judge, row)
    began = time.process_time()
    found = [judged(judge, row) for row in rows]
    spent = time.process_time() - began
    said = [_sign(one.sentiment) if two else one.label for one in found]
    chinese = sum(one.language.startswith("zh") for one in found) * 2 > len(found)
    result: dict[str, Any] = {"file": path.name, "n": len(rows), "classes": 2 if two else 3, "machine": machine()}
    result |= _figures(truth, said, spent)
    if not two:
        result |= calibration(truth, found)
    result["peers"] = {}
    for name, make in (CHINESE if chinese else ENGLISH).items():
        try:
            peer = make(two)
        except ImportError:
            result["peers"][name] = "not installed (make bench)"
            continue
        began = time.process_time()
        answers = [peer(row.text) for row in rows]
        result["peers"][name] = _figures(truth, answers, time.process_time() - began)
    return result


def _figures(truth: Sequence[Label], said: Sequence[Label], spent: float) -> dict[str, Any]:
    right = sum(a == b for a, b in zip(truth, said, strict=True)) / len(truth)
    return {"accuracy": round(right, 4), **macro_f1(truth, said), "posts_per_cpu_s": round(len(truth) / spent)}


def _sign(score: float) -> Label:
    return "positive" if score > 0 else "negative"


def _cut(score: float, low: float, high: float, two: bool) -> Label:
    if two:
        return "positive" if score > (low + high) / 2 else "negative"
    return "positive" if score >= high else "negative" if score <= low else "neutral"


def _vader(two: bool) -> Callable[[str], Label]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    peer = SentimentIntensityAnalyzer()
    return lambda text: _cut(peer.polarity_scores(text)["compound"], -0.05, 0.05, two)


def _textblob(two: bool) -> Callable[[str], Label]:
    from textblob import TextBlob

    return lambda text: _cut(TextBlob(text).sentiment.polarity, -1e-9, 1e-9, two)


def _snownlp(two: bool) -> Callable[[str], Label]:
    from snownlp import SnowNLP

    return lambda text: _cut(SnowNLP(text).sentiments if text.strip() else 0.5, 0.4, 0.6, two)


def _cnsenti(two: bool) -> Callable[[str], Label]:
    from cnsenti import Sentiment

    peer = Sentiment()

    def label(text: str) -> Label:
        counts = peer.sentiment_count(text)
        return _cut(counts["pos"] - counts["neg"], -0.5, 0.5, two)

    return label


ENGLISH: dict[str, Callable[[bool], Callable[[str], Label]]] = {"vaderSentiment": _vader, "TextBlob": _textblob}
CHINESE: dict[str, Callable[[bool], Callable[[str], Label]]] = {"snownlp": _snownlp, "cnsenti": _cnsenti}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    options = parser.parse_args()
    result = report(options.file)
    if options.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return
    for name, figures in {"Listener": result, **result["peers"]}.items():
        if isinstance(figures, dict):
            line = f"macro-F1 {figures['macro_f1']:.3f}  accuracy {figures['accuracy']:.3f}"
            print(f"{name:16} {line}  {figures['posts_per_cpu_s']:,} posts a CPU-second")


if __name__ == "__main__":
    main()
