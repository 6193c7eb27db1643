"""Channels: chats and webhooks as ways of the outbox, each on its own, so that a dead one holds up nobody else.

Notes are queued as mails are, in the transaction of their cause, under the recipient "channel:ID". The address and
the secret come from the environment when something is sent; neither the store nor a log nor an error has them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from listener.address import AddressGuard
from listener.clock import Clock
from listener.config import Channel
from listener.deliver.chat import ChatTransport, plugin_of
from listener.deliver.message import message_id, one_line
from listener.deliver.outbox import Transport, Unavailable
from listener.deliver.webhook import WebhookTransport, private, secret_bytes
from listener.errors import ConfigError, DeliveryError, NoAddress, RefusedAddress, Undeliverable
from listener.notes import Note, iso, read_note
from listener.records import Message
from listener.store.protocol import Outgoing, Store

STALE = timedelta(hours=48)  # a room that comes back is not flooded with what has long been told by mail
AT_ONCE = 10  # notes to one channel in one round: chats allow about one a second


def recipient(channel: str) -> str:
    """Whom the outbox names for a channel."""
    return f"channel:{channel}"


def queue_note(
    store: Store,
    note: Note,
    key: str,
    channel: str,
    sender: str,
    cause: str,
    evidence: Sequence[str],
    now: datetime,
) -> bool:
    """Put a note into the outbox; call it inside the transaction that books its cause.

    Args:
        key: unique in the outbox. sender: [mail] sender, whose domain ends the note's id.

    Returns:
        False if a message of this key is there already; then nothing changes.
    """
    identity = message_id(key, sender)
    message = Message(key=key, recipient=recipient(channel), subject=one_line(note.title), text=note.text, html="")
    return store.queue(message, identity, note.body(identity.strip("<>")), cause, evidence, now)


def transport(channel: Channel, environ: Mapping[str, str], clock: Clock) -> Transport:
    """The way to a channel. Where its settings are wrong, one that is closed and says so: its notes wait, uncounted."""
    try:
        return _Fresh(_open(channel, environ, clock), clock)
    except ConfigError as error:
        return _Closed(str(error))


def check(channel: Channel, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with a channel's settings as far as can be known without asking anybody; no line shows a secret."""
    try:
        _open(channel, environ, None)
    except ConfigError as error:
        return [str(error)]
    return []


async def send_test(channel: Channel, environ: Mapping[str, str], clock: Clock) -> str:
    """Post one line that says it is a test; "" if it was accepted, else why it was not."""
    now = clock.now()
    text = {"en": "This is a test. Alerts will come here.", "zh-Hant": "這是測試。警示會送到這裡。"}[channel.language]
    note = Note("test", "Listener", text, "", channel.language, iso(now))
    identity = message_id(f"test:{channel.id}:{now.isoformat()}", "listener@localhost")
    way = transport(channel, environ, clock)
    try:
        await way.send(Outgoing(identity, recipient(channel.id), identity, note.body(identity.strip("<>")), 1))
    except DeliveryError as error:
        return str(error)
    finally:
        await way.close()
    return ""


def _open(channel: Channel, environ: Mapping[str, str], clock: Clock | None) -> Transport | None:
    """The way itself; with no clock, only its settings are looked at."""
    name = f"channel {channel.id}"
    url = _value(channel.url_env, environ, name)
    if channel.kind == "chat":
        plugin_of(name, url)
        return ChatTransport(name, url, channel.allow_private) if clock else None
    try:
        AddressGuard(channel.allow_private).check_url(url)
    except NoAddress:
        raise ConfigError(f"{name}: what {channel.url_env} holds is no address") from None
    except RefusedAddress:
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"{name}: the address in {channel.url_env} should begin with https://") from None
        raise ConfigError(str(private(name))) from None
    assert channel.secret_env is not None
    try:
        secret = secret_bytes(_value(channel.secret_env, environ, name))
    except ValueError as error:
        raise ConfigError(f"{name}: what {channel.secret_env} holds {error}") from None
    return WebhookTransport(name, url, secret, channel.allow_private, clock) if clock else None


def _value(variable: str, environ: Mapping[str, str], name: str) -> str:
    value = environ.get(variable, "").strip()
    if not value:
        raise ConfigError(f"{name}: the environment variable {variable} is not set")
    return value


class _Closed:
    """A way whose settings are wrong."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def send(self, outgoing: Outgoing) -> None:
        raise Unavailable(self._why)

    async def close(self) -> None:
        pass


class _Fresh:
    """A way on which only what is younger than STALE goes out."""

    def __init__(self, inner: Transport | None, clock: Clock) -> None:
        assert inner is not None
        self._inner, self._clock = inner, clock

    async def send(self, outgoing: Outgoing) -> None:
        try:
            made = datetime.fromisoformat(str(read_note(outgoing.body)["made"]))
        except (ValueError, KeyError) as error:
            raise Undeliverable("what was queued is no note") from error
        if self._clock.now() - made > STALE:
            raise Undeliverable(f"not told within {STALE.total_seconds() / 3600:.0f} hours; the mail had it")
        await self._inner.send(outgoing)

    async def close(self) -> None:
        await self._inner.close()
