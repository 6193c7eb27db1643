"""Back-tests: what another query would have found in the stored posts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from listener.again.backtest import BATCH, backtest
from listener.cli import main
from listener.house import House
from listener.judge.query import parse
from listener.judge.telling import covering, telling, words_of
from listener.records import Post
from tests.helpers_house import NOW, SOURCE, house_in
from tests.helpers_store import NOON, edited, make_store, make_taken

KEEP = "[privacy]\nkeep_unmatched = true\nkeep_author_names = true\n"


def said(number: int, text: str, thread: int = 0, position: int = 0, title: str = "") -> Post:
    thread = thread or number
    return Post(
        source=SOURCE.name, author=f"ann{number}",
        platform="town.example", url=f"https://town.example/t/{thread}#p{number}", key=f"{number:064x}",
        thread_url=f"https://town.example/t/{thread}", thread_title=title, position=position, text=text, fetched=NOW,
        published=NOW.replace(hour=number % 12),
    )  # fmt: skip


def filled(house: House) -> None:
    posts = [said(n, f"The Acme app is down again, number {n}") for n in range(1, 31)]
    posts += [said(n, f"An acme bird sat on my 頂好 nest with feathers {n}") for n in range(31, 51)]
    posts += [said(n, f"賞鳥筆記第{n}天看到艾克米鳥") for n in range(51, 61)]
    posts += [said(70, "Who knows?", title="Acme"), said(71, "same here", thread=70, position=1, title="help")]
    house.store.sync_sources([SOURCE], NOW)
    house.intake.take(posts)


def test_what_it_adds_and_drops(tmp_path: Path) -> None:
    with house_in(tmp_path, more=KEEP) as (house, _):
        filled(house)
        steps: list[tuple[int, int]] = []
        result = backtest(
            house.store,
            house.config,
            parse("(Acme NOT bird) OR 艾克米"),
            parse("Acme OR 頂好"),
            "acme",
            on_progress=lambda done, total: steps.append((done, total)),
        )
    assert (result.posts, result.today, result.found, result.both) == (62, 52, 42, 32)
    assert (result.added.posts, result.dropped.posts) == (10, 20)
    assert result.dropped.share == 20 / 52
    assert steps[-1] == (62, 62)
    assert {"bird", "nest", "feathers"} & {word.word for word in result.dropped.words}
    assert not {"acme", "头好", "顶好"} & {word.word for word in result.dropped.words}
    assert [word.word for word in result.added.words if word.word in ("賞鳥", "筆記")]
    assert result.suggested in ("NOT 看到", "NOT 賞鳥", "NOT 筆記")
    assert len(result.added.samples) == 5
    assert all("艾克米" in sample.named for sample in result.added.samples)
    assert result.notes == ()


def test_the_suggested_not_takes_out_what_was_added(tmp_path: Path) -> None:
    """Followed, the suggestion gives today's posts back."""
    with house_in(tmp_path, more=KEEP) as (house, _):
        filled(house)
        today = parse("Acme NOT (bird OR 鳥)")
        wider = backtest(house.store, house.config, parse("Acme OR 艾克米"), today, "acme")
        assert wider.added.posts == 30
        mended = backtest(house.store, house.config, parse(f"(Acme OR 艾克米) {wider.suggested}"), today, "acme")
    assert mended.added.posts == 0
    assert mended.dropped.posts == 0


def test_a_reply_takes_over_what_its_opener_speaks_of(tmp_path: Path) -> None:
    with house_in(tmp_path, more=KEEP) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take([said(1, "Acme?"), said(2, "same here", thread=1, position=1), said(3, "no", position=-1)])
        result = backtest(house.store, house.config, parse("Acme"))
        assert (result.found, result.today, result.added.share) == (2, None, None)
        none = backtest(house.store, house.config, parse("Acme NOT same"))
        assert none.found == 1


def test_posts_of_other_brands_sources_and_before_a_day_are_left_out(tmp_path: Path) -> None:
    with house_in(tmp_path, more=KEEP) as (house, _):
        filled(house)
        late = backtest(house.store, house.config, parse("Acme"), since=NOW.replace(hour=11))
        assert late.posts == sum(n % 12 == 11 for n in [*range(1, 61), 70, 71])
        source = house.config.sources[0].model_copy(update={"brands": ("bolt",)})
        config = house.config.model_copy(update={"sources": (source,)})
        assert backtest(house.store, config, parse("Acme"), parse("Acme"), "acme").found == 0


def test_what_the_store_cannot_show_is_told(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        filled(house)
        result = backtest(house.store, house.config, parse("艾克米 OR author:ann1"), parse("Acme"), "acme")
    assert result.found == 0
    assert ["keep_unmatched" in result.notes[0], "keep_author_names" in result.notes[1]] == [True, True]


def test_all_posts_are_walked_through_once(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    taken = [make_taken(store, n, thread=n % 7 + 1, position=n) for n in range(50)]
    store.add(taken, [], NOON)  # all at the same time: the number decides
    store.add([edited(taken[3], "")], [], NOON)  # past retention: without words
    store.mark_deleted([taken[4].post.key], NOON)
    place, seen = ("", 0), []
    while batch := store.posts_after(place, 7):
        assert len(batch) <= 7
        place = batch[-1].place
        seen += [stored.post.key for stored in batch]
    assert len(seen) == len(set(seen)) == store.count_posts() == 48
    assert {taken[3].post.key, taken[4].post.key}.isdisjoint(seen)
    assert BATCH > 7
    store.close()


@pytest.mark.parametrize("found", [1, 0])
def test_the_command(tmp_path: Path, found: int) -> None:
    with house_in(tmp_path, more=KEEP) as (house, _):
        filled(house)
    config = str(tmp_path / "config")
    query = "{Acme} NOT app" if found else "Zyzzy"
    done = CliRunner().invoke(main, ["brand", "backtest", query, "--config", config, "--brand", "acme", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["found"] == (2 if found else 0)
    assert told["today"] == 52
    shown = CliRunner().invoke(main, ["brand", "backtest", "-", "--config", config, "--brand", "acme"], input=query)
    assert shown.exit_code == 0, shown.output
    assert "drops 5" in shown.output
    wrong = CliRunner().invoke(main, ["brand", "backtest", "Acme OR OR", "--config", config])
    assert wrong.exit_code == 2
    assert "\n          ^" in wrong.output


def test_words_that_tell() -> None:
    assert words_of("Acme's 客服 a https://x.example/bird \ud800") == {"acme's": "Acme's", "客服": "客服"}
    here, there = {"bird": 20, "the": 100, "once": 1}, {"the": 300, "app": 60}
    assert [one.word for one in telling(here, there, 5)] == ["bird"]
    assert telling(here, there, 5, {"bird"}) == ()
    assert telling(here, {}, 5) == ()


def test_few_words_that_cover_most() -> None:
    bags = [{"bird", "nest"}] * 4 + [{"nest"}] + [{"pie"}] * 3 + [{"odd"}]
    assert covering(["bird", "nest", "pie", "odd"], bags, 5) == ("nest", "pie")
    assert covering(["bird", "nest", "pie", "odd"], bags, 1) == ("nest",)
    assert covering([], bags, 5) == ()
