"""`listener status`: what needs a person is told, and nothing else; each rule, then the whole as it is typed."""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from listener.cli import main
from listener.house import House
from listener.records import Alert, Message, SourceHealth
from listener.report.standing import Stands
from listener.report.status import look
from listener.service import Service
from listener.store.gathered import Visit
from listener.store.protocol import StoredDigest
from tests.helpers_house import NOW, SOURCE, heard, house_in, write_home

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def stands(house: House, now: datetime = NOW, alive: bool | None = None, free: int = 10**10) -> Stands:
    return look(house.store, house.config, now, alive=alive, patience=HOUR, free_bytes=free)


def about(found: Stands) -> list[str]:
    return [need.about for need in found.needs]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house that is well: heard all day, watched, kept, all digests made, and a service that just gave a sign."""
    with house_in(tmp_path, NOW) as (house, _):
        well(house)
        yield house


def well(house: House) -> None:
    heard(house, NOW - timedelta(days=1), NOW)
    for name in ("gather", "watch", "send", "housekeeping"):
        house.store.note_round(name, house.owner, NOW - MINUTE, NOW)
    for brand, day, late in house.due_digests():
        house.store.save_digest(StoredDigest(brand.id, day, "en", NOW, late, "s", "As ever.", "", "", "{}", ()))
    house.store.beat(house.owner, NOW)
    house.store.write("UPDATE meta SET value = '2026-03-01T00:00:00Z' WHERE name = 'created'")


def test_a_house_that_is_well_needs_nobody(house: House) -> None:
    found = stands(house)
    assert found.needs == ()
    assert found.service_state == "running"
    assert (found.due, found.visiting) == (0, 0)
    assert [(one.source, one.hours, one.state) for one in found.sources] == [("town", 24, "heard")]
    assert {one.brand for one in found.digests} == {"acme", "bolt"}
    assert all(one.at > NOW and not one.overdue for one in found.coming)


@pytest.mark.parametrize(
    ("beat", "alive", "stopped", "state"),
    [
        (MINUTE, True, False, "running"),
        (MINUTE, None, False, "running"),
        (MINUTE, False, False, "gone"),
        (4 * MINUTE, True, False, "silent"),
        (4 * MINUTE, None, False, "gone"),
        (4 * MINUTE, False, True, "stopped"),
    ],
)
def test_a_service_lives_while_it_says_so(
    tmp_path: Path, beat: timedelta, alive: bool | None, stopped: bool, state: str
) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        well(house)
        house.store.write("DELETE FROM services")
        house.store.beat("box:7:aa", NOW - beat)
        house.store.note_round("gather", "box:7:aa", NOW - beat, NOW - beat)
        if stopped:
            house.store.stop_service("box:7:aa", NOW - beat)
        found = stands(house, alive=alive)
        assert found.service_state == state
        assert ("service" in about(found)) == (state in ("gone", "silent"))


def test_after_cron_took_over_a_killed_service_is_no_news(house: House) -> None:
    house.store.write("DELETE FROM services")
    house.store.beat("box:7:aa", NOW - 5 * HOUR)
    assert "service" not in about(stands(house, alive=False)), "somebody else has gathered since"
    house.store.note_round("gather", "box:7:aa", NOW - 6 * HOUR, NOW - 6 * HOUR)
    assert "service" in about(stands(house, alive=False))


def test_the_service_that_counts_is_the_one_of_today(house: House) -> None:
    house.store.beat("box:1:aa", NOW - timedelta(days=9))  # killed then
    house.store.beat("box:2:bb", NOW - timedelta(hours=1))
    house.store.stop_service("box:2:bb", NOW - timedelta(hours=1))
    assert stands(house).service_state == "running"
    house.store.stop_service(house.owner, NOW - timedelta(days=1))
    house.store.write("UPDATE services SET beat = stopped WHERE stopped IS NOT NULL")
    found = stands(house)
    assert (found.service_state, found.service and found.service.owner) == ("stopped", "box:2:bb")
    house.store.beat("box:3:cc", NOW - MINUTE)
    house.store.stop_service("box:2:bb", NOW)
    assert stands(house).service_state == "running", "one of two was stopped"


def test_what_is_due_waits_for_patience_only(house: House) -> None:
    due = stands(house).sources[0].next
    assert due is not None
    house.store.stop_service(house.owner, NOW)
    assert about(stands(house, due + HOUR)) == []
    found = stands(house, due + HOUR + MINUTE)
    assert about(found) == ["service"]
    assert "1 of 1 sources are due" in found.needs[0].what
    assert found.due == 1


def test_an_alert_wants_a_person_until_somebody_takes_it_up(house: House) -> None:
    alert = Alert(
        "3f2a91c0aa", "acme", "topic:data-misuse", "data-misuse", "high", "open", NOW - HOUR, NOW - HOUR, NOW, 6.0, 4,
        0.1, 3.0, ("town",), (), (),
    )  # fmt: skip
    house.store.save_alert(alert, "opened", NOW - HOUR)
    found = stands(house)
    assert about(found) == ["alert"]
    assert "acme: data-misuse, high, 4 voices, open for 1 h" in found.needs[0].what
    assert "listener ack 3f2a91c0" in found.needs[0].mend
    house.acknowledge("3f2a91c0", "Ann")
    assert about(stands(house)) == []
    assert stands(house).alerts[0].acknowledged_by == "Ann"


@pytest.mark.parametrize(
    ("state", "days", "told"),
    [("late", 0.5, False), ("late", 2, True), ("robots", 0.5, False), ("robots", 2, True), ("config", 0.01, True)],
)
def test_a_source_that_fails_for_a_day_wants_a_person(house: House, state: Any, days: float, told: bool) -> None:
    at = NOW + timedelta(days=days)
    house.store.claim_sources(at, house.owner, 1, HOUR, 9, [SOURCE.name])
    house.store.finish_visits([Visit(SourceHealth("town", at, state, "so it is"), {}, at + HOUR, 3600.0)], house.owner)
    wants = [need.what for need in stands(house, at).needs if need.about == "source"]
    assert bool(wants) == told
    assert all("so it is" in what for what in wants)


def test_mail_that_waits_or_was_given_up_wants_a_person(house: House) -> None:
    message = Message("digest:acme:2026-03-09:ann", "ann@brand.example", "s", "t", "<p>t</p>")
    house.store.queue(message, "<a@x>", b"body", "digest:acme:2026-03-09", (), NOW - 2 * HOUR)
    found = stands(house)
    assert about(found) == ["outbox"]
    assert "1 messages wait, the first for 2 h" in found.needs[0].what
    house.store.claim_messages(NOW, house.owner, 1, HOUR)
    house.store.mark_failed(message.key, house.owner, NOW, "550 no such user", None)
    found = stands(house)
    assert about(found) == ["outbox"]
    assert "550 no such user" in found.needs[0].what
    assert found.outbox.troubled[0].cause == "digest:acme:2026-03-09"
    assert "outbox" not in about(stands(house, NOW + timedelta(days=8))), "what was given up a week ago is known by now"


def test_a_digest_that_was_not_made_wants_a_person(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        heard(house, NOW - timedelta(days=3), NOW)
        wants = [need for need in stands(house).needs if need.about == "digest"]
        assert len(wants) == 2
        assert "acme: the digest of 2026-03-07, 2026-03-08, 2026-03-09 is due" in wants[0].what


def test_a_round_that_fails_is_told_after_patience(house: House) -> None:
    house.store.note_round("watch", house.owner, NOW, NOW + HOUR, "the sky fell")
    assert not any("the sky fell" in need.what for need in stands(house, NOW + HOUR).needs)
    house.store.note_round("watch", house.owner, NOW, NOW + 2 * HOUR, "the sky fell")
    told = [need.what for need in stands(house, NOW + 2 * HOUR).needs]
    assert any("the watch fails: the sky fell; it last went well 2 h ago" in what for what in told)
    house.store.note_round("watch", house.owner, NOW, NOW + 2 * HOUR)
    assert not any("the sky fell" in need.what for need in stands(house, NOW + 2 * HOUR).needs)


def test_gathering_without_watching_retention_and_room(house: House) -> None:
    house.store.write("DELETE FROM rounds WHERE round = 'watch'")
    assert any("nobody watches" in need.what for need in stands(house).needs)
    house.store.write("UPDATE meta SET value = '2026-03-10T11:30:00Z' WHERE name = 'created'")
    assert not any("nobody watches" in need.what for need in stands(house).needs), "a new store is given its time"
    assert about(stands(house, free=1000))[-1] == "disk"
    late = stands(house, NOW + timedelta(days=4))
    assert any("nightly upkeep" in need.what for need in late.needs)


def test_rounds_are_booked_whoever_does_them(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW) as (house, clock):
        asyncio.run(house.gather([SOURCE.name]))
        assert house.store.rounds() == {}, "a visit by name is no round"
        asyncio.run(house.gather())
        house.watch()
        clock.advance(MINUTE)
        house.housekeep()
        asyncio.run(house.send())
        rounds = house.store.rounds()
        assert {name: one.trouble for name, one in rounds.items()} == dict.fromkeys(
            ("gather", "watch", "housekeeping", "send"), ""
        )
        assert rounds["housekeeping"].well == NOW + MINUTE
        broken = replace(house, config=house.config.model_copy(update={"brands": None}))
        with pytest.raises(TypeError):
            broken.watch()
        assert "not iterable" in house.store.rounds()["watch"].trouble
        assert house.store.rounds()["watch"].well == NOW


async def test_the_service_says_that_it_lives_and_that_it_stopped(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        service = Service(house)
        task = asyncio.create_task(service.run())
        while not house.store.services():
            await asyncio.sleep(0.01)
        assert house.store.services()[0].stopped is None
        service.stop.set()
        await asyncio.wait_for(task, 10)
        (run,) = house.store.services()
        assert (run.owner, run.stopped) == (house.owner, NOW)
        house.store.housekeep(NOW + timedelta(days=40))
        assert house.store.services() == []


@contextmanager
def typed(home: Path, monkeypatch: pytest.MonkeyPatch, at: datetime) -> Iterator[Any]:
    """A command as it is typed in `home` at that moment."""
    monkeypatch.chdir(home)
    monkeypatch.setattr("listener.clock.SystemClock.now", lambda self: at)
    yield lambda *arguments: CliRunner().invoke(main, list(arguments))


def test_the_command_tells_it_and_its_exit_code_is_for_monitoring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        well(house)
    before = (tmp_path / "listener.db").read_bytes()
    with typed(tmp_path, monkeypatch, NOW + MINUTE) as type_:
        done = type_("status")
        assert done.exit_code == 0, done.output
        assert "All is well." in done.output
        assert f"a service runs on {socket.gethostname()} (process {os.getpid()})" in done.output
        assert json.loads(type_("status", "--json").stdout)["well"] is True
    with typed(tmp_path, monkeypatch, NOW + 5 * HOUR) as type_:
        done = type_("status")
        assert done.exit_code == 1
        assert "needs a person" in done.output or "need a person" in done.output
        told = json.loads(type_("status", "--json").stdout)
        assert (told["well"], told["service_state"]) == (False, "silent")
        assert {need["about"] for need in told["needs"]} == {"service"}
        assert type_("status", "--patience", "0").exit_code == 2
    assert (tmp_path / "listener.db").read_bytes() == before, "it only reads"


def test_without_a_store_or_with_an_older_one_the_mend_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_home(tmp_path)
    with typed(tmp_path, monkeypatch, datetime.now(UTC)) as type_:
        done = type_("status")
        assert (done.exit_code, "`listener gather` makes it" in done.output) == (1, True)
        assert not (tmp_path / "listener.db").exists()
        with house_in(tmp_path) as (house, _):
            house.store.write("UPDATE meta SET value = '1' WHERE name = 'schema_version'")
        done = type_("status")
        assert (done.exit_code, "older Listener" in done.output) == (1, True)
