"""The commands, a module for each thing that people do; listener/cli.py hangs them all under `listener`.

A command is one call downward: what it found goes to standard output, what it does to standard error. A new one is a
`@click.command()` in the module where it belongs, its name in that module's COMMANDS, and a line in docs/commands.md.
The stages are imported inside the commands: they take a second to load, and `listener --help` should not.
"""
