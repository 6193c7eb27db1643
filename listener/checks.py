"""What `listener check` looks at: the config as a whole, brand queries, topics' cues, mail, and sources online."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from listener.clock import SystemClock
from listener.config import Brand, Config, load
from listener.configlines import nearest
from listener.deliver.mail import check as check_mail
from listener.errors import ConfigError, RefusedAddress
from listener.gather import loop, rounds
from listener.gather.address import AddressGuard
from listener.gather.crawl import Crawls
from listener.gather.net import Web
from listener.judge.query import lint, parse
from listener.judge.topics import TopicFinder


def check(folder: Path, *, online: bool = False) -> list[str]:
    """Findings, one line each, beginning with "error" or "note".

    Raises:
        ConfigError: a file cannot be read or does not fit; nothing after it can be checked then.
    """
    config = load(folder)
    findings = [line for brand in config.brands for line in check_query(brand)]
    findings += _check_judging(config)
    findings += _check_people(config)
    findings += _check_sources(config)
    findings += [f"error: mail: {line}" for line in check_mail(config.main.mail, os.environ, config.home)]
    if not config.main.net.contact:
        findings.append("note: [net] contact is empty; people whose servers we visit cannot ask us anything")
    if not config.sources:
        findings.append("note: sources.toml has no source yet, so nothing will be heard")
    if online:
        for health in loop.run(lambda: rounds.check_online(config, SystemClock())):
            word = "note" if health.state == "heard" else "error"
            findings.append(
                f"{word}: source {health.source}: {health.state}{', ' if health.detail else ''}{health.detail}"
            )
    return findings


def check_query(brand: Brand) -> list[str]:
    """What is wrong or doubtful about a brand's query."""
    try:
        query = parse(brand.query)
    except ConfigError as error:
        return [f"error: brand {brand.id}: {error}"]
    return [f"note: brand {brand.id}: {warning}" for warning in lint(query)]


def _check_judging(config: Config) -> list[str]:
    findings = []
    try:
        TopicFinder(config.topics)
    except ConfigError as error:
        findings.append(f"error: topics.toml: {error}")
    for topic in config.topics:
        if topic.kind == "complaint" and config.advice(topic.id) is None:
            findings.append(f"error: playbook.toml has no [[advice]] for the complaint {topic.id!r}")
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
    return findings
