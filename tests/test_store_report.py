"""Alerts, matters, digests and the outbox."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from listener.errors import StoreError
from listener.records import Alert, Message
from listener.store.protocol import Matter, StoredDigest
from listener.store.sqlite import SqliteStore, open_store
from tests.helpers_store import NOON, make_store

DAY = NOON.date()
MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=5)

ALERT = Alert(
    key="wagtail:all:1", brand="wagtail", stream="topic:data-misuse", topic="data-misuse", severity="high",
    state="open", opened=NOON, began=NOON - 40 * MINUTE, last_activity=NOON, score=5.5, voices=4, expected=0.3,
    window_h=6.0, sources=("forum", "news"), reasons=("4 voices", "兩處"), evidence=("k1", "k2"),
)  # fmt: skip
MATTER = Matter("wagtail", "outage", NOON, DAY, DAY, 5, 3)
DIGEST = StoredDigest(
    "wagtail", DAY, "zh-Hant", NOON, False, "主旨", "好", "<p>客服</p>", "客服", '{"n":1}', ("k1", "k2")
)


def test_an_alert_lives_in_one_row_and_its_turns_in_others(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.save_alert(ALERT, "opened", NOON)
    changed = replace(ALERT, state="acknowledged", acknowledged_by="mei", acknowledged=NOON + MINUTE, voices=9)
    store.save_alert(changed, "acknowledged", NOON + MINUTE, by="mei", detail="on it")
    assert store.alerts() == store.alerts("wagtail", open_only=True) == [changed]
    assert store.alerts("copperline") == []
    (row,) = store.rows("SELECT minutes_to_alert, life FROM v_alerts")
    assert row == {
        "minutes_to_alert": 40,
        "life": "2026-03-14T12:00:00Z opened\n2026-03-14T12:01:00Z acknowledged by mei: on it",
    }
    closed = replace(changed, state="closed", closed=NOON + LEASE)
    store.save_alert(closed, "closed", NOON + LEASE)
    assert store.alerts(open_only=True) == []
    assert store.alerts() == [closed]
    store.close()


def test_matters_are_remembered_from_their_first_day_to_their_closing(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.save_matter(MATTER)
    store.save_matter(replace(MATTER, voices=2, last_advised=DAY + timedelta(days=1), answered=NOON + MINUTE))
    (found,) = store.matters("wagtail", DAY + timedelta(days=1))
    assert (found.voices, found.answered) == (2, NOON + MINUTE)
    assert store.matters("wagtail", DAY) == store.matters("copperline", DAY + timedelta(days=1)) == []
    closed = replace(found, closed=DAY + timedelta(days=2), outcome="answered")
    store.save_matter(closed)
    store.save_matter(closed)  # the same digest made again
    assert store.matters("wagtail", DAY + timedelta(days=2)) == [closed]
    assert store.matters("wagtail", DAY + timedelta(days=3)) == []
    again = replace(MATTER, first_advised=DAY + timedelta(days=5), last_advised=DAY + timedelta(days=5))
    store.save_matter(again)
    assert store.matters("wagtail", DAY + timedelta(days=6)) == [again]
    assert len(store.rows("SELECT * FROM matters")) == 2
    store.close()


def test_digests_come_back_as_they_were_and_are_replaced_by_day_and_language(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    english = replace(DIGEST, language="en", late=True)
    later = replace(DIGEST, day=DAY + timedelta(days=1))
    for digest in (later, DIGEST, english, replace(DIGEST, html="<p>2</p>")):
        store.save_digest(digest)
    assert store.digest("wagtail", DAY, "zh-Hant") == replace(DIGEST, html="<p>2</p>")
    assert store.digest("wagtail", DAY, "en") == english
    assert store.digest("wagtail", date(2020, 1, 1), "en") is None
    assert store.digest_days("wagtail") == [DAY, DAY + timedelta(days=1)]
    assert store.digest_days("copperline") == []
    store.close()


# the outbox


def put(store: SqliteStore, key: str, minutes: int = 0) -> bool:
    message = Message(key, "mei@example.org", "Subject", "text", "<p>html</p>")
    return store.queue(
        message, f"<{key}@example.org>", b"body " + key.encode(), "cause", ["k1"], NOON + minutes * MINUTE
    )


def claimed(store: SqliteStore, minutes: int, owner: str = "me", limit: int = 9) -> list[tuple[str, int]]:
    return [(one.key, one.attempts) for one in store.claim_messages(NOON + minutes * MINUTE, owner, limit, LEASE)]


def test_a_message_is_queued_once(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    assert put(store, "a")
    assert not put(store, "a", 5)
    (out,) = store.claim_messages(NOON, "me", 9, LEASE)
    assert (out.key, out.recipient, out.message_id, out.body) == ("a", "mei@example.org", "<a@example.org>", b"body a")
    other = Message("b", "mei@example.org", "Subject", "", "")
    with pytest.raises(StoreError, match="message_id"):
        store.queue(other, "<a@example.org>", b"", "cause", [], NOON)
    store.close()


def test_messages_are_claimed_in_order_once_and_again_when_their_sender_died(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    for key, minutes in (("late", 2), ("first", 0), ("second", 1)):
        put(store, key, minutes)
    assert claimed(store, 1, limit=1) == [("first", 1)]
    assert claimed(store, 1) == [("second", 1)]
    assert claimed(store, 4, "other") == [("late", 1)]
    assert claimed(store, 5, "other") == []
    assert claimed(store, 6, "other") == [("first", 2), ("second", 2)]
    store.mark_sent("first", "me", NOON + 6 * MINUTE)  # it was sent after all, by whom the lease had run out for
    store.mark_failed("first", "other", NOON + 6 * MINUTE, "late", NOON)
    store.mark_failed("second", "me", NOON, "not mine any more", None)
    assert store.rows("SELECT key, state, error FROM outbox ORDER BY key") == [
        {"key": "first", "state": "sent", "error": ""},
        {"key": "late", "state": "claimed", "error": ""},
        {"key": "second", "state": "claimed", "error": ""},
    ]
    store.close()


def test_what_failed_waits_or_is_given_up(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    put(store, "a")
    put(store, "b")
    claimed(store, 0)
    store.mark_failed("a", "me", NOON, "451 later", NOON + 3 * MINUTE)
    store.mark_failed("b", "me", NOON, "550 never", None)
    assert claimed(store, 2) == []
    assert claimed(store, 3) == [("a", 2)]
    assert store.rows("SELECT state, error FROM outbox WHERE key = 'b'") == [{"state": "failed", "error": "550 never"}]
    store.close()


def test_postponing_gives_back_uncounted_what_one_holds(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    put(store, "a")
    put(store, "b")
    claimed(store, 0, "me", 1)
    claimed(store, 0, "other", 1)
    store.postpone_messages(["a", "b"], "me", NOON + 2 * MINUTE, "server away")
    assert claimed(store, 1) == []
    assert claimed(store, 2) == [("a", 1)]
    store.close()


def test_two_stores_never_claim_the_same_message(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    other = open_store(tmp_path / "listener.db")
    for number in range(20):
        put(store, str(number))
    found: list[str] = []
    while True:
        batch = [key for who in (store, other) for key, _ in claimed(who, 0, str(id(who)), 3)]
        found += batch
        if not batch:
            break
    assert sorted(found, key=int) == [str(number) for number in range(20)]
    other.close()
    store.close()
