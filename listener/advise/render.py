"""A digest in one language as mail: subject, HTML with its pictures, full text. Same digest, same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from listener.advise.digest import as_json
from listener.advise.model import Digest
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
    from listener.advise.charts import WIDTH, balance_chart, topics_chart, voices_chart

    page, evidence = tell(digest, language, redact)
    stem = f"{digest.brand}-{digest.day}"
    pictures = [("balance", balance_chart(digest.account)), ("voices", voices_chart(digest.voice_days))]
    if digest.topic_days:
        days = [one.day for one in digest.voice_days]
        pictures.append(("topics", topics_chart(days, [one.voices for one in digest.topic_days])))
    attachments = tuple(
        Attachment(f"{name}-{stem}@listener", f"{name}-{stem}.png", "image/png", content) for name, content in pictures
    )
    words = Words(language, digest.day, ZoneInfo(digest.zone))
    cids = {name: one.content_id for (name, _), one in zip(pictures, attachments, strict=True)}
    return Rendered(
        subject=page.subject,
        verdict=page.verdict,
        html=laid_out("digest.html", words, page, cids=cids, width=WIDTH),
        text=as_text("digest.txt", words, page),
        facts=as_json(digest),
        attachments=attachments,
        evidence=evidence,
    )


def laid_out(template: str, words: Words, page: object, **more: object) -> str:
    """A page of words as HTML, its style inlined; `more` is what else the template asks for."""
    html = _environment().get_template(template).render(page=page, w=words, sentences=words.sentences, **more)
    # What stays as a <style> says so itself: dark mode and small screens, where they are understood.
    return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True).inline(html)


def as_text(template: str, words: Words, page: object, **more: object) -> str:
    """The same as plain text in columns."""
    text = _environment().get_template(template).render(
        page=page, w=words, sheet=Sheet(), colon="：" if words.chinese else ": ", sentences=words.sentences, **more
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
