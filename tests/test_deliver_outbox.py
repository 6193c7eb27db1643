"""The outbox: who is due is sent, who fails waits longer each time, and nobody stops the others."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.clock import ManualClock
from listener.deliver.message import message_id
from listener.deliver.outbox import LEASE, PAUSE, SendReport, Unavailable, queue, retry_after, send_due
from listener.errors import DeliveryError, StoreError, Undeliverable
from listener.store.protocol import Outgoing
from tests.helpers_deliver import MAIL, NOON, MemoryOutbox, message


class Way:
    """A transport that keeps what it is given; `answer` may raise."""

    def __init__(self, answer: Callable[[Outgoing], object] = lambda outgoing: None) -> None:
        self.answer = answer
        self.sent: list[str] = []
        self.tried = 0
        self.closed = 0

    async def send(self, outgoing: Outgoing) -> None:
        self.tried += 1
        self.answer(outgoing)
        self.sent.append(outgoing.recipient)

    async def close(self) -> None:
        self.closed += 1


def filled(*names: str) -> MemoryOutbox:
    outbox = MemoryOutbox()
    for name in names:
        assert queue(outbox.as_store(), message(name, f"{name}@reader.example"), MAIL, "digest:x", ("key",), NOON)
    return outbox


async def round_of(outbox: MemoryOutbox, way: Way, clock: ManualClock, owner: str = "one", **more: Any) -> SendReport:
    return await send_due(outbox.as_store(), way, clock, owner, **({"max_attempts": 4} | more))


def refuse(error: Exception, *names: str) -> Callable[[Outgoing], None]:
    def answer(outgoing: Outgoing) -> None:
        if not names or outgoing.key in names:
            raise error

    return answer


async def test_what_is_queued_is_sent_once() -> None:
    outbox, way, clock = filled("ann", "bob"), Way(), ManualClock(NOON)
    assert await round_of(outbox, way, clock) == SendReport(sent=2)
    assert await round_of(outbox, way, clock) == SendReport()
    assert way.sent == ["ann@reader.example", "bob@reader.example"]
    assert outbox.states() == {"ann": "sent", "bob": "sent"}
    assert way.closed == 2


def test_queueing_a_key_again_changes_nothing() -> None:
    outbox = filled("ann")
    before = dict(outbox.table)
    again = message("ann", "other@reader.example", text="other")
    assert not queue(outbox.as_store(), again, MAIL, "digest:x", (), NOON + timedelta(days=1))
    assert outbox.table == before
    assert before["ann"].outgoing.message_id == message_id("ann", MAIL.sender)


async def test_a_round_sends_no_more_than_its_limit() -> None:
    outbox, way = filled("a", "b", "c"), Way()
    assert await round_of(outbox, way, ManualClock(NOON), limit=2) == SendReport(sent=2)
    assert list(outbox.states().values()) == ["sent", "sent", "queued"]


@pytest.mark.parametrize("error", [DeliveryError("451 later"), RuntimeError("a mistake of ours"), TimeoutError()])
async def test_one_that_fails_stops_nobody_and_comes_again(error: Exception) -> None:
    outbox, way, clock = filled("a", "b", "c"), Way(refuse(error, "b")), ManualClock(NOON)
    assert await round_of(outbox, way, clock) == SendReport(sent=2, waiting=1)
    assert outbox.states() == {"a": "sent", "b": "queued", "c": "sent"}
    assert outbox.table["b"].error
    assert outbox.table["b"].due == NOON + retry_after("b", 1)
    assert await round_of(outbox, way, clock) == SendReport()
    clock.advance(timedelta(minutes=2))
    way.answer = lambda outgoing: None
    assert await round_of(outbox, way, clock) == SendReport(sent=1)


async def test_it_is_given_up_after_so_many_attempts() -> None:
    outbox, way, clock = filled("a"), Way(refuse(DeliveryError("451 later"))), ManualClock(NOON)
    reports = []
    for _ in range(6):
        reports.append(await round_of(outbox, way, clock, max_attempts=4))
        clock.advance(timedelta(hours=7))
    assert reports == [SendReport(waiting=1)] * 3 + [SendReport(failed=1)] + [SendReport()] * 2
    assert outbox.states() == {"a": "failed"}
    assert outbox.table["a"].error == "451 later"


async def test_refused_for_good_is_given_up_at_once() -> None:
    outbox, way = filled("a", "b"), Way(refuse(Undeliverable("550 unknown"), "a"))
    assert await round_of(outbox, way, ManualClock(NOON)) == SendReport(sent=1, failed=1)
    assert outbox.states() == {"a": "failed", "b": "sent"}


async def test_a_closed_way_is_tried_once_told_once_and_costs_no_attempt() -> None:
    outbox, way, clock = filled("a", "b", "c"), Way(refuse(Unavailable("login refused"))), ManualClock(NOON)
    for _ in range(20):  # far more rounds than max_attempts
        assert await round_of(outbox, way, clock) == SendReport(waiting=3, trouble="login refused")
        assert await round_of(outbox, way, clock) == SendReport()
        clock.advance(PAUSE)
    assert way.tried == 20
    assert {row.error for row in outbox.table.values()} == {"login refused"}
    assert {row.outgoing.attempts for row in outbox.table.values()} == {0}
    way.answer = lambda outgoing: None
    assert await round_of(outbox, way, clock) == SendReport(sent=3)


async def test_a_closed_way_is_tried_once_however_much_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.deliver.outbox.AT_ONCE", 1)
    outbox, way = filled("a", "b", "c", "d"), Way(refuse(Unavailable("login refused")))
    assert await round_of(outbox, way, ManualClock(NOON)) == SendReport(waiting=2, trouble="login refused")
    assert way.tried == 1
    assert set(outbox.states().values()) == {"queued"}


async def test_a_dead_senders_claim_is_taken_over_after_the_lease_and_not_before() -> None:
    outbox, way, clock = filled("a"), Way(), ManualClock(NOON)
    assert outbox.claim_messages(NOON, "the dead one", 1, LEASE)
    clock.advance(LEASE - timedelta(seconds=1))
    assert await round_of(outbox, way, clock) == SendReport()
    clock.advance(timedelta(seconds=1))
    assert await round_of(outbox, way, clock) == SendReport(sent=1)


async def test_a_claim_that_ran_out_before_sending_is_not_sent() -> None:
    outbox, way, clock = filled("a"), Way(), ManualClock(NOON)
    claim = outbox.claim_messages

    def slow(now: datetime, owner: str, limit: int, lease: timedelta, way: str = "") -> list[Outgoing]:
        clock.advance(LEASE)
        return claim(now, owner, limit, lease, way)

    outbox.claim_messages = slow  # type: ignore[method-assign]
    assert await round_of(outbox, way, clock, limit=1) == SendReport(waiting=1)
    assert way.tried == 0


async def test_a_message_that_kills_its_senders_is_given_up() -> None:
    outbox, way, clock = filled("a"), Way(), ManualClock(NOON)
    for number in range(4):
        assert outbox.claim_messages(clock.now(), f"dead {number}", 1, LEASE)
        clock.advance(LEASE)
    assert await round_of(outbox, way, clock, max_attempts=4) == SendReport(failed=1)
    assert way.tried == 0


async def test_an_accepted_message_is_marked_even_if_the_store_is_locked_for_a_while() -> None:
    outbox, way, clock = filled("a"), Way(), ManualClock(NOON)
    mark, locked = outbox.mark_sent, [3]

    def mark_sent(key: str, owner: str, now: datetime) -> None:
        if locked[0]:
            locked[0] -= 1
            raise StoreError("locked")
        mark(key, owner, now)

    outbox.mark_sent = mark_sent  # type: ignore[method-assign]
    assert await round_of(outbox, way, clock) == SendReport(sent=1)
    assert outbox.states() == {"a": "sent"}
    locked[0] = 99
    queue(outbox.as_store(), message("b"), MAIL, "digest:x", (), NOON)
    with pytest.raises(StoreError):
        await round_of(outbox, way, clock)


async def test_forgotten_content_is_not_sent_as_an_empty_mail() -> None:
    outbox, way = MemoryOutbox(), Way()
    outbox.queue(message("a"), "<1@b.example>", b"", "digest:x", (), NOON)
    assert await round_of(outbox, way, ManualClock(NOON)) == SendReport(failed=1)
    assert way.tried == 0


async def test_a_cancelled_sender_lets_the_message_on_its_way_through_and_marks_it() -> None:
    class Slow(Way):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.go = asyncio.Event(), asyncio.Event()

        async def send(self, outgoing: Outgoing) -> None:
            self.begun.set()
            await self.go.wait()
            await super().send(outgoing)

    outbox, way = filled("a", "b"), Slow()
    task = asyncio.create_task(round_of(outbox, way, ManualClock(NOON)))
    await way.begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    way.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert outbox.states() == {"a": "sent", "b": "queued"}
    assert way.closed == 1


async def test_two_senders_on_one_loop_share_the_work() -> None:
    outbox, way, clock = filled(*map(str, range(40))), Way(), ManualClock(NOON)
    one, two = await asyncio.gather(*(round_of(outbox, way, clock, owner) for owner in ("one", "two")))
    assert one.sent + two.sent == 40
    assert len(set(way.sent)) == len(way.sent) == 40


@given(st.text(), st.integers(1, 1000))
def test_the_back_off_grows_fourfold_to_six_hours_and_is_the_same_each_time(key: str, attempts: int) -> None:
    wait = retry_after(key, attempts)
    assert wait == retry_after(key, attempts)
    nominal = min(60 * 4 ** (attempts - 1), 6 * 3600)
    assert 0.9 * nominal <= wait.total_seconds() <= 1.1 * nominal


def test_messages_that_failed_together_come_back_apart() -> None:
    assert len({retry_after(str(number), 1) for number in range(100)}) == 100
