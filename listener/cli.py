"""`listener`: the group that holds all commands (listener/commands/), tells errors, and sets up logging."""

import logging
from typing import Any

import click

from listener import __version__
from listener.commands import begin, brands, find, keep, listen, look, measure, mend, tell, watch
from listener.commands.shared import set_up_logging
from listener.errors import ListenerError


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


for room in (begin, brands, find, listen, watch, tell, look, mend, measure, keep):
    for command in room.COMMANDS:
        main.add_command(command)
