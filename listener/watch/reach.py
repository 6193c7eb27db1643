"""Who is to be told of an alert now. Pure: asked again and again, so that what was held back is told when it may be.

A person is told of where an alert stands, not of each turn that it took: after a night of quiet hours it is one mail,
and none if the alert was raised and closed within it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from listener.config import Person
from listener.records import Alert
from listener.store.tellings import Telling
from listener.watch.life import Event, code, number

KEEP = timedelta(days=14)  # an all-clear that was held back for longer (a holiday) is no news any more


def turn_of(alert: Alert) -> str:
    """Where it stands: "0" raised, "1" and more: so often grown, "closed"."""
    return "closed" if alert.state == "closed" else str(int(number(alert, "escalations")))


def event_for(alert: Alert, person: Person, told: Sequence[Telling], now: datetime) -> Event | None:
    """What to tell a person now, None if nothing. `told`: all mails about the alert so far, to anybody.

    Who never heard of an alert hears nothing of its end. Who is second (`after_minutes`) hears of high alerts only,
    once nobody took them up for so long, and from then on everything. Quiet hours hold back all but high alerts.
    """
    mine = [telling for telling in told if telling.person == person.id]
    if any(telling.turn == turn_of(alert) for telling in mine):
        return None
    if alert.state == "closed":
        return "closed" if any(telling.message_id for telling in mine) and not person.resting(now) else None
    if not mine and person.after_minutes and not _unanswered(alert, person.after_minutes, now):
        return None
    if person.resting(now) and alert.severity != "high":
        return None
    return "escalated" if mine else "opened"


def _unanswered(alert: Alert, minutes: float, now: datetime) -> bool:
    """High, taken up by nobody, and told so long ago (or, for a clock that went wrong, in the future)."""
    if alert.severity != "high" or alert.state == "acknowledged":
        return False
    waited = now.timestamp() - float(code(alert, "told_at", "0"))
    return waited >= 60 * minutes or waited < 0
