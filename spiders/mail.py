"""Mails and news articles → Posts: headers in any charset, the readable part, quotes apart, who answers whom.

RFC 5322, 2045 to 2047, 5536. Nothing that only looks like text is let through: attachments, yEnc and uuencoded files
are left out, and so is who asked not to be archived (X-No-Archive).
"""

import codecs
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from listener.errors import Unreadable
from listener.gather.text import Quotes, bare_title, clean_line, html_text, mail_text
from listener.records import Post, Source
from listener.urls import post_key

_ID = re.compile(r"<([^<>\s]{1,250})>")
_BINARY = re.compile(rb"^(?:=ybegin (?=.*\bline=\d)|begin(?:-base64)? [0-7]{3} \S)", re.MULTILINE)
_MBOX_FROM = re.compile(rb"(?:\A|(?<=\n))From [^\n]*\d\d:\d\d(?::\d\d)?[^\n]*\d{4}[^\n]*\r?\n(?=[!-9;-~]+:|>From )")
_UNQUOTE_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_SAME = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cn-gb": "gb18030", "big5": "big5hkscs",
         "x-big5": "big5hkscs", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "", "ascii": "",
         "unknown-8bit": "", "x-unknown": "", "8bit": "", "default": ""}  # fmt: skip
GZIP = b"\x1f\x8b"
PIECES = 100  # packed one after the other in one file; more is a trick
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail or article.

    Attributes:
        id: Message-ID without brackets; "" if it has none.
        parent: id of what it answers; "" for an opener. root: id of the thread's opener; its own, if it is one.
        subject: without "Re:". author: the name shown, or what stands before the @ of the address.
    """

    id: str
    parent: str
    root: str
    subject: str
    author: str
    published: datetime | None
    text: str
    quotes: Quotes
    answers: bool


def read_letter(raw: bytes, charset: str = "") -> Letter | None:
    """Read one mail; None if nothing in it is for reading (a binary), or its author wants no archive.

    Args:
        charset: what bytes are that no header explains and that are not UTF-8; by default Windows-1252, or Big5 or
            GB 18030 where that gives Chinese.
    """
    message = message_from_bytes(raw)
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), header_text(str(value), charset))
    if headers.get("x-no-archive", "").strip().lower() == "yes" or _BINARY.search(raw):
        return None
    text, quotes, found = _body(message, charset)
    if not found:
        return None
    references = _ID.findall(headers.get("references", ""))
    own = next(iter(_ID.findall(headers.get("message-id", ""))), "")
    answered = _ID.findall(headers.get("in-reply-to", ""))
    parent = (answered[0] if answered else references[-1] if references else "") or ""
    subject, is_reply = bare_title(clean_line(headers.get("subject", "")))
    shown, address = parseaddr(headers.get("from", ""))
    return Letter(
        id=own,
        parent=parent if parent != own else "",
        root=references[0] if references else parent or own,
        subject=subject,
        author=clean_line(shown.strip("\"' ") or address.split("@", 1)[0], 100),
        published=_when(headers),
        text=text,
        quotes=quotes,
        answers=is_reply or bool(parent and parent != own),
    )


def header_text(value: str, charset: str = "") -> str:
    """A header as a person reads it: encoded words and raw bytes of any charset decoded, folds undone."""
    raw = value.encode("ascii", "surrogateescape") if not value.isascii() else b""
    plain = decoded(raw, charset=charset) if raw else value
    if "=?" in plain:
        try:
            parts = decode_header(plain)
        except (HeaderParseError, ValueError):
            parts = [(plain, None)]
        plain = "".join(
            decoded(part, known or "", charset) if isinstance(part, bytes) else part for part, known in parts
        )
    return " ".join(plain.split())


def decoded(raw: bytes, declared: str = "", charset: str = "") -> str:
    """Bytes as text: by the charset they declare, else UTF-8, else `charset`, else the likeliest; never an error."""
    for name in (declared, "utf-8", charset):
        name = _SAME.get(name.strip("\"' ").lower(), name.strip("\"' "))
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    if not charset:
        for name in ("big5hkscs", "gb18030"):
            try:
                text = raw.decode(name)
            except UnicodeDecodeError:
                continue
            foreign = sum(not sign.isascii() for sign in text)
            if foreign >= 4 and len(_HAN.findall(text)) >= 0.7 * foreign:
                return text
    return raw.decode("cp1252", "replace")


def _body(message: Message, charset: str) -> tuple[str, Quotes, bool]:
    """Own words, quotes, and whether there was a part to read."""
    for wanted in ("text/plain", "text/html"):
        for part in message.walk():
            if (
                part.get_content_type() != wanted
                or part.get_filename()
                or part.get_content_disposition() == "attachment"
            ):
                continue
            payload = part.get_payload(decode=True)
            if not isinstance(payload, bytes):
                continue
            text = decoded(payload, str(part.get_content_charset() or ""), charset)
            if wanted == "text/html":
                text, quotes = html_text(text)
                own, more = mail_text(text)
                return own, quotes + more, True
            return *mail_text(text), True
    return "", (), False


def _when(headers: Mapping[str, str]) -> datetime | None:
    for name in ("date", "nntp-posting-date", "injection-date"):
        try:
            when = parsedate_to_datetime(headers.get(name, ""))
            return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def letter_post(
    letter: Letter, source: Source, now: datetime, platform: str, url: Callable[[str], str], place: str = ""
) -> Post:
    """A Post of a letter.

    Args:
        platform: see records.Post.
        url: the address at which the letter of a Message-ID opens; "" if only the whole archive has one. Letters
            without an http address are told apart by their Message-ID and the platform.
        place: the archive's address.
    """

    def key(message_id: str) -> str:
        address = url(message_id)
        return post_key(address) if address.startswith("http") else post_key(source=platform, native_id=message_id)

    own = letter.id or post_key(source=platform, native_id=f"{letter.author}\n{letter.published}\n{letter.text}")[:32]
    return Post(
        source=source.name,
        platform=platform,
        url=url(own) or place,
        key=key(own),
        thread_url=url(letter.root or own) or f"{place}#{letter.root or own}",
        thread_title=letter.subject,
        position=-1 if letter.answers else 0,
        author=letter.author,
        text=letter.text,
        fetched=now,
        published=letter.published,
        native_id=own,
        parent_key=key(letter.parent) if letter.parent else None,
        quotes=letter.quotes,
    )


def split_mbox(box: bytes) -> Iterator[bytes]:
    """The mails of an mbox; a line "From " inside a mail is one only if a date and then a header follow (RFC 4155)."""
    starts = [(match.start(), match.end()) for match in _MBOX_FROM.finditer(box)]
    for number, (_, begin) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(box)
        yield _UNQUOTE_FROM.sub(rb"\1", box[begin:end])


def unpacked(url: str, body: bytes, cap: int) -> bytes:
    """A body, gunzipped if it is packed (what was cut off in the middle is kept as far as it goes).

    Raises:
        Unreadable: it is broken, or unpacks to more than `cap` bytes.
    """
    if not body.startswith(GZIP):
        return body
    plain, rest = b"", body
    for _ in range(PIECES):
        unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain += unzip.decompress(rest, cap + 1 - len(plain))
        except zlib.error as error:
            raise Unreadable(url, f"is broken gzip: {error}") from error
        if len(plain) > cap:
            raise Unreadable(url, f"unpacks to more than {cap:,} bytes; [net] max_body_bytes raises the limit")
        rest = unzip.unused_data
        if not rest.startswith(GZIP):
            return plain
    raise Unreadable(url, f"is packed in more than {PIECES} pieces")
