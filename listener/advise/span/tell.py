"""The whole page of a week or a month told, and the keys of the posts it shows."""

from collections.abc import Callable

from listener.advise.page import Item, TableView
from listener.advise.span.model import Cause, SpanAlert, SpanDigest, SpanHearing, SpanMatter, SpanPraise
from listener.advise.span.page import SpanPage, SpanTeller, when
from listener.advise.span.tables import share_tables
from listener.advise.span.tell_head import (
    balance_chart,
    bars,
    basis,
    figures,
    headline,
    subject,
    support,
    tiles,
    voices_chart,
)
from listener.advise.tell import accuracy_lines, not_counted
from listener.advise.words import Words
from listener.store.spanned import SpanRisk

MOST_HEARD, MOST_ALERTS, MOST_TOLD = 12, 8, 6


def tell_span(digest: SpanDigest, language: str, redact: Callable[[str], str]) -> tuple[SpanPage, tuple[str, ...]]:
    """(page, keys of the posts that it quotes or links, each once)."""
    teller = SpanTeller.of(digest, language, redact)
    words, kind, say = teller.words, digest.period.kind, teller.say
    compared = digest.account.net_before is not None
    page = SpanPage(
        language=language,
        kind=kind,
        subject=subject(teller),
        brand=digest.name.get(language),
        title=words(f"span_frame.title_{kind}", when=when(words, digest.period)),
        zone=digest.zone,
        late=words("span_frame.late") if digest.late else "",
        tone=digest.verdict.direction,
        tone_word=words(f"tone.{digest.verdict.direction}"),
        verdict=headline(teller),
        figures=figures(teller),
        support=support(teller),
        tiles=tiles(teller),
        balance_chart=balance_chart(teller),
        bars=bars(teller),
        voices_chart=voices_chart(teller),
        changed_note=say(f"span_changed.{('intro' if compared else 'intro_first') if digest.causes else 'none'}"),
        changed=tuple(_cause(teller, cause, compared) for cause in digest.causes),
        matters_note="" if digest.matters else say("span_matter.none"),
        matters=(*(_matter(teller, matter) for matter in digest.matters), *_more(teller)),
        builds_note="" if digest.praise else say("span_praise.none"),
        builds=tuple(_praise(teller, praise, compared) for praise in digest.praise),
        usual_note=say(f"span_rows.intro{'' if compared else '_first'}") if digest.topics else words("usual.none"),
        topics=_topics(teller, compared),
        touchpoints=_touchpoints(teller, compared),
        risk_note=_risk_note(teller),
        risk=tuple(_risk(teller, risk) for risk in digest.risks.gravest),
        alerts_note=_no_alert(teller),
        alerts=tuple(_alert(teller, alert) for alert in digest.alerts[-MOST_ALERTS:]),
        shares_note=say("span_share.intro"),
        shares=share_tables(words, digest.shares, [n for n, one in enumerate(digest.shares) if one.own]),
        heard_note=_heard_note(teller),
        heard=_heard(teller),
        method=_method(teller),
        formula=words("method.formula", days=words.days(round(digest.half_life_days))),
        footer=words("frame.footer"),
    )  # fmt: skip
    return page, tuple(teller.shown)


def _cause(teller: SpanTeller, cause: Cause, compared: bool) -> Item:
    words, say = teller.words, teller.say
    quote = teller.quote(cause.quote) if cause.quote else None
    if cause.kind == "thread":
        title = teller.private(cause.title)
        name = words("span_changed.thread", title=title) if title else words("span_changed.thread_unnamed")
        way = words(f"span_changed.{'withdrawn' if cause.net < 0 else 'deposited'}")
        answered = words("span_changed.unanswered")
        if cause.answered:
            answered = words("span_changed.answered", time=words.moment(cause.answered))
        text = words(
            "span_changed.thread_row", net=words.signed(cause.net), share=words.share(cause.share), way=way,
            voices=words.count("voices", cause.voices), answered=answered,
        )  # fmt: skip
        return Item(text, teller.ref(words("frame.thread"), cause.url, cause.post_key), quote, name)
    name = words("span_changed.source", title=cause.title)
    if cause.kind == "topic":
        name = teller.topic(cause.topic) if cause.topic else words("usual.no_topic")
    voices = words("span_changed.voices_first", voices=words.count("voices", cause.voices))
    if compared:
        before = words.number(cause.voices_before)
        voices = words("span_changed.voices", before=before, n=words.number(cause.voices))
    text = say(
        f"span_changed.topic{'' if compared else '_first'}", moved=words.signed(cause.moved),
        before=words.signed(cause.net_before), now=words.signed(cause.net), share=words.share(cause.share),
        way=words(f"span_changed.{'up' if cause.moved > 0 else 'down'}"), voices=voices if cause.voices else "",
    )  # fmt: skip
    return Item(text.strip(), quote=quote, title=name)


def _matter(teller: SpanTeller, matter: SpanMatter) -> Item:
    words, say = teller.words, teller.say
    name = teller.topic(matter.topic) if matter.topic else matter.name
    filled = {
        "days": words.days(matter.waiting_days),
        "time": words.moment(matter.answered) if matter.answered else "",
        "day": words.short_day(matter.closed) if matter.closed else "",
    }
    told = [words(f"span_matter.{matter.state.replace('-', '_')}", **filled)]
    size = {"peak": words.number(matter.peak), "net": words.signed(matter.net)}
    if matter.peak == 0:
        told.append(say("span_matter.silent"))
    elif matter.voices is None:
        told.append(words("span_matter.size_peak", **size))
    else:
        told.append(say("span_matter.size", voices=words.count("voices", matter.voices), **size))
    if matter.trend and words.has(f"span_matter.{matter.trend}"):
        told.append(words(f"span_matter.{matter.trend}"))
    title = words("span_matter.title", topic=name, day=words.short_day(matter.first_advised))
    return Item(words.sentences(told), quote=teller.quote(matter.quote) if matter.quote else None, title=title)


def _more(teller: SpanTeller) -> tuple[Item, ...]:
    digest, words = teller.digest, teller.words
    if not digest.more_matters:
        return ()
    closed = digest.matters[-1].state.startswith("closed")
    return (Item(words(f"span_matter.more{'' if closed else '_open'}", n=digest.more_matters)),)


def _praise(teller: SpanTeller, praise: SpanPraise, compared: bool) -> Item:
    words = teller.words
    told = teller.say(
        f"span_praise.{'row' if praise.topic else 'plain'}{'' if compared else '_first'}",
        topic=teller.topic(praise.topic) if praise.topic else "", amount=words.signed(praise.amount),
        voices=words.count("voices", praise.voices), before=words.signed(praise.before),
    )  # fmt: skip
    return Item(told, quote=teller.quote(praise.quote) if praise.quote else None)


def _topics(teller: SpanTeller, compared: bool) -> TableView | None:
    words, rows = teller.words, teller.digest.topics
    if not rows:
        return None
    marks = {"up": " ▲", "down": " ▼", "": ""}
    told = []
    for row in rows:
        name = teller.topic(row.topic) if row.topic else words("usual.no_topic")
        now = "–" if row.voices is None else words.number(row.voices) + marks[row.moved]
        before = "–" if row.voices_before is None else words.number(row.voices_before)
        both = (name, now, before, words.signed(row.net), words.signed(row.net_before))
        told.append(both if compared else (name, now, words.signed(row.net)))
    head = _head(words, "usual.topic", ("now", "before", "net", "net_before") if compared else ("now", "net"))
    return TableView(head, tuple(told), tuple(n for n, row in enumerate(rows) if row.moved))


def _head(words: Words, first: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    return (words(first), *(words(f"span_rows.{column}") for column in columns))


def _touchpoints(teller: SpanTeller, compared: bool) -> TableView | None:
    words, rows = teller.words, teller.digest.touchpoints
    if not rows:
        return None
    told = [
        (teller.touchpoint(row.touchpoint), words.signed(row.net), words.signed(row.net_before))[: 3 if compared else 2]
        for row in rows
    ]
    return TableView(_head(words, "usual.touchpoint", ("net", "net_before")[: 2 if compared else 1]), tuple(told))


def _risk_note(teller: SpanTeller) -> str:
    words, say, risks = teller.words, teller.say, teller.digest.risks
    if not risks.total:
        return words("span_risk.none")
    reasons = [
        words("risk.item", n=words.number(n), reason=words(f"risk.{reason.replace(' ', '_')}"))
        for reason, n in risks.by_reason
    ]
    told = [say("span_risk.intro", relationships=words.count("relationships", risks.total), list=words.join(reasons))]
    told.append(say("span_risk.fresh", n=words.number(risks.fresh)))
    if risks.left:
        balance = words.signed(risks.left_balance)
        told.append(say("span_risk.left", n=words.number(risks.left), balance=balance))
    else:
        told.append(say("span_risk.left_none"))
    return words.sentences(told)


def _risk(teller: SpanTeller, risk: SpanRisk) -> Item:
    words = teller.words
    reasons = [words(f"risk.{reason.replace(' ', '_')}") for reason in risk.reasons]
    text = words(
        "risk.row", voice=risk.voice[:6], reasons=words.join(reasons), balance=words.signed(risk.balance),
        withdrawals=words.count("withdrawals", risk.withdrawals), time=words.moment(risk.last_at),
    )  # fmt: skip
    return Item(words("frame.sentence", text=text))


def _no_alert(teller: SpanTeller) -> str:
    digest = teller.digest
    if digest.alerts:
        return ""
    return teller.say(f"span_alert.none{'' if digest.coverage.trust == 'full' else '_unknown'}")


def _alert(teller: SpanTeller, alert: SpanAlert) -> Item:
    words = teller.words
    what = teller.topic(alert.topic) if alert.topic else words("verdict.alert_all")
    severity = words(f"severity.{alert.severity}")
    title = words("span_alert.title", what=what, severity=severity, time=words.moment(alert.opened))
    told = [words("span_alert.size", voices=words.count("voices", alert.voices))]
    names = [words("span_alert.who", who=who, time=words.moment(at)) for who, at in alert.told[:MOST_TOLD]]
    if len(alert.told) > MOST_TOLD:
        names.append(words("span_alert.more_told", n=len(alert.told) - MOST_TOLD))
    told.append(words("span_alert.told", list=words.join(names)) if names else words("span_alert.untold"))
    if alert.acknowledged:
        who = teller.private(alert.acknowledged_by)
        told.append(words("span_alert.taken", who=who, time=words.moment(alert.acknowledged)))
    else:
        told.append(words("span_alert.taken_nobody"))
    if alert.closed:
        told.append(words("span_alert.closed", time=words.moment(alert.closed)))
    return Item(words.sentences(told), title=title)


def _heard_note(teller: SpanTeller) -> str:
    words, coverage = teller.words, teller.digest.coverage
    if coverage.total == 0:
        return words("span_heard.nosource")
    told = [
        words(
            "span_heard.hours", hours=words.number(coverage.hours), possible=words.number(coverage.possible),
            share=words.share(coverage.share), heard=coverage.heard, total=coverage.total,
        ),
        words(f"span_heard.{'all' if coverage.trust == 'full' else 'some'}"),
    ]  # fmt: skip
    told += not_counted(words, coverage.copies, coverage.campaigns, coverage.muted)
    return words.sentences(told)


def _heard(teller: SpanTeller) -> tuple[Item, ...]:
    words, lines = teller.words, teller.digest.coverage.lines
    found = [_hearing(teller, line) for line in lines[:MOST_HEARD]]
    if len(lines) > MOST_HEARD:
        found.append(Item(words("frame.sentence", text=words("heard.more", n=len(lines) - MOST_HEARD))))
    return tuple(found)


def _hearing(teller: SpanTeller, line: SpanHearing) -> Item:
    words = teller.words
    told = words(f"span_heard.{line.state}", hours=words.number(line.heard), possible=words.number(line.possible))
    if line.silent > 1 and line.silent_from is not None:
        span = words("span_heard.span", n=words.number(line.silent))
        if line.silent >= 48:
            span = words.days(round(line.silent / 24))
        told += words("span_heard.silent", span=span, time=words.moment(line.silent_from))
    detail = words("heard.detail", text=teller.private(line.detail)) if line.detail else ""
    return Item(words("frame.sentence", text=told + detail), title=line.title)


def _method(teller: SpanTeller) -> tuple[str, ...]:
    digest, words, say = teller.digest, teller.words, teller.say
    told = [say("span_method.rules", basis=basis(teller))]
    if digest.versions:
        named = [words("span_method.version", title=name, n=words.number(n)) for name, n in digest.versions[:3]]
        told.append(words("span_method.versions", versions=words.join(named)))
    if digest.accuracy and digest.accuracy.n:
        told += accuracy_lines(words, digest.accuracy)
    if digest.totals.mentions and (digest.accuracy is None or digest.accuracy.shipped):
        told.append(say("span_method.confidence", confidence=f"{digest.totals.confidence:.2f}"))
    if digest.heard_from:
        told.append(words("method.since", day=words.short_day(digest.heard_from)))
    return (words.sentences(told),)
