"""Distinct voices of a longer time, and their accounts, counted from narrow rows in one walk. Pure.

A set of 30,000 numbers is cheaper than the sorting that `count(DISTINCT voice)` asks for once for each question.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from listener.store.spanned import RiskKind, SpanDay, SpanRisk, SpanRisks, SpanSource, SpanTopic, SpanTotals

BETRAYAL, DISAPPOINTMENTS, DISAPPOINTMENT_DAYS = -8.0, 3, 90  # as in lovebank.py; tests hold the two together


@dataclass(slots=True)
class Account:
    """One voice's account; days as ISO text, the last three withdrawals' newest last."""

    balance: float = 0.0
    withdrawals: int = 0
    betrayed: str = ""
    last_deposit: str = ""
    last_three: tuple[str, ...] = ()

    def let_down(self) -> bool:
        """Three withdrawals within 90 days, and no deposit from the first of them on."""
        if len(self.last_three) < DISAPPOINTMENTS or self.last_deposit >= self.last_three[0]:
            return False
        first, last = (date.fromisoformat(self.last_three[n]) for n in (0, -1))
        return (last - first).days <= DISAPPOINTMENT_DAYS


@dataclass(slots=True)
class Place:
    """A source on one site in one of the periods: who spoke there, and what it came to in love units."""

    voices: set[str] = field(default_factory=set)
    net: float = 0.0


@dataclass(slots=True)
class Crowd:
    """Who spoke; days are ISO text, `now` is 1 in the period, 0 in the one before, −1 earlier. Made with `Crowd.of`.

    Attributes:
        by_day: (day, now) → voices. posts: the same → how many posts.
        heard: voice → the last day on which it spoke. began_leaving, left: first and last day on which it said that
            it leaves. Voices whose posts are past retention are in neither: they are nobody any more.
    """

    by_day: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    posts: dict[tuple[str, int], int] = field(default_factory=dict)
    places: dict[tuple[str, str, int], Place] = field(default_factory=dict)
    negative: dict[int, set[str]] = field(default_factory=lambda: {1: set(), 0: set(), -1: set()})
    heard: dict[str, str] = field(default_factory=dict)
    began_leaving: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, ...]]) -> "Crowd":
        """From (now, day, voice, source, platform, is negative, leaving: 0 or 1 or −1 past retention, LU or None)."""
        crowd = cls()
        by_day, posts, places, negative, heard = crowd.by_day, crowd.posts, crowd.places, crowd.negative, crowd.heard
        for now, day, voice, source, platform, sore, leaving, amount in rows:
            when = (day, now)
            if when in by_day:
                by_day[when].add(voice)
                posts[when] += 1
            else:
                by_day[when], posts[when] = {voice}, 1
            where = (source, platform, now)
            place = places.get(where)
            if place is None:
                place = places[where] = Place()
            place.voices.add(voice)
            if amount:
                place.net += amount
            if sore:
                negative[now].add(voice)
            if leaving < 0:
                continue
            if heard.get(voice, "") < day:
                heard[voice] = day
            if leaving:
                crowd.left[voice] = max(crowd.left.get(voice, day), day)
                crowd.began_leaving[voice] = min(crowd.began_leaving.get(voice, day), day)
        return crowd

    def totals(self, now: int) -> SpanTotals:
        """Of one of the two periods."""
        voices: set[str] = set().union(*(some for (_, of), some in self.by_day.items() if of == now))
        posts = sum(count for (_, of), count in self.posts.items() if of == now)
        platforms = {platform for _, platform, of in self.places if of == now}
        return SpanTotals(posts, len(voices), len(self.negative[now]), len(platforms))

    def days(self) -> tuple[SpanDay, ...]:
        """Ascending."""
        return tuple(
            SpanDay(date.fromisoformat(day), self.posts[day, now], len(self.by_day[day, now]))
            for day, now in sorted(self.by_day)
        )

    def sources(self) -> tuple[SpanSource, ...]:
        """By name."""
        found = []
        for name in sorted({source for source, _, now in self.places if now >= 0}):
            sides = {
                now: [place for (source, _, of), place in self.places.items() if source == name and of == now]
                for now in (1, 0)
            }
            voices = {now: len(set().union(*(place.voices for place in some))) for now, some in sides.items()}
            nets = {now: sum(place.net for place in some) for now, some in sides.items()}
            found.append(SpanSource(name, voices[1], voices[0], nets[1], nets[0]))
        return tuple(found)

    def risks(
        self,
        accounts: Mapping[str, Account],
        first: str,
        heard_from: str,
        most: int,
        last_at: Callable[[str], datetime],
    ) -> SpanRisks:
        """See spanned.Span.risks.

        Args:
            first: the period's first day. last_at: when a voice spoke last.
        """
        found: list[_Risk] = []
        for voice, last in self.heard.items():
            if last < heard_from:
                continue
            account, left = accounts.get(voice, _EMPTY), self.left.get(voice, "")
            reasons: list[RiskKind] = []
            days = []
            if left >= heard_from:
                reasons.append("leaving")
                days.append(left)
            if account.betrayed:
                reasons.append("betrayal")
                days.append(account.betrayed)
            if account.let_down():
                reasons.append("small disappointments")
                days.append(account.last_three[-1])
            if reasons:
                gone = self.began_leaving.get(voice, "") >= first
                found.append(
                    _Risk(gone, account.balance, voice, tuple(reasons), account.withdrawals, max(days) >= first)
                )
        counted = Counter(reason for risk in found for reason in risk.reasons)
        fresh = [risk for risk in found if risk.fresh]
        gravest = sorted(fresh, key=lambda risk: (not risk.gone, risk.balance, risk.voice))[:most]
        return SpanRisks(
            total=len(found),
            by_reason=tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))),
            fresh=len(fresh),
            left=sum(risk.gone for risk in found),
            left_balance=sum(risk.balance for risk in found if risk.gone),
            gravest=tuple(
                SpanRisk(one.voice, one.balance, one.reasons, one.withdrawals, last_at(one.voice), True, one.gone)
                for one in gravest
            ),
        )


class _Risk(NamedTuple):
    gone: bool
    balance: float
    voice: str
    reasons: tuple[RiskKind, ...]
    withdrawals: int
    fresh: bool


_EMPTY = Account()


def accounts_of(rows: Iterable[tuple[str, str, float]], last: date, half_life_days: float) -> dict[str, Account]:
    """Each voice's account at the end of `last`, from its entries (voice, day, amount), ascending by day."""
    accounts: dict[str, Account] = {}
    weights: dict[str, float] = {}
    for voice, day, amount in rows:
        weight = weights.get(day)
        if weight is None:
            weight = weights[day] = 2.0 ** (-(last - date.fromisoformat(day)).days / half_life_days)
        account = accounts.get(voice)
        if account is None:
            account = accounts[voice] = Account()
        account.balance += amount * weight
        if amount > 0:
            account.last_deposit = day
        elif amount < 0:
            account.withdrawals += 1
            account.last_three = (*account.last_three[1 - DISAPPOINTMENTS :], day)
            if amount <= BETRAYAL:
                account.betrayed = day
    return accounts


def topics_of(rows: Iterable[tuple[str, int, str, str]]) -> tuple[SpanTopic, ...]:
    """From (topic, now, day, voice), one row a post and topic; by id."""
    by_day: dict[tuple[str, int, str], set[str]] = {}
    posts: Counter[str] = Counter()
    for topic, now, day, voice in rows:
        which = (topic, now, day)
        if which in by_day:
            by_day[which].add(voice)
        else:
            by_day[which] = {voice}
        posts[topic] += now
    found = []
    for topic in sorted({topic for topic, _, _ in by_day}):
        days = sorted((day, now, some) for (of, now, day), some in by_day.items() if of == topic)
        voices = {now: len(set().union(*(some for _, of, some in days if of == now))) for now in (1, 0)}
        counts = tuple((date.fromisoformat(day), len(some)) for day, _, some in days)
        found.append(SpanTopic(topic, voices[1], posts[topic], voices[0], counts))
    return tuple(found)
