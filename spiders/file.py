"""What customers told the company: CSV, JSONL and mbox files that somebody drops into a folder.

Url: file:FOLDER, below the folder that LISTENER_DROPS names (data/drops in the working directory without it); nothing
outside of it is read, also not by a link. Read are *.csv, *.jsonl, *.ndjson and *.mbox.

Options: columns = { text = "Complaint", … }: which column or key holds what. Fields: text (needed), author, published,
title, id, thread, parent, url, rating, language; a field that is not named is looked for under its own name. platform
(default "hotline"), date_format (as strptime has it, where dates are neither ISO nor 2026/03/22 14:05), time_zone of
dates without one, encoding (default UTF-8, then Big5 or Windows-1252 as it fits), delimiter (of CSV; guessed).

Cursor: files = {name: [size, hash, rows read, read to the end]}. A file that grew is read on from where it ended, one
that changed otherwise is read anew; without an id a row is known by its file, author, date and text. A last line
without a line end is read when it did not change until the next visit: somebody may still be writing it.
"""

import asyncio
import csv
import hashlib
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from listener.errors import Gone, RefusedAddress, SourceError
from listener.gather.text import clean_line, mail_text
from listener.records import Post
from listener.urls import canonical, post_key
from spiders.base import SourceSpider
from spiders.mail import decoded, letter_post, read_letter, split_mbox

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".mbox")
FILE_LIMIT = 200_000_000  # bytes
TOLD = 3  # broken lines of one visit that are told one by one; a source's detail is one line
FILES_KEPT = 2000
ROWS_AT_ONCE = 200
_SLASHED = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")


class FileSpider(SourceSpider):
    """Reads rows and mails that were not there at the last visit."""

    name = "file"
    goes_back = "all files that are still in the folder"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._files: dict[str, list[Any]] = dict(self.cursor.get("files", {}))
        self._columns: Mapping[str, Any] = dict(self.source.options.get("columns", {}))
        self._platform = str(self.source.options.get("platform", "hotline"))
        self._broken = 0

    async def start(self) -> AsyncIterator[Any]:
        try:
            found = await asyncio.to_thread(self._look)
        except SourceError as error:
            self.troubles.append(error)
            return
        self.pages += 1
        for path in found:
            try:
                raw = await asyncio.to_thread(path.read_bytes)
            except OSError as error:
                self.troubles.append(SourceError(self.source.url, f"{path.name} cannot be read: {error.strerror}"))
                continue
            for number, post in enumerate(self._news(path.name, raw)):
                yield post
                if number % ROWS_AT_ONCE == 0:
                    await asyncio.sleep(0)
        if self._broken > TOLD:
            self.notes.insert(0, f"{self._broken} broken lines")
        self.cursor = {"files": dict(list(self._files.items())[-FILES_KEPT:])}

    def _look(self) -> list[Path]:
        """The files to read, by name.

        Raises:
            RefusedAddress: the folder is not below the allowed one. Gone: it is not there.
        """
        allowed = Path(os.environ.get("LISTENER_DROPS") or Path("data") / "drops").resolve()
        folder = Path(unquote(self.source.url.removeprefix("file:").removeprefix("//")))
        folder = (folder if folder.is_absolute() else allowed / folder).resolve()
        if not folder.is_relative_to(allowed):
            raise RefusedAddress(self.source.url, f"is not below {allowed}; LISTENER_DROPS names the folder of drops")
        if not folder.is_dir():
            raise Gone(self.source.url, f"is no folder: {folder}")
        found = []
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in SUFFIXES or path.name.startswith(".") or not path.is_file():
                continue
            if not path.resolve().is_relative_to(allowed):
                self.notes.append(f"{path.name}: points outside of {allowed}, not read")
            elif path.stat().st_size > FILE_LIMIT:
                self.notes.append(f"{path.name}: larger than {FILE_LIMIT:,} bytes, not read; cut it up")
            else:
                found.append(path)
        return found

    def _news(self, name: str, raw: bytes) -> Iterator[Post]:
        size, known, read, whole = self._files.get(name, [0, "", 0, True])
        same = _digest(raw) == known
        if same and whole:
            return
        grown = len(raw) >= size and _digest(raw[:size]) == known
        first = read if grown else 0  # rows before this one are known
        if name.lower().endswith(".mbox"):
            mails = list(split_mbox(raw))
            for mail in mails[first:]:
                letter = read_letter(mail)
                if letter is not None:
                    yield letter_post(
                        letter, self.source, self.now, self._platform, lambda _: "", f"file:{quote(name)}"
                    )
            # The last mail may still grow, and is read again when it did not.
            self._files[name] = [len(raw), _digest(raw), len(mails) if same else max(len(mails) - 1, 0), same]
            return
        text = decoded(raw.removeprefix(b"\xef\xbb\xbf"), charset=str(self.source.options.get("encoding", "")))
        ended = text.endswith(("\n", "\r")) or same
        rows = list(self._rows(name, text))
        upto = len(rows) if ended else len(rows) - 1
        for line, row in rows[first:upto]:
            if isinstance(row, str):
                self._complain(name, line, row)
            elif (post := self._post(name, line, row)) is not None:
                yield post
        self._files[name] = [len(raw), _digest(raw), max(upto, 0), ended]

    def _rows(self, name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
        """Line number, and the row or what is wrong with it."""
        if not name.lower().endswith(".csv"):
            for number, line in enumerate(text.split("\n"), 1):
                if line.strip():
                    try:
                        row = json.loads(line)
                    except (ValueError, RecursionError) as error:
                        yield number, f"is not JSON: {error}"
                        continue
                    yield number, row if isinstance(row, dict) else "is no JSON object"
            return
        head = text[:5000].split("\n", 1)[0]
        delimiter = str(self.source.options.get("delimiter", "")) or max(",;\t|", key=head.count)
        reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, restkey="", strict=True)
        while True:
            begin = max(reader.line_num, 1) + 1  # of the row that comes, which may be several lines long
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield begin, f"is broken: {error}"
                continue
            yield begin, "has more fields than the first line has columns" if row.get("") else row

    def _complain(self, name: str, line: int, what: str) -> None:
        self._broken += 1
        if self._broken <= TOLD:
            self.notes.append(f"{name[-40:]}:{line}: {clean_line(what, 70)}")

    def _post(self, name: str, line: int, row: Mapping[str, Any]) -> Post | None:
        def get(field: str) -> str:
            value = row.get(str(self._columns.get(field, field)))
            return "" if value is None else str(value).strip()

        text, quotes = mail_text(get("text"))
        if not text:
            wanted = self._columns.get("text", "text")
            self._complain(name, line, f"nothing in {wanted!r}; has {', '.join(map(str, row))}")
            return None
        author, when = clean_line(get("author"), 100), get("published")
        published = self._moment(when)
        if when and published is None:
            self._complain(name, line, f"{when[:20]!r} is no date; set date_format")
        native = (
            get("id") or hashlib.sha256(f"{name}\n{author}\n{when}\n{text}".encode("utf-8", "replace")).hexdigest()[:20]
        )
        place = f"{self._platform}:{quote(native)}"
        link = _web(get("url"))
        rating = get("rating").replace(",", ".")
        return Post(
            source=self.source.name,
            platform=self._platform,
            url=link or place,
            key=post_key(source=self._platform, native_id=native),
            thread_url=f"{self._platform}:{quote(get('thread'))}" if get("thread") else link or place,
            thread_title=clean_line(get("title")),
            position=-1 if get("parent") or get("thread") else 0,
            author=author,
            text=text,
            fetched=self.now,
            published=published,
            native_id=native,
            parent_key=post_key(source=self._platform, native_id=get("parent")) if get("parent") else None,
            quotes=quotes,
            language=clean_line(get("language"), 20) or None,
            rating=float(rating) if rating.replace(".", "", 1).isdecimal() and rating.isascii() else None,
        )

    def _moment(self, value: str) -> datetime | None:
        wanted = self.source.options.get("date_format")
        for form in (str(wanted),) if wanted else (None, *_SLASHED):
            try:
                when = datetime.strptime(value, form) if form else datetime.fromisoformat(value)  # noqa: DTZ007
                return (when if when.tzinfo else when.replace(tzinfo=self.zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        return None


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def _web(url: str) -> str:
    try:
        return canonical(url) if url else ""
    except ValueError:
        return ""
