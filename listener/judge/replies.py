"""Replies that take a side: "same here", 「我也是」, 「推樓上」 stand by what they answer, "works fine here" and
「不會啊」 against it. What they answer said something of the brand (records.ParentSide); they say it again or deny it.

All work on folded text. Only the beginning of a reply is looked at: people agree or object first and explain then.
"""

import re
from collections.abc import Iterable, Sequence

from listener.judge.feeling import Feeling, Told, unsquashed
from listener.records import Judgement, ParentSide, Side

READ = 160  # code points of a reply that are looked at
LEAST = 1.5  # what taking a side weighs at least, in VADER's units: enough for a label
SHARE = 0.8  # how much of what was said before is said again; a denial is worth as much on the other side
PUSHED = 1.3
MOST = 0.95  # a sentiment of ±1 has no finite sum

_WE = r"(?:i|i'm|i've|me|mine|my|we|we're|we've|us|our|ours)"
_END = r"(?=\s*(?:$|[^\w\s]))"
_NOT_DENIED = "".join(  # what is said to work does work: "never worked well for me" denies nothing
    f"(?<!{no} )" for no in ("not", "n't", "never", "nothing", "no longer", "not been", "n't been", "never been")
)
_AGREES = re.compile(
    rf"^\W*(?:\+ ?1\b|(?:the )?(?:exact )?same(?: here| problem| issue| thing| story| boat| experience)?{_END}"
    rf"|same (?:here|happened|with me|for me|to me)\b|(?:me|us|mine|you|here) (?:too|also|as well){_END}"
    rf"|ditto\b|this{_END}"
    rf"|(?:i )?(?:totally |completely |fully )?agreed?\b(?! to)|exactly\b|seconded\b|seconding\b|likewise\b"
    rf"|got (?:me|mine|us)\b|happened to (?:me|us|my)\b|so (?:did|do|was|is) (?:i|mine|we|ours)\b"
    rf"|neither (?:did|do|can|could|have) (?:i|we)\b|(?:yup|yep|yeah|yes)\b(?! but|,? no\b)|can confirm\b|confirmed\b"
    rf"|(?:it's )?not (?:just|only) you\b|you're not alone\b"
    r"|(?:i )?(?:couldn't|could not|can't|cannot) agree more\b|preach\b|amen\b|co-?sign)"
    rf"|\b{_WE}\b[^.!?\n]{{0,60}}\b(?:too|as well|also|the same){_END}|(?<!not )(?<!not the )\bsame here\b"
    rf"|^\W*(?:楼上 ?)?(?:\+ ?1(?!\d)|推(?:一个|楼上|推)*(?![荐进出给到车文说论广销测行动荐])|附议|附和|加一|me too"
    rf"|同(?:感|上|样|意|款|问|楼上|考试|病)?(?=$|[\W哦喔啊]|我|求)|(?:我|我们|我家|我妈|我姐|我爸|我朋友"
    rf"|我这边|我这里|这边|这里|我哋|我个\w)"
    rf"(?:的|嘅|那[边支台次])?(?:也|都)(?!不会|没有?(?:问题|事|遇)|冇事|唔会|许|好|很)|一样(?=$|\W|惨)"
    rf"|真的(?=$|[\W+])|确实(?=$|\W|是)"
    rf"|没错(?=$|\W)|对(?:啊|呀|阿)?(?=$|[\W+])|就是说|系(?:啊|呀|咯)|认同|赞同|中肯|不只你|不是只有你"
    rf"|\S{{1,4}}\+ ?1(?!\d))",
)
_DENIES = re.compile(
    r"\b(?:not my experience|hasn't been my experience|(?:wasn't|isn't) my experience"
    r"|opposite (?:experience|for me|here)"
    r"|(?:never|not|haven't|hasn't|didn't) (?:ever )?had (?:that|this|any|an?|one|those|these) "
    r"(?:single )?(?:\w+ )?(?:problem|issue|trouble|complaint)s?\b(?! (?:un)?till?\b)"
    r"|(?<!say )no (?:problems?|issues?|trouble|complaints) "
    r"(?:here|at all|with mine|for me|on my end)"
    rf"|{_NOT_DENIED}(?:works?|working|worked|runs?|running|been|is|was|all) (?:just |perfectly |totally |absolutely )?"
    r"(?:fine|ok|okay|great|perfectly|well|flawlessly|smoothly|good) (?:here|for me|for us|on mine|on my end|over here)"
    r"|(?<!wish )mine(?:'s| is| has been| works| worked| was| runs)?(?: been)?(?: working| just"
    r"| perfectly)* (?:fine|ok|okay|great"
    r"|perfect|perfectly|flawless|solid|good)|must (?:just )?be (?:just )?you"
    r"|(?<!not )(?<!not only )just you\b|i disagree"
    r"|hard disagree|disagree\b"
    r"|(?:do not|don't|can't|cannot) agree\b(?! more)|(?:quite|exactly|completely) the opposite\b"
    r"|on the contrary|not (?:for me|here|mine|true|at all)[,.!]|can't relate|can't reproduce"
    r"|never happened to (?:me|us)|unpopular opinion)"
    r"|^\W*(?:nope|nah)\b"
    r"|^\W*(?:不会|没有|没|冇|唔会)(?:啊|阿|呀|欸|诶|耶|啦|吧|喔|喎|㖞|噃|呢)|^\W*(?:还好|哪会|怎么会"
    r"|哪有|唔觉|不觉得|我觉得还好|我不觉得)"
    r"|我(?:的|家|们|嘅)?(?:那|这|呢|用|部|台|支|边|里|间|次){0,2}(?:的|嘅)?(?:都|也|就|倒是|一直|反而"
    r"|却)?(?:很|超|好|蛮|一切|一直)?"
    r"(?:顺|正常|没问题|没事|好好的|稳|冇事|冇问题|没遇|没碰|冇遇)"
    r"|(?:没|冇|没有|从来没|从没)(?:遇过|遇到过?|碰过|碰到过?|发生过?)(?![这那]么|如此|比)(?:这|那|呢|你|,|$)?|没(?:有)?(?:这"
    r"|那)(?:个|种)?问题|冇呢个问题"
    r"|不同意|不认同|不敢苟同|正好相反|刚好相反|恰恰相反|应该是你的?(?:问题|手机|网络|人品)|你(?:的)?个案"
)
_PUSHED = re.compile(r"[\s→:]*(推|嘘)(?=$|[\s:,。!~]|推|嘘)")  # PTT: how a comment there begins
_ASKS = re.compile(r"\?\W*$")
_OWN = re.compile(rf"\b{_WE}\b|我|咱|俺|这边|我哋")


def takes_side(folded: str) -> tuple[int, tuple[int, int]] | None:
    """+1 for a reply that agrees with what it answers, −1 for one that denies it, and the words that do; else None.

    >>> takes_side("same here, three weeks now")
    (1, (0, 9))
    >>> takes_side("works fine here")
    (-1, (0, 15))
    """
    head = folded[:READ]
    if (match := _DENIES.search(head)) is not None:
        return -1, match.span()
    if (match := _AGREES.search(head)) is not None:
        return 1, _trimmed(head, match.span())
    return None


def goes_on(folded: str) -> bool:
    """Does a reply without a feeling go on about the matter: not a mere question back?"""
    return _ASKS.search(folded[-40:]) is None or _OWN.search(folded[:READ]) is not None


def with_side(feeling: Feeling, folded: str, side: Side | None) -> tuple[Feeling, int]:
    """The feeling with what the side it takes adds, and that side's sign; 0 where it takes none or there is none."""
    if side is None or side.label == "neutral" or (taken := takes_side(folded)) is None:
        if (mark := _PUSHED.match(folded)) is None:
            return feeling, 0
        # Without a side to take, 推 recommends and 噓 boos what the thread is about.
        one = Told(mark.span(1), PUSHED if mark[1] == "推" else -PUSHED)
        return Feeling(feeling.total + one.weight, (one, *feeling.told)), 0
    sign, span = taken
    said = max(LEAST, SHARE * abs(unsquashed(max(-MOST, min(MOST, side.sentiment)))))
    weight = sign * said * (1 if side.label == "positive" else -1)
    told = sorted((*feeling.told, Told(span, weight)), key=lambda one: one.span)
    return Feeling(feeling.total + weight, tuple(told)), sign


def side_of(key: str, judgements: Iterable[Judgement]) -> ParentSide:
    """What a judged post says of its brands, for the replies to it."""
    return ParentSide(key, {one.brand: Side(one.label, one.sentiment, one.topics) for one in judgements})


def nearest(sides: Sequence[ParentSide]) -> ParentSide | None:
    """For each brand the first of these posts that is for or against it, else the first that speaks of it.

    Args:
        sides: what a reply may answer, the likeliest first: what it quotes, its parent, the post before, the opener.
    """
    found: dict[str, Side] = {}
    key = ""
    for post in sides:
        for brand, side in post.sides.items():
            if brand not in found or (found[brand].label == "neutral" != side.label):
                found[brand], key = side, key or post.post_key
    return ParentSide(key, found) if found else None


def _trimmed(head: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    while start < end - 1 and not (head[start].isalnum() or head[start] == "+"):
        start += 1
    return start, end
