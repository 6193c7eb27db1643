"""What people have in hand, and what they write: taking up, correcting a label, acknowledging an alert."""

from typing import Any
from urllib.parse import parse_qs

from datasette.utils import MultiParams
from datasette.utils.asgi import Response

from listener.again.correct import Said, correct, find
from listener.errors import ListenerError
from listener.explore.sheet import Sheet
from listener.explore.show import actor_name
from listener.explore.site import Site, own_path
from listener.house import House
from listener.records import Label
from listener.store import triage
from listener.store.triaged import KINDS, MOST_NOTE, STATUSES, Target, TriageLine, TriageStatus, TriageTurn

WORKING: tuple[TriageStatus, ...] = ("open", "in hand")
LABELS: dict[str, Label] = {"negative": "negative", "neutral": "neutral", "positive": "positive"}
MOST = 200
COLUMNS = ("brand", "what", "status", "owner", "note", "by", "at", "turns", "link", "thread_title", "topic")


async def desk(site: Site, request: Any) -> Response:
    """The page: what is open and in hand, or what was."""
    brand, owner, statuses = _asked(request)
    lines = await _lines(site, request)
    return site.page(
        request, "desk.html", "desk", brand, lines=lines, statuses=STATUSES, asked=statuses, owner=owner, chosen=brand,
        topic_names={topic.id: topic.label for topic in site.config.topics},
        owners=sorted({person.name or person.id for person in site.config.people}),
    )  # fmt: skip


async def rows(site: Site, request: Any) -> Response:
    """The same as a file."""
    lines = [
        (
            one.turn.target.brand, one.turn.target.kind, one.turn.status, one.turn.owner, one.turn.note, one.turn.by,
            one.turn.at, one.turns, one.link, one.title,
            one.turn.target.ref if one.turn.target.kind == "matter" else "",
        )
        for one in await _lines(site, request)
    ]  # fmt: skip
    return Sheet("desk", COLUMNS, lines).answer(request.url_vars["form"])


def _asked(request: Any) -> tuple[str, str, tuple[TriageStatus, ...]]:
    """(brand, owner, statuses); without any status those that still ask for something."""
    given = request.args.getlist("status")
    statuses = tuple(status for status in STATUSES if status in given or "all" in given)
    return (request.args.get("brand") or "")[:40], (request.args.get("owner") or "")[:80], statuses or WORKING


async def _lines(site: Site, request: Any) -> tuple[TriageLine, ...]:
    brand, owner, statuses = _asked(request)
    found: tuple[TriageLine, ...] = await site.read(lambda conn: triage.lines(conn, brand, statuses, owner, MOST))
    return found


async def take_up(site: Site, request: Any) -> Response:
    """The form under a mention, a thread or a matter."""
    sent = await _sent(request)
    kind = next((one for one in KINDS if one == sent.get("kind")), None)
    status = next((one for one in STATUSES if one == sent.get("status")), None)
    if kind is None or status is None:
        raise ListenerError("the form does not say what is taken up, or how it stands")
    target = Target(site.config.brand(sent.get("brand", "")).id, kind, sent.get("ref", ""))
    if kind == "matter":
        site.config.topic(target.ref)  # raises where there is none
    turn = TriageTurn(
        target, site.now(), actor_name(request.actor), status, sent.get("owner", ""), sent.get("note", "")
    )
    await site.desk(lambda house: house.store.take_up(turn))
    return _back(sent)


async def label(site: Site, request: Any) -> Response:
    """The form under a judgement. It shows feeling and topics as they stood; what it brings back is right as it is."""
    sent = await _sent(request)
    by = actor_name(request.actor)

    def errand(house: House) -> None:
        post = find(house.store, house.config, sent.get("post", ""), sent.get("brand", ""))
        said = _said(sent, {tag.topic for tag in post.topics})
        correct(house.store, house.config, house.clock, house.intake, post, said, by, sent.get("note", "")[:MOST_NOTE])

    await site.desk(errand)
    return _back(sent)


def _said(sent: MultiParams, has: set[str]) -> Said:
    """What the form says of a post that has these topics by now."""
    if sent.get("about") == "no":
        return Said(not_brand=True)
    feeling = LABELS.get(sent.get("feeling", ""))
    if feeling is None:
        raise ListenerError("say what the post feels: negative, neutral or positive")
    left = set(sent.getlist("topic"))
    topics = {topic: topic in left for topic in sent.getlist("had") if topic in has}
    topics |= {topic: True for topic in sent.getlist("add") if topic}
    return Said(feeling, tuple(sorted(topics.items())), is_brand=sent.get("about") == "yes")


async def acknowledge(site: Site, request: Any) -> Response:
    """The button beside an open alert: who presses it has it."""
    sent = await _sent(request)
    by, key = actor_name(request.actor), request.url_vars["key"]
    await site.desk(lambda house: house.acknowledge(key, by))
    return _back(sent)


async def _sent(request: Any) -> MultiParams:
    """The form, with all values of each field."""
    body = (await request.post_body()).decode("utf-8", "replace")
    return MultiParams(parse_qs(body, keep_blank_values=True))


def _back(sent: MultiParams) -> Response:
    """To the page that the form stood on, and to its place there."""
    return Response.redirect(own_path(sent.get("next") or "/"))
