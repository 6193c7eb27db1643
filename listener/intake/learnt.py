"""The learnt context scores of all brands, as intake and rejudging use them: learnt from the store's labels, and learnt
anew as soon as these change (another process may have taken them). See judge/context.py for how.
"""

import hashlib
from collections.abc import Mapping, Sequence

from listener.config import Config
from listener.judge.context import Context, Example, Score, Trial, learn, near
from listener.records import Mention, Post
from listener.store.corrected import Labelled
from listener.store.protocol import Store


class Learnt:
    """The scores that have shown that they help; brands without one are left alone."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store, self._brands = store, frozenset(brand.id for brand in config.brands)
        self._mark = (-1, -1)
        self._contexts: Mapping[str, Context] = {}
        self.trials: Mapping[str, Trial] = {}
        self.version = ""  # 8 hex digits that change with what the scores in use were learnt from; "" if none is used

    def refresh(self) -> None:
        """Learn anew if the labels have changed since. One small question to the store if they have not."""
        if (mark := self._store.labels_mark()) == self._mark:
            return
        examples: dict[str, list[Example]] = {}
        for one in self._store.labelled() if mark[1] else ():
            if one.brand in self._brands and (example := example_of(one)) is not None:
                examples.setdefault(one.brand, []).append(example)
        learnt = {brand: learn(theirs) for brand, theirs in examples.items()}
        self.trials = {brand: trial for brand, (_, trial) in learnt.items()}
        self._contexts = {brand: context for brand, (context, _) in learnt.items() if context is not None}
        told = repr([(brand, sorted(map(_plain, examples[brand]))) for brand in sorted(self._contexts)])
        self.version = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:8] if self._contexts else ""
        self._mark = mark

    def scores(self, post: Post, mentions: Sequence[Mention]) -> dict[str, Score]:
        """brand → how likely the post is about it, for the mentions that a score can be given to."""
        if not self._contexts:
            return {}
        return {
            mention.brand: context.score(words)
            for mention in mentions
            if (context := self._contexts.get(mention.brand)) is not None
            and (words := _near(mention.where, post.text, mention.spans, post.thread_title))
        }


def example_of(one: Labelled) -> Example | None:
    """What a corrected mention teaches; None where only its thread speaks of the brand: no word is near the name."""
    words = _near(one.where, one.text, one.spans, one.thread_title)
    return Example(words, one.is_brand, one.thread_url) if words else None


def _near(where: str, text: str, spans: Sequence[tuple[int, int]], title: str) -> frozenset[str]:
    return frozenset() if where == "thread" else near(text, spans, title)


def _plain(example: Example) -> tuple[str, bool, tuple[str, ...]]:
    return example.thread, example.is_brand, tuple(sorted(example.words))
