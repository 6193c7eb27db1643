"""A store to take out of, with words in it that other programs trip over."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from listener.records import Alert, Entry, SourceHealth
from listener.store.columns import stamp
from listener.store.corrected import Correction
from listener.store.gathered import Visit
from listener.store.sqlite import SqliteStore
from tests.helpers_store import NOON, make_store, make_taken

HOSTILE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","click")',
    "+1-800-555",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "＝１＋１",
    "＠work",
    " \u200b=1+1",
    "\ttab first",
    "\rcarriage return first",
    "'=already quoted",
    "<script>alert(1)</script><style>*{display:none}</style>",
    "**bold** [link](javascript:alert(1)) `code`",
    "right\u202eot tfel\u202c and \u2066isolated",
    "nul\x00 bell\x07 escape\x1b[31m delete\x7f c1\x9b",
    "quotes \"double\" and 'single', commas, semicolons; and\ttabs",
    "line\nafter\r\nline\rafter\u2028line\u2029\x85end",
    "w" * 40_000,
    "客服完全不回應，還亂收手續費。",
    "1234567890123456",
    "\ufeffa byte order mark first",
    "",
    "NULL",
    "😀👩‍👩‍👧",
)


def hostile_store(folder: Path, texts: Sequence[str] = HOSTILE) -> SqliteStore:
    """Post n says `texts[n]` about wagtail, under a title that says it too; one a day from 14 March on. A last one is
    about copperline, has two topics, is booked, corrected, quoted and taken up. There is one alert, one visit.
    """
    store = make_store(folder)
    taken = [
        make_taken(store, n, text, author=f"a{n}", thread=n, title=text, at=NOON + timedelta(days=n), sentiment=-0.5)
        for n, text in enumerate(texts)
    ]
    last = make_taken(
        store, 9_999, "Copperline is down", brand="copperline", topics=["outage", "billing-error"], thread=9_999,
        author="last", leaving=True,
    )  # fmt: skip
    store.add([*taken, last], [], NOON)
    entry = Entry("copperline", last.voice, NOON.date(), -9.0, "x", "", last.post.key)
    store.replace_entries("copperline", last.voice, NOON.date(), [entry])
    said = Correction(last.post.key, "copperline", NOON, HOSTILE[0], "feeling", "neutral", "negative", note=HOSTILE[1])
    store.correct(last.post.key, "copperline", [said])
    alert = Alert(
        key="a" * 32, brand="copperline", stream="topic:outage", topic="outage", severity="high", state="open",
        opened=NOON, began=NOON, last_activity=NOON, score=5.0, voices=3, expected=0.25, window_h=1.0,
        sources=("forum", "=news"), reasons=("voices:3",), evidence=(last.post.key,),
    )  # fmt: skip
    store.save_alert(alert, "opened", NOON, detail=HOSTILE[1])
    store.finish_visits([Visit(SourceHealth("forum", NOON, "heard", posts=3), {}, NOON, 60)], "me")
    when = stamp(NOON)
    store.write(
        "INSERT INTO evidence (brand, post_key, sha256, text, url, platform, voice, at, seen, quoted) "
        "VALUES ('copperline', ?, ?, ?, ?, 'forum.example', ?, ?, ?, ?)",
        (last.post.key, "0" * 64, HOSTILE[0], last.post.url, last.voice, when, when, when),
    )
    store.write(
        "INSERT INTO triage (brand, what, thread, at, by, status, owner, note) "
        "SELECT 'copperline', 'thread', min(thread), ?, 'ann', 'in hand', 'mei', ? FROM threads",
        (when, HOSTILE[1]),
    )
    return store
