"""Looking at a site for what could be listened to: engine, API, feeds, boards, sitemap, and what robots.txt says.

All requests go through net.Web, so nothing forbidden is asked for, also not to find out whether it is there.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from listener.config import Brand, SourcePart
from listener.errors import Blocked, ConfigError, SourceError, Unreadable
from listener.gather.crawl import SETTINGS
from listener.gather.feeds import parse
from listener.gather.net import Answer, Web
from listener.gather.propose import SEARCHES, Proposal, Search, for_brand
from listener.gather.text import clean_line, too_deep
from listener.records import Source
from listener.urls import host_of

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
COMMON_FEEDS = ("feed/", "rss.xml", "atom.xml", "feed.xml", "index.xml")  # tried where nothing says better
MOST_FEEDS, MOST_BOARDS = 8, 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source of some kind would begin.

    Attributes:
        probe: an address that answers with a JSON object that has the key `sign` if the API is open.
        guess: nothing on the page speaks for it; it is not spoken of if the probe fails.
    """

    kind: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    probe: str = ""
    sign: str = ""
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page reader says of a page.

    Attributes:
        engine: its name; "" if the page is of none that is known, and shows neither threads nor posts.
        boards: titles.
        threads, posts: how many stand on the page.
        places: where sources would begin, the best one first.
        feeds: addresses at which such an engine has feeds if they are switched on.
    """

    engine: str
    boards: tuple[str, ...] = ()
    threads: int = 0
    posts: int = 0
    places: tuple[Place, ...] = ()
    feeds: tuple[str, ...] = ()


def page_reader() -> Callable[[str, str, datetime], Seen]:
    """What tells an engine by its page; Scrapy's settings name it, as they name the spiders."""
    from scrapy.settings import Settings
    from scrapy.utils.misc import load_object

    settings = Settings()
    settings.setmodule(SETTINGS)
    return cast(Callable[[str, str, datetime], Seen], load_object(settings["PAGE_READER"]))


class Discovery:
    """A look at one site. After `look`, `heading` holds what was seen and `proposals` what could be added."""

    def __init__(self, web: Web, listed: Sequence[SourcePart] = ()) -> None:
        self._web, self._listed = web, listed
        self._asked: set[str] = set()
        self.heading: list[str] = []
        self.proposals: list[Proposal] = []

    async def look(self, url: str) -> None:
        """Look at the page at `url` and at what it leads to on its site.

        Raises:
            ConfigError: no address. SourceError: its host cannot be reached.
        """
        url = url if "://" in url else f"https://{url}"
        try:
            host_of(url)
            parts = urlsplit(url)
        except ValueError:  # a bracket without an end, a port beyond 65535
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{url!r} is no address of a site; write one like https://forum.example/")
        rules = await self._web.robots.rules(url)
        self.heading.append(f"{url}, looked at on {self._web.clock.now():%Y-%m-%d}")
        if rules.delay_s:
            self.heading.append(f"robots.txt asks for {rules.delay_s:g} s between requests; that is kept to")
        try:
            page = await self._web.get(url)
        except SourceError as error:  # other pages of the site may well be there
            self.heading.append(f"not read: {error}")
            page = Answer(url, 0, {}, b"")
        self.heading += [f"moved for good to {page.moved}"] if page.moved else []
        if self._is_feed(page):
            await self._propose_feeds([page.url], "", page)
            return
        html = page.body.decode(_charset(page), "replace")
        seen = page_reader()(html, page.url, self._web.clock.now())
        if page.status:
            self._tell(seen)
        kind = await self._propose_places(seen)
        advertised = _advertised(html, page.url)
        feeds = [*advertised, *seen.feeds]
        if not feeds and not kind:
            feeds = [urljoin(page.url, path) for path in COMMON_FEEDS]
        redundant = (
            f"{kind} above reads the same posts, and all of them; take this where that is refused" if kind else ""
        )
        await self._propose_feeds(feeds, redundant, named=advertised)
        await self._tell_sitemap(page.url, rules.sitemaps)

    def _tell(self, seen: Seen) -> None:
        if not seen.engine:
            self.heading.append("engine: none that is known, and neither threads nor posts on this page")
            return
        counts = ((len(seen.boards), "boards"), (seen.threads, "threads"), (seen.posts, "posts"))
        told = ", ".join(f"{count} {noun}" for count, noun in counts if count)
        self.heading.append(f"engine: {seen.engine}; on this page: {told or 'nothing that can be read'}")

    async def _propose_places(self, seen: Seen) -> str:
        """Propose the first place that answers; returns its kind, "" if none did."""
        found = ""
        for place in seen.places:
            why_not, note = "", ""
            try:
                if place.probe:
                    _check_sign((await self._web.get(place.probe)).body, place)
                    note = f"{place.probe} answers"
                else:
                    (await self._web.robots.rules(place.url)).check(place.url)
            except SourceError as error:
                if place.guess:
                    continue
                why_not = str(error)
            if found and not why_not:
                why_not = f"{found} above reads the same posts"
            notes = [note or f"read as a {seen.engine} page" if place.kind == "forum" else note]
            if place.kind == "forum" and seen.boards:
                titles = list(dict.fromkeys(clean_line(title, 40) for title in seen.boards))
                listed = ", ".join(titles[:MOST_BOARDS])
                notes.append(f"boards: {listed}{' …' if len(titles) > MOST_BOARDS else ''}")
                notes.append('for some of them only: options = { boards = ["a title"] }')
            if place.kind == "forum":
                notes.append('its dates are read as UTC; options = { time_zone = "Asia/Taipei" } says otherwise')
            self._propose(place.kind, place.url, place.options, notes, why_not)
            found = found or ("" if why_not else place.kind)
        return found

    async def _propose_feeds(
        self, urls: Sequence[str], redundant: str, page: Answer | None = None, named: Collection[str] = ()
    ) -> None:
        """Propose those that are feeds. `named`: the page speaks of them, so a refusal is told too."""
        for url in dict.fromkeys(urls):
            if len(self._asked) >= MOST_FEEDS or url in self._asked:
                continue
            self._asked.add(url)
            try:
                answer = page or await self._web.get(url)
                posts = parse(
                    answer.body, answer.headers.get("Content-Type", ""), answer.url, _nobody(url), self._web.clock.now()
                )
            except SourceError as error:
                if url in named and isinstance(error, Blocked):
                    self._propose("feed", url, {}, (), str(error))
                continue
            dates = [post.published for post in posts if post.published]
            newest = f", the newest of {max(dates):%Y-%m-%d}" if dates else ""
            self._propose("feed", answer.moved or url, {}, [f"feed with {len(posts)} entries{newest}"], redundant)

    def _is_feed(self, page: Answer) -> bool:
        try:
            return bool(parse(page.body, page.headers.get("Content-Type", ""), page.url, _nobody(page.url), self._now))
        except Unreadable:
            return False

    @property
    def _now(self) -> datetime:
        return self._web.clock.now()

    async def _tell_sitemap(self, url: str, named: Sequence[str]) -> None:
        """A sitemap is no source; it tells how large a site is."""
        for sitemap in [*named, urljoin(url, "/sitemap.xml")][:1]:
            try:
                body = (await self._web.get(sitemap)).body
            except SourceError:
                continue
            pages, more = body.count(b"<url>"), body.count(b"<sitemap>")
            if pages or more:
                self.heading.append(f"sitemap {sitemap}: " + (f"{more} further ones" if more else f"{pages} addresses"))

    def _propose(
        self, kind: str, url: str, options: Mapping[str, Any], notes: Sequence[str], why_not: str = ""
    ) -> None:
        known = next((part.name for part in self._listed if (part.kind, part.url) == (kind, url)), None)
        host = (urlsplit(url).hostname or "site").removeprefix("www.")
        name = host if kind != "feed" else f"{host}-feed"
        why_not = f"it is listed already, as {known!r}" if known is not None else why_not
        self.proposals.append(Proposal(name, kind, url, dict(options), tuple(filter(None, notes)), why_not))


async def discover_brand(
    web: Web, brand: Brand, listed: Sequence[SourcePart], searches: Sequence[Search] = SEARCHES
) -> list[Proposal]:
    """Searches for a brand that need no key; each host's robots.txt is asked, and what it forbids is told."""
    found = []
    for proposal, asks in for_brand(brand, listed, searches):
        try:
            rules = await web.robots.rules(asks)
            rules.check(asks)
            notes = [f"robots.txt asks for {rules.delay_s:g} s between requests"] if rules.delay_s else []
            found.append(replace(proposal, notes=(*proposal.notes, *notes)))
        except Blocked as error:
            found.append(replace(proposal, why_not=str(error)))
        except SourceError as error:
            found.append(replace(proposal, notes=(*proposal.notes, f"not asked whether we may: {error}")))
    return found


def _advertised(html: str, url: str) -> list[str]:
    """Feeds that a page names in its head, in their order, on whatever host they are."""
    if too_deep(html):
        return []
    found = []
    for link in LexborHTMLParser(html).css("link[rel~=alternate][href]"):
        kind, href = (
            (link.attributes.get("type") or "").split(";")[0].strip().lower(),
            link.attributes.get("href") or "",
        )
        try:
            if kind in FEED_TYPES:
                found.append(urljoin(url, href.strip()))
        except ValueError:
            continue
    return [one for one in found if one.startswith(("http://", "https://"))]


def _check_sign(body: bytes, place: Place) -> None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(place.probe, "is no JSON") from error
    if not isinstance(said, dict) or place.sign not in said:
        raise Unreadable(place.probe, f"is not what {place.kind} answers")


def _charset(page: Answer) -> str:
    from w3lib.encoding import html_to_unicode

    return html_to_unicode(page.headers.get("Content-Type", ""), page.body)[0]


def _nobody(url: str) -> Source:
    return Source("discover", "feed", url)
