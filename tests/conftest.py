"""Fixtures for every test."""

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

# CI asks the same examples each time: what chance finds is for a developer's machine, where it can be mended.
settings.register_profile("ci", derandomize=True)
if os.environ.get("LISTENER_CI"):
    settings.load_profile("ci")


@pytest.fixture
def need() -> Callable[[str, str], None]:
    """`need("chromium", "chromium")` skips with one clear word where a system package is missing; fails in CI."""

    def check(program: str, package: str) -> None:
        if shutil.which(program) is None:
            if os.environ.get("LISTENER_CI"):
                pytest.fail(f"{program} is missing: .ci/run should install {package}")
            pytest.skip(f"{package} not installed")

    return check
