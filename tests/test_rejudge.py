"""Stored posts judged again: as if they came in today, corrections kept, and nothing lost when it is killed."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.again.correct import Said, correct, find
from listener.again.rejudge import Moved, Rejudging
from listener.house import House
from listener.records import Post
from tests.helpers_house import BRANDS, NOW, house_in, post

TEXTS = (
    "Acme is terrible, never again",
    "I love Acme, so quick to answer",
    "Bolt is slow and Acme is down again since noon",
    "The summit of our trip: a wonderful view",
    "頂好的客服完全不回應，還亂收手續費",
    "Acme: where do I find the manual?",
    "閃電電信 is fine, 頂好 is not",
    "Summit Mobile charged me twice and nobody answers",
    "Acme works. Bolt works too. Both are great!",
    "Thinking about the weather",
)
# Another query for each brand, and another zone: mentions come and go, days move.
LATER = (
    BRANDS.replace('query = "Acme OR 頂好"', 'query = "(Acme NOT manual) OR 頂好 OR \\"Summit Mobile\\""')
    .replace('query = "Bolt OR 閃電電信"', 'query = "閃電電信 OR author:bolt_fan"')
    .replace('time_zone = "UTC"', 'time_zone = "Pacific/Auckland"')
)
KEEP = "\n[privacy]\nkeep_unmatched = true\n"
COLUMNS = "post_key, brand, day, voice, sentiment, label, confidence, topics, leaving, place, by_brand, muted"


def posts() -> list[Post]:
    made = [
        post(n, text, at=NOW - timedelta(hours=n), author=("Acme_Help", "bolt_fan")[n] if n < 2 else f"writer {n % 4}")
        for n, text in enumerate(TEXTS)
    ]
    made += [post(50 + n, f"same here, number {n}", thread=n, position=1, author=f"fan {n}") for n in range(3)]
    return [*made, post(60, "and my screen too", thread=7, position=1, author="fan 9")]


def state(house: House) -> dict[str, Any]:
    """All that stands, but for when it was written: mentions that count, and the Love Bank.

    Voices go by their first post: each store hashes them under a key of its own.
    """
    names = {
        row["voice"]: row["key"] for row in house.store.rows("SELECT voice, min(key) key FROM posts GROUP BY voice")
    }
    mentions = house.store.rows(f"SELECT {COLUMNS} FROM v_mentions WHERE muted = '' ORDER BY post_key, brand")
    entries = [
        (one.brand, names[one.voice], one.day, one.amount, one.touchpoint, one.reason, one.post_key)
        for brand in ("acme", "bolt")
        for one in house.store.entries(brand, NOW.date() + timedelta(days=9))
    ]
    return {
        "mentions": [row | {"voice": names[row["voice"]]} for row in mentions],
        # Sums of floats depend on their order in the last digit.
        "daily": [
            {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}
            for row in house.store.rows("SELECT * FROM v_daily ORDER BY brand, day")
        ],
        "entries": sorted(entries),
    }


def take(house: House, batch: Sequence[Post]) -> None:
    house.store.sync_sources(house.config.source_records(), NOW)
    house.intake.take(batch)


def reconfigured(home: Path, brands: str = LATER) -> None:
    (home / "config" / "brands.toml").write_text(brands, encoding="utf-8")


def run(house: House, **options: Any) -> Moved:
    return Rejudging(house.store, house.config, house.clock, house.intake, **options).run()


def fresh(home: Path) -> dict[str, Any]:
    """The same posts taken in under today's config."""
    home.mkdir()
    with house_in(home, more=KEEP):
        pass
    reconfigured(home)
    with house_in(home, more=KEEP) as (house, _):
        take(house, posts())
        return state(house)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store that yesterday's config filled; today's config stands beside it."""
    (home := tmp_path / "home").mkdir()
    with house_in(home, more=KEEP) as (house, _):
        take(house, posts())
    reconfigured(home)
    return home


def test_rejudged_is_as_if_taken_in_today(home: Path, tmp_path: Path) -> None:
    with house_in(home) as (house, _):
        before = state(house)
        moved = run(house)
        assert moved.posts == len(posts())
        assert (moved.found, moved.gone) != (0, 0)
        after = state(house)
        assert after != before
        assert after == fresh(tmp_path / "fresh")
        assert run(house).posts == 0  # all carry today's stamp
        again = run(house, every=True)
        assert (again.posts, again.found, again.gone) == (len(posts()), 0, 0)
        assert all(was == now for was, now in again.labels)
        assert state(house) == after


def test_what_the_query_no_longer_finds_is_back_when_it_does(home: Path) -> None:
    with house_in(home) as (house, _):
        before = state(house)
        assert run(house).gone > 0
        rows = house.store.rows("SELECT DISTINCT muted FROM v_mentions WHERE muted <> ''")
        assert rows == [{"muted": "unmatched"}]
    reconfigured(home, BRANDS)
    with house_in(home) as (house, _):
        run(house)
        assert state(house) == before


def test_what_is_newly_found_is_muted_as_brands_toml_has_it(home: Path) -> None:
    rest = BRANDS.partition('\n[[brand]]\nid = "bolt"')
    wider = rest[0].replace('query = "Acme OR 頂好"', 'query = "Acme OR 頂好 OR summit"')
    reconfigured(home, f'{wider}\n[[brand.mute]]\nwords = ["wonderful view"]\n{rest[1]}{rest[2]}')
    with house_in(home) as (house, _):
        run(house)
        found = house.store.rows("SELECT text, muted FROM v_mentions WHERE brand = 'acme' AND text LIKE '%summit%'")
        assert {(row["text"].split()[1], row["muted"]) for row in found} == {("summit", "word"), ("Mobile", "")}


def test_a_dry_run_tells_the_same_and_leaves_everything(home: Path) -> None:
    with house_in(home) as (house, _):
        before = state(house)
        told = run(house, dry_run=True)
        assert state(house) == before
        assert Rejudging(house.store, house.config, house.clock, house.intake).due() == len(posts())
        done = run(house)
        assert (told.posts, told.labels, told.gained, told.lost, told.found, told.gone, told.samples) == (
            done.posts, done.labels, done.gained, done.lost, done.found, done.gone, done.samples,
        )  # fmt: skip


def test_a_dry_run_over_all_looks_at_all(home: Path) -> None:
    with house_in(home) as (house, _):
        run(house)
        before = state(house)
        dry = Rejudging(house.store, house.config, house.clock, house.intake, every=True, dry_run=True)
        due = dry.due()
        assert (due, dry.run().posts) == (len(posts()), len(posts()))
        assert state(house) == before
        assert run(house).posts == 0


def test_replies_answer_what_people_say_of_their_parent(tmp_path: Path) -> None:
    """In the same batch, too: not what the engine says of it, and nothing where it is not about the brand at all."""
    opener = post(1, "How do you find Acme so far?", title="Your view", thread=1)
    bad = post(2, "Acme is terrible, awful support", title="Your view", thread=1, position=1)
    other = post(3, "Acme is a terrible, horrible name for a cat", title="Your view", thread=1, position=2)
    replies = [
        replace(post(9 + n, "Same here", title="Your view", thread=1, position=3 + n), parent_key=parent.key)
        for n, parent in enumerate((other, bad))
    ]
    with house_in(tmp_path) as (house, _):
        take(house, [opener, bad, other, *replies])
        for about, what in ((bad, Said("positive")), (other, Said(not_brand=True))):
            found = find(house.store, house.config, about.url, "acme")
            correct(house.store, house.config, house.clock, house.intake, found, what, "ann")
        for _ in range(2):
            run(house, every=True)
            rows = house.store.rows("SELECT post_key, label FROM v_mentions WHERE muted = ''")
            labels = {row["post_key"]: row["label"] for row in rows}
            assert [labels.get(one.key) for one in (bad, other, *replies)] == ["positive", None, "neutral", "positive"]


def test_killed_in_the_middle_it_goes_on_with_what_is_left(home: Path, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.rejudge_child", str(home / "config")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert [child.stdout.readline() for _ in range(2)] == ["batch\n", "batch\n"]
    child.kill()
    child.wait()
    child.stdout.close()
    with house_in(home) as (house, _):
        left = Rejudging(house.store, house.config, house.clock, house.intake).due()
        assert 0 < left <= len(posts()) - 6
        assert run(house).posts == left
        assert state(house) == fresh(tmp_path / "fresh")


def test_corrections_stay_and_the_engine_is_measured_anew(home: Path) -> None:
    manual, quick, view = posts()[5], posts()[1], posts()[2]
    with house_in(home) as (house, _):
        for about, said in ((manual, Said("positive", topics=(("billing-error", True),))), (quick, Said("negative")),
                            (view, Said(not_brand=True))):  # fmt: skip
            found = find(house.store, house.config, about.url, "acme")
            correct(house.store, house.config, house.clock, house.intake, found, said, "ann")
        said_before = house.store.corrections()
        run(house)
        now = {one.post_key: one for one in house.store.judged("acme")}
        assert now[manual.key].label == "positive"  # though the query finds it no more
        assert now[manual.key].topics[0].topic == "billing-error"
        assert now[quick.key].label == "negative"
        assert view.key not in now
        labels = {one.post_key: one for one in house.store.labelled("acme")}
        assert labels[quick.key].label == "positive"  # what the engine says
        assert labels[quick.key].feeling == "negative"
        assert house.store.corrections() == said_before
        entries = {e.post_key: e.amount for e in house.store.entries("acme", NOW.date() + timedelta(days=2))}
        assert entries[manual.key] > 0
        assert view.key not in entries


def test_one_brand_or_the_last_days_only(home: Path) -> None:
    with house_in(home) as (house, _):
        bolt = run(house, brand="bolt", dry_run=True)
        assert {one.brand for theirs in bolt.samples.values() for one in theirs if one.what == "counts now"} <= {
            "bolt",
            "acme",
        }
        assert 0 < bolt.posts < len(posts())
        late = run(house, since=NOW - timedelta(hours=2))
        assert late.posts == sum(one.when >= NOW - timedelta(hours=2) for one in posts())
        assert run(house).posts == len(posts()) - late.posts


def test_neither_alarms_nor_digests_react(home: Path) -> None:
    with house_in(home) as (house, clock):
        acme = house.config.brand("acme")
        house.store.set_looked_until("acme", NOW)
        house.digest(acme, NOW.date() - timedelta(days=1))
        stored = house.store.digest("acme", NOW.date() - timedelta(days=1), "en")
        run(house)
        clock.advance(timedelta(minutes=5))
        assert house.watch() == ()
        assert house.store.digest("acme", NOW.date() - timedelta(days=1), "en") == stored


def test_expired_mentions_and_brands_that_left_stay_as_they_are(home: Path) -> None:
    reconfigured(home, LATER[: LATER.index("[[brand]]", 20)])
    with house_in(home) as (house, _):
        house.store.expire("acme", datetime(2026, 3, 10, 8, tzinfo=UTC))
        columns = "post, brand, place, voice, muted, expired"
        sql = f"SELECT {columns} FROM mentions WHERE brand = 'bolt' OR expired = 1 ORDER BY 1, 2"
        before = house.store.rows(sql)
        assert {row["brand"] for row in before} == {"acme", "bolt"}
        run(house)
        assert house.store.rows(sql) == before
