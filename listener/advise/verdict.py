"""What the one line may say: better, worse, ordinary, silent or unknown, and why. The rules, in order:

1. No voice on the day: "zero"; the coverage says whether to believe it.
2. No usual yet (fewer than four days before): "first".
3. The day's net below its usual range by a tenth of the range's width, and by 2 LU at least (less than one clear post
   moves): "worse". This may be said with blind sources too: what was heard was heard.
4. Less than two thirds of the sources heard: "unknown"; good news and calm cannot be told from half a picture.
5. The net as far above its usual range: "better"; else: "same".

The cause is the card behind most of the day's withdrawals (at least a third of them), or else a HIGH card, with
share 0: it wants to be named, but does not explain the day. On a day that is not worse, a LOW one and one of fewer
than three voices is not named.
"Far" means outside the range by more than its own width (and by 5 LU at least); fewer than five voices are never more
than "few".
"""

from collections.abc import Sequence
from dataclasses import replace

from listener.advise.coverage import Coverage
from listener.advise.model import Account, Card, Direction, Praise, Sure, Verdict
from listener.advise.usual import FEW, Usual
from listener.records import Entry

CAUSE_SHARE = 1 / 3
FAR_LU = 5.0
EDGE_LU, EDGE_SHARE = 2.0, 0.1


def judge_day(
    account: Account,
    entries: Sequence[Entry],
    cards: Sequence[Card],
    praise: Sequence[Praise],
    coverage: Coverage,
    voices: int,
) -> Verdict:
    """The verdict; `entries` are those of the day alone."""
    if voices == 0:
        return Verdict("zero")
    verdict = _judge(account, entries, cards, praise, coverage, voices)
    streak, after = _streaks(account, verdict.direction)
    return replace(verdict, streak=streak, after=after)


def _judge(
    account: Account,
    entries: Sequence[Entry],
    cards: Sequence[Card],
    praise: Sequence[Praise],
    coverage: Coverage,
    voices: int,
) -> Verdict:
    direction = _direction(account, coverage)
    cause, share, without = _cause(entries, cards)
    if direction == "better":
        best = praise[0] if praise else None
        made = account.today.deposits
        urgent = next((n for n, card in enumerate(cards) if card.severity == "high"), None)
        return Verdict(
            direction, urgent, best.amount / made if best and made > 0 else 0.0,
            praise=best.topic if best else None, sure=_sure(account, voices),
        )  # fmt: skip
    small = cause is not None and direction != "worse" and (cards[cause].severity == "low" or cards[cause].voices < 3)
    if cause is None or share < CAUSE_SHARE or small:
        urgent = next((n for n, card in enumerate(cards) if card.severity == "high"), None)
        cause, share, without = urgent, 0.0, 0.0
    usual = account.usual_net
    ordinary = usual.low <= without <= usual.high if usual and share > 0 else None
    return Verdict(direction, cause, share, without, ordinary, sure=_sure(account, voices))


def _direction(account: Account, coverage: Coverage) -> Direction:
    usual = account.usual_net
    if usual is None:
        return "first"
    edge = _edge(usual)
    if account.net < usual.low - edge:
        return "worse"
    if coverage.trust == "none":
        return "unknown"
    return "better" if account.net > usual.high + edge else "same"


def _edge(usual: Usual) -> float:
    """How far outside the usual range a day has to lie, LU."""
    return max(EDGE_LU, EDGE_SHARE * (usual.high - usual.low))


def _streaks(account: Account, direction: Direction) -> tuple[int, int]:
    """(days in a row up to this one on its side of the usual range, worse days in a row before one that is not worse).

    All are held against this day's usual range.
    """
    usual = account.usual_net
    if usual is None or direction not in ("worse", "better", "same"):
        return 0, 0
    nets = [day.deposits + day.withdrawals for day in reversed(account.days)]
    worse = [net < usual.low - _edge(usual) for net in nets]
    better = [net > usual.high + _edge(usual) for net in nets]
    if direction == "worse":
        return _run(worse), 0
    return (_run(better) if direction == "better" else 0), _run(worse[1:])


def _run(days: Sequence[bool]) -> int:
    """How many hold from the first on."""
    return next((number for number, holds in enumerate(days) if not holds), len(days))


def _cause(entries: Sequence[Entry], cards: Sequence[Card]) -> tuple[int | None, float, float]:
    """(card, its share of the day's withdrawals, the day's net without it)."""
    withdrawn = sum(entry.amount for entry in entries if entry.amount < 0)
    net = sum(entry.amount for entry in entries)
    best: tuple[int | None, float, float] = (None, 0.0, net)
    for number, card in enumerate(cards):
        share = card.amount / withdrawn if withdrawn < 0 else 0.0
        if share > best[1]:
            best = (number, share, net - card.amount)
    return best


def _sure(account: Account, voices: int) -> Sure:
    usual = account.usual_net
    if usual is None:
        return ""
    if voices < FEW:
        return "few"
    outside = max(usual.low - account.net, account.net - usual.high)
    if outside <= 0:
        return "inside"
    return "far" if outside > max(usual.high - usual.low, FAR_LU) else "edge"
