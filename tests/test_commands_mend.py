"""`listener label`, `evaluate` and `rejudge`, as somebody types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from listener.cli import main
from tests.helpers_house import BRANDS, NOW, house_in, post
from tests.helpers_label import steady

POSTS = [
    post(1, "Acme is terrible, I have cancelled my contract and switched to another shop"),
    post(2, "I love Acme, and Bolt is slow"),
    post(3, "Acme: where do I find the manual?"),
]


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    steady(monkeypatch)


@pytest.fixture
def config(tmp_path: Path) -> str:
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources(house.config.source_records(), NOW)
        house.intake.take(POSTS)
    return str(tmp_path / "config")


def run(config: str, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, [words[0], "--config", config, *words[1:]], input=typed)


def answer(config: str, *words: str) -> Any:
    result = run(config, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_label_says_what_it_was_and_is(config: str) -> None:
    result = run(config, "label", POSTS[0].url, "--feeling", "neutral", "--topic", "-leaving", "--topic", "+outage")
    assert result.exit_code == 0, result.output
    told = " ".join(result.stdout.split())
    assert "acme: negative" in told
    assert "→ acme: neutral 1.00, outage" in told
    assert "leaving" not in told.partition("→")[2]
    assert "booked anew" in told
    said = answer(config, "label", POSTS[0].url)
    assert said["stands"]["feeling"] == "neutral"
    assert [(one["field"], one["old"], one["new"]) for one in said["history"]] == [
        ("feeling", "negative", "neutral"), ("topic", "leaving", ""), ("topic", "", "outage"),
    ]  # fmt: skip


def test_label_in_json(config: str) -> None:
    said = answer(
        config, "label", POSTS[1].key[:12], "--brand", "bolt", "--not-brand", "--by", "mei", "--note", "the runner"
    )
    assert said["after"]["muted"] == "not-brand"
    assert said["by"] == "mei"
    history = answer(config, "label", POSTS[1].url, "--brand", "bolt")["history"]
    assert [(one["by"], one["note"]) for one in history] == [("mei", "the runner")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "give the link of a post"),
        ((POSTS[0].url, "--topic", "outage"), "write +outage"),
        ((POSTS[1].url, "--feeling", "neutral"), "--brand acme"),
        (("https://nowhere.example/", "--feeling", "neutral"), "no post in the store"),
        (("--next", "3"), "--next needs --brand"),
        (("--next", "3", "--brand", "acme", "--feeling", "neutral"), "post by post"),
        ((POSTS[0].url, "--random"), "--random goes with --next"),
        ((POSTS[0].url, "--brand", "acne", "--not-brand"), "acme"),
    ],
)
def test_label_refuses_with_the_mend(config: str, words: tuple[str, ...], told: str) -> None:
    result = run(config, "label", *words)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_walking_through_with_single_keys(config: str) -> None:
    result = run(config, "label", "--next", "9", "--brand", "acme", typed="nxs")
    assert result.exit_code == 0, result.output
    assert "1 of 3" in result.stdout
    assert "2 said" in result.stdout
    measured = answer(config, "evaluate", "--brand", "acme")["yours"]
    assert (measured["labels"], measured["chosen"]) == (2, {"unsure": 2})
    again = run(config, "label", "--next", "9", "--brand", "acme", "--random", typed="z\rq")  # z: no such key
    assert "1 of 1" in again.stdout
    assert "1 said" in again.stdout
    assert answer(config, "evaluate")["yours"]["chosen"] == {"random": 1, "unsure": 2}
    assert "nothing of acme is left" in " ".join(run(config, "label", "--next", "9", "--brand", "acme").output.split())


def test_walking_with_topics_and_stopping(config: str) -> None:
    result = run(config, "label", "--next", "9", "--brand", "acme", typed="t+outage\nnq")
    assert result.exit_code == 0, result.output
    assert "outage" in result.stdout
    assert "1 said" in result.stdout
    assert run(config, "label", "--next", "9", "--brand", "acme", typed="").exit_code == 0  # the terminal went away


def test_evaluate_with_few_labels_says_how_uncertain(config: str) -> None:
    assert "Nobody has labelled" in run(config, "evaluate").stdout
    run(config, "label", POSTS[0].url, "--all-right")
    run(config, "label", POSTS[1].url, "--brand", "acme", "--feeling", "negative", "--topic", "+outage")
    told = " ".join(run(config, "evaluate").stdout.split())
    assert "feeling right: 50% of 2 (95 % sure: 9% to 91%)" in told
    assert "harder than most" in told
    assert "leaving 1.00 1.00 1.00" in told
    assert "outage 0.00 0.00 0.00" in told
    figures = answer(config, "evaluate", "--brand", "acme")
    assert figures["yours"]["feeling"]["accuracy"] == {"n": 2, "share": 0.5, "low": 0.0945, "high": 0.9055}
    assert figures["yours"]["feeling"]["table"]["negative"] == {"negative": 1, "neutral": 0, "positive": 1}
    assert figures["context"]["acme"].startswith("off: ")
    assert isinstance(figures["shipped"], list)


def test_rejudge_tells_what_moved(config: str) -> None:
    assert "nothing to judge anew" in run(config, "rejudge").stdout
    (Path(config) / "brands.toml").write_text(
        BRANDS.replace('"Acme OR 頂好"', '"(Acme NOT manual) OR nothing"'), "utf-8"
    )
    dry = answer(config, "rejudge", "--dry-run")
    assert (dry["dry_run"], dry["posts"], dry["count_no_more"]) == (True, 3, 1)
    assert dry["samples"]["counts no more (unmatched)"][0]["url"] == POSTS[2].url
    told = run(config, "rejudge").stdout
    assert "3 posts were judged anew" in told
    assert "that count no more: 1" in told
    assert answer(config, "rejudge")["posts"] == 0
    every = answer(config, "rejudge", "--all", "--since", "2026-03-01")
    assert (every["posts"], every["labels"]["positive"]["positive"]) == (3, 2)
