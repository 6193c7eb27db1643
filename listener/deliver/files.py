"""A folder as outbox: every message an .eml file, and beside it the page that it shows, to open in a browser.

Names come from the message alone and files appear whole (written, synced, renamed), so a message that is sent twice
is the same file: exactly once, whatever dies when.
"""

import asyncio
import base64
import email
import email.policy
import html
import os
import re
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from listener.errors import DeliveryError
from listener.store.protocol import Outgoing

_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_CID = re.compile(r"""cid:([A-Za-z0-9._%+@-]+)""")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# A mail program runs no script and, unasked, fetches nothing; nor does the page.
_FRAME = (
    '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
)


class FileTransport:
    """Writes into `folder`, which is made when the first message comes. Files are readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, outgoing: Outgoing) -> None:
        try:
            await asyncio.to_thread(self._write, outgoing)
        except OSError as error:
            raise DeliveryError(
                f"{self._folder}: {error.strerror or error}; is there room, and may we write?"
            ) from error

    async def close(self) -> None:
        pass

    def _write(self, outgoing: Outgoing) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = file_name(outgoing)
        mail = email.message_from_bytes(outgoing.body, policy=email.policy.SMTP)
        assert isinstance(mail, EmailMessage)
        _put(self._folder / f"{name}.html", page(mail).encode())
        _put(self._folder / f"{name}.eml", outgoing.body)  # last: where an .eml is, its page is too
        _sync(self._folder)


def file_name(outgoing: Outgoing) -> str:
    """Date, key and the beginning of the Message-ID: "20260321T0700_digest-wagtail-ann_8254c329a92850f6"."""
    mail = email.message_from_bytes(outgoing.body, policy=email.policy.compat32)
    when = parsedate_to_datetime(mail["Date"]).strftime("%Y%m%dT%H%M") if mail["Date"] else "undated"
    key = _UNSAFE.sub("-", outgoing.key).strip("-")[:80]
    return "_".join(part for part in (when, key, _tail(outgoing.message_id)) if part)


def remove(folder: Path, message_ids: Iterable[str]) -> int:
    """Delete the messages of these ids with their pages; how many there were."""
    tails = {_tail(one) for one in message_ids}
    files = folder.glob("*_*.*") if tails else ()
    found = [path for path in files if path.name.rpartition("_")[2].partition(".")[0] in tails]
    for path in found:
        path.unlink(missing_ok=True)
    return sum(path.suffix == ".eml" for path in found)


def page(mail: EmailMessage) -> str:
    """The mail as one page that needs nothing else: its HTML with the images inside, or else its text."""
    body = mail.get_body(("html", "plain"))
    content = str(body.get_content()) if body else ""
    if body is None or body.get_content_subtype() != "html":
        return f"<!doctype html>{_FRAME}<pre style='white-space: pre-wrap'>{html.escape(content)}</pre>\n"
    images = {
        str(part["Content-ID"]).strip("<> "): f"data:{part.get_content_type()};base64,"
        + base64.b64encode(part.get_content()).decode()
        for part in mail.walk()
        if part["Content-ID"] and part.get_content_maintype() == "image"
    }
    content = _CID.sub(lambda found: images.get(found[1], found[0]), content)
    framed, heads = _HEAD.subn(lambda head: head[0] + _FRAME, content, count=1)
    return framed if heads else f"<!doctype html>{_FRAME}{content}"


def _tail(message_id: str) -> str:
    return _UNSAFE.sub("", message_id.partition("@")[0])[:16]


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")  # one name: what a killed sender leaves, the next one overwrites
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sync(folder: Path) -> None:
    """Make the new names outlive a power cut, where the system can (Windows cannot)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
