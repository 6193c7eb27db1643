"""The town's web servers on loopback: a phpBB-like forum, a Discourse-like JSON site, two feeds.

Each site has a port of its own, as real sites have hosts of their own. A site shows only what was said up to the
town's clock, so a second round finds what has grown. Every request is written down in `Town.log`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web

from listener.clock import Clock
from listener.demo.world import Said, Site, World
from listener.errors import ListenerError

POSTS_PER_PAGE = 10  # phpBB's default
DISCOURSE_FIRST = 20  # posts that Discourse sends with a topic; the rest is fetched by id


@dataclass(frozen=True, slots=True)
class Hit:
    """One request that a site answered."""

    site: str
    path: str
    status: int


class Town:
    """Start with `await town.start(port)`, stop with `await town.stop()`; sites take the ports from `port` on."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.log: list[Hit] = []
        self.urls: dict[str, str] = {}
        self._runners: list[web.AppRunner] = []
        zone = ZoneInfo(world.time_zone)
        self._pages = jinja2.Environment(
            loader=jinja2.PackageLoader("listener.demo", "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )
        self._pages.filters["clock"] = lambda at: at.astimezone(zone).strftime("%a %b %d, %Y %-I:%M %p").lower()
        self._pages.filters["rfc2822"] = format_datetime

    async def start(self, port: int) -> None:
        """Open every site on 127.0.0.1.

        Raises:
            ListenerError: a port is taken.
        """
        for number, site in enumerate(self.world.sites):
            app = web.Application(middlewares=[self._note(site.id)])
            app.router.add_get("/robots.txt", self._robots(site))
            {"phpbb": self._phpbb, "discourse": self._discourse, "rss": self._feed, "atom": self._feed}[site.engine](
                app, site
            )
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            self._runners.append(runner)
            try:
                await web.TCPSite(runner, "127.0.0.1", port + number).start()
            except OSError as error:
                await self.stop()
                raise ListenerError(
                    f"the town cannot open port {port + number}: {error.strerror}; "
                    f"choose others with `listener demo --port N` and a fresh --dir"
                ) from error
            self.urls[site.id] = address(site.id, port + number)

    async def stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    def _note(self, site: str) -> Any:
        @web.middleware
        async def note(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
            status = 500
            try:
                response: web.StreamResponse = await handler(request)
                status = response.status
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                self.log.append(Hit(site, request.path_qs, status))
            return response

        return note

    def _visible(self, site: Site) -> list[Said]:
        now = self.clock.now()
        return [said for said in self.world.said if said.site == site.id and said.at <= now]

    def _threads(self, site: Site) -> list[list[Said]]:
        """The site's threads as they stand now, latest activity first."""
        threads: dict[str, list[Said]] = {}
        for said in self._visible(site):
            threads.setdefault(said.thread, []).append(said)
        return sorted(threads.values(), key=lambda posts: posts[-1].at, reverse=True)

    def _page(self, template: str, **fields: Any) -> web.Response:
        fields["engine"] = fields["site"].engine
        kind = {"html": "text/html", "xml": "application/xml"}[template.rsplit(".", 2)[-2]]
        return web.Response(
            text=self._pages.get_template(template).render(**fields), content_type=kind, charset="utf-8"
        )

    def _robots(self, site: Site) -> Callable[[web.Request], Any]:
        async def robots(_: web.Request) -> web.Response:
            closed = [board for board in site.boards if board.forbidden]
            hidden = {board.id for board in closed}
            threads = {
                self._thread_number(s.thread) for s in self.world.said if s.site == site.id and s.board in hidden
            }
            paths = [f"/viewforum.php?f={board.number}" for board in closed]
            paths += [f"/viewtopic.php?t={number}" for number in sorted(threads)]
            rules = [f"Disallow: {path}{end}" for path in paths for end in ("$", "&")]
            return web.Response(text="\n".join(["User-agent: *", *rules, ""]))

        return robots

    def _thread_number(self, thread: str) -> int:
        """The number of a thread's first post: lasting, and the same on every visit."""
        return self.world.threads[thread][0].number

    # ---- the phpBB-like forum

    def _phpbb(self, app: web.Application, site: Site) -> None:
        async def index(_: web.Request) -> web.Response:
            return self._page("index.html.j2", site=site)

        async def viewforum(request: web.Request) -> web.Response:
            board = next((b for b in site.boards if str(b.number) == request.query.get("f")), None)
            if board is None:
                raise web.HTTPNotFound
            threads = [posts for posts in self._threads(site) if posts[0].board == board.id]
            start, page = _slice(request, len(threads), 25)
            return self._page(
                "board.html.j2",
                site=site,
                board=board,
                threads=[(self._thread_number(posts[0].thread), posts) for posts in threads[start : start + 25]],
                pages=page,
            )

        async def viewtopic(request: web.Request) -> web.Response:
            posts = self._posts_of(site, request)
            start, pages = _slice(request, len(posts), POSTS_PER_PAGE)
            if wanted := request.query.get("p"):
                place = next((i for i, said in enumerate(posts) if str(said.number) == wanted), 0)
                start = place // POSTS_PER_PAGE * POSTS_PER_PAGE
            return self._page(
                "topic.html.j2",
                site=site,
                number=self._thread_number(posts[0].thread),
                posts=posts[start : start + POSTS_PER_PAGE],
                opener=posts[0],
                start=start,
                pages=pages,
            )

        app.router.add_get("/", index)
        app.router.add_get("/index.php", index)
        app.router.add_get("/viewforum.php", viewforum)
        app.router.add_get("/viewtopic.php", viewtopic)

    def _posts_of(self, site: Site, request: web.Request) -> list[Said]:
        topic, post = request.query.get("t"), request.query.get("p")
        for posts in self._threads(site):
            if topic == str(self._thread_number(posts[0].thread)) or any(str(said.number) == post for said in posts):
                return posts
        raise web.HTTPNotFound

    # ---- the Discourse-like site

    def _discourse(self, app: web.Application, site: Site) -> None:
        async def latest(request: web.Request) -> web.Response:
            page = int(request.query.get("page", "0"))
            threads = self._threads(site)
            shown = threads[page * 30 : page * 30 + 30]
            listing: dict[str, Any] = {"per_page": 30, "topics": [self._topic_row(posts) for posts in shown]}
            if len(threads) > page * 30 + 30:
                listing["more_topics_url"] = f"/latest?page={page + 1}"
            return web.json_response({"users": [], "topic_list": listing})

        async def topic(request: web.Request) -> web.Response:
            posts = self._topic(site, request)
            row = self._topic_row(posts)
            stream = {
                "posts": [self._discourse_post(posts, place) for place in range(min(len(posts), DISCOURSE_FIRST))],
                "stream": [said.number for said in posts],
            }
            return web.json_response({**row, "post_stream": stream})

        async def more(request: web.Request) -> web.Response:
            posts = self._topic(site, request)
            wanted = set(request.query.getall("post_ids[]", []))
            chosen = [
                self._discourse_post(posts, place) for place, said in enumerate(posts) if str(said.number) in wanted
            ]
            return web.json_response({"post_stream": {"posts": chosen}})

        async def page(request: web.Request) -> web.Response:
            posts = self._topic(site, request)
            return self._page("article.html.j2", site=site, posts=posts)

        async def index(_: web.Request) -> web.Response:
            return self._page("article.html.j2", site=site, posts=self._threads(site)[0])

        app.router.add_get("/", index)
        app.router.add_get("/latest.json", latest)
        app.router.add_get("/t/{topic:\\d+}.json", topic)
        app.router.add_get("/t/{topic:\\d+}/posts.json", more)
        app.router.add_get("/t/{slug}/{topic:\\d+}", page)
        app.router.add_get("/t/{slug}/{topic:\\d+}/{number:\\d+}", page)

    def _topic(self, site: Site, request: web.Request) -> list[Said]:
        wanted = request.match_info["topic"]
        for posts in self._threads(site):
            if str(self._thread_number(posts[0].thread)) == wanted:
                return posts
        raise web.HTTPNotFound

    def _topic_row(self, posts: Sequence[Said]) -> dict[str, Any]:
        return {
            "id": self._thread_number(posts[0].thread),
            "title": posts[0].title,
            "slug": posts[0].thread,
            "posts_count": len(posts),
            "reply_count": len(posts) - 1,
            "highest_post_number": len(posts),
            "created_at": _iso(posts[0].at),
            "last_posted_at": _iso(posts[-1].at),
            "bumped_at": _iso(posts[-1].at),
            "pinned": False,
        }

    def _discourse_post(self, posts: Sequence[Said], place: int) -> dict[str, Any]:
        said = posts[place]
        return {
            "id": said.number,
            "username": said.author,
            "created_at": _iso(said.at),
            "updated_at": _iso(said.at),
            "cooked": self._pages.get_template("cooked.html.j2").render(said=said, engine="discourse"),
            "post_number": place + 1,
            "post_type": 1,
            "reply_to_post_number": None,
            "topic_id": self._thread_number(said.thread),
            "topic_slug": said.thread,
            "actions_summary": [{"id": 2, "count": said.likes}] if said.likes else [],
        }

    # ---- the two feeds

    def _feed(self, app: web.Application, site: Site) -> None:
        async def feed(request: web.Request) -> web.Response:
            newest = sorted(self._visible(site), key=lambda said: said.at, reverse=True)
            response = self._page(
                f"{site.engine}.xml.j2",
                site=site,
                base=f"http://{request.host}",
                posts=[(self._thread_number(said.thread), said) for said in newest],
                openers={said.id for said in newest if said.id == self.world.threads[said.thread][0].id},
            )
            if site.engine == "rss" and newest:  # the other feed knows no validators: as many real ones
                etag = '"' + sha256(response.body).hexdigest()[:16] + '"' if isinstance(response.body, bytes) else ""
                since = request.headers.get("If-Modified-Since")
                fresh = request.headers.get("If-None-Match") == etag or (
                    since is not None
                    and "If-None-Match" not in request.headers
                    and parsedate_to_datetime(since) >= newest[0].at.replace(microsecond=0)
                )
                headers = {"ETag": etag, "Last-Modified": format_datetime(newest[0].at, usegmt=True)}
                if fresh:
                    return web.Response(status=304, headers=headers)
                response.headers.update(headers)
            return response

        async def article(request: web.Request) -> web.Response:
            return self._page("article.html.j2", site=site, posts=self._topic(site, request))

        app.router.add_get("/feed.xml", feed)
        app.router.add_get("/{topic:\\d+}/", article)


def address(site: str, port: int) -> str:
    """Where a site is: a name under .localhost, which browsers and our own reader take for this machine."""
    return f"http://{site}.localhost:{port}"


def _slice(request: web.Request, total: int, size: int) -> tuple[int, list[int]]:
    """Where the asked-for page starts, and the starts of all pages."""
    start = request.query.get("start", "0")
    return int(start) if start.isdigit() else 0, list(range(0, max(total, 1), size))


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
