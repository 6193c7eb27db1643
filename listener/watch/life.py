"""An alert's life: raised, grown, escalated, acknowledged, closed. Alerts are frozen; each turn makes a new one.

What the life must remember between looks stands in `Alert.reasons` as codes NAME:VALUE, beside the codes that explain
the severity: `told_voices`, `told_places`, `told_severity`, `told_at` (how large it was in the last mail, and when that
was; places joined by "+"), `topics` (the complaints told of so far, joined by "+"), `escalations`, `peak` (most voices
in one window); and why it was told again: `again`, `was_voices` (of the mail before), `reached` (the new place).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from listener.config import Topic
from listener.errors import ListenerError
from listener.records import Alert, Severity
from listener.watch.burst import Burst, severity_of, telling, topic_of
from listener.watch.settings import Settings

Event: TypeAlias = Literal["opened", "grew", "escalated", "closed", "ended"]
_RANKS = ("low", "medium", "high")
_TOLD = ("told_voices", "told_places", "told_severity", "told_at", "escalations", "again", "was_voices", "reached")


@dataclass(frozen=True, slots=True)
class Change:
    """One turn of an alert's life. `detail`: a short code, as "tripled". "grew" mails nobody; "ended" is the closing of
    an alert that nobody watches any more.
    """

    alert: Alert
    event: Event
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What one stream looks like at one mention.

    Attributes:
        score: −log10 of the probability, the largest over the windows. window_h: the width that gave it.
        voices: in that window. expected: the baseline's mean in that window.
        since_h: hours since 1970 at which the widest window that is out of the ordinary begins.
        active: still out of the ordinary. fired: grounds for an alert.
        by_floor: fired because of the topic alone, not the count.
    """

    stream: str
    score: float
    window_h: int
    voices: int
    expected: float
    since_h: float
    active: bool
    fired: bool
    by_floor: bool


def alert_key(brand: str, stream: str, post_key: str) -> str:
    """32 hex digits: the same brand, stream and post that tripped it make the same alert on every machine."""
    return hashlib.sha256("\n".join((brand, stream, post_key)).encode()).hexdigest()[:32]


def code(alert: Alert, name: str, default: str = "") -> str:
    """The value of a code in the alert's reasons."""
    return next((reason.partition(":")[2] for reason in alert.reasons if reason.startswith(name + ":")), default)


def number(alert: Alert, name: str, default: float = 0.0) -> float:
    """The number of a code in the alert's reasons; `default` where it is missing or is none."""
    try:
        return float(code(alert, name))
    except ValueError:
        return default


def opened(look: Look, burst: Burst, tripped_by: str, at: datetime, topic: Topic | None, settings: Settings) -> Alert:
    """A new alert. `tripped_by`: key of the post at which it fired."""
    brand = burst.posts[0].brand
    name = topic.id if topic else ""
    severity, codes = severity_of(burst, look.score, topic, look.by_floor)
    told = _told(burst, severity, at, 0, burst.voices)
    return Alert(
        key=alert_key(brand, look.stream, tripped_by),
        brand=brand,
        stream=look.stream,
        topic=name,
        severity=severity,
        state="open",
        opened=at,
        began=burst.posts[0].when,
        last_activity=at,
        score=round(look.score, 2),
        voices=look.voices,
        expected=round(look.expected, 3),
        window_h=look.window_h,
        sources=burst.places,
        reasons=(*codes, f"peak:{look.voices}", *told, f"topics:{topic_of(look.stream) or name}"),
        evidence=telling(burst, name, settings.evidence),
    )


def _told(burst: Burst, severity: Severity, at: datetime, escalations: int, voices: int) -> tuple[str, ...]:
    return (
        f"told_voices:{voices}",
        f"told_places:{'+'.join(burst.places)}",
        f"told_severity:{severity}",
        f"told_at:{int(at.timestamp())}",
        f"escalations:{escalations}",
    )


def grown(
    alert: Alert, look: Look, burst: Burst, stream: str, at: datetime, topic: Topic | None, settings: Settings
) -> Change:
    """The same crisis at a later mention. `stream` may name it better than before; the key stays."""
    by_floor = look.by_floor or code(alert, "floor") == "1"
    score = max(alert.score, round(look.score, 2)) if look.stream == stream else alert.score
    severity, codes = severity_of(burst, score, topic, by_floor)
    if _RANKS.index(severity) < _RANKS.index(alert.severity):
        severity = alert.severity  # a crisis that was high is not called low because it slowed down
    topics = tuple(filter(None, code(alert, "topics").split("+")))
    another = topic_of(look.stream) if look.fired and topic_of(look.stream) not in topics else ""
    voices = max(burst.voices, alert.total)  # of a flood not every post is at hand; the store has counted them
    # Ordinary talk adds up to three times as well, so that only what is improbable now is told again.
    why = _escalates(alert, burst, voices, severity, another, at, settings) if look.fired else ""
    own = look.stream == stream  # another stream's look, in the same thread, has other numbers
    peak = int(max(number(alert, "peak"), look.voices if own else 0))
    told = tuple(f"{name}:{code(alert, name)}" for name in _TOLD if code(alert, name))
    if why:
        told = _told(burst, severity, at, int(number(alert, "escalations")) + 1, voices)
        told += (f"again:{why}", f"was_voices:{code(alert, 'told_voices')}")
        told += (f"reached:{_reached(alert, burst, settings)}",) if why == "new place" else ()
    topics += (another,) if another else ()
    name = topic.id if topic else alert.topic
    after = replace(
        alert,
        stream=stream,
        topic=name,
        severity=severity,
        state="escalated" if why else alert.state,
        last_activity=max(at, alert.last_activity),
        score=score,
        voices=look.voices if own else alert.voices,
        expected=round(look.expected, 3) if own else alert.expected,
        window_h=look.window_h if own else alert.window_h,
        sources=burst.places,
        reasons=(*codes, f"peak:{peak}", *told, f"topics:{'+'.join(topics)}"),
        evidence=telling(burst, name, settings.evidence),
    )
    return Change(after, "escalated" if why else "grew", at, why)


def tripled(alert: Alert, voices: int, at: datetime, settings: Settings) -> bool:
    """Whether so many voices since it began are to be told, if they are improbable."""
    return _may_be_told(alert, at, settings) and voices >= settings.triple * max(1.0, number(alert, "told_voices", 1))


def _may_be_told(alert: Alert, at: datetime, settings: Settings) -> bool:
    if number(alert, "escalations") >= settings.escalations:
        return False
    # Told in the future: a clock that went wrong for a while must not keep us silent for as long.
    return not 0 <= at.timestamp() - number(alert, "told_at") < settings.escalate_after_h * 3600


def _reached(alert: Alert, burst: Burst, settings: Settings) -> str:
    """The first place that was not named in the last mail and has enough voices now, "" without one."""
    told = code(alert, "told_places").split("+")
    if told[0].isdecimal():  # as alerts had it before places had names
        return ""
    now = (place for place, crowd in zip(burst.places, burst.crowds, strict=True) if crowd >= settings.place_voices)
    return next((place for place in now if place not in told), "")


def _escalates(
    alert: Alert, burst: Burst, voices: int, severity: Severity, another: str, at: datetime, settings: Settings
) -> str:
    """Why the readers must hear of it again, "" if they need not. `another`: a complaint that it has reached since.

    A complaint that goes up in the hour of the telling is what they were told of, by another name.
    """
    if not _may_be_told(alert, at, settings):
        return ""
    if tripled(alert, voices, at, settings):
        return "tripled"
    if _reached(alert, burst, settings):
        return "new place"
    if severity == "high" and code(alert, "told_severity", "high") != "high":
        return "now high"
    return "new topic" if another else ""


def set_right(alert: Alert, now: datetime) -> Alert:
    """The same alert without moments after `now`, which only a clock that was ahead can have written.

    Else it would stay open, and take whatever comes for its own, until that moment is reached.
    """
    return replace(
        alert,
        began=min(alert.began, now),
        last_activity=min(alert.last_activity, now),
        acknowledged=alert.acknowledged and min(alert.acknowledged, now),
    )


def acknowledge(alert: Alert, by: str, at: datetime) -> Alert:
    """A person takes it up. Doing it again changes nothing: the first one stands.

    Raises:
        ListenerError: the alert is closed already, or nobody is named.
    """
    if alert.state == "closed":
        raise ListenerError(f"alert {alert.key[:8]} is closed since {alert.closed:%Y-%m-%d %H:%M} UTC; nothing to do")
    if not by.strip():
        raise ListenerError("say who acknowledges it: listener ack KEY --by NAME")
    if alert.acknowledged is not None and alert.state == "acknowledged":
        return alert
    return replace(alert, state="acknowledged", acknowledged_by=by.strip(), acknowledged=at)


def closed(alert: Alert, at: datetime) -> Change:
    """Calm again."""
    return Change(
        replace(alert, state="closed", closed=at), "closed", at, "acknowledged" if alert.acknowledged else "quiet"
    )
