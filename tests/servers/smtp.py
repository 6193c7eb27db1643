"""A real mail server on loopback (aiosmtpd): STARTTLS and login required, or TLS from the first byte.

It keeps what it accepts in memory, with the moment of acceptance, and can be told to refuse, hang or drop.
"""

# ruff: noqa: N802 (aiosmtpd names its hooks after the SMTP commands)

import asyncio
import ssl
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP, HANG = "drop", "hang"  # answers that are none: cut the connection, say nothing
USER, PASSWORD = "listener@mail.example", "correct horse"


@dataclass(frozen=True)
class Received:
    """One accepted mail. `at` is the machine's monotonic clock, the same in every process."""

    at: float
    sender: str
    recipient: str
    body: bytes
    tls: bool
    user: str

    @property
    def mail(self) -> EmailMessage:
        mail = message_from_bytes(self.body, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])


class SmtpServer:
    """`async with SmtpServer(folder) as server:` listens at 127.0.0.1:server.port.

    Args:
        folder: where ca.pem is written: the authority that a client has to trust.
        implicit_tls: smtps; otherwise STARTTLS.
        tls: False for a server that has no TLS at all. login: False for one that asks for none.
        on_mail, on_rcpt: an answer to that address instead of "250 OK"; None accepts.
        on_data: the same for a complete mail; DROP and HANG keep it first, as a server does that dies afterwards.
    """

    def __init__(self, folder: Path, *, implicit_tls: bool = False, tls: bool = True, login: bool = True) -> None:
        self.ca_file = folder / "ca.pem"
        self.port = 0
        self.mails: list[Received] = []
        self.connections = 0
        self.logins: list[bool] = []
        self.on_mail: Callable[[str], str | None] = lambda sender: None
        self.on_rcpt: Callable[[str], str | None] = lambda recipient: None
        self.on_data: Callable[[Received], str | None] = lambda mail: None
        self._implicit_tls, self._tls, self._login = implicit_tls, tls, login
        self._sessions: list[SMTP] = []
        self._server: asyncio.Server | None = None
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._context)

    async def __aenter__(self) -> "SmtpServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, at the port of before if there was one."""
        self._server = await asyncio.get_running_loop().create_server(
            self._session, "127.0.0.1", self.port, ssl=self._context if self._implicit_tls else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            if session.transport is not None:
                with suppress(AttributeError):  # a TLS connection that has ended, before Python 3.11.4
                    session.transport.abort()
        tasks = [task for session in self._sessions if (task := session._handler_coroutine) is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sessions.clear()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    def _session(self) -> SMTP:
        self.connections += 1
        starttls = self._tls and not self._implicit_tls
        with warnings.catch_warnings():
            # Over implicit TLS aiosmtpd does not know that it is encrypted, and warns of a login without TLS.
            warnings.simplefilter("ignore", UserWarning)
            session = SMTP(
                self,
                hostname="mail.example",
                ident="test",
                tls_context=self._context if starttls else None,
                require_starttls=starttls,
                auth_required=self._login,
                auth_require_tls=starttls,
                authenticator=self._authenticate,
                loop=asyncio.get_running_loop(),
            )
        self._sessions.append(session)
        return session

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        self.logins.append(right)
        return AuthResult(success=right, handled=False, auth_data=data)

    # aiosmtpd's hooks
    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, sender: str, _options: Any
    ) -> str:
        answer = self.on_mail(sender)
        if answer is None:
            envelope.mail_from = sender
        return answer or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        answer = self.on_rcpt(address)
        if answer == DROP:
            assert server.transport is not None
            server.transport.abort()
        elif answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        login = session.auth_data.login.decode() if session.auth_data else ""
        received = Received(
            at=time.monotonic(),
            sender=envelope.mail_from or "",
            recipient=", ".join(envelope.rcpt_tos),
            body=envelope.content,
            tls=self._implicit_tls or session.ssl is not None,
            user=login,
        )
        answer = self.on_data(received)
        if answer in (None, DROP, HANG):
            self.mails.append(received)
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == DROP:
            assert server.transport is not None
            server.transport.abort()
        return answer or "250 OK"
