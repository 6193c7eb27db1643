"""`listener`: the group that holds all commands (listener/commands/), tells errors, and sets up logging."""

import errno
import logging
from types import ModuleType
from typing import Any

import click

from listener import __version__
from listener.commands import (
    ask,
    begin,
    brands,
    complete,
    explore,
    find,
    keep,
    listen,
    look,
    measure,
    mend,
    now,
    take_out,
    tell,
    watch,
    witness,
)
from listener.commands.shared import set_up_logging
from listener.errors import ListenerError

# What `listener --help` shows, section by section; a room's commands are in its COMMANDS.
SECTIONS: dict[str, tuple[ModuleType, ...]] = {
    "Begin": (begin, complete),
    "Listen": (listen, find),
    "Be told": (now, watch, tell),
    "Look": (look, explore, ask, take_out, witness),
    "Mend": (brands, mend, measure),
    "Keep it running": (keep,),
}


class Listener(click.Group):
    """Tells our own errors in one line and gives them their exit code: 1 failed, 2 usage or config."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the sections, as they were added."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A heading for each section."""
        widest = max(map(len, self.commands))
        for section, rooms in SECTIONS.items():
            commands = [command for room in rooms for command in room.COMMANDS]
            with formatter.section(section):
                formatter.write_dl(
                    [
                        (f"{command.name or '':{widest}}", command.get_short_help_str(formatter.width - widest - 6))
                        for command in commands
                    ]
                )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ListenerError as error:
            click.secho(f"listener: {error}", fg="red", err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            if error.errno == errno.EPIPE:  # who reads our output has read enough (`| head`); click ends quietly then
                raise
            click.secho(f"listener: {error.filename or ''}: {error.strerror or error}", fg="red", err=True)
            ctx.exit(1)


@click.group(cls=Listener, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="listener")
@click.option("-v", "--verbose", is_flag=True, help="Log every round, not only trouble.")
def main(verbose: bool) -> None:
    """Listen to what people say about your brand in public, and be told each morning what to do about it."""
    set_up_logging(logging.INFO if verbose else logging.WARNING)


for rooms in SECTIONS.values():
    for room in rooms:
        for command in room.COMMANDS:
            main.add_command(command)
