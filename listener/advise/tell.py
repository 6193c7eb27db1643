"""The whole page told: a digest and a language → every text a reader sees, and the keys of the posts it shows."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from listener.advise.coverage import Hearing
from listener.advise.facts import Accuracy, RelationshipRow
from listener.advise.model import Digest, OpenMatter, Praise, Talk
from listener.advise.page import Item, Page, TableView, Teller
from listener.advise.quotes import place
from listener.advise.tell_cards import card_view, leave_items, more_items
from listener.advise.tell_causes import moved, moved_title
from listener.advise.tell_verdict import (
    balance_chart,
    figures,
    headline,
    subject,
    support,
    tiles,
    topics_chart,
    voices_chart,
    weighed,
    weighed_title,
)
from listener.advise.words import Words
from listener.store.taken import MutedCount

MOST_HEARD = 12


def tell(digest: Digest, language: str, redact: Callable[[str], str]) -> tuple[Page, tuple[str, ...]]:
    """(page, keys of the posts that it quotes or links, each once)."""
    teller = Teller.of(digest, language, redact)
    words = teller.words
    verdict = headline(teller)
    page = Page(
        language=language,
        subject=subject(teller),
        brand=digest.name.get(language),
        title=words("frame.title", day=words.long_day(digest.day)),
        zone=digest.zone,
        late=words("frame.late") if digest.late else "",
        tone=digest.verdict.direction,
        tone_word=words(f"tone.{digest.verdict.direction}"),
        verdict=verdict,
        figures=figures(teller),
        support=support(teller),
        weighed_title=weighed_title(teller),
        weighed=weighed(teller),
        tiles=tiles(teller),
        balance_chart=balance_chart(teller),
        voices_chart=voices_chart(teller),
        decide_note="" if digest.cards else words(f"decide.none{'_blind' if digest.coverage.blind else ''}"),
        cards=tuple(card_view(teller, number, card) for number, card in enumerate(digest.cards, 1)),
        decide_more=more_items(teller),
        leave=leave_items(teller),
        builds_note="" if digest.praise else words("builds.none"),
        builds=tuple(_praise(teller, praise) for praise in digest.praise),
        talk=tuple(_talk(teller, talk) for talk in digest.talk),
        usual_note=_usual_note(teller),
        topics=teller.rows(digest.topics, "usual.topic"),
        touchpoints=teller.rows(digest.touchpoints, "usual.touchpoint"),
        risk_note=_risk_note(teller),
        risk=tuple(_at_risk(teller, row) for row in digest.at_risk.newest),
        open_note="" if digest.open else words("open.none"),
        open=tuple(_open(teller, matter) for matter in digest.open),
        heard_note=_heard_note(teller),
        heard=_heard(teller),
        method=_method(teller),
        shares_title=words("method.share"),
        shares_note=words("method.share_intro"),
        shares=_shares(teller),
        formula=words("method.formula", days=words.days(round(digest.half_life_days))),
        footer=words("frame.footer"),
        moved_title=moved_title(teller),
        moved=moved(teller),
        topics_chart=topics_chart(teller) if digest.topic_days else None,
    )
    return page, tuple(teller.shown)


def _praise(teller: Teller, praise: Praise) -> Item:
    words = teller.words
    voices, amount = words.count("voices", praise.voices), words.signed(praise.amount)
    quote = teller.quote(praise.quote) if praise.quote else None
    if praise.topic is None:
        return Item(words(f"builds.{'kind' if quote else 'unclear'}", voices=voices, amount=amount), quote=quote)
    touchpoint = teller.touchpoint(praise.touchpoint)
    text = words(
        "builds.row", voices=voices, topic=teller.topic(praise.topic), amount=amount, touchpoint=touchpoint
    )  # fmt: skip
    owner = praise.topic.owner.get(words.language)
    tell = words("builds.tell", owner=owner) if praise.voices > 1 and owner else ""
    return Item(words.sentences([text, tell]), quote=quote)


def _talk(teller: Teller, talk: Talk) -> Item:
    """Whoever's words name the theme is among the evidence, so that forgetting them makes the digest anew."""
    words = teller.words
    quote = teller.quote(talk.quote)
    for key in talk.post_keys:
        teller.shown.setdefault(key)
    text = words(
        f"talk.{talk.phase}", voices=words.count("voices", talk.voices), recent=words.count("voices", talk.recent),
        before=words.number(talk.before),
    )  # fmt: skip
    return Item(text, quote=quote, title=words.join([teller.private(word) for word in talk.words]))


def _usual_note(teller: Teller) -> str:
    words, digest = teller.words, teller.digest
    usual = digest.usual_voices
    if not digest.topics:
        return words("usual.none")
    if usual is None:
        return words("usual.intro_none")
    if usual.same_weekday:
        return words("usual.intro_weekday", n=usual.days, weekday=words.weekday(digest.day))
    return words("usual.intro_days", n=usual.days)


def _risk_note(teller: Teller) -> str:
    words, risk = teller.words, teller.digest.at_risk
    if not risk.total:
        return words("risk.none")
    reasons = [words("risk.item", n=n, reason=_risk(teller, reason)) for reason, n in risk.reasons]
    told = words("risk.intro", relationships=words.count("relationships", risk.total), list=words.join(reasons))
    return words.sentences([told, words("risk.older") if not risk.newest else ""])


def _risk(teller: Teller, reason: str) -> str:
    return teller.words(f"risk.{reason.replace(' ', '_')}")


def _at_risk(teller: Teller, row: RelationshipRow) -> Item:
    words = teller.words
    text = words(
        "risk.row", voice=row.voice[:6], reasons=words.join([_risk(teller, reason) for reason in row.reasons]),
        balance=words.signed(row.balance), withdrawals=words.count("withdrawals", row.withdrawals),
        time=words.moment(row.last_at),
    )  # fmt: skip
    return Item(words("frame.sentence", text=text), teller.ref(words("frame.newest"), row.last_url, row.last_post_key))


def _open(teller: Teller, matter: OpenMatter) -> Item:
    """What was advised, what became of it, and the numbers."""
    words = teller.words
    filled = {"peak": words.number(matter.peak), "n": words.number(matter.voices)}
    time = words.moment(matter.answered) if matter.answered else ""
    if matter.state == "waiting":
        told = [words("open.waiting", days=words.days(matter.waiting_days))]
    else:
        before = matter.answered and matter.answered.astimezone(ZoneInfo(teller.digest.zone)).date()
        early = matter.state == "answered" and before and before < matter.first_advised
        name = "answered_before" if early else matter.state.replace("-", "_")
        told = [words(f"open.{name}", time=time, **filled)]
    if not matter.state.startswith("closed"):
        told += _course(teller, matter)
    told.append(teller.hand(matter.hand))
    if matter.card is not None:
        told.append(words("open.is_card", n=matter.card + 1))
    name = matter.name.get(words.language) if matter.name else matter.topic
    voices = words.count("voices", matter.at_advice)
    title = words("open.advised", day=words.short_day(matter.first_advised), topic=name, voices=voices)
    return Item(words.sentences(told), title=title)


def _course(teller: Teller, matter: OpenMatter) -> list[str]:
    """How many spoke of it since, and whether that is more or fewer."""
    words, told = teller.words, []
    whole = matter.waiting_days < len(matter.week)
    since = matter.week[1:] if whole else matter.week  # the day of the advice stands in the title
    if since:
        days = words.join([words.number(n) for n in since])
        told.append(words(f"open.{'week' if whole else 'last_week'}", list=days))
    if matter.after_answer is not None:
        told.append(
            words(
                "open.after", voices=words.count("voices", round(matter.after_answer)), peak=words.number(matter.peak)
            )
        )
    if matter.course:
        told.append(words(f"open.course_{matter.course}"))
    return told


def _heard_note(teller: Teller) -> str:
    words, coverage = teller.words, teller.digest.coverage
    told = [_heard_sources(teller)]
    told += not_counted(words, coverage.copies, coverage.campaigns, coverage.muted)
    return words.sentences(told)


def not_counted(words: Words, copies: int, campaigns: int, muted: Sequence[MutedCount]) -> list[str]:
    """What was heard and counts as somebody else's words, or not at all, in sentences."""
    told = []
    if copies:
        told.append(words("heard.copies", posts=words.count("posts", copies)))
    if campaigns:
        told.append(words("heard.campaigns", n=words.number(campaigns)))
    if muted:
        reasons = [
            words(f"heard.muted_{row.reason}", n=words.number(row.mentions), place=place(row.place)) for row in muted
        ]
        total = words.number(sum(row.mentions for row in muted))
        told.append(words("heard.muted", n=total, reasons=words.join(reasons)))
    return told


def _heard_sources(teller: Teller) -> str:
    words, coverage = teller.words, teller.digest.coverage
    if coverage.total == 0:
        return words("heard.nosource")
    if coverage.heard == 0:
        return words("heard.none", total=coverage.total)
    if coverage.heard < coverage.total:
        return words("heard.some", heard=coverage.heard, total=coverage.total)
    return words("heard.partly_only" if coverage.lines else "heard.all", total=coverage.total)


def _heard(teller: Teller) -> tuple[Item, ...]:
    words, lines = teller.words, teller.digest.coverage.lines
    found = [_hearing(teller, line) for line in lines[:MOST_HEARD]]
    if len(lines) > MOST_HEARD:
        found.append(Item(words("frame.sentence", text=words("heard.more", n=len(lines) - MOST_HEARD))))
    return tuple(found)


def _hearing(teller: Teller, line: Hearing) -> Item:
    words = teller.words
    state = words(f"heard.{line.state}", time=words.moment(line.since), hours=words.number(line.hours))
    if line.read_in:
        state += words("heard.hours", hours=line.read_in)
    detail = words("heard.detail", text=teller.private(line.detail)) if line.detail else ""
    return Item(words("frame.sentence", text=state + detail), title=line.title)


def _method(teller: Teller) -> tuple[str, ...]:
    digest, words = teller.digest, teller.words
    told = [words("method.versions", versions=digest.versions)]
    if digest.accuracy and digest.accuracy.n:
        told += accuracy_lines(words, digest.accuracy)
    if not digest.accuracy or digest.accuracy.shipped:
        told.append(words("method.accuracy_none"))
        if digest.posts:
            told.append(words("method.confidence", confidence=f"{digest.mean_confidence:.2f}"))
    told += [words("method.since", day=words.short_day(digest.heard_from)), words("method.evidence")]
    return (words.sentences(told),)


def accuracy_lines(words: Words, accuracy: Accuracy) -> list[str]:
    """How often the judging was right, in sentences."""
    n, feeling = words.number(accuracy.n), words.share(accuracy.feeling)
    if accuracy.shipped:
        return [words("method.accuracy_shipped", n=n, feeling=feeling)]
    if accuracy.topic is None:
        told = [words("method.accuracy_feeling", n=n, feeling=feeling)]
    else:
        told = [words("method.accuracy", n=n, feeling=feeling, topic=words.share(accuracy.topic))]
    if accuracy.low is not None and accuracy.high is not None:
        low, high = words.share(accuracy.low), words.share(accuracy.high)
        told.append(words("method.accuracy_range", low=low, high=high))
    return [*told, words("method.accuracy_picked")] if accuracy.picked else told


def _shares(teller: Teller) -> TableView | None:
    words = teller.words
    if not teller.digest.shares:
        return None
    rows = tuple(
        (row.name.get(words.language), words.number(row.today), words.number(row.week), words.share(row.week_share))
        for row in teller.digest.shares
    )
    marks = tuple(n for n, row in enumerate(teller.digest.shares) if row.own)
    head = (words("method.brand"), words("method.today"), words("method.week"), words("method.part"))
    return TableView(head, rows, marks)
