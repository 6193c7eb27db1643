"""Watch: look now, or try another sensitivity on the past."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from listener.commands.complete import BRANDS
from listener.commands.shared import CONFIG, DAY, JSON, err, out, print_json, show
from listener.errors import ConfigError
from listener.watch.settings import SENSITIVITIES

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from listener.again.rewatch import Replayed, Rung
    from listener.records import Alert


@click.group(invoke_without_command=True)
@CONFIG
@click.pass_context
def watch(context: click.Context, folder: Path) -> None:
    """Look once whether anything is out of the ordinary.

    Alerts that begin, grow or end are queued for their readers; `listener send` mails them. A service does both by
    itself.

    \b
    Examples:
      listener watch
      listener watch backtest --brand acme --since 2026-03-01
    """
    if context.invoked_subcommand is not None:
        context.default_map = {context.invoked_subcommand: {"folder": str(folder)}}
        return
    from listener.house import open_house

    with open_house(folder) as house:
        changed = house.watch()
    show(changed, ("brand", "topic", "severity", "state", "voices", "opened"), False, "nothing out of the ordinary")


@watch.command("backtest")
@CONFIG
@click.option(
    "--brand", "brand_id", metavar="ID", shell_complete=BRANDS, help="Whose past; the only brand if there is one."
)
@click.option("--since", type=DAY, required=True, help="From this day on, in the brand's time zone.")
@click.option("--until", type=DAY, help="Up to the end of this day; up to now if not said.")
@click.option("--sensitivity", type=click.Choice(list(SENSITIVITIES)), help="Only this one.")
@click.option(
    "--as-written", is_flag=True, help="As if every post had been read when it was written (after a backfill)."
)
@click.option("--chart", type=click.Path(path_type=Path, dir_okay=False), help="Also draw it into this PNG file.")
@JSON
def watch_backtest(
    folder: Path,
    brand_id: str | None,
    since: datetime,
    until: datetime | None,
    sensitivity: str | None,
    as_written: bool,
    chart: Path | None,
    as_json: bool,
) -> None:
    """Play the stored posts through the watch once more.

    Tells which alerts it would have raised at each sensitivity, beside those that were really raised.

    Nothing is written to the store and nobody is told. Your choice goes into brands.toml, as watch.sensitivity.

    \b
    Example:
      listener watch backtest --brand acme --since 2026-03-01 --chart past.png
    """
    from listener.again.rewatch import replay
    from listener.house import open_house
    from listener.report.watching import sensitivity_of

    columns = (TextColumn("watching the past"), BarColumn(bar_width=30), TaskProgressColumn(), TimeRemainingColumn())
    with open_house(folder) as house, Progress(*columns, console=err, transient=True) as drawn:
        brands = house.config.brands
        if brand_id is None and len(brands) != 1:
            raise ConfigError(f"say which brand: --brand {' or '.join(brand.id for brand in brands) or 'ID'}")
        brand = house.config.brand(brand_id) if brand_id else brands[0]
        begin = since.replace(tzinfo=brand.zone).astimezone(UTC)
        end = house.clock.now()
        if until is not None:
            end = min(end, until.replace(hour=23, minute=59, second=59, tzinfo=brand.zone).astimezone(UTC))
        task = drawn.add_task("", total=1.0)
        names = [sensitivity] if sensitivity else list(SENSITIVITIES)
        found = replay(
            house.store, house.config, brand.id, begin, end, names, as_written,
            lambda done: drawn.update(task, completed=done),
        )  # fmt: skip
        today = sensitivity_of(house.config, brand)
    if chart is not None:
        chart.write_bytes(_drawn(found, brand.zone))
    if as_json:
        print_json(_plain(found, today))
        return
    _show(found, today, brand.zone)


def _drawn(found: "Replayed", zone: "ZoneInfo") -> bytes:
    from listener.watch.pastchart import Lane, past_chart

    lanes = [
        Lane(run.sensitivity, tuple((one.raised.opened, one.last.severity) for one in run.rung)) for run in found.runs
    ]
    lanes.append(Lane("really raised", tuple((one.opened, one.severity) for one in found.real)))
    return past_chart(found.days, lanes, found.since, found.until, zone)


def _plain(found: "Replayed", today: str) -> dict[str, Any]:
    return {
        "brand": found.brand, "since": found.since, "until": found.until, "weeks": round(found.weeks, 2),
        "mentions": found.mentions, "history": found.history, "sensitivity": today,
        "days": [{"day": day, "voices": voices} for day, voices in found.days],
        "really_raised": [_alert(one) for one in found.real],
        "runs": [
            {
                "sensitivity": run.sensitivity, "alerts": [_rung(one) for one in run.rung],
                "alerts_per_week": round(len(run.rung) / found.weeks, 3), "missed": [_alert(one) for one in run.missed],
                "false_per_week_quiet": SENSITIVITIES[run.sensitivity].quiet_false,
                "false_per_week_busy": SENSITIVITIES[run.sensitivity].busy_false,
                "found_busy": SENSITIVITIES[run.sensitivity].busy_found,
            }
            for run in found.runs
        ],
    }  # fmt: skip


def _alert(alert: "Alert") -> dict[str, Any]:
    return {
        "key": alert.key, "opened": alert.opened, "stream": alert.stream, "topic": alert.topic, "voices": alert.voices,
        "expected": alert.expected, "severity": alert.severity, "state": alert.state,
    }  # fmt: skip


def _rung(one: "Rung") -> dict[str, Any]:
    return _alert(one.raised) | {
        "severity": one.last.severity, "state": one.last.state, "topic": one.last.topic,
        "last_activity": one.last.last_activity, "really": one.really.key if one.really else None, "sent": one.sent,
    }  # fmt: skip


def _show(found: "Replayed", today: str, zone: "ZoneInfo") -> None:
    """What each costs; then every alert; then what was raised and would not have been."""

    def when(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    out.print(
        f"{found.brand}: {found.mentions:,} mentions from {when(found.since)} to {when(found.until)} ({zone.key}); "
        f"{len(found.real)} alerts were really raised",
        highlight=False,
    )
    costs = Table(
        "sensitivity", "alerts", "a week", "high", "missed", "false a week, quiet brands", "busy brands", "found there",
        box=None, header_style="bold", pad_edge=False,
    )  # fmt: skip
    for run in found.runs:
        cost = SENSITIVITIES[run.sensitivity]
        costs.add_row(
            f"{run.sensitivity}{' (today)' if run.sensitivity == today else ''}", str(len(run.rung)),
            f"{len(run.rung) / found.weeks:.2f}", str(sum(one.last.severity == "high" for one in run.rung)),
            str(len(run.missed)), f"{cost.quiet_false:.3f}", f"{cost.busy_false:.2f}", f"{cost.busy_found:.0%}",
        )  # fmt: skip
    out.print(costs)
    out.print("The last three were measured elsewhere (docs/alerts.md); the others are yours.", style="dim")
    table = Table(
        "sensitivity", "when", "stream", "voices", "expected", "severity", "really sent",
        box=None, header_style="bold", pad_edge=False,
    )  # fmt: skip
    for run in found.runs:
        for one in run.rung:
            sent = when(one.sent) if one.sent else "raised, nobody told" if one.really else "no"
            table.add_row(
                run.sensitivity, when(one.raised.opened), one.raised.stream, str(one.raised.voices),
                f"{one.raised.expected:.1f}", one.last.severity, sent,
            )  # fmt: skip
    if table.rows:
        out.print()
        out.print(table)
    for run in found.runs:
        for alert in run.missed:
            out.print(
                f"{run.sensitivity} misses: {when(alert.opened)} {alert.stream} ({alert.key[:8]})", highlight=False
            )
    if found.history:
        err.print(
            f"note: {found.history:,} of these mentions reached the store long after they were written; they are "
            "history, which raises nothing (--as-written plays them as if they had been read at once)",
            markup=False,
        )


COMMANDS = (watch,)
