"""The Love Bank: what each voice's words put into, or take out of, the affection that a brand holds.

    amount  = clip(5 · s · w, −10, +10)          s the sentiment towards the brand, w the weight of its topic
    balance = Σ amount · 2^(−age / half-life)    age in days, half-life 90 days

Every function is pure. It is a model with weights that a person sets, not a survey; docs/love-bank.md says it in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from listener.config import Topic
from listener.records import Entry, Judged, TopicTag
from listener.store.protocol import BalanceLine

HALF_LIFE_DAYS = 90.0
UNIT = 5.0  # a plain, wholly negative post (s = −1, w = 1) takes 5 love units
LIMIT = 10.0
SILENT = 0.05  # below this the feeling is too faint to book
BETRAYAL = -8.0
DISAPPOINTMENTS = 3
DISAPPOINTMENT_DAYS = 90
RELATIONSHIP = "relationship"

Risk: TypeAlias = Literal["leaving", "betrayal", "small disappointments"]


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavily a post counts, at which touchpoint, and the topic that says so ("" without one)."""

    weight: float
    touchpoint: str
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """What stands at one touchpoint. Amounts in love units; `withdrawals` ≤ 0; `balance` decayed, the others plain."""

    touchpoint: str
    balance: float
    deposits: float
    withdrawals: float
    entries: int


@dataclass(frozen=True, slots=True)
class Relationship:
    """One voice's account with one brand.

    Attributes:
        balance: decayed, love units. deposits, withdrawals: plain sums; withdrawals ≤ 0.
        worst: the largest single withdrawal, ≤ 0.
        last_day: of the last entry or leaving statement.
        at_risk: why it may end; empty if nothing says so.
    """

    voice: str
    balance: float
    deposits: float
    withdrawals: float
    worst: float
    last_day: date
    at_risk: tuple[Risk, ...]


def amount(sentiment: float, weight: float) -> float:
    """clip(5 · s · w, −10, +10) in love units; 0.0 where |s| < 0.05."""
    if abs(sentiment) < SILENT:
        return 0.0
    return max(-LIMIT, min(LIMIT, UNIT * sentiment * weight))


def weight_of(tags: Sequence[TopicTag], topics: Mapping[str, Topic], sentiment: float) -> Weight:
    """The largest weight among a post's topics, 1 without one.

    Our reading of "among its topics": a topic of praise can only make a deposit heavier, any other topic (complaint,
    strain, signal) only a withdrawal. Thanks for a quick answer inside an angry post must not make the anger count
    more, and a fond farewell is not a double deposit because it says farewell. Between equal weights the stronger tag
    sets it. Topics that the config no longer has are passed over.
    """
    fitting = [
        topic
        for tag in tags
        if (topic := topics.get(tag.topic)) is not None and (topic.kind == "praise") == (sentiment > 0)
    ]
    if not fitting:
        return Weight(1.0, RELATIONSHIP, "")
    best = max(fitting, key=lambda topic: topic.weight)  # max keeps the first of equals, and tags come strongest first
    return Weight(best.weight, best.touchpoint, best.id)


def book_day(judged: Sequence[Judged], topics: Sequence[Topic], day: date) -> tuple[Entry, ...]:
    """Everything that one voice said about one brand on one day, as one entry a story.

    Two posts tell one story if they stand in one thread, are copies of one text, or have the same leading topic of
    complaint or praise, directly or through a third. A story's strongest post stands for it (largest |amount|, then
    the earliest, then the smaller key). What the brand itself wrote books nothing, and neither does what a backfill
    brought: a balance does not jump for what nobody said lately. The order of `judged` does not matter; entries come in
    the order of their post keys.

    Raises:
        ValueError: `judged` holds more than one brand or voice.
    """
    if len({(post.brand, post.voice) for post in judged}) > 1:
        raise ValueError("book_day takes one brand and one voice at a time")
    known = {topic.id: topic for topic in topics}
    strongest: dict[int, tuple[float, Judged, Weight]] = {}
    told = (post for post in judged if not (post.by_brand or post.backfilled))
    posts = sorted(told, key=lambda post: (post.when, post.post_key))
    for story, post in zip(_stories(posts, known), posts, strict=True):
        weight = weight_of(post.topics, known, post.sentiment)
        booked = amount(post.sentiment, weight.weight)
        if booked and (story not in strongest or abs(booked) > abs(strongest[story][0])):
            strongest[story] = (booked, post, weight)
    entries = [
        Entry(post.brand, post.voice, day, booked, weight.touchpoint, weight.reason, post.post_key)
        for booked, post, weight in strongest.values()
    ]
    return tuple(sorted(entries, key=lambda entry: entry.post_key))


def _stories(posts: Sequence[Judged], topics: Mapping[str, Topic]) -> list[int]:
    """For each post the number of its story (union-find over what posts share)."""
    parent = list(range(len(posts)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[tuple[str, str], int] = {}
    for number, post in enumerate(posts):
        shared = (
            ("thread", post.thread_url),
            ("text", post.fingerprint),
            ("copies", post.story),
            ("topic", _leading(post, topics)),
        )
        for mark in shared:
            if mark[1]:
                parent[root(number)] = root(first.setdefault(mark, number))
    return [root(number) for number in range(len(posts))]


def _leading(post: Judged, topics: Mapping[str, Topic]) -> str:
    """The post's strongest complaint or praise, "" without one."""
    kinds = ("complaint", "praise")
    return next((tag.topic for tag in post.topics if tag.topic in topics and topics[tag.topic].kind in kinds), "")


def balance(entries: Iterable[Entry], at: date, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Σ amount · 2^(−age/half-life) over the entries up to and including `at`; later ones do not count yet."""
    return sum(entry.amount * _fade((at - entry.day).days, half_life_days) for entry in entries if entry.day <= at)


def running_sum(entries: Iterable[Entry], at: date) -> float:
    """The plain sum up to and including `at`: nothing is forgotten."""
    return sum(entry.amount for entry in entries if entry.day <= at)


def series(
    lines: Iterable[BalanceLine], first: date, last: date, half_life_days: float = HALF_LIFE_DAYS
) -> tuple[tuple[date, float], ...]:
    """The balance at the end of each day from `first` to `last`, from the store's daily sums.

    Days before `first` count; the balance of each day is the day before's, decayed by one day, plus the day's sum.
    """
    rest = sorted((line for line in lines if line.day <= last), key=lambda line: line.day)
    total = sum(
        (line.deposits + line.withdrawals) * _fade((first - line.day).days, half_life_days)
        for line in rest
        if line.day < first
    )
    sums: dict[date, float] = {}
    for line in rest:
        sums[line.day] = sums.get(line.day, 0.0) + line.deposits + line.withdrawals
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        total = total * (_fade(1, half_life_days) if number else 1.0) + sums.get(day, 0.0)
        days.append((day, total))
    return tuple(days)


def by_touchpoint(entries: Iterable[Entry], at: date, half_life_days: float = HALF_LIFE_DAYS) -> tuple[Account, ...]:
    """The account of each touchpoint at the end of `at`, lowest balance first."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.day <= at:
            grouped.setdefault(entry.touchpoint, []).append(entry)
    accounts = [
        Account(touchpoint, balance(group, at, half_life_days), *_both_sides(group), len(group))
        for touchpoint, group in grouped.items()
    ]
    return tuple(sorted(accounts, key=lambda account: (account.balance, account.touchpoint)))


def leaving_days(judged: Iterable[Judged], zone: ZoneInfo) -> dict[str, date]:
    """voice → the last day, in the brand's zone, on which it said that it leaves."""
    said: dict[str, date] = {}
    for post in judged:
        if post.leaving and not post.by_brand:
            day = post.when.astimezone(zone).date()
            said[post.voice] = max(day, said.get(post.voice, day))
    return said


def relationships(
    entries: Iterable[Entry], leaving: Mapping[str, date], at: date, half_life_days: float = HALF_LIFE_DAYS
) -> tuple[Relationship, ...]:
    """Each voice's account with one brand at the end of `at`: those at risk first, then the lowest balance.

    At risk are: who said that they leave (`leaving`: voice → day, see leaving_days); who made one withdrawal ≤ −8 (a
    betrayal); whose last three withdrawals lie within 90 days with no deposit since the first of them (a deposit on the
    same day mends). How far back one looks is the caller's choice of `entries`.
    """
    grouped: dict[str, list[Entry]] = {voice: [] for voice, day in leaving.items() if day <= at}
    for entry in entries:
        if entry.day <= at:
            grouped.setdefault(entry.voice, []).append(entry)
    found = []
    for voice, group in grouped.items():
        risks: list[Risk] = ["leaving"] if voice in leaving and leaving[voice] <= at else []
        worst = min((entry.amount for entry in group), default=0.0)
        if worst <= BETRAYAL:
            risks.append("betrayal")
        if _let_down(group):
            risks.append("small disappointments")
        days = [entry.day for entry in group] + ([leaving[voice]] if "leaving" in risks else [])
        found.append(
            Relationship(
                voice,
                balance(group, at, half_life_days),
                *_both_sides(group),
                worst=min(0.0, worst),
                last_day=max(days),
                at_risk=tuple(risks),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.at_risk, one.balance, one.voice)))


def _let_down(entries: Sequence[Entry]) -> bool:
    """Whether the last three withdrawals lie within 90 days, and the last deposit before the first of them."""
    withdrawals = sorted(entry.day for entry in entries if entry.amount < 0)[-DISAPPOINTMENTS:]
    if len(withdrawals) < DISAPPOINTMENTS or (withdrawals[-1] - withdrawals[0]).days > DISAPPOINTMENT_DAYS:
        return False
    return all(entry.day < withdrawals[0] for entry in entries if entry.amount > 0)


def _both_sides(entries: Sequence[Entry]) -> tuple[float, float]:
    return sum(e.amount for e in entries if e.amount > 0), sum(e.amount for e in entries if e.amount < 0)


def _fade(age_days: float, half_life_days: float) -> float:
    return float(2.0 ** (-age_days / half_life_days))
