"""The head of a week's or month's page in words: the line, what it rests on, the four figures, the charts' captions."""

from collections.abc import Sequence

from listener.advise.page import ChartView, TableView, Tile
from listener.advise.span.model import Cause
from listener.advise.span.page import SpanTeller, short_when


def headline(teller: SpanTeller) -> str:
    """The one line, never more certain than the verdict it tells."""
    digest, words = teller.digest, teller.words
    verdict, coverage = digest.verdict, digest.coverage
    filled = {
        "brand": digest.name.get(words.language), "hours": words.number(coverage.hours),
        "possible": words.number(coverage.possible), "basis": basis(teller),
    }  # fmt: skip
    match verdict.direction:
        case "zero" if coverage.total == 0:
            return teller.say("span_verdict.zero_nosource", **filled)
        case "zero":
            return teller.say(f"span_verdict.zero_{coverage.trust}", **filled)
        case "worse" | "better" as way:
            told = _moved(teller, way, filled) + _still(teller, way)
        case way:
            told = teller.say(f"span_verdict.{way}", **filled)
    return told + _loud(teller) + _waits(teller)


def basis(teller: SpanTeller) -> str:
    """What the period is compared with: a usual one, or the one before."""
    known = teller.digest.account.usual is not None
    return teller.say(f"span_verdict.basis_{'usual' if known else 'before'}")


def _moved(teller: SpanTeller, way: str, filled: dict[str, str]) -> str:
    digest, words = teller.digest, teller.words
    if digest.verdict.cause is None:
        return teller.say(f"span_verdict.{way}_plain", **filled)
    cause: Cause = digest.causes[digest.verdict.cause]
    eased = way == "better" and cause.topic is not None and cause.topic.kind != "praise"
    name = teller.topic(cause.topic) if cause.topic else words("usual.no_topic")
    told = {"topic": name, "moved": words.signed(cause.moved), "share": words.share(cause.share)}
    return teller.say(f"span_verdict.{way}_{'eased' if eased else 'cause'}", **(filled | told))


def _still(teller: SpanTeller, way: str) -> str:
    """Better than before and yet a loss, or worse and yet a gain: said, lest the one be taken for the other."""
    words, net = teller.words, teller.digest.account.net
    if way == "better" and net <= -1:
        return words("span_verdict.still_fell", net=words.number(-net))
    if way == "worse" and net >= 1:
        return words("span_verdict.still_rose", net=words.number(net))
    return ""


def _loud(teller: SpanTeller) -> str:
    """Said where at least ten spoke, and twice as many as before or half as many."""
    digest, words = teller.digest, teller.words
    now, before = digest.totals.voices, digest.before.voices if digest.before else 0
    if not before or max(now, before) < 10 or before / 2 < now < 2 * before:
        return ""
    voices = words.count("voices", now)
    return teller.say("span_verdict.loud", voices=voices, before=words.number(before))


def _waits(teller: SpanTeller) -> str:
    digest, words = teller.digest, teller.words
    if digest.verdict.matter is None:
        return ""
    matter = digest.matters[digest.verdict.matter]
    day = words.short_day(matter.first_advised)
    cause = digest.causes[digest.verdict.cause] if digest.verdict.cause is not None else None
    if cause and cause.topic and cause.topic.id == matter.name:
        return words("span_verdict.waits_same", day=day)
    name = teller.topic(matter.topic) if matter.topic else matter.name
    return words("span_verdict.waits", topic=name, day=day)


def subject(teller: SpanTeller) -> str:
    """Brand, period, direction, and the topic behind it."""
    digest, words = teller.digest, teller.words
    filled = {
        "brand": digest.name.get(words.language),
        "when": short_when(words, digest.period),
        "tone": words(f"tone.{digest.verdict.direction}"),
    }
    cause = digest.causes[digest.verdict.cause] if digest.verdict.cause is not None else None
    if cause is None or cause.topic is None:
        return words("span_frame.subject", **filled)
    return words("span_frame.subject_cause", topic=teller.topic(cause.topic), **filled)


def figures(teller: SpanTeller) -> tuple[str, ...]:
    """Balance and account in sentences."""
    digest, words = teller.digest, teller.words
    account = digest.account
    now = words.signed(account.balance)
    told = [teller.say("span_verdict.balance_first", now=now)]
    if account.before is not None:
        told = [teller.say("span_verdict.balance", now=now, before=words.signed(account.before))]
    net = teller.say(
        "span_verdict.net", deposits=words.signed(account.deposits), withdrawals=words.signed(account.withdrawals),
        net=words.signed(account.net),
    )  # fmt: skip
    if account.net_before is not None:
        net += teller.say("span_verdict.net_before", net=words.signed(account.net_before))
    if usual := account.usual:
        low, high = words.signed(usual.low), words.signed(usual.high)
        net += teller.say("span_verdict.net_usual", low=low, high=high, n=usual.days)
    return (*told, words("frame.sentence", text=net))


def support(teller: SpanTeller) -> tuple[str, ...]:
    """The sentences under the line: voices, how sure, what was not heard."""
    digest, words = teller.digest, teller.words
    totals, before, verdict = digest.totals, digest.before, digest.verdict
    told = []
    if totals.voices:
        text = teller.say(
            "span_verdict.voices", voices=words.count("voices", totals.voices),
            places=words.count("places", totals.platforms), share=words.share(totals.negative_voices / totals.voices),
        )  # fmt: skip
        if before and before.voices:
            share = words.share(before.negative_voices / before.voices)
            text += teller.say("span_verdict.voices_before", n=words.number(before.voices), share=share)
        told.append(words("frame.sentence", text=text))
    if verdict.sure in ("far", "edge", "few", "one") and verdict.direction in ("worse", "better", "same"):
        voices = words.count("voices", totals.voices)
        least = words(f"span_verdict.least_{digest.period.kind}")
        told.append(teller.say(f"span_verdict.sure_{verdict.sure}", voices=voices, least=least))
    coverage = digest.coverage
    if coverage.trust != "full" and coverage.total and verdict.direction not in ("zero", "unknown"):
        share = words.share(coverage.share)
        told.append(teller.say("span_verdict.blind", share=share, missing=coverage.blind, total=coverage.total))
    return tuple(told)


def tiles(teller: SpanTeller) -> tuple[Tile, ...]:
    """Balance, the period, voices, hours heard."""
    digest, words = teller.digest, teller.words
    account, coverage = digest.account, digest.coverage
    none = words("span_tile.none")

    def was(value: str | None) -> str:
        return none if value is None else words("span_tile.was", n=value)

    before = None if account.before is None else words.signed(account.before)
    net_before = None if account.net_before is None else words.signed(account.net_before)
    voices_before = None if digest.before is None else words.number(digest.before.voices)
    sources = words("span_tile.sources", n=coverage.heard, m=coverage.total)
    return (
        Tile(words("tile.balance"), words.signed(account.balance), was(before)),
        Tile(words(f"span_tile.net_{digest.period.kind}"), words.signed(account.net), was(net_before)),
        Tile(words("tile.voices"), words.number(digest.totals.voices), was(voices_before)),
        Tile(words("span_tile.heard"), words.share(coverage.share) if coverage.possible else "–", sources),
    )


def balance_chart(teller: SpanTeller) -> ChartView:
    """Caption and alternative text of the first picture."""
    digest, words = teller.digest, teller.words
    balances: Sequence[float] = [day.balance for day in digest.account.chart]
    alt = words(
        "span_chart.balance_alt", first=words.signed(balances[0]), last=words.signed(balances[-1]),
        low=words.signed(min(balances)),
    )  # fmt: skip
    kind = "month" if digest.period.kind == "month" else "week"
    return ChartView(words(f"span_chart.balance_{kind}"), alt)


def voices_chart(teller: SpanTeller) -> ChartView:
    """Caption and alternative text of the second picture."""
    words, days = teller.words, teller.digest.voice_days
    most = max(days, key=lambda day: day.voices)
    alt = words(
        "span_chart.voices_alt", high=words.number(most.voices), day=words.short_day(most.day),
        last=words.number(days[-1].voices),
    )  # fmt: skip
    return ChartView(words("span_chart.voices"), alt)


def bars(teller: SpanTeller) -> TableView:
    """The account by day, or by week."""
    words, digest = teller.words, teller.digest
    by_day = digest.period.kind != "month"
    rows = []
    for bar in digest.account.bars:
        name = words.short_day(bar.part.last)
        if bar.part.days > 1:
            name = words("tile.range", low=words.short_day(bar.part.first), high=name)
        cells = [name, words.signed(bar.deposits), words.signed(bar.withdrawals), words.signed(bar.balance)]
        rows.append((*cells, words.number(bar.voices or 0)) if by_day else tuple(cells))
    columns = ["day" if by_day else "week", "deposits", "withdrawals", "balance", *(["voices"] if by_day else [])]
    return TableView(tuple(words(f"span_bars.{column}") for column in columns), tuple(rows))
