"""A file that is there whole or not at all: written beside its place under another name, then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from listener.errors import ConfigError


def refuse(path: Path, force: bool) -> None:
    """Say no before any work is done.

    Raises:
        ConfigError: a folder, a file that would be overwritten, or no folder to write in.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder; give the name of a file in it")
    if path.exists() and not force:
        raise ConfigError(f"{path} exists; --force overwrites it")
    if not path.parent.is_dir():
        raise ConfigError(f"{path.parent} is no folder; make it first")


@contextmanager
def whole(path: Path, force: bool = False) -> Iterator[IO[bytes]]:
    """The file to write into; it appears under its name when the block ends well, and leaves nothing if it does not.

    Readable by its owner only, as the store is: people's words are in it.

    Raises:
        ConfigError: see `refuse`; also if the file appeared meanwhile.
    """
    refuse(path, force)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the name without the rows
        refuse(path, force)
        part.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
