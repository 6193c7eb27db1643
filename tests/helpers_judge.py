"""Posts, topics and texts for the tests of the judge stage."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from listener.config import Cues, Names, Topic
from listener.records import Post, TopicKind


def post(text: str, title: str = "", position: int = 0, **more: object) -> Post:
    """A post in a thread of a forum that exists nowhere."""
    values: dict[str, object] = {"author": "ada", "platform": "forum.example", "source": "forum"} | more
    return Post(
        url="https://forum.example/p/1",
        key="k" * 64,
        thread_url="https://forum.example/t/1",
        thread_title=title,
        position=position,
        text=text,
        fetched=datetime(2026, 3, 1, tzinfo=UTC),
        **values,  # type: ignore[arg-type]
    )


def topic(name: str, *cues: str, kind: TopicKind = "complaint", caps: bool | None = None) -> Topic:
    """A topic with cues; the language they stand under makes no difference."""
    return Topic(
        id=name,
        kind=kind,
        label=Names(en=name, **{"zh-Hant": name}),
        touchpoint="support",
        owner=Names(en="x", **{"zh-Hant": "x"}),
        caps=kind == "complaint" if caps is None else caps,
        cues=Cues(en=cues),
    )


# Texts as the world sends them: scripts mixed, emoji, marks piled on letters, half a surrogate pair, a log line.
PIECES = [
    "Acme", "Bolt", "艾克米", "不好", "很", "客服", "not", "but", "BUT", "great", "awful",
    "😀", "🙄", "\ud83d", "\udc00",
    "\n", "\n\n", " ", "\t", "！", "？", "?", "...", "。", ",", "，", "مرحبا",
    "שלום", "Z\u0351\u036b\u0343a", "ﬁ", "ß", "İ",
    "2026-03-01T00:00:00Z ERROR [x] a=b", "<b>", "```", "http://x.example/?q=1", "==", "QQ",
    "比", "than", "from", "to", "\x00",
]  # fmt: skip
texts = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
)
