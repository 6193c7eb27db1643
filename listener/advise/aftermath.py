"""What was advised before, and what became of it: answered, cooled, grew, or waiting."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from listener.advise.episode import answers_to, episode
from listener.advise.model import Card, Digest, OpenMatter, OpenState
from listener.advise.scene import Scene
from listener.advise.threads import course_of
from listener.advise.usual import growth
from listener.store.protocol import Matter

COOLED_DAYS = 3  # without a voice: a matter nobody speaks of is closed
ANSWERED_SHARE = 0.25  # of its peak: an answered matter that has fallen so far is closed
WEEK = 7  # days that are shown


def matters_after(digest: Digest, previous: Sequence[Matter]) -> tuple[Matter, ...]:
    """What to store after this digest: new matters, those advised on again, and those that are over.

    A matter closes as "answered" when the brand has answered in one of its threads and at most a quarter of its peak
    speaks of it, as "cooled" when nobody has for three days. Storing the result and making the day's digest again
    changes nothing.
    """
    before = {matter.topic: matter for matter in previous if matter.closed is None or matter.closed == digest.day}
    after = []
    for card in digest.cards:
        if card.topic.id not in before:
            first = min(card.origin.at, card.origin.seen)
            after.append(
                Matter(
                    digest.brand, card.topic.id, first, digest.day, digest.day, card.voices, card.voices, card.answered
                )
            )
    for state in digest.open:
        matter = before.get(state.topic)
        if matter is None:
            continue
        closed = state.state.startswith("closed")
        after.append(
            Matter(
                digest.brand,
                state.topic,
                matter.first_post,
                matter.first_advised,
                digest.day if state.card is not None else matter.last_advised,
                max(state.peak, matter.peak_voices),
                state.voices,
                state.answered,
                digest.day if closed else None,
                state.state.removeprefix("closed-") if closed else "",
            )
        )
    return tuple(after)


def open_matters(scene: Scene, cards: Sequence[Card]) -> tuple[OpenMatter, ...]:
    """Counted anew from the posts, not from what was stored last: so a digest made twice says the same twice."""
    facts, day = scene.facts, scene.facts.day
    names = {topic.id: topic.label for topic in facts.topics}
    numbers = {card.topic.id: number for number, card in enumerate(cards)}
    found = []
    for matter in sorted(facts.matters, key=lambda m: (m.first_advised, m.topic)):
        if matter.first_advised >= day or (matter.closed is not None and matter.closed < day):
            continue
        counts = scene.counts(matter.topic)
        began = facts.local_day(matter.first_post)
        peak = int(max([n for d, n in counts.items() if began <= d <= day], default=0))
        posts = [p for p in scene.topic_posts.get(matter.topic, ()) if p.when >= matter.first_post]
        own = answers_to(scene, posts or episode(scene, matter.topic)).values()
        answered = min([*own, *([matter.answered] if matter.answered else [])], default=None)
        voices = int(counts.get(day, 0))
        at_advice = int(counts.get(matter.first_advised, 0))
        since = [matter.first_advised + timedelta(days=n) for n in range((day - matter.first_advised).days + 1)]
        quiet = all(not counts.get(day - timedelta(days=n)) for n in range(COOLED_DAYS))
        state: OpenState = "answered" if answered else "waiting"
        if answered and voices <= max(peak, matter.peak_voices) * ANSWERED_SHARE and matter.topic not in numbers:
            state = "closed-answered"
        elif quiet and not answered:
            state = "closed-cooled"
        found.append(
            OpenMatter(
                matter.topic,
                names.get(matter.topic),
                matter.first_post,
                matter.first_advised,
                state,
                answered,
                voices,
                int(counts.get(day - timedelta(days=1), 0)),
                max(peak, matter.peak_voices),
                (day - matter.first_advised).days,
                numbers.get(matter.topic),
                at_advice,
                tuple(int(counts.get(one, 0)) for one in since[-WEEK:]),
                "cooling" if quiet else course_of(growth(at_advice, voices, 24.0)),
                _after(counts, facts.local_day(answered), day) if answered else None,
                facts.hand(matter.topic, matter.first_post),
            )
        )
    return tuple(found)


def _after(counts: Mapping[date, float], answered: date, day: date) -> float | None:
    """Voices a day on average from the day after the answer; None where that has not come yet."""
    days = [answered + timedelta(days=n) for n in range(1, (day - answered).days + 1)]
    return sum(counts.get(one, 0.0) for one in days) / len(days) if days else None
