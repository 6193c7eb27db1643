"""An alert from the store to people: nobody left out, nothing twice, whatever clock, config or a second service do."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from listener.cli import main
from listener.clock import ManualClock
from listener.errors import ConfigError, ListenerError
from listener.house import House, open_house
from listener.records import Alert, Severity
from listener.report import alerting, watching
from listener.report.alerting import ack_token
from listener.store.sqlite import SqliteStore
from listener.watch.mail import alert_mail
from tests.helpers_house import NOW, heard, house_in, post, write_home
from tests.helpers_store import make_taken

MINUTE = timedelta(minutes=1)
TEXTS = (
    "Acme leaked my personal data to marketers",
    "Since Acme leaked my phone number and all my personal data strangers call me by name",
    "So Acme sold our personal data. I never agreed to that",
    "Data breach at Acme: my address is on a list that anybody can buy",
    "Acme shared my personal data without asking, I have the letter here",
    "A list with my personal data is for sale because Acme leaked it",
    "Acme handed my personal data to a broker and calls it a partner",
    "The data breach at Acme gave my address away, says the notice",
    "Acme leaked the personal data of my whole family",
)


def people(home: Path, *lines: str) -> None:
    """Add lines to Ann, who is told of Acme's alerts, and put Mei behind her."""
    folder = home / "config" if (home / "config").exists() else write_home(home)
    brands = (folder / "brands.toml").read_text("utf-8").replace('alerts_to = ["ann"]', 'alerts_to = ["ann", "mei"]')
    (folder / "brands.toml").write_text(brands, encoding="utf-8")
    text = (folder / "people.toml").read_text("utf-8")
    text = text.replace('mail = "ann@brand.example"\n', 'mail = "ann@brand.example"\n' + lines[0] + "\n")
    text += "\n".join(lines[1:]) + "\n"
    (folder / "people.toml").write_text(text, encoding="utf-8")


def storm(house: House, first: int, last: int, at: datetime, **more: Any) -> None:
    """Posts of TEXTS[first:last], two minutes apart, the last one at `at`."""
    for n in range(first, last):
        house.intake.take([post(n, TEXTS[n], at - 2 * MINUTE * (last - 1 - n), thread=n % 3, **more)])


def listening(house: House) -> None:
    heard(house, NOW - timedelta(days=9), NOW)
    house.store.set_looked_until("acme", NOW - timedelta(hours=2))


def raised(house: House) -> Alert:
    listening(house)
    storm(house, 0, 4, NOW - MINUTE)
    house.watch()
    (alert,) = house.store.alerts("acme")
    return alert


def booked(house: House, severity: Severity) -> None:
    """An alert without posts, as the watch would book it."""
    told = f"told_at:{NOW.timestamp():.0f}"
    alert = Alert(
        "1a2b3c4d" * 4, "acme", "negative", "", severity, "open", NOW, NOW, NOW, 5.0, 5, 0.1, 1.0, ("town.example",),
        ("escalations:0", told), (),
    )  # fmt: skip
    house.store.save_alert(alert, "opened", NOW)


def mails(house: House) -> list[tuple[str, str]]:
    """(recipient's name, turn) of the alert mails in the outbox, in order."""
    keys = [row["key"] for row in house.store.rows("SELECT key FROM outbox WHERE key LIKE 'alert:%' ORDER BY message")]
    return [(key.split(":")[4], key.split(":")[3]) for key in keys]


def letters(home: Path) -> list[EmailMessage]:
    files = sorted((home / "data" / "outbox").glob("*.eml"))
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    assert all(isinstance(one, EmailMessage) for one in found)
    return sorted(found, key=lambda one: one["Date"].datetime)


def go_quiet(house: House, clock: ManualClock, hours: int) -> None:
    for _ in range(hours):
        clock.advance(timedelta(hours=1))
        heard(house, clock.now(), clock.now())
    house.watch()


async def test_one_crisis_is_one_thread_of_mails_from_alert_to_report(tmp_path: Path) -> None:
    people(tmp_path, "")
    with house_in(tmp_path) as (house, clock):
        alert = raised(house)
        assert mails(house) == [("ann", "0"), ("mei", "0")]
        await house.send()
        clock.advance(timedelta(minutes=70))
        storm(house, 4, 9, clock.now() - MINUTE)
        house.watch()
        await house.send()
        answer = post(90, "We are looking into it, Acme", clock.now(), author="Acme_Help", thread=1, position=5)
        house.intake.take([answer])
        house.acknowledge(alert.key[:8], "Ann Lee")
        go_quiet(house, clock, 30)
        await house.send()
        assert mails(house) == [(who, turn) for turn in ("0", "1", "closed") for who in ("ann", "mei")]
        (row,) = house.store.rows("SELECT state, voices, peak_voices, told FROM v_alerts")
        assert (row["state"], row["voices"], row["told"].count("\n")) == ("closed", 9, 5)
        assert 4 <= row["peak_voices"] <= 9
    first, grown, clear = (one for one in letters(tmp_path) if one["To"] == "ann@brand.example")
    assert grown["References"] == first["Message-ID"]
    assert clear["References"].split() == [first["Message-ID"], grown["Message-ID"]]
    assert clear["In-Reply-To"] == grown["Message-ID"]
    text = clear.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for phrase in ("9 voices in all", "Ann Lee", "Told: ", "Ann, Mei", "Answered: ", "A thread"):
        assert phrase in text, phrase
    assert [part["Content-ID"] for part in first.walk() if part.get_content_type() == "image/png"] == ["<voices>"]


def test_the_total_is_kept_up_to_date_between_the_turns(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        raised(house)
        for n in range(4, 9):
            clock.advance(MINUTE)
            storm(house, n, n + 1, clock.now())
            clock.advance(MINUTE)
            house.watch()
            (row,) = house.store.rows("SELECT voices, peak_voices FROM v_alerts")
            assert row["voices"] == n + 1
        assert row["peak_voices"] >= 5, "of the one hour and the other the fuller one"


def test_the_second_on_the_list_is_told_when_the_first_sleeps(tmp_path: Path) -> None:
    people(tmp_path, "", "after_minutes = 30")
    with house_in(tmp_path) as (house, clock):
        listening(house)
        booked(house, "high")
        house.watch()
        assert mails(house) == [("ann", "0")]
        clock.advance(29 * MINUTE)
        house.watch()
        assert mails(house) == [("ann", "0")]
        clock.advance(2 * MINUTE)
        house.watch()
        house.watch()
        assert mails(house) == [("ann", "0"), ("mei", "0")]


def test_taken_up_in_time_the_second_is_left_in_peace(tmp_path: Path) -> None:
    people(tmp_path, "", "after_minutes = 30")
    with house_in(tmp_path) as (house, clock):
        listening(house)
        booked(house, "high")
        house.watch()
        house.acknowledge("1a2b3c4d", "Ann")
        clock.advance(timedelta(hours=2))
        house.watch()
        assert mails(house) == [("ann", "0")]


def test_what_the_night_held_back_comes_in_the_morning_as_one_mail(tmp_path: Path) -> None:
    people(tmp_path, 'quiet = "11:00-15:00"', 'quiet = "11:00-15:00"', 'holidays = ["2026-03-11"]')
    with house_in(tmp_path) as (house, clock):
        listening(house)
        booked(house, "medium")
        for _ in range(5):
            clock.advance(30 * MINUTE)
            house.watch()
        assert mails(house) == []
        clock.set(NOW + timedelta(hours=3, minutes=1))
        house.watch()
        house.watch()
        assert mails(house) == [("ann", "0"), ("mei", "0")]
        assert alerting.tell_waiting(house.store, house.config, clock.now()) == 0


def test_the_highest_is_held_back_by_nothing(tmp_path: Path) -> None:
    people(tmp_path, 'quiet = "11:00-15:00"', 'holidays = ["tue"]')
    with house_in(tmp_path) as (house, _):
        listening(house)
        booked(house, "high")
        house.watch()
        assert mails(house) == [("ann", "0"), ("mei", "0")]


# taking it up


def test_the_line_in_the_mail_takes_it_up_in_the_readers_name(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        alert = raised(house)
        token = ack_token(house.store, alert, "ann")
        (row,) = house.store.rows("SELECT body FROM outbox")
        mail = message_from_bytes(row["body"], policy=policy.default)
        assert f"listener ack {token}" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        taken = house.acknowledge(f"Subject: Re: ack {token}\n\nOn it.", "")
        assert (taken.state, taken.acknowledged_by) == ("acknowledged", "ann")
        assert house.acknowledge(token, "") == taken, "the same mail again changes nothing"
        assert house.store.rows("SELECT life FROM v_alerts")[0]["life"].count("acknowledged") == 1


def test_a_mail_that_is_piped_in_takes_it_up(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        token = ack_token(house.store, raised(house), "ann")
    mail = f"From: ann@brand.example\r\nSubject: Re: ack {token}\r\n\r\n\xff".encode("latin-1")
    command = ["ack", "-", "--config", str(tmp_path / "config")]
    done = CliRunner().invoke(main, command, input=mail)
    assert done.exit_code == 0, done.output
    assert "acknowledged by ann" in done.output
    assert CliRunner().invoke(main, command, input=b"no token").exit_code == 2


def test_a_token_of_somebody_else_takes_up_nothing(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        alert = raised(house)
        token = ack_token(house.store, alert, "ann")
        wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
        for forged in (wrong, token.replace("-ann-", "-mei-"), "00000000" + token[8:]):
            with pytest.raises(ConfigError, match="takes up no open alert"):
                house.acknowledge(forged, "Eve")
        for nothing in ("", "-", "no token here"):
            with pytest.raises(ConfigError, match="no open alert begins"):
                house.acknowledge(nothing, "Eve")
        with pytest.raises(ListenerError, match="who"):
            house.acknowledge(alert.key[:8], " ")
        assert house.store.alerts("acme")[0].state == "open"
        go_quiet(house, clock, 80)
        with pytest.raises(ConfigError, match="closed already"):
            house.acknowledge(token, "")


def test_links_are_there_if_the_config_says_where_to(tmp_path: Path) -> None:
    more = '[mail]\nack_url = "https://brand.example/ack/"\nack_to = "ack@brand.example"\n'
    with house_in(tmp_path, more=more) as (house, _):
        token = ack_token(house.store, raised(house), "ann")
        (row,) = house.store.rows("SELECT body FROM outbox")
        mail = message_from_bytes(row["body"], policy=policy.default)
        html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert f'href="https://brand.example/ack/{token}"' in html
        assert f'href="mailto:ack@brand.example?subject=ack%20{token}"' in html


# what may go wrong


@pytest.mark.parametrize("later_s", [0, 0.4, 1, 40, 290])
def test_what_was_read_before_a_look_and_stored_after_it_is_not_missed(tmp_path: Path, later_s: float) -> None:
    """A visit of minutes: its pages were read, the watch looked, then the visit ended and its posts came in."""
    with house_in(tmp_path) as (house, clock):
        listening(house)
        house.intake.take([post(90, "Acme is fine", NOW - timedelta(days=1))])
        read = NOW + timedelta(seconds=0.5)
        house.intake.take([post(n, TEXTS[n], read - MINUTE, fetched=read) for n in (0, 1)])
        clock.set(read + timedelta(seconds=later_s))
        house.watch()
        house.intake.take([post(2, TEXTS[2], read - MINUTE, fetched=read)])
        clock.advance(timedelta(seconds=0.1))
        house.watch()
        house.watch()
        assert mails(house) == [("ann", "0")]
        clock.advance(MINUTE)
        house.watch()
        assert len(house.store.rows("SELECT * FROM alert_events")) == 1, "nor seen twice"


def test_the_first_words_ever_said_of_a_brand_are_news(tmp_path: Path) -> None:
    """Nobody ever spoke of it; then a feed that is read every hour brings an outcry at one go."""
    with house_in(tmp_path) as (house, clock):
        listening(house)
        house.watch()
        clock.advance(timedelta(hours=1))
        heard(house, clock.now(), clock.now())
        storm(house, 0, 4, clock.now() - 5 * MINUTE, fetched=clock.now())
        house.watch()
        assert mails(house) == [("ann", "0")]


def test_what_a_new_brand_or_a_new_source_finds_is_history(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        heard(house, NOW - timedelta(days=9), NOW)
        house.watch()
        clock.advance(5 * MINUTE)
        storm(house, 0, 4, NOW - MINUTE, fetched=clock.now())  # all of it before the brand was first looked at
        house.watch()
        assert mails(house) == []


def test_new_mentions_of_long_ago_are_history(tmp_path: Path) -> None:
    """A query was changed and the store judged again: mentions of posts that were read days before."""
    with house_in(tmp_path) as (house, clock):
        listening(house)
        house.watch()
        storm(house, 0, 4, NOW - timedelta(days=3), fetched=NOW - timedelta(days=3))
        clock.advance(MINUTE)
        house.watch()
        assert mails(house) == []


def test_a_clock_that_jumps_loses_no_alert_and_tells_none_twice(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        listening(house)
        storm(house, 0, 2, NOW - MINUTE)
        house.watch()
        clock.advance(timedelta(days=400))  # the clock goes wrong, is looked at, and is set right
        house.watch()
        clock.set(NOW + MINUTE)
        house.watch()
        clock.advance(5 * MINUTE)
        storm(house, 2, 5, clock.now() - MINUTE)
        house.watch()
        assert mails(house) == [("ann", "0")]
        for jump in (-30, 3, 60, -45, 50):
            clock.advance(jump * MINUTE)
            house.watch()
        assert mails(house) == [("ann", "0")]
        assert len(house.store.alerts("acme")) == 1


def test_a_minute_back_hides_nothing_of_that_minute(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        listening(house)
        house.watch()
        clock.advance(-10 * MINUTE)
        house.watch()
        clock.advance(5 * MINUTE)
        storm(house, 0, 4, clock.now() - MINUTE)  # all of it before the last look of the wrong clock
        clock.advance(MINUTE)
        house.watch()
        assert mails(house) == [("ann", "0")]


def test_posts_from_the_future_count_when_they_are_read_and_once(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        listening(house)
        storm(house, 0, 4, NOW + timedelta(days=3), fetched=NOW - MINUTE)
        house.watch()
        (alert,) = house.store.alerts("acme")
        assert alert.began == NOW - MINUTE
        assert alert.opened <= NOW
        assert mails(house) == [("ann", "0")]
        go_quiet(house, clock, 90)
        assert mails(house) == [("ann", "0"), ("ann", "closed")], "in three days nobody is told anew"


def test_a_brand_with_a_new_name_keeps_its_alert(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        alert = raised(house)
    brands = tmp_path / "config" / "brands.toml"
    brands.write_text(brands.read_text("utf-8").replace('name.en = "Acme"', 'name.en = "Zenith"'), encoding="utf-8")
    with house_in(tmp_path, NOW + MINUTE) as (house, clock):
        go_quiet(house, clock, 80)
        assert mails(house) == [("ann", "0"), ("ann", "closed")]
        assert [one.key for one in house.store.alerts("acme")] == [alert.key]
        assert house.store.rows("SELECT subject FROM outbox ORDER BY message")[-1]["subject"].startswith("Zenith: all")


def test_a_brand_with_a_new_id_leaves_word(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        raised(house)
    brands = tmp_path / "config" / "brands.toml"
    brands.write_text(brands.read_text("utf-8").replace('id = "acme"', 'id = "acme-two"'), encoding="utf-8")
    with house_in(tmp_path, NOW + MINUTE) as (house, _):
        house.watch()
        house.watch()
        assert mails(house) == [("ann", "0"), ("ann", "closed")]
        assert "no longer watched" in house.store.rows("SELECT subject FROM outbox ORDER BY message")[-1]["subject"]


def test_a_topic_that_leaves_the_config_takes_no_alert_with_it(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        assert raised(house).topic == "data-misuse"
    for name in ("topics.toml", "playbook.toml"):
        path = tmp_path / "config" / name
        parts = path.read_text("utf-8").split("\n[[")
        kept = [part for part in parts if 'id = "data-misuse"' not in part and 'topic = "data-misuse"' not in part]
        assert len(kept) == len(parts) - 1
        path.write_text("\n[[".join(kept), encoding="utf-8")
    with house_in(tmp_path, NOW + MINUTE) as (house, clock):
        storm(house, 4, 6, clock.now())
        clock.advance(MINUTE)
        house.watch()
        go_quiet(house, clock, 80)
        assert mails(house) == [("ann", "0"), ("ann", "closed")]


def test_two_services_on_one_store_raise_and_tell_once(tmp_path: Path) -> None:
    people(tmp_path, "")
    with house_in(tmp_path) as (one, clock), open_house(tmp_path / "config", clock) as two:
        listening(one)
        one.watch()
        clock.advance(MINUTE)
        storm(one, 0, 4, clock.now())
        for minute in range(40):
            clock.advance(MINUTE)
            for house in (one, two) if minute % 2 else (two, one):
                house.watch()
        assert len(one.store.alerts("acme")) == 1
        assert mails(one) == [("ann", "0"), ("mei", "0")]
        assert one.store.rows("SELECT count(*) AS n FROM alert_events WHERE what = 'opened'") == [{"n": 1}]


def test_a_flood_is_read_in_bounded_pieces_and_counted_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million posts, a thousand times smaller: 1,000 posts in two hours where 50 are held at once."""
    monkeypatch.setattr(watching, "MOST", 50)
    most = 0
    with house_in(tmp_path) as (house, clock):
        alert = raised(house)
        store = cast(SqliteStore, house.store)
        for name in ("judged", "judged_after"):
            whole = getattr(store, name)

            def counting(*args: Any, _whole: Any = whole, **more: Any) -> Any:
                nonlocal most
                found = _whole(*args, **more)
                most = max(most, len(found))
                return found

            monkeypatch.setattr(store, name, counting)
        for minute in range(0, 130, 2):
            clock.advance(2 * MINUTE)
            numbers = range(1000 * minute // 130, 1000 * (minute + 2) // 130)
            taken = [
                make_taken(
                    store, 100 + n, f"Acme leaked my data {n}", author=f"writer of {n}", brand="acme", at=clock.now(),
                    source="town", thread=n % 7, sentiment=-0.8, topics=("data-misuse",),
                )
                for n in numbers
            ]  # fmt: skip
            store.add(taken, [], clock.now())
            house.watch()
        (now,) = store.alerts("acme")
        assert (now.key, now.total) == (alert.key, 1004)
        assert mails(house)[:2] == [("ann", "0"), ("ann", "1")]
    assert 0 < most <= 50 + 12, "so many, and the evidence"


def test_one_mail_that_cannot_be_made_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people(tmp_path, "")
    whole = alert_mail

    def broken(*args: Any, **more: Any) -> Any:
        if "en" in args:
            raise RuntimeError("a bug")
        return whole(*args, **more)

    with house_in(tmp_path) as (house, clock):
        monkeypatch.setattr(alerting, "alert_mail", broken)
        with capture_logs() as logs:
            raised(house)
        assert [one["person"] for one in logs if one["event"] == "alert_mail_broke"] == ["ann"] * 2, (
            "tried twice a look"
        )
        assert mails(house) == [("mei", "0")]
        monkeypatch.undo()
        clock.advance(MINUTE)
        house.watch()
        assert mails(house) == [("mei", "0"), ("ann", "0")], "made as soon as it can be"


def test_an_address_that_no_mail_reaches_is_said_once(tmp_path: Path) -> None:
    people(tmp_path, "")
    path = tmp_path / "config" / "people.toml"
    path.write_text(path.read_text("utf-8").replace("ann@brand.example", "ann@brand..example"), encoding="utf-8")
    with house_in(tmp_path) as (house, clock):
        raised(house)
        clock.advance(MINUTE)
        house.watch()
        assert mails(house) == [("mei", "0")]
        assert [one.message_id for one in house.store.told(house.store.alerts()[0].key) if one.person == "ann"] == [""]


def test_one_brand_that_cannot_be_looked_at_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house_in(tmp_path) as (house, _):
        listening(house)
        storm(house, 0, 4, NOW - MINUTE)
        whole = alerting.watch

        def broken(store: Any, config: Any, brand: Any, *rest: Any) -> tuple[Alert, ...]:
            if brand.id == "bolt":
                raise RuntimeError("a bug")
            return whole(store, config, brand, *rest)

        monkeypatch.setattr(alerting, "watch", broken)
        object.__setattr__(house.config, "brands", tuple(reversed(house.config.brands)))
        with pytest.raises(RuntimeError, match="a bug"):
            house.watch()
        assert mails(house) == [("ann", "0")]


def test_what_was_heard_is_asked_for_once_a_round_however_many_brands_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many sources these hours were most of the price of a look."""
    with house_in(tmp_path) as (house, clock):
        listening(house)
        house.store.set_looked_until("bolt", NOW - timedelta(hours=2))
        whole, asked = house.store.heard_hours, list[datetime]()

        def counting(since: datetime, until: datetime) -> dict[str, tuple[datetime, ...]]:
            asked.append(since)
            return whole(since, until)

        monkeypatch.setattr(house.store, "heard_hours", counting)
        for minute in range(3):
            clock.advance(MINUTE)
            house.intake.take([post(minute, f"Acme and Bolt, part {minute}", clock.now())])
            house.watch()
        assert len(asked) == 3
        assert [clock.now() - since > timedelta(days=50) for since in asked] == [True, False, False]
