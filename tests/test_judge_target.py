"""Whose feeling it is: two brands, others that nobody watches, hearsay, places, and replies that take a side."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.fold import fold
from listener.judge.frames import evenly, hearsay, passing, rivals
from listener.judge.judge import Judge
from listener.judge.match import Matcher
from listener.judge.query import parse
from listener.judge.replies import nearest, side_of, takes_side
from listener.records import Judgement, ParentSide, Side, TopicTag
from tests.helpers_judge import post, texts, topic

BRANDS = Matcher({"acme": parse("Acme OR 艾克米"), "bolt": parse("Bolt OR 閃電通")})
JUDGE = Judge(
    [
        topic("silence", "nobody answers", "never called back", "客服 + 不回應", "沒人接"),
        topic("speed", "answered in", "馬上回覆", kind="praise"),
    ]
)
SIGNS = {"-": "negative", "0": "neutral", "+": "positive"}


def judged(
    text: str, title: str = "", position: int = 0, language: str = "en", parent: ParentSide | None = None
) -> dict[str, Judgement]:
    one = post(text, title, position)
    found = JUDGE.judge_post(one, BRANDS.match(one, frozenset(parent.sides if parent else ())), language, parent)
    return {judgement.brand: judgement for judgement in found}


def said(table: str) -> list[tuple[str, dict[str, str]]]:
    """Lines of "a- b+ | text": what is felt towards Acme and towards Bolt."""
    rows = []
    for line in table.strip().splitlines():
        signs, text = line.split("|", 1)
        names = {"a": "acme", "b": "bolt"}
        rows.append((text.strip(), {names[brand]: SIGNS[sign] for brand, sign in re.findall(r"([ab])([-0+])", signs)}))
    return rows


ENGLISH = said(
    """
a- b+ | Acme is a joke, Bolt answered in an hour.
a- b+ | Acme is awful and Bolt is great
a+ b- | Acme is great, whereas Bolt is a nightmare
a- b+ | I hate Acme but Bolt has been wonderful
a+ b- | Bolt is rubbish. Acme on the other hand is excellent.
a- b- | Acme and Bolt are both terrible
a+ b+ | Acme and Bolt are both excellent
a- b+ | Acme lost my parcel and lied about it; Bolt brought the next one early, lovely driver
a- b+ | Terrible week with Acme. Bolt was a pleasure.
a+ b- | Acme is so much better than Bolt
a- b+ | Acme is worse than Bolt
a- b+ | Acme is not as good as Bolt
a+ b- | Acme beats Bolt
a+ b- | I would take Acme over Bolt any day
a+ b- | Go with Acme instead of Bolt
a- b+ | Acme loses to Bolt
a- b+ | I switched from Acme to Bolt last week
a- b+ | Moved from Acme to Bolt and could not be happier
a- b+ | Ditched Acme for Bolt
a- b+ | Left Acme, joined Bolt, and the bills are right now
a- b+ | Ported from Acme over to Bolt
a- b+ | Bolt was great and helpful, unlike Acme
a- b+ | Unlike Acme, Bolt was great and helpful
a- b+ | Compared to Acme, Bolt is wonderful
a- b+ | Acme let me down. Rude staff, useless app. Bolt is fine so far, no complaints.
a- b+ | Bolt fixed it the same day, superb. Acme never did. They are useless.
a+ b- | Had Bolt for a year. They were horrible. Now with Acme. They are lovely.
a- b+ | Acme's support bot is useless. Bolt's chat is brilliant.
a- b+ | The Acme app crashes, it is awful, while the Bolt app is a joy
a0 b0 | Acme or Bolt?
a0 b0 | Which is better, Acme or Bolt? Depends what you want.
a0 b0 | Acme is better in town, Bolt is better on the coast, depends where you live
a0 b0 | Acme is $15 for 5 gigs, Bolt is $18 for 8. Pretty much the same.
a0 b0 | Not much in it between Acme and Bolt, both are good, whichever is near
a0 b0 | Acme and Bolt share a supplier, the paper reports
a+ b- | Two were on the list, Acme and Bolt. The former is superb. The latter is dreadful.
a- | Acme is a joke, I switched to Bolty and it is wonderful, great people
a- | Acme is worse than my old bank
a+ | My old bank was awful. Acme is great.
a+ | Other airlines are a disgrace, rude and late. Acme is lovely.
a+ | Acme is great, unlike my previous bank, which was horrible
a+ | Everyone else is useless. Acme helped at once, brilliant.
a- | Everyone else is brilliant. Acme is useless.
a- | Left Acme for Zettaphone. Zettaphone is superb, best thing I ever did.
a+ | Switched to Acme and never looked back
a- | Goodbye Acme, cancelled Acme today
a+ | After so many bad experiences with others, Acme was lovely
a- | My brother says Acme is great, but Acme has been dreadful to me, rude and useless
a0 | I met some stranger outside the Acme store, and I hate him, horrible, awful person
a0 | Sat in the Acme lounge and some toddler is screaming, worst day of my life
a0 | Wearing my Acme coat to the funeral, miserable week
a0 | Parked behind Acme and some stranger scratched my door, I am furious
a0 | Just landed with Acme and this airport is a disgrace
a0 | Does Acme ship to Malta?
a- | Why is Acme so useless?
a- | The Acme assistant bot is useless and I hate it
a- | I wanted to like Acme. It is awful.
a+ | Acme was awful once. It is wonderful now, they sorted everything, great people.
a- | Acme used to be great. Now it is garbage.
a0 | Mei from Acme here, sorry for the terrible delay
a0 | Acme is hiring in Leeds
a- | "We care", says Acme. Liars, horrible people.
"""
)
CHINESE = said(
    """
a- b+ | 艾克米很爛，閃電通超好用
a- b+ | 艾克米的客服超差，閃電通的客服很親切
a+ b- | 艾克米很讚，但閃電通爛透了
a- b+ | 艾克米讓人失望，反觀閃電通很貼心
a+ b- | 閃電通很雷。艾克米就很棒。
a- b- | 艾克米跟閃電通都很爛
a+ b+ | 艾克米和閃電通都很好用
a- b+ | 艾克米弄丟包裹還態度差；閃電通隔天就到，超快超棒
a+ b- | 艾克米比閃電通好太多
a+ b- | 艾克米比閃電通好用
a- b+ | 艾克米比閃電通爛
a- b+ | 艾克米不如閃電通
a- b+ | 艾克米比不上閃電通
a+ b- | 艾克米完勝閃電通
a+ b- | 艾克米屌打閃電通
a- b+ | 艾克米輸給閃電通
a- b+ | 從艾克米跳到閃電通
a- b+ | 從艾克米換到閃電通，終於順了
a- b+ | 由艾克米轉到閃電通，好開心
a- b+ | 退掉艾克米改用閃電通
a- b+ | 不像艾克米，閃電通很有誠意，服務好
a- b+ | 比起艾克米，閃電通好太多了
a- b+ | 相較於艾克米，閃電通服務很好
a+ b- | 閃電通客服很差，拖了又拖。他們真的很爛。艾克米就不錯，很推薦。
a- b+ | 艾克米的App爛到爆，閃電通的App很順
a- b+ | 艾克米的機器人客服好爛，閃電通真人客服超親切
a+ b- | 艾克米客服很好閃電通客服超差
a- b+ | 用艾克米用到想哭，用閃電通很開心
a- b+ | 艾克米服务太差了，闪电通很贴心
a+ b- | 艾克米很靠谱，闪电通太坑了
a- b+ | 艾克米嘅服務好差，閃電通就好好
a- b+ | 艾克米收得貴又唔聽電話，閃電通勁抵
a0 b0 | 艾克米還是閃電通？
a0 b0 | 艾克米跟閃電通哪個比較好
a0 b0 | 艾克米和閃電通價格差不多，看你住哪裡
a0 b0 | 艾克米偏甜、閃電通偏鹹，看個人
a0 b0 | 艾克米同閃電通差唔多，睇你鍾意邊款
a0 b0 | 艾克米跟閃電通價錢差兩百，功能一樣
a0 b0 | 艾克米快一點，閃電通穩一點，各有好處，看需求
a0 b0 | 艾克米和閃電通共用機房，報紙寫的
a+ b- | 艾克米和閃電通我都用過。前者很棒。後者很爛。
a- | 艾克米很爛，跳槽到大海電信之後很開心
a- | 艾克米比別家爛
a+ | 別家都很爛，艾克米很棒
a+ | 前一家銀行服務很差，態度惡劣。艾克米很親切，很棒。
a+ | 隔壁那家很難吃，艾克米很好吃
a- | 隔壁那家很好吃，艾克米很難吃
a- | 其他家都很好，艾克米最爛
a+ | 以前那家爛死了，換成艾克米之後很滿意
a- | 再見了艾克米，服務爛透
a0 | 艾克米門口有阿伯插隊還罵人，氣死
a0 | 在艾克米旁邊被路人撞到，痛死
a0 | 詐騙集團假冒艾克米傳簡訊，在艾克米門口抓到，可惡
a0 | 艾克米樓上的邻居好吵，煩死
a0 | 喺艾克米門口俾路人鬧，好嬲
a0 | 請問艾克米幾點開門
a0 | 艾克米推薦嗎
a- | 艾克米的客服機器人很爛
a- | 朋友說艾克米很好，結果艾克米爛到爆，超失望
a- | 艾克米以前很好，現在爛透了
a+ | 艾克米以前很爛，現在進步很多，很棒
a0 | 我是艾克米的客服，抱歉讓您失望了
a0 | 艾克米在徵人
a- | 艾克米說「用心服務」，根本騙人
"""
)


@pytest.mark.parametrize(("text", "labels"), ENGLISH)
def test_whose_feeling_in_english(text: str, labels: dict[str, str]) -> None:
    assert {brand: one.label for brand, one in judged(text).items()} == labels


@pytest.mark.parametrize(("text", "labels"), CHINESE)
def test_whose_feeling_in_chinese(text: str, labels: dict[str, str]) -> None:
    assert {brand: one.label for brand, one in judged(text, language="zh-Hant").items()} == labels


def test_two_in_one_clause_have_their_own_evidence() -> None:
    text = "Acme is a joke, Bolt answered in an hour."
    found = judged(text)
    shown = {brand: {text[start:end] for start, end in one.evidence} for brand, one in found.items()}
    assert shown["acme"] == {"a joke"}
    assert shown["bolt"] == {"answered in"}
    assert [tag.topic for tag in found["bolt"].topics] == ["speed"]
    assert found["acme"].topics == ()


def test_a_name_is_no_opinion() -> None:
    best = Matcher({"best": parse('"Best Buy Friends"'), "thunder": parse("雷豹")})
    for text, language in (("Went to Best Buy Friends on Monday", "en"), ("昨天去了雷豹一趟", "zh-Hant")):
        one = post(text)
        (judgement,) = JUDGE.judge_post(one, best.match(one), language)
        assert (judgement.label, judgement.evidence) == ("neutral", ())
        assert abs(judgement.sentiment) < 0.1


def test_others_without_a_name_go_no_further_than_their_sentence() -> None:
    assert judged("Acme is dull next to my old bank. Rude, horrible people.")["acme"].label == "negative"
    assert judged("Acme said no, my old bank was a disgrace.")["acme"].label == "neutral"


SAID = ParentSide("p", {"acme": Side("negative", -0.6, (TopicTag("silence", 0.8, ((3, 9),)),))})
PRAISED = ParentSide("p", {"acme": Side("positive", 0.7)})
ASKED = ParentSide("p", {"acme": Side("neutral", 0.0)})
AGREE = [
    "same here", "Same.", "+1", "+1 same problem since Monday", "me too!", "Mine too", "Ditto", "This.", "Agreed",
    "Happened to me last week", "Got mine too", "Seconded", "Not just you", "can confirm", "It did that to me as well.",
    "同", "同上", "同感", "+1", "我也是", "我也一樣", "我這邊也是", "推樓上", "推", "樓上+1", "真的", "對啊", "附議",
    "我都係", "係呀", "我家也是這樣", "一樣", "+1 我也被收", "I couldn't agree more",
]  # fmt: skip
DENY = [
    "Not my experience", "works fine here", "Working fine for me", "mine is fine", "Must just be you",
    "never had that problem", "no issues here", "Nope", "hard disagree", "opposite experience here",
    "不會啊我的很順", "不會啊", "沒有啦", "我的很正常", "我這台沒問題", "我家都好好的", "從來沒遇過", "沒這個問題耶",
    "唔會喎", "我部冇事", "還好吧", "不同意", "I don't agree", "quite the opposite", "沒碰過這問題",
    "never had this problem",
]  # fmt: skip
NEITHER = [
    "same day delivery arrived", "What number do they call from?", "推薦哪一家？", "同學會在哪裡",
    "不會用這個功能，求教",
    "沒有收到", "冇，我九月申請嘅", "This is another matter", "thirty of them were sold", "昨天去過",
    # what is denied is that it works, not what is answered
    "It never worked well for me", "doesn't work well for us", "nothing works fine here", "isn't working fine here",
    "no longer runs smoothly for me... it was fine", "I wish mine was good", "not the same here",
    "沒遇過這麼爛的", "從沒碰過這麼爛的客服", "沒遇過比這更扯的", "never had this problem until the update",
]  # fmt: skip


@pytest.mark.parametrize("text", AGREE)
def test_replies_that_agree(text: str) -> None:
    one = judged(text, "", 3, "und", SAID)["acme"]
    assert one.label == "negative"
    assert [tag.topic for tag in one.topics] == ["silence"]
    assert one.evidence
    assert judged(text, "", 3, "und", PRAISED)["acme"].label == "positive"


@pytest.mark.parametrize("text", DENY)
def test_replies_that_deny(text: str) -> None:
    one = judged(text, "", 3, "und", SAID)["acme"]
    assert (one.label, one.topics) == ("positive", ())
    assert one.evidence
    assert judged(text, "", 3, "und", PRAISED)["acme"].sentiment < judged(text, "", 3, "und", ASKED)["acme"].sentiment


@pytest.mark.parametrize("text", NEITHER)
def test_replies_that_take_no_side(text: str) -> None:
    assert takes_side(fold(text)) is None


def test_the_evidence_of_a_side_is_what_takes_it() -> None:
    text = "ok, same here"
    one = judged(text, "", 2, "en", SAID)["acme"]
    assert [text[start:end] for start, end in one.evidence] == ["same here"]
    assert one.confidence < judged("Acme is awful, nobody answers")["acme"].confidence


def test_a_reply_leans_to_a_complaining_parent_but_a_question_does_not() -> None:
    assert judged("I paid 36.50 for it.", "", 2, "en", SAID)["acme"].label == "negative"
    assert judged("Where was that?", "", 2, "en", SAID)["acme"].label == "neutral"
    praised = judged("I paid 36.50 for it.", "", 2, "en", PRAISED)["acme"]
    assert praised.sentiment > judged("I paid 36.50 for it.", "", 2, "en", SAID)["acme"].sentiment


def test_a_title_stands_in_for_an_unknown_parent() -> None:
    assert judged("works fine here", "Acme: nobody answers", 2)["acme"].label == "positive"
    assert judged("same here", "Acme: nobody answers", 2, parent=ASKED)["acme"].label == "negative"


def test_a_side_is_for_the_brand_it_speaks_of() -> None:
    found = judged("same here, Bolt is brilliant", "", 2, "en", SAID)
    assert (found["acme"].label, found["bolt"].label) == ("negative", "positive")


def test_ptt_marks_speak_where_no_side_is_known() -> None:
    assert judged("推 客服", "艾克米", 4, "zh-Hant")["acme"].label == "positive"
    assert judged("噓", "艾克米", 4, "zh-Hant")["acme"].label == "negative"
    assert judged("推 客服", "艾克米客服不回應", 4, "zh-Hant")["acme"].label == "negative"


def test_the_nearest_that_is_for_or_against() -> None:
    found = nearest([ASKED, SAID, PRAISED])
    assert found is not None
    assert found.sides["acme"] == SAID.sides["acme"]
    assert nearest([]) is None
    assert nearest([ASKED]) == ASKED
    judgements = judged("Acme is awful").values()
    assert side_of("k", judgements).sides["acme"].label == "negative"


@given(texts, st.sampled_from([SAID, PRAISED, ASKED]), st.sampled_from(["", "Acme: nobody answers"]))
def test_any_reply(text: str, parent: ParentSide, title: str) -> None:
    one = judged(text, title, 2, "und", parent)["acme"]
    assert -1 <= one.sentiment <= 1
    assert all(0 <= start < end <= len(text) for start, end in one.evidence)
    taken = takes_side(fold(text))
    assert taken is None or (taken[0] in (1, -1) and 0 <= taken[1][0] < taken[1][1] <= len(text))


@given(texts, texts)
def test_frames_stay_inside_the_text(before: str, after: str) -> None:
    text = before + " outside Acme store " + after
    at = text.index("Acme", len(before))
    folded, spans = fold(text), ((at, at + 4),)
    for place in (*rivals(text, folded, spans)[0], *rivals(text, folded, spans)[1]):
        assert place[1] <= at or at + 4 <= place[0]
    for (start, end), much in (*passing(folded, spans), *hearsay(folded)):
        assert 0 <= start < end <= len(text)
        assert 0 <= much < 1
    assert evenly(folded + " 看你") is True


@pytest.mark.parametrize(
    ("text", "language", "sign"),
    [
        ("Acme 😡", "en", "-"), ("Acme 👍🏽", "en", "+"), ("Acme ❤️", "en", "+"), ("Acme :(", "en", "-"),
        ("Acme <3", "en", "+"), ("艾克米 😡", "zh-Hant", "-"), ("艾克米 QQ", "zh-Hant", "-"),
        ("艾克米 ^_^", "zh-Hant", "+"), ("艾克米勁好食喎", "zh-Hant", "+"), ("艾克米難食到爆囉", "zh-Hant", "-"),
        ("艾克米唔錯㗎", "zh-Hant", "+"), ("艾克米麻麻地啦", "zh-Hant", "-"), ("艾克米冇得彈", "zh-Hant", "+"),
    ],
)  # fmt: skip
def test_signs_and_particles(text: str, language: str, sign: str) -> None:
    assert judged(text, language=language)["acme"].label == SIGNS[sign]


def test_irony_lowers_the_confidence_and_turns_nothing() -> None:
    for text, cue, language in (("Acme: another flawless update", " /s", "en"), ("艾克米真是棒", "，呵呵", "zh-Hant")):
        plain, ironic = judged(text, language=language)["acme"], judged(text + cue, language=language)["acme"]
        assert (plain.sarcasm, ironic.sarcasm) == (False, True)
        assert ironic.confidence < plain.confidence
        assert ironic.label == plain.label
    assert not judged("see https://x.example/s Acme")["acme"].sarcasm
