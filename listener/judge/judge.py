"""What a post says of each brand it mentions: feeling, topics, confidence, and the words that told.

The words make a sum (english.py, chinese.py), each at the weight of its place (weigh.py), over the clauses that are
about the brand (target.py). Topics then correct what words cannot see: a complaint keeps the feeling below zero, praise
lifts what is neutral, and a reply without a feeling of its own leans to the side of a thread that complains.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from listener.config import Topic
from listener.fold import fold
from listener.judge import chinese, english
from listener.judge.confidence import confidence
from listener.judge.feeling import NOTHING, Feeling, Told, squashed
from listener.judge.irony import ironic
from listener.judge.target import Share, moved, shares, speaks_for
from listener.judge.topics import TopicFinder
from listener.judge.weigh import damped, weighed
from listener.judge.words import merged
from listener.records import Judgement, Label, Mention, Post, Span, TopicTag

ENGINE = "rules-2"
READ = 50_000  # code points of a post that are judged; what is longer is a log or a dump

# Politeness makes VADER's small positive scores: thanks and please at the end of a complaint. Nobody is impolite by
# habit, so a small negative score is meant.
POSITIVE_CUT, NEGATIVE_CUT = 0.3, -0.05
CAPPED = -0.35  # where a complaint keeps the feeling
LIFTED = 0.35  # where praise lifts a neutral one to
TITLE = 0.5  # how much an opener's title counts beside its text
LEAN, LEANING = -0.12, 0.15  # where a complaining thread pulls a reply that is neither good nor bad, and up to what
UNSURE = 0.3  # how much of the feeling is kept where several brands are meant and none is named
IN_TITLE, IN_THREAD = 0.9, 0.5  # of a topic's confidence, told by the opener's own title, and by a reply's thread
EVIDENCE = 8  # words shown
SHORT = 40  # code points up to which a reply may be no more than "same here"

# Replies that only take sides; whose, the thread says. Folded.
_SAME = re.compile(
    r"^\W*(?:\+ ?1|same(?: here| problem| issue| thing)?|me too|ditto|this|agreed|exactly|seconded"
    r"|happened to me(?: too)?|同样?|同上|我也是|我也一样|一样|同感|推|附议|加一)(?=\s*(?:$|[^\w\s]))"
)

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


@dataclass(frozen=True, slots=True)
class _Text:
    """What holds for all brands of a post. `irony`: it has cues; `unnamed`: several brands are meant, none is named."""

    folded: str
    language: str
    irony: bool
    unnamed: bool


class Judge:
    """Judges posts. Compiled once per taxonomy.

    Args:
        taxonomy: the taxonomy's version, kept with each judgement.

    Raises:
        ConfigError: a cue cannot be read.
    """

    def __init__(self, topics: Sequence[Topic], *, taxonomy: str = "1") -> None:
        self._finder = TopicFinder(topics)
        self._caps = frozenset(topic.id for topic in topics if topic.caps)
        self._praise = frozenset(topic.id for topic in topics if topic.kind == "praise")
        self._versions = f"{ENGINE} taxonomy-{taxonomy}"
        self._title = lru_cache(maxsize=4096)(self._read_title)  # threads repeat their title

    def judge_post(self, post: Post, mentions: Sequence[Mention], language: str) -> tuple[Judgement, ...]:
        """One judgement per mention, in their order; the text is read once.

        Args:
            mentions: all mentions of this post: they decide which clause is about whom.
            language: of the post, as `language_of` says; Chinese takes the Chinese rules, all else the English ones.
        """
        if not mentions:
            return ()
        body = post.text[:READ]
        reader = "zh" if language.startswith("zh") else "en"
        read = _READERS[reader]
        unnamed = len(mentions) > 1 and not any(mention.spans for mention in mentions)
        text = _Text(folded := fold(body), language, ironic(folded), unnamed)
        tags = tuple(tag for tag in self._finder.find(body, folded) if not _negated(folded, tag))
        parts = shares(folded, mentions)
        whole = read(body, folded) if parts is None else NOTHING
        title = self._title(post.thread_title, reader) if post.thread_title else _Title()
        judgements = []
        for mention in mentions:
            if parts is None:
                feeling, own = weighed(whole, folded, mention.spans, post.position != 0 and not mention.spans), tags
                feeling = Feeling(feeling.total + moved(folded, mention.spans), feeling.told)
                size = _size(folded)
            else:
                share = parts[mention.brand]
                feeling, own = _of_share(share, body, folded, read), _tags_in(share, tags)
                size = sum(_size(folded[start:end]) for (start, end), _ in share.parts)
            feeling = Feeling(damped(feeling.total, size), feeling.told)
            if post.position == 0:
                if len(mentions) == 1:
                    feeling = Feeling(feeling.total + TITLE * title.feeling.total, feeling.told)
                    own = _joined(own, _weaker(title.tags, IN_TITLE))
                judgements.append(self._judged(mention, feeling, own, (), text))
            else:
                mine = title if len(mentions) == 1 or not mention.spans else _Title()
                judgements.append(self._replied(mention, feeling, own, mine, text))
        return tuple(judgements)

    def _replied(
        self, mention: Mention, feeling: Feeling, own: tuple[TopicTag, ...], title: _Title, text: _Text
    ) -> Judgement:
        """A reply. What its thread's title complains about, it goes on about as far as we can tell, unless it praises.

        A reply that says no more than "same here" takes the thread's side; one that has no feeling leans to it.
        """
        context = _weaker(title.complaints, IN_THREAD)
        if context and not own and feeling.total <= 0 and len(text.folded) <= SHORT and _SAME.match(text.folded):
            return self._judged(mention, feeling, context, (), text)
        leans = bool(context) or squashed(title.feeling.total) <= NEGATIVE_CUT
        return self._judged(mention, feeling, own, context, text, leans)

    def _judged(
        self,
        mention: Mention,
        feeling: Feeling,
        tags: tuple[TopicTag, ...],
        context: tuple[TopicTag, ...],
        text: _Text,
        leans: bool = False,
    ) -> Judgement:
        if speaks_for(text.folded, mention.spans):
            feeling, tags, context, leans = NOTHING, (), (), False
        sentiment = squashed(feeling.total)
        complaint = max((tag.confidence for tag in tags if tag.topic in self._caps), default=0.0)
        praise = max((tag.confidence for tag in tags if tag.topic in self._praise), default=0.0)
        if complaint and not (praise >= complaint and sentiment >= POSITIVE_CUT):
            sentiment = min(sentiment, CAPPED)
        elif praise and sentiment > NEGATIVE_CUT:
            sentiment = max(sentiment, LIFTED)
        elif leans and sentiment < LEANING:
            sentiment = min(sentiment, LEAN)
        if text.unnamed:
            sentiment *= UNSURE
        label = label_of(sentiment)
        return Judgement(
            post_key=mention.post_key,
            brand=mention.brand,
            sentiment=round(sentiment, 4),
            label=label,
            confidence=confidence(
                label,
                sentiment,
                feeling,
                chinese=text.language.startswith("zh"),
                complaint=complaint,
                praise=praise,
                named=mention.where == "text",
                doubtful=text.irony or text.unnamed,
            ),
            topics=tags if label == "positive" or praise else _joined(tags, context),
            leaving=any(tag.topic == "leaving" for tag in tags),
            sarcasm=text.irony,
            evidence=_evidence(feeling, sentiment, [tag for tag in tags if tag.topic in self._caps | self._praise]),
            language=text.language,
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


def label_of(sentiment: float) -> Label:
    """The label of a sentiment −1…+1 at the engine's cuts."""
    return "positive" if sentiment >= POSITIVE_CUT else "negative" if sentiment <= NEGATIVE_CUT else "neutral"


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


def _of_share(share: Share, text: str, folded: str, read: _Reader) -> Feeling:
    """The feeling of a brand's clauses, each read by itself, added up."""
    total, told = share.push, []
    for (start, end), sign in share.parts:
        piece = weighed(read(text[start:end], folded[start:end]), folded[start:end]).moved(start)
        total += sign * piece.total
        told += [Told(one.span, sign * one.weight) for one in piece.told]
    return Feeling(total, tuple(told))


def _tags_in(share: Share, tags: Sequence[TopicTag]) -> tuple[TopicTag, ...]:
    kept = []
    for tag in tags:
        if spans := tuple(span for span in tag.spans if share.holds(span)):
            kept.append(TopicTag(tag.topic, tag.confidence, spans))
    return tuple(kept)


def _negated(folded: str, tag: TopicTag) -> bool:
    """Is every place of a topic denied just before it: "never had a billing error"? Cues that deny hold the word."""
    return bool(tag.spans) and all(_NOT.search(folded[max(0, start - 40) : start]) for start, _ in tag.spans)


def _evidence(feeling: Feeling, sentiment: float, tags: Sequence[TopicTag]) -> tuple[Span, ...]:
    """The weightiest words on the side of the verdict and the topics' words, in order, without overlap."""
    side = 1.0 if sentiment > 0 else -1.0
    words = sorted((one for one in feeling.told if one.weight * side > 0), key=lambda one: -abs(one.weight))
    spans = [one.span for one in words[:EVIDENCE]] + [span for tag in tags for span in tag.spans][:EVIDENCE]
    return merged(spans)
