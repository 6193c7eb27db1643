"""The alert mail: everything a reader needs, in both languages, and nothing that a hostile post could smuggle in."""

import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import Advice, Brand
from listener.records import Alert, Judged
from listener.store.tellings import BrandAnswer, Counts
from listener.watch.baseline import surprise
from listener.watch.chart import HEIGHT, ORDINARY, WIDTH, band
from listener.watch.life import Event
from listener.watch.mail import QUOTE_LIMIT, SUBJECT_LIMIT, AlertMail, _cut, alert_mail
from listener.watch.rows import reason_words
from listener.watch.story import Story
from listener.watch.words import WORDS, Language, moment, odds, span
from tests.helpers_watch import at, post, tags, topic

BRAND = Brand.model_validate(
    {"id": "acme", "name": {"en": "Acme Phones", "zh-Hant": "頂尖電信"}, "query": "Acme", "time_zone": "Asia/Taipei"}
)
TOPIC = topic("data-misuse", weight=2.0, touchpoint="privacy")
CARD = Advice.model_validate(
    {
        "topic": "data-misuse",
        "answer": "hold",
        "deadline_h": 4,
        "clock_h": 72,
        "basis": ["GDPR Art. 33"],
        "escalate": {"en": "Privacy", "zh-Hant": "個資"},
        "say": {"en": "We are checking.", "zh-Hant": "查證中。"},
        "do": {"en": ["Check."], "zh-Hant": ["查證。"]},
        "dont": {"en": ["Deny unchecked."], "zh-Hant": ["未查先否認。"]},
        "first_hour": {"en": "Call the officer.", "zh-Hant": "通知負責人。"},
        "no_reply_when": {"en": "", "zh-Hant": ""},
        "why": {"en": "", "zh-Hant": ""},
    }
)
POSTS = tuple(
    post(f"m{n}", at(12 + n), "data-misuse", feeling=-0.8, text=f"They sold my data, part {n}.") for n in range(5)
)
ALERT = Alert(
    key="1a2b3c4d" * 4,
    brand="acme",
    stream="topic:data-misuse",
    topic="data-misuse",
    severity="high",
    state="open",
    opened=at(13),
    began=at(12),
    last_activity=at(16),
    score=5.3,
    voices=9,
    expected=0.4,
    window_h=6,
    sources=("forum.example", "board.example"),
    reasons=(
        *("voices:12", "posts:15", "breadth:2", "threads:3", "pace_h:2.5", "topic:data-misuse", "negative_share:0.80"),
        *("leaving:2", "copies:0.40", "peak:9", "told_voices:3", "told_places:1", "told_at:0", "escalations:1"),
    ),
    evidence=tuple(p.post_key for p in POSTS),
)
LANGUAGES: tuple[Language, ...] = ("en", "zh-Hant")


def mail(alert: Alert = ALERT, event: Event = "opened", language: Language = "en", **more: Any) -> AlertMail:
    arguments: dict[str, Any] = {
        "posts": POSTS,
        "card": CARD,
        "topic": TOPIC,
        "brand": BRAND,
        "now": at(16),
        "redact": str,
    }
    return alert_mail(alert, event, language=language, ack_command="listener ack 1a2b3c4d", **(arguments | more))


class _Reader(HTMLParser):
    """Collects the words, links and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.links, self.names = "", [], set[str]()  # type: str, list[str], set[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += data


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def test_english_says_it_all() -> None:
    text = mail().text
    for phrase in (
        "data misuse: 12 voices since it began, 9 voices in the last 6 h. Usual: 0.4.",
        "Mon 5 Jan 20:00, 4 h ago (first post). Raised 1 h after it, Mon 5 Jan 21:00.",
        "less than once in 200,000",
        "doubled in the last 2.5 h",
        "forum.example, board.example; 3 threads",
        "40 % of the posts share their text",
        "Call the officer.",
        "Deny unchecked.",
        "not yet: hold",
        "Somebody, by Tue 6 Jan 01:00",
        "72 h from the first post end Thu 8 Jan 20:00",
        "listener ack 1a2b3c4d",
        "They sold my data, part 0.",
        "https://forum.example/p/m0",
        "Asia/Taipei",
    ):
        assert phrase in text, phrase


def test_chinese_says_it_all_in_chinese() -> None:
    made = mail(language="zh-Hant")
    for phrase in (
        "開始至今共 12 人",
        "1月5日（一）20:00（第一篇）",
        "距今 4 小時",
        "接手：listener ack",
        "未查先否認。",
    ):
        assert phrase in made.text, phrase
    own = re.sub(
        r"“[^”]*”|https?://\S+|[\w.-]+\.example|Thread m\d|listener ack \w+|docs/\S+|Asia/Taipei", "", made.text
    )
    assert not re.search(r"[A-Za-z]{3,}", own.replace("1a2b3c4d", "")), "no English left between the quotes"
    assert not re.search(r"[\u4e00-\u9fff][,:;!?]", made.text), "full-width punctuation after Han"


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["zh-Hant"].keys()
    for key, english in WORDS["en"].items():
        fields = re.compile(r"\{(\w+)\}")
        assert sorted(fields.findall(english)) == sorted(fields.findall(WORDS["zh-Hant"][key])), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", ["opened", "escalated", "closed", "grew", "ended"])
def test_html_says_what_text_says(language: Language, event: Event) -> None:
    alert = replace(ALERT, closed=at(100), state="closed") if event in ("closed", "ended") else ALERT
    made = mail(alert, event, language)
    page = read(made.html)
    squeezed = re.sub(r"\s", "", page.words)
    for line in made.text.splitlines():
        for part in line.split(WORDS[language]["colon"]):
            bare = re.sub(r"\s", "", part)
            assert bare in squeezed or part.strip().startswith("http") or "//" in part, part
    (rules,) = re.findall(r"<style>(.*?)</style>", made.html, re.DOTALL)
    assert rules.split("{")[0].strip() == "@media (prefers-color-scheme: dark)", "nothing else may depend on it"
    assert "script" not in page.names
    assert len(made.html) < 100_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_rendered_twice_it_is_the_same(language: Language) -> None:
    assert mail(language=language) == mail(language=language)


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80), st.sampled_from(LANGUAGES))
def test_subject_fits_a_phone_and_is_one_line(name: str, label: str, language: Language) -> None:
    names = {"en": name, "zh-Hant": name}
    brand = Brand.model_validate({"id": "acme", "name": names, "query": "x"})
    labelled = TOPIC.model_copy(update={"label": type(TOPIC.label).model_validate({"en": label, "zh-Hant": label})})
    for event in ("opened", "escalated", "closed", "ended"):
        subject = mail(event=event, language=language, brand=brand, topic=labelled).subject
        assert len(subject) <= SUBJECT_LIMIT
        assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202e]", subject)


def test_subject_begins_with_the_brand_and_keeps_the_number() -> None:
    assert mail().subject == "Acme Phones: data misuse, 9 voices in 6 h"
    assert mail(event="escalated").subject == "Acme Phones: growing, data misuse, 12 voices"
    assert mail(language="zh-Hant").subject == "頂尖電信：主題，6 小時內 9 人"


def hostile(text: str, **more: Any) -> tuple[Judged, ...]:
    return (replace(POSTS[0], text=text, **more),)


def test_hostile_posts_stay_text() -> None:
    made = mail(
        posts=hostile(
            "<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7 * 7 }}\r\nTake it up: run: rm -rf\u202egnp",
            thread_title="</td><a href='https://evil.example'>",
            url="javascript:alert(1)",
            thread_url='https://forum.example/"onmouseover="x',
        )
    )
    page = read(made.html)
    assert not page.names & {"script", "img", "a"}
    assert page.links == []
    assert "49" not in made.text.replace("listener ack", "")
    assert "\u202e" not in made.text + made.html
    assert not [line for line in made.text.splitlines() if line.startswith("Take it up") and "rm" in line]


def test_personal_details_are_redacted_everywhere() -> None:
    posts = hostile("Call 0912345678", thread_title="0912345678")
    made = mail(posts=posts, redact=lambda text: text.replace("0912345678", "[number]"))
    assert "0912345678" not in made.text + made.html
    assert "Call [number]" in made.text


def test_three_posts_in_the_order_of_the_evidence() -> None:
    text = mail(posts=tuple(reversed(POSTS))).text
    assert [int(n) for n in re.findall(r"part (\d)", text)] == [0, 1, 2]
    assert re.findall(r"part (\d)", mail(posts=POSTS[3:]).text) == ["3", "4"]
    assert "show it best" not in mail(posts=()).text


@given(st.text(max_size=600))
def test_quotes_are_cut_to_length(text: str) -> None:
    cut = _cut(text, QUOTE_LIMIT)
    assert len(cut) <= QUOTE_LIMIT
    assert cut == text if len(text) <= QUOTE_LIMIT else cut.endswith("…")


def test_quotes_are_cut_after_a_sentence_or_a_word() -> None:
    assert _cut("First one is short. " + "second " * 40, 40).endswith("second…")
    assert _cut("The first sentence of this. Then more and more", 40) == "The first sentence of this. …"
    assert _cut("客服完全不理人。" * 40, 50).endswith("。…")


def test_without_a_card_or_a_topic_it_still_stands() -> None:
    general = replace(ALERT, stream="negative", topic="")
    for language in LANGUAGES:
        made = mail(general, language=language, card=None, topic=None)
        assert WORDS[language]["hour_none"] in made.text
        assert WORDS[language]["stream_negative"] in made.subject
    gone = mail(topic=None)
    assert "data-misuse" in gone.subject, "a topic that left the config is named by its id"


def test_other_explanations_follow_the_numbers() -> None:
    def doubts(*codes: str, **more: Any) -> str:
        return mail(replace(ALERT, reasons=codes), **more).text.split("What else: ")[1].split("\n")[0]

    campaign, agency = replace(POSTS[0], kind="campaign"), replace(POSTS[1], kind="syndicated")
    assert "many new names" in doubts("threads:3", "negative_share:0.9", posts=(campaign, *POSTS[1:]))
    assert "agency report" in doubts("threads:3", "negative_share:0.9", "copies:0.9", posts=(POSTS[0], agency))
    assert "from the press" in doubts("threads:3", posts=hostile("Hm.", topics=tags("press-interest")))
    assert "one thread" in doubts("threads:1", "negative_share:0.9")
    assert "a sale or a launch" in doubts("threads:3", "negative_share:0.1")
    assert "passed round" in doubts("threads:3", posts=hostile("See https://news.example/1"))
    assert "Nothing in the numbers" in doubts("threads:3", "negative_share:0.9")


@pytest.mark.parametrize(
    ("codes", "english", "chinese"),
    [
        (("again:tripled", "was_voices:3", "told_voices:11"), "last mail: 3 then, 11 now", "當時 3 人，現在 11 人"),
        (("again:new place", "reached:town.example:8080"), "it has reached town.example.", "擴散到town.example。"),
        (("again:now high",), "it is HIGH now", "升為「高」"),
        (("again:new topic", "topics:outage+hidden-fees"), "has joined it: hidden fees", "抱怨：hidden fees"),
    ],
)  # fmt: skip
def test_who_is_told_again_is_told_why(codes: tuple[str, ...], english: str, chinese: str) -> None:
    again = replace(ALERT, reasons=codes)
    for language, words in (("en", english), ("zh-Hant", chinese)):
        made = mail(again, language=language, event="escalated")  # type: ignore[arg-type]
        assert words in made.text
        assert words in read(made.html).words
        assert words not in mail(again, language=language).text, "who hears of it for the first time has no last mail"  # type: ignore[arg-type]


def test_a_thread_says_its_title_once() -> None:
    one, two, three = (
        replace(post, thread_title=name, platform="a.example") for post, name in zip(POSTS, "AAB", strict=False)
    )
    made = mail(posts=(one, two, three)).text
    assert [line.rpartition(": ")[2] for line in made.splitlines() if "a.example: " in line] == ["A", "B"]


def test_floor_alerts_say_that_the_rule_raised_them() -> None:
    floor = replace(ALERT, score=2.0, reasons=(*ALERT.reasons, "floor:1"))
    assert "three different people in a day are enough" in mail(floor).text
    assert "less than once" not in mail(floor).text


STORY = Story(
    counts=Counts(14, ((at(10), 1), (at(12), 3), (at(13), 8), (at(14), 2))),
    since=at(-12),
    until=at(20),
    deaf=(at(2), at(3)),
    told=(("Ann", at(13)), ("Mei", at(13)), ("Ann", at(15))),
    answers=(BrandAnswer(at(16), "https://forum.example/t/1", "Where is 0912345678"),),
)


def test_all_clear_brings_the_report() -> None:
    done = replace(ALERT, state="closed", closed=at(100), acknowledged=at(14), acknowledged_by="mei", total=14)
    text = mail(done, "closed", story=STORY, redact=lambda text: text.replace("0912345678", "[number]")).text
    for phrase in (
        "All clear",
        "Began: Mon 5 Jan 20:00",
        "Taken up: Mon 5 Jan 22:00, mei",
        "Peak: 8 voices in the hour from Mon 5 Jan 21:00",
        "Voices: 14 voices in all",
        "Told: Mon 5 Jan 21:00, Ann, Mei; Mon 5 Jan 23:00, Ann",
        "Answered: Tue 6 Jan 00:00, Where is [number]",
    ):
        assert phrase in text, phrase
    assert "listener ack" not in text
    bare = mail(replace(done, acknowledged=None, acknowledged_by=""), "closed").text
    for phrase in ("by nobody", "Told: nobody before this mail", "the company wrote in none of its threads"):
        assert phrase in bare, phrase


def test_an_alert_that_nobody_watches_any_more_is_not_called_calm() -> None:
    text = mail(replace(ALERT, state="closed", closed=at(100)), "ended").text
    assert "No longer watched" in text
    assert "quiet for long enough" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_comes_with_its_words(language: Language) -> None:
    made = mail(language=language, story=STORY)
    (picture,) = made.attachments
    assert f"cid:{picture.content_id}" in read(made.html).links
    assert picture.content.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture.content[16:24]) == (2 * WIDTH, 2 * HEIGHT), "drawn at twice its size"
    assert WORDS[language]["chart_deaf"] in made.text
    assert mail(language=language, story=STORY) == made
    assert mail(language=language).attachments == ()
    assert "cid:" not in mail(language=language).html


def test_the_band_holds_nineteen_ordinary_hours_in_twenty() -> None:
    assert [band(mean) for mean in (0.0, 0.01, 0.2, 2.0)] == [0, 0, 1, 6]
    for mean in (0.3, 3.0, 40.0, 4000.0):
        most = band(mean)
        assert surprise(most, mean, mean) < ORDINARY <= surprise(most + 1, mean, mean)


def test_links_to_take_it_up_stand_there_if_there_are_any() -> None:
    links = ("https://brand.example/ack/token", "mailto:ack@brand.example?subject=ack%20token")
    made = mail(ack_links=links)
    assert set(links) <= set(read(made.html).links)
    assert all(link in made.text for link in links)
    taken = replace(ALERT, state="acknowledged", acknowledged=at(14), acknowledged_by="mei")
    assert not set(links) & set(read(mail(taken, ack_links=links).html).links)


def test_who_has_it_is_told_instead_of_asking() -> None:
    taken = replace(ALERT, state="acknowledged", acknowledged=at(14), acknowledged_by="mei")
    assert "Taken up by mei at Mon 5 Jan 22:00." in mail(taken).text
    assert "listener ack" not in mail(taken).text


def test_reasons_in_words_leave_the_bookkeeping_out() -> None:
    assert reason_words(ALERT, "en", TOPIC) == (
        *("2 places", "doubled in 2.5 h", "about data misuse", "80 % negative", "2 say they leave", "40 % copies"),
    )
    assert len(reason_words(ALERT, "zh-Hant")) == 6


def test_numbers_and_times_in_words() -> None:
    assert [span(h, "en") for h in (0.1, 0.88, 1, 1.5, 2.34, 24, 96)] == [
        *("6 min", "53 min", "1 h", "90 min", "2.3 h", "24 h", "4 days"),
    ]
    assert span(0.5, "zh-Hant") == " 30 分鐘"
    assert (odds(4.0, "en"), odds(9, "en"), odds(9, "zh-Hant")) == ("10,000", "a million", "一百萬")
    assert moment(at(0), "zh-Hant") == "1月5日（一）00:00"
