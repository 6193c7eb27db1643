"""Listener: public discussion in, a daily advisory digest out. The way of a post is the listing of this folder."""

__version__ = "0.1.0"
