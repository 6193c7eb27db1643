"""Feeds become posts, and the two parsers agree on what they read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.errors import Unreadable
from listener.gather.feeds import fast_entries, parse, slow_entries
from listener.records import Post, Source
from listener.urls import canonical
from tests.helpers_net import NOW, item, rss

SOURCE = Source("town", "feed", "http://town.example/feed/")

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Open box</title><link href="http://box.example/"/>
<id>http://box.example/</id><updated>2026-03-21T10:00:00Z</updated>
<entry><title>Re: Which plan?</title><id>tag:box.example,2026:7</id><link rel="alternate" href="/talk/7"/>
<author><name>林小姐</name></author><published>2026-03-21T18:00:00+08:00</published>
<updated>2026-03-21T19:30:00+08:00</updated>
<content type="html">&lt;p&gt;The &lt;b&gt;small&lt;/b&gt; one.&lt;/p&gt;</content></entry>
<entry><title>A second</title><id>tag:box.example,2026:8</id><link href="http://box.example/talk/8"/>
<updated>2026-03-21T10:00:00Z</updated><summary>Just words</summary></entry></feed>"""

COMMENTS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Comments for the Daily Byte</title><link>http://byte.example</link><language>en-GB</language>
<item><title>Comment on A day by the sea by Ines</title>
<link>http://byte.example/2026/sea/comment-page-2/#comment-41</link><dc:creator>Ines</dc:creator>
<pubDate>Sat, 21 Mar 2026 09:00:00 +0000</pubDate><guid isPermaLink="false">http://byte.example/?p=9#comment-41</guid>
<description>short</description><content:encoded><![CDATA[<p>It rained &amp; rained.</p>]]></content:encoded></item>
<item><title>在〈海邊一日〉中阿霞的留言</title><link>http://byte.example/2026/hai/#comment-42</link>
<pubDate>Sat, 21 Mar 2026 09:05:00 +0000</pubDate><description>下雨了</description></item></channel></rss>"""

MAILS = """<?xml version="1.0" encoding="us-ascii"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>list</title>
<updated>2026-03-21T10:00:00Z</updated><id>mailto:list@lists.example</id>
<entry><author><name>Cho</name></author><title>Re: a plan</title><updated>2026-03-21T10:00:00Z</updated>
<link href="http://lists.example/l/3@x/"/><id>urn:uuid:3</id>
<thr:in-reply-to ref="urn:uuid:2" href="http://lists.example/l/2@x/"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><pre>Bo wrote:
<span class="q">&gt; Take the bus.
</span>
No.
--&#32;
Cho</pre></div></content></entry>
<entry><author><name>Bo</name></author><title>Re: a plan</title><updated>2026-03-21T09:00:00Z</updated>
<link href="http://lists.example/l/2@x/"/><id>urn:uuid:2</id>
<thr:in-reply-to ref="urn:uuid:1" href="http://lists.example/l/1@x/"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><pre>Take the bus.</pre></div></content></entry>
</feed>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://old.example/">
<title>Old</title><link>http://old.example/</link></channel>
<item rdf:about="http://old.example/1"><title>First</title><link>http://old.example/1</link>
<dc:date>2026-03-20T08:00:00Z</dc:date><dc:creator>Di</dc:creator><description>Words</description></item></rdf:RDF>"""

JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "http://j.example/1",
"url": "http://j.example/1", "title": "One", "content_html": "<p>Said</p>",
"date_published": "2026-03-20T08:00:00Z"}]}"""


def read(body: str | bytes, content_type: str = "", url: str = SOURCE.url) -> tuple[Post, ...]:
    return parse(body.encode() if isinstance(body, str) else body, content_type, url, SOURCE, NOW)


def test_an_atom_entry() -> None:
    first, second = read(ATOM, url="http://box.example/feed")
    assert (first.url, first.thread_title, first.author) == ("http://box.example/talk/7", "Which plan?", "林小姐")
    assert (first.position, second.position) == (-1, 0)
    assert first.text == "The small one."
    assert first.published == datetime(2026, 3, 21, 10, 0, tzinfo=UTC)
    assert first.edited == datetime(2026, 3, 21, 11, 30, tzinfo=UTC)
    assert second.published == datetime(2026, 3, 21, 10, 0, tzinfo=UTC)
    assert first.key != second.key


def test_comments_know_their_article() -> None:
    first, second = read(COMMENTS)
    assert (first.thread_title, first.author) == ("A day by the sea", "Ines")
    assert first.thread_url == "http://byte.example/2026/sea/"
    assert first.url == "http://byte.example/2026/sea/comment-page-2/#comment-41"
    assert first.text == "It rained & rained."
    assert (first.position, first.language) == (-1, "en-GB")
    assert (second.thread_title, second.author, second.text) == ("海邊一日", "阿霞", "下雨了")


def test_mails_know_whom_they_answer() -> None:
    reply, parent = read(MAILS)
    assert reply.text == "No."
    assert reply.quotes == (("Bo", "Take the bus."),)
    assert reply.parent_key == parent.key
    assert reply.thread_url == parent.thread_url == "http://lists.example/l/1@x/"
    assert (reply.position, reply.thread_title) == (-1, "a plan")


def test_rdf_and_json_feeds() -> None:
    assert [(post.url, post.author, post.text) for post in read(RDF)] == [("http://old.example/1", "Di", "Words")]
    assert [(post.url, post.text) for post in read(JSON)] == [("http://j.example/1", "Said")]


def test_entries_that_share_a_link_stay_apart() -> None:
    one = "<item><title>a</title><link>http://t.example/</link><guid>1</guid><description>x</description></item>"
    posts = read(rss(one, one.replace(">1<", ">2<")))
    assert len({post.key for post in posts}) == 2
    twice = read(rss(one, one))
    assert {post.key for post in twice} == {post.key for post in read(rss(one))}, "the same entry twice is one post"
    assert {post.url for post in posts} == {"http://t.example/"}


def test_entries_without_link_or_id_are_known_by_what_they_say() -> None:
    body = rss("<item><description>only words</description></item>", "<item><description>others</description></item>")
    assert len({post.key for post in read(body)}) == 2
    assert [post.key for post in read(body)] == [post.key for post in read(body)]
    assert {post.url for post in read(body)} == {SOURCE.url}


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "http://[bad/", "", "data:text/html,x"])
def test_links_that_are_none(link: str) -> None:
    (post,) = read(rss(f"<item><title>t</title><link>{link}</link><description>x</description></item>"))
    assert post.url.startswith("http://town.example/")


def test_wrong_charsets_are_seen_through() -> None:
    honest = rss(item(1, text="客服完全不回應"))
    lying = honest.replace('encoding="UTF-8"', 'encoding="iso-8859-1"')
    assert read(lying)[0].text == "客服完全不回應"
    big5 = honest.replace('encoding="UTF-8"', 'encoding="Big5"').encode("big5")
    assert read(big5)[0].text == "客服完全不回應"
    silent = honest.replace(' encoding="UTF-8"', "").encode("big5")
    assert read(silent, "text/xml; charset=big5")[0].text == "客服完全不回應"


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    assert [post.url for post in read(rss(item(1), item(2))[:-40])][:1] == ["http://town.example/t/1"]
    assert read(rss(item(1, text="a & b <br> c")))[0].text


def test_scripts_and_headers_in_a_post_are_gone() -> None:
    (post,) = read(
        rss(item(1, title="Sale&#13;&#10;Bcc: x@y.example", text="hi&lt;script&gt;steal()&lt;/script&gt; there"))
    )
    assert "\n" not in post.thread_title
    assert "steal" not in post.text


def test_no_entity_is_expanded() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY f SYSTEM "file:///etc/passwd">]>' + rss(item(1, text="&b;&f;"))[38:]
    )
    posts = read(bomb)
    assert all("root:" not in post.text and len(post.text) < 200 for post in posts)


@pytest.mark.parametrize("body", ["<html><body>Log in</body></html>", "not at all", "{}", "   ", "\x00\x01"])
def test_what_is_no_feed(body: str) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_a_file_name_is_not_opened() -> None:
    with pytest.raises(Unreadable):
        read("/etc/passwd")


def test_a_valid_empty_feed() -> None:
    assert read(rss()) == ()


@given(st.text(st.sampled_from("http://a.example/?#&=:@[]%-._~AZ\\ \t") | st.characters(), max_size=25))
def test_the_short_way_to_a_canonical_link_is_the_long_way(rest: str) -> None:
    """urls.canonical returns what is canonical already as it is: that must be what its parser would have made."""
    for link in (f"http://town.example/{rest}", f"https://town.example{rest}", f"http:{rest}"):
        try:
            long_way = canonical("\n" + link)  # the blank keeps it from the short way and is stripped on the long one
        except ValueError:
            with pytest.raises(ValueError):
                canonical(link)
        else:
            assert canonical(link) == long_way


@pytest.mark.parametrize("body", [ATOM, COMMENTS, MAILS, RDF, rss(*(item(number) for number in range(30)))])
def test_the_two_parsers_agree(body: str) -> None:
    fast = [(entry.get("link"), entry.get("title"), entry.get("author")) for entry in fast_entries(body.encode())]
    entries, kind = slow_entries(body.encode())
    slow = [(entry.get("link"), entry.get("title"), entry.get("author")) for entry in entries]
    assert kind
    assert fast == slow


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 2000), st.binary(max_size=20))
def test_cut_and_spoilt_feeds_give_posts_or_unreadable(start: int, length: int, filler: bytes) -> None:
    body = COMMENTS.encode()
    try:
        posts = read(body[:start] + filler + body[start + length :])
    except Unreadable:
        return
    for post in posts:
        f"{post.text}{post.thread_title}{post.author}".encode()


def test_an_encoding_that_is_none_is_told() -> None:
    body = b'<?yml version="1.0" encoding="\xd5TF-8"?><rss version="2.0" xmlns:dc<"x"><channel><item>'
    with pytest.raises(Unreadable, match="no feed"):
        parse(body, "application/rss+xml", "https://town.example/feed", SOURCE, NOW)
