"""Is a post about the brand, or does it only name it in passing? A name in a signature is no talk of anybody."""

import re

from listener.records import Judged, Span

EARLY = 300  # bytes of UTF-8, about fifty words or a hundred Han characters: who is named so early is what it is about
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")


def names(post: Judged) -> tuple[Span, ...]:
    """Where a post's own text names the brand; mail addresses left out, for there the name is a post office's."""
    if not post.named or "@" not in post.text:
        return post.named
    addresses = [(match.start(), match.end()) for match in _ADDRESS.finditer(post.text) if match[0][0] != "@"]
    return tuple(span for span in post.named if not any(low <= span[0] < high for low, high in addresses))


def is_about(post: Judged) -> bool:
    """Whether its thread's title names the brand, or its own text does so early on or more than once."""
    if post.where == "title" or post.titled:
        return True
    found = names(post)
    return len(found) >= 2 or any(len(post.text[:start].encode("utf-8", "replace")) <= EARLY for start, _ in found)


def in_passing(post: Judged) -> bool:
    """Whether its text names the brand, but is about something else."""
    return post.where == "text" and bool(post.named) and not is_about(post)
