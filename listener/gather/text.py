"""What a person wrote, as plain text: markup gone, quotes of others apart, nothing that breaks a line or a mail."""

import html
import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser, LexborNode

Quotes = tuple[tuple[str, str], ...]

TITLE_LIMIT = 300  # code points; longer titles are cut
_BLOCK = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main"
    " nav ol p pre section table td th tr ul".split()
)
_UNSEEN = ["script", "style", "template", "noscript", "iframe", "object", "svg", "button", "select", "textarea"]
_ANY_UNSEEN = ", ".join(_UNSEEN)

# C0 and C1 controls save tab and newline, bidirectional overrides, lone surrogates: none of them is anybody's word,
# and a newline in a title would be a header in a mail.
# Then places where a line may break or not, which nobody sees: soft hyphen, zero-width space, word joiner, byte order
# mark. "Ac\u200bme" is read as Acme, so it is found as Acme. The joiners U+200C and U+200D stay: scripts and emoji need
# them.
_UNSEEN_BREAKS = "\u00ad\u200b\u2060\ufeff"
_UNSEEN_BREAK = re.compile(f"[{_UNSEEN_BREAKS}]")
_CONTROL = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff{_UNSEEN_BREAKS}]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
_ATTRIBUTES = r"""(?:\s[^<>"']*(?:(?:"[^<>"]*"|'[^<>']*')[^<>"']*)*)?/?>"""
_SIMPLE_BREAK = re.compile(r"</?(?:p|br)" + _ATTRIBUTES, re.IGNORECASE)
_SIMPLE_INLINE = re.compile(r"</?(?:a|b|em|i|span|strong|u)" + _ATTRIBUTES, re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_UNTIDY = re.compile(
    _CONTROL.pattern[:-1] + r"\r\u2028\u2029\x85]|[^\S\n ]|^\s|\s$|  | \n|\n |\n{3,}"
)  # most texts come tidy: one look is cheaper than five repairs
_BLANK_LINES = re.compile(r"\n{3,}")
_WROTE = re.compile(r"(?:\b(?:wrote|writes?|said|says)\b|寫道|写道|提到|說|说)\s*[:：]?\s*$", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|aw|sv|回覆|回复|答覆)\s*(?:\[\d+\])?\s*[:：]\s*", re.IGNORECASE)

# ">" and what news readers set before it: "|>", ": >", "GK>".
_QUOTED = re.compile(r"^\s*(?:[|:]\s?|[A-Z]{1,3})?>+[ \t]?")
_BARRED = re.compile(
    r"^\s*(?::{1,3}|\|)(?:[ \t]|$)(?!.*\|\s*$)"
)  # ": " and "| ", which also mean other things; no table
_OPENS = re.compile(r"\s*(?:On|In|From)\b|\s*在")
_IN_BRACKETS = re.compile(r"(?:@\S+|>)\s*\(([^@]{2,60})\)$")
_BEFORE_ADDRESS = re.compile(r"([^\s,<>][^,<>]{0,60}?)\s*<[^<>\s]+@[^<>\s]+>\s*$")
_ADDRESS = re.compile(r"<?([^\s<>@]+)@[^\s<>]+>?\s*$")
_WHEN = re.compile(r".*(?:，|(?:,|\b\d{4}|\b\d\d:\d\d(?::\d\d)?|\bGMT|[+-]\d{4}|<[^<>]*>)\s+)")
_ATTACHED = re.compile(r"^\[-- (?:Attachment #|Warning: decoded text).*--\]$")  # public-inbox says so above the text
_SIGNATURES = ("--", "-- ", "—", "–")  # WordPress turns two hyphens into a dash
SIGNATURE_LINES = 8
ATTRIBUTION_LIMIT = 500  # code points


def clean_text(text: str) -> str:
    """NFC, without control characters, runs of blanks and of blank lines."""
    if text.replace("\n", " ").isprintable():  # no blank but " " then, no other line end, nothing to take out
        lines = text.split("\n") if "\n" in text or "  " in text else ()
        text = _BLANK_LINES.sub("\n\n", "\n".join(" ".join(line.split()) for line in lines) or text).strip()
    elif _UNTIDY.search(text):
        text = _CONTROL.sub("", _LINE_ENDS.sub("\n", text))
        text = "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))
        text = _BLANK_LINES.sub("\n\n", text).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text).strip()


def clean_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """One line of at most `limit` code points: for titles and names."""
    line = " ".join((text if text.isascii() else _UNSEEN_BREAK.sub("", text)).split())
    if _CONTROL.search(line):
        line = " ".join(_CONTROL.sub(" ", line).split())
    return (line if line.isascii() else unicodedata.normalize("NFC", line))[:limit].strip()


DEEPEST = 2_000  # nested elements; real pages, with all that they forget to close, stay far below
_TAG = re.compile(r"<[^<>]*>")
_OPEN_OR_CLOSE = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = frozenset("area base br col embed hr img input li link meta option p source td th tr track wbr dd dt".split())


def bare_title(title: str) -> tuple[str, bool]:
    """A title without its "Re:" (also 回覆：), and whether there was one."""
    bare, count = title, 0
    while match := _REPLY.match(bare):
        bare, count = bare[match.end() :], count + 1
    return bare.strip(), count > 0


def too_deep(markup: str) -> bool:
    """Whether elements are nested so deep that building a tree would take for ever (its cost grows with the square).

    Counts in one pass: tags that open less those that close, void elements left out.
    """
    if markup.count("<") <= DEEPEST:
        return False
    depth = 0
    for match in _OPEN_OR_CLOSE.finditer(markup):
        if match[1]:
            depth = max(0, depth - 1)
        elif match[2].lower() not in _VOID:
            depth += 1
            if depth > DEEPEST:
                return True
    return False


def html_text(markup: str) -> tuple[str, Quotes]:
    """Plain text and quotes of a piece of HTML; scripts and styles are dropped, nothing is fetched.

    Markup of paragraphs, line breaks and inline tags only, which is most of what feeds carry, is read by two regular
    expressions: a fifteenth of what building a tree costs (24 µs for a short entry). Anything else gets the tree.
    """
    if "<" not in markup:
        return clean_text(html.unescape(markup) if "&" in markup else markup), ()
    plain = _SIMPLE_INLINE.sub("", _SIMPLE_BREAK.sub("\x00", markup))
    if "<" not in plain and ">" not in plain:
        return clean_text(html.unescape(plain.replace("\n", " ").replace("\x00", "\n").strip())), ()
    if too_deep(markup):  # nobody writes so: its words are enough
        return clean_text(html.unescape(_TAG.sub(" ", markup))), ()
    tree = LexborHTMLParser(markup)
    root = tree.body or tree.root
    if root is None:
        return "", ()
    quotes = take_quotes(root)
    return node_text(root), quotes


def node_text(node: LexborNode) -> str:
    """Plain text under a node, block elements on lines of their own. Removes scripts and styles from the tree."""
    if node.css_first(_ANY_UNSEEN) is not None:
        node.strip_tags(_UNSEEN)
    set_as_typed: set[int] = set()  # what stands in a <pre>: there a new line is one
    for pre in [node] if node.tag == "pre" else node.css("pre"):
        if pre.mem_id not in set_as_typed:
            set_as_typed.update(inner.mem_id for inner in pre.traverse(include_text=True))
    parts: list[str] = []
    for child in node.traverse(include_text=True):
        before = child.prev
        if child.tag in _BLOCK or (before is not None and before.tag in _BLOCK and before.tag != "br"):
            parts.append("\n")
        if child.tag == "-text":
            text = child.text_content or ""
            parts.append(text if child.mem_id in set_as_typed else text.replace("\n", " "))
        elif child.tag == "img":
            parts.append(_emoji(child.attributes.get("alt")))
    return clean_text("".join(parts))


def take_quotes(node: LexborNode, selector: str = "blockquote, aside.quote") -> Quotes:
    """Cut the outermost quotes out of the tree and return them as (author or "", text), in order.

    The author is what the engine declares (data-username), or the <cite>, without "wrote:".
    """
    quotes: list[tuple[str, str]] = []
    while (quote := node.css_first(selector)) is not None and quote.mem_id != node.mem_id:
        author = quote.attributes.get("data-username") or ""
        for cite in quote.css("cite, div.title, div.quoteheader"):
            author = author or cite.text(deep=True)
            cite.decompose()
        for inner in quote.css(selector):  # a quote within a quote is a third person's: not said here either
            if inner.mem_id != quote.mem_id and quote.tag != "aside":
                inner.decompose()
        text = node_text(quote)
        if text:
            quotes.append((_WROTE.sub("", clean_line(author, 100)).strip(" :："), text))
        quote.decompose()
    return tuple(quotes)


def holds_quotes(text: str) -> bool:
    """Has it lines that are marked as somebody else's? Then `mail_text` tells them apart, in a forum too."""
    return any(map(_QUOTED.match, text.split("\n")))


def mail_text(text: str) -> tuple[str, Quotes]:
    """A mail's or news article's own words and its quotes: quoted lines go apart, a signature ("-- ") is dropped.

    The lines above a quote that end in "wrote:" name whom it quotes.
    """
    lines = [line for line in _LINE_ENDS.sub("\n", text).split("\n") if not _ATTACHED.match(line.strip())]
    own: list[str] = []
    quoted: list[str] = []
    quotes: list[tuple[str, str]] = []
    author = speaker = ""

    def close() -> None:
        said = clean_text("\n".join(quoted))
        if said:
            quotes.append((author, said))
        quoted.clear()

    for number, line in enumerate(lines):
        if _is_signature(line, len(lines) - number - 1):
            break
        mark, barred = _QUOTED.match(line), _BARRED.match(line)
        if mark is None and barred is not None and _in_a_run(lines, number, own):
            mark = barred
        if mark is not None:
            if not quoted:
                author = speaker = _attribution(own) or speaker  # who is answered piece by piece is named once
            quoted.append(_QUOTED.sub("", line[mark.end() :]))
        else:
            if quoted:
                close()
            own.append(line)
    close()
    return clean_text("\n".join(own)), tuple(quotes)


def _is_signature(line: str, left: int) -> bool:
    return line in _SIGNATURES[:2] or (line.strip() in _SIGNATURES[2:] and left <= SIGNATURE_LINES)


def _in_a_run(lines: list[str], number: int, own: list[str]) -> bool:
    """Does a neighbour look quoted too, or does somebody's "wrote:" stand above?"""
    beside = lines[max(0, number - 1) : number] + lines[number + 1 : number + 2]
    said = next((line for line in reversed(own) if line.strip()), "")
    return any(_BARRED.match(line) or _QUOTED.match(line) for line in beside) or bool(_WROTE.search(said))


def _attribution(own: list[str]) -> str:
    """Take "On …, Ann <ann@…> wrote:" or "In article <…> ann@… (Ann) writes:" off the end, and return the name."""
    while own and not own[-1].strip():
        own.pop()
    if not own or not _WROTE.search(own[-1]):
        return ""
    taken = 1
    if not _OPENS.match(own[-1]):  # folded over two or three lines
        taken = next((n for n in (2, 3) if len(own) >= n and own[-n].strip() and _OPENS.match(own[-n])), 1)
    line = " ".join(own[-taken:])[-ATTRIBUTION_LIMIT:]
    del own[-taken:]
    said = _WROTE.sub("", line).rstrip(" :,").removesuffix("()").rstrip()
    for pattern in (_IN_BRACKETS, _BEFORE_ADDRESS, _ADDRESS):
        if found := pattern.search(said):
            said = found[1]
            break
    else:
        said = "" if said.lstrip().startswith(("In ", "From ")) else said  # only an article's number was named
    return clean_line(_WHEN.sub("", said), 100).strip(" :\"'")


def _emoji(alt: str | None) -> str:
    """Forums draw smileys as pictures; their alt text (":)", "🙂", ":smile:") is part of what was said."""
    return f" {alt} " if alt and len(alt) <= 24 else ""
