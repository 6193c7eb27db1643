"""From what was read of a post to what is said of one brand: the rules' verdict, the head's beside it, one label.

The rules add up the words and let cues correct them (`signs`). The head weighs these findings and the text itself. Its
surest class is the label; how strong the feeling is, both say together, within the bounds of the label.
"""

from dataclasses import dataclass

from listener.judge.feeling import Feeling, squashed
from listener.judge.head import LABELS, Probabilities, Reader, Signs, head
from listener.judge.words import merged
from listener.records import Label, Mention, Span, TopicTag

# Politeness makes VADER's small positive scores: thanks and please at the end of a complaint. Nobody is impolite by
# habit, so a small negative score is meant.
POSITIVE_CUT, NEGATIVE_CUT = 0.3, -0.05
CAPPED = -0.35  # where a complaint keeps the feeling
LIFTED = 0.35  # where praise lifts a neutral one to
LEAN, LEANING = -0.12, 0.15  # where a complaining thread pulls a reply that is neither good nor bad, and up to what
UNSURE = 0.3  # how much of the feeling is kept where several brands are meant and none is named
EVIDENCE = 8  # words shown
INSIDE = 0.01  # a neutral feeling keeps so far from the cuts
DOUBT = 0.7  # of the confidence that is left under irony, or where several brands are meant and none is named
UNNAMED = 0.9  # where only the thread tells who is meant
BARE, BARE_READ = 4, 200  # letters, digits and Han characters beside the name; code points that are looked at
DARED = 0.45  # how sure the head must be to take a side where no word told one
CUED = 0.7  # of a complaint cue's confidence, where it decides against the head
SIDED = 0.6  # least confidence where the form decides
LEAST, MOST = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Text:
    """What holds for all brands of a post. `irony`: it has cues; `unnamed`: several brands are meant, none is named.

    `uncued`: topics that at most the head of topics tells: shown, but they do not move a feeling.
    """

    folded: str
    language: str
    irony: bool
    unnamed: bool
    uncued: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """One brand's part of a post, read.

    Attributes:
        feeling: the words that told, and their sum.
        tags: topics of the brand's own part. context: topics it goes on about by its thread.
        words: the brand's part, with blanks for the rest; places are those of the text.
        leans: it answers a complaint. sided: what it says is said by its form (it sets brands against each other, says
            again or denies what it answers, names the brand in passing), so the rules alone decide.
        silent: it speaks for the brand, and feels nothing.
    """

    mention: Mention
    text: Text
    feeling: Feeling
    tags: tuple[TopicTag, ...]
    words: str
    context: tuple[TopicTag, ...] = ()
    leans: bool = False
    sided: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one brand: see records.Judgement."""

    sentiment: float
    label: Label
    confidence: float
    evidence: tuple[Span, ...]


def label_of(sentiment: float) -> Label:
    """The label of a sentiment −1…+1 at the engine's cuts."""
    return "positive" if sentiment >= POSITIVE_CUT else "negative" if sentiment <= NEGATIVE_CUT else "neutral"


def signs(reading: Reading, caps: frozenset[str], praised: frozenset[str]) -> Signs:
    """What the rules say: words, then cues. A complaint keeps the feeling below zero, praise lifts what is neutral."""
    cued = [tag for tag in reading.tags if tag.topic not in reading.text.uncued]
    complaint = max((tag.confidence for tag in cued if tag.topic in caps), default=0.0)
    praise = max((tag.confidence for tag in cued if tag.topic in praised), default=0.0)
    sentiment = squashed(reading.feeling.total)
    if complaint and not (praise >= complaint and sentiment >= POSITIVE_CUT):
        sentiment = min(sentiment, CAPPED)
    elif praise and sentiment > NEGATIVE_CUT:
        sentiment = max(sentiment, LIFTED)
    elif reading.leans and sentiment < LEANING:
        sentiment = min(sentiment, LEAN)
    told = reading.feeling.told
    return Signs(
        sentiment=sentiment,
        label=label_of(sentiment),
        total=reading.feeling.total,
        good=sum(one.weight for one in told if one.weight > 0),
        bad=-sum(one.weight for one in told if one.weight < 0),
        complaint=complaint,
        praise=praise,
        irony=reading.text.irony,
        leaving=any(tag.topic == "leaving" for tag in cued),
        named=bool(reading.mention.spans),
    )


def decide(reading: Reading, caps: frozenset[str], praised: frozenset[str]) -> Verdict:
    """The verdict of rules and head.

    Args:
        caps: topics that keep a feeling below zero. praised: topics of praise.
    """
    if reading.silent:
        return Verdict(0.0, "neutral", MOST, ())
    rules = signs(reading, caps, praised)
    reader: Reader = "zh" if reading.text.language.startswith("zh") else "en"
    chances = head(reader).probabilities(reading.words, reading.mention.spans, rules)
    label: Label
    if reading.sided or _bare(reading):
        label, sure = rules.label, max(SIDED, chances[LABELS.index(rules.label)])
        sentiment = rules.sentiment
    else:
        label, sure = _surest(chances)
        if sure < DARED and not reading.feeling.told and rules.label == "neutral":
            label, sure = "neutral", chances[1]
        if label == "neutral" and rules.complaint and rules.sentiment <= CAPPED:
            label, sure = "negative", max(chances[0], rules.complaint * CUED)  # what words cannot see, the topic can
        sentiment = _within(label, (rules.sentiment + chances[2] - chances[0]) / 2)
    if reading.text.unnamed:
        sentiment *= UNSURE
        label = label_of(sentiment)
    doubt = DOUBT if reading.text.irony or reading.text.unnamed else 1.0
    doubt *= UNNAMED if reading.mention.where != "text" else 1.0
    confidence = round(min(MOST, max(LEAST, sure * doubt)), 3)
    return Verdict(round(sentiment, 4), label, confidence, _evidence(reading, label, caps | praised, reader))


def _bare(reading: Reading) -> bool:
    """Does it say next to nothing beside the name?"""
    if reading.feeling.told:
        return False
    said = sum(map(str.isalnum, reading.words[:BARE_READ])) - sum(
        sum(map(str.isalnum, reading.words[start:end])) for start, end in reading.mention.spans if end <= BARE_READ
    )
    return said < BARE


def _surest(chances: Probabilities) -> tuple[Label, float]:
    sure = max(chances)
    return LABELS[chances.index(sure)], sure


def _within(label: Label, sentiment: float) -> float:
    """The sentiment kept inside the bounds of its label."""
    if label == "positive":
        return max(sentiment, POSITIVE_CUT)
    if label == "negative":
        return min(sentiment, NEGATIVE_CUT)
    return min(max(sentiment, NEGATIVE_CUT + INSIDE), POSITIVE_CUT - INSIDE)


def _evidence(reading: Reading, label: Label, told: frozenset[str], reader: Reader) -> tuple[Span, ...]:
    """The weightiest words on the side of the verdict and the cued topics' words, in order, without overlap.

    Where the rules found none on that side, the words that weighed most for the head.
    """
    side = {"positive": 1.0, "negative": -1.0, "neutral": 0.0}[label]
    words = sorted((one for one in reading.feeling.told if one.weight * side > 0), key=lambda one: -abs(one.weight))
    tags = [tag for tag in reading.tags if tag.topic in told and tag.topic not in reading.text.uncued]
    spans = [one.span for one in words[:EVIDENCE]] + [span for tag in tags for span in tag.spans][:EVIDENCE]
    if not spans and side:
        spans = list(head(reader).telling(reading.words, reading.mention.spans, label))
    return merged(spans)
