"""What people said of our judgements, and making it count.

`corrections` is the history: one row a statement, never changed. What stands in `judgements`, `judgement_topics` and
`mentions.muted` is the truth as far as we know it, the engine's or a person's, so that views, Love Bank, watch and
digest need not ask which; what the engine says of a corrected mention is kept in `machine_judgements`, to measure the
engine by. Both are made anew whenever the engine judges again (`correct_again`), so a correction outlives it.

A correction is about words: it holds while the post's fingerprint (case, punctuation and links at the end do not
matter) is the one that was corrected. It goes with its post when that is forgotten; while a post is deleted at its
source its corrections count nowhere, as the post itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from listener.errors import StoreError
from listener.records import Judged, Label, TopicTag
from listener.store.columns import from_json, moment, spans, stamp, to_json
from listener.store.corrected import CONTEXT, NOT_BRAND, UNMATCHED, Correction, Labelled
from listener.store.judged import BY_KEY, BY_TIME, JudgedPosts
from listener.urls import canonical, post_key

STRENGTH = 0.6  # the sentiment that a corrected label stands for where the engine's own says something else; neutral 0
HEX = set("0123456789abcdef")

# The newest statement on each thing (feeling, each topic, brand) that holds for the words as they are now.
HOLDING = """
SELECT c.post, c.brand, c.field, c.old, c.new, c.chosen, c.by, c.correction FROM corrections c
JOIN posts p ON p.id = c.post AND p.fingerprint = c.fingerprint AND p.deleted IS NULL
WHERE c.correction IN (
  SELECT max(correction) FROM corrections
  WHERE {which} GROUP BY post, brand, field, iif(field = 'topic', iif(new = '', old, new), '')
)
"""
KEEP_MACHINE = """
INSERT OR REPLACE INTO machine_judgements (post, brand, sentiment, label, confidence, topics, leaving, muted)
SELECT m.post, m.brand, j.sentiment, j.label, j.confidence,
  (SELECT json_group_array(json_array(topic, confidence, json(spans))) FROM (
    SELECT * FROM judgement_topics WHERE mention = m.mention ORDER BY rank)),
  j.leaving, m.muted
FROM mentions m JOIN judgements j USING (mention) WHERE m.post = ? AND m.brand = ? AND m.expired = 0
"""
MACHINE = """
SELECT g.sentiment, g.label, g.confidence, g.topics, g.leaving, g.muted, m.mention
FROM machine_judgements g CROSS JOIN mentions m ON m.post = g.post AND m.brand = g.brand AND m.expired = 0
WHERE g.post = ? AND g.brand = ?
"""
LABELLED = """
SELECT p.id, p.key, g.brand, p.url, t.url, t.title, p.text, p.language, m.place, m.spans,
  g.label, g.confidence, g.topics
FROM machine_judgements g JOIN posts p ON p.id = g.post AND p.deleted IS NULL
JOIN mentions m ON m.post = g.post AND m.brand = g.brand AND m.expired = 0
JOIN threads t ON t.thread = p.thread
WHERE :brand IS NULL OR g.brand = :brand ORDER BY g.brand, p.key
"""
CORRECTION = """
INSERT INTO corrections (post, brand, fingerprint, at, by, field, old, new, note, chosen)
SELECT id, :brand, fingerprint, :at, :by, :field, :old, :new, :note, :chosen FROM posts WHERE key = :key
"""


@dataclass(frozen=True, slots=True)
class _Held:
    """What holds of one mention: the feeling (None: nobody said), topic → is it there, is it the brand at all."""

    feeling: Label | None
    topics: dict[str, bool]
    brand: bool
    chosen: str


class Labels(JudgedPosts):
    """The part of protocol.Store under "people correct it"."""

    def correct(self, post_key: str, brand: str, said: Sequence[Correction]) -> tuple[str, str, date]:
        """See protocol.Store.

        Raises:
            StoreError: the post does not mention the brand, is past its retention or deleted.
        """
        with self.transaction():
            found = self.read_one(
                "SELECT p.id, m.voice, m.day FROM posts p JOIN mentions m ON m.post = p.id AND m.expired = 0 "
                "WHERE p.key = ? AND m.brand = ? AND p.deleted IS NULL",
                (post_key, brand),
            )
            if found is None:
                raise StoreError(f"post {post_key[:12]} does not stand as a mention of {brand} (any more)")
            post, voice, day = found
            self._conn.executemany(
                CORRECTION,
                [
                    {
                        "key": post_key, "brand": brand, "at": stamp(one.at), "by": one.by, "field": one.field,
                        "old": one.old, "new": one.new, "note": one.note, "chosen": one.chosen,
                    }
                    for one in said
                ],
            )  # fmt: skip
            if not self.read("SELECT 1 FROM machine_judgements WHERE post = ? AND brand = ?", (post, brand)):
                self._conn.execute(KEEP_MACHINE, (post, brand))
            held = self._held([post])
            self._apply({(post, brand): held[post, brand]} if (post, brand) in held else {})
            return brand, voice, date.fromisoformat(day)

    def correct_again(self, mentions: Sequence[tuple[int, str]]) -> None:
        """What stands of these mentions (post, brand) is what the engine said just now: keep it, and correct it."""
        with self.transaction():
            judged = set(mentions)
            held = self._held(sorted({post for post, _ in judged}))
            corrected = {mention: said for mention, said in held.items() if mention in judged}
            self._conn.executemany("DELETE FROM machine_judgements WHERE post = ? AND brand = ?", sorted(judged))
            self._conn.executemany(KEEP_MACHINE, list(corrected))
            self._apply(corrected)

    def mute_corrected(self, brand: str, marks: Mapping[int, str]) -> None:
        """What the config says now of these mentions, where somebody corrected them: kept, and corrected again."""
        rows = self.read(
            "SELECT m.mention, m.post FROM json_each(?) j CROSS JOIN mentions m ON m.mention = j.value "
            "CROSS JOIN machine_judgements g ON g.post = m.post AND g.brand = m.brand",
            (to_json(sorted(marks)),),
        )
        self._conn.executemany(
            "UPDATE machine_judgements SET muted = ? WHERE post = ? AND brand = ?",
            [(marks[mention], post, brand) for mention, post in rows],
        )
        held = self._held([post for _, post in rows]) if rows else {}
        self._apply({mention: said for mention, said in held.items() if mention[1] == brand})

    def corrections(self, brand: str | None = None, post_key: str | None = None) -> list[Correction]:
        """See protocol.Store."""
        rows = self.read(
            "SELECT p.key, c.brand, c.at, c.by, c.field, c.old, c.new, c.note, c.chosen FROM corrections c "
            "JOIN posts p ON p.id = c.post WHERE (:brand IS NULL OR c.brand = :brand) "
            "AND (:key IS NULL OR p.key = :key) ORDER BY c.correction",
            {"brand": brand, "key": post_key},
        )
        return [Correction(key, of, moment(at), *rest) for key, of, at, *rest in rows]

    def labelled(self, brand: str | None = None) -> list[Labelled]:
        """See protocol.Store."""
        held = self._held(None)
        found = []
        for post, key, of, url, thread, title, text, language, place, named, label, sure, topics in self.read(
            LABELLED, {"brand": brand}
        ):
            if (one := held.get((post, of))) is None:
                continue
            found.append(
                Labelled(
                    post_key=key, brand=of, url=url, thread_url=thread, thread_title=title, text=text,
                    language=language, where=place, spans=spans(named), label=label, confidence=sure,
                    topics=tuple(tag.topic for tag in _tags(topics)), feeling=one.feeling,
                    said_topics=tuple(sorted(one.topics.items())), is_brand=one.brand, chosen=one.chosen,
                )
            )  # fmt: skip
        return found

    def labels_mark(self) -> tuple[int, int]:
        """See protocol.Store."""
        newest, number = self.read("SELECT coalesce(max(correction), 0), count(*) FROM corrections")[0]
        return newest, number

    def mentions_of(self, post: str) -> list[Judged]:
        """See protocol.Store."""
        keys = [post]
        if set(post) <= HEX and 8 <= len(post) < 64:
            keys = [key for (key,) in self.read("SELECT key FROM posts WHERE key >= ? AND key < ?", (post, post + "g"))]
        elif "://" in post:
            keys = self._keys_at(post)
        return self.judged_rows(
            f"{BY_KEY} WHERE p.deleted IS NULL AND m.expired = 0 ORDER BY p.key, m.brand",
            {"keys": to_json(keys)},
        )

    def _keys_at(self, url: str) -> list[str]:
        """The post at an address. Keys are made of it as a rule; where a native id made one, all posts are read."""
        try:
            key, address = post_key(url), canonical(url)
        except ValueError:
            key, address = "", url
        if self.read("SELECT 1 FROM posts WHERE key = ?", (key,)):
            return [key]
        return [key for (key,) in self.read("SELECT key FROM posts WHERE url IN (?, ?)", (url, address))]

    def unlabelled(self, brand: str, limit: int, *, at_random: bool = False) -> list[Judged]:
        """See protocol.Store."""
        order = "random()" if at_random else "j.confidence, m.at DESC, p.key"
        return self.judged_rows(
            f"{BY_TIME} WHERE m.brand = :brand AND p.deleted IS NULL AND m.expired = 0 AND m.by_brand = 0 "
            f"AND m.muted IN ('', '{CONTEXT}') AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.post = m.post "
            f"AND c.brand = m.brand AND c.fingerprint = p.fingerprint) ORDER BY {order} LIMIT :limit",
            {"brand": brand, "limit": limit},
        )

    def _held(self, posts: Sequence[int] | None) -> dict[tuple[int, str], _Held]:
        """(post, brand) → what people said that holds now; of all posts if None."""
        which = "1" if posts is None else "post IN (SELECT value FROM json_each(:posts))"
        held: dict[tuple[int, str], _Held] = {}
        for post, brand, field, old, new, chosen, _, _ in self.read(
            HOLDING.format(which=which) + " ORDER BY c.correction", {} if posts is None else {"posts": to_json(posts)}
        ):
            one = held.get((post, brand), _Held(None, {}, True, chosen))
            feeling, topics = one.feeling, one.topics
            is_brand = field != "brand" or new == "yes"  # who says what a post feels says that it is about the brand
            if field == "feeling":
                feeling = new
            elif field == "topic":
                topics = {**topics, new or old: bool(new)}
            held[post, brand] = _Held(feeling, topics, is_brand, chosen)
        return held

    def _apply(self, held: dict[tuple[int, str], _Held]) -> None:
        """Write what stands of corrected mentions: what the engine says, with what people said over it."""
        for (post, brand), said in held.items():
            row = self.read_one(MACHINE, (post, brand))
            if row is None:
                continue  # the words were found to speak of another brand; the history stays
            sentiment, label, confidence, topics, leaving, muted, mention = row
            if said.feeling is not None:
                sentiment = sentiment if label == said.feeling else sentiment_of(said.feeling)
                label, confidence = said.feeling, 1.0
            tags = with_topics(_tags(topics), said.topics)
            leaving = said.topics.get("leaving", bool(leaving))
            if not said.brand:
                muted = NOT_BRAND
            elif muted in (CONTEXT, UNMATCHED):
                muted = ""
            self._conn.execute(
                "UPDATE judgements SET sentiment = ?, label = ?, confidence = ?, leaving = ? WHERE mention = ?",
                (sentiment, label, confidence, int(leaving), mention),
            )
            self._conn.execute("UPDATE mentions SET muted = ? WHERE mention = ?", (muted, mention))
            self._conn.execute("DELETE FROM judgement_topics WHERE mention = ?", (mention,))
            self._conn.executemany(
                "INSERT INTO judgement_topics VALUES (?, ?, ?, ?, ?)",
                [(mention, tag.topic, tag.confidence, to_json(tag.spans), n) for n, tag in enumerate(tags)],
            )


def sentiment_of(label: Label) -> float:
    """The sentiment that a label stands for where the engine's own is on another side."""
    return {"negative": -STRENGTH, "neutral": 0.0, "positive": STRENGTH}[label]


def with_topics(tags: Sequence[TopicTag], said: dict[str, bool]) -> tuple[TopicTag, ...]:
    """The engine's tags without those that a person took away, and first those that a person gave, at confidence 1."""
    given = {tag.topic: tag for tag in tags}
    theirs = [
        TopicTag(topic, 1.0, given[topic].spans if topic in given else ()) for topic, there in said.items() if there
    ]
    return (*theirs, *(tag for tag in tags if tag.topic not in said))


def _tags(text: str) -> tuple[TopicTag, ...]:
    return tuple(
        TopicTag(topic, confidence, tuple((start, end) for start, end in marks))
        for topic, confidence, marks in from_json(text)
    )
