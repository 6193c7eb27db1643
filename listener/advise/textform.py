"""Plain text in columns: labels in the left margin, 100 columns, Han characters two wide, no line begun by 。 or ，."""

import re
import unicodedata
from collections.abc import Iterable

from listener.advise.page import Ref, TableView
from listener.advise.quotes import columns

WIDTH = 100
MARGIN = 9
_NOT_FIRST = set("，。、；：！？）」』》〉】…％,.;:!?)%’”")
_NOT_LAST = set("（「『《〈【(“‘")
_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_RUN = re.compile(rf"\s+|[{_HAN}]|[^\s{_HAN}]+")


def pad(text: str, width: int) -> str:
    """Filled with spaces to `width` columns."""
    return text + " " * max(width - columns(text), 0)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, unless one word is wider: that is cut."""
    lines: list[str] = []
    line, used = "", 0  # columns add up, so a line is not measured anew for each of its words
    for unit in _units(text):
        while columns(unit) > width:
            lines, line, used = [*lines, *([line.rstrip()] if line.strip() else [])], "", 0
            head = _head(unit, width)
            lines.append(head)
            unit = unit[len(head) :]
        if used + columns(unit.rstrip()) > width and unit.strip():
            lines.append(line.rstrip())
            line = unit.lstrip()
            used = columns(line)
        else:
            line += unit
            used += columns(unit)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _units(text: str) -> list[str]:
    """What may not be broken: words with the space before them, single Han characters with their punctuation."""
    units: list[str] = []
    for piece in _RUN.findall(text.strip()):
        closes = bool(units) and (piece[0] in _NOT_FIRST)
        opens = bool(units) and units[-1][-1:] in _NOT_LAST
        if units and (closes or opens or units[-1].isspace()):
            units[-1] += piece
        else:
            units.append(piece)
    return units


def _head(unit: str, width: int) -> str:
    taken = 0
    for n, char in enumerate(unit):
        taken += 0 if unicodedata.combining(char) else columns(char)
        if taken > width:
            return unit[: max(n, 1)]
    return unit


class Sheet:
    """Lines of a text as they are written, and the numbered list of its links.

    The text template writes blocks; links become numbers in brackets that the list at the end explains.
    """

    def __init__(self) -> None:
        self.links: dict[str, int] = {}

    def block(self, text: str, indent: int = MARGIN, label: str = "", bullet: str = "") -> str:
        """Text wrapped behind an indent; `label` stands in the indent of the first line, `bullet` before the text."""
        first = pad(label, indent) if label else " " * indent
        lines = wrap(text, WIDTH - max(indent, columns(first)) - len(bullet))
        rest = " " * (indent + len(bullet))
        return "\n".join(((rest if n else first + bullet) + line).rstrip() for n, line in enumerate(lines))

    def refs(self, refs: Iterable[Ref]) -> str:
        """ " [post 1] [thread 2]"."""
        told = []
        for ref in refs:
            number = self.links.setdefault(ref.url, len(self.links) + 1)
            told.append(f" [{ref.text} {number}]")
        return "".join(told)

    def table(self, table: TableView, indent: int = MARGIN) -> str:
        """Columns as wide as their widest cell; figures to the right."""
        rows = [table.head, *table.rows]
        widths = [max(columns(row[n]) for row in rows) for n in range(len(table.head))]
        lines = []
        for row in rows:
            cells = [pad(row[0], widths[0])]
            cells += [" " * (width - columns(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)]
            lines.append(" " * indent + "  ".join(cells).rstrip())
        return "\n".join(lines)

    def link(self, number: int, url: str, label: str = "") -> str:
        """One row of the list of links; an address is never broken."""
        return f"{pad(label, MARGIN)}[{number}] {url}"
