"""Stack Exchange by its API 2.3: questions by activity, their answers, and the comments on both.

Documented at api.stackexchange.com/docs: /search/advanced, /questions/{ids}/answers, /questions|answers/{ids}/comments;
throttle: "backoff" is the number of seconds to wait, quota_remaining what is left of the day.

Url: https://api.stackexchange.com/2.3. Options: site (its domain, "superuser.com"), query or tagged (a word, or tags
separated by ";"). A key from the environment (LISTENER_STACKEXCHANGE_KEY) raises the quota from 300 to 10,000 a day.
Cursor: as in api.py; answers = {answer: question}.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from listener.records import Post
from spiders.api import ApiSpider, later_of, moment, page_number, query, secret

SIZE = 50
IDS = 50  # of one request; the API takes 100
ANSWERS_KEPT = 2000


class StackExchangeSpider(ApiSpider):
    """Reads questions whose activity moved, and what was said under them."""

    name = "stackexchange"
    page_budget = 40
    goes_back = "all questions with something said since then"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._site = str(self.source.options.get("site", "stackoverflow.com"))
        self.token = secret("LISTENER_STACKEXCHANGE_KEY")
        self._answers: dict[str, str] = dict(self.cursor.get("answers", {}))

    def lists(self) -> Iterable[str]:
        options = self.source.options
        if not options.get("tagged"):
            self.need("query", '"brand"')
        least = None if self.since is None else int(self.since.timestamp())
        about = {"q": options.get("query"), "tagged": options.get("tagged"), "min": least}
        yield self._list("search/advanced", sort="activity", **about)

    def _list(self, path: str, **about: Any) -> str:
        about |= {"order": "desc", "site": self._site, "filter": "withbody", "pagesize": SIZE, "page": 1}
        return query(f"{self.base}/{path}", **about, key=self.token or None)

    def is_past(self, posts: Sequence[Post]) -> bool:
        """By activity, an old question may stand first; the API itself ends the list (min)."""
        return False

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        items = said["items"]
        if said.get("backoff") or said.get("quota_remaining") == 0:
            self.left = 0  # the rest is read at the next visit, which is later than any backoff
            if said.get("backoff"):
                self.web.slots.pause(url, float(said["backoff"]))
            self.notes.append(
                f"asked to wait {said['backoff']} s" if said.get("backoff") else "today's quota is used up"
            )
        parts = urlsplit(url)
        kind = parts.path.rsplit("/", 1)[-1]
        posts = list({"answers": self._read_answers, "comments": self._read_comments}.get(kind, self._questions)(items))
        asked = dict(parse_qsl(parts.query))
        following = parts._replace(query=urlencode(asked | {"page": page_number(url) + 1})).geturl()
        return posts, following if said.get("has_more") else ""

    def _questions(self, items: list[dict[str, Any]]) -> Iterator[Post]:
        grown = [
            str(int(item["question_id"]))
            for item in items
            if self.grew(item["question_id"], item.get("last_activity_date"), self.plain(item.get("title")))
        ]
        if grown:
            self.further.append(self._list(f"questions/{';'.join(grown)}/answers", sort="activity"))
            self.further.append(self._list(f"questions/{';'.join(grown)}/comments", sort="creation"))
        for item in items:
            yield self._made(item, f"/q/{item['question_id']}", item["question_id"], replies=item.get("answer_count"))

    def _read_answers(self, items: list[dict[str, Any]]) -> Iterator[Post]:
        for item in items:
            self._answers.pop(str(item["answer_id"]), None)
            self._answers[str(item["answer_id"])] = str(item["question_id"])
            yield self._made(item, f"/a/{item['answer_id']}", item["question_id"], f"/q/{item['question_id']}")
        ids = ";".join(str(int(item["answer_id"])) for item in items)
        if ids:
            self.further.append(self._list(f"answers/{ids}/comments", sort="creation"))

    def _read_comments(self, items: list[dict[str, Any]]) -> Iterator[Post]:
        for item in items:
            on = str(item["post_id"])
            question = self._answers.get(on, on)
            place = f"/q/{question}#comment{item['comment_id']}_{on}"
            yield self._made(item, place, question, f"/a/{on}" if on in self._answers else f"/q/{on}")

    def _made(self, item: dict[str, Any], place: str, question: Any, parent: str = "", **more: Any) -> Post:
        site = f"https://{self._site}"
        owner = item.get("owner") or {}
        published = moment(item["creation_date"])
        return self.post(
            site + place,
            author=self.plain(owner.get("display_name")),
            html=item["body"],
            thread=f"{site}/q/{question}",
            title=self.title(question),
            parent=site + parent if parent else "",
            published=published,
            edited=later_of(published, moment(item.get("last_edit_date"))),
            native_id=place.split("/", 1)[1],
            author_url=owner.get("link"),
            likes=item.get("score"),
            **more,
        )

    def closed(self, reason: str) -> None:
        """Scrapy calls this when the visit ends."""
        super().closed(reason)
        self.cursor["answers"] = dict(list(self._answers.items())[-ANSWERS_KEPT:])
