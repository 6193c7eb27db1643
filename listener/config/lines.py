"""Where in a TOML file a key stands, and which known name is nearest to a wrong one: what makes a mistake findable.

tomllib does not keep line numbers, so the line is found again in the text; good enough for messages.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
# What may look like a header or a key and is none: strings and comments. Single-line strings lose only what would.
_HIDDEN = re.compile(
    r""""{3}(?:\\.|[^\\])*?"{3}|\'{3}.*?\'{3}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*""",
    re.DOTALL,
)
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def _dotted(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]


def _bare(text: str) -> str:
    """The text, line for line, with nothing in strings and comments that could be taken for structure."""

    def blank(found: re.Match[str]) -> str:
        whole = found[0].startswith(('"""', "'''", "#"))
        return re.sub(r"[^\n]" if whole else r"[\[\]=#]", " ", found[0])

    return _HIDDEN.sub(blank, text)


def line_of(text: str, loc: tuple[str | int, ...]) -> int | None:
    """1-based line of the deepest key of `loc` that can be found, None if none can.

    `loc` is a path as pydantic gives it: names, and numbers for the n-th [[table]].
    """
    keys = [step for step in loc if isinstance(step, str)]
    numbers = [step for step in loc if isinstance(step, int)]
    bare = _bare(text)
    tables = {found[2] for line in bare.splitlines() if (found := _HEADER.match(line)) and found[1] == "[["}
    table_number = numbers[0] if len(loc) > 1 and isinstance(loc[1], int) and loc[0] in tables else None
    best_depth, best_line = 0, None
    header: list[str] = []
    counts: dict[str, int] = {}
    depth_of_lists = 0
    for line_number, line in enumerate(bare.split("\n"), 1):
        path: list[str] = []
        if depth_of_lists:
            depth_of_lists += line.count("[") - line.count("]")
            continue
        if match := _HEADER.match(line):
            header = _dotted(match[2])
            if match[1] == "[[":
                counts[match[2]] = counts.get(match[2], -1) + 1
            path = header
        elif match := _KEY.match(line):
            path = header + _dotted(match[1])
            depth_of_lists = line.count("[") - line.count("]")
        if not path or (table_number is not None and counts.get(keys[0], -1) != table_number):
            continue
        depth = 0
        while depth < min(len(path), len(keys)) and path[depth] == keys[depth]:
            depth += 1
        if depth == len(path) and depth > best_depth:
            best_depth, best_line = depth, line_number
    return best_line


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A tail for a message: "; did you mean 'x'?", or the known names, or ""."""
    names = list(known)
    close = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are: {', '.join(sorted(names))}" if 0 < len(names) <= 12 else ""


def model_at(part: type[Any], loc: tuple[str | int, ...]) -> Any:
    """The model that the keys of `loc` lead to, None where they lead elsewhere."""
    model: Any = part
    for step in loc:
        if isinstance(step, int):
            continue
        fields = getattr(model, "model_fields", {})
        field = fields.get(step) or next((f for f in fields.values() if f.alias == step), None)
        if field is None:
            return None
        model = next(
            (a for a in (field.annotation, *getattr(field.annotation, "__args__", ())) if hasattr(a, "model_fields")),
            None,
        )
    return model
