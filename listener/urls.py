"""Addresses made comparable: one post, one key, however a link to it was written."""

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

# Parameters that say how a reader came, not what is shown. Session ids are in it: phpBB puts `sid` on every link.
NOISE = frozenset(
    {"sid", "phpsessid", "fbclid", "gclid", "mc_cid", "mc_eid", "ref", "ref_src", "s_cid", "igshid", "highlight"}
)
_DEFAULT_PORT = {"http": 80, "https": 443}
# Most links of feeds are canonical as they come: a lower-case host, no user, no port that goes without saying, a path,
# no query.
_ALREADY = re.compile(
    r"https?://(?:[a-z0-9][a-z0-9-]*\.)*[a-z0-9][a-z0-9-]*(?::(?!(?:80|443)/)(?:[1-9]\d{0,3}|[1-5]\d{4}))?"
    r"/[!\"$-9:;<=>@-~]*(?:#[!-~]+)?",
    re.ASCII,
)


LONGEST = 2000  # characters of an address that is taken apart; nobody's permalink is longer
# What stays of a post's address when its thread is given another title, grows by pages, is moved to another board or
# merged into another thread: the post's number, which is the site's and not the thread's. By engine: phpBB, FluxBB,
# vBulletin and MyBB; XenForo; SMF; and Discourse, which numbers within a topic.
_SAME_POST = (
    re.compile(
        r"(?P<root>[^?#]*/)(?P<what>viewtopic|showthread|showpost)\.php\?(?:[^#]*&)?(?:p|pid)=(?P<number>\d+)\b.*"
    ),
    re.compile(r"(?P<root>[^?#]*/)(?P<what>viewtopic|showthread)\.php\b.*#(?:p|pid|post)_?(?P<number>\d+)"),
    re.compile(r"(?P<root>[^?#]*/)(?P<what>threads)/[^?#]*?(?:#|/#?)post-(?P<number>\d+)/?"),
    re.compile(r"(?P<root>[^?#]*/)index\.php\?(?P<what>topic)=\d+\.(?:msg\d+|\d+).*#msg(?P<number>\d+)"),
    re.compile(r"(?P<root>[^?#]*/)(?P<what>t)/(?:[^/?#]*[^/?#\d][^/?#]*/)?(?P<number>\d+/\d+)"),
)


def canonical(url: str, base: str = "") -> str:
    """The address with scheme and host lower-cased, default port, tracking and session parameters removed.

    The fragment is kept: `…/topic/7#p12` is the permalink of one post in many forums.

    Raises:
        ValueError: not an absolute http or https address.
    """
    if _ALREADY.fullmatch(url):
        return url
    parts = urlsplit(urljoin(base, url.strip()) if base else url.strip())
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme.lower() not in _DEFAULT_PORT or not host:
        raise ValueError(f"{url!r} is not an absolute http or https address")
    scheme = parts.scheme.lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _DEFAULT_PORT[scheme]) else f":{parts.port}"
    query = urlencode(
        [
            (k, v)
            for k, v in parse_qsl(parts.query, keep_blank_values=True)
            if k.lower() not in NOISE and not k.lower().startswith("utm_")
        ]
    )
    return urlunsplit((scheme, host + port, parts.path or "/", query, parts.fragment))


def host_of(url: str) -> str:
    """The lower-cased host (with port where it is not the default) of an http(s) address; "" if there is none."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port
    return host if port in (None, _DEFAULT_PORT.get(parts.scheme)) else f"{host}:{port}"


def post_key(permalink: str = "", source: str = "", native_id: str = "") -> str:
    """64 hex digits that identify a post: SHA-256 of its canonical permalink, else of source + native id.

    Of a permalink that names the thread or the page beside the post only the post counts (see _SAME_POST).

    Raises:
        ValueError: neither a permalink nor a source with native id is given.
    """
    if permalink:
        seed = _same_post(canonical(permalink))
    elif source and native_id:
        seed = f"{source}\n{native_id}"
    else:
        raise ValueError("a post needs a permalink, or a source and a native id")
    return hashlib.sha256(seed.encode()).hexdigest()


def _same_post(url: str) -> str:
    for pattern in _SAME_POST if len(url) <= LONGEST else ():
        if found := pattern.fullmatch(url):
            return f"{found['root']}{found['what']}#{found['number']}"
    return url
