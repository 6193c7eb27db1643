"""What stands before every page: which hosts may be asked for, which of Datasette's pages there are, and the headers.

DNS rebinding: a page elsewhere may let its own name point at 127.0.0.1 and then read this site with the visitor's
browser. The name in the Host header gives it away, so only names that we were started under are answered.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import structlog

log = structlog.get_logger()

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN = ("/-/sign-in", "/-/sign-out", "/-/language/")  # what is answered below /-/; Datasette's own pages there are not
SAFE_METHODS = frozenset({"GET", "HEAD"})
FORM = "application/x-www-form-urlencoded"
MAX_BODY = 64_000  # bytes; the largest form holds a note of a few lines

# No script at all, not even our own; nothing from elsewhere; nobody frames us; forms lead nowhere else.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex"),
)
ASSETS = "/assets/"
_OURS = {name for name, _ in HEADERS} | {b"cache-control", b"access-control-allow-origin"}


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, lower case; "" if it is none.

    >>> host_name("LocalHost:8400"), host_name("[::1]:8400"), host_name("a b")
    ('localhost', '::1', '')
    """
    try:
        parts = urlsplit(f"//{host}")
        return "" if parts.path or parts.username is not None or " " in host else parts.hostname or ""
    except ValueError:
        return ""


class Guard:
    """An ASGI application before another one.

    Args:
        hosts: names under which we are reached.
    """

    def __init__(self, app: App, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # websockets: there are none
            return
        path = str(scope["path"])
        answer = _headed(send, path.startswith(ASSETS))
        if refusal := self._refusal(scope):
            await _refuse(answer, *refusal)
            return
        begun = False

        async def begin(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await answer(message)

        try:
            await self._app(scope, _limited(receive), begin)
        except Exception as error:  # of the machinery below the pages: they tell their own
            log.error("explore_broke", path=path, error=type(error).__name__)
            if not begun:
                await _refuse(answer, 400, "That could not be understood.")

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """(status, what to say) if we do not answer this."""
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or host_name(hosts[0]) not in self._hosts:
            return 421, "This site does not go by that name. Start `listener explore` with --url to give it one."
        path, method = str(scope["path"]), scope["method"]
        if path.startswith("/-/") and not path.startswith(OPEN):
            return 404, "There is no such page here."
        if method in SAFE_METHODS:
            return None
        if method != "POST":
            return 405, "Pages are read, forms are sent; there is nothing else."
        sent = {name: value.decode("latin-1") for name, value in scope["headers"]}
        # Without a referrer, browsers call the origin of a form "null", even of our own; they say beside it where it
        # comes from. (The form's token is looked at too, by asgi-csrf.)
        origin, site = sent.get(b"origin", "null"), sent.get(b"sec-fetch-site", "same-origin")
        if origin != "null" and host_name(urlsplit(origin).netloc) not in self._hosts:
            return 403, "A form of this site is sent from this site only."
        if site not in ("same-origin", "none"):
            return 403, "A form of this site is sent from this site only."
        if sent.get(b"content-type", "").split(";")[0].strip() != FORM:
            return 415, "A form of this site is sent as its browser does."
        length = [value for name, value in scope["headers"] if name == b"content-length"]
        if length and (not length[0].isdigit() or int(length[0]) > MAX_BODY):
            return 413, "That is too long."
        return None


async def _refuse(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def _headed(send: Send, asset: bool) -> Send:
    """`send`, with our headers on every answer."""

    async def headed(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _OURS]
            # What is on a page may be forgotten a minute later: no copy of it stays in a cache.
            cache = b"public, max-age=86400" if asset and message["status"] == 200 else b"private, no-store"
            message = {**message, "headers": [*kept, *HEADERS, (b"cache-control", cache)]}
        await send(message)

    return headed


def _limited(receive: Receive) -> Receive:
    """`receive`, that ends a body which goes on and on: a chunked one tells no length beforehand."""
    got = 0

    async def limited() -> MutableMapping[str, Any]:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > MAX_BODY:
            return {"type": "http.request", "body": b"", "more_body": False}
        return message

    return limited
