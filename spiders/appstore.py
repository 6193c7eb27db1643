"""Customer reviews of an app in Apple's App Store, newest first, country by country.

The feed (performance-partners.apple.com, "RSS feeds of customer reviews"): /COUNTRY/rss/customerreviews/page=N/id=APP/
sortby=mostrecent/json, 50 reviews a page, at most 10 pages.

Url: https://itunes.apple.com. Options: app (the number in the store's address), countries (["tw", "us"]).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from listener.gather.text import clean_text
from listener.records import Post
from spiders.api import ApiSpider, moment

SIZE, PAGES = 50, 10
_ADDRESS = re.compile(r"/([a-z]{2})/rss/customerreviews/page=(\d+)/id=(\d+)/")


class AppStoreSpider(ApiSpider):
    """Reads reviews; a changed one is read anew."""

    name = "appstore"
    page_budget = 50
    goes_back = "the newest 500 reviews of each country, which is all that Apple lists"

    def lists(self) -> Iterable[str]:
        app = str(self.need("app", "123456789"))
        for country in self.source.options.get("countries", ("us",)):
            yield self._list(str(country).lower(), 1, app.removeprefix("id"))

    def _list(self, country: str, page: int, app: str) -> str:
        return f"{self.base}/{country}/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/json"

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        entries = said["feed"].get("entry") or []
        entries = [entries] if isinstance(entries, dict) else entries  # one alone stands without a list
        place = _ADDRESS.search(url)
        if place is None:
            raise ValueError("redirected to another address")
        country, page, app = place[1], int(place[2]), place[3]
        posts = list(self._posts(entries, country, app))
        return posts, self._list(country, page + 1, app) if len(posts) >= SIZE and page < PAGES else ""

    def _posts(self, entries: list[dict[str, Any]], country: str, app: str) -> Iterator[Post]:
        store = f"https://apps.apple.com/{country}/app/id{app}"
        for entry in entries:
            if "im:rating" not in entry:  # the app itself heads older feeds
                continue
            number = str(int(entry["id"]["label"]))
            title = str(entry["title"]["label"])
            text = clean_text(str(entry["content"]["label"]))
            yield self.post(
                f"{store}#review-{number}",
                author=entry["author"]["name"]["label"],
                text=text if title.rstrip("…. ") in text else f"{clean_text(title)}\n{text}",
                title=title,
                published=moment(entry["updated"]["label"]),
                native_id=number,
                rating=float(entry["im:rating"]["label"]),
                likes=int((entry.get("im:voteSum") or {}).get("label") or 0),
            )
