"""docs/add-a-source.md does what it says: its spider and its test are run as they stand there."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import spiders

PAGE = Path(__file__).parents[1] / "docs" / "add-a-source.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The page's spider among the others, and the names that its test defines."""
    spider, test = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "spiders"
    folder.mkdir()
    (folder / "linksite.py").write_text(spider, encoding="utf-8")
    monkeypatch.setattr(spiders, "__path__", [*spiders.__path__, str(folder)])
    names: dict[str, Any] = {}
    exec(compile(test, str(PAGE), "exec"), names)
    yield names
    sys.modules.pop("spiders.linksite", None)


async def test_the_example_runs(example: dict[str, Any], tmp_path: Path) -> None:
    await example["test_stories_and_their_comments"](tmp_path)
