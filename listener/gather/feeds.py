"""RSS, Atom, RDF and JSON feeds → Posts. fastfeedparser reads first; feedparser is the reference and the fall-back.

fastfeedparser (134 times faster) neither cleans HTML nor joins links nor knows Atom threading: text.py makes plain
text, links are joined here, and a feed with `in-reply-to` goes to feedparser.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import urldefrag

import fastfeedparser

from listener.errors import Unreadable
from listener.gather.text import bare_title, clean_line, holds_quotes, html_text, mail_text
from listener.records import Post, Source
from listener.urls import canonical, host_of, post_key

SLOW_LIMIT = 2_000_000  # bytes; feedparser needs seconds for more, and the loop waits for it

_COMMENT_TITLES = tuple(
    re.compile(pattern)
    for pattern in (
        r"^Comment on (?P<title>.*) by (?P<author>.*?)$",
        r"^在〈(?P<title>.*)〉中，?(?P<author>.*?)的留言$",
        r"^《(?P<title>.*)》的评论，?(?:来自|由)[:：]?\s*(?P<author>.*?)$",
        r"^By: (?P<author>.*)$",
        r"^(?:作者|來自|来自)[:：]\s*(?P<author>.*)$",
    )
)
_CHANNEL = re.compile(r"^(?:Comments on:|迴響：|留言：|评论：|〈)\s*(?P<title>.*?)\s*(?:〉的留言)?$")
_COMMENT_LINK = re.compile(r"#(?:comment-?|c)\d+$")  # WordPress, Blogger
_COMMENT_PAGE = re.compile(r"/comment-page-\d+/?$")
_ENCODING = re.compile(rb"""^\s*(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding=["']([\w.:-]+)["']""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset=["']?([\w.:-]+)""", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<language>\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*</language>")
_DATED = re.compile(rb"<(?:pubDate|dc:date|published|updated|issued|modified)[ >]")
_MAIL_AUTHOR = re.compile(r"^\S+@\S+ \((?P<name>.+)\)$|^(?P<shown>.+?) \(\S+@\S+\)$")


def parse(body: bytes, content_type: str, url: str, source: Source, fetched: datetime) -> tuple[Post, ...]:
    """The posts of a feed, in the feed's own order; none if it is valid and empty.

    Args:
        content_type: as the server said it; only its charset is used, and only where the feed names none.
        url: where the feed was read; relative links are joined to it.

    Raises:
        Unreadable: not a feed.
    """
    entries, language = _entries(body, content_type, url)
    links = [_link(entry, url) for entry in entries]
    shared = _shared(entries, links)
    channel = _channel_title(body) if entries and _is_comment(entries[0]) else ""
    threads = _threads(entries, links)
    posts = []
    for entry, link in zip(entries, links, strict=True):
        try:
            place = "" if link in shared else link
            posts.append(_post(entry, place, link, threads.get(link), channel, url, source, fetched, language))
        except ValueError:  # a lone surrogate in its link, an address that is none: one bad entry is not the feed
            continue
    return tuple(posts)


def fast_entries(body: bytes | str) -> Sequence[Mapping[str, Any]]:
    """What fastfeedparser finds. Raises whatever it raises."""
    found: Sequence[Mapping[str, Any]] = fastfeedparser.parse(body)["entries"]
    return found


def slow_entries(body: bytes, content_type: str = "") -> tuple[Sequence[Mapping[str, Any]], str]:
    """What feedparser finds, and the kind of feed ("rss20", "atom10", …; "" if it is none).

    The bytes go in as a stream: as a plain string feedparser would take them for an address or a file's name.
    """
    import feedparser  # a heavy import that most rounds do without

    headers = {"content-type": content_type} if content_type else {}
    found = feedparser.parse(BytesIO(body), response_headers=headers)
    # As plain dicts: feedparser's own invents missing dates from others, with a warning.
    return [dict(entry) for entry in found.entries], found.version or ""


def _entries(body: bytes, content_type: str, url: str) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    if not body.strip():
        raise Unreadable(url, "answered with nothing")
    match = _LANGUAGE.search(body, 0, 4000)
    language = match.group(1).decode() if match else None
    fast: Sequence[Mapping[str, Any]] = ()
    threaded = b"in-reply-to" in body
    if not threaded or len(body) > SLOW_LIMIT:
        try:
            fast = fast_entries(_decoded(body, content_type))
        except Exception:  # it raises ValueError, lxml's errors and more; the reference decides what this is
            fast = ()
        if fast and (all(entry.get("published") for entry in fast) or not _DATED.search(body)):
            return fast, language
    if len(body) > SLOW_LIMIT:
        if fast:
            return fast, language
        raise Unreadable(
            url, f"is no feed that the fast reader knows, and too large ({len(body):,} bytes) for the other"
        )
    try:
        slow, kind = slow_entries(body, content_type)
    except Exception as error:  # it raises UnicodeDecodeError on a declared encoding that is none, and who knows what
        if fast:
            return fast, language
        raise Unreadable(url, f"is no feed that can be decoded ({clean_line(str(error))[:120]})") from error
    if not kind and not slow and not fast:
        what = "a web page" if b"<html" in body[:2000].lower() else "something"
        raise Unreadable(url, f"answered with {what} that is no feed; look for the site's RSS or Atom address")
    return (slow if _dated(slow) > _dated(fast) or len(slow) > len(fast) else fast), language


def _dated(entries: Sequence[Mapping[str, Any]]) -> int:
    return sum(1 for entry in entries if _time(entry, "published") or _time(entry, "updated"))


def _decoded(body: bytes, content_type: str) -> bytes | str:
    """The body as it is, or as text where its own declaration is wrong or missing.

    Text that decodes as UTF-8 and has more than ASCII in it is UTF-8, whatever it says of itself.
    """
    match = _ENCODING.match(body)
    declared = match.group(1).decode().lower() if match else ""
    if declared in ("utf-8", "utf8") or (not declared and not _CHARSET.search(content_type)) or b"\x00" in body[:64]:
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        if declared:
            return body
    charset = _CHARSET.search(content_type)
    try:
        return body.decode(charset.group(1)) if charset else body
    except (LookupError, UnicodeDecodeError):
        return body


@lru_cache(maxsize=4096)
def _platform(netloc: str) -> str:
    return host_of(f"http://{netloc}")


def _link(entry: Mapping[str, Any], base: str) -> str:
    """The entry's canonical permalink; "" if it has none that opens in a browser."""
    for candidate in (entry.get("link"), entry.get("id")):
        if isinstance(candidate, str) and candidate.strip():
            if candidate is not entry.get("link") and not candidate.startswith(("http://", "https://")):
                continue
            try:
                return canonical(candidate, "" if candidate.startswith("http") else base)
            except ValueError:
                continue
    return ""


def _shared(entries: Sequence[Mapping[str, Any]], links: Sequence[str]) -> set[str]:
    """Links that several entries with ids of their own point to: they are no permalinks."""
    first: dict[str, Any] = {}
    return {
        link
        for entry, link in zip(entries, links, strict=True)
        if first.setdefault(link, entry.get("id")) != entry.get("id")
    }


def _threads(entries: Sequence[Mapping[str, Any]], links: Sequence[str]) -> dict[str, tuple[str, str]]:
    """link → (link of the post it answers, link of the furthest ancestor known), from thr:in-reply-to."""
    parents: dict[str, str] = {}
    for entry, link in zip(entries, links, strict=True):
        answered = entry.get("thr_in-reply-to")
        href = answered.get("href") if isinstance(answered, Mapping) else None
        try:
            parents[link] = canonical(href, link) if href and link else ""
        except ValueError:
            parents[link] = ""
    roots = {}
    for link, parent in parents.items():
        root, steps = parent, 0
        while root and parents.get(root) and steps < 1000:
            root, steps = parents[root], steps + 1
        if parent:
            roots[link] = (parent, root)
    return roots


def _channel_title(body: bytes) -> str:
    """What a comment feed says it comments on."""
    match = re.search(rb"<title[^>]*>([^<]*)</title>", body[:4000])
    title = clean_line(html_text(match.group(1).decode("utf-8", "replace"))[0]) if match else ""
    found = _CHANNEL.match(title)
    return found.group("title") if found else ""


def _is_comment(entry: Mapping[str, Any]) -> bool:
    return _COMMENT_LINK.search(str(entry.get("link") or "")) is not None


def _title(entry: Mapping[str, Any], channel: str) -> tuple[str, str, bool]:
    """(title of the thread, author named in it, is it an answer)."""
    title = _line(entry.get("title"))
    if _is_comment(entry):
        for pattern in _COMMENT_TITLES:
            if match := pattern.match(title):
                parts = match.groupdict()
                return parts.get("title") or channel, parts["author"], True
        return bare_title(channel or title)[0], "", True
    bare, is_reply = bare_title(title)
    return bare, "", is_reply


def _author(entry: Mapping[str, Any]) -> str:
    detail = entry.get("author_detail")
    shown = (detail.get("name") if isinstance(detail, Mapping) else None) or entry.get("author") or ""
    name = _line(shown)[:100]
    match = _MAIL_AUTHOR.match(name)
    return (match.group("name") or match.group("shown")) if match else name


def _line(value: Any) -> str:
    """Titles and names are text in some feeds and markup in others."""
    text = str(value or "")
    return clean_line(html_text(text)[0] if "<" in text or "&" in text else text)


def _markup(entry: Mapping[str, Any]) -> str:
    content = entry.get("content")
    if isinstance(content, Sequence) and content and isinstance(content[0], Mapping) and content[0].get("value"):
        return str(content[0]["value"])
    return str(entry.get("description") or entry.get("summary") or "")


def _time(entry: Mapping[str, Any], name: str) -> datetime | None:
    """fastfeedparser gives ISO text in UTC, feedparser a struct_time in UTC beside the original."""
    value = entry.get(name + "_parsed")
    moment: datetime | None
    try:
        if value:
            year, month, day, hour, minute, second = value[:6]
            moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        else:
            text = entry.get(name)
            moment = datetime.fromisoformat(text).replace(microsecond=0) if text else None
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo and moment.year >= 1970 else None


def _post(
    entry: Mapping[str, Any],
    identity: str,
    link: str,
    answers: tuple[str, str] | None,
    channel: str,
    url: str,
    source: Source,
    fetched: datetime,
    language: str | None,
) -> Post:
    title, author, is_reply = _title(entry, channel)
    text, quotes = html_text(_markup(entry))
    if answers is not None or holds_quotes(text) or "\n--\n" in text:
        text, more = mail_text(text)
        quotes += more
    native_id = str(entry.get("id") or "") or None
    if not identity and not native_id:
        native_id = hashlib.sha256(f"{title}\n{text}".encode("utf-8", "replace")).hexdigest()
    published, updated = _time(entry, "published"), _time(entry, "updated")
    thread = link
    if _is_comment(entry):
        thread = _COMMENT_PAGE.sub("/", urldefrag(link)[0])
    elif answers is not None:
        thread = answers[1]
    permalink = link or url
    return Post(
        source=source.name,
        platform=_platform(permalink.split("/", 3)[2]),
        url=permalink,
        key=post_key(identity) if identity else post_key(source=source.name, native_id=native_id or ""),
        thread_url=thread or permalink,
        thread_title=title,
        position=-1 if is_reply or answers is not None else 0,
        author=_author(entry) or clean_line(author, 100),
        text=text,
        fetched=fetched,
        published=published or updated,
        edited=updated if published and updated and updated > published else None,
        native_id=native_id,
        parent_key=post_key(answers[0]) if answers is not None else None,
        quotes=quotes,
        language=language,
    )
