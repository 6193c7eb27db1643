"""How well topics are told: precision, recall and F1 of each, and their mean over the topics that occur.

    python -m bench.topics FILE.jsonl --json             rows {"text", "topics": […]}, brand, title and lang if known
    python -m bench.topics --csv FILE.csv --text-column text --label-column WHY --label "Lost Luggage"
                           --topics delivery --json      right where any of the topics is told for rows of that label

Each text is an opener that goes through the whole judge, as a post that a spider brought would, for the row's brand or
for one that the text does not name. `python -m bench.train.topics` cross-validates on our own corpus; to give
data/corpus to this command measures what the heads have learnt by heart.
"""

import argparse
import csv
import json
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import machine
from bench.scores import rates
from listener.config import Topic
from listener.fold import fold
from listener.judge.judge import Judge
from listener.judge.language import language_of
from listener.records import Mention, Post

TOPICS = Path("config/topics.toml")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A text, what is known around it, and its topics."""

    text: str
    topics: frozenset[str]
    brand: str = ""
    title: str = ""
    language: str = ""


def rows_of_jsonl(path: Path) -> list[Row]:
    """One row a line.

    Raises:
        SystemExit: a line is no JSON or lacks "text" or "topics"; names the line.
    """
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            more = (one.get(key) or "" for key in ("brand", "title", "lang"))
            rows.append(Row(one["text"], frozenset(one["topics"]), *more))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SystemExit(f'{path}:{number}: not a row {{"text": "…", "topics": [ … ]}}: {error!r}') from error
    return rows


def rows_of_csv(path: Path, text: str, label: str, wanted: str) -> list[Row]:
    """One row a line; those whose label column is `wanted` have the topic "wanted", all others none.

    Raises:
        SystemExit: a column is missing; names those there are.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        there = reader.fieldnames or []
        if missing := {text, label} - set(there):
            raise SystemExit(f"{path}: no column {', '.join(sorted(missing))}; there are {', '.join(there)}")
        return [Row(row[text], frozenset({"wanted"} if row[label] == wanted else ())) for row in reader]


def told(judge: Judge, rows: Sequence[Row]) -> list[frozenset[str]]:
    """The topics of each row's text."""
    found = []
    for row in rows:
        post = Post(
            source="bench",
            platform="bench",
            url="https://forum.example/p/1",
            key="k" * 64,
            thread_url="https://forum.example/t/1",
            thread_title=row.title,
            position=0,
            author="ada",
            text=row.text,
            fetched=NOW,
        )
        at = fold(row.text).find(fold(row.brand)) if row.brand else -1
        spans = ((at, at + len(row.brand)),) if at >= 0 else ()
        mention = Mention(post.key, row.brand or "brand", "text" if spans else "thread", spans, ())
        language = row.language or language_of(row.text)
        found.append(frozenset(tag.topic for tag in judge.judge_post(post, [mention], language)[0].topics))
    return found


def measured(rows: Sequence[Row], found: Sequence[frozenset[str]]) -> dict[str, Any]:
    """n, macro_f1 over the topics that occur, and the rates of these and of what else was told."""
    occurring = sorted(frozenset().union(*(row.topics for row in rows)))
    others = sorted(frozenset().union(*found) - set(occurring))
    topics = {
        topic: rates(np.array([topic in some for some in found]), np.array([topic in row.topics for row in rows]))
        for topic in (*occurring, *others)
    }
    mean = sum(topics[topic]["f1"] for topic in occurring) / len(occurring) if occurring else None
    return {"n": len(rows), "macro_f1": None if mean is None else round(mean, 4), "topics": topics}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label-column")
    parser.add_argument("--label")
    parser.add_argument("--topics", default="", help="comma between them")
    parser.add_argument("--taxonomy", type=Path, default=TOPICS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (options.file is None) == (options.csv is None):
        parser.error("give either FILE.jsonl or --csv FILE")
    if options.csv and not (options.label_column and options.label and options.topics):
        parser.error("--csv needs --label-column, --label and --topics")
    topics = [Topic.model_validate(one) for one in tomllib.loads(options.taxonomy.read_text("utf-8"))["topic"]]
    rows = (
        rows_of_csv(options.csv, options.text_column, options.label_column, options.label)
        if options.csv
        else rows_of_jsonl(options.file)
    )
    judge = Judge(topics)
    told(judge, rows[:50])  # what is read or compiled at the first use is no part of the pace
    started = time.process_time()
    found = told(judge, rows)
    spent = time.process_time() - started
    if options.csv:
        asked = frozenset(options.topics.split(","))
        found = [frozenset({"wanted"} if some & asked else ()) for some in found]
    result: dict[str, Any] = {
        "bench": "topics",
        "command": "python -m bench.topics " + " ".join(sys.argv[1:]),
        "machine": machine(),
    }
    result |= measured(rows, found) | {"posts_per_cpu_s": round(len(rows) / max(spent, 1e-9))}
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for topic, one in result["topics"].items():
        print(f"{topic:24} P {one['precision']}  R {one['recall']}  F1 {one['f1']}  of {one['support']}")
    print(f"macro-F1 {result['macro_f1']} over {result['n']} texts, {result['posts_per_cpu_s']} a CPU-second")


if __name__ == "__main__":
    main()
