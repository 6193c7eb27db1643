"""What channels are told of alerts and digests: the notes, made and queued in the transaction of their cause."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

import structlog

from listener.advise.brief import digest_note
from listener.advise.model import Digest
from listener.advise.render import Rendered
from listener.config import Brand, Config
from listener.deliver.channels import queue_note, recipient
from listener.deliver.message import message_id
from listener.records import Alert
from listener.store.protocol import Store
from listener.store.tellings import Telling
from listener.watch.brief import alert_note
from listener.watch.reach import turn_of

log = structlog.get_logger()


def post_alert(
    store: Store, config: Config, brand: Brand, alert: Alert, now: datetime, token_for: Callable[[str], str]
) -> int:
    """Queue where an alert stands now for each of the brand's `alerts_in` that does not know it yet; how many notes.

    A room is told at once, by day and night: whom it wakes is the chat's own setting. Who never heard of an alert hears
    nothing of its end. Call it inside a transaction.

    Args:
        token_for: what `listener ack` takes, made out to a channel.
    """
    queued, turn = 0, turn_of(alert)
    for channel in (channel for channel in config.channels if channel.id in brand.alerts_in):
        reader = recipient(channel.id)
        mine = [one.turn for one in store.told(alert.key) if one.person == reader]
        if turn in mine or (alert.state == "closed" and not mine):
            continue
        try:
            note = alert_note(
                alert,
                "closed" if alert.state == "closed" else "escalated" if mine else "opened",
                store.judged(alert.brand, keys=alert.evidence),
                config.advice(alert.topic) if alert.topic else None,
                next((topic for topic in config.topics if topic.id == alert.topic), None),
                brand,
                channel.language,
                now,
                token_for(channel.id),
            )
        except Exception:  # a mistake in a note must not cost the alert, nor its mails
            log.exception("alert_note_broke", alert=alert.key[:8], channel=channel.id)
            continue
        key, cause = f"alert:{alert.brand}:{alert.key[:16]}:{turn}:{reader}", f"alert:{alert.key}"
        queue_note(store, note, key, channel.id, config.main.mail.sender, cause, alert.evidence, now)
        store.tell(alert.key, Telling(reader, turn, now, message_id(key, config.main.mail.sender)))
        queued += 1
    return queued


def post_digest(
    store: Store,
    config: Config,
    brand: Brand,
    day: date,
    digest: Digest,
    pages: Mapping[str, Rendered],
    now: datetime,
) -> None:
    """Queue a digest for each of the brand's `digest_in`; `pages` has it in every channel's language."""
    for channel in (config.channel(name) for name in brand.digest_in):
        page = pages[channel.language]
        note = digest_note(digest, page, channel.language, now)
        key = f"digest:{brand.id}:{day}:channel:{channel.id}"
        queue_note(
            store, note, key, channel.id, config.main.mail.sender, f"digest:{brand.id}:{day}", page.evidence, now
        )
