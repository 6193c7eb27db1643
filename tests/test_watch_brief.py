"""The short text of an alert: enough to act on in a chat, and nothing that could call or mislead the room."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import Brand
from listener.notes import Note, read_note
from listener.watch.brief import alert_note
from listener.watch.life import Event
from listener.watch.words import Language
from tests.helpers_watch import at, post
from tests.test_watch_mail import ALERT, BRAND, CARD, POSTS, TOPIC

TOKEN = "1a2b3c4d-room-0011223344556677"


def note(event: Event = "opened", language: Language = "en", **more: Any) -> Note:
    given: dict[str, Any] = {
        "alert": ALERT,
        "posts": POSTS,
        "card": CARD,
        "topic": TOPIC,
        "brand": BRAND,
        "now": at(15),
    } | more
    return alert_note(event=event, language=language, token=TOKEN, **given)


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_it_says_what_since_when_how_sure_where_and_how_to_take_it_up(language: Language) -> None:
    told = note(language=language)
    lines = told.text.split("\n")
    assert len(lines) == 6
    assert {"en": "12 voices since it began", "zh-Hant": "開始至今 12 人"}[language] in lines[0]
    assert "20:00" in lines[1], "in the brand's zone"
    assert "200,000" in lines[2]
    assert lines[3].endswith(POSTS[0].url)
    assert CARD.first_hour.get(language) in lines[4]
    assert lines[5].endswith(f"listener ack {TOKEN} --by NAME")
    assert BRAND.name.get(language) in told.title
    assert "They sold my data" not in told.text, "nobody is quoted"


def test_the_end_tells_how_it_went_and_asks_nothing() -> None:
    alert = replace(ALERT, state="closed", closed=at(90), acknowledged_by="Ann", acknowledged=at(14))
    told = note("closed", alert=alert)
    assert told.title.startswith("✅")
    assert told.text.split("\n") == [
        "It began Mon 5 Jan 20:00; 12 voices in all, 9 voices at the peak",
        "Taken up by Ann",
    ]


def test_growing_is_told_apart_and_who_took_it_up_stands_in_place_of_the_command() -> None:
    told = note("escalated", alert=replace(ALERT, acknowledged_by="Ann", acknowledged=at(14)))
    assert "growing" in told.title
    assert told.text.endswith("Taken up by Ann")


def test_without_posts_card_and_topic_it_still_stands() -> None:
    told = note(posts=(), card=None, topic=None, alert=replace(ALERT, topic="", stream="all", score=1.0))
    assert (told.link, len(told.text.split("\n"))) == ("", 3)
    assert told.alert is not None
    assert told.alert.advice is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.example/a b", 'https://x.example/"', ""])
def test_only_a_plain_address_is_linked(url: str) -> None:
    first = post("m0", at(12), url=url, thread_url=url, brand="acme")
    told = note(posts=(first,), alert=replace(ALERT, evidence=(first.post_key,)))
    assert told.link == ""


hostile = st.text(alphabet=st.sampled_from("@<>!\n\r\u202e\u2066ab 中|*`"), min_size=1, max_size=40)


@given(hostile, hostile, hostile, st.sampled_from(["opened", "escalated", "closed"]))
def test_no_name_calls_the_room_or_breaks_its_line(place: str, name: str, by: str, event: Event) -> None:
    brand = Brand.model_validate({"id": "acme", "name": {"en": name, "zh-Hant": name}, "query": "Acme"})
    alert = replace(ALERT, sources=(place, place), acknowledged_by=by, topic="", stream="all")
    told = note(event, alert=alert, brand=brand, topic=None, card=None)
    assert not set("@<>\u202e\u2066\n") & set(told.title)
    assert not set("@<>\u202e\u2066\r") & set(told.text)
    assert len(told.text.split("\n")) <= 7
    assert read_note(told.body("x"))["title"] == told.title


def test_a_long_card_is_cut() -> None:
    long = CARD.model_copy(update={"first_hour": CARD.first_hour.model_copy(update={"en": "Call them all. " * 90})})
    told = note(card=long)
    assert max(map(len, told.text.split("\n"))) < 230
    assert told.alert is not None
    assert told.alert.advice is not None
    assert len(told.alert.advice.do) > 1000, "the JSON has it whole"
