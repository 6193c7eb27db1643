"""What people mean without an opinion word: patterns that a list of phrases cannot hold. All work on folded text.

Waiting told in numbers ("after three weeks", 「第三次」), thanks that are none ("thanks for the two hours of
music"), and politeness before a complaint ("I'd love to …, but", 「謝謝你們…但」).
"""

import re

from listener.judge.feeling import Told

READ = 4_000  # code points that are looked at; people come to the point earlier
WAITED = -0.8  # "after three weeks": a fact, and a mild reproach
MOCKED = -2.5
POLITE = -1.5  # what a "but" after a courtesy says by itself
KEPT = 0.2  # what is left of the praise before such a turn

_UNIT = re.compile(r"hour|day|week|month|minute|min\b")
_WAIT = re.compile(
    r"\b(?:after|for|took(?: me| us| them)?|takes|taken|spent|past|been|another|every|since)"
    r" (?:about |almost |nearly |over |more than |the |last |past |another |at least )*"
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|several|many|countless|forty-five|thirty|ninety)"
    r"(?: (?:and a half|full|whole|working|business|long|solid))*[ -](?:hours?|days?|weeks?|months?|minutes|mins)\b"
    r"(?! (?:free|trial|warranty|return|contract|guarantee|stay|trip|holiday|vacation|old))"
)
_MOCK = re.compile(
    r"\b(?:thanks|thank you|thx)\b[^.!?\n]{0,40}? for (?:the )?(?:[^.!?\n]{0,40}?"
    r"\b(?:minutes|hours|days|weeks|months|wait|queue|hold music|silence|extra charge|extra fee|surprise bill)\b"
    r"|nothing|hanging up|ignoring|wasting|losing|ruining|breaking|cancell?ing|charging|stranding|lying"
    r"|(?:making|keeping|leaving) (?:me|us))"
)
_COURTESY = re.compile(
    r"\b(?:i'd|i would|we'd|we would|i really want to|i want to|i wanted to|i tried to) (?:really |so |truly )?"
    r"(?:love|like|recommend|give|want|be happy|be glad)\b|\bwish i could\b|\bnormally i\b|\bwith all due respect\b"
    r"|\b(?:appreciate|thanks|thank you)[^.!?\n]{0,60}?,? but\b"
)
_BUT = re.compile(r"\bbut\b|\bhowever\b|\bexcept\b|\bunfortunately\b|\bsadly\b")

_ZH_NUMBER = r"好?[\d一二两三四五六七八九十百半几多]{1,6}"
_ZH_WAIT = re.compile(
    rf"(?:等|拖|过|卡|耗|转|打|讲|排|花)了?(?:我|快|将近|超过|整整|足足)?{_ZH_NUMBER}个?多?(?:分钟|小时|钟头|天|日|周|星期|礼拜|月|年)"
    rf"|{_ZH_NUMBER}个?多?(?:天|周|星期|礼拜|月)了|第{_ZH_NUMBER}(?:次|通|趟|遍|封)"
    rf"|(?:打|问|跑|寄|讲|说|写|传|报修|反映)了?{_ZH_NUMBER}(?:次|通|趟|封|遍)"
)
_ZH_EVEN = re.compile(r"连[^,。!?\n]{1,14}?(?:都|也)(?:没|不|唔|冇|未|要|懒)")
_ZH_AT_ALL = re.compile(r"根本(?!解决|问题|上)")
_ZH_THANKS = re.compile(r"(?:谢谢|感谢|多谢)[^。!?\n]{0,24}?(?:但|不过|可是|只是|然而|却|害我|让我等|浪费)")


def hints(folded: str, chinese: bool) -> list[Told]:
    """The hints of a text, each as the words that tell and what they weigh."""
    folded = folded[:READ]
    found: list[Told] = []
    if chinese:
        found += [Told(match.span(), WAITED) for match in _ZH_WAIT.finditer(folded)]
        if "连" in folded:
            found += [Told(match.span(), WAITED) for match in _ZH_EVEN.finditer(folded)]
        if "根本" in folded:
            found += [Told(match.span(), WAITED) for match in _ZH_AT_ALL.finditer(folded)]
        if "谢" in folded and (match := _ZH_THANKS.search(folded)):
            found.append(Told((match.end() - 1, match.end()), POLITE))
        return found
    if _UNIT.search(folded):
        found += [Told(match.span(), WAITED) for match in _WAIT.finditer(folded)]
    if "thank" in folded or "thx" in folded:
        found += [Told(match.span(), MOCKED) for match in _MOCK.finditer(folded)]
    if (match := _COURTESY.search(folded)) and (turn := _BUT.search(folded, match.end() - 4)):
        found.append(Told(turn.span(), POLITE))
    return found


def with_hints(told: list[Told], found: list[Told]) -> list[Told]:
    """The told words and the hints in the order of the text; the praise that a hint takes back counts little.

    Praise before a polite turn is courtesy, and all praise beside a mock thanks is mockery.
    """
    if mocked := any(one.weight <= MOCKED for one in found):
        turn = 0
    else:
        turn = max((one.span[0] for one in found if one.weight == POLITE), default=0)
    kept = [
        Told(one.span, one.weight * KEPT) if one.weight > 0 and (mocked or one.span[0] < turn) else one for one in told
    ]
    return sorted(kept + found, key=lambda one: one.span)
