"""The account over a week or a month: its bars, what such a period usually brings, and what the one line may say. Pure.

The rules of the line, in this order:

1. No voice in the period: "zero"; the coverage says whether to believe it.
2. Nothing to compare with (no four weeks or three months listened to before, and the one before not whole): "first".
3. With a usual: the period's net below its usual range by a tenth of the range's width, and by 2 LU at least: "worse".
   Without: below the net of the period before by a quarter of all that moved in the quieter of the two, and by 5 LU at
   least.
4. Less than two thirds of the sources, or of the hours, heard: "unknown".
5. As far above: "better"; else: "same".
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from listener.advise.model import AccountDay, Direction
from listener.advise.span.facts import SpanFacts
from listener.advise.span.model import Bar, SpanAccount, SpanCoverage, SpanSure
from listener.advise.span.period import Kind, Period, period_of
from listener.advise.usual import FEW, Usual, decayed

LEAST: dict[Kind, int] = {"day": 4, "week": 4, "month": 3}
LOOK_BACK: dict[Kind, int] = {"day": 28, "week": 8, "month": 12}
CHART_DAYS = 28  # of a week's digest
EDGE_LU, EDGE_SHARE = 2.0, 0.1
MOVED_LU, MOVED_SHARE = 5.0, 0.25
FAR_LU = 5.0


def account_of(facts: SpanFacts) -> SpanAccount:
    """The account; every number of it from the book's daily sums."""
    period = facts.period
    lines = {line.day: (line.deposits, -abs(line.withdrawals)) for line in facts.balance_lines}
    nets = [(day, sum(both)) for day, both in sorted(lines.items()) if day <= period.last]
    balances = dict(decayed(nets, period.last, facts.half_life_days))
    voices = {day.day: day.voices for day in facts.days}

    def bar(part: Period) -> Bar:
        deposits, withdrawals = _sums(lines, part)
        heard = voices.get(part.first, 0) if part.days == 1 else None
        return Bar(part, deposits, withdrawals, balances.get(part.last, 0.0), heard)

    deposits, withdrawals = _sums(lines, period)
    first = facts.heard_from
    whole = first is not None and first <= period.before.first
    return SpanAccount(
        bars=tuple(bar(part) for part in period.parts()),
        chart=tuple(
            AccountDay(one.part.last, one.deposits, one.withdrawals, one.balance) for one in map(bar, _shown(facts))
        ),
        deposits=deposits,
        withdrawals=withdrawals,
        balance=balances.get(period.last, 0.0),
        before=balances.get(period.before.last, 0.0) if first is not None and first < period.first else None,
        net_before=sum(_sums(lines, period.before)) if whole else None,
        moved_before=sum(map(abs, _sums(lines, period.before))),
        usual=_usual(facts, lines),
    )


def _sums(lines: Mapping[date, tuple[float, float]], part: Period) -> tuple[float, float]:
    days = [part.first + timedelta(days=n) for n in range(part.days)]
    both = [lines[day] for day in days if day in lines]
    return sum(one[0] for one in both), sum(one[1] for one in both)


def _shown(facts: SpanFacts) -> Sequence[Period]:
    """The bars of the chart: four weeks by day, or two months by week; none of before listening began."""
    period = facts.period
    if period.kind == "month":
        parts: Sequence[Period] = (*period.before.parts(), *period.parts())
    else:
        days = [period.last - timedelta(days=n) for n in range(CHART_DAYS - 1, -1, -1)]
        parts = [Period("day", day, day) for day in days]
    return [part for part in parts if facts.heard_from is None or part.last >= facts.heard_from] or parts[-1:]


def _usual(facts: SpanFacts, lines: Mapping[date, tuple[float, float]]) -> Usual | None:
    """What such a period brought, over those before it that were listened to from their first day on."""
    nets, one = [], facts.period.before
    for _ in range(LOOK_BACK[facts.period.kind]):
        if facts.heard_from is None or one.first < facts.heard_from:
            break
        nets.append(sum(_sums(lines, one)))
        one = period_of(one.kind, one.first - timedelta(days=1))
    if len(nets) < LEAST[facts.period.kind]:
        return None
    nets.sort()
    cut = len(nets) // 10
    return Usual(nets[cut], median(nets), nets[-1 - cut], len(nets), False)


def direction_of(account: SpanAccount, coverage: SpanCoverage, voices: int) -> Direction:
    """See the module."""
    if voices == 0:
        return "zero"
    usual, net = account.usual, account.net
    if usual is not None:
        edge = max(EDGE_LU, EDGE_SHARE * (usual.high - usual.low))
        low, high = usual.low - edge, usual.high + edge
    elif account.net_before is not None:
        moved = max(MOVED_LU, MOVED_SHARE * min(account.deposits - account.withdrawals, account.moved_before))
        low, high = account.net_before - moved, account.net_before + moved
    else:
        return "first"
    if net < low:
        return "worse"
    if coverage.trust == "none":
        return "unknown"
    return "better" if net > high else "same"


def sure_of(account: SpanAccount, voices: int) -> SpanSure:
    """How far outside; "one": there is only the period before to compare with."""
    if voices < FEW:
        return "few"
    usual = account.usual
    if usual is None:
        return "one" if account.net_before is not None else ""
    outside = max(usual.low - account.net, account.net - usual.high)
    if outside <= 0:
        return "inside"
    return "far" if outside > max(usual.high - usual.low, FAR_LU) else "edge"
