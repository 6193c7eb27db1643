"""What mail programs keep of a mail's HTML, as rules that a page is held to: docs/mail.md, "What mail programs keep".

Outlook for Windows lays out with Word: tables, padding on cells only, no positions, no CSS functions. Gmail takes out
a whole <style> that is longer than 8,192 characters or that it cannot read, and clips a page behind 102 kB.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

GMAIL_CLIPS = 102 * 1024
GMAIL_STYLE = 8_192  # characters of one <style>
ELEMENTS = frozenset(
    "html head meta title style body table tbody thead tr td th div p h1 h2 h3 b span a br img code".split()
)
PADDED = frozenset({"td", "th", "body"})  # Word gives padding to cells only
PROPERTIES = frozenset(
    "color background-color font-family font-size font-weight font-style line-height text-align text-decoration"
    " text-indent vertical-align white-space word-wrap word-break overflow-wrap width max-width height max-height"
    " border border-top border-right border-bottom border-left border-collapse border-color border-top-color"
    " border-right-color border-bottom-color border-left-color margin margin-top margin-right margin-bottom"
    " margin-left padding padding-top padding-right padding-bottom padding-left display overflow mso-hide".split()
)
_COLOUR = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?\b", re.IGNORECASE)
_FUNCTION = re.compile(r"\b(?:rgba?|hsla?|var|calc|url|image|min|max|clamp|color-mix)\(", re.IGNORECASE)
_ZERO = re.compile(r"^0(?:px)?(?: 0(?:px)?)*$")


def declarations(style: str) -> Iterator[tuple[str, str]]:
    """The (property, value) pairs of an inline style."""
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def broken_rules(html: str) -> list[str]:
    """Every rule that the page breaks, one line each; empty where mail programs will keep it as it is."""
    found = []
    if len(html.encode()) > 100_000:
        found.append(f"{len(html.encode())} bytes: Gmail clips behind {GMAIL_CLIPS}, and 100,000 is our limit")
    tree = LexborHTMLParser(html)
    found += _styles(tree)
    for node in tree.css("*"):
        name = node.tag or ""
        if name not in ELEMENTS:
            found.append(f"<{name}> is not kept everywhere")
        found += (f"<{name}>: {told}" for told in _inline(name, node.attributes.get("style") or ""))
        if name == "img":
            found += _image(node)
        if name == "table":
            found += _table(node)
        if any(key.startswith("on") for key in node.attributes):
            found.append(f"<{name}> has a handler")
    return found


def _styles(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("style"):
        css = node.text()
        if len(css) > GMAIL_STYLE:
            yield f"a <style> of {len(css)} characters: Gmail drops it whole"
        outside = re.sub(r"@media[^{]+\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", css).strip()
        if outside:
            yield f"a rule outside @media was not inlined: {outside[:60]!r}"
        if "prefers-color-scheme" in css and "max-width" in css:
            yield "dark colours share a <style> with sizes: a program that cannot read the one loses both"
        if "@import" in css or "@font-face" in css or _FUNCTION.search(css):
            yield "a <style> fetches or computes something"
        if re.search(r"\[[a-z]", css):
            yield "attribute selectors: Gmail drops the <style>"


def _inline(name: str, style: str) -> Iterator[str]:
    for key, value in declarations(style):
        if key not in PROPERTIES:
            yield f"{key} is not kept everywhere"
        if key.startswith("padding") and name not in PADDED and not _ZERO.match(value):
            yield f"{key}: {value} is lost in Outlook; only cells have padding there"
        if key == "display" and value not in ("block", "none"):
            yield f"display: {value}"
        if key.startswith("margin") and "-" in value:
            yield f"{key}: {value} is negative"
        if _FUNCTION.search(value):
            yield f"{key}: {value} is a function"
        if key in ("color", "background-color") and not _COLOUR.fullmatch(value):
            yield f"{key}: {value} should be written with #"


def _image(node: LexborNode) -> Iterator[str]:
    attributes = node.attributes
    if not (attributes.get("src") or "").startswith("cid:"):
        yield "<img> is fetched from elsewhere"
    if not (attributes.get("alt") or "").strip():
        yield "<img> without alt"
    width = attributes.get("width") or ""
    if not width.isdecimal() or int(width) > 600:  # Outlook ignores max-width
        yield f"<img> of width {width!r}: Outlook wants a plain number up to 600"
    if ("display", "block") not in declarations(attributes.get("style") or ""):
        yield "<img> that is no block leaves a gap in Gmail"


def _table(node: LexborNode) -> Iterator[str]:
    for attribute in ("cellpadding", "cellspacing", "border"):
        if node.attributes.get(attribute) != "0":
            yield f"<table> without {attribute}=0: Outlook adds its own"
    if node.attributes.get("role") == "presentation":
        if node.css_first("th") is not None and node.css_first("table") is None:
            yield "a table of figures is called layout"
    elif any(not cell.attributes.get("scope") for cell in node.css("th")):
        yield "<th> without scope"
    elif node.css_first("th") is None:
        yield "a layout table without role=presentation is read out cell by cell"
