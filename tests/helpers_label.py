"""An engine that says the same for ever, for tests of what people say over it and not of the engine itself."""

from collections.abc import Sequence

import pytest

from listener.judge.judge import Judge
from listener.records import Judgement, Label, Mention, ParentSide, Post, TopicTag

SAYS: tuple[tuple[str, Label, float, float], ...] = (
    ("terrible", "negative", -0.7, 0.9),
    ("love", "positive", 0.7, 0.85),
    ("", "neutral", 0.0, 0.4),
)


def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terrible is negative, love positive, all else neutral; "cancelled" is leaving, told by that word."""
    monkeypatch.setattr(Judge, "judge_post", _judge_post)


def _judge_post(
    self: Judge, post: Post, mentions: Sequence[Mention], language: str, parent: ParentSide | None = None
) -> tuple[Judgement, ...]:
    _, label, sentiment, sure = next(one for one in SAYS if one[0] in post.text)
    at = post.text.find("cancelled")
    tags = (TopicTag("leaving", 0.8, ((at, at + 9),)),) if at >= 0 else ()
    return tuple(
        Judgement(post.key, one.brand, sentiment, label, sure, tags, bool(tags), False, (), language, "steady 1")
        for one in mentions
    )
