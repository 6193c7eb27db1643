"""A message becomes mail: RFC 5322 bytes, the same bytes for the same input. Pure.

Built once, when it is queued, and never again: a second attempt sends what the first one sent.
"""

import hashlib
import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from listener import config
from listener.errors import Undeliverable
from listener.records import Message

# Seven bits only: then no server needs 8BITMIME, and no relay re-encodes the body (which would break signatures).
_POLICY = SMTP.clone(cte_type="7bit")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Everything that no text part may hold: control characters but tab and newline, and U+202D and U+202E, which
# turn the letters round without an end and can make one address look like another.
_NEVER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e]")
_LINE_END = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
# A header line loses the rest of the direction marks too, and is one line whatever separated its lines.
_MARKS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# What has a meaning in an address line. `email` quotes it, but in Python 3.11 loses the quotes where it folds a long
# name, and what was a name reads as an address. So names lose it, and are short enough to be folded nowhere.
_SPECIALS = re.compile(r"""[()<>@,:;"\[\]\\]""")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_CONTENT_ID = re.compile(r"[A-Za-z0-9._%+@-]{1,60}")
_MEDIA_TYPE = re.compile(r"(image)/([a-z0-9.+-]+)")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_OURS = re.compile(
    r"(resent-.*|content-.*|from|to|cc|bcc|sender|reply-to|subject|date|message-id|references|in-reply-to"
    r"|mime-version|return-path|received)",
    re.IGNORECASE,
)
_NAME = 60  # code points of a sender's name
_ID_DOMAIN = 42  # characters: a longer Message-ID does not fit a header line, and email.policy would encode it


def message_id(key: str, sender: str) -> str:
    """The Message-ID, with its angle brackets, of the message with this outbox key; the same for ever.

    So a reader's mail program sees that a message sent twice is one message, and a later mail of the same story can
    refer to it without a look into the outbox. 128 bits of SHA-256 of `key`, at the domain of `sender` (of a domain
    over 42 characters only the last labels).

    Raises:
        Undeliverable: `sender` is not a mail address.
    """
    domain = address(sender).partition("@")[2]
    while len(domain) > _ID_DOMAIN and "." in domain:
        domain = domain.partition(".")[2]
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"<{digest[:32]}@{domain[-_ID_DOMAIN:]}>"


def address(text: str) -> str:
    """A bare mail address as it travels: the domain in its ASCII form ("例子.tw" → "xn--fsqu00a.tw").

    Raises:
        Undeliverable: not an address, or a local part beyond ASCII (most servers do not take those, RFC 6531).
    """
    local, at, domain = text.rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if (
        not at
        or not _LOCAL_PART.fullmatch(local)
        or local.startswith(".")
        or local.endswith(".")
        or ".." in local
        or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host)
    ):
        raise Undeliverable(
            f"{_shown(text)} is not a mail address that can be sent to; write one like name@example.org"
        )
    return f"{local}@{host}"


def one_line(text: str) -> str:
    """Text that is safe in a header: one line, without control characters, direction marks or lone surrogates.

    "=?" is taken apart: `email` decodes what looks like an encoded word (RFC 2047) in a value it is given, and a
    title of "=?utf-8?b?DQpCY2M6IA==?=" would so smuggle its line end in.
    """
    return _BLANK.sub(" ", _MARKS.sub("", _SURROGATE.sub("�", text))).strip().replace("=?", "= ?")


def plain(text: str) -> str:
    """Text that is safe in a body: "\\n" line ends, no control characters but tab, lone surrogates as U+FFFD."""
    return _NEVER.sub("", _LINE_END.sub("\n", _SURROGATE.sub("�", text)))


def build(message: Message, mail: config.Mail, message_id: str, date: datetime) -> bytes:
    """The complete mail: text, HTML as its alternative, images beside the HTML by content id. 7-bit, CRLF.

    Hostile text cannot leave its place: the subject is made one line, bodies lose control characters, and a
    recipient, header or reference that is not well formed is refused.

    Args:
        message_id: from `message_id()`, with angle brackets; the part boundaries are made from it.
        date: aware; for the Date line, in UTC.

    Raises:
        Undeliverable: no mail address, a header that we set ourselves, a bad reference or content id.
    """
    if date.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    out = EmailMessage(policy=_POLICY)
    out["From"] = Address(
        one_line(_SPECIALS.sub(" ", mail.sender_name))[:_NAME].strip(), addr_spec=address(mail.sender)
    )
    out["To"] = Address(addr_spec=address(message.recipient))
    out["Subject"] = one_line(message.subject)
    out["Date"] = date.astimezone(UTC).replace(microsecond=0)
    out["Message-ID"] = _reference(message_id)
    if message.references:
        out["In-Reply-To"] = _reference(message.references[-1])
        out["References"] = " ".join(_reference(one) for one in message.references)
    # No holiday answers to us: RFC 3834, and Exchange's own word for it.
    for name, value in {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}.items():
        if name.lower() not in {given.lower() for given, _ in message.headers}:
            out[name] = value
    for name, value in message.headers:
        if not _HEADER_NAME.fullmatch(name) or _OURS.fullmatch(name):
            raise Undeliverable(f"a message may not set the header {_shown(name)}")
        out[name] = one_line(value)

    out.set_content(plain(message.text))
    if message.html:
        out.add_alternative(plain(message.html), subtype="html")
        parts = out.get_payload()
        assert isinstance(parts, list)
        page = parts[-1]
        assert isinstance(page, EmailMessage)
        for image in message.attachments:
            kind = _MEDIA_TYPE.fullmatch(image.media_type)
            if not kind or not _CONTENT_ID.fullmatch(image.content_id):
                raise Undeliverable(f"attachment {_shown(image.content_id)} ({_shown(image.media_type)}) is no image")
            page.add_related(
                image.content,
                maintype=kind[1],
                subtype=kind[2],
                cid=f"<{image.content_id}>",
                filename=re.sub(r"[^A-Za-z0-9._-]", "_", image.filename) or "image",
                disposition="inline",
            )
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in out.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{seed}")  # "=_" occurs in no quoted-printable and no base64 text
    return out.as_bytes()


def _reference(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Undeliverable(f"{_shown(text)} is not a Message-ID; they are written <left@right>")
    return text


def _shown(text: str) -> str:
    return ascii(text[:80])
