"""What `listener check` looks at: the config as a whole, brand queries, topics' cues, mail, and sources online."""

import os
from pathlib import Path

from listener.clock import SystemClock
from listener.config import Brand, Config, load
from listener.deliver.mail import check as check_mail
from listener.errors import ConfigError
from listener.gather import loop, rounds
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


def _check_people(config: Config) -> list[str]:
    findings = []
    for brand in config.brands:
        if not brand.digest_to:
            findings.append(f"note: brand {brand.id} has no digest_to: its digest is stored, and mailed to nobody")
        if not brand.alerts_to:
            findings.append(f"note: brand {brand.id} has no alerts_to: nobody would be warned at night")
    return findings
