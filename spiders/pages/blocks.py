"""Which blocks of an unknown page are posts: those that repeat, each with a date (or else a name) and words of its own.

Every date on the page votes for the elements it stands in. Elements that look alike (tag and class, a part of the
class, an id that differs in its digits, children of like parents) are one group; the group that holds the most words
outside links, spread over the most blocks, is the posts. Names in its classes (post, comment, reply …) help, those of
side columns (related, recent …) count against it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from spiders.pages.dates import parse_date
from spiders.pages.thread import Page
from spiders.pages.weighing import PERSON, Anchor, Block, Scales, beside

DECLARED = (
    "time, [datetime], [data-tippy-content], [date], [itemprop^=date], [data-timestamp], [data-time], abbr[title],"
    " span[title], a[title]"
)
SPARE = ["script", "style", "template", "svg", "iframe", "select", "textarea"]
_DATEISH = re.compile(
    r"\d[-/.年月]\s?\d|\d{1,2}(?:st|nd|rd|th|\.)?\s+[^\W\d]{3,}|[^\W\d]{3,}\.?\s+\d{1,2}\b|\bago\b|前|昨|今|\d[:h]\d\d|:\d\d|day,",
    re.IGNORECASE,
)
_NOT_POSTED = re.compile(
    r"join|regist|member since|last (?:edit|modif|upd|post|repl|seen|visit|active)|edited|modified"
    r"|註冊|注册|加入|最後|编辑|編輯",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[\d_-]*\d+\w*")
_INLINE = frozenset("a abbr b em font i label small span strong time u meta h1 h2 h3 h4 h5 h6 ul ol".split())
_CLIMB = 12  # how far above a date its post may begin
_ANCHORS = 600  # dates looked at on one page
_TRIED = 80  # groups that are weighed
_LONELY = 40  # characters outside links; a post that stands alone says more


def find_blocks(page: Page) -> list[Block]:
    """The posts of a page in its order, and what opens the thread before them. Cuts scripts out of the tree."""
    root = page.tree.body or page.tree.root
    if root is None:
        return []
    root.strip_tags(SPARE)
    anchors = _anchors(page, root)
    scales = Scales(root)
    best = _best(anchors, scales)
    if not best:
        names = [Anchor(node, (None, "minute"), False) for node in root.css(PERSON)[:_ANCHORS]]
        best = _best(names, scales, dated=False)
    if not best:
        return _alone(anchors, scales)
    opener = _opener(best[0], anchors, scales)
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
            dated = parse_date(text, page.now, page.zone, page.order)
            if (dated[0] is None or dated[1] == "day") and len(parent.text(deep=True)) <= 60:
                whole = parse_date(parent.text(deep=True), page.now, page.zone, page.order)
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
    return bool(_NOT_POSTED.search(f"{names} {text[:60]} {beside(node)[-40:]}"))


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


def _best(anchors: list[Anchor], scales: Scales, dated: bool = True) -> list[Block]:
    named: dict[int, str] = {}
    tried: list[dict[int, Block]] = []
    groups = _groups(anchors)
    distinct: dict[frozenset[int], tuple[str, dict[int, Block]]] = {}
    for key, members in groups.items():
        if len(members) > 1 and (dated or scales.kind(key) > 1):  # without dates, only what calls itself a post
            same = frozenset(members)
            if same not in distinct or scales.kind(key) > scales.kind(distinct[same][0]):
                distinct[same] = (key, members)
    for key, members in sorted(distinct.values(), key=lambda pair: -len(pair[1]) * scales.kind(pair[0]))[:_TRIED]:
        named[id(members)] = key
        tried.append(members)
    scored = [(scales.score(named[id(members)], members, dated), members) for members in tried]
    best_score, best = max(scored, key=lambda pair: pair[0], default=(0.0, {}))
    if not best_score:
        return []
    for score, members in scored:  # remarks under posts may be more than the posts, which hold them and more words
        if score > 0.2 * best_score and scales.kind(named[id(members)]) > 1 and scales.hold(members, best):
            best, best_score = members, score
            break
    for score, members in scored:  # a kind that takes in more: the opener, or those who did not open the thread
        few = len(members) <= len(best) + 2
        more = members.keys() - best.keys() if best.keys() < members.keys() else set()
        around = any(2 * len(members[number].inner) > len(best) for number in more)  # the list of posts itself
        if more and not around and score > (0.4 if few else 0.6) * best_score:
            best, best_score = members, score
    return list(best.values())


def _groups(anchors: list[Anchor]) -> dict[str, dict[int, Block]]:
    """Elements above the dates by what they look like; each date belongs to the innermost of its kind."""
    groups: dict[str, dict[int, Block]] = defaultdict(dict)
    kept: dict[int, tuple[str, ...]] = {}
    for anchor in anchors:
        node: LexborNode | None = anchor.node
        owned: set[str] = set()
        for _ in range(_CLIMB):
            if node is None or node.tag in ("body", "html"):
                break
            number = node.mem_id
            if number not in kept:
                kept[number] = () if node.tag in _INLINE else tuple(dict.fromkeys(_keys(node)))
            for key in kept[number]:
                block = groups[key].setdefault(number, Block(node))
                if key not in owned:
                    owned.add(key)
                    block.anchors.append(anchor)
            node = node.parent
    return groups


def _alone(anchors: list[Anchor], scales: Scales) -> list[Block]:
    """A post that nobody answered yet: what calls itself one, with a date, a name and words, and is the smallest."""
    found: list[tuple[int, Block]] = []
    for key, members in _groups([anchor for anchor in anchors if not anchor.edit]).items():
        for block in members.values() if scales.kind(key) > 1 else ():
            words = scales.words(block.node)
            fit = words >= _LONELY and words > scales.whole / 50 and scales.names(block)
            if fit and not scales.in_aside(block.node):
                found.append((words, block))
    return [min(found, key=lambda pair: pair[0])[1]] if found else []


def _opener(first: Block, anchors: list[Anchor], scales: Scales) -> Block | None:
    """What stands before the first block with a date, a name and words: a question, an opening post."""
    dated = {anchor.node.mem_id: anchor for anchor in anchors if not anchor.edit}
    node = first.node
    for _ in range(6):
        before = node.prev
        for _ in range(8):
            if before is None:
                break
            if not (before.tag or "-").startswith(("-", "_")) and before.tag not in ("nav", "header", "form", "aside"):
                block = _as_opener(before, dated, scales)
                if block is not None:
                    said = {anchor.dated[0] for anchor in first.anchors}
                    return None if any(anchor.dated[0] in said for anchor in block.anchors) else block
            before = before.prev
        parent = node.parent
        if parent is None or parent.tag in ("body", "html"):
            return None
        node = parent
    return None


def _as_opener(node: LexborNode, dated: dict[int, Anchor], scales: Scales) -> Block | None:
    text = len(" ".join(node.text(deep=True).split()))
    linked = sum(len(link.text(deep=True)) for link in node.css("a")[:200])
    if text - linked < 60 or linked > text / 2 or scales.in_aside(node) or node.css_first(PERSON) is None:
        return None
    own = [dated[inner.mem_id] for inner in node.css("*") if inner.mem_id in dated]
    return Block(node, own) if 0 < len(own) <= 6 else None
