"""Copies: told by their shingles, put together in the store, counted for one voice everywhere."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.judge.voices import alike, bands, is_unusual, kind_of, own_words, shingles
from listener.store.taken import Copy
from tests.helpers_house import NOW

ENGLISH = (
    "Acme charged me twice for the same parcel and then told me on the phone that the second charge was a deposit "
    "which nobody had ever mentioned before"
)
CHINESE = "頂好的客服說會在三個工作天內回覆，結果等了兩個禮拜，打電話過去又要我重新填一次表格，真的很離譜"
OTHER = (
    "Collected my order from the Acme counter this morning, no queue at all, and the woman there even carried it out"
)
ODD = ["", " ", "\ud800", "😀" * 40, "\x00", "a" * 50_000, "> \n-- \n", "𠀀" * 30, "é́́" * 99]


def pieces(text: str) -> frozenset[str]:
    return shingles(own_words(text))


@pytest.mark.parametrize(
    "copy",
    [
        ENGLISH.upper(),
        f"RT @somebody: {ENGLISH} https://t.example/1",
        f"Hi all, can anybody help? {ENGLISH}",
        ENGLISH.rsplit(" ", 6)[0],
        f"> said before\n{ENGLISH}\n-- \nAda",
        ENGLISH.replace("parcel", "parcle"),
        ENGLISH.replace("charged", "chraged").replace("mentioned", "mentoined"),
    ],
)
def test_english_copies_are_alike(copy: str) -> None:
    assert alike(pieces(ENGLISH), pieces(copy))
    one, other = bands([pieces(ENGLISH), pieces(copy)])
    assert set(one) & set(other)


@pytest.mark.parametrize(
    "copy",
    [
        "顶好的客服说会在三个工作天内回覆，结果等了两个礼拜，打电话过去又要我重新填一次表格，真的很离谱",
        f"轉發：{CHINESE}",
        f"大家好，{CHINESE}！！！",
        CHINESE[:-8],
        CHINESE.replace("離譜", "扯"),
    ],
)
def test_chinese_copies_are_alike_in_either_script(copy: str) -> None:
    assert alike(pieces(CHINESE), pieces(copy))


def test_different_posts_are_not_alike_and_nothing_is_like_nothing() -> None:
    assert not alike(pieces(ENGLISH), pieces(OTHER))
    assert not alike(pieces(ENGLISH), pieces(CHINESE))
    assert not alike(frozenset(), frozenset())


@pytest.mark.parametrize("short", ["Same here", "Acme is down again", "頂好又當機了", "+1", "me too, no reply yet"])
def test_short_texts_are_alike_by_chance_and_no_copies(short: str) -> None:
    assert pieces(short) == frozenset()
    assert bands([pieces(short)]) == [()]


@pytest.mark.parametrize("odd", ODD)
def test_odd_texts_are_no_trouble(odd: str) -> None:
    assert all(-(2**63) <= band < 2**63 for some in bands([pieces(odd)]) for band in some)


@given(st.text(max_size=300))
def test_a_text_is_a_copy_of_itself_and_bands_are_the_same_every_time(text: str) -> None:
    found = pieces(text)
    assert alike(found, found) == bool(found)
    assert bands([found]) == bands([frozenset(), frozenset(found)])[1:], "whatever stands beside it"


def test_names_that_many_have_are_not_unusual() -> None:
    assert is_unusual("Ludmilla_Vogelsang")
    assert is_unusual("張簡書豪")
    assert not any(map(is_unusual, ["", "ann", "Admin", "訪客", "user12345", "Anonymous", "小編", "Staff Reporter"]))


def copies(count: int, hours: float, known_days: float = 0.0, sites: int = 1) -> list[Copy]:
    at = [NOW + timedelta(hours=hours * n / max(1, count - 1)) for n in range(count)]
    return [Copy(f"v{n}", f"site{n % sites}.example", at[n], at[n] - timedelta(days=known_days)) for n in range(count)]


def test_one_text_from_many_new_names_is_a_campaign() -> None:
    long_ago = NOW - timedelta(days=30)
    kind, reason = kind_of(copies(12, 3.0), long_ago)
    assert (kind, reason) == ("campaign", "names:10,new:10,hours:2.5")
    assert kind_of(copies(12, 3.0, known_days=40), long_ago)[0] == "copies", "names that we know"
    assert kind_of(copies(12, 300.0), long_ago)[0] == "copies", "spread over twelve days"
    assert kind_of(copies(9, 3.0), long_ago)[0] == "copies", "too few"
    assert kind_of(copies(12, 3.0), NOW - timedelta(days=2))[0] == "copies", "everybody is new to us"
    assert kind_of(copies(12, 3.0), None)[0] == "copies"


def test_news_on_many_sites_is_syndicated() -> None:
    assert kind_of(copies(4, 5.0, sites=4), None) == ("syndicated", "sites:4,names:4")
    assert kind_of(copies(9, 5.0, sites=3), None)[0] == "copies"
