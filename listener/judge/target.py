"""Which clause speaks of which brand, where a post speaks of several.

A clause belongs to the brand it names; one that names none goes on about the brand before it, first within its
sentence, then across. Where a clause sets two brands against each other ("A is better than B", 「A 不如 B」,
"from A to B") it speaks for one and against the other. No grammar: rules of thumb, the same for both languages.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from listener.judge.words import clause_ends, sentence_ends, spans_between
from listener.records import Mention, Span

SAID = 4  # clauses back that "unlike A" refers to
PUSH = 2.0  # what "from A to B" says for B and against A, in VADER's units

_THAN = re.compile(r"\bthan\b|比(?![较如方赛例])\S{0,4}$")
_WORSE = re.compile(
    r"不如|不及|输给|比不上|比不过|差过|\b(?:loses|lost) (?:out )?to\b|\bnot as \w+ as\b|\bisn't as \w+ as\b"
)
_RATHER = re.compile(r"\b(?:instead of|rather than|over|beats|beat)\b|\b打败|完胜|屌打|吊打|胜过|赢过|好过|强过|取代")
_SWITCHED = re.compile(
    r"\b(?:to|for|→|->|=>)\s+(?:the\s+)?$|(?:跳|换|转|改|搬|携码|移|投奔)\S{0,3}$|(?:到|去|至)\s*$|→\s*$|->\s*$"
)
_FROM = re.compile(
    r"(?:\bfrom|\bleft|\bleaving|\bleave|\bditched|\bdropped|\bdumped|\bquit|\bmoved|\bswitched|\bported|\bcancelled"
    r"|从|由|离开|抛弃|退掉|解约)\s*$"
)
_TOWARDS = re.compile(
    r"(?<!not )(?<!n't )(?<!nearly )(?<!almost )(?<!never )(?<!before )"
    r"\b(?:going with|went with|com(?:e|ing) (?:over |back )?to|came (?:over |back )?to|stick(?:ing)? with"
    r"|stay(?:ing)? with|signed (?:up )?with|switch(?:ed|ing) to|mov(?:ed|ing) to|chang(?:ed|ing) to"
    r"|ported to|joined)\s+(?:the\s+)?$"
    r"|(?<![不别])(?:跳槽到?|投奔|换成|换到|换去|转到|转去|转投|改用|改投|携码到|搬到)\s*$"
)
_AWAY = re.compile(
    r"(?<!not )(?<!n't )(?<!never )\b(?:leaving|ditched|dumped|cancell?ed|fled|escaped|goodbye|bye|(?<!not )done with"
    r"|(?:switched|moved|ported|moving|switching)(?: away)? from)\s+(?:the\s+)?$"
    r"|(?<![不没])(?:离开|抛弃|退掉|逃离|告别)\s*$"
)
_LEFT = re.compile(r"(?<!not )(?<!n't )\bleft\s+$")  # the shop or the firm: what follows tells
_LEFT_FOR = re.compile(
    r"(?:,? (?:and )?(?:joined|went|moved|switched)\b| for (?!the day|work|lunch|home)| after \S+ years?)"
)
_SPEAKER = re.compile(r"\b(?:from|of|at|with)\s+(?:the\s+)?$|(?:我是|这里是|我们是)\s*$")
_HERE = re.compile(
    r"(?:'s)?(?:\s+(?!is\b|was\b|are\b|in\b)\w+){0,2}\s+(?:here|speaking)\b(?!\s+(?:is|was|in|at)\b)"
    r"|\S{0,4}(?:小编|客服|专员)(?!\S{0,3}说)"
)
_UNLIKE = re.compile(r"(?:\bunlike|\bcompared (?:to|with)|\bnot like|不像|不似|哪像|不同于|相较于|相比|比起)\s*$")
_WHICH = re.compile(r"\s*(?:which|who|whose|where)\b")
_TURN = re.compile(r"\s(?:and|but|while|whereas|so|then|or)\s|而|但|反而|倒是|才|却")
_LETTERS = re.compile(r"\w")
_FORMER = re.compile(r"前者|后者|\bthe former\b|\bthe latter\b")
_LATTER = ("后者", "the latter")
_UNNAMED, _UNWATCHED = "\0other", "\0named"  # no brand's id: others that nobody watches
_Place: TypeAlias = tuple[int, int, str]


@dataclass(slots=True)
class Share:
    """A brand's part of a text. `parts`: (span, +1 or −1); `push` is added to the sum as it is."""

    parts: list[tuple[Span, int]] = field(default_factory=list)
    push: float = 0.0
    unlike: bool = False  # "unlike Acme, …": what its sentence says next of another is not so for this one

    def holds(self, span: Span) -> bool:
        """Does the span stand in a part that speaks for the brand as it is written?"""
        return any(start <= span[0] < end for (start, end), sign in self.parts if sign > 0)


def moved(folded: str, spans: Sequence[Span]) -> float:
    """What "I am going with A" or "leaving A" says for or against A, in VADER's units, where A is the only brand."""
    for start, end in spans[:50]:
        before = folded[max(0, start - 24) : start]
        if "?" in folded[end : end + 40]:
            continue
        if _TOWARDS.search(before):
            return PUSH
        if _AWAY.search(before) or (_LEFT.search(before) and _LEFT_FOR.match(folded[end : end + 30])):
            return -PUSH
    return 0.0


def speaks_for(folded: str, spans: Sequence[Span]) -> bool:
    """Does the writer speak for the brand: "Mei from Acme here", 「我是艾克米的客服」? Such a post feels nothing."""
    return any(
        _SPEAKER.search(folded[max(0, start - 12) : start]) is not None and _HERE.match(folded, end) is not None
        for start, end in spans[:2]
    )


def shares(
    folded: str, mentions: Sequence[Mention], rivals: tuple[Sequence[Span], Sequence[Span]] = ((), ())
) -> dict[str, Share] | None:
    """Brand → its part of the text; None where the whole text is every brand's.

    Brands that only the title or the opener names have what stands before the first brand named in the text.

    Args:
        rivals: where others that nobody watches stand, without a name and with one (frames.rivals). Of what is said of
            "my old bank" nothing goes on beyond its sentence: it is only there to be compared with.
    """
    named = {mention.brand: mention.spans for mention in mentions if mention.spans}
    alone = next(iter(named)) if len(named) == 1 else ""
    if not named or (alone and len(mentions) == 1 and not any(rivals)):
        return None
    others_there = dict(zip((_UNNAMED, _UNWATCHED), map(tuple, rivals), strict=True))
    everybody = named | {name: spans for name, spans in others_there.items() if spans}
    places = sorted((start, end, brand) for brand, spans in everybody.items() for start, end in spans)
    places = _with_former_and_latter(folded, places)
    found = {mention.brand: Share() for mention in mentions} | {name: Share() for name in others_there}
    others = [mention.brand for mention in mentions if not mention.spans]
    sentences = sentence_ends(folded)
    owners: tuple[str, ...] = ()
    leading: list[Span] = []  # clauses of this sentence that nobody owns yet
    sentence, begin, opened = -1, 0, False
    for part in _cut(folded, places, spans_between(clause_ends(folded))):
        if (here := bisect_left(sentences, part[1])) != sentence:
            sentence = here
            begin = part[0]
            _give(found, owners or tuple(others) or tuple(named), leading)
            leading = []
            opened = False
            for share in found.values():
                share.unlike = False
            if owners == (_UNNAMED,):
                owners = (alone,) if alone else ()
        inside = places[bisect_left(places, (part[0],)) : bisect_left(places, (part[1],))]
        if not inside:
            if opened:
                _give(found, owners, [part])
            else:
                leading.append(part)
            continue
        owners = _set_against(folded, part, inside, found, begin) or owners
        for name, share in found.items():
            if share.unlike and name not in owners:
                share.parts.append((part, -1))
                share.unlike = False
        if not opened and leading:
            _give(found, owners, leading)
            leading = []
        opened = True
    _give(found, owners or tuple(others) or tuple(named), leading)
    return {mention.brand: found[mention.brand] for mention in mentions}


def _with_former_and_latter(folded: str, places: list[_Place]) -> list[_Place]:
    """Where two are named, "the former" and "the latter" (前者、後者) name them again."""
    brands = list(dict.fromkeys(brand for _, _, brand in places))
    if len(brands) != 2 or not ("者" in folded or "the " in folded):
        return places
    again = [(*match.span(), brands[match[0] in _LATTER]) for match in _FORMER.finditer(folded, places[0][1])]
    return sorted(places + again) if again else places


def _give(found: dict[str, Share], brands: tuple[str, ...], parts: Sequence[Span]) -> None:
    for brand in brands:
        found[brand].parts += [(part, 1) for part in parts]


def _cut(folded: str, places: Sequence[tuple[int, int, str]], clauses: Sequence[Span]) -> list[Span]:
    """Clauses that name two brands, cut between them where each seems to have its own say."""
    parts: list[Span] = []
    for start, end in clauses:
        inside = places[bisect_left(places, (start,)) : bisect_left(places, (end,))]
        for left, right in pairwise(inside):
            between = folded[left[1] : right[0]]
            before = folded[max(start, left[0] - 16) : left[0]]
            if left[2] == right[2] or _opposed(before, between):
                continue
            turns = list(_TURN.finditer(between))
            cut = turns[-1].start() if turns else len(between) if not between.isascii() else 0
            if len(_LETTERS.findall(between[:cut])) >= 2:
                parts.append((start, left[1] + cut))
                start = left[1] + cut
        parts.append((start, end))
    return parts


def _opposed(before: str, between: str) -> bool:
    return bool(
        _THAN.search(between)
        or _WORSE.search(between)
        or _RATHER.search(between)
        or (_FROM.search(before) and _SWITCHED.search(between))
    )


def _set_against(
    folded: str, part: Span, inside: Sequence[tuple[int, int, str]], found: dict[str, Share], begin: int
) -> tuple[str, ...]:
    """Give one clause to the brands it names; returns who the next clause without a name is about.

    `begin` is where the clause's sentence begins.
    """
    brands = list(dict.fromkeys(brand for _, _, brand in inside))
    first = inside[0]
    second = next((place for place in inside if place[2] != first[2]), None)
    if second is None:
        if _UNLIKE.search(folded[max(part[0], first[0] - 16) : first[0]]):
            # "Bolt answered, unlike Acme": what was just said of the others is not so for this one.
            for name, share in found.items():
                said = [one for one, sign in share.parts[-SAID:] if one[0] >= begin and sign > 0]
                if name != first[2] and said:
                    found[first[2]].parts += [(one, -1) for one in said]
                    return (first[2],) if _WHICH.match(folded, part[1]) else (name,)
            found[first[2]].unlike = True
            return (first[2],)
        found[first[2]].parts.append((part, 1))
        return (first[2],)
    a, b = first[2], second[2]
    before, between = folded[max(part[0], first[0] - 16) : first[0]], folded[first[1] : second[0]]
    if _FROM.search(before) and _SWITCHED.search(between):
        found[a].push -= PUSH
        found[b].push += PUSH
        found[b].parts.append((part, 1))
        return (b,)
    if _WORSE.search(between):
        found[a].push -= PUSH
        found[b].push += PUSH
        return (a,)
    if _THAN.search(between):
        found[a].parts.append((part, 1))
        found[b].parts.append((part, -1))
        return (a,)
    if _RATHER.search(between):
        found[a].push += PUSH
        found[b].push -= PUSH
        return (a,)
    for brand in brands:
        found[brand].parts.append((part, 1))
    return tuple(brands)
