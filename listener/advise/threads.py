"""How a matter's threads stand: growing or cooling, answered or waiting, whether a brand may post there, and whether
it should."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from listener.advise.episode import pace
from listener.advise.matter import Course, PlaceRule, Silence, ThreadLife
from listener.advise.quotes import TITLE_CHARS, clean, place
from listener.advise.scene import Scene
from listener.advise.usual import Growth
from listener.records import Judged, Severity

COOL = timedelta(hours=12)  # without a post about the matter before the day's end
MOST = 3
SHARED = 0.6  # of a matter's posts in another's threads: one answer serves both


def course_of(growth: Growth | None, *, quiet: bool = False) -> Course:
    """A trend in one word. `quiet`: nobody has spoken for 12 hours."""
    kind = growth.kind if growth else "few"
    if kind in ("growing", "doubling", "new") and not quiet:
        return "growing"
    if quiet or kind == "falling":
        return "cooling"
    return "steady" if kind == "steady" else ""


def lives_of(
    scene: Scene, posts: Sequence[Judged], whole: Sequence[Judged], answered: Mapping[str, datetime]
) -> tuple[ThreadLife, ...]:
    """The threads in which a matter was spoken of on the day, most voices first, at most three.

    Args:
        posts: about the matter, of the day. whole: since it began. answered: thread → the brand's first post in it.
    """
    end, reading = scene.facts.end, scene.facts.reading
    today, ever = _by_thread(posts), _by_thread(whole)
    found = []
    for url, said in today.items():
        all_said = ever.get(url, said)
        last = max(post.when for post in said)
        answer = answered.get(url)
        yesterday = [p for p in all_said if scene.facts.start - timedelta(days=1) <= p.when < scene.facts.start]
        found.append(
            ThreadLife(
                url=url,
                title=clean(said[0].thread_title, TITLE_CHARS),
                platform=place(said[0].platform),
                post_key=said[0].post_key,
                voices=len(scene.voices(said)),
                before=len(scene.voices(yesterday)),
                total=len(scene.voices(all_said)),
                last=last,
                course=course_of(pace(scene, all_said), quiet=end - last >= COOL),
                answered=answer,
                after=len(scene.voices(p for p in all_said if p.when > answer)) if answer else 0,
                waiting_h=0.0 if answer else (reading - all_said[0].when) / timedelta(hours=1),
            )
        )
    return tuple(sorted(found, key=lambda life: (-life.voices, -life.total, life.last, life.url))[:MOST])


def rules_of(scene: Scene, posts: Sequence[Judged], lives: Sequence[ThreadLife]) -> tuple[PlaceRule, ...]:
    """What is set about each place of these threads, each place once."""
    sources = {source.line.source: source for source in scene.facts.sources}
    of_thread = {post.thread_url: sources.get(post.source) for post in posts}
    found: dict[str, PlaceRule] = {}
    for life in lives:
        source = of_thread.get(life.url)
        rule = PlaceRule(life.platform)
        if source is not None:
            rule = PlaceRule(life.platform, source.rule, source.rule_note, source.rule_url)
        if life.platform not in found or not found[life.platform].rule:
            found[life.platform] = rule
    return tuple(found.values())


def silence_of(
    lives: Sequence[ThreadLife], threads: int, answered: Mapping[str, datetime], severity: Severity, *, urgent: bool
) -> Silence:
    """Why the evidence speaks against a public reply now; never for what is high or urgent.

    "answered": every thread has the brand's answer, and nobody spoke of the matter after it. "cooling": nobody is
    heard there any more, and the matter is low or has its answer; a reply would call the thread up again.

    Args:
        threads: how many there were on the day; more than `lives` shows are not looked into, so they forbid nothing.
    """
    if urgent or severity == "high" or not lives or threads > len(lives):
        return ""
    if all(life.answered and not life.after for life in lives):
        return "answered"
    if all(life.course == "cooling" for life in lives) and (severity == "low" or answered):
        return "cooling"
    return ""


def shares_threads(posts: Sequence[Judged], threads: frozenset[str] | tuple[str, ...]) -> bool:
    """Whether most of these posts stand in those threads."""
    return bool(posts) and sum(post.thread_url in threads for post in posts) >= SHARED * len(posts)


def _by_thread(posts: Sequence[Judged]) -> dict[str, list[Judged]]:
    found: defaultdict[str, list[Judged]] = defaultdict(list)
    for post in posts:
        found[post.thread_url].append(post)
    return dict(found)
