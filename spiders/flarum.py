"""Flarum by its JSON:API: discussions by their last post, and in those that grew the posts, newest first.

Documented at docs.flarum.org/rest-api (and jsonapi.org): /api/discussions?sort=-lastPostedAt, /api/posts with
filter[discussion]; pages by links.next.

Url: the forum.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from listener.records import Deletion, Post
from spiders.api import ApiSpider, later_of, moment, query

SIZE = 50
_ANSWERED = re.compile(
    r'class="PostMention[^>]*?href="[^"]*/d/\d+[^"/]*/(\d+)"|href="[^"]*/d/\d+[^"/]*/(\d+)"[^>]*?class="PostMention'
)


class FlarumSpider(ApiSpider):
    """Reads discussions that grew."""

    name = "flarum"
    goes_back = "all discussions"

    def lists(self) -> Iterable[str]:
        yield query(f"{self.base}/api/discussions", **{"sort": "-lastPostedAt", "page[limit]": SIZE})

    def page(self, said: Any, url: str) -> tuple[Iterable[Post | Deletion], str]:
        data = said["data"]
        following = str((said.get("links") or {}).get("next") or "")
        if not following.startswith(self.base + "/"):  # a forum that does not know its own address
            following = ""
        if url.startswith(f"{self.base}/api/discussions"):
            for one in data:
                about = one["attributes"]
                if self.grew(one["id"], f"{about.get('lastPostedAt')} {about.get('commentCount')}", about["title"]):
                    asked = {"filter[discussion]": int(one["id"]), "filter[type]": "comment", "include": "user"}
                    where = f"{self.base}/api/posts"
                    self.further.append(query(where, **asked, **{"sort": "-createdAt", "page[limit]": SIZE}))
            last = [moment(one["attributes"].get("lastPostedAt")) for one in data]
            past = self.since is not None and all(at is not None and at < self.since for at in last)
            return (), "" if past else following
        users = {one["id"]: one["attributes"] for one in said.get("included", ()) if one.get("type") == "users"}
        return self._posts(data, users), following

    def _posts(self, data: list[dict[str, Any]], users: dict[str, Any]) -> Iterator[Post | Deletion]:
        for one in data:
            about, belongs = one["attributes"], one["relationships"]
            if about.get("contentType", "comment") != "comment":
                continue
            discussion = str(int(belongs["discussion"]["data"]["id"]))
            if about.get("isHidden"):
                yield self.deletion(f"{self.base}/d/{discussion}/{int(about['number'])}")
                continue
            writer = (belongs.get("user") or {}).get("data") or {}
            user = users.get(str(writer.get("id")), {})
            markup = str(about.get("contentHtml") or "")
            answered = _ANSWERED.search(markup)
            thread, number = f"{self.base}/d/{discussion}", int(about["number"])
            published = moment(about.get("createdAt"))
            yield self.post(
                f"{thread}/{number}",
                author=user.get("displayName") or user.get("username"),
                html=markup,
                thread=thread,
                title=self.title(discussion),
                parent=f"{thread}/{answered[1] or answered[2]}" if answered else "",
                position=0 if number == 1 else -1,
                published=published,
                edited=later_of(published, moment(about.get("editedAt"))),
                native_id=str(one["id"]),
            )
