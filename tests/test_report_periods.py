"""Weeks, months and portfolios over the store: made when their hour comes, mailed once, forgotten like the rest."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from listener.advise.span.period import period_of
from listener.cli import main
from listener.clock import ManualClock
from listener.desk import Desk, open_desk
from listener.house import House
from listener.report.periods import due_periods, source_hours
from listener.report.portfolios import due_portfolios
from listener.store.gathered import SourceLine
from tests.helpers_house import LEAK, SOURCE, heard, house_in, post, write_home

MONDAY = datetime(2026, 3, 9, 1, tzinfo=UTC)  # nine in the morning in Taipei, after the digest's hour
WEEK = period_of("week", date(2026, 3, 4))  # Monday 2 to Sunday 8 March
WISHES = """
[[person]]
id = "ann"
name = "Ann"
mail = "ann@brand.example"
digests = ["day", "week", "month"]
portfolio = ["week"]

[[person]]
id = "mei"
name = "Mei"
mail = "mei@brand.example"
language = "zh-Hant"
"""


def desk_of(house: House) -> Desk:
    return Desk(house.config, house.store, house.clock)


def home(tmp_path: Path, people: str = WISHES) -> Path:
    folder = write_home(tmp_path)
    (folder / "people.toml").write_text(people, encoding="utf-8")
    return folder


def listened(house: House, since: datetime = MONDAY - timedelta(days=20), until: datetime = MONDAY) -> None:
    """Three weeks, in the last of which some are angry about data and one says thanks."""
    heard(house, since, until)
    texts = [*LEAK, "Thanks to the Acme desk, great service, they solved it in ten minutes"]
    house.intake.take([post(n, text, MONDAY - timedelta(days=4, hours=n)) for n, text in enumerate(texts)])


def mails(house: House) -> list[tuple[str, str]]:
    rows = house.store.rows("SELECT key, recipient FROM outbox ORDER BY message")
    return [(row["key"], row["recipient"]) for row in rows]


def test_a_week_is_due_on_monday_at_the_digests_hour_for_those_who_wish_it_and_once(tmp_path: Path) -> None:
    home(tmp_path)
    with house_in(tmp_path, MONDAY - timedelta(hours=3)) as (house, clock):
        listened(house)
        assert due_periods(house.store, house.config, clock.now()) == (), "it is six: before the digest's hour"
        clock.set(MONDAY)
        assert [(brand.id, period, late) for brand, period, late in due_periods(house.store, house.config, MONDAY)] == [
            ("acme", WEEK, False)
        ]
        assert desk_of(house).due() == 2, "the week and the portfolio"
        assert mails(house) == [
            ("digest:acme:week:2026-03-08:ann", "ann@brand.example"),
            ("portfolio:week:2026-03-08:ann", "ann@brand.example"),
        ]
        assert desk_of(house).due() == 0
        assert not desk_of(house).period(house.config.brand("acme"), WEEK)
        assert desk_of(house).period(house.config.brand("acme"), WEEK, again=True)
        assert not desk_of(house).mail_portfolio(house.config.person("ann"), "week", WEEK.last)
        assert len(mails(house)) == 2, "made again is not mailed again"


def test_a_month_is_due_on_the_first_and_what_was_missed_for_some_days(tmp_path: Path) -> None:
    home(tmp_path)
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
        april = datetime(2026, 4, 1, 0, tzinfo=UTC)  # eight o'clock in Taipei
        kinds = {
            days: [(period.kind, period.last.isoformat(), late) for _, period, late in due_periods(
                house.store, house.config, april + timedelta(days=days))]
            for days in (0, 2, 4)
        }  # fmt: skip
        assert kinds[0] == [("week", "2026-03-29", True), ("month", "2026-03-31", False)]
        assert kinds[2] == [("month", "2026-03-31", True)], "Friday: the week is too long ago"
        assert kinds[4] == []


def test_nobody_is_mailed_what_they_did_not_wish(tmp_path: Path) -> None:
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
        assert due_periods(house.store, house.config, MONDAY) == ()
        assert due_portfolios(house.store, house.config, MONDAY) == ()
        acme = house.config.brand("acme")
        assert desk_of(house).period(acme, WEEK)
        assert mails(house) == []
        assert {
            language: house.store.digest("acme", WEEK.last, language, "week") is not None
            for language in ("en", "zh-Hant")
        } == {"en": True, "zh-Hant": True}
        assert house.store.digest("acme", WEEK.last, "en") is None, "that Sunday's own digest is another"
        assert house.store.digest_days("acme") == []


def test_the_week_of_a_reader_who_wants_no_days(tmp_path: Path) -> None:
    home(tmp_path, WISHES.replace('digests = ["day", "week", "month"]', 'digests = ["week"]'))
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
        house.digest(house.config.brand("acme"), WEEK.last)
        assert [who for _, who in mails(house)] == ["mei@brand.example"]


def test_what_the_page_says_of_the_week(tmp_path: Path) -> None:
    home(tmp_path)
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
        desk_of(house).due()
        stored = house.store.digest("acme", WEEK.last, "en", "week")
        assert stored is not None
        assert "data misuse" in stored.text
        assert "5 voices in 1 place" in stored.text
        assert "Heard 168 of 168 source hours (100 %)" in stored.text
        assert stored.evidence
        kept = {one.post_key for one in house.store.evidence(brand="acme")}
        assert set(stored.evidence) <= kept, "what it quotes is kept as it read"


def test_forgetting_reaches_weeks_and_makes_them_anew(tmp_path: Path) -> None:
    home(tmp_path)
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
        desk_of(house).due()
        stored = house.store.digest("acme", WEEK.last, "en", "week")
        assert stored is not None
        quoted = {one.post_key: one for one in house.store.judged("acme", keys=stored.evidence)}
        gone = quoted[stored.evidence[0]]
        removed = house.forget(gone.url)
        assert removed.periods == (("acme", "week", WEEK.last),)
        assert house.store.digest("acme", WEEK.last, "en", "week") is None
        assert desk_of(house).anew(removed) == 1
        anew = house.store.digest("acme", WEEK.last, "en", "week")
        assert anew is not None
        assert gone.text not in anew.html + anew.text
        assert gone.post_key not in anew.evidence


def test_hours_of_a_source_that_came_late_or_fell_silent() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    end = start + timedelta(days=7)

    def line(first: datetime | None, state: str = "heard") -> SourceLine:
        return SourceLine("s", "feed", "https://s.example/", state, first or start, "", first, first)

    def hour(number: int) -> datetime:
        return start + timedelta(hours=number)

    late = source_hours(line(hour(120)), [hour(n) for n in range(120, 168)], start, end, True)
    assert (late.possible, late.heard, late.silent) == (48, 48, 0)
    old = line(start - timedelta(days=9))
    gap = source_hours(old, [*map(hour, range(10)), *map(hour, range(40, 160))], start, end, True)
    assert (gap.possible, gap.heard, gap.silent, gap.silent_from) == (168, 130, 30, hour(10))
    tail = source_hours(old, [*map(hour, range(100))], start, end, True)
    assert (tail.silent, tail.silent_from) == (68, hour(100))
    never = source_hours(line(None, "blocked"), [], start, end, False)
    assert (never.possible, never.heard, never.silent) == (168, 0, 168)
    not_yet = source_hours(line(end + timedelta(days=1)), [], start, end, False)
    assert (not_yet.possible, not_yet.heard) == (0, 0)


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["digest", "--config", str(folder), *arguments])
    return done.exit_code, done.output


def test_the_command_writes_a_week_a_portfolio_and_says_what_it_cannot(tmp_path: Path) -> None:
    folder = home(tmp_path)
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
    page = tmp_path / "week.html"
    code, said = run(folder, "--brand", "acme", "--period", "week", "--day", "2026-03-04", "--write", str(page))
    assert (code, "acme week 2026-03-02 to 2026-03-08: " in said) == (0, True)
    html = page.read_text("utf-8")
    assert "cid:" not in html
    assert html.count("data:image/png;base64,") == 2
    code, said = run(folder, "--portfolio", "--period", "week", "--day", "2026-03-04")
    assert code == 0
    assert "2 brands" in said
    assert "Acme" in said
    assert run(folder, "--brand", "acme", "--period", "month", "--day", "2999-01-01")[0] == 2
    assert run(folder, "--brand", "acme", "--period", "week", "--day", "yesteryear")[0] == 2
    code, said = run(folder, "--period", "week", "--day", "2026-03-04", "--write", str(page))
    assert (code, "--brand" in said) == (2, True)
    assert run(folder, "--brand", "acme", "--for", "ann")[0] == 2
    assert run(folder, "--brand", "acmee", "--period", "week")[0] == 2


def test_the_desk_applies_new_mutes_before_it_counts(tmp_path: Path) -> None:
    folder = home(tmp_path)
    with house_in(tmp_path, MONDAY) as (house, _):
        listened(house)
    brands = (folder / "brands.toml").read_text("utf-8")
    mute = '[[brand.mute]]\nwords = ["personal data"]\nreason = "test"\n\n[[brand]]\nid = "bolt"'
    (folder / "brands.toml").write_text(brands.replace('[[brand]]\nid = "bolt"', mute), encoding="utf-8")
    with open_desk(folder, ManualClock(MONDAY)) as desk:
        assert desk.store.span_voices("acme", WEEK.first, WEEK.last) == 2


@pytest.mark.parametrize("wish", ['digests = ["fortnight"]', 'portfolio = ["year"]'])
def test_an_unknown_period_is_refused_with_its_line(tmp_path: Path, wish: str) -> None:
    folder = home(
        tmp_path, WISHES.replace('digests = ["day", "week", "month"]', wish).replace('portfolio = ["week"]', "")
    )
    code, said = run(folder, "--period", "week")
    assert code == 2
    assert "people.toml" in said
    assert SOURCE.name not in said
