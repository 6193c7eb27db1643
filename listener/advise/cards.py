"""Which matters need a decision, how grave each is, and what the playbook says of it.

The rules in words (docs/digest.md tells them to the reader):

- A topic is looked at if people complained of it on the day. Three voices make a matter; two do if that is above what
  is usual or it was advised on before; one does only for safety, data misuse, a legal threat or the press, or if its
  thread grows. What stays inside its usual range and carries nothing grave is no matter: the table shows it.
- A topic whose posts lie to 60 % inside a graver matter is part of that one ("also"), never safety or data misuse.
- Severity follows from the reasons below; urgency = voices × topic weight × growth factor × negative share.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.advise.model import Also, Card, LeaveAlone, Origin, Reason, ThreadCount
from listener.advise.quotes import choose, clean, quote, tag_of, told_by
from listener.advise.scene import Scene
from listener.advise.usual import Growth, Usual, growth
from listener.config import Topic
from listener.records import Alert, Judged, Severity

MOST_CARDS = 5
MIN_VOICES = 3
URGENT = frozenset({"safety", "data-misuse"})
LOUD = frozenset({"legal-threat", "press-interest"})
EPISODE_GAP = timedelta(hours=48)  # after that long a silence the same topic is a new matter
FOLD_SHARE = 0.6
TITLE_CHARS = 90
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

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(post.post_key for post in self.posts)


def matters(scene: Scene) -> tuple[tuple[Card, ...], tuple[Topic, ...]]:
    """Up to five cards, gravest first, and the topics of the matters that did not fit in."""
    looked_at = [_weigh(scene, topic) for topic in scene.facts.topics if topic.kind != "praise"]
    needed = [candidate for candidate in looked_at if candidate and _needs_decision(scene, candidate)]
    needed.sort(key=lambda c: (c.topic.kind != "complaint", -c.urgency, c.topic.id))
    chosen: list[_Candidate] = []
    for candidate in needed:
        inside = any(len(candidate.keys & host.keys) >= FOLD_SHARE * len(candidate.keys) for host in chosen)
        if not inside or candidate.topic.id in URGENT:
            chosen.append(candidate)
    chosen.sort(key=lambda c: (_RANK[c.severity], -c.urgency, c.topic.id))
    cards = tuple(_card(scene, candidate) for candidate in chosen[:MOST_CARDS])
    return cards, tuple(candidate.topic for candidate in chosen[MOST_CARDS:])


def episode(scene: Scene, topic: str) -> tuple[Judged, ...]:
    """The topic's posts up to the day's end, back to the last silence of 48 hours."""
    posts = scene.topic_posts.get(topic, ())
    start = len(posts)
    while start > 0 and (start == len(posts) or posts[start].when - posts[start - 1].when <= EPISODE_GAP):
        start -= 1
    return posts[start:]


def answers_to(scene: Scene, posts: Iterable[Judged]) -> dict[str, datetime]:
    """Thread → the brand's first post in it after the first of these posts there."""
    first: dict[str, datetime] = {}
    for post in posts:
        first.setdefault(post.thread_url, post.when)
    answered: dict[str, datetime] = {}
    for answer in scene.answers:
        asked = first.get(answer.thread_url)
        if asked is not None and answer.when >= asked:
            answered.setdefault(answer.thread_url, answer.when)
    return answered


def _weigh(scene: Scene, topic: Topic) -> _Candidate | None:
    facts = scene.facts
    posts = tuple(p for p in scene.topic_posts.get(topic.id, ()) if scene.days[p.post_key] == facts.day)
    if not posts:
        return None
    voices = scene.voices(posts)
    whole = episode(scene, topic.id)
    pace = _pace(scene, whole)
    usual = scene.usual_voices(topic.id, facts.day)
    negative = len(scene.voices(p for p in posts if p.label == "negative")) / len(voices)
    alert = _alert(scene, topic.id, posts)
    reasons = _reasons(scene, topic, posts, whole, usual, pace, alert)
    return _Candidate(
        topic, posts, whole, voices, usual, pace, negative, alert, reasons,
        _severity(reasons, len(voices), usual, alert),
        len(voices) * topic.weight * (pace.factor if pace else 1.0) * max(negative, 0.1),
    )  # fmt: skip


def _pace(scene: Scene, whole: Sequence[Judged]) -> Growth | None:
    """The day against the day before; for what began later than that, the two halves of its life (of 2 h or more)."""
    start, end = scene.facts.start, scene.facts.end
    began = whole[0].when
    half = end - start if began < start - (end - start) else (end - began) / 2
    if half < timedelta(hours=2):
        return None
    middle, first = end - half, end - 2 * half
    later = scene.voices(p for p in whole if p.when >= middle)
    earlier = scene.voices(p for p in whole if first <= p.when < middle)
    return growth(len(earlier), len(later), half / timedelta(hours=1))


def _alert(scene: Scene, topic: str, posts: Sequence[Judged]) -> Alert | None:
    """The newest alert that is about this matter and not over before the day."""
    keys = {post.post_key for post in posts}
    about = [
        alert
        for alert in scene.facts.alerts
        if (alert.topic == topic or (not alert.topic and not keys.isdisjoint(alert.evidence)))
        and alert.opened < scene.facts.end
        and (alert.closed is None or alert.closed >= scene.facts.start)
    ]
    return max(about, key=lambda alert: (alert.opened, alert.key), default=None)


def _reasons(
    scene: Scene,
    topic: Topic,
    posts: Sequence[Judged],
    whole: Sequence[Judged],
    usual: Usual | None,
    pace: Growth | None,
    alert: Alert | None,
) -> tuple[Reason, ...]:
    """What is true of the matter and speaks for gravity, most telling first."""
    voices = len(scene.voices(posts))
    tagged = {kind: len(scene.voices(p for p in posts if tag_of(p, kind))) for kind in LOUD}
    leaving = len(scene.voices(p for p in posts if p.leaving or tag_of(p, "leaving")))
    places = len({post.platform for post in posts})
    high = usual.high if usual else math.inf
    far = 2 * max(high, 1.0)  # where nobody is usual, three voices are far above it
    grows = pace is not None and pace.kind in {"growing", "doubling"}
    found = [
        (topic.id in URGENT, Reason("urgent")),
        (voices > far, Reason("far-above", voices, high)),
        (high < voices <= far, Reason("above", voices, high)),
        (usual is None and voices >= 5, Reason("many", voices)),
        (grows, Reason("growing")),
        (pace is not None and pace.kind == "new", Reason("new")),
        (tagged["legal-threat"] > 0, Reason("legal", tagged["legal-threat"])),
        (tagged["press-interest"] > 0, Reason("press", tagged["press-interest"])),
        (leaving > 1, Reason("leaving", leaving)),
        (places > 2, Reason("places", places)),
        (alert is not None, Reason("alert")),
        (voices >= 3 and not answers_to(scene, whole), Reason("unanswered")),
        (any(p.thread_url in scene.growing_threads for p in posts), Reason("thread")),
    ]  # fmt: skip
    return tuple(reason for true, reason in found if true) or (Reason("ordinary"),)


def _severity(reasons: Sequence[Reason], voices: int, usual: Usual | None, alert: Alert | None) -> Severity:
    """HIGH, MEDIUM or LOW, by rules that docs/digest.md tells."""
    kinds = {reason.kind: reason.n for reason in reasons}
    spreading = not kinds.keys().isdisjoint({"growing", "new"})
    if (
        ("urgent" in kinds and voices >= 3)
        or (alert is not None and alert.severity == "high")
        or (voices >= 5 and "far-above" in kinds and spreading)
        or (voices >= 5 and (kinds.get("legal", 0) >= 3 or kinds.get("press", 0) >= 1))
    ):
        return "high"
    if kinds.keys() & {"urgent", "legal", "press", "leaving", "growing", "alert", "many"} or (
        voices >= 3 and kinds.keys() & {"above", "far-above"}
    ):
        return "medium"
    return "low"


def _needs_decision(scene: Scene, candidate: _Candidate) -> bool:
    voices = len(candidate.voices)
    kinds = {reason.kind for reason in candidate.reasons}
    if candidate.topic.id in URGENT | LOUD or "thread" in kinds:
        return True
    above = not kinds.isdisjoint({"above", "far-above"})
    advised = any(matter.topic == candidate.topic.id and not matter.closed for matter in scene.facts.matters)
    if voices < 2 or (voices < MIN_VOICES and not above and not advised):
        return False
    return above or advised or candidate.usual is None or candidate.severity != "low"


def _card(scene: Scene, chosen: _Candidate) -> Card:
    facts, topic, posts, whole = scene.facts, chosen.topic, chosen.posts, chosen.episode
    advice = next((card for card in facts.playbook.advice if card.topic == topic.id), None)
    answered = answers_to(scene, whole)
    first = whole[0]
    matter = next((m for m in facts.matters if m.topic == topic.id and not m.closed), None)
    clock = advice.clock_h if advice else None
    counts = scene.counts(topic.id)
    tags = [tag.confidence for post in posts if (tag := tag_of(post, topic.id))]
    return Card(
        topic=topic,
        severity=chosen.severity,
        urgency=chosen.urgency,
        reasons=chosen.reasons,
        voices=len(chosen.voices),
        posts=len(posts),
        places=len({post.platform for post in posts}),
        voices_before=int(counts.get(facts.day - timedelta(days=1), 0)),
        voices_all=len(scene.voices(whole)),
        standing_days=sum(1 for day in counts if day > facts.day - timedelta(days=30)),
        negative_share=chosen.negative_share,
        growth=chosen.growth,
        usual=chosen.usual,
        origin=Origin(
            first.post_key, first.url, first.thread_url, clean(first.thread_title, TITLE_CHARS),
            clean(first.platform, 60), first.when, first.first_seen,
        ),
        busiest=_busiest(scene, posts),
        threads=len({post.thread_url for post in posts}),
        answered_threads=len({post.thread_url for post in posts} & answered.keys()),
        answered=min(answered.values(), default=None),
        also=_also(scene, topic, posts),
        quotes=choose(posts, 3, topic.id),
        told_by=told_by(posts, topic.id),
        confidence=sum(tags) / len(tags),
        advice=advice,
        due=facts.reading + timedelta(hours=advice.deadline_h) if advice else None,
        clock_ends=first.when + timedelta(hours=clock) if clock else None,
        alert=chosen.alert.state if chosen.alert else None,
        alert_opened=chosen.alert.opened if chosen.alert else None,
        advised_since=matter.first_advised if matter else None,
        post_keys=tuple(post.post_key for post in posts),
    )  # fmt: skip


def _busiest(scene: Scene, posts: Sequence[Judged]) -> ThreadCount:
    threads: defaultdict[str, list[Judged]] = defaultdict(list)
    for post in posts:
        threads[post.thread_url].append(post)
    url = min(threads, key=lambda u: (-len(scene.voices(threads[u])), threads[u][0].when, u))
    first = threads[url][0]
    return ThreadCount(url, clean(first.thread_title, TITLE_CHARS), len(scene.voices(threads[url])), first.post_key)


def _also(scene: Scene, topic: Topic, posts: Sequence[Judged], most: int = 5) -> tuple[Also, ...]:
    """What else the matter's voices speak of: a legal threat or the press from one voice on, the rest from two."""
    known = {t.id: t for t in scene.facts.topics if t.kind != "praise" and t.id != topic.id}
    voices: defaultdict[str, set[str]] = defaultdict(set)
    for post in posts:
        for tag in post.topics:
            voices[tag.topic].add(scene.voice_of[post.post_key])
    found = [Also(known[t], len(v)) for t, v in voices.items() if t in known and (len(v) > 1 or t in LOUD)]
    return tuple(sorted(found, key=lambda also: (-also.voices, also.topic.id))[:most])


def leave_alone(scene: Scene, most: int = 3) -> tuple[LeaveAlone, ...]:
    """One voice in three or more threads of the last week, repeating itself, with hardly anybody joining in."""
    week = [p for p in scene.said if scene.days[p.post_key] > scene.facts.day - timedelta(days=7)]
    today = scene.voices(scene.today)
    by_voice: defaultdict[str, list[Judged]] = defaultdict(list)
    for post in week:
        if (voice := scene.voice_of[post.post_key]) in today and post.label == "negative":
            by_voice[voice].append(post)
    found = []
    for voice, posts in by_voice.items():
        if any(tag.topic in URGENT for post in posts for tag in post.topics):
            continue
        print_, copies = Counter(post.fingerprint for post in posts).most_common(1)[0]
        repeated = [post for post in posts if post.fingerprint == print_]
        threads = {post.thread_url for post in repeated}
        others = scene.voices(p for p in scene.today if p.thread_url in threads) - {voice}
        if len(threads) < 3 or len(others) >= 3 or all(scene.days[p.post_key] != scene.facts.day for p in repeated):
            continue
        first = repeated[0]
        title = clean(first.thread_title or first.text, TITLE_CHARS)
        places = len({post.platform for post in repeated})
        found.append((copies, LeaveAlone(title, places, len(threads), len(others), quote(first))))
    found.sort(key=lambda pair: (-pair[0], pair[1].quote.post_key))
    return tuple(item for _, item in found[:most])
