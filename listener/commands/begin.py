"""Begin: a config folder, a look at what it says, and the demo."""

import shutil
from pathlib import Path

import click

from listener.commands.complete import PEOPLE
from listener.commands.shared import CONFIG, err, waiting
from listener.errors import ConfigError
from listener.shipped import shipped


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write a fresh config folder, with comments.

    It becomes FOLDER/config; files that are there already are kept as they are.

    \b
    Example:
      listener init .
    """
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
    there = "" if folder == Path() else f"in {folder}, "
    click.echo(f"{target}: put your brand into brands.toml and places into sources.toml, then {there}`listener check`")


@click.command()
@CONFIG
@click.option("--online", is_flag=True, help="Also ask each source: is it there, and may we read it?")
@click.option("--send-test", is_flag=True, help="Post a line to each channel that says it is a test.")
@click.option(
    "--mail-to",
    multiple=True,
    metavar="PERSON",
    shell_complete=PEOPLE,
    help="Also mail a line that says it is a test to this person of people.toml. Repeatable.",
)
def check(folder: Path, online: bool, send_test: bool, mail_to: tuple[str, ...]) -> None:
    """Say what is wrong with the config, by file and line.

    Asks nobody unless it is told to. Exit code 2 if there is an error; a note is no error.

    \b
    Examples:
      listener check
      listener check --online
      listener check --mail-to mei
    """
    from listener import checks  # the stages take a second to load; `listener --help` should not

    with waiting("asking each source" if online else "reading the config"):
        findings = checks.check(folder, online=online, send_test=send_test, mail_to=mail_to)
    for finding in findings:
        click.echo(finding)
    if any(finding.startswith("error") for finding in findings):
        raise ConfigError("the config has errors, see above")
    click.echo(f"{folder}: all well")


@click.command()
@click.option(
    "--dir",
    "folder",
    default="listener-demo",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where the store, the mails and a config of its own go.",
)
@click.option("--port", type=int, help="First of the four ports the town uses; lasting for one --dir.")
@click.option("--stay", is_flag=True, help="Keep the town open afterwards, so that links in the digests open.")
def demo(folder: Path, port: int | None, stay: bool) -> None:
    """Play three weeks of an invented town.

    Its forums are served on this machine; Listener gathers over HTTP, judges, watches, and writes each morning's
    digest and one alert into the folder. Takes a minute, and no network.

    \b
    Example:
      listener demo --dir town
    """
    from listener.demo.play import play

    play(folder, port, stay)


COMMANDS = (init, check, demo)
