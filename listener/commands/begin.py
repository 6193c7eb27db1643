"""Begin: a config folder, a look at what it says, and the demo."""

import shutil
from pathlib import Path

import click

from listener.commands.shared import CONFIG, err
from listener.errors import ConfigError
from listener.shipped import shipped


@click.command()
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


@click.command()
@CONFIG
@click.option("--online", is_flag=True, help="Also ask each source: is it there, and may we read it?")
@click.option("--send-test", is_flag=True, help="Post a line to each channel that says it is a test.")
def check(folder: Path, online: bool, send_test: bool) -> None:
    """Read the whole config and say what is wrong with it, by file and line."""
    from listener import checks  # the stages take a second to load; `listener --help` should not

    findings = checks.check(folder, online=online, send_test=send_test)
    for finding in findings:
        click.echo(finding)
    if any(finding.startswith("error") for finding in findings):
        raise ConfigError("the config has errors, see above")
    click.echo(f"{folder}: all well")


@click.command()
@click.option("--dir", "folder", default="listener-demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--port", type=int, help="First of the four ports the town uses; lasting for one --dir.")
@click.option("--stay", is_flag=True, help="Keep the town open afterwards, so that links in the digests open.")
def demo(folder: Path, port: int | None, stay: bool) -> None:
    """Play three weeks of an invented town: gather over HTTP, judge, watch, and write each morning's digest."""
    from listener.demo.play import play

    play(folder, port, stay)


COMMANDS = (init, check, demo)
