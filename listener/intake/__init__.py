"""Taken in: posts are matched, judged, booked and stored, one transaction a batch."""
