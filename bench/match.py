"""Matching speed: many brands with real queries over short posts.

python -m bench.match --json [--brands 1000] [--posts 20000] [--texts FILE.jsonl]

Names are made of syllables (and of Chinese characters), five a brand, in queries as people write them: names, a phrase
and a NOT. Posts are sentences of the corpus (data/corpus), to one in twenty of which a brand's name is put, or the
`text` of each line of FILE.jsonl as it is. Told are posts a CPU-second for the literal stage (fold, one pass of the
automaton, look at the ends of words) and for all of matching, and CPU-seconds to parse and to compile the queries.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.machine import machine, peak_mib
from listener.judge.find import readable
from listener.judge.match import Matcher
from listener.judge.query import parse
from listener.records import Post

CORPUS = Path(__file__).parents[1] / "data" / "corpus"
SHORT = 280  # code points: what counts as a short post
HAN = "鶺鴒艾克米頂好閃電遠傳光明和平向日葵寶島微風新光未來極橘永恆海豚燕王品白馬石松柏川河江湖雲霧霜雪"
SYLLABLES = [consonant + vowel for consonant in "bcdfghklmnprstvz" for vowel in "aeiou"]
KINDS = ("Mobile", "Care", "Bank", "Air", "Coffee", "Games", "Motors", "Telecom")


def brands(count: int, draw: random.Random) -> dict[str, tuple[str, list[str]]]:
    """Brand → its query, and its five names."""
    made = {}
    for number in range(count):
        name = "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, 4))).title()
        chinese = "".join(draw.sample(HAN, 3))
        names = [name, f"My{name}", f"{name} {draw.choice(KINDS)}", chinese, f"{name}Care"]
        query = f'({names[0]} OR {names[1]} OR "{names[2]}" OR {names[3]} OR {names[4]}) NOT (bird* OR nest* OR 賞鳥)'
        made[f"b{number}"] = (query, names)
    return made


def posts(count: int, names: list[str], draw: random.Random, file: Path | None) -> list[Post]:
    """Short posts; of those from the corpus one in twenty names a brand."""
    files = [file] if file else sorted(CORPUS.glob("*.jsonl"))
    lines = [line for one in files for line in one.read_text("utf-8").splitlines()]
    texts = [text for line in lines if len(text := json.loads(line)["text"]) <= SHORT]
    made = []
    for number in range(count):
        text = draw.choice(texts)
        if file is None and number % 20 == 0:
            text = f"{draw.choice(names)} {text}"
        made.append(
            Post(
                source="bench", platform="forum.example", url="", key=f"{number:064x}", thread_url=f"t{number}",
                thread_title="", position=0, author="", text=text, fetched=datetime(2026, 3, 1, tzinfo=UTC),
            )
        )  # fmt: skip
    return made


def measure(brand_count: int = 1000, post_count: int = 20_000, texts: Path | None = None) -> dict[str, Any]:
    """The figures; the best of three runs each, since others share the machine."""
    draw = random.Random(1)
    made = brands(brand_count, draw)
    said = posts(post_count, [name for _, names in made.values() for name in names], draw, texts)
    began = time.process_time()
    queries = {brand: parse(query) for brand, (query, _) in made.items()}
    parsed = time.process_time()
    matcher = Matcher(queries)
    compiled = time.process_time()
    stages: dict[str, Callable[[Post], object]] = {
        "fold": lambda post: readable(post.text),
        "literal": lambda post: matcher.read(post.text),
        "match": matcher.match,
    }
    rates = {}
    for stage, run in stages.items():
        best = 0.0
        for _ in range(3):
            start = time.process_time()
            for post in said:
                run(post)
            best = max(best, len(said) / (time.process_time() - start))
        rates[f"{stage}_posts_per_cpu_s"] = round(best)
    return {
        "brands": brand_count,
        "names": 5 * brand_count,
        "posts": len(said),
        "characters_a_post": round(sum(len(post.text) for post in said) / len(said), 1),
        "mentions": sum(len(matcher.match(post)) for post in said),
        "parse_cpu_s": round(parsed - began, 2),
        "compile_cpu_s": round(compiled - parsed, 2),
        **rates,
        "peak_mib": peak_mib(),
        "machine": machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.brands, options.posts, options.texts)
    print(
        json.dumps(result, indent=2) if options.json else "\n".join(f"{key}: {value}" for key, value in result.items())
    )


if __name__ == "__main__":
    main()
