"""What one person said in their own words, and a mark that copies of it share."""

import hashlib
import re

from listener.fold import fold

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
