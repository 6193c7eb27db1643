"""Threads about a brand: what is about it, anger in several threads, and a thread of critics."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from listener.records import Judged
from listener.watch.about import in_passing, is_about, names
from listener.watch.alarm import watch
from listener.watch.life import Change
from listener.watch.settings import DEFAULTS
from listener.watch.threads import THREAD, THREADS
from tests.helpers_watch import TOPICS, at, heard, post

WEEKS_H = 24 * 40


def named(
    name: str, hour: float, thread: str, feeling: float = -0.6, text: str = "Acme let us down.", **more: Any
) -> Judged:
    """A post that names Acme wherever its text does."""
    spans = tuple((start, start + 4) for start in range(len(text)) if text.startswith("Acme", start))
    fields: dict[str, Any] = {
        "thread_url": f"https://forum.example/t/{thread}",
        "text": text,
        "named": spans,
        "position": 1,
    } | more
    return post(name, at(hour), feeling=feeling, **fields)


def opener(name: str, hour: float, thread: str, feeling: float = -0.6, **more: Any) -> Judged:
    return named(name, hour, thread, feeling, position=0, **more)


def raised(posts: Sequence[Judged], until: float = WEEKS_H) -> list[Change]:
    changes = watch(posts, heard(WEEKS_H), TOPICS, (), at(0), at(until), DEFAULTS, at(0))
    return [change for change in changes if change.event == "opened"]


def test_a_name_in_a_mail_address_is_none() -> None:
    text = "Write to ann@Acme.example or to @Acme. Acme knows."
    assert [text[start:end] for start, end in names(named("a", 1, "t", text=text))] == ["Acme", "Acme"]
    assert len(named("a", 1, "t", text=text).named) == 3


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        ("Acme fell over.", {}, True),
        ("x" * 400 + " Acme", {}, False),
        ("很" * 120 + "Acme", {}, False),
        ("很" * 90 + "Acme", {}, True),
        ("x" * 400 + " Acme and Acme", {}, True),
        ("x" * 400 + " Acme", {"titled": True}, True),
        ("nothing here", {"where": "title"}, True),
        ("nothing here", {"where": "thread"}, False),
        ("bob@Acme.example", {}, False),
    ],
)
def test_what_is_about_the_brand(text: str, more: dict[str, Any], expected: bool) -> None:
    assert is_about(named("a", 1, "t", text=text, **more)) is expected


def test_only_a_text_that_names_it_can_do_so_in_passing() -> None:
    assert in_passing(named("a", 1, "t", text="x" * 400 + " Acme"))
    assert not in_passing(named("a", 1, "t", text="nothing", where="thread"))
    assert not in_passing(post("a", at(1)))  # where its text names it is not known


def angry_threads(hour: float, count: int, voices: int) -> list[Judged]:
    return [
        opener(f"o{number}", hour + number * 2, f"t{number}", voice=f"v{number % voices}") for number in range(count)
    ]


def rare_anger() -> list[Judged]:
    """One angry thread every ten days."""
    return [opener(f"old{day}", 24.0 * day, f"old{day}") for day in (5, 15, 25)]


def test_anger_in_three_threads_in_a_day_is_an_alert_where_it_is_rare() -> None:
    (change,) = raised(rare_anger() + angry_threads(24 * 32, 3, 3))
    assert (change.alert.stream, change.alert.voices, change.at) == (THREADS, 3, at(24 * 32 + 4))


def test_one_person_with_three_threads_is_none() -> None:
    assert raised(rare_anger() + angry_threads(24 * 32, 3, 1)) == []


def test_three_threads_that_name_it_in_passing_are_none() -> None:
    late = [replace(one, text="x" * 400 + " Acme", named=((401, 405),)) for one in angry_threads(24 * 32, 3, 3)]
    assert raised(rare_anger() + late) == []


def test_where_anger_is_daily_three_threads_are_an_ordinary_day() -> None:
    daily = [opener(f"d{n}", 8.0 * n, f"d{n}") for n in range(3 * 31)]
    assert raised(daily + angry_threads(24 * 32, 3, 3)) == []


def critics(hour: float, thread: str, count: int, feeling: float = -0.6) -> list[Judged]:
    """An opener and its answers, half an hour apart."""
    answers = [named(f"{thread}{n}", hour + n / 2, thread, feeling) for n in range(1, count)]
    return [opener(f"{thread}0", hour, thread, feeling), *answers]


def test_a_new_thread_of_critics_is_an_alert_at_the_third() -> None:
    (change,) = raised(critics(24 * 30, "t", 5))
    assert (change.alert.stream, change.at) == (THREAD, at(24 * 30 + 1))


def test_praise_outweighs_critics() -> None:
    defended = [named(f"p{n}", 24 * 30 + 0.1 * n, "t", 0.7) for n in range(1, 4)]
    assert raised(critics(24 * 30, "t", 4) + defended) == []


def test_calm_talk_is_no_thread_of_critics() -> None:
    assert raised(critics(24 * 30, "t", 4, 0.0)) == []


def test_a_thread_needs_a_history_of_three_weeks() -> None:
    assert raised(critics(24 * 18, "t", 3)) == []


def test_a_brand_that_often_has_such_threads_is_used_to_them() -> None:
    before = [one for day in (20, 21) for one in critics(24 * day, f"b{day}", 3)]
    assert all(change.at < at(24 * 25) for change in raised(before + critics(24 * 30, "t", 3)))


def test_a_thread_that_turns_after_its_first_day_is_old_news() -> None:
    late = [named(f"l{n}", 24 * 30 + 30 + n / 2, "t") for n in range(4)]
    assert raised([opener("o", 24 * 30, "t"), *late]) == []


def test_no_look_ahead() -> None:
    """Cut off after any post, the watch says the same of what came before."""
    posts = rare_anger() + critics(24 * 30, "t", 5) + angry_threads(24 * 36, 4, 4)
    whole = raised(posts)
    for hour in (24 * 30 + 1.0, 24 * 33.0, 24 * 36 + 4.0):
        cut = [one for one in posts if one.when <= at(hour)]
        assert raised(cut, hour) == [change for change in whole if change.at <= at(hour)]
