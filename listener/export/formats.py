"""Rows of a view into an open file: CSV, JSON lines or Parquet, piece by piece."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import IO, Any, Literal, Protocol, get_args

from listener.errors import ConfigError, StoreError
from listener.export.cells import cells, excel_cells
from listener.store.export import Row
from listener.store.promised import Kind, View

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
ENDINGS: Mapping[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
GROUP_ROWS = 50_000  # of a Parquet row group: read at once by whoever reads the file
GROUP_BYTES = 32_000_000  # or fewer rows, where texts are long
_ODD_LINE_END = re.compile("[\x85\u2028\u2029]")
_BOM = b"\xef\xbb\xbf"


def format_of(name: str) -> Format:
    """The format that a file's name ends in.

    Raises:
        ConfigError: none that we write.
    """
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise ConfigError(f"{name}: its ending tells no format; end it in .csv, .jsonl or .parquet, or give --format")
    return ENDINGS[ending]


class Writer(Protocol):
    """Takes a view's rows; `close` writes what is still held, and leaves the file open."""

    def write(self, rows: Sequence[Row]) -> None: ...
    def close(self) -> None: ...


class CsvWriter:
    """RFC 4180: UTF-8, a heading, commas, CR LF, quotes where needed. Values are the view's own, guarded (cells.py).

    Args:
        excel: for a double click in Excel: begins with a byte order mark, and see `excel_cells`.
    """

    def __init__(self, file: IO[bytes], names: Sequence[str], excel: bool = False) -> None:
        self._cells = excel_cells if excel else cells
        if excel:
            file.write(_BOM)
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow(names)

    def write(self, rows: Sequence[Row]) -> None:
        """See Writer."""
        self._csv.writerows(map(self._cells, rows))

    def close(self) -> None:
        """See Writer."""
        self._text.flush()
        self._text.detach()  # else the file would be closed with it


class JsonlWriter:
    """One JSON object a line, in UTF-8, with true and false for yes and no, and lists for lists; texts are exact.

    Line ends that only some readers take for one (U+0085, U+2028, U+2029) are escaped, as JSON may.
    """

    def __init__(self, file: IO[bytes], view: View, names: Sequence[str]) -> None:
        self._file, self._view, self._names = file, view.name, names
        self._kinds = [(at, view.kind(name)) for at, name in enumerate(names)]
        self._kinds = [(at, kind) for at, kind in self._kinds if kind in ("yes", "names", "json")]
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

    def write(self, rows: Sequence[Row]) -> None:
        """See Writer.

        Raises:
            StoreError: as of ParquetWriter.write.
        """
        lines = []
        try:
            for row in rows:
                values = list(row)
                for at, kind in self._kinds:
                    values[at] = plain(values[at], kind)
                lines.append(self._encode(dict(zip(self._names, values, strict=True))))
        except ValueError as error:
            raise StoreError(f"{self._view}: {error}; CSV takes it as it stands") from error
        lines.append("")
        text = "\n".join(lines)
        if _ODD_LINE_END.search(text):
            text = _ODD_LINE_END.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
        self._file.write(text.encode())

    def close(self) -> None:
        """See Writer."""


def plain(value: Any, kind: Kind) -> Any:
    """A value as JSON and Parquet have it. NULL stays NULL, but a list that is not there is empty."""
    if kind == "names":
        return value.split(",") if value else []
    if kind == "json":
        return json.loads(value) if value else []
    return bool(value) if kind == "yes" and value is not None else value


class ParquetWriter:
    """Typed columns, compressed (zstd), in row groups that are written as they fill, so that memory stays flat.

    Times are timestamps in UTC, days dates, yes and no booleans, lists lists of texts.
    """

    def __init__(self, file: IO[bytes], view: View, names: Sequence[str], facts: Mapping[str, str]) -> None:
        """`facts` are kept in the file's metadata, as `listener.NAME`."""
        import pyarrow as pa
        from pyarrow import parquet

        self._pa, self._view = pa, view
        self._types = {
            "text": pa.string(),
            "time": pa.timestamp("us", "UTC"),
            "day": pa.date32(),
            "whole": pa.int64(),
            "number": pa.float64(),
            "yes": pa.bool_(),
            "names": pa.list_(pa.string()),
            "json": pa.list_(pa.string()),
        }
        fields = [pa.field(name, self._types[view.kind(name)]) for name in names]
        self._schema = pa.schema(fields, {f"listener.{name}": value for name, value in facts.items()})
        self._parquet = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._group: list[Any] = []  # record batches: far smaller than the rows they were made from

    def write(self, rows: Sequence[Row]) -> None:
        """See Writer.

        Raises:
            StoreError: a value is not of its column's kind: somebody else has written into the store.
        """
        columns = zip(*rows, strict=True)
        arrays = [self._array(field.name, values) for field, values in zip(self._schema, columns, strict=True)]
        self._group.append(self._pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        many = sum(batch.num_rows for batch in self._group) >= GROUP_ROWS
        if many or sum(batch.nbytes for batch in self._group) >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """See Writer."""
        self._flush()
        self._parquet.close()

    def _flush(self) -> None:
        if self._group:
            table = self._pa.Table.from_batches(self._group)
            self._parquet.write_table(table, row_group_size=table.num_rows)
            self._group = []

    def _array(self, name: str, values: Sequence[Any]) -> Any:
        kind = self._view.kind(name)
        try:
            if kind in ("time", "day"):
                return self._pa.array(values, self._pa.string()).cast(self._types[kind])
            if kind in ("names", "json", "yes"):
                values = [plain(value, kind) for value in values]
            return self._pa.array(values, self._types[kind])
        except (ValueError, TypeError) as error:  # pyarrow's own, and json's, are among them
            raise StoreError(f"{self._view.name}.{name}: {error}; CSV takes it as it stands") from error


def open_writer(
    file: IO[bytes], form: Format, view: View, names: Sequence[str], *, excel: bool, facts: Mapping[str, str]
) -> Writer:
    """The writer of a format. `excel` is for CSV only, `facts` for Parquet."""
    if form == "csv":
        return CsvWriter(file, names, excel)
    return JsonlWriter(file, view, names) if form == "jsonl" else ParquetWriter(file, view, names, facts)
