"""Chats through apprise: one address, one post, one answer. Slack, Teams, Telegram, Discord and some 130 others.

apprise speaks each service's own form; we keep it from writing files, from following redirects, from splitting a
text into several posts, and from telling its log (which may hold parts of an address) to anybody. It is loaded when
the first chat is used: it takes half a second and 23 MB.
"""

import asyncio
import logging
import re
import socket
import warnings
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from listener.address import AddressGuard
from listener.deliver.outbox import Unavailable
from listener.deliver.webhook import answered, private
from listener.errors import ConfigError, DeliveryError, RefusedAddress, Undeliverable
from listener.notes import read_note
from listener.store.protocol import Outgoing

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 4.0, 8.0  # SIGTERM allows ten seconds, and a thread cannot be called back
TEXT_LIMIT = 1500  # characters: what Discord (2,000) and most others show whole
TITLE_LIMIT = 150
_STATUS = re.compile(r"\berror=(\d{3})\b")
_HTTPS_ONLY = re.compile(r"https?://")


@cache
def _apprise() -> ModuleType:
    """apprise with its modules loaded and its log silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it asks for `imghdr`, and has its own where that is gone
        import apprise

        _silence(logging.getLogger("apprise"))
        _silence(logging.getLogger("urllib3.connectionpool"))  # debug lines with whole paths
        apprise.Apprise.instantiate("json://localhost")  # loads them all
    return apprise


def _silence(logger: logging.Logger) -> None:
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    logger.setLevel(logging.WARNING)


def plugin_of(name: str, url: str) -> Any:
    """apprise's object for an address.

    Raises:
        ConfigError: no service knows it. The address is not shown.
    """
    apprise = _apprise()
    asset = apprise.AppriseAsset(
        app_id="Listener",
        app_desc="Listener",
        http_redirects=False,
        async_mode=False,
        allow_templates=False,  # people write {{ }}
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is None:
        mend = (
            'an https address of its own is for kind = "webhook"'
            if _HTTPS_ONLY.match(url)
            else ("the forms are listed at https://github.com/caronc/apprise/wiki")
        )
        raise ConfigError(f"{name}: apprise knows no service of that address; {mend}")
    plugin.retry = 0
    if len(plugin) != 1:  # of two, one may take it and one refuse it, and the next try would tell the first one twice
        raise ConfigError(f"{name}: its address names {len(plugin)} places to post to; write one [[channel]] for each")
    plugin.redirects = False  # whatever the address says
    plugin.verify_certificate = True
    plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_TIMEOUT_S, READ_TIMEOUT_S
    return plugin


class ChatTransport:
    """Posts notes to one chat. Each is one request or few; how often a service may be asked is told by its 429."""

    def __init__(self, name: str, url: str, allow_private: bool) -> None:
        self._name, self._url = name, url
        self._guard = AddressGuard(allow_private)

    async def send(self, outgoing: Outgoing) -> None:
        try:
            note = read_note(outgoing.body)
        except ValueError as error:
            raise Undeliverable("what was queued is no note") from error
        title, text = cut(note["title"], TITLE_LIMIT), cut(str(note.get("text", "")), TEXT_LIMIT)
        try:
            trouble = await asyncio.to_thread(self._post, title, text, urgency(note))
        except ConfigError as error:
            trouble = Unavailable(str(error))
        except DeliveryError as error:
            trouble = error
        except Exception as error:  # its text may hold the address, and so may its trace
            trouble = DeliveryError(f"{self._name}: {type(error).__name__}")
        if trouble is not None:
            raise trouble from None

    async def close(self) -> None:
        pass

    def _post(self, title: str, text: str, kind: str) -> DeliveryError | None:
        """One post; `kind` is of apprise's four. The error for what came of it. Runs in a thread."""
        apprise = _apprise()
        plugin = plugin_of(self._name, self._url)  # a new one: an old one would wait 5.5 seconds between two posts
        self._check(plugin)
        chat = apprise.Apprise(asset=plugin.asset)
        chat.add(plugin)
        result = chat.notify(
            title=title, body=text, body_format=apprise.NotifyFormat.TEXT, notify_type=apprise.NotifyType(kind)
        )
        if result:
            return None
        told = " ".join(str(entry) for one in result.results for entry in one.logs())
        status = _STATUS.search(told)
        if status is not None:
            return answered(self._name, int(status[1])) or DeliveryError(
                f"{self._name} answered {status[1]}, but not that it took the note"
            )
        return Unavailable(f"{self._name}: no answer; is its service up, and its address right?")

    def _check(self, plugin: Any) -> None:
        """Refuse a private address, where it is the user's address that names the host. A service of fixed host is
        not looked up: what stands in the host's place there is a token.
        """
        if self._guard.allow_private or "host" not in plugin.template_tokens or not plugin.host:
            return
        try:
            self._guard.check_url(f"http://{_bracketed(plugin.host)}/")
            for *_, address in socket.getaddrinfo(plugin.host, None, type=socket.SOCK_STREAM):
                self._guard.check_address(str(address[0]), "it")
        except RefusedAddress:
            raise private(self._name) from None
        except OSError:
            raise Unavailable(f"{self._name}: its host is not known; is its address right?") from None


def urgency(note: Mapping[str, Any]) -> str:
    """What the service is to make of it, its colour or its pager's severity: info, success, warning or failure."""
    alert = note.get("alert")
    if not isinstance(alert, dict):
        return "info"
    if alert.get("event") == "closed":
        return "success"
    return {"high": "failure", "medium": "warning"}.get(str(alert.get("severity")), "info")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def cut(text: str, limit: int) -> str:
    """At most `limit` characters: whole lines, the last of them shortened, so that no address is cut in the middle."""
    if len(text) <= limit:
        return text
    kept: list[str] = []
    for line in text.split("\n"):
        if sum(len(one) + 1 for one in kept) + len(line) + 1 > limit:
            break
        kept.append(line)
    return "\n".join([*kept, "…"]) if kept else text[: limit - 1] + "…"
