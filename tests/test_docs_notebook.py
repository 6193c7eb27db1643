"""docs/ten-questions.ipynb runs, and its answers are those that the store gives; what is committed was answered."""

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from listener.store.sqlite import open_store
from tests.helpers_town import town_store

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "ten-questions.ipynb"
LARGEST = 250_000  # bytes: it is looked at on code hosts, and every change of it is kept for ever


def runner() -> ModuleType:
    """.ci/notebook.py, which CI and `make notebook` run."""
    spec = importlib.util.spec_from_file_location("notebook_runner", ROOT / ".ci" / "notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(cell: Any) -> str:
    """Everything that a cell shows as text."""
    return "\n".join(out["data"].get("text/plain", "") for out in cell.get("outputs", []) if "data" in out)


@pytest.mark.timeout(240)
def test_it_answers_ten_questions_on_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = town_store(tmp_path)
    monkeypatch.setenv("PATH", os.environ["PATH"])  # run() puts our own listener first
    monkeypatch.setenv("LISTENER_STORE", "")
    done = runner().run(path)
    answers = answers_of(done)
    assert len(answers) == 10
    store = open_store(path, read_only=True)
    rows = store.rows("SELECT brand, day, balance_lu FROM v_balance WHERE brand = 'wagtail' ORDER BY day DESC LIMIT 1")
    assert f"{round(rows[0]['balance_lu'], 1)}" in answers[0]
    weeks = store.rows(
        "SELECT count(DISTINCT voice) AS voices FROM v_mentions WHERE brand = 'wagtail' "
        "AND day >= '2026-03-16' AND by_brand = 0 AND muted = '' AND deleted IS NULL"
    )
    assert re.search(rf"2026-W12 .*\b{weeks[0]['voices']}\b", answers[1])
    assert "data-misuse" in answers[2].splitlines()[1]
    (alert,) = store.rows(
        "SELECT minutes_to_alert, voices FROM v_alerts WHERE brand = 'wagtail' AND topic = 'data-misuse'"
    )
    assert str(alert["minutes_to_alert"]) in answers[5]
    assert "「我的鶺鴒」" in answers[6]
    people = store.rows("SELECT count(*) AS n FROM v_relationships WHERE brand = 'wagtail' AND at_risk AND leaving")
    assert people[0]["n"] > 0
    assert "leaving" in answers[7]
    assert "harbour-talk" in answers[8]
    assert "openbox" in answers[9]
    store.close()


def answers_of(notebook: Any) -> list[str]:
    """What stands below each numbered heading."""
    found = []
    for heading, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if re.match(r"## \d+\. ", heading.source):
            assert cell.cell_type == "code"
            found.append(shown(cell))
            assert found[-1], f"{heading.source.splitlines()[0]} is not answered"
    return found


def test_what_is_committed_was_answered_and_gives_nobody_away() -> None:
    assert NOTEBOOK.stat().st_size <= LARGEST
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert len(answers_of(notebook)) == 10
    pictures = [out for cell in notebook.cells for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]
    assert len(pictures) == 2
    for cell in notebook.cells:
        assert "execution" not in cell.metadata
        for out in cell.get("outputs", []):
            assert out["output_type"] in ("display_data", "execute_result"), "no warnings, no errors"
            text = out["data"].get("text/plain", "")
            assert not re.search(r"\b[0-9a-f]{16}\b|\b[0-9a-f]{64}\b", text), "a voice or a post stands there"
            assert not re.search(r"localhost|/tmp|/home|/root", text)


def test_every_question_is_asked_of_the_brand_that_is_set() -> None:
    code = "\n".join(cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code")
    assert code.count("wagtail") == 1, "as the default, and nowhere else"
