"""Now: how the house stands, and the day so far."""

import shutil
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from listener.commands.listen import STATES
from listener.commands.shared import BRAND, CONFIG, JSON, out, print_json
from listener.text import span

if TYPE_CHECKING:
    from listener.advise.page import QuoteView
    from listener.advise.sofar import SoFar, SoFarPage
    from listener.report.standing import Stands

SERVICE = {
    "running": "a service runs", "silent": "a service is there, but silent", "gone": "the service was killed",
    "stopped": "no service runs", "never": "no service runs",
}  # fmt: skip
WIDEST = 100  # columns of running text, however wide the terminal is


@click.command()
@CONFIG
@click.option(
    "--patience",
    type=click.IntRange(1, 10_080),
    default=60,
    show_default=True,
    help="Minutes that what is due may wait before somebody should look.",
)
@click.option(
    "--about",
    multiple=True,
    type=click.Choice(["alert", "service", "outbox", "digest", "source", "disk"]),
    help="Only needs about this count, also for the exit code. Repeatable.",
)
@JSON
def status(folder: Path, patience: int, about: tuple[str, ...], as_json: bool) -> None:
    """Tell how it stands, and what needs a person.

    What runs, what is due, what was heard, what waits to be sent, open alerts. Reads only, and disturbs nothing.

    The exit code is for monitoring: 0 all is well, 1 something needs a person (it stands at the top, with the mend),
    2 the config has a mistake.

    \b
    Examples:
      listener status
      listener status --about service --about outbox --patience 15
    """
    from listener.clock import SystemClock
    from listener.house import at_home, look_in
    from listener.report.status import last_service, look

    now = SystemClock().now()
    with look_in(folder) as (config, store):
        path = config.store_path
        service = last_service(store)
        stands = look(
            store,
            config,
            now,
            alive=at_home(service.owner) if service else None,
            patience=timedelta(minutes=patience),
            free_bytes=shutil.disk_usage(path.parent).free,
        )
    if about:
        stands = replace(stands, needs=tuple(need for need in stands.needs if need.about in about))
    if as_json:
        print_json({**_plain(stands), "store": str(path), "store_bytes": path.stat().st_size})
    else:
        _show_status(stands, path)
    if stands.needs:
        click.get_current_context().exit(1)


def _plain(stands: "Stands") -> dict[str, Any]:
    """The records as they are, without what alerts keep for themselves."""
    plain = asdict(stands)
    plain["alerts"] = [
        {
            "key": alert.key, "brand": alert.brand, "topic": alert.topic, "stream": alert.stream,
            "severity": alert.severity, "state": alert.state, "opened": alert.opened, "began": alert.began,
            "voices": max(alert.total, alert.voices), "acknowledged_by": alert.acknowledged_by,
        }
        for alert in stands.alerts
    ]  # fmt: skip
    return {"well": not stands.needs, "needs": plain.pop("needs"), **plain}


def _show_status(stands: "Stands", path: Path) -> None:
    """The verdict and what needs a person first; then the rest, a block each."""
    now = stands.now

    def ago(at: datetime | None, empty: str = "never") -> str:
        return f"{span((now - at).total_seconds())} ago" if at else empty

    def ahead(at: datetime | None) -> str:
        if at is None:
            return ""
        return "now" if at <= now else f"in {span((at - now).total_seconds())}"

    if stands.needs:
        n = len(stands.needs)
        out.print(f"[bold red]{n} thing{'s' if n > 1 else ''} need{'' if n > 1 else 's'} a person:[/]")
        for number, need in enumerate(stands.needs, 1):
            out.print(f"{number:>3}  [bold]{need.about}[/]  {escape(need.what)}", highlight=False)
            out.print(f"     → {escape(need.mend)}", highlight=False, style="cyan")
    else:
        out.print("[bold green]All is well.[/]")

    told = SERVICE[stands.service_state]
    if stands.service is not None and stands.service_state == "running":
        host, _, rest = stands.service.owner.partition(":")
        told += (
            f" on {host} (process {rest.partition(':')[0]}) for {span((now - stands.service.began).total_seconds())}"
        )
    if stands.service is not None:
        told += f"; stopped {ago(stands.service.stopped)}" if stands.service.stopped else ""
        told += "" if stands.service.stopped else f"; last sign of life {ago(stands.service.beat)}"
    _block("Service", told)
    rounds = [
        f"{one.round} {ago(one.ended)}{f' ([red]failed[/]: {escape(one.trouble)})' if one.trouble else ''}"
        for one in stands.rounds
    ]
    _block("Last done", ", ".join(rounds) or "nothing yet")
    soonest = min((one.next for one in stands.sources if one.next), default=None)
    _block(
        "Due",
        f"{stands.due} of {len(stands.sources)} sources now, {stands.visiting} being visited; "
        + (f"the next {ahead(soonest)}" if soonest else "none to come"),
    )
    for each in stands.coming:
        made = next((one for one in stands.digests if one.brand == each.brand), None)
        last = "none made yet"
        if made is not None:
            sent = f"sent {ago(made.sent)}" if made.sent else f"made {ago(made.made)}"
            waiting = (
                f", {made.waiting} of its mails wait" if made.waiting else "" if made.sent else ", mailed to nobody"
            )
            last = f"of {made.day}, {sent}{waiting}"
        _block("Digest", f"{each.brand}: {last}; the next {ahead(each.at)}")
    box = stands.outbox
    _block("Outbox", f"{box.waiting} wait, {box.failed} given up in 7 days; last sent {ago(box.sent)}")
    for one in box.troubled[:3]:
        _block("", f"{one.state}: {escape(one.cause)}: {escape(one.error)}")
    if not stands.alerts:
        _block("Alerts", "none is open")
    for alert in stands.alerts:
        by = f" by {escape(alert.acknowledged_by)}" if alert.acknowledged_by else ""
        _block(
            "Alerts" if alert is stands.alerts[0] else "",
            f"{alert.key[:8]}  {alert.brand}  {alert.topic or alert.stream}  {alert.severity}  {alert.state}{by}  "
            f"{max(alert.total, alert.voices)} voices  raised {ago(alert.opened)}",
        )
    _block("Store", f"{escape(str(path))}, {path.stat().st_size / 1e6:,.1f} MB; {stands.free_bytes / 1e9:,.1f} GB free")
    if stands.sources:
        table = Table(
            "source",
            "kind",
            "state",
            "heard, last 24 h",
            "last heard",
            "next",
            "new",
            "",
            box=None,
            header_style="bold",
            pad_edge=False,
        )
        for source in stands.sources:
            table.add_row(
                source.source, source.kind, STATES.get(source.state, source.state), f"{source.hours} h",
                ago(source.last_heard), ahead(source.next), str(source.new), escape(source.detail or source.read_in),
            )  # fmt: skip
        out.print()
        out.print(table)


def _block(head: str, text: str) -> None:
    """A label in a margin of eleven columns, and its line, wrapped behind it."""
    grid = Table.grid(padding=0)
    grid.add_column(width=11, no_wrap=True)
    grid.add_column()
    grid.add_row(f"[bold]{head}[/]", text)
    out.print(grid, highlight=False)


@click.command()
@CONFIG
@BRAND
@click.option("--language", type=click.Choice(["en", "zh-Hant"]), default="en", show_default=True, help="Of the text.")
@JSON
def today(folder: Path, brand_id: str | None, language: str, as_json: bool) -> None:
    """Tell the day so far.

    Voices against other days by this hour, the balance, matters, alerts, and what was not heard. The day is the
    brand's own, from midnight in its time zone. Nothing is stored and nobody is told.

    \b
    Examples:
      listener today
      listener today --brand wagtail --language zh-Hant
    """
    from listener.advise.sofar import so_far, tell_so_far
    from listener.clock import SystemClock
    from listener.house import day_of, look_in
    from listener.report.alerting import redactor
    from listener.report.digests import collect

    now = SystemClock().now()
    told = []
    with look_in(folder) as (config, store):
        for brand in [config.brand(brand_id)] if brand_id else config.brands:
            day = so_far(collect(store, config, brand, day_of(brand, "today", now)), now)
            told.append((day, tell_so_far(day, language, redactor(config))))
    if as_json:
        print_json([_day(day, page) for day, page in told])
        return
    for number, (_, page) in enumerate(told):
        if number:
            out.print()
        _show_today(page)


def _day(day: "SoFar", page: "SoFarPage") -> dict[str, Any]:
    digest = day.digest
    return {
        "brand": digest.brand, "day": digest.day, "time_zone": digest.zone, "now": day.now, "hours": day.hours,
        "verdict": page.verdict, "voices": day.voices, "negative_voices": digest.negative_voices,
        "posts": digest.posts, "usual_by_now": day.usual and [day.usual.low, day.usual.mid, day.usual.high],
        "balance_lu": round(digest.account.today.balance, 2), "net_lu": round(digest.account.net, 2),
        "matters": [
            {
                "topic": card.topic.id, "title": view.title, "severity": card.severity, "voices": card.voices,
                "since": card.origin.at, "url": card.origin.url, "answered": card.answered,
            }
            for card, view in zip(digest.cards, page.matters, strict=True)
        ],
        "alerts": [
            {"key": alert.key, "topic": alert.topic, "severity": alert.severity, "state": alert.state}
            for alert, _ in day.alerts
        ],
        "unheard": [
            {"source": one.line.source, "state": one.line.state, "hours": one.heard_hours} for one in day.unheard
        ],
        "sources": day.total,
    }  # fmt: skip


def _show_today(page: "SoFarPage") -> None:
    """As wide as the terminal, but no wider than reads well; Han characters take two columns, and no line begins with
    a full stop."""
    out.print(f"[bold]{escape(page.brand)}[/] · {escape(page.title)}", highlight=False)
    out.print()
    _say(page.verdict, style="bold")
    _say(page.feeling)
    matters, alerts, heard = page.heads
    _head(matters)
    if page.matters_note:
        _say(page.matters_note)
    for card in page.matters:
        tone = {"high": "bold red", "medium": "bold yellow"}.get(card.severity, "bold")
        _say(f"{card.number}  {card.title}", style=tone)
        _say(" · ".join(part for part in (card.kind, card.badge) if part), 5, "dim")
        for fact in card.facts[:2]:
            _say(fact.text, 5)
        for quote in card.quotes[:1]:
            _quote(quote)
    _head(alerts)
    for line in page.alerts:
        _say(line)
    _head(heard)
    for item in page.heard:
        _say(f"{item.title}: {item.text}" if item.title else item.text)


def _quote(quote: "QuoteView") -> None:
    _say(quote.text, 7, "italic")
    _say(quote.meta, 7, "dim")
    if quote.refs:
        out.print(f"{'':7}{quote.refs[0].url}", style="dim", highlight=False, markup=False, soft_wrap=True)


def _head(text: str) -> None:
    out.print()
    out.print(f"[bold]{escape(text)}[/]")


def _say(text: str, indent: int = 2, style: str = "") -> None:
    from listener.advise.textform import wrap

    for line in wrap(text, max(20, min(out.width, WIDEST) - indent)):
        out.print(" " * indent + line, style=style, highlight=False, markup=False, no_wrap=True)


COMMANDS = (status, today)
