"""The ways of mail: a folder of .eml files, or a mail server (SMTP with STARTTLS, or SMTP over TLS)."""

import re
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from listener import config
from listener.clock import Clock
from listener.deliver.files import FileTransport, remove
from listener.deliver.message import address, build, message_id
from listener.deliver.outbox import Transport, Unavailable
from listener.errors import ConfigError, DeliveryError, Undeliverable
from listener.records import Message
from listener.store.protocol import Outgoing

CONNECT_TIMEOUT_S = 30.0  # connecting, TLS, and each command before the message
DATA_TIMEOUT_S = 300.0  # a server that was sent a whole message is given time: giving up early sends it twice
_FORMS = (
    'write url = "file:data/outbox", "smtp://user@mail.example:587" (STARTTLS), '
    'or "smtps://user@mail.example:465" (TLS from the first byte)'
)
_TEST = {
    "en": ("Listener: a test", "This is a test. Digests and alerts will come to this address."),
    "zh-Hant": ("Listener：測試", "這是測試。輿情建議與警報會寄到這個地址。"),
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Answers to a recipient that speak of us and not of them: log in first, may not relay.
_NOT_THE_RECIPIENT = frozenset({421, 503, 530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as mail.url names it."""

    host: str
    port: int
    user: str
    implicit_tls: bool
    starttls: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def transport(mail: config.Mail, home: Path, environ: Mapping[str, str]) -> Transport:
    """The way that `mail.url` names; nothing is opened before the first message. Paths are relative to `home`.

    Raises:
        ConfigError: a setting is wrong, the password's variable is not set, the CA file cannot be read.
    """
    where = _where(mail)
    if isinstance(where, Path):
        return FileTransport(home / where)
    return SmtpTransport(where, address(mail.sender), _password(mail, where, environ), _ca_file(mail, home), mail)


def check(mail: config.Mail, environ: Mapping[str, str], home: Path = Path()) -> list[str]:
    """What is wrong with the mail settings as far as can be known without a connection; nothing if all is well.

    The URL's form, the sender, the password's variable, the CA file: each line names the setting and the mend.
    """
    try:
        transport(mail, home, environ)
    except ConfigError as error:
        return [str(error)]
    return []


async def send_test(
    mail: config.Mail, home: Path, environ: Mapping[str, str], person: config.Person, clock: Clock
) -> str:
    """Mail one reader a line that says it is a test; "" if it was accepted, else why it was not.

    Raises:
        ConfigError: see transport.
    """
    now = clock.now()
    subject, text = _TEST[person.language]
    key = f"test:{person.id}:{now.isoformat()}"
    message = Message(key, person.mail, subject, text, f"<p>{text}</p>")
    identity = message_id(key, mail.sender)
    way = transport(mail, home, environ)
    try:
        await way.send(Outgoing(key, person.mail, identity, build(message, mail, identity, now), 1))
    except DeliveryError as error:
        return str(error)
    finally:
        await way.close()
    return ""


def forget(mail: config.Mail, home: Path, message_ids: Iterable[str]) -> int:
    """Remove the mails that `listener forget` emptied from a file outbox; how many there were.

    Mail that went to a server is out of reach.
    """
    where = _where(mail)
    return remove(home / where, message_ids) if isinstance(where, Path) else 0


def _where(mail: config.Mail) -> Path | Server:
    try:
        address(mail.sender)
        parts = urlsplit(mail.url)
        port = parts.port
    except Undeliverable as error:
        raise ConfigError(f"[mail] sender: {error}") from error
    except ValueError as error:
        raise ConfigError(f"[mail] url is not an address ({error}): {_FORMS}") from error
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path or parts.query or parts.fragment:
            raise ConfigError(f"[mail] url names no folder: {_FORMS}")
        try:
            return Path(unquote(parts.path)).expanduser()
        except RuntimeError as error:
            raise ConfigError(f"[mail] url: {error}; {_FORMS}") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        # The URL itself is not shown: somebody may have written a password into it.
        raise ConfigError(f"[mail] url begins with {parts.scheme + ':' if parts.scheme else 'no scheme'!r}: {_FORMS}")
    if parts.password is not None:
        raise ConfigError(
            f"[mail] url holds a password; take it out and put it into the environment variable {mail.password_env}"
        )
    implicit = parts.scheme == "smtps"
    server = Server(
        host=parts.hostname,
        port=port or (465 if implicit else 587),
        user=unquote(parts.username or ""),
        implicit_tls=implicit,
        starttls=mail.starttls and not implicit,
    )
    if server.user and not (implicit or mail.starttls or _loopback(server.host)):
        raise ConfigError(
            f"[mail] starttls = false would send the password for {server} in clear; take it out, or use smtps://"
        )
    return server


def _loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _password(mail: config.Mail, server: Server, environ: Mapping[str, str]) -> str:
    if not server.user:
        return ""
    if not _VARIABLE.fullmatch(mail.password_env):
        raise ConfigError(
            "[mail] password_env is the name of an environment variable, like LISTENER_SMTP_PASSWORD, "
            "and never the password itself"
        )
    password = environ.get(mail.password_env, "")
    if not password:
        raise ConfigError(
            f"the environment variable {mail.password_env} is not set; it holds the password "
            f"of {server.user} at {server.host} ([mail] password_env)"
        )
    return password


def _ca_file(mail: config.Mail, home: Path) -> Path | None:
    if not mail.ca_file:
        return None
    path = home / Path(mail.ca_file).expanduser()
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"[mail] ca_file: no certificates can be read from it ({error})", path) from error
    return path


class SmtpTransport:
    """Mail over SMTP. One connection serves a whole round; it is opened by the first message."""

    def __init__(self, server: Server, sender: str, password: str, ca_file: Path | None, mail: config.Mail) -> None:
        self.server, self._sender, self._password_env = server, sender, mail.password_env
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=password or None,
            local_hostname=sender.partition("@")[2],  # not the name of this machine
            timeout=CONNECT_TIMEOUT_S,
            use_tls=server.implicit_tls,
            start_tls=server.starttls,
            cert_bundle=str(ca_file) if ca_file else None,
        )

    async def send(self, outgoing: Outgoing) -> None:
        recipient = address(outgoing.recipient)
        try:
            await self._envelope(recipient)
            await self._client.data(outgoing.body, timeout=DATA_TIMEOUT_S)
        except BaseException as error:
            self._client.close()  # whatever state the server is in, the next message begins anew
            if isinstance(error, aiosmtplib.SMTPResponseException):
                raise _answer(error, self.server) from error
            if isinstance(error, (aiosmtplib.SMTPException, OSError)):
                raise DeliveryError(f"{self.server}: {error}; not known whether it was accepted") from error
            raise

    async def close(self) -> None:
        with suppress(aiosmtplib.SMTPException, OSError):
            if self._client.is_connected:
                await self._client.quit(timeout=5.0)
        self._client.close()

    async def _envelope(self, recipient: str) -> None:
        """MAIL and RCPT. A connection that the server ended between two messages is opened once more."""
        fresh = not self._client.is_connected
        if fresh:
            await self._connect()
        try:
            await self._client.mail(self._sender)
            await self._client.rcpt(recipient)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused) as error:
            ended = not isinstance(error, aiosmtplib.SMTPSenderRefused) or error.code == 421
            if fresh or not ended:
                raise
            self._client.close()
            await self._envelope(recipient)

    async def _connect(self) -> None:
        server = self.server
        try:
            await self._client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise Unavailable(
                f"{server} refused the login of {server.user} ({error.code} {error.message}); check the password in "
                f"{self._password_env}: many providers want an app password, see docs/mail.md"
            ) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            cause = error if isinstance(error, ssl.SSLError) else error.__cause__
            raise Unavailable(f"{server}: {error}{_mend(error, cause)}") from error


def _mend(error: Exception, cause: BaseException | None) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "; if the certificate is your own, name its PEM file in [mail] ca_file"
    if isinstance(cause, ssl.SSLError):
        return "; smtps:// is for servers that speak TLS from the first byte (465), smtp:// for STARTTLS (587)"
    if isinstance(error, aiosmtplib.SMTPTimeoutError):
        return "; is the port right (587 for smtp://, 465 for smtps://), and does a firewall let it through?"
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return "; is the server up, and are host and port in [mail] url right?"
    if "STARTTLS" in str(error):
        return "; use smtps://, or starttls = false for a server on this machine"
    if "AUTH" in str(error) or "authentication" in str(error):
        return "; this server takes no login here: take the user out of [mail] url, or use its submission port"
    return ""


def _answer(error: aiosmtplib.SMTPResponseException, server: Server) -> DeliveryError:
    """What a refusal means for this message and for the rest."""
    said = f"{server} answered {error.code} {error.message}"
    if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code != 552:  # 552: this message is too big
        return Unavailable(f"{said} to the sender; may this login send as [mail] sender?")
    if error.code in _NOT_THE_RECIPIENT or ("relay" in error.message.lower() and error.code >= 500):
        return Unavailable(f"{said}; does [mail] url name the server and user that mail is to be sent with?")
    return Undeliverable(said) if 500 <= error.code <= 599 else DeliveryError(said)
