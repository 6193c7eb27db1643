"""What a digest quoted stays as it was read: an edit, a deletion or a new query cannot undo it; forgetting does."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from selectolax.lexbor import LexborHTMLParser

from listener.cli import main
from listener.house import House
from listener.records import Post, text_hash
from listener.store.protocol import StoredDigest
from listener.store.triaged import Target, TriageTurn
from tests.helpers_house import NOW, heard, house_in, post

SAID = "Acme sold my personal data to an insurer without asking, and the desk does not answer 客服不回應"
OTHERS = {
    2: "Strangers call me by my name since Acme leaked my phone number to marketers, this has to stop",
    3: "Data breach at Acme: my address is on a list that anybody can buy",
}
DAY = (NOW - timedelta(days=1)).date()
AT = NOW - timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three voices complained yesterday; all of them stand in the digest."""
    with house_in(tmp_path) as (opened, _):
        heard(opened, NOW - timedelta(days=12), NOW)
        opened.intake.take([told(1), *(told(number, text) for number, text in OTHERS.items())])
        assert opened.digest(opened.config.brand("acme"), DAY, mail=False)
        assert {kept.text for kept in opened.store.evidence()} == {SAID, *OTHERS.values()}
        yield opened


def told(number: int, text: str = SAID, **more: object) -> Post:
    at, read = AT + timedelta(minutes=number), AT + timedelta(hours=1)
    said = post(number, text, at, author=f"Writer {number}x", fetched=read)
    return replace(said, **more)  # type: ignore[arg-type]  # a test's shorthand


def page(house: House, language: str = "en") -> StoredDigest:
    stored = house.store.digest("acme", DAY, language)
    assert stored is not None
    return stored


def command(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["evidence", *arguments, "--config", str(home / "config")])


def test_every_quote_carries_link_time_and_hash_in_both_forms_and_languages(house: House) -> None:
    known = {text_hash(judged.text): judged for judged in house.store.judged("acme")}
    for language, seen in (("en", "as read Mon 21:00"), ("zh-Hant", "週一 21:00 讀取")):
        stored = page(house, language)
        quotes = LexborHTMLParser(stored.html).css("[data-sha256]")
        assert quotes
        for mark in quotes:
            whole = mark.attributes["data-sha256"] or ""
            assert mark.attributes["title"] == f"SHA-256 {whole}"
            assert mark.text() == f"#{whole[:10]}"
            assert known[whole].url in stored.html
            assert f"#{whole[:10]}" in stored.text
            assert whole in stored.facts
        assert seen in " ".join(stored.text.split())


def test_an_edited_post_still_shows_the_hash_of_what_was_quoted(house: House) -> None:
    before, digits = page(house), text_hash(SAID)[:10]
    assert f"#{digits}" in before.text
    house.intake.take([told(1, "Acme is fine, forget it", edited=NOW, fetched=NOW)])
    assert page(house) == before
    [kept] = house.store.evidence(digits)
    assert (kept.text, kept.became, kept.whole) == (SAID, "edited", True)
    assert (kept.at, kept.seen, kept.quoted) == (AT + timedelta(minutes=1), AT + timedelta(hours=1), NOW)
    assert hashlib.sha256(kept.text.encode()).hexdigest() == kept.sha256


def test_a_digest_made_again_quotes_what_stands_and_keeps_what_stood(house: House) -> None:
    said = f"{SAID}, my lawyer says"
    house.intake.take([told(1, said, edited=NOW, fetched=NOW)])
    assert house.digest(house.config.brand("acme"), DAY, mail=False, again=True)
    texts = {kept.text: kept.became for kept in house.store.evidence()}
    assert (texts[SAID], texts[said]) == ("edited", "same")


def test_what_is_deleted_or_leaves_the_store_is_kept_until_retention(house: House) -> None:
    house.store.mark_deleted([told(1).key], NOW)
    house.intake.take([told(2, "no brand in here any more", edited=NOW, fetched=NOW)])
    became = {kept.post_key: kept.became for kept in house.store.evidence()}
    assert became == {told(1).key: "deleted", told(2).key: "gone", told(3).key: "same"}
    assert house.store.judged("acme", keys=[told(2).key]) == []
    house.store.expire("acme", NOW + timedelta(days=1))
    assert house.store.evidence() == []


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("what", ["Writer 2x", told(2).url])
def test_forgetting_takes_it_away_even_of_a_post_that_left_the_store(house: House, what: str, gone: bool) -> None:
    if gone:
        house.intake.take([told(2, "no brand in here any more", edited=NOW, fetched=NOW)])
    house.forget(what, unknown=True)
    assert told(2).key not in {kept.post_key for kept in house.store.evidence()}
    assert told(2).key not in page(house).evidence
    assert OTHERS[2] not in page(house).html


def test_a_name_that_is_forgotten_goes_with_what_was_quoted_of_others(house: House) -> None:
    named = f"{SAID}, ask Zebulon Quist"
    house.intake.take([told(1, named, edited=NOW), told(5, "Acme again", author="Zebulon Quist")])
    house.digest(house.config.brand("acme"), DAY, mail=False, again=True)
    assert named in {kept.text for kept in house.store.evidence()}
    house.forget("Zebulon Quist")
    assert all("Zebulon" not in kept.text for kept in house.store.evidence())
    assert OTHERS[2] in {kept.text for kept in house.store.evidence()}


def test_the_command_shows_lists_and_prints_for_sha256sum(house: House, tmp_path: Path) -> None:
    whole = text_hash(SAID)
    house.store.close()
    shown = command(tmp_path, f"#{whole[:10]}")
    assert shown.exit_code == 0
    assert f"sha256 {whole}: holds" in shown.output
    assert SAID in shown.output
    bare = command(tmp_path, whole[:10], "--text")
    assert hashlib.sha256(bare.stdout_bytes).hexdigest() == whole
    assert re.search(rf"{whole[:10]} +same", command(tmp_path).output)
    assert f'"sha256": "{whole}"' in command(tmp_path, "--json").output


@pytest.mark.parametrize(
    ("digits", "code", "told"), [("xyz", 2, "give the digits behind the #"), ("0" * 12, 1, "nothing that was quoted")]
)
def test_the_command_says_what_is_wrong_with_the_digits(
    house: House, tmp_path: Path, digits: str, code: int, told: str
) -> None:
    house.store.close()
    failed = command(tmp_path, digits)
    assert (failed.exit_code, told in failed.output) == (code, True)


def test_words_that_were_changed_in_the_store_do_not_hold(house: House) -> None:
    [kept] = house.store.evidence(text_hash(SAID))
    assert not replace(kept, text=SAID.upper()).whole


def test_a_matter_that_a_colleague_took_up_says_who_has_it_and_since_when(house: House) -> None:
    """Counted from when it came to stand so; what was done after the digest is read does not change it."""
    brand, target = house.config.brand("acme"), Target("acme", "matter", "data-misuse")
    morning = NOW - timedelta(hours=14)  # 06:00 in Taipei, an hour before the digest is read
    for at, status, owner in (
        (AT - timedelta(days=30), "closed", "Old"),
        (morning, "in hand", "Mei"),
        (morning + timedelta(minutes=20), "in hand", "Mei"),
        (NOW, "answered", "Mei"),
    ):
        house.store.take_up(TriageTurn(target, at, "desk", status, owner, "a note"))  # type: ignore[arg-type]
    for _ in range(2):
        assert house.digest(brand, DAY, mail=False, again=True)
        flat = " ".join(page(house).text.split())
        assert "In hand: Mei, since Tue 06:00." in flat
        assert "Marked as" not in flat
    assert "處理中：Mei，自週二06:00起。" in page(house, "zh-Hant").text.replace("\n", "").replace(" ", "")
