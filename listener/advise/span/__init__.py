"""Reported over longer times: a week, a month, several brands beside each other; with the day's building blocks."""
