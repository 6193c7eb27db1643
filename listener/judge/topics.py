"""What a post is about: cues of all topics in one pass, with the words that told.

Both languages are always looked for, since people mix them. Most texts fulfil no cue, so the look goes from cheap to
careful: first one automaton over all literals; then, for the cues whose most telling part is there, are their other
parts anywhere; only then sentence by sentence and word by word.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from listener.config import Topic
from listener.fold import fold
from listener.judge.cues import Literal, read_cue
from listener.judge.words import Literals, blanks_to_spaces, joined, sentence_ends, whole
from listener.records import Span, TopicTag

MAX_SPANS = 12  # shown per tag; more tell no more
SHOWN = 2  # places of one literal in one sentence that are kept
_SURE, _LEAST, _MOST = 24, 0.5, 0.95  # a cue of so many letters is as sure as one cue gets

_Present: TypeAlias = dict[int, list[Span]]  # number of a part → where it stands in one sentence


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue as numbers: of its topic, of its parts, and of all their literals."""

    topic: int
    strength: float
    needed: tuple[int, ...]
    barred: tuple[int, ...]
    literals: frozenset[int]


class TopicFinder:
    """Finds topics. Compiled once for a taxonomy.

    Raises:
        ConfigError: a cue cannot be read; names the topic and the cue.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        parts: dict[frozenset[Literal], int] = {}
        texts: dict[str, int] = {}
        woken: dict[str, list[int]] = defaultdict(list)
        self._topics = tuple(topic.id for topic in topics)
        self._cues: list[_Cue] = []
        for number, topic in enumerate(topics):
            for text in (*topic.cues.en, *topic.cues.zh):
                cue = read_cue(text, topic.id)
                for part in (*cue.needed, *cue.barred):
                    parts.setdefault(part, len(parts))
                for literal in max(cue.needed, key=lambda part: min(len(one.text.encode()) for one in part)):
                    if woken[literal.text][-1:] != [len(self._cues)]:
                        woken[literal.text].append(len(self._cues))
                strength = _LEAST + 0.3 * min(1.0, cue.weight / _SURE) + 0.05 * (len(set(cue.needed)) > 1)
                self._cues.append(
                    _Cue(
                        number,
                        strength,
                        tuple(dict.fromkeys(parts[part] for part in cue.needed)),
                        tuple(dict.fromkeys(parts[part] for part in cue.barred)),
                        frozenset(
                            texts.setdefault(one.text, len(texts)) for part in cue.needed + cue.barred for one in part
                        ),
                    )
                )
        self._literals = Literals(tuple(texts))
        self._woken = tuple(tuple(woken.get(text, ())) for text in texts)  # by literal: the cues it is most telling of
        # One text may be wanted whole, as a beginning, and with more after it, so its number leads to three lists.
        self._whole: list[tuple[int, ...]] = [()] * len(texts)
        self._prefix: list[tuple[int, ...]] = [()] * len(texts)
        self._longer: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self._texts_of: list[frozenset[int]] = []
        for part, index in parts.items():
            self._texts_of.append(frozenset(texts[literal.text] for literal in part))
            for literal in part:
                number = texts[literal.text]
                if literal.rest:
                    self._longer[number].append((literal.rest, index))
                elif literal.prefix:
                    self._prefix[number] += (index,)
                else:
                    self._whole[number] += (index,)

    def find(self, text: str, folded: str | None = None) -> tuple[TopicTag, ...]:
        """Topics of a text, surest first.

        Args:
            folded: `fold(text)`, if the caller has it already.
        """
        folded = fold(text) if folded is None else folded
        spaced = blanks_to_spaces(folded)
        hits = self._literals.find(spaced)
        awake = {
            cue
            for number, start, _ in hits
            if (cues_woken := self._woken[number]) and (not start or not joined(folded[start - 1], folded[start]))
            for cue in cues_woken
        }
        if not awake:
            return ()
        there = {number for number, _, _ in hits}
        cues = [
            cue
            for cue in map(self._cues.__getitem__, sorted(awake))
            if not any(self._texts_of[part].isdisjoint(there) for part in cue.needed)
        ]
        if not cues:
            return ()
        asked = frozenset().union(*(cue.literals for cue in cues))
        strengths: dict[int, list[float]] = defaultdict(list)
        spans: dict[int, set[Span]] = defaultdict(set)
        for present in self._by_sentence(folded, spaced, [hit for hit in hits if hit[0] in asked]):
            for cue in cues:
                if all(map(present.__contains__, cue.needed)) and not any(map(present.__contains__, cue.barred)):
                    strengths[cue.topic].append(cue.strength)
                    for told in cue.needed:
                        spans[cue.topic].update(present[told][:SHOWN])
        tags = (
            TopicTag(self._topics[topic], _confidence(found), _outer(spans[topic]))
            for topic, found in strengths.items()
        )
        return tuple(sorted(tags, key=lambda tag: (-tag.confidence, tag.topic)))

    def _by_sentence(self, folded: str, spaced: str, hits: Sequence[tuple[int, int, int]]) -> list[_Present]:
        """The parts of each sentence that has one of these literals."""
        ends = sentence_ends(folded)
        sentences: dict[int, _Present] = {}
        seen: dict[int, int] = {}
        sentence = -1
        for number, start, end in hits:
            if sentence < 0 or ends[sentence] < end:
                sentence, seen = bisect_left(ends, end), {}
            if seen.get(number, 0) >= SHOWN or not whole(folded, start, end, prefix=True):
                continue
            parts = self._prefix[number]
            if self._whole[number] and whole(folded, start, end):
                parts += self._whole[number]
            reached = end
            for rest, part in self._longer.get(number, ()):
                if (further := _goes_on(spaced, end, rest)) > 0:
                    reached = further
                    parts += (part,)
            if parts:
                seen[number] = seen.get(number, 0) + 1
                present = sentences.setdefault(sentence, {})
                for part in parts:
                    present.setdefault(part, []).append((start, reached))
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


def _goes_on(spaced: str, at: int, rest: str) -> int:
    """Where what must follow a literal ends, -1 if it does not follow. Before each piece of it a word may go on."""
    pieces = rest.split("*")
    for piece in pieces:
        while at < len(spaced) and joined("a", spaced[at]):
            at += 1
        if not spaced.startswith(piece, at):
            return -1
        at += len(piece)
    return at if not pieces[-1] or at == len(spaced) or not joined("a", spaced[at]) else -1
