"""Where the day's movement came from, in words: threads, topics and places, each with its part of the whole."""

from listener.advise.model import Cause, Causes
from listener.advise.page import Item, Teller

_ASKED = ("worse", "better", "first", "unknown")  # days on which people ask where it came from


def moved_title(teller: Teller) -> str:
    """What stands above the parts: what they add up to; "" where there are none."""
    causes = _asked(teller)
    if causes is None:
        return ""
    total = teller.words.number(abs(causes.total))
    return teller.words(f"verdict.{'lost' if causes.total < 0 else 'gained'}", total=total)


def moved(teller: Teller) -> tuple[Item, ...]:
    """The parts of the day's withdrawals (on a better day: deposits); nothing on an ordinary day without a matter."""
    causes, words = _asked(teller), teller.words
    if causes is None:
        return ()
    found = _threads(teller, causes)
    for kind, some in (("topic", causes.topics), ("place", causes.places)):
        parts = [_part(teller, cause) for cause in some]
        if parts:
            text = words(f"verdict.by_{kind}", list=words.join(parts))
            found.append(Item(words("frame.sentence", text=text)))
    return tuple(found)


def _asked(teller: Teller) -> Causes | None:
    verdict = teller.digest.verdict
    return teller.digest.causes if verdict.direction in _ASKED or verdict.cause is not None else None


def _threads(teller: Teller, causes: Causes) -> list[Item]:
    """The threads, gravest first, and the rest; together they are the whole."""
    words, found = teller.words, []
    for cause in causes.threads:
        if cause.thread is None:
            continue
        told = words(
            "verdict.from_thread", thread=teller.title(cause.thread), place=cause.place,
            voices=words.count("voices", cause.voices), **_amount(teller, cause.amount, cause.share),
        )  # fmt: skip
        refs = teller.ref(words("frame.thread"), cause.thread.url, cause.thread.post_key)
        found.append(Item(words("frame.sentence", text=told), refs))
    if causes.others:
        rest = causes.total - sum(cause.amount for cause in causes.threads)
        name = "verdict.from_others" if found else "verdict.from_scattered"
        threads = words.count("threads", causes.others)
        told = words(name, threads=threads, **_amount(teller, rest, rest / causes.total))
        found.append(Item(words("frame.sentence", text=told)))
    return found


def _part(teller: Teller, cause: Cause) -> str:
    words = teller.words
    name = cause.place
    if cause.kind == "topic":
        name = teller.topic(cause.topic) if cause.topic else words("usual.no_topic")
    return words("verdict.by_item", what=name, **_amount(teller, cause.amount, cause.share))


def _amount(teller: Teller, amount: float, share: float) -> dict[str, str]:
    return {"amount": teller.words.number(abs(amount)), "share": teller.words.share(share)}
