"""An alert as a mail that a person reads on a phone, half awake: first screen first, every quote with its link.

Pure: the same alert, posts and story give the same bytes. Both languages come from one pair of templates and words.py;
rows.py says the facts, chart.py draws the picture.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from listener.config import Advice, Brand, Topic
from listener.records import Alert, Attachment, Judged
from listener.watch import rows, words
from listener.watch.chart import alert_chart, band
from listener.watch.life import Event
from listener.watch.story import NO_STORY, Story
from listener.watch.words import WORDS, Language

SUBJECT_LIMIT = 60  # what a phone's list of mails shows
QUOTE_LIMIT = 240
SHOWN = 3  # posts that are quoted
_COLOURS = {"high": "#b3261e", "medium": "#b26a00", "low": "#5b6470"}
_ENVIRONMENT = Environment(
    loader=PackageLoader("listener.watch"),
    autoescape=select_autoescape(("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？]")


@dataclass(frozen=True, slots=True)
class AlertMail:
    """Subject (one line, at most 60 characters), complete text part, complete HTML part with its picture."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


def alert_mail(
    alert: Alert,
    event: Event,
    posts: Sequence[Judged],
    card: Advice | None,
    topic: Topic | None,
    brand: Brand,
    language: Language,
    now: datetime,
    ack_command: str,
    redact: Callable[[str], str],
    story: Story = NO_STORY,
    ack_links: Sequence[str] = (),
) -> AlertMail:
    """Write the mail for one turn of an alert's life.

    Args:
        posts: at least those of `alert.evidence` that are still in the store; the first three of them are quoted.
        card: the playbook's advice for the alert's topic, if it has one.
        topic: the alert's topic as configured; None for a general stream, or if it has left the config since.
        now: of writing; says how long ago it began.
        ack_command: what to type to take it up, for instance "listener ack 1a2b3c4d".
        redact: takes personal details out of what people wrote.
        story: what the chart and the after-report are made from.
        ack_links: http(s) and mailto addresses that take it up as well, if any are configured.
    """
    w, zone = WORDS[language], brand.zone
    name = rows.name_of(alert, topic, language)
    over = event in ("closed", "ended")
    evidence = _evidence(alert, posts)
    chart = _chart(alert, story, zone)
    context: dict[str, Any] = {
        "w": w,
        "language": language,
        "over": over,
        "colour": "#2e7d32" if over else _COLOURS[alert.severity],
        "heading": _heading(alert, event, name, brand, language),
        "verdict": w["calm" if event == "closed" else "unwatched"],
        "facts": (rows.again(alert, language) if event == "escalated" else [])
        + rows.facts(alert, topic, name, zone, language, now, evidence),
        "advice": rows.advice(alert, card, topic, zone, language),
        "acked": rows.acked(alert, zone, language),
        "command": w["ack_text"].format(command=ack_command),
        "links": [(link, w["ack_mail" if link.startswith("mailto:") else "ack_link"]) for link in ack_links],
        "report": rows.report(alert, story, zone, language, redact),
        "posts": _without_repeats([_shown(post, zone, language, redact) for post in evidence[:SHOWN]]),
        "chart": _picture(alert, story, zone, language) if chart else "",
        "legend": _legend(alert, story, language),
        "seen": w["seen"].format(zone=brand.time_zone, key=alert.key[:8]),
    }
    text = _ENVIRONMENT.get_template("alert.txt.j2").render(context)
    html = _ENVIRONMENT.get_template("alert.html.j2").render(context)
    return AlertMail(_subject(alert, event, name, brand, language), text, html, chart)


def _chart(alert: Alert, story: Story, zone: ZoneInfo) -> tuple[Attachment, ...]:
    if story.since is None or not story.counts.hours:
        return ()
    content = alert_chart(story, alert.expected / alert.window_h, alert.opened, zone)
    return (Attachment("voices", "voices.png", "image/png", content),)


def _picture(alert: Alert, story: Story, zone: ZoneInfo, language: Language) -> str:
    """What the chart shows, in one sentence: its alternative text."""
    when, most = story.counts.peak(alert.began) or (alert.began, 0)
    return WORDS[language]["chart"].format(
        most=words.voices(most, language).strip(), time=words.moment(when.astimezone(zone), language)
    )


def _legend(alert: Alert, story: Story, language: Language) -> str:
    w, usual = WORDS[language], band(alert.expected / alert.window_h)
    parts = [w["chart_band"].format(band=words.voices(usual, language).strip()) if usual else w["chart_none"]]
    parts += [w["chart_raised"], w["chart_deaf"] if story.deaf else ""]
    return ("" if language == "zh-Hant" else " ").join(filter(None, parts))


def _subject(alert: Alert, event: Event, name: str, brand: Brand, language: Language) -> str:
    """Brand first; a long brand or topic is cut so that the numbers stay."""
    count = alert.voices if event == "opened" else rows.total_of(alert)
    values = {"voices": words.voices(count, language), "window": words.span(alert.window_h, language)}
    form = WORDS[language][f"subject_{event}"]
    title = _clip(rows.plain(brand.name.get(language)), 28)
    room = SUBJECT_LIMIT - len(form.format(brand=title, name="", **values))
    return form.format(brand=title, name=_clip(rows.plain(name), room), **values).replace("， ", "，")


def _heading(alert: Alert, event: Event, name: str, brand: Brand, language: Language) -> str:
    w = WORDS[language]
    level = "" if event in ("closed", "ended") else f" · {w[alert.severity]}"
    return f"{w[f'title_{event}']} · {rows.plain(brand.name.get(language))} · {rows.plain(name)}{level}"


def _evidence(alert: Alert, posts: Sequence[Judged]) -> list[Judged]:
    """Those of the alert's posts that are still there, most telling first."""
    at_hand = {post.post_key: post for post in posts}
    return [at_hand[key] for key in alert.evidence if key in at_hand]


def _shown(post: Judged, zone: ZoneInfo, language: Language, redact: Callable[[str], str]) -> dict[str, str]:
    quote = _cut(rows.plain(redact(post.text)), QUOTE_LIMIT - 2)
    if post.language.startswith("zh"):
        quote = quote.translate({ord("「"): "『", ord("」"): "』"})  # a quotation within the quotation
    marks = WORDS["zh-Hant" if post.language.startswith("zh") else "en"]["quotes"]
    return {
        "quote": marks[0] + quote + marks[1],
        "when": words.moment(post.when.astimezone(zone), language),
        "place": rows.place(post.platform),
        "title": _cut(rows.plain(redact(post.thread_title)), 80),
        "url": _web(post.url),
        "thread_url": _web(post.thread_url) if post.thread_url != post.url else "",
    }


def _without_repeats(posts: list[dict[str, str]]) -> list[dict[str, str]]:
    """A thread's title once: three posts of one thread would say it three times, on a phone a third of the screen."""
    threads = [("", ""), *((post["place"], post["title"]) for post in posts)]
    return [post | {"title": ""} if threads[n] == threads[n + 1] else post for n, post in enumerate(posts)]


def _web(url: str) -> str:
    """The address if a mail may link to it, "" for anything that is not plain http(s)."""
    return url if re.match(r"https?://[^\s\"'<>]+\Z", url) else ""


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + "…"


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a sentence in the second half, else after a word, else anywhere."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(head) if match.end() >= limit // 2]
    if ends:
        sentence = head[: ends[-1]]
        return f"{sentence}…" if sentence[-1] in "。！？" else f"{sentence} …"
    space = head.rfind(" ")
    return (head[:space] if space >= limit // 2 else head).rstrip(" ,;:，；：、") + "…"
