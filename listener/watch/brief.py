"""The short text of an alert, for a chat: what, since when, how sure, where to look, how to take it up. Pure.

The one place that makes it; the mail has its own, longer words. No post is quoted: a chat room is often wider than
the circle of those who read the mail, and a quote could call a whole room with an "@all".
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from listener.config import Advice, Brand, Topic
from listener.notes import AlertPart, FirstHour, NamedBrand, Note, Seen, TakeUp, iso
from listener.records import Alert, Judged
from listener.watch import words
from listener.watch.life import Event, number
from listener.watch.rows import name_of, place, plain, reason_words, total_of
from listener.watch.words import WORDS, Language

POSTS = 3  # addresses of posts, as in the mail
FIRST_HOUR = 200  # characters of the playbook's card
# A chat makes a call to people of these, and Slack a link or a command.
_CALLS = str.maketrans({"@": "＠", "<": "‹", ">": "›"})
_WEB = re.compile(r"https?://[^\s\"'<>]+\Z")

_EN = {
    "opened": "{mark} {brand}: {name}",
    "escalated": "{mark} {brand}: growing, {name}",
    "closed": "✅ {brand}: all clear, {name}",
    "what": "{severity} · {total} since it began, {voices} in the last {window}; usual: {expected}",
    "since": "Since {began}, {ago} ago · {places}",
    "sure": "How sure: by chance less than once in {odds} such stretches",
    "look": "Look: {link}",
    "first": "First: {text}",
    "take": "Take it up: {command}",
    "taken": "Taken up by {who}",
    "calm": "It began {began}; {total} in all, {peak} at the peak",
    "join": ", ",
}
_ZH = {
    "opened": "{mark} {brand}：{name}",
    "escalated": "{mark} {brand}：擴大中，{name}",
    "closed": "✅ {brand}：解除，{name}",
    "what": "{severity} · 開始至今{total}，最近{window}{voices}；平常：{expected}",
    "since": "始於 {began}，{ago}前 · {places}",
    "sure": "多確定：純屬偶然的機會，每{odds}段同樣長的時間不到一次",
    "look": "看這裡：{link}",
    "first": "先做：{text}",
    "take": "接手：{command}",
    "taken": "{who} 已接手",
    "calm": "始於 {began}；總共{total}，高峰{peak}",
    "join": "、",
}
_WORDS: Mapping[Language, Mapping[str, str]] = {"en": _EN, "zh-Hant": _ZH}
_MARKS = {"high": "🔴", "medium": "🟠", "low": "⚪"}


def alert_note(
    alert: Alert,
    event: Event,
    posts: Sequence[Judged],
    card: Advice | None,
    topic: Topic | None,
    brand: Brand,
    language: Language,
    now: datetime,
    token: str,
) -> Note:
    """What a channel is told at one turn of an alert's life; its `text` has at most seven short lines.

    Args:
        posts: at least those of `alert.evidence` that are still in the store; the first one is linked.
        card: the playbook's advice for the alert's topic, if it has one.
        topic: the alert's topic as configured; None for a general stream, or if it has left the config since.
        now: of writing; says how long ago it began.
        token: what `listener ack` takes for it.
    """
    w, command = _WORDS[language], f"listener ack {token} --by NAME"
    at_hand = {post.post_key: post for post in posts}
    shown = tuple(
        Seen(_web(post.url), _web(post.thread_url), _place(post.platform), iso(post.when))
        for post in (at_hand[key] for key in alert.evidence if key in at_hand)
    )[:POSTS]
    link = next((one for post in shown for one in (post.url, post.thread_url) if one), "")
    name = _tame(name_of(alert, topic, language))
    title = w["closed" if event == "closed" else "escalated" if event == "escalated" else "opened"].format(
        mark=_MARKS[alert.severity], brand=_tame(brand.name.get(language)), name=name
    )
    advice = _first_hour(alert, card, topic, language)
    return Note(
        kind="alert",
        title=title,
        text="\n".join(_lines(alert, event, brand, language, now, link, advice, command)),
        link=link,
        language=language,
        made=iso(now),
        brand=NamedBrand(brand.id, brand.name.get(language)),
        alert=AlertPart(
            key=alert.key,
            event=event,
            state=alert.state,
            severity=alert.severity,
            stream=alert.stream,
            topic=alert.topic,
            topic_name=name,
            reasons=reason_words(alert, language, topic),
            voices=alert.voices,
            voices_total=total_of(alert),
            expected=alert.expected,
            window_h=alert.window_h,
            score=alert.score,
            threads=int(number(alert, "threads", 1)),
            began=iso(alert.began),
            opened=iso(alert.opened),
            closed=iso(alert.closed) if alert.closed else None,
            sources=tuple(_place(one) for one in alert.sources),
            posts=shown,
            advice=advice,
            acknowledge=TakeUp(token, command),
        ),
    )


def _lines(
    alert: Alert,
    event: Event,
    brand: Brand,
    language: Language,
    now: datetime,
    link: str,
    advice: FirstHour | None,
    command: str,
) -> list[str]:
    w, zone = _WORDS[language], brand.zone
    began = words.moment(alert.began.astimezone(zone), language)
    total = words.voices(total_of(alert), language)
    taken = w["taken"].format(who=_tame(alert.acknowledged_by)) if alert.acknowledged_by else ""
    if event == "closed":
        peak = words.voices(int(number(alert, "peak", alert.voices)), language)
        return [one for one in (w["calm"].format(began=began, total=total, peak=peak), taken) if one]
    lines = [
        w["what"].format(
            severity=WORDS[language][alert.severity],
            total=total,
            voices=words.voices(alert.voices, language),
            window=words.span(alert.window_h, language),
            expected=f"{alert.expected:.1f}" if alert.expected >= 0.05 else "<0.1",
        ),
        w["since"].format(
            began=began,
            ago=words.span(max(0.0, (now - alert.began).total_seconds() / 3600), language).strip(),
            places=w["join"].join(_place(one) for one in alert.sources[:3]) + (" …" if len(alert.sources) > 3 else ""),
        ),
    ]
    if alert.score >= 2:  # a topic that is raised at three voices may be no rarity at all; then nothing is claimed
        lines.append(w["sure"].format(odds=words.odds(alert.score, language)))
    if link:
        lines.append(w["look"].format(link=link))
    if advice is not None and advice.do:
        lines.append(w["first"].format(text=_cut(advice.do, FIRST_HOUR)))
    lines.append(taken or w["take"].format(command=command))
    return lines


def _first_hour(alert: Alert, card: Advice | None, topic: Topic | None, language: Language) -> FirstHour | None:
    if card is None:
        return None
    return FirstHour(
        do=" ".join(card.first_hour.get(language).split()),
        dont=card.dont.get(language),
        answer=card.answer,
        owner=(topic.owner if topic else card.escalate).get(language),
        due=iso(alert.opened + timedelta(hours=card.deadline_h)),
    )


def _tame(text: str) -> str:
    """One line that calls nobody: "@" and angle brackets as their look-alikes."""
    return plain(text).translate(_CALLS)


def _place(platform: str) -> str:
    return _tame(place(platform))


def _web(url: str) -> str:
    """The address if it is plain http(s), else ""."""
    return url if _WEB.match(url) else ""


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space >= limit // 2 else head).rstrip(" ,;:，；：、。") + "…"
