"""What a value becomes in a cell of a CSV file: text that no spreadsheet runs, and that hides nothing.

Everybody's words stand in these files, and a spreadsheet takes a cell that begins with = + - @ for a formula (CSV
injection; OWASP names these, tab and carriage return, and their full-width forms). Such a text gets an apostrophe in
front. Numbers stay numbers: only texts are looked at.
"""

import re

from listener.store.export import Row

EXCEL_LIMIT = 32_767  # characters in one cell; Excel spills what is longer over the rows below
EXCEL_ROWS = 1_048_576  # of one sheet, its heading included

# Blanks and characters that show nothing do not make a formula harmless, and an apostrophe that was there already is
# counted with them, so that every guard can be taken off again.
_UNSEEN = "\\s'\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2060\u2066-\u2069\ufeff"
_RISKY = re.compile(f"'*[\t\r\n]|[{_UNSEEN}]*[=+\\-@＝＋－＠﹦﹢﹣﹫]")
# Controls save tab and line ends, and what turns the reading direction round (RLO and its kin, isolates).
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LIKE_A_NUMBER = re.compile(r"'*[0-9][0-9.,]*([eE][0-9]+)?")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z")


def guarded(text: str) -> str:
    """`text`, with an apostrophe in front if a spreadsheet might take it for a formula. `unguarded` takes it off."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def shown(text: str) -> str:
    """`text` with each character that hides or turns something replaced by U+FFFD, the sign of a lost character."""
    return _HIDDEN.sub("\ufffd", text) if _HIDDEN.search(text) else text


def cells(row: Row) -> list[object]:
    """A row for the CSV writer; NULL is an empty cell."""
    return [guarded(shown(value)) if type(value) is str else value for value in row]


def excel_cells(row: Row) -> list[object]:
    """A row for a CSV file that is opened in Excel by a double click.

    Times are written as Excel knows them (still UTC), a text that it would take for a number gets the apostrophe (a
    voice such as 1234567890123456 would lose its last digit), and a text longer than a cell holds ends in "…".
    """
    return [_excel(value) if type(value) is str else value for value in row]


def _excel(text: str) -> str:
    if time := _TIME.fullmatch(text):
        return f"{time[1]} {time[2]}"
    if _LIKE_A_NUMBER.fullmatch(text):
        return f"'{text}"
    text = guarded(shown(text))
    return text if len(text) <= EXCEL_LIMIT else text[: EXCEL_LIMIT - 1] + "…"
