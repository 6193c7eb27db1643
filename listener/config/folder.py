"""The config folder, read once, checked whole, frozen. Mistakes are told with file, line and the nearest right name.

Files: listener.toml (store, net, mail, privacy, service), brands.toml, sources.toml, people.toml,
topics.toml, playbook.toml. Brand queries and cues are compiled by the judge stage, not here.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from listener.config.lines import line_of, model_at, nearest
from listener.config.main import Channel, Main, Part
from listener.config.parts import Advice, Brand, Person, Playbook, SourcePart, Topic
from listener.errors import ConfigError
from listener.records import Source
from listener.urls import host_of

FILES = ("listener.toml", "brands.toml", "sources.toml", "people.toml", "topics.toml", "playbook.toml")


class Config(Part):
    """Everything that a person has set. Paths are relative to `home`, the folder that holds `config/`."""

    home: Path
    main: Main
    brands: tuple[Brand, ...]
    sources: tuple[SourcePart, ...]
    people: tuple[Person, ...]
    channels: tuple[Channel, ...] = ()
    topics: tuple[Topic, ...]
    topics_version: str
    playbook: Playbook

    @property
    def store_path(self) -> Path:
        return self.home / self.main.store

    def source_records(self) -> tuple[Source, ...]:
        """The sources as the stages see them; one without hours of its own keeps those of its host."""
        hosts = {part.name: part.opening for part in self.main.net.hosts if part.opening is not None}
        records = [part.record() for part in self.sources]
        return tuple(
            replace(record, hours=hosts[host_of(record.url)])
            if hosts and record.hours is None and host_of(record.url) in hosts
            else record
            for record in records
        )

    def brand(self, brand_id: str) -> Brand:
        """Raises ConfigError with the nearest right name."""
        return cast(Brand, _find(self.brands, brand_id, "brand", "brands.toml"))

    def person(self, person_id: str) -> Person:
        """Raises ConfigError with the nearest right name."""
        return cast(Person, _find(self.people, person_id, "person", "people.toml"))

    def channel(self, channel_id: str) -> Channel:
        """Raises ConfigError with the nearest right name."""
        return cast(Channel, _find(self.channels, channel_id, "channel", "people.toml"))

    def source(self, name: str) -> SourcePart:
        """Raises ConfigError with the nearest right name."""
        return cast(SourcePart, _find(self.sources, name, "source", "sources.toml", "name"))

    def topic(self, topic_id: str) -> Topic:
        """Raises ConfigError with the nearest right name."""
        return cast(Topic, _find(self.topics, topic_id, "topic", "topics.toml"))

    def advice(self, topic_id: str) -> Advice | None:
        """The playbook's card for a topic, None if there is none."""
        return next((card for card in self.playbook.advice if card.topic == topic_id), None)


def _find(parts: tuple[Any, ...], wanted: str, noun: str, file: str, key: str = "id") -> Any:
    found = {getattr(part, key): part for part in parts}
    if wanted not in found:
        raise ConfigError(f"no {noun} {wanted!r} in {file}{nearest(wanted, found)}")
    return found[wanted]


def load(folder: Path) -> Config:
    """Read and check `folder`/*.toml.

    Raises:
        ConfigError: a file is missing, is not TOML, has an unknown key or a value out of range, or names
            something that no other file has.
    """
    if folder.is_file():
        raise ConfigError("is a file; name the folder that holds listener.toml, brands.toml, …", folder)
    tables = {name: _read(folder / name) for name in FILES}
    main = _build(Main, tables["listener.toml"], folder / "listener.toml", ())
    topics_table = tables["topics.toml"]
    config = Config(
        home=folder.resolve().parent,
        main=main,
        brands=_list(Brand, tables["brands.toml"], "brand", folder / "brands.toml"),
        sources=_list(SourcePart, tables["sources.toml"], "source", folder / "sources.toml"),
        people=_list(Person, tables["people.toml"], "person", folder / "people.toml", ("channel",)),
        channels=_list(Channel, tables["people.toml"], "channel", folder / "people.toml", ("person",)),
        topics=_list(Topic, topics_table, "topic", folder / "topics.toml", ("version",)),
        topics_version=str(topics_table.get("version", "1")),
        playbook=_build(Playbook, tables["playbook.toml"], folder / "playbook.toml", ()),
    )
    _check_references(config, folder)
    return config


def _read(path: Path) -> dict[str, Any]:
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError as error:
        raise ConfigError("is missing; `listener init` writes a fresh config folder", path) from error
    except tomllib.TOMLDecodeError as error:
        # Python 3.11 to 3.13 say the line only inside the message: "(at line 3, column 7)" or "(at end of document)".
        told = re.search(r"at line (\d+)", str(error))
        line = int(told[1]) if told else len(text.splitlines())
        raise ConfigError(f"is not valid TOML: {error}", path, line) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            "is not UTF-8; save it as UTF-8", path, error.object.count(b"\n", 0, error.start) + 1
        ) from error
    except RecursionError as error:
        raise ConfigError("is nested too deeply", path) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", path) from error


def _mistake(message: str, path: Path, at: tuple[str | int, ...]) -> ConfigError:
    """The error with its line: 1 for a key that is missing at the top level and so stands nowhere."""
    return ConfigError(message, path, line_of(path.read_text(encoding="utf-8-sig"), at) or 1)


def _list(part: type[Any], table: Mapping[str, Any], key: str, path: Path, more: tuple[str, ...] = ()) -> Any:
    for unknown in [name for name in table if name not in (key, *more)]:
        raise _mistake(f"unknown key {unknown!r}{nearest(unknown, [key, *more])}", path, (unknown,))
    rows = table.get(key, [])
    if not isinstance(rows, list):
        raise _mistake(f"write [[{key}]], with two brackets, for each {key}", path, (key,))
    built = tuple(_build(part, row, path, (key, number)) for number, row in enumerate(rows))
    seen: set[str] = set()
    for number, item in enumerate(built):
        name = str(getattr(item, "id", None) or getattr(item, "name", ""))
        if name in seen:
            raise _mistake(f"{key} {name!r} stands here twice", path, (key, number))
        seen.add(name)
    return built


def _build(part: type[Any], table: Any, path: Path, at: tuple[str | int, ...]) -> Any:
    try:
        return part.model_validate(table)
    except ValidationError as error:
        # A misspelt key is also a missing one; the spelling is the mend.
        first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        loc = at + tuple(step for step in first["loc"] if step != "function-after")
        name = str(loc[-1]) if loc else ""
        if first["type"] == "extra_forbidden":
            model = model_at(part, first["loc"][:-1])
            known = [field.alias or key for key, field in model.model_fields.items()] if model else []
            message = f"unknown key {name!r}{nearest(name, known)}"
        elif first["type"] == "missing":
            message = f"{'.'.join(map(str, loc))} is missing"
        else:
            said = re.sub(r" or instance of \w+", "", first["msg"].removeprefix("Value error, "))
            for python, toml in (("valid tuple", 'list like ["a", "b"]'), ("valid dictionary", "table")):
                said = said.replace(python, toml)
            message = f"{'.'.join(map(str, loc))}: {said}"
        raise _mistake(message, path, loc) from error


def _check_references(config: Config, folder: Path) -> None:
    """Names that point from one file into another."""
    brands = [brand.id for brand in config.brands]
    people = [person.id for person in config.people]
    channels = [channel.id for channel in config.channels]
    topics = [topic.id for topic in config.topics]

    def check(name: str, known: list[str], noun: str, file: str, at: tuple[str | int, ...]) -> None:
        if name not in known:
            raise _mistake(f"no {noun} {name!r}{nearest(name, known)}", folder / file, at)

    for number, brand in enumerate(config.brands):
        for key, names, known, noun in (
            ("rivals", brand.rivals, brands, "brand"),
            ("digest_to", brand.digest_to, people, "person"),
            ("alerts_to", brand.alerts_to, people, "person"),
            ("digest_in", brand.digest_in, channels, "channel"),
            ("alerts_in", brand.alerts_in, channels, "channel"),
        ):
            for name in names:
                check(name, known, noun, "brands.toml", ("brand", number, key))
    for number, source in enumerate(config.sources):
        for name in source.brands:
            check(name, brands, "brand", "sources.toml", ("source", number, "brands"))
    for number, card in enumerate(config.playbook.advice):
        at = ("advice", number, "topic")
        check(card.topic, topics, "topic", "playbook.toml", at)
        if card.topic in [earlier.topic for earlier in config.playbook.advice[:number]]:
            raise _mistake(f"advice for {card.topic!r} stands here twice", folder / "playbook.toml", at)
