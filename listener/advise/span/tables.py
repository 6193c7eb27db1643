"""Brands side by side in words: how much they are spoken of, how they stand. Four columns each, for narrow screens."""

from collections.abc import Collection, Sequence

from listener.advise.page import TableView
from listener.advise.span.model import SpanShare
from listener.advise.words import Words

RIVAL = " ◆"


def share_tables(
    words: Words, shares: Sequence[SpanShare], marks: Collection[int] = (), rivals: Collection[int] = ()
) -> tuple[TableView, ...]:
    """Voices with the share of voice, then balances with the share of love; none without brands.

    Args:
        marks: numbers of the rows that stand out. rivals: of those that are marked as rivals.
    """
    if not shares:
        return ()
    names = [
        one.name.get(words.language) + (RIVAL if number in rivals else "") for number, one in enumerate(shares)
    ]  # fmt: skip
    voice = tuple(
        (
            name, words.number(one.voices), words.share(one.share),
            "–" if one.share_before is None else words.share(one.share_before),
        )
        for name, one in zip(names, shares, strict=True)
    )  # fmt: skip
    love = tuple(
        (
            name, *("–" if n is None else words.signed(n) for n in (one.balance, one.change)),
            "–" if one.love is None else words.share(one.love),
        )
        for name, one in zip(names, shares, strict=True)
    )  # fmt: skip
    first = words("span_share.brand")
    heads = (("voices", "voice", "before"), ("balance", "change", "love"))
    head = [(first, *(words(f"span_share.{name}") for name in names)) for names in heads]
    return TableView(head[0], voice, tuple(marks)), TableView(head[1], love, tuple(marks))
