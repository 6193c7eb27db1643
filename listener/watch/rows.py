"""The lines of an alert's mail: facts, advice, the report at its end, and what else it could be. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from listener.config import Advice, Topic
from listener.records import Alert, Judged
from listener.watch import words
from listener.watch.life import code, number
from listener.watch.story import Story
from listener.watch.words import WORDS, Language

TOLD_LIMIT = 8  # moments of telling that the report names one by one
_PORT = re.compile(r":\d{1,5}$")


def total_of(alert: Alert) -> int:
    """Different voices since it began, as well as it is known."""
    return max(alert.total, int(number(alert, "voices", alert.voices)))


def name_of(alert: Alert, topic: Topic | None, language: Language) -> str:
    """What it is about, in a few words."""
    if topic is not None:
        return topic.label.get(language)
    return alert.topic or WORDS[language].get(f"stream_{alert.stream}", WORDS[language]["stream_all"])


def reason_words(alert: Alert, language: Language, topic: Topic | None = None) -> tuple[str, ...]:
    """The codes in `alert.reasons` that explain the severity, as short phrases. The life's own codes are left out."""
    phrases = []
    for reason in alert.reasons:
        key, _, value = reason.partition(":")
        if f"reason_{key}" not in WORDS[language] or (key == "breadth" and value == "1"):
            continue
        if key in ("negative_share", "copies"):
            value = f"{100 * number(alert, key):.0f}"
        elif key == "pace_h":
            value = f"{number(alert, key):g}"
        elif key == "topic" and topic is not None:
            value = topic.label.get(language)
        phrases.append(WORDS[language][f"reason_{key}"].format(n=value))
    return tuple(phrases)


def again(alert: Alert, language: Language) -> list[tuple[str, str]]:
    """Why the reader hears of it once more; nothing where that is not known."""
    w, why = WORDS[language], code(alert, "again")
    if f"again_{why}" not in w:
        return []
    told = w[f"again_{why}"].format(
        was=code(alert, "was_voices"),
        now=code(alert, "told_voices"),
        place=place(code(alert, "reached")),
        topic=code(alert, "topics").rpartition("+")[2].replace("-", " "),
    )
    return [(w["again"], told)]


def facts(
    alert: Alert,
    topic: Topic | None,
    name: str,
    zone: ZoneInfo,
    language: Language,
    now: datetime,
    evidence: Sequence[Judged],
) -> list[tuple[str, str]]:
    """What, since when, how sure, what else it could be, how fast, where, and why it is as severe as it is."""
    w = WORDS[language]
    window = words.span(alert.window_h, language)
    usual = f"{alert.expected:.1f}" if alert.expected >= 0.05 else "<0.1"
    what = w["what_short" if total_of(alert) == alert.voices else "what_text"].format(
        name=plain(name),
        total=words.voices(total_of(alert), language),
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
        places=w["join"].join(place(one) for one in alert.sources),
        threads=words.threads(int(number(alert, "threads", 1)), language),
    )
    return [
        (w["what"], what),
        (w["since"], since),
        (w["sure"], f"{sure}{gap}{w['judged_text']}"),
        (w["else"], gap.join(doubts(alert, evidence, language))),
        (
            w["fast"],
            w["fast_text"].format(hours=words.span(float(pace), language)) if pace else w["fast_unknown"],
        ),
        (w["where"], where),
        (w["why"].format(severity=w[alert.severity]), w["join"].join(reason_words(alert, language, topic)) or "–"),
    ]


def advice(
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


def acked(alert: Alert, zone: ZoneInfo, language: Language) -> str:
    if alert.state != "acknowledged" or alert.acknowledged is None:
        return ""
    at = words.moment(alert.acknowledged.astimezone(zone), language)
    return WORDS[language]["acked"].format(who=plain(alert.acknowledged_by), time=at)


def report(
    alert: Alert, story: Story, zone: ZoneInfo, language: Language, redact: Callable[[str], str]
) -> list[tuple[str, str]]:
    """How it went, for the all-clear."""
    w = WORDS[language]

    def at(when: datetime) -> str:
        return words.moment(when.astimezone(zone), language)

    taken = (
        f"{at(alert.acknowledged)}{w['comma']}{plain(alert.acknowledged_by)}"
        if alert.acknowledged is not None
        else w["report_nobody"]
    )
    fullest = story.counts.peak(alert.began)
    if fullest is not None:
        peak = w["report_peak_hour"].format(peak=words.voices(fullest[1], language), time=at(fullest[0]))
    else:
        peak = w["report_peak_text"].format(peak=words.voices(int(number(alert, "peak", alert.voices)), language))
    mails: dict[str, list[str]] = {}  # moment → who was told then
    for who, when in story.told:
        mails.setdefault(at(when), []).append(plain(who))
    told = [f"{when}{w['comma']}{w['join'].join(people)}" for when, people in list(mails.items())[:TOLD_LIMIT]]
    if len(mails) > TOLD_LIMIT:
        told.append(w["more"].format(n=len(mails) - TOLD_LIMIT))
    answers = [
        w["answered_in"].format(
            time=at(one.at), title=_clipped(plain(redact(one.thread_title))) or place(one.thread_url)
        )
        for one in story.answers
    ]
    rows = [
        (w["report_began"], at(alert.began)),
        (w["report_raised"], at(alert.opened)),
        (w["report_acked"], taken),
        (w["report_peak"], peak.strip()),
        (w["report_voices"], w["report_in_all"].format(total=words.voices(total_of(alert), language)).strip()),
        (w["report_told"], w["then"].join(told) or w["report_untold"]),
        (w["report_answered"], w["then"].join(answers) or w["report_unanswered"]),
        (w["where"], w["join"].join(place(one) for one in alert.sources)),
    ]
    if alert.closed is not None:
        rows.append((w["report_closed"], at(alert.closed)))
    return rows


def _clipped(text: str) -> str:
    return text if len(text) <= 48 else text[:47].rstrip() + "…"


def doubts(alert: Alert, evidence: Sequence[Judged], language: Language) -> list[str]:
    """What else could explain the numbers; at least one line, since none of them proves a crisis.

    From the marks of stories (copies, syndicated, campaign), links and topics of the posts, and the alert's own counts.
    """
    w, found = WORDS[language], []
    copies, negative = number(alert, "copies"), number(alert, "negative_share", 1.0)
    links = _share("http" in post.text for post in evidence)
    press = _share(any(tag.topic == "press-interest" for tag in post.topics) for post in evidence)
    kinds = {post.kind for post in evidence}
    if "campaign" in kinds:
        found.append(w["else_new_names"])
    elif copies >= 0.3 and "syndicated" not in kinds:
        found.append(w["else_campaign"].format(share=f"{100 * copies:.0f}"))
    if "syndicated" in kinds:
        found.append(w["else_syndicated"])
    if number(alert, "threads", 2) == 1:
        found.append(w["else_thread"])
    if links >= 0.5:
        found.append(w["else_news"].format(share=f"{100 * links:.0f}"))
    elif press >= 0.3:
        found.append(w["else_press"])
    if negative < 0.3:
        found.append(w["else_good"].format(share=f"{100 * negative:.0f}"))
    return found or [w["else_none"]]


def _share(marks: Iterable[bool]) -> float:
    known = list(marks)
    return sum(known) / len(known) if known else 0.0


def plain(text: str) -> str:
    """One line without control, direction-changing or invisible characters (zero-width joiners stay, for emoji)."""
    hidden, breaks = ("Cf", "Cs", "Co"), ("Cc", "Zl", "Zp")
    kept = (c for c in text if c == "\u200d" or unicodedata.category(c) not in hidden)
    return " ".join("".join(" " if unicodedata.category(c) in breaks else c for c in kept).split())


def place(platform: str) -> str:
    """A platform's name without a port."""
    return _PORT.sub("", plain(platform))
