"""Processes of their own for what is measured, so that one's memory and CPU are not the other's, and for the server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def measured(module: str, *arguments: str) -> dict[str, Any]:
    """The last line of JSON that `python -m MODULE ARGUMENTS` prints, or {"error": …} where it failed."""
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1:] or "failed"}
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


@contextmanager
def server(module: str, *arguments: str) -> Iterator[str]:
    """`python -m MODULE --serve ARGUMENTS`, which prints its port and stops when its input ends; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--serve", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.communicate(timeout=20)
