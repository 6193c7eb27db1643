"""Taking posts in, and reading them back judged; the Love Bank's book."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import StoreError
from listener.records import Entry, Judged, TopicTag
from listener.store.protocol import BalanceLine
from tests.helpers_store import NOON, edited, make_store, make_taken

DAY = NOON.date()
MINUTE = timedelta(minutes=1)


def test_a_post_comes_back_judged(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    tags = (TopicTag("outage", 0.9, ((0, 7), (8, 12))), TopicTag("leaving", 0.4, ()))
    taken = make_taken(
        store, text="Wagtail was down, 我要退訂", topics=tags, sentiment=-0.7, leaving=True, title="Wagtail down again?"
    )
    post = taken.post
    store.add([replace(taken, post=replace(post, likes=4))], [], NOON)
    assert store.judged("wagtail") == [
        Judged(
            post_key=post.key, brand="wagtail", voice=taken.voice, source="forum", platform="forum.example",
            thread_url="https://forum.example/t/1", thread_title="Wagtail down again?", url=post.url,
            text="Wagtail was down, 我要退訂", fingerprint=taken.fingerprint, when=NOON,
            first_seen=NOON + timedelta(minutes=5), where="text", sentiment=-0.7, label="negative", confidence=0.8,
            topics=tags, leaving=True, language="en", position=0, likes=4, replies=0, by_brand=False,
            evidence=((0, 7),), named=((0, 7),), titled=True, text_seen=NOON + timedelta(minutes=5),
        )
    ]  # fmt: skip
    assert store.known([post.key, "0" * 64]) == {post.key: taken.content_hash}
    store.close()


def test_judged_is_asked_by_time_voice_day_and_key(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    posts = [
        make_taken(store, 1, author="ann", at=NOON, brand=("wagtail", "copperline")),
        make_taken(store, 2, author="bob", at=NOON + MINUTE),
        make_taken(store, 3, author="ann", at=NOON + timedelta(days=1), day=DAY + timedelta(days=2)),
    ]
    store.add(posts, [], NOON)
    one, two, three = (taken.post.key for taken in posts)
    ann = posts[0].voice

    def keys(**asked: object) -> list[str]:
        return [found.post_key for found in store.judged("wagtail", **asked)]  # type: ignore[arg-type]

    assert keys() == [one, two, three]
    assert keys(since=NOON + MINUTE) == [two, three]
    assert keys(until=NOON + MINUTE) == [one]
    assert keys(voice=ann) == [one, three]
    assert keys(voice=ann, since=NOON + MINUTE) == [three]
    assert keys(voice=ann, day=DAY + timedelta(days=2)) == [three]
    assert keys(day=DAY) == [one, two]
    assert keys(keys=[three, one, "0" * 64]) == [one, three]
    assert keys(keys=[three, one], voice=ann, until=NOON + MINUTE) == [one]
    assert keys(keys=[]) == []
    assert [found.brand for found in store.judged("copperline")] == ["copperline"]
    store.close()


def test_an_edit_keeps_number_and_first_sight_and_replaces_what_was_said(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    taken = make_taken(store, text="Wagtail is bad", sentiment=-0.8, topics=["outage"])
    store.add([taken], [], NOON)
    (before,) = store.rows("SELECT id, first_seen, at FROM posts")
    again = edited(make_taken(store, text="Copperline is bad", brand="copperline", undated=True), "Copperline is bad")
    again = replace(again, post=replace(again.post, fetched=NOON + timedelta(days=3)))
    store.add([again], [], NOON + timedelta(days=3))
    assert store.rows("SELECT id, first_seen, at FROM posts") == [before]
    assert store.judged("wagtail") == []
    assert [found.text for found in store.judged("copperline")] == ["Copperline is bad"]
    assert store.search("wagtail") == []
    assert len(store.search("copperline")) == 1
    assert store.known([taken.post.key]) == {taken.post.key: again.content_hash}
    store.close()


def test_what_matches_nothing_leaves_only_key_and_hash(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([], [("k1", "h1", "forum")], NOON)
    assert store.known(["k1"]) == {"k1": "h1"}
    taken = make_taken(store)
    key = taken.post.key
    store.add([], [(key, "h2", "forum")], NOON)
    store.add([taken], [], NOON)  # matches since it was edited
    assert store.rows("SELECT key FROM seen") == [{"key": "k1"}]
    store.add([], [(key, "h3", "forum")], NOON)  # and does not any more
    assert store.known([key]) == {key: "h3"}
    assert store.rows("SELECT * FROM posts") == store.rows("SELECT * FROM mentions") == []
    assert store.search("wagtail") == []
    store.close()


def test_openers_say_what_their_thread_speaks_of(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add(
        [
            make_taken(store, 1, thread=1, brand=("wagtail", "copperline")),
            make_taken(store, 2, thread=1, brand="northpier", position=1),
            make_taken(store, 3, thread=2, position=4),
            make_taken(store, 4, thread=3, brand=()),
        ],
        [],
        NOON,
    )
    urls = [f"https://forum.example/t/{number}" for number in (1, 2, 3, 4)]
    assert store.opener_brands(urls) == {
        urls[0]: {"wagtail", "copperline"},
        urls[1]: frozenset(),
        urls[2]: frozenset(),
    }
    store.close()


def test_the_opener_decides_the_title_and_renames_the_thread_in_the_index(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store, 1, title="Re: billing", position=1)], [], NOON)
    store.add([make_taken(store, 2, title="Billing trouble")], [], NOON)
    store.add([make_taken(store, 3, title="Re: Re: billing", position=2)], [], NOON)
    assert store.rows("SELECT title FROM threads") == [{"title": "Billing trouble"}]
    assert len(store.search("trouble")) == 3
    store.close()


def test_a_batch_with_one_bad_post_leaves_nothing(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    bad = make_taken(store, 2)
    bad = replace(bad, post=replace(bad.post, source="nowhere"))
    with pytest.raises(StoreError, match="sync_sources"):
        store.add([make_taken(store, 1), bad], [("k", "h", "forum")], NOON)
    assert all(store.rows(f"SELECT * FROM {table}") == [] for table in ("posts", "seen", "threads", "voices"))
    assert store.search("wagtail") == []
    store.close()


@given(st.text(st.characters(exclude_categories=())))
@settings(max_examples=12, deadline=None)
def test_any_text_can_be_kept_and_spans_stay_true(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    store = make_store(tmp_path_factory.mktemp("any"))
    text = f"{text} Wagtail"
    store.add([make_taken(store, text=text, title=text, quotes=[("bob", text)], author=text)], [], NOON)
    (found,) = store.judged("wagtail")
    ((start, end),) = found.evidence
    assert found.text[start:end] == "Wagtail"
    assert len(found.text) == len(text)
    assert len(store.search("wagtail")) == 1
    store.close()


def test_deleted_posts_are_left_out(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store)], [], NOON)
    store.write("UPDATE posts SET deleted = '2026-03-15T00:00:00Z'")
    assert store.judged("wagtail") == store.search("wagtail") == []
    store.close()


# the Love Bank


def test_entries_are_replaced_by_account_and_day(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    posts = [make_taken(store, number, author=author) for number, author in enumerate(("ann", "ann", "bob"), 1)]
    store.add(posts, [], NOON)
    ann, _, bob = (taken.voice for taken in posts)
    one, two, three = (taken.post.key for taken in posts)
    first = [
        Entry("wagtail", ann, DAY, -4.5, "service", "outage", one),
        Entry("wagtail", ann, DAY, 2.0, "relationship", "", two),
    ]
    store.replace_entries("wagtail", ann, DAY, first)
    store.replace_entries("wagtail", bob, DAY, [Entry("wagtail", bob, DAY, 1.0, "relationship", "", three)])
    assert store.balance_lines("wagtail", DAY) == [BalanceLine(DAY, 3.0, -4.5)]
    store.replace_entries("wagtail", ann, DAY, first[:1])
    assert {entry.post_key for entry in store.entries("wagtail", DAY)} == {one, three}
    assert store.entries("wagtail", DAY, since=DAY + timedelta(days=1)) == []
    assert store.balance_lines("wagtail", DAY - timedelta(days=1)) == store.balance_lines("copperline", DAY) == []
    store.close()


def test_an_edited_or_unmatched_post_takes_its_entry_along(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    taken = make_taken(store)
    store.add([taken], [], NOON)
    store.replace_entries("wagtail", taken.voice, DAY, [Entry("wagtail", taken.voice, DAY, 1, "x", "", taken.post.key)])
    store.add([edited(taken, "Wagtail!")], [], NOON)
    assert store.entries("wagtail", DAY) == []
    store.close()


def test_an_entry_needs_its_mention_and_its_bounds(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    taken = make_taken(store)
    store.add([taken], [], NOON)
    for entry in (
        Entry("copperline", taken.voice, DAY, 1, "x", "", taken.post.key),
        Entry("wagtail", taken.voice, DAY, 10.5, "x", "", taken.post.key),
    ):
        with pytest.raises(StoreError, match="constraint failed"):
            store.replace_entries(entry.brand, taken.voice, DAY, [entry])
    assert store.entries("wagtail", date(2100, 1, 1)) == []
    store.close()


def test_old_seen_rows_go_at_night_and_forgotten_ones_stay(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([], [("old", "h", "forum")], datetime(2024, 1, 1, tzinfo=UTC))
    store.add([], [("new", "h", "forum")], NOON)
    store.forget_post("https://forum.example/t/9#p9", datetime(2024, 1, 1, tzinfo=UTC))
    store.housekeep(NOON)
    assert {row["key"] for row in store.rows("SELECT key FROM seen WHERE forgotten = 0")} == {"new"}
    assert len(store.rows("SELECT key FROM seen WHERE forgotten = 1")) == 1
    assert store.read("PRAGMA integrity_check") == [("ok",)]
    store.close()
