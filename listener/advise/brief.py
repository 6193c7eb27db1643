"""A digest in a few lines, for a chat: the verdict, the first matters, and how to read the whole. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from listener.advise.model import Digest
from listener.advise.render import Rendered
from listener.notes import DigestPart, NamedBrand, Note, TopMatter, iso

MATTERS = 3  # a chat shows so much without a click
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "matter": "{n}. {title} ({voices} voices): {url}",
        "bare": "{n}. {title} ({voices} voices)",
        "more": "and {n} more",
        "whole": "The whole digest: {command}",
    },
    "zh-Hant": {
        "matter": "{n}. {title}（{voices} 人）：{url}",
        "bare": "{n}. {title}（{voices} 人）",
        "more": "另有 {n} 件",
        "whole": "完整摘要：{command}",
    },
}


def digest_note(digest: Digest, page: Rendered, language: Literal["en", "zh-Hant"], now: datetime) -> Note:
    """What a channel is told of a digest; `page` is the same digest put into words in that language."""
    w = _WORDS[language]
    matters = tuple(
        TopMatter(
            card.topic.id,
            card.topic.label.get(language),
            card.severity,
            card.voices,
            card.busiest.url or card.origin.url,
        )
        for card in digest.cards[:MATTERS]
    )
    command = f"listener digest --brand {digest.brand} --day {digest.day} --write digest.html"
    lines = [page.verdict]
    lines += [
        w["matter" if one.url else "bare"].format(n=n, title=one.title, voices=one.voices, url=one.url)
        for n, one in enumerate(matters, 1)
    ]
    if left := len(digest.cards) - len(matters) + len(digest.more_matters):
        lines.append(w["more"].format(n=left))
    lines.append(w["whole"].format(command=command))
    return Note(
        kind="digest",
        title=page.subject,
        text="\n".join(lines),
        link=next((one.url for one in matters if one.url), ""),
        language=language,
        made=iso(now),
        brand=NamedBrand(digest.brand, digest.name.get(language)),
        digest=DigestPart(digest.day.isoformat(), page.verdict, digest.late, matters, command),
    )
