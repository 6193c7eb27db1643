"""The feed of mentions with its filters."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from datasette.utils.asgi import Response

from listener.errors import ListenerError
from listener.explore.pages.common import cursor_in, day_in, walk
from listener.explore.sheet import Sheet
from listener.explore.site import Site
from listener.records import Label
from listener.store import browse, triage
from listener.store.browsed import Feed, Filter, MentionRow
from listener.store.triaged import Target, TriageTurn

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
MOST_ROWS = 1000  # in one file
COLUMNS = (
    "brand", "at", "link", "thread_title", "source", "voice", "language", "label", "sentiment", "confidence", "topics",
    "leaving", "likes", "replies", "text", "post_key",
)  # fmt: skip


async def feed(site: Site, request: Any) -> Response:
    """The page."""
    asked = filter_in(site, request)
    before = cursor_in(request)
    found: Feed = await site.read(lambda conn: browse.feed(conn, asked, before))
    choices = await site.read(browse.choices)
    targets = [Target(row.judged.brand, "mention", row.judged.post_key) for row in found.mentions]
    taken: Mapping[Target, TriageTurn] = await site.read(lambda conn: triage.standing(conn, targets))
    brand = next((one for one in site.config.brands if one.id == asked.brand), None)
    return site.page(
        request,
        "mentions.html",
        "mentions",
        asked.brand,
        say=site.speech(request, brand),
        found=found,
        asked=asked,
        choices=choices,
        taken={target.ref + target.brand: turn for target, turn in taken.items()},
        labels=LABELS,
        given=given(request),
        topic_names={topic.id: topic.label for topic in site.config.topics},
        first=not before,
    )


async def rows(site: Site, request: Any) -> Response:
    """The feed as a file: its newest MOST_ROWS."""
    asked = filter_in(site, request)

    async def page(older: str) -> tuple[Sequence[MentionRow], str]:
        part = await site.read(partial(browse.feed, asked=asked, before=older, limit=250))
        return part.mentions, part.older

    found = await walk(page, MOST_ROWS)
    lines = [
        (
            row.judged.brand, row.judged.when, row.judged.url, row.judged.thread_title, row.judged.source,
            row.judged.voice, row.judged.language, row.judged.label, row.judged.sentiment, row.judged.confidence,
            [tag.topic for tag in row.judged.topics], row.judged.leaving, row.judged.likes, row.judged.replies,
            row.judged.text, row.judged.post_key,
        )
        for row in found
    ]  # fmt: skip
    return Sheet("mentions", COLUMNS, lines).answer(request.url_vars["form"])


def filter_in(site: Site, request: Any) -> Filter:
    """What the form asks for.

    Raises:
        ListenerError: a day is none, or a label is unknown.
    """
    labels = tuple(request.args.getlist("label"))
    if unknown := [label for label in labels if label and label not in LABELS]:
        raise ListenerError(f"{unknown[0][:40]!r} is no feeling; there are: {', '.join(LABELS)}")
    who = request.args.get("who") or ""
    text = (request.args.get("text") or "").strip()[:200]
    return Filter(
        brand=(request.args.get("brand") or "")[:40],
        topics=_several(request, "topic"),
        labels=tuple(label for label in LABELS if label in labels),
        sources=_several(request, "source"),
        languages=_several(request, "language"),
        voice=(request.args.get("voice") or "").strip()[:16],
        since=day_in(request, "since"),
        until=day_in(request, "until"),
        text=text,
        leaving=request.args.get("leaving") == "1",
        company={"company": True, "people": False}.get(who),
        muted=request.args.get("muted") == "1",
    )


def _several(request: Any, name: str) -> tuple[str, ...]:
    return tuple(one[:80] for one in request.args.getlist(name) if one)[:20]


def given(request: Any) -> dict[str, list[str]]:
    """The form's own values as they stand in the address, without the place in the feed."""
    names = (
        "brand", "topic", "label", "source", "language", "voice", "since", "until", "text", "leaving", "who", "muted"
    )  # fmt: skip
    return {name: [one for one in request.args.getlist(name) if one] for name in names}
