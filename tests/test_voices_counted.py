"""One text in many places counts for one voice: in the views, the Love Bank, the watch and the digest alike."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.advise.digest import compose
from listener.house import House
from listener.records import Deletion, Post
from listener.report.digests import collect
from listener.urls import post_key
from tests.helpers_house import NOW, SOURCE, heard, house_in, post

LETTER = (
    "Acme charged me twice for the same parcel and then told me on the phone that the second charge was a deposit "
    "which nobody had ever mentioned before. Never again, this is theft."
)
CHINESE = "頂好的客服說會在三個工作天內回覆，結果等了兩個禮拜，打電話過去又要我重新填一次表格，真的很離譜，再也不會買"
DAY = NOW.date()
SAID = [
    "Acme is fine by me",
    "Acme support never answered, three weeks now, I am furious",
    LETTER,
    f"RT @somebody: {LETTER} https://t.example/9",
    LETTER[:-40],
    CHINESE,
    f"轉發：{CHINESE}",
    "Same here, Acme",
    "Same here, Acme",
    "Thank you Acme, the driver waited for me and carried it up four floors, great service",
]


def at(house: House, site: str, one: Post) -> Post:
    """The same post on another site."""
    url = one.url.replace("town.example", site)
    return replace(one, platform=site, url=url, thread_url=url.partition("#")[0], key=post_key(url))


@contextmanager
def town(folder: Path) -> Iterator[House]:
    """An open house that knows its source."""
    with house_in(folder) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        yield house


def daily(house: House, brand: str = "acme") -> dict[str, object]:
    rows = house.store.rows(
        "SELECT * FROM v_daily WHERE brand = :brand AND day = :day", {"brand": brand, "day": DAY.isoformat()}
    )
    return rows[0] if rows else {"voices": 0, "mentions": 0, "negative_voices": 0}


def shape(house: House) -> object:
    """All that counting looks at, for holding two stores against each other."""
    return (
        house.store.rows("SELECT * FROM v_daily ORDER BY brand, day"),
        house.store.rows("SELECT * FROM v_topics_daily ORDER BY brand, day, topic"),
        house.store.rows("SELECT * FROM v_share_of_voice ORDER BY brand, day"),
    )


def test_copies_count_once_everywhere(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        heard(house, NOW - timedelta(days=9), NOW)
        house.intake.take([post(n, LETTER, NOW - timedelta(minutes=30 - n)) for n in range(20)])
        house.intake.take([post(30, f"Hi all! {LETTER}", NOW), post(31, "Acme is down and I want my money back", NOW)])
        row = daily(house)
        assert (row["voices"], row["mentions"], row["negative_voices"]) == (2, 22, 2)
        threads = house.store.rows("SELECT sum(voices) AS voices, sum(posts) AS posts FROM v_threads")
        assert threads == [{"voices": 22, "posts": 22}], "each thread has one"
        booked = house.store.entries("acme", DAY)
        assert len(booked) == 2, "one withdrawal a story, however many copied it"
        first = house.store.voice("town.example", "writer 0")
        assert first in {entry.voice for entry in booked}
        stories = house.store.rows("SELECT DISTINCT story, story_kind FROM v_mentions WHERE story <> ''")
        assert stories == [{"story": post(0, LETTER).key, "story_kind": "campaign"}]


def test_short_posts_of_many_are_many_voices(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        house.intake.take([post(n, "Acme is down", NOW) for n in range(8)])
        assert daily(house)["voices"] == 8


def test_copies_do_not_raise_an_alarm_that_different_voices_do(tmp_path: Path) -> None:
    for folder, texts, raised in (
        ("copied", ["Acme leaked my personal data to marketers, I have the letter with my name in my hand"] * 5, False),
        (
            "said",
            [
                "Acme leaked my personal data to marketers, I have the letter with my name in my hand",
                "Strangers call me about a parcel: Acme leaked my personal data, who else got such a call today?",
                "So Acme sold my personal data without asking, I never agreed to anything when I signed up there",
            ],
            True,
        ),
    ):
        with town(tmp_path / folder) as house:
            heard(house, NOW - timedelta(days=9), NOW)
            house.store.set_looked_until("acme", NOW - timedelta(hours=2))
            house.intake.take([post(n, text, NOW - timedelta(minutes=30 - n)) for n, text in enumerate(texts)])
            assert bool(house.watch()) is raised, folder


def test_the_order_of_arrival_does_not_matter(tmp_path: Path) -> None:
    posts = [post(n, text, NOW - timedelta(minutes=7 * n)) for n, text in enumerate(SAID)]
    shapes = []
    for seed in range(3):
        random.Random(seed).shuffle(posts)
        with town(tmp_path / str(seed)) as house:
            for one in posts:
                house.intake.take([one])
            shapes.append(shape(house))
    assert shapes[0] == shapes[1] == shapes[2]


def test_what_was_edited_into_something_else_is_no_copy_any_more(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        house.intake.take([post(n, LETTER, NOW + timedelta(minutes=n)) for n in range(3)])
        assert daily(house)["voices"] == 1
        house.intake.take([post(0, "Acme called me back, all is well, the charge was a mistake of my bank", NOW)])
        assert daily(house)["voices"] == 2
        second = house.store.voice("town.example", "writer 1")
        assert {one.voice for one in house.store.judged("acme") if one.text == LETTER} == {second}
        assert len(house.store.entries("acme", DAY)) <= 2


def test_far_apart_is_a_new_story(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        house.intake.take([post(1, LETTER, NOW - timedelta(days=40)), post(2, LETTER, NOW)])
        assert len({one.voice for one in house.store.judged("acme")}) == 2


def test_what_a_story_says_of_two_brands_counts_once_for_each(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        both = LETTER + " Bolt would never have done that to a customer of so many years."
        house.intake.take([post(1, LETTER, NOW), post(2, both, NOW), post(3, both, NOW + timedelta(minutes=1))])
        assert (daily(house)["voices"], daily(house, "bolt")["voices"]) == (1, 1)
        (bolt,) = {one.voice for one in house.store.judged("bolt")}
        assert bolt == house.store.voice("town.example", "writer 2"), "the first who spoke of that brand"


def test_the_companys_own_text_has_the_first_other_as_its_voice(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        own = post(1, LETTER, NOW, author="Acme_Help")
        house.intake.take([own, *(post(n, LETTER, NOW + timedelta(minutes=n)) for n in (2, 3))])
        assert daily(house)["voices"] == 1
        assert house.store.voice("town.example", "Acme_Help") not in {
            one.voice for one in house.store.judged("acme") if not one.by_brand
        }


def test_forgetting_the_first_leaves_the_copies_to_the_next(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        house.intake.take([post(n, LETTER, NOW + timedelta(minutes=n), author=f"Ludmilla_{n}") for n in range(3)])
        gone = house.store.voice("town.example", "Ludmilla_0")
        house.forget("Ludmilla_0")
        assert daily(house)["voices"] == 1
        kept = house.store.voice("town.example", "Ludmilla_1")
        assert {one.voice for one in house.store.judged("acme")} == {kept}
        assert [entry.voice for entry in house.store.entries("acme", DAY)] == [kept]
        for table, column in (("mentions", "voice"), ("entries", "voice"), ("voices", "voice"), ("voices", "same_as")):
            assert not house.store.rows(f"SELECT 1 FROM {table} WHERE {column} = :gone", {"gone": gone}), table


def test_a_deleted_first_post_does_not_hide_its_copies(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        posts = [post(n, LETTER, NOW + timedelta(minutes=n)) for n in range(3)]
        house.intake.take(posts)
        house.intake.take([Deletion(posts[0].source, posts[0].key, NOW + timedelta(hours=1))])
        assert (daily(house)["voices"], daily(house)["mentions"]) == (1, 2)
        assert len(house.store.entries("acme", DAY)) == 1


def test_one_unusual_name_with_one_text_on_two_sites_is_one_person(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        here = post(1, LETTER, NOW, author="Ludmilla_Vogelsang")
        before = at(
            house,
            "other.example",
            post(2, "Acme sent the wrong shoes", NOW - timedelta(days=1), author="ludmilla_vogelsang"),
        )
        stranger = at(house, "third.example", post(5, "Acme is all right", NOW, author="Ludmilla_Vogelsang"))
        house.intake.take([here, before, stranger])
        assert len({one.voice for one in house.store.judged("acme")}) == 3, "the name alone proves nothing"
        house.intake.take([at(house, "other.example", post(3, LETTER, NOW, author="Ludmilla_Vogelsang"))])
        house.intake.take(
            [at(house, "other.example", post(4, "Acme again: too small", NOW, author="Ludmilla_Vogelsang"))]
        )
        voices = {one.platform: one.voice for one in house.store.judged("acme")}
        assert voices["town.example"] == voices["other.example"] != voices["third.example"]
        assert daily(house)["voices"] == 2
        common = [
            post(7, CHINESE, NOW, author="Admin"),
            at(house, "other.example", post(8, CHINESE, NOW, author="Admin")),
        ]
        house.intake.take(common)
        assert not house.store.rows(
            "SELECT 1 FROM voices WHERE name_mark <> '' AND voice = :v",
            {"v": house.store.voice("town.example", "Admin")},
        )


def test_a_campaign_is_marked_and_the_digest_says_so(tmp_path: Path) -> None:
    with town(tmp_path) as house:
        heard(house, NOW - timedelta(days=20), NOW)
        house.intake.take([post(900, "Acme is fine", NOW - timedelta(days=15))])
        house.intake.take([post(n, LETTER, NOW - timedelta(minutes=60 - n)) for n in range(30)])
        rows = house.store.rows("SELECT kind, reason FROM stories")
        assert rows[0]["kind"] == "campaign"
        assert "new:" in str(rows[0]["reason"])
        digest = compose(collect(house.store, house.config, house.config.brand("acme"), DAY))
        assert (digest.voices, digest.posts) == (1, 30)
        assert (digest.coverage.copies, digest.coverage.campaigns) == (29, 1)
        house.digest(house.config.brand("acme"), DAY)
        made = house.store.digest("acme", DAY, "en")
        assert made is not None
        told = " ".join(made.text.split())
        assert "29 posts said word for word" in told
        assert "look like a campaign" in told


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(SAID), st.sampled_from(["ann", "bo", "cy", "di", "Acme_Help"]), st.integers(0, 2000)),
        max_size=14,
    )
)
def test_digest_views_and_account_agree(said: list[tuple[str, str, int]]) -> None:
    """Whatever is said, by whom and when: the digest counts what the views count, and nobody is booked who is not."""
    with tempfile.TemporaryDirectory() as folder, town(Path(folder)) as house:
        posts = [post(n, text, NOW - timedelta(minutes=ago), author=who) for n, (text, who, ago) in enumerate(said)]
        house.intake.take(posts[::2])
        house.intake.take(posts[1::2])
        digest = compose(collect(house.store, house.config, house.config.brand("acme"), DAY))
        row = daily(house)
        assert (digest.voices, digest.posts, digest.negative_voices) == (
            row["voices"], row["mentions"], row["negative_voices"],
        )  # fmt: skip
        today = {one.voice for one in house.store.judged("acme", day=DAY) if not one.by_brand}
        assert {entry.voice for entry in house.store.entries("acme", DAY) if entry.day == DAY} <= today
