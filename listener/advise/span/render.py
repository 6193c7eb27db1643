"""The digest of a week or a month in one language as mail. Same digest, same bytes."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from listener.advise.digest import as_json
from listener.advise.model import Account
from listener.advise.render import Rendered, as_text, laid_out
from listener.advise.span.model import SpanDigest
from listener.advise.span.tell import tell_span
from listener.advise.words import Words
from listener.records import Attachment


def pictures_of(digest: SpanDigest) -> tuple[Attachment, ...]:
    """The balance and the voices; there are no words in them, so every language has the same ones."""
    from listener.advise.charts import balance_chart, voices_chart  # it takes long to load: see render.render

    stem = f"{digest.brand}-{digest.period.kind}-{digest.period.last}"
    drawn = (
        ("balance", balance_chart(Account(digest.account.chart, None, None, None))),
        ("voices", voices_chart(digest.voice_days)),
    )
    return tuple(
        Attachment(f"{name}-{stem}@listener", f"{name}-{stem}.png", "image/png", content) for name, content in drawn
    )


def render_span(
    digest: SpanDigest, language: str, redact: Callable[[str], str], pictures: tuple[Attachment, ...]
) -> Rendered:
    """Put a digest into words and form.

    Args:
        language: "en" or "zh-Hant".
        redact: strikes personal details out of other people's words.
        pictures: of pictures_of, drawn once for all languages.

    Raises:
        KeyError: no words in that language.
    """
    from listener.advise.charts import WIDTH

    page, evidence = tell_span(digest, language, redact)
    words = Words(language, digest.period.last, ZoneInfo(digest.zone))
    cids = {one.content_id.partition("-")[0]: one.content_id for one in pictures}
    return Rendered(
        subject=page.subject,
        verdict=page.verdict,
        html=laid_out("span.html", words, page, cids=cids, width=WIDTH),
        text=as_text("span.txt", words, page),
        facts=as_json(digest),
        attachments=pictures,
        evidence=evidence,
    )
