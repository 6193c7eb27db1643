"""Reported: a day of judged posts becomes the advisory digest."""
