"""A hashtag on a Mastodon server, newest first.

Documented at docs.joinmastodon.org/methods/timelines/#tag: /api/v1/timelines/tag/TAG, limit up to 40, max_id. Servers
that show it to members only answer 401 or 422.

Url: the server. Options: tags (without #).
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from listener.records import Post
from spiders.api import ApiSpider, later_of, moment, query

SIZE = 40


class MastodonSpider(ApiSpider):
    """Reads the posts with one of the tags, as this server knows them."""

    name = "mastodon"
    page_budget = 30
    goes_back = "as far as the server remembers"

    def lists(self) -> Iterable[str]:
        for tag in self.need("tags", '["brand"]'):
            yield query(f"{self.base}/api/v1/timelines/tag/{quote(str(tag).lstrip('#'))}", limit=SIZE)

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        if not isinstance(said, list):
            raise ValueError(str(said.get("error", "no list")))
        here = urlsplit(url)._replace(query="").geturl()
        urls = {str(status["id"]): str(status.get("url") or status["uri"]) for status in said}
        following = query(here, limit=SIZE, max_id=said[-1]["id"]) if len(said) >= SIZE else ""
        return self._posts(said, urls), following

    def _posts(self, said: list[dict[str, Any]], urls: dict[str, str]) -> Iterator[Post]:
        for status in said:
            account = status["account"]
            answered = status.get("in_reply_to_id")
            published = moment(status["created_at"])
            warning = f"<p>{status['spoiler_text']}</p>" if status.get("spoiler_text") else ""
            yield self.post(
                urls[str(status["id"])],
                author=account["acct"],
                html=warning + status["content"],
                parent=urls.get(str(answered), ""),
                position=-1 if answered else 0,
                published=published,
                edited=later_of(published, moment(status.get("edited_at"))),
                native_id=str(status["id"]),
                author_url=account.get("url"),
                language=status.get("language"),
                likes=status.get("favourites_count"),
                replies=status.get("replies_count"),
            )
