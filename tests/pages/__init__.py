"""A small phpBB in the markup of its own style prosilver, written by us: boards and threads that grow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from aiohttp import web

PER_PAGE = 4


@dataclass
class Said:
    """One post: its id, author, time as the forum shows it, and HTML."""

    id: int
    author: str
    at: str
    html: str


@dataclass
class Phpbb:
    """Serves index, viewforum and viewtopic; `threads` maps (board, thread) to posts."""

    threads: dict[tuple[int, int], list[Said]] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    per_board: int = 3

    def say(self, board: int, thread: int, *posts: Said) -> None:
        self.threads.setdefault((board, thread), []).extend(posts)

    def pages(self) -> dict[str, Any]:
        """For helpers_net.Site.pages."""
        return {"/index.php": self._index, "/viewforum.php": self._board, "/viewtopic.php": self._topic}

    async def _index(self, request: web.Request) -> web.Response:
        boards = sorted({board for board, _ in self.threads})
        rows = "".join(
            f'<li class="row"><dl><dt><a href="./viewforum.php?f={board}&amp;sid=aa11" class="forumtitle">'
            f"Board {board}</a></dt>"
            f'<dd class="posts">{self._count(board)} <dfn>Posts</dfn></dd>'
            f'<dd class="lastpost"><span><a href="./viewtopic.php?p={self._last(board)}">go</a></span></dd>'
            "</dl></li>"
            for board in boards
        )
        return _page(f'<ul class="topiclist forums">{rows}</ul>')

    async def _board(self, request: web.Request) -> web.Response:
        board, start = int(request.query["f"]), int(request.query.get("start", 0))
        listed = [(thread, posts) for (where, thread), posts in self.threads.items() if where == board]
        listed.sort(key=lambda pair: -pair[1][-1].id)
        rows = "".join(
            f'<li class="row bg1"><dl><dt><a href="./viewtopic.php?f={board}&amp;t={thread}&amp;sid=aa11"'
            ' class="topictitle">'
            f'{self._title(thread)}</a></dt><dd class="posts">{len(posts) - 1} <dfn>Replies</dfn></dd>'
            '<dd class="views">9</dd>'
            f'<dd class="lastpost"><span>by <a class="username" href="./memberlist.php">{posts[-1].author}</a>'
            f'<a href="./viewtopic.php?p={posts[-1].id}#p{posts[-1].id}">go</a><br>{posts[-1].at}</span></dd></dl></li>'
            for thread, posts in listed[start : start + self.per_board]
        )
        more = _next(f"./viewforum.php?f={board}", start, self.per_board, len(listed))
        return _page(f'{more}<ul class="topiclist topics">{rows}</ul>')

    async def _topic(self, request: web.Request) -> web.Response:
        thread, start = int(request.query["t"]), int(request.query.get("start", 0))
        posts = next((found for (_, number), found in self.threads.items() if number == thread), None)
        if posts is None:
            return web.Response(status=404)
        return _page(topic(thread, self._title(thread), posts, start))

    def _title(self, thread: int) -> str:
        return self.titles.get(thread, f"Thread {thread}")

    def _count(self, board: int) -> int:
        return sum(len(posts) for (where, _), posts in self.threads.items() if where == board)

    def _last(self, board: int) -> int:
        return max(posts[-1].id for (where, _), posts in self.threads.items() if where == board)


def topic(thread: int, title: str, posts: Sequence[Said], start: int = 0) -> str:
    """The body of viewtopic.php."""
    blocks = "".join(
        f'<div id="p{post.id}" class="post has-profile bg2"><div class="inner">'
        f'<dl class="postprofile" id="profile{post.id}"><dt>{_profile(post)}</dt>'
        '<dd class="profile-joined"><strong>Joined:</strong> 4 Jul 2012, 16:09</dd></dl>'
        f'<div class="postbody"><div id="post_content{post.id}">'
        f'<h3><a href="./viewtopic.php?p={post.id}#p{post.id}">Re: x</a></h3>'
        f'<p class="author">by <strong>{_profile(post)}</strong> &raquo; {post.at}</p>'
        f'<div class="content">{post.html}</div>'
        f'<div id="sig{post.id}" class="signature">Signed, sealed</div></div></div></div></div>'
        for post in posts[start : start + PER_PAGE]
    )
    more = _next(f"./viewtopic.php?t={thread}", start, PER_PAGE, len(posts))
    return f'<h2 class="topic-title"><a href="./viewtopic.php?t={thread}">{escape(title)}</a></h2>{more}{blocks}'


def _profile(post: Said) -> str:
    href = "./memberlist.php?mode=viewprofile&amp;u=7&amp;sid=aa11"
    return f'<a href="{href}" class="username">{escape(post.author)}</a>'


def _next(url: str, start: int, step: int, total: int) -> str:
    if start + step >= total:
        return ""
    return (
        f'<div class="pagination"><ul><li class="active"><span>1</span></li><li class="arrow next">'
        f'<a class="button" href="{url}&amp;start={start + step}" rel="next">Next</a></li></ul></div>'
    )


def _page(body: str) -> web.Response:
    return web.Response(
        text=f'<!DOCTYPE html><html><head><title>x</title></head><body id="phpbb">{body}</body></html>',
        content_type="text/html",
    )
