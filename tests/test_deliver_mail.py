"""Mail against a real server on loopback: TLS, login, refusals of every kind, a server that hangs or dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import config
from listener.clock import ManualClock
from listener.deliver import mail as mail_module
from listener.deliver.mail import SmtpTransport, check, transport
from listener.deliver.outbox import PAUSE, SendReport, Transport, queue, send_due
from listener.errors import ConfigError
from tests.helpers_deliver import MAIL, NOON, MemoryOutbox, message
from tests.servers.smtp import DROP, HANG, PASSWORD, USER, Received, SmtpServer

ENVIRON = {"LISTENER_SMTP_PASSWORD": PASSWORD}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SmtpServer]:
    async with SmtpServer(tmp_path) as running:
        yield running


def settings_for(server: SmtpServer, scheme: str = "smtp", **more: Any) -> config.Mail:
    url = f"{scheme}://{USER}@127.0.0.1:{server.port}"
    return config.Mail(**({"url": url, "sender": MAIL.sender, "ca_file": str(server.ca_file)} | more))


def way_to(server: SmtpServer, scheme: str = "smtp", environ: dict[str, str] | None = None, **more: Any) -> Transport:
    return transport(settings_for(server, scheme, **more), Path(), ENVIRON if environ is None else environ)


class Post:
    """An outbox with a way and a clock."""

    def __init__(self, way: Transport, *names: str, max_attempts: int = 8) -> None:
        self.way, self.outbox, self.clock, self.max_attempts = way, MemoryOutbox(), ManualClock(NOON), max_attempts
        for name in names:
            queue(self.outbox.as_store(), message(name, f"{name}@reader.example"), MAIL, "digest:x", (), NOON)

    async def round(self) -> SendReport:
        return await send_due(
            self.outbox.as_store(), self.way, self.clock, "one", limit=50, max_attempts=self.max_attempts
        )

    def error(self, name: str) -> str:
        return self.outbox.table[name].error


async def test_it_arrives_over_starttls_and_login_as_it_was_queued(server: SmtpServer) -> None:
    post = Post(way_to(server), "ann")
    assert await post.round() == SendReport(sent=1)
    (got,) = server.mails
    assert (got.tls, got.user, got.sender, got.recipient) == (True, USER, MAIL.sender, "ann@reader.example")
    assert got.body == post.outbox.table["ann"].outgoing.body
    assert got.mail["Subject"] == message().subject


async def test_it_arrives_over_tls_from_the_first_byte(tmp_path: Path) -> None:
    async with SmtpServer(tmp_path, implicit_tls=True) as server:
        assert await Post(way_to(server, "smtps"), "ann").round() == SendReport(sent=1)
        assert server.mails[0].tls


async def test_two_readers_of_one_digest_are_two_messages_over_one_connection(server: SmtpServer) -> None:
    assert await Post(way_to(server), "ann", "bob").round() == SendReport(sent=2)
    assert sorted(got.recipient for got in server.mails) == ["ann@reader.example", "bob@reader.example"]
    assert len({got.message_id for got in server.mails}) == 2
    assert server.connections == 1


async def test_a_server_on_this_machine_needs_neither_tls_nor_login(tmp_path: Path) -> None:
    async with SmtpServer(tmp_path, tls=False, login=False) as server:
        mail = config.Mail(url=f"smtp://127.0.0.1:{server.port}", starttls=False)
        assert await Post(transport(mail, tmp_path, {}), "ann").round() == SendReport(sent=1)


async def test_a_wrong_password_is_told_once_and_costs_nothing(server: SmtpServer) -> None:
    post = Post(way_to(server, environ={"LISTENER_SMTP_PASSWORD": "wrong-secret"}), "ann", "bob", "cy", max_attempts=1)
    for _ in range(3):
        report = await post.round()
        assert (report.sent, report.failed, report.waiting) == (0, 0, 3)
        assert "refused the login of listener@mail.example" in report.trouble
        assert "LISTENER_SMTP_PASSWORD" in report.trouble
        assert "wrong-secret" not in report.trouble
        post.clock.advance(PAUSE)
    assert server.connections == 3
    post.way = way_to(server)
    assert await post.round() == SendReport(sent=3)


async def test_an_unknown_authority_is_refused_on_both_ways(server: SmtpServer, tmp_path: Path) -> None:
    report = await Post(way_to(server, ca_file=""), "ann").round()
    assert "name its PEM file in [mail] ca_file" in report.trouble
    folder = tmp_path / "second"
    folder.mkdir()
    async with SmtpServer(folder, implicit_tls=True) as smtps:
        report = await Post(way_to(smtps, "smtps", ca_file=str(server.ca_file)), "ann").round()
        assert "name its PEM file in [mail] ca_file" in report.trouble
        assert not smtps.logins
    assert not server.logins


async def test_no_password_goes_to_a_server_without_starttls(tmp_path: Path) -> None:
    async with SmtpServer(tmp_path, tls=False, login=False) as server:
        report = await Post(way_to(server), "ann").round()
        assert "STARTTLS" in report.trouble
        assert "use smtps://" in report.trouble
        assert not server.logins
        assert not server.mails


async def test_the_two_schemes_at_the_wrong_port_say_so(
    tmp_path: Path, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "smtp:// for STARTTLS" in (await Post(way_to(server, "smtps"), "ann").round()).trouble
    monkeypatch.setattr(mail_module, "CONNECT_TIMEOUT_S", 0.3)
    folder = tmp_path / "second"
    folder.mkdir()
    async with SmtpServer(folder, implicit_tls=True) as smtps:
        assert "465 for smtps://" in (await Post(way_to(smtps, "smtp"), "ann").round()).trouble


async def test_a_server_that_is_down_keeps_all_mail_until_it_is_back(server: SmtpServer) -> None:
    post = Post(way_to(server), "ann", "bob", max_attempts=1)
    await server.stop()
    report = await post.round()
    assert (report.waiting, "is the server up" in report.trouble) == (2, True)
    await server.start()
    assert await post.round() == SendReport()
    post.clock.advance(PAUSE)
    assert await post.round() == SendReport(sent=2)


async def test_greylisted_and_accepted_the_second_time(server: SmtpServer) -> None:
    seen: list[str] = []

    def greylist(recipient: str) -> str | None:
        seen.append(recipient)
        return "451 4.7.1 Greylisted, come again" if len(seen) == 1 else None

    server.on_rcpt = greylist
    post = Post(way_to(server), "ann", "bob")
    assert await post.round() == SendReport(sent=1, waiting=1)
    assert "451 4.7.1 Greylisted" in post.error("ann")
    assert await post.round() == SendReport()
    post.clock.advance(timedelta(seconds=67))
    assert await post.round() == SendReport(sent=1)
    assert [got.recipient for got in server.mails] == ["bob@reader.example", "ann@reader.example"]


@pytest.mark.parametrize(("stage", "code"), [("rcpt", "550 5.1.1 No such user"), ("data", "554 5.7.1 Looks like spam")])
async def test_refused_for_good_is_not_tried_again_and_the_others_go(server: SmtpServer, stage: str, code: str) -> None:
    if stage == "rcpt":
        server.on_rcpt = lambda recipient: code if recipient.startswith("ann") else None
    else:
        server.on_data = lambda mail: code if mail.recipient.startswith("ann") else None
    post = Post(way_to(server), "ann", "bob")
    assert await post.round() == SendReport(sent=1, failed=1)
    assert code in post.error("ann")
    assert post.outbox.states() == {"ann": "failed", "bob": "sent"}


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("mail", "553 5.7.1 Sender address rejected: not owned by user"),
        ("mail", "451 4.7.1 Too many messages"),
        ("rcpt", "554 5.7.1 Relay access denied"),
        ("rcpt", "530 5.7.0 Authentication required"),
        ("data", "421 4.3.2 Shutting down"),
    ],
)
async def test_a_refusal_that_is_not_the_readers_fault_fails_no_message(
    server: SmtpServer, stage: str, code: str
) -> None:
    setattr(server, f"on_{stage}", lambda _: code)
    post = Post(way_to(server), "ann", "bob", max_attempts=1)
    report = await post.round()
    assert (report.sent, report.failed, report.waiting) == (0, 0, 2)
    assert code in report.trouble


async def test_a_message_that_is_too_big_for_the_server_fails_alone(server: SmtpServer) -> None:
    server.on_mail = lambda sender: "552 5.3.4 Message too big"
    assert await Post(way_to(server), "ann").round() == SendReport(failed=1)


async def test_a_server_that_hangs_is_left_after_the_time_out(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_module, "DATA_TIMEOUT_S", 0.2)
    server.on_data = lambda mail: HANG if mail.recipient.startswith("ann") else None
    post = Post(way_to(server), "ann", "bob")
    assert await post.round() == SendReport(sent=1, waiting=1)
    assert "not known whether it was accepted" in post.error("ann")


async def test_a_server_that_dies_after_acceptance_gets_the_same_message_again(server: SmtpServer) -> None:
    answers = [DROP]
    server.on_data = lambda mail: answers.pop() if answers else None
    post = Post(way_to(server), "ann")
    assert await post.round() == SendReport(waiting=1)
    post.clock.advance(timedelta(seconds=67))
    assert await post.round() == SendReport(sent=1)
    first, second = server.mails
    assert first.body == second.body
    assert first.message_id == second.message_id


async def test_a_connection_that_ended_between_two_messages_is_opened_again(server: SmtpServer) -> None:
    seen: list[str] = []

    def drop_second(recipient: str) -> str | None:
        seen.append(recipient)
        return DROP if len(seen) == 2 else None

    server.on_rcpt = drop_second
    assert await Post(way_to(server), "ann", "bob").round() == SendReport(sent=2)
    assert server.connections == 2
    assert len(server.mails) == 2


async def test_a_full_connection_is_opened_again(server: SmtpServer) -> None:
    answers = iter([None, "421 4.7.0 Too many messages on this connection", None])
    server.on_mail = lambda sender: next(answers)
    assert await Post(way_to(server), "ann", "bob").round() == SendReport(sent=2)
    assert server.connections == 2


async def test_what_a_server_says_cannot_break_the_book(server: SmtpServer) -> None:
    server.on_rcpt = lambda recipient: "451 4.0.0 \x1b[31m" + "long " * 300
    post = Post(way_to(server), "ann")
    assert await post.round() == SendReport(waiting=1)
    assert len(post.error("ann")) <= 500
    assert "\x1b" not in post.error("ann")


async def test_a_dot_alone_on_a_line_does_not_end_the_mail(server: SmtpServer) -> None:
    post = Post(way_to(server))
    dotted = message("ann", "ann@reader.example", text="one\n.\n..two\n", html="")
    queue(post.outbox.as_store(), dotted, MAIL, "digest:x", (), NOON)
    assert await post.round() == SendReport(sent=1)
    assert server.mails[0].mail.get_content().replace("\r\n", "\n") == "one\n.\n..two\n"


async def test_closing_a_way_twice_or_unopened_is_nothing(server: SmtpServer) -> None:
    way = way_to(server)
    await way.close()
    await way.close()
    assert server.connections == 0


async def test_cancelled_in_the_middle_of_a_hang_it_ends_and_keeps_the_claim(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.deliver.outbox.GRACE_S", 0.05)
    reached = asyncio.Event()

    def hang(mail: Received) -> str:
        reached.set()
        return HANG

    server.on_data = hang
    post = Post(way_to(server), "ann")
    task = asyncio.create_task(post.round())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert post.outbox.states() == {"ann": "claimed"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "data/outbox"}, "file:data/outbox"),
        ({"url": "http://mail.example"}, "'http:'"),
        ({"url": "smtp://"}, "smtp://user@mail.example:587"),
        ({"url": "smtp://mail.example:port"}, "not an address"),
        ({"url": "smtp://mail.example:99999"}, "not an address"),
        ({"url": "smtp://mail.example/inbox"}, "begins with"),
        ({"url": "smtp://[::1"}, "not an address"),
        ({"url": "file:"}, "names no folder"),
        ({"url": "file://other-host/outbox"}, "names no folder"),
        ({"url": "file:~nobody-of-this-name/outbox"}, "home directory"),
        ({"url": "smtp://ann:hunter2@mail.example"}, "holds a password"),
        ({"url": "smtp://ann@mail.example", "starttls": False}, "in clear"),
        ({"url": "smtp://ann@mail.example"}, "LISTENER_SMTP_PASSWORD is not set"),
        ({"url": "smtp://ann@mail.example", "password_env": "hunter2!"}, "never the password itself"),
        ({"ca_file": "missing.pem", "url": "smtp://mail.example"}, "missing.pem: .*ca_file"),
        ({"sender": "listener@bad..example"}, "sender"),
    ],
)
def test_wrong_settings_are_told_with_the_mend_and_without_secrets(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as error:
        transport(config.Mail(**settings), Path(), {})
    assert error.value.exit_code == 2
    assert "hunter2" not in str(error.value)
    assert check(config.Mail(**settings), {}) == [str(error.value)]


@pytest.mark.parametrize(
    ("url", "host", "port", "user"),
    [
        ("smtp://mail.example", "mail.example", 587, ""),
        ("smtps://mail.example", "mail.example", 465, ""),
        ("smtp://ann@brand.example@smtp.mail.example:2525", "smtp.mail.example", 2525, "ann@brand.example"),
        ("smtps://ann%40brand.example@mail.example", "mail.example", 465, "ann@brand.example"),
        ("smtp://[::1]:25", "::1", 25, ""),
    ],
)
def test_server_addresses_are_read(url: str, host: str, port: int, user: str) -> None:
    way = transport(config.Mail(url=url), Path(), ENVIRON)
    assert isinstance(way, SmtpTransport)
    assert (way.server.host, way.server.port, way.server.user) == (host, port, user)


def test_a_login_in_clear_is_allowed_on_this_machine_only() -> None:
    for host in ("127.0.0.1", "[::1]", "localhost"):
        assert check(config.Mail(url=f"smtp://ann@{host}:25", starttls=False), ENVIRON) == []
