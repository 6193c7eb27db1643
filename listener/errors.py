"""The one error tree. Every message names the file, line, URL or store it is about, and the mend.

ListenerError                 exit code 1
├── ConfigError               exit code 2: a setting, query or command line is wrong
│   └── QueryError            a brand query does not parse; knows the character
├── SourceError               one source could not be heard; never ends a round
│   ├── Blocked               the site itself says no
│   │   └── Forbidden         its robots.txt does
│   ├── Gone                  404 or 410: it is not there any more
│   ├── RefusedAddress        a private or loopback address that the config does not allow
│   ├── TooBig                a body over the cap (bytes after decompression)
│   ├── Unreadable            fetched, but not in the form the source promised
│   └── BackOff               429 or 503: the host asks us to wait
├── StoreError                the store is locked, newer than this program, or not a store
└── DeliveryError             a message was not accepted
    └── Undeliverable         and never will be: do not try again
"""

import unicodedata
from pathlib import Path


class ListenerError(Exception):
    """Anything Listener tells a person about; `str()` is the whole message."""

    exit_code = 1


class ConfigError(ListenerError):
    """A mistake in the config or on the command line.

    Args:
        message: what is wrong, and the mend.
        path: the file it stands in, if any.
        line: 1-based line in that file, if known.
    """

    exit_code = 2

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        self.message, self.path, self.line = message, path, line
        where = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(where + message)


class QueryError(ConfigError):
    """A brand query that does not parse.

    Args:
        message: what is wrong, and the mend.
        query: the whole query.
        position: 0-based code point in `query` at which it goes wrong.
    """

    def __init__(self, message: str, query: str, position: int) -> None:
        self.reason, self.query, self.position = message, query, position
        super().__init__(f"{message}\n{pointed(query, position)}")


def pointed(text: str, position: int, around: int = 60) -> str:
    """The line of `text` that holds `position`, with a caret under it; what is further away than `around` is cut.

    Wide characters (Chinese, kana, full-width forms) take two columns in a terminal.
    """
    line_start = text.rfind("\n", 0, position) + 1
    line = text[line_start:].split("\n", 1)[0]
    at = position - line_start
    start, end = max(0, at - around), at + around
    before = "…" * (start > 0) + line[start:at]
    columns = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in before)
    return f"  {before}{line[at:end]}{'…' * (len(line) > end)}\n  {' ' * columns}^"


class SourceError(ListenerError):
    """One source could not be heard.

    Args:
        url: what was asked for.
        message: what happened.
        state: the source state that follows from it (see records.SourceState).
    """

    state = "late"

    def __init__(self, url: str, message: str) -> None:
        self.url, self.message = url, message
        super().__init__(f"{url}: {message}")


class Blocked(SourceError):
    """The site answered 401, 403, 451 or a wall; reported, never evaded."""

    state = "blocked"


class Forbidden(Blocked):
    """robots.txt forbids it; obeyed."""

    state = "robots"


class Gone(SourceError):
    """The site answered 404 or 410; asked again at the longest interval, since many come back."""

    state = "gone"


class RefusedAddress(SourceError):
    """A private, loopback or link-local address; `[net] allow_private = true` allows them."""

    state = "blocked"


class NoAddress(RefusedAddress):
    """Written like an address, and none: a bracket without an end, a port beyond 65535, bytes that are no text."""


class TooBig(SourceError):
    """More bytes than `[net] max_body_bytes`, counted after decompression."""

    state = "unreadable"


class Unreadable(SourceError):
    """Fetched, but not a feed, page or answer of the kind that the source promised."""

    state = "unreadable"


class BackOff(SourceError):
    """The host asks us to wait.

    Args:
        retry_after_s: seconds it asks for (Retry-After), 0 if it did not say.
    """

    def __init__(self, url: str, message: str, retry_after_s: float = 0.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(url, message)


class StoreError(ListenerError):
    """The store is locked, was written by a newer Listener, or is no Listener store."""


class DeliveryError(ListenerError):
    """A message was not accepted this time; it is tried again with back-off."""


class Undeliverable(DeliveryError):
    """A message that will never be accepted (5xx, a malformed address); not tried again."""
