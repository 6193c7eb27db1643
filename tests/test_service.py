"""The service: what was missed comes first, once, marked late; SIGTERM ends it soon and clean."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from listener.house import House, open_house
from listener.service import Service
from tests.helpers_house import LEAK, NOW, heard, house_in, post, write_home
from tests.helpers_net import item, rss, serving


async def run_until(house: House, done: object, timeout_s: float = 55) -> None:  # beyond the 30 s tick of the watch
    service = Service(house)
    task = asyncio.create_task(service.run())
    deadline = time.monotonic() + timeout_s
    while not done() and time.monotonic() < deadline:  # type: ignore[operator]
        await asyncio.sleep(0.02)
    service.stop.set()
    await asyncio.wait_for(task, 10)


def mails(home: Path) -> list[str]:
    found = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((home / "data" / "outbox").glob("*.eml"))
    ]
    return [f"{mail['To']} {mail['Subject']}" for mail in found]


async def test_two_days_of_sleep(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW) as (house, clock):
        heard(house, NOW - timedelta(days=3), NOW)
        house.intake.take([post(n, f"Acme is slow today, case {n}", NOW - timedelta(hours=n)) for n in range(30)])
        for brand, day, late in house.due_digests():
            house.digest(brand, day, late=late)
        await house.send()
        before = {day for brand in house.config.brands for day in house.store.digest_days(brand.id)}
        assert (NOW - timedelta(days=1)).date() in before
        sent_before = len(mails(tmp_path))

        clock.advance(timedelta(days=2))
        await run_until(house, lambda: len(mails(tmp_path)) >= sent_before + 4)
        lines = house.store.rows("select day, late from digests where brand = 'acme' and language = 'en' order by day")
        assert [row["late"] for row in lines[-2:]] == [1, 0], "of the two missed, the older one is late"
        assert len(mails(tmp_path)) == sent_before + 4, "two days, two readers, once each"

        await run_until(house, lambda: not house.due_digests(), 2)
        assert len(mails(tmp_path)) == sent_before + 4, "started again, nothing is sent twice"


@pytest.mark.timeout(120)
async def test_from_the_post_to_the_queued_mail_within_a_minute(tmp_path: Path) -> None:
    """The whole way with the machine's clock and a real feed; the watch's own tick stays at its usual 30 s."""
    async with serving() as site:
        site.pages["/robots.txt"] = "User-agent: *\nAllow: /\n"
        site.pages["/feed"] = rss(item(0, "Acme is fine"))
        more = "[net]\nallow_private = true\nhost_delay_s = 0\n[service]\ngather_every_s = 0.2\nsend_every_s = 0.2\n"
        folder = write_home(tmp_path, more)
        source = f'[[source]]\nname = "town"\nkind = "feed"\nurl = "{site.url}/feed"\nevery = [1, 1]\n'
        (folder / "sources.toml").write_text(source, encoding="utf-8")
        with open_house(folder) as house:

            def told() -> list[dict[str, Any]]:
                if len(house.store.judged("acme")) == 1:
                    written = format_datetime(datetime.now(UTC))
                    site.pages["/feed"] = rss(*(item(n, text, written) for n, text in enumerate(LEAK, 1)))
                return house.store.rows("SELECT queued FROM outbox WHERE key LIKE 'alert:%'")

            await run_until(house, told)
            (mail,) = told()
            (row,) = house.store.rows("SELECT max(first_seen) AS last FROM posts")
            waited = datetime.fromisoformat(mail["queued"]) - datetime.fromisoformat(row["last"])
            assert waited <= timedelta(seconds=60)
            times = house.config.main.service
            assert times.watch_every_s <= 30, "what a gathering of many sources brings early waits no longer than this"


async def test_a_fresh_store_mails_no_row_of_empty_days(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        assert house.due_digests() == (), "nothing was ever heard"
        heard(house, NOW - timedelta(hours=2), NOW)
        assert house.due_digests() == (), "no whole day was heard"


async def test_one_failing_round_does_not_end_the_service(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        service = Service(house)

        async def broken() -> None:
            raise RuntimeError("a bug")

        await service._guarded("watch", broken)()


def test_sigterm_ends_the_real_process(tmp_path: Path) -> None:
    write_home(tmp_path)
    command = [sys.executable, "-c", "from listener.cli import main; main()", "run", "--config", "config"]
    child = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ})
    assert child.stderr is not None
    try:
        for line in child.stderr:
            if "service_started" in line:
                break
        began = time.monotonic()
        child.send_signal(signal.SIGTERM)
        rest = child.stderr.read()
        assert child.wait(15) == 0
        assert time.monotonic() - began < 10
        assert "service_stopped" in rest
    finally:
        child.kill()
        child.wait()
        child.stderr.close()
