"""The pages for people, read as a person would: their code blocks, what stands around them, and their links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))

_FENCE = re.compile(r"(?P<note>(?:<!-- [^\n]* -->\n)?)```(?P<kind>[a-z-]*)\n(?P<body>.*?)```\n", re.DOTALL)
_COMMENT = re.compile(r"<!-- (.*) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block. `note` is the comment right before it, "" without one."""

    page: str
    kind: str
    body: str
    note: str

    @property
    def commands(self) -> list[str]:
        """What is typed: lines that begin with "$ "."""
        return [line.removeprefix("$ ") for line in self.body.splitlines() if line.startswith("$ ")]

    @property
    def not_run(self) -> str:
        """Why it is not run; "" if it is."""
        return self.note.partition("not run: ")[2]


def blocks(page: Path) -> list[Block]:
    """In their order."""
    return [
        Block(page.name, found["kind"], found["body"], _inner(found["note"]))
        for found in _FENCE.finditer(page.read_text("utf-8"))
    ]


def _inner(comment: str) -> str:
    told = _COMMENT.search(comment)
    return told[1] if told else ""


def typed(page: Path) -> Iterator[str]:
    """Everything on a page that looks like a `listener` command: in code spans, and in blocks for a shell."""
    text = page.read_text("utf-8")
    for block in blocks(page):
        if block.kind in ("console", "sh", "bash", ""):
            for line in block.body.splitlines():
                command = line.removeprefix("$ ").partition("#")[0]
                for part in re.split(r"[;|{}]|&&|\bin\b|--\s", command):
                    found = re.match(r"\s*(?:\S*/)?listener\s+(.*)", part)
                    if found:
                        yield found[1]
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for span in re.findall(r"`([^`\n]*(?:\n[^`\n]*)?)`", prose):
        found = re.match(r"listener\s+(.*)", span, re.DOTALL)
        if found:
            yield found[1]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(path relative to the page's folder, anchor) of each link that does not leave the tree."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page: Path) -> set[str]:
    """Of its headings, as the usual viewers make them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
