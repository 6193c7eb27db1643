"""One view from the store into one open file."""

from collections.abc import Callable
from typing import IO

from listener.export.formats import Format, open_writer
from listener.store.export import Pick, Snapshot
from listener.store.promised import View


def take(
    snapshot: Snapshot,
    view: View,
    pick: Pick,
    file: IO[bytes],
    form: Format,
    *,
    excel: bool = False,
    on_rows: Callable[[int], None] = lambda _: None,
) -> int:
    """Write all rows of `view` that are picked. Returns how many; a view without any still gets its heading.

    Args:
        excel: CSV for a double click in Excel.
        on_rows: told after each piece how many rows it had.

    Raises:
        StoreError: the file has no such view, cannot be read, or holds a value that is not of its kind.
    """
    names = snapshot.columns(view)
    facts = {
        "view": view.name,
        "schema_version": str(snapshot.schema_version()),
        "brand": pick.brand if view.has_brand else "",
        "since": str(pick.since or ""),
        "until": str(pick.until or ""),
    }
    writer = open_writer(file, form, view, names, excel=excel, facts=facts)
    rows = 0
    for piece in snapshot.pieces(view, pick):
        writer.write(piece)
        rows += len(piece)
        on_rows(len(piece))
    writer.close()
    return rows
