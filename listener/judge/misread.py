"""What is told of a brand query that does not parse: in words of the query, not of its grammar, at the character."""

import re

from lark.exceptions import UnexpectedInput

from listener.errors import QueryError

# As Chinese keyboards and word processors write them; one for one, so that positions stay. All that `fold` makes a
# straight double quote is one here, too.
_NARROW = str.maketrans("（）＂“”„‟″「」『』＃＊：｛｝　", '()""""""""""#*:{} ')
_HASHTAG = re.compile(r"#(?=[^\W\d_])\w+")


def narrow(text: str) -> str:
    """Wide brackets, quotes and blanks become narrow ones; the length stays."""
    return text.translate(_NARROW)


def notes(plain: str) -> list[tuple[int, int]]:
    """Where the comments stand."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(plain):
        one = plain[at]
        if one in '"{':
            end = plain.find('"' if one == '"' else "}", at + 1)
            at = len(plain) if end < 0 else end
        elif one == "#" and _begins(plain, at):
            end = plain.find("\n", at)
            found.append((at, len(plain) if end < 0 else end))
            at = found[-1][1]
        at += 1
    return found


def _begins(plain: str, at: int) -> bool:
    """Is this # the first character of a word, so that it begins a comment (in C# it is not)?"""
    return at == 0 or plain[at - 1].isspace() or plain[at - 1] in '()"{}'


def hashtag_note(plain: str) -> tuple[str, int] | None:
    """A comment that looks like a hashtag that somebody wanted to look for, and where it is."""
    for start, _ in notes(plain):
        if tag := _HASHTAG.match(plain, start):
            return tag[0], start
    return None


def check_brackets(text: str, plain: str, max_depth: int) -> None:
    """Clearer words than a parser's for what goes wrong most: quotes and brackets left open, and too many of them.

    Raises:
        QueryError: they do not pair, or are nested more than `max_depth` deep.
    """
    opened: list[int] = []
    comments = dict(notes(plain))
    at = 0
    while at < len(plain):
        one = plain[at]
        if at in comments:
            at = comments[at]
        elif one in '"{':
            end = plain.find('"' if one == '"' else "}", at + 1)
            if end < 0:
                what = "this quote is not closed" if one == '"' else "this { is not closed"
                raise QueryError(f"{what}; write {text[at:].split()[0]}{one.replace('{', '}')}", text, at)
            at = end
        elif one == "}":
            raise QueryError("this } closes nothing; write { before what is to be found exactly as written", text, at)
        elif one == "(":
            opened.append(at)
            if len(opened) > max_depth:
                raise QueryError(f"brackets stand more than {max_depth} deep; write it flatter", text, at)
        elif one == ")":
            if not opened:
                raise QueryError("this bracket closes nothing; take it out, or open one before it", text, at)
            opened.pop()
        at += 1
    if opened:
        raise QueryError("this bracket is not closed; write ) where it ends", text, opened[-1])


def why(text: str, plain: str, error: UnexpectedInput) -> QueryError:
    """The error to tell instead of the parser's."""
    position = min(getattr(error, "pos_in_stream", None) or 0, len(text))
    token = getattr(error, "token", None)
    kind = getattr(token, "type", "")
    rest = plain
    for start, end in reversed(notes(plain)):
        rest = rest[:start] + rest[end:]
    if (tag := hashtag_note(plain)) and (kind == "$END" or not rest.strip()):
        return QueryError(f'# begins a note, so {tag[0]} is not looked for; write "{tag[0]}"', text, tag[1])
    if not rest.strip():
        return QueryError("the query is empty; write the brand's name", text, 0)
    if kind == "$END":
        return QueryError("the query ends too early; a word, phrase or bracket should follow", text, len(text))
    if kind in {"AND", "_OR", "NEAR", "NOT"}:
        return QueryError(f"{str(token).strip()} stands between two terms; one is missing here", text, position)
    if kind == "RPAR":
        return QueryError("a word or phrase should stand before this bracket", text, position)
    if kind == "FIELD":
        message = f"{token} stands before a word, a phrase or a bracket; it does not go inside or after another field"
        return QueryError(message, text, position)
    return QueryError("this is not understood here", text, position)
