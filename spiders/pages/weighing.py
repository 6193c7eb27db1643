"""How much a group of like elements looks like the posts of a page: words of their own, spread over many, with names.

One Scales weighs all groups of a page, and remembers of each element what it measured.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from selectolax.lexbor import LexborNode

from spiders.pages.dates import Dated

PERSON = (
    "[itemprop=author], a[rel~=author], [class*=author], [class*=username], [class*=user-name], [class*=userName],"
    " [class*=nick], [class*=poster], a[href*='/user'], a[href*=member], a[href*=profile], a[href*='/u/'],"
    " a[href*='/people/'], a[href*='/~'], a[href*='/@'], a[href*='uid=']"
)
_PERSONS = 3000  # names that are looked at on one page
_FAMILY = re.compile(r"post|comment|message|msg|reply|replies|entry|answer|review|bbp|c-|node|respon", re.IGNORECASE)
_ASIDE = re.compile(
    r"related|similar|suggest|recommend|sidebar|widget|recent|latest|footer|menu|trending|popular|breadcrumb|promo"
    r"|teaser|carousel|notice|quick|navig|toolbar|profile-card|tooltip",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"schema\.org/(?:Comment|Answer|Question|DiscussionForumPosting|SocialMediaPosting|Review)\b")
_CLIMB = 60  # how far up a block that holds another is looked for


@dataclass(slots=True)
class Anchor:
    """An element with a date in it; `edit`: the words around say that it is not when the post was written."""

    node: LexborNode
    dated: Dated
    declared: bool
    edit: bool = False


@dataclass(slots=True)
class Block:
    """A post's element, its dates, the blocks that are nested in it, and what follows it up to the next one.

    `tail` is for pages whose posts have a line of names above and the words beside it, in no common element.
    """

    node: LexborNode
    anchors: list[Anchor] = field(default_factory=list)
    inner: list[LexborNode] = field(default_factory=list)
    tail: list[LexborNode] = field(default_factory=list)

    def css(self, selector: str) -> list[LexborNode]:
        """Matches within the block, each once."""
        if not self.tail:
            return self.node.css(selector)
        found = {node.mem_id: node for part in (self.node, *self.tail) for node in part.css(selector)}
        return list(found.values())

    @property
    def ids(self) -> set[int]:
        """The elements that the block is made of."""
        return {self.node.mem_id, *(node.mem_id for node in self.tail)}


Members = Mapping[int, Block]


class Scales:
    """Weighs groups of blocks of one page. `root` must not change while they are in use."""

    def __init__(self, root: LexborNode) -> None:
        self.whole = len(root.text(deep=True))
        self._lengths: dict[int, int] = {}
        self._beside: dict[int, bool] = {}
        self._kinds: dict[str, float] = {}
        self._persons: set[int] = set()  # every element that is a name or holds one
        for node in root.css(PERSON)[:_PERSONS]:
            above: LexborNode | None = node
            while above is not None and above.mem_id not in self._persons:
                self._persons.add(above.mem_id)
                above = above.parent

    def kind(self, key: str) -> float:
        """What the name of a kind of element says: above 1 for posts, below for side columns."""
        if key not in self._kinds:
            family = 0.2 if _ASIDE.search(key) else 1.4 if _FAMILY.search(key) else 1.0
            self._kinds[key] = 3.0 if _SCHEMA.search(key) else family
        return self._kinds[key]

    def names(self, block: Block) -> bool:
        """Does somebody's name stand in the block?"""
        return any(node.mem_id in self._persons for node in (block.node, *block.tail))

    def words(self, node: LexborNode) -> int:
        """Characters outside links."""
        if node.mem_id not in self._lengths:
            linked = sum(_length(link) for link in node.css("a")[:200])
            self._lengths[node.mem_id] = max(_length(node) - linked, 0)
        return self._lengths[node.mem_id]

    def score(self, key: str, members: Members, dated: bool = True) -> float:
        """Words outside links, by their square root so that many blocks beat a few that hold many; 0 for no posts."""
        own = {number: self.words(block.node) for number, block in members.items()}
        _nest(members)
        for number, block in members.items():
            for part in block.inner:
                own[number] -= self.words(part)
        if sum(own.values()) < 40 * len(own):
            self._follow(members, own)
        little = 8 if self.kind(key) > 1 else 30  # what a list of links has around them is no post
        total = sum(min(sqrt(max(length - little, 0)), 30.0) for length in own.values())
        total *= 0.6 if any(block.tail for block in members.values()) else 1.0
        if not total:
            return 0.0
        sample = list(members.values())[:12]
        named = sum(map(self.names, sample)) / len(sample)
        aside = sum(1 for block in sample[:4] if self.in_aside(block.node)) / len(sample[:4])
        crowded = sum(1 for block in members.values() if len(block.anchors) > 5) / len(members)
        empty = sum(1 for length in own.values() if length < 15) / len(own)
        hollow = sum(1 for block in members.values() if block.inner and not block.anchors) / len(own) if dated else 0.0
        total *= self.kind(key) * (0.4 + 0.6 * named) * (1 - 0.8 * aside)
        return total * (1 - 0.5 * crowded) * (1 - 0.6 * empty) * (1 - 0.7 * hollow)

    def hold(self, members: Members, inner: Members) -> bool:
        """Is every inner block within one of the members, which say more than half as much again beside them?"""
        held = 0
        holders = set()
        for block in inner.values():
            above = block.node.parent
            for _ in range(30):
                if above is None or above.mem_id in members:
                    break
                above = above.parent
            if above is None or above.mem_id not in members:
                return False
            holders.add(above.mem_id)
            held += self.words(block.node)
        beside = sum(self.words(block.node) for block in members.values()) - held
        return beside / len(members) > 1.5 * held / len(inner) and len(holders) * 2 >= len(members)

    def _follow(self, members: Members, own: dict[int, int]) -> None:
        """Lines with little in them, side by side: what stands between one and the next may be the words."""
        for number, block in members.items():
            block.tail.clear()
            after = block.node.next
            for _ in range(6):
                if after is None or after.mem_id in members or len(block.tail) > 2:
                    break
                if not (after.tag or "-").startswith(("-", "_")):
                    block.tail.append(after)
                    own[number] += self.words(after)
                after = after.next

    def in_aside(self, node: LexborNode) -> bool:
        """Does it stand in a side column, a menu, a footer?"""
        name = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if _ASIDE.search(name) and _FAMILY.search(node.attributes.get("class") or ""):
            return False
        return self._is_beside(node, 12)

    def _is_beside(self, node: LexborNode, left: int) -> bool:
        if node.mem_id not in self._beside:
            above = node.parent
            beside = node.tag in ("aside", "nav", "footer")
            if not beside and node.tag != "body":
                name = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
                # What holds half of the page has a side column, and is none.
                beside = bool(_ASIDE.search(name)) and len(node.text(deep=True)) < self.whole / 2
                beside = beside or (above is not None and left > 0 and self._is_beside(above, left - 1))
            self._beside[node.mem_id] = beside
        return self._beside[node.mem_id]


def _nest(members: Members) -> None:
    """Note in each block the blocks right below it."""
    for block in members.values():
        block.inner.clear()
    for block in members.values():
        above = block.node.parent
        for _ in range(_CLIMB):
            if above is None:
                break
            if above.mem_id in members:
                members[above.mem_id].inner.append(block.node)
                break
            above = above.parent


def beside(node: LexborNode, after: bool = False) -> str:
    """What stands right before (or after) an element in its parent, on one line: six neighbours at most."""
    parts: list[str] = []
    other = node.next if after else node.prev
    for _ in range(6):
        if other is None:
            break
        said = (other.text_content or "") if other.tag == "-text" else other.text(deep=True)
        parts.append(said[:200] if after else said[-200:])
        other = other.next if after else other.prev
    return " ".join(" ".join(parts if after else reversed(parts)).split())


def _length(node: LexborNode) -> int:
    return len(" ".join(node.text(deep=True).split()))
