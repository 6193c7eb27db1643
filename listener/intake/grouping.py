"""Which of the posts that just came in are copies of others: found by their bands, held side by side, put together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from listener.judge.voices import alike, bands, kind_of, own_words, shingles
from listener.store.protocol import Store
from listener.store.taken import Account, Near, Taken

WINDOW = timedelta(days=14)  # how far from the first of a story its copies may lie
MOST_COMPARED = 8  # of the texts that share a band with a post: those that share most
MOST_COUNTED = 200  # copies that are looked at for telling what kind of story it is


def group(store: Store, taken: Sequence[Taken], stories: frozenset[str]) -> set[Account]:
    """Put copies together and let them count for one voice; the accounts to be booked anew.

    Costs one reading of the bands for the whole batch, however many posts the store has; a text is compared with eight
    others at most. Each post joins the story of the first text that it is alike to, and only such first texts are kept
    for comparing, so that a story does not drift from copy to copy.

    Args:
        taken: a batch that the store has taken in.
        stories: those that its edited posts belonged to (Store.stories_of before it was taken in).
    """
    pieces = {item.post.key: shingles(item.own_words) for item in taken if item.mentions}
    marks = dict(zip(pieces, bands(list(pieces.values())), strict=True))
    times = {item.post.key: item.post.when for item in taken if item.mentions}
    accounts = store.settle(stories) if stories else set()
    wanted = [band for some in marks.values() for band in some]
    if not wanted:
        return accounts
    met = store.near(wanted, min(times.values()) - WINDOW, max(times.values()) + WINDOW)
    copies: dict[str, str] = {}
    firsts: dict[str, tuple[int, ...]] = {}
    shared = met.keys() | {band for band, times_met in Counter(wanted).items() if times_met > 1}
    for key in sorted((key for key, some in marks.items() if some), key=lambda key: (times[key], key)):
        if shared.isdisjoint(marks[key]):
            firsts[key] = marks[key]
        elif first := _first(key, marks[key], pieces, times[key], met):
            copies[key] = first
        else:
            firsts[key] = marks[key]
            near = Near(key, "", times[key])
            for band in marks[key]:
                met.setdefault(band, []).append(near)
    accounts |= store.join(copies, firsts)
    if copies:
        _name_kinds(store, store.stories_of(list(copies)))
    return accounts


def _first(
    key: str,
    marks: Sequence[int],
    pieces: dict[str, frozenset[str]],
    at: datetime,
    met: Mapping[int, Sequence[Near]],
) -> str:
    """The key of the text that this one copies, "" for none. Shingles that had to be made are added to `pieces`."""
    shared: Counter[str] = Counter()
    texts: dict[str, str] = {}
    for band in marks:
        for near in met.get(band, ()):
            if near.key != key and abs(near.at - at) <= WINDOW:
                shared[near.key] += 1
                texts[near.key] = near.text
    for other in sorted(shared, key=lambda other: (-shared[other], other))[:MOST_COMPARED]:
        if other not in pieces:
            pieces[other] = shingles(own_words(texts[other]))
        if alike(pieces[key], pieces[other]):
            return other
    return ""


def _name_kinds(store: Store, stories: Iterable[str]) -> None:
    """Say of each story what it is; a campaign stays one."""
    since = store.listening_since()
    for story in sorted(stories):
        before = store.story_kind(story)
        if before != "campaign":
            kind, reason = kind_of(store.copies(story, MOST_COUNTED), since)
            if kind != before:
                store.save_story(story, kind, reason)
