"""What a shell offers on the tab key: the script that asks, and names out of the config.

Names are read straight from the TOML files, without checking them: it has to be quick, and a config with a mistake in
it still has names. Whatever goes wrong offers nothing; a tab key must never print an error.
"""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def names(file: str, table: str, key: str = "id", told: str = "name") -> Complete:
    """Offers the `key` of each [[table]] of a config file, with what `told` holds as its explanation."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            parts = tomllib.loads((_folder(ctx) / file).read_text("utf-8-sig")).get(table, [])
            found = {str(part[key]): _text(part.get(told, "")) for part in parts if key in part}
        except (OSError, ValueError, AttributeError, TypeError):
            return []
        return [CompletionItem(name, help=help_) for name, help_ in found.items() if name.startswith(incomplete)]

    return complete


BRANDS = names("brands.toml", "brand")
SOURCES = names("sources.toml", "source", "name", "url")
PEOPLE = names("people.toml", "person")


def _folder(ctx: click.Context) -> Path:
    given = ctx.params.get("folder")
    return Path(given or os.environ.get("LISTENER_CONFIG") or "config")


def _text(value: Any) -> str:
    """One line; of a name in two languages the English one."""
    if isinstance(value, dict):
        value = value.get("en", "")
    return " ".join(str(value).split())


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes the tab key complete.

    It completes commands, options, and the names of brands, sources and people in your config.

    \b
    Examples:
      listener completion bash > ~/.local/share/bash-completion/completions/listener
      listener completion zsh > ~/.zfunc/_listener     (with fpath+=~/.zfunc in .zshrc)
      listener completion fish > ~/.config/fish/completions/listener.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # the three that click knows
    click.echo(kind(ctx.find_root().command, {}, "listener", "_LISTENER_COMPLETE").source())


COMMANDS = (completion,)
