"""INN2, a real news server, on loopback: its files in a folder of its own, as the user news; ended afterwards.

Written after INN's manual pages (inn.conf, incoming.conf, readers.conf, storage.conf, makehistory). innd runs as the
user news only, and only root can become that.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers.recipes import free_port, missing

PROGRAMS = Path("/usr/lib/news/bin")
START_S = 20


def need_inn2() -> None:
    """Skip with one clear word where INN2 cannot run."""
    if not (PROGRAMS / "innd").is_file():
        missing("inn2 not installed")
    if os.geteuid() != 0:
        missing("needs root: innd runs as the user news")


@contextmanager
def inn2(*groups: str) -> Iterator[int]:
    """The port of a news server with these groups, all empty."""
    folder, port = Path(tempfile.mkdtemp(prefix="listener-inn2-")), free_port()
    try:
        _lay_out(folder, port, groups)
        _run(folder, "makehistory")
        _run(folder, "makedbz", "-i", "-o", "-s", "10000")
        _run(folder, "innd", "-4", "127.0.0.1", "-P", str(port))
        _await(port)
        yield port
    finally:
        with suppress(OSError, ValueError):
            os.kill(int((folder / "run" / "innd.pid").read_text()), signal.SIGTERM)
        until = time.monotonic() + START_S
        while _answers(port) and time.monotonic() < until:
            time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)


def post(port: int, *articles: bytes) -> None:
    """Hand articles over as another server does (IHAVE); each ends with a line end."""
    with closing(socket.create_connection(("127.0.0.1", port), START_S)) as line, line.makefile("rwb") as talk:

        def say(text: bytes, expected: bytes) -> None:
            talk.write(text)
            talk.flush()
            told = talk.readline()
            assert told.startswith(expected), told

        assert talk.readline().startswith(b"20")
        for article in articles:
            message_id = next(row for row in article.split(b"\n") if row.startswith(b"Message-ID: ")).split(b": ")[1]
            say(b"IHAVE " + message_id.strip() + b"\r\n", b"335")
            rows = [b"." + row if row.startswith(b".") else row for row in article.rstrip(b"\n").split(b"\n")]
            say(b"\r\n".join(rows) + b"\r\n.\r\n", b"235")
        say(b"QUIT\r\n", b"205")


def _lay_out(folder: Path, port: int, groups: Sequence[str]) -> None:
    for name in ("etc", "db", "run", "log", "tmp", "articles", "overview", "incoming", "outgoing", "archive"):
        (folder / name).mkdir()
    settings = {
        "organization": '"Listener"', "domain": "listener.test", "pathhost": "news.listener.test",
        "mta": '"/bin/true %s"', "mailcmd": "/bin/true",
        "ovmethod": "tradindexed", "hismethod": "hisv6", "port": str(port),
        "artcutoff": "0",
        "bindaddress": "127.0.0.1", "enableoverview": "true", "doinnwatch": "false", "pathnews": "/usr/lib/news",
        "pathbin": str(PROGRAMS), "pathspool": str(folder), "pathhttp": str(folder / "log"),
        "pathfilter": str(folder / "etc"),
    }  # fmt: skip
    for name in ("articles", "overview", "incoming", "outgoing", "archive", "db", "etc", "run", "log", "tmp"):
        settings[f"path{name}"] = str(folder / name)
    local = '"127.0.0.1, localhost, stdin"'
    files = {
        "inn.conf": "".join(f"{name}: {value}\n" for name, value in settings.items()),
        "storage.conf": "method tradspool {\n newsgroups: *\n class: 0\n}\n",
        "newsfeeds": "ME:!*/!local::\n",
        "incoming.conf": 'streaming: true\nmax-connections: 8\npeer ME {\n hostname: "127.0.0.1"\n}\n',
        "readers.conf": f'auth "l" {{\n hosts: {local}\n default: "<l>"\n}}\naccess "l" {{\n users: "<l>"\n'
        ' newsgroups: "*"\n access: RPA\n addcanlockuser: none\n}\n',
        "expire.ctl": "/remember/:never\n*:A:1:never:never\n",
    }
    empty = "control.ctl passwd.nntp nnrpd.track distrib.pats moderators subscriptions motd.innd localgroups"
    for name, text in {**dict.fromkeys(empty.split(), ""), **files}.items():
        (folder / "etc" / name).write_text(text)
    system = ("control", "control.cancel", "control.checkgroups", "control.newgroup", "control.rmgroup", "junk")
    rows = [f"{name} 0000000000 0000000001 n\n" for name in system]
    rows += [f"{name} 0000000000 0000000001 y\n" for name in groups]
    (folder / "db" / "active").write_text("".join(rows))
    (folder / "db" / "active.times").touch()
    (folder / "db" / "newsgroups").write_text("".join(f"{name}\ttalk\n" for name in groups))
    news = pwd.getpwnam("news")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, news.pw_uid, news.pw_gid)


def _run(folder: Path, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        cwd=folder / "db",
        env={"INNCONF": str(folder / "etc" / "inn.conf"), "PATH": os.environ["PATH"]},
        user="news",
        group="news",
        extra_groups=[],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_S,
        start_new_session=True,
    )
    if done.returncode != 0:
        pytest.fail(f"{program} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")


def _await(port: int) -> None:
    until = time.monotonic() + START_S
    while not _answers(port):
        if time.monotonic() > until:
            pytest.fail(f"innd did not come up within {START_S} s")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with closing(socket.create_connection(("127.0.0.1", port), 1)):
            return True
    except OSError:
        return False
