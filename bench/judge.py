"""Judging: posts per CPU-second, memory, the worst time on hostile text, VADER against the original, and matching.

    python -m bench.judge [--data DIR] [--generated 50000] [--json]

Short posts are those of data/corpus up to 200 characters, with every brand of the corpus watched. `--data` names a
folder of CSV files with a column `text`; VADER is held against vaderSentiment on all their texts too. All times are
CPU time of this process; the best of some rounds where a round is short, since other processes share the machine.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.machine import machine

SHORT = 200
ROUNDS = 3
LENGTH = 10_000
SIZES = (LENGTH, 10 * LENGTH, 100 * LENGTH)


def cpu(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU-seconds of the fastest round."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def whole_judging() -> dict[str, Any]:
    """Posts per CPU-second of language, match, feeling and topics together, and of each by itself."""
    from bench.hard import judging, post, rows
    from listener.judge.language import language_of

    judge, matcher = judging()
    found: dict[str, Any] = {}
    for language in ("en", "zh"):
        texts = [row["text"] for row in rows() if row["lang"].startswith(language) and len(row["text"]) <= SHORT]
        posts = [post("p", text) for text in texts]
        mentions = [matcher.match(one) for one in posts]
        named = [(one, brands) for one, brands in zip(posts, mentions, strict=True) if brands]

        some = [one for one, _ in named]
        everything = partial(_each, lambda one: judge.judge_post(one, matcher.match(one), language_of(one.text)), some)
        everything()  # models and automata are loaded on first use
        spent = cpu(everything)
        match_spent = cpu(partial(_each, matcher.match, some))
        language_spent = cpu(partial(_each, lambda one: language_of(one.text), some))
        found[language] = {
            "posts": len(named),
            "mean_characters": round(sum(len(one.text) for one, _ in named) / len(named), 1),
            "mean_brands": round(sum(len(brands) for _, brands in named) / len(named), 2),
            "posts_per_cpu_s": round(len(named) / spent),
            "language_per_cpu_s": round(len(named) / language_spent),
            "match_per_cpu_s": round(len(named) / match_spent),
        }
    return found


def resident_mib() -> float:
    """Resident memory of this process now, in MiB (Linux)."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory() -> dict[str, float]:
    """MiB that judging adds to a process which has only read the config: both languages' models in use."""
    from listener.config import load
    from listener.shipped import shipped

    config = load(shipped("config"))
    before = resident_mib()
    from bench.hard import post
    from listener.judge.judge import Judge
    from listener.judge.language import language_of
    from listener.judge.match import Matcher
    from listener.judge.query import parse

    judge = Judge(config.topics, taxonomy=config.topics_version)
    matcher = Matcher({"acme": parse("Acme OR 艾克米")})
    for text in (
        "Acme is great, the best of all, and answered in an hour 😀",
        "艾克米客服很爛，等了三天都沒人接，再也不用",
    ):
        one = post("p", text)
        judge.judge_post(one, matcher.match(one), language_of(text))
    return {"before_mib": round(before, 1), "models_mib": round(resident_mib() - before, 1)}


def hostile() -> dict[str, str]:
    """Pieces that hostile texts are made of by repetition; each names a brand."""
    letters = random.Random(5)
    marks = "".join(chr(letters.randrange(0x300, 0x36F)) for _ in range(20))
    return {
        "blank": " ",
        "one letter": "a",
        "emoji": "😀🙄👩‍👩‍👧‍👦🏳️‍🌈 ",
        "mixed scripts": "Acme ist 很爛 очень плохо とても悪い 최악 สวัสดี ",
        "right to left": "שירות גרוע مرحبا خدمة سيئة Acme \u202e ",
        "zalgo": f"A{marks}c{marks}m{marks}e{marks} ",
        "lone surrogates": "Acme \ud83d bad \udc00 很爛",
        "html": '<div class="x"><p>Acme&nbsp;is <b>bad</b>&amp;&#39;s</p></div><br/>',
        "code": 'if (acme != null) { return Acme.get("bad")[0]; } // later\n',
        "log": "2026-03-01T00:00:00Z ERROR [acme.worker-1] timeout after 3000ms id=0xdeadbeef\n",
        "names": "Acme ",
        "two names": "Acme is better than Bolt, unlike Bolt, Acme ",
        "no sentence end": "Acme was bad and ",
        "only ends": "Acme!?。！？...\n",
        "quotes": '"Acme 「bad『',
        "deep quotes": "> > > Acme is bad\n",
        "han without end": "艾克米很爛不好",
        "han negations": "不是没有不會艾克米",
        "comparisons": "艾克米比閃電通不如比起不像",
        "says": "my friend says people say everyone said ",
        "waits": "after about almost nearly over more than ",
        "thanks": "thanks thank you thanks for the ",
        "spaces": "Acme" + " " * 200,
        "newlines": "Acme\n\n\n\n",
        "one word": "Acme" + "x" * 996,
        "digits": "1234567890,",
        "switches": "switched to moved to Acme left for ",
        "plus ones": "+1 +1 same here +",
        "but": "but However except ",
        "in passing": "outside Acme some passenger was bad, ",
        "rivals": "other banks are bad, ",
        "NULs": "Acme\x00",
    }


def worst_times() -> dict[str, Any]:
    """Milliseconds of CPU per 10,000 characters for each hostile text at each size, judged as opener and as reply."""
    from bench.hard import judging, post
    from listener.judge.language import language_of
    from listener.judge.match import Matcher
    from listener.judge.query import parse
    from listener.records import ParentSide, Side

    judge, _ = judging()
    matcher = Matcher({"acme": parse("Acme OR 艾克米"), "bolt": parse("(Bolt OR 閃電通) NOT (bird NEAR/3 cage)")})
    side = ParentSide("k", {"acme": Side("negative", -0.5), "bolt": Side("positive", 0.5)})
    brands = frozenset(side.sides)
    table: dict[str, list[float]] = {}
    for name, piece in hostile().items():
        table[name] = []
        for size in SIZES:
            text = (piece * (size // len(piece) + 1))[:size]
            one = post("p", text, "Acme: 客服 nobody answers", 3)

            judged = partial(
                _each, lambda one: judge.judge_post(one, matcher.match(one, brands), language_of(one.text), side), [one]
            )
            table[name].append(round(1000 * cpu(judged, 2 if size < SIZES[-1] else 1) * LENGTH / size, 2))
    worst = max(table, key=lambda name: max(table[name]))
    return {"characters": SIZES, "ms_per_10000": table, "worst": worst, "worst_ms": max(table[worst])}


def generated(count: int) -> Iterator[str]:
    """Texts of VADER's own words, boosters, negations, idioms and marks, up to 40 words."""
    from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    chance = random.Random(11)
    told = [*analyzer.lexicon, *analyzer.emojis]
    turns = [
        *BOOSTER_DICT,
        *NEGATE,
        *" ".join(SPECIAL_CASES).split(),
        "but",
        "no",
        "so",
        "this",
        "least",
        "kind of",
        "or",
    ]
    plain = "the it was a service of my phone and they İstanbul ΣΑΣ don’t 客服 x\x1cy \u2028 ﬁne".split(" ")
    for _ in range(count):
        words = []
        for _ in range(chance.randrange(40)):
            word = chance.choice(chance.choice((told, turns, plain)))
            word = word.upper() if chance.random() < 0.1 else word
            words.append(word + chance.choice(("", "", "", "", ".", ",", "!", "?", "!!!", "???", ":)")))
        yield chance.choice((" ", " ", " ", "  ", "\n")).join(words)


def set_texts(folder: Path) -> Iterator[str]:
    """The column `text` of each CSV file."""
    csv.field_size_limit(10**8)
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as lines:
            yield from (row["text"] or "" for row in csv.DictReader(lines) if "text" in row)


def vader_against_the_original(folder: Path | None, count: int) -> dict[str, Any]:
    """How many texts score otherwise (must be none), and how many times faster ours is."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    from bench.hard import rows
    from listener.judge import vader

    original = SentimentIntensityAnalyzer()
    texts = list(generated(count))
    texts += set_texts(folder) if folder else [row["text"] for row in rows()]
    unlike = [text for text in dict.fromkeys(texts) if vader.read(text).scores() != original.polarity_scores(text)]
    english = [row["text"] for row in rows() if row["lang"] == "en"]
    short = [text for text in english if len(text) <= SHORT][:1500]
    long = " ".join(english)[: 2 * LENGTH]

    def ours(some: Sequence[str]) -> float:
        return cpu(lambda: [vader.read(text).scores() for text in some], 5)

    def theirs(some: Sequence[str]) -> float:
        return cpu(lambda: [original.polarity_scores(text) for text in some], 2)

    ten, twenty = [long[:LENGTH]], [long]
    return {
        "texts": len(dict.fromkeys(texts)),
        "generated": count,
        "otherwise": len(unlike),
        "first_otherwise": unlike[:3],
        "short_posts_per_cpu_s": round(len(short) / ours(short)),
        "short_times_faster": round(theirs(short) / ours(short), 2),
        "long_times_faster": round(theirs(ten) / ours(ten), 1),
        "time_20000_over_10000": round(ours(twenty * 20) / ours(ten * 20), 2),
    }


def matching() -> dict[str, Any]:
    """1,000 brands of five names each, with queries: short posts per CPU-second."""
    from bench.hard import post, rows
    from bench.intake import SPOKEN, brands
    from listener.fold import fold
    from listener.judge.match import Matcher
    from listener.judge.query import parse
    from listener.judge.words import Literals

    invented = brands(1000, SPOKEN["short"])
    matcher = Matcher({brand.id: parse(brand.query) for brand in invented})
    names = [name for brand in invented for name in brand.query[1 : brand.query.index(")")].split(" OR ")]
    automaton = Literals(tuple(dict.fromkeys(map(fold, names))))
    found: dict[str, Any] = {"names": len(names)}
    for language in ("en", "zh"):
        texts = [row["text"] for row in rows() if row["lang"].startswith(language) and len(row["text"]) <= SHORT]
        posts = [post("p", text) for text in texts]
        literal = cpu(partial(_each, lambda text: automaton.find(fold(text)), texts), 5)
        whole = cpu(partial(_each, matcher.match, posts), 5)
        found[language] = {
            "posts": len(posts),
            "matched": sum(bool(matcher.match(one)) for one in posts),
            "literal_posts_per_cpu_s": round(len(posts) / literal),
            "match_posts_per_cpu_s": round(len(posts) / whole),
        }
    return found


def _each(work: Callable[[Any], object], some: Sequence[Any]) -> None:
    for one in some:
        work(one)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of CSV files with a column text")
    parser.add_argument("--generated", type=int, default=50_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object (it always does)")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(json.dumps(memory()))
        return
    child = [sys.executable, "-m", "bench.judge", "--memory"]
    results = {
        "judging": whole_judging(),
        "memory": json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout),
        "hostile": worst_times(),
        "vader": vader_against_the_original(options.data, options.generated),
        "matching": matching(),
    }
    print(json.dumps({"bench": "judge", "machine": machine(), "results": results}, indent=2))


if __name__ == "__main__":
    main()
