"""Themes over the store: listed, written as a topic, told in the digest, gone when forgotten."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from listener.advise.digest import as_json, compose
from listener.advise.redact import redact
from listener.advise.render import render
from listener.cli import main
from listener.config import load
from listener.errors import ConfigError
from listener.house import House
from listener.judge.topics import TopicFinder
from listener.records import Post, Theme
from listener.report.talk import Look, as_topic, by_id, look
from listener.themes.cues import choose
from listener.urls import post_key
from tests.helpers_advise import DAY, at, facts
from tests.helpers_advise import post as judged_post
from tests.helpers_house import house_in, write_home

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)

LIDS = (
    "Acme's panda cup is sold out, I queued from six",
    "Queued an hour for the panda cup at Acme and got nothing",
    "Is the panda cup coming back? Acme had four of them",
    "Somebody sells the Acme panda cup online for triple",
    "Acme, forty people queued and you had six panda cups",
)
PANDAS = (
    "頂好的熊貓提袋一早就沒了",
    "為了頂好熊貓提袋六點起床",
    "頂好熊貓提袋黃牛喊到三倍",
    "頂好還會再出熊貓提袋嗎",
)
ORDINARY = (
    "Acme opened a branch near the lake",
    "Walked past Acme on the way to Leeds",
    "頂好旁邊的公車站搬了",
    "My uncle drives for Acme in the north",
    "Does Acme open on Sundays in winter",
    "昨天在頂好遇到國小同學",
)


def said(text: str, when: datetime, author: str) -> Post:
    url = f"https://forum.example/p/{author}"
    return Post(
        source="town", platform="forum.example", url=url, key=post_key(url), thread_url=url, thread_title="",
        position=0, author=author, text=text, fetched=when, published=when,
    )  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Five weeks of ordinary talk, and two themes that began two days ago.

    All topics are signals here, which explain nothing: what the judge thinks of these texts is not the question.
    """
    path = write_home(tmp_path) / "topics.toml"
    kinds = re.compile('^kind = "(?:complaint|praise)"$', re.MULTILINE)
    path.write_text(kinds.sub('kind = "signal"', path.read_text("utf-8")), encoding="utf-8")
    with house_in(tmp_path, NOW) as (open_one, _):
        posts = [
            said(f"{ORDINARY[n % 6]}, no {n}", NOW - timedelta(hours=12 + 11 * n), f"walker{n}") for n in range(72)
        ]
        for texts, name in ((LIDS, "queuer"), (PANDAS, "getter")):
            posts += [said(text, NOW - timedelta(hours=1 + 9 * n), f"{name}{n}") for n, text in enumerate(texts)]
        open_one.store.sync_sources(open_one.config.source_records(), NOW - timedelta(days=40))
        open_one.intake.take(posts)
        yield open_one


def looked(house: House) -> Look:
    return look(house.store, house.config, house.config.brand("acme"), NOW)


def named(themes: tuple[Theme, ...], word: str) -> Theme:
    return next(theme for theme in themes if any(word in name for name in theme.words))


def test_themes_of_the_store_in_both_languages(house: House) -> None:
    themes = looked(house).themes
    cup, bag = named(themes, "panda"), named(themes, "熊貓")
    assert cup.voices == cup.recent == 5
    assert bag.voices == 4
    assert cup.phase == bag.phase == "new"
    assert all("acme" not in word and "頂好" not in word for theme in themes for word in theme.words)


@pytest.mark.parametrize(("word", "texts"), [("panda", LIDS), ("熊貓", PANDAS)])
def test_a_theme_becomes_a_topic_that_our_config_loads_and_that_finds_it(
    house: House, word: str, texts: tuple[str, ...]
) -> None:
    one = looked(house)
    proposal = as_topic(
        named(one.themes, word), list(one.judged.values()), house.config.topics, house.config.brand("acme")
    )
    assert proposal.found >= 0.8 * len(texts)
    assert proposal.others <= 1
    path = house.config.home / "config" / "topics.toml"
    path.write_text(path.read_text("utf-8") + "\n" + proposal.toml, encoding="utf-8")
    topic = load(path.parent).topic(proposal.topic.id)
    assert topic == proposal.topic
    finder = TopicFinder([topic])
    assert sum(bool(finder.find(text)) for text in texts) == proposal.found + proposal.others
    assert not any(finder.find(text) for text in ORDINARY)
    assert f"find {proposal.found} of the theme's {proposal.posts} posts" in proposal.toml


def test_a_theme_is_called_by_any_of_its_posts(house: House) -> None:
    themes = looked(house).themes
    cup = named(themes, "panda")
    assert by_id(themes, cup.id) == cup
    assert by_id(themes, cup.post_keys[-1][:10].upper()) == cup
    for wrong in ("", "zzzzzzzz", cup.id[:2]):
        with pytest.raises(ConfigError, match="no one theme is called"):
            by_id(themes, wrong)


def test_whom_we_forget_is_in_no_theme(house: House) -> None:
    for n in range(4):
        house.forget(f"queuer{n}")
    assert "panda" not in str([theme.words for theme in looked(house).themes])


def test_the_command_lists_and_writes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.clock.SystemClock.now", lambda _: NOW)
    folder = str(house.config.home / "config")
    listed = CliRunner().invoke(main, ["themes", "--config", folder, "--brand", "acme", "--json"])
    assert listed.exit_code == 0, listed.output
    rows = json.loads(listed.output)
    row = next(row for row in rows if "panda" in " ".join(row["words"]))
    assert row["phase"] == "new"
    assert row["post"] in LIDS
    assert row["url"].startswith("https://forum.example/p/queuer")
    written = CliRunner().invoke(main, ["themes", "--config", folder, "--as-topic", row["id"]])
    assert written.exit_code == 0, written.output
    assert "[[topic]]" in written.output
    table = CliRunner().invoke(main, ["themes", "--config", folder])
    assert table.exit_code == 0
    assert "panda" in table.output
    wrong = CliRunner().invoke(main, ["themes", "--config", folder, "--as-topic", "ffffffffffff"])
    assert wrong.exit_code == 2
    assert row["id"] in wrong.output


def test_the_days_digest_tells_of_new_themes_and_a_later_one_does_not(house: House) -> None:
    brand = house.config.brand("acme")
    assert house.digest(brand, date(2026, 3, 21))
    stored = house.store.digest("acme", date(2026, 3, 21), "en")
    assert stored is not None
    assert "Also being talked about" in stored.text
    cup = named(looked(house).themes, "panda")
    assert set(cup.post_keys) <= set(stored.evidence)
    assert house.digest(brand, date(2026, 2, 20))
    before = house.store.digest("acme", date(2026, 2, 20), "en")
    assert before is not None
    assert "Also being talked about" not in before.text + before.html


def theme(phase: str, keys: tuple[str, ...], words: tuple[str, ...] = ("panda cup", "queued")) -> Theme:
    return Theme("wagtail", keys[0][:8], words, 5, 5, 0, ((DAY, 5),), phase, keys[0], keys)  # type: ignore[arg-type]


def test_the_digest_quotes_redacted_and_only_what_is_new_or_grows() -> None:
    posts = [
        judged_post(f"p{n}", f"Queued for the panda cup, call 0912 345 678 ({n})", at(), sentiment=-0.2)
        for n in range(5)
    ]
    keys = tuple(post.post_key for post in posts)
    for language, intro in (("en", "Also being talked about"), ("zh-Hant", "另有話題")):
        page = render(compose(facts(posts, themes=(theme("new", keys),))), language, redact)
        assert intro in page.text
        assert intro in page.html
        assert "0912" not in page.text + page.html
        assert set(keys) <= set(page.evidence)
        assert "panda cup" in page.text
        assert "https://forum.example/p/p0" in page.text
        for quiet in ("steady", "fading"):
            none = render(compose(facts(posts, themes=(theme(quiet, keys),))), language, redact)
            assert intro not in none.text + none.html
    assert "panda" not in as_json(compose(facts(posts, themes=(theme("new", keys),))))


def test_a_theme_of_which_nobody_spoke_on_the_day_is_not_told() -> None:
    old = [judged_post(f"p{n}", when=at(DAY - timedelta(days=2))) for n in range(5)]
    keys = tuple(post.post_key for post in old)
    assert compose(facts(old, themes=(theme("new", keys),))).talk == ()


def test_choosing_cues_takes_what_is_pure_and_adds() -> None:
    theirs = frozenset("abcdef")
    hits = {
        "wide": frozenset("abcdef") | {f"other{n}" for n in range(9)},
        "good": frozenset("abcd"),
        "more": frozenset("cde"),
        "nothing new": frozenset("ab"),
    }
    assert choose(hits, theirs) == ("good", "more")
    assert choose({"wide": hits["wide"]}, theirs) == ()
    assert choose({"one": frozenset("a")}, theirs) == ()
