"""Channels: told once, each on its own, without a word of their addresses to anybody."""

import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from listener.clock import ManualClock
from listener.config import Channel
from listener.deliver import channels
from listener.deliver.chat import TEXT_LIMIT, cut, urgency
from listener.deliver.outbox import LEASE, PAUSE, SendReport, Transport, Unavailable, send_due
from listener.deliver.webhook import secret_bytes, sign
from listener.errors import DeliveryError, Undeliverable
from listener.notes import Note, iso, read_note
from tests.helpers_deliver import NOON, MemoryOutbox
from tests.helpers_room import SECRETS, SIGNING, Room, room

CHAT = Channel(id="crisis-room", url_env="ROOM_URL", allow_private=True)
HOOK = Channel(id="ticketing", kind="webhook", url_env="HOOK_URL", secret_env="HOOK_SECRET", allow_private=True)
NOTE = Note("alert", "🔴 Acme: {{ safety }}", "HIGH · 12 voices\nLook: https://forum.example/p/1", "", "en", iso(NOON))


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Room]:
    async with room() as one:
        yield one


def environ(there: Room) -> dict[str, str]:
    return {"ROOM_URL": there.chat, "HOOK_URL": there.hook, "HOOK_SECRET": SIGNING}


def queued(channel: Channel, *keys: str, note: Note = NOTE) -> MemoryOutbox:
    outbox = MemoryOutbox()
    for key in keys or ("alert:acme:1",):
        assert channels.queue_note(
            outbox.as_store(), note, key, channel.id, "listener@brand.example", "alert:1", (), NOON
        )
    return outbox


async def round_of(outbox: MemoryOutbox, channel: Channel, way: Transport, clock: ManualClock) -> SendReport:
    return await send_due(outbox.as_store(), way, clock, "one", max_attempts=3, way=channels.recipient(channel.id))


def way_of(channel: Channel, there: Room, clock: ManualClock, **more: str) -> Transport:
    return channels.transport(channel, environ(there) | more, clock)


async def test_a_chat_is_told_title_and_text_once(there: Room) -> None:
    outbox, clock = queued(CHAT), ManualClock(NOON)
    way = way_of(CHAT, there, clock)
    assert await round_of(outbox, CHAT, way, clock) == SendReport(sent=1)
    assert await round_of(outbox, CHAT, way, clock) == SendReport()
    (document,) = there.documents()
    assert (document["title"], document["message"]) == (NOTE.title, NOTE.text)
    assert outbox.states() == {"alert:acme:1": "sent"}


async def test_a_mattermost_address_is_spoken_to_in_its_own_form(there: Room) -> None:
    clock = ManualClock(NOON)
    way = way_of(CHAT, there, clock, ROOM_URL=f"mmost://{there.host}/3ccdd113474722377935511fc85d3dd4")
    assert await round_of(queued(CHAT), CHAT, way, clock) == SendReport(sent=1)
    assert there.came[0][0] == "/hooks/3ccdd113474722377935511fc85d3dd4"
    assert "HIGH · 12 voices" in there.documents()[0]["text"]


async def test_a_webhook_is_sent_the_note_as_it_was_queued_and_signed(there: Room) -> None:
    outbox, clock = queued(HOOK), ManualClock(NOON)
    assert await round_of(outbox, HOOK, way_of(HOOK, there, clock), clock) == SendReport(sent=1)
    ((_, headers, body),) = there.came
    assert body == outbox.table["alert:acme:1"].outgoing.body
    document = read_note(body)
    assert (document["version"], document["kind"], document["id"]) == (1, "alert", headers["webhook-id"])
    at = int(headers["webhook-timestamp"])
    assert at == int(NOON.timestamp())
    assert headers["webhook-signature"] == sign(secret_bytes(SIGNING), headers["webhook-id"], at, body)
    assert headers["content-type"].startswith("application/json")


async def test_a_sender_that_died_after_the_post_sends_the_same_note_again_under_its_id(there: Room) -> None:
    outbox, clock = queued(HOOK), ManualClock(NOON)
    (claimed,) = outbox.claim_messages(NOON, "the dead one", 1, LEASE, channels.recipient(HOOK.id))
    dead = way_of(HOOK, there, clock)
    await dead.send(claimed)  # accepted, and never marked
    await dead.close()
    assert await round_of(outbox, HOOK, way_of(HOOK, there, clock), clock) == SendReport(), "its claim still holds"
    clock.advance(LEASE)
    assert await round_of(outbox, HOOK, way_of(HOOK, there, clock), clock) == SendReport(sent=1)
    first, second = there.came
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])
    assert int(second[1]["webhook-timestamp"]) > int(first[1]["webhook-timestamp"])


@pytest.mark.parametrize("channel", [CHAT, HOOK], ids=["chat", "webhook"])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Undeliverable),
        (413, Undeliverable),
        (401, Unavailable),
        (404, Unavailable),
        (410, Unavailable),
        (302, Unavailable),
        (429, DeliveryError),
        (500, DeliveryError),
        (503, DeliveryError),
    ],
)
async def test_what_an_answer_means(there: Room, channel: Channel, status: int, error: type[Exception]) -> None:
    there.status = status
    way = way_of(channel, there, ManualClock(NOON))
    (outgoing,) = queued(channel).claim_messages(NOON, "one", 1, LEASE, channels.recipient(channel.id))
    with pytest.raises(error) as caught:
        await way.send(outgoing)
    await way.close()
    assert type(caught.value) is error
    assert str(status) in str(caught.value)
    assert channel.id in str(caught.value)
    assert len(there.came) == 1, "asked once, and a redirect is not followed"


@pytest.mark.parametrize("channel", [CHAT, HOOK], ids=["chat", "webhook"])
async def test_a_closed_channel_waits_uncounted_and_is_told_later(there: Room, channel: Channel) -> None:
    outbox, clock = queued(channel, "a", "b"), ManualClock(NOON)
    there.status = 404
    report = await round_of(outbox, channel, way_of(channel, there, clock), clock)
    assert (report.sent, report.waiting, len(there.came)) == (0, 2, 1)
    assert report.trouble.startswith(f"channel {channel.id} answered 404")
    there.status = 200
    assert await round_of(outbox, channel, way_of(channel, there, clock), clock) == SendReport()
    clock.advance(PAUSE)
    assert await round_of(outbox, channel, way_of(channel, there, clock), clock) == SendReport(sent=2)
    assert {row.outgoing.attempts for row in outbox.table.values()} == {1}


async def test_a_service_that_fails_is_tried_again_later_each_time_and_then_given_up(there: Room) -> None:
    outbox, clock = queued(CHAT), ManualClock(NOON)
    there.status = 500
    for waiting in (1, 1, 0):
        report = await round_of(outbox, CHAT, way_of(CHAT, there, clock), clock)
        assert (report.waiting, report.failed) == (waiting, 1 - waiting)
        clock.advance(timedelta(minutes=20))
    assert outbox.states() == {"alert:acme:1": "failed"}


@pytest.mark.parametrize("more", ["?retry=3&wait=0", "?redirect=yes", "?overflow=split"])
async def test_what_an_address_asks_for_makes_no_second_post(there: Room, more: str) -> None:
    there.status = 302 if "redirect" in more else 500
    clock = ManualClock(NOON)
    note = Note("alert", "t", "word " * 20_000, "", "en", iso(NOON))
    way = way_of(CHAT, there, clock, ROOM_URL=there.chat + more)
    await round_of(queued(CHAT, note=note), CHAT, way, clock)
    assert len(there.came) == 1
    assert len(there.documents()[0]["message"]) <= TEXT_LIMIT


async def test_an_address_of_two_places_is_refused() -> None:
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sesame/#general"
    (finding,) = channels.check(CHAT, {"ROOM_URL": url})
    assert "2 places" in finding
    assert "sesame" not in finding


@pytest.mark.parametrize("channel", [CHAT, HOOK], ids=["chat", "webhook"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]"])
async def test_a_private_address_is_refused_unless_the_config_allows_it(
    there: Room, channel: Channel, host: str
) -> None:
    guarded = channel.model_copy(update={"allow_private": False})
    for_both = {"ROOM_URL": f"json://{host}:{there.port}/x", "HOOK_URL": f"http://{host}:{there.port}/x"}
    clock = ManualClock(NOON)
    report = await round_of(queued(channel), channel, way_of(guarded, there, clock, **for_both), clock)
    assert (report.sent, report.waiting) == (0, 1)
    assert "allow_private" in report.trouble
    assert there.came == []


@pytest.mark.parametrize("channel", [CHAT, HOOK], ids=["chat", "webhook"])
async def test_a_note_that_is_two_days_old_is_not_told_any_more(there: Room, channel: Channel) -> None:
    outbox, clock = queued(channel), ManualClock(NOON)
    clock.advance(channels.STALE + timedelta(seconds=1))
    assert await round_of(outbox, channel, way_of(channel, there, clock), clock) == SendReport(failed=1)
    assert there.came == []


@pytest.mark.parametrize("channel", [CHAT, HOOK], ids=["chat", "webhook"])
@pytest.mark.parametrize("status", [200, 302, 400, 404, 500, 0])
async def test_no_secret_is_told_to_anybody(
    there: Room, channel: Channel, status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    there.status = status or 200
    outbox, clock = queued(channel), ManualClock(NOON)
    asleep = {"ROOM_URL": "json://127.0.0.1:9/sesame", "HOOK_URL": "http://127.0.0.1:9/sesame"} if not status else {}
    report = await round_of(outbox, channel, way_of(channel, there, clock, **asleep), clock)
    written = capfd.readouterr()
    everything = f"{report}{outbox.table}{caplog.text}{written.out}{written.err}"
    assert [secret for secret in SECRETS if secret in everything] == []
    assert report.sent == int(status == 200)


@pytest.mark.parametrize(
    ("channel", "settings", "told"),
    [
        (CHAT, {}, "ROOM_URL is not set"),
        (CHAT, {"ROOM_URL": "sesame://open"}, "apprise knows no service"),
        (CHAT, {"ROOM_URL": "https://sesame.example/hook"}, 'kind = "webhook"'),
        (CHAT, {"ROOM_URL": "slack://sesame"}, "apprise knows no service"),
        (CHAT, {"ROOM_URL": "tgram://sesame/x"}, "apprise knows no service"),
        (HOOK, {"HOOK_SECRET": SIGNING}, "HOOK_URL is not set"),
        (HOOK, {"HOOK_URL": "https://x.example/sesame"}, "HOOK_SECRET is not set"),
        (HOOK, {"HOOK_URL": "https://x.example/sesame", "HOOK_SECRET": "sesame"}, "whsec_"),
        (HOOK, {"HOOK_URL": "https://x.example/sesame", "HOOK_SECRET": "whsec_sesame"}, "24 to 64 bytes"),
        (HOOK, {"HOOK_URL": "ftp://x.example/sesame", "HOOK_SECRET": SIGNING}, "https://"),
        (HOOK, {"HOOK_URL": "http://[sesame", "HOOK_SECRET": SIGNING}, "no address"),
    ],
)
async def test_a_setting_that_is_wrong_is_told_without_its_value(
    channel: Channel, settings: dict[str, str], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (finding,) = channels.check(channel, settings)
    assert told in finding
    outbox, clock = queued(channel), ManualClock(NOON)
    report = await round_of(outbox, channel, channels.transport(channel, settings, clock), clock)
    assert report.trouble == finding, "and what waits for it waits"
    assert "sesame" not in finding + "".join(capfd.readouterr())


async def test_a_test_line_can_be_sent(there: Room) -> None:
    clock = ManualClock(NOON)
    assert await channels.send_test(CHAT, environ(there), clock) == ""
    assert await channels.send_test(HOOK, environ(there), clock) == ""
    assert "test" in there.documents()[0]["message"]
    assert there.documents()[1]["kind"] == "test"
    there.status = 404
    assert "404" in await channels.send_test(HOOK, environ(there), clock)


@given(st.text(alphabet="ab\n 中", max_size=300), st.integers(2, 50))
def test_a_text_is_cut_between_lines(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= max(limit, 2) + 1
    if len(text) <= limit:
        assert short == text
    elif "\n" in short:
        assert text.startswith(short.removesuffix("\n…"))


async def test_a_name_that_leads_to_a_private_address_is_refused(there: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def inside(host: str, port: Any, *more: Any, **named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    guarded = CHAT.model_copy(update={"allow_private": False})
    clock = ManualClock(NOON)
    way = way_of(guarded, there, clock, ROOM_URL="jsons://chat.brand.example/x")
    assert "allow_private" in (await round_of(queued(CHAT), CHAT, way, clock)).trouble


def test_the_chat_library_is_loaded_by_its_first_use_only() -> None:
    code = "import sys, listener.house, listener.service; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("alert", "kind"),
    [
        (None, "info"),
        ({"event": "opened", "severity": "high"}, "failure"),
        ({"event": "escalated", "severity": "medium"}, "warning"),
        ({"event": "opened", "severity": "low"}, "info"),
        ({"event": "closed", "severity": "high"}, "success"),
    ],
)
def test_a_service_with_severities_is_told_ours(alert: dict[str, str] | None, kind: str) -> None:
    assert urgency({"alert": alert}) == kind
