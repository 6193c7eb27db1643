"""The hard cases of our own corpus, tag by tag: what the rules say of them against what its writers said.

    python -m bench.hard [--half even|odd] [--show TAG] [--json]

Each post is matched by its brand's name, with every other brand of the corpus known too, and judged with its thread's
title and the side of the post that it answers. `--half` takes the posts whose last number is even or odd: rules are
mended while reading the even ones only, so that the odd ones tell whether a mend carries over. The topic heads have
learnt from this corpus: with them (`--heads`) the figures are of texts that they have seen, and not to be quoted.
"""

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import listener.judge.judge
from bench.machine import machine
from listener.config import load
from listener.judge.judge import Judge
from listener.judge.language import language_of
from listener.judge.match import Matcher
from listener.judge.query import parse
from listener.judge.replies import side_of
from listener.records import Judgement, Mention, ParentSide, Post, TopicTag
from listener.shipped import shipped

CORPUS = Path(__file__).parents[1] / "data" / "corpus"
TAGS = (
    "two-brands", "comparison", "quoted", "other-target", "parent-side", "past-praise", "conditional", "negation",
    "irony", "understatement", "no-brand-reply", "mixed", "polite-complaint", "question",
)  # fmt: skip
LABELS = ("negative", "neutral", "positive")
AT = datetime(2026, 3, 23, tzinfo=UTC)


def rows(half: Literal["even", "odd"] | None = None) -> Iterator[dict[str, Any]]:
    """The corpus' posts, in the order of files and lines."""
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            number = int(re.findall(r"\d+", row["id"])[-1])
            if half is None or (half == "even") == (number % 2 == 0):
                yield row


@cache
def judging() -> tuple[Judge, Matcher]:
    """The judge of the shipped config, and a matcher that knows every brand of the corpus by its name."""
    config = load(shipped("config"))
    names = sorted({row["brand"] for row in rows()})
    queries = {name: parse('"' + name.replace('"', "") + '"') for name in names}
    return Judge(config.topics, taxonomy=config.topics_version), Matcher(queries)


def post(key: str, text: str, title: str = "", position: int = 0) -> Post:
    """A post of a thread, as far as the judge looks at it."""
    url = "https://corpus.example/" + key
    return Post("corpus", "corpus.example", url, key, "https://corpus.example/t", title, position, "somebody", text, AT)


def judged(row: dict[str, Any], rivals: frozenset[str]) -> Judgement:
    """What the rules say of the row's brand; `rivals` are the other brands that are watched."""
    judge, matcher = judging()
    wanted = rivals | {row["brand"]}

    def say(text: str, position: int, side: ParentSide | None) -> tuple[Judgement, ...]:
        one = post("p", text, row["title"], position)
        found = matcher.match(one, frozenset({row["brand"]}))
        found = tuple(mention for mention in found if mention.brand in wanted)
        if row["brand"] not in {mention.brand for mention in found}:  # an opener that names nobody
            found += (Mention("p", row["brand"], "thread", (), ()),)
        return judge.judge_post(one, found, language_of(text or row["title"], row["lang"]), side)

    # A reply of which only the thread is known answers its title; one that is the first post is no reply.
    side = side_of("", say(row["parent"], 1, None)) if row["parent"] else None
    reply = bool(row["parent"] or (row["title"] and {"no-brand-reply", "parent-side"} & set(row["hard"])))
    found = say(row["text"], 2 if reply else 0, side)
    return next(judgement for judgement in found if judgement.brand == row["brand"])


def measure(half: Literal["even", "odd"] | None, alone: bool) -> dict[str, Any]:
    """Per language and tag: n, accuracy, macro-F1 over the labels that occur, and the confusion said → judged."""
    tables: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row, judgement in answers(half, alone):
        for tag in ("all", *(tag for tag in row["hard"] if tag in TAGS)):
            tables[f"{row['lang'][:2]} {tag}"][row["feeling"], judgement.label] += 1
    return {name: scores(tables[name]) for name in sorted(tables)}


def answers(half: Literal["even", "odd"] | None, alone: bool) -> Iterator[tuple[dict[str, Any], Judgement]]:
    """Each row that has one feeling, and what is said of it; rivals are the brands of the same file."""
    files: dict[str, set[str]] = defaultdict(set)
    for row in rows():
        files[row["id"].rpartition("-")[0]].add(row["brand"])
    for row in rows(half):
        if row["feeling"] in LABELS:
            yield row, judged(row, frozenset() if alone else frozenset(files[row["id"].rpartition("-")[0]]))


def scores(table: Counter[tuple[str, str]]) -> dict[str, Any]:
    """Accuracy, macro-F1 and the table itself, negative, neutral, positive both ways."""
    total = sum(table.values())
    f1 = []
    for label in LABELS:
        said = sum(count for (gold, _), count in table.items() if gold == label)
        told = sum(count for (_, guess), count in table.items() if guess == label)
        if said:
            f1.append(2 * table[label, label] / (said + told))
    return {
        "n": total,
        "accuracy": round(sum(table[label, label] for label in LABELS) / total, 3),
        "macro_f1": round(sum(f1) / len(f1), 3),
        "confusion": [[table[gold, guess] for guess in LABELS] for gold in LABELS],
    }


class _NoHead:
    """Stands where a topic head does: the cues' topics as they are."""

    def refine(self, tags: tuple[TopicTag, ...], *_: object) -> tuple[TopicTag, ...]:
        return tags


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("even", "odd"))
    parser.add_argument("--alone", action="store_true", help="no other brand is watched")
    parser.add_argument("--heads", action="store_true", help="with the heads, which have seen these posts")
    parser.add_argument("--show", metavar="TAG", help="print the posts of a tag that are judged otherwise")
    parser.add_argument("--json", action="store_true", help="print one JSON object (it always does)")
    options = parser.parse_args()
    if not options.heads:
        setattr(listener.judge.judge, "head", lambda _: _NoHead())  # noqa: B010 - a name of that module, on purpose
    if options.show:
        for row, judgement in answers(options.half, options.alone):
            if options.show in row["hard"] and row["feeling"] != judgement.label:
                shown = [row["text"][start:end] for start, end in judgement.evidence]
                print(f"{row['id']} [{row['brand']}] {row['feeling']} not {judgement.label} {judgement.sentiment}")
                print(f"  title: {row['title']} | parent: {row['parent']}\n  {row['text']}\n  {shown}")
        return
    halves: tuple[Literal["even", "odd"], ...] = (options.half,) if options.half else ("even", "odd")
    results = {half: measure(half, options.alone) for half in halves}
    print(json.dumps({"bench": "hard", "machine": machine(), "alone": options.alone, "results": results}))


if __name__ == "__main__":
    main()
