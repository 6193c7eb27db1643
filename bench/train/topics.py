"""Topic heads from our own corpus: cross-validated figures first, then weights from all of it.

    python -m bench.train.topics        writes listener/judge/weights/topics_*.npz and bench/results/topics.json

Ridge regression of every topic at once on the n-grams of listener/judge/topichead.py, solved in its dual (a matrix of
posts by posts), so the result depends on no random start. Posts of one brand, or with one text, stay in one fold.
A fold's vocabulary and rarities come from the other folds; its thresholds and its confidence curve from the scores of
the other folds. The ridge is one choice a language over all topics, made on the same folds: one of three numbers
against 28 topics, so the figures flatter by little. No other text is looked at.
"""

import argparse
import json
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bench.machine import machine
from bench.scores import f1, rates
from listener.config import Topic
from listener.fold import fold
from listener.judge.topichead import LEAST, Weights, dump, grams, pieces, words
from listener.judge.topics import TopicFinder

CORPUS, TOPICS = Path("data/corpus"), Path("config/topics.toml")
WEIGHTS, RESULT = Path("listener/judge/weights"), Path("bench/results/topics.json")
FOLDS = 5
SEEN = 2  # brands that must have used an n-gram
RIDGES = (1.0, 2.0, 4.0)
TAIL = 1e-9

Scores = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Corpus:
    """A language's posts: n-grams of both blocks, whose brand or text they share, truth, feeling and cue tags."""

    blocks: tuple[list[set[str]], ...]
    groups: NDArray[np.int64]
    truth: Marks
    cues: Marks
    feelings: tuple[str, ...]


def read_corpus(language: str, topics: Sequence[Topic]) -> Corpus:
    """All posts of "en" or "zh", in the order of their files."""
    finder, ids = TopicFinder(topics), [topic.id for topic in topics]
    rows = [
        json.loads(line)
        for path in sorted(CORPUS.glob(f"{language}-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    texts = [fold(row["text"]) for row in rows]
    chinese = language == "zh"
    first = [set(grams(text, chinese)) for text in texts]
    second = [{piece for word in words(text) for piece in pieces(word)} for text in texts]
    found = [{tag.topic for tag in finder.find(text, text)} for text in texts]
    return Corpus(
        (first,) if chinese else (first, second),
        _groups([(row["brand"], row["text"]) for row in rows]),
        np.array([[topic in row["topics"] for topic in ids] for row in rows]),
        np.array([[topic in tags for topic in ids] for tags in found]),
        tuple(row["feeling"] for row in rows),
    )


def _groups(keys: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """One number for posts that share a brand or a text, also by way of others."""
    leader: dict[tuple[int, str], int] = {}
    of = list(range(len(keys)))

    def top(at: int) -> int:
        while of[at] != at:
            at = of[at]
        return at

    for at, pair in enumerate(keys):
        for key in enumerate(pair):
            of[top(at)] = top(leader.setdefault(key, at))
    return np.array([top(at) for at in range(len(keys))])


def folds_of(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """The fold of each post; groups are dealt in an order fixed once."""
    each = np.unique(groups)
    np.random.default_rng(0).shuffle(each)
    dealt = {group: at % FOLDS for at, group in enumerate(each)}
    return np.array([dealt[group] for group in groups])


def features(
    block: Sequence[set[str]], groups: NDArray[np.int64], learnt: Marks
) -> tuple[list[str], NDArray[np.float64], Any]:
    """(n-grams, their rarities, posts × n-grams with rows of length 1), the vocabulary from the learnt posts alone."""
    count: Counter[str] = Counter()
    users: dict[str, set[int]] = defaultdict(set)
    for post in np.flatnonzero(learnt).tolist():
        count.update(block[post])
        for gram in block[post]:
            if len(users[gram]) < SEEN:
                users[gram].add(int(groups[post]))
    kept = sorted(gram for gram, some in users.items() if len(some) >= SEEN)
    at = {gram: row for row, gram in enumerate(kept)}
    rarity = np.array([1 + np.log((1 + learnt.sum()) / (1 + count[gram])) for gram in kept]) ** 0.5
    places = [(post, at[gram]) for post, some in enumerate(block) for gram in sorted(some) if gram in at]
    posts, columns = np.array(places).T
    table = sparse.csr_matrix((rarity[columns], (posts, columns)), shape=(len(block), len(kept)))
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1))).ravel()
    return kept, rarity, (sparse.diags(1 / np.maximum(lengths, TAIL)) @ table).tocsr()


def solved(kernel: Scores, truth: Marks, ridge: float) -> tuple[Scores, Scores]:
    """(weights of the posts, mean of the truth) of ridge regression in the dual."""
    mean = truth.mean(axis=0)
    return np.linalg.solve(kernel + ridge * np.eye(len(kernel)), truth - mean), mean


def held_out(corpus: Corpus, fold_of: NDArray[np.int64]) -> dict[float, Scores]:
    """Ridge → each post's scores from models of the other folds."""
    scores = {ridge: np.zeros(corpus.truth.shape) for ridge in RIDGES}
    for number in range(FOLDS):
        learnt, asked = fold_of != number, fold_of == number
        kernel = np.zeros((len(fold_of), int(learnt.sum())))
        for block in corpus.blocks:
            table = features(block, corpus.groups, learnt)[2]
            kernel += (table @ table[learnt].T).toarray()
        for ridge, into in scores.items():
            posts, mean = solved(kernel[learnt], corpus.truth[learnt], ridge)
            into[asked] = kernel[asked] @ posts + mean
    return scores


def thresholds(scores: Scores, cues: Marks, truth: Marks) -> NDArray[np.float64]:
    """Per topic the score that gives the best F1 of what cues and the head tag together."""
    best = []
    scores = np.where(cues, np.maximum(scores.max(), 1.0), scores)  # these are tagged at any threshold
    for at in range(truth.shape[1]):
        order = np.argsort(-scores[:, at], kind="stable")
        hits = np.cumsum(truth[order, at])
        best.append(scores[order[np.argmax(2 * hits / (np.arange(1, len(order) + 1) + hits[-1]))], at])
    return np.array(best)


def curve(scores: Scores, truth: Marks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(slope, offset) per topic of the logistic curve that turns scores into shares of right ones (Platt 1999)."""
    slopes, offsets = [], []
    for at in range(truth.shape[1]):
        inputs = np.stack([scores[:, at], np.ones(len(scores))], axis=1)
        weights = np.array([5.0, -3.0])
        for _ in range(50):  # Newton; the small ridge keeps a topic that is told apart perfectly from running away
            share = 1 / (1 + np.exp(-inputs @ weights))
            slope = inputs.T @ (share - truth[:, at]) + 1e-2 * weights
            bend = (inputs * (share * (1 - share))[:, None]).T @ inputs + 1e-2 * np.eye(2)
            weights = weights - np.linalg.solve(bend, slope)
        slopes.append(weights[0])
        offsets.append(weights[1])
    return np.array(slopes), np.array(offsets)


def crossed(scores: Scores, cues: Marks, corpus: Corpus, fold_of: NDArray[np.int64]) -> tuple[Marks, Scores]:
    """(tags, confidences) of each post with thresholds and curves of the other folds; `cues` tag in any case."""
    tagged, sure = np.zeros_like(corpus.truth), np.zeros(corpus.truth.shape)
    for number in range(FOLDS):
        others, asked = fold_of != number, fold_of == number
        limit = thresholds(scores[others], cues[others], corpus.truth[others])
        slope, offset = curve(scores[others], corpus.truth[others])
        sure[asked] = 1 / (1 + np.exp(-(slope * scores[asked] + offset)))
        tagged[asked] = cues[asked] | ((scores[asked] >= limit) & (sure[asked] >= LEAST))
    return tagged, sure


def macro(tagged: Marks, truth: Marks) -> float:
    """Mean F1 over the topics."""
    return float(np.mean([f1(tagged[:, at], truth[:, at]) for at in range(truth.shape[1])]))


def calibration(sure: Scores, right: Marks, feelings: Sequence[str], caps: Marks) -> dict[str, Any]:
    """How honest the confidence of tags is, and how often a complaint told at it stands in a post that praises."""
    bands = np.minimum((sure * 10).astype(int), 9)
    error = sum(
        abs(right[bands == band].mean() - sure[bands == band].mean()) * (bands == band).mean()
        for band in range(10)
        if (bands == band).any()
    )
    praising = np.array([feeling == "positive" for feeling in feelings])
    steps = {}
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        held = sure >= least
        against = praising[held & caps]
        steps[str(least)] = {
            "tags": int(held.sum()),
            "right": round(float(right[held].mean()), 3) if held.any() else None,
            "complaints_in_praising_posts": round(float(against.mean()), 3) if len(against) else None,
        }
    return {"expected_calibration_error": round(float(error), 4), "at_least": steps}


def learn(language: str, topics: Sequence[Topic]) -> tuple[dict[str, Any], Weights]:
    """(what cross-validation measured, the weights from all posts)."""
    corpus = read_corpus(language, topics)
    fold_of = folds_of(corpus.groups)
    all_scores = held_out(corpus, fold_of)
    tried = {ridge: crossed(scores, corpus.cues, corpus, fold_of) for ridge, scores in all_scores.items()}
    ridge = max(tried, key=lambda one: macro(tried[one][0], corpus.truth))
    tagged, sure = tried[ridge]
    alone = crossed(all_scores[ridge], np.zeros_like(corpus.cues), corpus, fold_of)[0]
    better = np.array(
        [
            f1(tagged[:, at], corpus.truth[:, at]) > f1(corpus.cues[:, at], corpus.truth[:, at])
            for at in range(len(topics))
        ]
    )
    tagged = np.where(better, tagged, corpus.cues)
    by_head = tagged & ~corpus.cues
    posts, columns = np.nonzero(by_head)
    caps = np.array([topic.caps for topic in topics])
    measured = {
        "posts": len(fold_of),
        "ridge": ridge,
        "macro_f1": round(macro(tagged, corpus.truth), 4),
        "macro_f1_head_alone": round(macro(alone, corpus.truth), 4),
        "macro_f1_cues_alone": round(macro(corpus.cues, corpus.truth), 4),
        "tags_of_heads": calibration(
            sure[posts, columns], corpus.truth[posts, columns], [corpus.feelings[post] for post in posts], caps[columns]
        ),
        "topics": {
            topic.id: rates(tagged[:, at], corpus.truth[:, at])
            | {"f1_cues_alone": round(f1(corpus.cues[:, at], corpus.truth[:, at]), 3), "head": bool(better[at])}
            for at, topic in enumerate(topics)
        },
    }
    return measured, _weights(corpus, topics, ridge, all_scores[ridge], better)


def _weights(corpus: Corpus, topics: Sequence[Topic], ridge: float, scores: Scores, better: Marks) -> Weights:
    """From all posts; thresholds and curves from the scores that each post had while it was held out."""
    everything = np.ones(len(scores), dtype=bool)
    blocks = [features(block, corpus.groups, everything) for block in corpus.blocks]
    posts, mean = solved(sum((table @ table.T).toarray() for _, _, table in blocks), corpus.truth, ridge)
    rarity = np.concatenate([some for _, some, _ in blocks])
    table = np.concatenate([part.T @ posts for _, _, part in blocks]) * rarity[:, None]
    limit, (slope, offset) = thresholds(scores, corpus.cues, corpus.truth), curve(scores, corpus.truth)
    numbers = {
        "table": table,
        "squares": rarity**2,
        "bias": mean,
        "threshold": np.where(better, limit, np.inf),
        "slope": slope,
        "offset": offset,
    }
    return Weights(
        tuple(topic.id for topic in topics),
        tuple(gram for kept, _, _ in blocks for gram in kept),
        **{name: np.asarray(value, dtype=np.float32) for name, value in numbers.items()},
    )


def main() -> None:
    """Train both languages; print and keep what cross-validation measured."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    topics = [Topic.model_validate(one) for one in tomllib.loads(TOPICS.read_text("utf-8"))["topic"]]
    started = time.process_time()
    WEIGHTS.mkdir(exist_ok=True)
    result: dict[str, Any] = {"command": "python -m bench.train.topics", "bench": "topics", "machine": machine()}
    for language in ("en", "zh"):
        measured, weights = learn(language, topics)
        path = WEIGHTS / f"topics_{language}.npz"
        path.write_bytes(dump(weights))
        result[language] = measured | {"ngrams": len(weights.grams), "bytes": path.stat().st_size}
    result["cpu_s"] = round(time.process_time() - started, 1)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    RESULT.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
