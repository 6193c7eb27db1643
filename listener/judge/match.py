"""Which brands a post speaks of: one automaton for the literals of all brands, then only the candidates' queries.

A query is looked for in the text first; if it does not hold there, in title and text together; if it does not hold
there either, a reply speaks of the brands that its thread's opener speaks of. What a query forbids (NOT) is looked
for in title and text each time.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from listener.fold import bare
from listener.judge.find import MAX_PLACES, Finder, readable, starts_word
from listener.judge.language import language_of
from listener.judge.query import Query
from listener.judge.tree import And, Near, Node, Not, Or, Term, terms
from listener.judge.words import Literals, merged, word_starts
from listener.records import Mention, Post, Span, Where

_TEXT, _TITLE = 0, 1
_BOTH = (_TEXT, _TITLE)


class Read(NamedTuple):
    """One text as the matcher sees it: folded, and where the literals of all brands stand in it."""

    folded: str
    hits: Mapping[str, list[Span]]


class Matcher:
    """Finds the brands of posts. Compiled once; then about as cheap for a thousand brands as for one.

    Args:
        queries: brand id → its query.
    """

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)
        asked = {term for query in self._queries.values() for term in terms(query.root) if term.field in ("", "title")}
        self._finders = {term: Finder(term) for term in asked}
        common = Counter(word for finder in self._finders.values() for word in finder.words)
        for finder in self._finders.values():
            finder.choose(common)
        finders = self._finders.values()
        self._goes_on = {literal for finder in finders if finder.term.prefix for literal in finder.literals}
        self._always: set[str] = set()  # brands asked for by fields alone: no literal to wait for
        self._wakes: dict[str, set[str]] = {}  # literal → brands whose query may hold once it is there
        for brand, query in self._queries.items():
            cover = self._cover(query.root)
            if cover is None:
                self._always.add(brand)
            for literal in cover or ():
                self._wakes.setdefault(literal, set()).add(brand)
        self._order = {brand: number for number, brand in enumerate(self._queries)}
        self._literals = Literals(tuple(sorted({literal for finder in finders for literal in finder.literals})))
        self._seen = lru_cache(maxsize=4096)(self.read)  # threads repeat their title

    def match(self, post: Post, opener_brands: frozenset[str] = frozenset()) -> tuple[Mention, ...]:
        """The post's mentions, by brand in the order of the queries.

        Args:
            opener_brands: brands that the opener of the post's thread speaks of; for the opener itself without effect.
        """
        text = self.read(post.text)
        title = self._seen(post.thread_title)
        inherited = opener_brands & self._order.keys() if post.position != 0 and opener_brands else frozenset()
        if not (text.hits or title.hits or inherited or self._always):
            return ()
        awake = self._always | inherited
        for literal in (*text.hits, *title.hits):
            awake |= self._wakes.get(literal, frozenset())
        found = _Found(post, (text, title), self._finders)
        mentions = (
            self._mention(found, brand, brand in inherited) for brand in sorted(awake, key=self._order.__getitem__)
        )
        return tuple(mention for mention in mentions if mention is not None)

    def read(self, text: str) -> Read:
        """The literal stage: the text folded, and where the words that queries wait for stand in it."""
        folded = readable(text)
        hits: dict[str, list[Span]] = {}
        for number, start, end in self._literals.find(folded):
            literal = self._literals.literals[number]
            # Short names lie inside many words, so the word's ends are looked at before any query is woken.
            if starts_word(text, folded, start) and (literal in self._goes_on or starts_word(text, folded, end)):
                places = hits.setdefault(literal, [])
                if len(places) < MAX_PLACES:
                    places.append((start, end))
        return Read(folded, hits)

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

    def _cover(self, node: Node) -> frozenset[str] | None:
        """Literals of which one must be there for the query to hold; None if it may hold without any."""
        match node:
            case Term(field="" | "title"):
                return frozenset(self._finders[node].literals)
            case Or(parts=parts):
                covers = [self._cover(part) for part in parts]
                return None if None in covers else frozenset().union(*filter(None, covers))
            case And(parts=parts):
                asked = [cover for part in parts if (cover := self._cover(part)) is not None]
                # The part whose shortest word is longest wakes the query least often.
                return max(asked, key=lambda cover: (min(map(len, cover)), -len(cover)), default=None)
            case Near(left=left, right=right):
                return self._cover(And((left, right)))
        return None


class _Found:
    """What one post holds, looked up as a query asks for it."""

    def __init__(self, post: Post, read: tuple[Read, Read], finders: Mapping[Term, Finder]) -> None:
        self.post, self._read, self._finders = post, read, finders
        self._texts = (post.text, post.thread_title)
        self._spans: dict[tuple[Finder, int], list[Span]] = {}
        self._words: dict[int, list[int]] = {}

    def holds(self, node: Node, places: tuple[int, ...], forbidden: bool = False) -> bool:
        """Does the query hold with what it asks for looked for in `places`? Without places that is taken as given."""
        match node:
            case Term(field="" | "title") if forbidden or places or node.field:
                where = (_TITLE,) if node.field else _BOTH if forbidden else places
                return any(self._of(node, place) for place in where)
            case Term(field=""):
                return True
            case Term():
                return self._field(node)
            case Near():
                where = (_TITLE,) if _in_title(node) else _BOTH if forbidden else places
                return not where or any(next(self._pairs(node, place), None) is not None for place in where)
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
            case Near() if not _in_title(node):
                return [span for pair in self._some_pairs(node, _TEXT) for span in pair]
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
        finder = self._finders[term]
        if (spans := self._spans.get((finder, place))) is None:
            spans = self._spans[finder, place] = finder.spans(self._texts[place], *self._read[place])
        return spans

    def _pairs(self, node: Near, place: int) -> Iterator[tuple[Span, Span]]:
        """Pairs of places that do not overlap and are near enough to each other."""
        lefts, rights = self._places(node.left, place), self._places(node.right, place)
        if not lefts or not rights:
            return
        if place not in self._words:
            self._words[place] = word_starts(self._read[place].folded)
        words = self._words[place]
        yield from _close(lefts, rights, words, node.distance)
        if not node.ordered:
            yield from ((left, right) for right, left in _close(rights, lefts, words, node.distance))

    def _some_pairs(self, node: Near, place: int) -> list[tuple[Span, Span]]:
        return [pair for pair, _ in zip(self._pairs(node, place), range(MAX_PLACES), strict=False)]

    def _places(self, node: Node, place: int) -> list[Span]:
        found: list[Span] = []
        match node:
            case Term():
                return self._of(node, place)
            case Or(parts=parts):
                found = [span for part in parts for span in self._places(part, place)]
            case Near():
                found = [(min(a[0], b[0]), max(a[1], b[1])) for a, b in self._some_pairs(node, place)]
        return sorted(set(found))[:MAX_PLACES]

    def _field(self, term: Term) -> bool:
        post, wanted = self.post, " ".join(term.words)
        if term.field == "lang":
            have = bare(language_of(post.text or post.thread_title, post.language))
            return have == wanted or have.startswith(wanted + "-") or (term.prefix and have.startswith(wanted))
        if term.field == "site":
            host = bare(post.platform)
            return host == wanted or host.endswith("." + wanted) or (term.prefix and host.startswith(wanted))
        if term.field == "thread":
            return bare(wanted) in bare(post.thread_url)
        value = " ".join((post.author if term.field == "author" else post.source).split())
        value = value if term.exact else bare(value)
        return value == wanted or (term.prefix and value.startswith(wanted))


def _close(firsts: list[Span], seconds: list[Span], words: list[int], distance: int) -> Iterator[tuple[Span, Span]]:
    """Pairs in which the second begins after the first ends, at most `distance` words on (the next word is 1)."""
    for first in firsts:
        last = bisect_left(words, first[1]) + distance  # the word that is one too far
        for second in seconds[bisect_left(seconds, (first[1], 0)) :]:
            if bisect_left(words, second[0]) >= last:
                break
            yield first, second


def _in_title(node: Near) -> bool:
    """Is it looked for in the title alone? What stands on both sides of a NEAR has one field."""
    return next(terms(node)).field == "title"
