"""A thread: its posts in their order, what we think of each, the words that told, and what people did with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from listener.explore import show
from listener.explore.site import Site, own_path
from listener.records import Span
from listener.store import browse_thread, triage
from listener.store.browsed import Opinion, Thread, ThreadPost
from listener.store.triaged import STATUSES, Target, TriageTurn
from listener.urls import canonical, post_key


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as the page shows it: its text with the words that told marked, and the turns on each of its mentions."""

    post: ThreadPost
    text: Markup
    quotes: tuple[tuple[str, str], ...]
    turns: Mapping[str, tuple[TriageTurn, ...]]


async def thread(site: Site, request: Any) -> Response:
    """The page."""
    number = int(request.url_vars["number"])
    after = str(request.args.get("later") or "")[:40]
    found: Thread | None = await site.read(lambda conn: browse_thread.thread(conn, number, after))
    if found is None or not found.url:
        raise NotFound("thread")
    brands = sorted({opinion.brand for post in found.posts for opinion in post.opinions})
    targets = [Target(brand, "thread", str(number)) for brand in brands]
    targets += [Target(one.brand, "mention", post.key) for post in found.posts for one in post.opinions]
    turns: list[TriageTurn] = await site.read(lambda conn: triage.history(conn, targets)) if targets else []
    by_target: dict[Target, list[TriageTurn]] = {}
    for turn in turns:
        by_target.setdefault(turn.target, []).append(turn)
    brand = str(request.args.get("brand") or (brands[0] if brands else ""))[:40]
    known = next((one for one in site.config.brands if one.id == brand), None)
    return site.page(
        request,
        "thread.html",
        "mentions",
        brand,
        say=site.speech(request, known),
        thread=found,
        posts=[
            Shown(
                post,
                show.marked(post.text, spans_of(post.opinions)),
                post.quotes,
                {one.brand: tuple(by_target.get(Target(one.brand, "mention", post.key), ())) for one in post.opinions},
            )
            for post in found.posts
        ],
        brands=brands,
        turns={one: tuple(by_target.get(Target(one, "thread", str(number)), ())) for one in brands},
        statuses=STATUSES,
        labels=("negative", "neutral", "positive"),
        topics=site.config.topics,
        topic_names={topic.id: topic.label for topic in site.config.topics},
        later=found.later,
        first=not after,
    )


def spans_of(opinions: Iterable[Opinion]) -> dict[str, list[Span]]:
    """What is marked in a post: the names that found it, and the words that told the feeling or a topic."""
    spans: dict[str, list[Span]] = {"named": [], "told": [], "topic": []}
    for one in opinions:
        spans["named"] += one.named
        spans["told"] += one.evidence
        for tag in one.topics:
            spans["topic"] += tag.spans
    return spans


async def find(site: Site, request: Any) -> Response:
    """From a post's address or key to its place in its thread."""
    url, key = str(request.args.get("url") or ""), str(request.args.get("key") or "")
    if url and not key:
        try:
            url, key = canonical(url), post_key(url)
        except ValueError:
            raise NotFound("post") from None
    number = await site.read(lambda conn: browse_thread.thread_of(conn, key))
    if number is None and url:
        number = await site.read(lambda conn: browse_thread.thread_at(conn, url))
    if number is None:
        raise NotFound("post")
    return Response.redirect(own_path(f"/thread/{number}#p{key[:16]}"))
