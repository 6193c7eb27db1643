"""Issues of a GitHub repository and what is said under them, by activity.

Documented at docs.github.com/rest/issues: /repos/OWNER/NAME/issues and …/issues/comments, sort=updated, per_page up to
100. A token from the environment (LISTENER_GITHUB_TOKEN) raises the limit from 60 to 5,000 requests an hour; a spent
limit is answered with 403 or 429. Texts are Markdown, and are kept as they were typed.

Url: https://api.github.com/repos/OWNER/NAME. Options: pulls (true: pull requests too).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from listener.gather.text import mail_text
from listener.records import Post
from spiders.api import ApiSpider, later_of, moment, page_number, query, secret

SIZE = 100


class GitHubSpider(ApiSpider):
    """Reads issues and comments that are new or were edited; bots are no voices."""

    name = "github"
    page_budget = 40
    goes_back = "all issues and comments that moved since then"

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if token := secret("LISTENER_GITHUB_TOKEN"):
            self.headers["Authorization"] = f"Bearer {token}"

    def lists(self) -> Iterable[str]:
        yield self._list("issues", 1, state="all")

    def _list(self, path: str, page: int, **about: Any) -> str:
        if self.since is not None:
            about["since"] = f"{self.since:%Y-%m-%dT%H:%M:%SZ}"
        return query(f"{self.base}/{path}", **about, sort="updated", direction="desc", per_page=SIZE, page=page)

    def is_past(self, posts: Sequence[Post]) -> bool:
        """By activity, an old issue may stand first; the API itself ends the list (since)."""
        return False

    def page(self, said: Any, url: str) -> tuple[Iterable[Post], str]:
        if not isinstance(said, list):
            raise ValueError(str(said.get("message", "no list")))
        number = page_number(url)
        if "/issues/comments?" in url:
            posts = list(self._comments(said))
            return posts, self._list("issues/comments", number + 1) if len(said) >= SIZE else ""
        posts = list(self._issues(said))
        if number == 1:  # after the first page of issues, so that their titles are known
            self.further.append(self._list("issues/comments", 1))
        return posts, self._list("issues", number + 1, state="all") if len(said) >= SIZE else ""

    def _issues(self, said: list[dict[str, Any]]) -> Iterator[Post]:
        for issue in said:
            self.grew(issue["number"], "", issue["title"])
            yield from self._made(issue, str(issue["html_url"]), issue["title"], replies=issue.get("comments"))

    def _comments(self, said: list[dict[str, Any]]) -> Iterator[Post]:
        for comment in said:
            thread = str(comment["html_url"]).split("#", 1)[0]
            yield from self._made(comment, thread, self.title(thread.rsplit("/", 1)[-1]), parent=thread)

    def _made(self, said: dict[str, Any], thread: str, title: Any, **more: Any) -> Iterator[Post]:
        user = said.get("user") or {}
        if user.get("type") == "Bot" or ("/pull/" in thread and not self.source.options.get("pulls")):
            return
        text, quotes = mail_text(str(said.get("body") or ""))
        published = moment(said["created_at"])
        yield self.post(
            str(said["html_url"]),
            author=user.get("login"),
            text=text,
            quotes=quotes,
            thread=thread,
            title=title,
            published=published,
            edited=later_of(published, moment(said.get("updated_at"))) if more.get("parent") else None,
            native_id=str(said["id"]),
            author_url=user.get("html_url"),
            likes=(said.get("reactions") or {}).get("+1"),
            **more,
        )
