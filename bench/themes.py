"""Themes nobody named: are hidden topics of the corpus found again, and how fast are 100,000 mentions grouped?

    python -m bench.themes [--json] [--half a|b|all] [--speed N]

For each language and topic with enough posts, the posts of that topic lose their tags; what the corpus gives no topic
is the noise around them, and everything else is what is already explained. A hidden topic's themes are those of which
at least half the posts are hidden ones. Told per topic: `found` (is there such a theme), `purity` (which part of these
themes' posts is hidden ones), `recall` (which part of the hidden ones stands in such a theme), `themes` (how many there
are), `others` (themes of noise beside them). `base` is what a blind draw would be pure: hidden posts among unexplained.

`stories` does the same with bench/stories.toml: eight narrow matters of eight posts each, as they start in one brand.
`others_new_or_growing` counts what the digest would have told beside the story, though nothing was planted there.

The settings of listener/themes were chosen on the files *-a-*; the half to quote is b. The corpus was written with many
brands and few repeated words on purpose, so a topic in it is wider than what people suddenly talk about in one brand.
"""

import argparse
import hashlib
import json
import random
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.machine import machine, peak_mib
from listener.config import Topic, load
from listener.records import Judged, TopicTag
from listener.themes.find import EXPLAINS, WINDOW_DAYS, find_themes, unexplained
from listener.themes.terms import terms

ROOT = Path(__file__).parent.parent
LAST = date(2026, 3, 21)
LEAST_HIDDEN = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--half", choices=("a", "b", "all"), default="b")
    parser.add_argument("--speed", type=int, default=100_000, help="unexplained mentions to group; 0 leaves it out")
    options = parser.parse_args()
    topics = load(ROOT / "config").topics
    posts = read(options.half)
    result: dict[str, object] = {
        "half": options.half,
        "hidden": hidden(posts, topics),
        "stories": stories(posts, topics),
    }
    if options.speed:
        result["speed"] = speed(read("all"), topics, options.speed)
    result["machine"] = machine()
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    for name, value in result.items():
        rows = value if isinstance(value, list) else [value]
        print(name, *rows, sep="\n  ")


def read(half: str) -> list[dict[str, object]]:
    """The corpus' posts; of the files *-a-* or *-b-* if not all. A text that speaks of two brands is taken once."""
    posts: dict[str, dict[str, object]] = {}
    for path in sorted((ROOT / "data" / "corpus").glob("*.jsonl")):
        if half in ("all", path.stem.split("-")[1]):
            for line in path.read_text("utf-8").splitlines():
                post = json.loads(line)
                posts.setdefault(post["text"], post)
    return list(posts.values())


def judged(post: dict[str, object], tags: Sequence[str], late: bool) -> Judged:
    """A corpus post as a mention, its own voice and thread, on a day of the window that its id decides.

    Args:
        late: in the last week.
    """
    key = hashlib.sha256(str(post["id"]).encode()).hexdigest()
    days = int(key[:6], 16) % (7 if late else WINDOW_DAYS)
    when = datetime(LAST.year, LAST.month, LAST.day, int(key[6:8], 16) % 24, tzinfo=UTC) - timedelta(days=days)
    return Judged(
        post_key=key, brand="any", voice=key[:16], source="corpus", platform="corpus", thread_url=f"c:{key}",
        thread_title=str(post["title"]), url=f"c:{key}", text=str(post["text"]), fingerprint=key[:16], when=when,
        first_seen=when, where="text", sentiment=0.0, label="neutral", confidence=0.5,
        topics=tuple(TopicTag(topic, 0.9, ((0, 1),)) for topic in tags),
        leaving=False, language=str(post["lang"]), position=0,
    )  # fmt: skip


def names(posts: Sequence[dict[str, object]]) -> frozenset[str]:
    """The words of all brands' names: they tell no theme."""
    return frozenset(term.key for post in posts for term in terms(str(post["brand"])))


def hidden(posts: Sequence[dict[str, object]], topics: Sequence[Topic]) -> list[dict[str, object]]:
    """One row a language and topic, then their means."""
    rows = [row for language in ("en", "zh") for row in _hidden(posts, topics, language)]
    means = []
    for language in ("en", "zh"):
        some = [row for row in rows if row["language"] == language]
        mean: dict[str, object] = {"language": language, "topic": "mean", "topics": len(some)}
        for name in ("found", "purity", "recall", "base", "themes", "others"):
            told = [float(str(row[name])) for row in some if name != "purity" or row["themes"]]
            mean[name] = round(sum(told) / max(1, len(told)), 3)
        means.append(mean)
    return rows + means


def _hidden(posts: Sequence[dict[str, object]], topics: Sequence[Topic], language: str) -> Iterator[dict[str, object]]:
    ours = [post for post in posts if str(post["lang"]).startswith(language)]
    ignored = names(ours)
    for topic in topics:
        those = [post for post in ours if topic.id in post["topics"]]  # type: ignore[operator]  # a list, read as JSON
        if topic.kind not in EXPLAINS or len(those) < LEAST_HIDDEN:
            continue
        mentions = []
        for post in ours:
            tags: Sequence[str] = () if post in those else post["topics"]  # type: ignore[assignment]
            mentions.append(judged(post, tags, post in those))
        marked = {judged(post, (), True).post_key for post in those}
        kinds = {one.id: one.kind for one in topics}
        dark = sum(unexplained(mention, kinds) for mention in mentions)
        found = find_themes(mentions, topics, ignored, LAST, ZoneInfo("UTC"))
        about = [theme for theme in found if 2 * len(marked.intersection(theme.post_keys)) >= len(theme.post_keys)]
        inside = [key for theme in about for key in theme.post_keys]
        hits = len(marked.intersection(inside))
        yield {
            "language": language,
            "topic": topic.id,
            "hidden": len(marked),
            "found": int(bool(about)),
            "purity": round(hits / len(inside), 3) if inside else 0.0,
            "recall": round(hits / len(marked), 3),
            "base": round(len(marked) / dark, 3),
            "themes": len(about),
            "others": len(found) - len(about),
            "phases": dict(Counter(theme.phase for theme in about)),
            "words": [", ".join(theme.words) for theme in about[:3]],
        }


def stories(posts: Sequence[dict[str, object]], topics: Sequence[Topic]) -> list[dict[str, object]]:
    """Each of stories.toml put among the corpus of its language: as news of the last three days, then over five weeks.

    A theme is the story's if at least half of its posts are; `phase` is that of the one with most of the story.
    """
    rows = []
    for number, story in enumerate(tomllib.loads((ROOT / "bench" / "stories.toml").read_text("utf-8"))["story"]):
        ours = [post for post in posts if str(post["lang"]).startswith(story["language"])]
        around = [judged(post, post["topics"], False) for post in ours]  # type: ignore[arg-type]  # a list, as JSON
        for news in (True, False):
            planted = []
            for n, text in enumerate(story["texts"]):
                one = judged({"id": f"s{number}-{n}", "title": "", "text": text, "lang": story["language"]}, (), False)
                back = n % 3 if news else n * WINDOW_DAYS // len(story["texts"])
                planted.append(replace(one, when=datetime(2026, 3, 21, n, tzinfo=UTC) - timedelta(days=back)))
            marked = {post.post_key for post in planted}
            found = find_themes([*around, *planted], topics, names(ours), LAST, ZoneInfo("UTC"))
            about = [theme for theme in found if 2 * len(marked.intersection(theme.post_keys)) >= len(theme.post_keys)]
            inside = [key for theme in about for key in theme.post_keys]
            hits = len(marked.intersection(inside))
            most = max(about, key=lambda theme: len(marked.intersection(theme.post_keys)), default=None)
            told = sorted(theme.phase for theme in found if theme not in about)
            rows.append(
                {
                    "language": story["language"],
                    "news": news,
                    "themes": len(about),
                    "purity": round(hits / len(inside), 3) if inside else 0.0,
                    "recall": round(hits / len(marked), 3),
                    "phase": most.phase if most else "",
                    "words": ", ".join(most.words) if most else "",
                    "others": len(told),
                    "others_new_or_growing": told.count("new") + told.count("growing"),
                }
            )
    return rows


def speed(posts: Sequence[dict[str, object]], topics: Sequence[Topic], many: int) -> dict[str, object]:
    """Seconds for so many unexplained mentions: sentences of the corpus' posts put together anew, both languages."""
    draw = random.Random(4)
    by_language = [[p for p in posts if str(p["lang"]).startswith(language)] for language in ("en", "zh")]
    mentions = []
    for number in range(many):
        one, other = draw.sample(by_language[number % 2], 2)
        text = f"{str(one['text'])[:120]} {str(other['text'])[:60]}"
        mentions.append(judged({"id": number, "title": "", "text": text, "lang": one["lang"]}, (), False))
    began, wall = time.process_time(), time.perf_counter()
    found = find_themes(mentions, topics, names(posts), LAST, ZoneInfo("UTC"))
    return {
        "mentions": many,
        "cpu_s": round(time.process_time() - began, 1),
        "wall_s": round(time.perf_counter() - wall, 1),
        "themes": len(found),
        "peak_mib": peak_mib(),
    }


if __name__ == "__main__":
    main()
