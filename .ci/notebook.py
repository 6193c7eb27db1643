"""Runs docs/ten-questions.ipynb on a store: notebook.py STORE [--write]. Exits 1 if a cell fails.

With --write the answers are kept in the notebook (`make notebook`), so that it can be read where it is hosted.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "docs" / "ten-questions.ipynb"


def run(store: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs; in a folder of its own, so that what it exports is gone afterwards."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    os.environ["LISTENER_STORE"] = str(store.absolute())
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for !listener
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}})
        client.execute()
    return notebook


def strip(notebook: nbformat.NotebookNode) -> None:
    """Take out what changes from run to run: times of execution."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


if __name__ == "__main__":
    done = run(Path(sys.argv[1]))
    strip(done)
    answers = sum(bool(cell.get("outputs")) for cell in done.cells)
    print(f"ok      docs/ten-questions.ipynb: {answers} cells answered")
    if "--write" in sys.argv:
        nbformat.write(done, NOTEBOOK)
