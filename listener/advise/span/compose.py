"""A week's or a month's facts → its digest: every number and every chosen post, but no words yet. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from listener.advise.model import Quote, VoiceDay
from listener.advise.quotes import SHORT_CHARS, choose, clean, is_clear_praise
from listener.advise.span.account import account_of, direction_of, sure_of
from listener.advise.span.facts import SpanFacts
from listener.advise.span.heard import alerts_of, coverage_of
from listener.advise.span.model import (
    Cause,
    MatterState,
    SpanDigest,
    SpanMatter,
    SpanPraise,
    SpanRow,
    SpanVerdict,
)
from listener.advise.span.share import share_out
from listener.advise.usual import growth, usual
from listener.records import Judged
from listener.store.protocol import Matter
from listener.store.spanned import SpanTopic

MOST_TOPICS, MOST_SOURCES, MOST_THREADS, MOST_MATTERS, MOST_PRAISE = 3, 2, 3, 8, 4
LEAST_LU, LEAST_SHARE = 2.0, 0.1  # a cause that moved less is not told
CAUSE_SHARE = 1 / 3  # of what moved the account, for a topic to stand in the line
URGENT = frozenset({"safety", "data-misuse"})


def compose_span(facts: SpanFacts) -> SpanDigest:
    """The digest of one brand's week or month; the same facts give an equal digest."""
    account = account_of(facts)
    coverage = coverage_of(facts)
    shown: set[str] = set()  # no post is quoted twice
    causes = _causes(facts, account.net_before is not None, shown)
    matters = _matters(facts, shown)
    direction = direction_of(account, coverage, facts.totals.voices)
    heard_before = account.net_before is not None
    return SpanDigest(
        brand=facts.brand.id,
        name=facts.brand.name,
        own_names=(facts.brand.id, *facts.brand.own_authors),
        zone=facts.brand.time_zone,
        period=facts.period,
        late=facts.late,
        verdict=SpanVerdict(
            direction,
            _named_cause(causes, -1 if direction == "worse" else 1) if direction in ("worse", "better") else None,
            _named_matter(matters),
            sure_of(account, facts.totals.voices),
        ),
        account=account,
        totals=facts.totals,
        before=facts.before if heard_before else None,
        voice_days=_voice_days(facts),
        causes=causes,
        matters=tuple(matters[:MOST_MATTERS]),
        more_matters=max(0, len(matters) - MOST_MATTERS),
        praise=_praise(facts, shown),
        topics=_topics(facts, heard_before),
        touchpoints=_touchpoints(facts),
        risks=facts.risks,
        alerts=alerts_of(facts),
        coverage=coverage,
        shares=share_out(facts.rivals) if len(facts.rivals) > 1 else (),
        versions=facts.versions,
        accuracy=facts.accuracy,
        half_life_days=facts.half_life_days,
        heard_from=facts.heard_from,
    )


def topics_to_quote(facts: SpanFacts) -> tuple[tuple[str, int], ...]:
    """(topic, −1 for complaints or +1 for praise) whose posts the page will want to choose from.

    Asked before `facts.evidence` is filled.
    """
    moved = _movements(facts)
    loud = sorted(moved, key=lambda topic: -abs(moved[topic][0] - moved[topic][1]))[: 2 * MOST_TOPICS]
    kind = {topic.id for topic in facts.known_topics if topic.kind == "praise"}
    paid = sorted(kind & moved.keys(), key=lambda topic: -moved[topic][0])[:MOST_PRAISE]
    wanted = {*loud, *paid, *(matter.topic for matter in facts.matters), ""}
    return tuple((topic, 1 if topic in kind or not topic else -1) for topic in sorted(wanted))


def threads_to_quote(facts: SpanFacts) -> tuple[str, ...]:
    """The same for threads."""
    return tuple(cause.url for cause in _threads(facts, set()))


def _movements(facts: SpanFacts) -> dict[str, tuple[float, float]]:
    """topic ("" for none) → what it brought in the period, and in the one before."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for booked in facts.booked:
        sums[booked.reason][not facts.period.holds(booked.day)] += booked.deposits + booked.withdrawals
    return {reason: (now, before) for reason, (now, before) in sums.items()}


def _causes(facts: SpanFacts, compared: bool, shown: set[str]) -> tuple[Cause, ...]:
    """Topics and sources by how they moved against the period before, then the threads that weighed most.

    Where there is nothing to compare with, by what they brought in the period itself.
    """
    topics = {topic.id: topic for topic in facts.known_topics}
    spoken = {one.topic: one for one in facts.topics}
    nobody = SpanTopic("", 0, 0, 0, ())
    found = [
        Cause(
            "topic", topics.get(reason), "", "", "", spoken.get(reason, nobody).voices,
            spoken.get(reason, nobody).voices_before, now, before if compared else 0.0, 0.0,
        )
        for reason, (now, before) in _movements(facts).items()
    ]  # fmt: skip
    places = {source.line.source: source.line for source in facts.sources}
    heard = [
        Cause(
            "source", None, clean(one.source, 60), places[one.source].url if one.source in places else "", "",
            one.voices, one.voices_before, one.net, one.net_before if compared else 0.0, 0.0,
        )
        for one in facts.places
    ]  # fmt: skip
    net = sum(cause.moved for cause in found)
    sign = -1 if net < 0 else 1
    sources = _moving(heard, MOST_SOURCES, sign) if len(facts.places) > 1 else []
    topical = [_shown(facts, shown, cause) for cause in (*_moving(found, MOST_TOPICS, sign), *_moving(found, 1, -sign))]
    return (*topical, *sources, *_threads(facts, shown))


def _shown(facts: SpanFacts, shown: set[str], cause: Cause) -> Cause:
    """With a post that shows it; a complaint that eased, or praise that fell off, has none to show."""
    sign = 1 if cause.moved > 0 else -1
    if cause.topic is None or (cause.topic.kind == "praise") != (sign > 0):
        return cause
    return replace(cause, quote=_quote(facts, shown, cause.topic.id, sign))


def _moving(causes: Sequence[Cause], most: int, sign: int) -> list[Cause]:
    """Those that moved the account in one direction, each with its share of all that did."""
    same = [cause for cause in causes if cause.moved * sign > 0]
    total = sum(cause.moved for cause in same)
    ranked = sorted(same, key=lambda cause: (-cause.moved * sign, cause.title, cause.topic.id if cause.topic else ""))
    shares = [(cause, cause.moved / total) for cause in ranked[:most]]
    return [
        replace(cause, share=share) for cause, share in shares if abs(cause.moved) >= LEAST_LU and share >= LEAST_SHARE
    ]


def _threads(facts: SpanFacts, shown: set[str]) -> list[Cause]:
    """The threads that cost or brought most, each with its part of all that was withdrawn or deposited."""
    inside = [one for one in facts.booked if facts.period.holds(one.day)]
    totals = {-1: sum(one.withdrawals for one in inside), 1: sum(one.deposits for one in inside)}
    found: list[Cause] = []
    for thread in sorted(facts.threads, key=lambda one: (-abs(one.net), one.url)):
        sign = -1 if thread.net < 0 else 1
        share = thread.net / totals[sign] if totals[sign] else 0.0
        if thread.voices < 3 or abs(thread.net) < LEAST_LU or share < LEAST_SHARE / 4:
            continue
        if len(found) == MOST_THREADS:
            break
        found.append(
            Cause(
                "thread", None, clean(thread.title, 90), thread.url, thread.post_key, thread.voices, 0, thread.net,
                thread.net_before, share, thread.answered,
                _quote(facts, shown, thread.topic, sign, posts=facts.in_threads.get(thread.url, ())),
            )
        )  # fmt: skip
    return found


def _named_cause(causes: Sequence[Cause], sign: int) -> int | None:
    """The topic to be named in the line: it moved the account by a third of all that moved it so."""
    for number, cause in enumerate(causes):
        if cause.kind == "topic" and cause.topic and cause.moved * sign > 0 and cause.share >= CAUSE_SHARE:
            return number
    return None


def _quote(
    facts: SpanFacts,
    shown: set[str],
    topic: str,
    sign: int,
    days: Iterable[date] = (),
    posts: Sequence[Judged] | None = None,
) -> Quote | None:
    """The post that shows a topic best and is not among `shown`, to which it is added.

    Args:
        days: only of these; all, if there are none. posts: to choose from, in place of the topic's own.
    """
    wanted, zone = set(days), facts.brand.zone
    left = [
        post
        for post in (facts.evidence.get(topic, ()) if posts is None else posts)
        if post.post_key not in shown and (not wanted or post.when.astimezone(zone).date() in wanted)
    ]
    best = next(iter(choose(left, 1, topic, sign=sign, width=SHORT_CHARS)), None)
    shown.update({best.post_key} if best else ())
    return best


def _matters(facts: SpanFacts, shown: set[str]) -> list[SpanMatter]:
    """Those that wait first, the costliest of them first; then the answered ones, then the closed ones by day."""
    found = [_matter(facts, matter) for matter in facts.matters]
    rank = {"waiting": 0, "answered": 1, "closed-answered": 2, "closed-cooled": 2}
    found.sort(key=lambda pair: (rank[pair[0].state], pair[0].closed or date.max, pair[0].net, pair[0].name))
    return [replace(one, quote=_quote(facts, shown, one.name, -1, days)) if days else one for one, days in found]


def _matter(facts: SpanFacts, matter: Matter) -> tuple[SpanMatter, Sequence[date]]:
    """A matter, without a quote yet, and its days in the period."""
    period, zone = facts.period, facts.brand.zone
    spoken = next((one for one in facts.topics if one.topic == matter.topic), None)
    closed = matter.closed if matter.closed is not None and matter.closed <= period.last else None
    first = max(matter.first_post.astimezone(zone).date(), period.first)
    days = [first + timedelta(days=n) for n in range(((closed or period.last) - first).days + 1)]
    counts = dict(spoken.days) if spoken else {}
    told = [counts.get(day, 0) for day in days]
    answered = matter.answered if matter.answered and matter.answered < period.end(zone) else None
    state: MatterState = "answered" if answered else "waiting"
    if closed is not None:
        state = "closed-answered" if matter.outcome == "answered" else "closed-cooled"
    half = len(told) // 2
    moves = growth(sum(told[len(told) - 2 * half : len(told) - half]), sum(told[len(told) - half :]), half * 24.0)
    alone = sum(other.topic == matter.topic for other in facts.matters) == 1
    inside = set(days)
    told_of = SpanMatter(
        topic=next((topic for topic in facts.known_topics if topic.id == matter.topic), None),
        name=matter.topic,
        first_advised=matter.first_advised,
        state=state,
        answered=answered,
        closed=closed,
        voices=(spoken.voices if spoken else 0) if alone else None,
        peak=max(told, default=0),
        net=sum(b.deposits + b.withdrawals for b in facts.booked if b.reason == matter.topic and b.day in inside),
        trend="" if closed or half == 0 else moves.kind,
        waiting_days=(period.last - matter.first_advised).days + 1,
        quote=None,
    )
    return told_of, days if any(told) else ()


def _named_matter(matters: Sequence[SpanMatter]) -> int | None:
    """One that waits and must not: safety or data misuse, or of ten voices on a day."""
    for number, matter in enumerate(matters):
        if matter.state == "waiting" and matter.peak >= (2 if matter.name in URGENT else 10):
            return number
    return None


def _praise(facts: SpanFacts, shown: set[str]) -> tuple[SpanPraise, ...]:
    """Deposits by the praise topic that earned them, most first; at the end what no topic names."""
    kinds = {topic.id: topic for topic in facts.known_topics if topic.kind == "praise"}
    now: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for booked in facts.booked:
        sums = now if facts.period.holds(booked.day) else before
        sums[booked.reason if booked.reason in kinds else ""] += booked.deposits  # type: ignore[assignment]
    voices = {one.topic: one.voices for one in facts.topics}
    sore = {thread.url for thread in facts.threads if thread.net < 0}
    found = []
    for reason, amount in now.items():
        clear = [
            post
            for post in facts.evidence.get(reason, ())
            if is_clear_praise(post, kinds.keys()) and post.thread_url not in sore
        ]
        if float(amount) >= LEAST_LU:
            found.append(
                SpanPraise(
                    kinds.get(reason), voices.get(reason, 0), float(amount), float(before[reason]),
                    _quote(facts, shown, reason, 1, posts=clear),
                )
            )  # fmt: skip
    return tuple(
        sorted(found, key=lambda one: (one.topic is None, -one.amount, one.topic.id if one.topic else ""))[:MOST_PRAISE]
    )


def _topics(facts: SpanFacts, compared: bool) -> tuple[SpanRow, ...]:
    """Topics of the two periods, those that moved most clearly first."""
    known = {topic.id: topic for topic in facts.known_topics}
    moved = _movements(facts)
    rows = []
    for one in facts.topics:
        if one.topic not in known:
            continue
        change = growth(one.voices_before, one.voices, facts.period.days * 24.0)
        up = change.kind in {"growing", "doubling", "new"}
        net, before = moved.get(one.topic, (0.0, 0.0))
        rows.append(
            SpanRow(
                known[one.topic], "", one.voices, one.voices_before, net, before,
                "" if not compared else "up" if up else "down" if change.kind == "falling" else "",
            )
        )  # fmt: skip
    rows.sort(key=lambda row: (not row.moved, -abs((row.voices or 0) - (row.voices_before or 0)), -(row.voices or 0)))
    nothing = moved.get("")
    return (*rows[:12], *([SpanRow(None, "", None, None, *nothing)] if nothing else []))


def _touchpoints(facts: SpanFacts) -> tuple[SpanRow, ...]:
    """Where love was won and lost, the costliest first."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for booked in facts.booked:
        if booked.reason:
            sums[booked.touchpoint][not facts.period.holds(booked.day)] += booked.deposits + booked.withdrawals
    rows = [SpanRow(None, point, None, None, now, before) for point, (now, before) in sums.items()]
    return tuple(sorted(rows, key=lambda row: (row.net, row.touchpoint))[:10])


def _voice_days(facts: SpanFacts) -> tuple[VoiceDay, ...]:
    """Voices a day of the period; of a week with what was usual for that weekday."""
    counts: Mapping[date, float] = {day.day: day.voices for day in facts.days}
    since = max(facts.heard_from or facts.period.first, facts.period.last - timedelta(days=34))
    days = [facts.period.first + timedelta(days=n) for n in range(facts.period.days)]
    return tuple(VoiceDay(day, int(counts.get(day, 0)), usual(counts, day, since)) for day in days)
