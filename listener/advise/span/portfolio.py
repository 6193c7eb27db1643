"""Several brands on one page: facts of each → rows, a line about them all, and the words. Pure.

Nobody is quoted here, so nothing of it has to be forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from listener.advise.page import Item, TableView
from listener.advise.span.facts import RivalSpan
from listener.advise.span.model import SpanDigest, SpanMatter
from listener.advise.span.page import say, short_when, when
from listener.advise.span.period import Kind
from listener.advise.span.share import share_out
from listener.advise.span.tables import RIVAL, share_tables
from listener.advise.words import Words


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """The page in words; `tables` and `lines` are of the same brands in the same order."""

    language: str
    kind: Kind
    subject: str
    brand: str
    title: str
    tone: str
    tone_word: str
    verdict: str
    intro: str
    tables: tuple[TableView, ...]
    lines: tuple[Item, ...]
    trust: str
    formula: str
    footer: str


def tell_portfolio(digests: Sequence[SpanDigest], rivals: frozenset[str], words: Words) -> PortfolioPage:
    """The page of some brands, the most spoken of first.

    Args:
        digests: of the same kind of period, each brand once, at least one.
        rivals: ids of those that are on the page as somebody's rivals.
    """
    spans = [
        RivalSpan(
            one.name, one.brand not in rivals, one.totals.voices, one.before.voices if one.before else 0,
            one.account.balance if one.heard_from else None, one.account.before,
        )
        for one in digests
    ]  # fmt: skip
    shares = {share.name.en: share for share in share_out(spans)}
    order = {name: number for number, name in enumerate(shares)}
    ranked = sorted(digests, key=lambda one: order[one.name.en])
    period = digests[0].period
    groups = {way: [one for one in ranked if one.verdict.direction == way] for way in ("worse", "unknown", "better")}
    tone = next((way for way, some in groups.items() if some), "same")
    if tone == "same" and all(one.verdict.direction == "first" for one in ranked):
        tone = "first"
    return PortfolioPage(
        language=words.language,
        kind=period.kind,
        subject=words(
            "span_frame.subject", brand=words("portfolio.heading", n=len(ranked)), when=short_when(words, period),
            tone=words(f"tone.{tone}"),
        ),
        brand=words("portfolio.heading", n=len(ranked)),
        title=words(f"portfolio.title_{period.kind}", when=when(words, period)),
        tone=tone,
        tone_word=words(f"tone.{tone}"),
        verdict=_line(words, groups, tone),
        intro=say(words, period.kind, "portfolio.intro"),
        tables=share_tables(
            words, [shares[one.name.en] for one in ranked],
            [n for n, one in enumerate(ranked) if one.verdict.direction == "worse"],
            [n for n, one in enumerate(ranked) if one.brand in rivals],
        ),
        lines=tuple(_brand(words, one, one.brand in rivals) for one in ranked),
        trust=words("portfolio.trust"),
        formula=words("method.formula", days=words.days(round(digests[0].half_life_days))),
        footer=words("frame.footer"),
    )  # fmt: skip


def _line(words: Words, groups: dict[str, list[SpanDigest]], tone: str) -> str:
    """Who got worse, who cannot be judged, who got better; nothing else moved."""
    told = [
        words(f"portfolio.{way}", list=words.join([one.name.get(words.language) for one in some]))
        for way, some in groups.items()
        if some
    ]
    return words.sentences(told) or words(f"portfolio.{'early' if tone == 'first' else 'quiet'}")


def _brand(words: Words, digest: SpanDigest, rival: bool) -> Item:
    """A brand's verdict, its voices, alerts and coverage, and its top matter."""
    heard = words.share(digest.coverage.share) if digest.coverage.possible else "–"
    filled = {
        "tone": words(f"tone.{digest.verdict.direction}"), "voices": words.count("voices", digest.totals.voices),
        "alerts": words.number(len(digest.alerts)), "heard": heard,
    }  # fmt: skip
    if digest.before is None:
        told = [words("portfolio.line_first", **filled)]
    else:
        told = [words("portfolio.line", before=words.number(digest.before.voices), **filled)]
    if digest.matters:
        told.append(words("portfolio.top", matter=_matter(words, digest.matters[0])))
    return Item(words.sentences(told), title=digest.name.get(words.language) + (RIVAL if rival else ""))


def _matter(words: Words, matter: SpanMatter) -> str:
    name = matter.topic.label.get(words.language) if matter.topic else matter.name
    count = words.count("voices", matter.peak if matter.voices is None else matter.voices)
    return words(f"portfolio.{'waits' if matter.state == 'waiting' else 'runs'}", topic=name, voices=count)
