"""What digests quoted: the record, and that part of the store's protocol. See evidence.py for how SQLite does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from listener.records import Judged, text_hash

Became: TypeAlias = Literal["same", "edited", "deleted", "gone"]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A post as it read when a digest quoted it.

    Attributes:
        sha256: of `text` as UTF-8, 64 hex digits.
        seen: when these words were last read at the source before that. quoted: when a digest first quoted them.
        became: what the post is now: same, edited, deleted at its source, gone (it left the store).
    """

    brand: str
    post_key: str
    sha256: str
    text: str
    url: str
    platform: str
    at: datetime
    seen: datetime
    quoted: datetime
    became: Became

    @property
    def whole(self) -> bool:
        """Whether the text here still gives that hash."""
        return text_hash(self.text) == self.sha256


class Witness(Protocol):
    """The part of protocol.Store under "what was quoted"."""

    def keep_evidence(self, posts: Iterable[Judged], quoted: datetime) -> None:
        """Keep these posts as they read now; a wording that is kept already stays as it is."""

    def evidence(self, sha256: str = "", brand: str = "", most: int = 200) -> list[Witnessed]:
        """What was quoted, newest first; of those whose hash begins so, or of one brand, if that is given."""
