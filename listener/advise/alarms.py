"""The alerts that were out on the day, and which of them is about a matter."""

from collections.abc import Sequence

from listener.advise.scene import Scene
from listener.records import Alert, AlertState, Judged

ALERT_SHARE = 0.5  # of a general alert's evidence that a matter must hold for the alert to be about it


def alert_of(scene: Scene, topic: str, posts: Sequence[Judged]) -> Alert | None:
    """The newest alert about this matter: of its topic, or a general one of whose evidence it holds the half."""
    keys = {post.post_key for post in posts}

    def holds(alert: Alert) -> bool:
        return len(keys.intersection(alert.evidence)) >= max(ALERT_SHARE * len(alert.evidence), 1)

    about = [a for a in alerts_out(scene) if a.topic == topic or (not a.topic and holds(a))]
    return max(about, key=lambda alert: (alert.opened, alert.key), default=None)


def alerts_out(scene: Scene) -> list[Alert]:
    """The alerts that were out on the day: opened before its end, not closed before it."""
    facts = scene.facts
    return [a for a in facts.alerts if a.opened < facts.end and (a.closed is None or a.closed >= facts.start)]


def state_at_end(scene: Scene, alert: Alert) -> AlertState:
    """An alert's state at the day's end, as far as it is known from what it became later."""
    end = scene.facts.end
    if alert.closed is not None and alert.closed < end:
        return "closed"
    if alert.acknowledged is not None and alert.acknowledged < end:
        return "acknowledged"
    return "escalated" if alert.state == "escalated" else "open"
