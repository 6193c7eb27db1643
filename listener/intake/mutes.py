"""What a brand does not want to hear: sites, authors, words and threads, as brands.toml has them ([[brand.mute]]).

A muted mention stays in the store, marked with the reason, and counts nowhere. Authors are known by their keyed hash
only, so a name is hashed for each site and compared as such.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from listener.config import Brand, Config, Mute
from listener.fold import fold
from listener.records import Post
from listener.store.protocol import Store
from listener.store.strike import pattern
from listener.store.taken import Account, MuteRow
from listener.urls import canonical

BATCH = 2000
BY_CONFIG = ("", "site", "author", "word", "thread")  # what a person or the learnt context has said is left as it is


@dataclass(frozen=True, slots=True)
class _Rule:
    """One [[brand.mute]] made ready. `until` is the last day that it holds for, None for ever."""

    sites: tuple[str, ...]
    authors: tuple[str, ...]
    words: tuple[re.Pattern[str], ...]
    threads: frozenset[str]
    until: date | None


class Mutes:
    """The mutes of all brands.

    Args:
        voice: platform and name → keyed hash (Store.voice).
    """

    def __init__(self, config: Config, voice: Callable[[str, str], str]) -> None:
        self._voice = voice
        self._rules = {brand.id: tuple(map(_rule, brand.mute)) for brand in config.brands if brand.mute}
        self._voices: dict[tuple[str, str], str] = {}

    def of(self, post: Post, voice: str, days: Mapping[str, date]) -> dict[str, str]:
        """brand → why the post's mention of it counts nowhere, for those brands (with their days) that mute it."""
        found = {
            brand: self.reason(
                brand, post.platform, post.source, voice, post.thread_url, post.text, post.thread_title, day
            )
            for brand, day in days.items()
            if brand in self._rules
        }
        return {brand: reason for brand, reason in found.items() if reason}

    def reason(
        self, brand: str, platform: str, source: str, author: str, thread_url: str, text: str, title: str, day: date
    ) -> str:
        """Why a mention counts nowhere: site, author, thread or word, the first that holds; "" if it counts.

        Args:
            platform: site the author wrote on. source: name of the source it came through.
            author: keyed hash of who wrote it.
            day: of the post, in the brand's zone.
        """
        rules = [rule for rule in self._rules.get(brand, ()) if rule.until is None or day <= rule.until]
        if not rules:
            return ""
        if any(_is_site(site, platform, source) for rule in rules for site in rule.sites):
            return "site"
        if any(self._hash(platform, name) == author for rule in rules for name in rule.authors):
            return "author"
        if any(thread_url in rule.threads for rule in rules):
            return "thread"
        folded = fold(f"{text}\n{title}")
        return "word" if any(word.search(folded) for rule in rules for word in rule.words) else ""

    def _hash(self, platform: str, name: str) -> str:
        if (platform, name) not in self._voices:
            self._voices[platform, name] = self._voice(platform, name)
        return self._voices[platform, name]


def _rule(mute: Mute) -> _Rule:
    sites = tuple(site.strip().casefold() for site in mute.sites)
    threads = frozenset(map(canonical, mute.threads))
    return _Rule(sites, mute.authors, tuple(map(pattern, mute.words)), threads, mute.until)


def _is_site(site: str, platform: str, source: str) -> bool:
    return platform == site or platform.endswith(f".{site}") or source.casefold() == site


def apply_mutes(
    store: Store, config: Config, book: Callable[[set[Account]], None], brands: Sequence[Brand] | None = None
) -> dict[str, int]:
    """Mark the stored mentions of brands whose mutes have changed since the last time; brand → how many changed.

    In batches, each booked with its accounts in one transaction; cut short, it begins anew at the next start. What was
    muted by a person ("not the brand"), by the learnt context or because the query no longer finds it stays so.

    Args:
        book: books accounts anew (Intake.book).
        brands: these, changed or not; None: every brand that changed.
    """
    mutes = Mutes(config, store.voice)
    changed: dict[str, int] = {}
    for brand in config.brands if brands is None else brands:
        name, version = f"mutes:{brand.id}", _version(brand)
        if brands is None and store.fact(name) == version:
            continue
        changed[brand.id] = _mark(store, mutes, brand.id, book)
        store.save_fact(name, version)
    return changed


def unapplied(store: Store, config: Config) -> bool:
    """Whether a brand's mutes have changed since they were applied."""
    return any(store.fact(f"mutes:{brand.id}") != _version(brand) for brand in config.brands)


def _version(brand: Brand) -> str:
    """16 hex digits that change with the brand's mutes; "" without any, as in a store that never had one."""
    if not brand.mute:
        return ""
    told = json.dumps([mute.model_dump(mode="json", exclude={"reason"}) for mute in brand.mute], sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _mark(store: Store, mutes: Mutes, brand: str, book: Callable[[set[Account]], None]) -> int:
    after, total = 0, 0
    while True:
        with store.transaction():
            rows = store.mute_rows(brand, after, BATCH)
            marks = {row.mention: mark for row in rows if (mark := _reason(mutes, brand, row)) != row.muted}
            if marks:
                book(store.mute(brand, marks))
        if not rows:
            return total
        after, total = rows[-1].mention, total + len(marks)


def _reason(mutes: Mutes, brand: str, row: MuteRow) -> str:
    if row.muted not in BY_CONFIG:
        return row.muted
    return mutes.reason(brand, row.platform, row.source, row.author, row.thread_url, row.text, row.title, row.day)
