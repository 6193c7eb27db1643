"""An alert as a mail that a person reads on a phone, half awake: first screen first, every quote with its link.

Pure: the same alert and posts give the same bytes. Both languages come from one pair of templates and words.py.
Left for later: the chart of counts against the expected band.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from listener.config import Advice, Brand, Topic
from listener.records import Alert, Judged
from listener.watch import words
from listener.watch.life import Event, code, number
from listener.watch.words import WORDS, Language

SUBJECT_LIMIT = 60  # what a phone's list of mails shows
QUOTE_LIMIT = 240
_COLOURS = {"high": "#b3261e", "medium": "#b26a00", "low": "#5b6470"}
_ENVIRONMENT = Environment(
    loader=PackageLoader("listener.watch"),
    autoescape=select_autoescape(("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PORT = re.compile(r":\d{1,5}$")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？]")


@dataclass(frozen=True, slots=True)
class AlertMail:
    """Subject (one line, at most 60 characters), complete text part, complete HTML part."""

    subject: str
    text: str
    html: str


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
) -> AlertMail:
    """Write the mail for one turn of an alert's life.

    Args:
        posts: at least those of `alert.evidence` that are still in the store; the first three of them are quoted.
        card: the playbook's advice for the alert's topic, if it has one.
        topic: the alert's topic as configured; None for a general stream, or if it has left the config since.
        now: of writing; says how long ago it began.
        ack_command: what to type to take it up, for instance "listener ack 1a2b3c4d".
        redact: takes personal details out of what people wrote.
    """
    w, zone = WORDS[language], brand.zone
    name = _name(alert, topic, language)
    context: dict[str, Any] = {
        "w": w,
        "language": language,
        "event": event,
        "colour": "#2e7d32" if event == "closed" else _COLOURS[alert.severity],
        "heading": _heading(alert, event, name, brand, language),
        "facts": _facts(alert, topic, name, zone, language, now),
        "advice": _advice(alert, card, topic, zone, language),
        "acked": _acked(alert, zone, language),
        "command": w["ack_text"].format(command=ack_command),
        "report": _report(alert, zone, language),
        "posts": [_shown(post, zone, language, redact) for post in _evidence(alert, posts)],
        "doubts": _doubts(alert, _evidence(alert, posts), language),
        "seen": w["seen"].format(zone=brand.time_zone, key=alert.key[:8]),
    }
    text = _ENVIRONMENT.get_template("alert.txt.j2").render(context)
    html = _ENVIRONMENT.get_template("alert.html.j2").render(context)
    return AlertMail(_subject(alert, event, name, brand, language), text, html)


def reason_words(alert: Alert, language: Language, topic: Topic | None = None) -> tuple[str, ...]:
    """The codes in `alert.reasons` that explain the severity, as short phrases. The life's own codes are left out."""
    phrases = []
    for reason in alert.reasons:
        key, _, value = reason.partition(":")
        if f"reason_{key}" not in WORDS[language] or (key == "breadth" and value == "1"):
            continue
        if key in ("negative_share", "copies"):
            value = f"{100 * number(alert, key):.0f}"
        elif key == "topic" and topic is not None:
            value = topic.label.get(language)
        phrases.append(WORDS[language][f"reason_{key}"].format(n=value))
    return tuple(phrases)


def _name(alert: Alert, topic: Topic | None, language: Language) -> str:
    if topic is not None:
        return topic.label.get(language)
    return alert.topic or WORDS[language][f"stream_{alert.stream}"]


def _subject(alert: Alert, event: Event, name: str, brand: Brand, language: Language) -> str:
    """Brand first; a long brand or topic is cut so that the numbers stay."""
    count = alert.voices if event == "opened" else int(number(alert, "voices", alert.voices))
    values = {"voices": words.voices(count, language), "window": words.span(alert.window_h, language)}
    form = WORDS[language][f"subject_{event}"]
    title = _clip(_plain(brand.name.get(language)), 28)
    room = SUBJECT_LIMIT - len(form.format(brand=title, name="", **values))
    return form.format(brand=title, name=_clip(_plain(name), room), **values).replace("， ", "，")


def _heading(alert: Alert, event: Event, name: str, brand: Brand, language: Language) -> str:
    w = WORDS[language]
    level = "" if event == "closed" else f" · {w[alert.severity]}"
    return f"{w[f'title_{event}']} · {_plain(brand.name.get(language))} · {_plain(name)}{level}"


def _facts(
    alert: Alert, topic: Topic | None, name: str, zone: ZoneInfo, language: Language, now: datetime
) -> list[tuple[str, str]]:
    w = WORDS[language]
    window = words.span(alert.window_h, language)
    usual = f"{alert.expected:.1f}" if alert.expected >= 0.05 else "<0.1"
    what = w["what_text"].format(
        name=_plain(name),
        total=words.voices(int(number(alert, "voices", alert.voices)), language),
        voices=words.voices(alert.voices, language),
        window=window,
        expected=usual,
    )
    since = w["since_text"].format(
        began=words.moment(alert.began.astimezone(zone), language),
        opened=words.moment(alert.opened.astimezone(zone), language),
        ago=words.span(max(0.0, (now - alert.began).total_seconds() / 3600), language),
        delay=words.span((alert.opened - alert.began).total_seconds() / 3600, language),
    )
    unlikely = w["sure_text"].format(window=window, odds=words.odds(alert.score, language))
    sure = w["sure_floor"] if code(alert, "floor") == "1" and alert.score < 4 else unlikely
    pace = code(alert, "pace_h")
    gap = " " if language == "en" else ""
    where = w["where_text"].format(
        places=w["join"].join(_place(place) for place in alert.sources),
        threads=words.threads(int(number(alert, "threads", 1)), language),
    )
    return [
        (w["what"], what),
        (w["since"], since),
        (w["sure"], f"{sure}{gap}{w['judged_text']}"),
        (
            w["fast"],
            w["fast_text"].format(hours=words.span(float(pace), language)) if pace else w["fast_unknown"],
        ),
        (w["where"], where),
        (w["why"].format(severity=w[alert.severity]), w["join"].join(reason_words(alert, language, topic)) or "–"),
    ]


def _advice(
    alert: Alert, card: Advice | None, topic: Topic | None, zone: ZoneInfo, language: Language
) -> dict[str, Any]:
    w = WORDS[language]
    if card is None:
        return {"first": w["hour_none"], "lines": []}
    due = words.moment((alert.opened + timedelta(hours=card.deadline_h)).astimezone(zone), language)
    owner = topic.owner if topic else card.escalate
    lines = [(w["dont"] if n == 0 else "", text) for n, text in enumerate(card.dont.get(language))]
    lines.append((w["answer"], w[f"answer_{card.answer}"]))
    lines.append((w["who"], f"{owner.get(language)}{w['comma']}{w['by'].format(time=due)}"))
    if card.clock_h is not None:
        end = words.moment((alert.began + timedelta(hours=card.clock_h)).astimezone(zone), language)
        lines.append((w["clock_label"], w["clock"].format(hours=f"{card.clock_h:g}", time=end)))
    return {"first": card.first_hour.get(language), "lines": lines}


def _acked(alert: Alert, zone: ZoneInfo, language: Language) -> str:
    if alert.state != "acknowledged" or alert.acknowledged is None:
        return ""
    at = words.moment(alert.acknowledged.astimezone(zone), language)
    return WORDS[language]["acked"].format(who=_plain(alert.acknowledged_by), time=at)


def _report(alert: Alert, zone: ZoneInfo, language: Language) -> list[tuple[str, str]]:
    """How it went, for the all-clear."""
    w = WORDS[language]

    def at(when: datetime) -> str:
        return words.moment(when.astimezone(zone), language)

    taken = (
        f"{at(alert.acknowledged)}{w['comma']}{_plain(alert.acknowledged_by)}"
        if alert.acknowledged is not None
        else w["report_nobody"]
    )
    peak = w["report_peak_text"].format(
        peak=words.voices(int(number(alert, "peak", alert.voices)), language),
        total=words.voices(int(number(alert, "voices", alert.voices)), language),
    )
    told = w["report_told_text"].format(more=int(number(alert, "escalations")))
    rows = [(w["report_began"], at(alert.began)), (w["report_raised"], at(alert.opened)), (w["report_acked"], taken)]
    rows += [(w["report_peak"], peak.strip()), (w["report_told"], told)]
    rows.append((w["where"], w["join"].join(_place(place) for place in alert.sources)))
    if alert.closed is not None:
        rows.append((w["report_closed"], at(alert.closed)))
    return rows


def _evidence(alert: Alert, posts: Sequence[Judged]) -> list[Judged]:
    """The first three of the alert's posts that are still there."""
    at_hand = {post.post_key: post for post in posts}
    return [at_hand[key] for key in alert.evidence if key in at_hand][:3]


def _shown(post: Judged, zone: ZoneInfo, language: Language, redact: Callable[[str], str]) -> dict[str, str]:
    quote = _cut(_plain(redact(post.text)), QUOTE_LIMIT - 2)
    if post.language.startswith("zh"):
        quote = quote.translate({ord("「"): "『", ord("」"): "』"})  # a quotation within the quotation
    marks = WORDS["zh-Hant" if post.language.startswith("zh") else "en"]["quotes"]
    return {
        "quote": marks[0] + quote + marks[1],
        "when": words.moment(post.when.astimezone(zone), language),
        "place": _place(post.platform),
        "title": _cut(_plain(redact(post.thread_title)), 80),
        "url": _web(post.url),
        "thread_url": _web(post.thread_url) if post.thread_url != post.url else "",
    }


def _doubts(alert: Alert, shown: Sequence[Judged], language: Language) -> list[str]:
    """What else could explain the numbers; at least one line, since none of them proves a crisis."""
    w, doubts = WORDS[language], []
    copies, negative = number(alert, "copies"), number(alert, "negative_share", 1.0)
    links = sum("http" in post.text for post in shown) / len(shown) if shown else 0.0
    if copies >= 0.3:
        doubts.append(w["else_campaign"].format(share=f"{100 * copies:.0f}"))
    if number(alert, "threads", 2) == 1:
        doubts.append(w["else_thread"])
    if links >= 0.5:
        doubts.append(w["else_news"].format(share=f"{100 * links:.0f}"))
    if negative < 0.3:
        doubts.append(w["else_good"].format(share=f"{100 * negative:.0f}"))
    return doubts or [w["else_none"]]


def _web(url: str) -> str:
    """The address if a mail may link to it, "" for anything that is not plain http(s)."""
    return url if re.match(r"https?://[^\s\"'<>]+\Z", url) else ""


def _plain(text: str) -> str:
    """One line without control, direction-changing or invisible characters (zero-width joiners stay, for emoji)."""
    hidden, breaks = ("Cf", "Cs", "Co"), ("Cc", "Zl", "Zp")
    kept = (c for c in text if c == "\u200d" or unicodedata.category(c) not in hidden)
    return " ".join("".join(" " if unicodedata.category(c) in breaks else c for c in kept).split())


def _place(platform: str) -> str:
    """A platform's name without a port."""
    return _PORT.sub("", _plain(platform))


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
