"""What stands in the same place in every post of an unknown page: its author, its date, its words.

Blocks are looked at all at once: a name that each block has, the date that most have in the same kind of element, and
the kind of element that holds most of the words.
"""

import re
from collections import Counter
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from listener.gather.text import clean_line
from spiders.pages.dates import Dated
from spiders.pages.weighing import Anchor, Block, beside

_NAMES = (  # where a name stands, the surest first: what matches, and what in it (nothing: it itself)
    ("[itemprop=author], [itemprop=creator]", "[itemprop=name]"),
    ("[itemprop=author], a[rel~=author]", ""),
    (
        "[class*=username], [class*=userName], [class*=user-name], [class*=user_name], [class*=UserName],"
        " [class*=nickname]",
        "",
    ),
    ("a[class*=author], [class*=author-name], [class*=authorName]", ""),
    ("[class*=author], [class*=poster], [class*=user]", "a"),
    (
        "a[href*='/user'], a[href*=member], a[href*=profile], a[href*='/u/'], a[href*='/people/'], a[href*='/~'],"
        " a[href*='/@'], a[href*='uid='], a[href*='user=']",
        "",
    ),
    ("[class*=author], [class*=poster], cite, .fn, [class*=name], [class*=user], [class*=byline]", ""),
    ("dt, h3, h4, strong, b", ""),
)
_SURE = 4  # places up to this one are named after authors
_NAMED_BY = ("data-author", "data-username", "data-user-name", "data-author-username", "author")
_NO_NAME = re.compile(
    r"^(?:reply|quote|report|share|like|edit|permalink|link|follow|posts?|member|members?|guest profile|profile|more"
    r"|send message|view profile|top|online|offline|moderator|administrator|回覆|回复|檢舉|分享|引用|只看該作者"
    r"|#?\d+)$|^\(|^https?:|^\d{1,4}[-/.]\d{1,2}[-/.]\d",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:posted|written|asked|answered|started|by|from|von|par|作者|發文者)\b\s*)+[:：]?\s*|^@|[:：,]$",
    re.IGNORECASE,
)
_WORDS = "[itemprop=text], [itemprop=articleBody], [itemprop=reviewBody], [itemprop=commentText]"
_WORDY = re.compile(r"content|body|text|message|msg|prose|entry|markdown|\bmd\b|post|comment", re.IGNORECASE)
_NO_WORDS = re.compile(
    r"menu|popup|tooltip|user-?info|userdetails|authorpane|signature|signatur|toolbar|controls|buttons|avatar|reactions",
    re.IGNORECASE,
)
_HOLDS = frozenset("div td section article blockquote p span pre li dd main font".split())
_NARROW = ("p.", "p<", "span", "li", "font")  # a part of what somebody said, rarely all of it
_INSIDE = 600  # elements of a block that are looked at
_BODY_SHARE = 0.97  # an element that holds so much of the words that the largest holds, deeper in, is the body
_NUMBER = re.compile(r"\d+")

Name = LexborNode | str


def name_in(node: LexborNode) -> str:
    """A name, if the element says one and not much else."""
    text = clean_line(node.attributes.get("content") or "" if node.tag == "meta" else node.text(deep=True), 200)
    if len(text) > 40 or (node.tag != "a" and len(node.css("a")) > 1):
        inner = next(
            (found for found in node.css("a, strong, b") if 0 < len(found.text(deep=True).strip()) <= 40), None
        )
        text = clean_line(inner.text(deep=True), 40) if inner is not None else "" if len(text) > 40 else text
    text = _BY.sub("", text).strip()
    if len(text) < 3 and "avatar" in (node.attributes.get("class") or ""):  # a letter in place of a picture
        return ""
    return "" if _NO_NAME.match(text) else text


def names_of(blocks: list[Block]) -> list[Name]:
    """Each block's author: from the surest place that most blocks have and that does not say the same in all."""
    for attribute in _NAMED_BY:
        given = [block.node.attributes.get(attribute) or "" for block in blocks]
        if blocks and all(given):
            return [clean_line(name, 100) for name in given]
    nested = [{node.mem_id for inner in block.inner for node in inner.css("*")} for block in blocks]
    dates = [{anchor.node.mem_id for anchor in block.anchors} for block in blocks]
    columns: list[list[Name]] = []
    scores: list[float] = []
    for place, (outer, inner) in enumerate(_NAMES):
        column: list[Name] = []
        for number, block in enumerate(blocks):
            fit = (node for node in block.css(outer)[:12] if node.mem_id not in nested[number])
            inside = (node for found in fit for node in (found.css(inner)[:6] if inner else [found]))
            column.append(next((node for node in inside if node.mem_id not in dates[number] and name_in(node)), ""))
        columns.append(column)
        scores.append(_share(column) - 0.04 * place)
        if max(scores) > 0.85 and (place >= _SURE or "" not in column):  # another may name who is missing
            break
    if max(scores, default=0.0) < 0.5:
        columns.append([_beside_date(block) for block in blocks])
        scores.append(_share(columns[-1]) - 0.3)
    best = next((place for place, score in enumerate(scores) if score > 0.85), -1)
    order = sorted(range(len(columns)), key=lambda place: (place != best, -scores[place]))
    return [next((columns[place][n] for place in order if columns[place][n] != ""), "") for n in range(len(blocks))]


def _share(column: Sequence[Name]) -> float:
    """In how many blocks a name stands there; less if nearly all say the same."""
    heard = [name_in(name) if isinstance(name, LexborNode) else name for name in column if name != ""]
    same = Counter(heard).most_common(1)[0][1] / len(heard) if heard else 1.0
    return len(heard) / max(len(column), 1) * (0.3 if len(heard) > 2 and same > 0.9 else 1.0)


def _beside_date(block: Block) -> str:
    """What stands on the line of the date besides it, if it is short: "Ann · 3 March"."""
    for anchor in block.anchors[:1]:
        line = anchor.node.parent
        if line is not None and line.mem_id != block.node.mem_id:
            name = _BY.sub("", f"{beside(anchor.node)} {beside(anchor.node, after=True)}".strip(" ·•|-–—,:»")).strip()
            if 0 < len(name) <= 40 and not _NO_NAME.match(name):
                return name
    return ""


def dates_of(blocks: list[Block], bodies: Sequence[LexborNode | None] = ()) -> list[Anchor | None]:
    """Each block's date of posting: none that stands in the words or speaks of an edit, with a clock before without;
    then the kind that most blocks have before what few have (a link that was dated); declared before said."""
    kinds = []
    for number, block in enumerate(blocks):
        body = bodies[number] if bodies else None
        inside = {node.mem_id for node in body.css("*")} if body is not None and len(block.anchors) > 1 else set()
        fit = [anchor for anchor in block.anchors if anchor.node.mem_id not in inside] or block.anchors
        kinds.append([(_kind(anchor.node), anchor) for anchor in fit])
    shares = Counter(kind for column in kinds for kind in {place for place, _ in column})
    chosen: list[Anchor | None] = []
    for column in kinds:
        most = max((shares[kind] for kind, _ in column), default=0)

        def rank(pair: tuple[str, Anchor], most: int = most) -> tuple[bool, ...]:
            kind, anchor = pair
            weak = anchor.node.tag in ("a", "span") and not any(map(str.isdigit, anchor.node.text(deep=True)))
            rare = weak and shares[kind] < 0.7 * most
            return anchor.edit, anchor.dated[1] != "minute", rare, not anchor.declared

        chosen.append(min(column, key=rank)[1] if column else None)
    return chosen


def _kind(node: LexborNode) -> str:
    name = _NUMBER.sub("", node.attributes.get("class") or "").strip()
    return f"{node.tag}.{name}@{node.attributes.get('itemprop') or ''}"


def bodies_of(blocks: list[Block], names: Sequence[Name], dates: Sequence[Anchor | None]) -> list[LexborNode | None]:
    """Each block's words: what it declares, else the kind of element that holds most of the words over all blocks."""
    shut = [
        _shut(block, name, anchor.dated if anchor is not None else None)
        for block, name, anchor in zip(blocks, names, dates, strict=True)
    ]
    chosen = [
        next((node for node in block.css(_WORDS) if node.mem_id not in closed | block.ids), None)
        for block, closed in zip(blocks, shut, strict=True)
    ]
    if all(node is not None for node in chosen):
        return chosen
    told = Counter(_place(node) for node in chosen if node is not None).most_common(1)
    depth: dict[str, int] = {}
    found = [_largest(block, closed, depth) for block, closed in zip(blocks, shut, strict=True)]
    sums: Counter[str] = Counter()
    for best in found:
        for key, (size, _) in best.items():
            sums[key] += min(size, 3000)
    wide = {key: size for key, size in sums.items() if not key.startswith(_NARROW)} or sums
    weighed = {key: size * (1.15 if _WORDY.search(key) else 1.0) for key, size in wide.items()}
    top = max(weighed.values(), default=0.0)
    key = max((key for key in weighed if weighed[key] >= _BODY_SHARE * top), key=lambda key: depth[key], default="")
    for number, best in enumerate(found):
        if chosen[number] is None:
            at = (best.get(told[0][0]) if told else None) or best.get(key)
            largest = max(best.values(), key=lambda pair: pair[0], default=None)
            if at is None or (largest is not None and at[0] < 40 and at[0] * 6 < largest[0]):
                at = largest
            chosen[number] = at[1] if at is not None else None
    return chosen


def _shut(block: Block, name: Name, posted: Dated | None) -> set[int]:
    """Elements that are no post's words: nested posts, and what holds them, the date or the author besides."""
    shut = {node.mem_id for part in block.inner for node in part.css("*")}
    marks = [*block.inner, *(anchor.node for anchor in block.anchors if anchor.dated == posted)]
    shown = name if isinstance(name, LexborNode) else _shown(block, name)
    for mark in [*marks, shown] if shown is not None else marks:
        above: LexborNode | None = mark
        while above is not None and above.mem_id not in block.ids and above.tag != "body":
            shut.add(above.mem_id)
            above = above.parent
    return shut


def _shown(block: Block, name: str) -> LexborNode | None:
    """Where a name that an attribute declares is to be seen."""
    places = block.css("a, span, strong, b, h3, h4, h5, dt")[:40] if name else []
    return next((node for node in places if node.text(deep=True).strip() == name), None)


def _largest(block: Block, shut: set[int], depth: dict[str, int]) -> dict[str, tuple[int, LexborNode]]:
    """Of each kind of element in a block, the one with the most words; `depth` gathers how deep a kind stands."""
    best: dict[str, tuple[int, LexborNode]] = {}
    shut = shut | {block.node.mem_id}
    for node in block.css("*")[:_INSIDE]:
        if node.mem_id in shut or node.tag not in _HOLDS:
            continue
        if _NO_WORDS.search(f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"):
            shut.update(inner.mem_id for inner in node.css("*"))
            continue
        size = len(" ".join(node.text(deep=True).split()))
        key = _place(node)
        if size > best.get(key, (0, node))[0]:
            best[key] = (size, node)
            if key not in depth:
                depth[key] = _depth(node)
    return best


def _place(node: LexborNode) -> str:
    """The kind of an element: tag and class without digits; without a class, also what it is in."""
    name = _NUMBER.sub("", node.attributes.get("class") or "").strip()
    number = _NUMBER.sub("", node.attributes.get("id") or "")
    if name or number:
        return f"{node.tag}.{name}#{number}"
    parent = node.parent
    above = (parent.attributes.get("class") or parent.tag or "") if parent is not None else ""
    return f"{node.tag}<{_NUMBER.sub('', above)}"


def _depth(node: LexborNode) -> int:
    above, depth = node.parent, 0
    while above is not None and depth < 60:
        above, depth = above.parent, depth + 1
    return depth
