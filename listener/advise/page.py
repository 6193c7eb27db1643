"""A digest put into words of one language: every text that a reader sees, in the order of the page.

The two templates only lay it out, so a sentence stands once for mail and text. Everything from outside is cleaned
before it comes here (quotes.clean) and escaped by the HTML template.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from listener.advise.facts import Hand
from listener.advise.model import Card, Digest, Quote, Row, ThreadCount
from listener.advise.quotes import clean, cut
from listener.advise.usual import Usual
from listener.advise.words import Words
from listener.config import Topic

STANDING_DAYS = 10  # spoken of on so many of the last 30 days: a standing complaint, no new matter
SEAL_DIGITS = 10  # of a hash, in print: enough to find it, and to tell it from a million million others
SAFE_SCHEMES = ("http://", "https://", "nntp://", "nntps://", "news:")


@dataclass(frozen=True, slots=True)
class Ref:
    """A link: what to call it, and where it leads."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote in its marks, and one line about it. `seal`: the beginning of `sha256`, the hash of the post as read."""

    text: str
    meta: str
    refs: tuple[Ref, ...]
    language: str
    seal: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list."""

    text: str
    refs: tuple[Ref, ...] = ()
    quote: QuoteView | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line of a card: one text, or several points."""

    label: str
    texts: tuple[str, ...]
    tone: str = ""  # "do", "dont", "clock" or ""
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class CardView:
    """An advice card."""

    number: int
    title: str
    severity: str  # "high", "medium", "low"
    badge: str
    kind: str
    facts: tuple[Item, ...]
    quotes: tuple[QuoteView, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """A small table; the first column is text, the others figures. `marks` are the numbers of rows that stand out."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the four figures at the head."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class ChartView:
    """What stands beside a picture, and instead of it."""

    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Page:
    """The whole digest in words. `figures` says in sentences what the tiles show; the mail has the tiles instead."""

    language: str
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
    weighed_title: str
    weighed: tuple[Item, ...]
    tiles: tuple[Tile, ...]
    balance_chart: ChartView
    voices_chart: ChartView
    decide_note: str
    cards: tuple[CardView, ...]
    decide_more: tuple[Item, ...]
    leave: tuple[Item, ...]
    builds_note: str
    builds: tuple[Item, ...]
    talk: tuple[Item, ...]
    usual_note: str
    topics: TableView | None
    touchpoints: TableView | None
    risk_note: str
    risk: tuple[Item, ...]
    open_note: str
    open: tuple[Item, ...]
    heard_note: str
    heard: tuple[Item, ...]
    method: tuple[str, ...]
    shares_title: str
    shares_note: str
    shares: TableView | None
    formula: str
    footer: str
    moved_title: str = ""
    moved: tuple[Item, ...] = ()
    topics_chart: ChartView | None = None


def handles_of(brand: str, name: str, own_names: Sequence[str]) -> re.Pattern[str]:
    """Finds the brand's own @names; nothing where it has none of three letters."""
    names = (brand, name.split(" ")[0], *own_names)
    own = "|".join(re.escape(one) for one in sorted(set(names)) if len(one) > 2) or "(?!)"
    return re.compile(rf"(?<![\w.+%-])([@＠]\w*(?:{own})\w*)", re.IGNORECASE)


@dataclass(frozen=True)
class Quoter:
    """What any page about a brand needs to tell of topics and posts.

    Attributes:
        redact: what strikes personal details out of other people's words.
        own_handles: finds the brand's own @names.
        shown: keys of the posts that are quoted or linked, in order of appearance; filled while the page is told.
    """

    words: Words
    redact: Callable[[str], str]
    own_handles: re.Pattern[str]
    shown: dict[str, None] = field(default_factory=dict, kw_only=True)

    def topic(self, topic: Topic) -> str:
        return topic.label.get(self.words.language)

    def touchpoint(self, touchpoint: str) -> str:
        """Its name; an id of the user's own stands as it is."""
        name = f"touchpoint.{touchpoint}"
        return self.words(name) if self.words.has(name) else touchpoint.replace("-", " ")

    def private(self, text: str) -> str:
        """Somebody else's text, redacted; the brand's own @handles are nobody's secret and stay whole."""
        return "".join(part if n % 2 else self.redact(part) for n, part in enumerate(self.own_handles.split(text)))

    def ref(self, text: str, url: str, key: str = "") -> tuple[Ref, ...]:
        """A link, or none where the address is not one that a mail should lead to."""
        if not url.lower().startswith(SAFE_SCHEMES) or any(char.isspace() for char in url):
            return ()
        if key:
            self.shown.setdefault(key)
        return (Ref(text, url),)

    def quote(self, quote: Quote) -> QuoteView:
        """The quote with its time, place, echo and links."""
        words = self.words
        text = cut(("… " if quote.cut_before else "") + self.private(quote.text), quote.width)
        meta = [words.moment(quote.at), quote.platform]
        if quote.replies:
            meta.append(words.count("replies", quote.replies))
        if quote.likes:
            meta.append(words.count("likes", quote.likes))
        if quote.pull is not None:
            meta.append(words("frame.pull", n=words.number(quote.pull)))
        if quote.seen is not None:
            meta.append(words("frame.seen", time=words.moment(quote.seen)))
        self.shown.setdefault(quote.post_key)
        refs = self.ref(words("frame.post"), quote.url, quote.post_key)
        if quote.thread_url != quote.url:
            refs += self.ref(words("frame.thread"), quote.thread_url)
        marks = "「{}」" if quote.language.startswith("zh") else "“{}”"
        seal = f"#{quote.sha256[:SEAL_DIGITS]}" if quote.sha256 else ""
        return QuoteView(
            marks.format(text), words("frame.comma").join(meta), refs, quote.language, seal, quote.sha256
        )  # fmt: skip

    def title(self, thread: ThreadCount) -> str:
        """A thread's title in its marks."""
        if not thread.thread_title:
            return self.words("card.thread_unnamed")
        return self.words("card.thread_title", title=self.private(thread.thread_title))

    def thread(self, thread: ThreadCount) -> str:
        if not thread.thread_title:
            return self.words("card.thread_unnamed")
        return self.words("card.thread_named", title=self.private(thread.thread_title))

    def range(self, usual: Usual, form: Callable[[float], str]) -> str:
        """ "5 to 8", or "5" where both ends read the same."""
        low, high = form(usual.low), form(usual.high)
        return low if low == high else self.words("tile.range", low=low, high=high)

    def usual(self, usual: Usual | None) -> str:
        """ "5 (3 to 8)", "5" where the range is a point, "–" where nothing is usual yet."""
        words = self.words
        if usual is None:
            return "–"
        mid, low, high = words.number(usual.mid), words.number(usual.low), words.number(usual.high)
        return mid if low == high else words("usual.cell", mid=mid, low=low, high=high)


@dataclass(frozen=True)
class Teller(Quoter):
    """What every part of the day's page needs to say something. Build it with `Teller.of`."""

    digest: Digest

    @classmethod
    def of(cls, digest: Digest, language: str, redact: Callable[[str], str]) -> "Teller":
        handles = handles_of(digest.brand, digest.name.en, digest.own_names)
        return cls(Words(language, digest.day, ZoneInfo(digest.zone)), redact, handles, digest)

    def basis(self, usual: Usual) -> str:
        """ "for a Saturday" or "for a day"."""
        if usual.same_weekday:
            return self.words("verdict.weekday_basis", weekday=self.words.weekday(self.digest.day))
        return self.words("verdict.days_basis")

    def matter(self, card: Card) -> str:
        """A card in half a sentence, for the verdict."""
        words = self.words
        if card.standing_days >= STANDING_DAYS:
            since = words("verdict.since_standing", n=card.standing_days)
        else:
            began_today = card.origin.at.astimezone(ZoneInfo(self.digest.zone)).date() == self.digest.day
            since = words(
                "verdict.since_today" if began_today else "verdict.since_before", time=words.moment(card.origin.at)
            )
        answer = words("verdict.unanswered")
        if card.answered:
            answer = words("verdict.answered", time=words.moment(card.answered))
        return words(
            "verdict.matter", topic=self.topic(card.topic), voices=words.count("voices", card.voices),
            since=since, answer=answer,
        )  # fmt: skip

    def hand(self, hand: Hand | None) -> str:
        """Who took a matter up, and since when; "" where nobody did."""
        if hand is None or hand.status == "open":
            return ""
        name = f"open.hand_{hand.status.replace(' ', '_')}"
        return self.words(name, who=clean(hand.who, 60), time=self.words.moment(hand.since))

    def rows(self, rows: Sequence[Row], head: str) -> TableView | None:
        """Today against usual."""
        words = self.words
        if not rows:
            return None
        told = []
        for row in rows:
            name = self.topic(row.topic) if row.topic else words("usual.no_topic")
            if row.touchpoint and not row.topic:
                name = self.touchpoint(row.touchpoint)
            mark = " ▲" if row.above else " ▼" if row.below else ""
            told.append((name, words.number(row.voices) + mark, self.usual(row.usual), words.signed(row.net)))
        marks = tuple(n for n, row in enumerate(rows) if row.above)
        head_row = (words(head), words("usual.today"), words("usual.usual"), words("usual.net"))
        return TableView(head_row, tuple(told), marks)
