"""What a channel is told: one record for a chat line and for the webhook's JSON, the same for every channel.

`Note.body()` is what lies in the outbox and, byte for byte, what a webhook receives; docs/webhook.md describes it, and
a change of meaning raises VERSION. Times are ISO 8601 UTC.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

VERSION = 1

NoteKind: TypeAlias = Literal["alert", "digest", "test"]


@dataclass(frozen=True, slots=True)
class NamedBrand:
    """The brand that it is about; `name` in the channel's language."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that shows it: where it stands and when it was written. Its words stay in the store."""

    url: str
    thread_url: str
    platform: str
    at: str


@dataclass(frozen=True, slots=True)
class FirstHour:
    """The playbook's card. `answer` is thread, private, hold or none; `due` the time by which it wants a decision."""

    do: str
    dont: tuple[str, ...]
    answer: str
    owner: str
    due: str


@dataclass(frozen=True, slots=True)
class TakeUp:
    """How it is acknowledged: `token` is what `listener ack` takes, `command` the whole line."""

    token: str
    command: str


@dataclass(frozen=True, slots=True)
class AlertPart:
    """The alert behind a note.

    Attributes:
        event: opened, escalated or closed. topic: its id, "" for a general stream; topic_name: in words.
        voices: different people in the last `window_h` hours, where `expected` are usual; voices_total: since `began`.
        score: −log10 of the probability that an ordinary stretch brings so many.
        reasons: why this severity, in words. sources: the sites. posts: those that show it best, at most three.
    """

    key: str
    event: str
    state: str
    severity: str
    stream: str
    topic: str
    topic_name: str
    reasons: tuple[str, ...]
    voices: int
    voices_total: int
    expected: float
    window_h: float
    score: float
    threads: int
    began: str
    opened: str
    closed: str | None
    sources: tuple[str, ...]
    posts: tuple[Seen, ...]
    advice: FirstHour | None
    acknowledge: TakeUp


@dataclass(frozen=True, slots=True)
class TopMatter:
    """A matter that the digest puts before its readers."""

    topic: str
    title: str
    severity: str
    voices: int
    url: str


@dataclass(frozen=True, slots=True)
class DigestPart:
    """The digest behind a note. `command` writes the whole of it as a page."""

    day: str
    verdict: str
    late: bool
    matters: tuple[TopMatter, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell a channel.

    Attributes:
        title: one line. text: what a chat shows under it, in plain lines. link: where to look first, "" if nowhere.
        made: when it was queued.
        alert, digest: one of them, by `kind`; a test has neither.
    """

    kind: NoteKind
    title: str
    text: str
    link: str
    language: str
    made: str
    brand: NamedBrand | None = None
    alert: AlertPart | None = None
    digest: DigestPart | None = None

    def body(self, note_id: str) -> bytes:
        """The JSON, UTF-8. It begins with a line of its own, so that nobody takes it for the headers of a mail."""
        document = {"version": VERSION, "id": note_id, **asdict(self)}
        return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def read_note(body: bytes) -> Mapping[str, Any]:
    """The JSON of a note again.

    Raises:
        ValueError: it is none.
    """
    document = json.loads(body)
    if not isinstance(document, dict) or not isinstance(document.get("title"), str):
        raise ValueError("this is no note")
    return document


def iso(at: datetime) -> str:
    """A time as notes write it: "2026-03-21T12:40:00Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
