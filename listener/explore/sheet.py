"""The rows behind a page or a chart, as CSV that no spreadsheet runs, or as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from datasette.utils.asgi import Response

from listener.export.cells import cells
from listener.store.columns import stamp


@dataclass(frozen=True, slots=True)
class Sheet:
    """A small table. `name` becomes the file's."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def answer(self, form: str) -> Response:
        """`form`: "csv" (with a byte order mark, so that Excel reads it as UTF-8) or "json" (a list of objects)."""
        rows = [[_told(value) for value in row] for row in self.rows]
        disposition = {"content-disposition": f'attachment; filename="{self.name}.{form}"'}
        if form == "json":
            body = json.dumps([dict(zip(self.columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)
            return Response(body, content_type="application/json; charset=utf-8")
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        writer.writerows(cells(tuple(row)) for row in rows)
        return Response("\ufeff" + out.getvalue(), headers=disposition, content_type="text/csv; charset=utf-8")


def _told(value: Any) -> Any:
    """As in the views: times as UTC text, days as ISO, lists with commas, truth as 0 and 1."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else value
