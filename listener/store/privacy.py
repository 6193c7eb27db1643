"""Forgetting: a person, a post, or what is past a brand's retention.

After `forget` the bytes are gone, not only the rows: the search index is merged into one piece, the file is written
anew without its gaps (VACUUM: needs its own size in free space; 98 MB took 1.2 s), the write-ahead log is cut (as soon
as no other process is in the middle of reading). secure_delete alone does not do it: it clears freed pages and cells,
but what b-tree pages leave behind when they are rebalanced stays (in 2 of 25 stores that we made for trying it).
Retention, every night, has secure_delete only.

Limits, for whoever promises it to somebody: a post by another person that names them comes back with the name if it
is edited and gathered again; what they write anew is a new post; backups and mails already delivered are out of reach.
"""

import re
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import quote

from listener.store.columns import from_json, spans, stamp, to_json
from listener.store.copies import Copies
from listener.store.evidence import Evidence
from listener.store.protocol import Removed
from listener.store.rolled import Rolled
from listener.store.search import Search
from listener.store.stories import Stories
from listener.store.strike import REMOVED, may_strike, moved, pattern, places, strike
from listener.store.taken import Account
from listener.store.voices import Voices
from listener.urls import canonical, post_key

NOBODY = "0" * 16  # the voice of posts that are past every brand's retention
EXPIRED_URL = ""  # their thread

# The columns, beside the posts' own, in which a page's address or title may have been written down.
NOTES = (
    ("sources", "detail"), ("source_hours", "detail"), ("alert_events", "detail"), ("corrections", "note"),
    ("mentions", "context"), ("triage", "note"),
)  # fmt: skip


class Privacy(Search, Voices, Copies, Evidence, Stories, Rolled):
    """The part of protocol.Store under "privacy"."""

    def forget_author(self, name: str, now: datetime) -> Removed:
        """Everything that a person wrote, on every platform in the store, and their name in what others wrote.

        The name is struck out of other people's texts, quotes, thread titles and addresses (where it stood in the
        address the link may no longer open). It is left there if it is too short or a brand's own word (see
        strike.may_strike); `Removed.name_left` says so.
        """
        with self.transaction():
            platforms = self.read("SELECT platform FROM voices UNION SELECT platform FROM evidence")
            voices = [self.voice(platform, name) for (platform,) in platforms]
            posts = self.read(
                "SELECT p.id FROM json_each(?) v CROSS JOIN posts p ON p.voice = v.value", (to_json(voices),)
            )
            quoted = self.evidence_by(voices)  # posts that left the store may still be quoted
            removed, keys, moved = self._remove([post for (post,) in posts], now)
            keys = sorted({*keys, *quoted})
            self.drop_evidence(keys)
            self._drop_quotes(voices)
            words = self.read("SELECT DISTINCT t.value FROM mentions m, json_each(m.terms) t")
            striking = may_strike(name, (word for (word,) in words))
            found = pattern(name) if striking else None
            keys += self.drop_evidence_naming(found) if found else []
            struck = self._strike(name) if striking else 0
            dropped = self.drop_digests(keys, found)
            removed = replace(
                removed,
                digests=dropped.days,
                periods=dropped.periods,
                messages=self.empty_messages(keys, found),
                mentions_of_name=struck,
                name_left=not striking,
                accounts=moved,
            )
            self.purge_index()
            self.roll_up()
            self._rewrite_soon()
        self.rewrite_if_due()
        return removed

    def forget_post(self, url: str, now: datetime) -> Removed:
        """One post. It is not gathered again, even if it was never gathered before.

        Its author's other posts of that day stay, so the caller books `Removed.accounts` anew.
        """
        with self.transaction():
            try:
                address, key = canonical(url), post_key(url)
            except ValueError:
                address, key = url, ""
            posts = self.read("SELECT id FROM posts WHERE key = ? OR url IN (?, ?)", (key, url, address))
            removed, keys, _ = self._remove([post for (post,) in posts], now)
            if key and key not in keys:
                self._never_again([(key, "", "")], now)
                keys = [*keys, key]
                self.drop_evidence([key])
            dropped = self.drop_digests(keys)
            removed = replace(
                removed, digests=dropped.days, periods=dropped.periods, messages=self.empty_messages(keys)
            )
            self.purge_index()
            self.roll_up()
            self._rewrite_soon()
        self.rewrite_if_due()
        return removed

    def expire(self, brand: str, before: datetime) -> Removed:
        """See protocol.Store. What was counted stays counted: sentiment, topics and entries stand, under voices that
        are new random ones for each voice and day, so that a day's voices still add up but nobody can be followed.

        A day that `before` cuts in two counts a voice on both sides twice: give a midnight of the brand's zone.
        Digests that quoted such a post keep subject and verdict only; mails lose their bodies.
        """
        with self.transaction():
            self._conn.execute("DELETE FROM evidence WHERE brand = ? AND at < ?", (brand, stamp(before)))
            rows = self.read(
                "SELECT mention, post, voice, day FROM mentions WHERE brand = ? AND at < ? AND expired = 0",
                (brand, stamp(before)),
            )
            if not rows:
                return Removed()
            strangers: dict[tuple[str, str], str] = {}
            for _, _, voice, day in rows:
                strangers.setdefault((voice, day), secrets.token_hex(8))
            new = [(strangers[voice, day], mention) for mention, _, voice, day in rows]
            self._conn.executemany(
                "UPDATE mentions SET expired = 1, spans = '[]', terms = '[]', context = '', voice = ? "
                "WHERE mention = ?",
                new,
            )
            self._conn.executemany("UPDATE entries SET voice = ? WHERE mention = ?", new)
            mentions = [(mention,) for mention, *_ in rows]
            self._conn.executemany("UPDATE judgements SET evidence = '[]' WHERE mention = ?", mentions)
            self._conn.executemany("UPDATE judgement_topics SET spans = '[]' WHERE mention = ?", mentions)
            self._conn.executemany(
                "UPDATE corrections SET note = '' WHERE post = ? AND brand = ?", [(post, brand) for _, post, *_ in rows]
            )
            self._conn.executemany(
                "UPDATE triage SET note = '' WHERE post = ? AND brand = ?", [(post, brand) for _, post, *_ in rows]
            )
            posts = to_json(sorted({post for _, post, *_ in rows}))
            keys = [
                key
                for (key,) in self.read(
                    "SELECT p.key FROM json_each(?) j CROSS JOIN posts p ON p.id = j.value", (posts,)
                )
            ]
            voices = self._empty_posts(posts)
            self.drop_evidence(keys)
            dropped = self.drop_digests(keys, keep_verdict=True)
            removed = Removed(
                posts=len(rows),
                digests=dropped.days,
                periods=dropped.periods,
                messages=self.empty_messages(keys),
                voices=voices,
            )
            self.purge_index()
            self.roll_up()
        self.rewrite_if_due()
        return removed

    def _empty_posts(self, posts: str) -> int:
        """Of these posts (JSON), those that no brand keeps lose words, address and person. How many voices ended."""
        found = self.read(
            "SELECT p.id, p.voice, p.thread FROM json_each(?) j CROSS JOIN posts p ON p.id = j.value "
            "WHERE NOT EXISTS (SELECT 1 FROM mentions m WHERE m.post = p.id AND m.expired = 0)",
            (posts,),
        )
        self._conn.execute("INSERT OR IGNORE INTO voices (voice, platform, first_seen) VALUES (?, '', '')", (NOBODY,))
        self._conn.execute(
            "INSERT OR IGNORE INTO threads (url, title, source, platform) VALUES (?, '', '', '')", (EXPIRED_URL,)
        )
        self._conn.executemany(
            "UPDATE posts SET text = '', quotes = '[]', url = '', native_id = NULL, parent_key = NULL, "
            "fingerprint = '', story = '', pull = NULL, voice = ?, "
            "thread = (SELECT thread FROM threads WHERE url = ?) WHERE id = ?",
            [(NOBODY, EXPIRED_URL, post) for post, _, _ in found],
        )
        self.unindex([post for post, _, _ in found])
        ended = self._sweep({voice for _, voice, _ in found}, {thread for _, _, thread in found})
        self.leave(ended)
        return len(ended)

    def _remove(self, posts: Sequence[int], now: datetime) -> tuple[Removed, list[str], tuple[Account, ...]]:
        """Delete posts with all that hangs on them; what that came to, their keys, and the accounts of other people
        that count differently without them (they had said the same).
        """
        which = to_json(list(posts))
        rows = self.read(
            "SELECT p.key, p.content_hash, p.source, p.voice, p.thread, p.position "
            "FROM json_each(?) j CROSS JOIN posts p ON p.id = j.value",
            (which,),
        )
        booked = self.read(
            "SELECT DISTINCT e.brand, e.voice, e.day, e.entry FROM json_each(?) j "
            "CROSS JOIN mentions m ON m.post = j.value CROSS JOIN entries e ON e.mention = m.mention",
            (which,),
        )
        keys = [key for key, *_ in rows]
        stories = self.stories_of(keys)
        self._never_again([(key, digest, source) for key, digest, source, *_ in rows], now)
        # A thread's title is its opener's words.
        openers = [(REMOVED, thread) for *_, thread, position in rows if position == 0]
        self._conn.executemany("UPDATE threads SET title = ? WHERE thread = ?", openers)
        self.unindex(posts)
        self._conn.executemany("DELETE FROM posts WHERE id = ?", [(post,) for post in posts])
        self.reindex(self.posts_of([thread for _, thread in openers]))
        self.drop_evidence(keys)
        voices = self._sweep({row[3] for row in rows}, {row[4] for row in rows})
        moved = tuple(sorted(self.settle(stories) | self.leave(voices)))
        accounts = {(brand, voice, date.fromisoformat(day)) for brand, voice, day, _ in booked}
        removed = Removed(
            posts=len(rows), entries=len(booked), voices=len(voices), accounts=tuple(sorted(accounts.union(moved)))
        )
        return removed, keys, moved

    def _never_again(self, rows: Iterable[tuple[str, str, str]], now: datetime) -> None:
        self._conn.executemany(
            "INSERT INTO seen (key, content_hash, source, seen, forgotten) VALUES (?, ?, ?, ?, 1) "
            "ON CONFLICT (key) DO UPDATE SET forgotten = 1",
            [(*row, stamp(now)) for row in rows],
        )

    def _sweep(self, voices: Iterable[str], threads: Iterable[int]) -> list[str]:
        """Delete those voices and threads that have no posts any more. Returns these voices."""
        self._conn.executemany(
            "DELETE FROM threads WHERE thread = ? AND url <> '' "
            "AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.thread = threads.thread)",
            [(thread,) for thread in threads],
        )
        end = "DELETE FROM voices WHERE voice = ? AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.voice = voices.voice)"
        return [voice for voice in sorted(voices) if self._conn.execute(end, (voice,)).rowcount]

    def _drop_quotes(self, voices: Sequence[str]) -> None:
        """What these voices said goes from the quotes in other posts."""
        rows = []
        for post, quotes in self.read("SELECT id, quotes FROM posts WHERE quotes <> '[]'"):
            kept = [one for one in from_json(quotes) if one[0] not in voices]
            if to_json(kept) != quotes:
                rows.append((to_json(kept), post))
        self._conn.executemany("UPDATE posts SET quotes = ? WHERE id = ?", rows)

    def _strike(self, name: str) -> int:
        """Strike the name out of everything that is left. Reads all texts (about 50 MB a second). How many posts."""
        in_text = pattern(name)
        in_url = re.compile(f"{in_text.pattern}|{re.escape(quote(name.strip()).lower())}")
        changed: list[int] = []
        for post, text, quotes, url in self._conn.execute("SELECT id, text, quotes, url FROM posts").fetchall():
            at = places(in_text, text)
            words = [[voice, strike(said, places(in_text, said))] for voice, said in from_json(quotes)]
            new = (strike(text, at), to_json(words), strike(url, places(in_url, url), "removed"))
            if new != (text, quotes, url):
                self._conn.execute("UPDATE posts SET text = ?, quotes = ?, url = ? WHERE id = ?", (*new, post))
                changed.append(post)
            if at:
                self._move_spans(post, at)
        threads = []
        for thread, title, url in self.read("SELECT thread, title, url FROM threads"):
            new_title, new_url = strike(title, places(in_text, title)), strike(url, places(in_url, url), "removed")
            if new_url != url and self.read("SELECT 1 FROM threads WHERE url = ?", (new_url,)):
                new_url += f"#{thread}"
            if (new_title, new_url) != (title, url):
                self._conn.execute(
                    "UPDATE threads SET title = ?, url = ? WHERE thread = ?", (new_title, new_url, thread)
                )
                threads.append(thread)
        self.reindex(sorted({*changed, *self.posts_of(threads)}))
        for table, column in NOTES:
            for (note,) in self.read(f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''"):
                struck = strike(note, places(in_url, note))
                if struck != note:
                    self._conn.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (struck, note))
        return len(changed)

    def _move_spans(self, post: int, at: Sequence[tuple[int, int]]) -> None:
        """The spans into a post's text follow its words."""

        def follow(column: str) -> str:
            return to_json(moved(spans(column), at))

        for mention, named, evidence in self.read(
            "SELECT m.mention, m.spans, j.evidence FROM mentions m JOIN judgements j USING (mention) WHERE m.post = ?",
            (post,),
        ):
            self._conn.execute("UPDATE mentions SET spans = ? WHERE mention = ?", (follow(named), mention))
            self._conn.execute("UPDATE judgements SET evidence = ? WHERE mention = ?", (follow(evidence), mention))
            for topic, told in self.read("SELECT topic, spans FROM judgement_topics WHERE mention = ?", (mention,)):
                self._conn.execute(
                    "UPDATE judgement_topics SET spans = ? WHERE mention = ? AND topic = ?",
                    (follow(told), mention, topic),
                )
        for brand, topics in self.read("SELECT brand, topics FROM machine_judgements WHERE post = ?", (post,)):
            told = [[topic, sure, moved(((a, b) for a, b in where), at)] for topic, sure, where in from_json(topics)]
            self._conn.execute(
                "UPDATE machine_judgements SET topics = ? WHERE post = ? AND brand = ?", (to_json(told), post, brand)
            )

    def _rewrite_soon(self) -> None:
        """Noted in the same transaction, so that it also happens if the process is killed before it came to it."""
        self.write("INSERT OR IGNORE INTO meta (name, value) VALUES ('rewrite', 'due')")

    def rewrite_if_due(self) -> None:
        """Write the file anew without its gaps if somebody was forgotten since; then cut the log.

        Inside a larger transaction nothing happens yet: `housekeep` does it.
        """
        if self._conn.in_transaction:
            return
        try:
            if self.read("SELECT 1 FROM meta WHERE name = 'rewrite'"):
                self._conn.execute("PRAGMA temp_store = FILE")  # the copy may be larger than memory
                self._conn.execute("VACUUM")
                self._conn.execute("PRAGMA temp_store = MEMORY")
                self._conn.execute("DELETE FROM meta WHERE name = 'rewrite'")
            self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise self.trouble(error) from error
