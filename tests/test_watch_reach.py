"""Who is told of an alert, and when: quiet hours, holidays, the second on the list, and the life's own turns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from listener.config import Person
from listener.records import Alert, Severity
from listener.store.tellings import Telling
from listener.watch.life import Event
from listener.watch.reach import event_for, turn_of

NIGHT = datetime(2026, 3, 10, 16, 30, tzinfo=UTC)  # 00:30 on Wednesday in Taipei
MORNING = NIGHT + timedelta(hours=7)
MINUTE = timedelta(minutes=1)


def person(person_id: str = "ann", **more: object) -> Person:
    return Person.model_validate({"id": person_id, "name": "Ann", "mail": "ann@brand.example"} | more)


ANN = person(quiet="22:00-07:00", time_zone="Asia/Taipei")
SECOND = person("second", after_minutes=30)


def alert(severity: Severity = "medium", escalations: int = 0, told_at: datetime = NIGHT, **more: object) -> Alert:
    base = Alert(
        "1a2b3c4d" * 4, "acme", "all", "", severity, "open", NIGHT, NIGHT, NIGHT, 5.0, 5, 0.1, 1.0, ("forum.example",),
        (f"escalations:{escalations}", f"told_at:{told_at.timestamp():.0f}"), (),
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def told(*turns: str, person_id: str = "ann") -> list[Telling]:
    return [Telling(person_id, turn, NIGHT, "<1@x>") for turn in turns]


def test_quiet_hours_hold_back_all_but_the_highest() -> None:
    assert event_for(alert("medium"), ANN, [], NIGHT) is None
    assert event_for(alert("high"), ANN, [], NIGHT) == "opened"
    assert event_for(alert("medium"), ANN, [], MORNING) == "opened"
    assert event_for(alert("medium"), person(), [], NIGHT) == "opened"


def test_after_the_night_it_is_one_mail_about_the_present() -> None:
    grown = alert("medium", escalations=2, state="escalated")
    assert event_for(grown, ANN, [], MORNING) == "opened"
    assert event_for(grown, ANN, told("2"), MORNING) is None
    assert event_for(grown, ANN, told("0"), MORNING) == "escalated"


def test_what_came_and_went_in_the_night_wakes_nobody_later() -> None:
    over = alert("medium", state="closed", closed=NIGHT + MINUTE)
    assert event_for(over, ANN, [], MORNING) is None
    assert event_for(over, ANN, told("0"), NIGHT) is None, "an all-clear can wait, also that of a high one"
    assert event_for(replace(over, severity="high"), ANN, told("0"), NIGHT) is None
    assert event_for(over, ANN, told("0"), MORNING) == "closed"
    assert event_for(over, ANN, told("0", "closed"), MORNING) is None


def test_the_second_is_told_once_nobody_took_up_a_high_one() -> None:
    late, high = NIGHT + 30 * MINUTE, alert("high")
    assert event_for(high, SECOND, told("0"), late - MINUTE) is None
    assert event_for(high, SECOND, told("0"), late) == "opened"
    assert event_for(replace(high, state="acknowledged"), SECOND, told("0"), late) is None
    assert event_for(alert("medium"), SECOND, told("0"), late) is None
    again = alert("high", escalations=1, told_at=late, state="escalated")
    assert event_for(again, SECOND, told("0"), late + 29 * MINUTE) is None, "it is asked anew, so the time runs anew"
    assert event_for(replace(high, state="closed"), SECOND, told("0", "closed"), late) is None
    assert event_for(again, SECOND, told("0", person_id="second"), late) == "escalated", "once told, told of it all"


def test_a_clock_that_was_ahead_keeps_nobody_from_being_told() -> None:
    assert event_for(alert("high", told_at=NIGHT + timedelta(days=365)), SECOND, [], NIGHT) == "opened"


@pytest.mark.parametrize("day", ["wed", "2026-03-11"])
def test_holidays_are_days_of_the_persons_own_zone(day: str) -> None:
    away = person(holidays=[day], time_zone="Asia/Taipei")
    assert [away.resting(at) for at in (NIGHT - timedelta(hours=1), NIGHT, MORNING)] == [False, True, True]
    assert not away.resting(NIGHT + timedelta(days=1))
    assert event_for(alert("medium"), away, [], MORNING) is None
    assert event_for(alert("high"), away, [], MORNING) == "opened"


@pytest.mark.parametrize(
    ("setting", "word"),
    [({"holidays": ["someday"]}, "no day"), ({"holidays": "sat"}, "list"), ({"quiet": "22-7"}, "hours"),
     ({"after_minutes": -1}, "greater"), ({"time_zone": "Taipeh"}, "zone")],
)  # fmt: skip
def test_mistakes_in_the_config_are_told(setting: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        person("ann", **setting)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["low", "medium", "high"]), st.booleans()), max_size=12),
    st.lists(st.integers(1, 400), max_size=12),
    st.sampled_from([ANN, SECOND, person(), person(holidays=["wed"], after_minutes=5)]),
)
def test_no_turn_is_told_twice_and_no_end_without_a_beginning(
    steps: list[tuple[int, Severity, bool]], minutes: list[int], reader: Person
) -> None:
    now, known, heard, count = NIGHT, [], list[tuple[str, Event]](), 0  # type: datetime, list[Telling], list[tuple[str, Event]], int
    for (grow, severity, over), later in zip(steps, minutes, strict=False):
        now, count = now + later * MINUTE, min(2, count + grow)
        one = alert(severity, count, state="closed" if over else "open", closed=now if over else None)
        for _ in range(2):  # two services look
            event = event_for(one, reader, known, now)
            if event is not None:
                known.append(Telling(reader.id, turn_of(one), now, "<1@x>"))
                heard.append((turn_of(one), event))
    turns = [turn for turn, _ in heard]
    assert len(turns) == len(set(turns))
    assert [event for _, event in heard][:1] in ([], ["opened"])
    assert [event for _, event in heard].count("opened") <= 1
