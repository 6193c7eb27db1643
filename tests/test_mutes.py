"""Mutes: kept and marked, counted nowhere but in the digest's line about them; and the pull of posts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.advise.digest import compose
from listener.again.correct import Said, correct, find
from listener.config import load
from listener.errors import ConfigError
from listener.house import House
from listener.pull import FEW, is_high, pulls
from listener.records import Post
from listener.report.digests import collect
from listener.urls import post_key
from tests.helpers_house import BRANDS, NOW, SOURCE, house_in, post, write_home

DAY = NOW.date()
ANGRY = "Acme never answered me in three weeks, terrible service, I am furious"


def muting(home: Path, table: str) -> Path:
    """A config whose first brand has one more table."""
    folder = home / "config" if (home / "config").exists() else write_home(home)
    first, rest = BRANDS.split('\n[[brand]]\nid = "bolt"')
    (folder / "brands.toml").write_text(f'{first}\n{table}\n[[brand]]\nid = "bolt"{rest}', encoding="utf-8")
    return folder


def elsewhere(site: str, one: Post) -> Post:
    url = one.url.replace("town.example", site)
    return replace(one, platform=site, url=url, thread_url=url.partition("#")[0], key=post_key(url))


def posts() -> list[Post]:
    return [
        post(1, ANGRY, author="Ann Lee"),
        elsewhere("www.spam.example", post(2, "Acme coupons here, terrible prices elsewhere, never pay full price")),
        post(3, "Get your Acme PROMO  code today, awful deal otherwise", author="bo"),
        post(4, "頂好優惠碼拿去用，客服很爛", author="cy"),
        post(5, "Acme is slow today, I hate this", author="di", thread=99),
        post(6, "Acme lost my parcel, I am so angry", author="ed"),
    ]


def muted(house: House) -> dict[str, str]:
    rows = house.store.rows("SELECT link, muted FROM v_mentions WHERE brand = 'acme' AND muted <> ''")
    return {str(row["link"]).rpartition("p")[2]: str(row["muted"]) for row in rows}


TABLES: list[tuple[str, dict[str, str]]] = [
    ('sites = ["spam.example"]', {"2": "site"}),
    ('sites = ["Town"]', dict.fromkeys("123456", "site")),
    ('authors = ["ANN LEE", "nobody"]', {"1": "author"}),
    ('words = ["promo  code"]', {"3": "word"}),
    ('words = ["优惠码"]', {"4": "word"}),
    ('words = ["slow"]\nuntil = 2026-03-09', {}),
    ('words = ["slow"]\nuntil = 2026-03-10', {"5": "word"}),
    ('threads = ["https://town.example/t/99?utm_source=x"]', {"5": "thread"}),
]


@pytest.mark.parametrize(("table", "expected"), TABLES, ids=[table for table, _ in TABLES])
def test_what_is_muted_now_and_when_it_was_there_before(tmp_path: Path, table: str, expected: dict[str, str]) -> None:
    """The same whether the mute stood there first or the posts did; taking it out brings everything back."""
    for home in ("before", "after"):
        mute = f"[[brand.mute]]\n{table}\n"
        if home == "before":
            muting(tmp_path / home, mute)
        with house_in(tmp_path / home) as (house, _):
            house.store.sync_sources([SOURCE], NOW)
            house.intake.take(posts())
        if home == "after":
            muting(tmp_path / home, mute)
        with house_in(tmp_path / home) as (house, _):
            assert muted(house) == expected
            row = house.store.rows("SELECT sum(mentions) AS n FROM v_daily WHERE brand = 'acme'")[0]
            assert (row["n"] or 0) == 6 - len(expected)
            assert len(house.store.judged("acme")) == 6 - len(expected)
            counted = {one.post_key for one in house.store.judged("acme")}
            assert {entry.post_key for entry in house.store.entries("acme", DAY)} <= counted
    muting(tmp_path / "after", "")
    with house_in(tmp_path / "after") as (house, _):
        assert muted(house) == {}
        assert len(house.store.judged("acme")) == 6


def test_other_brands_hear_what_one_has_muted(tmp_path: Path) -> None:
    muting(tmp_path, '[[brand.mute]]\nauthors = ["ann"]\n')
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take([post(1, "Acme and Bolt are both terrible", author="ann")])
        assert (len(house.store.judged("acme")), len(house.store.judged("bolt"))) == (0, 1)
        assert not house.store.entries("acme", DAY)


def test_the_digest_says_what_was_muted(tmp_path: Path) -> None:
    muting(tmp_path, '[[brand.mute]]\nsites = ["spam.example"]\nauthors = ["Ann Lee"]\nreason = "spam"\n')
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take(posts())
        assert compose(collect(house.store, house.config, house.config.brand("acme"), DAY)).posts == 4
        house.digest(house.config.brand("acme"), DAY)
        for language, told in (("en", "counted nowhere: 2 (1 by author, 1 by site"), ("zh-Hant", "保留但不計入")):
            made = house.store.digest("acme", DAY, language)
            assert made is not None
            assert told in " ".join(made.text.split())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("reason = 'x'", "mutes nothing"),
        ('sites = [""]', "would mute everything"),
        ('words = ["a"]', "too short"),
        ('threads = ["t/99"]', "no address"),
        ('site = ["x.example"]', "sites"),
        ('words = ["promo"]\nuntil = "soon"', "until"),
    ],
)
def test_mistakes_are_told_with_their_mend(tmp_path: Path, table: str, said: str) -> None:
    folder = muting(tmp_path, f"[[brand.mute]]\n{table}\n")
    with pytest.raises(ConfigError, match=said) as caught:
        load(folder)
    assert "brands.toml" in str(caught.value)


@given(st.lists(st.integers(-3, 10_000), max_size=60))
def test_pull_is_a_ratio_to_the_median_and_silent_about_few(drawn: list[int]) -> None:
    found = pulls(drawn)
    assert len(found) == len(drawn)
    if len(drawn) < FEW:
        assert set(found) <= {None}
        return
    rising = [pull for _, pull in sorted(zip((max(0, n) for n in drawn), found, strict=True))]
    assert rising == sorted(rising)  # type: ignore[type-var]  # no None among them
    assert all(pull is not None and pull >= 0 for pull in found)
    assert sum(pull >= 0.99 for pull in found if pull is not None) >= len(found) / 2


def test_a_post_with_pull_is_told_so_in_the_digest(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        before = [replace(post(n, f"Acme note {n}", NOW - timedelta(days=3)), likes=1, replies=0) for n in range(30)]
        loud = [
            replace(post(100 + n, text, thread=7), likes=likes)
            for n, (text, likes) in enumerate(
                [
                    (ANGRY, 40),
                    ("Acme has not replied since Monday, nobody answers there", 0),
                    ("No answer from Acme", 1),
                ]
            )
        ]
        house.intake.take([*before, *loud])
        house.digest(house.config.brand("acme"), DAY)
        row = house.store.rows("SELECT pull FROM v_mentions WHERE likes = 40")[0]
        assert row["pull"] == pytest.approx(20.5)
        made = house.store.digest("acme", DAY, "en")
        assert made is not None
        assert "21 times what is usual there" in " ".join(made.text.split())
    assert is_high(20.5, 40)
    assert not is_high(20.5, 3)
    assert not is_high(None, 99)


def test_a_mute_and_a_correction_do_not_undo_each_other(tmp_path: Path) -> None:
    """What a person says of a mention leaves the mute of the config alone, and the mute what the person said."""
    mute = '[[brand.mute]]\nsites = ["town.example"]\n'
    one, other = post(1, ANGRY), post(2, "Acme is wonderful, I love it")

    def say(house: House, about: Post, said: Said) -> str:
        found = find(house.store, house.config, about.url, "acme")
        return correct(house.store, house.config, house.clock, house.intake, found, said, "ann").muted

    with house_in(tmp_path) as (house, _):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take([one, other])
        assert say(house, one, Said("negative")) == ""
        assert say(house, other, Said(not_brand=True)) == "not-brand"
    muting(tmp_path, mute)
    with house_in(tmp_path) as (house, _):
        assert muted(house) == {"1": "site", "2": "not-brand"}
        assert say(house, one, Said("neutral")) == "site"
        assert say(house, other, Said(is_brand=True)) == "site"
        assert house.store.judged("acme") == []
    (tmp_path / "config" / "brands.toml").write_text(BRANDS, encoding="utf-8")
    with house_in(tmp_path) as (house, _):
        assert muted(house) == {}
        assert say(house, one, Said("positive")) == ""
        assert {found.post_key for found in house.store.judged("acme")} == {one.key, other.key}
