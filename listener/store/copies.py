"""Where words that were taken away stand a second time: alerts' evidence, digests, mails."""

import codecs
import html
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from typing import Any

from listener.store.columns import from_json, strings, to_json
from listener.store.connection import Connection
from listener.store.strike import places, strike


@dataclass(frozen=True, slots=True)
class Dropped:
    """Digests that were taken away: (brand, day) of those of a day, (brand, period, last day) of those of longer."""

    days: tuple[tuple[str, date], ...]
    periods: tuple[tuple[str, str, date], ...]


class Copies(Connection):
    """Taking posts, and a name, out of what was made from them. `name` is a strike.pattern; None looks for no name."""

    def drop_evidence(self, keys: Sequence[str]) -> None:
        """Alerts no longer point to these posts, and their words as digests quoted them are not kept."""
        gone = set(keys)
        with self.transaction():
            self._conn.executemany("DELETE FROM evidence WHERE post_key = ?", [(key,) for key in keys])
            for alert, evidence in self.read("SELECT alert, evidence FROM alerts"):
                kept = [key for key in strings(evidence) if key not in gone]
                if len(kept) != len(strings(evidence)):
                    self._conn.execute("UPDATE alerts SET evidence = ? WHERE alert = ?", (to_json(kept), alert))

    def drop_evidence_naming(self, name: re.Pattern[str]) -> list[str]:
        """What digests quoted of other people and holds the name is not kept any more; the keys of these posts.

        Struck out it would not give its hash, so it would prove nothing.
        """
        rows = self.read("SELECT evidence, post_key, text, url FROM evidence")
        found = [(number, key) for number, key, *texts in rows if _holds(name, texts)]
        self._conn.executemany("DELETE FROM evidence WHERE evidence = ?", [(number,) for number, _ in found])
        return sorted({key for _, key in found})

    def drop_digests(
        self, keys: Sequence[str], name: re.Pattern[str] | None = None, *, keep_verdict: bool = False
    ) -> Dropped:
        """Delete the digests that quote one of these posts or hold the name; which these were, each once.

        With `keep_verdict` the row stays, with subject and verdict but no words of people: retention has no reason to
        make a digest of two years ago anew, but its line in the history is ours.
        """
        found = set()
        with self.transaction():
            for digest, brand, period, day, evidence, *texts in self.read(
                "SELECT digest, brand, period, day, evidence, subject, verdict, html, text, facts FROM digests"
            ):
                if not _quotes(evidence, keys) and not (name and _holds(name, map(_plain, texts))):
                    continue
                found.add((brand, period, date.fromisoformat(day)))
                if keep_verdict:
                    self._conn.execute(
                        "UPDATE digests SET html = '', text = '', facts = '{}', evidence = '[]' WHERE digest = ?",
                        (digest,),
                    )
                else:
                    self._conn.execute("DELETE FROM digests WHERE digest = ?", (digest,))
        return Dropped(
            tuple(sorted((brand, day) for brand, period, day in found if period == "day")),
            tuple(sorted(one for one in found if one[1] != "day")),
        )

    def empty_messages(self, keys: Sequence[str], name: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """The Message-IDs of mails that quoted one of these posts or held the name.

        A mail that still waited is deleted (its key is free: what caused it may be queued anew, without the post);
        of one that was sent, given up or is being sent the row stays, without its body.
        """
        found = []
        with self.transaction():
            for message, message_id, state, subject, error, body, evidence in self.read(
                "SELECT message, message_id, state, subject, error, body, evidence FROM outbox"
            ):
                if not _quotes(evidence, keys) and not (name and _holds(name, [subject, error, *_mail_texts(body)])):
                    continue
                found.append(message_id)
                if state == "queued":
                    self._conn.execute("DELETE FROM outbox WHERE message = ?", (message,))
                else:
                    struck = [strike(text, places(name, text)) if name else text for text in (subject, error)]
                    self._conn.execute(
                        "UPDATE outbox SET body = x'', evidence = '[]', subject = ?, error = ? WHERE message = ?",
                        (*struck, message),
                    )
        return tuple(found)


def _quotes(evidence: str, keys: Sequence[str]) -> bool:
    return not set(keys).isdisjoint(strings(evidence))


def _holds(name: re.Pattern[str], texts: Iterator[str] | Sequence[str]) -> bool:
    return any(places(name, text) for text in texts)


def _plain(text: str) -> str:
    """HTML entities and JSON escapes undone, so that a name is found however it was written."""
    if text.startswith(("{", "[")):
        with suppress(ValueError):
            text = "\n".join(_leaves(from_json(text)))
    return html.unescape(text)


def _leaves(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value


def _mail_texts(body: bytes) -> Iterator[str]:
    """Headers and text parts of an RFC 5322 message, decoded."""
    for part in message_from_bytes(body, policy=policy.default).walk():
        yield from (str(value) for value in part.values())
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield _plain(content.decode(_charset(part.get_content_charset()), "replace"))


def _charset(name: str | None) -> str:
    try:
        return codecs.lookup(name or "utf-8").name
    except LookupError:
        return "utf-8"
