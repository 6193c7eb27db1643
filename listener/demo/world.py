"""The town's posts and places as records, read from data/demo (or from the wheel)."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """One post of the town. `number` counts all posts by time, from 1: the native id on every site."""

    number: int
    id: str
    site: str
    board: str
    thread: str
    title: str
    author: str
    at: datetime
    lang: str
    text: str
    quote: tuple[str, str] | None
    likes: int
    about: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A board of a site. `forbidden` ones stand in robots.txt: they must never be fetched."""

    id: str
    name: str
    number: int
    forbidden: bool


@dataclass(frozen=True, slots=True)
class Site:
    """A place of the town; `engine` is phpbb, discourse, rss or atom."""

    id: str
    engine: str
    name: str
    boards: tuple[Board, ...]


@dataclass(frozen=True)
class World:
    """Everything that is ever said in the town, in order of time."""

    first_day: date
    last_day: date
    time_zone: str
    sites: tuple[Site, ...]
    said: tuple[Said, ...]
    brands: tuple[Mapping[str, Any], ...]
    crisis_brand: str
    crisis_began: datetime

    @cached_property
    def threads(self) -> Mapping[str, tuple[Said, ...]]:
        """Thread id → its posts by time; threads by their first post."""
        threads: dict[str, list[Said]] = {}
        for said in self.said:
            threads.setdefault(said.thread, []).append(said)
        return {name: tuple(posts) for name, posts in threads.items()}

    def fetchable(self) -> tuple[Said, ...]:
        """What a polite reader can get: everything outside forbidden boards."""
        closed = {(site.id, board.id) for site in self.sites for board in site.boards if board.forbidden}
        return tuple(said for said in self.said if (said.site, said.board) not in closed)


def load_world(folder: Path) -> World:
    """Read town.toml and every posts*.jsonl of `folder`."""
    town = tomllib.loads((folder / "town.toml").read_text("utf-8"))
    rows = [
        json.loads(line)
        for path in sorted(folder.glob("posts*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]
    rows.sort(key=lambda row: (row["at"], row["id"]))
    titles = {row["thread"]: row["title"] for row in rows if row["title"]}
    said = tuple(
        Said(
            number=number,
            id=row["id"],
            site=row["site"],
            board=row["board"] or "",
            thread=row["thread"],
            title=titles[row["thread"]],
            author=row["author"],
            at=datetime.fromisoformat(row["at"]).astimezone(UTC),
            lang=row["lang"],
            text=row["text"],
            quote=(row["quote"]["author"], row["quote"]["text"]) if row["quote"] else None,
            likes=row["likes"] or 0,
            about=tuple(row["about"]),
        )
        for number, row in enumerate(rows, 1)
    )
    board_number = 0
    sites = []
    for site in town["site"]:
        boards = []
        for board in site.get("board", []):
            board_number += 1
            boards.append(Board(board["id"], board["name"], board_number, bool(board.get("robots_forbidden"))))
        sites.append(Site(site["id"], site["engine"], site["name"], tuple(boards)))
    return World(
        first_day=date.fromisoformat(town["first_day"]),
        last_day=date.fromisoformat(town["last_day"]),
        time_zone=town["time_zone"],
        sites=tuple(sites),
        said=said,
        brands=tuple(town["brand"]),
        crisis_brand=town["crisis"]["brand"],
        crisis_began=datetime.fromisoformat(town["crisis"]["first_post_at"]).astimezone(UTC),
    )
