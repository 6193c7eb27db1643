"""Train the heads of feeling: listener/judge/weights/feeling_en.npz and feeling_zh.npz.

    python -m bench.train.feeling --data DIR [--check]

Learns from data/corpus and, where DIR has them, from the sets whose licence lets weights be shipped: VADER's own
ratings (MIT; en_vader_*.csv, cut at ±0.5) and OpenRice reviews (CC BY 4.0, toastynews; zht_openrice_valid.csv).
--check prints what grouped cross-validation says instead of writing anything: brands that share a thread, a text or a
name stay together (bench.corpus.groups). The lexicons' own words are learnt beside the posts.

The network: what is linear in the rules' findings and the word vector, plus a table of hashed pieces, plus one hidden
layer. Classes count alike within a source and sources as SHARE says. Seeds are fixed; two runs on one machine agree.
"""

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bench import corpus
from listener.config import load
from listener.fold import fold
from listener.judge import vectors
from listener.judge.head import BUCKETS, LABELS, RULES, Head, Reader, bucket, masked, numbers, pieces
from listener.judge.judge import Judge
from listener.judge.words import data_lines
from listener.records import Mention, ParentSide, Post, Side, Where

WEIGHTS = Path("listener/judge/weights")
SHARE = {
    "en": {
        "corpus": 1.5,
        "en_vader_tweets": 1.0,
        "en_vader_amazon": 1.0,
        "en_vader_nyt": 0.7,
        "en_vader_movie": 0.3,
        "lexicon": 0.25,
    },
    "zh": {"corpus": 1.0, "zht_openrice_valid": 0.5, "lexicon": 0.25},
}
PLAIN = 1.5  # how much a post of the plain part (ids with -c-) counts beside one of the others
STRONG = 1.5  # valence from which on a word of the lexicon is learnt by itself
EPOCHS = {"en": 6, "zh": 12}
HIDDEN, DROPPED, FORGOTTEN = 32, 0.3, 0.1  # units; of them and of the vector at random; of the pieces at random
RATE, PIECE_RATE, SHRINK, SMOOTH, BATCH = 3e-3, 2e-2, 1e-4, 0.05, 256
HEAVIEST = 8.0  # times the mean that one row may count
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBER: dict[str, int] = {label: number for number, label in enumerate(LABELS)}


@dataclass(frozen=True, slots=True)
class Row:
    """One post as the network sees it. `group`: rows of one group are never on both sides of a split."""

    source: str
    label: int
    group: int
    share: float
    inputs: list[float]
    words: list[int]
    buckets: list[int]


def corpus_rows(judge: Judge, reader: Reader) -> Iterator[Row]:
    """The corpus' posts of one language, read by the judge; what they answer is read too."""
    posts = corpus.read()
    for post, group in zip(posts, corpus.groups(posts), strict=True):
        if post.language == reader:
            share = PLAIN if "-c-" in post.id else 1.0
            yield _row(
                judge, reader, "corpus", post.feeling, group, share, post.text, post.brand, post.title, post.parent
            )


def set_rows(judge: Judge, reader: Reader, path: Path) -> Iterator[Row]:
    """The rows of a file with columns text and label; nobody is named in them."""
    with path.open(encoding="utf-8", newline="") as file:
        for number, line in enumerate(csv.DictReader(file)):
            if line["label"] in LABELS:
                yield _row(judge, reader, path.stem, line["label"], -number - 1, 1.0, line["text"], "", "", "")


def lexicon_rows(judge: Judge, reader: Reader) -> Iterator[Row]:
    """The rules' own words, each said of a brand: so that the head never unlearns that "terrible" is."""
    for number, line in enumerate(data_lines(f"lexicon_{reader}.tsv")):
        word, value, *kind = line.split("\t")
        if kind in ([], ["opinion"], ["sign"]) and abs(float(value)) >= STRONG:
            label = "positive" if float(value) > 0 else "negative"
            joint = "" if reader == "zh" else " "
            yield _row(judge, reader, "lexicon", label, -number - 1, 1.0, f"Norvia{joint}{word}", "Norvia", "", "")


def read_as(
    judge: Judge, reader: Reader, text: str, brand: str, title: str = "", parent: str = ""
) -> tuple[Post, Mention, str, ParentSide | None]:
    """A text as a post with one mention, its language, and what it answers, judged."""
    language = "zh-Hant" if reader == "zh" else "en"
    side = None
    if parent:
        opener, mention, _, _ = read_as(judge, reader, parent, brand)
        reading = judge.read(opener, [mention], language)[0]
        said = judge.signs(reading)  # by the rules alone: there is no head yet
        side = ParentSide(opener.key, {"brand": Side(said.label, said.sentiment, reading.tags)})
    spans = _spans(fold(text), fold(brand))
    post = Post(
        source="train", platform="train", url="https://train.example/1", key="k" * 64,
        thread_url="https://train.example/1", thread_title=title, position=1 if title or parent else 0,
        author="a", text=text, fetched=NOW,
    )  # fmt: skip
    where: Where = "text" if spans else "title" if fold(brand) in fold(title) else "thread"
    return post, Mention(post.key, "brand", where, spans, ()), language, side


def _row(
    judge: Judge, reader: Reader, source: str, label: str, group: int, share: float,
    text: str, brand: str, title: str, parent: str,
) -> Row:  # fmt: skip
    post, mention, language, side = read_as(judge, reader, text, brand, title, parent)
    reading = judge.read(post, [mention], language, side)[0]
    signs = judge.signs(reading)
    seen = masked(reading.words, mention.spans)
    words, found = pieces(seen, reader)
    inputs = numbers(signs, seen, len(words) or len(seen))
    buckets = sorted({bucket(piece) for piece in found})
    return Row(source, NUMBER[label], group, share, inputs, vectors.rows(words), buckets)


def _spans(folded: str, brand: str) -> tuple[tuple[int, int], ...]:
    found = []
    for name in {brand, brand.replace(" ", "")} - {""}:
        at = folded.find(name)
        while at >= 0:
            found.append((at, at + len(name)))
            at = folded.find(name, at + len(name))
    return tuple(sorted(set(found)))


class Net(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """The network as it is trained; `kept` gives what listener/judge/head.py applies."""

    def __init__(self, reader: Reader, size: int) -> None:
        super().__init__()
        self.reader = reader
        self.pieces = nn.EmbeddingBag(BUCKETS, 3, mode="sum")
        nn.init.zeros_(self.pieces.weight)
        if reader == "en":
            table = torch.from_numpy(vectors.table())
            self.vectors = nn.EmbeddingBag.from_pretrained(table, mode="sum", freeze=True)
            size += table.shape[1]
        self.direct, self.inner, self.outer = nn.Linear(size, 3), nn.Linear(size, HIDDEN), nn.Linear(HIDDEN, 3)
        self.drop = nn.Dropout(DROPPED)
        self.mean: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self.spread: NDArray[np.float32] = np.zeros(0, dtype=np.float32)

    def forward(self, inputs: torch.Tensor, found: "_Bag", words: "_Bag") -> torch.Tensor:
        if self.reader == "en":
            inputs = torch.cat([inputs, self.drop(self.vectors(words.flat, words.starts) / words.root)], 1)
        score: torch.Tensor = self.direct(inputs) + self.pieces(found.flat, found.starts) / found.root
        inner: torch.Tensor = self.outer(self.drop(torch.relu(self.inner(inputs))))
        return score + inner

    def kept(self, cool: float) -> dict[str, NDArray[Any]]:
        """The arrays of listener/judge/head.py; pieces as bytes."""
        table = self.pieces.weight.detach().numpy()
        scale = float(np.abs(table).max()) / 127
        floats = {
            "mean": self.mean, "spread": self.spread,
            "direct": self.direct.weight.T, "bias": self.direct.bias + self.outer.bias,
            "inner": self.inner.weight.T, "inner_bias": self.inner.bias, "outer": self.outer.weight.T,
        }  # fmt: skip
        arrays = {name: np.asarray(torch.as_tensor(one).detach().numpy(), np.float32) for name, one in floats.items()}
        pieces_kept = {"pieces": np.round(table / scale).astype(np.int8), "piece_scale": np.float32(scale)}
        return {**arrays, **pieces_kept, "cool": np.float32(cool)}


@dataclass(frozen=True, slots=True)
class _Bag:
    flat: torch.Tensor
    starts: torch.Tensor
    root: torch.Tensor

    @classmethod
    def of(cls, lists: Sequence[list[int]], chance: np.random.Generator | None = None) -> "_Bag":
        if chance is not None:
            lists = [
                [one for one, keep in zip(x, chance.random(len(x)) > FORGOTTEN, strict=True) if keep] for x in lists
            ]
        sizes = np.array([len(one) for one in lists])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        flat = np.fromiter((one for items in lists for one in items), dtype=np.int64, count=int(sizes.sum()))
        root = torch.tensor(np.maximum(sizes, 1) ** 0.5, dtype=torch.float32)[:, None]
        return cls(torch.from_numpy(flat), torch.from_numpy(starts), root)


def weights_of(rows: Sequence[Row], reader: Reader) -> NDArray[np.float64]:
    """One weight a row, mean 1: classes alike within a source, sources as SHARE says."""
    totals: dict[tuple[str, int], float] = {}
    for row in rows:
        totals[row.source, row.label] = totals.get((row.source, row.label), 0.0) + row.share
    raw = np.array([SHARE[reader][row.source] * row.share / totals[row.source, row.label] for row in rows])
    weights: NDArray[np.float64] = np.minimum(raw * len(raw) / raw.sum(), HEAVIEST)
    return weights


def train(rows: Sequence[Row], reader: Reader, seed: int = 0) -> Net:
    """A network trained on these rows."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # sums in one order
    chance = np.random.default_rng(seed)
    inputs = np.array([row.inputs for row in rows], dtype=np.float32)
    net = Net(reader, inputs.shape[1])
    net.mean, net.spread = inputs.mean(axis=0), inputs.std(axis=0) + np.float32(1e-3)
    scaled = torch.from_numpy((inputs - net.mean) / net.spread)
    labels, weights = torch.tensor([row.label for row in rows]), torch.tensor(weights_of(rows, reader)).float()
    dense = [one for name, one in net.named_parameters() if name != "pieces.weight" and one.requires_grad]
    slow, fast = torch.optim.AdamW(dense, lr=RATE, weight_decay=0.01), torch.optim.Adam([net.pieces.weight], PIECE_RATE)
    steps, step = EPOCHS[reader] * (len(rows) // BATCH + 1), 0
    net.train()
    for _ in range(EPOCHS[reader]):
        order = chance.permutation(len(rows))
        for start in range(0, len(rows), BATCH):
            here = order[start : start + BATCH]
            found = _Bag.of([rows[at].buckets for at in here], chance)
            score = net(scaled[here], found, _Bag.of([rows[at].words for at in here], chance))
            each = nn.functional.cross_entropy(score, labels[here], reduction="none", label_smoothing=SMOOTH)
            loss = (each * weights[here]).mean() + SHRINK * (net.pieces.weight**2).sum()
            for optimizer, rate in ((slow, RATE), (fast, PIECE_RATE)):
                optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
                optimizer.zero_grad()
            loss.backward()
            slow.step()
            fast.step()
            step += 1
    net.eval()
    return net


def scores(net: Net, rows: Sequence[Row]) -> NDArray[np.float64]:
    """Shape (rows, 3): the network's scores with the rules' vote, before they are made probabilities."""
    from listener.judge.head import HALF, MIDDLE, STEEP

    inputs = torch.from_numpy((np.array([row.inputs for row in rows], dtype=np.float32) - net.mean) / net.spread)
    with torch.no_grad():
        parts = []
        for at in range(0, len(rows), 2000):
            some = rows[at : at + 2000]
            bags = _Bag.of([row.buckets for row in some]), _Bag.of([row.words for row in some])
            parts.append(net(inputs[at : at + 2000], *bags).double().numpy())
    score = np.concatenate(parts)
    sentiment = np.array([row.inputs[0] for row in rows])
    score[:, 0] -= RULES * STEEP * (sentiment - MIDDLE + HALF)
    score[:, 2] += RULES * STEEP * (sentiment - MIDDLE - HALF)
    return score


def cooled(score: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The factor on the scores at which their probabilities are most honest (Guo et al. 2017, temperature scaling)."""
    tried = np.arange(0.2, 2.01, 0.05)
    return float(tried[int(np.argmin([_surprise(score * one, labels) for one in tried]))])


def _surprise(score: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    shifted = score - score.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(labels)), labels].mean())


def macro_f1(labels: NDArray[np.int64], guessed: NDArray[np.int64]) -> float:
    """Mean of the classes' F1."""
    hits = [((labels == one) & (guessed == one)).sum() for one in range(3)]
    return float(np.mean([2 * hit / max(1, (labels == k).sum() + (guessed == k).sum()) for k, hit in enumerate(hits)]))


def checked(rows: Sequence[Row], reader: Reader, folds: int = 5) -> dict[str, Any]:
    """Grouped cross-validation over the corpus, the other sets always in training; and each set left out whole."""
    own = [row for row in rows if row.source == "corpus"]
    other = [row for row in rows if row.source != "corpus"]
    names = sorted({row.group for row in own})
    fold_of = dict(zip(names, np.random.default_rng(0).permutation(len(names)) % folds, strict=True))
    score, labels, plain = [], [], []
    for one in range(folds):
        held = [row for row in own if fold_of[row.group] == one]
        net = train(other + [row for row in own if fold_of[row.group] != one], reader)
        score.append(scores(net, held))
        labels += [row.label for row in held]
        plain += [row.share != 1.0 for row in held]
    together, truth = np.concatenate(score), np.array(labels)
    report = {"corpus": round(macro_f1(truth, together.argmax(axis=1)), 3), "cool": cooled(together, truth)}
    rest = ~np.array(plain)
    report["corpus without its plain part"] = round(macro_f1(truth[rest], together[rest].argmax(axis=1)), 3)
    for source in sorted({row.source for row in other}):
        held = [row for row in other if row.source == source]
        net = train([row for row in rows if row.source != source], reader)
        truth, out = np.array([row.label for row in held]), scores(net, held)
        report[f"{source} left out"] = round(macro_f1(truth, out.argmax(axis=1)), 3)
        report[f"{source} left out: cool"] = cooled(out, truth)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the sets that may be learnt from")
    parser.add_argument("--check", action="store_true", help="cross-validate, write nothing")
    options = parser.parse_args()
    judge = Judge(load(Path("config")).topics)
    for reader in ("en", "zh"):
        rows = [*corpus_rows(judge, reader), *lexicon_rows(judge, reader)]
        for name in SHARE[reader]:
            if name.startswith(("en_", "zht_")) and options.data and (options.data / f"{name}.csv").exists():
                rows += set_rows(judge, reader, options.data / f"{name}.csv")
        if options.check:
            print(json.dumps({reader: checked(rows, reader)}, indent=1))
            continue
        kept = train(rows, reader).kept(COOL[reader])
        np.savez_compressed(WEIGHTS / f"feeling_{reader}.npz", allow_pickle=False, **kept)
        Head(reader, dict(kept))
        print(f"{reader}: {len(rows):,} posts")


COOL: dict[str, float] = {
    "en": 0.8,
    "zh": 1.0,
}  # --check: between the corpus (1.15, 1.25) and sets left out whole (.55 to .8, .2)


if __name__ == "__main__":
    main()
