"""What earlier posts of a thread say of its brands, for the replies that answer them."""

from collections.abc import Iterable, Sequence

from listener.records import ParentSide, Side, TopicTag
from listener.store.columns import from_json, to_json
from listener.store.connection import Connection
from listener.store.judged import STANDING

SIDES = f"""
SELECT p.key, m.brand, j.label, j.sentiment,
  (SELECT json_group_array(json_array(rank, topic, confidence)) FROM judgement_topics WHERE mention = m.mention)
FROM json_each(?) k CROSS JOIN posts p ON p.key = k.value CROSS JOIN mentions m ON m.post = p.id
CROSS JOIN judgements j ON j.mention = m.mention WHERE {STANDING} ORDER BY m.mention
"""
# Two look-ups in posts_thread for each asked place: the opener, and the nearest post before it that is there.
BEFORE = """
SELECT t.url, p.position, p.key FROM json_each(?) a
CROSS JOIN threads t ON t.url = a.value ->> 0
CROSS JOIN posts p ON p.thread = t.thread AND p.deleted IS NULL AND (p.position = 0 OR p.position = (
  SELECT max(position) FROM posts WHERE thread = t.thread AND position > 0 AND position < a.value ->> 1
    AND deleted IS NULL))
"""


class Sides(Connection):
    """The part of protocol.Store that tells what a reply may answer."""

    def sides(self, keys: Sequence[str]) -> dict[str, ParentSide]:
        """See protocol.Store."""
        found: dict[str, dict[str, Side]] = {}
        for key, brand, label, sentiment, topics in self.read(SIDES, (to_json(list(keys)),)):
            tags = tuple(TopicTag(topic, confidence, ()) for _, topic, confidence in sorted(from_json(topics)))
            found.setdefault(key, {})[brand] = Side(label, sentiment, tags)
        return {key: ParentSide(key, sides) for key, sides in found.items()}

    def posts_before(self, places: Iterable[tuple[str, int]]) -> list[tuple[str, int, str]]:
        """See protocol.Store."""
        asked = sorted(set(places))
        return [(url, position, key) for url, position, key in self.read(BEFORE, (to_json(asked),))] if asked else []
