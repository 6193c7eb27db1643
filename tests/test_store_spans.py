"""A longer time counted in the store says what its rows say: held against the views and the Love Bank's own rules."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from listener import lovebank
from listener.records import Entry, Source
from listener.store.sqlite import SqliteStore, open_store
from listener.store.taken import Taken
from tests.helpers_store import make_store, make_taken

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
BEFORE = date(2026, 2, 1)
TOPICS = ("outage", "great-service", "data-misuse")
SOURCES = tuple(Source(name, "forum", f"https://{name}.example/") for name in ("forum", "news"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Ten weeks of 40 people, drawn the same every time; some of it muted, deleted, backfilled or by the company."""
    store = make_store(tmp_path_factory.mktemp("spans"), SOURCES)
    draw = random.Random(3)
    taken: list[Taken] = []
    start = datetime(2026, 1, 20, 3, tzinfo=UTC)
    for number in range(900):
        topics = draw.sample(TOPICS, draw.randrange(3))
        sign = 1 if "great-service" in topics else -1
        taken.append(
            make_taken(
                store, number, f"Wagtail, case {number}", author=f"a{int(draw.paretovariate(0.7)) % 40}",
                at=start + timedelta(minutes=112 * number), thread=draw.randrange(25),
                sentiment=round(sign * draw.uniform(0, 1), 3), topics=topics, leaving=draw.random() < 0.05,
                by_brand=number % 50 == 0, source=draw.choice(("forum", "news")),
            )
        )  # fmt: skip
    history = [one for number, one in enumerate(taken) if number % 11 == 0]
    store.add([one for one in taken if one not in history], [], start)
    store.add([replace(one, backfilled=True) for one in history], [], start)
    with store.transaction():
        store.write("UPDATE mentions SET muted = 'word' WHERE mention % 13 = 0")
        store.write("UPDATE posts SET deleted = '2026-04-01T00:00:00Z' WHERE id % 17 = 0")
    standing = store.judged("wagtail")
    for post in standing:
        if not (post.by_brand or post.backfilled):
            amount = max(-10.0, min(10.0, 9 * post.sentiment))
            entries = store.entries("wagtail", post.when.date(), post.when.date())
            mine = [one for one in entries if one.voice == post.voice]
            reason = post.topics[0].topic if post.topics else ""
            entry = Entry("wagtail", post.voice, post.when.date(), amount, reason or "x", reason, post.post_key)
            store.replace_entries("wagtail", post.voice, post.when.date(), [*mine, *([entry] if amount else [])])
    yield store
    store.close()


def test_counts_are_those_of_the_rows(store: SqliteStore) -> None:
    posts = [one for one in store.judged("wagtail") if not (one.by_brand or one.backfilled)]
    inside = [one for one in posts if FIRST <= one.when.date() <= LAST]
    earlier = [one for one in posts if BEFORE <= one.when.date() < FIRST]
    with store.span("wagtail", BEFORE, FIRST, LAST, ["outage", "data-misuse"]) as span:
        now, before = span.totals()
        assert (now.mentions, now.voices) == (len(inside), len({one.voice for one in inside}))
        assert (before.mentions, before.voices) == (len(earlier), len({one.voice for one in earlier}))
        assert now.negative_voices == len({one.voice for one in inside if one.label == "negative"})
        assert now.platforms == len({one.platform for one in inside}) == 2
        assert now.confidence == pytest.approx(0.8)
        days = {day.day: (day.mentions, day.voices) for day in span.days()}
        some = [one for one in inside if one.when.date() == date(2026, 3, 9)]
        assert days[date(2026, 3, 9)] == (len(some), len({one.voice for one in some}))
        for topic in span.topics():
            told = [one for one in posts if any(tag.topic == topic.topic for tag in one.topics)]
            told = [one for one in told if one.label != "positive" or topic.topic == "great-service"]
            assert topic.voices == len({one.voice for one in told if one in inside})
            assert topic.voices_before == len({one.voice for one in told if one in earlier})
            assert topic.posts == len([one for one in told if one in inside])
        entries = [one for one in store.entries("wagtail", LAST) if one.day >= BEFORE]
        booked = span.booked()
        assert sum(one.entries for one in booked) == len(entries)
        assert sum(one.deposits + one.withdrawals for one in booked) == pytest.approx(sum(e.amount for e in entries))
        nets = {one.source: (one.voices, one.net) for one in span.sources()}
        keys = {one.post_key: one for one in inside}
        for source, (voices, net) in nets.items():
            assert voices == len({one.voice for one in inside if one.source == source})
            assert net == pytest.approx(
                sum(e.amount for e in entries if e.post_key in keys and keys[e.post_key].source == source)
            )
    assert store.span_voices("wagtail", FIRST, LAST) == now.voices


def test_threads_are_the_largest_the_costliest_and_the_kindest(store: SqliteStore) -> None:
    inside = [one for one in store.judged("wagtail") if FIRST <= one.when.date() <= LAST and not one.backfilled]
    people = [one for one in inside if not one.by_brand]
    with store.span("wagtail", BEFORE, FIRST, LAST, []) as span:
        threads = {one.url: one for one in span.threads(2)}
    assert 2 <= len(threads) <= 6
    by_thread = {url: [one for one in people if one.thread_url == url] for url in {one.thread_url for one in people}}
    amounts = {entry.post_key: entry.amount for entry in store.entries("wagtail", LAST)}
    nets = {url: sum(amounts.get(one.post_key, 0.0) for one in some) for url, some in by_thread.items()}
    assert min(nets, key=lambda url: nets[url]) in threads
    assert max(nets, key=lambda url: nets[url]) in threads
    for url, thread in threads.items():
        some = sorted(by_thread[url], key=lambda one: (one.when, one.post_key))
        assert (thread.posts, thread.voices) == (len(some), len({one.voice for one in some}))
        assert thread.net == pytest.approx(nets[url])
        assert thread.post_key == some[0].post_key
        own = [one.when for one in inside if one.by_brand and one.thread_url == url]
        assert thread.answered == min(own, default=None)


def test_who_may_be_lost_is_told_by_the_rules_of_the_love_bank(store: SqliteStore) -> None:
    since, heard_from = LAST - timedelta(days=90), LAST - timedelta(days=34)
    posts = [one for one in store.judged("wagtail") if heard_from <= one.when.date() <= LAST and not one.backfilled]
    people = {one.voice for one in posts if not one.by_brand}
    entries = store.entries("wagtail", LAST, since)
    leaving = lovebank.leaving_days(posts, UTC)  # type: ignore[arg-type]  # any zone will do
    rules = [one for one in lovebank.relationships(entries, leaving, LAST) if one.at_risk and one.voice in people]
    with store.span("wagtail", BEFORE, FIRST, LAST, []) as span:
        found = span.risks(since, heard_from, lovebank.HALF_LIFE_DAYS, 999)
    assert found.total == len(rules) > 5
    expected = {one.voice: one for one in rules}
    assert len(found.gravest) == found.fresh
    assert found.left <= found.fresh
    for one in found.gravest:
        rule = expected[one.voice]
        assert set(one.reasons) == set(rule.at_risk)
        assert one.balance == pytest.approx(rule.balance)
        assert one.last_at == max(post.when for post in posts if post.voice == one.voice and not post.by_brand)


def test_posts_that_show_a_topic_are_of_the_period_and_of_its_sign(store: SqliteStore) -> None:
    with store.span("wagtail", BEFORE, FIRST, LAST, []) as span:
        told = span.telling("outage", -1, 10)
        kind = span.telling("", 1, 10)
        here = span.in_thread(told[0].thread_url, 10)
    assert 5 <= len(told) <= 10
    assert all(FIRST <= one.when.date() <= LAST and one.sentiment < 0 and not one.by_brand for one in (*told,))
    assert all(any(tag.topic == "outage" for tag in one.topics) for one in told)
    assert all(one.sentiment > 0 for one in kind)
    assert {one.thread_url for one in here} == {told[0].thread_url}


def test_it_works_on_a_store_opened_for_reading_and_leaves_nothing(store: SqliteStore, tmp_path: Path) -> None:
    reader = open_store(store.path, read_only=True)
    with reader.span("wagtail", BEFORE, FIRST, LAST, []) as span:
        assert span.totals()[0].mentions > 0
    assert not reader.read("SELECT name FROM sqlite_temp_master")
    reader.close()
    empty = make_store(tmp_path)
    with empty.span("nobody", BEFORE, FIRST, LAST, []) as span:
        assert span.totals()[0].voices == 0
        assert (span.topics(), span.booked(), span.sources(), span.threads(3), span.days()) == ((), (), (), (), ())
        assert span.risks(BEFORE, FIRST, 90.0, 5).total == 0
    empty.close()
