"""What commands share that only read: the store opened so that nothing can be written, brands by name, broken pipes."""

import errno
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from listener.store.sqlite import SqliteStore

STORE = click.option(
    "--store",
    "file",
    type=click.Path(path_type=Path),
    help="A store's file, in place of the one that the config names: a copy, or somebody else's.",
)


@contextmanager
def reading(folder: Path, file: Path | None) -> "Iterator[tuple[SqliteStore, list[str]]]":
    """The store that the config names, with the config's brands; or `file`, for which no config is needed.

    Read-only: nothing has to wait, no key is asked for, and a file of an older version stays as it is.
    """
    from listener.config import load
    from listener.store.sqlite import open_store

    config = None if file else load(folder)
    store = open_store(config.store_path if config else Path(str(file)), read_only=True)
    try:
        yield store, [brand.id for brand in config.brands] if config else []
    finally:
        store.close()


def check_brand(brand: str, known: Collection[str]) -> None:
    """Refuse a brand that neither the config nor the store knows; "" is all brands.

    Raises:
        ConfigError: with the nearest right name.
    """
    from listener.config.lines import nearest
    from listener.errors import ConfigError

    if brand and brand not in known:
        raise ConfigError(f"nobody in this store speaks of a brand {brand!r}{nearest(brand, known)}")


@contextmanager
def quiet_pipe() -> Iterator[None]:
    """Whoever reads our output may stop reading (`| head`): that is no error, and no word is said about it."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes there
        raise SystemExit(1) from None
