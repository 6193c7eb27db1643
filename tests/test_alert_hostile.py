"""Bad days of an alert through the whole house: people leave, mail is down, the clock lies, the past is brought in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.config import Person
from listener.records import Alert
from listener.report import watching
from listener.report.alerting import ack_token
from listener.store.sqlite import SqliteStore
from tests.helpers_house import NOW, heard, house_in, post
from tests.helpers_room import Room
from tests.helpers_store import make_taken
from tests.test_alerting import MINUTE, TEXTS, booked, go_quiet, listening, mails, people, raised, storm
from tests.test_channels_house import there as there  # the receiver on loopback, a fixture
from tests.test_channels_house import with_channels
from tests.test_watching import BEGIN, Said, busy_house, take

HOUR = timedelta(hours=1)


# people


def test_who_left_the_config_is_told_no_more_and_the_others_are(tmp_path: Path) -> None:
    """Ann was told, then left the company; Mei came instead, and gets the alert as it stands, and its end."""
    with house_in(tmp_path) as (house, _):
        raised(house)
        assert mails(house) == [("ann", "0")]
    for name in ("brands.toml", "people.toml"):
        path = tmp_path / "config" / name
        text = path.read_text("utf-8").replace('alerts_to = ["ann"]', 'alerts_to = ["mei"]')
        text = text.replace('digest_to = ["ann", "mei"]', 'digest_to = ["mei"]')
        parts = [part for part in text.split("[[person]]") if 'id = "ann"' not in part]
        path.write_text("[[person]]".join(parts), encoding="utf-8")
    with house_in(tmp_path, NOW + MINUTE) as (house, clock):
        token = ack_token(house.store, house.store.alerts()[0], "ann")
        house.watch()
        assert mails(house) == [("ann", "0"), ("mei", "0")]
        assert house.acknowledge(token, "").acknowledged_by == "ann", "a mail that is out there still works"
        go_quiet(house, clock, 80)
        assert mails(house) == [("ann", "0"), ("mei", "0"), ("mei", "closed")]


TAIPEI = [("2026-03-10T14:59:00Z", False), ("2026-03-10T15:00:00Z", True), ("2026-03-10T16:01:00Z", True),
          ("2026-03-10T21:59:00Z", True), ("2026-03-10T22:00:00Z", False)]  # fmt: skip
BERLIN = [  # the night of 29 March 2026 has no hour from two to three, that of 25 October two of them
    ("2026-03-28T21:59:00Z", False), ("2026-03-28T22:00:00Z", True), ("2026-03-29T00:59:00Z", True),
    ("2026-03-29T01:00:00Z", True), ("2026-03-29T03:59:00Z", True), ("2026-03-29T04:00:00Z", False),
    ("2026-10-24T20:59:00Z", False), ("2026-10-24T21:00:00Z", True), ("2026-10-25T00:30:00Z", True),
    ("2026-10-25T01:30:00Z", True), ("2026-10-25T04:59:00Z", True), ("2026-10-25T05:00:00Z", False),
]  # fmt: skip


NIGHTS = [*(("Asia/Taipei", *row) for row in TAIPEI), *(("Europe/Berlin", *row) for row in BERLIN)]


@pytest.mark.parametrize(("zone", "at", "resting"), NIGHTS)
def test_quiet_hours_hold_over_midnight_and_when_the_clocks_change(zone: str, at: str, resting: bool) -> None:
    ann = Person.model_validate(
        {"id": "ann", "name": "Ann", "mail": "ann@brand.example", "quiet": "23:00-06:00", "time_zone": zone}
    )
    assert ann.resting(datetime.fromisoformat(at)) is resting


def test_a_night_in_which_the_clocks_change_is_one_mail_in_the_morning(tmp_path: Path) -> None:
    people(tmp_path, 'quiet = "23:00-06:00"\ntime_zone = "Europe/Berlin"', 'quiet = "23:00-06:00"')
    evening = datetime(2026, 10, 24, 21, 30, tzinfo=UTC)
    with house_in(tmp_path, evening) as (house, clock):
        house.store.set_looked_until("acme", evening - HOUR)
        booked(house, "medium")
        for _ in range(16):  # half an hour each: until 05:30 UTC, 06:30 in winter time
            clock.advance(30 * MINUTE)
            house.watch()
            expected = [("ann", "0")] if clock.now() >= datetime(2026, 10, 25, 5, tzinfo=UTC) else []
            assert [one for one in mails(house) if one[0] == "ann"] == expected, clock.now()


# ways


async def test_mail_is_down_and_the_room_is_told_and_the_mail_comes_later(tmp_path: Path, there: Room) -> None:
    """A mail server that nobody answers at: the notes go out at once, the mail is kept, uncounted, and comes later."""
    main = with_channels(tmp_path) / "listener.toml"
    before = main.read_text("utf-8")
    main.write_text(before + '[mail]\nurl = "smtp://127.0.0.1:9"\nstarttls = false\n', encoding="utf-8")
    with house_in(tmp_path) as (house, _):
        raised(house)
        down, told = await house.send(), await house.post()
        assert (down.sent, down.waiting, told.sent) == (0, 1, 2)
        assert down.trouble
        assert len(there.came) == 2
    main.write_text(before, encoding="utf-8")
    with house_in(tmp_path, NOW + timedelta(days=3)) as (house, _):
        assert (await house.send()).sent == 1, "a mail can be read later, so it does not die in three days"


# the clock and the past


def test_a_busy_brand_hears_after_a_clock_that_was_ahead(tmp_path: Path) -> None:
    """Undated posts were read while the clock was 400 days ahead. Set right, the brand is no deafer than before."""
    chatter: list[Said] = [(n, BEGIN + n * timedelta(minutes=4)) for n in range(8 * 24 * 15)]
    with busy_house(tmp_path, chatter) as (house, look):
        ahead, back = NOW + timedelta(days=400), NOW - timedelta(hours=20)
        take(house, [(50_000 + n, ahead + timedelta(seconds=n)) for n in range(6)])
        look(ahead + MINUTE)
        assert house.memory.busy["acme"].head > (NOW + timedelta(days=399)).timestamp() / 3600
        look(back)
        found: list[Alert] = []
        for minute in range(0, 20, 2):
            take(house, [(60_000 + 10 * minute + n, back + timedelta(minutes=minute, seconds=n)) for n in range(8)])
            found += look(back + timedelta(minutes=minute + 6))
        assert {alert.state for alert in found} == {"open"}
        assert "acme" in house.memory.busy


def test_a_crisis_after_a_clock_that_was_ahead_is_told(tmp_path: Path) -> None:
    """The alert of the wrong clock neither stays open for 400 days, nor takes the next crisis for its own."""
    with house_in(tmp_path) as (house, clock):
        listening(house)
        ahead = NOW + timedelta(days=400)
        clock.set(ahead)
        heard(house, ahead - timedelta(days=9), ahead)
        house.intake.take([post(90, "Acme is fine", ahead - timedelta(days=1))])
        storm(house, 0, 4, ahead - MINUTE)
        house.watch()
        assert len(house.store.alerts(open_only=True)) == 1
        clock.set(NOW + MINUTE)
        for _ in range(2):
            house.watch()
            clock.advance(MINUTE)
        (alert,) = house.store.alerts(open_only=True)
        assert alert.last_activity <= clock.now()
        go_quiet(house, clock, 80)
        assert house.store.alerts(open_only=True) == []
        storm(house, 4, 9, clock.now())
        clock.advance(MINUTE)
        house.watch()
        assert [one for one in mails(house) if one[1] == "0"] == [("ann", "0"), ("ann", "0")]


def test_history_that_is_brought_in_feeds_no_alert(tmp_path: Path) -> None:
    """`listener backfill` reads an old outcry while another one is open: neither a new alert nor a larger one."""
    with house_in(tmp_path) as (house, clock):
        alert = raised(house)
        old = [post(200 + n, f"{text} ({n})", NOW - HOUR, fetched=NOW) for n, text in enumerate(TEXTS * 3)]
        house.intake.take(old, backfill=True)
        clock.advance(MINUTE)
        house.watch()
        clock.advance(70 * MINUTE)
        house.watch()
        (after,) = house.store.alerts()
        assert (after.key, after.total, after.state) == (alert.key, 4, "open")
        assert mails(house) == [("ann", "0")]


def test_a_source_that_comes_back_brings_its_days_as_late_news_only_if_they_are_fresh(tmp_path: Path) -> None:
    """Two days without it. What was said three hours ago is news, what is a day and a half old is history."""
    with house_in(tmp_path) as (house, clock):
        listening(house)
        house.intake.take([post(90, "Acme is fine", NOW - timedelta(days=1))])
        house.watch()
        clock.advance(timedelta(days=2))
        heard(house, clock.now(), clock.now())
        storm(house, 0, 4, clock.now() - 36 * HOUR, fetched=clock.now())
        house.watch()
        assert mails(house) == []
        clock.advance(MINUTE)
        storm(house, 4, 8, clock.now() - 3 * HOUR, fetched=clock.now())
        house.watch()
        assert mails(house) == [("ann", "0")]


def test_a_topic_that_left_hides_no_later_crisis(tmp_path: Path) -> None:
    """Its alert is open; what is said afterwards has no such topic any more, and is told as what it still is."""
    with house_in(tmp_path) as (house, _):
        raised(house)
    for name in ("topics.toml", "playbook.toml"):
        path = tmp_path / "config" / name
        parts = path.read_text("utf-8").split("\n[[")
        gone = ('id = "data-misuse"', 'topic = "data-misuse"')
        path.write_text("\n[[".join(part for part in parts if not any(one in part for one in gone)), encoding="utf-8")
    with house_in(tmp_path, NOW + MINUTE) as (house, clock):
        go_quiet(house, clock, 80)
        burnt = (
            "My Acme phone caught fire on the table",
            "The Acme charger exploded next to my bed and I am scared",
            "Smoke, then a fire: my Acme burnt a hole in the sofa",
            "The battery of an Acme exploded in my son's hand, he is in hospital",
        )
        later = [post(300 + n, text, clock.now() - MINUTE, thread=300 + n) for n, text in enumerate(burnt)]
        house.intake.take(later)
        clock.advance(MINUTE)
        house.watch()
        assert mails(house) == [("ann", "0"), ("ann", "closed"), ("ann", "0")]
        assert [alert.state for alert in house.store.alerts()] == ["closed", "open"]


def test_a_flood_is_told_as_growing_within_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More posts than are held at once: that it tripled is seen as soon as the hour between two mails is over."""
    monkeypatch.setattr(watching, "MOST", 11)  # less than three times the four of the first mail
    with house_in(tmp_path) as (house, clock):
        raised(house)
        store = house.store
        assert isinstance(store, SqliteStore)
        grown: list[timedelta] = []
        for minute in range(0, 90, 2):
            clock.advance(2 * MINUTE)
            taken = [
                make_taken(
                    store, 100 + 5 * minute + n, f"Acme leaked my data {minute} {n}", author=f"writer of {minute} {n}",
                    brand="acme", at=clock.now(), source="town", thread=n, sentiment=-0.8, topics=("data-misuse",),
                )
                for n in range(5)
            ]  # fmt: skip
            store.add(taken, [], clock.now())
            house.watch()
            if ("ann", "1") in mails(house) and not grown:
                grown.append(clock.now() - NOW)
        assert grown, "nobody was told that it grows"
        rows = store.rows("SELECT detail FROM alert_events WHERE what = 'escalated' ORDER BY event")
        assert rows[0]["detail"] == "tripled", "though no three times four are at hand at once"
        assert grown[0] <= 64 * MINUTE
