"""People correct what the engine says: it counts at once, everywhere, and outlives judging again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from listener.again.correct import Said, correct, find
from listener.errors import ConfigError, StoreError
from listener.house import House
from listener.records import Deletion, Judged, Post
from listener.report.alerting import watch
from listener.report.digests import collect
from listener.store.corrected import CONTEXT
from tests.helpers_fruit import FRUIT, PHONES
from tests.helpers_house import NOW, house_in, post
from tests.helpers_label import steady

ANGRY = post(1, "Acme is terrible, I have cancelled my contract and switched to another shop", author="bob")


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    steady(monkeypatch)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources(house.config.source_records(), NOW)
        house.intake.take([ANGRY, post(2, "I love Acme, and Bolt is slow", author="eve")])
        yield house


def say(house: House, about: Post, said: Said, brand: str = "acme", chosen: str = "link") -> Judged:
    found = find(house.store, house.config, about.url, brand)
    return correct(house.store, house.config, house.clock, house.intake, found, said, "ann", chosen=chosen)


def booked(house: House, about: Post) -> float:
    entries = house.store.entries("acme", NOW.date())
    return sum(entry.amount for entry in entries if entry.post_key == about.key)


def stands(house: House, about: Post, brand: str = "acme") -> Judged | None:
    return next((one for one in house.store.judged(brand) if one.post_key == about.key), None)


def test_a_corrected_feeling_counts_in_views_bank_and_digest(house: House) -> None:
    assert booked(house, ANGRY) < 0
    after = say(house, ANGRY, Said("positive"))
    assert (after.label, after.confidence) == ("positive", 1.0)
    assert booked(house, ANGRY) > 0
    row = house.store.rows(
        "SELECT label, sentiment FROM v_mentions WHERE brand = 'acme' AND link = :url", {"url": ANGRY.url}
    )
    assert row == [{"label": "positive", "sentiment": 0.6}]
    daily = house.store.rows("SELECT negative_voices, positive_voices FROM v_daily WHERE brand = 'acme'")
    assert daily == [{"negative_voices": 0, "positive_voices": 2}]
    facts = collect(house.store, house.config, house.config.brand("acme"), NOW.date())
    assert [one.label for one in facts.judged if one.post_key == ANGRY.key] == ["positive"]


def test_saying_that_it_is_right_keeps_the_sentiment(house: House) -> None:
    before = stands(house, ANGRY)
    assert before is not None
    after = say(house, ANGRY, Said("negative"))
    assert after.sentiment == before.sentiment
    (history,) = house.store.corrections()
    assert (history.field, history.old, history.new, history.by) == ("feeling", "negative", "negative", "ann")


def test_topics_come_and_go(house: House) -> None:
    before = stands(house, ANGRY)
    assert before is not None
    leaving = next(tag for tag in before.topics if tag.topic == "leaving")
    assert before.leaving
    after = say(house, ANGRY, Said(topics=(("outage", True), ("leaving", False))))
    assert (after.topics[0].topic, after.topics[0].confidence) == ("outage", 1.0)
    assert "leaving" not in {tag.topic for tag in after.topics}
    assert not after.leaving
    again = say(house, ANGRY, Said(topics=(("outage", False), ("leaving", True))))
    assert "outage" not in {tag.topic for tag in again.topics}
    assert again.leaving
    assert (again.topics[0].topic, again.topics[0].spans) == ("leaving", leaving.spans)
    assert len(house.store.corrections("acme")) == 4  # the history is whole


def test_what_is_not_the_brand_counts_nowhere_and_is_kept(house: House) -> None:
    after = say(house, ANGRY, Said(not_brand=True))
    assert after.muted == "not-brand"
    assert stands(house, ANGRY) is None
    assert booked(house, ANGRY) == 0
    for view in ("v_daily", "v_share_of_voice"):
        (voices,) = {row["voices"] for row in house.store.rows(f"SELECT * FROM {view} WHERE brand = 'acme'")}
        assert voices == 1, view
    assert (
        house.store.rows(
            "SELECT posts FROM v_threads WHERE brand = 'acme' AND thread_link = :u", {"u": ANGRY.thread_url}
        )
        == []
    )
    assert house.store.search("terrible") == []
    (kept,) = house.store.labelled("acme")
    assert (kept.is_brand, kept.text) == (False, ANGRY.text)
    reply = post(9, "Does this ever get better?", thread=1, position=1)
    house.intake.take([reply])
    assert stands(house, reply) is None  # an opener that is not about the brand does not pass it on
    say(house, ANGRY, Said(is_brand=True))
    assert stands(house, ANGRY) is not None
    assert booked(house, ANGRY) < 0


def test_a_correction_of_one_brand_leaves_the_other_alone(house: House) -> None:
    both = post(2, "")
    bolt = stands(house, both, "bolt")
    say(house, both, Said("negative"))
    assert stands(house, both, "bolt") == bolt


def test_an_edit_of_the_words_ends_it_and_one_of_the_stops_does_not(house: House) -> None:
    say(house, ANGRY, Said("positive"))
    house.intake.take(
        [replace(ANGRY, text="ACME is terrible -- I have cancelled my contract, and switched to another shop!!")]
    )
    now = stands(house, ANGRY)
    assert now is not None
    assert now.label == "positive"
    assert booked(house, ANGRY) > 0
    house.intake.take([replace(ANGRY, text="Acme is terrible, the worst shop of all.")])
    now = stands(house, ANGRY)
    assert now is not None
    assert now.label == "negative"
    assert house.store.labelled() == []
    assert len(house.store.corrections()) == 1
    assert ANGRY.key in {one.post_key for one in house.store.unlabelled("acme", 9)}


def test_deleted_and_forgotten_posts_take_their_labels_along(house: House) -> None:
    say(house, ANGRY, Said("positive"))
    mark = house.store.labels_mark()
    house.intake.take([Deletion(ANGRY.source, ANGRY.key, NOW)])
    assert house.store.labelled() == []
    with pytest.raises(ConfigError):
        find(house.store, house.config, ANGRY.url, None)
    house.intake.take([ANGRY])  # it is there again after all
    now = stands(house, ANGRY)
    assert now is not None
    assert now.label == "positive"
    house.forget(ANGRY.url)
    assert house.store.corrections() == []
    assert house.store.labels_mark() != mark
    assert house.store.rows("SELECT * FROM machine_judgements") == []


def test_retention_and_forgetting_reach_the_notes(house: House) -> None:
    found = find(house.store, house.config, ANGRY.url, "acme")
    note = "ask Eve Longname, she knows him"
    correct(house.store, house.config, house.clock, house.intake, found, Said("positive"), "ann", note)
    house.forget("Eve Longname", unknown=True)
    assert "Eve" not in house.store.corrections()[0].note
    house.forget("shop", unknown=True)  # what is struck out of the words moves what was told by them
    house.forget("terrible", unknown=True)
    after = say(house, ANGRY, Said(topics=(("leaving", False),)))
    after = say(house, ANGRY, Said(topics=(("leaving", True),)))
    ((start, end),) = after.topics[0].spans
    assert after.text[start:end] == "cancelled"
    house.store.expire("acme", NOW + timedelta(days=1))
    assert house.store.corrections()[0].note == ""
    assert house.store.labelled() == []


def test_what_cannot_be_said_is_refused_with_the_mend(house: House) -> None:
    for said, told in (
        (Said(), "say what is right"),
        (Said("positive", not_brand=True), "--not-brand alone"),
        (Said(topics=(("outtage", True),)), "outage"),
        (Said(topics=(("outage", False),)), "has no topic"),
    ):
        with pytest.raises(ConfigError, match=told):
            say(house, ANGRY, said)
    with pytest.raises(ConfigError, match="--brand acme"):
        find(house.store, house.config, post(2, "").url, None)
    with pytest.raises(ConfigError, match="no post in the store"):
        find(house.store, house.config, "https://town.example/t/77", None)
    assert find(house.store, house.config, ANGRY.key[:10], None).post_key == ANGRY.key
    found = find(house.store, house.config, ANGRY.url, "acme")
    house.intake.take([Deletion(ANGRY.source, ANGRY.key, NOW)])
    with pytest.raises(StoreError, match="does not stand"):
        correct(house.store, house.config, house.clock, house.intake, found, Said("positive"), "ann")


def test_the_least_sure_come_first_and_each_once(house: House) -> None:
    waiting = house.store.unlabelled("acme", 9)
    assert [one.confidence for one in waiting] == sorted(one.confidence for one in waiting)
    assert len(waiting) == 2
    say(house, ANGRY, Said(all_right=True))
    assert [one.post_key for one in house.store.unlabelled("acme", 9)] == [post(2, "").key]
    assert len(house.store.unlabelled("acme", 1, at_random=True)) == 1


def test_the_watch_does_not_react_to_a_correction(house: House) -> None:
    brand = house.config.brand("acme")
    house.store.set_looked_until("acme", NOW)
    say(house, post(2, ""), Said("negative", topics=(("safety", True),)))
    assert watch(house.store, house.config, brand, NOW + timedelta(hours=1)) == ()


def test_the_digest_quotes_the_users_own_figure_from_fifty_labels_on(house: House) -> None:
    many = [post(n, f"Acme is terrible, number {n}") for n in range(100, 160)]
    house.intake.take(many)
    brand = house.config.brand("acme")
    for n, one in enumerate(many[:51]):
        say(house, one, Said("negative" if n % 5 else "positive"), chosen="random")
        if n == 48:
            facts = collect(house.store, house.config, brand, NOW.date())
            assert facts.accuracy is None or facts.accuracy.shipped
    accuracy = collect(house.store, house.config, brand, NOW.date()).accuracy
    assert accuracy is not None
    assert (accuracy.n, accuracy.topic, accuracy.picked) == (51, None, False)
    assert accuracy.feeling == pytest.approx(40 / 51)
    assert accuracy.low is not None
    assert accuracy.low < accuracy.feeling
    page = house.digest_page(brand, NOW.date(), "en")
    assert "51 posts that you corrected" in page


def test_an_everyday_word_learns_its_context_and_off_means_off(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        house.store.sync_sources(house.config.source_records(), NOW)
        texts = [text.lower().replace("apple", "Acme") for text in (*FRUIT, *PHONES)]
        posts = [post(n, text) for n, text in enumerate(texts)]
        house.intake.take(posts)
        for n, one in enumerate(posts[:-1]):
            say(house, one, Said(not_brand=True) if n < len(FRUIT) else Said(is_brand=True))
        cake, phone = "An Acme cake recipe with cinnamon and sugar", "My Acme phone is broken, support is silent"
        probe = [post(201, cake), post(202, phone)]
        replies = [post(211, "Same here", thread=201, position=1), post(212, "Same here", thread=202, position=1)]
        house.intake.take([*probe, replies[0]])
        house.intake.take([replies[1]])
        assert (stands(house, replies[0]), stands(house, replies[1]) is None) == (None, False)
        assert stands(house, probe[0]) is None
        heard = stands(house, probe[1])
        assert heard is not None
        found = find(house.store, house.config, probe[0].url, None)
        assert found.muted == CONTEXT
        assert "'cinnamon'" in found.context
        assert float(found.context[:4]) < 0.3
        assert heard.context.startswith("0.9")
        # Off: fewer labels than it takes, and nothing is muted or scored any more.
        for one in posts[:8]:
            house.forget(one.url)
        house.intake.take([post(203, cake + " again")])
        now = stands(house, post(203, ""))
        assert now is not None
        assert now.context == ""
        # Somebody says that it was the brand after all: it counts, though the score had muted it.
        assert say(house, probe[0], Said("positive")).muted == ""
