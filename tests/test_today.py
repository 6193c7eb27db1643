"""The day so far: held against other days by the same hour, told in two languages, in any width."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console

from listener.advise.sofar import SoFarPage, so_far, tell_so_far
from listener.cli import main
from listener.commands import now as now_commands
from tests.helpers_advise import DAY, at, crisis, facts, post, source
from tests.helpers_house import NOW, heard, house_in
from tests.helpers_house import post as written


def days_of(clocks: list[str], days: int = 14) -> list[Any]:
    """The same posts at the same hours on each of the days before."""
    return [
        post(f"d{day}-{n}", text=f"So it goes, {day} {n}", when=at(DAY - timedelta(days=day), clock), sentiment=-0.3)
        for day in range(1, days + 1)
        for n, clock in enumerate(clocks)
    ]


def page(posts: list[Any], clock: str, language: str = "en", **more: object) -> SoFarPage:
    return tell_so_far(so_far(facts(posts, **more), at(DAY, clock)), language, str)


def test_it_compares_with_what_is_usual_by_this_hour() -> None:
    usual = days_of(["08:00", *["20:00"] * 12])
    by_noon = so_far(facts(usual), at(DAY, "12:00"))
    by_night = so_far(facts(usual), at(DAY, "22:00"))
    assert by_noon.usual is not None
    assert by_night.usual is not None
    assert (by_noon.usual.mid, by_night.usual.mid) == (1, 13)
    six = [post(f"t{n}", text=f"Now this, {n}", when=at(DAY, "09:00")) for n in range(6)]
    assert "Louder than usual by this hour: 6 voices, where 1 is usual" in page([*usual, *six], "12:00").verdict
    assert "Quieter than usual by this hour" in page([*usual, *six], "22:00").verdict
    assert "too few to call it loud" in page([*usual, *six[:3]], "12:00").verdict
    assert "As on other days by this hour" in page([*usual, *six[:1]], "12:00").verdict


def test_what_is_said_later_is_not_looked_at() -> None:
    posts = [*days_of(["08:00"]), post("early", when=at(DAY, "07:00")), post("late", when=at(DAY, "18:00"))]
    assert so_far(facts(posts), at(DAY, "12:00")).voices == 1
    assert so_far(facts(posts), at(DAY, "18:00")).voices == 2


def test_a_zero_and_a_young_store_say_what_they_are() -> None:
    assert page(days_of(["08:00"]), "12:00").verdict.startswith("Nobody has spoken so far today.")
    young = page([post("a", when=at(DAY, "07:00"))], "12:00", heard_from=DAY - timedelta(days=2))
    assert "known after four days" in young.verdict


def test_matters_are_the_digests_in_both_languages() -> None:
    posts = [*days_of(["08:00"]), *crisis()]
    english, chinese = page(posts, "23:30"), page(posts, "23:30", "zh-Hant")
    assert english.matters[0].severity == "high"
    assert "data misuse" in f"{english.matters[0].kind} {english.matters[0].title}".lower()
    assert chinese.heads == ("事項", "警報", "未聽到")
    assert english.evidence == chinese.evidence != ()


def test_what_was_not_heard_is_told() -> None:
    deaf = source("deaf", hours=0, state="blocked", detail="403 everywhere")
    slow = source("slow", hours=5)
    told = page([post("a", when=at(DAY, "07:00"))], "11:30", sources=(source("well", hours=12), deaf, slow))
    assert "Of 3 sources 1 were not heard so far" in told.verdict
    assert [item.title for item in told.heard] == ["deaf", "slow"]
    assert "403 everywhere" in told.heard[0].text
    assert "heard in 5 of 12 hours" in told.heard[1].text
    assert page([], "11:30", sources=()).heard[0].text == "No source listens for this brand yet."
    assert page([], "11:30", sources=(source("well", hours=11),)).heard[0].text.startswith("All 1 sources were heard")


@pytest.mark.parametrize("width", [40, 72, 200])
def test_no_line_is_wider_than_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    monkeypatch.setattr(now_commands, "out", console)
    now_commands._show_today(page([*days_of(["08:00"]), *crisis()], "23:30", "zh-Hant"))
    lines = console.export_text().splitlines()
    assert any("資料" in line for line in lines)
    words = [line for line in lines if "http" not in line]
    assert max(map(cell_len, words)) <= min(width, now_commands.WIDEST)
    assert not any(line.strip().startswith(("。", "，", "：")) for line in lines)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with house_in(tmp_path, NOW) as (house, _):
        heard(house, NOW - timedelta(days=1), NOW)
        house.intake.take([written(n, f"Acme is slow today, case {n}", NOW - timedelta(hours=n)) for n in range(30)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("listener.clock.SystemClock.now", lambda self: NOW)

    def typed(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["today", *arguments])

    done = typed()
    assert done.exit_code == 0, done.output
    assert "Acme · Tuesday 10 March 2026, so far: 20:00 (Asia/Taipei)" in done.output
    assert "Bolt · " in done.output
    (told,) = json.loads(typed("--brand", "acme", "--json").stdout)
    assert (told["voices"], told["day"], told["hours"]) == (21, "2026-03-10", 21)
    assert told["unheard"] == []
    wrong = typed("--brand", "acne")
    assert (wrong.exit_code, "did you mean 'acme'?" in wrong.output) == (2, True)
    assert datetime.fromisoformat(told["now"]) == NOW
