"""Share of voice and share of love among brands that are compared. Pure.

Share of love is a brand's part of the balances above zero: of the love that is held, how much is held by whom. A brand
whose balance is below zero holds none.
"""

from collections.abc import Sequence

from listener.advise.span.facts import RivalSpan
from listener.advise.span.model import SpanShare


def share_out(brands: Sequence[RivalSpan]) -> tuple[SpanShare, ...]:
    """The most spoken of first, the own one before others of equal size."""
    voices, before = sum(one.voices for one in brands), sum(one.voices_before for one in brands)
    held = sum(max(one.balance or 0.0, 0.0) for one in brands)
    found = [
        SpanShare(
            name=one.name,
            own=one.own,
            voices=one.voices,
            share=one.voices / voices if voices else 0.0,
            share_before=one.voices_before / before if before else None,
            balance=one.balance,
            change=None if one.balance is None or one.balance_before is None else one.balance - one.balance_before,
            love=max(one.balance, 0.0) / held if held and one.balance is not None else None,
        )
        for one in brands
    ]
    return tuple(sorted(found, key=lambda one: (-one.voices, not one.own, one.name.en)))
