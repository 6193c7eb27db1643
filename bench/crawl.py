"""Thread pages, crawled and read: pages per CPU-second beside a plain Scrapy + parsel spider, in one run.

python -m bench.crawl --json [--threads 1500] [--posts 20] [--slots 16]

A child process serves an invented XenForo forum on loopback (boards of 100 threads, thread pages of about 60 kB), so
its work does not count. Two run one after the other, each in a child of its own: Listener's forum spider, through the
whole of listener.gather (robots.txt, host slots, address guard, page objects, Post records), and a Scrapy spider as the
tutorial writes them, with CSS and XPath of parsel. Both read of every post its id, permalink, author, profile, moment,
place in the thread, the words without quotes and signature, and who is quoted; `same_fields` says that they agree on
every one of these (but the profile). Figures are user + system CPU-seconds from the first request to the last post,
with what each imports on the way. Both obey robots.txt and ask for as many pages at once.
"""

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.children import measured, server
from bench.machine import machine, peak_mib

PER_BOARD = 100
WORDS = (
    "the bill came again and nobody answers my mail about the second charge while the app says that all is well so I"
    " called twice and waited for an hour before a kind person told me it would be looked at in the coming week"
).split()


# ---- the server, in a child process


def post(thread: int, number: int) -> str:
    """A post as XenForo 2 draws it, with what stands around the words: menus, badges, a signature."""
    native = thread * 1000 + number
    who = f"writer{(thread * 7 + number * 3) % 211}"
    start = (thread * 5 + number * 11) % len(WORDS)
    said = " ".join((WORDS[start:] + WORDS[:start]) * 3)
    moment = f"2026-03-{1 + (thread + number) % 20:02d}T{number % 24:02d}:{thread % 60:02d}:00+0000"
    quote = (
        '<blockquote data-quote="writer1" data-source="post: 1" class="bbCodeBlock bbCodeBlock--quote"><div'
        ' class="bbCodeBlock-title"><a href="/goto/post?id=1">writer1 said:</a></div><div class="bbCodeBlock-content">'
        f"<div>{' '.join(WORDS[:12])}</div></div></blockquote>"
        if number % 3 == 2
        else ""
    )
    badges = "".join(
        f'<dl class="pairs pairs--justified"><dt><i class="fa--xf far"></i>{name}</dt><dd>{native % (17 + n)}</dd></dl>'
        for n, name in enumerate(("Joined", "Messages", "Reaction score", "Points", "Location"))
    )
    return (
        f'<article class="message message--post js-post" data-author="{who}" data-content="post-{native}"'
        f' id="js-post-{native}"><span class="u-anchorTarget" id="post-{native}"></span><div class="message-inner">'
        '<div class="message-cell message-cell--user"><section class="message-user"><div class="message-avatar">'
        f'<a href="/members/{who}.{native % 211}/" class="avatar avatar--m"><img src="/a/{who}.jpg"'
        f' alt="{who}"></a></div>'
        f'<div class="message-userDetails"><h4 class="message-name"><a href="/members/{who}.{native % 211}/"'
        f' class="username">{who}</a></h4><h5 class="userTitle">Member</h5></div><div'
        f' class="message-userExtras">{badges}'
        '</div></section></div><div class="message-cell message-cell--main"><header class="message-attribution"><ul'
        f' class="message-attribution-main"><li><a href="/threads/talk.{thread}/post-{native}"><time class="u-dt"'
        f' datetime="{moment}">{moment}</time></a></li></ul><ul class="message-attribution-opposite"><li><a'
        f' href="/threads/talk.{thread}/post-{native}"><i class="fa--xf far"></i></a></li><li><a'
        f' href="/threads/talk.{thread}/post-{native}">#{number + 1}</a></li></ul></header><div'
        f' class="message-content">'
        f'<article class="message-body js-selectToQuote"><div class="bbWrapper">{quote}<b>Again:</b> {said}.<br><br>'
        f'See <a href="/help">the help</a> &amp; tell me.</div></article></div><footer class="message-footer"><div'
        f' class="actionBar"><a class="actionBar-action" href="/posts/{native}/report">Report</a> <a'
        f' class="actionBar-action" href="/posts/{native}/react">Like</a></div></footer><aside'
        f' class="message-signature"><div class="bbWrapper">Signed {who}</div></aside></div></div></article>'
    )


def thread_page(thread: int, posts: int) -> str:
    """A page of a thread, with the head, the navigation and the side column of a real one."""
    aside = "".join(
        f'<li class="block-row"><div class="contentRow"><a href="/threads/talk.{n}/">'
        f"{' '.join(WORDS[n % 9 : n % 9 + 7])}"
        f'</a><time class="u-dt" datetime="2026-03-20T10:{n:02d}:00+0000">Friday</time></div></li>'
        for n in range(20)
    )
    script = "var options = {" + ",".join(f'"name{n}": {{"on": true, "wait": {n}}}' for n in range(120)) + "};"
    return (
        f'<!DOCTYPE html><html id="XF" lang="en-GB"><head><title>Talk {thread} | Bench forum</title><link'
        f' rel="canonical"'
        f' href="/threads/talk.{thread}/"><style>{".a-%d{color:red}" * 40 % tuple(range(40))}</style><script>{script}'
        f"</script></head><body><nav>{''.join(f'<a href=/forums/f.{n}/>Board {n}</a>' for n in range(30))}</nav><h1"
        f' class="p-title-value">Talk {thread}</h1><div class="block-body js-replyNewMessageContainer">'
        f"{''.join(post(thread, number) for number in range(posts))}</div><div class=p-body-sidebar><ol>"
        f"{aside}</ol></div>"
        "</body></html>"
    )


def board_page(page: int, threads: int) -> str:
    """A page of the board, newest thread first."""
    rows = "".join(
        f'<div class="structItem structItem--thread"><div class="structItem-title"><a href="/threads/talk.{n}/"'
        f' data-tp-primary="on">Talk {n}</a></div><div class="structItem-cell structItem-cell--meta"><dl>'
        f"<dt>Replies</dt>"
        f'<dd>{n}</dd></dl></div><time class="structItem-latestDate" datetime="2026-03-20T10:00:00+0000">x</time></div>'
        for n in range(page * PER_BOARD, min((page + 1) * PER_BOARD, threads))
    )
    more = (page + 1) * PER_BOARD < threads
    following = f'<a class="pageNav-jump--next" href="/forums/cars.2/page-{page + 2}">Next</a>' if more else ""
    return f'<html id="XF"><head><title>Cars | Bench forum</title></head><body>{rows}{following}</body></html>'


async def serve(threads: int, posts: int) -> None:
    """Serve /forums/cars.2/ and its threads. Prints its port; ends with its stdin."""

    async def board(request: web.Request) -> web.StreamResponse:
        page = int(request.match_info.get("page", 1)) - 1
        return web.Response(text=board_page(page, threads), content_type="text/html")

    async def thread(request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["number"])
        return web.Response(text=thread_page(number, posts), content_type="text/html")

    async def robots(_: web.Request) -> web.StreamResponse:
        return web.Response(text="User-agent: *\nDisallow: /admin/\n")

    app = web.Application()
    app.router.add_get("/robots.txt", robots)
    app.router.add_get("/forums/cars.2/", board)
    app.router.add_get("/forums/cars.2/page-{page}", board)
    app.router.add_get("/threads/talk.{number}/", thread)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


# ---- the two that are measured


class Read:
    """What was read, in one number for all posts: two readers that agree on every field have the same."""

    def __init__(self) -> None:
        self.posts = 0
        self.sum = 0

    def add(self, *fields: object) -> None:
        """Count a post."""
        folded = "\n".join("".join(str(field).split()) for field in fields)
        self.sum ^= int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), "big")
        self.posts += 1

    def told(self, began: float) -> dict[str, Any]:
        """The figures of the run that began at `began` (process time)."""
        cpu = time.process_time() - began
        return {"cpu_s": round(cpu, 3), "posts": self.posts, "digest": f"{self.sum:016x}", "peak_mib": peak_mib()}


def measure_listener(url: str, threads: int, slots: int) -> dict[str, Any]:
    """One round of listener.gather over one forum source; the sink only counts."""
    import scrapy  # noqa: F401  # as for the peer: this import is not measured

    import spiders.forum  # noqa: F401
    from listener.clock import ManualClock
    from listener.config import Net, load
    from listener.gather.rounds import gather
    from listener.records import Post, Source
    from listener.shipped import shipped
    from listener.store.sqlite import open_store

    read = Read()

    def sink(items: Sequence[Any]) -> Counter[str]:
        posts = [item for item in items if isinstance(item, Post)]
        for one in posts:
            moment = f"{one.published:%Y-%m-%dT%H:%M}" if one.published else ""
            quoted = ",".join(who for who, _ in one.quotes)
            read.add(one.native_id, one.url.partition("://")[2], one.author, one.position, moment, quoted, one.text)
        return Counter(one.source for one in posts)

    with tempfile.TemporaryDirectory() as name:
        net = Net(allow_private=True, host_delay_s=0, host_slots=slots, total_slots=slots)
        config = load(shipped("config"))
        main = config.main.model_copy(update={"net": net, "store": "bench.db"})
        config = config.model_copy(update={"home": Path(name), "main": main})
        store = open_store(config.store_path)
        clock = ManualClock(datetime(2026, 3, 22, tzinfo=UTC))
        options = {"max_pages": 2 * threads + 100}
        store.sync_sources([Source("bench", "forum", f"{url}/forums/cars.2/", options=options)], clock.now())
        began = time.process_time()
        (health,) = asyncio.run(gather(store, config, clock, sink, owner="bench"))
        found = read.told(began) | {"state": health.state}
        store.close()
    return found


def measure_scrapy(url: str, slots: int) -> dict[str, Any]:
    """The same forum with a Scrapy spider that reads by CSS and XPath, and its own defaults but for what both share."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    read = Read()

    class Plain(scrapy.Spider):  # type: ignore[misc, unused-ignore]
        name = "plain"
        start_urls = [f"{url}/forums/cars.2/"]  # noqa: RUF012  # as the tutorial writes it

        def parse(self, response: Any) -> Any:
            for href in response.css(".structItem-title a[data-tp-primary]::attr(href)").getall():
                yield response.follow(href, self.parse_thread)
            following = response.css("a.pageNav-jump--next::attr(href)").get()
            if following:
                yield response.follow(following, self.parse)

        def parse_thread(self, response: Any) -> Any:
            title = response.css("h1.p-title-value::text").get()
            for block in response.css("article.message--post"):
                body = block.css(".message-body .bbWrapper")
                words = body.xpath(".//text()[not(ancestor::blockquote)]").getall()
                link = block.css(".message-attribution-main a::attr(href)").get()
                yield {
                    "title": title,
                    "id": block.attrib["data-content"].rpartition("-")[2],
                    "url": response.urljoin(link),
                    "author": block.attrib["data-author"],
                    "profile": response.urljoin(block.css(".message-name a::attr(href)").get()),
                    "moment": datetime.fromisoformat(block.css("time.u-dt::attr(datetime)").get()).astimezone(UTC),
                    "position": int(block.css(".message-attribution-opposite li:last-child a::text").re_first(r"\d+"))
                    - 1,
                    "text": " ".join("".join(words).split()),
                    "quoted": body.css("blockquote::attr(data-quote)").getall(),
                }

    def took(item: Any) -> None:
        url, moment = item["url"].partition("://")[2], f"{item['moment']:%Y-%m-%dT%H:%M}"
        read.add(item["id"], url, item["author"], item["position"], moment, ",".join(item["quoted"]), item["text"])

    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": slots,
            "CONCURRENT_REQUESTS_PER_DOMAIN": slots,
            "DOWNLOAD_DELAY": 0,
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    crawler = process.create_crawler(Plain)
    crawler.signals.connect(took, signal=scrapy.signals.item_scraped)
    began = time.process_time()
    process.crawl(crawler)
    process.start()
    return read.told(began)


# ---- putting it together


def compare(threads: int, posts: int, slots: int) -> dict[str, Any]:
    """Both, one after the other, against one server."""
    with server("bench.crawl", "--threads", str(threads), "--posts", str(posts)) as url:
        common = ["--url", url, "--threads", str(threads), "--slots", str(slots)]
        found: dict[str, Any] = {"bench": "crawl", "threads": threads, "posts_a_page": posts, "machine": machine()}
        found["page_kb"] = round(len(thread_page(1, posts).encode()) / 1000, 1)
        for name in ("listener", "scrapy_parsel"):
            one = found[name] = measured("bench.crawl", "--measure", name, *common)
            if "cpu_s" in one:
                one["pages_per_cpu_s"] = round(threads / one["cpu_s"], 1)
    ours, theirs = found["listener"], found["scrapy_parsel"]
    if "cpu_s" in ours and "cpu_s" in theirs:
        found["listener_over_scrapy"] = round(ours["pages_per_cpu_s"] / theirs["pages_per_cpu_s"], 2)
        found["same_fields"] = ours["digest"] == theirs["digest"] and ours["posts"] == theirs["posts"]
    return found


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout (always so)")
    parser.add_argument("--threads", type=int, default=1500)
    parser.add_argument("--posts", type=int, default=20)
    parser.add_argument("--slots", type=int, default=16, help="requests at once")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measure", choices=("listener", "scrapy_parsel"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        asyncio.run(serve(wanted.threads, wanted.posts))
    elif wanted.measure == "listener":
        print(json.dumps(measure_listener(wanted.url, wanted.threads, wanted.slots)))
    elif wanted.measure:
        print(json.dumps(measure_scrapy(wanted.url, wanted.slots)))
    else:
        print(json.dumps(compare(wanted.threads, wanted.posts, wanted.slots), indent=None if wanted.json else 1))


if __name__ == "__main__":
    main()
