"""Feeling: VADER to the last digit, the two languages' rules, whom a clause is about, and what topics do to it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from listener.fold import fold
from listener.judge import chinese, english, vader
from listener.judge.feeling import Feeling, Told, squashed, unsquashed
from listener.judge.irony import ironic
from listener.judge.judge import ENGINE, Judge
from listener.judge.match import Matcher
from listener.judge.query import parse
from listener.judge.target import shares
from listener.judge.verdict import LEAN, NEGATIVE_CUT, POSITIVE_CUT, label_of
from listener.judge.weigh import damped, weighed
from listener.records import Judgement, TopicTag
from tests.helpers_judge import post, texts, topic

VADER = SentimentIntensityAnalyzer()
WORDS = [
    *random.Random(1).sample(sorted(VADER.lexicon), 300), *random.Random(2).sample(sorted(VADER.emojis), 30),
    *BOOSTER_DICT, *NEGATE, *" ".join(SPECIAL_CASES).split(), "the", "it", "but", "but", "BUT", "so", "this", "doubt",
    "no",
    "or", "nor", "at", "least", "kind", "of", "good", "good", "bad", "bad", "x\x1cy", "!", "!!", "???", "İ", "\u2028",
]  # fmt: skip


@st.composite
def sentences(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(WORDS), max_size=18))
    loud = draw(st.sets(st.integers(0, 17)))
    marks = draw(st.lists(st.sampled_from(["", "", "", "!", "?", ".", ",", " "]), min_size=18, max_size=18))
    said = [(word.upper() if at in loud else word) + marks[at] for at, word in enumerate(words)]
    return draw(st.sampled_from([" ", " ", " ", "", "\n"])).join(said)


@given(st.one_of(sentences(), texts))
def test_vader_to_the_last_digit(text: str) -> None:
    said = vader.read(text)
    assert said.scores() == VADER.polarity_scores(text)
    assert len(vader.word_spans(text, said)) == len(said.words)


def test_vader_many() -> None:
    rng = random.Random(7)
    for _ in range(1500):
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(25)))
        assert vader.read(text).scores() == VADER.polarity_scores(text), text


def test_squash_and_back() -> None:
    assert unsquashed(squashed(2.5)) == pytest.approx(2.5)
    assert label_of(POSITIVE_CUT) == "positive"
    assert label_of(NEGATIVE_CUT) == "negative"
    assert label_of(0.0) == label_of(POSITIVE_CUT - 0.01) == "neutral"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Been on hold for two hours, still no answer", -1),
        ("Can customer support please help me with my credit card?", 0),
        ("It looks like the app wants a number", 0),
        ("Absolute garbage, never again", -1),
        ("Kudos to the crew, sorted in minutes!", 1),
        ("not worth it", -1),
        ("I was ripped off", -1),
        ("never had a problem with them", 1),
    ],
)
def test_english(text: str, sign: int) -> None:
    assert {"negative": -1, "neutral": 0, "positive": 1}[label_of(squashed(english.feeling(text).total))] == sign


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("客服態度很好，處理也快", 1),
        ("客服态度很差，等了很久", -1),
        ("不好用", -1),
        ("不難吃", 1),
        ("好像有人問過", 0),
        ("好失望", -1),
        ("包裝漂亮但是難吃", -1),
        ("雖然貴但是超好吃！", 1),
        ("爛到爆", -1),
        ("呢間店服務好差", -1),
        ("勁正，抵食", 1),
        ("快遞到了", 0),
        ("😡😡", -1),
        ("推薦嗎", 0),
    ],
)
def test_chinese(text: str, sign: int) -> None:
    assert {"negative": -1, "neutral": 0, "positive": 1}[label_of(squashed(chinese.feeling(text).total))] == sign


def test_chinese_degrees_and_marks() -> None:
    def total(text: str) -> float:
        return chinese.feeling(text).total

    assert total("超失望") < total("失望") < total("有點失望") < 0
    assert total("失望！！") < total("失望")
    assert total("貴到爆") < total("貴")
    assert total("漂亮但是難吃") < total("漂亮，難吃")
    assert total("服務好差") < total("服務差") < 0 < total("服務好")
    assert total("態度惡劣") == total("态度恶劣") < 0


def test_told_words_stand_in_the_text() -> None:
    text = "Ｔhe crew was 😀 awful, 客服"
    told = {text[start:end] for start, end in (one.span for one in english.feeling(text).told)}
    assert "awful" in told
    assert "😀" in told


BRANDS = Matcher({"acme": parse("Acme OR 艾克米"), "bolt": parse("Bolt OR 閃電")})
JUDGE = Judge(
    [
        topic("unresponsive-service", "nobody answers", "客服 + 不回應", "nobody replied", "no answer"),
        topic("billing-error", "billing error*", "重複扣款"),
        topic("leaving", "leaving (Acme|Bolt)", "再也不用", kind="signal"),
        topic("quick-answer", "answered in", "馬上回覆", kind="praise"),
    ],
    taxonomy="7",
)


def judged(text: str, title: str = "", position: int = 0, language: str = "en") -> dict[str, Judgement]:
    one = post(text, title, position)
    found = JUDGE.judge_post(one, BRANDS.match(one, frozenset()), language)
    return {judgement.brand: judgement for judgement in found}


def rules(text: str, title: str = "", position: int = 0, brand: str = "acme") -> float:
    """What the rules alone say of a brand."""
    one = post(text, title, position)
    mentions = BRANDS.match(one, frozenset({"acme", "bolt"}))
    return next(JUDGE.signs(read).sentiment for read in JUDGE.read(one, mentions, "en") if read.mention.brand == brand)


def labels(text: str, language: str = "en") -> dict[str, str]:
    return {brand: judgement.label for brand, judgement in judged(text, language=language).items()}


@pytest.mark.parametrize(
    ("text", "acme", "bolt"),
    [
        ("Acme is a joke, Bolt answered in an hour.", "negative", "positive"),
        ("Acme is awful and Bolt is great", "negative", "positive"),
        ("Love Acme. Bolt is the worst.", "positive", "negative"),
        ("Acme is so much better than Bolt", "positive", "negative"),
        ("I switched from Acme to Bolt last week", "negative", "positive"),
        ("Bolt was great and helpful, unlike Acme", "negative", "positive"),
        ("Acme and Bolt are both terrible", "negative", "negative"),
        ("Acme let me down. Rude staff, useless app. Bolt is fine so far, no complaints.", "negative", "positive"),
    ],
)
def test_towards_the_brand(text: str, acme: str, bolt: str) -> None:
    assert labels(text) == {"acme": acme, "bolt": bolt}


@pytest.mark.parametrize(
    ("text", "acme", "bolt"),
    [
        ("艾克米很爛，閃電超好用", "negative", "positive"),
        ("艾克米比閃電好太多", "positive", "negative"),
        ("艾克米不如閃電", "negative", "positive"),
        ("從艾克米跳到閃電", "negative", "positive"),
        ("艾克米客服很好閃電客服超差", "positive", "negative"),
    ],
)
def test_towards_the_brand_in_chinese(text: str, acme: str, bolt: str) -> None:
    assert labels(text, "zh-Hant") == {"acme": acme, "bolt": bolt}


def test_a_brand_of_the_title_keeps_out_of_what_is_said_of_another() -> None:
    found = judged("Bolt is terrible, nobody answers", "Acme or something else?", 3)
    assert found["bolt"].label == "negative"
    assert found["acme"].label == "neutral"
    assert found["acme"].topics == ()


def test_a_complaint_caps() -> None:
    one = judged("Thank you so much Acme, lovely app, but nobody answers")["acme"]
    assert one.label == "negative"
    assert one.sentiment <= -0.35
    assert [tag.topic for tag in one.topics] == ["unresponsive-service"]
    text = "艾克米客服完全不回應，真的很棒"
    two = judged(text, language="zh-Hant")["acme"]
    assert two.label == "negative"
    assert {text[start:end] for start, end in two.evidence} == {"客服", "完全不回應"}


def test_a_denied_complaint_does_not() -> None:
    one = judged("Acme is great, never had a billing error in three years")["acme"]
    assert (one.label, one.topics) == ("positive", ())
    assert judged("Acme is great, apart from the billing errors")["acme"].label == "negative"


def test_a_complaint_about_another_brand_does_not() -> None:
    found = judged("Acme is great. Bolt made a billing error again.")
    assert (found["acme"].label, found["bolt"].label) == ("positive", "negative")
    assert found["acme"].topics == ()


def test_praise_lifts_and_questions_damp() -> None:
    assert judged("Acme answered in ten minutes")["acme"].label == "positive"
    assert judged("Is Acme any good? Is it great?")["acme"].label == "neutral"
    assert judged("Why is Acme so terrible?")["acme"].label == "negative"


def test_flags_and_confidence() -> None:
    plain, irony = judged("Acme is great and helpful")["acme"], judged("Acme is great and helpful 🙄")["acme"]
    assert irony.sarcasm
    assert not plain.sarcasm
    assert irony.confidence < plain.confidence
    assert irony.label == plain.label
    assert judged("I am leaving Acme")["acme"].leaving
    assert not plain.leaving
    assert ironic(fold("真是謝謝喔"))
    in_title = judged("great and helpful", "Acme", 2)["acme"]
    assert in_title.confidence < plain.confidence
    assert plain.versions == f"{ENGINE} taxonomy-7"


def test_an_opener_speaks_through_its_title_too() -> None:
    assert judged("See above.", "Acme: nobody answers")["acme"].label == "negative"
    reply = judged("See above.", "Acme: nobody answers", 4)["acme"]
    assert reply.sentiment > judged("See above.", "Acme: nobody answers")["acme"].sentiment
    assert rules("See above.", "Acme: nobody answers", 4) == LEAN


def test_a_reply_that_only_takes_sides() -> None:
    one = judged("Same here!", "Acme: nobody answers", 4)["acme"]
    assert [tag.topic for tag in one.topics] == ["unresponsive-service"]
    assert one.confidence < judged("Nobody answers at Acme", "Acme", 4)["acme"].confidence
    assert one.label == "negative"


def test_a_reply_goes_on_about_its_thread_and_leans_to_its_side() -> None:
    one = judged("This is another matter", "Acme: nobody answers", 4)["acme"]
    assert (one.label, [tag.topic for tag in one.topics]) == ("negative", ["unresponsive-service"])
    assert rules("This is another matter", "Acme: nobody answers", 4) == LEAN
    assert one.topics[0].spans == ()
    assert one.topics[0].confidence < 0.5
    assert judged("Thanks, that helps", "Acme: nobody answers", 4)["acme"].label != "negative"
    assert judged("This is another matter", "Acme: a question", 4)["acme"].label == "neutral"
    assert judged("Bolt has a shop there", "Acme: nobody answers", 4)["bolt"].label == "neutral"
    assert judged("They are great, helpful people", "Acme: nobody answers", 4)["acme"].topics == ()
    assert judged("Is it raining?", "Acme asks", 4)["acme"].topics == ()


def test_several_brands_meant_and_none_named() -> None:
    found = judged("That was great, really helpful", "Acme or Bolt?", 2)
    assert {one.label for one in found.values()} == {"neutral"}
    assert max(one.confidence for one in found.values()) < 0.6


@given(texts, texts, st.sampled_from(["en", "zh-Hant", "und"]), st.sampled_from([0, 1, -1]))
def test_any_post(text: str, title: str, language: str, position: int) -> None:
    one = post(text, title, position)
    mentions = BRANDS.match(one, frozenset({"acme", "bolt"}))
    found = JUDGE.judge_post(one, mentions, language)
    assert [judgement.brand for judgement in found] == [mention.brand for mention in mentions]
    assert found == JUDGE.judge_post(one, mentions, language)
    for judgement in found:
        assert -1 <= judgement.sentiment <= 1
        assert 0 <= judgement.confidence <= 1
        assert judgement.label == label_of(judgement.sentiment)
        assert all(0 <= start < end <= len(text) for start, end in judgement.evidence)


@given(texts)
def test_every_clause_is_somebodys(text: str) -> None:
    named = post("Acme " + text + " Bolt")
    parts = shares(fold(named.text), BRANDS.match(named))
    assert parts is not None
    assert all(0 <= a < b <= len(named.text) for share in parts.values() for (a, b), _ in share.parts)


def test_a_long_post_is_cut_off() -> None:
    one = post("Acme " + "good bad 好 不 " * 20_000)
    (judgement,) = JUDGE.judge_post(one, BRANDS.match(one), "en")
    assert all(end <= 50_000 for _, end in judgement.evidence)


def test_typeset_marks_are_read_as_typed_ones() -> None:
    for plain, set_ in (("I don't love it", "I don’t love it"), ('"Great" service', "“Great” service")):
        assert english.feeling(plain).total == english.feeling(set_).total != 0
    text = "Well — they don’t help…"
    assert all(0 <= start < end <= len(text) for start, end in (one.span for one in english.feeling(text).told))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I reported it to Acme. After five weeks it is where it was.", "en"),
        ("Acme has still not sent the box", "en"),
        ("Wrote to Acme for the third time", "en"),
        ("I would love to praise Acme, nice people, but the box never left their shelf", "en"),
        ("Thank you Acme for the three hours of music on the line", "en"),
        ("I am leaving for another firm, cancelled Acme", "en"),
        ("艾克米到現在還沒有消息", "zh-Hant"),
        ("第三次打給艾克米了", "zh-Hant"),
        ("艾克米連一封信都沒寄", "zh-Hant"),
        ("艾克米根本是這樣", "zh-Hant"),
        ("謝謝艾克米的小禮物，但我要的是退款", "zh-Hant"),
    ],
)
def test_facts_and_manners_that_complain(text: str, language: str) -> None:
    assert labels(text, language) == {"acme": "negative"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have had Acme for two years, love it", "en"),
        ("Going with Acme, signed today", "en"),
        ("艾克米當天就修好，馬上就回", "zh-Hant"),
    ],
)
def test_facts_that_praise(text: str, language: str) -> None:
    assert labels(text, language) == {"acme": "positive"}


def test_who_speaks_for_a_brand_feels_nothing() -> None:
    assert judged("Hello Ada, Mei from Acme here. Sorry, that was a terrible mistake.")["acme"].sentiment == 0
    assert judged("The letter from Acme is here. What a terrible mistake.")["acme"].label == "negative"


def test_far_from_the_brand_counts_less() -> None:
    filler = "The box has two rows of holes on its left side and a lid. " * 8
    near, far = f"Acme is awful. {filler}", f"Acme sent it. {filler}The screws are awful."
    assert judged(near)["acme"].sentiment < judged(far)["acme"].sentiment < 0
    some = Feeling(-2.0, (Told((len(far) - 7, len(far) - 2), -2.0),))
    weights = [weighed(some, far, ((at, at + 4),)).total for at in (0, len(far) // 2, len(far) - 12)]
    assert weights == sorted(weights, reverse=True)


def test_a_long_post_with_a_few_opinions_is_no_extreme() -> None:
    one = "It is nice and useful. The pin is on the left of the row. "
    assert judged("Acme: " + one * 20)["acme"].sentiment < 0.97
    assert damped(3.0, 100) == 3.0 > damped(3.0, 1000) > damped(3.0, 4000) > 0


def test_quoted_words_count_less() -> None:
    said, quoted = judged("Acme has the best people")["acme"], judged('Acme: "we have the best people"')["acme"]
    assert 0 < quoted.sentiment < said.sentiment


def test_thanks_in_a_reply_are_for_who_helped() -> None:
    assert judged("Thank you Acme")["acme"].sentiment > judged("Thank you", "Acme", 3)["acme"].sentiment > 0


def test_a_title_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    judge = Judge([topic("t", "nobody answers")])
    find = judge._finder.find

    def seen(text: str, folded: str | None = None) -> tuple[TopicTag, ...]:
        read.append(text)
        return find(text, folded)

    monkeypatch.setattr(judge._finder, "find", seen)
    for text in ("Acme one", "Acme two"):
        one = post(text, "Nobody answers", 2)
        judge.judge_post(one, BRANDS.match(one), "en")
    assert read.count("Nobody answers") == 1
