"""Saved forum threads, read: posts, authors, dates and words beside trafilatura and structured data alone, in one run.

python -m bench.pages DIR --json [--leave-out ENGINE] [--show]

DIR holds ENGINE/NAME.html and, for labelled pages, NAME.json: {url, engine, posts: [{author, published, text,
own_text}]}, the texts being the first 120 characters, own_text without what is quoted. Pages without labels count for
nothing. --leave-out takes away the page object of that name (phpbb3, phpbb and phpbb2 are one name) so that its
pages fall to the generic reader; `--leave-out all` takes all of them away. --show prints what went wrong.

How it is scored, for all readers alike:

- Posts are paired with labels in order: by the first 40 characters of the words, else by author and moment together.
  `posts_found` is the share of labels with a partner, `extra` the number of posts without one over the labels.
- `author_right`: the same name after whitespace folding and case folding.
- `date_right`: the label is read by our date reader; what that cannot read is wrong for everybody, unless the reader
  hands out the label's own string. A label of day precision asks for the day, one without a
  zone for the same wall clock: a page that carries the zone beside what it shows may differ from it by the page's
  own offset, the same one for all its posts. Month and day are told apart by the labels of the whole page.
- `text_right`: the words begin with own_text, whitespace taken out. Smileys count for nothing (a picture on the page,
  a code in its alternative text), nor does the "@ann said in …:" that stands above a quote.
- trafilatura makes one text of a page: a post counts as found if its first 40 characters stand in it, its words as
  right if all of own_text does; author and date are those of the page, which belong to its first post.
- `cpu_ms_per_page` is process time with parsing, over all labelled pages.
"""

import argparse
import json
import re
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.machine import machine
from spiders.pages import read_thread
from spiders.pages.dates import month_first, parse_date
from spiders.pages.thread import Page

_SMILEY = re.compile(r":[a-z_]{2,20}:|[:;8=][-']?[()DPpOo|/](?!\w)")
_SAID = re.compile(r"^\s*@\S{1,60} (?:said in .{1,200}?|wrote|said):\s", re.DOTALL)
START = 40  # characters that tell a post
KEYS = ("posts_found", "author_right", "date_right", "text_right", "extra")


@dataclass(frozen=True)
class Said:
    """A post as a reader gives it: `published` a moment or what the page shows."""

    author: str
    published: datetime | str | None
    text: str
    whole: str = ""  # with what is quoted, where a reader tells the two apart


@dataclass(frozen=True)
class Labelled:
    """A saved page and the truth about it."""

    engine: str
    name: str
    html: str
    url: str
    posts: list[dict[str, str]]


Reader = Callable[[Labelled], list[Said]]


def load(folder: Path) -> list[Labelled]:
    """Every page that has labels beside it."""
    pages = []
    for truth in sorted(folder.glob("*/*.json")):
        html = truth.with_suffix(".html")
        if html.exists():
            about = json.loads(truth.read_text(encoding="utf-8"))
            text = html.read_bytes().decode("utf-8", errors="replace")
            pages.append(Labelled(truth.parent.name, truth.stem, text, about["url"], about["posts"]))
    return pages


def ours(leave_out: str) -> Reader:
    """The readers of spiders/pages, without one."""

    def read(page: Labelled) -> list[Said]:
        found = read_thread(Page(page.html, page.url, NOW, UTC), without=leave_out)
        return [
            Said(block.author, block.published, block.text, " ".join(said for _, said in block.quotes) + block.text)
            for block in found.posts
        ]

    return read


def structured_only(page: Labelled) -> list[Said]:
    """JSON-LD and microdata by extruct; whatever has words and an author or a date is a post."""
    import extruct  # only the bench has it

    found: list[Said] = []
    data = extruct.extract(page.html, base_url=page.url, syntaxes=["json-ld", "microdata"], errors="log", uniform=True)
    for syntax in ("json-ld", "microdata"):
        _walk(data.get(syntax, []), found, 0)
    unique = {folded(said.text)[:START]: said for said in reversed(found)}
    return list(reversed(unique.values()))


def _walk(item: Any, found: list[Said], depth: int) -> None:
    if depth > 30:
        return
    if isinstance(item, list):
        for inner in item:
            _walk(inner, found, depth + 1)
    elif isinstance(item, dict):
        words = item.get("text") or item.get("articleBody") or item.get("commentText")
        author = item.get("author") or item.get("creator")
        author = author[0] if isinstance(author, list) and author else author
        name = author.get("name", "") if isinstance(author, dict) else author
        if isinstance(words, str) and words.strip():
            when = item.get("datePublished") or item.get("dateCreated") or item.get("publishDate")
            found.append(Said(str(name or ""), str(when) if when else None, words))
        for inner in item.values():
            _walk(inner, found, depth + 1)


def by_trafilatura(page: Labelled) -> list[Said]:
    """One blob with the page's author and date."""
    import trafilatura

    found = trafilatura.bare_extraction(page.html, url=page.url, include_comments=True, with_metadata=True)
    if found is None:
        return []
    about = found if isinstance(found, dict) else found.as_dict()
    return [
        Said(about.get("author") or "", about.get("date"), (about.get("text") or "") + (about.get("comments") or ""))
    ]


def folded(text: str) -> str:
    return "".join(text.split())


def bare(text: str) -> str:
    """Folded, without smileys (a picture here, its code there) and without the line that names whom a quote quotes."""
    return folded(_SMILEY.sub(" ", _SAID.sub("", text)))


def judge(page: Labelled, said: list[Said], blob: bool = False) -> tuple[Counter[str], list[str]]:
    """Points of one page and what went wrong."""
    points: Counter[str] = Counter()
    wrong: list[str] = []
    labels = page.posts
    us = bool(month_first(" ; ".join(label["published"] for label in labels)))
    pairs = _pairs(page, said, us) if not blob else _in_blob(page, said)
    offset = _offset([(label, said[i].published) for label, i in zip(labels, pairs, strict=True) if i is not None], us)
    for number, (label, partner) in enumerate(zip(labels, pairs, strict=True)):
        if partner is None:
            wrong.append(f"#{number} not found: {label['author']}: {label['own_text'][:50]!r}")
            continue
        one = said[partner]
        own = bare(label["own_text"])
        if blob and number:
            one = Said("", None, one.text)
        checks = {
            "author_right": folded(one.author).casefold() == folded(label["author"]).casefold(),
            "date_right": _same_moment(label["published"], one.published, us, offset),
            "text_right": own in bare(one.text) if blob else bare(one.text).startswith(own),
        }
        points["posts_found"] += 1
        for key, right in checks.items():
            points[key] += right
            if not right:
                given = {"author_right": one.author, "date_right": str(one.published), "text_right": one.text[:120]}
                asked = {"author_right": "author", "date_right": "published", "text_right": "own_text"}[key]
                wrong.append(f"#{number} {key}: {given[key]!r} for {label[asked]!r}")
    if not blob:
        spare = [one for number, one in enumerate(said) if number not in pairs]
        points["extra"] = len(spare)
        wrong += [f"extra: {one.author!r} {one.text[:60]!r}" for one in spare]
    return points, wrong


def _pairs(page: Labelled, said: list[Said], us: bool) -> list[int | None]:
    pairs: list[int | None] = [None] * len(page.posts)
    free = set(range(len(said)))
    texts = [(folded(one.text), folded(one.whole)) for one in said]
    for exact in (True, False):
        for number, label in enumerate(page.posts):
            if pairs[number] is not None:
                continue
            starts = [folded(label[key])[:START] for key in ("own_text", "text")]
            name = folded(label["author"]).casefold()
            for i in sorted(free):
                if exact:
                    same = any(start and any(text.startswith(start) for text in texts[i]) for start in starts)
                else:
                    same = folded(said[i].author).casefold() == name and _same_moment(
                        label["published"], said[i].published, us, timedelta()
                    )
                if same:
                    pairs[number] = i
                    free.discard(i)
                    break
    return pairs


def _in_blob(page: Labelled, said: list[Said]) -> list[int | None]:
    text = folded(said[0].text) if said else ""
    return [0 if said and folded(label["own_text"])[:START] in text else None for label in page.posts]


def _same_moment(label: str, given: datetime | str | None, us: bool, offset: timedelta) -> bool:
    if given is None:
        return False
    if isinstance(given, str) and folded(given) == folded(label):
        return True
    wanted, precision = parse_date(label, NOW, UTC, day_first=not us)
    moment = parse_date(given, NOW, UTC)[0] if isinstance(given, str) else given
    if wanted is None or moment is None:
        return False
    if precision == "day":
        return (moment + offset).date() == wanted.date()
    return any(abs(moment + shift - wanted) < timedelta(minutes=1) for shift in (timedelta(), offset))


def _offset(pairs: list[tuple[dict[str, str], datetime | str | None]], us: bool) -> timedelta:
    """By how much what a page shows differs from what it means: whole quarters of an hour, the same for all posts."""
    shifts: Counter[timedelta] = Counter()
    for label, given in pairs:
        wanted, precision = parse_date(label["published"], NOW, UTC, day_first=not us)
        zoned = label["published"].rstrip().endswith("Z") or "+" in label["published"]
        if wanted is not None and isinstance(given, datetime) and precision == "minute" and not zoned:
            shift = wanted - given.replace(second=0, microsecond=0)
            if abs(shift) <= timedelta(hours=14) and shift.total_seconds() % 900 == 0:
                shifts[shift] += 1
    shift, count = shifts.most_common(1)[0] if shifts else (timedelta(), 0)
    return shift if count >= max(3, 0.6 * len(pairs)) else timedelta()


def measure(pages: list[Labelled], read: Reader, blob: bool = False, show: bool = False) -> dict[str, Any]:
    """Shares by engine and over all."""
    points: dict[str, Counter[str]] = defaultdict(Counter)
    for page in pages:
        began = time.process_time()
        said = read(page)
        spent = time.process_time() - began
        won, wrong = judge(page, said, blob)
        for name in (page.engine, ""):
            points[name].update(won)
            points[name].update({"labels": len(page.posts), "pages": 1, "cpu_us": round(spent * 1e6)})
        if show:
            for line in wrong:
                print(f"{page.engine}/{page.name} {line}", file=sys.stderr)
    shares = {
        name: {
            **{key: round(won[key] / max(won["labels"], 1), 4) for key in KEYS},
            "cpu_ms_per_page": round(won["cpu_us"] / 1000 / max(won["pages"], 1), 2),
            "posts": won["labels"],
            "pages": won["pages"],
        }
        for name, won in points.items()
    }
    return {"engines": {name: share for name, share in shares.items() if name}, "overall": shares.get("", {})}


NOW = datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout (always)")
    parser.add_argument("--leave-out", default="", metavar="ENGINE")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    pages = load(options.folder)
    if not pages:
        parser.error(f"{options.folder}: no ENGINE/NAME.html with NAME.json in it")
    result: dict[str, Any] = {"bench": "pages", "machine": machine(), "leave_out": options.leave_out}
    result |= measure(pages, ours(options.leave_out), show=options.show)
    if not options.no_peers:
        warnings.simplefilter("ignore")
        result["peers"] = {
            "trafilatura": measure(pages, by_trafilatura, blob=True)["overall"],
            "structured_data_only": measure(pages, structured_only)["overall"],
        }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
