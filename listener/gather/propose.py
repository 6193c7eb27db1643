"""Sources that could be added, as TOML that can be pasted into sources.toml. Pure."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from listener.config import Brand, SourcePart
from listener.gather.text import clean_line


@dataclass(frozen=True, slots=True)
class Proposal:
    """One source that could be added.

    Attributes:
        notes: what was seen, for people.
        why_not: why it should not simply be added; it is printed as a comment then. "" if it can.
    """

    name: str
    kind: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    why_not: str = ""


def toml(heading: Sequence[str], proposals: Sequence[Proposal], taken: Collection[str] = ()) -> str:
    """The proposals as [[source]] tables with comments; names are made valid and unique, also beside those `taken`."""
    parts = [_comment(heading)] if heading else []
    names = {name.casefold() for name in taken}
    for one in proposals:
        name = _unique(one.name, names)
        names.add(name.casefold())
        lines = ["[[source]]", f"name = {_value(name)}", f"kind = {_value(one.kind)}", f"url = {_value(one.url)}"]
        if one.options:
            inner = ", ".join(f"{_key(key)} = {_value(value)}" for key, value in one.options.items())
            lines.append(f"options = {{ {inner} }}")
        if one.why_not:
            parts.append(_comment([*one.notes, f"left out: {one.why_not}", *lines]))
        else:
            parts.append("\n".join([*filter(None, [_comment(one.notes)]), *lines]))
    return "\n\n".join(parts) + "\n"


def _comment(lines: Iterable[str]) -> str:
    return "\n".join(f"# {clean_line(line, 300)}" for line in lines)


def _value(value: Any) -> str:
    """A TOML value: a JSON string is a TOML basic string, but for DEL, which TOML wants escaped."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    text = json.dumps(value if isinstance(value, bool | int) else str(value), ensure_ascii=False)
    return re.sub("[\x7f\ud800-\udfff]", lambda found: "\\u007f" if found[0] == "\x7f" else "\ufffd", text)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _unique(name: str, names: Collection[str]) -> str:
    """A name that the config takes: one line, no ":" and "/", at most 80 characters, and nobody else's."""
    plain = re.sub(r"[:/\s]+", "-", clean_line(name)).strip("-")[:70] or "source"
    number, found = 1, plain
    while found.casefold() in names:
        number += 1
        found = f"{plain}-{number}"
    return found


# --- searches for a brand that need no key


@dataclass(frozen=True, slots=True)
class Search:
    """One place that can be searched. `url` and the options' texts hold {q} (as typed), {quoted} or {tag}."""

    name: str
    kind: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    zh: bool | None = None  # only for Han names, only for others; None: for all
    asks: str = ""  # an address that a visit would ask for, where it is not `url`; for robots.txt


SEARCHES = (
    Search("hackernews", "hackernews", "https://hn.algolia.com", {"query": "{q}"}, "Hacker News, stories and comments",
           zh=False, asks="https://hn.algolia.com/api/v1/search_by_date"),
    Search("stackoverflow", "stackexchange", "https://api.stackexchange.com/2.3",
           {"site": "stackoverflow.com", "query": "{q}"}, "Stack Exchange; site names another of its communities",
           zh=False, asks="https://api.stackexchange.com/2.3/search/advanced"),
    Search("google-news", "feed", "https://news.google.com/rss/search?q={quoted}&hl=en-US&gl=US&ceid=US:en",
           note="Google News in English: headlines that link to the articles", zh=False),
    Search("google-news-tw", "feed", "https://news.google.com/rss/search?q={quoted}&hl=zh-TW&gl=TW&ceid=TW:zh-Hant",
           note="Google News of Taiwan: headlines that link to the articles", zh=True),
    Search("reddit-search", "feed", "https://www.reddit.com/search.rss?q={quoted}&sort=new",
           note="Reddit's search: posts, not what is said under them; a subreddit of its own is kind reddit"),
    Search("mastodon", "mastodon", "https://mastodon.social", {"tags": ["{tag}"]},
           "a hashtag, as one server knows it; other servers know other posts",
           asks="https://mastodon.social/api/v1/timelines/tag/{tag}"),
)  # fmt: skip


def for_brand(
    brand: Brand, listed: Sequence[SourcePart], searches: Sequence[Search] = SEARCHES
) -> list[tuple[Proposal, str]]:
    """Searches for each of a brand's names, and on the Discourse sites that are listed; with what robots.txt is asked.

    What the config has already, by kind, address and options, is left out.
    """
    names = list(dict.fromkeys(name for name in (brand.name.en, brand.name.zh_hant) if name))
    found: list[tuple[Proposal, str]] = []
    for name in names:
        han = bool(re.search("[\u3400-\u9fff]", name))
        sites = dict.fromkeys(part.url.rstrip("/") for part in listed if part.kind == "discourse")
        wanted = [*searches]
        for site in sites:
            host = urlsplit(site).netloc
            note = f"the search of {host}; that site is listed already, and whoever reads all of it needs no search"
            wanted.append(
                Search(f"{host}-search", "discourse", site, {"query": "{q}"}, note, asks=f"{site}/search.json")
            )
        for search in wanted:
            if search.zh not in (None, han):
                continue
            words = {"q": name, "quoted": quote_plus(f'"{name}"'), "tag": re.sub(r"\W", "", name)}
            options = {key: _filled(value, words) for key, value in search.options.items()}
            url = _filled(search.url, words)
            proposal = Proposal(f"{search.name}-{name}", search.kind, url, options, (search.note,))
            if not any((part.kind, part.url, dict(part.options)) == (proposal.kind, url, options) for part in listed):
                asks = _filled(search.asks or url, words | {"tag": quote(words["tag"])})
                found.append((proposal, asks))
    return found


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return re.sub(r"\{(\w+)\}", lambda found: words[found[1]], value)
