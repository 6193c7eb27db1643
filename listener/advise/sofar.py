"""The day so far: what a digest would say of a day that is not over, held against other days *by the same hour*.

A digest compares whole days; at ten in the morning that would call every day quiet. Pure, like everything here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from listener.advise.digest import compose
from listener.advise.facts import Facts, SourceDay
from listener.advise.model import Digest
from listener.advise.page import CardView, Item, Teller
from listener.advise.scene import set_scene
from listener.advise.tell_cards import card_view
from listener.advise.usual import FEW, Usual, usual
from listener.config import Topic
from listener.records import Alert

MOST_UNHEARD = 8
_STATES = frozenset({"late", "robots", "blocked", "unreadable", "gone", "config"})


@dataclass(frozen=True, slots=True)
class SoFar:
    """A brand's day up to `now`.

    Attributes:
        hours: of the day that have begun.
        voices: distinct so far. usual: what the days before had brought by this hour of the clock; None: too few days.
        digest: the same day composed as if it were over: balance, matters, coverage.
        alerts: not closed, each with its topic if the config has it.
        unheard: sources that were not heard to within the hour; `total` of the brand's sources.
    """

    now: datetime
    hours: int
    voices: int
    usual: Usual | None
    digest: Digest
    alerts: tuple[tuple[Alert, Topic | None], ...]
    unheard: tuple[SourceDay, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SoFarPage:
    """That in words of one language; `evidence` are the keys of the posts that are quoted or linked."""

    brand: str
    title: str
    verdict: str
    feeling: str
    matters: tuple[CardView, ...]
    matters_note: str
    alerts: tuple[str, ...]
    heard: tuple[Item, ...]
    heads: tuple[str, str, str]
    evidence: tuple[str, ...]


def so_far(facts: Facts, now: datetime) -> SoFar:
    """`facts` of the day that holds `now` (report.digests.collect); what was said later than `now` is not looked at."""
    facts = replace(facts, judged=tuple(post for post in facts.judged if post.when <= now))
    clock = now.astimezone(facts.brand.zone).time()
    scene = set_scene(facts)
    by_day: dict[date, set[str]] = {}
    for post in scene.said:
        local = post.when.astimezone(facts.brand.zone)
        if local.time() <= clock:
            by_day.setdefault(local.date(), set()).add(scene.voice_of[post.post_key])
    hours = min(24, int((now - facts.start) / timedelta(hours=1)) + 1)
    topics = {topic.id: topic for topic in facts.topics}
    unheard = [one for one in facts.sources if one.heard_hours < hours - 1 or one.line.state in _STATES]
    return SoFar(
        now=now,
        hours=hours,
        voices=len(by_day.get(facts.day, ())),
        usual=usual({day: len(voices) for day, voices in by_day.items()}, facts.day, scene.since),
        digest=compose(facts),
        alerts=tuple((alert, topics.get(alert.topic)) for alert in facts.alerts if alert.state != "closed"),
        unheard=tuple(sorted(unheard, key=lambda one: (one.heard_hours, one.line.source))),
        total=len(facts.sources),
    )


def tell_so_far(day: SoFar, language: str, redact: Callable[[str], str]) -> SoFarPage:
    """Put it into words.

    Raises:
        KeyError: no words in that language.
    """
    teller = Teller.of(day.digest, language, redact)
    words, digest = teller.words, day.digest
    cards = tuple(card_view(teller, number, card) for number, card in enumerate(digest.cards, 1))
    return SoFarPage(
        brand=digest.name.get(language),
        title=words(
            "sofar.title", day=words.long_day(digest.day), clock=words.clock(day.now), zone=digest.zone
        ),
        verdict=words.sentences([_loudness(teller, day), _doubt(teller, day)]),
        feeling=_feeling(teller),
        matters=cards,
        matters_note="" if cards else words("sofar.no_matter"),
        alerts=tuple(_alert(teller, *each) for each in day.alerts) or (words("sofar.no_alert"),),
        heard=_unheard(teller, day),
        heads=(words("sofar.matters"), words("sofar.alerts"), words("sofar.heard")),
        evidence=tuple(teller.shown),
    )  # fmt: skip


def _feeling(teller: Teller) -> str:
    words, digest = teller.words, teller.digest
    told = words(
        "sofar.feeling", voices=words.count("voices", digest.voices), posts=words.count("posts", digest.posts),
        negative=words.number(digest.negative_voices),
    )  # fmt: skip
    account = digest.account
    balance = words("sofar.balance", now=words.signed(account.today.balance), net=words.signed(account.net))
    return words.sentences([told if digest.posts else "", balance])


def _loudness(teller: Teller, day: SoFar) -> str:
    words, voices = teller.words, teller.words.count("voices", day.voices)
    if not day.voices:
        return words("sofar.zero")
    if day.usual is None:
        return words("sofar.unknown", voices=voices)
    where = "inside"
    if day.voices > day.usual.high:
        where = "above" if day.voices >= FEW else "few"
    elif day.voices < day.usual.low:
        where = "below"
    return words(f"sofar.{where}", voices=voices, usual=teller.range(day.usual, words.number))


def _doubt(teller: Teller, day: SoFar) -> str:
    blind = [one for one in day.unheard if one.heard_hours == 0]
    return teller.words("sofar.unheard", n=len(blind), total=day.total) if blind else ""


def _alert(teller: Teller, alert: Alert, topic: Topic | None) -> str:
    words = teller.words
    return words(
        "sofar.alert", topic=teller.topic(topic) if topic else alert.topic or words("sofar.everything"),
        severity=words(f"severity.{alert.severity}"), state=words(f"alert.{alert.state}"),
        time=words.moment(alert.began), voices=words.count("voices", max(alert.total, alert.voices)),
    )  # fmt: skip


def _unheard(teller: Teller, day: SoFar) -> tuple[Item, ...]:
    words = teller.words
    if not day.total:
        return (Item(words("sofar.no_source")),)
    if not day.unheard:
        return (Item(words("sofar.all_heard", total=day.total)),)
    told = []
    for one in day.unheard[:MOST_UNHEARD]:
        text = words("sofar.hours", n=one.heard_hours, hours=day.hours)
        if one.line.state in _STATES:
            state = words(f"heard.{one.line.state}", time=words.moment(one.line.since))
            detail = words("heard.detail", text=teller.private(one.line.detail)) if one.line.detail else ""
            text = words("frame.semicolon").join((text, state + detail))
        told.append(Item(text, title=one.title or one.line.source))
    if len(day.unheard) > MOST_UNHEARD:
        told.append(Item(words("sofar.more", n=len(day.unheard) - MOST_UNHEARD)))
    return tuple(told)
