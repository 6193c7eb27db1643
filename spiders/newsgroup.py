"""Usenet over NNTP: GROUP, OVER and ARTICLE (RFC 3977, RFC 6048), by pynntp, in a thread of its own.

Url: nntp://HOST/GROUP or nntps://HOST/GROUP (port 119 and 563 unless it is named). A login comes from the environment:
LISTENER_NNTP_USER, LISTENER_NNTP_PASSWORD. Options: charset of articles that do not say theirs (for tw.*: "big5"),
max_pages (articles of one visit, default 500), first (articles of the first visit, default 2000), permalink (an
address with {id} at which an article opens in a browser; by default news:ID).

Cursor: next = number of the first article not yet read, high = the group's last number then. A server that was set up
anew counts from the beginning; so do we then.
"""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from nntp.nntp import NNTPClient, NNTPDataError, NNTPError, NNTPReplyError

from listener.address import AddressGuard
from listener.errors import Blocked, Gone, SourceError, Unreadable
from listener.records import Post
from spiders.api import secret
from spiders.base import SourceSpider
from spiders.mail import letter_post, read_letter

BLOCK = 200  # articles of one OVER
ARTICLE_LIMIT = 1_000_000  # bytes; whatever is longer is no talk
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_YENC = re.compile(rb"\byenc\b", re.IGNORECASE)


class Reader(NNTPClient):
    """pynntp with bounds, and with lines as they are: its own reading doubles those that begin with a dot."""

    allowed = 1_000_000  # bytes that may still come
    until = float("inf")  # when to give up, on the monotonic clock

    def __init__(self, *where: Any, **about: Any) -> None:
        try:
            super().__init__(*where, **about)
        except BaseException:
            if "socket" in self.__dict__:  # pynntp leaves it open
                self.socket.close()
            raise

    def _recv(self, size: int = 4096) -> None:
        if time.monotonic() > self.until:
            raise TimeoutError("no time left")
        data = self.socket.recv(size)
        if _QUICKACK is not None:  # servers write an answer in pieces and wait for our word on each: 40 ms an article
            self.socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        self.allowed -= len(data)
        if not data:
            raise NNTPError("the connection was closed")
        if self.allowed < 0:
            raise NNTPDataError("more was answered than any article holds")
        self._buffer.write(data)

    def lines(self, verb: str, args: str, limit: int) -> Iterator[bytes]:
        """The lines of an answer of at most `limit` bytes, dot-stuffing undone. Raises what pynntp raises."""
        self.allowed = limit
        self.command(verb, args)
        for line in self._line():
            if line.rstrip(b"\r\n") == b".":
                return
            yield line[1:] if line.startswith(b".") else line


class NewsgroupSpider(SourceSpider):
    """Reads a group's articles by number, the oldest unread first."""

    name = "newsgroup"
    goes_back = "all articles that the server keeps"
    page_budget = 500

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._read_to: dict[str, Any] = {}

    async def start(self) -> AsyncIterator[Any]:
        place = f"http://{urlsplit(self.source.url).netloc}/"  # its queue is the host's, beside web pages
        try:
            async with self.web.slots.hold(place):
                posts = await asyncio.to_thread(self._visit)
        except SourceError as error:
            self.troubles.append(error)
            return
        for post in posts:
            yield post

    def _visit(self) -> list[Post]:
        """What was read, also where an error (told in `troubles`) cut it short."""
        url, parts = self.source.url, urlsplit(self.source.url)
        group = unquote(parts.path.strip("/"))
        if parts.scheme not in ("nntp", "nntps") or not re.fullmatch(r"[\w+.-]{1,200}", group):
            raise SourceError(url, "should be nntp://HOST/GROUP or nntps://HOST/GROUP")
        secure = parts.scheme == "nntps"
        posts: list[Post] = []
        try:
            reader = self._connect(str(parts.hostname), parts.port or (563 if secure else 119), secure)
            try:
                for post in self._read(reader, group):
                    posts.append(post)  # noqa: PERF402  one by one: an error later on does not take what was read
            finally:
                reader.close()
        except (NNTPError, OSError) as error:
            self.troubles.append(self._told(error))
        if self._read_to:
            self.cursor = self._read_to
        if self._read_to or not self.troubles:
            self.pages += 1
        return posts

    def _connect(self, host: str, port: int, secure: bool) -> Reader:
        """A connection to an address that the guard allows: TLS is checked against the name, nothing is asked twice."""
        address = checked_address(self.web.guard, self.source.url, host, port)
        about = {"username": secret("LISTENER_NNTP_USER"), "password": secret("LISTENER_NNTP_PASSWORD")}
        timeout = int(max(self.web.net.timeout_s, 1))
        self.basket.requests += 1
        if secure:
            reader: Reader = _SecureReader(address, port, timeout=timeout, use_ssl=True, name=host, **about)
        else:
            reader = Reader(address, port, timeout=timeout, **about)
        reader.until = self._until + timeout
        return reader

    def _read(self, reader: Reader, group: str) -> Iterator[Post]:
        _, low, high, _ = reader.group(group)
        begin = int(self.cursor.get("next", 0))
        if not begin:
            first = int(self.source.options.get("first", 2000))
            begin = high - first + 1 if self.since is None else low  # in a walk OVER tells which ones are too old
        elif high < int(self.cursor.get("high", 0)):
            self.notes.append("the server counts its articles anew; all of them are read")
            begin = low
        begin = max(begin, low, 1)
        while begin <= high and self.left > 0 and time.monotonic() < self._until:
            until = min(begin + min(BLOCK, max(self.left - 1, 1)) - 1, high)
            for number in self._worth_reading(reader, begin, until):
                self._read_to = {"next": number, "high": high}
                try:
                    yield from self._article(reader, number)
                except NNTPDataError:  # an article that breaks the visit breaks it once; a lost connection loses none
                    self._read_to["next"] = number + 1
                    raise
            begin = until + 1
            self._read_to = {"next": begin, "high": high}
        self.more = begin <= high

    def _worth_reading(self, reader: Reader, begin: int, until: int) -> list[int]:
        """Numbers of articles that are there, are not binaries and not too long, by the overview."""
        self.basket.requests += 1
        self.left -= 1
        try:
            lines = list(reader.lines("OVER", f"{begin}-{until}", 10 * ARTICLE_LIMIT))
        except NNTPReplyError as error:
            if error.code in (420, 423):
                return []
            if error.code not in (500, 501, 502, 503):
                raise
            lines = list(reader.lines("XOVER", f"{begin}-{until}", 10 * ARTICLE_LIMIT))  # before RFC 3977
        wanted = set()
        for line in lines:
            fields = line.rstrip(b"\r\n").split(b"\t")  # number, subject, from, date, id, references, bytes, lines
            size = int(fields[6][:15]) if len(fields) > 6 and fields[6].isdigit() else 0
            number = int(fields[0][:15]) if fields[0].isdigit() else 0
            if self.since is not None and len(fields) > 3 and _before(fields[3], self.since):
                continue
            if begin <= number <= until and size <= ARTICLE_LIMIT and not _YENC.search(b"".join(fields[1:2])):
                wanted.add(number)
        return sorted(wanted)

    def _article(self, reader: Reader, number: int) -> Iterator[Post]:
        self.basket.requests += 1
        self.left -= 1
        try:
            raw = b"".join(reader.lines("ARTICLE", str(number), 2 * ARTICLE_LIMIT))
        except NNTPReplyError as error:
            if error.code in (420, 423, 430):  # cancelled or expired in between
                return
            raise
        letter = read_letter(raw, str(self.source.options.get("charset", "")))
        if letter is not None:
            yield letter_post(letter, self.source, self.now, "usenet", self._permalink)

    def _permalink(self, message_id: str) -> str:
        wanted = str(self.source.options.get("permalink", ""))
        return wanted.replace("{id}", quote(message_id, safe="@")) if wanted else f"news:{message_id}"

    def _told(self, error: Exception) -> SourceError:
        url, code = self.source.url, getattr(error, "code", 0)
        if code == 411:
            return Gone(url, "is no group of this server (411)")
        if code in (480, 481, 482, 502):
            return Blocked(url, f"asks for a login, or refuses us ({code}); LISTENER_NNTP_USER and …_PASSWORD name one")
        if isinstance(error, NNTPError) and not code:
            return Unreadable(url, f"is no news server: {error or type(error).__name__}")
        return SourceError(url, f"could not be read: {error or type(error).__name__}")


def _before(date: bytes, since: datetime) -> bool:
    """Is an article's Date header, as the overview has it, surely before `since`? An unreadable one is not."""
    try:
        at = parsedate_to_datetime(date.decode("latin-1"))
    except ValueError:
        return False
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) < since


class _SecureReader(Reader):
    """TLS to an address, with the certificate of a name."""

    def __init__(self, address: str, port: int, *, name: str, **about: Any) -> None:
        self._name = name
        super().__init__(address, port, **about)

    def _enable_tls(self, host: str) -> None:
        self.socket: Any = ssl.create_default_context().wrap_socket(self.socket, server_hostname=self._name)


def checked_address(guard: AddressGuard, url: str, host: str, port: int) -> str:
    """An IP address of `host` that the guard allows.

    Raises:
        RefusedAddress: it is a private one. SourceError: there is none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SourceError(url, f"{host} has no address: {error}") from error
    for *_, address in found:
        guard.check_address(str(address[0]), url)
    return str(found[0][4][0])
