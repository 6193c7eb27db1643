"""Reports over the store: the advisory digest, and what must be made anew after forgetting.

The work of judging what to advise is in advise/, pure; here it is fed from the store, and what comes of it is booked
and queued in one transaction.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from listener import lovebank
from listener.advise.digest import compose, matters_after
from listener.advise.facts import ENTRY_DAYS, WINDOW_DAYS, Facts, Hand, RelationshipRow, Rival, SourceDay
from listener.advise.render import Rendered, render
from listener.config import Brand, Config
from listener.deliver.outbox import queue
from listener.errors import ConfigError
from listener.judge.judge import ENGINE
from listener.judge.query import parse
from listener.records import Entry, Judged, Message
from listener.report.alerting import AUTO, redactor
from listener.report.known import accuracy, listens
from listener.report.posting import post_digest
from listener.report.talk import themes_of
from listener.store.gathered import SourceLine
from listener.store.protocol import Matter, Removed, Store, StoredDigest
from listener.store.triaged import Target

LANGUAGES = ("en", "zh-Hant")


def make_digest(
    store: Store,
    config: Config,
    brand: Brand,
    day: date,
    now: datetime,
    *,
    mail: bool = True,
    late: bool = False,
    again: bool = False,
) -> bool:
    """Make a brand's digest of `day` in every language that its readers read, store it and queue it for them.

    Returns:
        False if it stood already (and `again` is not set). What was mailed once is not mailed again.
    """
    readers = [person for name in brand.digest_to if "day" in (person := config.person(name)).digests]
    rooms = [config.channel(name) for name in brand.digest_in]
    languages = sorted({one.language for one in readers} | {one.language for one in rooms}) or ["en"]
    standing = {language: store.digest(brand.id, day, language) for language in languages}
    if not again and all(standing.values()):
        return False
    late = late or any(digest is not None and digest.late for digest in standing.values())
    before = next((digest.matters for digest in standing.values() if digest is not None), None)
    store.weigh_pull(now)
    facts = collect(store, config, brand, day, late, before)
    digest = compose(facts)
    # What is open now belongs to the newest digest; one made anew for an earlier day must not turn it back.
    newest = all(other <= day for other in store.digest_days(brand.id))
    clean = redactor(config)
    pages: dict[str, Rendered] = {language: render(digest, language, clean) for language in languages}
    quoted = {key for page in pages.values() for key in page.evidence}
    with store.transaction():
        store.keep_evidence([post for post in facts.judged if post.post_key in quoted], now)
        for language, page in pages.items():
            store.save_digest(
                StoredDigest(
                    brand=brand.id,
                    day=day,
                    language=language,
                    made=now,
                    late=late,
                    subject=page.subject,
                    verdict=page.verdict,
                    html=page.html,
                    text=page.text,
                    facts=page.facts,
                    evidence=page.evidence,
                    matters=facts.matters,
                )
            )
        for matter in matters_after(digest, facts.matters) if newest else ():
            store.save_matter(matter)
        for person in readers if mail else ():
            page = pages[person.language]
            message = Message(
                key=f"digest:{brand.id}:{day}:{person.id}",
                recipient=person.mail,
                subject=page.subject,
                text=page.text,
                html=page.html,
                attachments=page.attachments,
                headers=(AUTO,),
            )
            queue(store, message, config.main.mail, f"digest:{brand.id}:{day}", page.evidence, now)
        if mail:
            post_digest(store, config, brand, day, digest, pages, now)
    return True


def digest_page(store: Store, config: Config, brand: Brand, day: date, language: str) -> str:
    """The digest as one HTML page that needs nothing else: its charts are inside. Nothing is stored or sent."""
    standing = (store.digest(brand.id, day, one) for one in LANGUAGES)
    before = next((digest.matters for digest in standing if digest is not None), None)
    page = render(compose(collect(store, config, brand, day, matters=before)), language, redactor(config))
    html = page.html
    for picture in page.attachments:
        content = base64.b64encode(picture.content).decode("ascii")
        html = html.replace(f"cid:{picture.content_id}", f"data:{picture.media_type};base64,{content}")
    return html


def collect(
    store: Store,
    config: Config,
    brand: Brand,
    day: date,
    late: bool = False,
    matters: tuple[Matter, ...] | None = None,
) -> Facts:
    """Everything that a digest of `day` is made from; nothing that was said after the day.

    `matters`: those that were open that morning, if that is known already.
    """
    bare = Facts(
        brand=brand,
        day=day,
        judged=(),
        entries=(),
        balance_lines=(),
        relationships=(),
        sources=(),
        alerts=(),
        matters=(),
        topics=config.topics,
        playbook=config.playbook,
        versions="",
        read_at=config.main.service.digest_at,
    )
    start, end = bare.start, bare.end
    judged = tuple(_news(store, brand.id, end))
    entries = tuple(store.entries(brand.id, until=day, since=day - timedelta(days=ENTRY_DAYS)))
    heard = store.heard_hours(start, end)
    lines = [line for line in store.source_lines(end) if listens(config, line.source, brand.id)]
    first_heard = [line.first_heard for line in lines if line.first_heard]
    return Facts(
        brand=brand,
        day=day,
        judged=judged,
        entries=entries,
        balance_lines=tuple(store.balance_lines(brand.id, day)),
        relationships=_at_risk(judged, entries, day, brand),
        sources=tuple(_source_day(config, line, len(heard.get(line.source, ()))) for line in lines),
        alerts=tuple(alert for alert in store.alerts(brand.id) if alert.opened < end),
        matters=tuple(store.matters(brand.id, day)) if matters is None else matters,
        topics=config.topics,
        playbook=config.playbook,
        versions=_versions(config, brand),
        heard_from=min((*first_heard, *(post.when for post in judged[:1]))).astimezone(brand.zone).date()
        if first_heard or judged
        else None,
        read_at=bare.read_at,
        accuracy=accuracy(store, brand.id),
        rivals=tuple(_rival(store, config.brand(rival), day, end) for rival in brand.rivals),
        late=late,
        themes=themes_of(judged, config.topics, brand, day),
        muted=tuple(store.muted_counts(brand.id, day)),
        hands=_hands(store, config, brand, bare.reading),
    )


def _news(store: Store, brand: str, end: datetime) -> list[Judged]:
    """What a digest looks at: all of its weeks but what a backfill brought, for a day that was told stays as told."""
    judged = store.judged(brand, since=end - timedelta(days=WINDOW_DAYS), until=end)
    return [post for post in judged if not post.backfilled]


def _hands(store: Store, config: Config, brand: Brand, before: datetime) -> tuple[Hand, ...]:
    """What colleagues did with the brand's matters up to the hour at which the digest is read, each topic once.

    `since` is when it came to stand so, not when a note was last added to it.
    """
    found: dict[str, Hand] = {}
    for turn in store.triage_turns([Target(brand.id, "matter", topic.id) for topic in config.topics]):
        if turn.at < before:
            hand = Hand(turn.target.ref, turn.status, turn.owner or turn.by, turn.at)
            last = found.get(hand.topic)
            found[hand.topic] = replace(hand, since=last.since) if last and _same_hand(last, hand) else hand
    return tuple(found.values())


def _same_hand(one: Hand, other: Hand) -> bool:
    return (one.status, one.who) == (other.status, other.who)


def _source_day(config: Config, line: SourceLine, hours: int) -> SourceDay:
    part = config.source(line.source)
    return SourceDay(line, min(24, hours), "", part.rule, part.rule_note, part.rule_url)


def _at_risk(
    judged: Sequence[Judged], entries: Sequence[Entry], day: date, brand: Brand
) -> tuple[RelationshipRow, ...]:
    """Relationships at risk, most urgent first, each with its newest post."""
    newest: dict[str, Judged] = {}
    for post in judged:
        if not post.by_brand:
            newest[post.voice] = post
    withdrawals: dict[str, int] = {}
    for entry in entries:
        if entry.amount < 0:
            withdrawals[entry.voice] = withdrawals.get(entry.voice, 0) + 1
    rows = []
    for one in lovebank.relationships(entries, lovebank.leaving_days(judged, brand.zone), day):
        if one.at_risk and one.voice in newest:
            post = newest[one.voice]
            rows.append(
                RelationshipRow(
                    voice=one.voice,
                    balance=one.balance,
                    reasons=one.at_risk,
                    last_post_key=post.post_key,
                    last_url=post.url,
                    last_at=post.when,
                    withdrawals=withdrawals.get(one.voice, 0),
                )
            )
    return tuple(rows)


def _rival(store: Store, rival: Brand, day: date, end: datetime) -> Rival:
    voices: dict[date, set[str]] = {}
    for post in _news(store, rival.id, end):
        if not post.by_brand:
            voices.setdefault(post.when.astimezone(rival.zone).date(), set()).add(post.voice)
    days = [day - timedelta(days=back) for back in range(WINDOW_DAYS - 1, -1, -1)]
    balance = lovebank.series(store.balance_lines(rival.id, day), day, day)[-1][1]
    return Rival(rival.id, rival.name, tuple(len(voices.get(one, ())) for one in days), balance)


def _versions(config: Config, brand: Brand) -> str:
    """What judged, as the digest's method line tells it."""
    query = parse(brand.query).version
    return f"{brand.id} query {query}, topics {config.topics_version}, {ENGINE}, playbook {config.playbook.version}"


def forget(store: Store, config: Config, what: str, now: datetime, *, unknown: bool = False) -> Removed:
    """Forget an author (the name as shown) or a post (its URL) everywhere; digests that quoted it are made anew.

    Raises:
        ConfigError: nobody of that name has written here (an everyday word would be struck out of everything), unless
            `unknown` says that it is meant.
    """
    what = what.strip()
    if not what:
        raise ConfigError("say whom to forget: the name as the site shows it, or a post's URL")
    is_post = what.startswith(("http://", "https://"))
    with store.transaction():
        removed = store.forget_post(what, now) if is_post else store.forget_author(what, now)
        if not is_post and not removed.posts and not unknown:
            raise ConfigError(  # leaving the transaction takes everything back
                f"nobody called {what!r} has written here; --even-if-unknown strikes the name out of what others wrote"
            )
        for brand_id, voice, day in removed.accounts:
            posts = store.judged(brand_id, voice=voice, day=day)
            store.replace_entries(brand_id, voice, day, lovebank.book_day(posts, config.topics, day))
    for brand_id, day in sorted(set(removed.digests)):
        if any(brand.id == brand_id for brand in config.brands):
            make_digest(store, config, config.brand(brand_id), day, now, again=True, mail=False)
    store.housekeep(now)  # writes the file anew, so that the bytes are gone too
    return removed
