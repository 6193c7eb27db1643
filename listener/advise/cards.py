"""Which matters need a decision, how grave each is, and what the playbook says of it.

The rules in words (docs/digest.md tells them to the reader):

- A topic is looked at if people complained of it on the day. Three voices make a matter. Two do if both complain, one
  of them says it itself, it is above what is usual, and they speak in one thread, or of a topic of weight 1.5 or more,
  or of one that was advised on before. One does only for safety, data misuse, a legal threat or the press, or if it
  opened a thread that grows. What stays inside its usual range and carries nothing grave is no matter: the table shows
  it.
- A topic whose posts lie to 60 % inside a graver matter is part of that one ("also"), never safety or data misuse; a
  signal or a strain is so already if its posts stand in the threads that the matter rules.
- Severity follows from the reasons below; urgency = voices × topic weight × growth factor × negative share.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.advise.model import Also, Card, LeaveAlone, Origin, Reason, ThreadCount
from listener.advise.quotes import CARD_CHARS, SHORT_CHARS, choose, clean, place, quote, tag_of, told_by
from listener.advise.scene import Scene
from listener.advise.usual import Growth, Usual, growth
from listener.config import Topic
from listener.records import Alert, AlertState, Judged, Severity

MOST_CARDS = 5
MIN_VOICES = 3
URGENT = frozenset({"safety", "data-misuse"})
LOUD = frozenset({"legal-threat", "press-interest"})
EPISODE_GAP = timedelta(hours=48)  # after that long a silence the same topic is a new matter
FOLD_SHARE = 0.6
HEAVY = 1.5  # topic weight from which two voices are enough
ALERT_SHARE = 0.5  # of a general alert's evidence that a matter must hold for the alert to be about it
TITLE_SHARE = 1 / 3  # of a thread's voices that must speak of a matter for the thread's title to name it
TITLE_CHARS = 90
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
    cards = tuple(_card(scene, candidate) for candidate in chosen[:MOST_CARDS])
    return cards, tuple(candidate.topic for candidate in chosen[MOST_CARDS:])


def _inside(candidate: _Candidate, host: _Candidate) -> bool:
    """Whether a topic is part of a matter: most of its posts are, or, for what only accompanies it, stand around it."""
    accompanies = candidate.topic.kind != "complaint" and host.topic.kind == "complaint"
    shared = [
        post for post in candidate.posts
        if post.post_key in host.keys or (accompanies and post.thread_url in host.threads)
    ]  # fmt: skip
    return len(shared) >= FOLD_SHARE * len(candidate.posts)


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
        _severity(topic, reasons, len(voices), alert),
        len(voices) * topic.weight * (pace.factor if pace else 1.0) * max(negative, 0.1),
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
    """The newest alert about this matter: of its topic, or a general one of whose evidence it holds the half."""
    keys = {post.post_key for post in posts}

    def holds(alert: Alert) -> bool:
        return len(keys.intersection(alert.evidence)) >= max(ALERT_SHARE * len(alert.evidence), 1)

    about = [a for a in alerts_out(scene) if a.topic == topic or (not a.topic and holds(a))]
    return max(about, key=lambda alert: (alert.opened, alert.key), default=None)


def alerts_out(scene: Scene) -> list[Alert]:
    """The alerts that were out on the day: opened before its end, not closed before it."""
    facts = scene.facts
    return [a for a in facts.alerts if a.opened < facts.end and (a.closed is None or a.closed >= facts.start)]


def state_at_end(scene: Scene, alert: Alert) -> AlertState:
    """An alert's state at the day's end, as far as it is known from what it became later."""
    end = scene.facts.end
    if alert.closed is not None and alert.closed < end:
        return "closed"
    if alert.acknowledged is not None and alert.acknowledged < end:
        return "acknowledged"
    return "escalated" if alert.state == "escalated" else "open"


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
    opened = {post.thread_url for post in posts if post.position == 0}
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
        standing_days=sum(1 for day in counts if day > facts.day - timedelta(days=30)),
        negative_share=chosen.negative_share,
        growth=chosen.growth,
        usual=chosen.usual,
        origin=Origin(
            first.post_key, first.url, first.thread_url, clean(first.thread_title, TITLE_CHARS),
            place(first.platform), first.when, first.first_seen,
        ),
        busiest=busiest,
        threads=len({post.thread_url for post in posts}),
        answered_threads=len({post.thread_url for post in posts} & answered.keys()),
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
    )  # fmt: skip


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


def leave_alone(scene: Scene, most: int = 3) -> tuple[LeaveAlone, ...]:
    """One voice in three or more threads of the last week, repeating itself, with hardly anybody joining in."""
    today = {scene.voice_of[post.post_key] for post in scene.today if post.label == "negative"}
    by_voice: defaultdict[str, list[Judged]] = defaultdict(list)
    for back in range(6, -1, -1):
        for post in scene.by_day.get(scene.facts.day - timedelta(days=back), ()):
            if post.label == "negative" and (voice := scene.voice_of[post.post_key]) in today:
                by_voice[voice].append(post)
    found = []
    for voice, posts in by_voice.items():
        if len(posts) < 3 or any(tag.topic in URGENT for post in posts for tag in post.topics):
            continue
        print_, copies = Counter(post.story or post.fingerprint for post in posts).most_common(1)[0]
        repeated = [post for post in posts if (post.story or post.fingerprint) == print_]
        threads = {post.thread_url for post in repeated}
        others = scene.voices(p for p in scene.today if p.thread_url in threads) - {voice}
        if len(threads) < 3 or len(others) >= 3 or all(scene.days[p.post_key] != scene.facts.day for p in repeated):
            continue
        first = repeated[0]
        title = clean(first.thread_title or first.text, TITLE_CHARS)
        places = len({post.platform for post in repeated})
        found.append((copies, LeaveAlone(title, places, len(threads), len(others), quote(first, width=SHORT_CHARS))))
    found.sort(key=lambda pair: (-pair[0], pair[1].quote.post_key))
    return tuple(item for _, item in found[:most])
