"""The day's page while its digest is being made: nobody waits, and nothing old is shown for long."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from listener.explore import days
from listener.explore.serve import Opened
from tests.helpers_explore import AGO, REPLY, site_in, visitor
from tests.helpers_house import NOW, post

DAY = f"/today/acme/{(NOW - AGO).date()}"
LATER = post(90, "Acme is terrible today, the app loses my orders", NOW - AGO, author="zoe")


class Held:
    """Digests are made once `go` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.made = 0
        collect = days.collect

        def wait(*given: object, **more: object) -> object:
            self.go.wait(30)
            self.made += 1
            return collect(*given, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(days, "collect", wait)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


@pytest.fixture
def opened(tmp_path: Path, held: Held) -> Iterator[Opened]:
    with site_in(tmp_path, patience_s=0.05) as opened:
        yield opened
        held.go.set()


async def ready(client: object, path: str) -> str:
    """The page as soon as it does not ask to come back."""
    for _ in range(600):
        answer = await client.get(path)  # type: ignore[attr-defined]
        if "refresh" not in answer.headers:
            return str(answer.text)
    raise AssertionError("it was never ready")


async def test_a_reader_is_told_and_comes_back(opened: Opened, held: Held) -> None:
    async with visitor(opened) as client:
        for _ in range(3):
            answer = await client.get(DAY)
            assert (answer.status_code, answer.headers["refresh"]) == (200, "1")
            assert 'role="status"' in answer.text
        assert (await client.get(f"{DAY}/balance.png")).status_code == 400
        held.go.set()
        assert 'class="verdict' in await ready(client, DAY)
        assert (await client.get(f"{DAY}/balance.png")).headers["content-type"] == "image/png"
        assert (await client.get("/today/acme")).status_code == 200
    assert held.made <= 2, "one digest was made for all who asked"


async def test_what_changed_is_made_anew_and_shown_when_it_is_there(opened: Opened, held: Held) -> None:
    async with visitor(opened) as client:
        held.go.set()
        before = await ready(client, DAY)
        assert LATER.text not in before
        await ready(client, DAY)
        assert held.made == 1, "nothing has changed"
        await opened.site.desk(lambda house: house.intake.take([LATER]))
        opened.site.clock.set(NOW + timedelta(minutes=1))  # type: ignore[attr-defined]
        held.go.clear()
        while_making = await client.get(DAY)
        assert "refresh" not in while_making.headers, "the last one is shown once more"
        assert while_making.text.count("never answered") == before.count("never answered")
        held.go.set()
        for _ in range(600):
            if (await client.get(DAY)).text != while_making.text:
                break
        assert held.made == 2
        assert LATER.key[:16] in (await client.get("/mentions")).text


async def test_what_was_forgotten_is_not_shown_from_what_was_kept(opened: Opened, held: Held) -> None:
    async with visitor(opened) as client:
        held.go.set()
        assert "never answered me" in await ready(client, DAY)
        await opened.site.desk(lambda house: house.store.forget_post(REPLY.url, NOW))
        held.go.clear()
        opened.site.clock.set(NOW + days.LONGEST)  # type: ignore[attr-defined]
        answer = await client.get(DAY)
        assert "never answered me" not in answer.text
        assert answer.headers["refresh"] == "1"
        held.go.set()
        assert "never answered me" not in await ready(client, DAY)
