"""Copies of one text: which posts share a story, and for whose voice their mentions count.

A story bears the key of its first post. `mentions.voice` is the voice that a mention counts for (posts.voice is whose
post it is): within a story, for each brand, that of the first post about it that the company itself did not write.
Every view, the watch, the digest and the Love Bank count that column, so they agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from listener.store.columns import moment, stamp, to_json
from listener.store.connection import Connection
from listener.store.taken import Account, Copy, Near

NEAR = """
SELECT j.value, b.post FROM json_each(?) j CROSS JOIN copy_bands b ON b.band = j.value
"""
TEXTS = """
SELECT p.id, p.key, p.text, p.at FROM json_each(?) j CROSS JOIN posts p ON p.id = j.value
WHERE p.at BETWEEN ? AND ? AND p.text <> ''
"""
MEMBERS = """
SELECT p.key, m.mention, m.brand, m.day, m.by_brand, m.voice, iif(v.same_as = '', p.voice, v.same_as)
FROM posts p INDEXED BY posts_story CROSS JOIN mentions m ON m.post = p.id AND m.expired = 0
CROSS JOIN voices v ON v.voice = p.voice WHERE p.story = ? AND p.story <> ''
ORDER BY p.at, p.key
"""
HEAD = """
SELECT m.brand, m.voice, m.by_brand, p.at || p.key FROM posts p CROSS JOIN mentions m ON m.post = p.id AND m.expired = 0
WHERE p.key = ?
"""
JOINED = """
SELECT p.at || p.key, m.mention, m.brand, m.day, m.by_brand, m.voice
FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value CROSS JOIN mentions m ON m.post = p.id
"""
COPIES = """
SELECT p.voice, p.platform, p.at, v.first_seen
FROM posts p INDEXED BY posts_story CROSS JOIN voices v ON v.voice = p.voice WHERE p.story = ? AND p.story <> ''
ORDER BY p.at, p.key LIMIT ?
"""
SAME = """
SELECT a.voice, a.first_seen, b.voice, b.first_seen FROM posts p CROSS JOIN voices a ON a.voice = p.voice
CROSS JOIN posts q ON q.key = :other CROSS JOIN voices b ON b.voice = q.voice
WHERE p.key = :key AND a.name_mark <> '' AND a.name_mark = b.name_mark AND a.platform <> b.platform
  AND a.same_as = '' AND b.same_as = ''
"""


class Stories(Connection):
    """The part of protocol.Store under "copies"."""

    def near(self, bands: Sequence[int], since: datetime, until: datetime) -> dict[int, list[Near]]:
        """See protocol.Store."""
        met = self.read(NEAR, (to_json(bands),))
        if not met:
            return {}
        wanted = to_json(sorted({post for _, post in met}))
        posts = {
            post: Near(key, text, moment(at))
            for post, key, text, at in self.read(TEXTS, (wanted, stamp(since), stamp(until)))
        }
        found: dict[int, list[Near]] = {}
        for band, post in met:
            if post in posts:
                found.setdefault(band, []).append(posts[post])
        return found

    def stories_of(self, keys: Sequence[str]) -> frozenset[str]:
        """See protocol.Store."""
        rows = self.read(
            "SELECT DISTINCT p.story FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value WHERE p.story <> ''",
            (to_json(list(keys)),),
        )
        return frozenset(story for (story,) in rows)

    def join(self, copies: Mapping[str, str], bands: Mapping[str, Sequence[int]]) -> set[Account]:
        """See protocol.Store."""
        with self.transaction():
            numbers = dict(
                self.read(
                    "SELECT p.key, p.id FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value",
                    (to_json(list(bands)),),
                )
            )
            rows = sorted((band, numbers[key]) for key, some in bands.items() if key in numbers for band in some)
            self._conn.executemany("INSERT OR IGNORE INTO copy_bands (band, post) VALUES (?, ?)", rows)
            accounts: set[Account] = set()
            joined: dict[str, list[str]] = {}
            for key, first in copies.items():
                joined.setdefault(first, []).append(key)
            for first, keys in joined.items():
                (story,) = self.read("SELECT story FROM posts WHERE key = ?", (first,))[0]
                if not story:
                    self._conn.execute("UPDATE posts SET story = key WHERE key = ?", (first,))
                self._conn.executemany("UPDATE posts SET story = ? WHERE key = ?", [(story or first, k) for k in keys])
                for key in keys:
                    accounts |= self._same_person(key, first)
                if not story or (quick := self._follow(story, keys)) is None:
                    accounts |= self.settle([story or first])
                else:
                    accounts |= quick
            return accounts

    def _follow(self, story: str, keys: Sequence[str]) -> set[Account] | None:
        """The quick way for what joins a standing story: count for its first post's voices. None where that is not all
        there is to it: they are older than it, or speak of a brand that it does not.
        """
        heads = {brand: (voice, by_brand, rank) for brand, voice, by_brand, rank in self.read(HEAD, (story,))}
        rows = self.read(JOINED, (to_json(list(keys)),))
        if any(brand not in heads or heads[brand][1] or rank < heads[brand][2] for rank, _, brand, *_ in rows):
            return None
        moves = [
            (mention, brand, day, voice, heads[brand][0])
            for _, mention, brand, day, by_brand, voice in rows
            if not by_brand and voice != heads[brand][0]
        ]
        return self._count_for(moves)

    def settle(self, stories: Iterable[str]) -> set[Account]:
        """See protocol.Store. Costs one look at every post of each story."""
        accounts: set[Account] = set()
        with self.transaction():
            for story in sorted(set(stories)):
                rows = self.read(MEMBERS, (story,))
                keys = list(dict.fromkeys(key for key, *_ in rows))
                alone = len(keys) < 2
                name = "" if alone else keys[0]
                if name != story:
                    self._conn.execute("UPDATE posts SET story = ? WHERE story = ? AND story <> ''", (name, story))
                    self._conn.execute("DELETE FROM stories WHERE story = ?", (story,))
                first: dict[str, str] = {}
                for _, _, brand, _, by_brand, _, own in rows:
                    if not by_brand:
                        first.setdefault(brand, own)
                accounts |= self._count_for(
                    [
                        (mention, brand, day, voice, wanted)
                        for _, mention, brand, day, by_brand, voice, own in rows
                        if voice != (wanted := own if by_brand else first[brand])
                    ]
                )
        return accounts

    def _count_for(self, moves: Sequence[tuple[int, str, str, str, str]]) -> set[Account]:
        """Mentions (number, brand, day, voice till now, voice from now on) count for other voices; both accounts."""
        self._conn.executemany(
            "UPDATE mentions SET voice = ? WHERE mention = ?", [(new, mention) for mention, *_, new in moves]
        )
        return {(brand, voice, date.fromisoformat(day)) for _, brand, day, *both in moves for voice in both}

    def _same_person(self, key: str, other: str) -> set[Account]:
        """One unusual name on two sites with one text is one person: from now on, and for what was said before."""
        for one, one_seen, two, two_seen in self.read(SAME, {"key": key, "other": other}):
            kept, gone = (one, two) if (one_seen, one) < (two_seen, two) else (two, one)
            self._conn.execute("UPDATE voices SET same_as = ? WHERE voice = ? OR same_as = ?", (kept, gone, gone))
            rows = self.read("SELECT mention, brand, day, voice FROM mentions WHERE voice = ? AND expired = 0", (gone,))
            return self._count_for([(*row, kept) for row in rows])
        return set()

    def leave(self, voices: Sequence[str]) -> set[Account]:
        """These voices are gone from the store: what counted for them counts for who wrote it, or else first did."""
        accounts: set[Account] = set()
        for voice in voices:
            self._conn.execute("UPDATE voices SET same_as = '' WHERE same_as = ?", (voice,))
            rows = self.read(
                "SELECT m.mention, m.brand, m.day, m.voice, p.voice, p.story FROM mentions m "
                "CROSS JOIN posts p ON p.id = m.post WHERE m.voice = ? AND m.expired = 0 AND p.voice <> m.voice",
                (voice,),
            )
            accounts |= self._count_for([row[:5] for row in rows])
            accounts |= self.settle({row[5] for row in rows} - {""})
            self._conn.execute(
                "UPDATE entries SET voice = (SELECT m.voice FROM mentions m WHERE m.mention = entries.mention) "
                "WHERE mention IN (SELECT j.value FROM json_each(?) j)",
                (to_json([row[0] for row in rows]),),
            )
        return accounts

    def copies(self, story: str, most: int) -> list[Copy]:
        """See protocol.Store."""
        return [
            Copy(voice, platform, moment(at), moment(seen))
            for voice, platform, at, seen in self.read(COPIES, (story, most))
            if seen
        ]

    def story_kind(self, story: str) -> str:
        """See protocol.Store."""
        found = self.read_one("SELECT kind FROM stories WHERE story = ?", (story,))
        return "" if found is None else str(found[0])

    def save_story(self, story: str, kind: str, reason: str) -> None:
        """See protocol.Store."""
        self.write(
            "INSERT INTO stories (story, kind, reason) VALUES (?, ?, ?) "
            "ON CONFLICT (story) DO UPDATE SET kind = excluded.kind, reason = excluded.reason",
            (story, kind, reason),
        )

    def listening_since(self) -> datetime | None:
        """See protocol.Store."""
        found = self.read_one("SELECT min(first_heard) FROM sources")
        return moment(found[0]) if found and found[0] else None

    def drop_bands(self, before: datetime) -> None:
        """Near copies of posts older than this are not looked for any more. Reads the whole window: for every night."""
        self.write(
            "DELETE FROM copy_bands WHERE post NOT IN (SELECT id FROM posts WHERE at >= ? AND text <> '')",
            (stamp(before),),
        )
