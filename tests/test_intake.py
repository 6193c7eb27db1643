"""A post is in the store whole, or not at all; in any order, once."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from listener.house import House
from tests.helpers_house import NOW, SOURCE, house_in, post, write_home


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as (opened, _):
        opened.store.sync_sources([SOURCE], NOW)
        yield opened


def count(house: House, table: str) -> int:
    return int(house.store.rows(f"select count(*) as n from {table}")[0]["n"])


def test_a_mention_is_kept_whole_and_a_stranger_only_as_a_key(house: House) -> None:
    new = house.intake.take([post(1, "Acme never answers my mails, three weeks now"), post(2, "nice weather")])
    assert new == {SOURCE.name: 2}
    assert (count(house, "posts"), count(house, "mentions"), count(house, "judgements")) == (1, 1, 1)
    assert count(house, "entries") == 1
    assert house.store.rows("select key, content_hash, source from seen")[0]["key"] == post(2, "").key
    assert "weather" not in str(house.store.rows("select * from seen"))


def test_taken_again_nothing_changes(house: House) -> None:
    posts = [post(n, f"Acme is fine, number {n}") for n in range(5)] + [post(9, "no brand here")]
    assert sum(house.intake.take(posts).values()) == 6
    before = house.store.rows("select * from v_mentions order by link")
    assert sum(house.intake.take(posts).values()) == 0
    assert house.store.rows("select * from v_mentions order by link") == before


def test_a_reply_belongs_to_its_thread_in_the_batch_and_later(house: House) -> None:
    opener = post(1, "Acme support: what is going on?", title="Support question", thread=1)
    reply = post(2, "Still no answer after three weeks.", title="Support question", thread=1, position=1)
    later = post(3, "Same here.", title="Support question", thread=1, position=2)
    house.intake.take([reply, opener])
    house.intake.take([later])
    places = {row["link"][-2:]: row["place"] for row in house.store.rows("select link, place from v_mentions")}
    assert places == {"p1": "text", "p2": "thread", "p3": "thread"}


def test_an_edit_is_judged_and_booked_anew(house: House) -> None:
    first = post(1, "Acme is great, thank you so much, excellent service!")
    house.intake.take([first])
    [before] = house.store.entries("acme", NOW.date())
    house.intake.take([replace(first, text="Acme ignored me for weeks, terrible service, I am furious.")])
    [after] = house.store.entries("acme", NOW.date())
    assert before.amount > 0 > after.amount
    assert count(house, "posts") == 1


def test_an_edit_that_takes_the_brand_out_takes_the_post_out(house: House) -> None:
    first = post(1, "Acme is great")
    house.intake.take([first])
    house.intake.take([replace(first, text="They are great")])
    assert (count(house, "posts"), count(house, "mentions"), count(house, "entries")) == (0, 0, 0)
    assert house.store.known([first.key])


def test_the_brand_s_own_words_book_nothing(house: House) -> None:
    house.intake.take([post(1, "Acme loves you! Great, wonderful, excellent!", author="acme_help")])
    assert count(house, "entries") == 0
    assert house.store.rows("select by_brand from mentions")[0]["by_brand"] == 1


def test_one_voice_once_a_story_in_any_order(tmp_path: Path) -> None:
    text = "Acme sold my phone number to an insurer without asking me. {}"
    posts = [post(n, text.format("!" * n), NOW + timedelta(minutes=n), author="Lin") for n in range(6)]
    posts += [post(20 + n, "Acme was friendly and quick today, thanks!", NOW, author="Wu") for n in range(3)]
    booked = []
    for seed in range(3):
        random.Random(seed).shuffle(posts)
        with house_in(tmp_path / str(seed)) as (house, _):
            house.store.sync_sources([SOURCE], NOW)
            for at in range(0, len(posts), 2):
                house.intake.take(posts[at : at + 2])
            booked.append([(e.amount, e.touchpoint, e.post_key) for e in house.store.entries("acme", NOW.date())])
    assert sorted(booked[0]) == sorted(booked[1]) == sorted(booked[2])
    assert len(booked[0]) == 2


def test_a_post_from_the_future_counts_when_it_was_read(house: House) -> None:
    house.intake.take([replace(post(1, "Acme again"), published=NOW + timedelta(days=400))])
    assert house.store.judged("acme")[0].when == NOW


@pytest.mark.parametrize(
    "text",
    ["", "A", "Acme \ud800 broken", "Acme \x00\x01\x02", "Acme " + "x" * 1_000_000, "Acme " + "👍" * 500, "Acme ‮evil"],
    ids=["empty", "one", "surrogate", "control", "huge", "emoji", "bidi"],
)
def test_whatever_people_write_ends_no_batch(house: House, text: str) -> None:
    assert sum(house.intake.take([post(1, text), post(2, "Acme is fine")]).values()) == 2
    assert post(2, "").key in house.store.known([post(2, "").key])


def test_sources_may_be_about_some_brands_only(tmp_path: Path) -> None:
    folder = write_home(tmp_path)
    with (folder / "sources.toml").open("a", encoding="utf-8") as file:
        file.write('brands = ["bolt"]\n')
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take([post(1, "Acme and Bolt are both fine")])
        assert [row["brand"] for row in house.store.rows("select brand from mentions")] == ["bolt"]


def test_keep_unmatched(tmp_path: Path) -> None:
    with house_in(tmp_path, more="[privacy]\nkeep_unmatched = true\n") as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take([post(1, "nothing of any brand")])
        assert count(house, "posts") == 1
        assert count(house, "mentions") == 0
