"""How a post comes to speak of a brand besides judging it: beside others, evenly, in passing, by hearsay.

    rivals   "other banks", "my old phone", 「隔壁那家」, names after "switched to": what is said of them
             is not said of ours
    evenly   "depends what you want", 「看你重視什麼」: two are set side by side and none wins
    passing  "the man behind me at Acme", 「在某店門口」: a place or a thing that somebody else's story goes past
    hearsay  "my brother says", 「聽說」: somebody else's opinion, passed on

Rules of thumb on folded text, in both languages; what they find only lowers what a word counts.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from listener.judge.words import clause_ends, spans_between
from listener.records import Span

READ = 4_000  # code points that are looked at
EVEN, PASSING, ELSEWHERE, HEARSAY = 0.15, 0.05, 0.0, 0.5
# What is left of a feeling: between two set side by side; in the clause that names a brand in passing, and in the
# others; told by somebody else.

_THING = (
    r"(?:airlines?|carriers?|banks?|shops?|stores?|brands?|companies|company|providers?|networks?|phones?|cars?|apps?"
    r"|places?|restaurants?|hotels?|games?|firms?|insurers?|suppliers?|makers?|ones?|lot|mob|people|laptops?|watch)"
)
_RIVALS = re.compile(
    rf"\b(?:(?:all |any |most |many |the |so many )?other {_THING}|(?:the )?others|everyone else|everybody else"
    rf"|(?:my|our|the|his|her) (?:old|previous|last|former|ex-?) ?{_THING}|old lot|competitors?|the competition"
    rf"|another {_THING}|one of the big (?:two|three|four|five|six)|the big (?:two|three|four|five|six)|next door)\b"
    r"|(?:别|其他|其它|另一|另外一|隔壁|对面|前一|上一|以前|之前|旧|原来|别人|前)(?:的|那|这|个|嘅|用|一)*"
    r"(?:家|间|牌子?|款(?!式)|支|部(?!分)|台(?!北|中|南|湾)|银行|电信|航空|店|品牌|厂牌|厂|公司)"
    r"|隔壁(?=[^,。!?]{0,6}(?:比|就|都|才))"
)
_NAME = r"(?!I\b|I'|A\b|The\b|My\b|It\b)[A-Z][\w&'’-]*(?: [A-Z][\w&'’-]*)?"
_TO_NAME = re.compile(
    r"\b(?:(?:[Ss]witch|[Cc]hang)(?:ed|ing) (?:over |everything |it all |us )?to|[Mm]ov(?:ed"
    r"|ing) (?:over |everything )?to"
    r"|[Ww]ent with|[Gg]oing with|[Jj]oined|[Pp]orted to|[Ll]eft (?:\w+ ){0,2}for|[Ii]nstead of"
    r"|[Rr]ather than|[Uu]nlike"
    rf"|[Cc]ompared (?:to|with)|(?:[Bb]etter|[Ww]orse) than)\s+(?:the |my |a )?({_NAME})"
)
_TO_NAME_ZH = re.compile(
    r"(?:跳槽到?|投奔|改投|改用|转投|携码到|换到(?!货|新|一|现|第)|转到(?!一|客|分|下|上|人|专)"
    r"|搬到(?=\S{2,6}(?:电信|银行)))(\w{2})"
)
_EVENLY = re.compile(
    r"\bdepend(?:s|ing)? (?:on|what|where|who|how|if)\b|\bdepends\b|\b(?:about|pretty much|more or less"
    r"|roughly) the same\b"
    r"|\b(?:nothing|isn't much|not much|little|is not much) (?:in it|between them)\b|\ba wash\b|\bsame towers\b"
    r"|\b(?:both|either) (?:is|are|one is|will|would) (?:fine|ok|okay|do)\b|\bwhichever\b"
    r"|\bif you (?:want|need|care|upload)\b"
    r"|看(?:你|个人|需求|需要|预算|情况|谁|天气|边)|睇(?:你|个人|需要|天气|边|预算)|差不多|差唔多|各有"
    r"|没(?:有)?差|冇分别|没分别|都可以"
    r"|自己(?:加|斟酌|衡量|量)|给(?:想|要)\S{1,4}的人参考|(?:选|用|拣|买)(?:前|后)者"
)
_PLACE = re.compile(
    r"(?:\b(?:near|outside|behind|opposite|next (?:door )?to|across from|in front of|beside|round the corner from"
    r"|(?:met|meet|meeting|sat|sitting|standing|stood|queue|queuing|parked|tent|bar of|cafe|lounge|boarding|waiting"
    r"|wearing|landed|typing this|works?|worked|on|at|in|with|a|my|the|his|her|their|new|third|last)"
    r"(?: (?:at|in|on|by|with|from|behind|for))?)(?: (?:the|my|a|an|his|her|our|this|that))?\s+$)"
    r"|\b(?:impersonat(?:es?|ing)|posing as|pretending to be|fake)\s+$|(?:假冒|冒充|冒用|假扮)(?:成|是|为)?\s*$"
    r"|(?:在|喺|去|逛|从|住|排|逼到|我|搭|坐)\s*$"
)
_PLACE_AFTER = re.compile(
    r"\s?(?:银行|门市|航空|酒店|客栈|的)?(?:门口|门外|外面|旁边?|楼上|楼下|隔壁|隔篱|对面|附近|转角|巷口|后面)"
    r"|(?:'s)? (?:car park|parking lot|lounge|cafe|tent|queue|toilets?)\b"
)
# Somebody or something that is neither the writer's family (they are customers too) nor the brand's people.
_OTHERS = re.compile(
    r"\b(?:my|his|her|our|the) (?:ex|landlord|landlady|neighbou?rs?|flatmate|roommate|hen do|best man|mods?)\b"
    r"|\b(?:a|an|some|this|that|the|one|any) (?:\w+ )?(?:toddler|mother|uncle|auntie|passenger|stranger|streamer"
    r"|commentator|ref|referee|poster|teenager|thief|airport|county|council|weather|funeral|wedding"
    r"|hurricane|scammers?)\b|\bscammers\b"
    r"|\b(?:hate|hates|hated|miss) (?:him|her|people|whoever|everyone|this (?:city|town|weather)"
    r"|mondays?|february|january|winter|burpees)\b|\bwhoever\b|\bfuneral\b|\bpassed away\b|\bproposed\b|\bmugged\b"
    r"|\bgot married\b|\bthis airport\b|\bthe weather\b|\bhurricane\b"
    r"|阿伯|阿北|阿婆|大妈|大叔|室友|前任|前男友|前女友|细路|屁孩|路人|邻居|楼上|隔篱|插队|打尖|诈骗集团"
    r"|假冒|冒充|猪队友"
    r"|地铁|捷运|邮局|台风|下雨|告别式|丧事|分手|失恋|秋招|高考|闹钟"
)
_SAYS = re.compile(
    r"\b(?:(?:my|a|the|his|her|our|some) (?:\w+ ){0,2}?(?:friend|mate|brother|sister|dad|mum|mom|wife"
    r"|husband|neighbou?r"
    r"|boss|colleague|co-?worker|accountant|landlord|cousin|uncle|aunt|aunty|brother in law"
    r"|brother-in-law|people|guy)s?"
    r"|everyone|everybody|people|some|they all|rumou?r|the (?:ad|advert|ads|news|paper|reviews?|website|internet))"
    r" (?:says?|said|told me|tells me|reckons?|thinks?|thought|swears?|recommends?|recommended|claims?|has it|insists?"
    r"|keeps? (?:saying|telling)|saying)\b(?! (?:the )?same)"
    r"|\b(?:supposedly|allegedly|apparently|i(?:'ve)? (?:heard|read)(?: that)?|i hear)\b"
    r"|听说|据说|听闻|听讲|有人说|网友说|大家都?(?:说|讲|吹)|人家说|广告(?:说|写|讲)|传闻"
    r"|我?(?:朋友|同事|同学|邻居|我妈|我爸|老公|老婆|男友|女友|室友|店家|表姐|学长|学妹)(?:都|也|就"
    r"|一直)?(?:说|讲|推荐|觉得|话)(?!我)"
)


def rivals(text: str, folded: str, spans: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Where a post speaks of others that nobody watches: those without a name, and those with one.

    Args:
        text: as written: a name begins with a capital letter.
        spans: where the watched brands are named, ascending, apart; what overlaps them is none.
    """
    head = folded[:READ]
    plain = [match.span() for match in _RIVALS.finditer(head)]
    named = [match.span(1) for match in _TO_NAME.finditer(text[:READ])] if " " in head else []
    if not head.isascii():
        named += [match.span(1) for match in _TO_NAME_ZH.finditer(head)]
    return _apart(plain, spans), _apart(sorted(named), spans)


def evenly(folded: str) -> bool:
    """Does the writer leave it to the reader which of several is better?"""
    return _EVENLY.search(folded[:READ]) is not None


def passing(folded: str, spans: Sequence[Span]) -> list[tuple[Span, float]]:
    """Clauses with what a feeling in them counts, where the brand is only a place or a thing in somebody's story.

    Empty where the brand is not named in passing: every place of it must be one, and somebody else must be there.
    """
    if not spans or not all(_in_passing(folded, span) for span in spans) or not _OTHERS.search(folded[:READ]):
        return []
    starts = sorted(start for start, _ in spans)
    return [
        (clause, PASSING if bisect_left(starts, clause[0]) < bisect_left(starts, clause[1]) else ELSEWHERE)
        for clause in spans_between(clause_ends(folded))
    ]


def hearsay(folded: str) -> list[tuple[Span, float]]:
    """The stretches that pass on what others say: from the word that tells it to the end of its clause."""
    found = [match.span() for match in _SAYS.finditer(folded[:READ])]
    if not found:
        return []
    ends = clause_ends(folded)
    stretches = [(start, ends[min(bisect_left(ends, end + 2), len(ends) - 1)]) for start, end in found]
    # What stands in quotation marks is weighed as a quotation already.
    return [(one, HEARSAY) for one in stretches if not any(mark in folded[one[0] : one[1] + 1] for mark in '"「『')]


def counted(span: Span, stretches: Sequence[tuple[Span, float]]) -> float:
    """What a word at `span` counts by the stretch that it stands in (ascending); 1 outside of them."""
    at = bisect_left(stretches, ((span[0] + 1, 0), 0.0)) - 1
    return stretches[at][1] if at >= 0 and span[0] < stretches[at][0][1] else 1.0


def _in_passing(folded: str, span: Span) -> bool:
    before = folded[max(0, span[0] - 32) : span[0]]
    return _PLACE.search(before) is not None or _PLACE_AFTER.match(folded, span[1]) is not None


def _apart(places: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    starts = [start for start, _ in taken]
    kept = []
    for start, end in places:
        at = bisect_left(starts, end) - 1  # the last that begins before this one ends
        if at < 0 or taken[at][1] <= start:
            kept.append((start, end))
    return kept
