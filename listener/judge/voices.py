"""What one person said in their own words, a mark that exact copies of it share, and where near copies meet.

Near copies are found as Broder has it (On the resemblance and containment of documents, 1997): a text is the set of its
shingles (pairs of words; of Han text, three characters), MinHash keeps a few minima of it, and texts that agree in all
minima of one band (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4) are looked at side by side. With bands
of three, ten of them, texts half alike meet in 74 of 100 cases, those seven tenths alike in 98, those a tenth alike in
one. What met is a copy only if `alike` says so, which compares the shingles themselves.

Left undone: translations, texts retold in other words, pictures of text.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from rensa import RMinHash

from listener.fold import fold
from listener.store.taken import Copy

BANDS, ROWS = 10, 3
SEED = 22
ENOUGH = 8.0  # words; a Han character counts as WORD_OF_HAN of one. Shorter texts ("same here") are alike by chance
WORD_OF_HAN = 0.6
MOST_CHARS = 20_000  # of a post's own words that are compared
ALIKE, HELD, LEAST = 0.5, 0.8, 0.35  # see alike
DAY = timedelta(days=1)
CAMPAIGN, NEW_SHARE = 10, 0.7  # names within a day, and how many of them new, from which one text is a campaign
HISTORY = timedelta(days=7)  # of listening, before a name can be called new
SITES = 3  # from which a text that each brought once or so is news that is passed on
UNUSUAL = 6  # letters and digits of a name that few others will have; a Han character counts as two
_COMMON_NAMES = frozenset(
    "admin administrator anonymous author bot contributor customer deleted deleteduser editor editorial editors guest "
    "member moderator newsbot newsdesk newsroom nobody official reader reporter staff staffreporter staffwriter "
    "support unknown user visitor webmaster "
    "匿名 匿名者 匿名用户 访客 游客 网友 路人 版主 管理员 站长 编辑 编辑部 记者 小编 客服 用户".split()
)

_QUOTE_LINE = re.compile(r"^[ \t]*(?:[>|｜:]|＞).*$", re.MULTILINE)
_ATTRIBUTION = re.compile(
    r"^.{0,200}(?:\bwrote|\bwrites|\bsaid|写道|写到|提到|引述|表示)[^\n]{0,40}[:：]\s*$", re.MULTILINE | re.IGNORECASE
)
_SIGNATURE = re.compile(r"^--[ \t]?$", re.MULTILINE)
_SENT_FROM = re.compile(
    r"^[ \t]*(?:(?:-+ ?)?(?:sent|posted) (?:from|via) .{0,60}|从我的.{0,30}(?:发送|传送))$",
    re.MULTILINE,
)
_BLANKS = re.compile(r"\s+")
_TRAILING_LINKS = re.compile(r"(?:\s*(?:https?://|www\.)\S+[\s).>\]]*)+$")
_UNTOLD = re.compile(r"[\W_]+")
_LINKS = re.compile(r"(?:https?://|www\.)\S+")
_PASSED_ON = re.compile(r"^(?:(?:rt\b|(?:fwd?|re|via|转发?|转贴|转|分享)\s*[:：])\s*|@\w+\s*[:：]\s*)+")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_TOKEN = re.compile(f"[{_HAN}]|[^\\W_{_HAN}]+(?:'[^\\W_{_HAN}]+)*")
_PLAIN_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_ONE_HAN, _HAN_RUN = re.compile(f"[{_HAN}]"), re.compile(f"[{_HAN}]+")
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, The Art of Computer Programming 3, 6.4)
_HALF, _SIGN = np.uint64(32), np.uint64(1 << 63)


def own_words(text: str) -> str:
    """The text without quoted lines and signature, folded, white space as single spaces.

    >>> own_words("> Works for me\\nNot  for ME.\\n-- \\nAda")
    'not for me.'
    """
    folded = fold(text)
    if cut := _SIGNATURE.search(folded):
        head = folded[: cut.start()]
        # A post that begins with "--" is not all signature.
        folded = head if head.strip() else folded
    for pattern in (_QUOTE_LINE, _ATTRIBUTION, _SENT_FROM):
        folded = pattern.sub("", folded)
    return _BLANKS.sub(" ", folded).strip()


def fingerprint(text: str) -> str:
    """16 hex digits, equal for copies that differ only in case, width, spaces, punctuation, script or links at the end.

    Text without letters and digits (emoji only) is told apart by what it has.
    """
    words = _BLANKS.sub(" ", fold(text)).strip()
    told = _UNTOLD.sub("", _TRAILING_LINKS.sub("", words)) or _UNTOLD.sub("", words) or words
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shingles(words: str) -> frozenset[str]:
    """The overlapping pieces of own words: pairs of words, or three characters where most of it is Han.

    Links, marks of passing on ("RT @somebody:", 轉發) and punctuation do not count. Empty for what is too short to be a
    copy of anything: under eight words, or some fourteen Han characters.
    """
    said = _PASSED_ON.sub("", words[:MOST_CHARS], count=1)
    if "://" in said or "www." in said:
        said = _LINKS.sub(" ", said)
    if said.isascii():
        tokens, han = _PLAIN_TOKEN.findall(said), 0
    else:
        tokens = _TOKEN.findall(said)
        han = sum(map(len, _HAN_RUN.findall(said)))
    if len(tokens) - han * (1 - WORD_OF_HAN) < ENOUGH:
        return frozenset()
    if 2 * han > len(tokens):
        return frozenset(map("".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))
    return frozenset(map(" ".join, pairwise(tokens)))


def bands(texts: Sequence[frozenset[str]]) -> list[tuple[int, ...]]:
    """For each text's shingles, ten signed 64-bit numbers of which near copies share one or more; none for none."""
    told = [pieces for pieces in texts if pieces]
    if not told:
        return [()] * len(texts)
    minima = np.array([_minima(pieces) for pieces in told], dtype=np.uint64)
    one, two, three = minima.reshape(len(told), ROWS, BANDS).transpose(1, 0, 2)
    number = np.arange(BANDS, dtype=np.uint64) << _HALF
    mixed = (one << _HALF | two) ^ (three + number) * _SPREAD  # unsigned: what is over 64 bits falls away
    found = iter(map(tuple, (mixed ^ _SIGN).view(np.int64).tolist()))
    return [next(found) if pieces else () for pieces in texts]


def _minima(pieces: frozenset[str]) -> list[int]:
    minhash = RMinHash(num_perm=BANDS * ROWS, seed=SEED)  # its way for many at once wakes threads, which costs more
    minhash.update(pieces)
    minima: list[int] = minhash.digest()
    return minima


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts are copies: half of all their pieces are common to both (Jaccard ≥ 0.5), or the longer one
    holds eight tenths of the shorter (greeting added, end cut off) and is not three times as long (Jaccard ≥ 0.35).
    """
    common = len(one & other)
    if not common:
        return False
    jaccard = common / (len(one) + len(other) - common)
    return jaccard >= ALIKE or (jaccard >= LEAST and common >= HELD * min(len(one), len(other)))


def is_unusual(name: str) -> bool:
    """Whether a name is long and rare enough that the same one on another site may well be the same person's."""
    told = _UNTOLD.sub("", fold(name))
    length = len(told) + len(_ONE_HAN.findall(told))
    return length >= UNUSUAL and told not in _COMMON_NAMES and not told.removeprefix("user").isdigit()


def kind_of(copies: Sequence[Copy], since: datetime | None) -> tuple[str, str]:
    """What a text that stands in several places is, and why: its kind, and codes NAME:VALUE joined by commas.

    "campaign": ten names or more within 24 hours, seven in ten of them never heard before that day, once we have
    listened for a week (before that every name is new). "syndicated": on three sites or more, hardly more names than
    sites, as news is. "copies": anything else.

    Args:
        copies: by time. since: when we began to listen.
    """
    names = len({one.voice for one in copies})
    sites = len({one.platform for one in copies})
    first: dict[str, Copy] = {}
    for one in copies:
        first.setdefault(one.voice, one)
    said = list(first.values())
    begin = 0
    for end, last in enumerate(said):
        while last.at - said[begin].at > DAY:
            begin += 1
        day = said[begin : end + 1]
        new = sum(abs(one.first_seen - one.at) <= DAY for one in day)
        listened = since is not None and day[0].at - since >= HISTORY
        if listened and len(day) >= CAMPAIGN and new >= NEW_SHARE * len(day):
            hours = (last.at - day[0].at).total_seconds() / 3600
            return "campaign", f"names:{len(day)},new:{new},hours:{hours:.1f}"
    if sites >= SITES and names <= sites + 1:
        return "syndicated", f"sites:{sites},names:{names}"
    return "copies", f"names:{names},sites:{sites}"
