"""The mails that Listener writes, in both languages: what the rules and the browser are shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from listener.advise.digest import compose
from listener.advise.redact import redact
from listener.advise.render import laid_out, render
from listener.advise.span.portfolio import tell_portfolio
from listener.advise.span.render import pictures_of, render_span
from listener.advise.words import Words
from listener.records import Attachment
from tests.helpers_advise import facts, names
from tests.test_advise_render import full
from tests.test_advise_span import bad_week
from tests.test_watch_mail import STORY, mail


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail's HTML part and its pictures by content id."""

    html: str
    pictures: Mapping[str, bytes]

    def write(self, path: Path, pictures: bool = True) -> Path:
        """A page for the browser: pictures as files beside it, or blocked as mail programs do at first."""
        html = self.html
        for n, (content_id, content) in enumerate(self.pictures.items()):
            picture = path.with_name(f"{path.stem}-{n}.png")
            if pictures:
                picture.write_bytes(content)
            html = html.replace(f"cid:{content_id}", picture.name)
        path.write_text(html, "utf-8")
        return path


@dataclass(frozen=True, slots=True)
class MailPage:
    """One kind of mail."""

    name: str
    language: str
    render: Callable[[], Shown]


def _shown(html: str, attachments: tuple[Attachment, ...]) -> Shown:
    return Shown(html, {attached.content_id: attached.content for attached in attachments})


def _digest(language: str, empty: bool = False) -> Shown:
    shown = render(compose(facts()) if empty else full(), language, redact)
    return _shown(shown.html, shown.attachments)


def _week(language: str) -> Shown:
    digest = bad_week()
    shown = render_span(digest, language, redact, pictures_of(digest))
    return _shown(shown.html, shown.attachments)


def _portfolio(language: str) -> Shown:
    """Two brands, one of them a rival. It has tables and no pictures."""
    own = bad_week()
    rival = replace(own, brand="northpier", name=names("Northpier", "北堤電訊"))
    words = Words(language, own.period.last, ZoneInfo(own.zone))
    page = tell_portfolio((own, rival), frozenset({"northpier"}), words)
    return _shown(laid_out("portfolio.html", words, page), ())


def _alert(language: str, event: str) -> Shown:
    shown = mail(language=language, event=event, story=STORY)  # type: ignore[arg-type]
    return _shown(shown.html, shown.attachments)


PAGES = tuple(
    MailPage(f"{name}-{language}", language, lambda make=make, language=language: make(language))  # type: ignore[misc]
    for language in ("en", "zh-Hant")
    for name, make in (
        ("digest", _digest),
        ("digest-of-nothing", lambda language: _digest(language, empty=True)),
        ("week", _week),
        ("portfolio", _portfolio),
        ("alert", lambda language: _alert(language, "opened")),
        ("all-clear", lambda language: _alert(language, "closed")),
    )
)
