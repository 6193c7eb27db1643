"""What people write from the pages: it stands in the store with its history, and goes with what it is about."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from listener.errors import StoreError
from listener.explore.serve import Opened
from listener.house import House
from listener.store.connection import connect
from listener.store.sqlite import SqliteStore
from listener.store.triage import lines, standing
from listener.store.triaged import STATUSES, Kind, Target, TriageStatus, TriageTurn
from tests.helpers_explore import ANGRY, KIND, REPLY, csrf, site_in, visitor
from tests.helpers_house import NOW
from tests.helpers_store import NOON, make_store, make_taken


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Two posts of ann and bob in thread 1, one of eve in thread 2."""
    store = make_store(tmp_path)
    store.add(
        [
            make_taken(store, 1, "Wagtail is slow", author="ann", title="Slow"),
            make_taken(store, 2, "Wagtail is slow, says ann", author="bobby", position=1, title="Slow"),
            make_taken(store, 3, "Wagtail is fine", author="evelyn", thread=2, title="Fine"),
        ],
        [],
        NOON,
    )
    yield store
    store.close()


def key(store: SqliteStore, number: int) -> str:
    return str(store.read("SELECT key FROM posts WHERE url LIKE ?", (f"%#p{number}",))[0][0])


def turn(target: Target, status: TriageStatus = "in hand", note: str = "", minutes: int = 0) -> TriageTurn:
    return TriageTurn(target, NOON + timedelta(minutes=minutes), "mei", status, "desk", note)


def targets(store: SqliteStore) -> dict[Kind, Target]:
    return {
        "mention": Target("wagtail", "mention", key(store, 1)),
        "thread": Target("wagtail", "thread", "1"),
        "matter": Target("wagtail", "matter", "outage"),
    }


def test_the_newest_turn_stands_and_the_history_stays(store: SqliteStore) -> None:
    for target in targets(store).values():
        for minute, status in enumerate(STATUSES):
            store.take_up(turn(target, status, f"note {minute}", minute))
    conn = connect(store.path, read_only=True)
    for target in targets(store).values():
        told = store.triage_turns([target])
        assert [one.status for one in told] == list(STATUSES)
        assert standing(conn, [target]) == {target: told[-1]}
    found = lines(conn)
    assert {one.turn.target for one in found} == set(targets(store).values())
    assert {(one.turns, one.turn.status) for one in found} == {(5, "ignored")}
    assert {one.link for one in found} == {"https://forum.example/t/1#p1", "https://forum.example/t/1", ""}
    assert lines(conn, statuses=("open",)) == lines(conn, owner="nobody") == lines(conn, brand="other") == ()
    assert len(lines(conn, "wagtail", ("ignored",), "desk")) == 3
    conn.close()
    assert len(store.rows("SELECT * FROM v_triage")) == 3
    assert len(store.triage_turns()) == 15


@pytest.mark.parametrize(
    "target",
    [
        Target("wagtail", "mention", "0" * 64), Target("other", "mention", "1"), Target("wagtail", "thread", "77"),
        Target("other", "thread", "1"), Target("wagtail", "thread", "1; DROP TABLE posts"),
    ],
)  # fmt: skip
def test_only_what_is_there_is_taken_up(store: SqliteStore, target: Target) -> None:
    if target.ref.startswith("1; "):
        store.take_up(turn(target))  # a number is read from its beginning
        assert store.triage_turns()[0].target.ref == "1"
        return
    with pytest.raises(StoreError, match="not in the store"):
        store.take_up(turn(target))
    assert store.triage_turns() == []


def test_forgetting_a_person_takes_along_what_was_done_about_them(store: SqliteStore) -> None:
    every = targets(store)
    for target in every.values():
        store.take_up(turn(target, note="evelyn should call her"))
    store.take_up(turn(Target("wagtail", "thread", "2"), note="hers"))
    store.forget_author("ann", NOON)
    left = [one.target.kind for one in store.triage_turns()]
    assert left == ["thread", "matter", "thread"], "the mention's went; bobby still stands in the thread"
    store.forget_author("evelyn", NOON)
    told = store.triage_turns()
    assert [one.target for one in told] == [every["thread"], every["matter"]], "her thread went with her last post"
    assert all("evelyn" not in one.note for one in told)
    assert all("call her" in one.note for one in told)


def test_past_retention_no_note_tells_of_it(store: SqliteStore) -> None:
    every = targets(store)
    for target in every.values():
        store.take_up(turn(target, note="a note"))
    store.expire("wagtail", NOON + timedelta(days=1))
    found = {one["what"]: one for one in store.rows("SELECT * FROM v_triage")}
    assert (found["mention"]["note"], found["mention"]["link"], found["mention"]["title"]) == ("", None, None)
    assert "thread" not in found
    assert found["matter"]["note"] == "a note"


def test_a_status_is_one_of_five(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="there are: open, in hand"):
        store.take_up(turn(targets(store)["matter"], "done"))  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.db.conn.execute(
            "INSERT INTO triage (brand, what, topic, at, by, status) VALUES ('a', 'matter', 'b', 'c', 'd', 'done')"
        )


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with site_in(tmp_path) as opened:
        yield opened


async def send(client: httpx.AsyncClient, path: str, form: dict[str, object]) -> httpx.Response:
    token = csrf((await client.get("/desk")).text)
    return await client.post(path, data={"csrftoken": token, "next": "/desk"} | form)


async def test_taking_up_shows_where_it_stands_and_who_has_it(opened: Opened) -> None:
    form = {"brand": "acme", "status": "in hand", "owner": "Support", "note": "we ask\n<b>back</b>"}
    async with visitor(opened, "Mei") as client:
        for kind, ref in (("mention", ANGRY.key), ("thread", "3"), ("matter", "data-misuse")):
            answer = await send(client, "/desk/take-up", form | {"kind": kind, "ref": ref})
            assert (answer.status_code, answer.headers["location"]) == (302, "/desk")
        for path in ("/desk", "/mentions?text=cancelled", f"/post?key={ANGRY.key}", "/today/acme/2026-03-10"):
            page = (await client.get(path, follow_redirects=True)).text
            assert "Support" in page, path
            assert "we ask\n&lt;b&gt;back&lt;/b&gt;" in page
        await send(client, "/desk/take-up", form | {"kind": "thread", "ref": "3", "status": "closed", "owner": ""})
        assert len((await client.get("/desk.json")).json()) == 2
        assert len((await client.get("/desk.json?status=closed")).json()) == 1
        assert "2 turns" in (await client.get("/desk?status=closed")).text
    told = await opened.site.desk(lambda house: house.store.triage_turns())
    assert [(one.target.kind, one.status, one.by, one.at) for one in told] == [
        ("mention", "in hand", "Mei", NOW), ("thread", "in hand", "Mei", NOW), ("matter", "in hand", "Mei", NOW),
        ("thread", "closed", "Mei", NOW),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "post", "ref": "x", "status": "open"}, {"kind": "matter", "ref": "weather", "status": "open"},
        {"kind": "mention", "ref": "0" * 64, "status": "open"}, {"kind": "thread", "ref": "3", "status": "done"},
        {"kind": "thread", "ref": "3", "status": "open", "brand": "nobody"}, {},
    ],
)  # fmt: skip
async def test_a_form_that_makes_no_sense_is_told(opened: Opened, form: dict[str, object]) -> None:
    async with visitor(opened, "Mei") as client:
        answer = await send(client, "/desk/take-up", {"brand": "acme"} | form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert await opened.site.desk(lambda house: house.store.triage_turns()) == []


@pytest.mark.parametrize(
    "form",
    [
        {"feeling": "neutral"}, {"post": "", "feeling": "neutral"}, {"post": "a", "feeling": "neutral"},
        {"post": ANGRY.key}, {"post": ANGRY.key, "feeling": "furious"}, {"post": ANGRY.key, "brand": "bolt"},
        {"post": ANGRY.key, "feeling": "neutral", "add": "weather"},
    ],
)  # fmt: skip
async def test_a_correction_that_makes_no_sense_is_told(opened: Opened, form: dict[str, object]) -> None:
    async with visitor(opened, "Mei") as client:
        answer = await send(client, "/desk/label", {"brand": "acme"} | form)
    assert answer.status_code == 400
    assert await opened.site.desk(lambda house: house.store.corrections()) == []


async def test_what_the_form_did_not_show_is_not_confirmed(opened: Opened) -> None:
    """It was judged anew meanwhile, and has another topic now."""
    async with visitor(opened, "Mei") as client:
        await send(client, "/desk/label", {"post": REPLY.key, "brand": "acme", "feeling": "negative"})
    said = await opened.site.desk(lambda house: house.store.corrections("acme"))
    assert [(one.field, one.old, one.new) for one in said] == [("feeling", "negative", "negative")]


async def test_a_label_is_corrected_and_counts_at_once(opened: Opened) -> None:
    async with visitor(opened, "Mei") as client:
        before = (await client.get("/bank/acme/balance.json")).json()[-2]["withdrawals_lu"]
        sent = {
            "post": REPLY.key,
            "brand": "acme",
            "feeling": "neutral",
            "had": "unresponsive-service",
            "add": "outage",
        }
        answer = await send(client, "/desk/label", sent | {"note": "only asks"})
        assert answer.status_code == 302, answer.text[-600:]
        page = (await client.get(f"/post?key={REPLY.key}", follow_redirects=True)).text
        assert "A person corrected this" in page
        assert "only asks" in page
        after = (await client.get("/bank/acme/balance.json")).json()[-2]["withdrawals_lu"]
        (row,) = [one for one in (await client.get("/mentions.json")).json() if one["post_key"] == REPLY.key]
    assert (row["label"], row["topics"]) == ("neutral", "outage")
    assert after > before, "the account is booked anew"
    said = await opened.site.desk(lambda house: house.store.corrections("acme"))
    assert {(one.by, one.field, one.old, one.new) for one in said} == {
        ("Mei", "feeling", "negative", "neutral"), ("Mei", "topic", "unresponsive-service", ""),
        ("Mei", "topic", "", "outage"),
    }  # fmt: skip


async def test_what_is_another_brand_counts_nowhere_until_it_is_ours_again(opened: Opened) -> None:
    async with visitor(opened, "Mei") as client:
        sent = {"post": KIND.key, "brand": "acme", "feeling": "positive"}
        await send(client, "/desk/label", sent | {"about": "no"})
        assert not (await client.get("/mentions.json?text=friendly")).json()
        assert "muted" in (await client.get("/mentions?text=friendly&muted=1")).text
        await send(client, "/desk/label", sent | {"about": "yes"})
        assert (await client.get("/mentions.json?text=friendly")).json()


async def test_who_acknowledges_has_the_alert(opened: Opened) -> None:
    (alert,) = await opened.site.desk(lambda house: house.store.alerts("acme"))
    async with visitor(opened, "Mei") as client:
        page = (await client.get(f"/alerts/{alert.key}")).text
        assert "I take it up" in page
        assert (await send(client, f"/alerts/{alert.key}/acknowledge", {})).status_code == 302
        page = (await client.get(f"/alerts/{alert.key}")).text
        assert "Mei has it." in page
        assert "I take it up" not in page
        (row,) = (await client.get("/store/v_alerts.json?_shape=objects")).json()["rows"]
        assert (row["state"], row["acknowledged_by"]) == ("acknowledged", "Mei")
        missing = "0" * 32
        assert (await send(client, f"/alerts/{missing}/acknowledge", {})).status_code == 400


async def test_it_is_written_while_the_service_writes(opened: Opened) -> None:
    """Another process holds the write lock for a while: the pages are read, and the errand waits its turn."""
    path = opened.site.config.store_path
    locked, free = threading.Event(), threading.Event()

    def hold() -> None:
        writer = connect(path)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE sources SET detail = 'busy'")
        locked.set()
        free.wait(10)
        writer.execute("COMMIT")
        writer.close()

    thread = threading.Thread(target=hold)
    async with visitor(opened, "Mei") as client:
        token = csrf((await client.get("/desk")).text)
        thread.start()
        locked.wait(10)
        assert (await client.get("/mentions")).status_code == 200
        threading.Timer(0.3, free.set).start()
        form = {"kind": "mention", "brand": "acme", "ref": ANGRY.key, "status": "answered", "csrftoken": token}
        answer = await client.post("/desk/take-up", data=form)
    thread.join()
    assert answer.status_code == 302
    assert free.is_set(), "it waited for the other one"

    def look(house: House) -> int:
        return len(house.store.triage_turns())

    assert await opened.site.desk(look) == 1


async def test_a_post_that_was_forgotten_is_gone_from_the_day_too(opened: Opened) -> None:
    """The digests that are kept for the day's page are made anew."""
    async with visitor(opened) as client:
        day = f"/today/acme/{(NOW - timedelta(days=1)).date()}"
        assert "never answered me" in (await client.get(day)).text
        await opened.site.desk(lambda house: house.store.forget_post(REPLY.url, NOW))
        opened.site.clock.set(NOW + timedelta(minutes=1))  # type: ignore[attr-defined]
        assert "never answered me" not in (await client.get(day)).text
        assert not (await client.get("/mentions.json?text=answered")).json()
