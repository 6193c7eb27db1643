"""The canned queries: their heads, their answers on a small store, and how they go about it on a large one."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from listener.errors import StoreError
from listener.records import Alert, Entry, SourceHealth
from listener.store.canned import Canned, canned, parse, query
from listener.store.corrected import Correction
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore
from listener.store.tellings import Telling
from tests.helpers_store import NOON, make_store, make_taken

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HAN = re.compile("[\u4e00-\u9fff]")
# What ANALYZE says of a store of a million mentions and three years (bench.big), rounded.
MILLION = """
posts|posts_story|64000 3
posts|posts_deleted|4500 1
posts|posts_voice|952000 16
posts|posts_at|952000 1
posts|posts_thread|952000 5 1
posts|sqlite_autoindex_posts_1|952000 1
mentions|mentions_brand|1000000 50000
mentions|mentions_at|1000000 1
mentions|mentions_source|1000000 5000 1
mentions|mentions_voice|1000000 17 3
mentions|mentions_brand_day|1000000 50000 46 2 2 2 2 2 1
mentions|mentions_brand_at|1000000 50000 1
mentions|sqlite_autoindex_mentions_1|1000000 2 1
judgement_topics|judgement_topics_topic|800000 29000 1
judgement_topics|judgement_topics|800000 2 1
source_hours|source_hours_hour|2450000 93
source_hours|source_hours|2450000 12000 1
entries|entries_brand_voice|830000 41000 3 1
entries|entries_brand_day|830000 41000 38
entries|sqlite_autoindex_entries_1|830000 1
rolled_days|rolled_days|22000 1100 1
rolled_topics|rolled_topics|308000 15000 15 1
rolled_relationships|rolled_relationships_last|366000 340
rolled_relationships|rolled_relationships|366000 18000 1
rolled_threads|rolled_threads_last|211000 2
rolled_threads|rolled_threads|211000 11000 1
rolled_coverage|rolled_coverage_day|219000 200
rolled_coverage|rolled_coverage|219000 1100 1
judgements||1000000
threads||222000
voices||60000
"""


def fill(store: SqliteStore) -> None:
    """Three weeks in which everything that the queries ask for happened."""
    taken = [
        make_taken(store, 1, "Wagtail客服不回應，我要退訂", author="ann", sentiment=-0.9, leaving=True,
                   topics=["unresponsive-service", "leaving"]),
        make_taken(store, 2, "Love my Wagtail", author="ann", sentiment=0.8, at=NOON - 20 * DAY, thread=2),
        make_taken(store, 3, "Sorry! Wagtail Care", author="care", position=1, by_brand=True, at=NOON + 9 * HOUR),
        make_taken(store, 4, "Wagtail is down", author="bob", sentiment=-0.6, thread=3, topics=["outage"]),
        make_taken(store, 5, "Wagtail is down", author="bob", sentiment=-0.6, thread=4, topics=["outage"],
                   source="news", at=NOON + HOUR),
        make_taken(store, 6, "Copperline ok", author="eve", sentiment=0.6, thread=5, at=NOON + 30 * HOUR,
                   brand=("copperline", "wagtail"), language="zh-Hant", topics=["outage"]),
    ]  # fmt: skip
    store.add(taken, [], NOON)
    store.join({taken[4].post.key: taken[3].post.key}, {})
    store.settle([taken[3].post.key])
    store.write("UPDATE mentions SET voice = ? WHERE mention = 5", (taken[3].voice,))
    for one, amount in zip(taken, (-9.0, 4.0, 0.0, -3.0, 0.0, 3.0), strict=True):
        if amount:
            day = one.days["wagtail"]
            store.replace_entries("wagtail", one.voice, day, [
                Entry("wagtail", one.voice, day, amount, "support", "outage", one.post.key)
            ])  # fmt: skip
    for key, old, new in ((taken[0].post.key, "negative", "negative"), (taken[1].post.key, "positive", "neutral")):
        store.correct(key, "wagtail", [Correction(key, "wagtail", NOON, "mei", "feeling", old, new, chosen="random")])
    heard, blocked = SourceHealth("forum", NOON, "heard", posts=4, new=4), SourceHealth("news", NOON, "blocked", "403")
    store.finish_visits([Visit(health, {}, NOON, 60) for health in (heard, blocked)], "me")
    alert = Alert(
        "k1", "wagtail", "topic:outage", "outage", "high", "acknowledged", NOON, NOON - HOUR, NOON, 5.0, 4, 0.3, 6.0,
        ("forum",), ("4 voices",), (), "mei", NOON + HOUR,
    )  # fmt: skip
    store.save_alert(alert, "opened", NOON)
    store.tell("k1", Telling("mei", "0", NOON + HOUR / 12, "<m1>"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = make_store(tmp_path_factory.mktemp("canned"))
    fill(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A small store that believes to be a large one: the planner sees its statistics only."""
    store = make_store(tmp_path_factory.mktemp("large"))
    fill(store)
    store.db.conn.execute("ANALYZE")
    store.db.conn.execute("DELETE FROM sqlite_stat1")
    store.write_many(
        "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, nullif(?, ''), ?)",
        [line.split("|") for line in MILLION.split("\n") if line],
    )
    path = store.path
    store.close()
    conn = sqlite3.connect(path)
    yield conn
    conn.close()


ALL = pytest.mark.parametrize("one", canned(), ids=lambda one: one.name)


def test_there_are_as_many_as_files() -> None:
    assert len(canned()) >= 12
    assert [one.name for one in canned()] == sorted(one.name for one in canned())
    assert query("languages").name == "languages"
    with pytest.raises(StoreError, match="there is no query 'love'; there are: alert-delays, answer-times"):
        query("love")


@ALL
def test_a_head_says_it_in_both_languages(one: Canned) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.name)
    assert one.title.endswith("?")
    assert len(one.about) > 60
    assert one.title_zh.endswith("？")
    assert HAN.search(one.about_zh)
    assert not HAN.search(one.title + one.about)
    for parameter in one.parameters:
        assert parameter.english
        assert HAN.search(parameter.chinese)
    assert set(re.findall(r"(?<![:\w]):([a-z]\w*)", one.sql)) == {parameter.name for parameter in one.parameters}
    assert ";" not in one.sql


@ALL
def test_it_answers_with_the_columns_that_it_promises(store: SqliteStore, one: Canned) -> None:
    rows = store.rows(one.sql, one.values({}))
    assert rows, one.name
    assert tuple(rows[0]) == one.columns
    empty = dict.fromkeys((parameter.name for parameter in one.parameters), "")
    assert store.rows(one.sql, one.values(empty)) == rows  # an empty form is the default


@ALL
def test_it_keeps_to_the_brand_that_is_asked_for(store: SqliteStore, one: Canned) -> None:
    if "brand" not in {parameter.name for parameter in one.parameters}:
        assert one.name in ("blind-sources", "share-by-week")
        return
    assert {row["brand"] for row in store.rows(one.sql, one.values({"brand": "wagtail"}))} == {"wagtail"}
    assert store.rows(one.sql, one.values({"brand": "nobody' OR 1=1 --"})) == []


@ALL
def test_it_answers_nothing_on_an_empty_store(tmp_path: Path, one: Canned) -> None:
    store = make_store(tmp_path)
    assert store.rows(one.sql, one.values({})) == []
    store.close()


@ALL
def test_it_reads_no_large_table_from_end_to_end(large: sqlite3.Connection, one: Canned) -> None:
    check_plan(large, one.sql, one.values({}))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM v_daily",
        "SELECT * FROM v_daily WHERE brand = 'wagtail' AND day >= '2026-03-01'",
        "SELECT * FROM v_topics_daily WHERE day >= '2026-03-01'",
        "SELECT * FROM v_balance WHERE brand = 'wagtail'",
        "SELECT * FROM v_balance",
        "SELECT * FROM v_share_of_voice WHERE day >= '2026-03-01'",
        "SELECT * FROM v_relationships WHERE at_risk AND last_day >= '2026-03-01'",
        "SELECT * FROM v_relationships WHERE brand = 'wagtail' AND voice = 'v'",
        "SELECT * FROM v_threads WHERE posts_last_24h > 0",
        "SELECT * FROM v_threads WHERE brand = 'wagtail' ORDER BY voices DESC",
        "SELECT * FROM v_coverage WHERE source = 'forum'",
        "SELECT * FROM v_coverage WHERE day >= '2026-03-01'",
        "SELECT * FROM v_mentions ORDER BY at DESC LIMIT 50",
        "SELECT * FROM v_mentions WHERE brand = 'wagtail' ORDER BY at DESC LIMIT 50",
        "SELECT * FROM v_mentions WHERE post_key = 'k'",
        "SELECT * FROM v_alerts",
    ],
)
def test_the_views_read_no_large_table_from_end_to_end(large: sqlite3.Connection, sql: str) -> None:
    check_plan(large, sql, {})


def test_the_check_of_plans_can_fail(large: sqlite3.Connection) -> None:
    with pytest.raises(AssertionError):
        check_plan(large, "SELECT label, count(*) FROM v_mentions GROUP BY label", {})


def check_plan(conn: sqlite3.Connection, sql: str, values: dict[str, str]) -> None:
    """No SCAN of posts, mentions, judgements, entries or hours, no index or Bloom filter made of one on the way."""
    big = {"m", "p", "j", "e", "h", "g", "jt", "b", "o", "w", "n", "mentions", "posts", "judgements", "entries"}
    made = {"w", "b", "n", "g"}  # short names that also stand for what a query made itself
    steps = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    for step in steps:
        verb, _, rest = step.partition(" ")
        name = rest.split(" ")[0]
        walked = verb == "SCAN" and name in big - made and "posts_deleted" not in step
        if "mentions_at" in step and sql.endswith("LIMIT 50"):
            continue  # it stops after the page
        spoilt = ("AUTOMATIC" in step or "BLOOM" in step) and re.search(r"\b[mpjeh]\b", step.split("USING")[0])
        assert not walked, "\n".join(steps)
        assert not spoilt, "\n".join(steps)


def test_the_answers_are_right(store: SqliteStore) -> None:
    def ask(name: str, **given: str) -> list[dict[str, object]]:
        one = query(name)
        return store.rows(one.sql, one.values(given))

    assert [(row["net_lu"], row["thread_link"]) for row in ask("costly-threads")] == [
        (-9.0, "https://forum.example/t/1"), (-3.0, "https://forum.example/t/3"),
    ]  # fmt: skip
    (gone,) = ask("leaving-regulars")
    assert (gone["left_on"], gone["known_since"], gone["posts_before"], gone["lu_before"]) == (
        "2026-03-14", "2026-02-22", 1, 4.0,
    )  # fmt: skip
    waiting = [(row["thread_link"], row["hours_waiting"]) for row in ask("unanswered-complaints")]
    assert waiting == [("https://forum.example/t/3", 30.0), ("https://news.example/t/4", 29.0)]
    (week,) = ask("answer-times", hours="10")
    assert (week["threads"], week["answered"], week["median_hours"], week["late"]) == (3, 1, 9.0, 2)
    assert ask("answer-times")[0]["late"] == 3
    assert [row["source"] for row in ask("blind-sources")] == ["news"]
    (places,) = ask("many-places")
    assert (places["places"], places["posts"]) == (2, 2)
    (rang,) = ask("alert-delays")
    assert (rang["minutes_to_alert"], rang["minutes_to_mail"], rang["minutes_to_answer"], rang["people_told"]) == (
        60.0, 5.0, 60.0, 1,
    )  # fmt: skip
    assert [(row["old"], row["new"], row["times"]) for row in ask("corrections")] == [
        ("positive", "neutral", 1), ("negative", "negative", 1),
    ]  # fmt: skip
    rising = [row["topic"] for row in ask("rising-topics", brand="wagtail")]
    assert rising == ["outage", "leaving", "unresponsive-service"]
    assert {row["week"] for row in ask("share-by-week", weeks="1")} == {"2026-03-09"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1", "x.sql: its head does not say: en; zh; en, about; zh, about; columns"),
        ("-- en: a\n-- fr: b\nSELECT 1", "x.sql:2: 'fr: b' is neither a text nor a parameter"),
        ("-- :days = 4\nSELECT 1", "x.sql:1: ':days = 4' is neither"),
    ],
)
def test_a_bad_head_is_told_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(StoreError, match=re.escape(complaint)):
        parse("x.sql", text)


def test_a_parameter_that_is_none_is_refused() -> None:
    with pytest.raises(StoreError, match="takes no parameter day; it takes: brand, days, hours"):
        query("answer-times").values({"day": "3"})
