"""Lemmy by its API v3: posts and comments, newest first, of a community or of all that the server knows.

Documented at join-lemmy.org/api (GetPosts, GetComments): /api/v3/post/list with page_cursor, /api/v3/comment/list with
page; limit up to 50. Texts are Markdown, and are kept as they were typed.

Url: the server. Options: community ("brand" or "brand@other.server").
"""

from collections.abc import Iterable, Iterator
from typing import Any

from listener.gather.text import mail_text
from listener.records import Deletion, Post
from spiders.api import ApiSpider, later_of, moment, page_number, query

SIZE = 50


class LemmySpider(ApiSpider):
    """Reads both lists."""

    name = "lemmy"
    page_budget = 40
    goes_back = "all that the server has"

    def lists(self) -> Iterable[str]:
        yield self._list("post", None)
        yield self._list("comment", 1)

    def _list(self, kind: str, page: int | None, cursor: str | None = None) -> str:
        community = self.source.options.get("community")
        where = f"{self.base}/api/v3/{kind}/list"
        about = {"type_": "All", "sort": "New", "limit": SIZE, "community_name": community}
        return query(where, **about, page=page, page_cursor=cursor)

    def page(self, said: Any, url: str) -> tuple[Iterable[Post | Deletion], str]:
        if "posts" in said:
            cursor = said.get("next_page")
            return self._posts(said["posts"]), self._list("post", None, cursor) if cursor and said["posts"] else ""
        comments = said["comments"]
        following = self._list("comment", page_number(url) + 1) if len(comments) >= SIZE else ""
        return self._comments(comments), following

    def _posts(self, views: list[dict[str, Any]]) -> Iterator[Post | Deletion]:
        for view in views:
            post = view["post"]
            place = f"post/{int(post['id'])}"
            if post.get("deleted") or post.get("removed"):
                yield self.deletion(f"{self.base}/{place}")
            else:
                yield self._made(view, post, place, post.get("body"), replies=view["counts"]["comments"])

    def _comments(self, views: list[dict[str, Any]]) -> Iterator[Post | Deletion]:
        for view in views:
            comment = view["comment"]
            if comment.get("deleted") or comment.get("removed"):
                yield self.deletion(f"{self.base}/comment/{int(comment['id'])}")
                continue
            above = [int(step) for step in str(comment.get("path", "0")).split(".")][-2:-1]  # 0.FIRST.SECOND.ITSELF
            parent = f"comment/{above[0]}" if above and above[0] else f"post/{int(view['post']['id'])}"
            yield self._made(
                view, comment, f"comment/{int(comment['id'])}", comment["content"],
                parent=f"{self.base}/{parent}", replies=view["counts"].get("child_count"),
            )  # fmt: skip

    def _made(self, view: dict[str, Any], said: dict[str, Any], place: str, markdown: Any, **more: Any) -> Post:
        text, quotes = mail_text(str(markdown or ""))  # quoted as in mail, line by line
        published = moment(said["published"])
        return self.post(
            f"{self.base}/{place}",
            author=view["creator"]["name"],
            text=text,
            quotes=quotes,
            thread=f"{self.base}/post/{int(view['post']['id'])}",
            title=view["post"]["name"],
            published=published,
            edited=later_of(published, moment(said.get("updated"))),
            native_id=place,
            author_url=view["creator"].get("actor_id"),
            likes=view["counts"].get("score"),
            **more,
        )
