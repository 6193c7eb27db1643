"""Matched and judged: which brand, which feeling, which topic, and the words that told."""
