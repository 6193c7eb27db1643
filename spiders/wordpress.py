"""Comments of a WordPress site by its REST API, newest first.

Documented at developer.wordpress.org/rest-api/reference/comments: /wp-json/wp/v2/comments, per_page up to 100;
_embed=up brings the article's title along. Sites that switched it off answer 401 or 404: take their comment feed.

Url: the site.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urldefrag

from listener.records import Post
from spiders.api import ApiSpider, moment, page_number, query

SIZE = 100


class WordPressSpider(ApiSpider):
    """Reads the comments of all articles."""

    name = "wordpress"
    page_budget = 30
    goes_back = "all comments"

    def lists(self) -> Iterable[str]:
        yield self._list(1)

    def _list(self, page: int) -> str:
        where = f"{self.base}/wp-json/wp/v2/comments"
        return query(where, per_page=SIZE, page=page, orderby="date_gmt", order="desc", _embed="up")

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        if not isinstance(said, list):
            raise ValueError(f"{said.get('message', 'no list')}")
        return self._posts(said), self._list(page_number(url) + 1) if len(said) >= SIZE else ""

    def _posts(self, said: list[dict[str, Any]]) -> Iterator[Post]:
        for comment in said:
            if comment.get("type", "comment") != "comment":  # pingbacks are no voices
                continue
            link, parent = str(comment["link"]), comment.get("parent")
            article = urldefrag(link)[0]
            up = (comment.get("_embedded") or {}).get("up") or ()
            titles = [one["title"].get("rendered") for one in up if isinstance(one.get("title"), dict)]
            yield self.post(
                link,
                author=self.plain(comment.get("author_name")),
                html=comment["content"]["rendered"],
                thread=article,
                title=self.plain(titles[0]) if titles else "",
                parent=f"{article}#comment-{int(parent)}" if parent else "",
                published=moment(comment.get("date_gmt")),
                native_id=str(int(comment["id"])),
                author_url=comment.get("author_url") or None,
            )
