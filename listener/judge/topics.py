"""What a post is about: cues of all topics in one pass, with the words that told.

Both languages are always looked for, since people mix them. The cost is linear in the text: one automaton over the
literals of all cues, then a little book-keeping per literal found, sentence by sentence.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from listener.config import Topic
from listener.fold import fold
from listener.judge.cues import Literal, read_cue
from listener.judge.words import PLAIN, Literals, blanks_to_spaces, sentence_ends, whole
from listener.records import Span, TopicTag

MAX_SPANS = 12  # shown per tag; more tell no more
SHOWN = 2  # places of one literal in one sentence that are kept
_SURE, _LEAST, _MOST = 24, 0.5, 0.95  # a cue of so many letters is as sure as one cue gets


class TopicFinder:
    """Finds topics. Compiled once for a taxonomy.

    Raises:
        ConfigError: a cue cannot be read; names the topic and the cue.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        parts: dict[frozenset[Literal], int] = {}
        self._cues: list[tuple[int, float, tuple[int, ...], tuple[int, ...]]] = []  # topic, strength, needed, barred
        self._topics = tuple(topic.id for topic in topics)
        for number, topic in enumerate(topics):
            for text in (*topic.cues.en, *topic.cues.zh):
                cue = read_cue(text, topic.id)
                needed = tuple({parts.setdefault(part, len(parts)) for part in cue.needed})
                barred = tuple({parts.setdefault(part, len(parts)) for part in cue.barred})
                strength = _LEAST + 0.3 * min(1.0, cue.weight / _SURE) + 0.05 * (len(needed) > 1)
                self._cues.append((number, strength, needed, barred))
        part_numbers: dict[Literal, list[int]] = defaultdict(list)
        for part, index in parts.items():
            for literal in part:
                part_numbers[literal].append(index)
        # One text may be wanted both whole and as a beginning, so a literal's number leads to both lists.
        texts = {literal.text: None for literal in part_numbers}
        self._whole = [tuple(part_numbers.get(Literal(text, False), ())) for text in texts]
        self._prefix = [tuple(part_numbers.get(Literal(text, True), ())) for text in texts]
        self._longer: dict[str, list[tuple[re.Pattern[str], tuple[int, ...]]]] = defaultdict(list)
        for literal, numbers in part_numbers.items():
            if literal.rest:
                self._longer[literal.text].append((_pattern(literal), tuple(numbers)))
        self._cues_of: list[list[int]] = [[] for _ in parts]
        for cue_number, (_, _, needed, _) in enumerate(self._cues):
            self._cues_of[min(needed, key=lambda part: len(self._cues_of[part]))].append(cue_number)
        self._literals = Literals(tuple(texts))

    def find(self, text: str, folded: str | None = None) -> tuple[TopicTag, ...]:
        """Topics of a text, surest first.

        Args:
            folded: `fold(text)`, if the caller has it already.
        """
        folded = fold(text) if folded is None else folded
        strengths: dict[int, list[float]] = defaultdict(list)
        spans: dict[int, set[Span]] = defaultdict(set)
        for present in self._by_sentence(folded):
            for part in present:
                for cue_number in self._cues_of[part]:
                    topic, strength, needed, barred = self._cues[cue_number]
                    if all(map(present.__contains__, needed)) and not any(map(present.__contains__, barred)):
                        strengths[topic].append(strength)
                        for told in needed:
                            spans[topic].update(present[told][:SHOWN])
        tags = (
            TopicTag(self._topics[topic], _confidence(found), _outer(spans[topic]))
            for topic, found in strengths.items()
        )
        return tuple(sorted(tags, key=lambda tag: (-tag.confidence, tag.topic)))

    def _by_sentence(self, folded: str) -> list[dict[int, list[Span]]]:
        """For each sentence with a hit: part number → where it stands."""
        spaced = blanks_to_spaces(folded)
        hits = self._literals.find(spaced)
        if not hits:
            return []
        ends = sentence_ends(folded)
        sentences: dict[int, dict[int, list[Span]]] = {}
        seen: dict[int, int] = {}
        sentence = -1
        for number, start, end in hits:
            if ends[sentence] < end or sentence < 0:
                sentence, seen = bisect_left(ends, end), {}
            if seen.get(number, 0) >= SHOWN or not whole(folded, start, end, prefix=True):
                continue
            parts = self._prefix[number]
            if self._whole[number] and whole(folded, start, end):
                parts = parts + self._whole[number] if parts else self._whole[number]
            for pattern, numbers in self._longer.get(self._literals.literals[number], ()):
                if match := pattern.match(spaced, start):
                    end = match.end()
                    parts = (*parts, *numbers)
            if parts:
                seen[number] = seen.get(number, 0) + 1
                present = sentences.setdefault(sentence, {})
                for part in parts:
                    present.setdefault(part, []).append((start, end))
        return list(sentences.values())


def _confidence(strengths: Sequence[float]) -> float:
    """Of the surest cue, a little more for each further one."""
    return round(min(_MOST, max(strengths) + 0.05 * (len(strengths) - 1)), 3)


def _outer(spans: set[Span]) -> tuple[Span, ...]:
    """In order, those that lie inside another left out."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return tuple(kept[:MAX_SPANS])


def _pattern(literal: Literal) -> re.Pattern[str]:
    """A phrase with `*` in its middle; each piece ends with its word, so it cannot run away."""
    pieces = [re.escape(piece) for piece in (literal.text + "*" + literal.rest).split("*")]
    body = f"{PLAIN}*".join(pieces)
    return re.compile(body if literal.rest.endswith("*") else rf"{body}(?!{PLAIN})")
