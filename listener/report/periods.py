"""Weeks and months over the store: their digests are fed from it, booked and queued, each once.

What to say is decided in advise/span/, pure. This module loads nothing that gathers or judges, so that the command
is quick.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import pairwise

from listener import lovebank
from listener.advise.facts import ENTRY_DAYS, WINDOW_DAYS
from listener.advise.redact import redact
from listener.advise.span.compose import compose_span, threads_to_quote, topics_to_quote
from listener.advise.span.facts import AlertTold, RivalSpan, SourceHours, SpanFacts
from listener.advise.span.model import SpanDigest
from listener.advise.span.period import Period, period_of
from listener.advise.span.render import pictures_of, render_span
from listener.config import Brand, Config
from listener.deliver.outbox import queue
from listener.records import Judged, Message
from listener.report.known import accuracy, listens
from listener.store.gathered import SourceLine
from listener.store.protocol import Store, StoredDigest
from listener.store.spanned import Missed, Span, SpanSource

HOUR = timedelta(hours=1)
CANDIDATES = 24  # posts from which the page chooses one
THREADS, GRAVEST = 5, 5
AUTO = ("Auto-Submitted", "auto-generated")


def make_period(
    store: Store,
    config: Config,
    brand: Brand,
    period: Period,
    now: datetime,
    *,
    mail: bool = True,
    late: bool = False,
    again: bool = False,
) -> bool:
    """Make a brand's digest of a week or a month, store it and queue it for those who want it.

    Returns:
        False if it stood already (and `again` is not set). What was mailed once is not mailed again.
    """
    everybody = [config.person(name) for name in brand.digest_to]
    readers = [person for person in everybody if period.kind in person.digests]
    languages = sorted({person.language for person in readers or everybody}) or ["en"]
    standing = [store.digest(brand.id, period.last, language, period.kind) for language in languages]
    if not again and all(standing):
        return False
    late = late or any(one is not None and one.late for one in standing)
    # The charts' library takes as long to load as the store to count, and the store lets others work meanwhile.
    loading = threading.Thread(target=import_module, args=("listener.advise.charts",), daemon=True)
    loading.start()
    facts = collect_period(store, config, brand, period, now, late)
    digest = compose_span(facts)
    loading.join()
    pictures = pictures_of(digest)
    clean = redact if config.main.privacy.redact else str
    pages = {language: render_span(digest, language, clean, pictures) for language in languages}
    quoted = {key for page in pages.values() for key in page.evidence}
    with store.transaction():
        store.keep_evidence([post for post in shown_posts(facts) if post.post_key in quoted], now)
        for language, page in pages.items():
            store.save_digest(
                StoredDigest(
                    brand=brand.id, day=period.last, language=language, made=now, late=late, subject=page.subject,
                    verdict=page.verdict, html=page.html, text=page.text, facts=page.facts, evidence=page.evidence,
                    period=period.kind,
                )
            )  # fmt: skip
        for person in readers if mail else ():
            page = pages[person.language]
            cause = f"digest:{brand.id}:{period.kind}:{period.last}"
            message = Message(
                key=f"{cause}:{person.id}",
                recipient=person.mail,
                subject=page.subject,
                text=page.text,
                html=page.html,
                attachments=page.attachments,
                headers=(AUTO,),
            )
            queue(store, message, config.main.mail, cause, page.evidence, now)
    return True


def period_digest(store: Store, config: Config, brand: Brand, period: Period, now: datetime) -> SpanDigest:
    """The digest as it stands `now`, before it is put into words. Nothing is stored or sent."""
    return compose_span(collect_period(store, config, brand, period, now))


def due_periods(store: Store, config: Config, now: datetime) -> tuple[tuple[Brand, Period, bool], ...]:
    """Weeks and months that are over, wanted by a reader and not made yet: (brand, period, late).

    A week is due on Monday and a month on the 1st, at the hour of the day's digest; what was missed is made up for
    within `missed_days`.
    """
    due = []
    for brand in config.brands:
        wanted = {kind for name in brand.digest_to for kind in config.person(name).digests if kind != "day"}
        began = _heard_from(_lines(store, config, brand, now)) if wanted else None
        for kind in sorted(wanted, reverse=True):
            found = ended(kind, brand, config, now)
            if found is None or began is None or began.astimezone(brand.zone).date() > found[0].last:
                continue
            if found[0].last not in store.digest_days(brand.id, kind):
                due.append((brand, *found))
    return tuple(due)


def ended(kind: str, brand: Brand, config: Config, now: datetime) -> tuple[Period, bool] | None:
    """(the newest period whose digest's hour has come, whether that was more than a day ago); None: too long ago."""
    service, local = config.main.service, now.astimezone(brand.zone)
    today = local.date() - timedelta(days=0 if local.time() >= service.digest_at else 1)
    period = period_of(kind, today).before  # type: ignore[arg-type]  # a Kind, as the config checked
    days = (today - period.last).days - 1
    return (period, days > 0) if days <= service.missed_days else None


def collect_period(
    store: Store, config: Config, brand: Brand, period: Period, now: datetime, late: bool = False
) -> SpanFacts:
    """Everything that the digest of a period is made from; nothing that was said after it, nor after `now`."""
    start, end = period.start(brand.zone), min(period.end(brand.zone), now)
    kindly = [topic.id for topic in config.topics if topic.kind in {"complaint", "strain"}]
    lines = _lines(store, config, brand, end)
    book = tuple(store.balance_lines(brand.id, period.last))
    began = _heard_from(lines)
    heard_from = [*([began.astimezone(brand.zone).date()] if began else []), *(line.day for line in book[:1])]
    with store.span(brand.id, period.before.first, period.first, period.last, kindly) as span:
        totals, before = span.totals()
        places = span.sources()
        copies, campaigns = span.copies()
        facts = SpanFacts(
            brand=brand,
            period=period,
            totals=totals,
            before=before,
            days=span.days(),
            topics=span.topics(),
            booked=span.booked(),
            places=places,
            threads=span.threads(THREADS),
            balance_lines=book,
            risks=span.risks(
                period.last - timedelta(days=ENTRY_DAYS), period.last - timedelta(days=WINDOW_DAYS - 1),
                lovebank.HALF_LIFE_DAYS, GRAVEST,
            ),
            alerts=_alerts(store, config, brand, start, end),
            matters=tuple(store.matters(brand.id, period.first, period.last + timedelta(days=1))),
            evidence={},
            in_threads={},
            sources=_sources(store, lines, places, start, end),
            known_topics=config.topics,
            versions=span.versions(),
            heard_from=min(heard_from, default=None),  # the first visits read back: what they booked was heard
            muted=tuple(store.muted_counts(brand.id, period.last, period.first)),
            copies=copies,
            campaigns=campaigns,
            accuracy=accuracy(store, brand.id),
            rivals=_rivals(store, config, brand, period) if brand.rivals else (),
            late=late,
        )  # fmt: skip
        return _with_evidence(facts, span)


def _with_evidence(facts: SpanFacts, span: Span) -> SpanFacts:
    """The posts from which the page chooses its quotes."""
    evidence = {topic: tuple(span.telling(topic, sign, CANDIDATES)) for topic, sign in topics_to_quote(facts)}
    threads = {url: tuple(span.in_thread(url, CANDIDATES)) for url in threads_to_quote(facts)}
    return replace(facts, evidence=evidence, in_threads=threads)


def shown_posts(facts: SpanFacts) -> list[Judged]:
    """Every post that the page may quote, each once."""
    groups = (*facts.evidence.values(), *facts.in_threads.values())
    return list({post.post_key: post for group in groups for post in group}.values())


def _lines(store: Store, config: Config, brand: Brand, at: datetime) -> list[SourceLine]:
    return [line for line in store.source_lines(at) if listens(config, line.source, brand.id)]


def _heard_from(lines: Sequence[SourceLine]) -> datetime | None:
    """When a source was heard for the first time."""
    return min((line.first_heard for line in lines if line.first_heard), default=None)


def _alerts(store: Store, config: Config, brand: Brand, start: datetime, end: datetime) -> tuple[AlertTold, ...]:
    names = {person.id: person.name for person in config.people}
    found = []
    for alert in store.alerts(brand.id):
        if alert.opened >= end or (alert.closed is not None and alert.closed < start):
            continue
        first: dict[str, datetime] = {}
        for telling in store.told(alert.key):
            first.setdefault(names.get(telling.person, telling.person.removeprefix("channel:")), telling.at)
        found.append(AlertTold(alert, tuple(first.items())))
    return tuple(found)


def _sources(
    store: Store, lines: Sequence[SourceLine], places: Sequence[SpanSource], start: datetime, end: datetime
) -> tuple[SourceHours, ...]:
    heard = store.heard_hours(start, end)
    missed: dict[str, list[Missed]] = {}
    for one in store.missed(start, end):
        missed.setdefault(one.source, []).append(one)
    read = {place.source for place in places if place.voices}
    return tuple(
        source_hours(line, heard.get(line.source, ()), start, end, line.source in read, missed.get(line.source, ()))
        for line in lines
    )


def source_hours(
    line: SourceLine,
    heard: Sequence[datetime],
    start: datetime,
    end: datetime,
    read: bool,
    missed: Sequence[Missed] = (),
) -> SourceHours:
    """What was heard of one source between `start` and `end`, and its longest silence.

    It could be heard from its first good visit on (earlier, if that read the archive), or, if it never had one, from
    the beginning of its present state.
    """
    first = line.first_heard or line.since
    first = first.replace(minute=0, second=0, microsecond=0)
    begin = max(start, min([first, *heard[:1]]))
    possible = max(0, int((end - begin) / HOUR))
    marks = [begin - HOUR, *heard, begin + possible * HOUR]
    gaps = [(int((later - earlier) / HOUR) - 1, earlier + HOUR) for earlier, later in pairwise(marks)]
    silent, since = max(gaps, key=lambda gap: gap[0], default=(0, None))
    if silent <= 0 or possible == 0:
        silent, since = 0, None
    return SourceHours(line, possible, min(len(heard), possible), silent, since, read, tuple(missed))


def _rivals(store: Store, config: Config, brand: Brand, period: Period) -> tuple[RivalSpan, ...]:
    """The brand and its rivals, each in its own zone's days."""
    return tuple(
        rival_span(store, one, period, own=one.id == brand.id)
        for one in (brand, *(config.brand(name) for name in brand.rivals))
    )


def rival_span(store: Store, brand: Brand, period: Period, own: bool) -> RivalSpan:
    """A brand's voices and balance in a period, beside the one before."""
    lines = store.balance_lines(brand.id, period.last)

    def balance(day: date) -> float | None:
        return lovebank.series(lines, day, day)[-1][1] if any(line.day <= day for line in lines) else None

    return RivalSpan(
        name=brand.name,
        own=own,
        voices=store.span_voices(brand.id, period.first, period.last),
        voices_before=store.span_voices(brand.id, period.before.first, period.before.last),
        balance=balance(period.last),
        balance_before=balance(period.before.last),
    )
