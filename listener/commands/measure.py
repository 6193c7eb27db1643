"""Measure: how often the judging is right, and what moves when the stored posts are judged anew."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from listener.commands.complete import BRANDS
from listener.commands.shared import CONFIG, DAY, JSON, err, out, print_json, waiting
from listener.records import Label

if TYPE_CHECKING:
    from listener.again.rejudge import Moved
    from listener.judge.measure import Feeling, Measured, Share, Shipped

LABELS: tuple[Label, ...] = get_args(Label)


@click.command()
@CONFIG
@click.option("--brand", "brand_id", metavar="ID", shell_complete=BRANDS, help="Only this brand's labels.")
@JSON
def evaluate(folder: Path, brand_id: str | None, as_json: bool) -> None:
    """Tell how often the judging is right.

    On what you labelled (`listener label`), and on the sets it was measured on before it shipped.

    \b
    Example:
      listener evaluate --brand acme
    """
    from listener.house import open_house
    from listener.judge.measure import measure, shipped

    with open_house(folder) as house:
        if brand_id is not None:
            house.config.brand(brand_id)
        labelled = house.store.labelled(brand_id)
        with waiting("holding the judging against your labels"):
            house.intake.learnt.refresh()
        trials = {name: str(trial) for name, trial in house.intake.learnt.trials.items() if brand_id in (None, name)}
    measured, figures = measure(labelled), shipped()
    if as_json:
        print_json({"yours": _plain(measured), "context": trials, "shipped": figures})
        return
    _show(measured)
    for name, trial in trials.items():
        out.print(f"\ncontext score of {name}: {trial}", highlight=False)
    _show_shipped(figures)


def _plain(measured: "Measured") -> dict[str, Any]:
    return {
        "labels": measured.labels, "about_the_brand": _share(measured.brand), "chosen": measured.chosen,
        "feeling": _feeling(measured.feeling),
        "by_chosen": {name: _feeling(one) for name, one in measured.by_chosen.items()},
        "by_language": {name: _feeling(one) for name, one in measured.by_language.items()},
        "topic_right": _share(measured.topic_right),
        "topics": [
            {
                "topic": one.topic, "found": one.found, "missed": one.missed, "wrong": one.wrong,
                "rightly_not": one.rightly_not, "precision": round(one.precision, 4),
                "recall": round(one.recall, 4), "f1": round(one.f1, 4),
            }
            for one in measured.topics
        ],
    }  # fmt: skip


def _feeling(one: "Feeling") -> dict[str, Any]:
    return {
        "accuracy": _share(one.right), "macro_f1": round(one.macro_f1, 4),
        "expected_calibration_error": round(one.calibration_error, 4), "right_at_confidence_0.8": _share(one.sure),
        "table": {said: {told: one.table.get((said, told), 0) for told in LABELS} for said in LABELS},
    }  # fmt: skip


def _share(share: "Share") -> dict[str, float]:
    low, high = share.interval
    return {"n": share.n, "share": round(share.value, 4), "low": round(low, 4), "high": round(high, 4)}


def _told(share: "Share") -> str:
    """A share with how sure it is: the fewer the labels, the wider."""
    if not share.n:
        return "none yet"
    low, high = share.interval
    return f"{share.value:.0%} of {share.n} (95 % sure: {low:.0%} to {high:.0%})"


def _show(measured: "Measured") -> None:
    if not measured.labels:
        out.print("Nobody has labelled anything yet: `listener label --next 50 --random --brand …` walks through some.")
        return
    chosen = ", ".join(f"{n} {name}" for name, n in measured.chosen.items())
    out.print(f"[bold]Yours[/]: {measured.labels} labels ({chosen})", highlight=False)
    if measured.chosen.get("random", 0) < measured.labels:
        out.print(
            "Posts that were picked by link, or because they were the least sure, are harder than most; "
            "only random ones tell of all.",
            style="dim",
        )
    out.print(f"about the brand: {_told(measured.brand)}", highlight=False)
    feeling = measured.feeling
    if feeling.right.n:
        table = Table("you say", *LABELS, box=None, header_style="bold", pad_edge=False, title="it said")
        for said in LABELS:
            table.add_row(said, *(str(feeling.table.get((said, told), 0)) for told in LABELS))
        out.print(table)
        out.print(f"feeling right: {_told(feeling.right)}; macro-F1 {feeling.macro_f1:.3f}", highlight=False)
        out.print(
            f"confidence: expected calibration error {feeling.calibration_error:.3f}; "
            f"right at 0.8 and more: {_told(feeling.sure)}",
            highlight=False,
        )
        for groups in (measured.by_chosen, measured.by_language):
            for name, one in groups.items() if len(groups) > 1 else ():
                out.print(f"  {name}: {_told(one.right)}, macro-F1 {one.macro_f1:.3f}", highlight=False)
    if measured.topics:
        columns = ("topic", "precision", "recall", "F1", "found", "missed", "wrong")
        table = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for topic in measured.topics:
            figures = (f"{value:.2f}" for value in (topic.precision, topic.recall, topic.f1))
            table.add_row(topic.topic, *figures, *map(str, (topic.found, topic.missed, topic.wrong)))
        out.print(table)


def _show_shipped(figures: "tuple[Shipped, ...]") -> None:
    if not figures:
        out.print("\nNo figures were shipped with this version.")
        return
    out.print("\n[bold]Before it shipped[/], on sets that it had not learnt from")
    table = Table("measure", "language", "n", "accuracy", "macro-F1", box=None, header_style="bold", pad_edge=False)
    for one in figures:
        table.add_row(escape(one.name), one.language, f"{one.n:,}", f"{one.accuracy:.3f}", f"{one.macro_f1:.3f}")
    out.print(table)


@click.command()
@CONFIG
@click.option(
    "--brand",
    "brand_id",
    metavar="ID",
    shell_complete=BRANDS,
    help="Only posts that speak of this brand, before or after.",
)
@click.option("--since", type=DAY, help="Only what was said on this day (UTC) or later.")
@click.option("--all", "every", is_flag=True, help="Also what the engine and config of today have judged already.")
@click.option("--dry-run", is_flag=True, help="Only tell what would move.")
@JSON
def rejudge(
    folder: Path, brand_id: str | None, since: datetime | None, every: bool, dry_run: bool, as_json: bool
) -> None:
    """Judge stored posts anew after the engine or config changed.

    Cut short, the same command goes on where it stopped.

    Corrections stay as they are. Neither alerts nor digests that stand react; the Love Bank's accounts are booked anew.

    \b
    Examples:
      listener rejudge --dry-run
      listener rejudge --brand acme --since 2026-03-01
    """
    from listener.again.rejudge import Rejudging
    from listener.house import open_house

    columns = (TextColumn("rejudging"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeRemainingColumn())
    since = since and since.replace(tzinfo=UTC)
    with open_house(folder) as house, Progress(*columns, console=err, transient=True) as drawn:
        if brand_id is not None:
            house.config.brand(brand_id)
        run = Rejudging(
            house.store, house.config, house.clock, house.intake,
            brand=brand_id, since=since, every=every, dry_run=dry_run,
        )  # fmt: skip
        task = drawn.add_task("", total=run.due())
        moved = run.run(lambda posts: drawn.advance(task, posts))
    if as_json:
        print_json(_moved(moved, dry_run))
    else:
        _show_moved(moved, dry_run)


def _moved(moved: "Moved", dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run, "posts": moved.posts, "mentions": moved.mentions, "accounts_booked": moved.accounts,
        "labels": {before: {after: moved.labels[before, after] for after in LABELS} for before in LABELS},
        "topics_gained": dict(moved.gained.most_common()), "topics_lost": dict(moved.lost.most_common()),
        "count_now": moved.found, "count_no_more": moved.gone, "samples": moved.samples,
    }  # fmt: skip


def _show_moved(moved: "Moved", dry_run: bool) -> None:
    if not moved.posts:
        out.print(
            "nothing to judge anew: all was judged by the engine and config of today (--all judges it all the same)"
        )
        return
    would = "would be" if dry_run else "were"
    out.print(f"{moved.posts:,} posts {would} judged anew, {moved.accounts:,} accounts booked anew", highlight=False)
    table = Table("before", *LABELS, box=None, header_style="bold", pad_edge=False, title="after")
    for before in LABELS:
        table.add_row(before, *(f"{moved.labels[before, after]:,}" for after in LABELS))
    out.print(table)
    out.print(f"mentions that count now: {moved.found:,}; that count no more: {moved.gone:,}", highlight=False)
    for name, counts in (("gained", moved.gained), ("lost", moved.lost)):
        if counts:
            told = ", ".join(f"{topic} {n:,}" for topic, n in counts.most_common())
            out.print(f"topics {name}: {told}", highlight=False)
    for what, theirs in moved.samples.items():
        out.print(f"[bold]{escape(what)}[/]", highlight=False)
        for one in theirs:
            out.print(f"  {one.brand}  {escape(one.text)}  [dim]{escape(one.url)}[/]", highlight=False)


COMMANDS = (evaluate, rejudge)
