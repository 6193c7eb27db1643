"""The training corpus: reading it, its near-duplicates, and the learning curve that says whether more of it would help.

    python -m bench.corpus [--json] [--folds 5]       the learning curve
    python -m bench.corpus --tables                   writes the tables of data/corpus/DATASHEET.md anew

The curve is macro-F1 of the three feelings for 25, 50, 75 and 100 % of the brands, per language, by cross-validation in
which all posts of one brand, and of the brands that share a text, a thread or a name with it, stay on one side. The
model is a plain one (TF-IDF of words and characters, linear support vectors), not the head that Listener ships: the
question is what more posts add, not how good the judge is. It needs the dependency group `train` (scikit-learn).
"""

import argparse
import json
import random
import re
import statistics
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rensa import RMinHash, RMinHashLSH

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
SHARES = (0.25, 0.5, 0.75, 1.0)
ALIKE = 0.5  # Jaccard of 3-shingles from which two posts are near-duplicates
_PERMUTATIONS, _BANDS = 128, 64  # 64 bands of 2: finds a pair of Jaccard 0.5 with probability 1 - 1e-8


@dataclass(frozen=True, slots=True)
class Post:
    """One line of the corpus; what the fields mean is in data/corpus/DATASHEET.md."""

    id: str
    lang: str
    domain: str
    brand: str
    title: str
    parent: str
    text: str
    feeling: str
    topics: tuple[str, ...]
    hard: tuple[str, ...]

    @property
    def language(self) -> str:
        """en or zh."""
        return self.lang.partition("-")[0]


def read(folder: Path = CORPUS) -> list[Post]:
    """Every post of every *.jsonl in `folder`, in the order of files and lines.

    Raises ValueError with file and line when a line does not parse or has not exactly the fields of `Post`.
    """
    posts = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                posts.append(Post(**{**row, "topics": tuple(row["topics"]), "hard": tuple(row["hard"])}))
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"{path.name}:{number}: {error}") from error
    return posts


def folded(text: str) -> str:
    """`text` in one width and case, without anything that is no letter or digit: how names are looked for here."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def shingles(post: Post) -> frozenset[str]:
    """Three words running (English) or three characters running (Chinese); a shorter text is one shingle."""
    text = unicodedata.normalize("NFKC", post.text).casefold()
    units = re.findall(r"[^\W_]+", text) if post.language == "en" else list(re.sub(r"[\W_]+", "", text))
    joint = " " if post.language == "en" else ""
    return frozenset(joint.join(units[at : at + 3]) for at in range(max(1, len(units) - 2)))


def thread(post: Post) -> str:
    """The id without the a or b that tells apart the two brands of one text."""
    return post.id.rstrip("ab")


def near_duplicates(posts: Sequence[Post], alike: float = ALIKE) -> list[tuple[float, Post, Post]]:
    """Pairs of posts whose shingles overlap by a Jaccard of at least `alike` (0..1), the likest first.

    MinHash finds the candidates, the exact figure decides. The two brands of one text are no pair.
    """
    hashes = RMinHashLSH(threshold=alike, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    sets = [shingles(post) for post in posts]
    found = []
    for at, post in enumerate(posts):
        minhash = RMinHash(num_perm=_PERMUTATIONS, seed=4)
        minhash.update(sorted(sets[at]))
        for other in sorted(hashes.query(minhash)):
            jaccard = len(sets[at] & sets[other]) / len(sets[at] | sets[other])
            if jaccard >= alike and thread(posts[other]) != thread(post):
                found.append((jaccard, posts[other], post))
        hashes.insert(at, minhash)
    return sorted(found, key=lambda pair: (-pair[0], pair[1].id, pair[2].id))


def groups(posts: Sequence[Post]) -> list[int]:
    """For each post the number of its group: posts of one group must not be divided between training and testing.

    Brands hang together when one text names both (ids ending in a and b), when a thread's title is theirs both, or when
    their names begin alike (English: the same first word; Chinese: one is the beginning of the other).
    """
    leader: dict[str, str] = {}
    names = {f"{post.language} {post.brand.casefold()}" for post in posts}

    def root(key: str) -> str:
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    for post in posts:
        brand = post.brand.casefold()
        first = brand.split()[0]
        begins = [first] if post.language == "en" else [brand[:long] for long in range(2, len(brand))]
        ties = [f"id {thread(post)}", *([f"title {post.title}"] * bool(post.title))]
        ties += [name for begin in begins if (name := f"{post.language} {begin}") in names or post.language == "en"]
        for tie in ties:
            leader[root(tie)] = root(f"{post.language} {brand}")
    numbers: dict[str, int] = {}
    return [numbers.setdefault(root(f"{p.language} {p.brand.casefold()}"), len(numbers)) for p in posts]


def marked(post: Post) -> str:
    """What the plain model reads: the text with the brand masked, and the parent of a short answer."""
    text = re.sub(re.escape(post.brand), " BRAND ", post.text, flags=re.IGNORECASE)
    return f"{text} PARENT {post.parent}" if post.parent and len(post.text) < 40 else text


def curve(posts: Sequence[Post], folds: int = 5, shares: Iterable[float] = SHARES) -> list[dict[str, Any]]:
    """Macro-F1 (0..1) by share of the training brands: one row a share with posts, mean and spread over the folds."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import f1_score
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    english = posts[0].language == "en"
    texts, group = [marked(post) for post in posts], groups(posts)
    numbers = sorted(set(group))
    random.Random(4).shuffle(numbers)
    fold_of = {number: at % folds for at, number in enumerate(numbers)}
    rows = []
    for share in shares:
        scores, sizes = [], []
        for fold in range(folds):
            others = [number for number in numbers if fold_of[number] != fold]
            kept = set(others[: round(share * len(others))])
            train = [at for at, number in enumerate(group) if number in kept]
            test = [at for at, number in enumerate(group) if fold_of[number] == fold]
            words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
            letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
            hans = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
            model = make_pipeline(
                make_union(words, letters) if english else hans,
                LinearSVC(C=0.3, class_weight="balanced", random_state=4),
            )
            model.fit([texts[at] for at in train], [posts[at].feeling for at in train])
            truth = [posts[at].feeling for at in test]
            scores.append(float(f1_score(truth, model.predict([texts[at] for at in test]), average="macro")))
            sizes.append(len(train))
        rows.append(
            {
                "share": share,
                "posts": round(statistics.mean(sizes)),
                "macro_f1": round(statistics.mean(scores), 4),
                "spread": round(statistics.pstdev(scores), 4),
            }
        )
    return rows


def length(post: Post) -> int:
    """Words of an English text; characters of a Chinese one divided by 1.6, which is about a word."""
    units = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", post.text)
    return len(units) if post.language == "en" else round(len(folded(post.text)) / 1.6)


def tables(posts: Sequence[Post]) -> str:
    """The Markdown tables of the datasheet, counted afresh."""
    parts = []
    langs = ["en", "zh-Hant", "zh-Hans"]

    def table(head: str, of: Callable[[Post], Iterable[str]], order: Sequence[str] = ()) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for post in posts:
            for name in of(post):
                counts[name][post.lang] += 1
        names = list(order) or sorted(counts, key=lambda name: (-counts[name].total(), name))
        lines = [f"| {head} | {' | '.join(langs)} | all |", "|---|" + "---:|" * (len(langs) + 1)]
        for name in names:
            cells = [*(counts[name][lang] for lang in langs), counts[name].total()]
            lines.append(f"| {name} | {' | '.join(str(cell) for cell in cells)} |")
        parts.append("\n".join(lines))

    table("posts", lambda post: ["all"])
    table("feeling", lambda post: [post.feeling], ["negative", "neutral", "positive"])
    table("domain", lambda post: [post.domain])
    table("topic", lambda post: post.topics or ["(none)"])
    table("hard", lambda post: post.hard or ["(none)"])
    steps = ["under 15", "15 to 40", "41 to 120", "over 120"]
    table("words", lambda post: [steps[sum(length(post) > top for top in (14, 40, 120))]], steps)
    table("setting", lambda p: ["with a title"] * bool(p.title) + ["answers a parent"] * bool(p.parent))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="the curve as JSON")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--tables", action="store_true", help="write the datasheet's tables anew instead")
    options = parser.parse_args()
    posts = read()
    if options.tables:
        sheet = CORPUS / "DATASHEET.md"
        before, mark, rest = sheet.read_text(encoding="utf-8").partition("<!-- tables -->\n")
        after = rest.partition("<!-- end of tables -->")
        sheet.write_text(f"{before}{mark}\n{tables(posts)}\n\n{after[1]}{after[2]}", encoding="utf-8")
        return
    done: dict[str, Any] = {"posts": len(posts), "near_duplicates": len(near_duplicates(posts)), "folds": options.folds}
    for language in ("en", "zh"):
        done[language] = curve([post for post in posts if post.language == language], options.folds)
    if options.json:
        json.dump(done, sys.stdout, indent=1)
        print()
        return
    for language in ("en", "zh"):
        for row in done[language]:
            print(f"{language} {row['share']:4.0%} {row['posts']:5} posts  {row['macro_f1']:.3f} ± {row['spread']:.3f}")


if __name__ == "__main__":
    main()
