"""What a reply answers, from the batch and from the store: its parent, the post before it, the opener, a quotation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.house import House
from listener.intake.answers import in_order
from listener.records import Post
from listener.store.sides import BEFORE, SIDES
from tests.helpers_house import BRANDS, NOW, SOURCE, house_in, post, write_home

BAD = "Acme is awful, terrible service, they never answer."
GOOD = "Acme is wonderful, excellent service, great people."
TITLE = "About Acme"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as (opened, _):
        opened.store.sync_sources([SOURCE], NOW)
        yield opened


def said(number: int, text: str, position: int, parent: Post | None = None) -> Post:
    one = post(number, text, title=TITLE, thread=1, position=position)
    return replace(one, parent_key=parent.key if parent else None)


def labels(house: House) -> dict[str, str]:
    return {row["link"][-2:]: row["label"] for row in house.store.rows("select link, label from v_mentions")}


def test_a_reply_takes_its_parents_side_not_the_openers(house: House) -> None:
    opener, bad, good = said(1, "Acme: how is it?", 0), said(2, BAD, 1), said(3, GOOD, 2)
    house.intake.take([said(5, "Same here", 4, good), said(4, "Same here", 3, bad), good, bad, opener])
    assert labels(house) == {"p1": "neutral", "p2": "negative", "p3": "positive", "p4": "negative", "p5": "positive"}


def test_from_the_store_as_from_the_batch(house: House) -> None:
    opener, bad, good = said(1, "Acme: how is it?", 0), said(2, BAD, 1), said(3, GOOD, 2)
    for batch in ([opener], [bad, good], [said(4, "Same here", 3, bad)], [said(5, "not my experience", 4, bad)]):
        house.intake.take(batch)
    assert labels(house) == {"p1": "neutral", "p2": "negative", "p3": "positive", "p4": "negative", "p5": "positive"}


def test_without_a_parent_the_post_before_and_then_the_opener(house: House) -> None:
    opener, bad = said(1, GOOD, 0), said(2, BAD, 1)
    house.intake.take([opener, bad])
    house.intake.take([said(3, "+1", 2), said(4, "+1", 3)])
    house.intake.take([said(5, "Acme has a shop in Leeds.", 4), said(6, "+1", 5)])
    assert labels(house)["p3"] == labels(house)["p4"] == "negative"
    assert labels(house)["p6"] == "positive"


def test_a_quotation_says_what_is_answered(house: House) -> None:
    opener = said(1, GOOD, 0)
    reply = replace(said(2, "Same here", 1, opener), quotes=(("somebody", BAD),))
    house.intake.take([opener, reply])
    assert labels(house) == {"p1": "positive", "p2": "negative"}


def test_topics_go_with_the_side(house: House) -> None:
    bad = said(1, "Acme support never answers, no reply to my emails for weeks.", 0)
    house.intake.take([bad, said(2, "Same here", 1, bad)])
    rows = house.store.rows(
        "select p.url, t.topic from judgement_topics t join mentions m using (mention) join posts p on p.id = m.post"
    )
    assert {row["topic"] for row in rows if row["url"].endswith("p2")} >= {"unresponsive-service"}


def test_a_deleted_post_is_answered_no_more(house: House) -> None:
    opener, bad = said(1, "Acme: how is it?", 0), said(2, BAD, 1)
    house.intake.take([opener, bad])
    house.store.mark_deleted([bad.key], NOW)
    assert house.store.sides([opener.key, bad.key]).keys() == {opener.key}
    assert house.store.posts_before([(bad.thread_url, 5)]) == [(bad.thread_url, 0, opener.key)]
    assert house.store.posts_before([]) == []


def test_what_is_muted_is_answered_neither_in_the_batch_nor_from_the_store(tmp_path: Path) -> None:
    mute = '\n[[brand.mute]]\nauthors = ["loud"]\n\n[[brand]]\nid = "bolt"'
    opener, loud, reply = said(1, "Acme: how is it?", 0), replace(said(2, BAD, 1), author="loud"), said(3, "+1", 2)
    told = []
    for home, batches in (("one", [[opener, loud, reply]]), ("several", [[opener], [loud], [reply]])):
        folder = write_home(tmp_path / home)
        (folder / "brands.toml").write_text(BRANDS.replace('\n[[brand]]\nid = "bolt"', mute), encoding="utf-8")
        with house_in(tmp_path / home) as (house, _):
            house.store.sync_sources([SOURCE], NOW)
            for batch in batches:
                house.intake.take(batch)
            told.append(labels(house))
    assert told[0] == told[1]
    assert told[0]["p3"] == "neutral"


def test_the_plans_use_the_indexes(house: House) -> None:
    for sql in (SIDES, BEFORE):
        rows = house.store.rows("explain query plan " + sql.replace("?", "'[]'"))
        plan = " ".join(row["detail"] for row in rows)
        assert "SCAN p" not in plan
        assert "SCAN m" not in plan
        assert "SCAN t" not in plan
        assert "SCAN posts" not in plan


@given(st.lists(st.tuples(st.integers(-1, 9), st.none() | st.integers(0, 9)), max_size=10))
def test_parents_come_first(rows: list[tuple[int, int | None]]) -> None:
    posts = [post(number, "x", position=position) for number, (position, _) in enumerate(rows)]
    posts = [
        replace(one, parent_key=posts[up].key if up is not None and up < len(posts) else None)
        for one, (_, up) in zip(posts, rows, strict=True)
    ]
    ordered = in_order(posts)
    assert sorted(one.key for one in ordered) == sorted(one.key for one in posts)
    if not any(_loops(one, posts) for one in posts):
        assert in_order(ordered) == ordered
    places = {one.key: at for at, one in enumerate(ordered)}
    for number, (one, (position, up)) in enumerate(zip(posts, rows, strict=True)):
        if up is not None and up < number and position != 0 and not _loops(one, posts):
            assert places[posts[up].key] < places[one.key]


def _loops(one: Post, posts: list[Post]) -> bool:
    """Does the chain of parents of this post never end, or pass a post that says it is an opener?"""
    by_key = {post.key: post for post in posts}
    seen: set[str] = set()
    at: Post | None = one
    while at is not None:
        if at.key in seen:
            return True
        seen.add(at.key)
        at = by_key.get(at.parent_key or "")
    return False
