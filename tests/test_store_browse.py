"""The pages' reading: each feed against the same rows picked in Python, pages that add up, and the rooms beside it."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import StoreError
from listener.records import Alert, Entry, Message, SourceHealth, TopicTag
from listener.store import browse, browse_bank, browse_thread, browse_watch
from listener.store.browsed import Ask, EntryRow, Filter, MentionRow
from listener.store.connection import connect
from listener.store.corrected import Correction
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore
from listener.store.tellings import Telling
from tests.helpers_store import NOON, make_store, make_taken

DAY = NOON.date()
HOUR = timedelta(hours=1)
TEXTS = (
    ("Wagtail客服完全不回應", "zh-Hant"), ("Wagtail 客服很快回复", "zh-Hans"), ("Wagtail refunds at last", "en"),
    ("<b>Wagtail</b> is down, refund me", "en"),
)  # fmt: skip
HOSTILE = "<script>alert(1)</script> =cmd() \u202e Wagtail"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Sixty posts of two brands in both languages; some deleted, muted, expired, corrected, by the company."""
    store = make_store(tmp_path_factory.mktemp("browse"))
    brands = (("wagtail",), ("wagtail", "copperline"), ("copperline",))
    taken = [
        make_taken(
            store, n, TEXTS[n % 4][0], language=TEXTS[n % 4][1], author=f"a{n % 7}", thread=n % 9, position=n // 9,
            brand=brands[n % 3], at=NOON - (n // 2) * 11 * HOUR, sentiment=(n % 5 - 2) / 2, leaving=n % 8 == 1,
            topics=["outage", "refund"][: n % 3], by_brand=n % 10 == 9, source=("forum", "news")[n % 4 == 2],
            title=f"Thread {n % 9}",
        )
        for n in range(60)
    ]  # fmt: skip
    store.add(taken, [], NOON)
    store.mark_deleted([taken[6].post.key], NOON)
    store.mute("wagtail", {1: "word"})
    for one in taken:
        for mention in one.mentions:
            if not one.by_brand and one.post.key not in (taken[6].post.key, taken[0].post.key):
                day = one.days[mention.brand]
                entry = Entry(mention.brand, one.voice, day, one.judgements[0].sentiment * 9, "care", "", one.post.key)
                store.replace_entries(mention.brand, one.voice, day, [entry])
    store.correct(taken[8].post.key, "copperline", [
        Correction(taken[8].post.key, "copperline", NOON, "mei", "feeling", "positive", "negative", "irony"),
    ])  # fmt: skip
    store.add([make_taken(store, 90, HOSTILE, author="x", thread=90, at=NOON - 900 * HOUR)], [], NOON)
    yield store
    store.close()


@pytest.fixture(scope="module")
def conn(store: SqliteStore) -> Iterator[sqlite3.Connection]:
    conn = connect(store.path, read_only=True)
    yield conn
    conn.close()


def whole(conn: sqlite3.Connection, asked: Filter, limit: int = 50) -> list[MentionRow]:
    """All pages of a feed, one after the other."""
    found: list[MentionRow] = []
    before = ""
    while True:
        page = browse.feed(conn, asked, before, limit)
        assert len(page.mentions) <= limit
        found += page.mentions
        before = page.older
        if not before:
            return found


def fits(row: MentionRow, asked: Filter) -> bool:
    """The filter as its docstring tells it."""
    one = row.judged
    day = one.when.date()  # of make_taken: the brand's day is the UTC day
    return (
        asked.brand in ("", one.brand)
        and (not asked.topics or bool({tag.topic for tag in one.topics} & set(asked.topics)))
        and (not asked.labels or one.label in asked.labels)
        and (not asked.sources or one.source in asked.sources)
        and (not asked.languages or any(one.language == x or one.language.startswith(f"{x}-") for x in asked.languages))
        and asked.voice in ("", one.voice)
        and (asked.since is None or day >= asked.since)
        and (asked.until is None or day <= asked.until)
        and (not asked.leaving or one.leaving)
        and asked.company in (None, one.by_brand)
        and (asked.muted or not one.muted)
        and (not asked.text or {"客服": "客服", "refund": "refund "}[asked.text] in f"{one.text} ".replace(" me", " "))
    )


DAYS = st.none() | st.integers(0, 14).map(lambda n: DAY - timedelta(days=n))
FILTERS = st.builds(
    Filter,
    brand=st.sampled_from(["", "wagtail", "copperline", "nobody"]),
    topics=st.sampled_from([(), (), ("outage",), ("refund", "outage"), ("none",)]),
    labels=st.sampled_from([(), ("negative",), ("positive", "neutral")]),
    sources=st.sampled_from([(), ("forum",), ("news",), ("news", "forum")]),
    languages=st.sampled_from([(), ("zh",), ("en",), ("zh-Hant", "en")]),
    since=DAYS, until=DAYS, utc=st.booleans(), leaving=st.booleans(), muted=st.booleans(),
    company=st.sampled_from([None, True, False]), text=st.sampled_from(["", "", "客服", "refund"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(asked=FILTERS, limit=st.integers(1, 9), few=st.sampled_from([0, 3000]), voiced=st.booleans())
def test_a_feed_is_what_its_filter_says_page_by_page(
    store: SqliteStore, conn: sqlite3.Connection, asked: Filter, limit: int, few: int, voiced: bool
) -> None:
    everything = whole(conn, Filter(muted=True))
    if voiced:
        asked = replace(asked, voice=everything[7].judged.voice)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(browse, "FEW", few)  # whichever way is taken, the answer is the same
        found = whole(conn, asked, limit)
    assert found == [row for row in everything if fits(row, asked)]
    assert [(-row.judged.when.timestamp(), -row.mention) for row in found] == sorted(
        (-row.judged.when.timestamp(), -row.mention) for row in found
    )


def test_everything_that_counts_is_in_the_feed_once(store: SqliteStore, conn: sqlite3.Connection) -> None:
    keys = {(row.judged.post_key, row.judged.brand) for row in whole(conn, Filter(), 7)}
    wanted = set(store.read("SELECT post_key, brand FROM v_mentions WHERE deleted IS NULL AND muted = ''"))
    assert keys == wanted
    assert len(whole(conn, Filter(), 7)) == len(keys)
    corrected = [row for row in whole(conn, Filter()) if row.corrected]
    assert [(row.judged.brand, row.judged.label) for row in corrected] == [("copperline", "negative")]


def test_traditional_finds_simplified_and_texts_come_as_they_are(conn: sqlite3.Connection) -> None:
    assert {row.judged.language for row in whole(conn, Filter(text="回應"))} == {"zh-Hant"}
    assert {row.judged.language for row in whole(conn, Filter(text="回復"))} == {"zh-Hans"}
    (row,) = whole(conn, Filter(text="alert cmd"))
    assert row.judged.text == HOSTILE


@pytest.mark.parametrize("before", ["x", "20260314T120000Z", "20260314T120000Z.x", "2026.1", "' OR 1=1 --"])
def test_a_place_that_is_none_is_refused(conn: sqlite3.Connection, before: str) -> None:
    with pytest.raises(StoreError, match="no place in a feed"):
        browse.feed(conn, Filter(), before)


def test_words_that_are_none_are_refused(conn: sqlite3.Connection) -> None:
    with pytest.raises(StoreError, match="no word to look for"):
        browse.feed(conn, Filter(text='"!" AND'[:3]))


def test_the_choices_are_what_there_is(conn: sqlite3.Connection) -> None:
    choices = browse.choices(conn)
    assert choices.brands == ("copperline", "wagtail")
    assert choices.sources == ("forum", "news")
    assert choices.languages == ("en", "zh-Hans", "zh-Hant")
    assert choices.topics == ("outage", "refund")
    assert browse.days(conn, "nobody") is None
    assert browse.days(conn, "copperline") == (DAY - timedelta(days=13), DAY)


def test_a_thread_shows_why(store: SqliteStore, conn: sqlite3.Connection) -> None:
    (number,) = store.read("SELECT thread FROM threads WHERE title = 'Thread 8'")[0]
    thread = browse_thread.thread(conn, number)
    assert thread is not None
    assert [post.position for post in thread.posts] == [0, 1, 3, 4, 5]  # the one between stands in the news
    (opinion,) = thread.posts[0].opinions
    assert (opinion.label, opinion.machine and opinion.machine.label) == ("negative", "positive")
    assert [(one.by, one.note) for one in opinion.corrections] == [("mei", "irony")]
    assert opinion.topics == (TopicTag("outage", 0.9, ()), TopicTag("refund", 0.9, ()))
    first = browse_thread.thread(conn, number, limit=4)
    assert first is not None
    rest = browse_thread.thread(conn, number, after=first.later, limit=4)
    assert rest is not None
    assert (*first.posts, *rest.posts) == thread.posts
    assert rest.later == ""
    assert browse_thread.thread(conn, 9999) is None
    assert browse_thread.thread_of(conn, thread.posts[3].key) == browse_thread.thread_at(conn, thread.url) == number
    with pytest.raises(StoreError, match="no place in a thread"):
        browse_thread.thread(conn, number, after="first")


def test_of_a_deleted_post_only_its_place_is_left(store: SqliteStore, conn: sqlite3.Connection) -> None:
    (number,) = store.read("SELECT thread FROM posts WHERE deleted IS NOT NULL")[0]
    thread = browse_thread.thread(conn, number)
    assert thread is not None
    (gone,) = [post for post in thread.posts if post.deleted]
    assert (gone.text, gone.quotes, gone.opinions) == ("", (), ())


def test_threads_by_voices(conn: sqlite3.Connection) -> None:
    lines = browse_thread.threads(conn, "wagtail", DAY - timedelta(days=40), DAY)
    assert [line.voices for line in lines] == sorted((line.voices for line in lines), reverse=True)
    assert sum(line.posts for line in lines) == len(whole(conn, Filter(brand="wagtail", company=False)))
    assert browse_thread.threads(conn, "wagtail", DAY, DAY, limit=1)[0].posts == 1


@pytest.mark.parametrize("brand", ["wagtail", "copperline", "nobody"])
def test_the_balance_is_that_of_the_view(store: SqliteStore, conn: sqlite3.Connection, brand: str) -> None:
    since, until = DAY - timedelta(days=9), DAY + timedelta(days=9)
    rows = store.read("SELECT * FROM v_balance WHERE brand = ? AND day >= ?", (brand, since.isoformat()))
    told = [
        (brand, one.day.isoformat(), one.deposits, one.withdrawals, one.balance, one.running)
        for one in browse_bank.balance(conn, brand, since, until)
    ]
    assert told == [pytest.approx(row) for row in rows]


def test_the_entries_behind_a_number_add_up_to_it(conn: sqlite3.Connection) -> None:
    since = DAY - timedelta(days=5)
    (line,) = browse_bank.touchpoints(conn, "wagtail", since, DAY)
    for side, amount in ((1, line.deposits), (-1, line.withdrawals)):
        asked = Ask("wagtail", since, DAY, touchpoint="care", reason="", side=side)
        found: list[EntryRow] = []
        before = ""
        while True:
            book = browse_bank.entries(conn, asked, before, limit=3)
            found += book.entries
            before = book.older
            if not before:
                break
        assert sum(row.entry.amount for row in found) == pytest.approx(amount)
        assert [row.entry.day for row in found] == sorted((row.entry.day for row in found), reverse=True)
        assert all(row.url and row.text for row in found)
    voice = found[0].entry.voice
    mine = browse_bank.entries(conn, Ask("wagtail", voice=voice)).entries
    assert {row.entry.voice for row in mine} == {voice}
    with pytest.raises(StoreError, match="no place in the book"):
        browse_bank.entries(conn, Ask("wagtail"), "yesterday")


def test_relationships_at_risk_lead_to_their_newest_post(store: SqliteStore, conn: sqlite3.Connection) -> None:
    since = date(2026, 1, 1)
    found = browse_bank.at_risk(conn, "wagtail", since)
    rows = store.read("SELECT voice FROM v_relationships WHERE brand = 'wagtail' AND at_risk")
    assert {one.voice for one in found} == {voice for (voice,) in rows} != set()
    assert found[0] == browse_bank.at_risk(conn, "wagtail", since, limit=1)[0]
    assert found[1:] == browse_bank.at_risk(conn, "wagtail", since, skip=1)
    one = found[0]
    assert one == browse_bank.relationship(conn, "wagtail", one.voice)
    newest = max(whole(conn, Filter(brand="wagtail", voice=one.voice)), key=lambda row: row.judged.when)
    assert (one.url, one.thread) == (newest.judged.url, newest.thread)
    assert browse_bank.relationship(conn, "wagtail", "nobody") is None


def test_days_topics_and_shares(store: SqliteStore, conn: sqlite3.Connection) -> None:
    since = DAY - timedelta(days=40)
    days = browse_watch.day_lines(conn, "wagtail", since, DAY)
    assert sum(day.mentions for day in days) == len(whole(conn, Filter(brand="wagtail", company=False)))
    topics = {line.topic: line for line in browse_watch.topic_lines(conn, "wagtail", since, DAY)}
    outage = [row.judged for row in whole(conn, Filter(brand="wagtail", topics=("outage",), company=False))]
    assert (topics["outage"].posts, topics["outage"].voices) == (len(outage), len({one.voice for one in outage}))
    by_day = browse_watch.shares(conn, since, DAY, "day")
    view = store.read("SELECT day, brand, voices, share FROM v_share_of_voice ORDER BY day, brand")
    assert [(line.first.isoformat(), line.brand, line.voices, line.share) for line in by_day] == view
    for span, first in (("week", date(2026, 3, 9)), ("month", date(2026, 3, 1))):
        lines = [line for line in browse_watch.shares(conn, since, DAY, span) if line.first == first]  # type: ignore[arg-type]
        assert sum(line.share for line in lines) == pytest.approx(1, abs=0.001)
        said = whole(conn, Filter(brand="wagtail", since=first, company=False))
        assert [line.voices for line in lines if line.brand == "wagtail"] == [len({row.judged.voice for row in said})]


def test_alerts_with_their_lives_page_by_page(store: SqliteStore, conn: sqlite3.Connection) -> None:
    alert = Alert(
        "k0", "wagtail", "all", "", "high", "open", NOON, NOON - HOUR, NOON, 5.0, 4, 0.3, 6.0, ("forum",), ("4",), (),
    )  # fmt: skip
    for n in range(5):
        at = NOON + n * HOUR
        one = replace(
            alert, key=f"k{n}", opened=at, state="open" if n == 4 else "closed", closed=None if n == 4 else at
        )
        store.save_alert(one, "opened", at, detail="rate")
    store.tell("k4", Telling("mei", "0", NOON + 4 * HOUR, "<m4>"))
    store.queue(Message("m4", "mei@example.org", "S", "", ""), "<m4>", b"", "alert:k4", [], NOON)
    page = browse_watch.alerts(conn, "wagtail", limit=2)
    assert [life.alert.key for life in page.alerts] == ["k4", "k3"]
    assert [life.alert.key for life in browse_watch.alerts(conn, before=page.older).alerts] == ["k2", "k1", "k0"]
    assert [life.alert.key for life in browse_watch.alerts(conn, open_only=True).alerts] == ["k4"]
    life = browse_watch.alert(conn, "k4")
    assert life is not None
    assert [(turn.what, turn.detail) for turn in life.turns] == [("opened", "rate")]
    assert [(one.person, one.turn, one.state, one.sent) for one in life.told] == [("mei", "0", "queued", None)]
    assert browse_watch.alert(conn, "nobody") is None
    assert browse_watch.alerts(conn, "copperline").alerts == ()
    with pytest.raises(StoreError, match="no place among the alerts"):
        browse_watch.alerts(conn, before="k4")


def test_coverage_tells_heard_from_blind(store: SqliteStore, conn: sqlite3.Connection) -> None:
    for hour, state in ((0, "heard"), (1, "robots"), (2, "blocked"), (3, "late"), (3, "blocked")):
        health = SourceHealth("news", NOON + hour * HOUR, state, posts=3, new=1)  # type: ignore[arg-type]
        store.finish_visits([Visit(health, {}, NOON, 60)], "me")
    (day,) = browse_watch.coverage(conn, DAY, DAY, "news")
    assert (day.heard, day.visits, day.posts, day.new) == (1, 5, 15, 5)
    assert {state: hours for state, hours in day.blind.items() if hours} == {"robots": 1, "blocked": 2}
    assert browse_watch.coverage(conn, DAY, DAY) == (day,)
    assert browse_watch.coverage(conn, DAY - timedelta(days=9), DAY - timedelta(days=1)) == ()
    assert browse_watch.last_heard(conn) == NOON
    now = {one.source: one for one in browse_watch.sources(conn)}
    assert (now["news"].state, now["forum"].active) == ("blocked", True)
