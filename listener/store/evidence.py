"""What digests quoted, kept as it read then: the table `evidence`."""

from collections.abc import Iterable
from datetime import datetime

from listener.records import Judged, text_hash
from listener.store.columns import moment, stamp, to_json
from listener.store.connection import Connection
from listener.store.witness import Witnessed

# The author's voice, not the one that the post counts for: whoever asks to be forgotten is found by it.
KEEP = """
INSERT OR IGNORE INTO evidence (brand, post_key, sha256, text, url, platform, voice, at, seen, quoted)
SELECT :brand, p.key, :sha256, :text, :url, :platform, p.voice, :at, :seen, :quoted FROM posts p WHERE p.key = :key
"""
READ = """
SELECT brand, post_key, sha256, text, link, platform, at, seen, quoted, became FROM v_evidence
WHERE sha256 >= :prefix AND sha256 < :prefix || 'g' AND (:brand = '' OR brand = :brand)
ORDER BY quoted DESC, brand, post_key, sha256 LIMIT :most
"""


class Evidence(Connection):
    """The part of protocol.Store under "what was quoted"."""

    def keep_evidence(self, posts: Iterable[Judged], quoted: datetime) -> None:
        """See witness.Witness."""
        rows = [
            {
                "brand": post.brand, "key": post.post_key, "sha256": text_hash(post.text), "text": post.text,
                "url": post.url, "platform": post.platform, "at": stamp(post.when),
                "seen": stamp(post.text_seen or post.first_seen), "quoted": stamp(quoted),
            }
            for post in posts
        ]  # fmt: skip
        self.write_many(KEEP, rows)

    def evidence(self, sha256: str = "", brand: str = "", most: int = 200) -> list[Witnessed]:
        """See witness.Witness."""
        asked = {"prefix": sha256, "brand": brand, "most": most}
        return [
            Witnessed(of, key, digest, text, url, platform, moment(at), moment(seen), moment(when), became)
            for of, key, digest, text, url, platform, at, seen, when, became in self.read(READ, asked)
        ]

    def evidence_by(self, voices: Iterable[str]) -> list[str]:
        """Keys of the kept posts that these authors wrote."""
        ask = "SELECT DISTINCT e.post_key FROM json_each(?) v CROSS JOIN evidence e ON e.voice = v.value ORDER BY 1"
        return [key for (key,) in self.read(ask, (to_json(list(voices)),))]
