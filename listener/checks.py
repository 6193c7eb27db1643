"""What `listener check` looks at: the config as a whole, brand queries, topics' cues, mail, and sources online."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from listener.address import AddressGuard
from listener.advise import pdf
from listener.advise.rehearse import rehearse
from listener.clock import SystemClock
from listener.config import Config, Person, load
from listener.config.lines import line_of, nearest
from listener.deliver import channels
from listener.deliver.mail import check as check_mail
from listener.deliver.mail import send_test as mail_test
from listener.errors import ConfigError, QueryError, RefusedAddress, pointed
from listener.gather import loop, rounds
from listener.gather.crawl import Crawls
from listener.gather.net import Web
from listener.judge.lint import lint, lint_together, unknown_sources
from listener.judge.query import Query, parse
from listener.judge.topics import TopicFinder


def check(folder: Path, *, online: bool = False, send_test: bool = False, mail_to: Sequence[str] = ()) -> list[str]:
    """Findings, one line each, beginning with "error" or "note".

    `online` also asks each source; `send_test` posts a line to each channel, for there is no asking without; `mail_to`
    are ids of people who are mailed one.

    Raises:
        ConfigError: a file cannot be read or does not fit; nothing after it can be checked then.
    """
    config = load(folder)
    readers = [config.person(name) for name in mail_to]
    findings = check_queries(folder, config)
    findings += _check_judging(config)
    findings += _check_digest(config)
    findings += _check_people(config)
    findings += _check_sources(config)
    findings += _check_mail(config, readers)
    findings += _check_channels(config, online=online, send_test=send_test)
    if paper := pdf.trouble():
        findings.append(f"note: {paper}")
    if not config.main.net.contact:
        findings.append("note: [net] contact is empty; people whose servers we visit cannot ask us anything")
    if not config.sources:
        findings.append("note: sources.toml has no source yet, so nothing will be heard")
    if online:
        for health in loop.run(lambda: rounds.check_online(config, SystemClock())):
            word = "note" if health.state in ("heard", "new") else "error"  # new: a folder, or no HTTP to ask over
            findings.append(
                f"{word}: source {health.source}: {health.state}{', ' if health.detail else ''}{health.detail}"
            )
    return findings


def _check_mail(config: Config, readers: Sequence[Person]) -> list[str]:
    wrong = [f"error: mail: {line}" for line in check_mail(config.main.mail, os.environ, config.home)]
    if wrong:
        return wrong
    findings = []
    for person in readers:
        ask = partial(mail_test, config.main.mail, config.home, os.environ, person, SystemClock())
        trouble = loop.run(ask)
        took = f"note: mail: {person.id} ({person.mail}) was mailed a test line by way of {config.main.mail.url}"
        findings.append(f"error: mail to {person.id}: {trouble}" if trouble else took)
    return findings


def _check_channels(config: Config, *, online: bool, send_test: bool) -> list[str]:
    findings = []
    for channel in config.channels:
        wrong = channels.check(channel, os.environ)
        findings += [f"error: {line}" for line in wrong]
        if wrong:
            continue
        if send_test:
            trouble = loop.run(partial(channels.send_test, channel, os.environ, SystemClock()))
            findings.append(f"error: {trouble}" if trouble else f"note: channel {channel.id}: took a test line")
        elif online:
            findings.append(
                f"note: channel {channel.id}: can be tried only by posting a line to it; --send-test does that"
            )
    return findings


def check_queries(folder: Path, config: Config, brand_id: str | None = None) -> list[str]:
    """What is wrong or doubtful about the brands' queries, or one brand's, each at its line of brands.toml."""
    path = folder / "brands.toml"
    written = path.read_text("utf-8")
    findings: list[tuple[str, str, str, int]] = []
    queries: dict[str, Query] = {}
    for brand in config.brands:
        try:
            queries[brand.id] = parse(brand.query)
        except QueryError as error:
            findings.append((brand.id, "error", error.reason, error.position))
    names = {source.name for source in config.sources}
    together = lint_together(queries)
    for name, query in queries.items():
        doubts = (*lint(query), *together.get(name, ()), *unknown_sources(query, names))
        findings += [(name, "note", doubt.message, doubt.position) for doubt in doubts]
    told = []
    for number, brand in enumerate(config.brands):
        for name, word, message, position in findings:
            if name == brand.id and brand_id in (None, name):
                line = _line(written, brand.query, position, line_of(written, ("brand", number, "query")))
                told.append(f"{word}: {path}:{line}: brand {name}: {message}\n{pointed(brand.query, position)}")
    return told


def _line(written: str, query: str, position: int, key_line: int | None) -> int:
    """The line of brands.toml on which this character of a query stands; that of its key if it was written escaped."""
    lines = written.split("\n")
    before = sum(len(line) + 1 for line in lines[: (key_line or 1) - 1])
    at = written.find(query, before)
    return written.count("\n", 0, at + position) + 1 if at >= 0 else key_line or 1


def _check_judging(config: Config) -> list[str]:
    findings = []
    try:
        TopicFinder(config.topics)
    except ConfigError as error:
        findings.append(f"error: topics.toml: {error}")
    return findings


def _check_digest(config: Config) -> list[str]:
    """Whether tomorrow's digest can be written: every topic in both languages, and Chinese in a PDF."""
    findings = rehearse(config.brands[0], config.topics, config.playbook) if config.brands else []
    if missing := pdf.trouble():
        findings.append(f"note: {missing}")
    return findings


def _check_sources(config: Config) -> list[str]:
    """Kinds that nobody reads, zones that are none, private addresses that would be refused, contacts that break."""
    findings = []
    contact = config.main.net.contact
    if not contact.isprintable() or not contact.isascii():
        findings.append("error: [net] contact goes into a header: plain ASCII on one line, please")
    if not config.brands:
        findings.append("error: brands.toml has no brand, so nothing can be listened for")
    kinds = ("feed", *Crawls(Web(config.main.net, SystemClock()), 1.0).kinds())
    guard = AddressGuard(config.main.net.allow_private)
    for source in config.sources:
        if source.kind not in kinds:
            findings.append(f"error: source {source.name}: no kind {source.kind!r}{nearest(source.kind, kinds)}")
        zone = source.options.get("time_zone")
        if zone is not None:
            try:
                ZoneInfo(str(zone))
            except (KeyError, ValueError, OSError):
                findings.append(f'error: source {source.name}: {zone!r} is no time zone; write one like "Asia/Taipei"')
        if source.url.startswith(("http://", "https://")):
            try:
                guard.check_url(source.url)
            except RefusedAddress as error:
                findings.append(f"error: source {source.name}: {error}")
    for brand in config.brands:
        if brand.id in brand.rivals:
            findings.append(f"error: brand {brand.id} is its own rival; take it out of rivals")
    return findings


def _check_people(config: Config) -> list[str]:
    findings = []
    for brand in config.brands:
        if not brand.digest_to:
            findings.append(f"note: brand {brand.id} has no digest_to: its digest is stored, and mailed to nobody")
        if not brand.alerts_to:
            findings.append(f"note: brand {brand.id} has no alerts_to: nobody would be warned at night")
    for person in config.people:
        if person.portfolio and not any(person.id in brand.digest_to for brand in config.brands):
            findings.append(f"note: {person.id} wants a portfolio, but no brand's digest_to names them")
    return findings
