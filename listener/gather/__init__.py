"""Gathered: sources that are due are visited, politely, and their posts handed on."""
