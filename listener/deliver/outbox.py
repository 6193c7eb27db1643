"""The outbox: a message is queued with its cause, sent at least once, and in practice once.

    queued ──claim──► claimed ──accepted──► sent
      ▲                  │
      └── back-off ──────┴── refused for good, or too often ──► failed

Messages are claimed one at a time, right before they are sent, and marked in a transaction of their own right after
they were accepted. A sender that dies loses its claim after LEASE, and the next one sends the message again. With a
way that knows a message when it comes twice (a file of the same name) that makes exactly once. SMTP knows no such
thing: who dies between the server's "250" and our mark leaves a message that will be sent twice, under the same
Message-ID. docs/mail.md tells the size of that window as measured.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from listener import config
from listener.clock import Clock
from listener.deliver.message import build, message_id, one_line
from listener.errors import DeliveryError, StoreError, Undeliverable
from listener.records import Message
from listener.store.protocol import Outgoing, Store

LEASE = timedelta(minutes=10)
SEND_TIMEOUT_S = 8 * 60.0  # under the lease, so that nobody else sends what we may still be sending
PAUSE = timedelta(minutes=5)  # how long everything on a way waits after the way itself was closed
GRACE_S = 5.0  # a message on its way is let through before a cancelled sender ends (SIGTERM allows 10 s)
AT_ONCE = 1000  # how many due messages are made to wait in one go
_FIRST_RETRY_S, _RETRY_CAP_S = 60.0, 6 * 3600.0
_MARK_AGAIN_S = (0.1, 1.0, 5.0, 20.0)  # an accepted message is marked if it can be: a locked store is waited for

log = structlog.get_logger(__name__)


class Transport(Protocol):
    """A way to people: a folder, a mail server, a chat, a webhook."""

    async def send(self, outgoing: Outgoing) -> None:
        """Hand one message over; returns at once when it is accepted, with nothing left to do.

        Raises:
            Undeliverable: it never will be accepted.
            Unavailable: the way itself is closed, whatever the message.
            DeliveryError: not this time.
        """

    async def close(self) -> None:
        """Give back what is open (a connection); a later send opens it again. Never raises."""


class Unavailable(DeliveryError):
    """No message can be sent now: server away, certificate not trusted, login refused. `str()` names the mend.

    It is no message's fault: the batch stops, all that is due waits for PAUSE, and no attempt is counted.
    """


@dataclass(frozen=True, slots=True)
class SendReport:
    """What one round came to: messages sent, given up, to be tried again. `trouble` tells a closed way once, or ""."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    trouble: str = ""


def queue(
    store: Store, message: Message, mail: config.Mail, cause: str, evidence: Sequence[str], now: datetime
) -> bool:
    """Build the mail and put it into the outbox; call it inside the transaction that books its cause.

    Returns:
        False if a message of this key is there already; then nothing changes.

    Raises:
        Undeliverable: see message.build.
    """
    identity = message_id(message.key, mail.sender)
    body = build(message, mail, identity, now)
    return store.queue(replace(message, subject=one_line(message.subject)), identity, body, cause, evidence, now)


def retry_after(key: str, attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th failure (≥ 1): 1, 4, 16, 64, 256 min, then 6 h, each ± 10 %.

    The deviation is drawn from the key, so that messages which failed together do not come back together, and a
    test knows it.
    """
    seconds = min(_FIRST_RETRY_S * 4.0 ** min(attempts - 1, 8), _RETRY_CAP_S)
    draw = int.from_bytes(hashlib.sha256(f"{key}\n{attempts}".encode("utf-8", "replace")).digest()[:4], "big") / 2**32
    return timedelta(seconds=seconds * (0.9 + 0.2 * draw))


async def send_due(
    store: Store, transport: Transport, clock: Clock, owner: str, *, limit: int = 50, max_attempts: int, way: str = ""
) -> SendReport:
    """Send what is due on one way, at most `limit` messages, one after the other.

    What fails is booked and never stops the rest; only Unavailable ends the round. Cancelled, it lets the message
    that is on its way through (at most GRACE_S), marks it, and then ends.

    Args:
        owner: names this sender; two that run at once need two names.
        max_attempts: so many refusals, then the message is given up.
        way: "" for mail, or a channel's recipient ("channel:crisis-room"): a closed one holds up no other.

    Raises:
        StoreError: a message was accepted but could not be marked; it will be sent again after the lease.
    """
    report = SendReport()
    try:
        for _ in range(limit):
            turn = asyncio.ensure_future(_send_next(store, transport, clock, owner, max_attempts, way))
            try:
                outcome = await asyncio.shield(turn)
            except asyncio.CancelledError:
                await asyncio.wait({turn}, timeout=GRACE_S)
                turn.cancel()
                await asyncio.gather(turn, return_exceptions=True)
                raise
            if outcome is None:
                break
            report = SendReport(
                report.sent + outcome.sent,
                report.failed + outcome.failed,
                report.waiting + outcome.waiting,
                outcome.trouble,
            )
            if report.trouble:
                break
    finally:
        await transport.close()
    return report


async def _send_next(
    store: Store, transport: Transport, clock: Clock, owner: str, max_attempts: int, way: str
) -> SendReport | None:
    """Claim, send and mark one message; None if none is due."""
    asked = clock.now()
    claimed = store.claim_messages(asked, owner, 1, LEASE, way)
    if not claimed:
        return None
    (outgoing,) = claimed
    try:
        if not outgoing.body:
            raise Undeliverable("its content was removed (listener forget)")
        if outgoing.attempts > max_attempts:  # claimed so often and never marked: each sender died of it
            raise Undeliverable(f"given up: {max_attempts} senders ended while sending it")
        if clock.now() >= asked + LEASE:  # the machine slept in between: the message may be another sender's by now
            return SendReport(waiting=1)
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await transport.send(outgoing)
    except Unavailable as error:
        return _wait_all(store, outgoing, clock.now(), owner, one_line(str(error))[:500], way)
    except Exception as error:  # whatever it is, the next message is tried
        if not isinstance(error, (DeliveryError, TimeoutError)):
            log.exception("message_broke", message_id=outgoing.message_id)
        reason = one_line(str(error))[:500] or f"{type(error).__name__}: no answer within {SEND_TIMEOUT_S:.0f} s"
        given_up = isinstance(error, Undeliverable) or outgoing.attempts >= max_attempts
        now = clock.now()
        retry_at = None if given_up else now + retry_after(outgoing.key, outgoing.attempts)
        store.mark_failed(outgoing.key, owner, now, reason, retry_at)
        log.warning("message_refused", message_id=outgoing.message_id, attempts=outgoing.attempts, again=str(retry_at))
        return SendReport(failed=int(given_up), waiting=int(not given_up))
    await _mark_sent(store, outgoing, clock, owner)
    log.info("message_sent", message_id=outgoing.message_id, attempts=outgoing.attempts)
    return SendReport(sent=1)


async def _mark_sent(store: Store, outgoing: Outgoing, clock: Clock, owner: str) -> None:
    for pause_s in (*_MARK_AGAIN_S, None):
        try:
            return store.mark_sent(outgoing.key, owner, clock.now())
        except StoreError:
            if pause_s is None:
                raise
            await clock.sleep(pause_s)
    return None


def _wait_all(store: Store, first: Outgoing, now: datetime, owner: str, reason: str, way: str) -> SendReport:
    """Nothing can be sent on this way: give back what was claimed, and let all of it that is due wait, uncounted."""
    keys = [first.key, *(other.key for other in store.claim_messages(now, owner, AT_ONCE, LEASE, way))]
    store.postpone_messages(keys, owner, now + PAUSE, reason)
    log.warning("way_closed", way=way or "mail", messages=len(keys), reason=reason)
    return SendReport(waiting=len(keys), trouble=reason)
