"""Mailing-list archives, each in the form that its program gives it; written by us."""

import gzip
from pathlib import Path
from typing import Any

from aiohttp import web

from listener.records import Source
from tests.helpers_api import Visits, states
from tests.helpers_net import serving


def mail(number: int, parent: int = 0, text: str = "", subject: str = "Gateway", date: str = "") -> str:
    head = [
        f"From ann at x.example  Sat Mar 21 10:{number % 60:02}:00 2026",
        f"From: ann at x.example (Ann {number})",
        f"Date: {date or f'Sat, 21 Mar 2026 10:{number % 60:02}:00 +0100'}",
        f"Subject: {'Re: ' if parent else ''}{subject}",
        f"Message-ID: <m{number}@x.example>",
    ]
    if parent:
        head.append(f"In-Reply-To: <m{parent}@x.example>")
        head.append(f"References: <m1@x.example> <m{parent}@x.example>")
    return "\n".join(head) + f"\n\n{text or f'Mail {number}'}\n\n"


def packed(*mails: str) -> bytes:
    return gzip.compress("".join(mails).encode())


def source(url: str, **options: Any) -> Source:
    return Source("s", "archive", url, options=options)


async def test_an_mbox_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    async with serving() as site:
        tricky = "From here on it was fine.\n>From now on too.\n> Mail 1\nYes"
        site.pages = {"/list.mbox": packed(mail(1), mail(2, 1, tricky))}
        visit = Visits(tmp_path, source(site.url + "/list.mbox"), site)
        health = await visit()
        assert (health.state, health.new) == ("heard", 2)
        first, second = visit.post("m1@x.example"), visit.post("m2@x.example")
        assert second.parent_key == first.key
        assert second.thread_url == first.thread_url
        assert (second.text, second.quotes) == ("From here on it was fine.\nFrom now on too.\nYes", (("", "Mail 1"),))
        assert (first.author, first.published and first.published.hour, first.position) == ("Ann 1", 9, 0)
        assert (await visit()).posts == 0
        site.pages = {"/list.mbox": packed(mail(1), mail(2, 1, "edited"), mail(3, 1))}
        health = await visit()
        assert (health.posts, health.new, visit.post("m2@x.example").text) == (2, 1, "edited")


async def test_pipermail_reads_the_months_that_may_still_grow(tmp_path: Path) -> None:
    async with serving() as site:
        names = [f"2026-{month}.txt.gz" for month in ("March", "February", "January")]
        site.pages = {f"/pipermail/talk/{name}": packed(mail(n + 1)) for n, name in enumerate(names)}
        index = "".join(f'<a href="{name}">[ Gzip ]</a>' for name in names)
        site.pages["/pipermail/talk/"] = f"<html>{index}</html>"
        visit = Visits(tmp_path, source(site.url + "/pipermail/talk/", months=3), site)
        assert (await visit()).new == 3
        site.pages["/pipermail/talk/2026-February.txt.gz"] = packed(mail(2), mail(9, 2))
        health = await visit()
        assert (health.new, len(site.paths())) == (1, 3)
        assert "/pipermail/talk/2026-January.txt.gz" not in site.paths()


async def test_public_inbox_reads_whole_threads_and_fills_gaps(tmp_path: Path) -> None:
    async with serving() as site:
        mails = {number: mail(number, 1 if number in (2, 3) else 0) for number in range(1, 8)}
        listed = [7, 3, 2, 1]

        def atom(*numbers: int) -> str:
            entries = ""
            for number in numbers:
                answers = f'<thr:in-reply-to ref="m1@x.example" href="{site.url}/l/m1@x.example/"/>'
                entries += (
                    f"<entry><author><name>Ann</name></author><title>t</title><updated>2026-03-21T09:{number:02}:00Z"
                    f'</updated><link href="{site.url}/l/m{number}@x.example/"/><id>urn:{number}</id>'
                    f'{answers if number in (2, 3) else ""}<content type="html">x</content></entry>'
                )
            return (
                '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">'
                f"<title>l</title>{entries}</feed>"
            )

        async def new(request: web.Request) -> web.Response:
            before = request.query.get("t", "99999999999999")
            shown = [number for number in listed if f"20260321{9:02}{number:02}00" < before][:3]
            return web.Response(text=atom(*shown), content_type="application/atom+xml")

        site.pages = {"/l/new.atom": new}
        for number in mails:
            thread = [1, 2, 3] if number in (1, 2, 3) else [number]
            site.pages[f"/l/m{number}@x.example/t.mbox.gz"] = packed(*(mails[n] for n in thread))
        visit = Visits(tmp_path, source(site.url + "/l/", style="public-inbox"), site)
        health = await visit()
        assert health.new == 4  # the opener too, though it fell off the page
        assert visit.post("m2@x.example").url == f"{site.url}/l/m2@x.example/"
        assert visit.post("m2@x.example").parent_key == visit.post("m1@x.example").key
        assert (await visit()).requests == 1
        listed[:0] = [0]
        mails |= {number: mail(number) for number in (20, 21, 22, 23)}
        listed[:] = [23, 22, 21, 20, 7]
        for number in (20, 21, 22, 23):
            site.pages[f"/l/m{number}@x.example/t.mbox.gz"] = packed(mails[number])
        assert (await visit()).new == 4


async def test_hyperkitty_is_read_by_weeks(tmp_path: Path) -> None:
    async with serving() as site:
        asked: list[str] = []

        async def export(request: web.Request) -> web.Response:
            asked.append(request.query["start"])
            mails = [mail(1), mail(2, 1)] if request.query["start"] <= "2026-03-21" < request.query["end"] else []
            return web.Response(body=packed(*mails))

        path = "/archives/list/talk@x.example/"
        site.pages = {path + "export/talk@x.example.mbox.gz": export}
        visit = Visits(tmp_path, source(site.url + path, months=1, max_pages=3), site)
        await visit()
        await visit()
        assert len(visit.posts) == 2
        assert asked[:4] == ["2026-02-20", "2026-02-27", "2026-03-06", "2026-03-13"]
        # base32 of the SHA-1 of the Message-ID, as Mailman computes it
        assert visit.post("m1@x.example").url.startswith(f"{site.url}{path}message/")
        asked.clear()
        await visit()
        assert asked == ["2026-03-21"]
        site.pages = {}
        assert (await Visits(tmp_path, source(site.url + path), site)()).state == "gone"


PAGE = """<!-- MHonArc v2.6.19 -->
<!--X-Subject: {subject} -->
<!--X-From-R13: Oaa Zrr <naaNk.rknzcyr> -->
<!--X-Date: Sat, 21 Mar 2026 10:00:00 +0100 -->
<!--X-Message-Id: m{number}@x.example -->
{reference}<!--X-Head-End--><html><body><h1>x</h1>
<!--X-Body-of-Message-->
<pre>{text}</pre><script>steal()</script>
<!--X-Body-of-Message-End-->
<a href="mailto:x">x</a></body></html>"""


async def test_mhonarc_pages(tmp_path: Path) -> None:
    async with serving() as site:
        site.pages = {
            "/l/maillist.html": '<html><a href="msg00000.html">a</a><a name=1 href="msg00001.html#1">b</a>',
            "/l/msg00000.html": PAGE.format(number=0, subject="Gateway", reference="", text="Fine &amp; well"),
            "/l/msg00001.html": PAGE.format(
                number=1, subject="Re: Gateway", reference="<!--X-Reference: m0@x.example -->", text="&gt; Fine\nNo"
            ),
        }
        visit = Visits(tmp_path, source(site.url + "/l/maillist.html"), site)
        health = await visit()
        assert (health.state, health.new) == ("heard", 2)
        first, second = visit.post("m0@x.example"), visit.post("m1@x.example")
        assert (first.text, first.thread_title, first.url) == ("Fine & well", "Gateway", f"{site.url}/l/msg00000.html")
        assert (second.text, second.quotes, second.parent_key) == ("No", (("", "Fine"),), first.key)
        assert second.thread_url == first.thread_url
        assert first.author == "Ann Lee"
        assert (await visit()).requests == 1


async def test_what_is_no_archive(tmp_path: Path) -> None:
    async with serving() as site:
        bodies = {"<html>no</html>": "unreadable", b"\x1f\x8bxx": "unreadable", "": "empty", 429: "late"}
        await states(tmp_path, site, source(site.url + "/a.mbox"), "/a.mbox", bodies)
        bodies = {"<html>no</html>": "unreadable", 404: "gone"}
        await states(tmp_path, site, source(site.url + "/pipermail/l/"), "/pipermail/l/", bodies)
        await states(tmp_path, site, source(site.url + "/l/", style="mhonarc"), "/l/", bodies)
        health = await Visits(tmp_path, source(site.url + "/what"))()
        assert "public-inbox" in health.detail
        bomb = gzip.compress(b"From a Sat Mar 21 10:00:00 2026\n" + b"x" * 20_000_000)
        site.pages = {"/b.mbox": bomb}
        assert (await Visits(tmp_path, source(site.url + "/b.mbox"))()).state == "unreadable"
