"""The commands. Each is one call downward; what it found goes to standard output, what it does to standard error."""

import json
import logging
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
import structlog
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from listener import __version__
from listener.errors import ConfigError, DeliveryError, ListenerError
from listener.shipped import shipped

err = Console(stderr=True)
out = Console(width=None if sys.stdout.isatty() else 140)  # a pipe has no width of its own

CONFIG = click.option(
    "--config",
    "folder",
    default="config",
    show_default=True,
    envvar="LISTENER_CONFIG",
    type=click.Path(path_type=Path),
    help="The folder with listener.toml, brands.toml, sources.toml, …",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


class Listener(click.Group):
    """Tells our own errors in one line and gives them their exit code: 1 failed, 2 usage or config."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ListenerError as error:
            click.secho(f"listener: {error}", fg="red", err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            click.secho(f"listener: {error.filename or ''}: {error.strerror or error}", fg="red", err=True)
            ctx.exit(1)


@click.group(cls=Listener, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="listener")
@click.option("-v", "--verbose", is_flag=True, help="Log every round, not only trouble.")
def main(verbose: bool) -> None:
    """Listen to what people say about your brand in public, and be told each morning what to do about it."""
    set_up_logging(logging.INFO if verbose else logging.WARNING)


def set_up_logging(level: int) -> None:
    """structlog as logfmt on standard error: time, level, event, and what belongs to it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def show(rows: Sequence[Any], columns: Sequence[str], as_json: bool, empty: str) -> None:
    """A list of records as a table or as JSON."""
    dicts = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row) for row in rows]
    if as_json:
        click.echo(json.dumps(dicts, ensure_ascii=False, default=_plain, indent=2))
        return
    if not dicts:
        err.print(empty)
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in dicts:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    out.print(table)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return list(value) if isinstance(value, frozenset | set | tuple) else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).replace("[", "\\[")


def bars(label: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command a `progress(name, advance)` that draws one bar on standard error."""

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: Any, **kwargs: Any) -> Any:
            with Progress(console=err, transient=True) as drawn:
                task = drawn.add_task(label, total=None)

                def progress(name: str, advance: int) -> None:
                    drawn.update(task, description=f"{label}: {name}", advance=advance)

                return command(*args, progress=progress, **kwargs)

        return run

    return wrap


@main.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write a fresh config folder, with comments, into FOLDER."""
    target = folder / "config"
    target.mkdir(parents=True, exist_ok=True)
    kept = []
    for path in sorted(shipped("config").glob("*.toml")):
        if (target / path.name).exists():
            kept.append(path.name)
        else:
            shutil.copyfile(path, target / path.name)
    if kept:
        err.print(f"kept as they were: {', '.join(kept)}")
    click.echo(f"{target}: put your brand into brands.toml and places into sources.toml, then `listener check`")


@main.command()
@CONFIG
@click.option("--online", is_flag=True, help="Also ask each source: is it there, and may we read it?")
def check(folder: Path, online: bool) -> None:
    """Read the whole config and say what is wrong with it, by file and line."""
    from listener import checks  # the stages take a second to load; `listener --help` should not

    findings = checks.check(folder, online=online)
    for finding in findings:
        click.echo(finding)
    if any(finding.startswith("error") for finding in findings):
        raise ConfigError("the config has errors, see above")
    click.echo(f"{folder}: all well")


@main.command()
@CONFIG
@click.argument("names", nargs=-1)
@JSON
@bars("gathering")
def gather(folder: Path, names: tuple[str, ...], as_json: bool, progress: Callable[[str, int], None]) -> None:
    """Visit the sources that are due once, or just those called NAMES, due or not."""
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:
        for name in names:
            house.config.source(name)  # a wrong name is told, with the nearest right one
        visits = loop.run(lambda: house.gather(names, progress))
    show(visits, ("source", "state", "posts", "new", "detail"), as_json, "no source is due")


@main.command()
@CONFIG
def watch(folder: Path) -> None:
    """Look once whether anything is out of the ordinary; queue alert mails."""
    from listener.house import open_house

    with open_house(folder) as house:
        changed = house.watch()
    show(changed, ("brand", "topic", "severity", "state", "voices", "opened"), False, "nothing out of the ordinary")


@main.command()
@CONFIG
@click.option("--brand", "brand_id", help="Only this brand.")
@click.option("--day", default="yesterday", show_default=True, help="2026-03-21, yesterday or today.")
@click.option("--again", is_flag=True, help="Make it anew even if it stands already (it is not mailed again).")
@click.option("--no-mail", is_flag=True, help="Only store it.")
@click.option(
    "--write", type=click.Path(path_type=Path), help="Also write it to this file, as a page to open in a browser."
)
@click.option(
    "--language", type=click.Choice(["en", "zh-Hant"]), help="Of the page; as the first reader's if not said."
)
def digest(
    folder: Path,
    brand_id: str | None,
    day: str,
    again: bool,
    no_mail: bool,
    write: Path | None,
    language: str | None,
) -> None:
    """Make the advisory digest of a day and put it into the outbox."""
    from listener.house import day_of, open_house

    with open_house(folder) as house:
        brands = [house.config.brand(brand_id)] if brand_id else list(house.config.brands)
        for brand in brands:
            try:
                wanted = day_of(brand, day, house.clock.now())
            except ValueError as error:
                raise ConfigError(f"--day {day!r}: write it like 2026-03-21, or yesterday, or today") from error
            if wanted >= day_of(brand, "today", house.clock.now()):
                if write is None:
                    raise ConfigError(f"{wanted} is not over in {brand.time_zone}; --write FILE shows it as it stands")
                write.write_text(house.digest_page(brand, wanted, language or "en"), encoding="utf-8")
                continue
            made = house.digest(brand, wanted, mail=not no_mail, again=again)
            stored = next(
                digest for one in ("en", "zh-Hant") if (digest := house.store.digest(brand.id, wanted, one)) is not None
            )
            click.echo(f"{brand.id} {wanted}: {stored.verdict}{'' if made else ' (stood already)'}")
            if write:
                write.write_text(house.digest_page(brand, wanted, language or stored.language), encoding="utf-8")


@main.command()
@CONFIG
def send(folder: Path) -> None:
    """Send what is due in the outbox, once."""
    from listener.gather import loop
    from listener.house import open_house

    with open_house(folder) as house:
        sent = loop.run(house.send)
    click.echo(f"sent {sent.sent}, failed {sent.failed}, waiting {sent.waiting}")
    if sent.trouble:
        raise DeliveryError(sent.trouble)


@main.command()
@CONFIG
def run(folder: Path) -> None:
    """Run as a service until SIGTERM: gather, watch, digest, send, keep house."""
    from listener.gather import loop
    from listener.house import open_house
    from listener.service import Service

    set_up_logging(logging.INFO)
    with open_house(folder) as house:
        loop.run(Service(house).run)


@main.command()
@CONFIG
@click.argument("key")
@click.option("--by", required=True, help="Your name; it stands in the alert's history.")
def ack(folder: Path, key: str, by: str) -> None:
    """Acknowledge the alert whose key begins with KEY: somebody has it in hand."""
    from listener.house import open_house

    with open_house(folder) as house:
        alert = house.acknowledge(key, " ".join(by.split()))
    click.echo(f"{alert.brand} {alert.key[:8]}: {alert.state} by {alert.acknowledged_by}")


@main.command()
@CONFIG
@click.option("--all", "every", is_flag=True, help="Closed ones too.")
@JSON
def alerts(folder: Path, every: bool, as_json: bool) -> None:
    """List open alerts."""
    from listener.house import open_house

    with open_house(folder) as house:
        found = house.store.alerts(open_only=not every)
    show(found, ("key", "brand", "topic", "severity", "state", "voices", "opened"), as_json, "no open alert")


@main.command()
@CONFIG
@JSON
def sources(folder: Path, as_json: bool) -> None:
    """List the sources with their state: heard, late, blocked, gone, …, and posts of the last two weeks."""
    from listener.house import open_house
    from listener.text import sparkline

    with open_house(folder) as house:
        house.store.sync_sources([part.record() for part in house.config.sources], house.clock.now())
        lines = house.store.source_lines(house.clock.now())
    rows = [{**asdict(line), "last 14 days": sparkline(line.posts_by_day)} for line in lines]
    show(rows, ("source", "kind", "state", "since", "last_heard", "last 14 days", "detail"), as_json, "no sources")


@main.command()
@CONFIG
@click.argument("words", nargs=-1, required=True)
@click.option("--brand", help="Only mentions of this brand.")
@click.option("--limit", default=20, show_default=True)
@JSON
def search(folder: Path, words: tuple[str, ...], brand: str | None, limit: int, as_json: bool) -> None:
    """Search the stored posts, in English and Chinese."""
    from listener.house import open_house

    with open_house(folder) as house:
        found = house.store.search(" ".join(words), brand, limit)
    show(found, ("when", "brand", "label", "text", "url"), as_json, "nothing found")


@main.command()
@CONFIG
@click.argument("what")
@click.option("--even-if-unknown", "unknown", is_flag=True, help="Though nobody of that name has written here.")
def forget(folder: Path, what: str, unknown: bool) -> None:
    """Forget a person (the author's name as shown) or one post (its URL), everywhere."""
    from listener.house import open_house

    with open_house(folder) as house:
        removed = house.forget(what, unknown=unknown)
    click.echo(
        f"removed {removed.posts} posts, {removed.entries} entries; struck the name out of "
        f"{removed.mentions_of_name} other posts; made {len(removed.digests)} digests anew; "
        f"emptied {len(removed.messages)} messages"
    )
    if removed.name_left:
        click.echo("the name is too short, or a brand's own word: it still stands in other people's posts")


@main.command()
@CONFIG
def housekeep(folder: Path) -> None:
    """The nightly upkeep, now: retention, and the store's own tidying."""
    from listener.house import open_house

    with open_house(folder) as house:
        for brand, posts in house.housekeep().items():
            click.echo(f"{brand}: {posts} posts past their retention")


@main.group()
def brand() -> None:
    """Look after the brand queries."""


@brand.command("check")
@CONFIG
@click.argument("brand_id", required=False)
def brand_check(folder: Path, brand_id: str | None) -> None:
    """Read the queries and say what is doubtful about them."""
    from listener import checks
    from listener.config import load

    config = load(folder)
    chosen = [config.brand(brand_id)] if brand_id else list(config.brands)
    for each in chosen:
        findings = checks.check_query(each)
        click.echo("\n".join(findings) if findings else f"{each.id}: nothing doubtful")


@main.command()
@click.option("--dir", "folder", default="listener-demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--port", type=int, help="First of the four ports the town uses; lasting for one --dir.")
@click.option("--stay", is_flag=True, help="Keep the town open afterwards, so that links in the digests open.")
def demo(folder: Path, port: int | None, stay: bool) -> None:
    """Play three weeks of an invented town: gather over HTTP, judge, watch, and write each morning's digest."""
    from listener.demo.play import play

    play(folder, port, stay)
