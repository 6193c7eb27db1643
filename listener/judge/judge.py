"""What a post says of each brand it mentions: feeling, topics, confidence, and the words that told.

The words make a sum (english.py, chinese.py), over the clauses that are about the brand (target.py). Topics then
correct what words cannot see: a complaint keeps the feeling below zero, praise lifts what is neutral.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from listener.config import Topic
from listener.fold import fold
from listener.judge import chinese, english
from listener.judge.feeling import NOTHING, Feeling, Told, squashed
from listener.judge.irony import ironic
from listener.judge.target import Share, shares
from listener.judge.topics import TopicFinder
from listener.judge.words import merged, sentence_ends
from listener.records import Judgement, Label, Mention, Post, Span, TopicTag

ENGINE = "rules-1"
READ = 50_000  # code points of a post that are judged; what is longer is a log or a dump

# Politeness makes VADER's small positive scores: thanks and please at the end of a complaint. Nobody is impolite by
# habit, so a small negative score is meant.
POSITIVE_CUT, NEGATIVE_CUT = 0.3, -0.05
CAPPED = -0.35  # where a complaint keeps the feeling
LIFTED = 0.35  # where praise lifts a neutral one to
ASKED = 0.15  # how much a good word counts in a question: "is it any good?"
TITLE = 0.5  # how much an opener's title counts beside its text
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

_NOT = re.compile(
    r"(?:\b(?:no|zero|not|not an?|never|without|without any|free of|instead of|isn't|wasn't|aren't|weren't"
    r"|(?:never|not|haven't|hasn't|hadn't|didn't) (?:ever )?(?:had|have|seen|got|get) (?:an?|any|one|a single))\s+"
    r"|(?:没有|没|不是|并非|从未|从没|从不|毫无|不会|没遇过|没遇到|没碰过|没发生|没有过|唔系|冇)\S?)$"
)


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

    def judge_post(self, post: Post, mentions: Sequence[Mention], language: str) -> tuple[Judgement, ...]:
        """One judgement per mention, in their order; the text is read once.

        Args:
            mentions: all mentions of this post: they decide which clause is about whom.
            language: of the post, as `language_of` says; Chinese takes the Chinese rules, all else the English ones.
        """
        if not mentions:
            return ()
        text = post.text[:READ]
        folded = fold(text)
        read = chinese.feeling if language.startswith("zh") else english.feeling
        tags = tuple(tag for tag in self._finder.find(text, folded) if not _negated(folded, tag))
        parts = shares(folded, mentions)
        whole = _questioned(read(text, folded), folded) if parts is None else NOTHING
        title = post.thread_title if post.position == 0 and len(mentions) == 1 else ""
        thread = self._thread(post.thread_title) if post.position != 0 and post.thread_title else ()
        same = bool(thread) and len(folded) <= SHORT and _SAME.match(folded) is not None
        irony = ironic(folded)
        unnamed = not any(mention.spans for mention in mentions) and len(mentions) > 1
        judgements = []
        for mention in mentions:
            feeling, own = whole, tags
            if parts is not None:
                share = parts[mention.brand]
                feeling, own = _of_share(share, text, folded, read), _tags_in(share, tags)
            if title:
                feeling, own = self._with_title(feeling, own, title, read)
            context = () if mention.spans and len(mentions) > 1 else thread
            if same and not own and feeling.total <= 0:
                own, context = context, ()
            judgements.append(self._judged(mention, feeling, own, context, folded, language, irony, unnamed))
        return tuple(judgements)

    def _judged(
        self,
        mention: Mention,
        feeling: Feeling,
        tags: tuple[TopicTag, ...],
        context: tuple[TopicTag, ...],
        folded: str,
        language: str,
        irony: bool,
        unnamed: bool,
    ) -> Judgement:
        sentiment = squashed(feeling.total)
        complaint = max((tag.confidence for tag in tags if tag.topic in self._caps), default=0.0)
        praise = max((tag.confidence for tag in tags if tag.topic in self._praise), default=0.0)
        if complaint and not (praise >= complaint and sentiment >= POSITIVE_CUT):
            sentiment = min(sentiment, CAPPED)
        elif praise and sentiment > NEGATIVE_CUT:
            sentiment = max(sentiment, LIFTED)
        if unnamed:
            sentiment *= UNSURE
        label = label_of(sentiment)
        agreement = {"negative": complaint, "positive": praise, "neutral": 0.0}[label]
        contrary = {"negative": praise, "positive": complaint, "neutral": max(praise, complaint)}[label]
        return Judgement(
            post_key=mention.post_key,
            brand=mention.brand,
            sentiment=round(sentiment, 4),
            label=label,
            confidence=_confidence(sentiment, feeling, agreement, contrary, mention.where, irony, unnamed, folded),
            topics=tags if label == "positive" or praise else _joined(tags, context),
            leaving=any(tag.topic == "leaving" for tag in tags),
            sarcasm=irony,
            evidence=_evidence(feeling, sentiment, [tag for tag in tags if tag.topic in self._caps | self._praise]),
            language=language,
            versions=self._versions,
        )

    def _with_title(
        self, feeling: Feeling, tags: tuple[TopicTag, ...], title: str, read: _Reader
    ) -> tuple[Feeling, tuple[TopicTag, ...]]:
        """An opener's title is its writer's too. Its words have no place in the text, so they show no spans."""
        folded = fold(title)
        said = _questioned(read(title, folded), folded)
        more = tuple(
            TopicTag(tag.topic, round(tag.confidence * IN_TITLE, 3), ())
            for tag in self._finder.find(title, folded)
            if not _negated(folded, tag)
        )
        return Feeling(feeling.total + TITLE * said.total, feeling.told), _joined(tags, more)

    def _thread(self, title: str) -> tuple[TopicTag, ...]:
        """What a thread's title complains about. A reply that does not praise goes on about it, as far as we can tell.

        It caps nothing: only a reply that says no more than "same here" takes the side of its thread.
        """
        return tuple(
            TopicTag(tag.topic, round(tag.confidence * IN_THREAD, 3), ())
            for tag in self._finder.find(title)
            if tag.topic in self._caps
        )


def label_of(sentiment: float) -> Label:
    """The label of a sentiment −1…+1 at the engine's cuts."""
    return "positive" if sentiment >= POSITIVE_CUT else "negative" if sentiment <= NEGATIVE_CUT else "neutral"


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
        piece = _questioned(read(text[start:end], folded[start:end]), folded[start:end]).moved(start)
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


def _questioned(feeling: Feeling, folded: str) -> Feeling:
    """Good words count little in a question; bad ones count, since "why is it so slow?" complains."""
    if "?" not in folded or not any(one.weight > 0 for one in feeling.told):
        return feeling
    begin, asked = 0, []
    for end in sentence_ends(folded):
        if "?" in folded[max(begin, end - 4) : end]:
            asked.append((begin, end))
        begin = end
    told = []
    at = 0
    for one in feeling.told:
        while at < len(asked) and asked[at][1] <= one.span[0]:
            at += 1
        if one.weight > 0 and at < len(asked) and asked[at][0] <= one.span[0]:
            one = Told(one.span, one.weight * ASKED)
        told.append(one)
    return Feeling(sum(one.weight for one in told), tuple(told))


def _confidence(
    sentiment: float,
    feeling: Feeling,
    agreement: float,
    contrary: float,
    where: str,
    irony: bool,
    unnamed: bool,
    folded: str,
) -> float:
    """A rule of thumb until it is learnt: margin to the nearest cut, what speaks for and against, and how we know."""
    margin = min(abs(sentiment - POSITIVE_CUT), abs(sentiment - NEGATIVE_CUT))
    value = 0.5 + 0.4 * min(1.0, margin / 0.5) + 0.15 * agreement - 0.15 * contrary
    good = sum(one.weight for one in feeling.told if one.weight > 0)
    bad = -sum(one.weight for one in feeling.told if one.weight < 0)
    if good and bad:
        value -= 0.2 * min(good, bad) / max(good, bad)
    value -= {"text": 0.0, "title": 0.1, "thread": 0.15}.get(where, 0.0)
    value -= 0.2 * irony + 0.2 * unnamed + 0.1 * (len(folded) < 12)
    return round(min(0.95, max(0.05, value)), 3)


def _evidence(feeling: Feeling, sentiment: float, tags: Sequence[TopicTag]) -> tuple[Span, ...]:
    """The weightiest words on the side of the verdict and the topics' words, in order, without overlap."""
    side = 1.0 if sentiment > 0 else -1.0
    words = sorted((one for one in feeling.told if one.weight * side > 0), key=lambda one: -abs(one.weight))
    spans = [one.span for one in words[:EVIDENCE]] + [span for tag in tags for span in tag.spans][:EVIDENCE]
    return merged(spans)
