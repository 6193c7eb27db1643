"""Which matters need a decision, how grave each is, and what the playbook says of it.

The rules in words (docs/digest.md tells them to the reader):

- A topic is looked at if people complained of it on the day. Three voices make a matter. Two do if both complain, one
  of them says it itself, it is above what is usual, and they speak in one thread, or of a topic of weight 1.5 or more,
  or of one that was advised on before. One does only for safety, data misuse, a legal threat or the press, or if it
  opened a thread that grows. What stays inside its usual range and carries nothing grave is no matter: the table shows
  it.
- A topic whose posts lie to 60 % inside a graver matter is part of that one ("also"), never safety or data misuse; a
  signal or a strain, or a complaint of a fifth of its voices at most, is so already if its posts stand in the threads
  that the matter rules.
- Severity follows from the reasons below; urgency = voices × topic weight × growth factor × negative share.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from listener.advise.alarms import alert_of, state_at_end
from listener.advise.cluster import cluster_of
from listener.advise.episode import answers_to, episode, pace
from listener.advise.model import Also, Card, Origin, Reason, ThreadCount
from listener.advise.quotes import CARD_CHARS, TITLE_CHARS, choose, clean, place, tag_of, told_by
from listener.advise.scene import URGENT, Scene
from listener.advise.threads import lives_of, rules_of, shares_threads, silence_of
from listener.advise.usual import Growth, Usual
from listener.config import Topic
from listener.records import Alert, Entry, Judged, Severity

MOST_CARDS = 5
MIN_VOICES = 3
LOUD = frozenset({"legal-threat", "press-interest"})
FOLD_SHARE = 0.6
SMALL_SHARE = 0.2  # of a matter's voices: a complaint of so few, in its threads, is part of it
HEAVY = 1.5  # topic weight from which two voices are enough
TITLE_SHARE = 1 / 3  # of a thread's voices that must speak of a matter for the thread's title to name it
_TOLD = {"legal": "legal-threat", "press": "press-interest", "leaving": "leaving"}  # reasons that tell of a topic
_RANK: dict[Severity, int] = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A topic on the day, weighed but not yet chosen."""

    topic: Topic
    posts: tuple[Judged, ...]
    episode: tuple[Judged, ...]
    voices: frozenset[str]
    usual: Usual | None
    growth: Growth | None
    negative_share: float
    alert: Alert | None
    reasons: tuple[Reason, ...]
    severity: Severity
    urgency: float
    keys: frozenset[str]
    threads: frozenset[str]


def matters(scene: Scene) -> tuple[tuple[Card, ...], tuple[Topic, ...]]:
    """Up to five cards, gravest first, and the topics of the matters that did not fit in."""
    looked_at = [_weigh(scene, topic) for topic in scene.facts.topics if topic.kind != "praise"]
    needed = [candidate for candidate in looked_at if candidate and _needs_decision(scene, candidate)]
    needed.sort(key=lambda c: (c.topic.kind != "complaint", -c.urgency, c.topic.id))
    chosen: list[_Candidate] = []
    for candidate in needed:
        if candidate.topic.id in URGENT or not any(_inside(candidate, host) for host in chosen):
            chosen.append(candidate)
    # Of one severity, what rang first: the reader was woken by it, or asks why nobody was.
    chosen.sort(
        key=lambda c: (_RANK[c.severity], c.alert is None or c.alert.topic != c.topic.id, -c.urgency, c.topic.id)
    )
    cards: list[Card] = []
    for candidate in chosen[:MOST_CARDS]:
        cards.append(_beside(_card(scene, candidate), candidate, cards))
    return tuple(cards), tuple(candidate.topic for candidate in chosen[MOST_CARDS:])


def _beside(card: Card, candidate: _Candidate, graver: Sequence[Card]) -> Card:
    """The card as it stands below graver ones: two do not bear one title, and one answer may serve both."""
    titles = {other.title for other in graver}
    threads = [number for number, other in enumerate(graver) if shares_threads(candidate.posts, other.thread_urls)]
    return replace(
        card, title="" if card.title in titles else card.title, with_card=threads[0] if threads else None
    )  # fmt: skip


def _inside(candidate: _Candidate, host: _Candidate) -> bool:
    """Whether a topic is part of a matter: most of its posts are, or, for what only accompanies it, stand around it."""
    small = len(candidate.voices) <= SMALL_SHARE * len(host.voices)
    accompanies = host.topic.kind == "complaint" and (candidate.topic.kind != "complaint" or small)
    shared = [
        post for post in candidate.posts
        if post.post_key in host.keys or (accompanies and post.thread_url in host.threads)
    ]  # fmt: skip
    return len(shared) >= FOLD_SHARE * len(candidate.posts)


def _weigh(scene: Scene, topic: Topic) -> _Candidate | None:
    facts = scene.facts
    posts = tuple(p for p in scene.topic_posts.get(topic.id, ()) if scene.days[p.post_key] == facts.day)
    if not posts:
        return None
    voices = scene.voices(posts)
    whole = episode(scene, topic.id)
    speed = pace(scene, whole)
    usual = scene.usual_voices(topic.id, facts.day)
    negative = len(scene.voices(p for p in posts if p.label == "negative")) / len(voices)
    alert = alert_of(scene, topic.id, posts)
    reasons = _reasons(scene, topic, posts, whole, usual, speed, alert)
    return _Candidate(
        topic, posts, whole, voices, usual, speed, negative, alert, reasons,
        _severity(topic, reasons, len(voices), alert),
        len(voices) * topic.weight * (speed.factor if speed else 1.0) * max(negative, 0.1),
        frozenset(post.post_key for post in posts), _ruled(scene, posts),
    )  # fmt: skip


def _ruled(scene: Scene, posts: Sequence[Judged]) -> frozenset[str]:
    """The threads of these posts in which a third of the day's voices, at least, speak of the matter."""
    threads: defaultdict[str, list[Judged]] = defaultdict(list)
    for post in posts:
        threads[post.thread_url].append(post)
    found = []
    for url, some in threads.items():
        if len(scene.voices(some)) >= TITLE_SHARE * len(scene.thread_voices[url]):
            found.append(url)
    return frozenset(found)


def _reasons(
    scene: Scene,
    topic: Topic,
    posts: Sequence[Judged],
    whole: Sequence[Judged],
    usual: Usual | None,
    speed: Growth | None,
    alert: Alert | None,
) -> tuple[Reason, ...]:
    """What is true of the matter and speaks for gravity, most telling first."""
    voices = len(scene.voices(posts))
    tagged = {kind: len(scene.voices(p for p in posts if tag_of(p, kind))) for kind in LOUD}
    leaving = len(scene.voices(p for p in posts if p.leaving or tag_of(p, "leaving")))
    places = len({post.platform for post in posts})
    high = usual.high if usual else math.inf
    far = 2 * max(high, 1.0)  # where nobody is usual, three voices are far above it
    opened = {post.thread_url for post in posts if post.position == 0}
    grows = speed is not None and speed.kind in {"growing", "doubling"}
    found = [
        (topic.id in URGENT, Reason("urgent")),
        (voices > far, Reason("far-above", voices, high)),
        (high < voices <= far, Reason("above", voices, high)),
        (usual is None and voices >= 5, Reason("many", voices)),
        (grows, Reason("growing")),
        (speed is not None and speed.kind == "new", Reason("new")),
        (tagged["legal-threat"] > 0, Reason("legal", tagged["legal-threat"])),
        (tagged["press-interest"] > 0, Reason("press", tagged["press-interest"])),
        (leaving > 1, Reason("leaving", leaving)),
        (places > 2, Reason("places", places)),
        (alert is not None, Reason("alert")),
        (voices >= 3 and not answers_to(scene, whole), Reason("unanswered")),
        (topic.kind != "signal" and bool(opened & scene.growing_threads), Reason("thread")),
    ]  # fmt: skip
    return tuple(reason for true, reason in found if true) or (Reason("ordinary"),)


def _severity(topic: Topic, reasons: Sequence[Reason], voices: int, alert: Alert | None) -> Severity:
    """HIGH, MEDIUM or LOW, by rules that docs/digest.md tells."""
    kinds = {reason.kind: reason.n for reason in reasons}
    spreading = not kinds.keys().isdisjoint({"growing", "new"})
    told = voices >= 5 and topic.kind != "signal" and (kinds.get("legal", 0) >= 3 or kinds.get("press", 0) >= 1)
    if (
        ("urgent" in kinds and voices >= 3)
        or (alert is not None and alert.severity == "high" and voices >= 3)
        or (voices >= 5 and "far-above" in kinds and spreading)
        or told
    ):
        return "high"
    if kinds.keys() == {"urgent", "above"} or kinds.keys() == {"urgent"}:
        return "medium" if voices > 1 or topic.id == "safety" else "low"
    if kinds.keys() & {"urgent", "legal", "press", "leaving", "growing", "alert", "many"} or (
        voices >= 3 and kinds.keys() & {"above", "far-above"}
    ):
        return "medium"
    return "low"


def _needs_decision(scene: Scene, candidate: _Candidate) -> bool:
    voices = len(candidate.voices)
    kinds = {reason.kind for reason in candidate.reasons}
    if "thread" in kinds or (candidate.topic.id in URGENT | LOUD and (voices > 1 or _is_sure(candidate))):
        return True
    above = not kinds.isdisjoint({"above", "far-above"})
    advised = any(matter.topic == candidate.topic.id and not matter.closed for matter in scene.facts.matters)
    if voices < MIN_VOICES:
        together = len({post.thread_url for post in candidate.posts}) == 1 and candidate.topic.kind != "signal"
        together = together or candidate.topic.weight >= HEAVY
        told = any((tag := tag_of(post, candidate.topic.id)) and tag.spans for post in candidate.posts)
        complaining = candidate.negative_share == 1.0 and told
        return voices == 2 and above and complaining and (together or advised)
    return above or advised or candidate.usual is None or candidate.severity != "low"


def _is_sure(candidate: _Candidate) -> bool:
    """Whether the only voice says it itself and the judge is sure that it complains; of safety, saying so is enough."""
    return any(
        (tag := tag_of(post, candidate.topic.id))
        and tag.spans
        and (candidate.topic.id == "safety" or (post.label == "negative" and post.confidence >= 0.5))
        for post in candidate.posts
    )


def _card(scene: Scene, chosen: _Candidate) -> Card:
    facts, topic, posts, whole = scene.facts, chosen.topic, chosen.posts, chosen.episode
    advice = next((card for card in facts.playbook.advice if card.topic == topic.id), None)
    answered = answers_to(scene, whole)
    lives = lives_of(scene, posts, whole, answered)
    threads = {post.thread_url for post in posts}
    standing = sum(1 for day in scene.counts(topic.id) if day > facts.day - timedelta(days=30))
    first = whole[0]
    matter = next((m for m in facts.matters if m.topic == topic.id and not m.closed), None)
    clock = advice.clock_h if advice else None
    counts = scene.counts(topic.id)
    tags = [tag for post in posts if (tag := tag_of(post, topic.id))]
    told = [tag.confidence for tag in tags if tag.spans] or [tag.confidence for tag in tags]
    sore = [post for post in posts if post.label == "negative"] if topic.kind != "signal" else []
    busiest = _busiest(scene, posts)
    return Card(
        topic=topic,
        title=busiest.thread_title if busiest.url in chosen.threads and 2 * busiest.voices > len(chosen.voices) else "",
        severity=chosen.severity,
        urgency=chosen.urgency,
        reasons=chosen.reasons,
        voices=len(chosen.voices),
        posts=len(posts),
        places=len({post.platform for post in posts}),
        voices_before=int(counts.get(facts.day - timedelta(days=1), 0)),
        voices_all=len(scene.voices(whole)),
        standing_days=standing,
        negative_share=chosen.negative_share,
        growth=chosen.growth,
        usual=chosen.usual,
        origin=Origin(
            first.post_key, first.url, first.thread_url, clean(first.thread_title, TITLE_CHARS),
            place(first.platform), first.when, first.first_seen,
        ),
        busiest=busiest,
        threads=len(threads),
        answered_threads=len(threads & answered.keys()),
        answered=min(answered.values(), default=None),
        also=_also(scene, chosen),
        quotes=choose(sore or posts, 1 if chosen.severity == "low" else 2, topic.id, width=CARD_CHARS),
        told_by=told_by(posts, topic.id),
        confidence=sum(told) / len(told),
        advice=advice,
        due=facts.reading + timedelta(hours=advice.deadline_h) if advice else None,
        clock_ends=first.when + timedelta(hours=clock) if clock else None,
        alert_key=chosen.alert.key if chosen.alert else "",
        alert=state_at_end(scene, chosen.alert) if chosen.alert else None,
        alert_opened=chosen.alert.opened if chosen.alert else None,
        advised_since=matter.first_advised if matter else None,
        post_keys=tuple(post.post_key for post in posts),
        thread_urls=tuple(sorted(chosen.threads)),
        lives=lives,
        rules=rules_of(scene, posts, lives),
        cluster=cluster_of(scene, topic, posts, standing, matter, answered=bool(answered)),
        silence=silence_of(lives, len(threads), answered, chosen.severity, urgent=topic.id in URGENT),
        amount=booked_for(facts.entries, chosen.keys, topic.id, facts.day),
        hand=facts.hand(topic.id, first.when),
    )  # fmt: skip


def booked_for(entries: Sequence[Entry], keys: frozenset[str], topic: str, day: date) -> float:
    """What a matter took from the account on the day, LU ≤ 0: entries of its posts or under its topic."""
    return sum(e.amount for e in entries if e.day == day and e.amount < 0 and (e.post_key in keys or e.reason == topic))


def _busiest(scene: Scene, posts: Sequence[Judged]) -> ThreadCount:
    threads: defaultdict[str, list[Judged]] = defaultdict(list)
    for post in posts:
        threads[post.thread_url].append(post)
    url = min(threads, key=lambda u: (-len(scene.voices(threads[u])), threads[u][0].when, u))
    first = threads[url][0]
    return ThreadCount(url, clean(first.thread_title, TITLE_CHARS), len(scene.voices(threads[url])), first.post_key)


def _also(scene: Scene, chosen: _Candidate, most: int = 3) -> tuple[Also, ...]:
    """What else is spoken of in its posts and threads: a legal threat or the press from one voice on, else from two.

    What stands among the reasons for the severity is not said twice.
    """
    told = {_TOLD[reason.kind] for reason in chosen.reasons if reason.kind in _TOLD} | {chosen.topic.id}
    known = {t.id: t for t in scene.facts.topics if t.kind != "praise" and t.id not in told}
    voices: defaultdict[str, set[str]] = defaultdict(set)
    for post in scene.today:
        if post.label == "positive" or (post.post_key not in chosen.keys and post.thread_url not in chosen.threads):
            continue
        for tag in post.topics:
            voices[tag.topic].add(scene.voice_of[post.post_key])
    found = [Also(known[t], len(v)) for t, v in voices.items() if t in known and (len(v) > 1 or t in LOUD)]
    return tuple(sorted(found, key=lambda also: (also.topic.id not in LOUD, -also.voices, also.topic.id))[:most])
