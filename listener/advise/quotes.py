"""Which posts show a matter best, and which of their sentences."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from listener.advise.model import Quote
from listener.pull import is_high
from listener.records import Judged, TopicTag, text_hash

QUOTE_CHARS = 240
CARD_CHARS = 190  # of a quote on a card
SHORT_CHARS = 150  # of a quote in passing
TITLE_CHARS = 90  # of a thread's title
CLEAR_FEELING, CLEAR_CONFIDENCE = 0.5, 0.5  # below that a kind word under no praise topic is not shown as one
KEEP_CHARS = 1200  # what of a post may be looked at for a quote; a post may be a megabyte
LONG_WORD = 40  # _WORD below says one more

_DROP = {0x200B, 0x200E, 0x200F, 0x061C, 0x2060, 0xFEFF, 0x00AD, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_SENTENCE = re.compile(r""".+?(?:[。！？]+[」』”’）]*|[.!?…]+["')\]”’]*(?=\s|$)|$)\s*""")
_WORD = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{41,}")
_SPACE = re.compile(r"\s+")
_PORT = re.compile(r":\d{1,5}$")


def clean(text: str, limit: int = KEEP_CHARS) -> str:
    """One line of plain text from anybody's text: at most `limit` characters, ending in … where it was longer.

    Control characters, bidirectional overrides, invisible characters and lone surrogates go, a character carries at
    most two combining marks, words of more than 40 letters are cut. What it looks like is what it is.
    """
    kept: list[str] = []
    marks = 0
    for char in text[: limit * 4]:
        category = unicodedata.category(char)
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category in {"Cs", "Co", "Cn"} or ord(char) in _DROP or 0xE0000 <= ord(char) <= 0xE007F:
            continue
        else:
            marks = marks + 1 if category in {"Mn", "Me"} else 0
            if marks <= 2:
                kept.append(char)
    short = _WORD.sub(lambda word: word[0][: LONG_WORD - 1] + "…", "".join(kept))
    line = _SPACE.sub(" ", short).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def cut(text: str, limit: int = QUOTE_CHARS) -> str:
    """At most `limit` columns (a Han character is two), whole sentences if one fits, else whole words and …."""
    if columns(text) <= limit:
        return text
    taken = ""
    for sentence in _SENTENCE.findall(text):
        if columns((taken + sentence).rstrip()) > limit:
            break
        taken += sentence
    if columns(taken) >= limit // 4:
        return taken.rstrip()
    taken, space = "", 0
    for char in text:
        if columns(taken) + columns(char) > limit - 1:
            break
        taken += char
        space = len(taken) if char.isspace() or columns(char) == 2 else space
    return taken[: space or len(taken)].rstrip(" ,;:，、；：") + "…"


def columns(text: str) -> int:
    """How wide a text stands in a fixed-width font: wide and full-width characters count two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def tag_of(post: Judged, topic: str) -> TopicTag | None:
    """The post's tag of that topic."""
    return next((tag for tag in post.topics if tag.topic == topic), None)


def place(platform: str) -> str:
    """What to call a platform: its host's name, without a port."""
    return _PORT.sub("", clean(platform, 60))


def is_clear_praise(post: Judged, praise: Collection[str]) -> bool:
    """Whether a post may be quoted as kind: it asks and complains of nothing, and has a praise topic or a sure feeling.

    Args:
        praise: ids of the praise topics.
    """
    if post.label != "positive" or post.leaving or post.confidence < CLEAR_CONFIDENCE:
        return False
    if any(mark in post.text for mark in "?？") or any(tag.topic not in praise for tag in post.topics):
        return False
    return bool(post.topics) or post.sentiment >= CLEAR_FEELING


def choose(
    posts: Iterable[Judged], most: int, topic: str = "", sign: int = -1, width: int = QUOTE_CHARS
) -> tuple[Quote, ...]:
    """The best evidence: telling posts of distinct voices, if possible from distinct places and in both languages.

    Args:
        topic: prefer posts that carry this topic, and quote from the sentence that told it.
        sign: −1 for complaints, +1 for praise: which feeling is evidence.
        width: columns of a quote.
    """
    left = sorted(posts, key=lambda post: post.post_key)
    chosen: list[Judged] = []
    while left and len(chosen) < most:
        best = max(left, key=lambda post: (_worth(post, topic, sign, chosen), -post.when.timestamp(), post.post_key))
        chosen.append(best)
        taken = {(post.voice, post.fingerprint) for post in chosen}
        left = [p for p in left if all(p.voice != voice and p.fingerprint != print_ for voice, print_ in taken)]
    return tuple(quote(post, topic, width) for post in chosen)


def _worth(post: Judged, topic: str, sign: int, chosen: Sequence[Judged]) -> float:
    """How much a post tells: feeling, surety, a readable length, echo; then what the chosen ones lack."""
    width = columns(post.text[:KEEP_CHARS])
    tag = tag_of(post, topic)
    worth = post.sentiment * sign * 1.5 + post.confidence
    worth += tag.confidence if tag else -1.0 if topic else 0.0
    worth += min(width, 100) / 50 - (0.5 if width > 2 * QUOTE_CHARS else 0.0)
    if post.pull is None:
        worth += 0.25 * math.log1p(max(post.likes, 0)) + 0.25 * math.log1p(max(post.replies, 0))
    else:
        worth += min(1.5, 0.4 * math.log2(max(post.pull, 1.0)))
    worth += 0.5 if post.where == "text" else 0.0
    worth += 0.5 if post.position == 0 else 0.0
    if chosen and all(_is_chinese(post) != _is_chinese(other) for other in chosen):
        worth += 1.2  # the language that has not spoken yet
    worth -= 0.8 * sum(post.thread_url == other.thread_url for other in chosen)
    return worth


def _is_chinese(post: Judged) -> bool:
    return post.language.startswith("zh")


def quote(post: Judged, topic: str = "", width: int = QUOTE_CHARS) -> Quote:
    """The post so that its telling sentence is seen: the one that told the topic, or else the feeling."""
    text = clean(post.text)
    tag = tag_of(post, topic)
    spans = tag.spans if tag and tag.spans else post.evidence
    start = _start(text, clean(post.text[slice(*spans[0])]), width) if spans and columns(text) > width else 0
    return Quote(
        post.post_key, text[start:].strip(), start > 0, post.url, post.thread_url, place(post.platform), post.when,
        post.language, max(post.likes, 0), max(post.replies, 0), width,
        post.pull if is_high(post.pull, max(post.likes, 0) + max(post.replies, 0)) else None,
        post.text_seen or post.first_seen, text_hash(post.text),
    )  # fmt: skip


def _start(text: str, told: str, width: int) -> int:
    """Where to begin: the front if the telling sentence ends within `width`, else that sentence.

    A short last sentence takes as many before it as fit.
    """
    sentences = [(match.start(), match.end()) for match in _SENTENCE.finditer(text) if match.end() > match.start()]
    at = max(text.find(told), 0)
    n = next((n for n, (start, end) in enumerate(sentences) if start <= at < end), 0)
    end = sentences[n][1] if sentences else 0
    if columns(text[:end]) <= width:
        return 0
    while n > 0 and columns(text[sentences[n][0] :]) < width // 3 and columns(text[sentences[n - 1][0] : end]) <= width:
        n -= 1
    return sentences[n][0]


def told_by(posts: Iterable[Judged], topic: str, most: int = 3) -> tuple[str, ...]:
    """The words that told the topic, up to three of a post together ("app … asks for … location"), most frequent first.

    Case and width do not distinguish them.
    """
    words: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for post in posts:
        tag = tag_of(post, topic)
        found: dict[str, str] = {}
        for start, end in sorted(tag.spans) if tag else ():
            word = clean(post.text[start:end], 40)
            found.setdefault(unicodedata.normalize("NFKC", word).casefold(), word)
        found.pop("", None)
        if found:
            key = " … ".join(list(found)[:3])
            words[key] += 1
            shown.setdefault(key, " … ".join(list(found.values())[:3]))
    return tuple(shown[key] for key in sorted(words, key=lambda key: (-words[key], key))[:most])
