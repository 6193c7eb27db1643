"""Hacker News by Algolia's search: stories and comments that hold a word, newest first.

The API is documented at hn.algolia.com/api (search_by_date, hitsPerPage up to 1000, at most 1000 hits of a query, so
older ones are asked for by time: numericFilters=created_at_i<=T).

Url: https://hn.algolia.com, or where else the API lives. Options: query (words to search for; without it, everything
new is read, which is much), tags (default "(story,comment)"), per_page (default 200).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from listener.records import Post
from spiders.api import ApiSpider, moment, query

SITE = "https://news.ycombinator.com/item?id="
HITS = 1000  # of one query; the page after them is empty


class HackerNewsSpider(ApiSpider):
    """Reads the search, page by page and then by time, until nothing is new."""

    name = "hackernews"
    page_budget = 30
    goes_back = "all that the search has"

    def lists(self) -> Iterable[str]:
        yield self._search(None)

    def _search(self, until: int | None) -> str:
        options = self.source.options
        between = [f"created_at_i<={until}"] if until is not None else []
        if self.since is not None:
            between.append(f"created_at_i>={int(self.since.timestamp())}")
        return query(
            f"{self.base}/api/v1/search_by_date",
            query=str(options.get("query", "")),
            tags=str(options.get("tags", "(story,comment)")),
            hitsPerPage=min(int(options.get("per_page", 200)), HITS),
            numericFilters=",".join(between) or None,
        )

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        hits = said["hits"]
        # By time and not by page number: new posts do not shift it, and it goes on after the 1000th hit.
        times = [int(hit["created_at_i"]) for hit in hits]
        full = len(hits) >= int(said.get("hitsPerPage") or 1)
        oldest = min(times, default=0)
        if full and oldest == max(times):  # one second filled the page: step over it
            oldest -= 1
        return self._posts(hits), self._search(oldest) if full else ""

    def _posts(self, hits: list[dict[str, Any]]) -> Iterator[Post]:
        for hit in hits:
            number = str(int(hit["objectID"]))
            story = str(hit.get("story_id") or number)
            comment = hit.get("comment_text") is not None
            parent = hit.get("parent_id")
            yield self.post(
                SITE + number,
                author=hit.get("author"),
                html=hit.get("comment_text") if comment else hit.get("story_text"),
                thread=SITE + story,
                title=hit.get("story_title") if comment else hit.get("title"),
                parent=f"{SITE}{parent}" if parent else "",
                published=moment(hit.get("created_at_i")),
                native_id=number,
                author_url=f"https://news.ycombinator.com/user?id={hit.get('author')}",
                likes=hit.get("points"),
                replies=hit.get("num_comments"),
            )
