"""What the demo says in the end: a line per brand, the alert against the crisis, and what to open next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from listener import lovebank
from listener.config import Brand
from listener.demo.town import Hit
from listener.demo.world import World
from listener.house import House
from listener.records import Alert, Judged
from listener.text import sparkline


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it, for tests and CI.

    Attributes:
        new: posts that were new or changed in each of the two rounds.
        alerts: every alert of the crisis's brand, oldest first.
        delay: from the crisis's first post to the alert; None if it never came.
        digests: digests in the store. sent: mails in the outbox folder.
        not_modified: how often a feed answered 304.
    """

    new: tuple[int, ...]
    alerts: tuple[Alert, ...]
    delay: timedelta | None
    digests: int
    sent: int
    not_modified: int


def summary(
    house: House, world: World, folder: Path, new: tuple[int, ...], log: Sequence[Hit], console: Console
) -> Played:
    """Print the summary and return it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("brand", "balance", "three weeks", "mentions", "voices", "negative", "first topics"):
        number = heading in ("balance", "mentions", "voices", "negative")
        table.add_column(heading, justify="right" if number else "left", no_wrap=heading != "first topics")
    for brand in house.config.brands:
        table.add_row(*_line(house, brand, world))
    console.print()
    console.print(table)
    alerts = tuple(sorted(house.store.alerts(world.crisis_brand), key=lambda alert: alert.opened))
    crisis = next((alert for alert in alerts if alert.opened >= world.crisis_began), None)
    delay = crisis.opened - world.crisis_began if crisis else None
    zone = house.config.brand(world.crisis_brand).zone
    console.print()
    if crisis and delay is not None:
        minutes = round(delay.total_seconds() / 60)
        console.print(
            f"The crisis began {_at(world.crisis_began, zone)}; the alert ({crisis.topic or crisis.stream}, "
            f"{crisis.severity}) was raised {minutes} minutes later, at {crisis.voices} voices by now."
        )
    else:
        console.print(f"The crisis began {_at(world.crisis_began, zone)}, and no alert was raised.")
    console.print(f"Other alerts in the three weeks: {len(alerts) - (crisis is not None)}.")
    mails = sorted((folder / "outbox").glob("*.eml"))
    pages = sorted((folder / "outbox").glob("*.html"))
    digests = sum(len(house.store.digest_days(brand.id)) for brand in house.config.brands)
    console.print(
        f"Posts taken in: {' + '.join(map(str, new))} in two rounds. Digests: {digests}. Mails: {len(mails)}."
    )
    unchanged = sum(hit.status == 304 for hit in log)
    console.print(f"A last look round found nothing new ({unchanged} feed answered 304).\n")
    console.print("Open next:")
    last_digest = [page for page in pages if f"digest-{world.crisis_brand}-{world.last_day}" in page.name]
    alarm = [page for page in pages if crisis is not None and f"{crisis.key[:8]}-opened" in page.name]
    for page in (*last_digest, *alarm):
        console.print(f"  {page}", soft_wrap=True)
    store = folder / "listener.db"
    console.print(f'  sqlite3 {store} "select * from v_mentions limit 5"', soft_wrap=True)
    console.print(f"  listener explore --config {folder / 'config'}", soft_wrap=True)
    console.print("  docs/questions.md has five questions to ask of it", soft_wrap=True)
    return Played(new, alerts, delay, digests, len(mails), unchanged)


def _line(house: House, brand: Brand, world: World) -> tuple[str, ...]:
    judged = [post for post in house.store.judged(brand.id) if not post.by_brand]
    daily = house.store.balance_lines(brand.id, world.last_day)
    series = lovebank.series(daily, world.first_day, world.last_day)
    negative = {post.voice for post in judged if post.label == "negative"}
    voices = {post.voice for post in judged}
    return (
        brand.name.en,
        f"{series[-1][1]:+.0f} LU",
        sparkline([amount for _, amount in series]),
        str(len(judged)),
        str(len(voices)),
        f"{len(negative) / max(1, len(voices)):.0%}",
        ", ".join(_topics(house, judged)),
    )


def _topics(house: House, judged: Sequence[Judged]) -> list[str]:
    """The three complaint topics with most voices."""
    complaints = {topic.id: topic.label.en for topic in house.config.topics if topic.kind == "complaint"}
    voices = Counter(
        topic for topic, _ in {(tag.topic, post.voice) for post in judged for tag in post.topics} if topic in complaints
    )
    first = sorted(voices, key=lambda topic: (-voices[topic], topic))[:3]
    return [f"{complaints[topic]} ({voices[topic]})" for topic in first]


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%a %d %b %H:%M")
