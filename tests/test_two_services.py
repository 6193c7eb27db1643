"""Two services on one store, as two processes: one alert, one mail, whoever of them sees it first."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from listener.store.sqlite import SqliteStore, open_store
from tests.helpers_house import LEAK, write_home
from tests.helpers_net import item, rss, serving

RUN = [sys.executable, "-c", "from listener.cli import main; main()", "run", "--config", "config"]
OFTEN = "[service]\ngather_every_s = 0.3\nwatch_every_s = 0.1\nsend_every_s = 0.1\n"
TIMES = 60.0  # seconds that anything may take on a machine with other things to do


@asynccontextmanager
async def services(home: Path, count: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """So many `listener run` in their own processes; ended as an init system ends them."""
    log = (home / "services.log").open("ab")
    children = [
        await asyncio.create_subprocess_exec(*RUN, cwd=home, stdout=log, stderr=log, env={**os.environ})
        for _ in range(count)
    ]
    try:
        yield children
        for child in children:
            child.send_signal(signal.SIGTERM)
        assert await asyncio.gather(*(asyncio.wait_for(child.wait(), TIMES) for child in children)) == [0] * count
    finally:
        for child in children:
            if child.returncode is None:
                child.kill()
                await child.wait()
        log.close()


async def until(done: Callable[[], Any], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + TIMES
    while not done():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.05)


def changes(store: SqliteStore) -> Callable[[], bool]:
    """Whether the watch has looked again since now."""
    looked = store.looked_until("acme")
    return lambda: store.looked_until("acme") != looked


@pytest.mark.timeout(300)
async def test_two_processes_raise_and_mail_once(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages["/robots.txt"] = "User-agent: *\nAllow: /\n"
        site.pages["/feed"] = rss(item(0, "Acme is fine"))
        folder = write_home(tmp_path, "[net]\nallow_private = true\nhost_delay_s = 0\n" + OFTEN)
        source = f'[[source]]\nname = "town"\nkind = "feed"\nurl = "{site.url}/feed"\nevery = [1, 1]\n'
        (folder / "sources.toml").write_text(source, encoding="utf-8")
        store = open_store(tmp_path / "listener.db")
        assert isinstance(store, SqliteStore)
        outbox = tmp_path / "data" / "outbox"
        try:
            async with services(tmp_path, 2) as children:
                await until(lambda: len(store.judged("acme")) == 1 and store.looked_until("acme"), "nothing was heard")
                await until(changes(store), "nobody looks again")
                written = format_datetime(datetime.now(UTC))
                site.pages["/feed"] = rss(*(item(n, text, written) for n, text in enumerate(LEAK, 1)))
                await until(lambda: list(outbox.glob("*alert*.eml")), "no mail went out")
                for _ in range(20):  # both go on looking and sending
                    await until(changes(store), "nobody looks any more")
                assert [child.returncode for child in children] == [None, None]
            alerts = store.alerts()
            assert len(alerts) == 1
            assert store.rows("SELECT count(*) AS n FROM alert_events WHERE what = 'opened'") == [{"n": 1}]
            rows = store.rows("SELECT state, attempts FROM outbox WHERE key LIKE 'alert:%'")
            assert [row["state"] for row in rows] == ["sent"]
            assert len(list(outbox.glob("*alert*.eml"))) == 1
            assert [one.person for one in store.told(alerts[0].key)] == ["ann"]
        finally:
            store.close()
        log = (tmp_path / "services.log").read_text("utf-8")
        assert log.count("service_started") == log.count("service_stopped") == 2
        assert log.count("outbox_sent") == 1, "one of them sent it"
        assert "round_failed" not in log
