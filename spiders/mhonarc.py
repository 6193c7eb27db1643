"""A message page of MHonArc → Letter, by the comments that it writes around header and body.

They are documented at mhonarc.org/MHonArc/doc (resources, "X-Subject" and its kin): X-Message-Id, X-Subject, X-Date,
X-Reference (one each), X-From-R13, whose letters and @ are shifted so that no harvester of addresses reads them.
"""

import html
import re
from dataclasses import replace

from listener.gather.text import html_text
from spiders.mail import Letter, read_letter

_HEADER = re.compile(r"<!--X-([A-Za-z0-9-]+): (.{0,1000}?) ?-->", re.DOTALL)
_BODY = re.compile(r"<!--X-Body-of-Message-->(.*?)<!--X-Body-of-Message-End-->", re.DOTALL)
_ROT13 = str.maketrans(
    "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[abcdefghijklmnopqrstuvwxyz", "NOPQRSTUVWXYZ[@ABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm"
)


def read_message(page: str, charset: str = "") -> Letter | None:
    """The message of a page; None if there is none.

    Args:
        page: the HTML. charset: see read_letter; only encoded words in the headers need it.
    """
    said = _BODY.search(page)
    if said is None:
        return None
    heads: dict[str, list[str]] = {}
    for name, value in _HEADER.findall(page[: said.start()]):
        heads.setdefault(name.lower(), []).append(" ".join(html.unescape(value).split()))

    def first(name: str) -> str:
        return heads.get(name, [""])[0]

    fields = {
        "Message-ID": f"<{first('message-id').strip('<>')}>",
        "From": first("from-r13").translate(_ROT13) or first("from"),
        "Subject": first("subject"),
        "Date": first("date"),
        "References": " ".join(f"<{one.strip('<>')}>" for one in heads.get("reference", ())),
    }
    text, quotes = html_text(said[1])
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    letter = read_letter(f"{head}\n{text}".encode("utf-8", "replace"), charset)
    return replace(letter, quotes=quotes + letter.quotes) if letter else None
