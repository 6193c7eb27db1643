"""What a post says of each brand it mentions: feeling, topics, confidence, and the words that told.

The words make a sum (english.py, chinese.py), each at the weight of its place (weigh.py), over the clauses that are
about the brand (target.py). Topics then correct what words cannot see: a complaint keeps the feeling below zero, praise
lifts what is neutral, and a reply without a feeling of its own leans to the side of a thread that complains.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from listener.config import Topic
from listener.fold import fold
from listener.judge import chinese, english, frames, verdict
from listener.judge.feeling import NOTHING, Feeling, Told, squashed
from listener.judge.head import Signs
from listener.judge.irony import ironic
from listener.judge.replies import goes_on, with_side
from listener.judge.target import Share, moved, shares, speaks_for
from listener.judge.topichead import head
from listener.judge.topics import TopicFinder
from listener.judge.verdict import CAPPED, Reading, Text, label_of
from listener.judge.weigh import damped, weighed, without_names
from listener.judge.words import merged
from listener.records import Judgement, Mention, ParentSide, Post, Side, Span, TopicTag

ENGINE = "heads-2"
READ = 50_000  # code points of a post that are judged; what is longer is a log or a dump

TITLE = 0.5  # how much an opener's title counts beside its text
IN_TITLE, IN_THREAD = 0.9, 0.5  # of a topic's confidence, told by the opener's own title, and by a reply's thread
CLAUSES = 250  # of one brand that are read; a post with more is a list or a log

_Reader: TypeAlias = Callable[[str, str | None], Feeling]
_READERS: Mapping[str, _Reader] = {"zh": chinese.feeling, "en": english.feeling}

_NOT = re.compile(
    r"(?:\b(?:no|zero|not|not an?|never|without|without any|free of|instead of|isn't|wasn't|aren't|weren't"
    r"|(?:never|not|haven't|hasn't|hadn't|didn't) (?:ever )?(?:had|have|seen|got|get) (?:an?|any|one|a single))\s+"
    r"|(?:没有|没|不是|并非|从未|从没|从不|毫无|不会|没遇过|没遇到|没碰过|没发生|没有过|唔系|冇)\S?)$"
)


@dataclass(frozen=True, slots=True)
class _Title:
    """A thread's title, read once for all its posts. Its words have no place in a post, so its tags show no spans."""

    feeling: Feeling = NOTHING
    tags: tuple[TopicTag, ...] = ()
    complaints: tuple[TopicTag, ...] = ()


class Judge:
    """Judges posts. Compiled once per taxonomy.

    Args:
        taxonomy: the taxonomy's version, kept with each judgement.

    Raises:
        ConfigError: a cue cannot be read.
    """

    def __init__(self, topics: Sequence[Topic], *, taxonomy: str = "1") -> None:
        self._finder = TopicFinder(topics)
        self._known = frozenset(topic.id for topic in topics)
        self._caps = frozenset(topic.id for topic in topics if topic.caps)
        self._praise = frozenset(topic.id for topic in topics if topic.kind == "praise")
        self._versions = f"{ENGINE} taxonomy-{taxonomy}"
        self._title = lru_cache(maxsize=4096)(self._read_title)  # threads repeat their title

    def judge_post(
        self, post: Post, mentions: Sequence[Mention], language: str, parent: ParentSide | None = None
    ) -> tuple[Judgement, ...]:
        """One judgement per mention, in their order; the text is read once.

        Args:
            mentions: all mentions of this post: they decide which clause is about whom.
            language: of the post, as `language_of` says; Chinese takes the Chinese rules, all else the English ones.
            parent: what the post that a reply answers says of its brands; without it only the thread's title tells.
        """
        return tuple(self._judged(reading) for reading in self.read(post, mentions, language, parent))

    def read(
        self, post: Post, mentions: Sequence[Mention], language: str, parent: ParentSide | None = None
    ) -> tuple[Reading, ...]:
        """What each brand's part of a post says, before it is weighed; arguments as of `judge_post`."""
        if not mentions:
            return ()
        body = post.text[:READ]
        reader = "zh" if language.startswith("zh") else "en"
        read = _READERS[reader]
        unnamed = len(mentions) > 1 and not any(mention.spans for mention in mentions)
        folded = fold(body)
        cued = tuple(tag for tag in self._finder.find(body, folded) if not _negated(folded, tag))
        named = merged(span for mention in mentions for span in mention.spans)
        parts = shares(folded, mentions, frames.rivals(body, folded, named) if named else ((), ()))
        tags = head(reader).refine(cued, folded, self._known) if parts is None else cued
        less = frames.passing(folded, named) if len(mentions) == 1 else []
        even = parts is not None and frames.evenly(folded)
        whole = without_names(read(body, folded), named) if parts is None else NOTHING
        title = self._title(post.thread_title, reader) if post.thread_title else _Title()
        answered = [tag for side in parent.sides.values() for tag in side.topics] if parent else []
        told = {tag.topic for tag in (*cued, *title.tags, *answered)}
        text = Text(folded, language, ironic(folded), unnamed, self._known - told)
        readings = []
        for mention in mentions:
            if parts is None:
                feeling = weighed(whole, folded, mention.spans, post.position != 0 and not mention.spans, less)
                own = tuple(tag for tag in tags if not less or _near(tag, less))
                went = moved(folded, mention.spans)
                feeling = Feeling(feeling.total + went, feeling.told)
                size, words, sided = _size(folded), folded, went != 0.0 or bool(less)
            else:
                share = parts[mention.brand]
                feeling, own = _of_share(share, body, folded, read, named, less), _tags_in(share, tags)
                words = _only(share, folded)
                own = head(reader).refine(own, words, self._known)
                said = feeling.total * (frames.EVEN if even and not share.push else 1.0)
                feeling = Feeling(said + (0.0 if share.push else moved(folded, mention.spans)), feeling.told)
                size = sum(_size(folded[start:end]) for (start, end), _ in share.parts)
                # Words that set brands against each other, or are said of the other one, are no text for the head.
                sided = even or bool(share.push) or not share.parts or any(sign < 0 for _, sign in share.parts)
            feeling = Feeling(damped(feeling.total, size), feeling.told)
            if speaks_for(folded, mention.spans):
                readings.append(Reading(mention, text, NOTHING, (), words, silent=True))
            elif post.position == 0:
                if len(mentions) == 1:
                    feeling = Feeling(feeling.total + TITLE * title.feeling.total, feeling.told)
                    own = _joined(own, _weaker(title.tags, IN_TITLE))
                readings.append(Reading(mention, text, feeling, own, words, sided=sided))
            else:
                alone = len(mentions) == 1 or not mention.spans
                side = parent.sides.get(mention.brand) if parent and alone else None
                reading = Reading(mention, text, feeling, own, words, sided=sided)
                readings.append(self._replied(reading, title if alone else _Title(), side))
        return tuple(readings)

    def _replied(self, reading: Reading, title: _Title, parent: Side | None) -> Reading:
        """A reply. What it answers complains about, it goes on about as far as we can tell, unless it praises.

        A reply that takes a side ("same here", "works fine here") says again or denies what it answers; one that has
        no feeling leans to a complaint. Where the answered post is not known or has no side, the thread's title has.
        """
        if parent is None or parent.label == "neutral":
            parent = self._side_of_title(title)
        context = _weaker(title.complaints, IN_THREAD)
        if parent is not None:
            caps = tuple(TopicTag(tag.topic, tag.confidence, ()) for tag in parent.topics if tag.topic in self._caps)
            context = _joined(context, _weaker(caps, IN_THREAD)) if parent.label == "negative" else context
        text = reading.text
        feeling, sign = with_side(reading.feeling, text.folded, parent)
        if sign < 0:
            return replace(reading, feeling=feeling, sided=True)
        if sign > 0 and context and feeling.total <= 0 and all(tag.topic in text.uncued for tag in reading.tags):
            return replace(reading, feeling=feeling, tags=context, sided=True)
        leans = (bool(context) or (parent is not None and parent.label == "negative")) and goes_on(text.folded)
        return replace(reading, feeling=feeling, context=context, leans=leans, sided=reading.sided or sign > 0)

    def _side_of_title(self, title: _Title) -> Side | None:
        sentiment = squashed(title.feeling.total)
        if title.complaints:
            sentiment = min(sentiment, CAPPED)
        return None if (label := label_of(sentiment)) == "neutral" else Side(label, sentiment, title.complaints)

    def signs(self, reading: Reading) -> Signs:
        """What the rules alone say of a reading; bench/train learns from it."""
        return verdict.signs(reading, self._caps, self._praise)

    def _judged(self, reading: Reading) -> Judgement:
        said = verdict.decide(reading, self._caps, self._praise)
        against = self._caps if said.label == "positive" else self._praise if said.label == "negative" else frozenset()
        tags = tuple(tag for tag in reading.tags if tag.topic not in against & reading.text.uncued)
        praised = any(tag.topic in self._praise for tag in tags)
        return Judgement(
            post_key=reading.mention.post_key,
            brand=reading.mention.brand,
            sentiment=said.sentiment,
            label=said.label,
            confidence=said.confidence,
            topics=tags if said.label == "positive" or praised else _joined(tags, reading.context),
            leaving=any(tag.topic == "leaving" for tag in tags),
            sarcasm=reading.text.irony,
            evidence=said.evidence,
            language=reading.text.language,
            versions=self._versions,
        )

    def _read_title(self, title: str, reader: str) -> _Title:
        folded = fold(title)
        feeling = weighed(_READERS[reader](title, folded), folded)
        tags = tuple(
            TopicTag(tag.topic, tag.confidence, ())
            for tag in self._finder.find(title, folded)
            if not _negated(folded, tag)
        )
        return _Title(feeling, tags, tuple(tag for tag in tags if tag.topic in self._caps))


def _size(folded: str) -> int:
    return len(folded) if folded.isascii() else len(folded.encode("utf-8", "surrogatepass"))


def _weaker(tags: tuple[TopicTag, ...], factor: float) -> tuple[TopicTag, ...]:
    return tuple(TopicTag(tag.topic, round(tag.confidence * factor, 3), tag.spans) for tag in tags)


def _joined(tags: tuple[TopicTag, ...], more: tuple[TopicTag, ...]) -> tuple[TopicTag, ...]:
    """Both, surest first; of a topic in both, the first."""
    if not more:
        return tags
    both = {tag.topic: tag for tag in (*more, *tags)}
    return tuple(sorted(both.values(), key=lambda tag: (-tag.confidence, tag.topic)))


def _near(tag: TopicTag, less: Sequence[tuple[Span, float]]) -> bool:
    """Does a topic stand where a brand that is named in passing is named?"""
    return any(frames.counted(span, less) > frames.ELSEWHERE for span in tag.spans)


def _of_share(
    share: Share,
    text: str,
    folded: str,
    read: _Reader,
    named: Sequence[Span],
    less: Sequence[tuple[Span, float]],
) -> Feeling:
    """The feeling of a brand's clauses, each read by itself, added up."""
    total, told = share.push, []
    for (start, end), sign in share.parts[:CLAUSES]:
        if folded[start:end].isspace():
            continue
        piece = weighed(read(text[start:end], folded[start:end]), folded[start:end]).moved(start)
        piece = without_names(piece, named)
        much = frames.counted((start, end), less)
        total += sign * much * piece.total
        told += [Told(one.span, sign * much * one.weight) for one in piece.told]
    return Feeling(total, tuple(told))


def _tags_in(share: Share, tags: Sequence[TopicTag]) -> tuple[TopicTag, ...]:
    kept = []
    for tag in tags:
        if spans := tuple(span for span in tag.spans if share.holds(span)):
            kept.append(TopicTag(tag.topic, tag.confidence, spans))
    return tuple(kept)


def _only(share: Share, folded: str) -> str:
    """The parts that speak for a brand as they are written, where they are, with blanks for all else."""
    only = [" "] * len(folded)
    for (start, end), sign in share.parts:
        if sign > 0:
            only[start:end] = folded[start:end]
    return "".join(only)


def _negated(folded: str, tag: TopicTag) -> bool:
    """Is every place of a topic denied just before it: "never had a billing error"? Cues that deny hold the word."""
    return bool(tag.spans) and all(_NOT.search(folded[max(0, start - 40) : start]) for start, _ in tag.spans)
