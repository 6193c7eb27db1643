"""Which brands a post speaks of: one automaton for the literals of all brands, then only the candidates' queries.

A query is looked for in the text first; if it does not hold there, in title and text together; if it does not hold
there either, a reply speaks of the brands that its thread's opener speaks of. What a query forbids (NOT) is looked
for in title and text each time.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import lru_cache

from listener.fold import fold
from listener.judge.language import language_of
from listener.judge.query import And, Near, Node, Not, Or, Query, Term, terms
from listener.judge.words import PLAIN, Literals, merged, whole, word_starts
from listener.records import Mention, Post, Span, Where

_TEXT, _TITLE = 0, 1
_BOTH = (_TEXT, _TITLE)
_NONE: frozenset[int] = frozenset()
MAX_PLACES = 1000  # places of one term that are looked at in one post


class Matcher:
    """Finds the brands of posts. Compiled once; then about as cheap for a thousand brands as for one.

    Args:
        queries: brand id → its query.
    """

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)
        numbers: dict[str, int] = {}
        wakes: list[set[str]] = []  # literal number → brands whose query may hold once the literal is there
        self._always: set[str] = set()  # brands asked for by fields alone: no literal to wait for
        self._finders: dict[Term, _Finder] = {}
        self._goes_on: set[int] = set()  # literals that some query looks for as a beginning
        for brand, query in self._queries.items():
            for term in terms(query.root):
                if term.field in ("", "title") and term not in self._finders:
                    number = numbers.setdefault(_literal(term), len(numbers))
                    if number == len(wakes):
                        wakes.append(set())
                    self._finders[term] = _Finder(term, number)
                    if term.prefix:
                        self._goes_on.add(number)
            cover = _cover(query.root)
            if cover is None:
                self._always.add(brand)
            for literal in cover or ():
                wakes[numbers[literal]].add(brand)
        self._wakes = [frozenset(brands) for brands in wakes]
        self._literals = Literals(tuple(numbers))
        self._seen = lru_cache(maxsize=4096)(self._read)  # threads repeat their title

    def match(self, post: Post, opener_brands: frozenset[str] = frozenset()) -> tuple[Mention, ...]:
        """The post's mentions, by brand in the order of the queries.

        Args:
            opener_brands: brands that the opener of the post's thread speaks of; for the opener itself without effect.
        """
        text = self._read(post.text)
        title = self._seen(post.thread_title)
        inherited = opener_brands if post.position != 0 else frozenset()
        awake = self._always | inherited
        for number in text[1] | title[1]:
            awake |= self._wakes[number]
        if not awake:
            return ()
        found = _Found(post, (text, title), self._finders)
        mentions = (self._mention(found, brand, brand in inherited) for brand in self._queries if brand in awake)
        return tuple(mention for mention in mentions if mention is not None)

    def _read(self, text: str) -> tuple[str, frozenset[int]]:
        folded = fold(text)
        hits = self._literals.find(folded)
        if not hits:
            return folded, _NONE
        # Short names lie inside many words, so the word's ends are looked at before any query is woken.
        return folded, frozenset(
            number for number, start, end in hits if whole(folded, start, end, prefix=number in self._goes_on)
        )

    def _mention(self, found: "_Found", brand: str, inherited: bool) -> Mention | None:
        root, key = self._queries[brand].root, found.post.key
        where: Where
        if found.holds(root, (_TEXT,)) and (spans := merged(found.named(root))):
            named = dict.fromkeys(found.post.text[start:end] for start, end in spans)
            return Mention(key, brand, "text", spans, tuple(named))
        if found.holds(root, _BOTH):
            where = "title" if (terms_there := tuple(dict.fromkeys(found.title_terms(root)))) else "thread"
            return Mention(key, brand, where, (), terms_there)
        if inherited and found.holds(root, ()):
            return Mention(key, brand, "thread", (), ())
        return None


class _Finder:
    """Finds one term in folded text (`{…}` in the text as written)."""

    __slots__ = ("exact", "find", "number")

    def __init__(self, term: Term, number: int) -> None:
        self.number, self.exact = number, term.exact
        body = r"\s+".join(map(re.escape, term.words))
        head = rf"(?<!{PLAIN})" if re.match(PLAIN, term.words[0]) else ""
        tail = rf"(?!{PLAIN})" if re.search(rf"{PLAIN}\Z", term.words[-1]) and not term.prefix else ""
        if term.prefix:
            tail = rf"{PLAIN}*"
        self.find: Callable[..., re.Match[str] | None] = re.compile(head + body + tail).search

    def spans(self, text: str) -> list[Span]:
        found: list[Span] = []
        at = 0
        while len(found) < MAX_PLACES and (match := self.find(text, at)):
            found.append(match.span())
            at = match.end()
        return found


class _Found:
    """What one post holds, looked up as a query asks for it."""

    def __init__(
        self, post: Post, read: tuple[tuple[str, frozenset[int]], ...], finders: Mapping[Term, _Finder]
    ) -> None:
        self.post, self._read, self._finders = post, read, finders
        self._spans: dict[tuple[Term, int], list[Span]] = {}
        self._words: dict[int, list[int]] = {}

    def holds(self, node: Node, places: tuple[int, ...], forbidden: bool = False) -> bool:
        """Does the query hold with what it asks for looked for in `places`? Without places that is taken as given."""
        match node:
            case Term(field="" | "title") if forbidden or places or node.field:
                where = _BOTH if forbidden else (_TITLE,) if node.field else places
                return any(self._of(node, place) for place in where)
            case Term(field=""):
                return True
            case Term():
                return self._field(node)
            case Near():
                where = _BOTH if forbidden else places
                return not where or any(self._near(node, place) for place in where)
            case And(parts=parts):
                return all(self.holds(part, places, forbidden) for part in parts)
            case Or(parts=parts):
                return any(self.holds(part, places, forbidden) for part in parts)
            case Not(part=part):
                return not self.holds(part, _BOTH, forbidden=True)

    def named(self, node: Node) -> list[Span]:
        """Where the text has what the query asks for."""
        match node:
            case Term(field=""):
                return self._of(node, _TEXT)
            case Near():
                return [span for pair in self._near(node, _TEXT) for span in pair]
            case And(parts=parts) | Or(parts=parts):
                return [span for part in parts if self.holds(part, (_TEXT,)) for span in self.named(part)]
        return []

    def title_terms(self, node: Node) -> list[str]:
        """What the title has of what the query asks for, as written there."""
        match node:
            case Term(field="" | "title"):
                return [self.post.thread_title[start:end] for start, end in self._of(node, _TITLE)]
            case Near(left=left, right=right):
                return self.title_terms(left) + self.title_terms(right)
            case And(parts=parts) | Or(parts=parts):
                return [term for part in parts for term in self.title_terms(part)]
        return []

    def _of(self, term: Term, place: int) -> list[Span]:
        key = (term, place)
        if key not in self._spans:
            finder = self._finders[term]
            folded, numbers = self._read[place]
            written = (self.post.text, self.post.thread_title)[place]
            self._spans[key] = finder.spans(written if finder.exact else folded) if finder.number in numbers else []
        return self._spans[key]

    def _near(self, node: Near, place: int) -> list[tuple[Span, Span]]:
        """Pairs of places near enough to each other; for each on the left the nearest on the right."""
        rights = sorted(self._places(node.right, place))
        if not rights:
            return []
        if place not in self._words:
            self._words[place] = word_starts(self._read[place][0])
        words = self._words[place]
        starts = [start for start, _ in rights]
        pairs = []
        for left in self._places(node.left, place):
            at = bisect_left(starts, left[0])
            for right in rights[max(0, at - 1) : at + 2]:
                if right == left or (node.ordered and right[0] < left[1]):
                    continue
                first, second = (left, right) if left[0] <= right[0] else (right, left)
                if bisect_left(words, second[0]) - max(0, bisect_left(words, first[1]) - 1) <= node.distance:
                    pairs.append((left, right))
                    break
        return pairs

    def _places(self, node: Node, place: int) -> list[Span]:
        match node:
            case Term():
                return self._of(node, place)
            case Or(parts=parts):
                return [span for part in parts for span in self._places(part, place)]
            case Near():
                return [(min(a[0], b[0]), max(a[1], b[1])) for a, b in self._near(node, place)]
        return []

    def _field(self, term: Term) -> bool:
        post, wanted = self.post, " ".join(term.words)
        if term.field == "lang":
            have = fold(language_of(post.text or post.thread_title, post.language))
            return have == wanted or have.startswith(wanted + "-") or (term.prefix and have.startswith(wanted))
        if term.field == "site":
            host = fold(post.platform)
            return host == wanted or host.endswith("." + wanted) or (term.prefix and host.startswith(wanted))
        if term.field == "thread":
            return wanted in fold(post.thread_url)
        value = " ".join((post.author if term.field == "author" else post.source).split())
        value = value if term.exact else fold(value)
        return value == wanted or (term.prefix and value.startswith(wanted))


def _literal(term: Term) -> str:
    """The one word of a term that the automaton waits for: its longest."""
    return fold(max(term.words, key=len))


def _cover(node: Node) -> frozenset[str] | None:
    """Literals of which one must be there for the query to hold; None if it may hold without any."""
    match node:
        case Term(field="" | "title"):
            return frozenset((_literal(node),))
        case Or(parts=parts):
            covers = [_cover(part) for part in parts]
            return None if None in covers else frozenset().union(*filter(None, covers))
        case And(parts=parts):
            asked = [cover for part in parts if (cover := _cover(part)) is not None]
            # The part whose shortest word is longest wakes the query least often.
            return max(asked, key=lambda cover: (min(map(len, cover)), -len(cover)), default=None)
        case Near(left=left, right=right):
            return _cover(And((left, right)))
    return None
