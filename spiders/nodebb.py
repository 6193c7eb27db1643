"""NodeBB by its read API: recent topics, and in those that grew the posts, newest first.

Documented at docs.nodebb.org/api/read: /api/recent, /api/topic/TID with page and sort; "/api" before any address of the
forum gives it as JSON.

Url: the forum.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from listener.records import Deletion, Post
from spiders.api import ApiSpider, later_of, moment, page_number, query


class NodeBBSpider(ApiSpider):
    """Reads topics that grew."""

    name = "nodebb"
    goes_back = "all topics"

    def lists(self) -> Iterable[str]:
        yield query(f"{self.base}/api/recent", page=1)

    def page(self, said: Any, url: str) -> tuple[Iterable[Post | Deletion], str]:
        number, here = page_number(url), urlsplit(url)._replace(query="").geturl()
        last = int((said.get("pagination") or {}).get("pageCount") or 1)
        if "topics" in said:
            for topic in said["topics"]:
                mark = f"{topic.get('lastposttime')} {topic.get('postcount')}"
                if not topic.get("deleted") and self.grew(topic["tid"], mark, topic["title"]):
                    where = f"{self.base}/api/topic/{int(topic['tid'])}"
                    self.further.append(query(where, page=1, sort="newest_to_oldest"))
            times = [_milliseconds(topic.get("lastposttime")) for topic in said["topics"]]
            past = self.since is not None and all(at is not None and at < self.since for at in times)
            return (), query(here, page=number + 1) if number < last and not past else ""
        following = query(here, page=number + 1, sort="newest_to_oldest") if number < last else ""
        return self._posts(said["posts"], said), following

    def _posts(self, posts: list[dict[str, Any]], topic: dict[str, Any]) -> Iterator[Post | Deletion]:
        for post in posts:
            if post.get("deleted"):
                yield self.deletion(f"{self.base}/post/{int(post['pid'])}")
                continue
            user, published = post.get("user") or {}, _milliseconds(post["timestamp"])
            answered = post.get("toPid")
            yield self.post(
                f"{self.base}/post/{int(post['pid'])}",
                author=user.get("displayname") or user.get("username"),
                html=post["content"],
                thread=f"{self.base}/topic/{int(topic['tid'])}",
                title=topic.get("titleRaw") or self.plain(topic["title"]),
                parent=f"{self.base}/post/{int(answered)}" if answered else "",
                position=int(post.get("index", -1)),
                published=published,
                edited=later_of(published, _milliseconds(post.get("edited"))),
                native_id=str(post["pid"]),
                likes=post.get("votes"),
                replies=(post.get("replies") or {}).get("count"),
            )


def _milliseconds(value: Any) -> Any:
    return moment(int(value) / 1000) if value else None
