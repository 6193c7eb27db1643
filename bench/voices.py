"""Copies of one text: how many are found again, how many posts are taken for copies and are none, and what it costs.

    python -m bench.voices [--json] [--originals 1500] [--half a|b|all]

The posts of data/corpus (texts that stand there twice, for two brands, once) go through the store and the grouping of
intake as they would when gathered. `false`: of all of them, those that were put into a story with another one; the aim
is none. Then copies are made of some and taken in too, one of each way a person or a program copies: `recall` is the
part of them that came into their original's story, `precision` the part of the pairs in one story that belong together.
Posts too short to be copies of anything (listener/judge/voices.py says how short) are left out of the recall and told
as `short`. `us_per_mention` is CPU time of the whole grouping, bands and tables included, beside everything else.

The thresholds were chosen on the files *-a-*; the half to quote is b.
"""

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.machine import machine, peak_mib
from listener.fold import to_simplified
from listener.intake.grouping import group
from listener.judge.voices import fingerprint, own_words, shingles
from listener.records import Judgement, Mention, Post, Source
from listener.store.sqlite import SqliteStore, open_store
from listener.store.taken import Taken
from listener.urls import post_key

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
BATCH = 100
GREETINGS = {
    "en": ("Hi all, ", "Posting this for a friend: ", "Can anybody help? ", "Hello everyone! "),
    "zh": ("大家好，", "幫朋友轉發：", "請問有人知道嗎？", "各位安安，"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One text; `origin` is the number of the original that it copies, `way` how ("" for an original)."""

    text: str
    language: str
    origin: int
    way: str = ""


def typos(text: str, chance: random.Random) -> str:
    """One letter in fifty is swapped with the next, dropped or doubled."""
    letters = list(text)
    for _ in range(max(1, len(letters) // 50)):
        at = chance.randrange(max(1, len(letters) - 1))
        letters[at : at + 2] = chance.choice(
            (letters[at : at + 2][::-1], letters[at + 1 : at + 2], [letters[at], *letters[at : at + 2]])
        )
    return "".join(letters)


def _words(text: str, language: str) -> tuple[list[str], str]:
    return (text.split(" "), " ") if language == "en" else (list(text), "")


def trimmed(text: str, language: str) -> str:
    """The last quarter cut off."""
    parts, glue = _words(text, language)
    return glue.join(parts[: -(len(parts) // 4) or None])


def reworded(text: str, language: str, chance: random.Random) -> str:
    """One word in twelve (one Han character in sixteen) is another one."""
    parts, glue = _words(text, language)
    for _ in range(max(1, len(parts) // (12 if language == "en" else 16))):
        parts[chance.randrange(len(parts))] = chance.choice(
            ("honestly", "again", "today") if glue else ("真", "又", "都")
        )
    return glue.join(parts)


def ways(chance: random.Random) -> dict[str, Callable[[str, str], str]]:
    """The ways of copying, by name; each takes text and language."""
    return {
        "exact": lambda text, _: text,
        "loud": lambda text, _: to_simplified(text.upper()).replace("，", "、") + "!!!",
        "rt": lambda text, _: (
            f"RT @somebody_{chance.randrange(99)}: {text} https://t.example/{chance.randrange(10**6)}"
        ),
        "greeting": lambda text, language: chance.choice(GREETINGS[language]) + text,
        "trimmed": trimmed,
        "typos": lambda text, _: typos(text, chance),
        "reworded": lambda text, language: reworded(text, language, chance),
        "quoted": lambda text, _: f"> what somebody else had said before\n{text}\n-- \nAda, {chance.randrange(99)}",
    }


def corpus(half: str) -> list[Said]:
    """Every text once, in a fixed random order."""
    names = sorted(CORPUS.glob("*.jsonl" if half == "all" else f"*-{half}-*.jsonl"))
    rows = [json.loads(line) for name in names for line in name.read_text("utf-8").splitlines()]
    texts = {row["text"]: row["lang"][:2] for row in rows}
    said = list(texts.items())
    random.Random(4).shuffle(said)
    return [Said(text, language, number) for number, (text, language) in enumerate(said)]


def take(store: SqliteStore, said: Sequence[Said], first: int, begin: datetime) -> float:
    """Take texts in, a minute apart, in batches; CPU seconds that the grouping took."""
    spent = 0.0
    for start in range(0, len(said), BATCH):
        rows = [_taken(store, one, first + start + n, begin) for n, one in enumerate(said[start : start + BATCH])]
        with store.transaction():
            store.add(rows, [], begin)
            at = time.process_time()
            group(store, rows, frozenset())
            spent += time.process_time() - at
    return spent


def _taken(store: SqliteStore, said: Said, number: int, begin: datetime) -> Taken:
    url = f"https://forum{number % 7}.example/t/{number}"
    at = begin + timedelta(minutes=number)
    key = post_key(url)
    post = Post("forum", f"forum{number % 7}.example", url, key, url, "", 0, f"writer {number}", said.text, at, at)
    words = own_words(said.text)
    return Taken(
        post=post, voice=store.voice(post.platform, post.author), quote_voices=(),
        content_hash=hashlib.sha256(said.text.encode()).hexdigest()[:32], fingerprint=fingerprint(words),
        language=said.language, mentions=(Mention(key, "brand", "text", (), ()),),
        judgements=(Judgement(key, "brand", 0.0, "neutral", 0.5, (), False, False, (), said.language, "bench"),),
        query_versions={"brand": "bench"}, days={"brand": at.date()}, own_words=words,
    )  # fmt: skip


def run(half: str, originals: int) -> dict[str, object]:
    """All of it for one half of the corpus."""
    chance = random.Random(7)
    said = corpus(half)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "listener.db")
        store.sync_sources([Source("forum", "forum", "https://forum.example/")], BEGIN)
        plain_s = take(store, said, 0, BEGIN)
        false = store.read("SELECT count(*) FROM posts WHERE story <> ''")[0][0]
        chosen = chance.sample(range(len(said)), min(originals, len(said)))
        copies = [
            replace(said[number], text=make(said[number].text, said[number].language), way=way)
            for number in chosen
            for way, make in ways(chance).items()
        ]
        chance.shuffle(copies)
        copies_s = take(store, copies, len(said), BEGIN)
        rows = store.read("SELECT id, iif(story = '', key, story) FROM posts ORDER BY id")
        bands = store.read("SELECT count(*) FROM copy_bands")[0][0]
        store.close()
    stories = [story for _, story in rows]
    everything = [*said, *copies]
    found: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(copies, len(said)):
        if shingles(own_words(said[one.origin].text)):
            asked[one.language, one.way] += 1
            found[one.language, one.way] += stories[number] == stories[one.origin]
    together: dict[str, list[int]] = {}
    for one, story in zip(everything, stories, strict=True):
        together.setdefault(story, []).append(one.origin)
    pairs = sum(len(some) * (len(some) - 1) // 2 for some in together.values())
    right = sum(n * (n - 1) // 2 for some in together.values() for n in Counter(some).values())
    return {
        "half": half,
        "posts": len(said),
        "short": sum(not shingles(own_words(one.text)) for one in said),
        "false": false,
        "copies": sum(asked.values()),
        "recall": round(sum(found.values()) / sum(asked.values()), 4),
        "precision": round(right / max(1, pairs), 5),
        "recall_by_way": {
            language: {
                way: round(found[language, way] / n, 3) for (of, way), n in sorted(asked.items()) if of == language
            }
            for language in ("en", "zh")
        },
        "us_per_mention": {
            "distinct": round(plain_s / len(said) * 1e6, 1),
            "copies": round(copies_s / len(copies) * 1e6, 1),
        },
        "band_rows": bands,
        "peak_mib": peak_mib(),
        "machine": machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--half", choices=("a", "b", "all"), default="b")
    parser.add_argument("--originals", type=int, default=1500)
    options = parser.parse_args()
    result = run(options.half, options.originals)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    for name, value in result.items():
        print(f"{name:16}{value}")


if __name__ == "__main__":
    main()
