"""A day's facts → a digest: every number and every chosen post, but no words yet. Pure and deterministic."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pydantic_core

from listener.advise.aftermath import matters_after, open_matters
from listener.advise.alarms import alerts_out, state_at_end
from listener.advise.cards import matters
from listener.advise.causes import causes_of
from listener.advise.coverage import Coverage, Hearing, HearingState
from listener.advise.facts import Facts, SourceDay
from listener.advise.leave import leave_alone
from listener.advise.model import (
    Account,
    AccountDay,
    AlertLine,
    AtRisk,
    Card,
    Digest,
    Row,
    Share,
    TopicDays,
    VoiceDay,
)
from listener.advise.moved import loudest_of, praise_of, said_of, talk_of, weighed_of
from listener.advise.quotes import clean
from listener.advise.scene import Scene, set_scene
from listener.advise.usual import decayed, usual
from listener.advise.verdict import CAUSE_SHARE, judge_day

__all__ = ["as_json", "compose", "matters_after"]

CHART_DAYS = 30
MOST_LINES = 5  # topics of the picture of complaints by day
# What people wrote, and what the config says anyway.
_WORDS = frozenset({"text", "told_by", "title", "thread_title", "cues", "advice", "words"})
_WORST: dict[HearingState, int] = {
    "blocked": 0, "robots": 0, "gone": 1, "unreadable": 2, "config": 2, "late": 3, "partly": 4, "afterwards": 5,
    "not-yet": 6, "heard": 7,
}  # fmt: skip


def compose(facts: Facts) -> Digest:
    """The digest of one brand's day; the same facts give an equal digest."""
    scene = set_scene(facts)
    cards, more = matters(scene)
    leave = leave_alone(scene)
    account = _account(facts, scene.since)
    entries = [entry for entry in facts.entries if entry.day == facts.day]
    praise = praise_of(scene, cards)
    coverage = _coverage(scene)
    today = scene.today
    voices = scene.voices(today)
    verdict = judge_day(account, entries, cards, praise, coverage, len(voices))
    unexplained = verdict.direction == "worse" and verdict.share < CAUSE_SHARE
    weighed = weighed_of(scene, entries, cards) if unexplained else ()
    if not weighed and not cards and not leave and all(kind.quote is None for kind in praise):
        weighed = said_of(scene)
    return Digest(
        brand=facts.brand.id,
        name=facts.brand.name,
        own_names=(facts.brand.id, *facts.brand.own_authors),
        zone=facts.brand.time_zone,
        day=facts.day,
        end=facts.end,
        late=facts.late,
        verdict=verdict,
        account=account,
        voices=len(voices),
        posts=len(today),
        places=len({post.platform for post in today}),
        negative_voices=len(scene.voices(post for post in today if post.label == "negative")),
        usual_voices=scene.usual_voices("", facts.day),
        voice_days=_voice_days(scene),
        topic_days=_topic_days(scene),
        cards=cards,
        more_matters=more,
        leave=leave,
        alerts=_alerts(scene, cards),
        weighed=weighed,
        loudest=loudest_of(scene) if unexplained else (),
        no_answer=facts.playbook.no_answer if leave else (),
        disclosure=facts.playbook.general.disclosure,
        one_reply=facts.playbook.general.one_reply,
        praise=praise,
        topics=_topics(scene),
        touchpoints=_touchpoints(scene),
        at_risk=_at_risk(facts),
        open=open_matters(scene, cards),
        coverage=coverage,
        shares=_shares(facts, scene),
        versions=clean(facts.versions, 300),
        accuracy=facts.accuracy,
        mean_confidence=sum(post.confidence for post in today) / len(today) if today else 0.0,
        half_life_days=facts.half_life_days,
        heard_from=scene.since,
        talk=talk_of(scene),
        causes=causes_of(scene, entries, cards, better=verdict.direction == "better"),
    )


def as_json(digest: object) -> str:
    """The digest as JSON, what the words were made from: for the store. Nobody's words are in it, only post keys."""
    return pydantic_core.to_json(_without(pydantic_core.to_jsonable_python(digest), _WORDS)).decode()


def _without(plain: Any, names: frozenset[str]) -> Any:
    """JSON data without those keys, at any depth."""
    if isinstance(plain, dict):
        return {key: _without(value, names) for key, value in plain.items() if key not in names}
    return [_without(value, names) for value in plain] if isinstance(plain, list) else plain


def _account(facts: Facts, since: date) -> Account:
    lines = {line.day: line for line in facts.balance_lines if line.day <= facts.day}
    nets = [(day, line.deposits - abs(line.withdrawals)) for day, line in sorted(lines.items())]
    balances = dict(decayed(nets, facts.day, facts.half_life_days))
    first = max(facts.day - timedelta(days=CHART_DAYS - 1), min([since, *lines]))
    shown = []
    for n in range((facts.day - first).days, -1, -1):
        day = facts.day - timedelta(days=n)
        line = lines.get(day)
        deposits, withdrawals = (line.deposits, -abs(line.withdrawals)) if line else (0.0, 0.0)
        shown.append(AccountDay(day, deposits, withdrawals, balances.get(day, 0.0)))
    return Account(
        days=tuple(shown),
        before=balances.get(facts.day - timedelta(days=1)),
        month_ago=balances.get(facts.day - timedelta(days=30)),
        usual_net=usual(dict(nets), facts.day, since),
    )


def _chart_days(scene: Scene) -> list[date]:
    day = scene.facts.day
    first = max(day - timedelta(days=CHART_DAYS - 1), scene.since)
    return [first + timedelta(days=n) for n in range((day - first).days + 1)]


def _voice_days(scene: Scene) -> tuple[VoiceDay, ...]:
    counts = scene.counts("")
    return tuple(VoiceDay(d, int(counts.get(d, 0)), usual(counts, d, scene.since)) for d in _chart_days(scene))


def _topic_days(scene: Scene) -> tuple[TopicDays, ...]:
    """The complaints that most voices had over the days of the charts, most first; one voice alone is no line."""
    days = _chart_days(scene)
    found = [
        TopicDays(topic, tuple(int(scene.counts(topic.id).get(day, 0)) for day in days))
        for topic in scene.facts.topics
        if topic.kind == "complaint"
    ]
    found = [one for one in found if sum(one.voices) > 1]
    return tuple(sorted(found, key=lambda one: (-sum(one.voices), one.topic.id))[:MOST_LINES])


def _alerts(scene: Scene, cards: Sequence[Card]) -> tuple[AlertLine, ...]:
    """Alerts that no card tells of, oldest first: the day's own, and graver ones that nobody has taken up."""
    topics = {topic.id: topic for topic in scene.facts.topics}
    told = {card.alert_key for card in cards}
    found = []
    for alert in sorted(alerts_out(scene), key=lambda alert: (alert.opened, alert.key)):
        state = state_at_end(scene, alert)
        waits = alert.severity != "low" and state in {"open", "escalated"}
        if alert.key not in told and (waits or alert.opened >= scene.facts.start):
            found.append(AlertLine(topics.get(alert.topic), state, alert.opened))
    return tuple(found[-3:])


def _topics(scene: Scene) -> tuple[Row, ...]:
    """Topics of the day, and those that are usual but were silent; most unusual first."""
    nets: Counter[str] = Counter()
    for entry in scene.facts.entries:
        if entry.day == scene.facts.day:
            nets[entry.reason] += entry.amount  # type: ignore[assignment]  # Counter adds floats as well
    rows = []
    for topic in scene.facts.topics:
        voices = int(scene.counts(topic.id).get(scene.facts.day, 0))
        normal = scene.usual_voices(topic.id, scene.facts.day)
        if voices or (normal and normal.low > 0):
            rows.append(Row(topic, topic.touchpoint, voices, normal, float(nets[topic.id])))
    return (*sorted(rows, key=_unusual)[:10], *_no_topic(scene))


def _no_topic(scene: Scene) -> tuple[Row, ...]:
    """What was booked under no topic: the voices behind these entries and their LU; nothing if there are none."""
    voices: defaultdict[date, set[str]] = defaultdict(set)
    net = 0.0
    for entry in scene.facts.entries:
        if not entry.reason:
            voices[entry.day].add(entry.voice)
            net += entry.amount if entry.day == scene.facts.day else 0.0
    day = scene.facts.day
    if day not in voices:
        return ()
    counts = {of: float(len(some)) for of, some in voices.items()}
    return (Row(None, "", len(voices[day]), usual(counts, day, scene.since), net),)


def _touchpoints(scene: Scene) -> tuple[Row, ...]:
    point_of = {topic.id: topic.touchpoint for topic in scene.facts.topics}
    voices: defaultdict[str, defaultdict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for topic, by_day in scene.topic_voices.items():
        for day, some in by_day.items() if topic in point_of else ():
            voices[point_of[topic]][day] |= some
    nets: defaultdict[str, float] = defaultdict(float)
    for entry in scene.facts.entries:
        if entry.day == scene.facts.day and entry.reason:
            nets[entry.touchpoint] += entry.amount
    rows = []
    for point in sorted(voices.keys() | nets.keys()):
        counts = {day: float(len(some)) for day, some in voices[point].items()}
        today = int(counts.get(scene.facts.day, 0))
        if today or nets.get(point):
            normal = usual(counts, scene.facts.day, scene.since) if counts else None
            rows.append(Row(None, point, today, normal, nets.get(point, 0.0)))
    return (*sorted(rows, key=lambda row: (row.net, row.touchpoint))[:8], *_no_topic(scene))


def _unusual(row: Row) -> tuple[float, int, str]:
    """How far above (or else below) its range a row lies; then its size."""
    high = row.usual.high if row.usual else 0.0
    return (-max(row.voices - high, 0.0), -row.voices, row.topic.id if row.topic else row.touchpoint)


def _at_risk(facts: Facts) -> AtRisk:
    reasons = Counter(reason for row in facts.relationships for reason in row.reasons)
    recent = [row for row in facts.relationships if row.last_at >= facts.end - timedelta(days=7)]
    newest = sorted(recent, key=lambda row: (-row.last_at.timestamp(), row.voice))[:5]
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return AtRisk(len(facts.relationships), tuple((str(reason), n) for reason, n in ranked), tuple(newest))


def _coverage(scene: Scene) -> Coverage:
    read = {post.source for post in (*scene.today, *scene.answers) if scene.facts.start <= post.when}
    lines = [_hearing(scene.facts, source, source.line.source in read) for source in scene.facts.sources]
    lines.sort(key=lambda line: (_WORST[line.state], line.since, line.title))
    heard = sum(line.state in {"heard", "partly", "afterwards"} for line in lines)
    total = sum(line.state != "not-yet" for line in lines)
    full = (scene.facts.end - scene.facts.start) / timedelta(hours=1)
    hours = sum(full if line.state == "afterwards" else line.hours for line in lines if line.state != "not-yet")
    share = min(1.0, hours / (full * total)) if total else 0.0
    copied = Counter(post.story for post in scene.today if post.story)
    return Coverage(
        heard,
        total,
        tuple(line for line in lines if line.state != "heard"),
        share,
        muted=scene.facts.muted,
        copies=copied.total() - len(copied),
        texts=sum(count > 1 for count in copied.values()),
        campaigns=len({post.story for post in scene.today if post.kind == "campaign"}),
    )


def _hearing(facts: Facts, source: SourceDay, read: bool) -> Hearing:
    """A state that began after the day does not speak about the day; then the heard hours do.

    Args:
        read: there are posts of the day from it, so it was read afterwards if no hour of the day was heard.
    """
    line = source.line
    first = line.first_heard or (line.since if line.state == "new" else None)
    full = min(24, round((facts.end - facts.start) / timedelta(hours=1)))  # 23 when the clocks go forward
    state: HearingState = "late"
    if line.since < facts.end and line.state in ("robots", "blocked", "gone", "unreadable", "config"):
        state = line.state  # type: ignore[assignment]  # narrowed by the test above, which mypy does not see
    elif source.heard_hours >= full:
        state = "heard"
    elif source.heard_hours > 0:
        state = "partly"
    elif read:
        state = "afterwards"
    elif first is not None and first >= facts.end:
        state = "not-yet"
    return Hearing(
        clean(source.title or line.source, 60),
        state,
        source.heard_hours,
        line.since,
        clean(line.detail, 160),
        line.hours,
    )


def _shares(facts: Facts, scene: Scene) -> tuple[Share, ...]:
    """Voices of the last seven days, each day's counted once; empty without rivals."""
    if not facts.rivals:
        return ()
    counts = scene.counts("")
    own = [int(counts.get(facts.day - timedelta(days=n), 0)) for n in range(6, -1, -1)]
    rows = [
        (facts.brand.name, True, own, None),
        *((r.name, False, list(r.voices_by_day[-7:]), r.balance) for r in facts.rivals),
    ]
    total = sum(sum(week) for _, _, week, _ in rows)
    found = [
        Share(name, mine, sum(week), sum(week) / total if total else 0.0, week[-1] if week else 0, balance)
        for name, mine, week, balance in rows
    ]
    return tuple(sorted(found, key=lambda share: (-share.week, not share.own, share.name.en)))
