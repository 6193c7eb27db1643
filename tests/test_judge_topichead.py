"""The heads of topics: what they read, what they add to cues, what they leave alone, and that small weights suffice."""

import dataclasses
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from listener.config import Topic
from listener.fold import fold
from listener.judge.judge import Judge
from listener.judge.topichead import TopicHead, Weights, dump, grams, head, load, places
from listener.judge.verdict import signs
from listener.records import Mention, TopicTag
from tests.helpers_judge import post, texts, topic

SHIPPED = tuple(
    Topic.model_validate(one)
    for one in tomllib.loads((Path(__file__).parents[1] / "config" / "topics.toml").read_text("utf-8"))["topic"]
)
IDS = frozenset(one.id for one in SHIPPED)


def weights(**more: object) -> Weights:
    """Two topics: "fees" by the word fee and by the letters of charge, "wait" by two words in a row."""
    of_gram = {"fee": (4, 0), "on hold": (0, 6), "the": (0.1, 0.1), "#charg": (3, 0), "费用": (4, 0)}
    values = {
        "topics": ("fees", "wait"),
        "grams": tuple(of_gram),
        "table": np.array(list(of_gram.values()), dtype=np.float32),
        "squares": np.ones(len(of_gram), dtype=np.float32),
        "bias": np.array([-1, -1], dtype=np.float32),
        "threshold": np.array([1, 1], dtype=np.float32),
        "slope": np.array([1, 1], dtype=np.float32),
        "offset": np.array([0, 0], dtype=np.float32),
    }
    return Weights(**(values | more))  # type: ignore[arg-type]


def small(chinese: bool = False, **more: object) -> TopicHead:
    return TopicHead(weights(**more), chinese=chinese)


def refined(text: str, *tags: TopicTag, of: TopicHead | None = None) -> dict[str, TopicTag]:
    found = (of or small()).refine(tags, fold(text), frozenset({"fees", "wait"}))
    return {tag.topic: tag for tag in found}


def test_words_and_pairs_stand_where_they_are_written() -> None:
    text = "Don't wait 20 min @Acme!! https://a.example/x"
    found = dict(zip(grams(fold(text), chinese=False), places(fold(text), chinese=False), strict=True))
    assert list(found)[:7] == ["don't", "wait", "<n>", "min", "<@>", "!", "<link>"]
    start, end = found["wait <n>"]
    assert text[start:end] == "wait 20"


def test_chinese_goes_by_one_to_three_characters() -> None:
    folded = fold("亂收費 3次")
    found = dict(zip(grams(folded, chinese=True), places(folded, chinese=True), strict=True))
    assert set(found) == {
        "乱", "收", "费", "<n>", "次", "乱收", "收费", "费<n>", "<n>次", "乱收费", "收费<n>", "费<n>次",
    }  # fmt: skip
    assert found["乱收费"] == (0, 3)


def test_a_head_adds_a_topic_and_shows_the_words() -> None:
    text = "The FEE again"
    tags = refined(text)
    assert set(tags) == {"fees"}
    assert [text[start:end] for start, end in tags["fees"].spans] == ["FEE"]
    assert tags["fees"].confidence == pytest.approx(1 / (1 + np.exp(-(4.1 / 2**0.5 - 1))), abs=1e-3)


def test_letters_inside_words_count_but_need_a_word_to_show() -> None:
    assert small().scores("overcharging")[0] == pytest.approx(2)
    assert refined("overcharging") == {}, "nothing could be shown as what told it"
    assert set(refined("overcharging the fee")) == {"fees"}


def test_chinese_reads_no_letters() -> None:
    assert set(refined("費用", of=small(chinese=True))) == {"fees"}
    assert small(chinese=True).scores("overcharging")[0] == pytest.approx(-1)


def test_cues_are_never_denied_and_keep_their_words() -> None:
    cue = TopicTag("fees", 0.6, ((0, 3),))
    assert refined("nothing of the kind", cue) == {"fees": cue}
    surer = refined("fee fee", cue, of=small(offset=np.array([9, 9], dtype=np.float32)))["fees"]
    assert surer.spans == cue.spans
    assert surer.confidence > 0.99


def test_a_topic_that_the_taxonomy_does_not_have_is_not_told() -> None:
    assert small().refine((), "on hold", frozenset({"fees"})) == ()


def test_a_topic_without_a_head() -> None:
    assert refined("on hold", of=small(threshold=np.array([1, np.inf], dtype=np.float32))) == {}


def test_weights_survive_being_kept() -> None:
    kept = load(dump(weights()))
    for field in dataclasses.fields(Weights):
        before, after = getattr(weights(), field.name), getattr(kept, field.name)
        if isinstance(before, tuple):
            assert after == before
        else:
            np.testing.assert_allclose(after, before, atol=0.03)


@given(texts)
def test_any_text_gets_tags_within_it(text: str) -> None:
    folded = fold(text)
    for language in ("en", "zh"):
        for tag in head(language).refine((), folded, IDS):
            assert 0 <= tag.confidence <= 1
            assert tag.spans
            assert all(0 <= start < end <= len(text) for start, end in tag.spans)


def test_the_shipped_heads_know_the_shipped_topics_and_are_small() -> None:
    folder = Path(__file__).parents[1] / "listener" / "judge" / "weights"
    sizes = 0
    for language in ("en", "zh"):
        data = (folder / f"topics_{language}.npz").read_bytes()
        sizes += len(data)
        kept = load(data)
        assert set(kept.topics) == IDS
        assert len(kept.grams) == len(kept.table) == len(kept.squares)
        assert np.isfinite(kept.threshold).sum() > len(IDS) / 2
    assert sizes < 2_000_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Sixth email to Acme and all I get is an auto reply that says someone will be in touch.",
            "unresponsive-service",
        ),
        ("寫信三次，打電話排了四十分鐘，艾克米客服到現在沒人理我", "unresponsive-service"),
        ("Acme swapped the cracked screen at the counter and the lady even walked my mum to her bus", "great-service"),
        ("艾克米師傅冒雨來修，還順手幫我阿嬤把電視調好，真的很感謝", "great-service"),
    ],
)
def test_plain_talk_without_cues(text: str, wanted: str) -> None:
    language = "en" if text.isascii() else "zh"
    assert wanted in {tag.topic for tag in head(language).refine((), fold(text), IDS)}


def test_a_head_tells_but_moves_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = small(offset=np.array([9, 9], dtype=np.float32))
    monkeypatch.setattr("listener.judge.judge.head", lambda language: sure)
    mention = Mention("k" * 64, "acme", "thread", (), ())
    judge = Judge([topic("fees", "late charge")])
    complaints = {}
    for text in ("well, the fee", "well, the fee, a late charge"):
        (reading,) = judge.read(post(text), [mention], "en")
        assert [tag.topic for tag in reading.tags] == ["fees"]
        complaints[text] = signs(reading, frozenset({"fees"}), frozenset()).complaint
    assert complaints["well, the fee"] == 0
    assert complaints["well, the fee, a late charge"] > 0.5
