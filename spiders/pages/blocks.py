"""Which blocks of an unknown page are posts: those that repeat, each with a date (or else a name) and words of its own.

Every date on the page votes for the elements it stands in. Elements that look alike (tag and class, a part of the
class, an id that differs in its digits, children of like parents) are one group; the group that holds the most words
outside links, spread over the most blocks, is the posts. Names in its classes (post, comment, reply …) help, those of
side columns (related, recent …) count against it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt

from selectolax.lexbor import LexborNode

from spiders.pages.dates import Dated, parse_date
from spiders.pages.thread import Page

DECLARED = (
    "time, [datetime], [data-tippy-content], [date], [itemprop^=date], [data-timestamp], [data-time], abbr[title],"
    " span[title], a[title]"
)
PERSON = (
    "[itemprop=author], a[rel~=author], [class*=author], [class*=username], [class*=user-name], [class*=userName],"
    " [class*=nick], [class*=poster], a[href*='/user'], a[href*=member], a[href*=profile], a[href*='/u/'],"
    " a[href*='/people/'], a[href*='/~'], a[href*='/@'], a[href*='uid=']"
)
SPARE = ["script", "style", "template", "svg", "iframe", "select", "textarea"]
_DATEISH = re.compile(
    r"\d[-/.年月]\s?\d|\d{1,2}(?:st|nd|rd|th|\.)?\s+[^\W\d]{3,}|[^\W\d]{3,}\.?\s+\d{1,2}\b|\bago\b|前|昨|今|:\d\d|day,",
    re.IGNORECASE,
)
_NOT_POSTED = re.compile(
    r"join|regist|member since|last (?:edit|modif|upd|post|repl|seen|visit|active)|edited|modified"
    r"|註冊|注册|加入|最後|编辑|編輯",
    re.IGNORECASE,
)
_FAMILY = re.compile(r"post|comment|message|msg|reply|replies|entry|answer|review|bbp|c-|node|respon", re.IGNORECASE)
_ASIDE = re.compile(
    r"related|similar|suggest|recommend|sidebar|widget|recent|latest|footer|menu|trending|popular|breadcrumb|promo"
    r"|teaser|carousel|notice|quick|navig|toolbar|profile-card|tooltip",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"schema\.org/(?:Comment|Answer|Question|DiscussionForumPosting|SocialMediaPosting|Review)\b")
_DIGITS = re.compile(r"[\d_-]*\d+\w*")
_INLINE = frozenset("a abbr b em font i label small span strong time u meta h1 h2 h3 h4 h5 h6 ul ol".split())
_CLIMB = 12  # how far above a date its post may begin
_ANCHORS = 600  # dates looked at on one page
_TRIED = 80  # groups that are weighed


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


def find_blocks(page: Page) -> list[Block]:
    """The posts of a page in its order, and what opens the thread before them. Cuts scripts out of the tree."""
    root = page.tree.body or page.tree.root
    if root is None:
        return []
    root.strip_tags(SPARE)
    anchors = _anchors(page, root)
    whole = len(root.text(deep=True))
    best = _best(anchors, whole)
    if not best:
        names = [Anchor(node, (None, "minute"), False) for node in root.css(PERSON)[:_ANCHORS]]
        best = _best(names, whole, dated=False)
    if not best:
        return []
    opener = _opener(best[0], anchors, whole)
    return [opener, *best] if opener is not None else best


def _anchors(page: Page, root: LexborNode) -> list[Anchor]:
    found: dict[int, Anchor] = {}
    for node in root.css(DECLARED)[: _ANCHORS * 2]:
        if node.mem_id in found or len(found) >= _ANCHORS:
            continue
        if node.tag in ("span", "a", "abbr") and not _may_date(node):
            continue
        dated = page.date(node) if len(node.text(deep=True)) <= 160 else (None, "minute")
        if dated[0] is not None:
            found[node.mem_id] = Anchor(node, dated, True, _is_edit(node))
    order: dict[int, Anchor] = {}
    seen = 0
    for node in root.traverse(include_text=True):
        if node.mem_id in found:
            order[node.mem_id] = found[node.mem_id]
        elif node.tag == "-text" and len(order) < _ANCHORS:
            text = (node.text_content or "").strip()
            if not 1 < len(text) <= 100 or not _DATEISH.search(text):
                continue
            parent = node.parent
            seen += 1
            if parent is None or seen > 4 * _ANCHORS or parent.mem_id in order:
                continue
            if parent.parent is not None and parent.parent.mem_id in order:
                continue
            dated = parse_date(text, page.now, page.zone, page.day_first)
            if (dated[0] is None or dated[1] == "day") and len(parent.text(deep=True)) <= 60:
                whole = parse_date(parent.text(deep=True), page.now, page.zone, page.day_first)
                dated = whole if whole[0] is not None else dated
            if dated[0] is not None:
                edit = bool(_NOT_POSTED.search(text)) or _is_edit(parent)
                order[parent.mem_id] = Anchor(parent, dated, False, edit)
    return list(order.values())


def _may_date(node: LexborNode) -> bool:
    """Do the attributes look like a date? Most titles of links do not."""
    stamps = "data-time", "data-timestamp", "datetime", "data-tippy-content"
    return bool(_DATEISH.search(node.attributes.get("title") or "")) or any(name in node.attributes for name in stamps)


def _is_edit(node: LexborNode) -> bool:
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('itemprop') or ''}"
    text = node.text(deep=False)
    before = node.prev
    said = (before.text(deep=True) if before is not None and not (before.tag or "_").startswith("_") else "")[-40:]
    return bool(_NOT_POSTED.search(f"{names} {text[:60]} {said}"))


def _keys(node: LexborNode) -> Iterable[str]:
    attributes = node.attributes
    tag = node.tag
    names = sorted({_DIGITS.sub("", name) for name in (attributes.get("class") or "").split()[:12]})
    if names:
        yield f"{tag}.{'.'.join(names)}"
    elif tag in ("article", "table", "li", "tr"):
        yield tag
    for name in names:
        if len(name) > 2:
            yield f"{tag}.{name}."
    number = attributes.get("id") or ""
    if any(map(str.isdigit, number)):
        yield f"{tag}#{_DIGITS.sub('', number)}"
    if kind := attributes.get("itemtype"):
        yield f"@{kind.rstrip('/')}"
    for name in ("component", "role", "data-testid", "data-type"):
        if value := attributes.get(name):
            yield f"{tag}[{name}={_DIGITS.sub('', value)}]"
    parent = node.parent
    if parent is not None:
        yield f"{parent.tag}.{parent.attributes.get('class') or ''}#{parent.attributes.get('id') or ''}>{tag}"


def _best(anchors: list[Anchor], whole: int, dated: bool = True) -> list[Block]:
    groups: dict[str, dict[int, Block]] = defaultdict(dict)
    kept: dict[int, tuple[LexborNode, tuple[str, ...]]] = {}
    for anchor in anchors:
        node: LexborNode | None = anchor.node
        owned: set[str] = set()
        for _ in range(_CLIMB):
            if node is None or node.tag in ("body", "html"):
                break
            if node.mem_id not in kept:
                kept[node.mem_id] = (node, () if node.tag in _INLINE else tuple(dict.fromkeys(_keys(node))))
            for key in kept[node.mem_id][1]:
                block = groups[key].setdefault(node.mem_id, Block(node))
                if key not in owned:
                    owned.add(key)
                    block.anchors.append(anchor)
            node = node.parent
    distinct: dict[frozenset[int], tuple[str, dict[int, Block]]] = {}
    for key, members in groups.items():
        if len(members) > 1 and (dated or _weight(key) > 1):  # without dates, only what calls itself a post
            same = frozenset(members)
            if same not in distinct or _weight(key) > _weight(distinct[same][0]):
                distinct[same] = (key, members)
    lengths: dict[int, int] = {}
    tried = sorted(distinct.values(), key=lambda pair: -len(pair[1]) * _weight(pair[0]))[:_TRIED]
    scored = [(_score(key, members, lengths, whole), members) for key, members in tried]
    named = {id(members): key for key, members in tried}
    best_score, best = max(scored, key=lambda pair: pair[0], default=(0.0, {}))
    if not best_score:
        return []
    for score, members in scored:  # remarks under posts may be more than the posts, which hold them and more words
        if score > 0.2 * best_score and _weight(named[id(members)]) > 1 and _holds(members, best, lengths):
            best, best_score = members, score
            break
    for score, members in scored:  # a kind that takes in more: the opener, or those who did not open the thread
        few = len(members) <= len(best) + 2
        if score > (0.4 if few else 0.6) * best_score and best.keys() < members.keys():
            best, best_score = members, score
    return list(best.values())


def _weight(key: str) -> float:
    if _SCHEMA.search(key):
        return 3.0
    return 0.2 if _ASIDE.search(key) else 1.4 if _FAMILY.search(key) else 1.0


def _score(key: str, members: dict[int, Block], lengths: dict[int, int], whole: int) -> float:
    """Words outside links, by their square root so that many blocks beat a few that hold many; 0 for no posts."""
    own = {}
    for number, block in members.items():
        block.inner.clear()
        if number not in lengths:
            lengths[number] = _words(block.node)
        own[number] = lengths[number]
    for number, block in members.items():
        above = block.node.parent
        for _ in range(60):
            if above is None:
                break
            if above.mem_id in members:
                own[above.mem_id] -= lengths[number]
                members[above.mem_id].inner.append(block.node)
                break
            above = above.parent
    if sum(own.values()) < 40 * len(own):
        _follow(members, own, lengths)
    little = 8 if _weight(key) > 1 else 30  # what a list of links has around them is no post
    total = sum(min(sqrt(max(length - little, 0)), 30.0) for length in own.values())
    total *= 0.6 if any(block.tail for block in members.values()) else 1.0
    if not total:
        return 0.0
    sample = list(members.values())[:12]
    named = sum(1 for block in sample if block.css(PERSON)) / len(sample)
    aside = sum(1 for block in sample[:4] if _in_aside(block.node, whole)) / len(sample[:4])
    crowded = sum(1 for block in members.values() if len(block.anchors) > 5) / len(members)
    empty = sum(1 for length in own.values() if length < 15) / len(own)
    return total * _weight(key) * (0.4 + 0.6 * named) * (1 - 0.8 * aside) * (1 - 0.5 * crowded) * (1 - 0.6 * empty)


def _words(node: LexborNode) -> int:
    """Characters outside links."""
    linked = sum(len(_folded(link)) for link in node.css("a")[:200])
    return max(len(_folded(node)) - linked, 0)


def _folded(node: LexborNode) -> str:
    return " ".join(node.text(deep=True).split())


def _holds(members: dict[int, Block], inner: dict[int, Block], lengths: dict[int, int]) -> bool:
    """Is every inner block within one of the members, which say more than half as much again beside them?"""
    held = 0
    holders = set()
    for number, block in inner.items():
        above = block.node.parent
        for _ in range(30):
            if above is None or above.mem_id in members:
                break
            above = above.parent
        if above is None or above.mem_id not in members:
            return False
        holders.add(above.mem_id)
        held += lengths[number]
    beside = sum(lengths[number] for number in members) - held
    return beside / len(members) > 1.5 * held / len(inner) and len(holders) * 2 >= len(members)


def _follow(members: dict[int, Block], own: dict[int, int], lengths: dict[int, int]) -> None:
    """Lines with little in them, side by side: what stands between one and the next may be the words."""
    for number, block in members.items():
        block.tail.clear()
        after = block.node.next
        for _ in range(6):
            if after is None or after.mem_id in members or len(block.tail) > 2:
                break
            if not (after.tag or "-").startswith(("-", "_")):
                block.tail.append(after)
                if after.mem_id not in lengths:
                    lengths[after.mem_id] = _words(after)
                own[number] += lengths[after.mem_id]
            after = after.next


def _in_aside(node: LexborNode, whole: int) -> bool:
    above: LexborNode | None = node
    for _ in range(12):
        if above is None or above.tag == "body":
            return False
        if above.tag in ("aside", "nav", "footer"):
            return True
        if _ASIDE.search(f"{above.attributes.get('class') or ''} {above.attributes.get('id') or ''}"):
            if above.mem_id == node.mem_id and _FAMILY.search(above.attributes.get("class") or ""):
                return False
            if len(above.text(deep=True)) < whole / 2:  # else it is what has a side column, not the column
                return True
        above = above.parent
    return False


def _opener(first: Block, anchors: list[Anchor], whole: int) -> Block | None:
    """What stands before the first block with a date, a name and words: a question, an opening post."""
    dated = {anchor.node.mem_id: anchor for anchor in anchors if not anchor.edit}
    node = first.node
    for _ in range(6):
        before = node.prev
        for _ in range(8):
            if before is None:
                break
            if not (before.tag or "-").startswith(("-", "_")) and before.tag not in ("nav", "header", "form", "aside"):
                block = _as_opener(before, dated, whole)
                if block is not None:
                    said = {anchor.dated[0] for anchor in first.anchors}
                    return None if any(anchor.dated[0] in said for anchor in block.anchors) else block
            before = before.prev
        parent = node.parent
        if parent is None or parent.tag in ("body", "html"):
            return None
        node = parent
    return None


def _as_opener(node: LexborNode, dated: dict[int, Anchor], whole: int) -> Block | None:
    text = len(" ".join(node.text(deep=True).split()))
    linked = sum(len(link.text(deep=True)) for link in node.css("a")[:200])
    if text - linked < 60 or linked > text / 2 or _in_aside(node, whole) or node.css_first(PERSON) is None:
        return None
    own = [dated[inner.mem_id] for inner in node.css("*") if inner.mem_id in dated]
    return Block(node, own) if 0 < len(own) <= 6 else None
