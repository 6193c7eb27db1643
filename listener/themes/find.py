"""From a brand's mentions to its themes: what is unexplained, grouped, named, and followed over days.

Nothing is kept between two looks. A theme is found anew from the last WINDOW_DAYS each time, so that what was forgotten
or deleted is in none, and a correction that moves a post into a topic takes it out of its theme.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from listener.config import Topic
from listener.records import Judged, Theme, TopicKind
from listener.themes.follow import RECENT_DAYS, phase_of
from listener.themes.group import centres, group
from listener.themes.naming import name_of
from listener.themes.vectors import Words, read_words, vectors, voices_of

WINDOW_DAYS = 35  # as the digest looks back, so that both tell the same
ID_DIGITS = 8
LEAST_VOICES = 3  # fewer are no theme
SHARED = 0.25  # of a theme's voices must say its most telling word, and LEAST_VOICES of them
LIKELY = 0.5  # confidence from which a tag explains a post
EXPLAINS = frozenset({"complaint", "praise"})  # kinds that say what a post is about; the others say how it is meant


def unexplained(post: Judged, kinds: Mapping[str, TopicKind]) -> bool:
    """Whether no topic says what a post is about. That somebody leaves, or asks, or is worn out does not say it.

    A tag that is more likely wrong than right says nothing either. One from the thread's title has no spans, and the
    judge has halved its confidence because the title is not the post's own: half as much is asked of it.

    Args:
        kinds: topic → kind; one that the config no longer has explains nothing.
    """
    return not post.by_brand and not any(
        kinds.get(tag.topic) in EXPLAINS and tag.confidence >= (LIKELY if tag.spans else LIKELY / 2)
        for tag in post.topics
    )


def find_themes(
    judged: Sequence[Judged],
    topics: Sequence[Topic],
    ignored: Collection[str],
    day: date,
    zone: ZoneInfo,
    days: int = WINDOW_DAYS,
) -> tuple[Theme, ...]:
    """The themes of one brand's mentions, those with most voices of late first.

    Args:
        judged: mentions in any order; what lies outside the window is left out.
        ignored: words (terms.Term.key) that tell nothing here: the brand's own names.
        day: the last day of the window, in `zone`; `days`: how many it has.
    """
    talk = _Talk.of(judged, ignored, day - timedelta(days=days - 1), day, zone)
    kinds = {topic.id: topic.kind for topic in topics}
    chosen = [index for index, post in enumerate(talk.posts) if unexplained(post, kinds)]
    rows, vocabulary = vectors(talk.words, chosen, talk.voices)
    times = [talk.posts[index].when.timestamp() / 86_400 for index in chosen]
    found = group(rows, times, [talk.voices[index] for index in chosen], len(vocabulary), LEAST_VOICES)
    middles = centres(rows, found, len(vocabulary))
    members: defaultdict[int, list[int]] = defaultdict(list)
    best: dict[int, tuple[float, int]] = {}
    for place, number in enumerate(found):
        if number >= 0:
            near = float(rows[place].weights @ middles[number, rows[place].words])
            members[number].append(chosen[place])
            best[number] = max(best.get(number, (0.0, 0)), (near, -chosen[place]))
    themes = (talk.theme(theirs, -best[number][1], day) for number, theirs in members.items())
    return tuple(sorted(filter(None, themes), key=lambda theme: (-theme.recent, -theme.voices, theme.id)))


@dataclass(frozen=True, slots=True)
class _Talk:
    """All that is said of a brand in the window, by time: posts, their words, voices and days, one behind the other.

    `by_day` are the distinct voices of each day.
    """

    posts: tuple[Judged, ...]
    words: Words
    voices: tuple[int, ...]
    days: tuple[date, ...]
    by_day: Counter[date]

    @classmethod
    def of(cls, judged: Sequence[Judged], ignored: Collection[str], first: date, last: date, zone: ZoneInfo) -> "_Talk":
        days = {post.post_key: post.when.astimezone(zone).date() for post in judged}
        posts = [
            post for post in judged if not post.by_brand and not post.muted and first <= days[post.post_key] <= last
        ]
        posts.sort(key=lambda post: (post.when, post.post_key))
        said_on = tuple(days[post.post_key] for post in posts)
        voices = tuple(voices_of(posts))
        return cls(tuple(posts), read_words(posts, ignored), voices, said_on, _by_day(said_on, voices))

    def theme(self, theirs: Sequence[int], best: int, day: date) -> Theme | None:
        """The theme of some posts (as numbers, by time); None where neither words nor time hold it together."""
        voices = [self.voices[index] for index in theirs]
        days = [self.days[index] for index in theirs]
        speak = len(set(voices))
        name = name_of([(self.posts[index], self.words.own[index], self.voices[index]) for index in theirs], self.words)
        if name is None or name.voices < max(LEAST_VOICES, SHARED * speak):
            return None
        by_day = _by_day(days, voices)
        phase = phase_of(by_day, self.by_day, day)
        if not name.tied and phase not in ("new", "growing"):
            return None
        since = day - timedelta(days=RECENT_DAYS - 1)
        return Theme(
            brand=self.posts[theirs[0]].brand,
            id=self.posts[theirs[0]].post_key[:ID_DIGITS],
            words=name.words,
            voices=speak,
            recent=len({voice for voice, on in zip(voices, days, strict=True) if on >= since}),
            before=len({voice for voice, on in zip(voices, days, strict=True) if on < since}),
            days=tuple(sorted(by_day.items())),
            phase=phase,
            best=self.posts[best].post_key,
            post_keys=tuple(self.posts[index].post_key for index in theirs),
        )


def _by_day(days: Sequence[date], voices: Sequence[int]) -> Counter[date]:
    """Day → distinct voices."""
    return Counter(day for day, _ in set(zip(days, voices, strict=True)))
