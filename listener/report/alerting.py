"""The watch and its alerts over the store: looked at, booked, told to the right people, taken up.

What is out of the ordinary is decided in watch/, pure. Here it is booked, and who must know is told in the same
transaction. Whom nothing could be told then (quiet hours, the second on the list, a mail that failed to be made) is
told at a later round: each round compares where every alert stands with what each person was told of it.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from listener.advise.redact import redact
from listener.config import Brand, Config, Person
from listener.deliver.message import message_id
from listener.deliver.outbox import queue
from listener.errors import ConfigError, Undeliverable
from listener.records import Alert, Message
from listener.report.posting import post_alert
from listener.report.watching import Memory, look_at, settings_of
from listener.store.protocol import Store
from listener.store.tellings import Telling
from listener.watch.life import Event
from listener.watch.life import acknowledge as acknowledged
from listener.watch.mail import AlertMail, alert_mail
from listener.watch.reach import KEEP, event_for, turn_of
from listener.watch.story import Story, chart_span, deaf_hours

log = structlog.get_logger()

AUTO = ("Auto-Submitted", "auto-generated")
ANSWERS = 5  # threads with an answer of the company that the after-report names
_TOKEN = re.compile(r"\b([0-9a-f]{8})-([a-z0-9][a-z0-9-]{0,39})-([0-9a-f]{16})\b")


def watch(store: Store, config: Config, brand: Brand, now: datetime, memory: Memory | None = None) -> tuple[Alert, ...]:
    """Look at one brand's counts since the last look; book what changed and queue its mails. The changed alerts.

    The first look of all only notes the time: what was said before it is history. A clock that went back begins again
    from there: what was looked at already is looked at once more, which changes nothing. `memory` makes the next look
    cheaper; it is as good as new after a look that failed.
    """
    with store.transaction():
        since = store.looked_until(brand.id)
        if since is None or since >= now:
            store.set_looked_until(brand.id, now)
            if since is None:
                store.set_watched_to(brand.id, store.newest_mention())
            return ()
        before = store.watched_to(brand.id)
        settings = settings_of(config, brand)
        seen = look_at(store, config.topics, brand.id, since, now, memory or Memory(), settings)
        for change in seen.changes:
            store.save_alert(change.alert, change.event, change.at, detail=change.detail)
        changed = {change.alert.key for change in seen.changes}
        if changed or store.watched_to(brand.id) > before:
            for alert in store.alerts(brand.id, open_only=True):
                changed |= {alert.key} if _count(store, alert, now) else set()
        store.set_looked_until(brand.id, now)
        present = {alert.key: alert for alert in store.alerts(brand.id) if alert.key in changed}
        for alert in present.values():
            tell(store, config, alert, now)
    return tuple(present[change.alert.key] for change in seen.changes)


def _count(store: Store, alert: Alert, now: datetime) -> bool:
    """Bring the alert's own numbers up to date: all voices since it began, and the fullest hour. Whether they moved."""
    counts = store.alert_counts(alert, alert.began, now)
    fullest = counts.peak(alert.began)
    after = replace(alert, total=counts.total, peak=max(alert.peak, fullest[1] if fullest else 0))
    if after == alert:
        return False
    store.recount_alert(after)
    return True


def close_orphans(store: Store, config: Config, now: datetime) -> tuple[Alert, ...]:
    """Close alerts of brands that left the config: nobody looks at them any more; who was told of them is told so."""
    known = {brand.id for brand in config.brands}
    orphans = [alert for alert in store.alerts(open_only=True) if alert.brand not in known]
    closed = tuple(replace(alert, state="closed", closed=now) for alert in orphans)
    for alert in closed:
        with store.transaction():
            store.save_alert(alert, "closed", now, detail="the brand left the config")
            tell(store, config, alert, now)
    return closed


def tell_waiting(store: Store, config: Config, now: datetime) -> int:
    """Tell of all alerts what could not be told before; how many mails were queued."""
    return sum(tell(store, config, alert, now) for alert in store.alerts_to_tell(now - KEEP))


def tell(store: Store, config: Config, alert: Alert, now: datetime) -> int:
    """Queue what each reader must know of an alert by now and does not know yet; how many mails that were.

    A mail that cannot be made keeps no other from being made, and is tried again at the next round.
    """
    queued = _tell_rooms(store, config, alert, now)
    if not _due(store, config, alert, now):
        return queued
    with store.transaction():  # asked again under the lock: another process may have told them
        alert = next((one for one in store.alerts(alert.brand) if one.key == alert.key), alert)
        story: Story | None = None
        for person, event in _due(store, config, alert, now):
            story = story or _story(store, config, alert, now)
            try:
                mail = _mail(store, config, alert, event, person, story, now)
            except Exception:  # a bug in one mail must not cost the alert
                log.exception("alert_mail_broke", alert=alert.key[:8], person=person.id)
                continue
            queued += _queue(store, config, alert, person, mail, now)
    return queued


def _tell_rooms(store: Store, config: Config, alert: Alert, now: datetime) -> int:
    brand, watched = _brand(config, alert)
    if not watched or not brand.alerts_in:
        return 0
    with store.transaction():
        return post_alert(store, config, brand, alert, now, lambda channel: ack_token(store, alert, channel))


def _brand(config: Config, alert: Alert) -> tuple[Brand, bool]:
    """The alert's brand; one that left the config goes by its id. And whether it is still there."""
    for brand in config.brands:
        if brand.id == alert.brand:
            return brand, True
    return Brand.model_validate(
        {"id": alert.brand, "name": {"en": alert.brand, "zh-Hant": alert.brand}, "query": "-"}
    ), False


def _due(store: Store, config: Config, alert: Alert, now: datetime) -> list[tuple[Person, Event]]:
    told = store.told(alert.key)
    brand, watched = _brand(config, alert)
    wanted = brand.alerts_to if watched else tuple(dict.fromkeys(telling.person for telling in told))
    found = []
    for person in (person for name in wanted for person in config.people if person.id == name):
        event = event_for(alert, person, told, now)
        if event is not None:
            found.append((person, event if watched else "ended"))
    return found


def _story(store: Store, config: Config, alert: Alert, now: datetime) -> Story:
    since, until = chart_span(alert.began, alert.closed or now)
    names = {person.id: person.name for person in config.people}
    heard = store.heard_hours(since, until)
    mine = {part.name for part in config.sources if not part.brands or alert.brand in part.brands}
    return Story(
        counts=store.alert_counts(alert, since, until),
        since=since,
        until=until,
        deaf=deaf_hours([hours for source, hours in heard.items() if source in mine], since, until),
        told=tuple((names.get(one.person, one.person), one.at) for one in store.told(alert.key) if one.message_id),
        answers=tuple(store.alert_answers(alert, until, ANSWERS)) if alert.closed else (),
    )


def _mail(
    store: Store, config: Config, alert: Alert, event: Event, person: Person, story: Story, now: datetime
) -> AlertMail:
    token = ack_token(store, alert, person.id)
    mail = config.main.mail
    links = [mail.ack_url + token] if mail.ack_url else []
    links += [f"mailto:{mail.ack_to}?subject=ack%20{token}"] if mail.ack_to else []
    return alert_mail(
        alert,
        event,
        store.judged(alert.brand, keys=alert.evidence),
        config.advice(alert.topic) if alert.topic else None,
        next((topic for topic in config.topics if topic.id == alert.topic), None),  # it may have left the config
        _brand(config, alert)[0],
        person.language,
        now,
        ack_command=f"listener ack {token}",
        redact=redactor(config),
        story=story,
        ack_links=links,
    )


def _queue(store: Store, config: Config, alert: Alert, person: Person, mail: AlertMail, now: datetime) -> int:
    """Queue it in the thread of the person's earlier mails, and book that they were told."""
    turn = turn_of(alert)
    earlier = [one.message_id for one in store.told(alert.key) if one.person == person.id and one.message_id]
    message = Message(
        key=f"alert:{alert.brand}:{alert.key[:16]}:{turn}:{person.id}",
        recipient=person.mail,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        attachments=mail.attachments,
        references=tuple(earlier),
        headers=(AUTO,),
    )
    try:
        queue(store, message, config.main.mail, f"alert:{alert.key}", alert.evidence, now)
        identity = message_id(message.key, config.main.mail.sender)
    except Undeliverable as error:  # it never will be: said once, and the others are told
        log.error("alert_mail_refused", alert=alert.key[:8], person=person.id, error=str(error))
        identity = ""
    store.tell(alert.key, Telling(person.id, turn, now, identity))
    return int(bool(identity))


def redactor(config: Config) -> Callable[[str], str]:
    """What takes personal details out of quotes, as the config wants it."""
    return redact if config.main.privacy.redact else str


def ack_token(store: Store, alert: Alert, person: str) -> str:
    """What takes an alert up in somebody's name: alert, person, and a signature that only this store can make."""
    return f"{alert.key[:8]}-{person}-{store.sign(f'ack {alert.key} {person}')}"


def acknowledge(store: Store, key: str, by: str, now: datetime) -> Alert:
    """Acknowledge one open alert.

    Args:
        key: how its key begins; or any text that holds a token (a whole mail): then `by` may be "".

    Raises:
        ConfigError: no open alert begins so, or more than one; or the token is not one of ours.
        ListenerError: nobody is named.
    """
    with store.transaction():
        token = _TOKEN.search(key)
        wanted = token[1] if token else key
        found = [alert for alert in store.alerts(open_only=True) if wanted and alert.key.startswith(wanted)]
        if token:
            person = token[2]
            if not found and any(ack_token(store, one, person) == token[0] for one in store.alerts()):
                raise ConfigError(f"alert {token[1]} is closed already; nothing to do")
            found = [alert for alert in found if ack_token(store, alert, person) == token[0]]
            by = by.strip() or person
        if len(found) != 1:
            known = ", ".join(f"{alert.key[:8]} ({alert.brand})" for alert in store.alerts(open_only=True))
            what = "no open alert" if not found else "more than one open alert"
            if token:
                raise ConfigError(f"{token[0]} takes up no open alert of this store; open are: {known or 'none'}")
            raise ConfigError(f"{what} begins with {key[:40]!r}; open are: {known or 'none'}")
        alert = acknowledged(found[0], by, now)
        if alert != found[0]:
            store.save_alert(alert, "acknowledged", now, by=alert.acknowledged_by)
    return alert
