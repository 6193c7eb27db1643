"""A webhook of the user's own: a note's JSON, signed as Standard Webhooks signs (docs/webhook.md has the receiver).

    webhook-id: <Message-ID of the note>            the same for every try: whoever keeps it can drop a second copy
    webhook-timestamp: seconds since 1970           of this try: what is older than five minutes is a replay
    webhook-signature: v1,base64(HMAC-SHA256(secret, "{id}.{timestamp}." + body))

Written to the specification at standardwebhooks.com, for which receivers exist in most languages.
"""

import base64
import binascii
import hashlib
import hmac

import aiohttp
from aiohttp.resolver import ThreadedResolver

from listener.address import AddressGuard, GuardedResolver
from listener.clock import Clock
from listener.deliver.outbox import Unavailable
from listener.errors import DeliveryError, RefusedAddress, Undeliverable
from listener.store.protocol import Outgoing

REPLAY_WINDOW_S = 300
CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S = 5.0, 20.0
_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)  # the specification's own bounds
# Answers that speak of the address or the secret, not of this note.
_NOT_THE_NOTE = frozenset({401, 403, 404, 405, 407, 410})
_PASSING = frozenset({408, 409, 425, 429})


def secret_bytes(secret: str) -> bytes:
    """The key of "whsec_" and base64.

    Raises:
        ValueError: it is not of that form, or not 24 to 64 bytes long. The message does not show it.
    """
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.strip().startswith(_PREFIX) or len(key) not in _SECRET_BYTES:
        raise ValueError(f"should be {_PREFIX} and then 24 to 64 bytes in base64; `openssl rand -base64 32` makes them")
    return key


def sign(secret: bytes, note_id: str, timestamp: int, body: bytes) -> str:
    """The value of webhook-signature."""
    signed = f"{note_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode("ascii")


class WebhookTransport:
    """Posts notes to one address. Redirects are not followed; who is private is refused unless `allow_private`.

    `name` is what errors call it: the address itself may hold a secret.
    """

    def __init__(self, name: str, url: str, secret: bytes, allow_private: bool, clock: Clock) -> None:
        self._name, self._url, self._secret, self._clock = name, url, secret, clock
        self._guard = AddressGuard(allow_private)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, outgoing: Outgoing) -> None:
        note_id = outgoing.message_id.strip("<>")
        timestamp = int(self._clock.now().timestamp())
        headers = {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": note_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._secret, note_id, timestamp, outgoing.body),
        }
        try:
            self._guard.check_url(self._url)
            async with self._open().post(
                self._url, data=outgoing.body, headers=headers, allow_redirects=False
            ) as answer:
                refused = answered(self._name, answer.status)
        except RefusedAddress:
            raise private(self._name) from None
        except (aiohttp.ClientError, OSError) as error:  # its text may hold the address; TimeoutError is an OSError
            if _refused_by_guard(error):
                raise private(self._name) from None
            raise Unavailable(f"{self._name}: no answer ({type(error).__name__}); is its server up?") from None
        if refused is not None:
            raise refused

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=GuardedResolver(self._guard, ThreadedResolver())),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"user-agent": "Listener"},
                timeout=aiohttp.ClientTimeout(total=TOTAL_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            )
        return self._session


def answered(name: str, status: int) -> DeliveryError | None:
    """What an HTTP answer means for a note; None if it was accepted (2xx)."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Unavailable(f"{name} answered {status}, a redirect; it is not followed: give the address it leads to")
    if status in _NOT_THE_NOTE:
        return Unavailable(f"{name} answered {status}; is its address, or the secret in it, still the right one?")
    if 400 <= status < 500 and status not in _PASSING:
        return Undeliverable(f"{name} answered {status}: it does not take this note")
    return DeliveryError(f"{name} answered {status}")


def private(name: str) -> Unavailable:
    """The error for a private address."""
    return Unavailable(f"{name}: its address is a private one; allow_private = true in its [[channel]] allows it")


def _refused_by_guard(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, RefusedAddress):
            return True
        error = error.__cause__ or error.__context__
    return False
