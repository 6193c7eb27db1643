"""The Love Bank's arithmetic (DESIGN §6): examples worked by hand, and properties that hold for any input."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.lovebank import (
    HALF_LIFE_DAYS,
    amount,
    balance,
    book_day,
    by_touchpoint,
    leaving_days,
    relationships,
    running_sum,
    series,
    weight_of,
)
from listener.records import Entry, Judged
from listener.store.protocol import BalanceLine
from tests.helpers_watch import TOPICS, at, post, tags

DAY = date(2026, 1, 5)
KNOWN = {topic.id: topic for topic in TOPICS}
feelings = st.floats(-1, 1)
weights = st.floats(0.1, 4)


def entry(love: float, days: int = 0, voice: str = "ann", touchpoint: str = "product", key: str = "k") -> Entry:
    return Entry("acme", voice, DAY + timedelta(days=days), love, touchpoint, "", key)


entries = st.builds(entry, st.floats(-10, 10), st.integers(0, 400), st.sampled_from(["ann", "bob"]))


def test_amount_is_five_times_feeling_times_weight() -> None:
    assert amount(-0.6, 2.0) == pytest.approx(-6.0)
    assert amount(0.5, 1.0) == pytest.approx(2.5)
    assert amount(-1.0, 4.0) == -10.0
    assert amount(0.049, 4.0) == 0.0
    assert amount(0.05, 1.0) == pytest.approx(0.25)


@given(feelings, weights)
def test_amount_stays_within_ten_and_keeps_its_sign(feeling: float, weight: float) -> None:
    booked = amount(feeling, weight)
    assert -10 <= booked <= 10
    assert booked * feeling >= 0
    assert (booked == 0) == (abs(feeling) < 0.05)


def test_praise_weighs_on_deposits_only_and_the_rest_on_withdrawals_only() -> None:
    both = tags("great-service", "data-misuse")
    assert weight_of(both, KNOWN, -0.5).reason == "data-misuse"
    assert weight_of(both, KNOWN, 0.5).reason == "great-service"
    farewell = weight_of(tags("leaving"), KNOWN, 0.5)
    assert (farewell.weight, farewell.touchpoint, farewell.reason) == (1.0, "relationship", "")


def test_largest_weight_wins_and_the_stronger_tag_among_equals() -> None:
    assert weight_of(tags("hidden-fees", "data-misuse"), KNOWN, -1).touchpoint == "privacy"
    assert weight_of(tags("outage", "hidden-fees"), KNOWN, -1).touchpoint == "network"
    assert weight_of(tags("no-longer-configured"), KNOWN, -1).weight == 1.0


def said(name: str, feeling: float, *topics: str, hour: float = 0, **more: object) -> Judged:
    return post(name, at(hour), *topics, feeling=feeling, voice="ann", **more)


def test_one_thread_one_entry_the_strongest_post() -> None:
    posts = [said("a", -0.4, thread_url="t"), said("b", -0.8, thread_url="t"), said("c", 0.5, thread_url="t")]
    (booked,) = book_day(posts, TOPICS, DAY)
    assert booked == Entry("acme", "ann", DAY, -4.0, "relationship", "", posts[1].post_key)


def test_copies_and_one_complaint_in_many_threads_are_one_story() -> None:
    copies = [said(name, -0.6, fingerprint="same") for name in "abcd"]
    assert len(book_day(copies, TOPICS, DAY)) == 1
    complaint = [said(name, -0.6, "hidden-fees") for name in "abcd"]
    assert len(book_day(complaint, TOPICS, DAY)) == 1
    signals = [said(name, -0.6, "leaving") for name in "ab"]
    assert len(book_day(signals, TOPICS, DAY)) == 2, "a signal alone does not make two threads one story"


def test_stories_join_through_a_third_post() -> None:
    posts = [
        said("a", -0.2, thread_url="t"),
        said("b", -0.4, thread_url="t", fingerprint="x"),
        said("c", -0.6, fingerprint="x"),
    ]
    (booked,) = book_day(posts, TOPICS, DAY)
    assert booked.post_key == posts[2].post_key


def test_ties_go_to_the_earlier_post() -> None:
    late, early = said("a", -0.6, hour=5, thread_url="t"), said("b", 0.6, hour=1, thread_url="t")
    assert book_day([late, early], TOPICS, DAY)[0].post_key == early.post_key


def test_the_brand_itself_and_faint_feelings_book_nothing() -> None:
    assert book_day([said("a", -0.9, by_brand=True), said("b", 0.04)], TOPICS, DAY) == ()
    assert book_day([], TOPICS, DAY) == ()


def test_an_empty_fingerprint_joins_nothing() -> None:
    posts = [said(name, -0.6, fingerprint="") for name in "ab"]
    assert len(book_day(posts, TOPICS, DAY)) == 2


def test_two_voices_are_refused() -> None:
    with pytest.raises(ValueError, match="one voice"):
        book_day([said("a", -1), post("b", at(0), feeling=-1.0)], TOPICS, DAY)


day_posts = st.lists(
    st.tuples(
        feelings,
        st.sampled_from(["t1", "t2", "t3", "t4"]),
        st.sampled_from(["f1", "f2", "f3", ""]),
        st.sampled_from([(), ("hidden-fees",), ("data-misuse", "outage"), ("great-service",), ("leaving",)]),
        st.integers(0, 3),
    ),
    max_size=8,
)


@given(day_posts, st.randoms(use_true_random=False))
def test_booking_does_not_depend_on_order(
    rows: list[tuple[float, str, str, tuple[str, ...], int]], random: object
) -> None:
    posts = [
        said(str(number), feeling, *topics, hour=hour, thread_url=thread, fingerprint=text)
        for number, (feeling, thread, text, topics, hour) in enumerate(rows)
    ]
    shuffled = list(posts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    booked = book_day(posts, TOPICS, DAY)
    assert book_day(shuffled, TOPICS, DAY) == booked
    threads = [next(p.thread_url for p in posts if p.post_key == one.post_key) for one in booked]
    assert len(threads) == len(set(threads)), "one thread is booked once"


@given(st.floats(-10, 10), st.floats(1, 365))
def test_half_is_left_after_one_half_life(love: float, half_life: float) -> None:
    days = round(half_life)
    assert balance([entry(love)], DAY + timedelta(days=days), float(days)) == pytest.approx(love / 2)


@given(st.lists(entries), st.lists(entries), st.integers(0, 500))
def test_balances_of_disjoint_entries_add_up(some: list[Entry], others: list[Entry], days: int) -> None:
    day = DAY + timedelta(days=days)
    assert balance(some + others, day) == pytest.approx(balance(some, day) + balance(others, day), abs=1e-9)
    assert running_sum(some + others, day) == pytest.approx(running_sum(some, day) + running_sum(others, day), abs=1e-9)


@given(st.lists(entries, max_size=30), st.integers(0, 300))
def test_series_says_what_balance_says(booked: list[Entry], first: int) -> None:
    lines = [BalanceLine(e.day, max(0.0, e.amount), min(0.0, e.amount)) for e in booked]
    days = series(lines, DAY + timedelta(days=first), DAY + timedelta(days=first + 40))
    assert len(days) == 41
    for day, total in days:
        assert total == pytest.approx(balance(booked, day), abs=1e-9)


def test_later_entries_do_not_count_yet() -> None:
    booked = [entry(4), entry(-10, days=1)]
    assert balance(booked, DAY) == 4
    assert running_sum(booked, DAY) == 4
    assert by_touchpoint(booked, DAY)[0].withdrawals == 0


def test_touchpoints_lowest_first_and_complete() -> None:
    booked = [entry(-6, touchpoint="privacy"), entry(3, touchpoint="support"), entry(-1, touchpoint="support")]
    accounts = by_touchpoint(booked, DAY + timedelta(days=int(HALF_LIFE_DAYS)))
    assert [account.touchpoint for account in accounts] == ["privacy", "support"]
    assert (accounts[1].deposits, accounts[1].withdrawals, accounts[1].entries) == (3, -1, 2)
    assert accounts[1].balance == pytest.approx(1.0)


def risks(booked: list[Entry], days: int = 120, **leaving: int) -> tuple[str, ...]:
    said_on = {voice: DAY + timedelta(days=day) for voice, day in leaving.items()}
    return relationships(booked, said_on, DAY + timedelta(days=days))[0].at_risk


def test_three_reasons_for_risk() -> None:
    assert risks([entry(-8)]) == ("betrayal",)
    assert risks([entry(-7.9)]) == ()
    assert risks([entry(-1, 0), entry(-1, 45), entry(-1, 90)]) == ("small disappointments",)
    assert risks([entry(-1, 0), entry(-1, 45), entry(-1, 91)]) == ()
    assert risks([], ann=3) == ("leaving",)
    assert risks([entry(-9), entry(-2, 1), entry(-2, 2)], ann=2) == ("leaving", "betrayal", "small disappointments")


def test_a_deposit_between_mends() -> None:
    assert risks([entry(-1, 0), entry(2, 5), entry(-1, 10), entry(-1, 20)]) == ()
    assert risks([entry(2, 0), entry(-1, 5), entry(-1, 10), entry(-1, 20)]) == ("small disappointments",)
    assert risks([entry(-1, 5), entry(-1, 10), entry(-1, 20), entry(2, 30)]) == ()


def test_relationships_worst_first_and_nobody_from_the_future() -> None:
    booked = [entry(5, voice="ann"), entry(-3, voice="bob"), entry(-9, voice="cyd"), entry(-9, days=9, voice="dan")]
    found = relationships(booked, {"eve": DAY, "fay": DAY + timedelta(days=9)}, DAY)
    assert [one.voice for one in found] == ["cyd", "eve", "bob", "ann"]
    assert (found[0].worst, found[0].withdrawals, found[0].deposits) == (-9, -9, 0)
    assert (found[3].worst, found[3].last_day) == (0.0, DAY)


def test_leaving_days_are_the_brands_days() -> None:
    posts = [post("a", at(20), "leaving", voice="ann"), post("b", at(1), "leaving", voice="ann")]
    posts.append(post("c", at(1), "leaving", voice="desk", by_brand=True))
    assert leaving_days(posts, ZoneInfo("Asia/Taipei")) == {"ann": DAY + timedelta(days=1)}
