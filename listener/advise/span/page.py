"""The digest of a week or a month in words: every text that a reader sees, and what tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from listener.advise.page import ChartView, Item, Quoter, TableView, Tile, handles_of
from listener.advise.span.model import SpanDigest
from listener.advise.span.period import Kind, Period
from listener.advise.words import Words


@dataclass(frozen=True, slots=True)
class SpanPage:
    """The whole digest in words, in the order of the page. `figures` says in sentences what the tiles show."""

    language: str
    kind: Kind
    subject: str
    brand: str
    title: str
    zone: str
    late: str
    tone: str
    tone_word: str
    verdict: str
    figures: tuple[str, ...]
    support: tuple[str, ...]
    tiles: tuple[Tile, ...]
    balance_chart: ChartView
    bars: TableView
    voices_chart: ChartView
    changed_note: str
    changed: tuple[Item, ...]
    matters_note: str
    matters: tuple[Item, ...]
    builds_note: str
    builds: tuple[Item, ...]
    usual_note: str
    topics: TableView | None
    touchpoints: TableView | None
    risk_note: str
    risk: tuple[Item, ...]
    alerts_note: str
    alerts: tuple[Item, ...]
    shares_note: str
    shares: tuple[TableView, ...]
    heard_note: str
    heard: tuple[Item, ...]
    method: tuple[str, ...]
    formula: str
    footer: str


@dataclass(frozen=True)
class SpanTeller(Quoter):
    """What every part of the page needs. Build it with `SpanTeller.of`."""

    digest: SpanDigest

    @classmethod
    def of(cls, digest: SpanDigest, language: str, redact: Callable[[str], str]) -> "SpanTeller":
        handles = handles_of(digest.brand, digest.name.en, digest.own_names)
        return cls(Words(language, digest.period.last, ZoneInfo(digest.zone)), redact, handles, digest)

    def say(self, name: str, **filled: object) -> str:
        """A text of span.toml, with {this}, {last} and {one} at hand."""
        return say(self.words, self.digest.period.kind, name, **filled)


def say(words: Words, kind: Kind, name: str, **filled: object) -> str:
    """A text of span.toml; {this}, {last} and {one} are the names of the period."""
    kinds = {part: words(f"span_kind.{part}_{kind}") for part in ("this", "last", "one")}
    return words(name, **(kinds | filled))


def when(words: Words, period: Period) -> str:
    """The period's name in full: "Week 12: Mon 16 Mar to Sun 22 Mar 2026", "March 2026", a day."""
    if period.kind == "day":
        return words.long_day(period.last)
    if period.kind == "month":
        return words.month(period.last)
    first, last = words.long_day(period.first), words.long_day(period.last)
    return words("span_frame.week", n=period.last.isocalendar().week, first=first, last=last)


def short_when(words: Words, period: Period) -> str:
    """For a subject line."""
    if period.kind == "day":
        return words.short_day(period.last)
    if period.kind == "month":
        return words.month(period.last)
    return words("span_frame.short_week", n=period.last.isocalendar().week)
