"""Posts of the past from a csv file (also .gz), in the order of time, for bench.replay.

Which column is what, by its name (the first of each row that the file has):

    time     created_at_utc, created_at, published, timestamp, date   ISO 8601; UTC where no zone is written
    author   from, author, user_id, user                              optional; "" makes each post a voice of its own
    title    subject, title                                           optional
    id       message_id, id                                           optional; else the row's number
    text     body, text                                               quoted lines and signatures go apart, as in mails
    parent   in_reply_to, parent_id                                   optional
    brand    brand                                                    optional: the row speaks of no other brand

Threads are told by `parent` where there is one, else by the title: "Re: X" belongs to the newest thread named X, if it
was alive within THREAD; "Y (was: X)" and "Y, was Re: X" belong to it too, and Y to them. A post titled X without "Re:"
begins a thread. A post without a title is a thread of its own.
"""

import csv
import gzip
import hashlib
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from listener.errors import ListenerError
from listener.gather.text import bare_title, clean_line, mail_text
from listener.records import Post
from listener.urls import post_key

SOURCE = "past"
THREAD = timedelta(days=30)
COLUMNS: Mapping[str, Sequence[str]] = {
    "time": ("created_at_utc", "created_at", "published", "timestamp", "date"),
    "author": ("from", "author", "user_id", "user"),
    "title": ("subject", "title"),
    "id": ("message_id", "id"),
    "text": ("body", "text"),
    "parent": ("in_reply_to", "parent_id"),
    "brand": ("brand",),
}
_WAS = re.compile(r"[(\[]\s*was:?\s+(?P<a>.+?)[)\]]*$|[\s,]was:\s+(?P<b>.+)$|[\s,]was\s+(?P<c>re:.+)$", re.IGNORECASE)
_PLACE = "https://past.example"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file. `brand` is "" where the file has no such column."""

    at: datetime
    author: str
    title: str
    id: str
    text: str
    parent: str = ""
    brand: str = ""


def read(path: Path) -> list[Row]:
    """The rows of a file, by time.

    Raises:
        ListenerError: no such file, no column for the time or the text, or a time that is none; with the line.
    """
    csv.field_size_limit(sys.maxsize)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as raw:
            return sorted(_rows(csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline="")), path), key=_at)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ListenerError(f"{path}: cannot be read as csv in UTF-8: {error}") from error


def _at(row: Row) -> datetime:
    return row.at


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[Row]:
    names = {name.strip().lower(): name for name in reader.fieldnames or ()}
    columns = {what: next((names[n] for n in known if n in names), None) for what, known in COLUMNS.items()}
    if missing := [what for what in ("time", "text") if columns[what] is None]:
        tell = "; ".join(f"{what}: {', '.join(COLUMNS[what])}" for what in missing)
        raise ListenerError(f"{path}: line 1: no column for {tell}; it has {', '.join(names) or 'none'}")
    for number, row in enumerate(reader):
        told = {what: (row.get(name) or "") if name else "" for what, name in columns.items()}
        try:
            at = datetime.fromisoformat(told["time"].strip())
        except ValueError as error:
            raise ListenerError(f"{path}: line {reader.line_num}: {error}; write 1995-08-16 08:42:00") from error
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        number_of = told["id"].strip() or f"row-{number}"
        yield Row(at, told["author"], told["title"], number_of, told["text"], told["parent"].strip(), told["brand"])


@dataclass
class Threads:
    """Which thread a post belongs to, asked in the order of time."""

    _by_title: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _by_id: dict[str, str] = field(default_factory=dict)

    def place(self, row: Row) -> tuple[str, bool]:
        """Of a post: the id of its thread's opener, and whether it is an answer."""
        title, answers = bare_title(clean_line(row.title))
        was = _WAS.search(title)
        names = [title.casefold()]
        if was:
            names = [title[: was.start()].strip(" ,").casefold(), bare_title(was[was.lastgroup or 0])[0].casefold()]
        root = self._by_id.get(row.parent, row.parent)
        for name in names if answers else names[1:]:
            known, last = self._by_title.get(name, ("", row.at))
            root = root or (known if row.at - last <= THREAD else "")
        root = root or row.id
        for name in filter(None, names):
            self._by_title[name] = (root, row.at)
        self._by_id[row.id] = root
        return root, answers or root != row.id


def posts(rows: Sequence[Row]) -> Iterator[tuple[Post, frozenset[str]]]:
    """The posts of rows in the order of time, each with the brands that its rows name; read when written.

    Rows with one id are one post, that speaks of each row's brand.
    """
    named: dict[str, set[str]] = {}
    for row in rows:
        named.setdefault(row.id, set()).add(row.brand)
    threads, done = Threads(), set[str]()
    for row in rows:
        if row.id not in done:
            done.add(row.id)
            yield _post(row, *threads.place(row)), frozenset(named[row.id] - {""})


def _post(row: Row, root: str, answers: bool) -> Post:
    text, quotes = mail_text(row.text)
    shown, address = parseaddr(row.author)
    url = f"{_PLACE}/{_short(row.id)}"
    post = Post(
        source=SOURCE,
        platform="past.example",
        url=url,
        key=post_key(url),
        thread_url=f"{_PLACE}/{_short(root)}",
        thread_title=bare_title(clean_line(row.title))[0],
        position=-1 if answers else 0,
        author=address.lower() or clean_line(shown or row.author, 100),
        text=text,
        fetched=row.at,
        published=row.at,
        native_id=row.id,
        quotes=quotes,
    )
    return replace(post, parent_key=post_key(f"{_PLACE}/{_short(row.parent)}")) if row.parent else post


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]
