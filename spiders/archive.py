"""Mailing lists by their archives on the web: public-inbox, HyperKitty, Pipermail, MHonArc, and a plain mbox.

Options: style (one of STYLES; guessed from the address if it says so), months (Pipermail and HyperKitty: how far back
the first visit goes, default 2), charset of mails that do not say theirs, max_pages of one visit.

* public-inbox (url: the list, https://HOST/LIST/): new.atom and its ?t= pages, then LIST/MID/t.mbox.gz of each thread
  that has something new (public-inbox.org/public-inbox-httpd.html).
* hyperkitty (url: …/list/NAME@DOMAIN/): export/NAME.mbox.gz?start=…&end=…, a week at a time, by the day of arrival
  (docs.mailman3.org/projects/hyperkitty). A site that switched the export off answers 404: it is told as gone.
* pipermail (url: the index of months): YEAR-MONTH.txt.gz or .txt (Mailman 2.1, list.org/mailman-admin).
* mhonarc (url: an index page): msgNNNNN.html, by the comments that head each page (see mhonarc.py).
* mbox (url: the file, packed or not): RFC 4155.

Cursor: seen and todo as in api.py; files = {address: hash}, high = highest MHonArc page, day = HyperKitty's next start.
"""

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response

from listener.errors import ConfigError, SourceError, Unreadable
from listener.gather.feeds import parse
from listener.records import Post
from listener.urls import host_of
from spiders.api import ApiSpider
from spiders.base import Yield
from spiders.mail import Letter, letter_post, read_letter, split_mbox, unpacked
from spiders.mhonarc import read_message

STYLES = ("public-inbox", "hyperkitty", "pipermail", "mhonarc", "mbox")
FILES_KEPT = 500
WEEK = timedelta(days=7)
_ID_PLAIN = "-._~!$&';()*+,=:@"  # what public-inbox leaves as it is in an address
_MONTH = re.compile(r"""href=["']?((?:\d{4}-[A-Za-z]+|\d{4}-\d\d|\d{6,8})\.txt(?:\.gz)?)["'\s>]""", re.IGNORECASE)
_MESSAGE = re.compile(r"""href=["']?((?:[^"'\s>]*/)?msg(\d{1,9})\.html)["'\s>#]""", re.IGNORECASE)


class ArchiveSpider(ApiSpider):
    """Reads a list's mails, each once."""

    name = "archive"
    page_budget = 60
    goes_back = "all that the archive has"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._style = str(self.source.options.get("style", "")) or guess(self.source.url)
        if self._style not in STYLES:
            raise ConfigError(
                f"source {self.source.name!r}: write options = {{ style = … }}, one of {', '.join(STYLES)}"
            )
        self._charset = str(self.source.options.get("charset", ""))
        self._months = max(int(self.source.options.get("months", 2)), 1)
        self._files: dict[str, str] = dict(self.cursor.get("files", {}))
        self._high = int(self.cursor.get("high", -1))
        self._day = str(self.cursor.get("day", ""))
        self._known = {mark[:10] for mark in self._seen}

    def first(self) -> Iterable[Request]:
        base = self.base + "/"
        if self.walks_on and self._style not in ("hyperkitty", "mhonarc"):
            pass  # the list was read at the first step: what is left of it stands in todo
        elif self._style == "public-inbox":
            yield from self._get(base + "new.atom", self._read_atom)
        elif self._style == "hyperkitty":
            yield from self._ask_weeks(base)
        elif self._style == "pipermail":
            yield from self._get(self.source.url, self._read_months)
        elif self._style == "mhonarc":
            yield from self._get(self.source.url, self._read_index)
        else:
            yield from self._get(self.source.url, self._read_box)
        for url, _ in self.cursor.get("todo", ()):
            read = self._read_atom if "/new.atom" in url else self._read_box
            yield from self._get(url, self._read_message if self._style == "mhonarc" else read, again=True)

    def _get(self, url: str, callback: Callable[..., Yield], again: bool = False, **about: Any) -> Iterator[Request]:
        """Ask for a page; where there is no time or no answer, `again` has it asked for at the next visit."""

        def later() -> None:
            if again:
                self._todo[url] = 1

        def failed(error: SourceError) -> None:
            if self.try_again(error, any(url == left for left, _ in self.cursor.get("todo", ()))):
                later()

        yield from self.ask(url, callback, failed, later, **about)

    # --- mboxes, whoever has them

    def _read_box(self, response: Response) -> Yield:
        box = unpacked(response.url, response.body, self.web.net.max_body_bytes)
        digest = hashlib.blake2b(box, digest_size=8).hexdigest()
        if self._files.get(response.url) == digest:
            return
        mails = list(split_mbox(box))
        if box.strip() and not mails:
            raise Unreadable(response.url, "is no mbox")
        yield from self._news(read_letter(mail, self._charset) for mail in mails)
        if self._style in ("pipermail", "mbox"):  # threads and weeks are never the same twice
            self._files[response.url] = digest

    def _news(self, letters: Iterable[Letter | None]) -> Iterator[Post]:
        platform = host_of(self.source.url)
        for letter in letters:
            if letter is not None:
                post = letter_post(letter, self.source, self.now, platform, self._permalink, self.source.url)
                if self.is_news(post):
                    yield post

    def _permalink(self, message_id: str) -> str:
        if self._style == "public-inbox":
            return f"{self.base}/{quote(message_id, safe=_ID_PLAIN)}/"
        if self._style == "hyperkitty":
            return f"{self.base}/message/{b32encode(hashlib.sha1(message_id.encode()).digest()).decode()}/"  # noqa: S324
        return ""

    # --- public-inbox

    def _read_atom(self, response: Response) -> Yield:
        posts = parse(response.body, "", response.url, self.source, self.now)
        fresh = [post for post in posts if post.key[:10] not in self._known]
        threads = {post.thread_url: post.url for post in fresh}
        for url in threads.values():
            yield from self._get(url.rstrip("/") + "/t.mbox.gz", self._read_box, again=True)
        oldest = min((post.published for post in posts if post.published), default=None)
        walks = self.since is not None and oldest is not None and oldest >= self.since
        if (
            (self._known or walks) and fresh and len(fresh) == len(posts) and oldest
        ):  # more may have come than stand here
            url = f"{self.base}/new.atom?t={oldest:%Y%m%d%H%M%S}"
            yield from self._get(url, self._read_atom, again=self.since is not None)

    # --- HyperKitty

    def _ask_weeks(self, base: str) -> Iterator[Request]:
        name = quote(unquote(urlsplit(base).path.rstrip("/").rsplit("/", 1)[-1]), safe="@")
        began = f"{self.since or self.now - timedelta(days=30 * self._months):%Y-%m-%d}"
        day = datetime.fromisoformat(self._day or began).replace(tzinfo=UTC)
        while day <= self.now and self.left > 0:
            end = day + WEEK
            url = f"{base}export/{name}.mbox.gz?start={day:%Y-%m-%d}&end={end:%Y-%m-%d}"
            yield from self._get(url, self._read_box, again=True)
            day = end
        self.more = self.more or day <= self.now
        # The last day is asked for again: it was not over.
        self._day = f"{min(day, self.now - timedelta(days=1)):%Y-%m-%d}"

    # --- Pipermail

    def _read_months(self, response: Response) -> Yield:
        names = list(dict.fromkeys(_MONTH.findall(_page(response))))
        if not names:
            raise Unreadable(response.url, "lists no months; give the page with the links to YEAR-MONTH.txt")
        known = bool(self._files)
        if self.since is not None:
            self._months = max((self.now - self.since).days // 28 + 2, 2)
        for number, name in enumerate(names[: max(self._months, 2)]):  # the newest comes first
            url = urljoin(response.url, name)
            if number < 2 or not known or url not in self._files:
                yield from self._get(url, self._read_box, again=True)

    # --- MHonArc

    def _read_index(self, response: Response) -> Yield:
        found = {int(number): urljoin(response.url, link) for link, number in _MESSAGE.findall(_page(response))}
        if not found:
            raise Unreadable(response.url, "lists no messages (msgNNNNN.html)")
        for number in sorted(number for number in found if number > self._high):
            if self.left <= 0:
                self.more = True
                break
            self._high = number
            yield from self._get(found[number], self._read_message, again=True)

    def _read_message(self, response: Response) -> Yield:
        letter = read_message(_page(response), self._charset)
        if letter is None:
            raise Unreadable(response.url, "is no MHonArc message")
        for post in self._news([letter]):
            yield replace(post, url=response.url)

    def closed(self, reason: str) -> None:
        """Scrapy calls this when the visit ends."""
        super().closed(reason)
        files = dict(list(self._files.items())[-FILES_KEPT:])
        self.cursor |= {"files": files, "high": self._high, "day": self._day}


def guess(url: str) -> str:
    """The style that an address gives away, "" if none."""
    parts = urlsplit(url)
    path = parts.path.lower()
    if path.endswith((".mbox", ".mbox.gz", ".mbx")):
        return "mbox"
    if "/pipermail/" in path:
        return "pipermail"
    if re.search(r"/list/[^/@]+@[^/@]+/?$", path):
        return "hyperkitty"
    if re.search(r"/(?:maillist|threads|mail\d+|thrd\d+)\.html$", path):
        return "mhonarc"
    return "public-inbox" if parts.hostname in ("lore.kernel.org", "public-inbox.org") else ""


def _page(response: Response) -> str:
    return response.body.decode(getattr(response, "encoding", None) or "utf-8", "replace")
