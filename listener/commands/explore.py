"""Explore: the site to read the store with, and to take up what people said."""

import os
import sys
from pathlib import Path

import click

from listener.commands.shared import CONFIG, err


@click.command()
@CONFIG
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to answer on.")
@click.option("--port", default=8400, show_default=True, type=click.IntRange(1, 65535), help="The port to answer on.")
@click.option("--url", default="", help="Where people reach it, if a proxy or a name of its own stands before it.")
@click.option("--private", is_flag=True, help="Also to read, one has to be signed in.")
def explore(folder: Path, host: str, port: int, url: str, private: bool) -> None:
    """Open the store as a site on this machine.

    Digests, mentions, threads, Love Bank, alerts, coverage and SQL, to read in a browser.

    Prints a link to sign in with, for taking things up, correcting labels and acknowledging alerts. The token in it
    is made anew at every start; LISTENER_EXPLORE_TOKEN sets one that lasts.

    \b
    Example:
      listener explore --port 8400
    """
    from listener.explore.serve import bound, is_open, open_site, serve

    place = bound(host, port)
    opened = open_site(folder, os.environ, host=host, port=port, url=url, private=private)
    click.echo(f"Listener explore: {opened.site.address}")
    click.echo(f"Sign in with:     {opened.sign_in_link}")
    sys.stdout.flush()
    if is_open(host) and not private:
        err.print("others than this machine can reach it, and read without signing in; --private asks them to sign in")
    serve(opened, place)


COMMANDS = (explore,)
