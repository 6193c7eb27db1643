"""Channels in the house: queued with their cause, apart from mail; readers who left; bodies that are past keeping."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from listener.checks import check
from listener.cli import main
from listener.clock import ManualClock
from listener.deliver.channels import queue_note
from listener.deliver.outbox import SendReport, queue
from listener.errors import ConfigError
from listener.house import House
from listener.notes import Note, iso
from listener.report import alerting
from tests.helpers_deliver import message
from tests.helpers_house import BRANDS, NOW, PEOPLE, heard, house_in, post, write_home
from tests.helpers_room import SECRETS, SIGNING, Room, room
from tests.test_service import run_until
from tests.test_watch_mail import ALERT

CHANNELS = """
[[channel]]
id = "crisis-room"
url_env = "T_ROOM"
allow_private = true

[[channel]]
id = "dead"
url_env = "T_DEAD"
language = "zh-Hant"
allow_private = true

[[channel]]
id = "unset"
url_env = "T_UNSET"

[[channel]]
id = "ticketing"
kind = "webhook"
url_env = "T_HOOK"
secret_env = "T_SECRET"
allow_private = true
"""
ALL = '["crisis-room", "dead", "unset", "ticketing"]'


@pytest_asyncio.fixture
async def there(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    async with room() as one:
        monkeypatch.setenv("T_ROOM", one.chat)
        monkeypatch.setenv("T_DEAD", "json://127.0.0.1:9/sesame")
        monkeypatch.setenv("T_HOOK", one.hook)
        monkeypatch.setenv("T_SECRET", SIGNING)
        yield one


def with_channels(home: Path, people: str = PEOPLE, alerts_in: str = ALL) -> Path:
    folder = home / "config" if (home / "config").exists() else write_home(home)
    (folder / "people.toml").write_text(people + CHANNELS, encoding="utf-8")
    told = f'alerts_to = ["ann"]\nalerts_in = {alerts_in}\ndigest_in = ["crisis-room", "ticketing"]'
    (folder / "brands.toml").write_text(BRANDS.replace('alerts_to = ["ann"]', told), encoding="utf-8")
    return folder


@contextmanager
def rooms_in(home: Path) -> Iterator[tuple[House, ManualClock]]:
    with_channels(home)
    with house_in(home, NOW) as (house, clock):
        yield house, clock


def raised(house: House) -> None:
    alert = replace(ALERT, opened=NOW, began=NOW - timedelta(hours=2), last_activity=NOW, evidence=())
    with house.store.transaction():
        house.store.save_alert(alert, "opened", NOW)
        alerting.tell(house.store, house.config, alert, NOW)


def states(house: House) -> dict[str, str]:
    rows = house.store.rows("select recipient, state from outbox where cause like 'alert:%'")
    return {row["recipient"]: row["state"] for row in rows}


async def test_an_alert_reaches_every_room_that_lives_and_the_mail_waits_for_none(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, clock):
        raised(house)
        assert set(states(house).values()) == {"queued"}
        assert len(states(house)) == 5
        mail, told = await asyncio.gather(house.send(), house.post())
        assert mail == SendReport(sent=1)
        assert (told.sent, told.waiting) == (2, 2)
        assert "channel dead" in told.trouble
        assert "T_UNSET is not set" in told.trouble
        chat = next(one for one in there.documents() if "message" in one)
        hook = next(one for one in there.documents() if "alert" in one)
        assert chat["title"] == hook["title"] == "🔴 Acme: data misuse"
        assert "Take it up: listener ack 1a2b3c4d-crisis-room-" in chat["message"]
        token = hook["alert"]["acknowledge"]["token"]
        assert alerting.acknowledge(house.store, token, "", NOW).acknowledged_by == "ticketing"

        for minutes in (0, 6):
            clock.advance(timedelta(minutes=minutes))
            alerting.tell_waiting(house.store, house.config, clock.now())
            await house.post()
        assert len(there.came) == 2, "told once"
        waiting = house.store.rows("select attempts from outbox where state = 'queued'")
        assert [row["attempts"] for row in waiting] == [0, 0]


async def test_a_room_that_does_not_answer_holds_up_no_mail(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, _):
        raised(house)
        there.open.clear()
        posting = asyncio.create_task(house.post())
        while len(there.came) < 2:
            await asyncio.sleep(0.01)
        assert await house.send() == SendReport(sent=1)
        assert not posting.done()
        there.open.set()
        assert (await posting).sent == 2


async def test_the_service_tells_rooms_and_mails(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, _):
        raised(house)
        await run_until(house, lambda: [*states(house).values()].count("sent") == 3)
        assert len(there.came) == 2


async def test_a_room_hears_of_the_end_if_it_heard_of_the_alert(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, clock):
        raised(house)
        await house.post()
        there.came.clear()
        clock.advance(timedelta(days=3))
        (alert,) = house.store.alerts("acme")
        closed = replace(alert, state="closed", closed=clock.now())
        house.store.save_alert(closed, "closed", clock.now())
        alerting.tell_waiting(house.store, house.config, clock.now())
        await house.post()
        assert sorted(one.get("type") or one["alert"]["event"] for one in there.documents()) == ["closed", "success"]
        assert all(one["title"].startswith("✅") for one in there.documents())


async def test_a_note_stands_or_falls_with_its_cause(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, _):

        def cut_short() -> None:
            with house.store.transaction():
                raised(house)
                assert len(house.store.told(ALERT.key)) == 5
                raise RuntimeError("the machine went down")

        with pytest.raises(RuntimeError):
            cut_short()
        assert states(house) == {}
        assert house.store.alerts("acme") == []


async def test_a_digest_reaches_its_rooms(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, _):
        heard(house, NOW - timedelta(days=2), NOW)
        yesterday = NOW - timedelta(days=1)
        house.intake.take([post(n, f"Acme sold my data to a broker, case {n}", yesterday) for n in range(12)])
        assert house.digest(house.config.brands[0], yesterday.date())
        assert (await house.post()).sent == 2
        hook = next(one for one in there.documents() if "digest" in one)
        assert hook["digest"]["verdict"] in hook["text"]
        assert hook["digest"]["matters"][0]["url"].startswith("https://town.example/")
        assert hook["digest"]["matters"][0]["title"] in hook["text"]
        assert f"listener digest --brand acme --day {yesterday.date()}" in hook["text"]
        assert len(hook["text"]) < 1500


async def test_no_secret_stands_in_the_store_nor_in_what_commands_print(tmp_path: Path, there: Room) -> None:
    there.status = 404
    with rooms_in(tmp_path) as (house, _):
        raised(house)
        await house.post()
    held = b"".join(path.read_bytes() for path in tmp_path.glob("listener.db*"))
    assert b"answered 404" in held, "the reason is kept"
    assert [one for one in SECRETS if one.encode() in held] == []
    for command in (["send"], ["check"], ["check", "--online"], ["check", "--send-test"], ["alerts", "--json"]):
        result = await asyncio.to_thread(
            CliRunner().invoke, main, [*command, "--config", str(tmp_path / "config")], catch_exceptions=True
        )
        assert [one for one in SECRETS if one in result.output + repr(result.exception)] == [], command


async def test_check_says_what_is_wrong_and_posts_only_when_asked(tmp_path: Path, there: Room) -> None:
    folder = with_channels(tmp_path)
    findings = await asyncio.to_thread(check, folder)
    assert [one for one in findings if "channel" in one] == [
        "error: channel unset: the environment variable T_UNSET is not set"
    ]
    findings = await asyncio.to_thread(check, folder, online=True)
    assert sum("--send-test" in one for one in findings) == 3
    assert there.came == []
    findings = await asyncio.to_thread(check, folder, send_test=True)
    assert "note: channel ticketing: took a test line" in findings
    assert any(one.startswith("error: channel dead: no answer") for one in findings)
    assert len(there.came) == 2


async def test_who_left_the_config_gets_nothing_that_was_queued_before(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, _):
        raised(house)
    two = PEOPLE[PEOPLE.index("[[person]]", 5) :]  # without Ann
    folder = with_channels(tmp_path, people=two, alerts_in='["ticketing"]')
    left = (folder / "brands.toml").read_text("utf-8").replace('["ann", "mei"]', '["mei"]').replace('["ann"]', "[]")
    (folder / "brands.toml").write_text(left, encoding="utf-8")
    people = (folder / "people.toml").read_text("utf-8")
    (folder / "people.toml").write_text(people.replace('id = "crisis-room"', 'id = "new-room"'), encoding="utf-8")
    (folder / "brands.toml").write_text(left.replace('"crisis-room", ', ""), encoding="utf-8")
    with house_in(tmp_path, NOW) as (house, _):
        assert await house.send() == SendReport()
        assert (await house.post()).sent == 1
        assert states(house)["ann@brand.example"] == states(house)["channel:crisis-room"] == "withdrawn"
        (row,) = house.store.rows("select length(body) n, error from outbox where recipient = 'ann@brand.example'")
        assert row["n"] == 0
        assert "people.toml" in row["error"]
        assert len(there.came) == 1
        assert not list((tmp_path / "data" / "outbox").glob("*.eml"))


async def test_a_sent_message_loses_its_body_after_the_days_that_the_config_says(tmp_path: Path) -> None:
    with house_in(tmp_path, NOW, "[mail]\nkeep_days = 30\n") as (house, clock):
        for name in ("ann", "mei"):
            queue(house.store, message(name, f"{name}@brand.example"), house.config.main.mail, "x", ("k",), clock.now())
            await house.send()
            clock.advance(timedelta(days=20))
        queue(house.store, message("late", "ann@brand.example"), house.config.main.mail, "x", (), NOW)
        house.housekeep()

        def bodies() -> dict[str, bool]:
            return {one["key"]: one["n"] > 0 for one in house.store.rows("select key, length(body) n from outbox")}

        assert bodies() == {"ann": False, "mei": True, "late": True}, "what still waits is kept whole"
        assert len(list((tmp_path / "data" / "outbox").glob("*.eml"))) == 1
        assert await house.send() == SendReport(sent=1)
        assert not queue(house.store, message("ann"), house.config.main.mail, "x", (), clock.now()), "the row stays"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('url_env = "T_ROOM"', 'url_env = "slack://sesame/x"', "name of an environment variable"),
        ('secret_env = "T_SECRET"', "", "a webhook is signed"),
        ('url_env = "T_UNSET"', 'url_env = "T_UNSET"\nsecret_env = "X"', 'kind = "webhook"'),
        ('kind = "webhook"', 'kind = "slack"', "kind"),
        ('id = "dead"', 'id = "crisis-room"', "stands here twice"),
        ('id = "dead"', 'id = "death"', "did you mean 'death'"),
    ],
)
def test_a_mistake_in_a_channel_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder = with_channels(tmp_path)
    path = folder / "people.toml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught, house_in(tmp_path):
        pass
    assert told in str(caught.value)
    assert "sesame" not in str(caught.value)


async def test_forgetting_reaches_what_was_told_to_a_room(tmp_path: Path, there: Room) -> None:
    with rooms_in(tmp_path) as (house, _):
        for key, text, evidence in (
            ("a", "Said by Zoltán Quirkley", ()),
            ("b", "Nobody", ("k1",)),
            ("c", "Nobody", ()),
        ):
            note = Note("alert", "t", text, "", "en", iso(NOW))
            queue_note(house.store, note, key, "ticketing", "listener@localhost", "x", evidence, NOW)
        assert (await house.post()).sent == 3
        house.forget("Zoltán Quirkley", unknown=True)
        kept = house.store.rows("select key, length(body) > 0 as whole from outbox")
        assert {row["key"]: bool(row["whole"]) for row in kept} == {"a": False, "b": True, "c": True}
