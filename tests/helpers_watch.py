"""Small makers of posts and topics for the tests of the Love Bank and the watch."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from listener.config import Topic
from listener.records import Judged, TopicTag

START = datetime(2026, 1, 5, tzinfo=UTC)


def at(hours: float) -> datetime:
    """`hours` after START."""
    return START + timedelta(hours=hours)


def topic(topic_id: str, kind: str = "complaint", weight: float = 1.0, touchpoint: str = "product") -> Topic:
    names = {"en": topic_id.replace("-", " "), "zh-Hant": "主題"}
    return Topic.model_validate(
        {"id": topic_id, "kind": kind, "label": names, "touchpoint": touchpoint, "weight": weight}
        | {"owner": {"en": "Somebody", "zh-Hant": "某人"}, "cues": {}}
    )


TOPICS = (
    topic("data-misuse", weight=2.0, touchpoint="privacy"),
    topic("hidden-fees", weight=1.0, touchpoint="billing"),
    topic("outage", weight=1.0, touchpoint="network"),
    topic("safety", weight=1.0, touchpoint="product"),
    topic("leaving", "signal", 2.0, "relationship"),
    topic("great-service", "praise", 1.5, "support"),
)


def tags(*topics: str) -> tuple[TopicTag, ...]:
    return tuple(TopicTag(name, 0.9, ()) for name in topics)


def post(name: str, when: datetime, *topics: str, feeling: float = 0.0, **more: Any) -> Judged:
    """A judged post; `name` makes its key, and its voice, thread and text unless `more` says otherwise."""
    label = "negative" if feeling < 0 else "positive" if feeling > 0 else "neutral"
    fields: dict[str, Any] = {
        "post_key": hashlib.sha256(name.encode()).hexdigest(),
        "brand": "acme",
        "voice": f"voice-{name}",
        "source": "forum",
        "platform": "forum.example",
        "thread_url": f"https://forum.example/t/{name}",
        "thread_title": f"Thread {name}",
        "url": f"https://forum.example/p/{name}",
        "text": f"What {name} said.",
        "fingerprint": f"text-{name}",
        "when": when,
        "first_seen": when,
        "where": "text",
        "sentiment": feeling,
        "label": label,
        "confidence": 0.9,
        "topics": tags(*topics),
        "leaving": "leaving" in topics,
        "language": "en",
    }
    return Judged(**(fields | more))


def heard(until_h: int, sources: Iterable[str] = ("forum",), since_h: int = 0) -> dict[str, tuple[datetime, ...]]:
    """Every hour from `since_h` up to `until_h`, for each source."""
    return {source: tuple(at(hour) for hour in range(since_h, until_h)) for source in sources}
