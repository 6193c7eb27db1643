"""The digest rehearsed at `listener check`: an invented day of every topic, told in both languages.

With the user's own brand, topics and playbook, so that what does not fit is known before the first morning.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import TemplateError

from listener.advise.digest import compose
from listener.advise.facts import Facts, RelationshipRow, SourceDay
from listener.advise.model import Digest
from listener.advise.render import as_text, laid_out
from listener.advise.tell import tell
from listener.advise.words import Words
from listener.config import Advice, Brand, Lists, Names, Playbook, Topic
from listener.records import Entry, Judged, TopicTag
from listener.store.gathered import SourceLine
from listener.store.protocol import BalanceLine, Matter

DAY = date(2026, 1, 15)
LANGUAGES = ("en", "zh-Hant")
_HAN = re.compile("[\u4e00-\u9fff]")
_HISTORY = 12  # days before, so that there is something usual
_SAID = {
    "en": "This is what happened to me, case {n} of day {day}.",
    "zh-Hant": "我遇到的情況是這樣，第 {n} 件，第 {day} 天。",
}


def rehearse(brand: Brand, topics: tuple[Topic, ...], playbook: Playbook) -> list[str]:
    """What would go wrong, one line each; empty if every topic can be told."""
    found = _missing(topics, playbook) + _empty(playbook)
    for topic in topics:
        digest = compose(_facts(brand, topic, topics, playbook))
        if topic.kind != "praise" and not any(card.topic.id == topic.id for card in digest.cards):
            found.append(f"error: topic {topic.id}: a day full of it makes no card")  # a rule of ours that forgot it
        for language in LANGUAGES:
            try:
                _write(digest, language, html=topic is topics[0])  # the mail's form is the same for all
            except (KeyError, IndexError, ValueError, TemplateError) as error:
                reason = " ".join(str(error).split()) or type(error).__name__
                found.append(f"error: topic {topic.id}: its digest cannot be written in {language}: {reason}")
    return found


def _write(digest: Digest, language: str, *, html: bool) -> None:
    page, _ = tell(digest, language, str)
    words = Words(language, digest.day, ZoneInfo(digest.zone))
    as_text("digest.txt", words, page)
    if html:
        laid_out("digest.html", words, page, cids={"balance": "", "voices": "", "topics": ""}, width=1)


def _missing(topics: tuple[Topic, ...], playbook: Playbook) -> list[str]:
    """Topics without a card: an error where people complain, a note for praise, which needs none."""
    known = {card.topic for card in playbook.advice}
    return [
        f"{'note' if one.kind == 'praise' else 'error'}: playbook.toml has no [[advice]] for the {one.kind} {one.id!r}"
        for one in topics
        if one.id not in known
    ]


def _empty(playbook: Playbook) -> list[str]:
    """Texts that a card needs and that are blank, or stand in Chinese without a Chinese character."""
    found = []
    for card in playbook.advice:
        for name in Advice.model_fields:
            value = getattr(card, name)
            if isinstance(value, Names | Lists):
                found += [f"playbook.toml: advice for {card.topic}: {name}.{told}" for told in _doubts(value)]
    return [f"note: {line}" for line in found]


def _doubts(value: Names | Lists) -> list[str]:
    found = []
    for language in LANGUAGES:
        texts = value.get(language)
        texts = (texts,) if isinstance(texts, str) else texts
        if not texts or any(not text.strip() for text in texts):
            found.append(f"{language} is empty")
        elif language == "zh-Hant" and isinstance(value, Names) and not _HAN.search(texts[0]):
            found.append(f"{language} has no Chinese in it")
    return found


def _facts(brand: Brand, topic: Topic, topics: tuple[Topic, ...], playbook: Playbook) -> Facts:
    """A quiet fortnight, then a day on which a dozen people speak of one topic in both languages."""
    bare = Facts(brand, DAY, (), (), (), (), (), (), (), topics, playbook, "rehearsal", heard_from=_back(_HISTORY))
    posts = [_post(brand, topic, bare.start - timedelta(days=back - 0.4), back, 1) for back in range(1, _HISTORY)]
    posts += [_post(brand, topic, bare.start + timedelta(hours=1 + n), 0, n) for n in range(12)]
    kind = 1.0 if topic.kind == "praise" else -1.0
    entries = tuple(
        Entry(brand.id, post.voice, bare.local_day(post.when), 4.0 * kind, topic.touchpoint, topic.id, post.post_key)
        for post in posts
    )
    days = sorted({entry.day for entry in entries})
    sums = [(day, sum(entry.amount for entry in entries if entry.day == day)) for day in days]
    source = SourceLine("forum", "forum", "https://forum.example/", "heard", bare.start, "", bare.end, bare.start)
    last = posts[-1]
    return Facts(
        brand,
        DAY,
        tuple(posts),
        entries,
        tuple(BalanceLine(day, max(amount, 0.0), min(amount, 0.0)) for day, amount in sums),
        (RelationshipRow(last.voice, -9.0, ("leaving", "betrayal"), last.post_key, last.url, last.when, 3),),
        (SourceDay(source, 24),),
        (),
        (Matter(brand.id, topic.id, posts[0].when, _back(4), _back(1), 3, 1),) if topic.kind != "praise" else (),
        topics,
        playbook,
        "rehearsal",
        heard_from=_back(_HISTORY),
    )


def _post(brand: Brand, topic: Topic, at: datetime, back: int, n: int) -> Judged:
    language = LANGUAGES[n % 2]
    text = _SAID[language].format(n=n, day=back)
    feeling = 0.8 if topic.kind == "praise" else -0.8
    key = f"{back:02d}{n:062d}"
    thread = f"https://forum.example/t/{back}"
    return Judged(
        key, brand.id, f"{back:08x}{n:08x}", "forum", "forum.example", thread, brand.name.get(language),
        f"{thread}#{n}", text, key[:16], at.astimezone(UTC), at.astimezone(UTC), "text", feeling,
        "positive" if feeling > 0 else "negative", 0.9, (TopicTag(topic.id, 0.9, ((0, 4),)),), False, language, n,
    )  # fmt: skip


def _back(days: int) -> date:
    return DAY - timedelta(days=days)
