"""A digest in words and form: nine parts in both languages, the same bytes twice, safe with hostile posts."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from listener.advise.digest import compose
from listener.advise.facts import Accuracy, RelationshipRow, Rival
from listener.advise.model import Digest
from listener.advise.page import Ref, TableView
from listener.advise.quotes import clean, columns, cut, quote
from listener.advise.redact import redact
from listener.advise.render import MAX_HTML_BYTES, Rendered, render
from listener.advise.textform import WIDTH, Sheet, wrap
from listener.store.protocol import Matter
from tests.helpers_advise import DAY, TOPICS, at, crisis, facts, names, post, quiet, source, thanks

LANGUAGES = ("en", "zh-Hant")


def full() -> Digest:
    """A day with something in every part."""
    link, reasons = "https://forum.example/p/c01", ("leaving", "small disappointments")
    row = RelationshipRow("ab" * 8, -14.0, reasons, "c01", link, at(), 3)
    began, advised, last = (DAY - timedelta(days=days) for days in (6, 5, 1))
    return compose(
        facts(
            [*quiet(), *crisis(), *thanks(3)],
            relationships=(row,),
            matters=(Matter("wagtail", "billing-error", at(began), advised, last, 3, 2),),
            sources=(
                source("a"),
                source("b"),
                source("boardroom", "blocked", 0, at(last, "03:00"), "asks for a login"),
            ),
            rivals=(Rival("northpier", names("Northpier", "北堤電訊"), (3,) * 10),),
        )
    )


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request: pytest.FixtureRequest) -> Rendered:
    return render(full(), request.param, redact)


def test_the_same_digest_gives_the_same_bytes(shown: Rendered) -> None:
    language = "zh-Hant" if "鶺鴒" in shown.subject else "en"
    assert render(full(), language, redact) == shown


def test_every_part_is_there_in_english() -> None:
    page = render(full(), "en", redact)
    for text in (page.text, LexborHTMLParser(page.html).text()):
        flat = " ".join(text.split())
        for told in (
            "data misuse (12 voices, first said at Sat 01:10, not answered by us so far).",
            "15 voices spoke where 3 is usual.",
            "Balance",
            "Don't",
            "by Sun 12:00",
            "72 hours end Tue 01:10 at the earliest; whether the clock runs is the officer's call.",
            "GDPR Art. 33",
            "3 voices under “great service” (+20 LU, support). Worth telling: Head of customer service.",
            "1 relationship at risk: 1 leaving by their own words, 1 after three disappointments",
            "billing error, advised Mon 16 Mar",
            "2 of 3 sources were heard",
            "BLIND since Fri 03:00: it does not let us in, and we do not evade (asks for a login).",
            "has not been measured yet",
            "One love unit (LU)",
            "Northpier",
        ):
            assert told in flat, told


def test_every_part_is_there_in_chinese() -> None:
    page = render(full(), "zh-Hant", redact)
    flat = page.text.replace("\n", "").replace(" ", "")
    for told in (
        "資料濫用（12人",
        "公司至今未回應",
        "72小時最早於週二01:10屆滿",
        "「服務很好」3人",
        "1段關係處於風險",
        "帳單錯誤",
        "3個來源中聽到2個",
        "尚未在您的貼文上測量",
        "北堤電訊",
    ):
        assert told in flat, told
    assert page.subject == "鶺鴒電信 3月21日（週六）：變差（資料濫用）"


def test_mail_form(shown: Rendered) -> None:
    assert len(shown.html.encode()) <= MAX_HTML_BYTES
    tree = LexborHTMLParser(shown.html)
    cids = [image.attributes["src"] for image in tree.css("img")]
    assert cids == [f"cid:{attached.content_id}" for attached in shown.attachments]
    assert all(len(image.attributes["alt"] or "") > 25 for image in tree.css("img"))
    assert all(attached.content.startswith(b"\x89PNG") for attached in shown.attachments)
    assert "prefers-color-scheme" in shown.html
    assert "<script" not in shown.html
    assert "<link" not in shown.html
    assert 'style="' in shown.html
    assert all(link.attributes["href"].startswith("https://") for link in tree.css("a"))  # type: ignore[union-attr]


def test_text_form(shown: Rendered) -> None:
    for line in shown.text.splitlines():
        assert columns(line) <= WIDTH or "https://" in line, line
    links = dict(re.findall(r"\[(\d+)\] (https://\S+)", shown.text))
    used = set(re.findall(r"\[\D+ (\d+)\]", shown.text))
    assert used == set(links)
    assert len(set(links.values())) == len(links)


def test_evidence_names_every_post_that_is_linked(shown: Rendered) -> None:
    linked = set(re.findall(r"https://forum\.example/p/(\S+)", shown.text))
    assert linked <= set(shown.evidence)
    assert len(set(shown.evidence)) == len(shown.evidence)


HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="x()"> {{ 7*7 }} {% raw %} '
    "\u202eevil\u2066\x00\x1b[31m\r\nBcc: a@b.example " + "w" * 5000
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_posts_are_only_ever_text(language: str) -> None:
    posts = [
        post(f"h{n}", f"{HOSTILE} {n}", topics=("data-misuse",), thread_title=HOSTILE, platform=HOSTILE,
             url="javascript:alert(1)", thread_url=f"https://forum.example/ {n}")
        for n in range(4)
    ]  # fmt: skip
    bad = source(HOSTILE, "blocked", 0, detail=HOSTILE)
    page = render(compose(facts([*quiet(), *posts], sources=(bad,), versions=HOSTILE[:80])), language, redact)
    tree = LexborHTMLParser(page.html)
    assert not tree.css("script")
    assert len(tree.css("img")) == 3
    assert not [link for link in tree.css("a") if not (link.attributes["href"] or "").startswith("https://")]
    for text in (page.html, page.text, page.subject):
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
        assert "w" * 50 not in text
    assert "{{ 7*7 }}" in page.text
    assert "a@b.example" not in page.text
    assert "\n" not in page.subject


def test_the_longest_digest_stays_under_gmails_limit() -> None:
    posts = []
    for topic in [t.id for t in TOPICS if t.kind != "praise"]:
        for n in range(12):
            text = f"{topic} {n} " + "資料被拿去賣，客服不回，我要離開。" * 60
            base = f"https://forum.example/{topic}/{n}"
            title, thread, link = "很長的標題" * 60, base + "x" * 150, base + "y" * 150
            posts.append(post(f"{topic}-{n}", text, topics=(topic,), thread_title=title, thread_url=thread, url=link))
    sources = tuple(source(f"source-{n}", "blocked", 0, detail="d" * 400) for n in range(200))
    page = render(compose(facts([*quiet(), *posts], sources=sources)), "zh-Hant", redact)
    assert len(page.html.encode()) <= MAX_HTML_BYTES


def test_personal_details_of_quotes_are_struck_out_unless_the_config_says_otherwise() -> None:
    text = "They sold 0912-345-678 to insurers, write me at jan@mail.example or ask @jane_doe and @WagtailCare."
    posts = [post(f"p{n}", f"{text} {n}", topics=("data-misuse",)) for n in range(3)]
    digest = compose(facts([*quiet(), *posts]))
    page = render(digest, "en", redact)
    for text in (page.html, page.text, page.facts):
        assert not re.search(r"0912-345-678|jan@mail|jane_doe", text)
    assert "[phone]" in page.text
    assert "@j…" in page.text
    assert "@WagtailCare" in page.text
    assert "0912-345-678" in render(digest, "en", str).text


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ((source("a"), source("b")), "every source was heard, so this silence is real"),
        ((source("a"), source("b"), source("c", hours=0)), "“not seen”, not as “not said”"),
        ((source("a", "blocked", 0),), "This silence proves nothing"),
        ((), "no source listens for Wagtail Mobile yet"),
    ],
)
def test_a_day_without_voices_says_whether_to_believe_it(sources: tuple, told: str) -> None:  # type: ignore[type-arg]
    page = render(compose(facts(quiet(), sources=sources)), "en", redact)
    assert told in page.verdict
    assert page.text.startswith("Wagtail Mobile · Advisory for Saturday 21 March 2026")
    assert render(compose(facts(quiet(), sources=sources)), "zh-Hant", redact).verdict


def test_late_and_accuracy_are_said() -> None:
    page = render(compose(facts(quiet(), late=True, accuracy=Accuracy(0.84, 0.79, 212))), "en", redact)
    flat = " ".join(page.text.split())
    assert "Made late" in flat
    assert "On 212 posts that you corrected it was right on feeling in 84 %, on topic in 79 %." in flat


@pytest.mark.parametrize(
    ("accuracy", "told", "untold"),
    [
        (
            Accuracy(0.8, None, 60, 0.68, 0.88, True),
            ("feeling in 80 %.", "between 68 % and 88 %", "were picked"),
            "Before",
        ),
        (
            Accuracy(0.7, None, 9000, shipped=True),
            ("Before it shipped, on 9,000 posts", "correct some"),
            "you corrected",
        ),
        (None, ("correct some",), "you corrected"),
    ],
)
def test_the_method_line_tells_whose_figure_it_is_and_how_sure(
    accuracy: Accuracy | None, told: tuple[str, ...], untold: str
) -> None:
    digest = compose(facts(quiet(), accuracy=accuracy))
    flat = " ".join(render(digest, "en", redact).text.split())
    for words in told:
        assert words in flat
    assert untold not in flat
    assert render(digest, "zh-Hant", redact).text


def test_a_topic_without_a_playbook_card_says_so() -> None:
    posts = [post(f"n{n}", f"No signal since noon in district {n}.", topics=("outage",)) for n in range(4)]
    assert "no card for this topic yet" in " ".join(
        render(compose(facts([*quiet(), *posts])), "en", redact).text.split()
    )


def test_words_of_the_verdict_change_from_day_to_day() -> None:
    told = set()
    for n in range(3):
        day = DAY + timedelta(days=n)
        today = [replace(p, post_key=f"t{k}", when=at(day, "10:00")) for k, p in enumerate(quiet(2)[:3])]
        told.add(render(compose(facts([*quiet(30, 3, day), *today], day=day)), "en", redact).verdict)
    assert len(told) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bad_day_without_a_reason_shows_posts_with_links(language: str) -> None:
    posts = [
        post(
            f"s{n}",
            f"Never in my life have I met such people, and this is the {n}th time.",
            thread_url=f"https://a/{n}",
        )
        for n in range(4)
    ]
    page = render(compose(facts([*quiet(), *posts])), language, redact)
    assert page.text.count("Never in my life") == 3
    assert page.html.count("Never in my life") == 3
    assert len(re.findall(r"https://forum\.example/p/s\d", page.text)) == 3


def test_a_low_card_is_short_and_says_when_not_to_reply() -> None:
    one = post("one", topics=("data-misuse",), sentiment=-0.5)
    low = render(compose(facts([*quiet(), one])), "en", redact).text
    high = render(full(), "en", redact).text
    assert "No reply" in low
    assert "No reply" not in high
    assert "SCCT: proposed as" in high
    assert "SCCT: proposed as" not in low
    assert re.search(r"Ground +GDPR Art\. 33; SCCT\.", high)
    assert re.search(r"Ground +GDPR Art\. 33\.", low)


def test_ports_and_the_first_hour_do_not_stand_in_the_digest() -> None:
    posts = [replace(p, platform="forum.localhost:8640") for p in crisis()]
    text = render(compose(facts([*quiet(), *posts])), "en", redact).text
    assert "forum.localhost" in text
    assert "8640" not in text
    assert "Freeze the release" not in text


def test_the_telling_sentence_is_quoted() -> None:
    front, told = "I have been with them for years and years and years now. " * 6, "Mei carried it up the stairs. "
    text = front + told + "And so on it went for the rest of the day. " * 5
    start = text.index("Mei")
    kind = post("kind", text, sentiment=0.8, evidence=((start, start + 11),))
    assert quote(kind, width=150).text.startswith("Mei carried")
    assert quote(replace(kind, text=told, evidence=((0, 11),)), width=150).cut_before is False
    last = "Short start here. " * 8 + "It works."
    kept = quote(replace(kind, text=last, evidence=((len(last) - 6, len(last) - 1),)), width=100)
    assert kept.text.endswith("It works.")
    assert columns(kept.text) <= 100
    assert kept.cut_before


def test_clean_and_cut() -> None:
    assert clean("a\u202e\u200bb\x07c\n d") == "ab c d"
    assert clean("Z" + "\u0301" * 50) == "Z\u0301\u0301"
    assert clean("x" * 100) == "x" * 39 + "…"
    assert cut("One long enough sentence stands here at the front. " + "word " * 60).startswith("One long enough")
    assert cut("一句話。" * 100).endswith("。")
    assert columns(cut("字" * 500)) <= 240
    assert cut("short") == "short"


def test_wrapping_keeps_punctuation_off_the_line_head() -> None:
    lines = wrap("客服只回罐頭訊息，沒有人回答資料給了誰。" * 6, 20)
    assert all(columns(line) <= 20 for line in lines)
    assert not any(line[0] in "，。" for line in lines)
    assert wrap("", 20) == [""]
    assert wrap("a" * 45, 20) == ["a" * 20, "a" * 20, "a" * 5]


def test_sheet_numbers_a_link_once() -> None:
    sheet = Sheet()
    assert (
        sheet.refs((Ref("post", "https://a"), Ref("thread", "https://b"), Ref("post", "https://a")))
        == " [post 1] [thread 2] [post 1]"
    )
    assert sheet.table(TableView(("主題", "n"), (("資料", "12"),)), 2) == "  主題   n\n  資料  12"
