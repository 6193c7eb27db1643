"""Senders that are killed at random moments, or run two at a time, on the real store: nothing lost, nothing twice.

Run with `-s` to see the figures that docs/mail.md quotes (lines that begin with file:, smtp: and window:).
"""

import asyncio
import multiprocessing
import os
import random
import signal
import statistics
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from email import message_from_bytes
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from listener import config
from listener.clock import ManualClock
from listener.deliver.mail import transport
from listener.deliver.outbox import LEASE, queue, send_due
from listener.store.protocol import Store
from listener.store.sqlite import open_store
from tests.helpers_deliver import MAIL, NOON, message
from tests.servers.smtp import PASSWORD, USER, SmtpServer

# Children are forked from a server that has everything imported: a sender is up in milliseconds, not in a second.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.test_deliver_kill"])
ENVIRON = {"LISTENER_SMTP_PASSWORD": PASSWORD}
KILLS = [10, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]


def send_all(home: Path, mail: config.Mail, at: datetime, up: Connection) -> None:
    """A sender's life, in a process of its own: tells that it is up, and in the end when it marked what."""
    store = open_store(home / "listener.db")
    way = transport(mail, home, ENVIRON)
    marked: dict[str, float] = {}
    mark = store.mark_sent

    def timed(key: str, owner: str, now: datetime) -> None:
        mark(key, owner, now)
        marked[key] = time.monotonic()

    store.mark_sent = timed  # type: ignore[method-assign]
    up.send("up")
    asyncio.run(send_due(store, way, ManualClock(at), f"sender {os.getpid()}", limit=10_000, max_attempts=10_000))
    store.close()
    up.send(marked)


class Sender:
    """One such process."""

    def __init__(self, home: Path, mail: config.Mail, at: datetime) -> None:
        self.marked: dict[str, float] = {}
        self.up, up = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=send_all, args=(home, mail, at, up), daemon=True)
        self._process.start()
        up.close()

    async def __aenter__(self) -> "Sender":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.kill()  # nothing is left behind when a test fails
        await self.end()

    async def kill_after(self, seconds: float) -> bool:
        """Whether it was still at work."""
        await asyncio.to_thread(self.up.recv)
        # By another process: this one is the mail server too, and would strike right after it accepted something.
        blow = f"sleep {seconds:.4f}; kill -9 {self._process.pid}"
        await (await asyncio.create_subprocess_exec("sh", "-c", blow)).wait()
        return await self.end() == -signal.SIGKILL

    async def end(self) -> int | None:
        alive = True
        while alive and not self.up.closed:
            alive = self._process.is_alive()  # asked first: what it told before it ended is still read
            with suppress(EOFError, ConnectionError):
                if self.up.poll():
                    self.marked = self.up.recv()
            await asyncio.sleep(0.01)
        self._process.join()
        self.up.close()
        return self._process.exitcode


def filled(home: Path, messages: int) -> Store:
    store = open_store(home / "listener.db")
    with store.transaction():
        for number in range(messages):
            one = message(f"digest:wagtail:{number}", f"reader-{number}@reader.example")
            assert queue(store, one, MAIL, "digest:wagtail", (), NOON)
    return store


def states(store: Store) -> dict[str, int]:
    return {row["state"]: row["n"] for row in store.rows("SELECT state, count(*) AS n FROM outbox GROUP BY state")}


async def kill_senders(home: Path, mail: config.Mail, kills: int, longest_s: float) -> None:
    """Senders one after the other, each killed at a random moment, and a last one that may finish."""
    moments = random.Random(kills)
    struck = 0
    for number in range(kills):
        at = NOON + number * LEASE  # whatever the one before had claimed is free again
        async with Sender(home, mail, at) as sender:
            struck += await sender.kill_after(moments.uniform(0, longest_s))
    assert struck > kills / 2  # else there is too little to send for this machine
    async with Sender(home, mail, NOON + kills * LEASE) as last:
        assert await last.end() == 0


def smtp(server: SmtpServer) -> config.Mail:
    return config.Mail(url=f"smtp://{USER}@127.0.0.1:{server.port}", sender=MAIL.sender, ca_file=str(server.ca_file))


@pytest.mark.parametrize("kills", KILLS)
async def test_killed_at_any_moment_the_folder_holds_every_message_once(
    tmp_path: Path,
    kills: int,
) -> None:
    messages = 20 * kills  # a file is synced three times: slower than mail
    store = filled(tmp_path, messages)
    await kill_senders(tmp_path, config.Mail(url="file:outbox"), kills, longest_s=0.06)
    assert states(store) == {"sent": messages}
    again = sum(row["attempts"] - 1 for row in store.rows("SELECT attempts FROM outbox"))
    wanted = {row["message_id"]: row["body"] for row in store.rows("SELECT message_id, body FROM outbox")}
    store.close()
    found = {path.name: path.read_bytes() for path in (tmp_path / "outbox").glob("*.eml")}
    assert sorted(found.values()) == sorted(wanted.values())
    assert {message_from_bytes(body)["Message-ID"] for body in found.values()} == wanted.keys()
    assert len(list((tmp_path / "outbox").iterdir())) == 2 * messages  # a page for each, and nothing half written
    print(f"\nfile: {kills} kills, {messages} messages, {again} begun twice, 0 twice in the folder")


@pytest.mark.parametrize("kills", KILLS)
async def test_killed_at_any_moment_a_server_gets_every_message_and_few_twice(
    tmp_path: Path,
    kills: int,
) -> None:
    messages = 60 * kills
    store = filled(tmp_path, messages)
    async with SmtpServer(tmp_path) as server:
        await kill_senders(tmp_path, smtp(server), kills, longest_s=0.08)
        copies = Counter(got.body for got in server.mails)
    bodies = {
        row["body"].replace(b"\n", b"\r\n").replace(b"\r\r", b"\r") for row in store.rows("SELECT body FROM outbox")
    }
    assert states(store) == {"sent": messages}
    store.close()
    assert copies.keys() == bodies  # each as it was queued, whichever sender it came from
    twice = sum(copies.values()) - messages
    assert twice <= kills  # a killed sender held one message, never more
    print(f"\nsmtp: {kills} kills, {messages} messages, {twice} twice")


async def test_two_senders_at_once_send_nothing_twice(tmp_path: Path) -> None:
    store = filled(tmp_path, 100)
    async with SmtpServer(tmp_path) as server:
        async with Sender(tmp_path, smtp(server), NOON) as one, Sender(tmp_path, smtp(server), NOON) as two:
            assert list(await asyncio.gather(one.end(), two.end())) == [0, 0]
        assert Counter(Counter(got.message_id for got in server.mails).values()) == {1: 100}
        assert server.connections == 2
    assert states(store) == {"sent": 100}
    store.close()


async def test_the_window_between_acceptance_and_mark(tmp_path: Path) -> None:
    """Its size is printed, not asserted; what is asserted is the order: nothing is marked before it was accepted."""
    store = filled(tmp_path, 200)
    async with SmtpServer(tmp_path) as server:
        async with Sender(tmp_path, smtp(server), NOON) as sender:
            assert await asyncio.to_thread(sender.up.recv) == "up"
            assert await sender.end() == 0
        accepted = {got.message_id: got.at for got in server.mails}
    keys = {row["key"]: row["message_id"] for row in store.rows("SELECT key, message_id FROM outbox")}
    store.close()
    windows = sorted((sender.marked[key] - accepted[identity]) * 1000 for key, identity in keys.items())
    assert len(windows) == 200
    assert windows[0] > 0
    print(f"\nwindow: median {statistics.median(windows):.2f} ms, 99th of 100 {windows[197]:.2f} ms, n = 200")


async def test_a_message_is_queued_with_its_cause_or_not_at_all(tmp_path: Path) -> None:
    store = filled(tmp_path, 0)

    def book_and_fail() -> None:
        with store.transaction():
            assert queue(store, message("alert:1:opened"), MAIL, "alert:1", ("post",), NOON)
            raise RuntimeError("the cause could not be booked")

    with pytest.raises(RuntimeError, match="could not be booked"):
        book_and_fail()
    assert states(store) == {}
    with store.transaction():
        assert queue(store, message("alert:1:opened", subject="\ud800 hostile\nsubject"), MAIL, "alert:1", (), NOON)
    assert not queue(store, message("alert:1:opened"), MAIL, "alert:1", (), NOON + timedelta(hours=1))
    assert store.rows("SELECT subject FROM outbox") == [{"subject": "� hostile subject"}]
    store.close()
