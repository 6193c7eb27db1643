"""Export: promised views as files that other programs open. The commands are in listener/commands/take_out.py."""
