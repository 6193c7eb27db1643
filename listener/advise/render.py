"""A digest in one language as mail: subject, HTML with its pictures, full text. Same digest, same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from listener.advise.digest import as_json
from listener.advise.model import Digest
from listener.advise.page import Page
from listener.advise.tell import tell
from listener.advise.textform import Sheet
from listener.advise.words import Words
from listener.records import Attachment

MAX_HTML_BYTES = 100_000  # Gmail cuts a mail off at 102 kB


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest ready to be stored and sent.

    Attributes:
        subject: one line.
        verdict: the one line that the digest begins with.
        html: pictures are `cid:` links to `attachments`; at most MAX_HTML_BYTES.
        text: says everything that the HTML says.
        facts: JSON, what the words were made from; without anybody's text.
        evidence: keys of the posts that are quoted or linked.
    """

    subject: str
    verdict: str
    html: str
    text: str
    facts: str
    attachments: tuple[Attachment, ...]
    evidence: tuple[str, ...]


def render(digest: Digest, language: str, redact: Callable[[str], str]) -> Rendered:
    """Put a digest into words and form.

    Args:
        language: "en" or "zh-Hant".
        redact: strikes personal details out of other people's words (redact.redact, or `str` to leave them).

    Raises:
        KeyError: no words in that language.
    """
    # matplotlib takes most of a second to load: whoever only asks for --help need not wait for it.
    from listener.advise.charts import WIDTH, balance_chart, voices_chart

    page, evidence = tell(digest, language, redact)
    stem = f"{digest.brand}-{digest.day}"
    pictures = (("balance", balance_chart(digest.account)), ("voices", voices_chart(digest.voice_days)))
    attachments = tuple(
        Attachment(f"{name}-{stem}@listener", f"{name}-{stem}.png", "image/png", content) for name, content in pictures
    )
    words = Words(language, digest.day, ZoneInfo(digest.zone))
    return Rendered(
        subject=page.subject,
        verdict=page.verdict,
        html=_html(
            page, words, {name: a.content_id for (name, _), a in zip(pictures, attachments, strict=True)}, WIDTH
        ),
        text=_text(page, words),
        facts=as_json(digest),
        attachments=attachments,
        evidence=evidence,
    )


def _html(page: Page, words: Words, cids: dict[str, str], width: int) -> str:
    template = _environment().get_template("digest.html")
    html = template.render(page=page, w=words, cids=cids, width=width)
    # The media queries stay in a <style>: dark mode and small screens where they are understood.
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, minify_css=True).inline(html)


def _text(page: Page, words: Words) -> str:
    text = _environment().get_template("digest.txt").render(
        page=page, w=words, sheet=Sheet(), colon="：" if words.chinese else ": ", sentences=words.sentences
    )  # fmt: skip
    return text.rstrip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("listener.advise"),
        autoescape=select_autoescape(),  # .html yes, .txt no
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
