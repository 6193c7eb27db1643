"""The past played through the watch once more: the same alerts at the same times, and nothing written."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from listener.again.rewatch import Past, Replayed, replay
from listener.cli import main
from listener.clock import ManualClock
from listener.errors import ConfigError
from listener.house import House
from listener.records import Alert
from listener.report.watching import settings_of
from listener.store.sqlite import SqliteStore
from listener.watch.pastchart import Lane, past_chart
from listener.watch.settings import DEFAULTS, SENSITIVITIES
from tests.helpers_house import NOW, heard, house_in
from tests.helpers_store import make_taken
from tests.helpers_watch import START, at, post
from tests.helpers_watch import heard as heard_hours

BEGIN = NOW - timedelta(days=21)
CRISIS = NOW - timedelta(days=4)


def talk(seed: int, rate_h: float, since: datetime, until: datetime) -> list[datetime]:
    dice, when, found = random.Random(seed), since, list[datetime]()
    while (when := when + timedelta(hours=dice.expovariate(rate_h))) < until:
        found.append(when)
    return found


def take(house: House, first: int, moments: Sequence[datetime], angry: bool = False) -> None:
    """One post at each moment, a thread and an author of its own; it reaches the store five minutes later."""
    if not moments:
        return
    store = house.store
    assert isinstance(store, SqliteStore)
    taken = [
        make_taken(
            store, first + n, f"Acme {first + n}", author=f"a{first + n}", brand="acme", at=moment, source="town",
            thread=first + n, terms=("Acme",), sentiment=-0.8 if angry else 0.0,
            topics=("hidden-fees",) if angry else (),
        )
        for n, moment in enumerate(moments)
    ]  # fmt: skip
    store.add(taken, (), max(moments))


def live(house: House, clock: ManualClock, since: datetime, until: datetime, every: timedelta) -> tuple[Alert, ...]:
    """What a service that looked all the time raised."""
    when = since
    while when <= until:
        clock.set(when)
        house.watch()
        when += every
    return tuple(sorted(house.store.alerts("acme"), key=lambda alert: alert.opened))


def replayed(house: House, since: datetime, until: datetime, *names: str) -> Replayed:
    return replay(house.store, house.config, "acme", since, until, names or tuple(SENSITIVITIES))


def raised(found: Replayed, run: int = 0) -> list[tuple[str, datetime, int]]:
    return [(one.raised.key, one.raised.opened, one.raised.voices) for one in found.runs[run].rung]


def test_a_quiet_brand_s_alert_is_found_again_at_its_minute(tmp_path: Path) -> None:
    with house_in(tmp_path, BEGIN) as (house, clock):
        heard(house, BEGIN, NOW)
        take(house, 1000, talk(1, 0.2, BEGIN, NOW))
        take(house, 5000, [CRISIS + timedelta(minutes=7 * n) for n in range(14)], angry=True)
        since = BEGIN + timedelta(days=10)
        house.store.set_looked_until("acme", since)
        real = live(house, clock, since + timedelta(hours=1), NOW, timedelta(hours=1))
        assert len(real) == 1
        (sent,) = house.store.told(real[0].key)[:1]
        found = replayed(house, since, NOW, "normal")
        ((one,),) = [run.rung for run in found.runs]
    assert one.last == replace(real[0], total=0, peak=0)
    assert (one.really, one.sent) == (real[0], sent.at)
    assert CRISIS < one.raised.opened < CRISIS + timedelta(hours=1)
    assert one.raised.voices < one.last.voices
    assert found.runs[0].missed == ()
    assert found.real == real


def test_a_busy_brand_s_alert_is_found_again_at_its_minute(tmp_path: Path) -> None:
    with house_in(tmp_path, BEGIN) as (house, clock):
        heard(house, BEGIN, NOW)
        since = BEGIN + timedelta(days=8)
        until = since + timedelta(hours=20)
        take(house, 1000, talk(2, 16, BEGIN, since - timedelta(minutes=6)))
        house.store.set_looked_until("acme", since - timedelta(minutes=6))
        live(house, clock, since, since, timedelta(minutes=10))
        new = sorted(talk(7, 16, since, until) + [since + timedelta(hours=14, seconds=20 * n) for n in range(110)])
        when = since
        while (when := when + timedelta(minutes=10)) <= until:
            said = [at for at in new if when - timedelta(minutes=15) < at <= when - timedelta(minutes=5)]
            take(house, 5000 + 200 * int((when - since) / timedelta(minutes=10)), said)
            real = live(house, clock, when, when, timedelta(minutes=10))
        assert [alert.window_h for alert in real] == [1.0], "watched by bins"
        found = replayed(house, since, until, "normal")
    assert [one.last for one in found.runs[0].rung] == [replace(one, total=0, peak=0) for one in real]


def test_the_keener_the_more_alerts_and_today_s_is_what_was_raised(tmp_path: Path) -> None:
    """Outcries of 5, 8 and 20 voices, four days apart: each setting hears all that a calmer one hears, and earlier."""
    with house_in(tmp_path, BEGIN) as (house, _):
        heard(house, BEGIN, NOW)
        take(house, 1000, talk(3, 0.3, BEGIN, NOW))
        for place, size in enumerate((5, 8, 20)):
            begin = BEGIN + timedelta(days=7, hours=101 * place)
            take(house, 2000 + 100 * size, [begin + timedelta(minutes=5 * n) for n in range(size)])
        found = replayed(house, BEGIN + timedelta(days=6), NOW)
    calm, normal, keen = (len(run.rung) for run in found.runs)
    assert [run.sensitivity for run in found.runs] == ["calm", "normal", "keen"]
    assert 0 < calm <= normal <= keen
    assert calm < keen
    first = [min(one.raised.opened for one in run.rung) for run in found.runs]
    assert first[0] >= first[1] >= first[2]


def test_nothing_is_written(tmp_path: Path) -> None:
    with house_in(tmp_path, BEGIN) as (house, _):
        heard(house, BEGIN, NOW)
        take(house, 1000, talk(4, 14, BEGIN, BEGIN + timedelta(days=10)))
        take(house, 9000, [BEGIN + timedelta(days=9, seconds=9 * n) for n in range(90)], angry=True)
        store = house.store
        assert isinstance(store, SqliteStore)
        tables = [row["name"] for row in store.rows("select name from sqlite_master where type = 'table'")]
        count = {name: store.rows(f"select count(*) as n from {name}")[0]["n"] for name in tables}
        steps: list[float] = []
        found = replay(
            store, house.config, "acme", BEGIN + timedelta(days=6), BEGIN + timedelta(days=10),
            ("normal",), on_progress=steps.append,
        )  # fmt: skip
        after = {name: store.rows(f"select count(*) as n from {name}")[0]["n"] for name in tables}
        assert after == count
        assert store.looked_until("acme") is None
        assert store.habits("acme") is None
    assert found.runs[0].rung
    assert found.runs[0].rung[0].really is None
    assert steps == sorted(steps)
    assert steps[-1] == pytest.approx(1.0)


def test_what_came_later_changes_nothing(tmp_path: Path) -> None:
    """Replays of the same beginning raise the same, whatever followed."""
    with house_in(tmp_path, BEGIN) as (house, _):
        heard(house, BEGIN, NOW)
        take(house, 1000, talk(5, 0.3, BEGIN, NOW))
        take(house, 5000, [CRISIS + timedelta(minutes=7 * n) for n in range(14)], angry=True)
        since, middle = BEGIN + timedelta(days=7), CRISIS + timedelta(minutes=40)
        short = raised(replayed(house, since, middle, "keen"))
        long = raised(replayed(house, since, NOW, "keen"))
        assert short
        assert [row for row in long if row[1] <= middle] == short


def test_what_a_backfill_brought_is_played_only_if_asked_for(tmp_path: Path) -> None:
    with house_in(tmp_path, BEGIN) as (house, _):
        heard(house, BEGIN, NOW)
        store = house.store
        assert isinstance(store, SqliteStore)
        take(house, 1000, talk(6, 0.2, BEGIN, NOW))
        moments = [CRISIS + timedelta(minutes=6 * n) for n in range(14)]
        brought = [
            make_taken(store, 5000 + n, f"Acme {n}", author=f"b{n}", brand="acme", at=moment, source="town", thread=n)
            for n, moment in enumerate(moments)
        ]
        late = [replace(one, post=replace(one.post, fetched=NOW - timedelta(hours=1))) for one in brought]
        store.add(late, (), NOW - timedelta(hours=1))
        since = BEGIN + timedelta(days=7)
        assert replayed(house, since, NOW, "normal").runs[0].rung == ()
        assert replayed(house, since, NOW, "normal").history == 14
        found = replay(store, house.config, "acme", since, NOW, ("normal",), as_written=True)
        assert [one.raised.stream for one in found.runs[0].rung] == ["all"]
        assert CRISIS < found.runs[0].rung[0].raised.opened < CRISIS + timedelta(hours=2)


def test_an_alert_that_was_open_at_the_beginning_stays_so(tmp_path: Path) -> None:
    with house_in(tmp_path, BEGIN) as (house, clock):
        heard(house, BEGIN, NOW)
        take(house, 1000, talk(1, 0.1, BEGIN, NOW))
        take(house, 5000, [CRISIS + timedelta(minutes=7 * n) for n in range(40)], angry=True)
        house.store.set_looked_until("acme", BEGIN + timedelta(days=10))
        (real,) = live(house, clock, CRISIS - timedelta(hours=1), CRISIS + timedelta(hours=8), timedelta(hours=1))
        found = replayed(house, CRISIS + timedelta(hours=2), NOW)
    assert real.opened < CRISIS + timedelta(hours=2)
    assert [(run.rung, run.missed) for run in found.runs] == [((), ())] * 3
    assert found.real == ()


def test_time_goes_forward(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _), pytest.raises(ConfigError, match="not before"):
        replayed(house, NOW, NOW)


def test_the_past_knows_no_future() -> None:
    posts = [post(f"p{n}", at(n), first_seen=at(n + 3 * (n == 2))) for n in range(5)]
    past = Past(posts, heard_hours(5), ())
    past.move(at(3))
    assert [one.post_key for one in past.judged("acme")] == [posts[n].post_key for n in (0, 1, 3)]
    assert past.newest_mention() == 3
    assert past.judged("acme", keys=[posts[4].post_key, posts[1].post_key]) == [posts[1]]
    assert past.heard_hours(START, at(9)) == heard_hours(3)
    past.set_watched_to("acme", 3)
    assert not past.stirred("acme", at(3))
    past.move(at(5))
    assert past.stirred("acme", at(9))
    assert past.judged_after("acme", 3, past.newest_mention()) == [posts[4], posts[2]]


def test_the_config_chooses(tmp_path: Path) -> None:
    with house_in(tmp_path, more='[watch]\nsensitivity = "calm"\n') as (house, _):
        acme, bolt = house.config.brands
        assert settings_of(house.config, bolt) == SENSITIVITIES["calm"].settings
    path = tmp_path / "config" / "brands.toml"
    path.write_text(path.read_text("utf-8").replace('id = "acme"', 'id = "acme"\nwatch.sensitivity = "keen"'), "utf-8")
    with house_in(tmp_path) as (house, _):
        acme, bolt = house.config.brands
        assert settings_of(house.config, acme).fire < DEFAULTS.fire < settings_of(house.config, bolt).fire
    path.write_text(path.read_text("utf-8").replace('"keen"', '"shrill"'), "utf-8")
    with pytest.raises(ConfigError, match="calm"), house_in(tmp_path):
        pass


def test_the_live_watch_hears_as_keenly_as_the_config_says(tmp_path: Path) -> None:
    found = {}
    for name in SENSITIVITIES:
        more = f'[watch]\nsensitivity = "{name}"\n'
        with house_in(tmp_path / name, BEGIN, more) as (house, clock):
            heard(house, BEGIN, NOW)
            take(house, 1000, talk(1, 0.4, BEGIN, NOW))
            take(house, 5000, [CRISIS + timedelta(minutes=9 * n) for n in range(25)])
            house.store.set_looked_until("acme", BEGIN + timedelta(days=10))
            real = live(house, clock, CRISIS - timedelta(hours=1), CRISIS + timedelta(hours=4), timedelta(minutes=30))
            found[name] = real[0].opened
            again = replayed(house, BEGIN + timedelta(days=10), CRISIS + timedelta(hours=4), name)
            assert [one.raised.opened for one in again.runs[0].rung] == [found[name]]
    assert found["keen"] < found["calm"]
    assert found["keen"] <= found["normal"] <= found["calm"]


# the command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with house_in(tmp_path, BEGIN) as (house, clock):
        heard(house, BEGIN, NOW)
        take(house, 1000, talk(1, 0.2, BEGIN, NOW))
        take(house, 5000, [CRISIS + timedelta(minutes=7 * n) for n in range(14)], angry=True)
        house.store.set_looked_until("acme", CRISIS - timedelta(hours=1))
        live(house, clock, CRISIS, CRISIS + timedelta(hours=5), timedelta(minutes=30))
    return tmp_path


def test_the_command_tells_when_and_whether_it_was_sent(home: Path) -> None:
    asked = ["watch", "backtest", "--brand", "acme", "--since", "2026-03-01", "--until", "2026-03-10"]
    done = CliRunner().invoke(main, [*asked, "--chart", "past.png"])
    assert done.exit_code == 0, done.output
    assert "normal (today)" in done.output
    assert "1 alerts were really raised" in done.output
    assert (home / "past.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(CliRunner().invoke(main, [*asked, "--json", "--sensitivity", "normal"]).stdout)
    assert [run["sensitivity"] for run in told["runs"]] == ["normal"]
    (alert,) = told["runs"][0]["alerts"]
    assert alert["really"] == alert["key"] == told["really_raised"][0]["key"]
    assert alert["sent"].startswith("2026-03-06T")
    assert alert["voices"] >= 3 > 1 > alert["expected"]


def test_watch_without_more_looks_once_as_before(home: Path) -> None:
    assert CliRunner().invoke(main, ["watch"]).exit_code == 0
    assert CliRunner().invoke(main, ["watch", "--config", "config"]).exit_code == 0
    (home / "config").rename(home / "elsewhere")
    before = ["watch", "--config", "elsewhere", "backtest", "--brand", "bolt", "--since", "2026-03-01"]
    after = ["watch", "backtest", "--config", "elsewhere", "--brand", "bolt", "--since", "2026-03-01"]
    for asked in (before, after):
        done = CliRunner().invoke(main, asked)
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--since", "2026-03-01"], "acme or bolt"),
        (["--brand", "acmee", "--since", "2026-03-01"], "did you mean 'acme'"),
        (["--brand", "acme", "--since", "2126-03-01"], "not before"),
    ],
)
def test_what_cannot_be_played_is_told(home: Path, asked: list[str], told: str) -> None:
    done = CliRunner().invoke(main, ["watch", "backtest", *asked])
    assert done.exit_code == 2
    assert told in done.output


def test_the_chart_is_the_same_for_the_same_numbers() -> None:
    days = [((START + timedelta(days=n)).date(), n % 5) for n in range(40)]
    lanes = [Lane("calm", ()), Lane("keen", ((at(100), "high"), (at(500), "low")))]
    zone = ZoneInfo("Asia/Taipei")
    first = past_chart(days, lanes, START, at(960), zone)
    assert first == past_chart(days, lanes, START, at(960), zone)
    assert first != past_chart(days, [Lane("calm", ()), Lane("keen", ((at(100), "high"),))], START, at(960), zone)
    with pytest.raises(ValueError, match="span"):
        past_chart(days, lanes, START, START, zone)
